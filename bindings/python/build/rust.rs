//! The pyo3 classes and functions. What is the same for all of them is in `src/`: turning values (`convert`), waiting
//! (`wait`), failing (`error`).

use std::fmt::Write as _;

use crate::facade::{Argument, Facade, Field, Function, Object, Record, Set, Ty};

/// `generated.rs`.
pub(crate) fn module(facade: &Facade) -> String {
    let mut out = String::new();
    for set in &facade.sets {
        out += &set_names(set);
    }
    for record in &facade.records {
        out += &if record.name.ends_with("Options") {
            String::new()
        } else {
            record_class(facade, record)
        };
    }
    for object in &facade.objects {
        out += &object_class(facade, object);
    }
    for function in &facade.functions {
        out += &free_function(facade, function);
    }
    out += &registration(facade);
    out
}

/// `TotalFailure` as `total-failure`, `RsaPkcs1Sha256` as `rsa-pkcs1-sha256`.
pub(crate) fn kebab(name: &str) -> String {
    joined(name, '-')
}

pub(crate) fn snake(name: &str) -> String {
    joined(name, '_')
}

fn joined(name: &str, with: char) -> String {
    let mut out = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push(with);
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn set_names(set: &Set) -> String {
    let (name, function) = (&set.name, snake(&set.name));
    let mut to = String::new();
    let mut from = String::new();
    let mut all = Vec::new();
    for (variant, _) in &set.variants {
        let text = kebab(variant);
        let _ = writeln!(to, "ffi::{name}::{variant} => {text:?},");
        let _ = writeln!(from, "{text:?} => Ok(ffi::{name}::{variant}),");
        all.push(text);
    }
    let all = all.join(", ");
    format!(
        "pub(crate) fn {function}_name(value: ffi::{name}) -> &'static str {{ match value {{ {to} }} }}
         #[allow(dead_code)]
         fn {function}_in(value: &Bound<'_, PyAny>) -> PyResult<ffi::{name}> {{
             match convert::text_in(value)?.as_str() {{ {from}
                 _ => Err(error::unknown(value.py(), {name:?}, {all:?})) }} }}\n"
    )
}

fn doc_lines(doc: &str) -> String {
    doc.lines()
        .map(|line| format!("#[doc = {line:?}]\n"))
        .collect()
}

fn record_class(facade: &Facade, record: &Record) -> String {
    let name = &record.name;
    let mut getters = String::new();
    for field in &record.fields {
        let Field { name, doc, ty, .. } = field;
        let value = outgoing(ty, &format!("(&self.0.{name})"));
        let _ = writeln!(
            getters,
            "{}#[getter] fn {name}<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {{ {value} }}",
            doc_lines(doc)
        );
    }
    let constructor = if record.is_argument {
        let (arguments, signature, reads, values) = fields_in(facade, record);
        format!(
            "#[new] #[pyo3(signature = ({signature}))]
             fn new(py: Python<'_>, {arguments}) -> PyResult<Self> {{ let _ = py; {reads} Ok(Self(ffi::{name} {{ {values} }})) }}\n"
        )
    } else {
        String::new()
    };
    let shown = if record.shows_fields {
        let names: Vec<String> = record
            .fields
            .iter()
            .map(|field| format!("{:?}", field.name))
            .collect();
        format!(
            "convert::shown(slf.as_any(), {name:?}, &[{}])",
            names.join(", ")
        )
    } else {
        "Ok(format!(\"{:?}\", slf.get().0))".to_owned()
    };
    let pictures = if name == "Code" { PICTURES } else { "" };
    format!(
        "{doc}#[pyclass(frozen, eq, hash, name = {name:?}, module = \"ksef_offline\")]
         #[derive(Clone, PartialEq, Eq, Hash)]
         pub(crate) struct Py{name}(pub(crate) ffi::{name});
         #[pymethods] impl Py{name} {{ {constructor} {getters} {pictures}
             fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {{ {shown} }} }}\n",
        doc = doc_lines(&record.doc)
    )
}

