//! Until when an offline invoice has to reach KSeF.

use jiff::Timestamp;
use ksef_offline::core::deadline::{
    AfterDue, Deadline as Judged, MessageList, Policy, Timeline, calendar, deadline as judge,
};

use crate::error::{Bilingual, KsefOfflineError};
use crate::sets::{DeadlinePolicy, DeadlineState, OfflineMode};
use crate::text::{Day, parse_day};

/// Until when an invoice has to reach KSeF, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Deadline {
    /// Whether there is a last day.
    pub state: DeadlineState,
    /// The last day in Warsaw; there is one exactly when the state is `due`.
    pub due: Option<Day>,
    /// The article of the VAT Act that rules the mode, for example `art. 106nda`.
    pub basis: String,
    /// The provisions behind this very deadline.
    pub provisions: String,
    /// Which outages and days were counted.
    pub explanation: Bilingual,
    /// Whether an invoice that missed its last day is still sent: by law yes, by the policy `seven-days` no.
    pub sent_after_due: bool,
}

/// What a deadline is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DeadlineOptions {
    /// The JSON array that Latarnia answers to `GET /messages`. None: nothing was announced.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub outages_json: Option<String>,
    /// None: `statutory`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub policy: Option<DeadlinePolicy>,
}

/// The deadline of an invoice issued offline on the day `issued`, as far as it is known at this moment.
///
/// # Errors
/// `date-malformed`, `outages-malformed`.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn deadline(
    mode: OfflineMode,
    issued: Day,
    options: DeadlineOptions,
) -> Result<Deadline, KsefOfflineError> {
    let policy = options.policy.map_or_else(Policy::default, Policy::from);
    let issued = parse_day(&issued)?;
    let timeline = timeline(options.outages_json.as_deref())?;
    Ok(judge(mode.into(), issued, &timeline, &policy, Timestamp::now()).into())
}

/// Whether a day is neither Saturday, Sunday nor a Polish public holiday.
///
/// # Errors
/// `date-malformed`.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn is_business_day(day: Day) -> Result<bool, KsefOfflineError> {
    Ok(calendar::is_business_day(parse_day(&day)?))
}

/// The first business day after a day.
///
/// # Errors
/// `date-malformed`.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn next_business_day(day: Day) -> Result<Day, KsefOfflineError> {
    Ok(calendar::next_business_day(parse_day(&day)?).to_string())
}

/// The day it is in Warsaw, by the clock of this machine: the day that counts for everything here.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn today_in_warsaw() -> Day {
    calendar::warsaw_date(Timestamp::now()).to_string()
}

fn timeline(outages_json: Option<&str>) -> Result<Timeline, KsefOfflineError> {
    let Some(json) = outages_json else {
        return Ok(Timeline::default());
    };
    let list: MessageList = serde_json::from_str(json).map_err(|_| {
        KsefOfflineError::argument(
            "outages-malformed",
            "to nie jest tablica komunikatów Latarni w formacie JSON",
            "this is no JSON array of Latarnia messages",
        )
    })?;
    Ok(list.messages.into_iter().collect())
}

impl From<Judged> for Deadline {
    fn from(judged: Judged) -> Self {
        Self {
            state: judged.state.into(),
            due: judged.due.map(|due| due.to_string()),
            basis: judged.basis.to_owned(),
            provisions: judged.provisions.to_owned(),
            explanation: judged.explanation.into(),
            sent_after_due: judged.after_due == AfterDue::StillSent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the Ministry's documentation: a failure that ends on Saturday, 2025-07-12.
    const FAILURE: &str = r#"[
        {"id":"K/2025/AWR/01","eventId":1,"category":"FAILURE","type":"FAILURE_START","start":"2025-07-10T08:00:00+02:00"},
        {"id":"K/2025/AWR/02","eventId":1,"category":"FAILURE","type":"FAILURE_END","start":"2025-07-10T08:00:00+02:00","end":"2025-07-12T18:00:00+02:00"}
    ]"#;

    fn ask(
        mode: OfflineMode,
        issued: &str,
        outages: Option<&str>,
        policy: Option<DeadlinePolicy>,
    ) -> Result<Deadline, KsefOfflineError> {
        let options = DeadlineOptions {
            outages_json: outages.map(Into::into),
            policy,
        };
        deadline(mode, issued.into(), options)
    }

    #[test]
    fn the_ministrys_example_is_due_on_the_seventh_business_day() {
        let answer = ask(OfflineMode::Emergency, "2025-07-11", Some(FAILURE), None).unwrap();
        assert_eq!(answer.state, DeadlineState::Due);
        assert_eq!(answer.due.as_deref(), Some("2025-07-22"));
        assert_eq!(answer.basis, "art. 106nf");
        assert!(answer.sent_after_due);
    }

    #[test]
    fn a_policy_can_be_stricter_than_the_law() {
        let policy = Some(DeadlinePolicy::SevenDays);
        let answer = ask(OfflineMode::Offline24, "2026-01-02", None, policy).unwrap();
        assert_eq!(answer.due.as_deref(), Some("2026-01-09"));
        assert!(!answer.sent_after_due);
    }

    #[test]
    fn what_has_no_last_day_says_so() {
        let state = |mode| ask(mode, "2026-01-02", None, None).unwrap().state;
        assert_eq!(state(OfflineMode::TotalFailure), DeadlineState::NotRequired);
        assert_eq!(state(OfflineMode::Emergency), DeadlineState::Open);
    }

    #[test]
    fn an_argument_of_the_wrong_form_is_refused_with_its_own_code() {
        let refused = |issued, outages| {
            let error = ask(OfflineMode::Offline24, issued, outages, None).unwrap_err();
            error.code().to_owned()
        };
        assert_eq!(refused("2026-1-2", None), "date-malformed");
        assert_eq!(refused("2026-01-02", Some("{}")), "outages-malformed");
    }
}
