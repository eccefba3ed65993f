//! The texts of `args.rs` in Polish. A test holds both against each other.

/// The Polish of an English text.
pub fn text(english: &str) -> Option<&'static str> {
    HELP.iter()
        .chain(REASONS)
        .find(|(known, _)| *known == english)
        .map(|(_, polish)| *polish)
}

/// Why a value was refused.
const REASONS: &[(&str, &str)] = &[
    (
        "a date is written YYYY-MM-DD",
        "datę zapisuje się RRRR-MM-DD",
    ),
    (
        "the calendar of Polish business days holds from 2004 to 2100",
        "kalendarz polskich dni roboczych obejmuje lata 2004–2100",
    ),
    (
        "an instant is written 2026-03-04T12:00+01:00",
        "chwilę zapisuje się 2026-03-04T12:00+01:00",
    ),
    ("invalid digit found in string", "to nie jest liczba"),
    (
        "cannot parse integer from empty string",
        "to nie jest liczba",
    ),
    (
        "number too large to fit in target type",
        "liczba jest za duża",
    ),
];

/// Commands, arguments and options.
pub const HELP: &[(&str, &str)] = &[
    (
        "Issue invoices while KSeF is away and deliver every one of them when it is back",
        "Wystawia faktury, gdy KSeF nie działa, i dostarcza każdą z nich, gdy wróci",
    ),
    (
        "Folder with config.toml, the queue and the archive",
        "Katalog z plikiem config.toml, kolejką i archiwum",
    ),
    (
        "Print exactly one JSON document on standard output",
        "Wypisz na standardowe wyjście dokładnie jeden dokument JSON",
    ),
    (
        "Language of messages (default: Polish where the locale is, else English)",
        "Język komunikatów (domyślnie polski przy polskich ustawieniach systemu, w innym razie angielski)",
    ),
    (
        "Log what happens to standard error; twice for more",
        "Zapisuj przebieg na standardowe wyjście błędów; podane dwa razy – dokładniej",
    ),
    ("Print version", "Pokaż wersję"),
    (
        "Print help (see more with '--help')",
        "Pokaż pomoc (więcej po „--help”)",
    ),
    (
        "Print help (see a summary with '-h')",
        "Pokaż pomoc (skrót po „-h”)",
    ),
    (
        "Print this message or the help of the given subcommand(s)",
        "Pokaż tę pomoc albo pomoc podanego polecenia",
    ),
    ("Write config.toml", "Utwórz plik config.toml"),
    (
        "Ask KSeF and Latarnia how things stand",
        "Zapytaj KSeF i Latarnię o ich stan",
    ),
    (
        "Judge invoice files by the schema and KSeF's rules",
        "Sprawdź pliki faktur według schemy i reguł KSeF",
    ),
    (
        "Turn an invoice in JSON into FA(3), or FA(3) into JSON",
        "Zamień fakturę w JSON na FA(3) albo FA(3) na JSON",
    ),
    (
        "Print the JSON Schema of an invoice in JSON",
        "Wypisz JSON Schema faktury w JSON",
    ),
    (
        "Issue invoices: sign, code and store them",
        "Wystaw faktury: podpisz, utwórz kody i zapisz w kolejce",
    ),
    (
        "Show the queue, or with --status sent the archive",
        "Pokaż kolejkę, a z --status sent archiwum",
    ),
    (
        "Show one invoice with its history",
        "Pokaż jedną fakturę wraz z historią",
    ),
    (
        "Sign pending invoices",
        "Podpisz faktury oczekujące na podpis",
    ),
    (
        "Send everything that is signed and follow it to its end",
        "Wyślij wszystko, co podpisane, i śledź do końca",
    ),
    (
        "Bring invoices in processing up to date and resume what was interrupted",
        "Odśwież faktury w przetwarzaniu i dokończ to, co przerwano",
    ),
    ("Show a session with KSeF", "Pokaż sesję w KSeF"),
    ("Write the QR codes of an invoice", "Zapisz kody QR faktury"),
    (
        "Write an invoice as a person reads it",
        "Zapisz fakturę w postaci do czytania",
    ),
    (
        "Write the receipt (UPO) of an accepted invoice",
        "Zapisz UPO przyjętej faktury",
    ),
    (
        "Write invoice and signature as one ASiC-S file",
        "Zapisz fakturę i podpis jako jeden plik ASiC-S",
    ),
    (
        "Search the archive or export a part of it",
        "Przeszukaj archiwum albo wyeksportuj jego część",
    ),
    (
        "Copy the whole queue to a new file, and check the copy",
        "Skopiuj całą kolejkę do nowego pliku i sprawdź kopię",
    ),
    (
        "Compare everything in the queue, or in a backup, with its checksums",
        "Porównaj całą kolejkę albo kopię zapasową z jej sumami kontrolnymi",
    ),
    (
        "Send for every company that has a home in a folder, side by side",
        "Wyślij faktury każdej firmy, która ma swój katalog w podanym folderze, równolegle",
    ),
    (
        "Watch KSeF, Latarnia and deadlines: one JSON line an event",
        "Obserwuj KSeF, Latarnię i terminy: jeden wiersz JSON na zdarzenie",
    ),
    ("Remove an invoice in error", "Usuń fakturę w błędzie"),
    (
        "Send a technical correction of a rejected offline invoice, or tell when those that wait can be sent",
        "Wyślij korektę techniczną odrzuconej faktury offline albo pokaż, kiedy pójdą te, które czekają",
    ),
    (
        "Send nothing: tell in which order the corrections that wait are sent, when at the earliest, and which will be late",
        "Niczego nie wysyłaj: pokaż, w jakiej kolejności pójdą czekające korekty, kiedy najwcześniej i które się spóźnią",
    ),
    (
        "Add to the history of outages what Latarnia did not tell",
        "Dopisz do historii awarii to, czego Latarnia nie podała",
    ),
    (
        "Enter the end of an outage that Latarnia stopped showing without telling its end",
        "Wpisz koniec awarii, którą Latarnia przestała pokazywać bez podania końca",
    ),
    (
        "The number of the event (`event_id`, as `check` shows it)",
        "Numer zdarzenia (`event_id`, jak pokazuje go `check`)",
    ),
    (
        "When it ended, with its offset: 2026-03-04T12:00+01:00",
        "Kiedy się skończyła, z przesunięciem czasu: 2026-03-04T12:00+01:00",
    ),
    (
        "From where this is known, for whoever asks later",
        "Skąd to wiadomo, dla tego, kto kiedyś zapyta",
    ),
    ("Who enters it", "Kto to wpisuje"),
    ("Compute a deadline", "Oblicz termin"),
    (
        "Check a code, a signature or a receipt (UPO) that somebody handed over",
        "Sprawdź otrzymany kod, podpis albo UPO",
    ),
    (
        "Enrol, list and revoke KSeF certificates",
        "Wnioskuj o certyfikaty KSeF, wyświetlaj je i unieważniaj",
    ),
    (
        "Run the KSeF simulator until stopped",
        "Uruchom symulator KSeF i czekaj na zatrzymanie",
    ),
    (
        "Live through a whole offline day against the simulator",
        "Przeżyj cały dzień offline z symulatorem",
    ),
    (
        "In whose name to work: Nip:…, InternalId:…, NipVatUe:… or PeppolId:…",
        "W czyim imieniu działać: Nip:…, InternalId:…, NipVatUe:… lub PeppolId:…",
    ),
    (
        "test, demo, production or custom (the last only with --from-simulator)",
        "test, demo, production lub custom (to ostatnie tylko z --from-simulator)",
    ),
    (
        "Take addresses, a login certificate and trust from a running simulator",
        "Weź adresy, certyfikat logowania i zaufane certyfikaty z działającego symulatora",
    ),
    ("FA(3) files", "Pliki FA(3)"),
    (
        "test, demo or production (default: the configured one, else test)",
        "test, demo lub production (domyślnie skonfigurowane, w innym razie test)",
    ),
    (
        "An invoice as JSON (docs/json.md, and `schema` for an editor) or as FA(3); JSON keeps what it says, not prefixes, white space or other ways of writing the XML",
        "Faktura w JSON (docs/json.md, a dla edytora `schema`) albo w FA(3); JSON zachowuje treść, a nie prefiksy, odstępy i inny zapis XML",
    ),
    (
        "Where to write it; the ending says as what: .xml or .json",
        "Gdzie ją zapisać; o postaci decyduje rozszerzenie: .xml lub .json",
    ),
    (
        "By whose rules the invoice is judged: test, demo or production (default: the configured one, else test)",
        "Według czyich reguł ocenić fakturę: test, demo lub production (domyślnie skonfigurowane, w innym razie test)",
    ),
    (
        "How to issue; auto asks KSeF and Latarnia",
        "Jak wystawić; auto pyta KSeF i Latarnię",
    ),
    (
        "Leave offline invoices pending until `sign` or `send`",
        "Zostaw faktury offline bez podpisu do czasu `sign` lub `send`",
    ),
    (
        "Only this status; sent shows the archive",
        "Tylko ten status; sent pokazuje archiwum",
    ),
    ("Invoices a page", "Faktur na stronie"),
    (
        "Where the page before ended",
        "Gdzie skończyła się poprzednia strona",
    ),
    ("The id of the invoice", "Identyfikator faktury"),
    (
        "Invoices to sign (default: all that are pending)",
        "Faktury do podpisania (domyślnie wszystkie oczekujące)",
    ),
    (
        "Return when everything is uploaded, before KSeF has judged it",
        "Zakończ po wysłaniu, nie czekając na ocenę KSeF",
    ),
    (
        "How long to wait for KSeF's verdict, in seconds",
        "Jak długo czekać na ocenę KSeF, w sekundach",
    ),
    (
        "The id of the rejected invoice",
        "Identyfikator odrzuconej faktury",
    ),
    (
        "The invoice with the same content and without the technical fault",
        "Faktura o tej samej treści, bez błędu technicznego",
    ),
    (
        "The reference number of the session",
        "Numer referencyjny sesji",
    ),
    ("Where to write the pictures", "Gdzie zapisać obrazy"),
    ("Kind of picture", "Rodzaj obrazu"),
    (
        "Pixels a module at 300 dpi; 4 is the least that scans from paper",
        "Pikseli na moduł przy 300 dpi; mniej niż 4 nie da się odczytać z papieru",
    ),
    (
        "How much of a code may be lost and still be read: l 7 %, m 15 %, q 25 %, h 30 %",
        "Jaką część kodu można stracić i nadal go odczytać: l 7 %, m 15 %, q 25 %, h 30 %",
    ),
    (
        "The codes as they were handed out, also after acceptance",
        "Kody w postaci wydanej nabywcy, także po przyjęciu",
    ),
    (
        "The file to write; its extension says which kind",
        "Plik do zapisania; o rodzaju decyduje rozszerzenie",
    ),
    (
        "The QR codes alone, to be handed over apart from the invoice",
        "Same kody QR, do przekazania osobno",
    ),
    ("The file to write", "Plik do zapisania"),
    ("Find accepted invoices", "Znajdź przyjęte faktury"),
    (
        "Write accepted invoices with signature and receipt into a folder",
        "Zapisz przyjęte faktury z podpisem i UPO w katalogu",
    ),
    (
        "Remove what archive.retention_years in config.toml keeps no longer",
        "Usuń to, czego archive.retention_years w config.toml już nie każe przechowywać",
    ),
    (
        "Invoice number or its beginning",
        "Numer faktury lub jego początek",
    ),
    (
        "Part of the buyer's name or identifier",
        "Część nazwy lub identyfikatora nabywcy",
    ),
    ("Earliest issue date", "Najwcześniejsza data wystawienia"),
    ("Latest issue date", "Najpóźniejsza data wystawienia"),
    ("KSeF number", "Numer KSeF"),
    (
        "Hash of the document, standard Base64",
        "Skrót dokumentu w zwykłym Base64",
    ),
    ("The folder to write to", "Katalog do zapisania"),
    (
        "The file to write; it must not exist",
        "Plik do zapisania; nie może istnieć",
    ),
    (
        "A backup to check instead of the queue",
        "Kopia zapasowa do sprawdzenia zamiast kolejki",
    ),
    (
        "The folder with a home for each company",
        "Folder z katalogiem każdej firmy",
    ),
    (
        "Companies served at the same time",
        "Ile firm obsługiwać jednocześnie",
    ),
    (
        "Seconds to wait for KSeF's results, for each company",
        "Ile sekund czekać na wyniki KSeF dla każdej firmy",
    ),
    (
        "Seconds between two looks while KSeF answers; up to five times that while it does not",
        "Sekund między sprawdzeniami, gdy KSeF odpowiada; do pięciu razy tyle, gdy nie odpowiada",
    ),
    (
        "Warn this many hours before the end of an invoice's last day",
        "Ostrzegaj tyle godzin przed końcem ostatniego dnia faktury",
    ),
    ("The offline mode", "Tryb offline"),
    (
        "Issue date, YYYY-MM-DD, from 2004 to 2100",
        "Data wystawienia, RRRR-MM-DD, od 2004 do 2100",
    ),
    (
        "JSON array of Latarnia messages (default: all that were ever seen)",
        "Tablica JSON z komunikatami Latarni (domyślnie wszystkie dotąd widziane)",
    ),
    (
        "statutory or seven-days (default: the configured one)",
        "statutory lub seven-days (domyślnie skonfigurowana)",
    ),
    (
        "Check the link of a CODE I or CODE II",
        "Sprawdź link z KODU I lub KODU II",
    ),
    (
        "Check a signature: detached, enveloping, enveloped, or in an ASiC-S container",
        "Sprawdź podpis: zewnętrzny, otaczający, otoczony albo w kontenerze ASiC-S",
    ),
    ("Check a receipt (UPO)", "Sprawdź UPO"),
    ("The receipt to check", "UPO do sprawdzenia"),
    (
        "The invoice it should be the receipt of: its hash, seller, number and date are compared",
        "Faktura, której ma dotyczyć: porównywane są skrót, sprzedawca, numer i data",
    ),
    (
        "Certificates to trust, PEM or DER, for several files given again; by default those of config.toml",
        "Zaufane certyfikaty, PEM lub DER; dla kilku plików podaj kilka razy; domyślnie te z config.toml",
    ),
    ("The file to check", "Plik do sprawdzenia"),
    (
        "The invoice it should belong to; for a detached signature by default the file it names, beside it",
        "Faktura, do której ma należeć; dla podpisu zewnętrznego domyślnie plik, który on wskazuje, w tym samym katalogu",
    ),
    ("The text of the QR code", "Treść kodu QR"),
    (
        "The invoice it should belong to",
        "Faktura, do której ma należeć",
    ),
    (
        "The issuer's certificate, PEM or DER; without it no CODE II is valid",
        "Certyfikat wystawcy, PEM lub DER; bez niego żaden KOD II nie jest ważny",
    ),
    (
        "A PEM file of certificates to trust, may be given several times; by default those of config.toml",
        "Plik PEM z zaufanymi certyfikatami, można podać kilka razy; domyślnie te z config.toml",
    ),
    (
        "Make a key here and have KSeF certify it",
        "Utwórz klucz na miejscu i uzyskaj dla niego certyfikat KSeF",
    ),
    (
        "Show the certificates of the company",
        "Pokaż certyfikaty firmy",
    ),
    ("Revoke a certificate", "Unieważnij certyfikat"),
    (
        "offline signs invoices, authentication logs in",
        "offline podpisuje faktury, authentication loguje",
    ),
    (
        "The name KSeF shows for it",
        "Nazwa, pod którą KSeF go pokazuje",
    ),
    (
        "Where to write certificate and key",
        "Gdzie zapisać certyfikat i klucz",
    ),
    ("Kind of key", "Rodzaj klucza"),
    (
        "Environment variable with the password that encrypts the key",
        "Zmienna środowiskowa z hasłem, którym klucz zostanie zaszyfrowany",
    ),
    ("Enter them in config.toml", "Wpisz je do config.toml"),
    (
        "The serial number: 16 hexadecimal digits",
        "Numer seryjny: 16 cyfr szesnastkowych",
    ),
    (
        "The port to listen on; 0 takes a free one",
        "Port do nasłuchiwania; 0 wybiera wolny",
    ),
    (
        "Keep the simulator's state in this folder",
        "Przechowuj stan symulatora w tym katalogu",
    ),
    (
        "Where to leave invoices, signatures, codes, receipts and the summary",
        "Gdzie zostawić faktury, podpisy, kody, UPO i podsumowanie",
    ),
    (
        "FA(3) files to issue (default: the examples that come with the program)",
        "Pliki FA(3) do wystawienia (domyślnie przykłady zawarte w programie)",
    ),
    (
        "Open the Offline Invoices page in a browser on this machine, until stopped",
        "Udostępnij stronę Faktury offline w przeglądarce na tym komputerze, aż do zatrzymania",
    ),
    (
        "Run the KSeF simulator with it, in a home of its own, and show the panel that steers it",
        "Uruchom wraz z nią symulator KSeF, w osobnym katalogu, i pokaż panel, który nim steruje",
    ),
    (
        "Issue a new invoice in the place of a rejected one",
        "Wystaw nową fakturę w miejsce odrzuconej",
    ),
    (
        "The FA(3) file to issue; it may have the number of the rejected one",
        "Plik FA(3) do wystawienia; może mieć numer odrzuconej",
    ),
    (
        "Leave an offline invoice pending until `sign` or `send`",
        "Zostaw fakturę offline bez podpisu do czasu `sign` lub `send`",
    ),
    (
        "Record that nothing more will be done about an invoice, and why",
        "Odnotuj, że z fakturą nic już nie trzeba robić, i dlaczego",
    ),
    (
        "The id of an invoice that was rejected, or that nobody has to send any more",
        "Identyfikator faktury odrzuconej albo takiej, której nikt już nie musi wysyłać",
    ),
    (
        "Why, in 1 to 500 characters; kept with the invoice",
        "Powód, od 1 do 500 znaków; przechowywany z fakturą",
    ),
];
