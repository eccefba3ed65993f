//! The client itself: how it is set up, and the loop every call goes through.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::ContextIdentifier;
use ksef_offline_core::key::Signer;
use ksef_offline_core::login::{IpRule, SubjectIdentifierType};
use ksef_offline_core::random::{OsRandom, RandomSource};
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use crate::error::ClientError;
use crate::limiter::{Forgetful, Group, Limiter, LimiterStore};
use crate::public_keys::PublicKeys;
use crate::retry::{Next, Operation, Outcome, Repeats, RetryPolicy};
use crate::session::Logins;
use crate::transport::{Answer, Method, Request, Settings, Timeouts, Transport};

/// With what the client logs in.
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// A certificate: an XAdES signature over the login document. Needed for enrolling certificates.
    Xades(Arc<dyn Signer>),
    /// A KSeF token.
    Token(Zeroizing<String>),
}

/// Shows which kind it is.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xades(_) => "Xades(…)",
            Self::Token(_) => "Token(…)",
        })
    }
}

/// A client of one KSeF environment in one context. Cloning is cheap, and clones share login, keys and connections.
#[derive(Clone)]
pub struct KsefClient {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) environment: Environment,
    pub(crate) context: ContextIdentifier,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) subject: SubjectIdentifierType,
    pub(crate) allowed_ips: Vec<IpRule>,
    pub(crate) login_patience: Duration,
    pub(crate) random: Arc<dyn RandomSource>,
    pub(crate) transport: Transport,
    pub(crate) retry: RetryPolicy,
    pub(crate) limiter: Limiter,
    pub(crate) logins: Logins,
    pub(crate) public_keys: PublicKeys,
}

/// Shows where and for whom, nothing else.
impl fmt::Debug for KsefClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KsefClient")
            .field("environment", &self.inner.environment.kind())
            .field("context", &self.inner.context.kind())
            .finish_non_exhaustive()
    }
}

/// Collects the settings of a [`KsefClient`].
pub struct ClientBuilder {
    environment: Environment,
    context: ContextIdentifier,
    credentials: Option<Credentials>,
    subject: SubjectIdentifierType,
    allowed_ips: Vec<IpRule>,
    login_patience: Duration,
    random: Arc<dyn RandomSource>,
    retry: RetryPolicy,
    limiter: Arc<dyn LimiterStore>,
    settings: Settings,
}

impl ClientBuilder {
    /// With what to log in. Without credentials only public calls work: public keys, Latarnia, [`KsefClient::probe`].
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// By what KSeF recognises the signer of a login; by default the identifier in the certificate's subject.
    #[must_use]
    pub fn subject(mut self, subject: SubjectIdentifierType) -> Self {
        self.subject = subject;
        self
    }

    /// From which addresses the login may be used; by default from anywhere. At most ten of each kind.
    #[must_use]
    pub fn allowed_ips(mut self, rules: Vec<IpRule>) -> Self {
        self.allowed_ips = rules;
        self
    }

    /// How long a login may be examined before [`ClientError::LoginPending`] is returned; 5 minutes by default, since
    /// the check of a qualified certificate can take long.
    #[must_use]
    pub fn login_patience(mut self, patience: Duration) -> Self {
        self.login_patience = patience;
        self
    }

    /// Where random bytes come from; by default the operating system.
    #[must_use]
    pub fn random(mut self, random: Arc<dyn RandomSource>) -> Self {
        self.random = random;
        self
    }

    /// When calls are repeated.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Where the limiter keeps what it has to remember beyond this process; by default nowhere. Clients of one context that
    /// run on one machine should share a store, since KSeF counts them as one.
    #[must_use]
    pub fn limiter_store(mut self, store: Arc<dyn LimiterStore>) -> Self {
        self.limiter = store;
        self
    }

