//! In whose name one works in KSeF.

use core::fmt;
use core::str::FromStr;

use super::{IdentifierError, Nip};

/// The kind of a [`ContextIdentifier`]; closed by the contract of KSeF 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ContextKind {
    /// A company by its NIP.
    Nip,
    /// A unit inside a company.
    InternalId,
    /// A company with its EU partner's VAT number.
    NipVatUe,
    /// A Peppol service provider.
    PeppolId,
}

impl ContextKind {
    /// All four, in the order of the contract.
    pub const ALL: [Self; 4] = [Self::Nip, Self::InternalId, Self::NipVatUe, Self::PeppolId];

    /// The name in JSON and in CODE II links, spelt with this exact case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nip => "Nip",
            Self::InternalId => "InternalId",
            Self::NipVatUe => "NipVatUe",
            Self::PeppolId => "PeppolId",
        }
    }
}

/// The context of a login and of every invoice issued in it: `Nip:1111111111`, `InternalId:1111111111-00001`,
/// `NipVatUe:1111111111-DE123456789` or `PeppolId:PPL123456`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextIdentifier {
    text: Box<str>,
}

impl ContextIdentifier {
    /// Reads `KIND:VALUE`.
    ///
    /// # Errors
    /// [`IdentifierError::ContextKind`] for another kind, otherwise the error of the value's kind.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let (name, value) = text.split_once(':').ok_or(IdentifierError::ContextKind)?;
        let kind = ContextKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(IdentifierError::ContextKind)?;
        Self::new(kind, value)
    }

    /// Checks `value` by the rules of `kind`.
    ///
    /// # Errors
    /// The error of that kind when the value has another form.
    pub fn new(kind: ContextKind, value: &str) -> Result<Self, IdentifierError> {
        match kind {
            ContextKind::Nip => {
                Nip::parse(value)?;
            }
            ContextKind::InternalId => {
                let (nip, unit) = value.split_once('-').ok_or(IdentifierError::InternalId)?;
                Nip::parse(nip).map_err(|_| IdentifierError::InternalId)?;
                if unit.len() != 5 || !unit.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(IdentifierError::InternalId);
                }
            }
            ContextKind::NipVatUe => {
                let (nip, vat) = value.split_once('-').ok_or(IdentifierError::NipVatUe)?;
                Nip::parse(nip).map_err(|_| IdentifierError::NipVatUe)?;
                if !is_eu_vat_number(vat) {
                    return Err(IdentifierError::NipVatUe);
                }
            }
            ContextKind::PeppolId => {
                let bytes = value.as_bytes();
                let legal = bytes.len() == 9
                    && bytes[0] == b'P'
                    && bytes[1..3].iter().all(u8::is_ascii_uppercase)
                    && bytes[3..].iter().all(u8::is_ascii_digit);
                if !legal {
                    return Err(IdentifierError::PeppolId);
                }
            }
        }
        Ok(Self {
            text: format!("{}:{value}", kind.name()).into(),
        })
    }

    /// A company by its NIP.
    pub fn nip(nip: Nip) -> Self {
        Self {
            text: format!("Nip:{nip}").into(),
        }
    }

    /// Which of the four it is.
    pub fn kind(&self) -> ContextKind {
        let name = self.text.split(':').next().unwrap_or_default();
        ContextKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .unwrap_or(ContextKind::Nip)
    }

    /// The value behind the colon.
    pub fn value(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, value)| value)
    }

    /// The NIP of the company behind the context; a Peppol provider has none here.
    pub fn company(&self) -> Option<Nip> {
        self.value()
            .get(..10)
            .and_then(|start| Nip::parse(start).ok())
    }

    /// The whole text, `KIND:VALUE`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The pattern of the contract: a member state's code and two to twelve letters, digits, `+` or `*`. The finer rules
/// of each state are KSeF's to apply.
fn is_eu_vat_number(text: &str) -> bool {
    const STATES: [&str; 28] = [
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE",
        "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
    ];
    text.get(..2).is_some_and(|state| STATES.contains(&state))
        && (4..=14).contains(&text.len())
        && text[2..]
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'+' || b == b'*')
}

impl FromStr for ContextIdentifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

impl fmt::Display for ContextIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_kinds_are_read_and_told_apart() {
        for (text, kind, company) in [
            ("Nip:5265877635", ContextKind::Nip, Some("5265877635")),
            (
                "InternalId:5265877635-00001",
                ContextKind::InternalId,
                Some("5265877635"),
            ),
            (
                "NipVatUe:5265877635-DE123456789",
                ContextKind::NipVatUe,
                Some("5265877635"),
            ),
            ("PeppolId:PPL123456", ContextKind::PeppolId, None),
        ] {
            let context = ContextIdentifier::parse(text).unwrap();
            assert_eq!(context.kind(), kind);
            assert_eq!(context.to_string(), text);
            assert_eq!(
                context.company().map(|nip| nip.to_string()).as_deref(),
                company
            );
        }
    }

    #[test]
    fn the_case_of_the_kind_matters() {
        assert_eq!(
            ContextIdentifier::parse("nip:5265877635"),
            Err(IdentifierError::ContextKind)
        );
        assert_eq!(
            ContextIdentifier::parse("5265877635"),
            Err(IdentifierError::ContextKind)
        );
    }

    #[test]
    fn malformed_values_name_their_kind() {
        for (text, error) in [
            ("Nip:123", IdentifierError::Nip),
            ("InternalId:5265877635-0001", IdentifierError::InternalId),
            ("NipVatUe:5265877635-ZZ123456789", IdentifierError::NipVatUe),
            ("NipVatUe:5265877635", IdentifierError::NipVatUe),
            ("PeppolId:PPL12345", IdentifierError::PeppolId),
            ("PeppolId:Pąą123456", IdentifierError::PeppolId),
        ] {
            assert_eq!(ContextIdentifier::parse(text), Err(error), "{text}");
        }
    }
}
