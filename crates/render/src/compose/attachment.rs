//! The attachment: blocks of keys and values, texts, and tables that bring their own heads.

use roxmltree::Node;

use super::Composer;
use super::elements::{child, children, content};
use crate::page::text::Text;
use crate::page::{Align, Block, Cell, Column, Row, Section, Table};
use crate::schema::plan;

impl<'a, 'input> Composer<'a, 'input> {
    pub(super) fn attachment(&mut self, attachment: Node<'a, 'input>) {
        let mut blocks = Vec::new();
        for part in children(attachment) {
            if part.tag_name().name() == plan::BLOCK {
                let block = self.data_block(part);
                if !block.blocks.is_empty() {
                    blocks.push(Block::Group(block));
                }
            } else {
                blocks.extend(self.elements.blocks(&[part]));
            }
        }
        self.section(self.label(plan::ATTACHMENT), blocks);
    }

    fn data_block(&mut self, block: Node<'a, 'input>) -> Section {
        let title = match child(block, plan::BLOCK_TITLE) {
            Some(title) if !content(title).is_empty() => self.elements.value(title).shown,
            _ => self.label(plan::BLOCK),
        };
        let parts: Vec<_> = children(block).collect();
        let mut blocks = Vec::new();
        let is_table = |node: &Node<'_, '_>| node.tag_name().name() == plan::TABLE;
        for run in parts.chunk_by(|a, b| is_table(a) == is_table(b)) {
            if run.first().is_some_and(is_table) {
                for table in run {
                    self.attached_table(*table, &mut blocks);
                }
            } else {
                blocks.extend(self.elements.blocks(run));
            }
        }
        Section::new(title, blocks)
    }

    fn attached_table(&mut self, node: Node<'a, 'input>, blocks: &mut Vec<Block>) {
        let caption = match child(node, plan::TABLE_TITLE) {
            Some(title) if !content(title).is_empty() => Some(self.elements.value(title).shown),
            _ => None,
        };
        let of = |name: &'static str| {
            children(node)
                .filter(move |part| part.tag_name().name() == name)
                .collect::<Vec<_>>()
        };
        let heads: Vec<_> = of(plan::TABLE_HEAD)
            .into_iter()
            .flat_map(children)
            .collect();
        let kinds: Vec<&str> = heads
            .iter()
            .map(|head| head.attribute(plan::COLUMN_KIND).unwrap_or_default())
            .collect();
        let mut columns: Vec<Column> = heads
            .iter()
            .zip(&kinds)
            .map(|(head, kind)| {
                self.elements.take(*head);
                let name = self.elements.flat(*head);
                let names: Vec<String> = name
                    .into_iter()
                    .flat_map(|field| field.values)
                    .map(|value| value.shown)
                    .collect();
                Column {
                    head: Text::plain(&names.join(" ")),
                    align: match *kind {
                        "dec" | "int" => Align::Number,
                        _ => Align::Start,
                    },
                    grows: matches!(*kind, "txt" | ""),
                }
            })
            .collect();
        let rows = self.attached_rows(&of(plan::TABLE_ROW), &kinds);
        let foot = self.attached_rows(&of(plan::TABLE_SUM), &kinds);
        let widest = rows.iter().chain(&foot).map(|row| row.cells.len()).max();
        while columns.len() < widest.unwrap_or(0) {
            // A cell without a head is shown all the same.
            columns.push(Column {
                head: Text::default(),
                align: Align::Start,
                grows: true,
            });
        }
        // What is said of the table stands before it.
        let rest: Vec<_> = children(node).collect();
        blocks.extend(self.elements.blocks(&rest));
        if columns.is_empty() {
            return;
        }
        blocks.push(Block::Table(Table {
            shows_caption: caption.is_some(),
            caption: caption.unwrap_or_else(|| self.label(plan::TABLE)),
            columns,
            rows,
            foot,
        }));
    }

    fn attached_rows(&mut self, rows: &[Node<'a, 'input>], kinds: &[&str]) -> Vec<Row> {
        rows.iter()
            .map(|row| Row {
                cells: children(*row)
                    .enumerate()
                    .map(|(place, cell)| self.attached_cell(cell, kinds.get(place).copied()))
                    .collect(),
                former: false,
            })
            .collect()
    }

    fn attached_cell(&mut self, node: Node<'a, 'input>, kind: Option<&str>) -> Cell {
        let mut cell = Cell::default();
        self.elements.fill_cell(&mut cell, node);
        let text = content(node);
        if let [value] = cell.values.as_mut_slice() {
            match kind {
                Some("dec" | "int") => *value = Text::number(&text, self.language),
                Some("date" | "datetime") => *value = Text::date(&text, self.language),
                _ => {}
            }
        }
        cell
    }
}
