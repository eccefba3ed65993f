//! What the grammar says of lengths, patterns, ranges and numbers of elements, in the words of JSON Schema.
//!
//! The schema of the model knows shapes only; each field notes its schema names in `$comment`. Here the schema and the grammar
//! are walked side by side.

use std::collections::BTreeSet;

use schemars::Schema;
use serde_json::{Map, Value as Json};

use super::grammar::{Content, DOCUMENT, Day, Element, Particle, Value};
use super::pattern;

const SCHEMA_NAMES: &str = "$comment";

/// States the limits of FA(3) in the schema of the model.
pub(in crate::invoice) fn state_limits(schema: &mut Schema) {
    let root = schema.ensure_object();
    let definitions = match root.remove("$defs") {
        Some(Json::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let mut limits = Limits {
        definitions,
        done: BTreeSet::new(),
    };
    let invoice = find(DOCUMENT, crate::invoice::names::INVOICE);
    if let Some(Content::Elements(within)) = invoice.map(|invoice| invoice.ty.content) {
        limits.state_fields(root, within);
    }
    let mut definitions = limits.definitions;
    definitions.values_mut().for_each(tidy);
    root.insert("$defs".into(), definitions.into());
}

struct Limits {
    definitions: Map<String, Json>,
    /// Definitions with the element they were walked for.
    done: BTreeSet<(String, usize)>,
}

impl Limits {
    /// The fields of an object, or the ways of a choice, which stand among these terms.
    fn state_fields(&mut self, schema: &mut Map<String, Json>, within: &'static [Particle]) {
        if let Some(ways) = schema.get_mut("oneOf").and_then(Json::as_array_mut) {
            for way in ways.iter_mut().filter_map(Json::as_object_mut) {
                let names = names_of(way);
                if let Some(fields) = way.get_mut("properties").and_then(Json::as_object_mut) {
                    for (_, field) in fields {
                        self.state_field(field, &names, within);
                    }
                }
            }
        }
        if let Some(fields) = schema.get_mut("properties").and_then(Json::as_object_mut) {
            for (_, field) in fields {
                let names = field.as_object().map(names_of).unwrap_or_default();
                self.state_field(field, &names, within);
            }
        }
    }

    fn state_field(&mut self, field: &mut Json, names: &str, within: &'static [Particle]) {
        let Some(field) = field.as_object_mut() else {
            return;
        };
        // The elements of a rate: the names of the fields stand with them.
        if names.contains('=') {
            self.in_definition(field, within, |limits, definition| {
                for (key, name) in names.split(' ').filter_map(|name| name.split_once('=')) {
                    let inner = definition
                        .get_mut("properties")
                        .and_then(|all| all.get_mut(key));
                    if let Some(inner) = inner {
                        limits.state_field(inner, name, within);
                    }
                }
            });
            return;
        }
        // The last one holds what the field says, the one before it is the mark that announces it.
        let Some(element) = names
            .split(' ')
            .next_back()
            .and_then(|name| find(within, name))
        else {
            // A group.
            return self.in_definition(field, within, |limits, definition| {
                limits.state_fields(definition, within);
            });
        };
        let Some(mut items) = field.remove("items") else {
            return self.state_content(field, element, within);
        };
        if let Some(one) = items.as_object_mut() {
            self.state_content(one, element, within);
        }
        field.insert("items".into(), items);
        field.insert("maxItems".into(), element.max.into());
        if !element.optional {
            field.insert("minItems".into(), 1.into());
        }
    }

    fn state_content(
        &mut self,
        field: &mut Map<String, Json>,
        element: &'static Element,
        within: &'static [Particle],
    ) {
        match &element.ty.content {
            Content::Elements(inner) => self.in_definition(field, inner, |limits, definition| {
                limits.state_fields(definition, inner);
            }),
            Content::Value(value) => {
                let known = self.definition_of(field).and_then(|name| {
                    let definition = self.definitions.get(name)?;
                    definition.get("pattern").cloned()
                });
                for (keyword, limit) in limits_of(value, is_number(field)) {
                    if keyword != "pattern" || known.as_ref() != Some(&limit) {
                        field.insert(keyword.into(), limit);
                    }
                }
                // A mark announces a group, which stands beside it.
                self.in_definition(field, within, |limits, definition| {
                    limits.state_fields(definition, within);
                });
            }
        }
    }

    /// The name of the definition a field refers to, if it does.
    fn definition_of<'a>(&self, field: &'a Map<String, Json>) -> Option<&'a str> {
        let direct = field.get("$ref");
        let reference = direct.or_else(|| {
            let either = field.get("anyOf")?.as_array()?;
            either.iter().find_map(|one| one.get("$ref"))
        })?;
        let name = reference.as_str()?.strip_prefix("#/$defs/")?;
        self.definitions.contains_key(name).then_some(name)
    }

    /// Works on the definition a field refers to, once for each list of terms.
    fn in_definition(
        &mut self,
        field: &Map<String, Json>,
        within: &'static [Particle],
        work: impl FnOnce(&mut Self, &mut Map<String, Json>),
    ) {
        let Some(name) = self.definition_of(field).map(str::to_owned) else {
            return;
        };
        if !self.done.insert((name.clone(), within.as_ptr() as usize)) {
            return;
        }
        let Some(mut definition) = self.definitions.remove(&name) else {
            return;
        };
        if let Some(definition) = definition.as_object_mut() {
            work(self, definition);
        }
        self.definitions.insert(name, definition);
    }
}

