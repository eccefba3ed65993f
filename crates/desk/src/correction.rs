//! Technical corrections: an offline invoice that KSeF rejected for a technical reason is sent again with the same
//! business content, and the link printed on the first one then leads to the second.
//!
//! The rules are KSeF's (CIRFMF/ksef-docs, `offline/korekta-techniczna.md`) and are enforced before anything is stored.

use jiff::Timestamp;
use ksef_offline_client::RateLimit;
use ksef_offline_core::deadline::calendar::warsaw_date;
use ksef_offline_core::invoice::InvoiceFacts;
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::{Bilingual, Diagnostic, Retry};
use ksef_offline_queue::{Entry, EntryId, InvoiceStatus, ListQuery, NewEntry, Only};
use serde::Serialize;
use thiserror::Error;

use crate::desk::Desk;
use crate::dispatch::Dispatcher;
use crate::error::DeskError;
use crate::issuing::{IssueFile, acceptable, rules};
use crate::sending::{OnProgress, PATIENCE, SendOptions};
use crate::sending_right::SendingRight;
use crate::view::InvoiceView;

/// The number of the invoice is taken by another document.
const NUMBER_TAKEN: i32 = 440;
/// What a correction can mend: the file itself, the taken number, its content as schema and validator see it.
const TECHNICAL: [i32; 3] = [430, NUMBER_TAKEN, 450];

/// How many invoices KSeF takes one by one (`invoiceSend` in the OpenAPI of 2.9).
const ONE_BY_ONE: RateLimit = RateLimit {
    per_second: 10,
    per_minute: 30,
    per_hour: 180,
};

/// Why a file is no technical correction of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CorrectionFault {
    /// The invoice was not issued in an offline mode that sends it to KSeF.
    #[error("only an invoice issued in an offline mode can be corrected technically")]
    NotOffline,
    /// KSeF rejected it for a reason that no other spelling of it removes.
    #[error(
        "KSeF rejected this invoice with code {0}: no technical reason, so a correction cannot help"
    )]
    NotTechnical(i32),
    /// The file is the rejected one.
    #[error("the file is the rejected one, byte for byte")]
    Unchanged,
    /// The business content differs: that takes a correcting invoice.
    #[error(
        "the file differs from the rejected invoice in {0}; a technical correction changes no business content"
    )]
    OtherContent(&'static str),
    /// The number is taken by another document, and the file has it too.
    #[error("another document holds this number in KSeF: the correction needs another one")]
    NumberStillTaken,
    /// The file is in the queue or the archive for itself.
    #[error("the file is in the queue already, as an invoice of its own")]
    KnownOtherwise,
}

impl Diagnostic for CorrectionFault {
    fn code(&self) -> &'static str {
        match self {
            Self::NotOffline => "correction-not-offline",
            Self::NotTechnical(_) => "correction-not-technical",
            Self::Unchanged => "correction-unchanged",
            Self::OtherContent(_) => "correction-other-content",
            Self::NumberStillTaken => "correction-number-taken",
            Self::KnownOtherwise => "correction-known-otherwise",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::NotOffline => {
                "korektą techniczną można poprawić tylko fakturę wystawioną w trybie offline"
                    .to_owned()
            }
            Self::NotTechnical(code) => format!(
                "KSeF odrzucił tę fakturę z kodem {code}: to nie przyczyna techniczna, korekta nie pomoże"
            ),
            Self::Unchanged => "plik jest bajt w bajt tym, który odrzucono".to_owned(),
            Self::OtherContent(field) => format!(
                "plik różni się od odrzuconej faktury w {field}; korekta techniczna nie zmienia treści faktury"
            ),
            Self::NumberStillTaken => {
                "ten numer ma w KSeF inny dokument: korekta potrzebuje innego numeru".to_owned()
            }
            Self::KnownOtherwise => "plik jest już w kolejce jako osobna faktura".to_owned(),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        Retry::Never
    }
}

/// When a waiting correction can be with KSeF at the earliest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CorrectionForecast {
    /// The id of the correction.
    pub id: String,
    /// When it can be sent, RFC 3339, if the first one goes now.
    pub earliest: String,
    /// The last day in time; `None` while that is open, or when nothing is due.
    pub due: Option<String>,
    /// Whether it comes too late even then.
    pub misses_deadline: bool,
}

