//! Which namespace a prefix stands for at the place where it is used.

use std::collections::HashMap;

use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attributes;
use quick_xml::name::PrefixDeclaration;

use crate::invoice::names::FA3_NAMESPACE;

/// The namespaces that mean something in an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Namespace {
    /// FA(3).
    Invoice,
    /// The Ministry's common types; only `xsi:type` can name it.
    CommonTypes,
    /// XML Schema; only `xsi:type` can name it.
    Schema,
    /// Schema instances: `xsi:schemaLocation`, `xsi:type`, `xsi:nil`.
    Instance,
    /// Any other, or none.
    Other,
}

impl Namespace {
    fn of(uri: &str) -> Self {
        match uri {
            FA3_NAMESPACE => Self::Invoice,
            "http://crd.gov.pl/xml/schematy/dziedzinowe/mf/2022/01/05/eD/DefinicjeTypy/" => {
                Self::CommonTypes
            }
            "http://www.w3.org/2001/XMLSchema" => Self::Schema,
            "http://www.w3.org/2001/XMLSchema-instance" => Self::Instance,
            _ => Self::Other,
        }
    }
}

/// The declarations in force. A look-up costs the same however many there are: a hostile document may declare thousands.
#[derive(Default)]
pub(super) struct Scopes {
    /// The default namespaces, the innermost last, each with the depth of the element that declares it.
    default: Vec<(usize, Namespace)>,
    /// The same for each prefix.
    prefixed: HashMap<String, Vec<Namespace>>,
    /// The prefixes in the order of their declarations.
    declared: Vec<(usize, String)>,
}

impl Scopes {
    /// Takes in the declarations of an element at `depth`.
    pub(super) fn enter(&mut self, depth: usize, attributes: &str) {
        for attribute in Attributes::new(attributes, 0).with_checks(false).flatten() {
            let Some(binding) = attribute.key.as_namespace_binding() else {
                continue;
            };
            let uri = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .unwrap_or_default();
            let namespace = Namespace::of(&uri);
            match binding {
                PrefixDeclaration::Default => self.default.push((depth, namespace)),
                PrefixDeclaration::Named(prefix) => {
                    self.prefixed
                        .entry(prefix.to_owned())
                        .or_default()
                        .push(namespace);
                    self.declared.push((depth, prefix.to_owned()));
                }
            }
        }
    }

    /// Forgets the declarations of the element at `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.default.last().is_some_and(|(at, _)| *at >= depth) {
            self.default.pop();
        }
        while let Some((_, prefix)) = self.declared.pop_if(|(at, _)| *at >= depth) {
            if let Some(namespaces) = self.prefixed.get_mut(&prefix) {
                namespaces.pop();
            }
        }
    }

    /// The namespace of an element with this prefix.
    pub(super) fn of_element(&self, prefix: Option<&str>) -> Namespace {
        match prefix {
            Some(prefix) => self.of_prefix(prefix),
            None => self
                .default
                .last()
                .map_or(Namespace::Other, |(_, namespace)| *namespace),
        }
    }

    /// The namespace of a prefix.
    pub(super) fn of_prefix(&self, prefix: &str) -> Namespace {
        self.prefixed
            .get(prefix)
            .and_then(|namespaces| namespaces.last().copied())
            .unwrap_or(Namespace::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_declaration_counts_until_its_element_ends() {
        let mut scopes = Scopes::default();
        let outer = format!(
            "xmlns=\"{FA3_NAMESPACE}\" xmlns:x='http://www.w3.org/2001/XMLSchema-instance'"
        );
        scopes.enter(1, &outer);
        scopes.enter(2, "xmlns='' xmlns:x='urn:y'");
        assert_eq!(scopes.of_element(None), Namespace::Other);
        assert_eq!(scopes.of_prefix("x"), Namespace::Other);
        scopes.leave(2);
        assert_eq!(scopes.of_element(None), Namespace::Invoice);
        assert_eq!(scopes.of_element(Some("x")), Namespace::Instance);
        scopes.leave(1);
        assert_eq!(scopes.of_element(None), Namespace::Other);
    }
}
