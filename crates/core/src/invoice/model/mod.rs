//! FA(3) as types: every element of the schema has its field here, in the order of the schema.
//!
//! Fields have English names; the schema's name stands in each doc comment, so both `P_13_1` and "net at the basic rate"
//! lead here. Choices are enums, closed lists are enums, amounts are exact decimals that keep their digits. Lengths and
//! ranges are not checked by the types: [`crate::invoice::validate`] judges what was written.
//!
//! The same types are the JSON form of an invoice: fields by their names here, amounts as strings (a JSON number would
//! lose its digits and is refused), dates `YYYY-MM-DD`, what is absent left out; `json_schema` (feature `json-schema`) describes it.

#[macro_use]
mod macros;
pub(super) mod part;

mod annotations;
mod attachment;
mod body;
mod codes;
mod correction;
mod footer;
mod header;
mod identity;
mod json;
mod kinds;
mod line;
mod object;
mod order;
mod parties;
mod payment;
mod scalar;
mod settlement;
mod terms;

pub use annotations::{
    Aircraft, Annotations, Exemption, ExemptionBasis, LandVehicle, Margin, MarginScheme,
    NewVehicle, NewVehicleDeliveries, NewVehicles, VehicleIdentifier, VehicleUse, Watercraft,
};
pub use attachment::{
    Attachment, Block, Column, ColumnKind, Entry, Heading, Paragraphs, Row, Summary, Table,
    TableEntry,
};
pub use body::{
    AdvanceInvoice, Body, DeliveryDate, ExtraDescription, OssSum, PartialAdvance, Period, RateSum,
    Totals,
};
pub use codes::{
    AuthorisedRole, BankOwnAccount, CorrectionEffect, Gtu, OrderProcedure, Procedure,
    TaxpayerStatus, VatRate,
};
pub use correction::{
    BeforeCorrection, BuyerBefore, CorrectedInvoice, Correction, KsefReference, SellerBefore,
};
pub use footer::{Footer, Note, RegisterEntry};
pub use header::Header;
pub use identity::{
    Address, BuyerIdentifier, BuyerIdentity, EuVatNumber, OtherIdentifier, TaxpayerIdentity,
    ThirdPartyIdentifier, ThirdPartyIdentity,
};
pub use line::Line;
pub use order::{Order, OrderLine};
pub use parties::{
    AuthorisedContact, AuthorisedParty, Buyer, Contact, Seller, ThirdParty, ThirdPartyRole,
};
pub use payment::{
    BankAccount, CashDiscount, PartialPayment, PartialPayments, Payment, PaymentDescription,
    PaymentForm, PaymentState, PaymentTerm,
};
pub use scalar::{CountryCode, CurrencyCode, DateTime, EuCountryCode, ValueError, WholeNumber};
pub use settlement::{Adjustment, Settlement, SettlementBalance};
pub use terms::{
    AgreedRate, Agreement, Cargo, Carrier, OrderReference, Terms, Transport, TransportKind,
};

use self::part::Content;
use super::layout::Layout;
use super::read::{ReadError, Reader};
use super::write::Writer;
use super::{InvoiceDocument, InvoiceError, file, names};

record! {
    /// An invoice (`Faktura`).
    pub struct Invoice {
        /// About the document itself (`Naglowek`).
        pub header: Header = element("Naglowek"),
        /// Who sells (`Podmiot1`).
        pub seller: Seller = element("Podmiot1"),
        /// Who buys (`Podmiot2`).
        pub buyer: Buyer = element("Podmiot2"),
        /// Others who take part, at most 100 (`Podmiot3`).
        #[serde(default)]
        pub third_parties: Vec<ThirdParty> = element("Podmiot3"),
        /// A bailiff, an enforcement authority or a tax representative (`PodmiotUpowazniony`).
        pub authorised_party: Option<AuthorisedParty> = element("PodmiotUpowazniony"),
        /// The invoice proper (`Fa`).
        pub body: Body = element("Fa"),
        /// Notes and registers (`Stopka`).
        pub footer: Option<Footer> = element("Stopka"),
        /// Tables and texts that belong to the invoice (`Zalacznik`); such an invoice may have 3 MB, goes by batch only, and
        /// only from sellers who announced it.
        pub attachment: Option<Attachment> = element("Zalacznik"),
    }
}