fn names_of(schema: &Map<String, Json>) -> String {
    let names = schema.get(SCHEMA_NAMES).and_then(Json::as_str);
    names.unwrap_or_default().to_owned()
}

/// Removes what says nothing: empty names of groups, and formats that are Rust's alone.
fn tidy(schema: &mut Json) {
    match schema {
        Json::Object(schema) => {
            let is_of_rust =
                |format: &Json| format.as_str().is_some_and(|it| it.starts_with("uint"));
            schema.retain(|keyword, value| match keyword.as_str() {
                SCHEMA_NAMES => value != "",
                "format" => !is_of_rust(value),
                _ => true,
            });
            schema.values_mut().for_each(tidy);
        }
        Json::Array(all) => all.iter_mut().for_each(tidy),
        _ => {}
    }
}

fn is_number(field: &Map<String, Json>) -> bool {
    match field.get("type") {
        Some(Json::Array(types)) => types.iter().any(|ty| ty == "integer"),
        Some(ty) => ty == "integer",
        None => false,
    }
}

/// The element of this name among the terms, in groups too, not in other elements.
fn find(terms: &'static [Particle], name: &str) -> Option<&'static Element> {
    terms.iter().find_map(|term| match term {
        Particle::Element(element) => (element.name == name).then_some(element),
        Particle::All { of, .. } | Particle::Either { of, .. } => find(of, name),
    })
}

/// The keywords that limit a value. Those for strings leave `null` and booleans alone; closed lists are in the types.
fn limits_of(value: &Value, in_number: bool) -> Vec<(&'static str, Json)> {
    /// At least one character that does not collapse.
    const NOT_BLANK: &str = r"[^ \t\n\r]";

    match *value {
        Value::Token { min, max } => {
            let mut limits = lengths(min, max);
            if min > 0 {
                limits.push(("pattern", NOT_BLANK.into()));
            }
            limits
        }
        Value::Verbatim { min, max } => lengths(min, max),
        Value::TokenLike { max, pattern } => {
            let mut limits = vec![("pattern", pattern::expression(pattern).into())];
            if max < u32::MAX {
                limits.push(("maxLength", max.into()));
            }
            limits
        }
        Value::VerbatimLike(pattern) => vec![("pattern", pattern::expression(pattern).into())],
        Value::Positive { digits } if in_number => vec![
            ("minimum", 1.into()),
            ("maximum", (10_u64.saturating_pow(digits) - 1).into()),
        ],
        Value::Positive { .. }
        | Value::Integer
        | Value::TokenOf(_)
        | Value::CodeOf(_)
        | Value::NumberOf(_)
        | Value::Fixed(_) => Vec::new(),
        Value::Decimal { integer, fraction } => {
            let more = integer - 1;
            let expression = format!(r"^-?([1-9][0-9]{{0,{more}}}|0)(\.[0-9]{{1,{fraction}}})?$");
            vec![("pattern", expression.into())]
        }
        // Digits in all are no further limit: two before the point and those after it are fewer.
        Value::Percent { fraction, .. } => {
            let hundred = r"0*100(\.0*)?";
            let less =
                format!(r"0*[0-9]{{1,2}}(\.[0-9]{{0,{fraction}}}0*)?|\.[0-9]{{1,{fraction}}}0*");
            let expression = format!(r"^(\+?({hundred}|{less})|-(0+(\.0*)?|\.0+))$");
            vec![("pattern", expression.into())]
        }
        Value::Date { from, to } => vec![("pattern", format!("^({})$", days(from, to)).into())],
        // By the offset the day may be another than in UTC.
        Value::Instant { from, to } => {
            let days = days(day_before(from), day_after(to));
            let time = "(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?|24:00:00(\\.0+)?)";
            let offset = "(Z|[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00))?";
            vec![("pattern", format!("^({days})T{time}{offset}$").into())]
        }
    }
}

fn lengths(min: u32, max: u32) -> Vec<(&'static str, Json)> {
    let mut limits = vec![("maxLength", max.into())];
    if min > 0 {
        limits.push(("minLength", min.into()));
    }
    limits
}

/// The days of the calendar from the one to the other, as an expression.
fn days(from: Day, to: Day) -> String {
    let mut ways = Vec::new();
    let mut years = from.0..=to.0;
    if (from.1, from.2) > (1, 1) {
        ways.push(part_of_year(from, (from.0, 12, 31)));
        years = from.0 + 1..=to.0;
    }
    if (to.1, to.2) < (12, 31) {
        years = *years.start()..=to.0 - 1;
    }
    let all = numbers(years.clone().map(u32::from), 4);
    ways.push(format!(
        "{all}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    ));
    let leap = years.filter(|&year| super::value::days_in(year, 2) == 29);
    ways.push(format!("{}-02-29", numbers(leap.map(u32::from), 4)));
    if (to.1, to.2) < (12, 31) {
        ways.push(part_of_year((to.0, 1, 1), to));
    }
    ways.join("|")
}

/// Days of one year.
fn part_of_year(from: Day, to: Day) -> String {
    let year = from.0;
    let months = (from.1..=to.1).map(|month| {
        let first = if month == from.1 { from.2 } else { 1 };
        let last = super::value::days_in(year, month);
        let last = if month == to.1 { to.2.min(last) } else { last };
        format!("{month:02}-{}", numbers((first..=last).map(u32::from), 2))
    });
    format!("{year:04}-({})", months.collect::<Vec<_>>().join("|"))
}

/// One of these numbers, ascending, in so many digits: those that differ in the last digit only stand together.
fn numbers(all: impl Iterator<Item = u32>, digits: usize) -> String {
    let mut tens: Vec<(u32, String)> = Vec::new();
    for number in all {
        let last = char::from_digit(number % 10, 10).unwrap_or('0');
        match tens.last_mut() {
            Some((ten, ends)) if *ten == number / 10 => ends.push(last),
            _ => tens.push((number / 10, last.into())),
        }
    }
    let width = digits - 1;
    let ways = tens.iter().map(|(ten, ends)| match ends.as_str() {
        "0123456789" => format!("{ten:0width$}[0-9]"),
        ends => format!("{ten:0width$}[{ends}]"),
    });
    format!("({})", ways.collect::<Vec<_>>().join("|"))
}

fn day_before((year, month, day): Day) -> Day {
    match (month, day) {
        (1, 1) => (year - 1, 12, 31),
        (_, 1) => (year, month - 1, super::value::days_in(year, month - 1)),
        _ => (year, month, day - 1),
    }
}

/// The day after, of a day that does not end a month.
fn day_after((year, month, day): Day) -> Day {
    (year, month, day + 1)
}
