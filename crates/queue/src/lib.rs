//! Durable queue of offline invoices: statuses, stores, archive.
