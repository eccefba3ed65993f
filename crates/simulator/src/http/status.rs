//! What became of sessions and invoices, and their receipts.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::caller::Caller;
use super::links;
use super::payload::{Page, Params, checked_reference};
use super::storage::xml_document;
use crate::clock::instant;
use crate::control::report;
use crate::error::ApiError;
use crate::receipt;
use crate::session::{Session, SessionInvoice, SessionKind, Status};
use crate::state::{App, Shared};

/// How long a link to a receipt works.
const LINK_VALIDITY: SignedDuration = SignedDuration::from_hours(72);
/// Longest lists, in items a page.
const MAX_PAGE: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionStatus {
    status: Status,
    date_created: String,
    date_updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upo: Option<Pages>,
    invoice_count: usize,
    successful_invoice_count: usize,
    failed_invoice_count: usize,
}

#[derive(Serialize)]
struct Pages {
    pages: Vec<UpoPage>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UpoPage {
    reference_number: String,
    download_url: String,
    download_url_expiration_date: String,
}

pub(super) async fn session(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
) -> Result<Json<SessionStatus>, ApiError> {
    let now = app.now();
    let mut answer = with_session(&app, &caller, &reference, |session| {
        let pages = session.receipt.as_ref().map(|receipt| Pages {
            pages: vec![UpoPage {
                reference_number: receipt.reference.clone(),
                download_url: String::new(),
                download_url_expiration_date: String::new(),
            }],
        });
        Ok(SessionStatus {
            status: session.status.clone(),
            date_created: instant(session.created),
            date_updated: instant(session.updated),
            valid_until: session.is_open().then(|| instant(session.valid_until)),
            upo: pages,
            invoice_count: session.invoices.len(),
            successful_invoice_count: session.successful(),
            failed_invoice_count: session.failed(),
        })
    })?;
    for page in answer.upo.iter_mut().flat_map(|upo| &mut upo.pages) {
        (page.download_url, page.download_url_expiration_date) =
            link(&app, &reference, &page.reference_number, now);
    }
    Ok(Json(answer))
}

/// A fresh link to a receipt, and when it stops working.
fn link(app: &Shared, session: &str, document: &str, now: Timestamp) -> (String, String) {
    let until = now.checked_add(LINK_VALIDITY).unwrap_or(now);
    let url = links::signed(app, &format!("/storage/upo/{session}/{document}"), until);
    (url, instant(until))
}

fn with_session<T>(
    app: &App,
    caller: &Caller,
    reference: &str,
    read: impl FnOnce(&Session) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    checked_reference(reference)?;
    let mut world = app.world();
    let session = world
        .session(&caller.context, reference)
        .ok_or_else(|| ApiError::code(21173, format!("Nie ma sesji {reference}.")))?;
    read(session)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvoiceList {
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    invoices: Vec<InvoiceStatus>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvoiceStatus {
    ordinal_number: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ksef_number: Option<String>,
    reference_number: String,
    invoice_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_file_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acquisition_date: Option<String>,
    invoicing_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    permanent_storage_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upo_download_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upo_download_url_expiration_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoicing_mode: Option<&'static str>,
    status: Status,
}

impl InvoiceStatus {
    fn of(
        app: &Shared,
        session: &str,
        ordinal: usize,
        invoice: &SessionInvoice,
        now: Timestamp,
    ) -> Self {
        let accepted = invoice.accepted.as_ref();
        let (url, until) = accepted
            .map(|_| link(app, session, &invoice.reference, now))
            .unzip();
        Self {
            ordinal_number: ordinal,
            invoice_number: invoice.number.clone(),
            ksef_number: accepted.map(|accepted| accepted.ksef_number.to_string()),
            reference_number: invoice.reference.clone(),
            invoice_hash: invoice.hash.to_base64(),
            invoice_file_name: invoice.file_name.clone(),
            acquisition_date: accepted.map(|accepted| instant(accepted.at)),
            invoicing_date: instant(invoice.received),
            permanent_storage_date: accepted.map(|accepted| instant(accepted.at)),
            upo_download_url: url,
            upo_download_url_expiration_date: until,
            invoicing_mode: accepted.map(|accepted| accepted.mode.code()),
            status: invoice.status.clone(),
        }
    }
}

pub(super) async fn invoices(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<InvoiceList>, ApiError> {
    let page = Page::of(&headers, &params, MAX_PAGE)?;
    listed(&app, &caller, &reference, &page, |_| true)
}

pub(super) async fn failed(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<InvoiceList>, ApiError> {
    let page = Page::of(&headers, &params, MAX_PAGE)?;
    listed(&app, &caller, &reference, &page, SessionInvoice::is_failed)
}

fn listed(
    app: &App,
    caller: &Caller,
    reference: &str,
    page: &Page,
    wanted: impl Fn(&SessionInvoice) -> bool,
) -> Result<Json<InvoiceList>, ApiError> {
    let now = app.now();
    let (items, continuation_token) = with_session(app, caller, reference, |session| {
        let items = (1..)
            .zip(&session.invoices)
            .filter(|(_, invoice)| wanted(invoice))
            .map(|(ordinal, invoice)| (ordinal, invoice.clone()));
        Ok(page.cut(items))
    })?;
    // Links are signed with the lock released.
    let invoices = items
        .iter()
        .map(|(ordinal, invoice)| InvoiceStatus::of(app, reference, *ordinal, invoice, now))
        .collect();
    Ok(Json(InvoiceList {
        continuation_token,
        invoices,
    }))
}

pub(super) async fn invoice(
    State(app): State<App>,
    caller: Caller,
    Path((reference, invoice)): Path<(String, String)>,
) -> Result<Json<InvoiceStatus>, ApiError> {
    checked_reference(&invoice)?;
    let now = app.now();
    let (ordinal, found) = with_session(&app, &caller, &reference, |session| {
        (1..)
            .zip(&session.invoices)
            .find(|(_, other)| other.reference == invoice)
            .map(|(ordinal, found)| (ordinal, found.clone()))
            .ok_or_else(|| ApiError::code(21164, format!("Nie ma faktury {invoice} w sesji.")))
    })?;
    Ok(Json(InvoiceStatus::of(
        &app, &reference, ordinal, &found, now,
    )))
}

pub(super) async fn invoice_receipt(
    State(app): State<App>,
    caller: Caller,
    Path((reference, invoice)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    checked_reference(&invoice)?;
    given_out(&app, &caller, &reference, &invoice).await
}

pub(super) async fn receipt_by_number(
    State(app): State<App>,
    caller: Caller,
    Path((reference, number)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let invoice = with_session(&app, &caller, &reference, |session| {
        session
            .invoices
            .iter()
            .find(|invoice| {
                invoice
                    .accepted
                    .as_ref()
                    .is_some_and(|accepted| accepted.ksef_number.as_str() == number)
            })
            .map(|invoice| invoice.reference.clone())
            .ok_or_else(|| no_receipt(&reference))
    })?;
    given_out(&app, &caller, &reference, &invoice).await
}

pub(super) async fn session_receipt(
    State(app): State<App>,
    caller: Caller,
    Path((reference, page)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    checked_reference(&page)?;
    given_out(&app, &caller, &reference, &page).await
}

async fn given_out(
    app: &App,
    caller: &Caller,
    session: &str,
    document: &str,
) -> Result<Response, ApiError> {
    with_session(app, caller, session, |_| Ok(()))?;
    receipt_of(app, session, document)
        .await
        .map(xml_document)
        .ok_or_else(|| no_receipt(session))
}

fn no_receipt(session: &str) -> ApiError {
    ApiError::code(21178, format!("Nie ma UPO w sesji {session}."))
}

/// The receipt with this reference: of a page of the session, or of one of its invoices. The latter is sealed when it is
/// first asked for, and the same ever after.
pub(super) async fn receipt_of(app: &App, session: &str, document: &str) -> Option<String> {
    let (head, invoice, now) = {
        let world = app.world();
        let session = world.sessions.get(session)?;
        if let Some(page) = session
            .receipt
            .as_ref()
            .filter(|page| page.reference == document)
        {
            return Some(page.xml.clone());
        }
        if let Some(made) = world.receipts.get(document) {
            return Some(made.to_string());
        }
        let invoice = session
            .invoices
            .iter()
            .find(|invoice| invoice.reference == document && invoice.accepted.is_some())?;
        (
            receipt::Head::of(session),
            invoice.clone(),
            world.clock.now(),
        )
    };
    let sealing = Arc::clone(app);
    let xml = tokio::task::spawn_blocking(move || {
        receipt::of_invoice(&head, &invoice, sealing.authority.seal(), now)
            .inspect_err(|error| report(error))
            .ok()
    })
    .await
    .ok()
    .flatten()?;
    let mut world = app.world();
    let kept = world
        .receipts
        .entry(document.to_owned())
        .or_insert_with(|| xml.into());
    Some(kept.to_string())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionList {
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    sessions: Vec<SessionItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionItem {
    reference_number: String,
    status: Status,
    date_created: String,
    date_updated: String,
    valid_until: String,
    total_invoice_count: usize,
    successful_invoice_count: usize,
    failed_invoice_count: usize,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<SessionList>, ApiError> {
    let page = Page::of(&headers, &params, MAX_PAGE)?;
    let filter = Filter::of(&params)?;
    let mut world = app.world();
    let now = world.clock.now();
    for session in world.sessions.values_mut() {
        session.settle(now);
    }
    // The newest first.
    let sessions = world
        .session_order
        .iter()
        .rev()
        .filter_map(|reference| world.sessions.get(reference))
        .filter(|session| session.context == caller.context && filter.admits(session));
    let (sessions, continuation_token) = page.cut(sessions.map(|session| SessionItem {
        reference_number: session.reference.clone(),
        status: session.status.clone(),
        date_created: instant(session.created),
        date_updated: instant(session.updated),
        valid_until: instant(session.valid_until),
        total_invoice_count: session.invoices.len(),
        successful_invoice_count: session.successful(),
        failed_invoice_count: session.failed(),
    }));
    Ok(Json(SessionList {
        continuation_token,
        sessions,
    }))
}

/// What a list of sessions is narrowed by.
struct Filter {
    kind: SessionKind,
    reference: Option<String>,
    created: (Option<Timestamp>, Option<Timestamp>),
    closed: (Option<Timestamp>, Option<Timestamp>),
    modified: (Option<Timestamp>, Option<Timestamp>),
    statuses: Vec<String>,
}

impl Filter {
    fn of(params: &Params) -> Result<Self, ApiError> {
        let range = |from, to| Ok::<_, ApiError>((params.instant(from)?, params.instant(to)?));
        let statuses: Vec<String> = params.values("statuses").map(str::to_owned).collect();
        let known = ["InProgress", "Succeeded", "Failed", "Cancelled"];
        if statuses
            .iter()
            .any(|status| !known.contains(&status.as_str()))
        {
            return Err(ApiError::invalid("statuses"));
        }
        Ok(Self {
            kind: match params.value("sessionType") {
                Some("Batch") => SessionKind::Batch,
                Some("Online") => SessionKind::Online,
                _ => return Err(ApiError::invalid("sessionType: Online lub Batch")),
            },
            reference: params.value("referenceNumber").map(str::to_owned),
            created: range("dateCreatedFrom", "dateCreatedTo")?,
            closed: range("dateClosedFrom", "dateClosedTo")?,
            modified: range("dateModifiedFrom", "dateModifiedTo")?,
            statuses,
        })
    }

    fn admits(&self, session: &Session) -> bool {
        let status = match session.status.code {
            200 => "Succeeded",
            440 => "Cancelled",
            code if code < 200 => "InProgress",
            _ => "Failed",
        };
        session.kind == self.kind
            && self
                .reference
                .as_ref()
                .is_none_or(|reference| *reference == session.reference)
            && within(self.created, Some(session.created))
            && within(self.closed, session.closed)
            && within(self.modified, Some(session.updated))
            && (self.statuses.is_empty() || self.statuses.iter().any(|wanted| wanted == status))
    }
}

fn within((from, to): (Option<Timestamp>, Option<Timestamp>), at: Option<Timestamp>) -> bool {
    match at {
        Some(at) => from.is_none_or(|from| from <= at) && to.is_none_or(|to| at <= to),
        None => from.is_none() && to.is_none(),
    }
}