/// A notebook shows a code as its picture.
const PICTURES: &str = "
    /// The code as PNG, which a notebook shows.
    fn _repr_png_<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &convert::picture(py, &self.0, ffi::CodeFormat::Png)?))
    }
    /// The code as SVG, which a notebook shows.
    fn _repr_svg_(&self, py: Python<'_>) -> PyResult<String> {
        Ok(String::from_utf8_lossy(&convert::picture(py, &self.0, ffi::CodeFormat::Svg)?).into_owned())
    }
";

/// Declared arguments, Python signature, statements that read them, and the values by name.
fn fields_in(facade: &Facade, record: &Record) -> (String, String, String, String) {
    let mut out = (String::new(), Vec::new(), String::new(), String::new());
    for field in &record.fields {
        let name = &field.name;
        let _ = write!(out.0, "{name}: {}, ", declared(field.default));
        out.1.push(match field.default {
            Some(_) => format!("{name} = None"),
            None => name.clone(),
        });
        let _ = write!(
            out.2,
            "let {name} = {}; ",
            read(facade, name, &field.ty, field.default)
        );
        let _ = write!(out.3, "{name}, ");
    }
    (out.0, out.1.join(", "), out.2, out.3)
}

/// What has a default is absent or there; which default it is stands in the text signature and the stub.
fn declared(default: Option<&str>) -> &'static str {
    match default {
        Some(_) => "Option<Bound<'_, PyAny>>",
        None => "Bound<'_, PyAny>",
    }
}

fn read(facade: &Facade, name: &str, ty: &Ty, default: Option<&str>) -> String {
    let Some(default) = default else {
        return format!("{{ let value = &{name}; {}? }}", incoming(facade, ty));
    };
    let (absent, inner, wrap) = match (default, ty) {
        ("None", Ty::Option(inner)) => ("None", &**inner, true),
        ("True", _) => ("true", ty, false),
        ("False", _) => ("false", ty, false),
        _ => ("Vec::new()", ty, false),
    };
    let value = incoming(facade, inner);
    let value = if wrap {
        format!("Some({value}?)")
    } else {
        format!("{value}?")
    };
    format!("match &{name} {{ None => {absent}, Some(value) => {value} }}")
}

/// An expression of type `PyResult<T>` that reads `value`.
fn incoming(facade: &Facade, ty: &Ty) -> String {
    match ty {
        Ty::Unit => unreachable!("no argument is nothing"),
        Ty::Text => "convert::text_in(value)".to_owned(),
        Ty::Day => "convert::day_in(value)".to_owned(),
        Ty::Instant => unreachable!("no instant comes in"),
        Ty::Amount => "convert::amount_in(value)".to_owned(),
        Ty::Path => "convert::path_in(value)".to_owned(),
        Ty::Bytes => "convert::bytes_in(value)".to_owned(),
        Ty::Bool => "value.extract::<bool>()".to_owned(),
        Ty::Integer => "convert::integer_in(value)".to_owned(),
        Ty::Set(name) => format!("{}_in(value)", snake(name)),
        Ty::Record(name) if name == "IssueFile" => "convert::issue_file_in(value)".to_owned(),
        Ty::Record(name) => format!(
            "value.cast::<Py{name}>().map(|known| known.get().0.clone()).map_err(PyErr::from)"
        ),
        Ty::Options(_) => unreachable!("options are keyword arguments"),
        Ty::Object(name) => {
            let closable = facade
                .objects
                .iter()
                .any(|object| object.name == *name && object.is_closable());
            assert!(!closable, "an object that can be closed is no argument");
            format!(
                "value.cast::<Py{name}>().map(|known| Arc::clone(&known.get().0)).map_err(PyErr::from)"
            )
        }
        Ty::Key => "foreign::key_in(value)".to_owned(),
        Ty::Listener => "foreign::listener_in(value, &raised)".to_owned(),
        Ty::Option(inner) => format!(
            "if value.is_none() {{ Ok(None) }} else {{ {}.map(Some) }}",
            incoming(facade, inner)
        ),
        Ty::List(inner) => format!(
            "convert::list_in(value, |value| {})",
            incoming(facade, inner)
        ),
    }
}

