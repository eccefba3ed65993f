//! Is KSeF there, and if not, why: the evidence that the mode of an invoice rests on.

use jiff::Timestamp;
use ksef_offline_client::{KsefClient, Observation};
use ksef_offline_core::Bilingual;
use ksef_offline_core::deadline::{
    Category, Decision, Evidence, IssueMode, LatarniaAnswer, LatarniaMessage, MessageList,
    OfflineCause, OfflineMode, Outage, Reachability, UnreadableMessage, decide,
};
use serde::Serialize;

use crate::certificate_status::OfflineCertificateView;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::evidence::{EvidenceView, reachability, word};
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
    pub messages: MessageList,
    /// Outages that go on or are to come, by all that was ever announced.
    pub outages: Vec<Outage>,
    /// The mode and why.
    pub decision: Decision,
    /// Whether a fit Offline certificate is at hand.
    pub can_issue_offline: bool,
    /// That certificate, or why there is none.
    pub certificate: Result<OfflineCertificateView, FaultView>,
    /// What keeps the configured login from being tried, where that was looked at: [`Desk::check`].
    pub authentication_fault: Option<FaultView>,
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
    /// What keeps KSeF away: `announced`, `unannounced` or `own-network`; `None` while it answers.
    pub cause: Option<&'static str>,
    /// Whether a fit Offline certificate is at hand.
    pub can_issue_offline: bool,
    /// The Offline certificate, where a fit one is at hand: when it expires and what KSeF was last seen to say of it.
    pub offline_certificate: Option<OfflineCertificateView>,
    /// Why there is none.
    pub offline_certificate_fault: Option<FaultView>,
    /// What keeps the configured login from being tried: a missing file, a certificate that is not for logging in.
    pub authentication_fault: Option<FaultView>,
    /// One line for a red box when KSeF cannot be reached; `None` when all is well.
    pub banner: Option<Bilingual>,
    /// What Latarnia announces now.
    pub messages: Vec<LatarniaMessage>,
    /// Outages that go on or are to come, by all that was ever announced.
    pub outages: Vec<OutageView>,
    /// Numbers of the messages among them whose type or category this version does not know: they move no deadline.
    pub unrecognised: Vec<String>,
    /// Messages of Latarnia that could not be read. Somebody should look at them: one may announce an outage.
    pub unreadable: Vec<UnreadableMessage>,
}

/// An outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OutageView {
    /// Latarnia's number of the event.
    pub event_id: i64,
    /// The numbers of its messages.
    pub name: String,
    /// `FAILURE`, `TOTAL_FAILURE`, `MAINTENANCE`, or a word this version does not know.
    pub category: String,
    /// Its start, RFC 3339.
    pub start: String,
    /// Its end, if announced, RFC 3339.
    pub end: Option<String>,
    /// Whether it goes on now, as far as is known.
    pub running: bool,
    /// Whether it has ended.
    pub over: bool,
    /// Whether Latarnia no longer shows it, though no end of it was seen. It may be over; nobody has said so.
    pub withdrawn: bool,
}

impl OutageView {
    pub(crate) fn of(outage: &Outage, now: Timestamp) -> Self {
        Self {
            event_id: outage.event_id,
            name: outage.name(),
            category: outage.category.name().to_owned(),
            start: outage.start.to_string(),
            end: outage.end.map(|end| end.to_string()),
            running: outage.is_running(now),
            over: outage.end.is_some_and(|end| end <= now),
            withdrawn: outage.is_withdrawn,
        }
    }
}

impl Availability {
    /// Plain data for output.
    pub fn view(&self) -> AvailabilityView {
        AvailabilityView {
            ksef: reachability(self.ksef),
            latarnia: word(&self.latarnia),
            mode: self.decision.mode.name(),
            reason: self.decision.reason.clone(),
            cause: self.decision.cause.map(OfflineCause::name),
            can_issue_offline: self.can_issue_offline,
            offline_certificate: self.certificate.clone().ok(),
            offline_certificate_fault: self.certificate.clone().err(),
            authentication_fault: self.authentication_fault.clone(),
            banner: self.banner(),
            messages: self.messages.messages.clone(),
            outages: self
                .outages
                .iter()
                .map(|outage| OutageView::of(outage, self.at))
                .collect(),
            unrecognised: self
                .messages
                .messages
                .iter()
                .filter(|message| !message.is_recognised())
                .map(|message| message.id.clone())
                .collect(),
            unreadable: self.messages.unreadable.clone(),
        }
    }

