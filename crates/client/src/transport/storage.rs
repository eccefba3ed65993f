//! Moving parts and receipts to and from the addresses KSeF hands out: no token, no header of our own, no redirect.

use std::path::Path;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use url::Url;

use super::{Answer, MAX_DOCUMENT, Transport, failure, is_loopback, read};
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
        let url = storage_address(url)?;
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
        let response = self
            .storage
            .request(method, url)
            .timeout(self.timeouts.transfer)
            .headers(prescribed)
            .body(body)
            .send()
            .await
            .map_err(|e| failure::of(&e))?;
        let answer = read(response, MAX_UPLOAD_ANSWER).await?;
        tracing::debug!(
            operation = "upload part",
            ordinal,
            bytes = size,
            status = answer.status,
            "answered"
        );
        match answer.status {
            200 | 201 => Ok(()),
            429 => Err(ClientError::RateLimited {
                retry_after: answer.retry_after(jiff::Timestamp::now()),
            }),
            status => Err(ClientError::UploadRefused { status }),
        }
    }

    /// Downloads a document from a pre-signed address in one attempt.
    ///
    /// # Errors
    /// As [`Transport::send`], and [`ClientError::InsecureAddress`].
    pub(crate) async fn download(&self, url: &str) -> Result<Answer, ClientError> {
        let response = self
            .storage
            .get(storage_address(url)?)
            .timeout(self.timeouts.transfer)
            .send()
            .await
            .map_err(|e| failure::of(&e))?;
        read(response, MAX_DOCUMENT).await?.checked()
    }
}

/// Checks an address outside the API: `https`, or this machine; no user name.
fn storage_address(url: &str) -> Result<Url, ClientError> {
    let url = Url::parse(url).map_err(|_| ClientError::Contract {
        what: "an upload or download address",
    })?;
    let safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url),
        _ => false,
    };
    if safe && url.username().is_empty() && url.password().is_none() {
        Ok(url)
    } else {
        Err(ClientError::InsecureAddress)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_this_machine_is_an_address_of_the_storage() {
        for good in [
            "https://storage.example/part?sig=x",
            "http://127.0.0.1:5000/upload/1",
            "http://localhost/u",
            "http://[::1]:1/u",
        ] {
            assert!(storage_address(good).is_ok(), "{good}");
        }
        for bad in [
            "http://storage.example/part",
            "http://10.0.0.1/part",
            "http://localhost.example/part",
            "ftp://storage.example/part",
            "https://user:pw@storage.example/part",
            "file:///etc/passwd",
        ] {
            assert!(
                matches!(storage_address(bad), Err(ClientError::InsecureAddress)),
                "{bad}"
            );
        }
        assert!(matches!(
            storage_address("part"),
            Err(ClientError::Contract { .. })
        ));
    }
}
