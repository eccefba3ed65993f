//! What a form sends. Both readers look at the token of the form first; a handler of a change gets its input from one of
//! them and so cannot forget to.

use std::collections::HashMap;

use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, Form, FromRequest, Multipart, Request};
use ksef_offline::IssueFile;
use ksef_offline::core::invoice::file::MAX_SIZE_WITH_ATTACHMENT;

use crate::app::App;
use crate::fault::Fault;

/// Most files of one upload.
pub(crate) const MAX_FILES: usize = 200;
/// Most bytes of one upload.
pub(crate) const MAX_UPLOAD: usize = 64_000_000;
/// What is read to its end, and thrown away, so that a browser hears why its upload was refused.
const MAX_DRAINED: usize = 1_000_000_000;
/// Most bytes of a form without files.
const MAX_FORM: usize = 64_000;

const TOKEN: &str = "csrf_token";

/// The fields of a form without files.
pub(crate) struct Order(HashMap<String, String>);

impl Order {
    /// The field, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl FromRequest<App> for Order {
    type Rejection = Fault;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, Fault> {
        DefaultBodyLimit::max(MAX_FORM).apply(&mut request);
        let read = Bytes::from_request(request, app).await;
        let body = read.map_err(|_| Fault::TOO_LARGE)?;
        // A form that says nothing of its type is read as one: nothing else comes here.
        let request = Request::builder()
            .method("POST")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .map_err(|_| Fault::MALFORMED)?;
        let Form(fields): Form<Vec<(String, String)>> =
            request.extract().await.map_err(|_| Fault::MALFORMED)?;
        let order = Self(fields.into_iter().collect());
        if app.is_csrf(order.text(TOKEN)) {
            Ok(order)
        } else {
            Err(Fault::FOREIGN)
        }
    }
}

/// A form with files.
pub(crate) struct Upload {
    fields: HashMap<String, String>,
    pub(crate) files: Vec<IssueFile>,
}

impl Upload {
    /// The field, or nothing.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }
}

impl FromRequest<App> for Upload {
    type Rejection = Fault;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, Fault> {
        DefaultBodyLimit::max(MAX_DRAINED).apply(&mut request);
        let mut form = Multipart::from_request(request, app)
            .await
            .map_err(|_| Fault::MALFORMED)?;
        // The token stands first in our forms; whoever does not have it uploads nothing.
        let token = next(&mut form).await?.ok_or(Fault::FOREIGN)?;
        if token.name() != Some(TOKEN) || !app.is_csrf(&short_text(token).await?) {
            return Err(Fault::FOREIGN);
        }
        let mut upload = Self {
            fields: HashMap::new(),
            files: Vec::new(),
        };
        let mut left = MAX_UPLOAD;
        let mut too_much = None;
        while let Some(field) = next(&mut form).await? {
            let Some(source) = field.file_name().map(str::to_owned) else {
                let name = field.name().unwrap_or_default().to_owned();
                upload.fields.insert(name, short_text(field).await?);
                continue;
            };
            let (bytes, size) = content(field).await?;
            // A browser sends an empty part for a field without files.
            if source.is_empty() && size == 0 {
                continue;
            }
            if upload.files.len() == MAX_FILES {
                too_much = Some(Fault::TOO_MANY);
            }
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => too_much = Some(Fault::TOO_LARGE),
            }
            if too_much.is_none() {
                upload.files.push(IssueFile {
                    source: plain_name(&source),
                    bytes: Ok(bytes),
                });
            }
        }
        match too_much {
            Some(fault) => Err(fault),
            None => Ok(upload),
        }
    }
}

async fn next(form: &mut Multipart) -> Result<Option<Field<'_>>, Fault> {
    form.next_field().await.map_err(|_| Fault::MALFORMED)
}

/// A field of a few words.
async fn short_text(mut field: Field<'_>) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|_| Fault::MALFORMED)? {
        if bytes.len() + chunk.len() > MAX_FORM {
            return Err(Fault::TOO_LARGE);
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| Fault::MALFORMED)
}

/// The bytes of a file, one more than any invoice may have at the most: enough to be told so. And its size.
async fn content(mut field: Field<'_>) -> Result<(Vec<u8>, usize), Fault> {
    let (mut bytes, mut size) = (Vec::new(), 0);
    while let Some(chunk) = field.chunk().await.map_err(|_| Fault::MALFORMED)? {
        let room = (MAX_SIZE_WITH_ATTACHMENT + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        size += chunk.len();
    }
    Ok((bytes, size))
}

/// The last part of a path in either spelling: some browsers send folders too.
fn plain_name(source: &str) -> String {
    let name = source.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_own_name_alone() {
        assert_eq!(plain_name("../../etc/passwd"), "passwd");
        assert_eq!(plain_name("C:\\x\\faktura.xml"), "faktura.xml");
        assert_eq!(plain_name("a\u{0}b\n.xml"), "ab.xml");
    }
}
