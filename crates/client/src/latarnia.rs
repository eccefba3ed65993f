//! Latarnia, the status service of KSeF: what it has announced. It needs no login, and it may itself be down while KSeF
//! works; its silence announces nothing.

use ksef_offline_core::deadline::{LatarniaStatus, MessageList};
use serde::Deserialize;

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::transport::{Answer, Method, Request};

/// What Latarnia says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatarniaReport {
    /// The status of KSeF by its announcements.
    pub status: LatarniaStatus,
    /// The messages behind it; none when all is well.
    pub messages: MessageList,
}

#[derive(Deserialize)]
struct StatusBody {
    status: String,
    #[serde(default)]
    messages: Option<MessageList>,
}

impl KsefClient {
    /// What Latarnia says now, asked once and briefly: nobody should wait for it.
    ///
    /// # Errors
    /// Network failures of Latarnia itself, which say nothing about KSeF.
    pub async fn latarnia(&self) -> Result<LatarniaReport, ClientError> {
        let answer = self.ask_latarnia("latarnia status", "/status").await?;
        let body: StatusBody = answer.json("the status of Latarnia")?;
        Ok(LatarniaReport {
            status: LatarniaStatus::from_name(&body.status),
            messages: body.messages.unwrap_or_default(),
        })
    }

    /// All messages Latarnia holds, past and announced, for the timeline. It forgets an event some weeks after its end.
    ///
    /// # Errors
    /// Network failures of Latarnia itself, which say nothing about KSeF.
    pub async fn latarnia_messages(&self) -> Result<MessageList, ClientError> {
        self.ask_latarnia("latarnia messages", "/messages")
            .await?
            .json("the messages of Latarnia")
    }

    async fn ask_latarnia(&self, name: &'static str, path: &str) -> Result<Answer, ClientError> {
        let url = format!("{}{path}", self.inner.environment.latarnia());
        let request =
            Request::new(name, Method::Get, url).timeout(self.inner.transport.timeouts().probe);
        self.inner.transport.send(&request, None).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_without_messages_and_an_unknown_one_are_read() {
        let body: StatusBody = serde_json::from_str(r#"{"status":"AVAILABLE"}"#).unwrap();
        assert!(body.messages.is_none());
        let body: StatusBody =
            serde_json::from_str(r#"{"status":"NAPPING","messages":null,"x":1}"#).unwrap();
        assert_eq!(
            LatarniaStatus::from_name(&body.status),
            LatarniaStatus::Unknown("NAPPING".to_owned())
        );
    }

    #[test]
    fn the_messages_of_a_status_are_read_one_by_one() {
        let body: StatusBody = serde_json::from_str(
            r#"{"status":"FAILURE","messages":[{"id":"K/2026/AWR/02"},{"id":"K/2026/AWR/01","eventId":7,"category":"FAILURE",
                "type":"FAILURE_START","title":"Awaria","text":"Awaria KSeF","start":"2026-11-22T10:00:00.1234567+01:00",
                "end":null,"version":1,"published":"2026-11-22T10:05:00+01:00","unknown":true}]}"#,
        )
        .unwrap();
        let found = body.messages.unwrap();
        assert_eq!((found.messages.len(), found.unreadable.len()), (1, 1));
        assert_eq!(
            (found.messages[0].event_id, found.messages[0].end),
            (7, None)
        );
    }
}
