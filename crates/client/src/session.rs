//! Logging in, and keeping the access token fresh for every task that uses the client.
//!
//! One lock guards the tokens. Whoever finds the access token about to run out refreshes it while holding the lock, so
//! concurrent callers wait for that one refresh instead of making their own. When the refresh token has ended, or KSeF
//! does not honour it any more, the login is begun anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_core::key::Signer;
use ksef_offline_core::login::{AuthTokenRequest, IpRule};
use ksef_offline_core::signature::sign_enveloped;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::client::{Credentials, KsefClient};
use crate::error::{ClientError, PUBLIC_KEY_WITHDRAWN};
use crate::public_keys::KeyUsage;
use crate::retry::{Operation, Repeats, poll_wait};
use crate::status::Status;
use crate::transport::{Method, Request};
use crate::wire::auth as wire;

/// A token is renewed when it has less than this left.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// A signature claims to be this much older than it is: a signing time in the future is refused.
const SIGNING_MARGIN: SignedDuration = SignedDuration::from_secs(60);
/// Largest page of logins.
const LOGIN_PAGE: &str = "100";

/// The tokens of the client and what it knows of KSeF's clock.
#[derive(Default)]
pub(crate) struct Logins {
    tokens: Mutex<Option<Tokens>>,
    /// A login that KSeF was still examining when the patience of its caller was over.
    pending: Mutex<Option<PendingLogin>>,
    /// How many milliseconds KSeF's clock is ahead of ours.
    skew: AtomicI64,
}

struct Tokens {
    access: AccessToken,
    refresh: Zeroizing<String>,
    refresh_until: Timestamp,
}

/// A login between its beginning and its tokens.
struct PendingLogin {
    reference: ReferenceNumber,
    token: Zeroizing<String>,
}

/// An access token for one call.
#[derive(Clone)]
pub(crate) struct AccessToken {
    pub(crate) text: Arc<Zeroizing<String>>,
    until: Timestamp,
}

impl Logins {
    pub(crate) fn server_time(&self, local: Timestamp) -> Timestamp {
        let skew = SignedDuration::from_millis(self.skew.load(Ordering::Relaxed));
        local.saturating_add(skew).unwrap_or(local)
    }

    fn learn_time(&self, server: Timestamp, local: Timestamp) {
        let skew = server.as_millisecond() - local.as_millisecond();
        self.skew.store(skew, Ordering::Relaxed);
    }
}

/// A login of this context that KSeF still knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its number.
    pub reference: ReferenceNumber,
    /// When it was made.
    pub started: Timestamp,
    /// Its status.
    pub status: Status,
    /// Until when it can be refreshed.
    pub refreshable_until: Option<Timestamp>,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

impl KsefClient {
    /// Logs in now, unless a login is still good. Every other call does so by itself.
    ///
    /// # Errors
    /// [`ClientError::LoginRefused`] when KSeF turned the login down, [`ClientError::LoginPending`] when it needs longer
    /// than the builder's patience, [`ClientError::NoCredentials`], signing errors, network failures.
    pub async fn login(&self) -> Result<(), ClientError> {
        self.access_token().await.map(drop)
    }

    /// Ends the login at KSeF. Open sessions of sending go on; the next call logs in anew. Does nothing without a login.
    ///
    /// # Errors
    /// Network failures and refusals; the tokens are forgotten in any case.
    pub async fn logout(&self) -> Result<(), ClientError> {
        let Some(tokens) = self.inner.logins.tokens.lock().await.take() else {
            return Ok(());
        };
        let request = self.api("log out", Method::Delete, "/auth/sessions/current");
        self.call_with(Operation::Repeatable, &request, Some(&tokens.access.text))
            .await
            .map(drop)
    }

