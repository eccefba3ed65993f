//! Issue invoices while KSeF is away and deliver every one of them when it is back.
