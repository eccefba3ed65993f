//! A vector for each rule: where it fires, and where it stays silent.

mod annotations;
mod lines;
mod parties;
mod payment;
mod totals;

use jiff::civil::date;

use super::super::{Rules, Verdict, Violation, validate};
use super::fact::Fact;
use super::parties::{Party, Who};
use super::totals::{Sale, Total};

/// An invoice without fault: two pieces at 50.00 and 23 per cent.
const INVOICE: &str = r#"<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
<Naglowek>
<KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
<WariantFormularza>3</WariantFormularza>
<DataWytworzeniaFa>2026-11-20T08:00:00Z</DataWytworzeniaFa>
</Naglowek>
<Podmiot1>
<DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>Piekarnia</Nazwa></DaneIdentyfikacyjne>
<Adres><KodKraju>PL</KodKraju><AdresL1>Łódź</AdresL1></Adres>
</Podmiot1>
<Podmiot2>
<DaneIdentyfikacyjne><NIP>7251804426</NIP><Nazwa>Delikatesy</Nazwa></DaneIdentyfikacyjne>
<JST>2</JST>
<GV>2</GV>
</Podmiot2>
<Fa>
<KodWaluty>PLN</KodWaluty>
<P_1>2026-11-20</P_1>
<P_2>FV/1</P_2>
<P_13_1>100.00</P_13_1>
<P_14_1>23.00</P_14_1>
<P_15>123.00</P_15>
<Adnotacje>
<P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A>
<Zwolnienie><P_19N>1</P_19N></Zwolnienie>
<NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu>
<P_23>2</P_23>
<PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy>
</Adnotacje>
<RodzajFaktury>VAT</RodzajFaktury>
<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Tort</P_7><P_8A>szt.</P_8A><P_8B>2</P_8B><P_9A>50.00</P_9A><P_11>100.00</P_11><P_12>23</P_12></FaWiersz>
</Fa>
</Faktura>"#;

/// The line of [`INVOICE`].
const LINE: &str = "<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Tort</P_7><P_8A>szt.</P_8A><P_8B>2</P_8B><P_9A>50.00</P_9A><P_11>100.00</P_11><P_12>23</P_12></FaWiersz>";
/// Its sums.
const SUMS: &str = "<P_13_1>100.00</P_13_1>\n<P_14_1>23.00</P_14_1>\n<P_15>123.00</P_15>";
const NO_EXEMPTION: &str = "<P_19N>1</P_19N>";
const NO_MARGIN: &str = "<P_PMarzyN>1</P_PMarzyN>";

/// What makes [`INVOICE`] a correction of another.
const CORRECTED: &str = "<DaneFaKorygowanej><DataWystFaKorygowanej>2026-10-01</DataWystFaKorygowanej><NrFaKorygowanej>FV/0</NrFaKorygowanej><NrKSeFN>1</NrKSeFN></DaneFaKorygowanej>";

/// [`INVOICE`] with each first text replaced by the second.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(INVOICE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    })
}

fn verdict(text: &str) -> Verdict {
    let rules = Rules {
        enforce_nip_checksum: false,
        today: date(2026, 11, 22),
    };
    validate(text.as_bytes(), &rules)
}

/// The warnings on [`INVOICE`] after some edits, which must leave it legal: `code path`.
#[track_caller]
fn warnings(edits: &[(&str, &str)]) -> Vec<String> {
    let verdict = verdict(&edited(edits));
    assert!(verdict.is_valid(), "{:?}", verdict.errors);
    let summary = |found: Violation| format!("{} {}", found.code, found.path);
    verdict.warnings.into_iter().map(summary).collect()
}

#[track_caller]
fn silent(edits: &[(&str, &str)]) {
    assert_eq!(warnings(edits), <[&str; 0]>::default());
}

#[track_caller]
fn fires(edits: &[(&str, &str)], expected: &str) {
    assert_eq!(warnings(edits), [expected]);
}

/// The edits of a kind of correction, then more.
fn of_kind<'e>(kind: &'e str, more: &[(&'e str, &'e str)]) -> Vec<(&'e str, &'e str)> {
    let mut edits = vec![("<RodzajFaktury>VAT</RodzajFaktury>", kind)];
    edits.extend_from_slice(more);
    edits
}

#[test]
fn the_invoice_without_fault_has_no_warnings() {
    silent(&[]);
}

#[test]
fn facts_are_found_by_path() {
    for (path, fact) in [
        (&["Faktura", "Fa"][..], Some(Fact::Body)),
        (&["Faktura", "Fa", "FaWiersz"], Some(Fact::Line)),
        (
            &["Faktura", "Fa", "P_14_2"],
            Some(Fact::Total(Total::Tax(Sale::FirstReduced))),
        ),
        (
            &["Faktura", "Podmiot3", "DaneIdentyfikacyjne", "IDWew"],
            Some(Fact::Party(Party::InternalId(Who::Third))),
        ),
        (
            &["Faktura", "Fa", "Podmiot2K", "DaneIdentyfikacyjne", "NIP"],
            Some(Fact::Party(Party::Nip(Who::Other))),
        ),
        (&["Faktura", "Fa", "P_2"], None),
        (&["Faktura", "Naglowek", "SystemInfo"], None),
        (&["Fa"], None),
    ] {
        assert_eq!(Fact::of(path), fact, "{path:?}");
    }
}

#[test]
fn nothing_is_concluded_from_a_body_with_errors() {
    let text = edited(&[("<P_14_1>23.00", "<P_14_1>23,00")]);
    let found = verdict(&text);
    assert_eq!(found.errors.len(), 1);
    assert!(found.warnings.is_empty(), "{:?}", found.warnings);
    // Errors elsewhere do not keep the sums from being judged.
    let text = edited(&[
        ("<Nazwa>Piekarnia", "<Nazwa>"),
        ("<P_14_1>23.00", "<P_14_1>24.00"),
    ]);
    let codes: Vec<_> = verdict(&text)
        .warnings
        .iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["tax-differs", "total-differs"]);
}

#[test]
fn warnings_quote_no_value() {
    let text = edited(&[
        ("<P_14_1>23.00", "<P_14_1>987654.32"),
        ("<P_11>100.00", "<P_11>123456.78"),
        ("<NIP>7251804426", "<NIP>7251804427"),
    ]);
    let found = verdict(&text);
    assert!(found.warnings.len() > 3);
    let shown = format!("{found:?}");
    for value in ["987654", "123456", "7251804427"] {
        assert!(!shown.contains(value), "{value}");
    }
}

#[test]
fn the_room_for_warnings_is_bounded() {
    let line = "<FaWiersz><NrWierszaFa>1</NrWierszaFa></FaWiersz>";
    let found = verdict(&edited(&[(LINE, &line.repeat(10_000))]));
    assert!(found.is_valid());
    let size = |found: &Violation| size_of::<Violation>() + found.path.len();
    assert!(found.warnings.iter().map(size).sum::<usize>() < 5 << 18);
    assert!(found.warnings.len() > 1_000, "{}", found.warnings.len());
    let last = found.warnings.last().map(|last| last.code);
    assert_eq!(last, Some("too-many-violations"));
}
