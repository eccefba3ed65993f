//! What the facade exports, read from its source. It knows the part of Rust that the facade is written in and stops at
//! everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use quote::ToTokens as _;
use syn::{Attribute, Expr, Fields, FnArg, ImplItem, Item, Lit, Meta, ReturnType, Signature, Type};

/// Everything that Python gets.
#[derive(Default)]
pub(crate) struct Facade {
    pub sets: Vec<Set>,
    pub records: Vec<Record>,
    pub objects: Vec<Object>,
    pub functions: Vec<Function>,
}

/// An enum without data: its values are the kebab-case names of its variants.
pub(crate) struct Set {
    pub name: String,
    pub doc: String,
    pub variants: Vec<(String, String)>,
}

pub(crate) struct Record {
    pub name: String,
    pub doc: String,
    pub fields: Vec<Field>,
    /// Whether its `Debug` shows all fields; one that does not must not have them shown by Python either.
    pub shows_fields: bool,
    /// Whether Python makes them: they are arguments.
    pub is_argument: bool,
}

pub(crate) struct Field {
    pub name: String,
    pub doc: String,
    pub ty: Ty,
    /// As Python writes it.
    pub default: Option<&'static str>,
}

pub(crate) struct Object {
    pub name: String,
    pub doc: String,
    pub constructors: Vec<Function>,
    pub methods: Vec<Function>,
}

impl Object {
    /// Holds something that is to be let go at a certain moment, and so can be closed.
    pub(crate) fn is_closable(&self) -> bool {
        self.methods.iter().any(|method| method.is_async)
    }

    /// Gives one thing after another by a method `next`.
    pub(crate) fn is_iterator(&self) -> bool {
        self.methods.iter().any(|method| method.name == "next")
    }
}

pub(crate) struct Function {
    pub name: String,
    pub doc: String,
    pub arguments: Vec<Argument>,
    pub returns: Ty,
    pub is_fallible: bool,
    pub is_async: bool,
}

pub(crate) struct Argument {
    pub name: String,
    pub ty: Ty,
}

/// A type as Python sees it.
#[derive(Clone, PartialEq)]
pub(crate) enum Ty {
    Unit,
    Text,
    Day,
    Instant,
    Amount,
    Path,
    Bytes,
    Bool,
    Integer,
    Set(String),
    Record(String),
    /// A record whose fields are keyword arguments.
    Options(String),
    Object(String),
    Listener,
    Key,
    Option(Box<Ty>),
    List(Box<Ty>),
}

impl Facade {
    pub(crate) fn record(&self, name: &str) -> &Record {
        let found = self.records.iter().find(|record| record.name == name);
        found.unwrap_or_else(|| panic!("no record {name} in the facade"))
    }
}

