//! The attributes of a start tag.

use std::borrow::Cow;

use super::name::Name;
use super::namespace::IllegalDeclaration;
use super::{Namespace, Scanner, after_space};
use crate::invoice::InvoiceError;
use crate::invoice::file::MAX_ATTRIBUTES;

/// An attribute that is no declaration of a namespace.
pub(in crate::invoice) struct Attribute<'d> {
    prefix: Option<&'d str>,
    pub(in crate::invoice) local: &'d str,
    /// Its namespace; `None` without a prefix.
    pub(in crate::invoice) namespace: Option<Namespace>,
    /// Its value as XML hands it on.
    pub(in crate::invoice) value: Cow<'d, str>,
}

impl<'d> Attribute<'d> {
    /// The name of its namespace, none without a prefix, and its own.
    pub(super) fn expanded<'s>(&self, scanner: &'s Scanner<'d>) -> (Option<&'s str>, &'d str) {
        let uri = self.prefix.and_then(|prefix| scanner.scopes.uri(prefix));
        (uri, self.local)
    }
}

impl<'d> Scanner<'d> {
    /// Reads the attributes that begin at `at`, the white space before them included; answers where they end.
    pub(super) fn read_attributes(&mut self, mut at: usize) -> Result<usize, InvoiceError> {
        let bytes = self.text.as_bytes();
        let depth = self.open.len() + 1;
        let mut count = 0;
        loop {
            let before = at;
            at = after_space(bytes, at);
            if matches!(bytes.get(at), Some(b'>' | b'/')) {
                break;
            }
            if at == before {
                return Err(self.malformed(at));
            }
            if count == MAX_ATTRIBUTES {
                return Err(InvoiceError::TooManyAttributes(self.position(self.start)));
            }
            count += 1;
            let name = self.name_at(at)?;
            at = after_space(bytes, at + name.text.len());
            if bytes.get(at) != Some(&b'=') {
                return Err(self.malformed(at));
            }
            let (value, end) = self.attribute_value(after_space(bytes, at + 1))?;
            at = end;
            let declared = match name {
                Name {
                    prefix: None,
                    local: "xmlns",
                    ..
                } => self.scopes.declare(depth, "", value),
                Name {
                    prefix: Some("xmlns"),
                    local,
                    ..
                } => self.scopes.declare(depth, local, value),
                Name { prefix, local, .. } => {
                    self.attributes.push(Attribute {
                        prefix,
                        local,
                        namespace: None,
                        value,
                    });
                    Ok(())
                }
            };
            declared.map_err(|IllegalDeclaration| self.malformed(self.start))?;
        }
        self.resolve_attributes()?;
        Ok(at)
    }

    /// Finds the namespaces, which may be declared behind their use, and refuses what stands there twice.
    fn resolve_attributes(&mut self) -> Result<(), InvoiceError> {
        for attribute in &mut self.attributes {
            if let Some(prefix) = attribute.prefix {
                attribute.namespace = self.scopes.of_value(prefix);
                if attribute.namespace.is_none() {
                    return Err(self.malformed(self.start));
                }
            }
        }
        if let [_, _, ..] = self.attributes.as_slice() {
            let expanded = self
                .attributes
                .iter()
                .map(|attribute| attribute.expanded(self));
            let mut names: Vec<_> = expanded.collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(self.malformed(self.start));
            }
        }
        Ok(())
    }

    /// The value in quotes that begins at `at`, and where it ends.
    fn attribute_value(&self, at: usize) -> Result<(Cow<'d, str>, usize), InvoiceError> {
        let bytes = self.text.as_bytes();
        let Some(quote @ (b'"' | b'\'')) = bytes.get(at) else {
            return Err(self.malformed(at));
        };
        let mut value = Cow::Borrowed("");
        let mut at = at + 1;
        // Where the text begins that is not in `value` yet.
        let mut from = at;
        loop {
            let (character, end) = match bytes.get(at) {
                Some(byte) if byte == quote => break,
                Some(b'&') => self.reference(at)?,
                Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => (' ', at + 2),
                Some(b'\t' | b'\n' | b'\r') => (' ', at + 1),
                Some(b'<') | None => return Err(self.malformed(at)),
                Some(_) => {
                    at += 1;
                    continue;
                }
            };
            value.to_mut().push_str(&self.text[from..at]);
            value.to_mut().push(character);
            (at, from) = (end, end);
        }
        let rest = &self.text[from..at];
        if value.is_empty() {
            value = Cow::Borrowed(rest);
        } else {
            value.to_mut().push_str(rest);
        }
        Ok((value, at + 1))
    }
}