    fn banner(&self) -> Option<Bilingual> {
        let IssueMode::Offline(mode) = self.decision.mode else {
            return None;
        };
        let (why_pl, why_en) = match (self.decision.cause, self.ksef) {
            (Some(OfflineCause::OwnNetwork), _) => (
                "Brak połączenia z KSeF i z Latarnią: prawdopodobnie zawiodła własna sieć.",
                "Neither KSeF nor Latarnia can be reached: probably the own network is down.",
            ),
            (Some(OfflineCause::Unannounced), Reachability::Failing) => (
                "KSeF odpowiada błędem, a żadna ogłoszona przerwa nie jest znana.",
                "KSeF answers with an error, and no announced outage is known.",
            ),
            (Some(OfflineCause::Unannounced), _) => (
                "KSeF nie odpowiada, a żadna ogłoszona przerwa nie jest znana.",
                "KSeF cannot be reached, and no announced outage is known.",
            ),
            (Some(OfflineCause::Announced) | None, _) => (
                "KSeF jest niedostępny z ogłoszonej przyczyny.",
                "KSeF cannot be reached, for a reason that is announced.",
            ),
        };
        let (then_pl, then_en) = match mode {
            OfflineMode::TotalFailure => (
                "Faktury wystawia się w trybie awarii całkowitej: bez kodów i bez przesyłania do KSeF.",
                "Invoices are issued in total failure mode: without codes, and never sent to KSeF.",
            ),
            _ if !self.can_issue_offline => (
                "Certyfikatu Offline nie ma lub nie nadaje się do użycia.",
                "There is no usable Offline certificate.",
            ),
            OfflineMode::Offline24 => (
                "Faktury można wystawiać w trybie offline24.",
                "Invoices can be issued in offline24 mode.",
            ),
            OfflineMode::Unavailability => (
                "Faktury można wystawiać w trybie niedostępności KSeF.",
                "Invoices can be issued in unavailability mode.",
            ),
            OfflineMode::Emergency => (
                "Faktury można wystawiać w trybie awaryjnym.",
                "Invoices can be issued in emergency mode.",
            ),
        };
        Some(Bilingual::new(
            format!("{why_pl} {then_pl}"),
            format!("{why_en} {then_en}"),
        ))
    }
}

impl Desk {
    /// [`Self::availability`], with the login looked at and the status of the Offline certificate asked for anew where
    /// KSeF answers.
    ///
    /// # Errors
    /// The queue's errors.
    pub async fn check(&self) -> Result<Availability, DeskError> {
        // Once for both: a device counts the times that it is given a wrong PIN.
        let login = self.client().err().map(|error| FaultView::of(&error));
        let asked = match &login {
            Some(fault) => Some(fault.clone()),
            None => self.look_at_certificate().await?,
        };
        let mut found = self.availability().await?;
        found.authentication_fault = login;
        if let Ok(certificate) = &mut found.certificate {
            certificate.status_fault = asked;
        }
        Ok(found)
    }

    /// Asks KSeF whether it answers, and Latarnia what it announces. What it announces is kept, and moves deadlines where
    /// it changes anything. No answer from either is never an error: it is the finding.
    ///
    /// # Errors
    /// The queue's errors.
    pub async fn availability(&self) -> Result<Availability, DeskError> {
        let observation = self.anonymous_client()?.observe().await;
        self.judge_observation(observation)
    }

    /// Keeps what an observation tells and decides the mode by it and by all that was known before.
    pub(crate) fn judge_observation(
        &self,
        observation: Observation,
    ) -> Result<Availability, DeskError> {
        let Observation {
            ksef,
            latarnia,
            messages,
            is_whole,
            ..
        } = observation;
        self.remember(&messages.messages)?;
        if is_whole {
            self.remember_list(&messages)?;
        }
        let (at, timeline) = (self.now(), self.timeline()?);
        let decision = decide(&Evidence {
            ksef,
            latarnia: latarnia.clone(),
            timeline: &timeline,
            now: at,
        });
        let outages = timeline
            .outages()
            .iter()
            .filter(|outage| outage.end.is_none_or(|end| end > at))
            .cloned()
            .collect();
        let certificate = self
            .offline_certificate()
            .map(|certificate| OfflineCertificateView::of(&certificate, self.config(), at))
            .map_err(|error| FaultView::of(&error));
        Ok(Availability {
            at,
            ksef,
            latarnia,
            messages,
            outages,
            decision,
            can_issue_offline: certificate.is_ok(),
            certificate,
            authentication_fault: None,
        })
    }

    /// The mode to issue in now. KSeF is asked first, and Latarnia only for the reason: while KSeF answers, nobody waits
    /// for it.
    pub(crate) async fn find_mode(&self) -> Result<(IssueMode, EvidenceView), DeskError> {
        let client = self.anonymous_client()?;
        let ksef = client.reachability().await;
        let mut messages = MessageList::default();
        let mut latarnia = None;
        if !ksef.is_reachable() {
            let (answer, told) = client.ask_for_the_reason().await;
            self.remember(&told.messages)?;
            (latarnia, messages) = (Some(answer), told);
        }
        let at = self.now();
        let decision = decide(&Evidence {
            ksef,
            latarnia: latarnia.clone().unwrap_or(LatarniaAnswer::Silent),
            timeline: &self.timeline()?,
            now: at,
        });
        let messages = messages
            .messages
            .into_iter()
            .map(|message| message.id)
            .collect();
        let evidence = EvidenceView::found(at, ksef, latarnia.as_ref(), &decision, messages);
        Ok((decision.mode, evidence))
    }

    /// Keeps what Latarnia announces now; its messages join the timeline, which moves deadlines where they change
    /// anything. No answer from it stops nothing.
    pub(crate) async fn ask_latarnia(&self, client: &KsefClient) -> Result<(), DeskError> {
        let (_, told) = client.ask_for_the_reason().await;
        self.remember(&told.messages)
    }
}

/// Whether deadlines and modes know what to do with it.
pub(crate) fn is_known(category: &Category) -> bool {
    !matches!(category, Category::Other(_))
}
