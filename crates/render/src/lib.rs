//! Offline invoices as a person reads them: bytes in, bytes out.
