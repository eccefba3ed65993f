//! Who an invoice names: check digits, identifiers in the wrong field, third parties the flags of the buyer call for.

use rust_decimal::Decimal;

use super::super::code::Code;
use super::number::{decimal, is_one, number, trimmed};
use super::{Here, Rules, Sink, Spot};
use crate::identifier::Nip;

/// What is of interest about the parties.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Party {
    SellerPrefix,
    /// A `NIP` anywhere.
    Nip(Who),
    /// An `IDWew` anywhere.
    InternalId(Who),
    EuCode(Who),
    EuNumber(Who),
    Country,
    OtherNumber,
    NoIdentifier(Who),
    LocalGovernment,
    VatGroup,
    /// `Podmiot3`.
    Third,
    Role,
    Share,
}

/// Whose identifier it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Who {
    Seller,
    Buyer,
    Third,
    Authorised,
    /// Somebody the invoice names beside its parties: a carrier, the parties before a correction.
    Other,
}

impl Party {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        let who = match path.first() {
            Some(&"Podmiot1") => Who::Seller,
            Some(&"Podmiot2") => Who::Buyer,
            Some(&"Podmiot3") => Who::Third,
            Some(&"PodmiotUpowazniony") => Who::Authorised,
            _ => Who::Other,
        };
        Some(match path {
            ["Podmiot1", "PrefiksPodatnika"] => Self::SellerPrefix,
            ["Podmiot2", "JST"] => Self::LocalGovernment,
            ["Podmiot2", "GV"] => Self::VatGroup,
            ["Podmiot3"] => Self::Third,
            ["Podmiot3", "Rola"] => Self::Role,
            ["Podmiot3", "Udzial"] => Self::Share,
            [.., "DaneIdentyfikacyjne", "NIP"] => Self::Nip(who),
            [.., "DaneIdentyfikacyjne", "IDWew"] => Self::InternalId(who),
            [.., "DaneIdentyfikacyjne", "KodUE"] => Self::EuCode(who),
            [.., "DaneIdentyfikacyjne", "NrVatUE"] => Self::EuNumber(who),
            [.., "DaneIdentyfikacyjne", "KodKraju"] => Self::Country,
            [.., "DaneIdentyfikacyjne", "NrID"] => Self::OtherNumber,
            [.., "DaneIdentyfikacyjne", "BrakID"] => Self::NoIdentifier(who),
            _ => return None,
        })
    }
}

#[derive(Default)]
pub(super) struct Parties {
    pub(super) seller_has_prefix: bool,
    pub(super) buyer_has_nip: bool,
    pub(super) buyer_has_eu_number: bool,
    local_government: Flag,
    vat_group: Flag,
    third: ThirdParty,
    pub(super) has_issuer: bool,
    shares: Decimal,
    /// The country code of the identification that is being read, if it is of interest.
    eu_code: [u8; 2],
    is_polish: bool,
}

/// A flag of the buyer and whether a third party of the role it calls for is there.
#[derive(Default)]
struct Flag {
    yes: bool,
    spot: Spot,
    role_is_there: bool,
}

/// The third party that is being read.
#[derive(Default)]
struct ThirdParty {
    role: u64,
    role_at: usize,
    has_nip: bool,
    has_no_identifier: bool,
    share: Option<(Decimal, usize)>,
}

impl Parties {
    pub(super) fn begin_third(&mut self) {
        self.third = ThirdParty::default();
    }

