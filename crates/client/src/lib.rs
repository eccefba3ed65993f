//! Async client of KSeF 2.0 and Latarnia for offline invoices.
