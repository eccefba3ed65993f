//! Keys in HSMs and on smart cards, through the PKCS#11 module of their maker.
//!
//! A module is loaded once for the life of the process and never finalized: PKCS#11 knows one state a process, and
//! somebody else in it may use the same module. What the device returns is verified by core before anybody uses it.

use std::collections::BTreeMap;
use std::ffi::c_ulong;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use ksef_offline_core::key::{
    Certificate, HashAlgorithm, KeyError, SignatureAlgorithm, Signer, SignerError,
};
use zeroize::Zeroizing;

use crate::config::{DeviceKey, KeyName, TokenName};

static MODULES: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// A signer whose key never leaves a device.
///
/// A session that was lost is opened again once for each signature; a PIN that was refused is not tried again.
pub struct Pkcs11Signer {
    certificate: Certificate,
    key: DeviceKey,
    pin: Option<AuthPin>,
    open: Mutex<Option<Open>>,
}

/// The key, found in a session that is logged in.
struct Open {
    session: Session,
    key: ObjectHandle,
}

impl Pkcs11Signer {
    /// Opens the device and finds the key of `certificate` on it. Without a PIN the device has to ask for it itself, or
    /// need none.
    ///
    /// # Errors
    /// [`SignerError::DeviceMissing`] for a module that cannot be loaded or a token that is not there,
    /// [`SignerError::PinRefused`], [`SignerError::Device`] for a key that is not on it or anything else the device says.
    pub fn open(
        certificate: Certificate,
        key: DeviceKey,
        pin: Option<Zeroizing<String>>,
    ) -> Result<Self, SignerError> {
        // EXPOSE: the type of the PKCS#11 crate wipes itself as this one does.
        let pin = pin.map(|pin| AuthPin::new(pin.as_str().into()));
        let open = Open::new(&key, pin.as_ref())?;
        Ok(Self {
            certificate,
            key,
            pin,
            open: Mutex::new(Some(open)),
        })
    }
}

impl Signer for Pkcs11Signer {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        // ECDSA is asked for over the digest: most devices know no other form. The digest of RSA is the device's work.
        let digest;
        let data = match algorithm {
            SignatureAlgorithm::Ecdsa(hash) => {
                digest = hash.digest(message);
                &digest
            }
            _ => message,
        };
        let mechanism = mechanism(algorithm)?;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = open.as_ref() {
            match open.session.sign(&mechanism, open.key, data) {
                Err(error) if is_lost(&error) => {}
                result => return result.map_err(|error| fault(&error)),
            }
        }
        *open = None;
        let again = open.insert(Open::new(&self.key, self.pin.as_ref())?);
        again
            .session
            .sign(&mechanism, again.key, data)
            .map_err(|error| fault(&error))
    }
}

impl core::fmt::Debug for Pkcs11Signer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pkcs11Signer")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl Open {
    fn new(key: &DeviceKey, pin: Option<&AuthPin>) -> Result<Self, SignerError> {
        let module = module(&key.module)?;
        let slot = slot(&module, &key.token)?;
        let session = module
            .open_ro_session(slot)
            .map_err(|error| fault(&error))?;
        let needs_login = module
            .get_token_info(slot)
            .map_err(|error| fault(&error))?
            .login_required();
        if needs_login {
            match session.login(UserType::User, pin) {
                Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
                Err(error) => return Err(fault(&error)),
            }
        }
        let name = match &key.key {
            KeyName::Label(label) => Attribute::Label(label.clone().into_bytes()),
            KeyName::Id(id) => Attribute::Id(id.clone()),
        };
        let found = session
            .find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), name])
            .map_err(|error| fault(&error))?;
        match found[..] {
            [key] => Ok(Self { session, key }),
            [] => Err(SignerError::Device(
                "the token holds no private key of this label or id".to_owned(),
            )),
            _ => Err(SignerError::Device(
                "the token holds several private keys of this label or id".to_owned(),
            )),
        }
    }
}

fn module(path: &Path) -> Result<Pkcs11, SignerError> {
    let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = modules.get(path) {
        return Ok(module.clone());
    }
    let module = Pkcs11::new(path).map_err(|_| {
        SignerError::DeviceMissing(format!(
            "the PKCS#11 module {} cannot be loaded",
            path.display()
        ))
    })?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(error) => return Err(fault(&error)),
    }
    modules.insert(path.to_owned(), module.clone());
    Ok(module)
}

fn slot(module: &Pkcs11, token: &TokenName) -> Result<Slot, SignerError> {
    let slots = module
        .get_slots_with_initialized_token()
        .map_err(|error| fault(&error))?;
    let is_meant = |slot: &Slot| match token {
        TokenName::Slot(id) => slot.id() == *id,
        TokenName::Label(label) => module
            .get_token_info(*slot)
            .is_ok_and(|info| info.label() == label),
    };
    slots.into_iter().find(is_meant).ok_or_else(|| {
        SignerError::DeviceMissing("no slot of the PKCS#11 module holds this token".to_owned())
    })
}

fn mechanism(algorithm: SignatureAlgorithm) -> Result<Mechanism<'static>, SignerError> {
    let pss = |hash_alg, mgf, hash: HashAlgorithm| PkcsPssParams {
        hash_alg,
        mgf,
        s_len: (hash.length() as c_ulong).into(),
    };
    Ok(match algorithm {
        SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256) => Mechanism::Sha256RsaPkcs,
        SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha384) => Mechanism::Sha384RsaPkcs,
        SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha512) => Mechanism::Sha512RsaPkcs,
        SignatureAlgorithm::RsaPss(hash) => match hash {
            HashAlgorithm::Sha256 => Mechanism::Sha256RsaPkcsPss(pss(
                MechanismType::SHA256,
                PkcsMgfType::MGF1_SHA256,
                hash,
            )),
            HashAlgorithm::Sha384 => Mechanism::Sha384RsaPkcsPss(pss(
                MechanismType::SHA384,
                PkcsMgfType::MGF1_SHA384,
                hash,
            )),
            HashAlgorithm::Sha512 => Mechanism::Sha512RsaPkcsPss(pss(
                MechanismType::SHA512,
                PkcsMgfType::MGF1_SHA512,
                hash,
            )),
        },
        SignatureAlgorithm::Ecdsa(_) => Mechanism::Ecdsa,
        _ => return Err(SignerError::Key(KeyError::AlgorithmMismatch)),
    })
}

/// Whether the session is gone, so that another one may do.
fn is_lost(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::UserNotLoggedIn
                | RvError::DeviceRemoved
                | RvError::TokenNotPresent
                | RvError::DeviceError,
            _
        )
    )
}

fn fault(error: &Error) -> SignerError {
    // PKCS#11 errors are constants of the standard: they carry nothing of the PIN or the message.
    let reason = error.to_string();
    match error {
        Error::Pkcs11(
            RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::PinLocked,
            _,
        )
        | Error::PinNotSet => SignerError::PinRefused(reason),
        Error::Pkcs11(
            RvError::DeviceRemoved
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::SlotIdInvalid,
            _,
        ) => SignerError::DeviceMissing(reason),
        Error::Pkcs11(
            RvError::KeyTypeInconsistent
            | RvError::MechanismInvalid
            | RvError::KeyFunctionNotPermitted,
            _,
        ) => SignerError::Device(format!("the key does not sign in this way ({reason})")),
        _ => SignerError::Device(reason),
    }
}
