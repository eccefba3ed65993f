//! Pages of the queue and of the archive as queries, put together from fixed texts with the values beside them.

use super::{Record as _, Table, Value, due_text, instant_text, number_of};
use crate::entry::Entry;
use crate::error::QueueError;
use crate::query::{ArchiveQuery, ListQuery, Only};

/// Where the databases differ.
pub(crate) struct Dialect {
    /// What stands before the number of a parameter.
    pub(crate) parameter: char,
    /// The function of a text and a part that gives the place of the part, or 0.
    pub(crate) place_of: &'static str,
    /// Names that are selected after those of the table.
    pub(crate) also: &'static str,
}

/// A query for entries.
pub(crate) struct Selection {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
    parameter: char,
}

impl Selection {
    fn new(dialect: &Dialect, hint: &str, condition: &'static str) -> Self {
        const TABLE: Table = Entry::TABLE;
        Self {
            sql: format!(
                "SELECT {}{} FROM entries{hint} WHERE {condition}",
                TABLE.list(),
                dialect.also
            ),
            values: Vec::new(),
            parameter: dialect.parameter,
        }
    }

    /// Adds a condition; each `@` in it is the next value.
    fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(" AND ");
        let mut values = values.into_iter();
        for part in condition.split_inclusive('@') {
            match part.strip_suffix('@') {
                Some(text) => {
                    self.sql.push_str(text);
                    self.push(values.next().unwrap_or(Value::Null));
                }
                None => self.sql.push_str(part),
            }
        }
    }

    fn push(&mut self, value: Value) {
        self.values.push(value);
        self.sql.push(self.parameter);
        self.sql.push_str(&self.values.len().to_string());
    }

    fn sorted(mut self, order: &'static str, limit: usize) -> Self {
        self.sql.push_str(" ORDER BY ");
        self.sql.push_str(order);
        self.sql.push_str(" LIMIT ");
        self.push(number_of(limit).into());
        self
    }
}

pub(crate) fn in_queue(dialect: &Dialect, query: &ListQuery) -> Result<Selection, QueueError> {
    let mut selection = Selection::new(dialect, "", "status <> 'sent'");
    if let Some(status) = query.status {
        selection.and("status = @", [status.name().into()]);
    }
    if let Some(context) = &query.context {
        selection.and("context = @", [context.as_str().into()]);
    }
    match query.only {
        Only::Everything => {}
        Only::Unsettled => selection.and("resolution IS NULL", []),
        Only::ForBatch => selection.and(
            "mode <> 'total-failure' AND corrects IS NULL AND resolution IS NULL",
            [],
        ),
        Only::Corrections => selection.and("corrects IS NOT NULL AND resolution IS NULL", []),
    }
    if let Some(cursor) = &query.after {
        let (due, id) = cursor.in_queue()?;
        selection.and(
            "(due, id) > (@, @)",
            [due_text(due).into(), id.as_str().into()],
        );
    }
    Ok(selection.sorted("due, id", query.limit))
}

/// The greatest text that begins with `start`, as far as characters go.
pub(crate) fn end_of(start: &str) -> String {
    format!("{start}\u{10FFFF}")
}

/// So many buyers are looked up one by one. Where a search fits more of them, the archive is read from its newest end: it
/// finds enough there soon.
pub(crate) const FEW_BUYERS: usize = 50;

/// The newest entries of all these buyers, of each of which `page` gives the newest.
pub(crate) fn newest_of(
    query: &ArchiveQuery,
    buyers: &[String],
    page: impl Fn(&str) -> Result<Vec<Entry>, QueueError>,
) -> Result<Vec<Entry>, QueueError> {
    let mut found = Vec::new();
    for buyer in buyers {
        found.extend(page(buyer)?);
    }
    found.sort_by(|a, b| (b.archived, &b.id).cmp(&(a.archived, &a.id)));
    found.truncate(query.limit);
    Ok(found)
}

/// `hint` stands behind the name of the table and tells a database by which index to go. `buyer` is the whole folded text
/// of one buyer, in the place of the part of one that the query has.
pub(crate) fn in_archive(
    dialect: &Dialect,
    query: &ArchiveQuery,
    hint: &str,
    buyer: Option<&str>,
) -> Result<Selection, QueueError> {
    let mut selection = Selection::new(dialect, hint, "status = 'sent'");
    if let Some(context) = &query.context {
        selection.and("context = @", [context.as_str().into()]);
    }
    if let Some(start) = &query.number {
        selection.and(
            "number >= @ AND number <= @",
            [start.as_str().into(), end_of(start).into()],
        );
    }
    if let Some(buyer) = buyer {
        selection.and("buyer_folded = @", [buyer.into()]);
    } else if let Some(part) = &query.buyer {
        let condition = format!("{}(buyer_folded, @) > 0", dialect.place_of);
        selection.and(&condition, [part.to_lowercase().into()]);
    }
    if let Some(from) = query.from {
        selection.and("issue_date >= @", [from.to_string().into()]);
    }
    if let Some(to) = query.to {
        selection.and("issue_date <= @", [to.to_string().into()]);
    }
    if let Some(number) = &query.ksef_number {
        selection.and("ksef_number = @", [number.as_str().into()]);
    }
    if let Some(hash) = &query.hash {
        selection.and("hash = @", [hash.as_bytes().as_slice().into()]);
    }
    if let Some(cursor) = &query.after {
        let (archived, id) = cursor.in_archive()?;
        selection.and(
            "(archived, id) < (@, @)",
            [instant_text(archived).into(), id.as_str().into()],
        );
    }
    Ok(selection.sorted("archived DESC, id DESC", query.limit))
}
