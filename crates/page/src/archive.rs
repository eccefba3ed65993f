//! The archive: what KSeF has, searched by number, buyer, days, KSeF number and hash.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use ksef_offline::core::Bilingual;
use ksef_offline::core::identifier::{InvoiceHash, KsefNumber};
use ksef_offline::{ArchiveQuery, DeskError, FaultView, ListView};
use maud::{Markup, html};

use crate::app::App;
use crate::fault::{self, Fault};
use crate::format::query;
use crate::layout::{self, Place};
use crate::table::{self, Columns};
use crate::visitor::Visitor;

/// Invoices on a page.
const PAGE: usize = 50;
const FIELDS: [&str; 6] = ["number", "buyer", "from", "to", "ksef_number", "hash"];

/// `GET /archive`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let found: Result<ListView, Vec<FaultView>> = match read(&asked) {
        Ok(query) => Ok(app.at_desk(move |desk| desk.search(&query)).await?),
        Err(faults) => Err(faults),
    };
    let title = words.say("Archiwum", "Archive");
    let searched = FIELDS.iter().any(|name| !value(&asked, name).is_empty());
    let body = html! {
        h1 { (title) }
        p { (words.say("Faktury przyjęte przez KSeF, najnowsze najpierw.", "Invoices that KSeF accepted, the newest first.")) }
        (form(&visitor, &asked))
        @match &found {
            Err(faults) => div.banner role="alert" { (fault::list(words, faults)) },
            Ok(list) => {
                @if list.invoices.is_empty() {
                    p.empty role="status" {
                        @if searched { (words.say("Nic takiego nie znaleziono.", "Nothing like that was found.")) }
                        @else { (words.say("Archiwum jest puste.", "The archive is empty.")) }
                    }
                } @else {
                    (table::invoices(words, title, Columns::Archive, &list.invoices))
                }
                @if let Some(next) = &list.next {
                    p.pages { a.button href=(further(&asked, next)) { (words.say("Następna strona", "Next page")) } }
                }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Archive, title, &body))
}

fn value<'a>(asked: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    asked.get(name).map_or("", |value| value.trim())
}

fn form(visitor: &Visitor, asked: &BTreeMap<String, String>) -> Markup {
    let words = visitor.words;
    let field = |name: &str, kind: &str, label: &str| {
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value(asked, name));
            }
        }
    };
    html! {
        form.card.search method="get" action="/archive" role="search" {
            (field("number", "search", words.say("Numer faktury (lub jego początek)", "Invoice number (or its beginning)")))
            (field("buyer", "search", words.say("Nabywca (część nazwy lub NIP)", "Buyer (part of the name or NIP)")))
            (field("from", "date", words.say("Wystawiona od", "Issued from")))
            (field("to", "date", words.say("Wystawiona do", "Issued until")))
            (field("ksef_number", "search", words.say("Numer KSeF", "KSeF number")))
            (field("hash", "search", words.say("Skrót SHA-256 (Base64)", "SHA-256 hash (Base64)")))
            div.buttons {
                button.button.primary type="submit" { (words.say("Szukaj", "Search")) }
                a.button href="/archive" { (words.say("Wyczyść", "Clear")) }
            }
        }
    }
}

/// The query, or what is wrong with each of its fields.
fn read(asked: &BTreeMap<String, String>) -> Result<ArchiveQuery, Vec<FaultView>> {
    let mut faults = Vec::new();
    let text = |name| Some(value(asked, name).to_owned()).filter(|value| !value.is_empty());
    let mut day = |name| {
        let value = text(name)?;
        let day = value.parse().ok();
        if day.is_none() {
            faults.push(FaultView {
                path: None,
                line: None,
                code: "date-malformed".into(),
                message: Bilingual::new(
                    format!("{value}: to nie jest data w formacie RRRR-MM-DD"),
                    format!("{value}: this is no date in the form YYYY-MM-DD"),
                ),
            });
        }
        day
    };
    let (from, to) = (day("from"), day("to"));
    let mut tell = |error: DeskError| faults.push(FaultView::of(&error));
    let ksef_number = text("ksef_number").and_then(|number| {
        KsefNumber::parse(&number)
            .map_err(|error| tell(error.into()))
            .ok()
    });
    let hash = text("hash").and_then(|hash| {
        InvoiceHash::from_base64(&hash)
            .map_err(|error| tell(error.into()))
            .ok()
    });
    let after = match text("after").map(|after| after.parse()).transpose() {
        Ok(after) => after,
        Err(error) => {
            tell(DeskError::Queue(error));
            None
        }
    };
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(ArchiveQuery {
        number: text("number"),
        buyer: text("buyer"),
        from,
        to,
        ksef_number,
        hash,
        limit: PAGE,
        after,
        ..ArchiveQuery::default()
    })
}

/// The same search, a page further.
fn further(asked: &BTreeMap<String, String>, next: &str) -> String {
    let mut address = String::from("/archive?");
    for name in FIELDS {
        let value = value(asked, name);
        if !value.is_empty() {
            address += &format!("{name}={}&", query(value));
        }
    }
    address + "after=" + &query(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_that_cannot_be_read_has_its_fault() {
        let asked: BTreeMap<String, String> = [
            ("from", "yesterday"),
            ("ksef_number", "x"),
            ("hash", "y"),
            ("number", " FV/1 "),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        assert_eq!(read(&asked).unwrap_err().len(), 3);
    }

    #[test]
    fn the_next_page_is_of_the_same_search() {
        let asked = [("number".to_owned(), "FV/1 &".to_owned())].into();
        assert_eq!(
            further(&asked, "a:b"),
            "/archive?number=FV%2F1%20%26&after=a%3Ab"
        );
    }
}
