//! What the names and values of FA(3) are called, and where they belong. Schema names stand in this folder only.

mod countries;
mod labels;
mod meanings;
pub(crate) mod plan;

use std::borrow::Cow;

use ksef_offline_core::Language;
use ksef_offline_core::invoice::InvoiceKind;

use crate::page::text::{Text, pick};
use labels::LABELS;

/// The label of an element; an unknown name is written as words.
pub(crate) fn label(name: &str, language: Language) -> Cow<'static, str> {
    element_label(name, language).map_or_else(|| Cow::Owned(humanised(name)), Cow::Borrowed)
}

/// What an element of FA(3) is called, by its name in the schema such as `P_13_1`: the words of the preview. `None` for a name
/// this version does not know.
pub fn element_label(name: &str, language: Language) -> Option<&'static str> {
    let place = LABELS.binary_search_by_key(&name, |(name, ..)| name).ok()?;
    let (_, pl, en) = LABELS[place];
    Some(pick(language, pl, en))
}

/// The value of an element as a person reads it.
pub(crate) fn value(name: &str, value: &str, language: Language) -> Text {
    if name == plan::KIND {
        let kind = InvoiceKind::from_code(value);
        return match kind {
            Some(kind) => Text::coded(format!("{} ({value})", kind_title(kind, language)), value),
            None => Text::plain(value),
        };
    }
    if is_rate(name) && value.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !value.is_empty()
    {
        return Text::coded(format!("{}%", Text::number(value, language).shown), value);
    }
    if let Some((pl, en)) = meanings::meaning(name, value) {
        return Text::coded(pick(language, pl, en), value);
    }
    if let Some((pl, en)) = meanings::explanation(name, value) {
        return Text::coded(format!("{value} – {}", pick(language, pl, en)), value);
    }
    if is_country(name) {
        return match meanings::country(value) {
            Some((pl, en)) => Text::coded(format!("{} ({value})", pick(language, pl, en)), value),
            None => Text::plain(value),
        };
    }
    match (is_marker(name), value) {
        (true, "1") => return Text::coded(pick(language, "tak", "yes"), value),
        (true, "2") => return Text::coded(pick(language, "nie", "no"), value),
        _ => {}
    }
    if is_number(name) {
        Text::number(value, language)
    } else if is_date(name) {
        Text::date(value, language)
    } else if name == "NrRB" {
        Text::account(value)
    } else {
        Text::plain(value)
    }
}

/// Whether the element says by this value that something does not apply.
pub(crate) fn is_denial(name: &str, value: &str) -> bool {
    match name {
        "P_19N" | "P_22N" | "P_PMarzyN" => value == "1",
        // Said of the buyer, and read as an answer.
        "JST" | "GV" => false,
        _ => value == "2" && is_marker(name),
    }
}

/// Whether the element only announces that another follows, whose label says as much.
pub(crate) fn is_announcement(name: &str, follows: &str) -> bool {
    matches!(
        (name, follows),
        ("RolaInna", "OpisRoli")
            | ("PlatnoscInna", "OpisPlatnosci")
            | ("TransportInny", "OpisInnegoTransportu")
            | ("LadunekInny", "OpisInnegoLadunku")
            | ("NrKSeF", "NrKSeFFaKorygowanej")
            | (
                "P_PMarzy",
                "P_PMarzy_2" | "P_PMarzy_3_1" | "P_PMarzy_3_2" | "P_PMarzy_3_3"
            )
    )
}

/// Whether the values of an element are amounts of money, prices or quantities.
pub(crate) fn is_number(name: &str) -> bool {
    name.starts_with("P_13_")
        || name.starts_with("P_14_")
        || name.starts_with("P_15")
        || name.starts_with("P_11")
        || name.starts_with("P_8B")
        || name.starts_with("P_9")
        || name.starts_with("Kwota")
        || name.starts_with("KursW")
        || matches!(
            name,
            "P_10"
                | "SumaObciazen"
                | "SumaOdliczen"
                | "DoZaplaty"
                | "DoRozliczenia"
                | "WartoscZamowienia"
                | "KursUmowny"
        )
}