impl Desk {
    /// Which of the corrections that wait will miss their deadline: KSeF takes 180 an hour of a context, so thousands of
    /// them take days. They go in this order, the most urgent first.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn correction_forecast(&self) -> Result<Vec<CorrectionForecast>, DeskError> {
        let now = self.now();
        let waiting = self.every(ListQuery {
            status: Some(InvoiceStatus::Signed),
            context: Some(self.config().context.clone()),
            only: Only::Corrections,
            ..ListQuery::default()
        })?;
        Ok((0..)
            .zip(&waiting)
            .map(|(place, entry)| {
                let earliest = now
                    .saturating_add(ONE_BY_ONE.wait_of(place))
                    .unwrap_or(Timestamp::MAX);
                CorrectionForecast {
                    id: entry.id.to_string(),
                    earliest: earliest.to_string(),
                    due: entry.due.map(|due| due.to_string()),
                    misses_deadline: entry.due.is_some_and(|due| warsaw_date(earliest) > due),
                }
            })
            .collect())
    }

    /// Corrects a rejected offline invoice technically: `file` takes its place, is sent in an interactive session and
    /// followed to its end. The correction is an invoice of its own, linked to the one that was handed out; that one
    /// stays in Error. Called again with the same file, it goes on where it stopped.
    ///
    /// # Errors
    /// `wrong-status` unless the invoice is in Error, [`DeskError::Correction`], [`DeskError::Refused`] with every fault
    /// of the file, `already-settled` while another correction is under way or accepted: nothing is stored then.
    /// [`DeskError::KsefUnreachable`] when KSeF does not answer: the correction is stored, and the next `send` sends it.
    pub async fn correct(
        &self,
        id: &str,
        file: &IssueFile,
        options: SendOptions,
        progress: OnProgress<'_>,
    ) -> Result<InvoiceView, DeskError> {
        let correction = self.stored_correction(&EntryId::parse(id)?, file)?;
        if !matches!(
            correction.status,
            InvoiceStatus::Sent | InvoiceStatus::Error
        ) {
            let right = SendingRight::acquire(self, PATIENCE.min(options.timeout)).await?;
            let client = self.reachable_client().await?;
            let mut dispatcher = Dispatcher::new(self, &right, progress);
            dispatcher.resume(client).await?;
            let waiting = self.queue().entry(&correction.id)?;
            if waiting.status == InvoiceStatus::Signed {
                dispatcher
                    .send_corrections(client, &[waiting], options.timeout)
                    .await?;
            }
            dispatcher.finish(client, options).await?;
        }
        self.show(correction.id.as_str())
    }

    /// The entry of the correction: the one that is there, or a new one.
    fn stored_correction(&self, id: &EntryId, file: &IssueFile) -> Result<Entry, DeskError> {
        let now = self.now();
        let rejected = self.queue().entry(id)?;
        let kind = self.config().environment.kind();
        let document = acceptable(file, &rules(kind, now))?;
        // What was printed is the invoice at the beginning, also when a correction of it was rejected too.
        let corrected = rejected
            .corrects
            .as_ref()
            .map_or(rejected.hash, |corrects| corrects.hash);
        if let Some(known) = self.queue().by_hash(&document.hash())? {
            return match &known.corrects {
                _ if known.hash == rejected.hash => Err(CorrectionFault::Unchanged.into()),
                Some(corrects) if corrects.hash == corrected => Ok(known),
                _ => Err(CorrectionFault::KnownOtherwise.into()),
            };
        }
        let rejected_id = rejected.id.clone();
        let original = self.queue().by_hash(&corrected)?.unwrap_or(rejected);
        permitted(&original)?;
        same_content(&original, document.facts())?;
        let certificate = self.offline_certificate()?;
        let id = EntryId::generate(now, 0, &OsRandom)?;
        let evidence = serde_json::json!({
            "at": now.to_string(),
            "corrects": original.id.as_str(),
            "rejected_with": original.rejection().map(|status| status.code),
        });
        let new = NewEntry {
            codes: Some(self.make_codes(&id, &document, original.mode, Some(&certificate), now)?),
            id,
            context: original.context.clone(),
            due: self
                .deadline_in(
                    &self.timeline()?,
                    original.mode,
                    original.facts.issue_date,
                    now,
                )
                .due,
            document,
            mode: original.mode,
            evidence: evidence.to_string(),
            source: Some(file.source.clone()),
        };
        Ok(self.queue().correct(&rejected_id, &new, now)?.entry)
    }
}

/// Whether KSeF takes corrections of this invoice at all.
fn permitted(original: &Entry) -> Result<(), DeskError> {
    if original.status != InvoiceStatus::Error {
        return Err(DeskError::WrongStatus(original.status.name()));
    }
    if original.mode.offline().is_none() || !original.is_sendable() {
        return Err(CorrectionFault::NotOffline.into());
    }
    let code = original.rejection().map_or(0, |status| status.code);
    if !TECHNICAL.contains(&code) {
        return Err(CorrectionFault::NotTechnical(code).into());
    }
    Ok(())
}

/// What has to be the same in both. The number may change only when it is taken, and must then.
fn same_content(original: &Entry, new: &InvoiceFacts) -> Result<(), CorrectionFault> {
    let old = &original.facts;
    let number_taken = original
        .rejection()
        .is_some_and(|status| status.code == NUMBER_TAKEN);
    for (field, same) in [
        ("P_2", old.number == new.number || number_taken),
        ("Podmiot1/NIP", old.seller == new.seller),
        ("RodzajFaktury", old.kind == new.kind),
        ("P_1", old.issue_date == new.issue_date),
        ("Podmiot2", old.buyer.identifier == new.buyer.identifier),
        ("P_15", old.gross == new.gross),
        ("KodWaluty", old.currency == new.currency),
    ] {
        if !same {
            return Err(CorrectionFault::OtherContent(field));
        }
    }
    if number_taken && old.number == new.number {
        return Err(CorrectionFault::NumberStillTaken);
    }
    Ok(())
}
