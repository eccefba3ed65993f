//! The attributes of an element, held against the grammar.

use super::Walk;
use crate::invoice::scan::{Attribute, Namespace, Scanner};
use crate::invoice::validate::automaton::Place;
use crate::invoice::validate::code::Code;
use crate::invoice::validate::grammar::AttributeValue;
use crate::invoice::validate::message;

impl Walk<'_, '_, '_> {
    pub(super) fn attributes(&mut self, scanner: &Scanner<'_>, place: &'static Place, at: usize) {
        let mut found = 0_u32;
        for attribute in scanner.attributes() {
            let known = match attribute.namespace {
                Some(Namespace::Instance) => {
                    self.instance_attribute(attribute, scanner, place, at);
                    continue;
                }
                Some(_) => None,
                None => place
                    .attributes
                    .iter()
                    .position(|known| known.name == attribute.local),
            };
            match known {
                Some(index) => {
                    found |= 1 << index;
                    self.attribute_value(&place.attributes[index].value, &attribute.value, at);
                }
                None => self.report_here(Code::AttributeUnknown, at, message::attribute_unknown),
            }
        }
        for (index, attribute) in place.attributes.iter().enumerate() {
            if found >> index & 1 == 0 {
                self.report_here(Code::AttributeMissing, at, || {
                    message::attribute_missing(attribute.name)
                });
            }
        }
    }

    fn attribute_value(&mut self, legal: &AttributeValue, value: &str, at: usize) {
        match legal {
            AttributeValue::Fixed(fixed) if value != *fixed => {
                self.report_here(Code::ValueFixed, at, || message::fixed(fixed));
            }
            AttributeValue::OneOf(values) if !values.contains(&value) => {
                self.report_here(Code::ValueEnumeration, at, || message::one_of(values));
            }
            AttributeValue::Fixed(_) | AttributeValue::OneOf(_) => {}
        }
    }

    /// Attributes of the namespace of schema instances.
    fn instance_attribute(
        &mut self,
        attribute: &Attribute<'_>,
        scanner: &Scanner<'_>,
        place: &'static Place,
        at: usize,
    ) {
        match attribute.local {
            "schemaLocation" | "noNamespaceSchemaLocation" => {}
            "nil" => self.report_here(Code::NilNotAllowed, at, message::nil),
            "type" if names_type(&attribute.value, place.type_name, scanner) => {}
            "type" => self.report_here(Code::TypeNotAllowed, at, message::type_not_allowed),
            _ => self.report_here(Code::AttributeUnknown, at, message::attribute_unknown),
        }
    }
}

/// Whether the qualified name `value` is that of the type. Types derived from it are not looked for: nothing in an invoice
/// needs them.
fn names_type(value: &str, type_name: &str, scanner: &Scanner<'_>) -> bool {
    let value = value.trim_matches([' ', '\t', '\n', '\r']);
    let (prefix, local) = match value.split_once(':') {
        Some((prefix, local)) => (Some(prefix), local),
        None => (None, value),
    };
    let (namespace, name) = match type_name.split_once(':') {
        Some(("etd", name)) => (Namespace::CommonTypes, name),
        Some((_, name)) => (Namespace::Schema, name),
        None => (Namespace::Invoice, type_name),
    };
    !name.is_empty() && local == name && scanner.namespace_of_value(prefix) == Some(namespace)
}