/// The title of an invoice of this kind.
pub(crate) fn kind_title(kind: InvoiceKind, language: Language) -> &'static str {
    let (pl, en) = match kind {
        InvoiceKind::Vat => ("Faktura", "Invoice"),
        InvoiceKind::Correction => ("Faktura korygująca", "Correcting invoice"),
        InvoiceKind::Advance => ("Faktura zaliczkowa", "Advance invoice"),
        InvoiceKind::Settlement => ("Faktura rozliczeniowa", "Settlement invoice"),
        InvoiceKind::Simplified => ("Faktura uproszczona", "Simplified invoice"),
        InvoiceKind::AdvanceCorrection => (
            "Faktura korygująca zaliczkową",
            "Correction of an advance invoice",
        ),
        InvoiceKind::SettlementCorrection => (
            "Faktura korygująca rozliczeniową",
            "Correction of a settlement invoice",
        ),
    };
    pick(language, pl, en)
}

fn is_rate(name: &str) -> bool {
    matches!(name, "P_12" | "P_12Z" | "P_12_XII" | "P_12Z_XII" | "Udzial")
}

fn is_country(name: &str) -> bool {
    matches!(name, "KodKraju" | "KodUE" | "PrefiksPodatnika")
}

fn is_date(name: &str) -> bool {
    name.starts_with("Data")
        || matches!(
            name,
            "P_1" | "P_6" | "P_6A" | "P_6Z" | "P_6_Od" | "P_6_Do" | "P_22A" | "Termin"
        )
}

/// Elements whose value is 1 for yes and, where the schema has it, 2 for no.
fn is_marker(name: &str) -> bool {
    matches!(
        name,
        "P_16"
            | "P_17"
            | "P_18"
            | "P_18A"
            | "P_19"
            | "P_22"
            | "P_23"
            | "P_42_5"
            | "P_PMarzy"
            | "P_PMarzy_2"
            | "P_PMarzy_3_1"
            | "P_PMarzy_3_2"
            | "P_PMarzy_3_3"
            | "P_12_Zal_15"
            | "P_12Z_Zal_15"
            | "JST"
            | "GV"
            | "FP"
            | "TP"
            | "BrakID"
            | "RolaInna"
            | "NrKSeF"
            | "NrKSeFN"
            | "NrKSeFZN"
            | "StanPrzed"
            | "StanPrzedZ"
            | "Zaplacono"
            | "PlatnoscInna"
            | "TransportInny"
            | "LadunekInny"
            | "PodmiotPosredniczacy"
            | "ZwrotAkcyzy"
    )
}

/// `NrFaZaliczkowej` as `Nr fa zaliczkowej`.
fn humanised(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    let mut previous = None;
    for character in name.chars() {
        let begins = character.is_uppercase() && previous.is_some_and(char::is_lowercase);
        if character == '_' {
            words.push(' ');
        } else if begins {
            words.push(' ');
            words.extend(character.to_lowercase());
        } else {
            words.push(character);
        }
        previous = Some(character);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_sorted_and_unique() {
        assert!(LABELS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn unknown_names_become_words() {
        assert_eq!(label("NowePoleFaktury", Language::Pl), "Nowe pole faktury");
        assert_eq!(label("P_99_X", Language::En), "P 99 X");
        assert_eq!(label("P_2", Language::En), "Invoice number");
    }

    #[test]
    fn coded_values_are_explained_and_others_left_alone() {
        let pl = |name, text| value(name, text, Language::Pl).shown;
        assert_eq!(pl("FormaPlatnosci", "6"), "przelew");
        assert_eq!(pl("FormaPlatnosci", "99"), "99");
        assert_eq!(pl("P_16", "2"), "nie");
        assert_eq!(pl("P_12", "23"), "23%");
        assert_eq!(pl("P_12", "zw"), "zw – zwolnione");
        assert_eq!(pl("P_12_XII", "17.5"), "17,5%");
        assert_eq!(pl("P_7", "1"), "1");
        assert_eq!(pl("KodKraju", "DE"), "Niemcy (DE)");
        assert_eq!(pl("KodKraju", "AQ"), "AQ");
        assert_eq!(pl("RodzajFaktury", "KOR"), "Faktura korygująca (KOR)");
    }

    #[test]
    fn denials_and_announcements_are_told_apart() {
        assert!(is_denial("P_16", "2") && is_denial("P_19N", "1") && !is_denial("JST", "2"));
        assert!(!is_denial("P_16", "1") && !is_denial("P_12", "2") && !is_denial("P_19N", "2"));
        assert!(is_announcement("RolaInna", "OpisRoli") && !is_announcement("Rola", "OpisRoli"));
    }
}
