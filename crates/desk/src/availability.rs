//! Is KSeF there, and if not, why: the evidence that the mode of an invoice rests on.

use jiff::Timestamp;
use ksef_offline_core::Bilingual;
use ksef_offline_core::deadline::{
    Decision, Evidence, IssueMode, LatarniaAnswer, LatarniaMessage, OfflineMode, Reachability,
    decide,
};
use serde::Serialize;

use crate::certificate_status::OfflineCertificateView;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::view::FaultView;

/// What KSeF and Latarnia answered, and the mode that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Availability {
    /// When they were asked.
    pub at: Timestamp,
    /// Whether KSeF answers.
    pub ksef: Reachability,
    /// What Latarnia said of it.
    pub latarnia: LatarniaAnswer,
    /// What Latarnia announces now.
    pub messages: Vec<LatarniaMessage>,
    /// The mode and why.
    pub decision: Decision,
    /// Whether a fit Offline certificate is at hand.
    pub can_issue_offline: bool,
    /// That certificate, or why there is none.
    pub certificate: Result<OfflineCertificateView, FaultView>,
}

/// The same as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AvailabilityView {
    /// `reachable` or `unreachable`.
    pub ksef: &'static str,
    /// The word of Latarnia, or `unreachable`.
    pub latarnia: String,
    /// The mode an invoice would be issued in now.
    pub mode: &'static str,
    /// Why that mode.
    pub reason: Bilingual,
    /// Whether a fit Offline certificate is at hand.
    pub can_issue_offline: bool,
    /// The Offline certificate, where a fit one is at hand: when it expires and what KSeF was last seen to say of it.
    pub offline_certificate: Option<OfflineCertificateView>,
    /// Why there is none.
    pub offline_certificate_fault: Option<FaultView>,
    /// One line for a red box when KSeF cannot be reached; `None` when all is well.
    pub banner: Option<Bilingual>,
    /// What Latarnia announces now.
    pub messages: Vec<LatarniaMessage>,
}

impl Availability {
    /// Plain data for output.
    pub fn view(&self) -> AvailabilityView {
        AvailabilityView {
            ksef: match self.ksef {
                Reachability::Reachable => "reachable",
                Reachability::Unreachable => "unreachable",
            },
            latarnia: match &self.latarnia {
                LatarniaAnswer::Status(status) => status.name().to_owned(),
                LatarniaAnswer::Silent => "unreachable".to_owned(),
            },
            mode: self.decision.mode.name(),
            reason: self.decision.reason.clone(),
            can_issue_offline: self.can_issue_offline,
            offline_certificate: self.certificate.clone().ok(),
            offline_certificate_fault: self.certificate.clone().err(),
            banner: self.banner(),
            messages: self.messages.clone(),
        }
    }

    /// The evidence as it is kept with every invoice issued on it.
    pub(crate) fn evidence(&self) -> String {
        let view = self.view();
        serde_json::json!({
            "at": self.at.to_string(),
            "ksef": view.ksef,
            "latarnia": view.latarnia,
            "mode": view.mode,
            "reason": view.reason,
            "messages": self.messages.iter().map(|message| &message.id).collect::<Vec<_>>(),
        })
        .to_string()
    }

    fn banner(&self) -> Option<Bilingual> {
        let IssueMode::Offline(mode) = self.decision.mode else {
            return None;
        };
        let (mode_pl, mode_en) = match mode {
            OfflineMode::Offline24 => ("offline24", "offline24"),
            OfflineMode::Unavailability => ("niedostępności KSeF", "unavailability"),
            OfflineMode::Emergency => ("awaryjnym", "emergency"),
            OfflineMode::TotalFailure => ("awarii całkowitej", "total failure"),
        };
        Some(if self.can_issue_offline {
            Bilingual::new(
                format!("Brak połączenia z KSeF. Faktury można wystawiać w trybie {mode_pl}."),
                format!("KSeF cannot be reached. Invoices can be issued in {mode_en} mode."),
            )
        } else {
            Bilingual::new(
                "Brak połączenia z KSeF, a certyfikatu Offline nie ma lub nie nadaje się do użycia.",
                "KSeF cannot be reached, and there is no usable Offline certificate.",
            )
        })
    }
}

impl Desk {
    /// [`Self::availability`], with the status of the Offline certificate asked for anew where KSeF answers.
    ///
    /// # Errors
    /// The queue's errors.
    pub async fn check(&self) -> Result<Availability, DeskError> {
        self.look_at_certificate().await?;
        self.availability().await
    }

    /// Asks KSeF whether it answers and, where it does not, Latarnia for the reason. What Latarnia announces is kept.
    /// No answer from either is never an error: it is the finding.
    ///
    /// # Errors
    /// The queue's errors.
    pub async fn availability(&self) -> Result<Availability, DeskError> {
        let client = self.anonymous_client()?;
        let ksef = match client.probe().await {
            Ok(()) => Reachability::Reachable,
            Err(_) => Reachability::Unreachable,
        };
        let (latarnia, messages) = self.ask_latarnia(&client).await?;
        let at = self.now();
        let decision = decide(&Evidence {
            ksef,
            latarnia: latarnia.clone(),
            timeline: &self.timeline()?,
            now: at,
        });
        let certificate = self
            .offline_certificate()
            .map(|certificate| OfflineCertificateView::of(&certificate, at))
            .map_err(|error| FaultView::of(&error));
        Ok(Availability {
            at,
            ksef,
            latarnia,
            messages,
            decision,
            can_issue_offline: certificate.is_ok(),
            certificate,
        })
    }

    /// What Latarnia says now; its messages join the timeline, which moves deadlines where they change anything.
    pub(crate) async fn ask_latarnia(
        &self,
        client: &ksef_offline_client::KsefClient,
    ) -> Result<(LatarniaAnswer, Vec<LatarniaMessage>), DeskError> {
        let Ok(report) = client.latarnia().await else {
            return Ok((LatarniaAnswer::Silent, Vec::new()));
        };
        let mut messages = client.latarnia_messages().await.unwrap_or_default();
        for message in report.messages {
            if !messages.contains(&message) {
                messages.push(message);
            }
        }
        self.remember(&messages)?;
        Ok((LatarniaAnswer::Status(report.status), messages))
    }
}
