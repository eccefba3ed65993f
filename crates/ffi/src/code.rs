//! Links of QR codes.

use jiff::civil::Date;
use ksef_offline::core::code::CodeOne;
use ksef_offline::core::environment::Environment;
use ksef_offline::core::identifier::{InvoiceHash, Nip};

use crate::error::KsefOfflineError;

/// The link of CODE I of the invoice with exactly these bytes.
///
/// `environment` is `test`, `demo` or `production`; `issue_date` is `P_1` of the invoice, never today's date. Only the
/// bytes are hashed: whether they are an invoice of this seller and this day is not looked at.
///
/// # Errors
/// `environment-unknown`, `date-malformed`, and the codes of a malformed NIP.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn code_one_link(
    environment: String,
    seller_nip: String,
    issue_date: String,
    invoice: Vec<u8>,
) -> Result<String, KsefOfflineError> {
    let environment = official(&environment)?;
    let seller = Nip::parse(&seller_nip)?;
    let issued = parse_date(&issue_date)?;
    let hash = InvoiceHash::of(&invoice);
    Ok(CodeOne::from_parts(&environment, seller, issued, &hash)
        .url()
        .to_owned())
}

fn official(name: &str) -> Result<Environment, KsefOfflineError> {
    [
        Environment::test(),
        Environment::demo(),
        Environment::production(),
    ]
    .into_iter()
    .find(|environment| environment.kind().name() == name)
    .ok_or_else(|| {
        KsefOfflineError::argument(
            "environment-unknown",
            "środowisko to test, demo albo production",
            "an environment is test, demo or production",
        )
    })
}

/// `YYYY-MM-DD` and nothing else: a time or a zone behind the day would hide a mistake.
pub(crate) fn parse_date(text: &str) -> Result<Date, KsefOfflineError> {
    Date::strptime("%Y-%m-%d", text)
        .ok()
        .filter(|date| date.to_string() == text)
        .ok_or_else(|| {
            KsefOfflineError::argument(
                "date-malformed",
                "data ma postać RRRR-MM-DD",
                "a date has the form YYYY-MM-DD",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(environment: &str, nip: &str, date: &str) -> Result<String, KsefOfflineError> {
        code_one_link(environment.into(), nip.into(), date.into(), b"abc".to_vec())
    }

    fn code(error: KsefOfflineError) -> String {
        let KsefOfflineError::Refused { code, .. } = error;
        code
    }

    #[test]
    fn the_link_names_seller_day_and_hash() {
        // SHA-256 of "abc" from FIPS 180-2, as Base64URL.
        assert_eq!(
            link("test", "1111111111", "2026-02-01").unwrap(),
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
    }

    #[test]
    fn an_argument_of_the_wrong_form_is_refused_with_its_own_code() {
        let refused = |environment, nip, date| code(link(environment, nip, date).unwrap_err());
        assert_eq!(
            refused("Test", "1111111111", "2026-02-01"),
            "environment-unknown"
        );
        for date in [
            "2026-2-1",
            "01-02-2026",
            "2026-02-30",
            "2026-02-01T00:00",
            "",
        ] {
            assert_eq!(
                refused("test", "1111111111", date),
                "date-malformed",
                "{date}"
            );
        }
        assert_eq!(
            refused("test", "111111111", "2026-02-01"),
            Nip::parse("111111111")
                .map_err(|error| code(error.into()))
                .unwrap_err()
        );
    }
}
