//! Annotations: special schemes, exemptions, new means of transport, margin.

use jiff::civil::Date;

record! {
    /// Annotations (`Adnotacje`). The default is the neutral one: nothing special.
    #[derive(Default)]
    pub struct Annotations {
        /// Cash accounting, "metoda kasowa" (`P_16`).
        #[serde(default)]
        pub cash_accounting: bool = element("P_16"),
        /// The buyer bills himself, "samofakturowanie" (`P_17`).
        #[serde(default)]
        pub self_billing: bool = element("P_17"),
        /// The buyer owes the tax, "odwrotne obciążenie" (`P_18`).
        #[serde(default)]
        pub reverse_charge: bool = element("P_18"),
        /// Split payment is mandatory, "mechanizm podzielonej płatności" (`P_18A`).
        #[serde(default)]
        pub split_payment: bool = element("P_18A"),
        /// Exempt supplies (`Zwolnienie`).
        #[serde(default)]
        pub exemption: Exemption = element("Zwolnienie"),
        /// Supply of new means of transport within the Union (`NoweSrodkiTransportu`).
        #[serde(default)]
        pub new_vehicles: NewVehicles = element("NoweSrodkiTransportu"),
        /// Simplified triangular transaction, second taxpayer (`P_23`).
        #[serde(default)]
        pub triangular_transaction: bool = element("P_23"),
        /// Margin scheme (`PMarzy`).
        #[serde(default)]
        pub margin: Margin = element("PMarzy"),
    }
}

choice! {
    /// Whether something on the invoice is exempt (`Zwolnienie`).
    #[derive(Default)]
    pub enum Exemption {
        /// Yes, by this law (`P_19`).
        By(ExemptionBasis) = marked_group("P_19"),
        ;
        /// No (`P_19N`).
        #[default]
        None = mark("P_19N"),
    }
}

choice! {
    /// The law that exempts.
    pub enum ExemptionBasis {
        /// The VAT Act or an act issued under it (`P_19A`), 1 to 256 characters.
        Act(String) = element("P_19A"),
        /// Directive 2006/112/EC (`P_19B`), 1 to 256 characters.
        Directive(String) = element("P_19B"),
        /// Another legal basis (`P_19C`), 1 to 256 characters.
        Other(String) = element("P_19C"),
        ;
    }
}

choice! {
    /// Whether new means of transport are supplied within the Union (`NoweSrodkiTransportu`).
    #[derive(Default)]
    pub enum NewVehicles {
        /// Yes (`P_22`).
        Delivered(NewVehicleDeliveries) = marked_group("P_22"),
        ;
        /// No (`P_22N`).
        #[default]
        None = mark("P_22N"),
    }
}

record! {
    /// New means of transport.
    pub struct NewVehicleDeliveries {
        /// Whether art. 42 ust. 5 asks for a notice (`P_42_5`).
        #[serde(default)]
        pub notice_required: bool = element("P_42_5"),
        /// 1 to 10 000 (`NowySrodekTransportu`).
        pub vehicles: Vec<NewVehicle> = some("NowySrodekTransportu"),
    }
}

record! {
    /// One new means of transport (`NowySrodekTransportu`). Texts have 1 to 256 characters.
    pub struct NewVehicle {
        /// When it was first admitted to use (`P_22A`).
        pub first_use: Date = element("P_22A"),
        /// Line of the invoice (`P_NrWierszaNST`).
        pub line: u64 = element("P_NrWierszaNST"),
        /// Make (`P_22BMK`).
        pub make: Option<String> = element("P_22BMK"),
        /// Model (`P_22BMD`).
        pub model: Option<String> = element("P_22BMD"),
        /// Colour (`P_22BK`).
        pub colour: Option<String> = element("P_22BK"),
        /// Registration number (`P_22BNR`).
        pub registration: Option<String> = element("P_22BNR"),
        /// Year of production (`P_22BRP`).
        pub year: Option<String> = element("P_22BRP"),
        /// How far it has been used, by kind.
        pub used: VehicleUse = group(),
    }
}

choice! {
    /// How far a new means of transport has been used.
    pub enum VehicleUse {
        /// On land.
        Land(LandVehicle) = group(),
        /// On water.
        Water(Watercraft) = group(),
        /// In the air.
        Air(Aircraft) = group(),
        ;
    }
}

record! {
    /// A land vehicle (art. 2 pkt 10 lit. a).
    pub struct LandVehicle {
        /// Distance covered (`P_22B`).
        pub mileage: String = element("P_22B"),
        /// Its number (`P_22B1` to `P_22B4`).
        pub identifier: Option<VehicleIdentifier> = group(),
        /// Type (`P_22BT`).
        pub kind: Option<String> = element("P_22BT"),
    }
}

choice! {
    /// Number of a land vehicle.
    pub enum VehicleIdentifier {
        /// VIN (`P_22B1`).
        Vin(String) = element("P_22B1"),
        /// Body (`P_22B2`).
        Body(String) = element("P_22B2"),
        /// Chassis (`P_22B3`).
        Chassis(String) = element("P_22B3"),
        /// Frame (`P_22B4`).
        Frame(String) = element("P_22B4"),
        ;
    }
}

record! {
    /// A vessel (art. 2 pkt 10 lit. b).
    pub struct Watercraft {
        /// Working hours (`P_22C`).
        pub hours: String = element("P_22C"),
        /// Hull number (`P_22C1`).
        pub hull_number: Option<String> = element("P_22C1"),
    }
}

record! {
    /// An aircraft (art. 2 pkt 10 lit. c).
    pub struct Aircraft {
        /// Working hours (`P_22D`).
        pub hours: String = element("P_22D"),
        /// Factory number (`P_22D1`).
        pub factory_number: Option<String> = element("P_22D1"),
    }
}

choice! {
    /// Whether the margin scheme applies (`PMarzy`).
    #[derive(Default)]
    pub enum Margin {
        /// Yes (`P_PMarzy`).
        Scheme(MarginScheme) = marked_group("P_PMarzy"),
        ;
        /// No (`P_PMarzyN`).
        #[default]
        None = mark("P_PMarzyN"),
    }
}

choice! {
    /// Which margin scheme.
    pub enum MarginScheme {
        ;
        /// Travel agencies (`P_PMarzy_2`).
        TravelAgencies = mark("P_PMarzy_2"),
        /// Second-hand goods (`P_PMarzy_3_1`).
        SecondHandGoods = mark("P_PMarzy_3_1"),
        /// Works of art (`P_PMarzy_3_2`).
        WorksOfArt = mark("P_PMarzy_3_2"),
        /// Collectors' items and antiques (`P_PMarzy_3_3`).
        Antiques = mark("P_PMarzy_3_3"),
    }
}
