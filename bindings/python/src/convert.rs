//! Values on their way in and out: each type of the facade as the one a Python user expects.

use jiff::Timestamp;
use ksef_offline_ffi as ffi;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyInt, PyList, PyString};

use crate::generated::PyIssueFile;

/// A class of the standard library, imported when it is first needed.
struct Imported {
    module: &'static str,
    name: &'static str,
    class: PyOnceLock<Py<PyAny>>,
}

impl Imported {
    const fn new(module: &'static str, name: &'static str) -> Self {
        let class = PyOnceLock::new();
        Self {
            module,
            name,
            class,
        }
    }

    fn class<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let class = self.class.get_or_try_init(py, || {
            py.import(self.module)?
                .getattr(self.name)
                .map(Bound::unbind)
        })?;
        Ok(class.bind(py).clone())
    }
}

static DATE: Imported = Imported::new("datetime", "date");
static DATETIME: Imported = Imported::new("datetime", "datetime");
static TIMEZONE: Imported = Imported::new("datetime", "timezone");
static TIMEDELTA: Imported = Imported::new("datetime", "timedelta");
static DECIMAL: Imported = Imported::new("decimal", "Decimal");
static PATH: Imported = Imported::new("pathlib", "Path");
static FSPATH: Imported = Imported::new("os", "fspath");

pub(crate) fn text_in(value: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(value.cast::<PyString>()?.to_str()?.to_owned())
}

/// A `datetime.date`. A datetime brings its hour along and is refused by the facade.
pub(crate) fn day_in(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if !value.is_instance(&DATE.class(value.py())?)? {
        return Err(PyTypeError::new_err("a day is a datetime.date"));
    }
    value.call_method0("isoformat")?.extract()
}

pub(crate) fn day_out<'py>(py: Python<'py>, day: &str) -> PyResult<Bound<'py, PyAny>> {
    DATE.class(py)?.call_method1("fromisoformat", (day,))
}

/// A `datetime.datetime` in UTC; what is finer than a microsecond is dropped.
pub(crate) fn instant_out<'py>(py: Python<'py>, instant: &str) -> PyResult<Bound<'py, PyAny>> {
    let Ok(instant) = instant.parse::<Timestamp>() else {
        return Err(PyTypeError::new_err("the library gave no instant"));
    };
    let utc = TIMEZONE.class(py)?.getattr("utc")?;
    let epoch = DATETIME
        .class(py)?
        .call_method1("fromtimestamp", (0, utc))?;
    let since = TIMEDELTA
        .class(py)?
        .call1((0, 0, instant.as_microsecond()))?;
    epoch.add(since)
}

pub(crate) fn amount_out<'py>(py: Python<'py>, amount: &str) -> PyResult<Bound<'py, PyAny>> {
    DECIMAL.class(py)?.call1((amount,))
}

/// Text, or anything with `__fspath__`.
pub(crate) fn path_in(value: &Bound<'_, PyAny>) -> PyResult<String> {
    let path = FSPATH.class(value.py())?.call1((value,))?;
    Ok(path
        .cast::<PyString>()
        .map_err(|_| PyTypeError::new_err("a path is text, not bytes"))?
        .to_str()?
        .to_owned())
}

pub(crate) fn path_out<'py>(py: Python<'py>, path: &str) -> PyResult<Bound<'py, PyAny>> {
    PATH.class(py)?.call1((path,))
}

/// `bytes`, or anything that shows its memory.
pub(crate) fn bytes_in(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
        return Ok(value.extract::<PyBackedBytes>()?.to_vec());
    }
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyInt>() {
        return Err(PyTypeError::new_err(
            "bytes are expected, not text or a number",
        ));
    }
    let memory = value
        .py()
        .get_type::<pyo3::types::PyMemoryView>()
        .call1((value,))?;
    let bytes = memory.call_method0("tobytes")?;
    Ok(bytes.cast::<PyBytes>()?.as_bytes().to_vec())
}

pub(crate) fn integer_in<'py, T>(value: &Bound<'py, PyAny>) -> PyResult<T>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    value.extract()
}

pub(crate) fn integer_out<'py, T>(py: Python<'py>, number: T) -> PyResult<Bound<'py, PyAny>>
where
    T: IntoPyObject<'py, Target = PyInt, Output = Bound<'py, PyInt>>,
    PyErr: From<T::Error>,
{
    Ok(number.into_pyobject(py)?.into_any())
}

/// Any iterable but text, whose letters are hardly meant.
pub(crate) fn list_in<'py, T>(
    value: &Bound<'py, PyAny>,
    one: impl Fn(&Bound<'py, PyAny>) -> PyResult<T>,
) -> PyResult<Vec<T>> {
    if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
        return Err(PyTypeError::new_err("a list is expected, not one text"));
    }
    value.try_iter()?.map(|item| one(&item?)).collect()
}

pub(crate) fn list_out<'py, T>(
    py: Python<'py>,
    values: &[T],
    one: impl Fn(&T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let list = PyList::empty(py);
    for value in values {
        list.append(one(value)?)?;
    }
    Ok(list.into_any())
}

/// A path stands for the file that is there.
pub(crate) fn issue_file_in(value: &Bound<'_, PyAny>) -> PyResult<ffi::IssueFile> {
    match value.cast::<PyIssueFile>() {
        Ok(known) => Ok(known.get().0.clone()),
        Err(_) => Ok(ffi::IssueFile {
            source: path_in(value)?,
            bytes: None,
        }),
    }
}

/// A code as a picture of the usual size.
pub(crate) fn picture(
    py: Python<'_>,
    code: &ffi::Code,
    format: ffi::CodeFormat,
) -> PyResult<Vec<u8>> {
    let code = code.clone();
    py.detach(|| ffi::code_picture(code, format, ffi::PictureOptions::default()))
        .map_err(|error| crate::error::raised(py, error))
}

/// `Name(field=value, …)`
pub(crate) fn shown(value: &Bound<'_, PyAny>, name: &str, fields: &[&str]) -> PyResult<String> {
    let mut parts = Vec::with_capacity(fields.len());
    for field in fields {
        parts.push(format!("{field}={}", value.getattr(*field)?.repr()?));
    }
    Ok(format!("{name}({})", parts.join(", ")))
}
