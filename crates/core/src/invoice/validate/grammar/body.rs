//! The element `Fa`: sums per rate, annotations, what a correction or an advance refers to, lines.

use super::parties::{BUYER_BEFORE, SELLER_BEFORE};
use super::terms::{ORDER, PAYMENT, SETTLEMENT, TERMS};
use super::types::{
    AMOUNT, CORRECTION_EFFECT, CURRENCY, DATE_FROM_2006, GTU, INVOICE_KIND, KSEF_NUMBER, MARK,
    ORDINAL, PERCENT, PROCEDURE, QUANTITY, TAX_RATE, TEXT_20, TEXT_50, TEXT_256, TEXT_512,
    UNIT_PRICE, YES_OR_NO,
};
use super::{
    Type, all, either, elements, maybe_all, maybe_either, named, one, one_up_to, optional, up_to,
};

pub(super) const BODY: Type = elements(&[
    one("KodWaluty", CURRENCY),
    one("P_1", DATE_FROM_2006),
    optional("P_1M", TEXT_256),
    one("P_2", TEXT_256),
    up_to(1000, "WZ", TEXT_256),
    maybe_either(&[
        one("P_6", DATE_FROM_2006),
        one(
            "OkresFa",
            elements(&[one("P_6_Od", DATE_FROM_2006), one("P_6_Do", DATE_FROM_2006)]),
        ),
    ]),
    maybe_all(&[
        one("P_13_1", AMOUNT),
        one("P_14_1", AMOUNT),
        optional("P_14_1W", AMOUNT),
    ]),
    maybe_all(&[
        one("P_13_2", AMOUNT),
        one("P_14_2", AMOUNT),
        optional("P_14_2W", AMOUNT),
    ]),
    maybe_all(&[
        one("P_13_3", AMOUNT),
        one("P_14_3", AMOUNT),
        optional("P_14_3W", AMOUNT),
    ]),
    maybe_all(&[
        one("P_13_4", AMOUNT),
        one("P_14_4", AMOUNT),
        optional("P_14_4W", AMOUNT),
    ]),
    maybe_all(&[one("P_13_5", AMOUNT), optional("P_14_5", AMOUNT)]),
    optional("P_13_6_1", AMOUNT),
    optional("P_13_6_2", AMOUNT),
    optional("P_13_6_3", AMOUNT),
    optional("P_13_7", AMOUNT),
    optional("P_13_8", AMOUNT),
    optional("P_13_9", AMOUNT),
    optional("P_13_10", AMOUNT),
    optional("P_13_11", AMOUNT),
    one("P_15", AMOUNT),
    optional("KursWalutyZ", QUANTITY),
    one("Adnotacje", ANNOTATIONS),
    one("RodzajFaktury", INVOICE_KIND),
    maybe_all(&[
        optional("PrzyczynaKorekty", TEXT_256),
        optional("TypKorekty", CORRECTION_EFFECT),
        one_up_to(50000, "DaneFaKorygowanej", CORRECTED_INVOICE),
        optional("OkresFaKorygowanej", TEXT_256),
        optional("NrFaKorygowany", TEXT_256),
        optional("Podmiot1K", SELLER_BEFORE),
        up_to(101, "Podmiot2K", BUYER_BEFORE),
        maybe_all(&[one("P_15ZK", AMOUNT), optional("KursWalutyZK", QUANTITY)]),
    ]),
    up_to(31, "ZaliczkaCzesciowa", PARTIAL_ADVANCE),
    optional("FP", MARK),
    optional("TP", MARK),
    up_to(10000, "DodatkowyOpis", KEY_AND_VALUE),
    up_to(100, "FakturaZaliczkowa", ADVANCE_INVOICE),
    optional("ZwrotAkcyzy", MARK),
    up_to(10000, "FaWiersz", LINE),
    optional("Rozliczenie", SETTLEMENT),
    optional("Platnosc", PAYMENT),
    optional("WarunkiTransakcji", TERMS),
    optional("Zamowienie", ORDER),
]);

const ANNOTATIONS: Type = elements(&[
    one("P_16", YES_OR_NO),
    one("P_17", YES_OR_NO),
    one("P_18", YES_OR_NO),
    one("P_18A", YES_OR_NO),
    one("Zwolnienie", EXEMPTION),
    one("NoweSrodkiTransportu", NEW_VEHICLES),
    one("P_23", YES_OR_NO),
    one("PMarzy", MARGIN),
]);

