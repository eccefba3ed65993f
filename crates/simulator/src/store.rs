//! The data directory: what survives a restart, in JSON files that are replaced whole or not at all.
//!
//! `authority.json` holds the keys, `state.json` the ledger, sessions, certificates and tokens, `invoices/` the accepted
//! documents under the names of their hashes. Logins, open uploads and downtimes end with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip};
use ksef_offline_core::invoice::InvoiceDocument;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::SimulatorError;
use crate::authority::{Authority, EncryptionKey, StoredAuthority, StoredKey};
use crate::ledger::{Entry, TakenNumber};
use crate::session::{Session, SessionKind, Status};
use crate::state::{Enrolled, KsefToken, World};

/// Raised when the files change in a way an older simulator would misread.
const VERSION: u32 = 1;

/// Where the simulator keeps what it must not forget.
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// Documents known to be on disk.
    written: Mutex<BTreeSet<InvoiceHash>>,
}

#[derive(Serialize, Deserialize)]
struct SavedKeys {
    version: u32,
    authority: StoredAuthority,
    keys: Vec<StoredKey>,
}

/// What `state.json` holds, borrowed for writing.
#[derive(Serialize)]
struct Saving<'a> {
    version: u32,
    tokens: &'a BTreeMap<String, KsefToken>,
    certificates: &'a BTreeMap<String, Enrolled>,
    entries: Vec<&'a Entry>,
    taken: &'a [TakenNumber],
    rejected: Vec<(String, u16)>,
    sellers: Vec<(Option<String>, String)>,
    attachments: Vec<(String, Option<Timestamp>)>,
    sessions: Vec<&'a Session>,
}

/// The same, owned.
#[derive(Deserialize)]
struct Saved {
    version: u32,
    tokens: BTreeMap<String, KsefToken>,
    certificates: BTreeMap<String, Enrolled>,
    entries: Vec<Entry>,
    taken: Vec<TakenNumber>,
    rejected: Vec<(String, u16)>,
    sellers: Vec<(Option<String>, String)>,
    attachments: Vec<(String, Option<Timestamp>)>,
    sessions: Vec<Session>,
}

/// A state on its way to the disk.
pub(crate) struct Snapshot {
    keys: Vec<u8>,
    state: Vec<u8>,
    documents: Vec<InvoiceDocument>,
}

