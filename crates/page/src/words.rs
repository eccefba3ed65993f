//! The language of a page, and the words for what the desk calls by stable names.

use ksef_offline::core::{Bilingual, Language};

/// Speaks one of the two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Language);

impl Words {
    /// One of two texts.
    pub(crate) fn say<'a>(self, pl: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Pl => pl,
            Language::En => en,
        }
    }

    /// A text of the library in the language.
    pub(crate) fn text(self, text: &Bilingual) -> &str {
        text.text(self.0)
    }

    /// The code of the language, as `lang` carries it.
    pub(crate) fn code(self) -> &'static str {
        match self.0 {
            Language::Pl => "pl",
            Language::En => "en",
        }
    }

    pub(crate) fn status(self, status: &str) -> &'static str {
        let (pl, en) = match status {
            "pending" => ("Oczekuje na podpis", "Pending"),
            "signed" => ("Podpisana", "Signed"),
            "processing" => ("W przetwarzaniu", "Processing"),
            "sent" => ("Wysłana", "Sent"),
            "error" => ("Błąd", "Error"),
            _ => ("–", "–"),
        };
        self.pick(pl, en)
    }

    pub(crate) fn mode(self, mode: &str) -> &'static str {
        let (pl, en) = match mode {
            "online" => ("online", "online"),
            "offline24" => ("offline24", "offline24"),
            "unavailability" => ("niedostępność KSeF", "KSeF unavailability"),
            "emergency" => ("awaryjny", "emergency"),
            "total-failure" => ("awaria całkowita", "total failure"),
            _ => ("nieznany", "unknown"),
        };
        self.pick(pl, en)
    }

    /// What happened to an invoice, by the name in its history.
    pub(crate) fn event(self, event: &str) -> &'static str {
        let (pl, en) = match event {
            "issue-unsigned" => ("Wystawiona bez podpisu", "Issued, not signed yet"),
            "issue-signed" => ("Wystawiona i podpisana", "Issued and signed"),
            "sign" => ("Podpisana", "Signed"),
            "claim" => ("Przekazana do sesji", "Given to a session"),
            "accept" => ("Przyjęta przez KSeF", "Accepted by KSeF"),
            "reject" => ("Odrzucona przez KSeF", "Rejected by KSeF"),
            "release" => ("Wróciła do wysłania", "Back to be sent"),
            "correct" => ("Skorygowana technicznie", "Corrected technically"),
            "replace" => ("Zastąpiona", "Replaced"),
            "give-up" => ("Zaniechana", "Given up"),
            "delete" => ("Usunięta", "Deleted"),
            "deadline-moved" => ("Zmiana terminu", "Deadline moved"),
            "receipt-stored" => ("Pobrano UPO", "Receipt (UPO) stored"),
            "expired" => (
                "Usunięta po okresie przechowywania",
                "Removed after its retention",
            ),
            _ => ("Inne zdarzenie", "Another event"),
        };
        self.pick(pl, en)
    }

    /// The cause of a change: a word and a value.
    pub(crate) fn cause(self, cause: &str) -> String {
        let (word, value) = cause.split_once(' ').unwrap_or((cause, ""));
        let (pl, en) = match word {
            "session" => ("sesja", "session"),
            "certificate" => ("certyfikat", "certificate"),
            "status" => ("status KSeF", "KSeF status"),
            "issued" => ("wystawiona", "issued"),
            "online" | "offline24" | "unavailability" | "emergency" | "total-failure"
                if value.is_empty() =>
            {
                return format!("{} {}", self.say("tryb", "mode"), self.mode(word));
            }
            _ => return cause.to_owned(),
        };
        format!("{} {value}", self.pick(pl, en))
    }

    pub(crate) fn session_state(self, state: &str) -> &'static str {
        let (pl, en) = match state {
            "opened" => ("otwarta", "opened"),
            "uploading" => ("wysyłanie", "uploading"),
            "closed" => ("zamknięta, KSeF przetwarza", "closed, KSeF is at work"),
            "completed" => ("zakończona", "completed"),
            "failed" => ("nieudana", "failed"),
            "abandoned" => ("porzucona", "abandoned"),
            _ => ("–", "–"),
        };
        self.pick(pl, en)
    }

    pub(crate) fn outage(self, category: &str) -> &'static str {
        let (pl, en) = match category {
            "FAILURE" => ("Awaria", "Failure"),
            "TOTAL_FAILURE" => ("Awaria całkowita", "Total failure"),
            "MAINTENANCE" => (
                "Niedostępność (prace serwisowe)",
                "Unavailability (maintenance)",
            ),
            _ => ("Nieznany rodzaj", "Unknown kind"),
        };
        self.pick(pl, en)
    }

    /// The word of Latarnia.
    pub(crate) fn latarnia(self, word: &str) -> &'static str {
        let (pl, en) = match word {
            "AVAILABLE" => ("KSeF dostępny", "KSeF available"),
            "MAINTENANCE" => ("niedostępność KSeF", "KSeF unavailable"),
            "FAILURE" => ("awaria KSeF", "KSeF failure"),
            "TOTAL_FAILURE" => ("awaria całkowita KSeF", "total failure of KSeF"),
            "unreachable" => ("nie odpowiada", "no answer"),
            _ => ("nieznany stan", "unknown state"),
        };
        self.pick(pl, en)
    }

    /// A number with its noun: one form in English for one and one for the others, three in Polish.
    pub(crate) fn count(self, n: u64, noun: &Noun) -> String {
        let word = match self.0 {
            Language::En if n == 1 => noun.en.0,
            Language::En => noun.en.1,
            Language::Pl => match (n, n % 10, n % 100) {
                (1, ..) => noun.pl.0,
                (_, _, 12..=14) => noun.pl.2,
                (_, 2..=4, _) => noun.pl.1,
                _ => noun.pl.2,
            },
        };
        format!("{n} {word}")
    }

    fn pick(self, pl: &'static str, en: &'static str) -> &'static str {
        match self.0 {
            Language::Pl => pl,
            Language::En => en,
        }
    }
}

