//! Which namespace a prefix stands for at the place where it is used.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::invoice::names::{FA1_NAMESPACE, FA2_NAMESPACE, FA3_NAMESPACE, INSTANCE_NAMESPACE};

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const DECLARATIONS: &str = "http://www.w3.org/2000/xmlns/";

/// The namespaces that mean something in an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::invoice) enum Namespace {
    /// FA(3).
    Invoice,
    /// FA(2), which KSeF no longer takes.
    Fa2,
    /// FA(1), likewise.
    Fa1,
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
    pub(super) fn of(uri: &str) -> Self {
        match uri {
            FA3_NAMESPACE => Self::Invoice,
            FA2_NAMESPACE => Self::Fa2,
            FA1_NAMESPACE => Self::Fa1,
            "http://crd.gov.pl/xml/schematy/dziedzinowe/mf/2022/01/05/eD/DefinicjeTypy/" => {
                Self::CommonTypes
            }
            "http://www.w3.org/2001/XMLSchema" => Self::Schema,
            INSTANCE_NAMESPACE => Self::Instance,
            _ => Self::Other,
        }
    }
}

/// A declaration breaks a rule of Namespaces in XML 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IllegalDeclaration;

/// The declarations in force. A look-up costs the same however many there are: a hostile document may declare thousands.
pub(super) struct Scopes<'d> {
    /// In the order of the document; the prefix of a default namespace is empty.
    declared: Vec<Declaration<'d>>,
    /// For each declared prefix the number of its innermost declaration.
    innermost: HashMap<&'d str, usize>,
    /// The default namespace.
    default: Namespace,
    /// What was looked up last: documents that use a prefix use it everywhere.
    last: Option<(&'d str, Namespace)>,
}

struct Declaration<'d> {
    /// Depth of the element that declares it, the root's being 1.
    depth: usize,
    prefix: &'d str,
    uri: Cow<'d, str>,
    /// Number of the declaration of the same prefix that this one hides.
    hidden: Option<usize>,
}

impl<'d> Scopes<'d> {
    pub(super) fn new() -> Self {
        Self {
            declared: Vec::new(),
            innermost: HashMap::new(),
            default: Namespace::Other,
            last: None,
        }
    }

    /// Takes in a declaration of the element at `depth`; the prefix of a default namespace is empty.
    pub(super) fn declare(
        &mut self,
        depth: usize,
        prefix: &'d str,
        uri: Cow<'d, str>,
    ) -> Result<(), IllegalDeclaration> {
        let hidden = self.innermost.get(prefix).copied();
        let is_twofold = hidden.is_some_and(|number| self.declared[number].depth == depth);
        let is_legal = match prefix {
            "" => uri != XML,
            "xml" => uri == XML,
            "xmlns" => false,
            _ => !uri.is_empty() && uri != XML,
        };
        if !is_legal || uri == DECLARATIONS || is_twofold {
            return Err(IllegalDeclaration);
        }
        self.innermost.insert(prefix, self.declared.len());
        if prefix.is_empty() {
            self.default = Namespace::of(&uri);
        }
        self.last = None;
        self.declared.push(Declaration {
            depth,
            prefix,
            uri,
            hidden,
        });
        Ok(())
    }

    /// Forgets the declarations of elements deeper than `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        while let Some(declaration) = self.declared.pop_if(|declared| declared.depth > depth) {
            match declaration.hidden {
                Some(number) => self.innermost.insert(declaration.prefix, number),
                None => self.innermost.remove(declaration.prefix),
            };
            self.last = None;
            if declaration.prefix.is_empty() {
                self.default = Namespace::of(self.uri("").unwrap_or_default());
            }
        }
    }

    /// The namespace of an element with this prefix; `None` if the prefix is not declared.
    pub(super) fn of_element(&mut self, prefix: Option<&'d str>) -> Option<Namespace> {
        let Some(prefix) = prefix else {
            return Some(self.default);
        };
        match self.last {
            Some((last, namespace)) if last == prefix => Some(namespace),
            _ => {
                let namespace = Namespace::of(self.uri(prefix)?);
                self.last = Some((prefix, namespace));
                Some(namespace)
            }
        }
    }

    /// What a prefix stands for, the empty one for the default namespace.
    pub(super) fn uri(&self, prefix: &str) -> Option<&str> {
        let number = self.innermost.get(prefix);
        match number.and_then(|number| self.declared.get(*number)) {
            Some(declaration) => Some(&declaration.uri),
            None if prefix == "xml" => Some(XML),
            None => None,
        }
    }

    /// The namespace a qualified name in a value stands in.
    pub(super) fn of_value(&self, prefix: &str) -> Option<Namespace> {
        self.uri(prefix).map(Namespace::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_declaration_counts_until_its_element_ends() {
        let mut scopes = Scopes::new();
        assert_eq!(scopes.of_element(None), Some(Namespace::Other));
        scopes.declare(1, "", FA3_NAMESPACE.into()).unwrap();
        scopes.declare(1, "x", INSTANCE_NAMESPACE.into()).unwrap();
        assert_eq!(scopes.of_element(Some("x")), Some(Namespace::Instance));
        scopes.declare(2, "", "".into()).unwrap();
        scopes.declare(2, "x", "urn:y".into()).unwrap();
        assert_eq!(scopes.of_element(None), Some(Namespace::Other));
        assert_eq!(scopes.of_element(Some("x")), Some(Namespace::Other));
        assert_eq!(scopes.uri("x"), Some("urn:y"));
        scopes.leave(1);
        assert_eq!(scopes.of_element(None), Some(Namespace::Invoice));
        assert_eq!(scopes.of_element(Some("x")), Some(Namespace::Instance));
        scopes.leave(0);
        assert_eq!(scopes.of_element(None), Some(Namespace::Other));
        assert_eq!(scopes.of_element(Some("x")), None);
        assert_eq!(scopes.of_element(Some("xml")), Some(Namespace::Other));
    }

    #[test]
    fn reserved_prefixes_and_names_keep_their_meaning() {
        for (prefix, uri) in [
            ("a", ""),
            ("a", XML),
            ("a", DECLARATIONS),
            ("", XML),
            ("", DECLARATIONS),
            ("xml", "urn:x"),
            ("xmlns", "urn:x"),
            ("xmlns", DECLARATIONS),
        ] {
            let outcome = Scopes::new().declare(1, prefix, uri.into());
            assert_eq!(outcome, Err(IllegalDeclaration), "{prefix} {uri}");
        }
        for (prefix, uri) in [("", ""), ("xml", XML), ("a", "urn:x")] {
            let mut scopes = Scopes::new();
            assert_eq!(scopes.declare(1, prefix, uri.into()), Ok(()));
            let again = scopes.declare(1, prefix, uri.into());
            assert_eq!(again, Err(IllegalDeclaration), "{prefix}");
        }
    }
}