    /// How long calls may take.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.settings.timeouts = timeouts;
        self
    }

    /// A proxy for everything, as `http://host:port` or `http://user:password@host:port`; by default the one that
    /// `HTTPS_PROXY` and the like name. Connections go through it by `CONNECT`, encrypted end to end. A simulator on this
    /// machine, by plain `http`, is called without.
    #[must_use]
    pub fn proxy(mut self, address: &str) -> Self {
        self.settings.proxy = Some(Zeroizing::new(address.to_owned()));
        self
    }

    /// The password for the proxy, where its address names a user alone.
    #[must_use]
    pub fn proxy_password(mut self, password: Zeroizing<String>) -> Self {
        self.settings.proxy_password = Some(password);
        self
    }

    /// Further root certificates in PEM form, beside those of the system.
    #[must_use]
    pub fn root_certificates(mut self, pem: Vec<u8>) -> Self {
        self.settings.root_certificates.push(pem);
        self
    }

    /// Receives every technical warning KSeF sends with an answer (`X-System-Warning`); it also goes to `tracing`.
    #[must_use]
    pub fn on_warning(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.settings.on_warning = Some(Arc::new(listener));
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Configuration`] for a proxy or root certificate that cannot be used.
    pub fn build(self) -> Result<KsefClient, ClientError> {
        let transport = Transport::new(&self.environment, &self.settings)?;
        let limiter = Limiter::new(self.limiter, self.environment.api(), &self.context);
        Ok(KsefClient {
            inner: Arc::new(Inner {
                environment: self.environment,
                context: self.context,
                credentials: self.credentials,
                subject: self.subject,
                allowed_ips: self.allowed_ips,
                login_patience: self.login_patience,
                random: self.random,
                transport,
                retry: self.retry,
                limiter,
                logins: Logins::default(),
                public_keys: PublicKeys::default(),
            }),
        })
    }
}

/// Shows no credentials.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("environment", &self.environment)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl KsefClient {
    /// Begins a client of `environment` that works in the name of `context`.
    pub fn builder(environment: Environment, context: ContextIdentifier) -> ClientBuilder {
        ClientBuilder {
            environment,
            context,
            credentials: None,
            subject: SubjectIdentifierType::CertificateSubject,
            allowed_ips: Vec::new(),
            login_patience: Duration::from_mins(5),
            random: Arc::new(OsRandom),
            retry: RetryPolicy::default(),
            limiter: Arc::new(Forgetful::default()),
            settings: Settings::default(),
        }
    }

    /// The environment it was built for.
    pub fn environment(&self) -> &Environment {
        &self.inner.environment
    }

    /// The context it was built for.
    pub fn context(&self) -> &ContextIdentifier {
        &self.inner.context
    }

    /// Asks whether KSeF can be reached: one short call without login. An answer of KSeF that refuses (4xx, 429) is an
    /// answer; an error of the server (5xx) is none, and neither is a page that stands in its place, such as the login
    /// page of a foreign network or a notice of maintenance, whatever its status.
    ///
    /// # Errors
    /// [`ClientError`] with the cause: [`ClientError::Network`] when nothing answered in time, anything else when
    /// something did that is not KSeF as it works.
    pub async fn probe(&self) -> Result<(), ClientError> {
        match self.ask_for_a_sign().await {
            Err(ClientError::Ksef(refusal)) if refusal.status < 500 => Ok(()),
            Err(ClientError::RateLimited { .. }) => Ok(()),
            other => other,
        }
    }

    /// The call behind [`Self::probe`], with every refusal.
    pub(crate) async fn ask_for_a_sign(&self) -> Result<(), ClientError> {
        let request = self
            .api("probe", Method::Get, "/security/public-key-certificates")
            .timeout(self.inner.transport.timeouts().probe);
        let answer = match self.attempt(&request, None).await {
            // So many answers that the next one has to wait.
            Err(ClientError::RateLimited { .. }) => return Ok(()),
            result => result?,
        };
        answer.json::<Vec<IgnoredAny>>("the list of public keys")?;
        Ok(())
    }

    /// A request to a path of the API.
    pub(crate) fn api(&self, name: &'static str, method: Method, path: &str) -> Request {
        Request::new(
            name,
            method,
            format!("{}{path}", self.inner.environment.api()),
        )
        .counted(Group::of(method, path))
    }

    /// Makes one attempt of a call, when the rate limits let it through.
    pub(crate) async fn attempt(
        &self,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Answer, ClientError> {
        if let Some(group) = &request.group {
            self.admit(group).await?;
        }
        let result = self.inner.transport.send(request, token).await;
        if let (Some(group), Err(ClientError::RateLimited { retry_after })) =
            (&request.group, &result)
        {
            self.inner
                .limiter
                .block(group, *retry_after, Timestamp::now());
        }
        result
    }

    /// Makes a call without login, as often as the policy allows.
    pub(crate) async fn call_public(
        &self,
        operation: Operation,
        request: &Request,
    ) -> Result<Answer, ClientError> {
        self.call_with(operation, request, None).await
    }

    /// Makes a call with a token that is not the access token.
    pub(crate) async fn call_with(
        &self,
        operation: Operation,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Answer, ClientError> {
        let mut repeats = Repeats::of(self.inner.retry.deadline);
        loop {
            let error = match self.attempt(request, token).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            self.wait_or_give_up(operation, request.name, error, &mut repeats)
                .await?;
        }
    }

    /// Makes a call with the access token. A 401 means that nothing was done: the token is thrown away and the call
    /// made once more with a new one.
    pub(crate) async fn call(
        &self,
        operation: Operation,
        request: &Request,
    ) -> Result<Answer, ClientError> {
        self.call_counted(operation, request)
            .await
            .map(|(answer, _)| answer)
            .map_err(|(error, _)| error)
    }

    /// As [`Self::call`], with the number of attempts that may have reached KSeF before the one that was answered.
    pub(crate) async fn call_counted(
        &self,
        operation: Operation,
        request: &Request,
    ) -> Result<(Answer, u32), (ClientError, u32)> {
        let mut repeats = Repeats::of(self.inner.retry.deadline);
        let mut lost = 0;
        let mut renewed = false;
        loop {
            let token = self.access_token().await.map_err(|error| (error, lost))?;
            let error = match self.attempt(request, Some(&token.text)).await {
                Ok(answer) => return Ok((answer, lost)),
                Err(error) => error,
            };
            let unauthorized = match &error {
                ClientError::Ksef(refusal) => refusal.status == 401,
                ClientError::Http { status, .. } => *status == 401,
                _ => false,
            };
            if unauthorized && !renewed {
                renewed = true;
                self.forget_token(&token).await;
                continue;
            }
            if error.may_have_happened() {
                lost += 1;
            }
            self.wait_or_give_up(operation, request.name, error, &mut repeats)
                .await
                .map_err(|error| (error, lost))?;
        }
    }

    /// Sleeps when the policy says so and time is left, else gives the error back.
    pub(crate) async fn wait_or_give_up(
        &self,
        operation: Operation,
        name: &'static str,
        error: ClientError,
        repeats: &mut Repeats,
    ) -> Result<(), ClientError> {
        let next = self
            .inner
            .retry
            .next(operation, Outcome::of(&error), repeats.attempt);
        match next {
            Next::Wait(wait) if repeats.leave_room_for(wait) => {
                tracing::info!(
                    operation = name,
                    attempt = repeats.attempt,
                    milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                    %error,
                    "trying again"
                );
                tokio::time::sleep(wait).await;
                repeats.attempt += 1;
                Ok(())
            }
            Next::Wait(_) | Next::GiveUp => Err(error),
        }
    }

    /// The time by KSeF's clock, as far as a login told how far ours is off.
    pub(crate) fn now(&self) -> Timestamp {
        self.inner.logins.server_time(Timestamp::now())
    }
}
