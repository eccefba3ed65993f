//! The sums per rate.

use roxmltree::Node;

use super::Composer;
use super::elements::{child, content, is_leaf};
use crate::page::text::Text;
use crate::page::{Align, Block, Cell, Column, Row, Table};
use crate::schema::plan;

impl<'a, 'input> Composer<'a, 'input> {
    pub(super) fn taxes(&mut self, body: Node<'a, 'input>) {
        let found: Vec<_> = plan::TAX_ROWS
            .into_iter()
            .map(|(net, tax, local)| {
                let amount = |name: &str| child(body, name).filter(|node| is_leaf(*node));
                (net, [amount(net), amount(tax), amount(local)])
            })
            .filter(|(_, amounts)| amounts.iter().any(Option::is_some))
            .collect();
        if found.is_empty() {
            return;
        }
        let in_zloty = found.iter().any(|(_, [_, _, local])| local.is_some());
        let currency = child(body, plan::CURRENCY).map(content).unwrap_or_default();
        let currency = Text::plain(&currency).shown;
        let number = |head: String| Column {
            head: Text::plain(&head),
            align: Align::Number,
            grows: false,
        };
        let mut columns = vec![
            Column {
                head: Text::plain(self.pick("Stawka podatku", "Tax rate")),
                align: Align::Start,
                grows: true,
            },
            number(format!("{} {currency}", self.pick("Netto", "Net"))),
            number(format!("VAT {currency}")),
        ];
        if in_zloty {
            columns.push(number("VAT PLN".to_owned()));
        }
        let rows = found
            .into_iter()
            .map(|(net, amounts)| {
                let mut cells = vec![Cell {
                    values: vec![Text::plain(&self.label(net))],
                    details: Vec::new(),
                }];
                for amount in amounts.into_iter().take(columns.len() - 1) {
                    let mut cell = Cell::default();
                    if let Some(amount) = amount {
                        self.elements.fill_cell(&mut cell, amount);
                    }
                    cells.push(cell);
                }
                Row {
                    cells,
                    former: false,
                }
            })
            .collect();
        let title = self.pick("Podsumowanie stawek podatku", "VAT summary");
        let table = Table {
            caption: title.to_owned(),
            shows_caption: false,
            columns,
            rows,
            foot: Vec::new(),
        };
        self.section(title, vec![Block::Table(table)]);
    }
}