/// An expression of type `PyResult<Bound<PyAny>>` that gives `value`, a reference, to Python.
fn outgoing(ty: &Ty, value: &str) -> String {
    match ty {
        Ty::Unit => format!("{{ let () = *{value}; Ok(py.None().into_bound(py)) }}"),
        Ty::Text => format!("Ok(PyString::new(py, {value}).into_any())"),
        Ty::Day => format!("convert::day_out(py, {value})"),
        Ty::Instant => format!("convert::instant_out(py, {value})"),
        Ty::Amount => format!("convert::amount_out(py, {value})"),
        Ty::Path => format!("convert::path_out(py, {value})"),
        Ty::Bytes => format!("Ok(PyBytes::new(py, {value}).into_any())"),
        Ty::Bool => format!("Ok(PyBool::new(py, *{value}).to_owned().into_any())"),
        Ty::Integer => format!("convert::integer_out(py, *{value})"),
        Ty::Set(name) => format!(
            "Ok(PyString::intern(py, {}_name(*{value})).into_any())",
            snake(name)
        ),
        Ty::Record(name) => format!("Ok(Bound::new(py, Py{name}({value}.clone()))?.into_any())"),
        Ty::Object(name) => {
            format!("Ok(Bound::new(py, Py{name}::new_of(Arc::clone({value})))?.into_any())")
        }
        Ty::Options(_) | Ty::Listener | Ty::Key => unreachable!("only ever an argument"),
        Ty::Option(inner) => format!(
            "match {value} {{ None => Ok(py.None().into_bound(py)), Some(value) => {} }}",
            outgoing(inner, "value")
        ),
        Ty::List(inner) => format!(
            "convert::list_out(py, {value}, |value| {})",
            outgoing(inner, "value")
        ),
    }
}

/// The arguments of a call as Python gives them, and how the facade's are made of them.
struct Call {
    /// `name: Bound<'_, PyAny>, …`
    arguments: String,
    /// Of `#[pyo3(signature = (…))]`.
    signature: String,
    /// Statements that read them.
    reads: String,
    /// What the facade is given.
    values: String,
    listens: bool,
}

fn call(facade: &Facade, function: &Function) -> Call {
    let mut made = Call {
        arguments: String::new(),
        signature: String::new(),
        reads: String::new(),
        values: String::new(),
        listens: false,
    };
    let mut positional = Vec::new();
    let mut keywords = Vec::new();
    for Argument { name, ty } in &function.arguments {
        if let Ty::Options(record) = ty {
            let (arguments, signature, reads, values) = fields_in(facade, facade.record(record));
            made.arguments += &arguments;
            keywords.push(signature);
            made.reads += &reads;
            let _ = write!(made.values, "ffi::{record} {{ {values} }}, ");
            continue;
        }
        let default = matches!(ty, Ty::Option(_)).then_some("None");
        let default = default.or(matches!(ty, Ty::List(_) if name == "ids").then_some("()"));
        let _ = write!(made.arguments, "{name}: {}, ", declared(default));
        let _ = write!(
            made.reads,
            "let {name} = {}; ",
            read(facade, name, ty, default)
        );
        let _ = write!(made.values, "{name}, ");
        made.listens |= matches!(ty, Ty::Option(inner) if **inner == Ty::Listener);
        match default {
            Some(_) if name == "ids" => positional.push(format!("{name} = None")),
            Some(_) => keywords.push(format!("{name} = None")),
            None => positional.push(name.clone()),
        }
    }
    if !keywords.is_empty() {
        positional.push("*".to_owned());
        positional.extend(keywords);
    }
    made.signature = positional.join(", ");
    made
}

/// The signature that `help` and `inspect` show: with the real defaults.
fn shown_signature(facade: &Facade, function: &Function, this: &str) -> String {
    let mut parts = Vec::new();
    if !this.is_empty() {
        parts.push(this.to_owned());
    }
    let mut keywords = Vec::new();
    for Argument { name, ty } in &function.arguments {
        match ty {
            Ty::Options(record) => {
                for field in &facade.record(record).fields {
                    keywords.push(match field.default {
                        Some(default) => format!("{}={default}", field.name),
                        None => field.name.clone(),
                    });
                }
            }
            Ty::Option(_) => keywords.push(format!("{name}=None")),
            Ty::List(_) if name == "ids" => parts.push(format!("{name}=()")),
            _ => parts.push(name.clone()),
        }
    }
    if !keywords.is_empty() {
        parts.push("*".to_owned());
        parts.extend(keywords);
    }
    format!("({})", parts.join(", "))
}

