//! Latarnia, the status service of KSeF: what it has announced. It needs no login, and it may itself be down while KSeF
//! works; its silence announces nothing.

use ksef_offline_core::deadline::{LatarniaMessage, LatarniaStatus};
use serde::Deserialize;
use serde_json::Value;

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::transport::{Method, Request};

/// What Latarnia says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatarniaReport {
    /// The status of KSeF by its announcements.
    pub status: LatarniaStatus,
    /// The messages behind it; none when all is well.
    pub messages: Vec<LatarniaMessage>,
}

#[derive(Deserialize)]
struct StatusBody {
    status: String,
    #[serde(default)]
    messages: Option<Vec<Value>>,
}

/// The messages that can be read. One that cannot must not hide the others, nor the status.
fn readable(messages: Vec<Value>) -> Vec<LatarniaMessage> {
    let all = messages.len();
    let readable: Vec<LatarniaMessage> = messages
        .into_iter()
        .filter_map(|message| serde_json::from_value(message).ok())
        .collect();
    if readable.len() < all {
        tracing::warn!(
            unreadable = all - readable.len(),
            "messages of Latarnia that break its contract were left out"
        );
    }
    readable
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
            messages: readable(body.messages.unwrap_or_default()),
        })
    }

    /// All messages Latarnia holds, past and announced, for the timeline.
    ///
    /// # Errors
    /// Network failures of Latarnia itself, which say nothing about KSeF.
    pub async fn latarnia_messages(&self) -> Result<Vec<LatarniaMessage>, ClientError> {
        let messages: Vec<Value> = self
            .ask_latarnia("latarnia messages", "/messages")
            .await?
            .json("the messages of Latarnia")?;
        Ok(readable(messages))
    }

    async fn ask_latarnia(
        &self,
        name: &'static str,
        path: &str,
    ) -> Result<crate::transport::Answer, ClientError> {
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
    fn messages_come_with_fractions_offsets_and_without_an_end() {
        let body: StatusBody = serde_json::from_str(
            r#"{"status":"FAILURE","messages":[{"id":"K/2026/AWR/01","eventId":7,"category":"FAILURE","type":"FAILURE_START",
                "title":"Awaria","text":"Awaria KSeF","start":"2026-11-22T10:00:00.1234567+01:00","end":null,"version":1,
                "published":"2026-11-22T10:05:00+01:00","unknown":true}]}"#,
        )
        .unwrap();
        let messages = readable(body.messages.unwrap());
        assert_eq!(messages[0].event_id, 7);
        assert_eq!(messages[0].end, None);
    }

    #[test]
    fn a_message_that_breaks_the_contract_hides_no_other() {
        let messages: Vec<Value> = serde_json::from_str(
            r#"[{"id":"K/2","category":"FAILURE"},{"id":"K/1","eventId":1,"category":"FAILURE","type":"FAILURE_START",
                "start":"2026-03-01T00:00:00Z"}]"#,
        )
        .unwrap();
        let ids: Vec<String> = readable(messages)
            .into_iter()
            .map(|message| message.id)
            .collect();
        assert_eq!(ids, ["K/1"]);
    }
}
