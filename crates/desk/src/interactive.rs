//! Sending one by one: technical corrections, for which KSeF allows nothing else.

use std::time::{Duration, Instant};

use ksef_offline_client::{ClientError, KsefClient, OutgoingInvoice};
use ksef_offline_core::package::FormCode;
use ksef_offline_queue::{
    Entry, EntryId, KsefStatus, NewSession, Outcome, SessionKind, SessionState,
};

use crate::dispatch::Dispatcher;
use crate::error::DeskError;
use crate::home::document_name;
use crate::sending::Progress;

/// Corrections in one session: what the limit of a minute lets through. All of a session are claimed before the first
/// is sent, so a sender that dies holds up only these.
const IN_ONE_SESSION: usize = 30;
/// Refusals that concern the session, not the invoice: no such session, its state, its room.
const OF_THE_SESSION: [i64; 3] = [21_155, 21_173, 21_180];

impl Dispatcher<'_> {
    /// Sends corrections, the most urgent first as they are given, until `patience` is over; the rest stays Signed.
    pub(crate) async fn send_corrections(
        &mut self,
        client: &KsefClient,
        corrections: &[Entry],
        patience: Duration,
    ) -> Result<(), DeskError> {
        let start = Instant::now();
        for (place, chunk) in corrections.chunks(IN_ONE_SESSION).enumerate() {
            if place > 0 && start.elapsed() >= patience {
                tracing::info!("the time is up; the remaining corrections wait for the next run");
                return Ok(());
            }
            self.send_interactively(client, chunk).await?;
        }
        Ok(())
    }

    async fn send_interactively(
        &mut self,
        client: &KsefClient,
        entries: &[Entry],
    ) -> Result<(), DeskError> {
        let session = client.open_interactive(&FormCode::fa3()).await?;
        let names: Vec<(EntryId, String)> = entries
            .iter()
            .map(|entry| (entry.id.clone(), document_name(&entry.id)))
            .collect();
        let (queue, reference) = (self.desk.queue().clone(), session.reference().clone());
        queue.begin_session(
            &self.right.lease(),
            &NewSession {
                reference: reference.clone(),
                kind: SessionKind::Interactive,
                offline: true,
                parts: 0,
                secrets: None,
                invoices: names,
            },
            self.desk.now(),
        )?;
        self.took(&reference, entries);
        for (done, entry) in entries.iter().enumerate() {
            (self.progress)(Progress::Correcting {
                done,
                invoices: entries.len(),
            });
            let bytes = queue.document(&entry.id)?;
            let sent = session
                .send(&OutgoingInvoice {
                    bytes: &bytes,
                    offline: true,
                    corrects: entry.corrects.as_ref().map(|corrects| corrects.hash),
                })
                .await;
            match sent {
                Ok(number) => queue.invoice_uploaded(
                    &self.right.lease(),
                    &reference,
                    &entry.id,
                    &number,
                    self.desk.now(),
                )?,
                Err(ClientError::Ksef(refusal))
                    if refusal.status < 500
                        && refusal
                            .code()
                            .is_some_and(|code| !OF_THE_SESSION.contains(&code)) =>
                {
                    let status = KsefStatus {
                        code: refusal
                            .code()
                            .and_then(|code| i32::try_from(code).ok())
                            .unwrap_or(i32::MAX),
                        description: refusal.description().unwrap_or_default().to_owned(),
                        details: refusal
                            .errors
                            .iter()
                            .flat_map(|error| error.details.clone())
                            .collect(),
                    };
                    let outcome = (entry.id.clone(), Outcome::Rejected(status));
                    self.settle(&reference, &[outcome], SessionState::Uploading, None)?;
                }
                // What was not sent is found missing when the session has ended, and waits again.
                Err(error) => return Err(error.into()),
            }
        }
        client.close_interactive(&reference).await?;
        self.advance(&reference, SessionState::Closed)
    }
}
