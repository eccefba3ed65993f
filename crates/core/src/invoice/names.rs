//! The names of the FA(3) schema, once.

/// Namespace of FA(3), form code `FA (3)`, schema version `1-0E`.
pub const FA3_NAMESPACE: &str = "http://crd.gov.pl/wzor/2025/06/25/13775/";
/// Namespace of FA(2), which KSeF 2.0 no longer takes.
pub const FA2_NAMESPACE: &str = "http://crd.gov.pl/wzor/2023/06/29/12648/";
/// Namespace of FA(1).
pub const FA1_NAMESPACE: &str = "http://crd.gov.pl/wzor/2021/11/29/11089/";
/// Namespace of attributes that say something about a document to a schema validator.
pub(crate) const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// `systemCode` of FA(3) in the API.
pub const FA3_SYSTEM_CODE: &str = "FA (3)";
/// `schemaVersion` of FA(3) in the API.
pub const FA3_SCHEMA_VERSION: &str = "1-0E";
/// `value` of the form code in the API.
pub const FA_FORM_VALUE: &str = "FA";

/// The root element.
pub(crate) const INVOICE: &str = "Faktura";
/// The attachment.
pub(crate) const ATTACHMENT: &str = "Zalacznik";
/// The seller.
pub(crate) const SELLER: &str = "Podmiot1";
/// The buyer.
pub(crate) const BUYER: &str = "Podmiot2";
/// Identification of a party.
pub(crate) const IDENTIFICATION: &str = "DaneIdentyfikacyjne";
/// Tax number of a Polish party.
pub(crate) const NIP: &str = "NIP";
/// Country code of an EU VAT number.
pub(crate) const EU_CODE: &str = "KodUE";
/// EU VAT number.
pub(crate) const EU_VAT_NUMBER: &str = "NrVatUE";
/// Country code of another identifier.
pub(crate) const COUNTRY_CODE: &str = "KodKraju";
/// Another tax identifier.
pub(crate) const OTHER_IDENTIFIER: &str = "NrID";
/// Name of a party.
pub(crate) const NAME: &str = "Nazwa";
/// The invoice proper.
pub(crate) const BODY: &str = "Fa";
/// Currency.
pub(crate) const CURRENCY: &str = "KodWaluty";
/// Issue date.
pub(crate) const ISSUE_DATE: &str = "P_1";
/// Invoice number.
pub(crate) const NUMBER: &str = "P_2";
/// Gross total.
pub(crate) const GROSS: &str = "P_15";
/// Kind of invoice.
pub(crate) const KIND: &str = "RodzajFaktury";
