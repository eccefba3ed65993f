//! Batch sessions: opening one for a package, uploading its parts, closing it.
//!
//! Opening answers with the session's number and the upload instructions before a byte is sent, so that the caller can
//! make the number durable first. Each part is uploaded on its own and repeated on its own: what is already there is
//! not sent again.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_core::package::{FormCode, Package, PartInfo, SessionKey};
use serde::{Deserialize, Serialize};

use crate::client::KsefClient;
use crate::error::{ClientError, SESSION_STATE};
use crate::parts::PartSource;
use crate::retry::{Operation, Repeats};
use crate::session::reference;
use crate::transport::{Method, UploadBody};
use crate::wire::sessions as wire;

/// A batch session that was opened and awaits its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBatch {
    /// Number of the session. Write it down before the first upload.
    pub reference: ReferenceNumber,
    /// How to upload each part, by ordinal.
    pub uploads: Vec<PartUpload>,
}

/// How to upload one part: exactly this method, address and headers. They differ from part to part.
///
/// Whoever has the address can upload, so it is a secret; it can be stored, encrypted, to go on after a crash within
/// the window of 20 minutes for each part.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartUpload {
    ordinal: u32,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
}

impl PartUpload {
    /// Which part it is for, from 1.
    pub fn ordinal(&self) -> u32 {
        self.ordinal
    }
}

/// Shows which part it is for.
impl fmt::Debug for PartUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartUpload")
            .field("ordinal", &self.ordinal)
            .finish_non_exhaustive()
    }
}

impl KsefClient {
    /// Opens a batch session for `package`, whose parts are encrypted with `key`.
    ///
    /// # Errors
    /// Network failures and refusals. When [`ClientError::may_have_happened`] holds, a session may be open whose number
    /// nobody knows: [`KsefClient::sessions`] finds it, and KSeF cancels it by itself when its window has passed.
    pub async fn open_batch(
        &self,
        package: &Package,
        key: &SessionKey,
        form: &FormCode,
        offline: bool,
    ) -> Result<OpenBatch, ClientError> {
        let batch_file = batch_file(package);
        let answer: wire::BatchOpened = self
            .call_wrapped(Operation::Change, key, |encryption| {
                self.api("open batch session", Method::Post, "/sessions/batch")
                    .json(&wire::OpenBatch {
                        form_code: form.into(),
                        batch_file: batch_file.clone(),
                        encryption,
                        offline_mode: offline,
                    })
            })
            .await?
            .json("the answer to opening a batch session")?;
        let reference = reference(&answer.reference_number)?;
        tracing::info!(%reference, parts = package.parts.len(), bytes = package.archive_size, "batch session opened");
        let mut uploads: Vec<PartUpload> = answer
            .part_upload_requests
            .into_iter()
            .map(PartUpload::from)
            .collect();
        uploads.sort_by_key(|upload| upload.ordinal);
        let expected = package.parts.iter().map(|part| part.ordinal);
        if !uploads.iter().map(|upload| upload.ordinal).eq(expected) {
            return Err(ClientError::Contract {
                what: "the upload instructions do not match the parts",
            });
        }
        Ok(OpenBatch { reference, uploads })
    }

    /// Uploads one part, repeating it as the retry policy says. No token goes to the storage.
    ///
    /// # Errors
    /// [`ClientError::UploadRefused`] when the storage turned it down, [`ClientError::PartMismatch`] when `source` is not
    /// the part that `info` describes, [`ClientError::InsecureAddress`], [`ClientError::PartUnreadable`], network failures.
    pub async fn upload_part(
        &self,
        upload: &PartUpload,
        info: &PartInfo,
        source: &PartSource,
    ) -> Result<(), ClientError> {
        if upload.ordinal != info.ordinal {
            return Err(ClientError::PartMismatch {
                ordinal: info.ordinal,
            });
        }
        let body = match source {
            PartSource::Memory(bytes) => UploadBody::Bytes(bytes.clone()),
            PartSource::File(path) => UploadBody::File(path),
        };
        let mut repeats = Repeats::of(self.inner.transport.timeouts().transfer);
        loop {
            let result = self
                .inner
                .transport
                .upload(
                    info.ordinal,
                    &upload.method,
                    &upload.url,
                    &upload.headers,
                    info.cipher_size,
                    &body,
                )
                .await;
            let Err(error) = result else {
                return Ok(());
            };
            self.wait_or_give_up(Operation::Repeatable, "upload part", error, &mut repeats)
                .await?;
        }
    }