fn free_function(facade: &Facade, function: &Function) -> String {
    let Function { name, doc, .. } = function;
    let made = call(facade, function);
    let body = direct(
        function,
        &made,
        &format!("ffi::{name}"),
        "py.detach(move || WHAT)",
    );
    format!(
        "{doc}#[pyfunction] #[pyo3(signature = ({signature}), text_signature = {shown:?})]
         fn {name}<'py>(py: Python<'py>, {arguments}) -> PyResult<Bound<'py, PyAny>> {{ {body} }}\n",
        doc = doc_lines(doc),
        signature = made.signature,
        shown = shown_signature(facade, function, ""),
        arguments = made.arguments,
    )
}

/// Reads the arguments, calls `what` without the interpreter lock, and gives what came of it.
fn direct(function: &Function, made: &Call, what: &str, how: &str) -> String {
    let (reads, values) = (&made.reads, &made.values);
    let called = how.replace("WHAT", &format!("{what}({values})"));
    let result = if function.is_fallible {
        format!("{called}.map_err(|error| error::raised(py, error))?")
    } else {
        called
    };
    let value = outgoing(&function.returns, "(&result)");
    format!("{reads} let result = {result}; {value}")
}

fn object_class(facade: &Facade, object: &Object) -> String {
    let name = &object.name;
    let closable = object.is_closable();
    let mut items = String::new();
    for constructor in &object.constructors {
        let made = call(facade, constructor);
        let (reads, values) = (&made.reads, &made.values);
        let called = format!(
            "py.detach(move || ffi::{name}::{}({values}))",
            constructor.name
        );
        let called = if constructor.is_fallible {
            format!("{called}.map_err(|error| error::raised(py, error))?")
        } else {
            called
        };
        let kind = if constructor.name == "new" {
            format!("#[new] #[pyo3(signature = ({}))]", made.signature)
        } else {
            format!(
                "{}#[staticmethod] #[pyo3(signature = ({}), text_signature = {:?})]",
                doc_lines(&constructor.doc),
                made.signature,
                shown_signature(facade, constructor, "")
            )
        };
        let _ = writeln!(
            items,
            "{kind} fn {}(py: Python<'_>, {}) -> PyResult<Self> {{ let _ = py; {reads} Ok(Self::new_of({called})) }}",
            constructor.name, made.arguments
        );
    }
    for method in &object.methods {
        items += &method_of(facade, object, method);
    }
    if closable {
        items += CLOSING;
    }
    if object.is_iterator() {
        items += ITERATING;
    }
    let doc = doc_lines(&object.doc);
    let new = object
        .constructors
        .iter()
        .find(|constructor| constructor.name == "new");
    // The documentation of a class is that of its constructor too.
    let doc = match new {
        Some(new) => format!("{doc}#[doc = \"\"]\n{}", doc_lines(&new.doc)),
        None => doc,
    };
    let held = if closable {
        format!("std::sync::Mutex<Option<Arc<ffi::{name}>>>")
    } else {
        format!("Arc<ffi::{name}>")
    };
    let holding = if closable {
        format!(
            "fn new_of(value: Arc<ffi::{name}>) -> Self {{ Self(std::sync::Mutex::new(Some(value))) }}
             fn held(&self, py: Python<'_>) -> PyResult<Arc<ffi::{name}>> {{
                 let held = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                 held.clone().ok_or_else(|| error::closed(py)) }}
             fn let_go(&self) {{
                 let held = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                 {stop} drop(held); }}",
            stop = if object.is_iterator() { "if let Some(held) = &held { held.stop(); }" } else { "" }
        )
    } else {
        format!(
            "fn new_of(value: Arc<ffi::{name}>) -> Self {{ Self(value) }}
             #[allow(clippy::unnecessary_wraps)]
             fn held(&self, _: Python<'_>) -> PyResult<Arc<ffi::{name}>> {{ Ok(Arc::clone(&self.0)) }}"
        )
    };
    format!(
        "{doc}#[pyclass(frozen, name = {name:?}, module = \"ksef_offline\")]
         pub(crate) struct Py{name}({held});
         #[allow(dead_code)] impl Py{name} {{ {holding} }}
         #[pymethods] impl Py{name} {{ {items} }}\n"
    )
}

