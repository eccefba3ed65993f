//! Until when an offline invoice has to reach KSeF.

use jiff::Timestamp;
use ksef_offline::core::deadline::{
    AfterDue, Deadline as Judged, MessageList, OfflineMode, Policy, Timeline, deadline as judge,
};

use crate::code::parse_date;
use crate::error::KsefOfflineError;

/// Until when an invoice has to reach KSeF, and why.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Deadline {
    /// `due`, `open` (no last day is known yet), `lifted` (a total failure came) or `not-required`.
    pub state: String,
    /// The last day in Warsaw, `YYYY-MM-DD`; there is one exactly when the state is `due`.
    pub due: Option<String>,
    /// The article of the VAT Act that rules the mode, for example `art. 106nda`.
    pub basis: String,
    /// Which outages and days were counted, in Polish.
    pub explanation_polish: String,
    /// The same in English.
    pub explanation_english: String,
    /// Whether an invoice that missed its last day is still sent: by law yes, by the policy `seven-days` no.
    pub sent_after_due: bool,
}

/// The deadline of an invoice issued offline on the day `issued`, as far as it is known at this moment.
///
/// `mode` is `offline24`, `unavailability`, `emergency` or `total-failure`; `policy` is `statutory` (where absent) or
/// `seven-days`. `outages_json` is the JSON array that Latarnia answers to `GET /messages`, absent where nothing was
/// announced.
///
/// # Errors
/// `mode-unknown`, `policy-unknown`, `date-malformed`, `outages-malformed`.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn deadline(
    mode: String,
    issued: String,
    outages_json: Option<String>,
    policy: Option<String>,
) -> Result<Deadline, KsefOfflineError> {
    let mode = OfflineMode::from_name(&mode).ok_or_else(|| {
        KsefOfflineError::argument(
            "mode-unknown",
            "tryb to offline24, unavailability, emergency albo total-failure",
            "a mode is offline24, unavailability, emergency or total-failure",
        )
    })?;
    let policy = match policy {
        Some(name) => Policy::from_name(&name).ok_or_else(|| {
            KsefOfflineError::argument(
                "policy-unknown",
                "zasada to statutory albo seven-days",
                "a policy is statutory or seven-days",
            )
        })?,
        None => Policy::default(),
    };
    let issued = parse_date(&issued)?;
    let timeline = timeline(outages_json.as_deref())?;
    Ok(judge(mode, issued, &timeline, &policy, Timestamp::now()).into())
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
            state: judged.state.name().to_owned(),
            due: judged.due.map(|due| due.to_string()),
            basis: judged.basis.to_owned(),
            explanation_polish: judged.explanation.pl.into_owned(),
            explanation_english: judged.explanation.en.into_owned(),
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
        mode: &str,
        issued: &str,
        outages: Option<&str>,
        policy: Option<&str>,
    ) -> Result<Deadline, KsefOfflineError> {
        deadline(
            mode.into(),
            issued.into(),
            outages.map(Into::into),
            policy.map(Into::into),
        )
    }

    #[test]
    fn the_ministrys_example_is_due_on_the_seventh_business_day() {
        let answer = ask("emergency", "2025-07-11", Some(FAILURE), None).unwrap();
        assert_eq!(answer.state, "due");
        assert_eq!(answer.due.as_deref(), Some("2025-07-22"));
        assert_eq!(answer.basis, "art. 106nf");
        assert!(answer.sent_after_due);
    }

    #[test]
    fn a_policy_can_be_stricter_than_the_law() {
        let answer = ask("offline24", "2026-01-02", None, Some("seven-days")).unwrap();
        assert_eq!(answer.due.as_deref(), Some("2026-01-09"));
        assert!(!answer.sent_after_due);
    }

    #[test]
    fn what_has_no_last_day_says_so() {
        assert_eq!(
            ask("total-failure", "2026-01-02", None, None)
                .unwrap()
                .state,
            "not-required"
        );
        let open = ask("emergency", "2026-01-02", None, None).unwrap();
        assert_eq!((open.state.as_str(), open.due), ("open", None));
    }

    #[test]
    fn an_argument_outside_its_set_is_refused_with_its_own_code() {
        let refused = |mode, issued, outages, policy| {
            let KsefOfflineError::Refused { code, .. } =
                ask(mode, issued, outages, policy).unwrap_err();
            code
        };
        assert_eq!(refused("online", "2026-01-02", None, None), "mode-unknown");
        assert_eq!(
            refused("offline24", "2026-1-2", None, None),
            "date-malformed"
        );
        assert_eq!(
            refused("offline24", "2026-01-02", None, Some("lenient")),
            "policy-unknown"
        );
        assert_eq!(
            refused("offline24", "2026-01-02", Some("{}"), None),
            "outages-malformed"
        );
    }
}
