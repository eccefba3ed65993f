//! What surrounds the lines of an invoice: settlement, payment, terms of the transaction, transport, order.

use super::parties::{ADDRESS, BUYER_IDENTITY};
use super::types::{
    ACCOUNT_NUMBER, AMOUNT, BANK_OWN_ACCOUNT, CARGO, CURRENCY, DATE_FROM_1990, DATE_FROM_2016, GTU,
    INSTANT_FROM_2021, INTEGER, MARK, ORDER_PROCEDURE, ORDINAL, PAYMENT_FORM, PAYMENT_IDENTIFIER,
    PAYMENT_LINK, PERCENT, QUANTITY, SWIFT, TAX_RATE, TEXT_20, TEXT_50, TEXT_256, TEXT_512,
    TRANSPORT_KIND, UNIT_PRICE, YES_OR_NO,
};
use super::{
    Type, all, either, elements, maybe_all, maybe_either, named, one, one_up_to, optional, up_to,
};

pub(super) const SETTLEMENT: Type = elements(&[
    up_to(
        100,
        "Obciazenia",
        elements(&[one("Kwota", AMOUNT), one("Powod", TEXT_256)]),
    ),
    optional("SumaObciazen", AMOUNT),
    up_to(
        100,
        "Odliczenia",
        elements(&[one("Kwota", AMOUNT), one("Powod", TEXT_256)]),
    ),
    optional("SumaOdliczen", AMOUNT),
    maybe_either(&[one("DoZaplaty", AMOUNT), one("DoRozliczenia", AMOUNT)]),
]);

pub(super) const PAYMENT: Type = elements(&[
    maybe_either(&[
        all(&[one("Zaplacono", MARK), one("DataZaplaty", DATE_FROM_2016)]),
        all(&[
            one("ZnacznikZaplatyCzesciowej", YES_OR_NO),
            one_up_to(100, "ZaplataCzesciowa", PARTIAL_PAYMENT),
        ]),
    ]),
    up_to(100, "TerminPlatnosci", PAYMENT_TERM),
    maybe_either(&[
        one("FormaPlatnosci", PAYMENT_FORM),
        all(&[one("PlatnoscInna", MARK), one("OpisPlatnosci", TEXT_256)]),
    ]),
    up_to(100, "RachunekBankowy", BANK_ACCOUNT),
    up_to(20, "RachunekBankowyFaktora", BANK_ACCOUNT),
    optional(
        "Skonto",
        elements(&[
            one("WarunkiSkonta", TEXT_256),
            one("WysokoscSkonta", TEXT_256),
        ]),
    ),
    optional("LinkDoPlatnosci", PAYMENT_LINK),
    optional("IPKSeF", PAYMENT_IDENTIFIER),
]);

const PARTIAL_PAYMENT: Type = elements(&[
    one("KwotaZaplatyCzesciowej", AMOUNT),
    one("DataZaplatyCzesciowej", DATE_FROM_2016),
    maybe_either(&[
        one("FormaPlatnosci", PAYMENT_FORM),
        all(&[one("PlatnoscInna", MARK), one("OpisPlatnosci", TEXT_256)]),
    ]),
]);

const PAYMENT_TERM: Type = elements(&[maybe_all(&[
    optional("Termin", DATE_FROM_2016),
    optional(
        "TerminOpis",
        elements(&[
            one("Ilosc", INTEGER),
            one("Jednostka", TEXT_50),
            one("ZdarzeniePoczatkowe", TEXT_256),
        ]),
    ),
])]);

const BANK_ACCOUNT: Type = named(
    "TRachunekBankowy",
    elements(&[
        one("NrRB", ACCOUNT_NUMBER),
        optional("SWIFT", SWIFT),
        optional("RachunekWlasnyBanku", BANK_OWN_ACCOUNT),
        optional("NazwaBanku", TEXT_256),
        optional("OpisRachunku", TEXT_256),
    ]),
);

pub(super) const TERMS: Type = elements(&[
    up_to(
        100,
        "Umowy",
        elements(&[maybe_all(&[
            optional("DataUmowy", DATE_FROM_1990),
            optional("NrUmowy", TEXT_256),
        ])]),
    ),
    up_to(
        100,
        "Zamowienia",
        elements(&[maybe_all(&[
            optional("DataZamowienia", DATE_FROM_1990),
            optional("NrZamowienia", TEXT_256),
        ])]),
    ),
    up_to(1000, "NrPartiiTowaru", TEXT_256),
    optional("WarunkiDostawy", TEXT_256),
    maybe_all(&[one("KursUmowny", QUANTITY), one("WalutaUmowna", CURRENCY)]),
    up_to(20, "Transport", TRANSPORT),
    optional("PodmiotPosredniczacy", MARK),
]);

const TRANSPORT: Type = elements(&[
    either(&[
        one("RodzajTransportu", TRANSPORT_KIND),
        all(&[
            one("TransportInny", MARK),
            one("OpisInnegoTransportu", TEXT_50),
        ]),
    ]),
    optional("Przewoznik", CARRIER),
    optional("NrZleceniaTransportu", TEXT_256),
    all(&[
        either(&[
            one("OpisLadunku", CARGO),
            all(&[one("LadunekInny", MARK), one("OpisInnegoLadunku", TEXT_50)]),
        ]),
        optional("JednostkaOpakowania", TEXT_256),
    ]),
    maybe_all(&[
        optional("DataGodzRozpTransportu", INSTANT_FROM_2021),
        optional("DataGodzZakTransportu", INSTANT_FROM_2021),
        optional("WysylkaZ", ADDRESS),
        up_to(20, "WysylkaPrzez", ADDRESS),
        optional("WysylkaDo", ADDRESS),
    ]),
]);

const CARRIER: Type = elements(&[
    one("DaneIdentyfikacyjne", BUYER_IDENTITY),
    one("AdresPrzewoznika", ADDRESS),
]);

pub(super) const ORDER: Type = elements(&[
    one("WartoscZamowienia", AMOUNT),
    one_up_to(10000, "ZamowienieWiersz", ORDER_LINE),
]);

const ORDER_LINE: Type = elements(&[
    one("NrWierszaZam", ORDINAL),
    optional("UU_IDZ", TEXT_50),
    optional("P_7Z", TEXT_512),
    optional("IndeksZ", TEXT_50),
    optional("GTINZ", TEXT_20),
    optional("PKWiUZ", TEXT_50),
    optional("CNZ", TEXT_50),
    optional("PKOBZ", TEXT_50),
    optional("P_8AZ", TEXT_256),
    optional("P_8BZ", QUANTITY),
    optional("P_9AZ", UNIT_PRICE),
    optional("P_11NettoZ", AMOUNT),
    optional("P_11VatZ", AMOUNT),
    optional("P_12Z", TAX_RATE),
    optional("P_12Z_XII", PERCENT),
    optional("P_12Z_Zal_15", MARK),
    optional("GTUZ", GTU),
    optional("ProceduraZ", ORDER_PROCEDURE),
    optional("KwotaAkcyzyZ", AMOUNT),
    optional("StanPrzedZ", MARK),
]);