/// Reads every file of the facade, in the order of their names.
pub(crate) fn read(folder: &Path) -> Result<Facade, Box<dyn Error>> {
    let mut files = Vec::new();
    for file in sources(folder)? {
        let parsed = syn::parse_file(&fs::read_to_string(&file)?)
            .map_err(|error| format!("{}: {error}", file.display()))?;
        files.push((file, parsed.items));
    }
    let mut kinds = BTreeMap::new();
    for item in files.iter().flat_map(|(_, items)| items) {
        match item {
            Item::Struct(item) => match derived(&item.attrs) {
                Some("Record") => {
                    kinds.insert(item.ident.to_string(), Kind::Record);
                }
                Some("Object") => {
                    kinds.insert(item.ident.to_string(), Kind::Object);
                }
                _ => {}
            },
            Item::Enum(item) if derived(&item.attrs) == Some("Enum") => {
                kinds.insert(item.ident.to_string(), Kind::Set);
            }
            _ => {}
        }
    }
    let mut facade = Facade::default();
    for (file, items) in &files {
        for item in items {
            add(&mut facade, &kinds, item)
                .map_err(|fault| format!("{}: {fault}", file.display()))?;
        }
    }
    mark_arguments(&mut facade);
    Ok(facade)
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Set,
    Record,
    Object,
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn add(facade: &mut Facade, kinds: &BTreeMap<String, Kind>, item: &Item) -> Result<(), String> {
    match item {
        Item::Enum(item) if derived(&item.attrs) == Some("Enum") => facade.sets.push(Set {
            name: item.ident.to_string(),
            doc: doc(&item.attrs),
            variants: item
                .variants
                .iter()
                .map(|variant| (variant.ident.to_string(), doc(&variant.attrs)))
                .collect(),
        }),
        Item::Struct(item) if derived(&item.attrs) == Some("Record") => {
            let Fields::Named(fields) = &item.fields else {
                return Err(format!("{}: a record has named fields", item.ident));
            };
            let mut record = Record {
                name: item.ident.to_string(),
                doc: doc(&item.attrs),
                fields: Vec::new(),
                shows_fields: has_debug(&item.attrs),
                is_argument: false,
            };
            for field in &fields.named {
                let name = field.ident.as_ref().map(ToString::to_string);
                record.fields.push(Field {
                    name: name.unwrap_or_default(),
                    doc: doc(&field.attrs),
                    ty: ty(kinds, &field.ty)?,
                    default: default(&field.attrs)?,
                });
            }
            facade.records.push(record);
        }
        Item::Struct(item) if derived(&item.attrs) == Some("Object") => {
            facade.objects.push(Object {
                name: item.ident.to_string(),
                doc: doc(&item.attrs),
                constructors: Vec::new(),
                methods: Vec::new(),
            });
        }
        Item::Fn(item) if is_exported(&item.attrs) => {
            facade
                .functions
                .push(function(kinds, &item.attrs, &item.sig, "")?);
        }
        Item::Impl(item) if is_exported(&item.attrs) => {
            let name = item.self_ty.to_token_stream().to_string();
            for item in &item.items {
                let ImplItem::Fn(method) = item else { continue };
                let read = function(kinds, &method.attrs, &method.sig, &name)?;
                let object = facade.objects.iter_mut().find(|object| object.name == name);
                let object =
                    object.ok_or_else(|| format!("methods of {name}, which is no object"))?;
                if method.sig.receiver().is_none() {
                    object.constructors.push(read);
                } else {
                    object.methods.push(read);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn function(
    kinds: &BTreeMap<String, Kind>,
    attributes: &[Attribute],
    signature: &Signature,
    this: &str,
) -> Result<Function, String> {
    let fault = |fault: String| format!("{}: {fault}", signature.ident);
    let mut arguments = Vec::new();
    for argument in &signature.inputs {
        if let FnArg::Typed(argument) = argument {
            arguments.push(Argument {
                name: argument.pat.to_token_stream().to_string(),
                ty: ty(kinds, &argument.ty).map_err(fault)?,
            });
        }
    }
    let (returns, is_fallible) = match &signature.output {
        ReturnType::Default => (Ok(Ty::Unit), false),
        ReturnType::Type(_, returned) => match inside(returned, "Result") {
            Some(inner) => (result(kinds, inner, this), true),
            None => (result(kinds, returned, this), false),
        },
    };
    Ok(Function {
        name: signature.ident.to_string(),
        doc: doc(attributes),
        arguments,
        returns: returns.map_err(fault)?,
        is_fallible,
        is_async: signature.asyncness.is_some(),
    })
}

fn result(kinds: &BTreeMap<String, Kind>, returned: &Type, this: &str) -> Result<Ty, String> {
    match inside(returned, "Arc") {
        Some(inner) if inner.to_token_stream().to_string() == "Self" => {
            Ok(Ty::Object(this.to_owned()))
        }
        _ => ty(kinds, returned),
    }
}

fn ty(kinds: &BTreeMap<String, Kind>, written: &Type) -> Result<Ty, String> {
    if let Type::Tuple(tuple) = written
        && tuple.elems.is_empty()
    {
        return Ok(Ty::Unit);
    }
    if let Some(inner) = inside(written, "Option") {
        return Ok(Ty::Option(Box::new(ty(kinds, inner)?)));
    }
    if let Some(inner) = inside(written, "Vec") {
        return Ok(match inner.to_token_stream().to_string().as_str() {
            "u8" => Ty::Bytes,
            _ => Ty::List(Box::new(ty(kinds, inner)?)),
        });
    }
    if let Some(inner) = inside(written, "Arc") {
        return match inner.to_token_stream().to_string().as_str() {
            "dyn ProgressListener" => Ok(Ty::Listener),
            "dyn SigningKey" => Ok(Ty::Key),
            _ => ty(kinds, inner),
        };
    }
    let name = written.to_token_stream().to_string();
    Ok(match name.as_str() {
        "String" => Ty::Text,
        "Day" => Ty::Day,
        "Instant" => Ty::Instant,
        "Amount" => Ty::Amount,
        "FilePath" => Ty::Path,
        "bool" => Ty::Bool,
        "u32" | "u64" | "i64" => Ty::Integer,
        _ => match kinds.get(&name) {
            Some(Kind::Set) => Ty::Set(name),
            Some(Kind::Record) if name.ends_with("Options") => Ty::Options(name),
            Some(Kind::Record) => Ty::Record(name),
            Some(Kind::Object) => Ty::Object(name),
            None => return Err(format!("the type {name} does not cross languages")),
        },
    })
}

/// `T` of `Name<T>` or `Name<T, …>`.
fn inside<'a>(written: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = written else {
        return None;
    };
    let last = path
        .path
        .segments
        .last()
        .filter(|last| last.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(inner) => Some(inner),
        _ => None,
    })
}

/// Which of uniffi's derives an item has: `Record`, `Object`, `Enum` or `Error`.
fn derived(attributes: &[Attribute]) -> Option<&'static str> {
    attributes.iter().find_map(|attribute| {
        let text = tokens(attribute);
        ["Record", "Object", "Enum", "Error"]
            .into_iter()
            .find(|kind| text.contains(&format!("derive(uniffi::{kind})")))
    })
}

fn is_exported(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| tokens(attribute).contains("uniffi::export"))
}

fn has_debug(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("derive") && tokens(attribute).contains("Debug"))
}

