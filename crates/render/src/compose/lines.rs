//! The lines of an invoice and of an order: what is compared from line to line has a column, the rest stands beneath the
//! name.

use roxmltree::Node;

use super::Composer;
use super::elements::{child, children, content};
use crate::page::text::Text;
use crate::page::{Align, Block, Cell, Column, Field, Row, Table};
use crate::schema::plan::{self, Lines};

impl<'a, 'input> Composer<'a, 'input> {
    pub(super) fn lines(&mut self, body: Node<'a, 'input>) {
        let mut blocks = Vec::new();
        let nodes = self.named(body, &plan::AMOUNTS_BEFORE);
        let before = self.elements.blocks(&nodes);
        let currency = child(body, plan::CURRENCY).map(content);
        if let Some(table) = self.line_table(body, &plan::INVOICE_LINES, currency.as_deref()) {
            blocks.push(Block::Table(table));
        }
        blocks.extend(before);
        if let Some(gross) = child(body, plan::GROSS) {
            let mut total = Field::new(self.label(plan::GROSS), self.elements.value(gross));
            if let (Some(currency), Some(value)) = (currency, total.values.first_mut()) {
                value.shown.push_str("\u{A0}");
                value.shown.push_str(&Text::plain(&currency).shown);
            }
            blocks.push(Block::Total(total));
        }
        self.section(self.label(plan::INVOICE_LINES.element), blocks);
    }

    pub(super) fn order(&mut self, order: Node<'a, 'input>) {
        let table = self.line_table(order, &plan::ORDER_LINES, None);
        let rest: Vec<_> = children(order).collect();
        let mut blocks: Vec<Block> = table.map(Block::Table).into_iter().collect();
        blocks.extend(self.elements.blocks(&rest));
        self.section(self.label(plan::ORDER), blocks);
    }

    fn line_table(
        &mut self,
        parent: Node<'a, 'input>,
        lines: &Lines,
        currency: Option<&str>,
    ) -> Option<Table> {
        let nodes = self.named(parent, &[lines.element]);
        if nodes.is_empty() {
            return None;
        }
        let mut filled = vec![false; lines.columns.len()];
        let mut corrects = false;
        for field in nodes.iter().flat_map(|line| children(*line)) {
            let name = field.tag_name().name();
            corrects |= name == lines.former;
            if let Some(place) = lines.columns.iter().position(|column| *column == name) {
                filled[place] = true;
            }
        }
        let names: Vec<&str> = lines
            .columns
            .iter()
            .zip(filled)
            .filter(|(_, filled)| *filled)
            .map(|(name, _)| *name)
            .collect();

        let mut columns = vec![Column {
            grows: false,
            ..self.elements.column(lines.number)
        }];
        if corrects {
            columns.push(Column {
                head: Text::plain(self.pick("Stan", "State")),
                align: Align::Start,
                grows: false,
            });
        }
        let name_place = columns.len();
        columns.push(self.elements.column(lines.name));
        columns.extend(names.iter().map(|name| Column {
            grows: false,
            ..self.elements.column(name)
        }));
        let rows = nodes
            .iter()
            .map(|line| self.line(*line, lines, &names, name_place, columns.len()))
            .collect();
        let caption = match currency {
            Some(currency) => format!(
                "{} {}",
                self.pick("Ceny i wartości w walucie", "Prices and values in"),
                Text::plain(currency).shown
            ),
            None => self.label(lines.element),
        };
        Some(Table {
            caption,
            shows_caption: true,
            columns,
            rows,
            foot: Vec::new(),
        })
    }

    fn line(
        &mut self,
        line: Node<'a, 'input>,
        lines: &Lines,
        names: &[&str],
        name_place: usize,
        columns: usize,
    ) -> Row {
        let mut cells: Vec<Cell> = (0..columns).map(|_| Cell::default()).collect();
        let mut former = false;
        for field in children(line) {
            let name = field.tag_name().name();
            let column = if name == lines.number {
                Some(0)
            } else if name == lines.name {
                Some(name_place)
            } else {
                let place = names.iter().position(|column| *column == name);
                place.map(|place| name_place + 1 + place)
            };
            if name == lines.former && content(field) == "1" {
                former = true;
                self.elements.take(field);
            } else if let Some(cell) = column.and_then(|column| cells.get_mut(column)) {
                self.elements.fill_cell(cell, field);
            } else if let Some(cell) = cells.get_mut(name_place) {
                cell.details.extend(self.elements.flat(field));
            }
        }
        if name_place == 2
            && let Some(cell) = cells.get_mut(1)
        {
            let state = if former {
                self.pick("przed korektą", "before")
            } else {
                self.pick("po korekcie", "after")
            };
            cell.values.push(Text::plain(state));
        }
        Row { cells, former }
    }
}
