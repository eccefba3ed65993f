//! The stubs: what a type checker and an editor know of the classes that `rust` makes.

use std::fmt::Write as _;

use crate::facade::{Argument, Facade, Function, Object, Record, Ty};
use crate::rust::kebab;

const HEAD: &str = "# Written by build/ from the source of the facade; ./test compares it. To write it anew:\n\
# KSEF_OFFLINE_STUBS=bindings/python/python/ksef_offline cargo build -p ksef-offline-python\n";

/// `types.py`: the closed sets.
pub(crate) fn types(facade: &Facade) -> String {
    let mut out = format!(
        "\"\"\"The closed sets of text, for annotations. Nothing here has to be imported to use the library.\"\"\"\n\n{HEAD}\nfrom typing import Literal\n"
    );
    let names: Vec<String> = facade
        .sets
        .iter()
        .map(|set| format!("    {:?},\n", set.name))
        .collect();
    let _ = write!(out, "\n__all__ = [\n{}]\n", names.concat());
    for set in &facade.sets {
        let values: Vec<String> = set
            .variants
            .iter()
            .map(|(name, _)| format!("    {:?},\n", kebab(name)))
            .collect();
        let _ = write!(out, "\n{} = Literal[\n{}]\n", set.name, values.concat());
        let lines = set
            .variants
            .iter()
            .map(|(name, doc)| format!("- `{}`: {}\n", kebab(name), doc.replace('\n', " ")));
        let _ = write!(
            out,
            "\"\"\"{}\n\n{}\"\"\"\n",
            set.doc,
            lines.collect::<String>()
        );
    }
    out
}

const NATIVE_IMPORTS: &str = "
import builtins
import datetime
import decimal
import os
import pathlib
from collections.abc import Callable, Iterable
from typing import Protocol, final, type_check_only

from typing_extensions import Buffer, Self

from ksef_offline import types

";

/// `_native.pyi`
pub(crate) fn native(facade: &Facade) -> String {
    let mut out = format!("{HEAD}{NATIVE_IMPORTS}");
    out += &all(facade);
    out += ERROR;
    for record in facade
        .records
        .iter()
        .filter(|record| !record.name.ends_with("Options"))
    {
        out += &record_stub(record);
    }
    for object in &facade.objects {
        out += &object_stub(facade, object, false);
    }
    for function in &facade.functions {
        out += &function_stub(facade, function, "", "", false);
    }
    out
}

/// `aio.pyi`: the classes whose calls take long.
pub(crate) fn aio(facade: &Facade) -> String {
    let mut out = format!(
        "{HEAD}\nimport builtins\nimport datetime\nimport os\nimport pathlib\nfrom collections.abc import Callable, Iterable\nfrom types import TracebackType\n\nfrom typing_extensions import Buffer, Self\n\n\
from ksef_offline import types\nfrom ksef_offline._native import (\n"
    );
    let mut names: Vec<&str> = facade
        .records
        .iter()
        .map(|record| record.name.as_str())
        .filter(|name| !name.ends_with("Options"))
        .collect();
    names.extend(
        facade
            .objects
            .iter()
            .filter(|object| !object.is_closable())
            .map(|object| object.name.as_str()),
    );
    names.sort_unstable();
    let classes: String = facade
        .objects
        .iter()
        .filter(|object| object.is_closable())
        .map(|object| object_stub(facade, object, true))
        .collect();
    for name in names.into_iter().filter(|name| mentions(&classes, name)) {
        let _ = writeln!(out, "    {name},");
    }
    out += ")\n\n__all__ = [\n";
    for object in facade.objects.iter().filter(|object| object.is_closable()) {
        let _ = writeln!(out, "    {:?},", object.name);
    }
    out += "]\n";
    out + &classes
}

fn mentions(text: &str, name: &str) -> bool {
    let outside = |letter: char| !(letter.is_alphanumeric() || letter == '_' || letter == '.');
    text.split(outside).any(|word| word == name)
}

