//! How days and outages are spelt in explanations, in Polish and in English.

use jiff::civil::{Date, Weekday};

use super::message::Category;
use crate::diagnostic::Bilingual;

/// `Saturday 2025-07-12` · `sobota 2025-07-12`.
pub(super) fn day(date: Date) -> Bilingual {
    let (pl, _, en) = weekday(date);
    Bilingual::new(format!("{pl} {date}"), format!("{en} {date}"))
}

/// `on Saturday 2025-07-12` · `w sobotę 2025-07-12`.
pub(super) fn on_day(date: Date) -> Bilingual {
    let (_, pl, en) = weekday(date);
    Bilingual::new(format!("{pl} {date}"), format!("on {en} {date}"))
}

/// The Polish nominative, the Polish "on …" and the English name.
fn weekday(date: Date) -> (&'static str, &'static str, &'static str) {
    match date.weekday() {
        Weekday::Monday => ("poniedziałek", "w poniedziałek", "Monday"),
        Weekday::Tuesday => ("wtorek", "we wtorek", "Tuesday"),
        Weekday::Wednesday => ("środa", "w środę", "Wednesday"),
        Weekday::Thursday => ("czwartek", "w czwartek", "Thursday"),
        Weekday::Friday => ("piątek", "w piątek", "Friday"),
        Weekday::Saturday => ("sobota", "w sobotę", "Saturday"),
        Weekday::Sunday => ("niedziela", "w niedzielę", "Sunday"),
    }
}

/// The kind of an outage at the start of a sentence. All Polish names are feminine, so verbs agree with each of them.
pub(super) fn category(category: &Category) -> Bilingual {
    match category {
        Category::Failure => Bilingual::new("Awaria", "Failure"),
        Category::TotalFailure => Bilingual::new("Awaria całkowita", "Total failure"),
        Category::Maintenance => Bilingual::new("Niedostępność", "Unavailability"),
        Category::Other(_) => {
            Bilingual::new("Przerwa nieznanego rodzaju", "Outage of an unknown kind")
        }
    }
}

/// Sentences that are told one after the other in both languages.
#[derive(Default)]
pub(super) struct Story {
    pl: String,
    en: String,
}

impl Story {
    pub(super) fn tell(&mut self, pl: &str, en: &str) {
        for (text, sentence) in [(&mut self.pl, pl), (&mut self.en, en)] {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(sentence);
        }
    }

    pub(super) fn end(self) -> Bilingual {
        Bilingual::new(self.pl, self.en)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn polish_weekdays_stand_in_the_right_case() {
        assert_eq!(on_day(date(2025, 7, 12)).pl, "w sobotę 2025-07-12");
        assert_eq!(on_day(date(2025, 7, 22)).pl, "we wtorek 2025-07-22");
        assert_eq!(day(date(2025, 7, 22)).pl, "wtorek 2025-07-22");
        assert_eq!(on_day(date(2025, 7, 13)).en, "on Sunday 2025-07-13");
    }
}
