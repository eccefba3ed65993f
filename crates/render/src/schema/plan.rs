//! Which element of FA(3) stands where: the order of the parts is that of the Ministry's own visualisation.

pub(crate) const HEADER: &str = "Naglowek";
pub(crate) const BODY: &str = "Fa";
pub(crate) const FOOTER: &str = "Stopka";
pub(crate) const ATTACHMENT: &str = "Zalacznik";
pub(crate) const NUMBER: &str = "P_2";
pub(crate) const KIND: &str = "RodzajFaktury";
pub(crate) const CURRENCY: &str = "KodWaluty";
pub(crate) const GROSS: &str = "P_15";
pub(crate) const ISSUE_DATE: &str = "P_1";
pub(crate) const SELLER: &str = "Podmiot1";

/// The parties, in the order they are shown.
pub(crate) const PARTIES: [&str; 4] = [SELLER, "Podmiot2", "Podmiot3", "PodmiotUpowazniony"];

/// Of a party: what is shown first.
pub(crate) const PARTY_FIRST: [&str; 2] = ["Nazwa", "NIP"];
pub(crate) const NAME: &str = "Nazwa";
pub(crate) const IDENTITY: &str = "DaneIdentyfikacyjne";
pub(crate) const ROLES: [&str; 3] = ["Rola", "OpisRoli", "RolaPU"];

/// Addresses: groups whose lines belong together.
pub(crate) const ADDRESSES: [&str; 6] = [
    "Adres",
    "AdresKoresp",
    "AdresPrzewoznika",
    "WysylkaZ",
    "WysylkaPrzez",
    "WysylkaDo",
];
/// What of an address is written as one, the country last.
pub(crate) const ADDRESS_LINES: [&str; 3] = ["AdresL1", "AdresL2", "KodKraju"];

/// What stands beneath the number on the first page, in this order.
pub(crate) const MASTHEAD: [&str; 3] = [ISSUE_DATE, "P_1M", CURRENCY];

/// What a correction says of the invoice it corrects.
pub(crate) const CORRECTION: [&str; 5] = [
    "PrzyczynaKorekty",
    "TypKorekty",
    "DaneFaKorygowanej",
    "OkresFaKorygowanej",
    "NrFaKorygowany",
];
/// Amounts before a correction.
pub(crate) const AMOUNTS_BEFORE: [&str; 2] = ["P_15ZK", "KursWalutyZK"];
/// The parties before a correction.
pub(crate) const PARTIES_BEFORE: [&str; 2] = ["Podmiot1K", "Podmiot2K"];

/// The details of an invoice.
pub(crate) const DETAILS: [&str; 6] = [
    "P_6",
    "OkresFa",
    "KursWalutyZ",
    "WZ",
    "ZaliczkaCzesciowa",
    "FakturaZaliczkowa",
];

/// What is said beside the annotations.
pub(crate) const ADDITIONAL: [&str; 4] = ["FP", "TP", "ZwrotAkcyzy", "DodatkowyOpis"];

/// Parts of the body with a heading of their own, in this order after the annotations.
pub(crate) const ANNOTATIONS: &str = "Adnotacje";
pub(crate) const ORDER: &str = "Zamowienie";
pub(crate) const LAST_PARTS: [&str; 3] = ["Rozliczenie", "Platnosc", "WarunkiTransakcji"];

/// The lines of an invoice or an order, and which of their elements have a column. The others stand beneath the name.
pub(crate) struct Lines {
    pub(crate) element: &'static str,
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    /// Marks a line as it was before the correction.
    pub(crate) former: &'static str,
    pub(crate) columns: &'static [&'static str],
}

pub(crate) const INVOICE_LINES: Lines = Lines {
    element: "FaWiersz",
    number: "NrWierszaFa",
    name: "P_7",
    former: "StanPrzed",
    columns: &[
        "P_8B", "P_8A", "P_9A", "P_9B", "P_10", "P_12", "P_12_XII", "P_11", "P_11Vat", "P_11A",
    ],
};

pub(crate) const ORDER_LINES: Lines = Lines {
    element: "ZamowienieWiersz",
    number: "NrWierszaZam",
    name: "P_7Z",
    former: "StanPrzedZ",
    columns: &[
        "P_8BZ",
        "P_8AZ",
        "P_9AZ",
        "P_12Z",
        "P_12Z_XII",
        "P_11NettoZ",
        "P_11VatZ",
    ],
};

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

/// The attachment.
pub(crate) const BLOCK: &str = "BlokDanych";
pub(crate) const BLOCK_TITLE: &str = "ZNaglowek";
pub(crate) const TABLE: &str = "Tabela";
pub(crate) const TABLE_TITLE: &str = "Opis";
pub(crate) const TABLE_HEAD: &str = "TNaglowek";
pub(crate) const TABLE_ROW: &str = "Wiersz";
pub(crate) const TABLE_SUM: &str = "Suma";
pub(crate) const COLUMN_KIND: &str = "Typ";

/// The footer.
pub(crate) const NOTE: &str = "StopkaFaktury";

/// Whether an element is a key with its value: the one is the label of the other.
pub(crate) fn key_and_value(name: &str) -> Option<(&'static str, &'static str)> {
    match name {
        "MetaDane" => Some(("ZKlucz", "ZWartosc")),
        "TMetaDane" => Some(("TKlucz", "TWartosc")),
        _ => None,
    }
}

/// Whether an element is always shown as a table, even when it stands alone.
pub(crate) fn is_table(name: &str) -> bool {
    matches!(
        name,
        "DaneFaKorygowanej"
            | "FakturaZaliczkowa"
            | "ZaliczkaCzesciowa"
            | "DodatkowyOpis"
            | "Obciazenia"
            | "Odliczenia"
            | "ZaplataCzesciowa"
            | "Umowy"
            | "Zamowienia"
            | "Rejestry"
    )
}

/// Whether an element only groups others and needs no heading of its own.
pub(crate) fn is_transparent(name: &str) -> bool {
    matches!(
        name,
        "DaneIdentyfikacyjne"
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

/// Whether an element stands as a paragraph and not as a field.
pub(crate) fn is_paragraph(name: &str) -> bool {
    matches!(name, NOTE | "Akapit")
}