impl Invoice {
    /// Reads an FA(3) document. Elements, their order, attributes and the form of values are checked; lengths, ranges and
    /// everything beyond the schema are the business of [`crate::invoice::validate::validate`].
    ///
    /// # Errors
    /// [`ReadError`]: the first fault, with path, line and column.
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        Self::read_keeping(bytes, false).map(|(invoice, _)| invoice)
    }

    /// Reads an FA(3) document, and how it is laid out: written with this layout it is the same document to every XML
    /// reader, comments aside.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_with_layout(bytes: &[u8]) -> Result<(Self, Layout), ReadError> {
        Self::read_keeping(bytes, true)
    }

    fn read_keeping(bytes: &[u8], layout: bool) -> Result<(Self, Layout), ReadError> {
        let text = file::checked_file(bytes)?;
        let mut reader = Reader::new(text, layout)?;
        let invoice = Content::read(&mut reader, names::INVOICE, 0)?;
        Ok((invoice, reader.into_layout()))
    }

    /// The FA(3) document: UTF-8 without byte order mark, indented, always the same for the same invoice.
    pub fn write(&self) -> String {
        self.write_with_layout(&Layout::default())
    }

    /// The FA(3) document in this layout.
    pub fn write_with_layout(&self, layout: &Layout) -> String {
        let mut writer = Writer::new(layout);
        Content::write(self, &mut writer, names::INVOICE, 0);
        writer.finish()
    }

    /// The document that is judged, signed and sent: [`Self::write`], then never written again.
    ///
    /// # Errors
    /// [`InvoiceError`] when the invoice is too large or a text holds a character KSeF refuses.
    pub fn to_document(&self) -> Result<InvoiceDocument, InvoiceError> {
        InvoiceDocument::read(self.write().into_bytes())
    }
}