    /// Closes a batch session, which begins its processing. A session that an earlier attempt of this call has closed
    /// already, its answer being lost, counts as closed.
    ///
    /// # Errors
    /// Codes `part-missing` (21205), `part-size-differs` (21157), `upload-window-passed` (21208), `session-state` (21180: it
    /// was closed or cancelled before, so ask for its status), and network failures.
    pub async fn close_batch(&self, session: &ReferenceNumber) -> Result<(), ClientError> {
        self.close(
            "close batch session",
            &format!("/sessions/batch/{session}/close"),
        )
        .await
    }

    pub(crate) async fn close(&self, name: &'static str, path: &str) -> Result<(), ClientError> {
        let request = self.api(name, Method::Post, path);
        match self.call_counted(Operation::Repeatable, &request).await {
            Ok(_) => Ok(()),
            Err((error, lost)) if lost > 0 && error.ksef_code() == Some(SESSION_STATE) => Ok(()),
            Err((error, _)) => Err(error),
        }
    }
}

fn batch_file(package: &Package) -> wire::BatchFile {
    wire::BatchFile {
        file_size: package.archive_size,
        file_hash: STANDARD.encode(package.archive_hash),
        compression_type: package.compression.name(),
        file_parts: package
            .parts
            .iter()
            .map(|part| wire::FilePart {
                ordinal_number: part.ordinal,
                file_size: part.cipher_size,
                file_hash: STANDARD.encode(part.cipher_hash),
            })
            .collect(),
    }
}

impl<'a> From<&'a FormCode> for wire::Form<'a> {
    fn from(form: &'a FormCode) -> Self {
        Self {
            system_code: &form.system_code,
            schema_version: &form.schema_version,
            value: &form.value,
        }
    }
}

impl From<wire::PartUploadRequest> for PartUpload {
    fn from(request: wire::PartUploadRequest) -> Self {
        let headers = request.headers.unwrap_or_default();
        Self {
            ordinal: request.ordinal_number,
            method: request.method,
            url: request.url,
            // The contract allows a null value; there is no such header to send.
            headers: headers
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ksef_offline_core::package::{Compression, DeflateLevel, PackageLimits, pack};

    use super::*;
    use crate::parts::FileParts;

    #[test]
    fn the_request_has_the_names_and_formats_of_the_contract() {
        let key = SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (package, parts) = pack(
            Compression::TarGz,
            DeflateLevel::default(),
            [("a.xml", "<a/>")],
            &key,
            &PackageLimits::default(),
            FileParts::new(folder.path()),
        )
        .unwrap();
        let form = FormCode::fa3();
        let body = serde_json::to_value(wire::OpenBatch {
            form_code: (&form).into(),
            batch_file: batch_file(&package),
            encryption: wire::Encryption {
                encrypted_symmetric_key: "a2V5".to_owned(),
                initialization_vector: "aXY=".to_owned(),
                public_key_id: "id",
            },
            offline_mode: true,
        })
        .unwrap();
        let part = std::fs::read(parts.path(1)).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "formCode": {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"},
                "batchFile": {
                    "fileSize": package.archive_size,
                    "fileHash": STANDARD.encode(package.archive_hash),
                    "compressionType": "TarGz",
                    "fileParts": [{
                        "ordinalNumber": 1,
                        "fileSize": part.len(),
                        "fileHash": ksef_offline_core::identifier::InvoiceHash::of(&part).to_base64(),
                    }],
                },
                "encryption": {
                    "encryptedSymmetricKey": "a2V5",
                    "initializationVector": "aXY=",
                    "publicKeyId": "id",
                },
                "offlineMode": true,
            })
        );
    }

    #[test]
    fn upload_instructions_can_be_stored_and_show_no_address() {
        let request: wire::PartUploadRequest = serde_json::from_str(
            r#"{"ordinalNumber":1,"method":"PUT","url":"https://s.example/p?sig=secret",
                "headers":{"x-ms-blob-type":"BlockBlob","x-null":null},"new":true}"#,
        )
        .unwrap();
        let upload = PartUpload::from(request);
        assert_eq!(
            upload.headers,
            [("x-ms-blob-type".to_owned(), "BlockBlob".to_owned())]
        );
        assert!(!format!("{upload:?}").contains("secret"));
        let stored = serde_json::to_string(&upload).unwrap();
        assert_eq!(serde_json::from_str::<PartUpload>(&stored).unwrap(), upload);
    }
}
