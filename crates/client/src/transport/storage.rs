//! Moving parts and receipts to and from the addresses KSeF hands out: no token, no header of our own, no redirect.

use std::path::Path;
use std::time::Instant;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tracing::Instrument as _;

use super::{Answer, MAX_DOCUMENT, Transport, failure, read};
use crate::error::ClientError;

/// Bytes read from a file at once.
const CHUNK: usize = 128 * 1024;
/// Largest answer to an upload that is read.
const MAX_UPLOAD_ANSWER: usize = 64 * 1024;

/// What is uploaded.
pub(crate) enum UploadBody<'a> {
    Bytes(Bytes),
    File(&'a Path),
}

impl Transport {
    /// Uploads one part in one attempt.
    ///
    /// # Errors
    /// [`ClientError::UploadRefused`] for every status but 200 and 201, [`ClientError::PartMismatch`] when a file has
    /// another size, network failures.
    pub(crate) async fn upload(
        &self,
        ordinal: u32,
        method: &str,
        url: &str,
        headers: &[(String, String)],
        size: u64,
        body: &UploadBody<'_>,
    ) -> Result<(), ClientError> {
        let url = self.addresses.check(url)?;
        let method =
            reqwest::Method::from_bytes(method.as_bytes()).map_err(|_| ClientError::Contract {
                what: "the method of an upload",
            })?;
        let mut prescribed = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            let value = HeaderValue::from_str(value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err(ClientError::Contract {
                    what: "the headers of an upload",
                });
            };
            prescribed.insert(name, value);
        }
        // Chunked bodies may be refused with 411.
        prescribed.insert(CONTENT_LENGTH, size.into());
        let body = match body {
            UploadBody::Bytes(bytes) if bytes.len() as u64 == size => bytes.clone().into(),
            UploadBody::Bytes(_) => return Err(ClientError::PartMismatch { ordinal }),
            UploadBody::File(path) => file_body(ordinal, path, size).await?,
        };
        let span = tracing::info_span!("ksef", operation = "upload part", ordinal, bytes = size);
        let started = Instant::now();
        let request = self
            .storage
            .request(method, url)
            .timeout(self.timeouts.transfer)
            .headers(prescribed)
            .body(body);
        let answer = async {
            let response = request.send().await.map_err(|e| failure::of(&e))?;
            let answer = read(response, MAX_UPLOAD_ANSWER).await?;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(status = answer.status, milliseconds, "answered");
            Ok::<_, ClientError>(answer)
        }
        .instrument(span)
        .await?;
        match answer.status {
            200 | 201 => Ok(()),
            429 => Err(ClientError::RateLimited {
                retry_after: answer.retry_after(jiff::Timestamp::now()),
            }),
            status => Err(ClientError::UploadRefused {
                status,
                retry_after: answer.asked_wait(jiff::Timestamp::now()),
            }),
        }
    }

    /// Downloads a document from a pre-signed address in one attempt.
    ///
    /// # Errors
    /// As [`Transport::send`], and [`ClientError::InsecureAddress`].
    pub(crate) async fn download(&self, url: &str) -> Result<Answer, ClientError> {
        let request = self
            .storage
            .get(self.addresses.check(url)?)
            .timeout(self.timeouts.transfer);
        let span = tracing::info_span!("ksef", operation = "download receipt");
        let started = Instant::now();
        async {
            let response = request.send().await.map_err(|e| failure::of(&e))?;
            let answer = read(response, MAX_DOCUMENT).await?;
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(
                status = answer.status,
                bytes = answer.body.len(),
                milliseconds,
                "answered"
            );
            answer.checked()
        }
        .instrument(span)
        .await
    }
}

/// Streams a file that must have exactly `size` bytes: the declared length is sent before it is read.
async fn file_body(ordinal: u32, path: &Path, size: u64) -> Result<reqwest::Body, ClientError> {
    let unreadable = |error: std::io::Error| ClientError::PartUnreadable {
        ordinal,
        kind: error.kind(),
    };
    let file = File::open(path).await.map_err(unreadable)?;
    if file.metadata().await.map_err(unreadable)?.len() != size {
        return Err(ClientError::PartMismatch { ordinal });
    }
    let chunks = stream::try_unfold(file, |mut file| async move {
        let mut chunk = Vec::with_capacity(CHUNK);
        (&mut file)
            .take(CHUNK as u64)
            .read_to_end(&mut chunk)
            .await?;
        Ok::<_, std::io::Error>((!chunk.is_empty()).then(|| (Bytes::from(chunk), file)))
    });
    Ok(reqwest::Body::wrap_stream(chunks))
}
