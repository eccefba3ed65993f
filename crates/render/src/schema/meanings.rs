//! What the coded values of FA(3) mean.

use super::countries::COUNTRIES;

/// Polish and English words.
pub(super) type Pair = (&'static str, &'static str);

/// The meaning of a value from a closed list, if the element `name` has one.
pub(super) fn meaning(name: &str, value: &str) -> Option<Pair> {
    Some(match (name, value) {
        ("FormaPlatnosci", _) => means_of_payment(value)?,
        ("Rola", _) => role(value)?,
        ("RolaPU", _) => authorised_role(value)?,
        ("TypKorekty", _) => correction_type(value)?,
        ("RodzajTransportu", _) => transport(value)?,
        ("OpisLadunku", _) => cargo(value)?,
        ("StatusInfoPodatnika", _) => status(value)?,
        ("RachunekWlasnyBanku", _) => bank_account(value)?,
        ("ZnacznikZaplatyCzesciowej", "1") => ("zapłacono w części", "paid in part"),
        ("ZnacznikZaplatyCzesciowej", "2") => (
            "zapłacono całość w dwóch lub więcej częściach",
            "paid in full, in two or more parts",
        ),
        _ => return None,
    })
}

/// What follows the code on the same line: codes that traders know by themselves keep standing first.
pub(super) fn explanation(name: &str, value: &str) -> Option<Pair> {
    Some(match name {
        "GTU" | "GTUZ" => goods_group(value)?,
        "Procedura" | "ProceduraZ" => procedure(value)?,
        "P_12" | "P_12Z" => rate(value)?,
        _ => return None,
    })
}

/// The name of a country.
pub(super) fn country(code: &str) -> Option<Pair> {
    let place = COUNTRIES
        .binary_search_by_key(&code, |(code, ..)| code)
        .ok()?;
    let (_, pl, en) = COUNTRIES[place];
    Some((pl, en))
}

fn means_of_payment(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("gotówka", "cash"),
        "2" => ("karta", "card"),
        "3" => ("bon", "voucher"),
        "4" => ("czek", "cheque"),
        "5" => ("kredyt", "credit"),
        "6" => ("przelew", "bank transfer"),
        "7" => ("mobilna", "mobile payment"),
        _ => return None,
    })
}

fn role(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("faktor", "factor"),
        "2" => ("odbiorca", "recipient"),
        "3" => ("podmiot pierwotny", "original entity"),
        "4" => ("dodatkowy nabywca", "additional buyer"),
        "5" => ("wystawca faktury", "issuer of the invoice"),
        "6" => ("dokonujący płatności", "payer"),
        "7" => (
            "jednostka samorządu terytorialnego – wystawca",
            "local government unit, issuer",
        ),
        "8" => (
            "jednostka samorządu terytorialnego – odbiorca",
            "local government unit, recipient",
        ),
        "9" => ("członek grupy VAT – wystawca", "VAT group member, issuer"),
        "10" => (
            "członek grupy VAT – odbiorca",
            "VAT group member, recipient",
        ),
        "11" => ("pracownik", "employee"),
        _ => return None,
    })
}

fn authorised_role(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("organ egzekucyjny", "enforcement authority"),
        "2" => ("komornik sądowy", "bailiff"),
        "3" => ("przedstawiciel podatkowy", "tax representative"),
        _ => return None,
    })
}

fn correction_type(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => (
            "skutkuje w dacie ujęcia faktury pierwotnej",
            "takes effect on the date of the original invoice",
        ),
        "2" => (
            "skutkuje w dacie wystawienia faktury korygującej",
            "takes effect on the date of the correcting invoice",
        ),
        "3" => (
            "skutkuje w innej dacie lub w różnych datach",
            "takes effect on another date, or on several",
        ),
        _ => return None,
    })
}

fn status(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("w stanie likwidacji", "in liquidation"),
        "2" => (
            "w trakcie postępowania restrukturyzacyjnego",
            "in restructuring proceedings",
        ),
        "3" => ("w stanie upadłości", "bankrupt"),
        "4" => ("przedsiębiorstwo w spadku", "enterprise in inheritance"),
        _ => return None,
    })
}

fn bank_account(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => (
            "rachunek banku do rozliczeń z tytułu nabywanych wierzytelności",
            "bank's account for purchased receivables",
        ),
        "2" => (
            "rachunek banku do pobrania należności od nabywcy i przekazania jej dostawcy",
            "bank's account for collecting from the buyer on behalf of the supplier",
        ),
        "3" => (
            "rachunek banku prowadzony w ramach gospodarki własnej",
            "bank's account of its own economy",
        ),
        _ => return None,
    })
}

