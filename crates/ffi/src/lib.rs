//! The facade of ksef-offline in types that cross languages.