    pub(super) fn take(
        &mut self,
        field: Party,
        text: &str,
        here: &Here<'_>,
        rules: &Rules,
        sink: &mut Sink,
    ) {
        match field {
            Party::SellerPrefix => self.seller_has_prefix = true,
            Party::Nip(who) => {
                self.note_nip(who);
                check_nip(text, who, here, rules, sink);
            }
            Party::InternalId(who) => {
                self.note_nip(who);
                let nip = trimmed(text).split('-').next().unwrap_or_default();
                check_nip(nip, who, here, rules, sink);
            }
            Party::EuCode(who) => {
                self.buyer_has_eu_number |= who == Who::Buyer;
                self.eu_code = trimmed(text).as_bytes().try_into().unwrap_or_default();
            }
            Party::EuNumber(_) => {
                if self.eu_code == *b"PL" {
                    sink.warn(here, Code::NipMisplaced);
                // Two letters at will may begin a French number.
                } else if self.eu_code != *b"FR" && text.as_bytes().starts_with(&self.eu_code) {
                    sink.warn(here, Code::EuVatNumberWithCountry);
                }
            }
            Party::Country => self.is_polish = trimmed(text) == "PL",
            Party::OtherNumber => {
                let is_nip = Nip::parse(text).is_ok_and(|nip| nip.has_valid_checksum());
                if std::mem::take(&mut self.is_polish) && is_nip {
                    sink.warn(here, Code::NipMisplaced);
                }
            }
            Party::NoIdentifier(who) => self.third.has_no_identifier = who == Who::Third,
            Party::LocalGovernment => {
                self.local_government
                    .set(text, here, "/Faktura/Podmiot2/JST");
            }
            Party::VatGroup => self.vat_group.set(text, here, "/Faktura/Podmiot2/GV"),
            Party::Third => {}
            Party::Role => {
                self.third.role = number(text).unwrap_or_default();
                self.third.role_at = here.at();
            }
            Party::Share => self.third.share = decimal(text).map(|share| (share, here.at())),
        }
    }

    fn note_nip(&mut self, who: Who) {
        match who {
            Who::Buyer => self.buyer_has_nip = true,
            Who::Third => self.third.has_nip = true,
            Who::Seller | Who::Authorised | Who::Other => {}
        }
    }

    /// `Podmiot3` ends.
    pub(super) fn judge_third(&mut self, here: &Here<'_>, sink: &mut Sink) {
        let third = &self.third;
        match third.role {
            5 => self.has_issuer = true,
            8 => self.local_government.role_is_there = true,
            10 => self.vat_group.role_is_there = true,
            _ => {}
        }
        if matches!(third.role, 8 | 10) && !third.has_nip {
            sink.warn_below(
                here,
                "Rola",
                third.role_at,
                Code::RecipientIdentifierMissing,
            );
        }
        if third.role == 11 && !third.has_no_identifier {
            sink.warn_below(here, "Rola", third.role_at, Code::EmployeeIdentifier);
        }
        if let Some((share, at)) = third.share {
            if third.role == 4 {
                let before = self.shares;
                self.shares += share;
                if before <= Decimal::ONE_HUNDRED && self.shares > Decimal::ONE_HUNDRED {
                    sink.warn_below(here, "Udzial", at, Code::SharesExceedWhole);
                }
            } else {
                sink.warn_below(here, "Udzial", at, Code::ShareWithoutBuyer);
            }
        }
    }

    /// All parties have been read.
    pub(super) fn judge(&self, sink: &mut Sink) {
        self.local_government.judge(
            Code::LocalGovernmentRecipientMissing,
            Code::LocalGovernmentFlagMissing,
            sink,
        );
        self.vat_group.judge(
            Code::VatGroupRecipientMissing,
            Code::VatGroupFlagMissing,
            sink,
        );
    }
}

impl Flag {
    fn set(&mut self, text: &str, here: &Here<'_>, path: &'static str) {
        self.yes = is_one(text);
        self.spot = here.spot(path);
    }

    fn judge(&self, role_missing: Code, flag_missing: Code, sink: &mut Sink) {
        match (self.yes, self.role_is_there) {
            (true, false) => sink.warn_at(self.spot, role_missing),
            (false, true) => sink.warn_at(self.spot, flag_missing),
            (true, true) | (false, false) => {}
        }
    }
}

/// Production refuses a wrong check digit of the parties themselves; elsewhere, and of anybody else the invoice names, it
/// is worth a warning.
fn check_nip(text: &str, who: Who, here: &Here<'_>, rules: &Rules, sink: &mut Sink) {
    if Nip::parse(text).is_ok_and(|nip| nip.has_valid_checksum()) {
        return;
    }
    if rules.enforce_nip_checksum && who != Who::Other {
        sink.refuse(here, Code::NipChecksum);
    } else {
        sink.warn(here, Code::NipChecksum);
    }
}
