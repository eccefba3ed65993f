//! The stable names of everything the verdict can find.

/// What a violation is about. Its name never changes its meaning, so scripts may compare it.
///
/// Faults of the file as a whole (encoding, size, DTD, namespace and the like) carry the codes of
/// [`crate::invoice::InvoiceError`] instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// An element of the schema stands where it may not: the wrong parent, the wrong order, the other branch of a choice.
    ElementUnexpected,
    /// An element the schema demands is not there.
    ElementMissing,
    /// The schema has no element of this name and namespace.
    ElementUnknown,
    /// An element stands more often than the schema allows.
    ElementTooMany,
    /// A required attribute is not there.
    AttributeMissing,
    /// The element has no attribute of this name. Only `xmlns…`, `xsi:schemaLocation` and
    /// `xsi:noNamespaceSchemaLocation` may stand everywhere.
    AttributeUnknown,
    /// Text where only elements may stand.
    TextUnexpected,
    /// `xsi:nil`: no element of FA(3) may be nil.
    NilNotAllowed,
    /// `xsi:type` names another type than the element has.
    TypeNotAllowed,
    /// The value is none of the listed ones.
    ValueEnumeration,
    /// The value is another than the one the schema fixes.
    ValueFixed,
    /// The value does not follow its pattern.
    ValuePattern,
    /// More characters than allowed.
    ValueTooLong,
    /// Fewer characters than needed, or none.
    ValueTooShort,
    /// Not a calendar day written `YYYY-MM-DD`.
    ValueNotADate,
    /// Not an instant written `YYYY-MM-DDThh:mm:ss`, with `Z` or an offset.
    ValueNotADateTime,
    /// A day or instant outside the range the schema sets.
    ValueDateOutOfRange,
    /// Not a decimal number.
    ValueNotADecimal,
    /// Not an integer.
    ValueNotAnInteger,
    /// More digits before or after the point than allowed.
    ValueTooManyDigits,
    /// A number outside its range.
    ValueOutOfRange,
    /// The list of violations was cut off: the document has more.
    TooManyViolations,
    /// `P_1` lies after today: KSeF refuses an invoice that is issued later than the day it arrives (Ministry's
    /// documentation, verification of invoices).
    IssueDateInFuture,
    /// The check digit of a NIP is wrong. The production environment refuses such an invoice (Ministry's documentation,
    /// verification of invoices); the others take it.
    NipChecksum,
}

impl Code {
    /// All codes.
    pub const ALL: &[Self] = &[
        Self::ElementUnexpected,
        Self::ElementMissing,
        Self::ElementUnknown,
        Self::ElementTooMany,
        Self::AttributeMissing,
        Self::AttributeUnknown,
        Self::TextUnexpected,
        Self::NilNotAllowed,
        Self::TypeNotAllowed,
        Self::ValueEnumeration,
        Self::ValueFixed,
        Self::ValuePattern,
        Self::ValueTooLong,
        Self::ValueTooShort,
        Self::ValueNotADate,
        Self::ValueNotADateTime,
        Self::ValueDateOutOfRange,
        Self::ValueNotADecimal,
        Self::ValueNotAnInteger,
        Self::ValueTooManyDigits,
        Self::ValueOutOfRange,
        Self::TooManyViolations,
        Self::IssueDateInFuture,
        Self::NipChecksum,
    ];

    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ElementUnexpected => "element-unexpected",
            Self::ElementMissing => "element-missing",
            Self::ElementUnknown => "element-unknown",
            Self::ElementTooMany => "element-too-many",
            Self::AttributeMissing => "attribute-missing",
            Self::AttributeUnknown => "attribute-unknown",
            Self::TextUnexpected => "text-unexpected",
            Self::NilNotAllowed => "nil-not-allowed",
            Self::TypeNotAllowed => "type-not-allowed",
            Self::ValueEnumeration => "value-enumeration",
            Self::ValueFixed => "value-fixed",
            Self::ValuePattern => "value-pattern",
            Self::ValueTooLong => "value-too-long",
            Self::ValueTooShort => "value-too-short",
            Self::ValueNotADate => "value-not-a-date",
            Self::ValueNotADateTime => "value-not-a-date-time",
            Self::ValueDateOutOfRange => "value-date-out-of-range",
            Self::ValueNotADecimal => "value-not-a-decimal",
            Self::ValueNotAnInteger => "value-not-an-integer",
            Self::ValueTooManyDigits => "value-too-many-digits",
            Self::ValueOutOfRange => "value-out-of-range",
            Self::TooManyViolations => "too-many-violations",
            Self::IssueDateInFuture => "issue-date-in-future",
            Self::NipChecksum => "nip-checksum",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let names: HashSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        assert!(
            names
                .iter()
                .all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'))
        );
    }
}
