//! The parties of an invoice as cards: name first, then numbers, address and the rest.

use roxmltree::Node;

use super::Composer;
use super::elements::{child, children};
use crate::page::{Block, Section};
use crate::schema::plan;

impl<'a, 'input> Composer<'a, 'input> {
    /// One card for each child of `parent` by these names.
    pub(super) fn cards(&mut self, parent: Node<'a, 'input>, names: &[&str]) -> Vec<Section> {
        self.named(parent, names)
            .into_iter()
            .map(|party| self.card(party))
            .filter(|card| !card.blocks.is_empty())
            .collect()
    }

    fn card(&mut self, party: Node<'a, 'input>) -> Section {
        let mut order = Vec::new();
        let identity = child(party, plan::IDENTITY);
        for name in plan::PARTY_FIRST {
            order.extend(identity.and_then(|identity| child(identity, name)));
        }
        for name in plan::ROLES {
            order.extend(child(party, name));
        }
        let mut blocks = self.elements.blocks(&order);
        let rest: Vec<_> = children(party).collect();
        let rest = self.elements.blocks(&rest);
        match (blocks.first_mut(), rest) {
            (Some(Block::Fields(fields)), rest) => {
                let mut rest = rest.into_iter();
                match rest.next() {
                    Some(Block::Fields(more)) => fields.extend(more),
                    Some(other) => blocks.push(other),
                    None => {}
                }
                blocks.extend(rest);
            }
            (_, rest) => blocks = rest,
        }
        Section::new(self.label(party.tag_name().name()), blocks)
    }
}
