//! The JSON form of an invoice as its schema tells it: what its fields are called, and where in a JSON an element of FA(3)
//! stands.

use ksef_offline_core::Language;
use ksef_offline_core::invoice::model;
use ksef_offline_render::element_label;
use serde_json::Value;

/// Where the schema of the model notes the schema names of a field.
const SCHEMA_NAMES: &str = "$comment";

/// The JSON Schema (draft 2020-12) of an invoice in JSON. Each field has a title in English and Polish; its `$comment` gives
/// its names in FA(3).
pub fn invoice_schema() -> Value {
    let mut schema = model::json_schema().to_value();
    name_fields(&mut schema);
    schema
}

fn name_fields(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(title) = fields.get(SCHEMA_NAMES).and_then(title) {
                fields.insert("title".into(), title.into());
            }
            fields.values_mut().for_each(name_fields);
        }
        Value::Array(all) => all.iter_mut().for_each(name_fields),
        _ => {}
    }
}

/// The last name is that of the element with the content, marks stand before it; the first leads the sums of a rate.
fn title(names: &Value) -> Option<String> {
    let names = names.as_str()?;
    let name = match names.strip_prefix("net=") {
        Some(sums) => sums.split(' ').next(),
        None => names.split(' ').next_back(),
    }?;
    let en = element_label(name, Language::En)?;
    let pl = element_label(name, Language::Pl)?;
    Some(if pl == en {
        en.into()
    } else {
        format!("{en} / {pl}")
    })
}

/// The JSON pointer (RFC 6901) of what an FA(3) path such as `/Faktura/Fa/FaWiersz[2]/P_11` became of; where the JSON lacks it,
/// that of what it is missing from.
pub(crate) fn pointer_of(xml_path: &str, json: &Value, schema: &Value) -> String {
    let steps: Vec<Step<'_>> = xml_path.split('/').skip(2).map(Step::read).collect();
    let places = Places { schema };
    places.follow(schema, json, &steps, String::new()).pointer
}

/// A step of a JSON pointer, its special characters masked.
pub(crate) fn push_key(pointer: &mut String, key: &str) {
    pointer.push('/');
    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
}

/// An element of a path.
#[derive(Clone, Copy)]
struct Step<'a> {
    name: &'a str,
    /// From 0.
    index: usize,
}

impl<'a> Step<'a> {
    fn read(text: &'a str) -> Self {
        let (name, rest) = text.split_once('[').unwrap_or((text, "1]"));
        let number: usize = rest.trim_end_matches(']').parse().unwrap_or(1);
        Self {
            name,
            index: number.saturating_sub(1),
        }
    }
}

struct Found {
    pointer: String,
    /// How many steps led there.
    steps: usize,
}

struct Places<'a> {
    schema: &'a Value,
}

