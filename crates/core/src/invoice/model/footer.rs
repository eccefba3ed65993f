//! Notes and registers at the foot of an invoice.

record! {
    /// The foot (`Stopka`).
    #[derive(Default)]
    pub struct Footer {
        /// At most 3 (`Informacje`).
        #[serde(default)]
        pub notes: Vec<Note> = element("Informacje"),
        /// Entries in registers, at most 100 (`Rejestry`).
        #[serde(default)]
        pub registers: Vec<RegisterEntry> = element("Rejestry"),
    }
}

record! {
    /// A note (`Informacje`).
    #[derive(Default)]
    pub struct Note {
        /// Text (`StopkaFaktury`), 1 to 3500 characters.
        pub text: Option<String> = element("StopkaFaktury"),
    }
}

record! {
    /// Numbers in registers (`Rejestry`).
    #[derive(Default)]
    pub struct RegisterEntry {
        /// Full name (`PelnaNazwa`), 1 to 256 characters.
        pub full_name: Option<String> = element("PelnaNazwa"),
        /// National court register, ten digits (`KRS`).
        pub krs: Option<String> = element("KRS"),
        /// Statistical number, nine or fourteen digits (`REGON`).
        pub regon: Option<String> = element("REGON"),
        /// Waste database (`BDO`), 1 to 9 characters.
        pub bdo: Option<String> = element("BDO"),
    }
}
