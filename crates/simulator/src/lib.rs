//! A KSeF and Latarnia on loopback, for tests, demos and integrators.
