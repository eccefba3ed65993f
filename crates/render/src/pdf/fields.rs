//! Labels above their values, in a grid.

use super::flow::{Flow, GUTTER, LABEL, VALUE};
use super::strip::{HEIGHT, Line, Strip, height, place, set};
use super::structure::{Element, Role};
use crate::page::{Field, Span};

/// How many fields stand side by side in a column of this width.
pub(super) fn columns(width: f32) -> u16 {
    if width > 300.0 { 4 } else { 2 }
}

impl<'a> Flow<'a> {
    pub(super) fn fields(&mut self, fields: &'a [Field], parent: Element, columns: u16) {
        if fields.is_empty() {
            return;
        }
        let list = self.structure.add(parent, Role::List);
        let mut row: Vec<(&'a Field, u16)> = Vec::new();
        let mut used = 0;
        for field in fields {
            let wants = match field.span() {
                Span::One => 1,
                Span::Two => 2,
                Span::All => columns,
            };
            if used + wants > columns {
                self.field_row(&row, list, columns);
                row.clear();
                used = 0;
            }
            row.push((field, wants));
            used += wants;
        }
        self.field_row(&row, list, columns);
    }

    fn field_row(&mut self, row: &[(&'a Field, u16)], list: Element, columns: u16) {
        let one = (self.width - GUTTER * f32::from(columns - 1)) / f32::from(columns);
        let mut x = 0.0;
        let mut placed: Vec<(f32, Vec<Line<'a>>)> = Vec::with_capacity(row.len());
        for (field, span) in row {
            let width = one * f32::from(*span) + GUTTER * f32::from(span - 1);
            placed.push((x, self.field(field, width, list)));
            x += width + GUTTER;
        }
        let tallest = placed
            .iter()
            .map(|(_, lines)| height(lines))
            .fold(0.0, f32::max);
        if tallest > HEIGHT / 2.0 {
            // More than is kept together: one beneath the other.
            for (_, lines) in placed {
                self.lines(lines);
            }
        } else {
            let mut ops = Vec::new();
            for (x, lines) in placed {
                place(lines, x, 0.0, &mut ops);
            }
            self.strips.push(Strip::new(tallest, ops));
        }
        self.strips.push(Strip::space(5.0));
    }

    fn field(&mut self, field: &'a Field, width: f32, list: Element) -> Vec<Line<'a>> {
        let item = self.structure.add(list, Role::Item);
        let label = self.structure.add(item, Role::Label);
        let body = self.structure.add(item, Role::Body);
        let style = if field.strong { VALUE.bold() } else { VALUE };
        let mut lines = set(field.label.as_str(), LABEL, width, label, self.fonts);
        for value in &field.values {
            lines.extend(set(value.shown.as_str(), style, width, body, self.fonts));
        }
        lines
    }
}
