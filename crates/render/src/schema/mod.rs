//! What the names and values of FA(3) are called. Schema names stand in this folder only.

mod labels;

use std::borrow::Cow;

use ksef_offline_core::Language;
use ksef_offline_core::invoice::InvoiceKind;

use labels::LABELS;

pub(crate) const HEADER: &str = "Naglowek";
pub(crate) const BODY: &str = "Fa";
pub(crate) const LINE: &str = "FaWiersz";
pub(crate) const NUMBER: &str = "P_2";
pub(crate) const ISSUE_DATE: &str = "P_1";
pub(crate) const KIND: &str = "RodzajFaktury";
pub(crate) const CURRENCY: &str = "KodWaluty";
pub(crate) const GROSS: &str = "P_15";
pub(crate) const PAYMENT: &str = "Platnosc";
pub(crate) const NAME: &str = "Nazwa";

/// The parties, who stand side by side on the first page.
pub(crate) const PARTIES: [&str; 4] = ["Podmiot1", "Podmiot2", "Podmiot3", "PodmiotUpowazniony"];

/// What stands beneath the number on the first page, in this order.
pub(crate) const DATES: [&str; 4] = [ISSUE_DATE, "P_1M", "P_6", "OkresFa"];

/// Rows of the VAT summary: net, tax, tax in PLN. An empty name stands for an amount the schema does not have.
pub(crate) const TAX_ROWS: [(&str, &str, &str); 13] = [
    ("P_13_1", "P_14_1", "P_14_1W"),
    ("P_13_2", "P_14_2", "P_14_2W"),
    ("P_13_3", "P_14_3", "P_14_3W"),
    ("P_13_4", "P_14_4", "P_14_4W"),
    ("P_13_5", "P_14_5", ""),
    ("P_13_6_1", "", ""),
    ("P_13_6_2", "", ""),
    ("P_13_6_3", "", ""),
    ("P_13_7", "", ""),
    ("P_13_8", "", ""),
    ("P_13_9", "", ""),
    ("P_13_10", "", ""),
    ("P_13_11", "", ""),
];

/// The parts of a table in an attachment.
pub(crate) const TABLE: &str = "Tabela";
pub(crate) const TABLE_HEAD: &str = "TNaglowek";
pub(crate) const TABLE_ROW: &str = "Wiersz";
pub(crate) const TABLE_SUM: &str = "Suma";

/// The label of an element; an unknown name is written as words.
pub(crate) fn label(name: &str, language: Language) -> Cow<'static, str> {
    match LABELS.binary_search_by_key(&name, |(name, ..)| name) {
        Ok(place) => {
            let (_, pl, en) = LABELS[place];
            Cow::Borrowed(pick(language, pl, en))
        }
        Err(_) => Cow::Owned(humanised(name)),
    }
}

/// Whether an element is always shown as a table, even when it stands alone.
pub(crate) fn is_line(name: &str) -> bool {
    matches!(name, LINE | "ZamowienieWiersz")
}

/// Whether an element only groups others and needs no heading of its own.
pub(crate) fn is_transparent(name: &str) -> bool {
    matches!(
        name,
        "DaneIdentyfikacyjne"
            | "Adres"
            | "DaneKontaktowe"
            | "Zwolnienie"
            | "NoweSrodkiTransportu"
            | "PMarzy"
            | "TerminPlatnosci"
            | "TerminOpis"
            | "Informacje"
            | "Tekst"
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

/// What a coded value means, where that is not plain.
pub(crate) fn meaning(name: &str, value: &str, language: Language) -> Option<Cow<'static, str>> {
    if name == KIND {
        let kind = InvoiceKind::from_code(value)?;
        return Some(Cow::Owned(format!(
            "{} ({value})",
            kind_title(kind, language)
        )));
    }
    if matches!(name, "P_12" | "P_12Z") && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Cow::Owned(format!("{value}%")));
    }
    let (pl, en) = match (name, value) {
        ("FormaPlatnosci", _) => means_of_payment(value)?,
        ("Rola", _) => role(value)?,
        ("RolaPU", _) => authorised_role(value)?,
        ("TypKorekty", _) => correction_type(value)?,
        ("RodzajTransportu", _) => transport(value)?,
        ("OpisLadunku", _) => cargo(value)?,
        ("ZnacznikZaplatyCzesciowej", "1") => ("w części", "in part"),
        ("ZnacznikZaplatyCzesciowej", "2") => ("w całości, w częściach", "wholly, in parts"),
        (_, "1") if is_marker(name) => ("tak", "yes"),
        (_, "2") if is_marker(name) => ("nie", "no"),
        _ => return None,
    };
    Some(Cow::Borrowed(pick(language, pl, en)))
}