/// The JSON Schema (draft 2020-12) of an invoice in JSON: what [`Invoice`] takes and gives through serde, within the lengths,
/// patterns, ranges and numbers of elements that FA(3) allows.
///
/// The `$comment` of a field gives its schema names. White space that XML collapses counts here: a text that exceeds its
/// length by nothing else is refused here alone.
#[cfg(feature = "json-schema")]
pub fn json_schema() -> schemars::Schema {
    let mut schema = schemars::schema_for!(Invoice);
    super::validate::state_limits(&mut schema);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic as _;

    const SMALL: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<f:Faktura xmlns:f="http://crd.gov.pl/wzor/2025/06/25/13775/" xmlns:unused="urn:x">
	<f:Naglowek>
		<f:KodFormularza wersjaSchemy="1-0E" kodSystemowy='FA (3)'>FA</f:KodFormularza>
		<f:WariantFormularza>3</f:WariantFormularza>
		<f:DataWytworzeniaFa>2026-11-20T08:00:00.5Z</f:DataWytworzeniaFa>
	</f:Naglowek>
	<f:Podmiot1><f:DaneIdentyfikacyjne><f:NIP>5265877635</f:NIP><f:Nazwa>Ż &amp; <![CDATA[<Ł>]]></f:Nazwa></f:DaneIdentyfikacyjne>
	<f:Adres><f:KodKraju>PL</f:KodKraju><f:AdresL1>Łódź</f:AdresL1></f:Adres></f:Podmiot1>
	<f:Podmiot2>
		<f:DaneIdentyfikacyjne><f:BrakID> +01 </f:BrakID></f:DaneIdentyfikacyjne>
		<f:JST>2</f:JST>
		<f:GV>1</f:GV>
	</f:Podmiot2>
	<f:Fa>
		<f:KodWaluty>PLN</f:KodWaluty><!-- a comment -->
		<f:P_1> 2026-11-20</f:P_1>
		<f:P_2>FV/1</f:P_2>
		<f:P_15>12.30</f:P_15>
		<f:Adnotacje><f:P_16>2</f:P_16><f:P_17>2</f:P_17><f:P_18>2</f:P_18><f:P_18A>2</f:P_18A>
			<f:Zwolnienie><f:P_19>1</f:P_19><f:P_19A>art. 43</f:P_19A></f:Zwolnienie>
			<f:NoweSrodkiTransportu><f:P_22N>1</f:P_22N></f:NoweSrodkiTransportu>
			<f:P_23>2</f:P_23><f:PMarzy><f:P_PMarzyN>1</f:P_PMarzyN></f:PMarzy></f:Adnotacje>
		<f:RodzajFaktury>VAT</f:RodzajFaktury>
		<f:Platnosc><f:PlatnoscInna>1</f:PlatnoscInna><f:OpisPlatnosci>kompensata</f:OpisPlatnosci></f:Platnosc>
	</f:Fa>
</f:Faktura>"#;

    /// Code, path, line and column of the fault after one replacement.
    fn fault(from: &str, to: &str) -> (&'static str, String, u32, u32) {
        assert!(SMALL.contains(from), "{from}");
        let error = Invoice::read(SMALL.replacen(from, to, 1).as_bytes()).unwrap_err();
        let at = error.position().unwrap();
        (error.code(), error.path().into(), at.line, at.column)
    }

    #[test]
    fn a_document_is_read_into_types() {
        let invoice = Invoice::read(SMALL.as_bytes()).unwrap();
        assert_eq!(invoice.seller.identity.name, "Ż & <Ł>");
        assert!(matches!(
            invoice.buyer.identity.identifier,
            BuyerIdentifier::Absent
        ));
        assert!(invoice.buyer.vat_group_member && !invoice.buyer.local_government_unit);
        assert_eq!(invoice.body.gross.to_string(), "12.30");
        assert_eq!(invoice.body.issue_date, jiff::civil::date(2026, 11, 20));
        assert_eq!(
            invoice.body.annotations.exemption,
            Exemption::By(ExemptionBasis::Act("art. 43".into()))
        );
        let form = invoice.body.payment.unwrap().form.unwrap();
        assert_eq!(form, PaymentForm::Other("kompensata".into()));
    }

    #[test]
    fn what_is_written_in_its_layout_is_read_again_the_same() {
        let (invoice, layout) = Invoice::read_with_layout(SMALL.as_bytes()).unwrap();
        let written = invoice.write_with_layout(&layout);
        for kept in [
            "<f:Faktura xmlns:f=",
            "xmlns:unused=\"urn:x\"",
            "<f:BrakID> +01 </f:BrakID>",
            "<f:P_1> 2026-11-20</f:P_1>",
            "</f:DaneIdentyfikacyjne>\n\t<f:Adres>",
            "2026-11-20T08:00:00.5Z",
        ] {
            assert!(written.contains(kept), "{kept}");
        }
        assert_eq!(
            Invoice::read_with_layout(written.as_bytes()).unwrap(),
            (invoice.clone(), layout)
        );
        assert_eq!(Invoice::read(invoice.write().as_bytes()).unwrap(), invoice);
    }

    #[test]
    fn a_changed_value_loses_its_old_spelling_only() {
        let (mut invoice, layout) = Invoice::read_with_layout(SMALL.as_bytes()).unwrap();
        invoice.body.issue_date = jiff::civil::date(2026, 11, 21);
        let written = invoice.write_with_layout(&layout);
        assert!(written.contains("<f:P_1>2026-11-21</f:P_1>"));
        assert!(written.contains("<f:BrakID> +01 </f:BrakID>"));
    }

    #[test]
    fn what_has_no_place_is_an_error_with_its_place() {
        assert_eq!(
            fault("<f:P_15>", "<f:Nowe>1</f:Nowe><f:P_15>"),
            ("element-unknown", "/Faktura/Fa/Nowe".into(), 19, 3)
        );
        assert_eq!(
            fault("<f:P_15>", "<P_15>1</P_15><f:P_15>"),
            ("element-unknown", "/Faktura/Fa/P_15".into(), 19, 3)
        );
        assert_eq!(
            fault("<f:P_2>FV/1</f:P_2>", ""),
            ("element-missing", "/Faktura/Fa".into(), 19, 3)
        );
        assert_eq!(
            fault(
                "<f:P_2>FV/1</f:P_2>",
                "<f:P_2>FV/1</f:P_2><f:P_2>FV/1</f:P_2>"
            ),
            ("element-missing", "/Faktura/Fa".into(), 18, 22)
        );
        assert_eq!(
            fault("</f:Fa>", "<f:P_1>2026-11-20</f:P_1></f:Fa>"),
            ("element-unexpected", "/Faktura/Fa/P_1".into(), 26, 2)
        );
        assert_eq!(
            fault("FV/1", "FV<f:P_1/>"),
            ("element-unexpected", "/Faktura/Fa/P_2/P_1".into(), 18, 12)
        );
        assert_eq!(
            fault("<f:Fa>", "<f:Fa>text"),
            ("text-unexpected", "/Faktura/Fa".into(), 15, 8)
        );
        assert_eq!(
            fault("<f:GV>", "<f:GV a=''>"),
            ("attribute-illegal", "/Faktura/Podmiot2/GV".into(), 13, 3)
        );
        assert_eq!(fault("1-0E", "1-1E").0, "attribute-illegal");
        assert_eq!(
            fault("FV/1</f:P_2>", "FV/1</f:P_2><f:P_6>2026-02-30</f:P_6>"),
            ("value-illegal", "/Faktura/Fa/P_6".into(), 18, 22)
        );
        assert_eq!(
            fault("<f:BrakID>", "<f:NIP>"),
            ("file-not-well-formed", String::new(), 11, 38)
        );
    }

    #[test]
    fn json_says_the_same() {
        let invoice = Invoice::read(SMALL.as_bytes()).unwrap();
        let json = serde_json::to_value(&invoice).unwrap();
        assert_eq!(json["body"]["gross"], "12.30");
        assert_eq!(json["body"]["payment"]["form"]["other"], "kompensata");
        assert_eq!(json["buyer"]["identity"]["identifier"], "absent");
        assert_eq!(json["buyer"].get("local_government_unit"), None);
        assert_eq!(
            serde_json::from_value::<Invoice>(json.clone()).unwrap(),
            invoice
        );

        let mut wrong = json.clone();
        wrong["body"]["gros"] = "1".into();
        assert!(
            serde_json::from_value::<Invoice>(wrong)
                .unwrap_err()
                .to_string()
                .contains("gros")
        );
        for amount in ["1173.90", "-0.00", "12"] {
            let mut other = json.clone();
            other["body"]["gross"] = amount.into();
            let read = serde_json::from_value::<Invoice>(other).unwrap();
            assert_eq!(read.body.gross.to_string(), amount);
        }
        // A number has lost its last zero before anybody sees it.
        for wrong in [
            serde_json::json!(12.3),
            serde_json::json!(12),
            serde_json::json!("1e3"),
        ] {
            let mut other = json.clone();
            other["body"]["gross"] = wrong;
            assert!(serde_json::from_value::<Invoice>(other).is_err());
        }
    }

    #[test]
    fn json_takes_no_array_in_the_place_of_an_object() {
        let json = serde_json::to_value(Invoice::read(SMALL.as_bytes()).unwrap()).unwrap();
        for place in [
            "/header",
            "/seller/identity",
            "/buyer",
            "/body/annotations",
            "",
        ] {
            let mut other = json.clone();
            let object = other.pointer_mut(place).unwrap();
            let fields = object.as_object().unwrap().values().cloned();
            *object = serde_json::Value::Array(fields.collect());
            let error = serde_json::from_value::<Invoice>(other).unwrap_err();
            assert_eq!(
                error.to_string(),
                "invalid type: sequence, expected an object",
                "{place}"
            );
        }
    }

    #[test]
    fn debug_and_errors_show_no_content() {
        let invoice = Invoice::read(SMALL.as_bytes()).unwrap();
        assert_eq!(format!("{invoice:?}"), "Invoice { .. }");
        let mut json = serde_json::to_value(&invoice).unwrap();
        json["seller"]["identity"]["nip"] = "tajne".into();
        let error = serde_json::from_value::<Invoice>(json).unwrap_err();
        assert!(!error.to_string().contains("tajne"), "{error}");
    }
}