/// `#[cfg_attr(feature = "uniffi", uniffi(default = X))]` as Python writes X.
fn default(attributes: &[Attribute]) -> Result<Option<&'static str>, String> {
    for attribute in attributes {
        let text = tokens(attribute);
        if let Some((_, value)) = text.split_once("uniffi(default=") {
            return match value.trim_end_matches([')', ']']).trim_end_matches('[') {
                "None" => Ok(Some("None")),
                "true" => Ok(Some("True")),
                "false" => Ok(Some("False")),
                "" => Ok(Some("()")),
                other => Err(format!("unknown default {other}")),
            };
        }
    }
    Ok(None)
}

fn tokens(attribute: &Attribute) -> String {
    attribute.to_token_stream().to_string().replace(' ', "")
}

/// The documentation, its section on errors in a sentence, links without their brackets.
fn doc(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(literal) = &pair.value
            && let Lit::Str(text) = &literal.lit
        {
            lines.push(text.value().trim().to_owned());
        }
    }
    let text = lines.join("\n");
    let text = text.replace("# Errors\n", "Raises `KsefOfflineError`: ");
    text.replace("[`", "`").replace("`]", "`")
}

/// Records that Python makes: those in arguments, and in those.
fn mark_arguments(facade: &mut Facade) {
    fn collect(facade: &Facade, ty: &Ty, found: &mut BTreeSet<String>) {
        match ty {
            Ty::Option(inner) | Ty::List(inner) => collect(facade, inner, found),
            Ty::Record(name) | Ty::Options(name) => {
                found.insert(name.clone());
                for field in &facade.record(name).fields {
                    collect(facade, &field.ty, found);
                }
            }
            _ => {}
        }
    }
    let mut found = BTreeSet::new();
    let methods = facade.objects.iter().flat_map(|object| {
        let constructors = object.constructors.iter();
        constructors.chain(&object.methods)
    });
    for function in facade.functions.iter().chain(methods) {
        for argument in &function.arguments {
            collect(facade, &argument.ty, &mut found);
        }
    }
    for record in &mut facade.records {
        record.is_argument = found.contains(&record.name);
    }
}
