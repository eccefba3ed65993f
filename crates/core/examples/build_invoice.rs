//! Builds one invoice of each kind and prints them as FA(3) documents: `build_invoice [FOLDER]` writes them to files.
//!
//! Copy what you need. Amounts are exact decimals, dates and the moment of making come from you.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a program reads the clock, prints and writes files"
)]

use jiff::Timestamp;
use jiff::civil::date;
use ksef_offline_core::identifier::Nip;
use ksef_offline_core::invoice::builder::{
    AdvanceDraft, BasicDraft, CorrectionDraft, Item, SettledAdvance, SettlementDraft,
    SimplifiedDraft,
};
use ksef_offline_core::invoice::model::{
    Address, BankAccount, Buyer, CorrectionEffect, KsefReference, PaymentForm, Seller, VatRate,
};
use ksef_offline_core::invoice::validate::{Rules, validate};
use ksef_offline_core::invoice::{Amount, Invoice};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seller = Seller::new(
        Nip::parse("5265877635")?,
        "Piekarnia Pod Zegarem sp. z o.o.",
        Address::in_poland("ul. Piotrkowska 1", "90-001 Łódź"),
    );
    let buyer = Buyer::company(
        Nip::parse("1111111111")?,
        "Kawiarnia Rogalik",
        Address::in_poland("ul. Polna 1", "00-001 Warszawa"),
    );
    let issued = date(2026, 11, 20);
    let now = Timestamp::now();

    // A basic invoice: net prices, two rates, payment by bank transfer.
    let basic = BasicDraft::new(seller.clone(), buyer.clone(), "FV/2026/11/001", issued)
        .issue_place("Łódź")
        .item(
            Item::net(
                "Chałka z kruszonką",
                Amount::parse("6.40")?,
                VatRate::Percent5,
            )
            .quantity(45, "szt."),
        )
        .item(Item::net("Dowóz", 30, VatRate::Percent23))
        .due(date(2026, 12, 4))
        .payment_form(PaymentForm::Transfer)
        .bank_account(BankAccount::new("04102000160000100203040506"))
        .finish(now)?;

    // Fifteen came back: the line stands before and after, the sums are differences.
    let correction =
        CorrectionDraft::correct(&basic, KsefReference::OutsideKsef, "FK/2026/11/001", issued)
            .quantity(1, 30)
            .reason("Zwrot 15 sztuk")
            .effect(CorrectionEffect::CorrectionDate)
            .finish(now)?;

    // An advance on an order, spread over its rates.
    let cake = Item::net("Tort weselny", 2400, VatRate::Percent5);
    let table = Item::net("Stół słodki", 5200, VatRate::Percent8);
    let advance = AdvanceDraft::new(seller.clone(), buyer.clone(), "FZ/2026/11/001", issued)
        .items([cake.clone(), table.clone()])
        .received(Amount::parse("2440.80")?, issued)
        .finish(now)?;

    // Its settlement: the whole order, less the advance. With the KSeF number at hand it is `SettledAdvance::in_ksef`.
    let settlement = SettlementDraft::new(seller.clone(), buyer, "FR/2026/11/001", issued)
        .items([cake, table])
        .settles(SettledAdvance::outside_ksef(&advance))
        .due(date(2026, 12, 4))
        .finish(now)?;

    // A simplified invoice: the buyer's NIP is enough, prices contain the tax.
    let simplified =
        SimplifiedDraft::new(seller, Nip::parse("1111111111")?, "FU/2026/11/001", issued)
            .item(Item::gross("Zestaw kanapek", 189, VatRate::Percent5))
            .paid_on(issued)
            .payment_form(PaymentForm::Card)
            .finish(now)?;

    let folder = std::env::args_os().nth(1);
    for invoice in [basic, correction, advance, settlement, simplified] {
        print_or_save(&invoice, folder.as_deref())?;
    }
    Ok(())
}

fn print_or_save(
    invoice: &Invoice,
    folder: Option<&std::ffi::OsStr>,
) -> Result<(), Box<dyn std::error::Error>> {
    // These bytes are what is signed, coded and sent: they are never written again.
    let document = invoice.to_document()?;
    let rules = Rules {
        enforce_nip_checksum: true,
        today: date(2026, 11, 20),
    };
    let verdict = validate(document.bytes(), &rules);
    assert!(
        verdict.is_valid() && verdict.warnings.is_empty(),
        "what is built is legal"
    );
    match folder {
        Some(folder) => {
            let name = format!("{}.xml", invoice.body.number.replace('/', "-"));
            std::fs::create_dir_all(folder)?;
            std::fs::write(std::path::Path::new(folder).join(name), document.bytes())?;
        }
        None => println!("{}", invoice.write()),
    }
    Ok(())
}
