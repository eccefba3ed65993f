//! Contracts, orders, delivery and transport.

use jiff::civil::Date;

use super::identity::{Address, BuyerIdentity};
use super::scalar::{CurrencyCode, DateTime};
use crate::invoice::Amount;

record! {
    /// Terms of the transaction (`WarunkiTransakcji`).
    #[derive(Default)]
    pub struct Terms {
        /// Contracts, at most 100 (`Umowy`).
        #[serde(default)]
        pub agreements: Vec<Agreement> = element("Umowy"),
        /// Orders, at most 100 (`Zamowienia`).
        #[serde(default)]
        pub orders: Vec<OrderReference> = element("Zamowienia"),
        /// Batch numbers of goods, at most 1000 (`NrPartiiTowaru`).
        #[serde(default)]
        pub batches: Vec<String> = element("NrPartiiTowaru"),
        /// Terms of delivery such as Incoterms (`WarunkiDostawy`), 1 to 256 characters.
        pub delivery_terms: Option<String> = element("WarunkiDostawy"),
        /// Agreed rate of exchange.
        pub agreed_rate: Option<AgreedRate> = group(),
        /// At most 20 (`Transport`).
        #[serde(default)]
        pub transports: Vec<Transport> = element("Transport"),
        /// Supply by an intermediary of a chain (`PodmiotPosredniczacy`; art. 22 ust. 2d).
        #[serde(default)]
        pub intermediary: bool = mark("PodmiotPosredniczacy"),
    }
}

record! {
    /// A contract (`Umowy`).
    #[derive(Default)]
    pub struct Agreement {
        /// Date (`DataUmowy`).
        pub date: Option<Date> = element("DataUmowy"),
        /// Number (`NrUmowy`), 1 to 256 characters.
        pub number: Option<String> = element("NrUmowy"),
    }
}

record! {
    /// An order (`Zamowienia`).
    #[derive(Default)]
    pub struct OrderReference {
        /// Date (`DataZamowienia`).
        pub date: Option<Date> = element("DataZamowienia"),
        /// Number (`NrZamowienia`), 1 to 256 characters.
        pub number: Option<String> = element("NrZamowienia"),
    }
}

record! {
    /// Rate of exchange the parties agreed on; not the one of the tax.
    pub struct AgreedRate {
        /// Rate (`KursUmowny`), at most 6 decimal places.
        pub rate: Amount = element("KursUmowny"),
        /// Currency (`WalutaUmowna`).
        pub currency: CurrencyCode = element("WalutaUmowna"),
    }
}

record! {
    /// A transport (`Transport`).
    pub struct Transport {
        /// By what (`RodzajTransportu`, or `TransportInny` and `OpisInnegoTransportu`).
        pub kind: TransportKind = group(),
        /// Who carries (`Przewoznik`).
        pub carrier: Option<Carrier> = element("Przewoznik"),
        /// Number of the transport order (`NrZleceniaTransportu`), 1 to 256 characters.
        pub order_number: Option<String> = element("NrZleceniaTransportu"),
        /// What is carried (`OpisLadunku`, or `LadunekInny` and `OpisInnegoLadunku`).
        pub cargo: Cargo = group(),
        /// Unit of packing (`JednostkaOpakowania`), 1 to 256 characters.
        pub packing_unit: Option<String> = element("JednostkaOpakowania"),
        /// When it starts (`DataGodzRozpTransportu`).
        pub starts_at: Option<DateTime> = element("DataGodzRozpTransportu"),
        /// When it ends (`DataGodzZakTransportu`).
        pub ends_at: Option<DateTime> = element("DataGodzZakTransportu"),
        /// From where (`WysylkaZ`).
        pub from: Option<Address> = element("WysylkaZ"),
        /// By way of, at most 20 (`WysylkaPrzez`).
        #[serde(default)]
        pub via: Vec<Address> = element("WysylkaPrzez"),
        /// To where (`WysylkaDo`).
        pub to: Option<Address> = element("WysylkaDo"),
    }
}

record! {
    /// Who carries (`Przewoznik`).
    pub struct Carrier {
        /// Tax number and name (`DaneIdentyfikacyjne`).
        pub identity: BuyerIdentity = element("DaneIdentyfikacyjne"),
        /// Address (`AdresPrzewoznika`).
        pub address: Address = element("AdresPrzewoznika"),
    }
}

numbers_or_words! {
    /// Means of transport (`TRodzajTransportu`).
    pub enum TransportKind = "RodzajTransportu" or ("TransportInny", "OpisInnegoTransportu") {
        /// 1: by sea.
        Sea = 1,
        /// 2: by rail.
        Rail = 2,
        /// 3: by road.
        Road = 3,
        /// 4: by air.
        Air = 4,
        /// 5: by post.
        Post = 5,
        /// 7: by fixed installations, such as pipelines.
        FixedInstallation = 7,
        /// 8: on inland waters.
        InlandWaterway = 8,
        ;
        /// Another means in words (`TransportInny`, `OpisInnegoTransportu`), 1 to 50 characters.
        Other,
    }
}

numbers_or_words! {
    /// Kind of cargo (`TLadunek`).
    pub enum Cargo = "OpisLadunku" or ("LadunekInny", "OpisInnegoLadunku") {
        /// 1: churn ("bańka").
        Churn = 1,
        /// 2: barrel.
        Barrel = 2,
        /// 3: cylinder.
        Cylinder = 3,
        /// 4: carton.
        Carton = 4,
        /// 5: canister.
        Canister = 5,
        /// 6: cage.
        Cage = 6,
        /// 7: shipping container.
        ShippingContainer = 7,
        /// 8: basket.
        Basket = 8,
        /// 9: punnet ("łubianka").
        Punnet = 9,
        /// 10: collective packaging.
        CollectivePackaging = 10,
        /// 11: parcel.
        Parcel = 11,
        /// 12: package.
        Package = 12,
        /// 13: pallet.
        Pallet = 13,
        /// 14: receptacle.
        Receptacle = 14,
        /// 15: container for solid bulk.
        SolidBulkContainer = 15,
        /// 16: container for liquid bulk.
        LiquidBulkContainer = 16,
        /// 17: box.
        Box = 17,
        /// 18: can.
        Can = 18,
        /// 19: crate.
        Crate = 19,
        /// 20: sack.
        Sack = 20,
        ;
        /// Another or mixed cargo in words (`LadunekInny`, `OpisInnegoLadunku`), 1 to 50 characters.
        Other,
    }
}