/// The title of an invoice of this kind.
pub(crate) fn kind_title(kind: InvoiceKind, language: Language) -> &'static str {
    let (pl, en) = match kind {
        InvoiceKind::Vat => ("Faktura", "Invoice"),
        InvoiceKind::Correction => ("Faktura korygująca", "Correction invoice"),
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

pub(crate) fn pick(language: Language, pl: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Pl => pl,
        Language::En => en,
    }
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
            | "P_19N"
            | "P_22"
            | "P_22N"
            | "P_23"
            | "P_42_5"
            | "P_PMarzy"
            | "P_PMarzyN"
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

type Pair = (&'static str, &'static str);

fn means_of_payment(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("gotówka", "cash"),
        "2" => ("karta", "card"),
        "3" => ("bon", "voucher"),
        "4" => ("czek", "cheque"),
        "5" => ("kredyt", "credit"),
        "6" => ("przelew", "bank transfer"),
        "7" => ("płatność mobilna", "mobile payment"),
        _ => return None,
    })
}

fn role(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("faktor", "factor"),
        "2" => ("odbiorca", "recipient"),
        "3" => ("podmiot pierwotny", "original party"),
        "4" => ("dodatkowy nabywca", "additional buyer"),
        "5" => ("wystawca faktury", "issuer of the invoice"),
        "6" => ("dokonujący płatności", "payer"),
        "7" => ("jednostka samorządu: wystawca", "local government: issuer"),
        "8" => (
            "jednostka samorządu: odbiorca",
            "local government: recipient",
        ),
        "9" => ("członek grupy VAT: wystawca", "VAT group member: issuer"),
        "10" => ("członek grupy VAT: odbiorca", "VAT group member: recipient"),
        "11" => ("pracownik", "employee"),
        _ => return None,
    })
}

fn authorised_role(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("organ egzekucyjny", "enforcement authority"),
        "2" => ("komornik sądowy", "bailiff"),
        "3" => ("przedstawiciel podatkowy", "tax representative"),
        _ => return None,
    })
}

fn correction_type(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("w dacie faktury pierwotnej", "on the date of the original"),
        "2" => ("w dacie korekty", "on the date of the correction"),
        "3" => ("w innej dacie", "on another date"),
        _ => return None,
    })
}

fn transport(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("morski", "sea"),
        "2" => ("kolejowy", "rail"),
        "3" => ("drogowy", "road"),
        "4" => ("lotniczy", "air"),
        "5" => ("pocztowy", "post"),
        "7" => ("instalacje przesyłowe", "fixed installations"),
        "8" => ("żegluga śródlądowa", "inland waterway"),
        _ => return None,
    })
}

fn cargo(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("bańka", "can"),
        "2" => ("beczka", "barrel"),
        "3" => ("butla", "cylinder"),
        "4" => ("karton", "carton"),
        "5" => ("kanister", "canister"),
        "6" => ("klatka", "cage"),
        "7" => ("kontener", "container"),
        "8" => ("kosz", "basket"),
        "9" => ("łubianka", "punnet"),
        "10" => ("opakowanie zbiorcze", "bulk package"),
        "11" => ("paczka", "parcel"),
        "12" => ("pakiet", "packet"),
        "13" => ("paleta", "pallet"),
        "14" => ("pojemnik", "bin"),
        "15" => ("pojemnik na ładunki stałe luzem", "bin for bulk solids"),
        "16" => ("pojemnik na ładunki płynne luzem", "bin for bulk liquids"),
        "17" => ("pudełko", "box"),
        "18" => ("puszka", "tin"),
        "19" => ("skrzynia", "crate"),
        "20" => ("worek", "sack"),
        _ => return None,
    })
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
        assert_eq!(label("P_2", Language::En), "Number");
    }

    #[test]
    fn coded_values_are_explained_and_others_left_alone() {
        let pl = |name, value| meaning(name, value, Language::Pl);
        assert_eq!(pl("FormaPlatnosci", "6").as_deref(), Some("przelew"));
        assert_eq!(pl("FormaPlatnosci", "99"), None);
        assert_eq!(pl("P_16", "2").as_deref(), Some("nie"));
        assert_eq!(pl("P_12", "23").as_deref(), Some("23%"));
        assert_eq!(pl("P_12", "zw"), None);
        assert_eq!(pl("P_7", "1"), None);
        assert_eq!(
            pl("RodzajFaktury", "KOR").as_deref(),
            Some("Faktura korygująca (KOR)")
        );
    }
}