impl DataDirectory {
    /// Uses `path`, creating it when it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, SimulatorError> {
        fs::create_dir_all(path.join("invoices")).map_err(SimulatorError::Data)?;
        Ok(Self {
            path: path.to_owned(),
            written: Mutex::new(BTreeSet::new()),
        })
    }

    /// The authority and its keys, when the directory has them.
    pub(crate) fn keys(&self) -> Result<Option<(Authority, Vec<EncryptionKey>)>, SimulatorError> {
        let Some(keys) = self.read::<SavedKeys>("authority.json")? else {
            return Ok(None);
        };
        check_version(keys.version)?;
        let authority = Authority::restore(keys.authority)?;
        let restored = keys
            .keys
            .into_iter()
            .map(EncryptionKey::restore)
            .collect::<Result<_, _>>()?;
        Ok(Some((authority, restored)))
    }

    /// Fills `world` with what was saved.
    pub(crate) fn restore(&self, world: &mut World) -> Result<(), SimulatorError> {
        let Some(saved) = self.read::<Saved>("state.json")? else {
            return Ok(());
        };
        check_version(saved.version)?;
        world.tokens = saved.tokens;
        world.certificates = saved.certificates;
        for taken in saved.taken {
            world.ledger.declare_taken(taken);
        }
        for entry in saved.entries {
            let bytes = fs::read(self.document_path(&entry.hash)).map_err(SimulatorError::Data)?;
            let document = InvoiceDocument::read(bytes).map_err(|_| SimulatorError::DataCorrupt)?;
            if document.hash() != entry.hash {
                return Err(SimulatorError::DataCorrupt);
            }
            self.written().insert(entry.hash);
            world.ledger.accept(entry, document);
        }
        for (hash, code) in saved.rejected {
            let hash = InvoiceHash::from_base64(&hash).map_err(|_| SimulatorError::DataCorrupt)?;
            world.ledger.reject(hash, code);
        }
        for (context, nip) in saved.sellers {
            let context = context
                .map(|text| ContextIdentifier::parse(&text))
                .transpose()
                .map_err(|_| SimulatorError::DataCorrupt)?;
            let nip = Nip::parse(&nip).map_err(|_| SimulatorError::DataCorrupt)?;
            world.settings.sellers.insert((context, nip));
        }
        for (nip, until) in saved.attachments {
            let nip = Nip::parse(&nip).map_err(|_| SimulatorError::DataCorrupt)?;
            world.settings.attachments.insert(nip, until);
        }
        for mut session in saved.sessions {
            interrupt(&mut session);
            world.session_order.push(session.reference.clone());
            world.sessions.insert(session.reference.clone(), session);
        }
        Ok(())
    }

    /// Takes a picture of the state; quick, for it is done under the lock.
    pub(crate) fn snapshot(
        &self,
        authority: &Authority,
        world: &World,
    ) -> Result<Snapshot, SimulatorError> {
        let keys = SavedKeys {
            version: VERSION,
            authority: authority.stored().clone(),
            keys: world.keys.iter().map(|key| key.stored().clone()).collect(),
        };
        let state = Saving {
            version: VERSION,
            tokens: &world.tokens,
            certificates: &world.certificates,
            entries: world
                .ledger
                .entries()
                .iter()
                .map(|(entry, _)| entry)
                .collect(),
            taken: world.ledger.declared(),
            rejected: world
                .ledger
                .rejections()
                .map(|(hash, code)| (hash.to_base64(), code))
                .collect(),
            sellers: world
                .settings
                .sellers
                .iter()
                .map(|(context, nip)| (context.as_ref().map(ToString::to_string), nip.to_string()))
                .collect(),
            attachments: world
                .settings
                .attachments
                .iter()
                .map(|(nip, until)| (nip.to_string(), *until))
                .collect(),
            sessions: world
                .session_order
                .iter()
                .filter_map(|reference| world.sessions.get(reference))
                .collect(),
        };
        let written = self.written();
        let documents = world
            .ledger
            .entries()
            .iter()
            .filter(|(entry, _)| !written.contains(&entry.hash))
            .map(|(_, document)| document.clone())
            .collect();
        Ok(Snapshot {
            keys: serde_json::to_vec_pretty(&keys).map_err(|_| SimulatorError::DataCorrupt)?,
            state: serde_json::to_vec(&state).map_err(|_| SimulatorError::DataCorrupt)?,
            documents,
        })
    }

    /// Writes a picture: documents first, so that the state never names one that is not there.
    pub(crate) fn write(&self, snapshot: Snapshot) -> io::Result<()> {
        for document in snapshot.documents {
            self.replace(&self.document_path(&document.hash()), document.bytes())?;
            self.written().insert(document.hash());
        }
        self.replace(&self.path.join("authority.json"), &snapshot.keys)?;
        self.replace(&self.path.join("state.json"), &snapshot.state)
    }

    fn document_path(&self, hash: &InvoiceHash) -> PathBuf {
        self.path
            .join("invoices")
            .join(format!("{}.xml", hash.to_base64url()))
    }

    fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, SimulatorError> {
        match fs::read(self.path.join(name)) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|_| SimulatorError::DataCorrupt),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SimulatorError::Data(error)),
        }
    }

    /// Replaces a file at once; readable by its owner only, as `tempfile` makes them.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn written(&self) -> std::sync::MutexGuard<'_, BTreeSet<InvoiceHash>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check_version(version: u32) -> Result<(), SimulatorError> {
    if version == VERSION {
        Ok(())
    } else {
        Err(SimulatorError::DataVersion)
    }
}

/// The end of the process cut a session off: what was open is cancelled, what was in work is given back to the sender.
fn interrupt(session: &mut Session) {
    if session.status.code >= 200 {
        return;
    }
    let code = match (session.kind, session.status.code) {
        (SessionKind::Batch, 100) => 440,
        _ if session.successful() > 0 => 170,
        _ => 500,
    };
    session.status = Status::of_session(session.kind, code);
    for invoice in &mut session.invoices {
        if invoice.status.code < 200 {
            invoice.status = Status::of_invoice(550);
        }
    }
}

/// Runs until the simulator stops, writing what changes.
pub(crate) async fn keep(app: crate::state::App) {
    loop {
        app.dirty.notified().await;
        // Changes come in bursts: one write serves many.
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        save(&app).await;
    }
}

/// Writes the state now. A failure is reported and tried again with the next change.
pub(crate) async fn save(app: &crate::state::App) {
    let app = Arc::clone(app);
    let saved = tokio::task::spawn_blocking(move || {
        let Some(data) = &app.data else { return Ok(()) };
        let snapshot = data.snapshot(&app.authority, &app.world())?;
        data.write(snapshot).map_err(SimulatorError::Data)
    })
    .await;
    match saved {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "the data directory was not written"),
        Err(error) => tracing::error!(%error, "writing the data directory failed"),
    }
}