fn all(facade: &Facade) -> String {
    let mut names = vec!["KsefOfflineError"];
    names.extend(
        facade
            .records
            .iter()
            .map(|record| record.name.as_str())
            .filter(|name| !name.ends_with("Options")),
    );
    names.extend(facade.objects.iter().map(|object| object.name.as_str()));
    names.extend(
        facade
            .functions
            .iter()
            .map(|function| function.name.as_str()),
    );
    let lines: String = names
        .iter()
        .map(|name| format!("    {name:?},\n"))
        .collect();
    format!("__all__ = [\n{lines}]\n")
}

const ERROR: &str = r#"
class KsefOfflineError(Exception):
    """Why a call did not do what it was asked to."""

    code: str
    """Stable and kebab-case, for programs."""
    polish: str
    """What happened and what to do about it, in Polish."""
    english: str
    """The same in English."""
    retryable: bool
    """Whether the same call can succeed when it is made again."""
    retry_after_seconds: int | None
    """How many seconds to wait before that."""
    details: list[Fault]
    """Everything that is wrong with a document that was refused."""

@type_check_only
class _SigningKey(Protocol):
    def sign(self, algorithm: types.SignatureAlgorithm, data: bytes, /) -> Buffer: ...
"#;

fn doc(text: &str, indent: &str) -> String {
    let text = text
        .replace('\n', &format!("\n{indent}"))
        .replace(&format!("\n{indent}\n"), "\n\n");
    if text.contains('\n') {
        format!("{indent}\"\"\"{text}\n{indent}\"\"\"\n")
    } else {
        format!("{indent}\"\"\"{text}\"\"\"\n")
    }
}

fn record_stub(record: &Record) -> String {
    let mut out = format!(
        "\n@final\nclass {}:\n{}\n",
        record.name,
        doc(&record.doc, "    ")
    );
    if record.is_argument {
        let fields: Vec<String> = record
            .fields
            .iter()
            .map(|field| {
                let ty = given(&field.ty);
                match field.default {
                    Some(default) => format!("{}: {ty} = {default}", field.name),
                    None => format!("{}: {ty}", field.name),
                }
            })
            .collect();
        let _ = writeln!(
            out,
            "    def __new__(cls, {}) -> Self: ...",
            fields.join(", ")
        );
    }
    for field in &record.fields {
        let _ = write!(
            out,
            "    @property\n    def {}(self) -> {}:\n{}",
            field.name,
            got(&field.ty),
            doc(&field.doc, "        ")
        );
    }
    if record.name == "Code" {
        out += "    def _repr_png_(self) -> bytes: ...\n    def _repr_svg_(self) -> str: ...\n";
    }
    out + "    def __eq__(self, other: object, /) -> bool: ...\n    def __ne__(self, other: object, /) -> bool: ...\n    def __hash__(self) -> int: ...\n"
}

fn object_stub(facade: &Facade, object: &Object, is_aio: bool) -> String {
    let doc_text = match (
        object.constructors.iter().find(|made| made.name == "new"),
        is_aio,
    ) {
        (Some(new), false) => format!("{}\n\n{}", object.doc, new.doc),
        _ => object.doc.clone(),
    };
    let last = if is_aio { "" } else { "@final\n" };
    let mut out = format!(
        "\n{last}class {}:\n{}\n",
        object.name,
        doc(&doc_text, "    ")
    );
    for constructor in &object.constructors {
        if constructor.name == "new" {
            let parts = parameters(facade, constructor);
            let _ = if is_aio {
                writeln!(out, "    def __init__(self, {parts}) -> None: ...")
            } else {
                writeln!(out, "    def __new__(cls, {parts}) -> Self: ...")
            };
        } else if !is_aio {
            out += "    @staticmethod\n";
            out += &function_stub(facade, constructor, "    ", "", false);
        }
    }
    for method in &object.methods {
        out += &function_stub(facade, method, "    ", "self", is_aio);
    }
    if object.is_closable() {
        out += &if is_aio {
            "    async def close(self) -> None:\n        \"\"\"Lets go of files and connections. Nothing can be asked any more.\"\"\"\n    async def __aenter__(self) -> Self: ...\n    async def __aexit__(\n        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None\n    ) -> None: ...\n".to_owned()
        } else {
            "    def close(self) -> None:\n        \"\"\"Lets go of files and connections; calls that are under way end first. Nothing can be asked any more.\"\"\"\n    def __enter__(self) -> Self: ...\n    def __exit__(self, *_error: object) -> None: ...\n".to_owned()
        };
    }
    if object.is_iterator() {
        out += if is_aio {
            "    def __aiter__(self) -> Self: ...\n    async def __anext__(self) -> WatchEvent: ...\n"
        } else {
            "    def __iter__(self) -> Self: ...\n    def __next__(self) -> WatchEvent: ...\n"
        };
    }
    out
}