/// A noun in its numbers: Polish for 1, 2 and 5, English for 1 and 2.
pub(crate) struct Noun {
    pl: (&'static str, &'static str, &'static str),
    en: (&'static str, &'static str),
}

pub(crate) const INVOICES: Noun = Noun {
    pl: ("faktura", "faktury", "faktur"),
    en: ("invoice", "invoices"),
};
/// In the accusative: "send one invoice".
pub(crate) const INVOICES_SENT: Noun = Noun {
    pl: ("fakturę", "faktury", "faktur"),
    en: ("invoice", "invoices"),
};
pub(crate) const CORRECTIONS_SENT: Noun = Noun {
    pl: (
        "korektę techniczną",
        "korekty techniczne",
        "korekt technicznych",
    ),
    en: ("technical correction", "technical corrections"),
};
pub(crate) const DAYS: Noun = Noun {
    pl: ("dzień", "dni", "dni"),
    en: ("day", "days"),
};
pub(crate) const FILES: Noun = Noun {
    pl: ("plik", "pliki", "plików"),
    en: ("file", "files"),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polish_has_three_numbers_and_english_two() {
        let pl = |n| Words(Language::Pl).count(n, &INVOICES);
        assert_eq!(pl(1), "1 faktura");
        assert_eq!(pl(2), "2 faktury");
        assert_eq!(pl(5), "5 faktur");
        assert_eq!(pl(12), "12 faktur");
        assert_eq!(pl(21), "21 faktur");
        assert_eq!(pl(22), "22 faktury");
        assert_eq!(pl(112), "112 faktur");
        assert_eq!(pl(0), "0 faktur");
        let en = |n| Words(Language::En).count(n, &INVOICES);
        assert_eq!((en(1), en(0)), ("1 invoice".into(), "0 invoices".into()));
    }

    #[test]
    fn causes_are_told_in_words_and_unknown_ones_as_they_are() {
        let words = Words(Language::Pl);
        assert_eq!(words.cause("session X-1"), "sesja X-1");
        assert_eq!(words.cause("emergency"), "tryb awaryjny");
        assert_eq!(words.cause("2026-11-30"), "2026-11-30");
    }
}