impl<'a> Places<'a> {
    fn follow(
        &self,
        schema: &'a Value,
        json: &Value,
        steps: &[Step<'_>],
        pointer: String,
    ) -> Found {
        let here = Found { pointer, steps: 0 };
        let (Some(step), Some(fields)) = (steps.first(), json.as_object()) else {
            return here;
        };
        let schema = self.resolved(schema);
        // Groups have no element of their own, nor has what stands behind a mark: it is looked for in them last.
        let mut groups = Vec::new();
        for (key, value) in fields {
            let Some((names, inner, in_choice)) = field(schema, key) else {
                continue;
            };
            let mut pointer = here.pointer.clone();
            push_key(&mut pointer, key);
            for name in names.split(' ') {
                match name.split_once('=') {
                    Some((sum, name)) if name == step.name => {
                        push_key(&mut pointer, sum);
                        return Found { pointer, steps: 1 };
                    }
                    None if name == step.name => {
                        let found = self.enter(inner, value, steps, pointer);
                        return Found {
                            steps: found.steps + 1,
                            ..found
                        };
                    }
                    _ => {}
                }
            }
            if names.is_empty() || in_choice {
                groups.push((inner, value, pointer));
            }
        }
        groups
            .into_iter()
            .map(|(inner, value, pointer)| self.follow(inner, value, steps, pointer))
            .find(|found| found.steps > 0)
            .unwrap_or(here)
    }

    /// What the first step leads to, and the rest of the steps from there.
    fn enter(
        &self,
        schema: &'a Value,
        json: &Value,
        steps: &[Step<'_>],
        mut pointer: String,
    ) -> Found {
        let Some((step, rest)) = steps.split_first() else {
            return Found { pointer, steps: 0 };
        };
        match (json.get(step.index), self.resolved(schema).get("items")) {
            (Some(one), Some(items)) => {
                push_key(&mut pointer, &step.index.to_string());
                self.follow(items, one, rest, pointer)
            }
            _ => self.follow(schema, json, rest, pointer),
        }
    }

    /// The definition a schema refers to, if it does.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let either = schema.get("anyOf").and_then(Value::as_array);
        let reference = schema
            .get("$ref")
            .or_else(|| either?.iter().find_map(|one| one.get("$ref")));
        reference
            .and_then(|reference| self.schema.pointer(reference.as_str()?.strip_prefix('#')?))
            .unwrap_or(schema)
    }
}

/// Schema names and schema of a field, and whether it is a way of a choice.
fn field<'a>(schema: &'a Value, key: &str) -> Option<(&'a str, &'a Value, bool)> {
    let names = |schema: &'a Value| schema.get(SCHEMA_NAMES).and_then(Value::as_str);
    if let Some(inner) = schema.get("properties").and_then(|all| all.get(key)) {
        return Some((names(inner).unwrap_or_default(), inner, false));
    }
    let ways = schema.get("oneOf")?.as_array()?;
    ways.iter().find_map(|way| {
        let inner = way.get("properties")?.get(key)?;
        Some((names(way).unwrap_or_default(), inner, true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_of_the_xml_is_found_in_the_json() {
        let json = serde_json::json!({
            "header": {"created_at": "?"},
            "seller": {"identity": {"nip": "1"}},
            "buyer": {"identity": {"identifier": {"eu_vat": {"country": "DE", "number": "?"}}}},
            "body": {
                "totals": {"basic": {"net": "1", "vat": "1"}, "exempt": "1"},
                "annotations": {"exemption": {"by": {"act": ""}}},
                "lines": [{"name": "A"}, {"name": "B", "net": "1"}],
                "warehouse_documents": ["a", "b"],
                "payment": {"form": {"other": ""}, "state": {"in_parts": {"payments": [{}, {"amount": "1"}]}}},
            },
        });
        let schema = invoice_schema();
        for (path, pointer) in [
            ("/Faktura/Naglowek/DataWytworzeniaFa", "/header/created_at"),
            (
                "/Faktura/Podmiot1/DaneIdentyfikacyjne/NIP",
                "/seller/identity/nip",
            ),
            (
                "/Faktura/Podmiot2/DaneIdentyfikacyjne/NrVatUE",
                "/buyer/identity/identifier/eu_vat/number",
            ),
            ("/Faktura/Fa/P_14_1", "/body/totals/basic/vat"),
            ("/Faktura/Fa/P_13_7", "/body/totals/exempt"),
            (
                "/Faktura/Fa/Adnotacje/Zwolnienie/P_19A",
                "/body/annotations/exemption/by/act",
            ),
            ("/Faktura/Fa/FaWiersz[2]/P_11", "/body/lines/1/net"),
            ("/Faktura/Fa/WZ[2]", "/body/warehouse_documents/1"),
            (
                "/Faktura/Fa/Platnosc/OpisPlatnosci",
                "/body/payment/form/other",
            ),
            (
                "/Faktura/Fa/Platnosc/ZaplataCzesciowa[2]/KwotaZaplatyCzesciowej",
                "/body/payment/state/in_parts/payments/1/amount",
            ),
            // What is not there, or has no field of its own.
            ("/Faktura/Fa/FaWiersz[1]/P_12", "/body/lines/0"),
            ("/Faktura/Naglowek/WariantFormularza", "/header"),
            ("/Faktura", ""),
            ("", ""),
        ] {
            assert_eq!(pointer_of(path, &json, &schema), pointer, "{path}");
        }
    }

    #[test]
    fn keys_are_masked_as_rfc_6901_has_it() {
        let mut pointer = String::new();
        push_key(&mut pointer, "a/b~c");
        assert_eq!(pointer, "/a~1b~0c");
    }

    #[test]
    fn every_field_with_a_name_in_fa3_has_a_title_and_a_description() {
        fn check(schema: &Value, place: &str, wrong: &mut Vec<String>) {
            match schema {
                Value::Object(fields) => {
                    if fields.contains_key(SCHEMA_NAMES)
                        && !(fields.contains_key("title") && fields.contains_key("description"))
                    {
                        wrong.push(format!("{place} {}", fields[SCHEMA_NAMES]));
                    }
                    for (key, inner) in fields {
                        check(inner, &format!("{place}/{key}"), wrong);
                    }
                }
                Value::Array(all) => all.iter().for_each(|one| check(one, place, wrong)),
                _ => {}
            }
        }
        let mut wrong = Vec::new();
        check(&invoice_schema(), "", &mut wrong);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