fn transport(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("transport morski", "sea transport"),
        "2" => ("transport kolejowy", "rail transport"),
        "3" => ("transport drogowy", "road transport"),
        "4" => ("transport lotniczy", "air transport"),
        "5" => ("przesyłka pocztowa", "postal consignment"),
        "7" => (
            "stałe instalacje przesyłowe",
            "fixed transport installations",
        ),
        "8" => ("żegluga śródlądowa", "inland waterway transport"),
        _ => return None,
    })
}

fn cargo(value: &str) -> Option<Pair> {
    Some(match value {
        "1" => ("bańka", "churn"),
        "2" => ("beczka", "barrel"),
        "3" => ("butla", "cylinder"),
        "4" => ("karton", "carton"),
        "5" => ("kanister", "canister"),
        "6" => ("klatka", "cage"),
        "7" => ("kontener", "container"),
        "8" => ("kosz/koszyk", "basket"),
        "9" => ("łubianka", "punnet"),
        "10" => ("opakowanie zbiorcze", "collective packaging"),
        "11" => ("paczka", "parcel"),
        "12" => ("pakiet", "package"),
        "13" => ("paleta", "pallet"),
        "14" => ("pojemnik", "receptacle"),
        "15" => (
            "pojemnik do ładunków masowych stałych",
            "container for solid bulk",
        ),
        "16" => (
            "pojemnik do ładunków masowych w postaci płynnej",
            "container for liquid bulk",
        ),
        "17" => ("pudełko", "box"),
        "18" => ("puszka", "can"),
        "19" => ("skrzynia", "crate"),
        "20" => ("worek", "sack"),
        _ => return None,
    })
}

/// § 10 ust. 3 of the regulation on JPK_VAT.
fn goods_group(value: &str) -> Option<Pair> {
    Some(match value {
        "GTU_01" => ("napoje alkoholowe", "alcohol"),
        "GTU_02" => ("paliwa", "fuels"),
        "GTU_03" => ("oleje opałowe i smarowe", "heating oil and lubricants"),
        "GTU_04" => ("wyroby tytoniowe", "tobacco"),
        "GTU_05" => ("odpady", "waste"),
        "GTU_06" => (
            "urządzenia elektroniczne i folie",
            "electronic devices and foils",
        ),
        "GTU_07" => ("pojazdy i części", "vehicles and parts"),
        "GTU_08" => (
            "metale szlachetne i nieszlachetne",
            "precious and base metals",
        ),
        "GTU_09" => ("leki i wyroby medyczne", "medicines and medical devices"),
        "GTU_10" => ("budynki, budowle i grunty", "buildings and land"),
        "GTU_11" => ("uprawnienia do emisji", "emission allowances"),
        "GTU_12" => ("usługi niematerialne", "intangible services"),
        "GTU_13" => ("transport i magazynowanie", "transport and storage"),
        _ => return None,
    })
}

/// § 10 ust. 4 of the regulation on JPK_VAT.
fn procedure(value: &str) -> Option<Pair> {
    Some(match value {
        "WSTO_EE" => (
            "sprzedaż na odległość i usługi elektroniczne w UE",
            "distance sales and electronic services in the EU",
        ),
        "IED" => (
            "dostawa ułatwiona interfejsem elektronicznym",
            "supply eased by an electronic interface",
        ),
        "TT_D" => (
            "dostawa przez drugiego podatnika w transakcji trójstronnej",
            "supply by the second taxpayer of a triangular transaction",
        ),
        "I_42" => (
            "dostawa po imporcie, procedura 42",
            "supply after import, procedure 42",
        ),
        "I_63" => (
            "dostawa po imporcie, procedura 63",
            "supply after import, procedure 63",
        ),
        "B_SPV" => (
            "transfer bonu jednego przeznaczenia",
            "transfer of a single-purpose voucher",
        ),
        "B_SPV_DOSTAWA" => (
            "dostawa w zamian za bon jednego przeznaczenia",
            "supply for a single-purpose voucher",
        ),
        "B_MPV_PROWIZJA" => (
            "pośrednictwo w transferze bonu różnego przeznaczenia",
            "brokerage of multi-purpose vouchers",
        ),
        _ => return None,
    })
}

fn rate(value: &str) -> Option<Pair> {
    Some(match value {
        "0 KR" => ("0% kraj", "0% domestic"),
        "0 WDT" => ("0% dostawa wewnątrz UE", "0% intra-EU supply"),
        "0 EX" => ("0% eksport", "0% export"),
        "zw" => ("zwolnione", "exempt"),
        "oo" => ("odwrotne obciążenie", "reverse charge"),
        "np I" => ("poza krajem", "outside the country"),
        "np II" => ("usługi z art. 100", "services of art. 100"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn countries_are_sorted_and_unique_and_those_of_the_union_are_there() {
        assert!(COUNTRIES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for code in
            "AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
                .split(' ')
        {
            assert!(country(code).is_some(), "{code}");
        }
        assert_eq!(country("QQ"), None);
    }
}
