//! The paragraphs of the VAT Act that a deadline rests on, in the wording in force since 1 February 2026.

use super::mode::OfflineMode;

/// What became of the deadline that the mode itself gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    /// Nothing.
    Plain,
    /// A failure that came while the invoice waited moved it.
    Moved,
    /// A total failure lifted the duty to send.
    Lifted,
}

/// The provisions behind a deadline.
///
/// Art. 106nh and 106nf say themselves what a failure and a total failure do to a waiting invoice (ust. 3; ust. 5 and 7).
/// Art. 106nda does not. The Ministry applies the same to Offline24 ("Termin przesłania faktury do KSeF przy kolejnych
/// zdarzeniach" in `tryby-offline.md` of its integrator documentation, with the worked example of July 2025), so the term
/// is that of art. 106nf ust. 4 and 5.
pub(super) fn provisions(mode: OfflineMode, course: Course) -> &'static str {
    match (mode, course) {
        (OfflineMode::Offline24, Course::Plain) => "art. 106nda ust. 2",
        (OfflineMode::Offline24, Course::Moved) => "art. 106nda ust. 2, art. 106nf ust. 4–5",
        (OfflineMode::Offline24, Course::Lifted) => "art. 106nda ust. 2, art. 106ne ust. 3",
        (OfflineMode::Unavailability, Course::Plain) => "art. 106nh ust. 2",
        (OfflineMode::Unavailability, Course::Moved) => {
            "art. 106nh ust. 3 pkt 1, art. 106nf ust. 4–5"
        }
        (OfflineMode::Unavailability, Course::Lifted) => "art. 106nh ust. 3 pkt 2",
        (OfflineMode::Emergency, Course::Plain) => "art. 106nf ust. 4",
        (OfflineMode::Emergency, Course::Moved) => "art. 106nf ust. 5",
        (OfflineMode::Emergency, Course::Lifted) => "art. 106nf ust. 7",
        (OfflineMode::TotalFailure, _) => "art. 106ne ust. 3, art. 106ng",
    }
}
