//! Who an invoice names: seller, buyer, third parties, those authorised, and how each is identified.

use super::types::{
    AUTHORISED_ROLE, COUNTRY, EMAIL, EU_COUNTRY, EU_VAT_NUMBER, FIXED_PL, GLN, INTERNAL_ID, MARK,
    NIP, PERCENT, PHONE, TAX_IDENTIFIER, TAXPAYER_STATUS, TEXT_32, TEXT_256, TEXT_512,
    THIRD_PARTY_ROLE, YES_OR_NO_FLAG,
};
use super::{Type, all, either, elements, maybe_all, named, one, optional, up_to};

pub(super) const SELLER: Type = elements(&[
    optional("PrefiksPodatnika", FIXED_PL),
    optional("NrEORI", TEXT_256),
    one("DaneIdentyfikacyjne", TAXPAYER_IDENTITY),
    one("Adres", ADDRESS),
    // The schema extends `TAdres` here by nothing, which leaves a type without name.
    optional("AdresKoresp", named("", ADDRESS)),
    up_to(3, "DaneKontaktowe", CONTACT),
    optional("StatusInfoPodatnika", TAXPAYER_STATUS),
]);

pub(super) const BUYER: Type = elements(&[
    optional("NrEORI", TEXT_256),
    one("DaneIdentyfikacyjne", BUYER_IDENTITY),
    optional("Adres", ADDRESS),
    optional("AdresKoresp", ADDRESS),
    up_to(3, "DaneKontaktowe", CONTACT),
    optional("NrKlienta", TEXT_256),
    optional("IDNabywcy", TEXT_32),
    one("JST", YES_OR_NO_FLAG),
    one("GV", YES_OR_NO_FLAG),
]);

pub(super) const THIRD_PARTY: Type = elements(&[
    optional("IDNabywcy", TEXT_32),
    optional("NrEORI", TEXT_256),
    one("DaneIdentyfikacyjne", THIRD_PARTY_IDENTITY),
    optional("Adres", ADDRESS),
    optional("AdresKoresp", ADDRESS),
    up_to(3, "DaneKontaktowe", CONTACT),
    either(&[
        one("Rola", THIRD_PARTY_ROLE),
        all(&[one("RolaInna", MARK), one("OpisRoli", TEXT_256)]),
    ]),
    optional("Udzial", PERCENT),
    optional("NrKlienta", TEXT_256),
]);

pub(super) const AUTHORISED_PARTY: Type = elements(&[
    optional("NrEORI", TEXT_256),
    one("DaneIdentyfikacyjne", TAXPAYER_IDENTITY),
    one("Adres", ADDRESS),
    optional("AdresKoresp", ADDRESS),
    up_to(3, "DaneKontaktowe", AUTHORISED_CONTACT),
    one("RolaPU", AUTHORISED_ROLE),
]);

pub(super) const SELLER_BEFORE: Type = elements(&[
    optional("PrefiksPodatnika", EU_COUNTRY),
    one("DaneIdentyfikacyjne", TAXPAYER_IDENTITY),
    one("Adres", ADDRESS),
]);

pub(super) const BUYER_BEFORE: Type = elements(&[
    one("DaneIdentyfikacyjne", BUYER_IDENTITY),
    optional("Adres", ADDRESS),
    optional("IDNabywcy", TEXT_32),
]);

const TAXPAYER_IDENTITY: Type = named(
    "TPodmiot1",
    elements(&[one("NIP", NIP), one("Nazwa", TEXT_512)]),
);

pub(super) const BUYER_IDENTITY: Type = named(
    "TPodmiot2",
    elements(&[
        either(&[
            one("NIP", NIP),
            all(&[one("KodUE", EU_COUNTRY), one("NrVatUE", EU_VAT_NUMBER)]),
            all(&[optional("KodKraju", COUNTRY), one("NrID", TAX_IDENTIFIER)]),
            one("BrakID", MARK),
        ]),
        maybe_all(&[one("Nazwa", TEXT_512)]),
    ]),
);

const THIRD_PARTY_IDENTITY: Type = named(
    "TPodmiot3",
    elements(&[
        either(&[
            one("NIP", NIP),
            one("IDWew", INTERNAL_ID),
            all(&[one("KodUE", EU_COUNTRY), one("NrVatUE", EU_VAT_NUMBER)]),
            all(&[optional("KodKraju", COUNTRY), one("NrID", TAX_IDENTIFIER)]),
            one("BrakID", MARK),
        ]),
        maybe_all(&[one("Nazwa", TEXT_512)]),
    ]),
);

pub(super) const ADDRESS: Type = named(
    "TAdres",
    elements(&[
        one("KodKraju", COUNTRY),
        one("AdresL1", TEXT_512),
        optional("AdresL2", TEXT_512),
        optional("GLN", GLN),
    ]),
);

const CONTACT: Type = elements(&[maybe_all(&[
    optional("Email", EMAIL),
    optional("Telefon", PHONE),
])]);

const AUTHORISED_CONTACT: Type =
    elements(&[optional("EmailPU", EMAIL), optional("TelefonPU", PHONE)]);
