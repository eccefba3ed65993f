//! Connections to the server, driven by a thread of their own, and used by callers that block.

use core::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Statement};

use super::address::PostgresAddress;
use super::fault::told;
use super::tls::Tls;
use crate::error::QueueError;

/// How long the server lets a transaction of ours lie about before it ends it: a worker that was stopped in the middle
/// of one must not hold up the others for longer.
const IDLE_IN_TRANSACTION: &str = "30s";
/// How long one statement waits for a row before the work is begun anew.
const LOCK_WAIT: &str = "10s";

/// One connection with the statements prepared on it.
pub(super) struct Connection {
    pub(super) client: Client,
    statements: RefCell<HashMap<String, Statement>>,
}

impl Connection {
    pub(super) fn prepared(&self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = wait(self.client.prepare(sql))?;
        self.statements
            .borrow_mut()
            .insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

/// Makes connections and keeps those that are free.
pub(super) struct Pool {
    address: PostgresAddress,
    tls: Tls,
    free: Mutex<Vec<Connection>>,
    runtime: Option<Runtime>,
}

impl Pool {
    pub(super) fn new(address: &PostgresAddress) -> Result<Self, QueueError> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("ksef-offline-postgres")
            .enable_all()
            .build()
            .map_err(|error| QueueError::Io {
                what: error.kind().to_string(),
            })?;
        Ok(Self {
            address: address.clone(),
            tls: Tls::new(address.roots.as_deref())?,
            free: Mutex::default(),
            runtime: Some(runtime),
        })
    }

    /// A connection that is free, or a new one.
    pub(super) fn take(&self) -> Result<Connection, QueueError> {
        loop {
            let free = self.free().pop();
            match free {
                Some(connection) if connection.client.is_closed() => {}
                Some(connection) => return Ok(connection),
                None => return self.connect(),
            }
        }
    }

    /// Takes a connection back that is in no transaction.
    pub(super) fn give_back(&self, connection: Connection) {
        if !connection.client.is_closed() {
            self.free().push(connection);
        }
    }

    /// A connection that no schema is chosen on yet.
    pub(super) fn bare(&self) -> Result<Connection, QueueError> {
        let runtime = self.runtime.as_ref().ok_or_else(|| QueueError::Io {
            what: "the store is closed".to_owned(),
        })?;
        let (config, tls) = (self.address.with_password(), self.tls.clone());
        let made = wait(runtime.spawn(async move {
            let (client, connection) = config.connect(tls).await?;
            // It ends when the client is dropped; what it says then, the client has said as well.
            tokio::spawn(connection);
            Ok::<Client, tokio_postgres::Error>(client)
        }));
        let client = made
            .map_err(|_| QueueError::Unreachable {
                what: "connecting was interrupted".to_owned(),
            })?
            .map_err(|error| told(&error))?;
        let connection = Connection {
            client,
            statements: RefCell::default(),
        };
        let settings = format!(
            "SET idle_in_transaction_session_timeout = '{IDLE_IN_TRANSACTION}'; SET lock_timeout = '{LOCK_WAIT}'; \
             SET client_encoding = 'UTF8'; \
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') \
             IN ('off', 'local')"
        );
        wait(connection.client.batch_execute(&settings)).map_err(|error| told(&error))?;
        Ok(connection)
    }

    fn connect(&self) -> Result<Connection, QueueError> {
        let connection = self.bare()?;
        let schema = &self.address.schema;
        let path = format!("SET search_path = {schema}, pg_catalog");
        wait(connection.client.batch_execute(&path)).map_err(|error| told(&error))?;
        Ok(connection)
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.free().clear();
        if let Some(runtime) = self.runtime.take() {
            // Never waits, so a store may be dropped from asynchronous code.
            runtime.shutdown_background();
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Blocks this thread until the future is done. Unlike the blocking of Tokio it may be called from a thread of any
/// runtime: what makes the future ready runs on the pool's thread.
pub(super) fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}