const EXEMPTION: Type = elements(&[either(&[
    all(&[
        one("P_19", MARK),
        either(&[
            one("P_19A", TEXT_256),
            one("P_19B", TEXT_256),
            one("P_19C", TEXT_256),
        ]),
    ]),
    one("P_19N", MARK),
])]);

const NEW_VEHICLES: Type = elements(&[either(&[
    all(&[
        one("P_22", MARK),
        one("P_42_5", YES_OR_NO),
        one_up_to(10000, "NowySrodekTransportu", NEW_VEHICLE),
    ]),
    one("P_22N", MARK),
])]);

const NEW_VEHICLE: Type = elements(&[
    one("P_22A", DATE_FROM_2006),
    one("P_NrWierszaNST", ORDINAL),
    optional("P_22BMK", TEXT_256),
    optional("P_22BMD", TEXT_256),
    optional("P_22BK", TEXT_256),
    optional("P_22BNR", TEXT_256),
    optional("P_22BRP", TEXT_256),
    either(&[
        all(&[
            one("P_22B", TEXT_256),
            maybe_either(&[
                optional("P_22B1", TEXT_256),
                optional("P_22B2", TEXT_256),
                optional("P_22B3", TEXT_256),
                optional("P_22B4", TEXT_256),
            ]),
            optional("P_22BT", TEXT_256),
        ]),
        all(&[one("P_22C", TEXT_256), optional("P_22C1", TEXT_256)]),
        all(&[one("P_22D", TEXT_256), optional("P_22D1", TEXT_256)]),
    ]),
]);

const MARGIN: Type = elements(&[either(&[
    all(&[
        one("P_PMarzy", MARK),
        either(&[
            one("P_PMarzy_2", MARK),
            one("P_PMarzy_3_1", MARK),
            one("P_PMarzy_3_2", MARK),
            one("P_PMarzy_3_3", MARK),
        ]),
    ]),
    one("P_PMarzyN", MARK),
])]);

const CORRECTED_INVOICE: Type = elements(&[
    one("DataWystFaKorygowanej", DATE_FROM_2006),
    one("NrFaKorygowanej", TEXT_256),
    either(&[
        all(&[one("NrKSeF", MARK), one("NrKSeFFaKorygowanej", KSEF_NUMBER)]),
        one("NrKSeFN", MARK),
    ]),
]);

const PARTIAL_ADVANCE: Type = elements(&[
    one("P_6Z", DATE_FROM_2006),
    one("P_15Z", AMOUNT),
    optional("KursWalutyZW", QUANTITY),
]);

const ADVANCE_INVOICE: Type = elements(&[either(&[
    all(&[one("NrKSeFZN", MARK), one("NrFaZaliczkowej", TEXT_256)]),
    one("NrKSeFFaZaliczkowej", KSEF_NUMBER),
])]);

const KEY_AND_VALUE: Type = named(
    "TKluczWartosc",
    elements(&[
        optional("NrWiersza", ORDINAL),
        one("Klucz", TEXT_256),
        one("Wartosc", TEXT_256),
    ]),
);

const LINE: Type = elements(&[
    one("NrWierszaFa", ORDINAL),
    optional("UU_ID", TEXT_50),
    optional("P_6A", DATE_FROM_2006),
    optional("P_7", TEXT_512),
    optional("Indeks", TEXT_50),
    optional("GTIN", TEXT_20),
    optional("PKWiU", TEXT_50),
    optional("CN", TEXT_50),
    optional("PKOB", TEXT_50),
    optional("P_8A", TEXT_256),
    optional("P_8B", QUANTITY),
    optional("P_9A", UNIT_PRICE),
    optional("P_9B", UNIT_PRICE),
    optional("P_10", UNIT_PRICE),
    optional("P_11", AMOUNT),
    optional("P_11A", AMOUNT),
    optional("P_11Vat", AMOUNT),
    optional("P_12", TAX_RATE),
    optional("P_12_XII", PERCENT),
    optional("P_12_Zal_15", MARK),
    optional("KwotaAkcyzy", AMOUNT),
    optional("GTU", GTU),
    optional("Procedura", PROCEDURE),
    optional("KursWaluty", QUANTITY),
    optional("StanPrzed", MARK),
]);