const CLOSING: &str = "
    /// Lets go of files and connections; calls that are under way end first. Nothing can be asked any more.
    fn close(&self, py: Python<'_>) { py.detach(|| self.let_go()); }
    fn __enter__(slf: Py<Self>) -> Py<Self> { slf }
    #[pyo3(signature = (*_error))]
    fn __exit__(&self, py: Python<'_>, _error: &Bound<'_, PyTuple>) { self.close(py); }
";

const ITERATING: &str = "
    fn __iter__(slf: Py<Self>) -> Py<Self> { slf }
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let event = self.next(py, None)?;
        Ok((!event.is_none()).then_some(event))
    }
";

fn method_of(facade: &Facade, object: &Object, method: &Function) -> String {
    let Function { name, doc, .. } = method;
    let made = call(facade, method);
    let raised = if made.listens {
        "let raised = foreign::Raised::default();"
    } else {
        ""
    };
    let watched = if made.listens {
        "Some(&raised)"
    } else {
        "None"
    };
    let values = &made.values;
    let reads = &made.reads;
    let value = outgoing(&method.returns, "(&result)");
    let blocking = if method.is_async {
        format!(
            "{raised} {reads} let this = self.held(py)?;
             let result = wait::blocking(py, {watched}, async move {{ this.{name}({values}).await }})?; {value}"
        )
    } else {
        format!(
            "let this = self.held(py)?; {}",
            direct(
                method,
                &made,
                &format!("this.{name}"),
                "py.detach(move || WHAT)"
            )
        )
    };
    let mut out = format!(
        "{doc}#[pyo3(signature = ({signature}), text_signature = {shown:?})]
         fn {name}<'py>(&self, py: Python<'py>, {arguments}) -> PyResult<Bound<'py, PyAny>> {{ {blocking} }}\n",
        doc = doc_lines(doc),
        signature = made.signature,
        shown = shown_signature(facade, method, "$self"),
        arguments = made.arguments,
    );
    if object.is_closable() {
        let work = if method.is_async {
            format!("async move {{ this.{name}({values}).await }}")
        } else if method.is_fallible {
            format!("ffi::on_thread(move || this.{name}({values}))")
        } else {
            format!("ffi::on_thread(move || Ok(this.{name}({values})))")
        };
        let watched = if made.listens { "Some(raised)" } else { "None" };
        let _ = writeln!(
            out,
            "#[pyo3(signature = (done, {signature}))]
             fn _begin_{name}(&self, py: Python<'_>, done: Py<PyAny>, {arguments}) -> PyResult<wait::Call> {{
                 {raised} {reads} let this = self.held(py)?;
                 wait::begin(py, done, {watched}, {work}, |py, result| {value}) }}",
            signature = made.signature,
            arguments = made.arguments,
            value = outgoing(&method.returns, "(&result)"),
        );
    }
    out
}

fn registration(facade: &Facade) -> String {
    let mut lines = String::new();
    for record in facade
        .records
        .iter()
        .filter(|record| !record.name.ends_with("Options"))
    {
        let _ = writeln!(lines, "module.add_class::<Py{}>()?;", record.name);
    }
    for object in &facade.objects {
        let _ = writeln!(lines, "module.add_class::<Py{}>()?;", object.name);
    }
    for function in &facade.functions {
        let _ = writeln!(
            lines,
            "module.add_function(wrap_pyfunction!({}, module)?)?;",
            function.name
        );
    }
    format!(
        "pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {{ {lines} Ok(()) }}\n"
    )
}
