//! Accepted invoices: download, and a basic search of their metadata.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, KsefNumber, Nip};
use ksef_offline_core::invoice::names::{FA_FORM_VALUE, FA3_SCHEMA_VERSION, FA3_SYSTEM_CODE};
use ksef_offline_core::invoice::{InvoiceDocument, InvoiceKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::caller::Caller;
use super::payload::{Params, Payload};
use super::storage::xml_document;
use crate::clock::instant;
use crate::error::ApiError;
use crate::ledger::Entry;
use crate::state::App;

/// Who may see an invoice: the context it came from, its seller, its buyer.
fn concerns(context: &ContextIdentifier, entry: &Entry, document: &InvoiceDocument) -> bool {
    let company = context.company();
    let buyer = document.facts().buyer.identifier.as_deref();
    entry.context == *context
        || company == Some(document.facts().seller)
        || company.is_some_and(|nip| buyer == Some(nip.as_str()))
}

pub(super) async fn download(
    State(app): State<App>,
    caller: Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let number = KsefNumber::parse(&number).map_err(|_| ApiError::invalid("ksefNumber"))?;
    let world = app.world();
    let (_, document) = world
        .ledger
        .by_number(&number)
        .filter(|(entry, document)| concerns(&caller.context, entry, document))
        .ok_or_else(|| ApiError::code(21164, format!("Nie ma faktury {number}.")))?;
    Ok(xml_document(document.bytes()))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Filters {
    subject_type: SubjectType,
    date_range: DateRange,
    #[serde(default)]
    ksef_number: Option<String>,
    #[serde(default)]
    invoice_number: Option<String>,
    #[serde(default)]
    seller_nip: Option<String>,
    #[serde(default)]
    invoicing_mode: Option<String>,
    #[serde(default)]
    has_attachment: Option<bool>,
}

#[derive(Deserialize)]
enum SubjectType {
    Subject1,
    Subject2,
    Subject3,
    SubjectAuthorized,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DateRange {
    date_type: DateType,
    from: String,
    #[serde(default)]
    to: Option<String>,
}

#[derive(Deserialize)]
enum DateType {
    Issue,
    Invoicing,
    PermanentStorage,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    has_more: bool,
    is_truncated: bool,
    permanent_storage_hwm_date: String,
    invoices: Vec<Value>,
}

pub(super) async fn query(
    State(app): State<App>,
    caller: Caller,
    params: Params,
    Payload(filters): Payload<Filters>,
) -> Result<Json<Found>, ApiError> {
    let size = params.number("pageSize", 10, 10, 250)?;
    let offset = params.number("pageOffset", 0, 0, 10_000)?;
    let descending = match params.value("sortOrder") {
        None | Some("Asc") => false,
        Some("Desc") => true,
        Some(_) => return Err(ApiError::invalid("sortOrder")),
    };
    let from = moment(&filters.date_range.from)?;
    let to = filters.date_range.to.as_deref().map(moment).transpose()?;
    let seller = filters
        .seller_nip
        .as_deref()
        .map(|text| Nip::parse(text).map_err(|_| ApiError::invalid("sellerNip")))
        .transpose()?;
    let company = caller.context.company();
    let world = app.world();
    let mut found: Vec<&(Entry, InvoiceDocument)> = world
        .ledger
        .entries()
        .iter()
        .filter(|(entry, document)| {
            let facts = document.facts();
            let role = match filters.subject_type {
                SubjectType::Subject1 => company == Some(facts.seller),
                SubjectType::Subject2 => company
                    .is_some_and(|nip| facts.buyer.identifier.as_deref() == Some(nip.as_str())),
                // Third and authorised parties are not read here.
                SubjectType::Subject3 | SubjectType::SubjectAuthorized => false,
            };
            let at = match filters.date_range.date_type {
                DateType::Issue => facts
                    .issue_date
                    .to_zoned(jiff::tz::TimeZone::UTC)
                    .map_or(entry.accepted, |zoned| zoned.timestamp()),
                DateType::Invoicing => entry.received,
                DateType::PermanentStorage => entry.accepted,
            };
            role && from <= at
                && to.is_none_or(|to| at <= to)
                && seller.is_none_or(|seller| seller == facts.seller)
                && is(filters.ksef_number.as_deref(), entry.ksef_number.as_str())
                && is(filters.invoice_number.as_deref(), &facts.number)
                && is(filters.invoicing_mode.as_deref(), entry.mode.code())
                && filters
                    .has_attachment
                    .is_none_or(|wanted| wanted == facts.has_attachment)
        })
        .collect();
    if descending {
        found.reverse();
    }
    let start = offset * size;
    Ok(Json(Found {
        has_more: found.len() > start + size,
        is_truncated: false,
        permanent_storage_hwm_date: instant(world.clock.now()),
        invoices: found
            .into_iter()
            .skip(start)
            .take(size)
            .map(|(entry, document)| metadata(entry, document))
            .collect(),
    }))
}

fn is(wanted: Option<&str>, value: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == value)
}

/// A moment; without a zone it is UTC, a bare date its beginning.
fn moment(text: &str) -> Result<Timestamp, ApiError> {
    let local = || {
        text.parse::<jiff::civil::DateTime>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    text.parse()
        .ok()
        .or_else(local)
        .ok_or_else(|| ApiError::invalid("dateRange"))
}

fn metadata(entry: &Entry, document: &InvoiceDocument) -> Value {
    let facts = document.facts();
    let gross: f64 = facts.gross.to_string().parse().unwrap_or_default();
    let buyer = match facts.buyer.identifier.as_deref() {
        Some(text) if Nip::parse(text).is_ok() => json!({ "type": "Nip", "value": text }),
        Some(text) if text.starts_with(|c: char| c.is_ascii_uppercase()) => {
            json!({ "type": "VatUe", "value": text })
        }
        Some(text) => json!({ "type": "Other", "value": text }),
        None => json!({ "type": "None" }),
    };
    let mut value = json!({
        "ksefNumber": entry.ksef_number.as_str(),
        "invoiceNumber": facts.number,
        "issueDate": facts.issue_date.to_string(),
        "invoicingDate": instant(entry.received),
        "acquisitionDate": instant(entry.accepted),
        "permanentStorageDate": instant(entry.accepted),
        "seller": { "nip": facts.seller.as_str() },
        "buyer": { "identifier": buyer },
        // Only the total is read from the document; net and tax are not told apart.
        "netAmount": gross,
        "grossAmount": gross,
        "vatAmount": 0.0,
        "currency": facts.currency,
        "invoicingMode": entry.mode.code(),
        "invoiceType": match facts.kind {
            InvoiceKind::Vat => "Vat",
            InvoiceKind::Correction => "Kor",
            InvoiceKind::Advance => "Zal",
            InvoiceKind::Settlement => "Roz",
            InvoiceKind::Simplified => "Upr",
            InvoiceKind::AdvanceCorrection => "KorZal",
            InvoiceKind::SettlementCorrection => "KorRoz",
        },
        "formCode": {
            "systemCode": FA3_SYSTEM_CODE,
            "schemaVersion": FA3_SCHEMA_VERSION,
            "value": FA_FORM_VALUE,
        },
        "isSelfInvoicing": entry.context.company() != Some(facts.seller),
        "hasAttachment": facts.has_attachment,
        "invoiceHash": entry.hash.to_base64(),
    });
    if let Some(name) = &facts.buyer.name {
        value["buyer"]["name"] = json!(name);
    }
    if let Some(corrected) = &entry.correction_of {
        value["hashOfCorrectedInvoice"] = json!(corrected.to_base64());
    }
    value
}