fn function_stub(
    facade: &Facade,
    function: &Function,
    indent: &str,
    this: &str,
    is_aio: bool,
) -> String {
    let mut parts = parameters(facade, function);
    if !this.is_empty() {
        parts = if parts.is_empty() {
            this.to_owned()
        } else {
            format!("{this}, {parts}")
        };
    }
    let begin = if is_aio { "async def" } else { "def" };
    let line = if indent.is_empty() { "\n" } else { "" };
    format!(
        "{line}{indent}{begin} {}({parts}) -> {}:\n{}",
        function.name,
        got(&function.returns),
        doc(&function.doc, &format!("{indent}    "))
    )
}

fn parameters(facade: &Facade, function: &Function) -> String {
    let mut parts = Vec::new();
    let mut keywords = Vec::new();
    for Argument { name, ty } in &function.arguments {
        match ty {
            Ty::Options(record) => {
                for field in &facade.record(record).fields {
                    let ty = given(&field.ty);
                    keywords.push(match field.default {
                        Some(default) => format!("{}: {ty} = {default}", field.name),
                        None => format!("{}: {ty}", field.name),
                    });
                }
            }
            Ty::Option(_) => keywords.push(format!("{name}: {} = None", given(ty))),
            Ty::List(_) if name == "ids" => {
                parts.push(format!("{name}: {} = ()", given(ty)));
            }
            _ => parts.push(format!("{name}: {}", given(ty))),
        }
    }
    if !keywords.is_empty() {
        parts.push("*".to_owned());
        parts.extend(keywords);
    }
    parts.join(", ")
}

/// What a caller may give.
fn given(ty: &Ty) -> String {
    match ty {
        Ty::Path => "str | os.PathLike[str]".to_owned(),
        Ty::Bytes => "Buffer".to_owned(),
        Ty::Listener => "Callable[[Progress], object]".to_owned(),
        Ty::Key => "_SigningKey".to_owned(),
        Ty::Record(name) if name == "IssueFile" => "IssueFile | str | os.PathLike[str]".to_owned(),
        Ty::Option(inner) => format!("{} | None", given(inner)),
        Ty::List(inner) => format!("Iterable[{}]", given(inner)),
        _ => got(ty),
    }
}

/// What a caller gets.
fn got(ty: &Ty) -> String {
    match ty {
        Ty::Unit => "None".to_owned(),
        Ty::Text => "str".to_owned(),
        Ty::Day => "datetime.date".to_owned(),
        Ty::Instant => "datetime.datetime".to_owned(),
        Ty::Amount => "decimal.Decimal".to_owned(),
        Ty::Path => "pathlib.Path".to_owned(),
        Ty::Bytes => "bytes".to_owned(),
        Ty::Bool => "bool".to_owned(),
        Ty::Integer => "int".to_owned(),
        Ty::Set(name) => format!("types.{name}"),
        Ty::Record(name) | Ty::Options(name) | Ty::Object(name) => name.clone(),
        Ty::Listener | Ty::Key => unreachable!("only ever an argument"),
        Ty::Option(inner) => format!("{} | None", got(inner)),
        // `Desk` has a method `list`.
        Ty::List(inner) => format!("builtins.list[{}]", got(inner)),
    }
}
