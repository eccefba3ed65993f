//! What can be wrong with a key or a certificate.

use jiff::Timestamp;
use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic, Retry};
use crate::random::RandomError;

/// How a PKCS#12 file that is not read becomes one that is.
const WRITE_ANEW: &str = "write it anew: openssl pkcs12 -legacy -in OLD -nodes -out PLAIN, openssl pkcs12 -export -in PLAIN -out NEW, \
     and delete PLAIN, in which the key is not encrypted";
const WRITE_ANEW_PL: &str = "zapisz go na nowo: openssl pkcs12 -legacy -in STARY -nodes -out JAWNY, openssl pkcs12 -export -in JAWNY -out NOWY, \
     i usuń JAWNY, w którym klucz nie jest zaszyfrowany";

/// A key or certificate that cannot be read or must not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyError {
    /// No certificate in the file.
    #[error("this is no X.509 certificate in PEM or DER form")]
    CertificateMalformed,
    /// No private key in the file.
    #[error("this is no private key in PKCS#8, SEC1 or PKCS#1 form, PEM or DER")]
    KeyMalformed,
    /// A public key that cannot be read.
    #[error("the public key cannot be read")]
    PublicKeyMalformed,
    /// No readable PKCS#12 store.
    #[error("this is no PKCS#12 file that can be read; if another program opens it, {WRITE_ANEW}")]
    Pkcs12Malformed,
    /// A PKCS#12 store in BER, with lengths at the end or strings in pieces.
    #[error(
        "the PKCS#12 file is in BER, as old versions of Windows, Firefox and Java write it; only DER is read: {WRITE_ANEW}"
    )]
    Pkcs12Ber,
    /// A PKCS#12 store encrypted or sealed by an algorithm that is not read.
    #[error(
        "the PKCS#12 file is encrypted or sealed in a way that is not read (RC4, RC2 of 128 bits, DES, 3DES of two keys, \
         MD5, PBMAC1 are not); {WRITE_ANEW}"
    )]
    Pkcs12Encryption,
    /// A PKCS#12 store without a private key or without a certificate.
    #[error("the PKCS#12 file does not hold both a private key and a certificate")]
    Pkcs12Incomplete,
    /// A form of private key that is known and not read.
    #[error(
        "the private key is in the form {0}, which is not read; convert it: openssl pkcs8 -topk8 -in OLD -out NEW"
    )]
    FormatUnsupported(&'static str),
    /// The key is encrypted and no password was given.
    #[error("the private key is encrypted; name the environment variable that holds its password")]
    PasswordMissing,
    /// The password does not open the key.
    #[error("the password does not open the private key")]
    PasswordWrong,
    /// An encryption scheme that is not read.
    #[error(
        "the private key is encrypted in a way that is not supported; convert it to PKCS#8 with AES-256"
    )]
    EncryptionUnsupported,
    /// Another algorithm or curve.
    #[error(
        "keys are RSA or lie on the elliptic curves P-256 or P-384; this one is of another kind"
    )]
    AlgorithmUnsupported,
    /// An RSA key of less than 2048 bits.
    #[error("the RSA key has {bits} bits; at least 2048 are needed")]
    KeyTooShort {
        /// Length of the modulus in bits.
        bits: usize,
    },
    /// An RSA key of more than 8192 bits.
    #[error("the RSA key has {bits} bits; at most 8192 are used")]
    KeyTooLong {
        /// Length of the modulus in bits.
        bits: usize,
    },
    /// A key on another curve than P-256 where KSeF certifies none.
    #[error(
        "KSeF issues certificates of its own for RSA and P-256 keys only; this key is on P-384"
    )]
    CurveNotCertified,
    /// Key and certificate do not belong together.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The certificate's time has not come.
    #[error("the certificate is valid only from {0}")]
    NotYetValid(Timestamp),
    /// The certificate's time is over.
    #[error("the certificate expired on {0}")]
    Expired(Timestamp),
    /// A certificate for logging in where one for signing offline invoices is needed.
    #[error(
        "this certificate is of type Authentication; offline invoices need one of type Offline (nonRepudiation)"
    )]
    NotOffline,
    /// A certificate whose key usage is none of the two that KSeF gives.
    #[error(
        "the certificate is not of type Offline: its key usage must be nonRepudiation alone and it must be no authority \
         (CA), as in certificates that KSeF issues for offline invoices"
    )]
    UsageUnfit,
    /// A certificate for offline invoices where one for logging in is needed.
    #[error(
        "this certificate is of type Offline; logging in needs one of type Authentication (digitalSignature)"
    )]
    NotForLogin,
    /// A certificate whose key is for something else than signing documents.
    #[error(
        "the certificate is not for signing documents: by keyUsage (digitalSignature or nonRepudiation) or by extendedKeyUsage"
    )]
    NotForSigning,
    /// KSeF said that the certificate is revoked.
    #[error(
        "the certificate was revoked, as KSeF said on {0}; what it signs is worthless. Enrol a new one"
    )]
    Revoked(Timestamp),
    /// KSeF said that the certificate is blocked.
    #[error("the certificate was blocked, as KSeF said on {0}; what it signs is worthless")]
    Blocked(Timestamp),
    /// The serial number of the certificate is none of KSeF's.
    #[error("the serial number of the certificate is longer than the 8 bytes KSeF gives")]
    SerialNumber,
    /// The algorithm does not go with the key.
    #[error("this signature algorithm does not go with the key")]
    AlgorithmMismatch,
    /// A signature that does not verify.
    #[error("the signature does not verify")]
    SignatureInvalid,
    /// Decryption failed; deliberately without a reason.
    #[error("the ciphertext cannot be decrypted with this key")]
    DecryptionFailed,
    /// The data are too long for the key, or the key refuses for another internal reason.
    #[error("the key operation failed")]
    OperationFailed,
    /// A text that cannot stand in a certificate request.
    #[error("the subject of the certificate request cannot be encoded")]
    SubjectMalformed,
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl Diagnostic for KeyError {
    fn code(&self) -> &'static str {
        match self {
            Self::CertificateMalformed => "certificate-malformed",
            Self::KeyMalformed => "key-malformed",
            Self::PublicKeyMalformed => "public-key-malformed",
            Self::Pkcs12Malformed => "pkcs12-malformed",
            Self::Pkcs12Ber => "pkcs12-not-der",
            Self::Pkcs12Encryption => "pkcs12-encryption-unsupported",
            Self::Pkcs12Incomplete => "pkcs12-incomplete",
            Self::FormatUnsupported(_) => "key-format-unsupported",
            Self::PasswordMissing => "password-missing",
            Self::PasswordWrong => "password-wrong",
            Self::EncryptionUnsupported => "key-encryption-unsupported",
            Self::AlgorithmUnsupported => "key-algorithm-unsupported",
            Self::KeyTooShort { .. } => "key-too-short",
            Self::KeyTooLong { .. } => "key-too-long",
            Self::CurveNotCertified => "key-curve-not-certified",
            Self::KeyMismatch => "key-mismatch",
            Self::NotYetValid(_) => "certificate-not-yet-valid",
            Self::Expired(_) => "certificate-expired",
            Self::NotOffline => "certificate-not-offline",
            Self::UsageUnfit => "certificate-usage-unfit",
            Self::NotForLogin => "certificate-not-for-login",
            Self::NotForSigning => "certificate-not-for-signing",
            Self::Revoked(_) => "certificate-revoked",
            Self::Blocked(_) => "certificate-blocked",
            Self::SerialNumber => "certificate-serial-number",
            Self::AlgorithmMismatch => "signature-algorithm-mismatch",
            Self::SignatureInvalid => "signature-does-not-verify",
            Self::DecryptionFailed => "decryption-failed",
            Self::OperationFailed => "key-operation-failed",
            Self::SubjectMalformed => "certificate-subject-malformed",
            Self::Random(error) => error.code(),
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::CertificateMalformed => "to nie jest certyfikat X.509 w postaci PEM lub DER".into(),
            Self::KeyMalformed => "to nie jest klucz prywatny w postaci PKCS#8, SEC1 lub PKCS#1, PEM lub DER".into(),
            Self::PublicKeyMalformed => "klucza publicznego nie da się odczytać".into(),
            Self::Pkcs12Malformed => format!(
                "to nie jest plik PKCS#12, który da się odczytać; jeśli inny program go otwiera, {WRITE_ANEW_PL}"
            ),
            Self::Pkcs12Ber => format!(
                "plik PKCS#12 jest w BER, jak zapisują go stare wersje Windows, Firefoksa i Javy; czyta się tylko DER: \
                 {WRITE_ANEW_PL}"
            ),
            Self::Pkcs12Encryption => format!(
                "plik PKCS#12 jest zaszyfrowany lub zabezpieczony w sposób, którego się nie czyta (RC4, RC2 128-bitowy, DES, \
                 3DES z dwoma kluczami, MD5, PBMAC1); {WRITE_ANEW_PL}"
            ),
            Self::Pkcs12Incomplete => "plik PKCS#12 nie zawiera klucza prywatnego i certyfikatu".into(),
            Self::FormatUnsupported(form) => format!(
                "klucz prywatny ma postać {form}, której się nie czyta; przekształć go: openssl pkcs8 -topk8 -in STARY -out NOWY"
            ),
            Self::PasswordMissing => {
                "klucz prywatny jest zaszyfrowany; wskaż zmienną środowiskową z jego hasłem".into()
            }
            Self::PasswordWrong => "hasło nie otwiera klucza prywatnego".into(),
            Self::EncryptionUnsupported => {
                "klucz prywatny jest zaszyfrowany w nieobsługiwany sposób; przekształć go do PKCS#8 z AES-256".into()
            }
            Self::AlgorithmUnsupported => {
                "obsługiwane są klucze RSA oraz krzywe P-256 i P-384; ten klucz jest innego rodzaju".into()
            }
            Self::KeyTooShort { bits } => format!("klucz RSA ma {bits} bitów; potrzeba co najmniej 2048"),
            Self::KeyTooLong { bits } => format!("klucz RSA ma {bits} bitów; używa się najwyżej 8192"),
            Self::CurveNotCertified => {
                "KSeF wystawia własne certyfikaty tylko dla kluczy RSA i P-256; ten klucz jest na P-384".into()
            }
            Self::KeyMismatch => "klucz prywatny nie pasuje do certyfikatu".into(),
            Self::NotYetValid(from) => format!("certyfikat jest ważny dopiero od {from}"),
            Self::Expired(at) => format!("certyfikat wygasł {at}"),
            Self::NotOffline => {
                "to certyfikat typu Authentication; faktury offline wymagają typu Offline (nonRepudiation)".into()
            }
            Self::UsageUnfit => "certyfikat nie jest typu Offline: jego keyUsage to musi być samo nonRepudiation i nie \
                może być certyfikatem urzędu (CA), jak w certyfikatach wydawanych przez KSeF do faktur offline"
                .into(),
            Self::NotForLogin => {
                "to certyfikat typu Offline; logowanie wymaga typu Authentication (digitalSignature)".into()
            }
            Self::NotForSigning => {
                "certyfikat nie służy do podpisywania dokumentów: według keyUsage (digitalSignature albo nonRepudiation) \
                 lub extendedKeyUsage"
                    .into()
            }
            Self::Revoked(at) => format!(
                "certyfikat unieważniono (stan w KSeF z {at}); to, co podpisuje, nie ma wartości. Wystąp o nowy"
            ),
            Self::Blocked(at) => {
                format!("certyfikat zablokowano (stan w KSeF z {at}); to, co podpisuje, nie ma wartości")
            }
            Self::SerialNumber => "numer seryjny certyfikatu jest dłuższy niż 8 bajtów nadawane przez KSeF".into(),
            Self::AlgorithmMismatch => "ten algorytm podpisu nie pasuje do klucza".into(),
            Self::SignatureInvalid => "podpis się nie weryfikuje".into(),
            Self::DecryptionFailed => "szyfrogramu nie da się odszyfrować tym kluczem".into(),
            Self::OperationFailed => "operacja na kluczu nie powiodła się".into(),
            Self::SubjectMalformed => "podmiotu wniosku o certyfikat nie da się zakodować".into(),
            Self::Random(error) => error.message().pl.into_owned(),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Random(error) => error.retry(),
            _ => Retry::Never,
        }
    }
}