    /// The logins of this context that KSeF still knows.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn logins(&self) -> Result<Vec<Login>, ClientError> {
        let mut logins = Vec::new();
        let mut token = None;
        loop {
            let request = self
                .api("list logins", Method::Get, "/auth/sessions")
                .query("pageSize", LOGIN_PAGE)
                .continuation(token.clone());
            let page: wire::LoginList = self
                .call(Operation::Read, &request)
                .await?
                .json("the list of logins")?;
            for item in page.items {
                logins.push(Login {
                    reference: reference(&item.reference_number)?,
                    started: item.start_date.0,
                    status: item.status.into(),
                    refreshable_until: item.refresh_token_valid_until.map(|until| until.0),
                    is_current: item.is_current.unwrap_or_default(),
                });
            }
            if page.continuation_token.is_none() || page.continuation_token == token {
                return Ok(logins);
            }
            token = page.continuation_token;
        }
    }

    /// Revokes another login.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn revoke_login(&self, login: &ReferenceNumber) -> Result<(), ClientError> {
        let request = self.api(
            "revoke login",
            Method::Delete,
            &format!("/auth/sessions/{login}"),
        );
        self.call(Operation::Repeatable, &request).await.map(drop)
    }

    /// A token that is good for at least a minute.
    pub(crate) async fn access_token(&self) -> Result<AccessToken, ClientError> {
        let mut guard = self.inner.logins.tokens.lock().await;
        let soon = later(self.now());
        if let Some(tokens) = guard.as_mut() {
            if tokens.access.until > soon {
                return Ok(tokens.access.clone());
            }
            if tokens.refresh_until > soon {
                match self.refreshed(&tokens.refresh).await {
                    Ok(access) => {
                        tokens.access = access.clone();
                        return Ok(access);
                    }
                    // Revoked, or unknown after a restart of the server: a new login decides.
                    Err(ClientError::Ksef(refusal)) if refusal.status < 500 => {
                        tracing::info!(code = refusal.code(), "the refresh token is not honoured");
                    }
                    Err(
                        ClientError::Gone
                        | ClientError::Http {
                            status: 400..=499, ..
                        },
                    ) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        *guard = None;
        let tokens = self.log_in().await?;
        let access = tokens.access.clone();
        *guard = Some(tokens);
        Ok(access)
    }

    /// Forgets an access token that KSeF did not honour; the refresh token is tried next.
    pub(crate) async fn forget_token(&self, refused: &AccessToken) {
        let mut guard = self.inner.logins.tokens.lock().await;
        if let Some(tokens) = guard.as_mut()
            && Arc::ptr_eq(&tokens.access.text, &refused.text)
        {
            tokens.access.until = Timestamp::MIN;
        }
    }

    async fn refreshed(&self, refresh: &str) -> Result<AccessToken, ClientError> {
        let request = self.api("refresh token", Method::Post, "/auth/token/refresh");
        let answer: wire::Refreshed = self
            .call_with(Operation::Repeatable, &request, Some(refresh))
            .await?
            .json("the refreshed token")?;
        Ok(answer.access_token.into())
    }

    /// Logs in. A login that got lost on the way leaves nothing behind, so it is begun anew from its challenge.
    async fn log_in(&self) -> Result<Tokens, ClientError> {
        let mut repeats = Repeats::of(self.inner.retry.deadline);
        let mut rotated = false;
        loop {
            let went_on = self.inner.logins.pending.lock().await.is_some();
            let error = match self.log_in_once().await {
                Ok(tokens) => return Ok(tokens),
                Err(error) => error,
            };
            let is_verdict = matches!(
                error,
                ClientError::LoginRefused(_) | ClientError::LoginPending
            );
            if went_on && !is_verdict && !error.is_passing() {
                tracing::info!(%error, "the login begun earlier is not known any more");
                continue;
            }
            if !rotated && error.ksef_code() == Some(PUBLIC_KEY_WITHDRAWN) {
                rotated = true;
                self.forget_public_keys().await;
                continue;
            }
            self.wait_or_give_up(Operation::Repeatable, "log in", error, &mut repeats)
                .await?;
        }
    }

    async fn log_in_once(&self) -> Result<Tokens, ClientError> {
        let earlier = self.inner.logins.pending.lock().await.take();
        let login = match earlier {
            Some(login) => login,
            None => self.begin_login().await?,
        };
        match self.follow_login(&login.reference, &login.token).await {
            Ok(()) => {}
            // The check of a qualified certificate can take long: the next call goes on with this login.
            Err(error) if matches!(error, ClientError::LoginPending) || error.is_passing() => {
                *self.inner.logins.pending.lock().await = Some(login);
                return Err(error);
            }
            Err(error) => return Err(error),
        }
        let request = self.api("redeem token", Method::Post, "/auth/token/redeem");
        // Tokens are given once: if this answer is lost, the whole login is begun anew.
        let tokens: wire::Tokens = self
            .attempt(&request, Some(&login.token))
            .await?
            .json("the tokens")?;
        tracing::info!(reference = %login.reference, "logged in");
        Ok(Tokens {
            access: tokens.access_token.into(),
            refresh_until: tokens.refresh_token.valid_until.0,
            refresh: tokens.refresh_token.token,
        })
    }

    async fn begin_login(&self) -> Result<PendingLogin, ClientError> {
        let Some(credentials) = &self.inner.credentials else {
            return Err(ClientError::NoCredentials);
        };
        let request = self.api("challenge", Method::Post, "/auth/challenge");
        let challenge: wire::Challenge =
            self.attempt(&request, None).await?.json("the challenge")?;
        self.inner
            .logins
            .learn_time(challenge.timestamp.0, Timestamp::now());
        let request = match credentials {
            Credentials::Xades(signer) => self.signed_login(&challenge, signer).await?,
            Credentials::Token(token) => self.token_login(&challenge, token).await?,
        };
        let begun: wire::Begun = self
            .attempt(&request, None)
            .await?
            .json("the answer to the login")?;
        Ok(PendingLogin {
            reference: reference(&begun.reference_number)?,
            token: begun.authentication_token.token,
        })
    }

    async fn signed_login(
        &self,
        challenge: &wire::Challenge,
        signer: &Arc<dyn Signer>,
    ) -> Result<Request, ClientError> {
        let document = AuthTokenRequest {
            challenge: reference(&challenge.challenge)?,
            context: self.inner.context.clone(),
            subject: self.inner.subject,
            allowed_ips: self.inner.allowed_ips.clone(),
        }
        .to_xml();
        let at = signing_time(self.now(), signer.certificate().not_before());
        let signer = Arc::clone(signer);
        // A card or an HSM may take seconds.
        let signed = tokio::task::spawn_blocking(move || {
            sign_enveloped(document.as_bytes(), signer.as_ref(), at)
        })
        .await
        .map_err(|_| ClientError::Configuration {
            what: "the signer panicked",
        })??;
        Ok(self
            .api("log in by signature", Method::Post, "/auth/xades-signature")
            .xml(signed))
    }

    async fn token_login(
        &self,
        challenge: &wire::Challenge,
        token: &Zeroizing<String>,
    ) -> Result<Request, ClientError> {
        let key = self.public_key(KeyUsage::KsefTokenEncryption).await?;
        // EXPOSE: the token goes to KSeF encrypted, together with the challenge's time.
        let plain = Zeroizing::new(format!("{}|{}", token.as_str(), challenge.timestamp_ms));
        let encrypted = key
            .key
            .encrypt_oaep(plain.as_bytes(), self.inner.random.as_ref())?;
        let context = &self.inner.context;
        self.api("log in by token", Method::Post, "/auth/ksef-token")
            .json(&wire::TokenLogin {
                challenge: &challenge.challenge,
                context_identifier: wire::Context {
                    r#type: context.kind().name(),
                    value: context.value(),
                },
                encrypted_token: STANDARD.encode(encrypted),
                public_key_id: &key.id,
                authorization_policy: authorization_policy(&self.inner.allowed_ips),
            })
    }

    /// Waits until the login is examined. Every code from 200 on is final, known or not.
    async fn follow_login(
        &self,
        reference: &ReferenceNumber,
        token: &str,
    ) -> Result<(), ClientError> {
        let started = Instant::now();
        let request = self.api("login status", Method::Get, &format!("/auth/{reference}"));
        for look in 0.. {
            let answer: wire::OperationStatus = self
                .call_with(Operation::Read, &request, Some(token))
                .await?
                .json("the status of the login")?;
            let status = Status::from(answer.status);
            match status.code {
                200 => return Ok(()),
                ..200 => {}
                _ => return Err(ClientError::LoginRefused(Box::new(status.into()))),
            }
            let wait = poll_wait(look);
            if started.elapsed() + wait > self.inner.login_patience {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        Err(ClientError::LoginPending)
    }
}

impl From<wire::TokenInfo> for AccessToken {
    fn from(token: wire::TokenInfo) -> Self {
        Self {
            text: Arc::new(token.token),
            until: token.valid_until.0,
        }
    }
}

fn later(now: Timestamp) -> Timestamp {
    now.saturating_add(MARGIN).unwrap_or(now)
}

/// A minute ago, but not before the certificate was valid: fresh certificates log in at once.
fn signing_time(now: Timestamp, not_before: Timestamp) -> Timestamp {
    let past = now.saturating_sub(SIGNING_MARGIN).unwrap_or(now);
    past.max(not_before).min(now)
}

fn authorization_policy(rules: &[IpRule]) -> Option<wire::AuthorizationPolicy> {
    let mut allowed_ips = wire::AllowedIps::default();
    for rule in rules {
        let list = match rule {
            IpRule::Address(_) => &mut allowed_ips.ip4_addresses,
            IpRule::Range(..) => &mut allowed_ips.ip4_ranges,
            IpRule::Mask(..) => &mut allowed_ips.ip4_masks,
        };
        list.push(rule.to_string());
    }
    (!rules.is_empty()).then_some(wire::AuthorizationPolicy { allowed_ips })
}

/// Reads a reference number that KSeF gave.
pub(crate) fn reference(text: &str) -> Result<ReferenceNumber, ClientError> {
    ReferenceNumber::parse(text).map_err(|_| ClientError::Contract {
        what: "a reference number",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_signature_claims_to_be_a_minute_old_unless_its_certificate_is_younger() {
        let now = at("2026-11-22T20:00:00Z");
        assert_eq!(
            signing_time(now, at("2026-01-01T00:00:00Z")),
            at("2026-11-22T19:59:00Z")
        );
        assert_eq!(
            signing_time(now, at("2026-11-22T19:59:50Z")),
            at("2026-11-22T19:59:50Z")
        );
        assert_eq!(signing_time(now, at("2026-11-23T00:00:00Z")), now);
    }

    #[test]
    fn the_clock_of_the_server_is_learnt() {
        let logins = Logins::default();
        logins.learn_time(at("2026-11-22T20:05:00Z"), at("2026-11-22T20:00:00Z"));
        assert_eq!(
            logins.server_time(at("2026-11-22T20:01:00Z")),
            at("2026-11-22T20:06:00Z")
        );
    }

    #[test]
    fn the_ip_policy_has_the_names_of_the_contract() {
        let policy = authorization_policy(&[
            IpRule::Address([10, 0, 0, 1].into()),
            IpRule::Mask([10, 1, 0, 0].into(), 16),
        ]);
        assert_eq!(
            serde_json::to_value(policy).unwrap(),
            serde_json::json!({"allowedIps": {"ip4Addresses": ["10.0.0.1"], "ip4Masks": ["10.1.0.0/16"]}})
        );
        assert!(authorization_policy(&[]).is_none());
    }
}
