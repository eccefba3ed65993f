//! Which invoices go into which session.
//!
//! Offline and online invoices never share a session, because `offlineMode` is said once for all of a batch; neither
//! do different forms. Attachments only change how large an invoice may be.

use thiserror::Error;

use super::{FormCode, PackageLimits};
use crate::diagnostic::{Bilingual, Diagnostic};
use crate::identifier::InvoiceHash;

/// Most bytes an archive needs for one file beyond the file: headers, name twice, padding, and deflate at its worst.
const ENTRY_OVERHEAD: u64 = 2048;

/// What the plan needs to know of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanItem {
    /// The invoice.
    pub hash: InvoiceHash,
    /// Its size in bytes.
    pub size: u64,
    /// Whether it carries an attachment.
    pub has_attachment: bool,
    /// Whether it was issued in an offline mode.
    pub offline: bool,
    /// Its form.
    pub form: FormCode,
}

/// One session of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedSession {
    /// `offlineMode` of the session.
    pub offline: bool,
    /// `formCode` of the session.
    pub form: FormCode,
    /// Places of its invoices in the list the plan was made of, ascending; never empty.
    pub members: Vec<usize>,
}

/// Spreads `items` over as few sessions as `limits` allow, keeping their order: the most urgent first stay first.
///
/// The archive is assumed not to be smaller than its invoices, since compression is not known beforehand.
///
/// # Errors
/// [`PlanError::InvoiceTooLarge`] for an invoice no session takes, [`PlanError::Repeated`] when one stands twice in the list.
pub fn plan(items: &[PlanItem], limits: &PackageLimits) -> Result<Vec<PlannedSession>, PlanError> {
    let most_bytes = limits
        .archive_size
        .min(limits.part_size.saturating_mul(limits.parts.into()));
    let mut seen = std::collections::HashSet::with_capacity(items.len());
    let mut sessions: Vec<PlannedSession> = Vec::new();
    // The session each (offline, form) is filling, with its bytes so far.
    let mut filling: Vec<(usize, u64)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let limit = if item.has_attachment {
            limits.invoice_size_with_attachment
        } else {
            limits.invoice_size
        };
        let needed = item.size.saturating_add(item.size / 1000 + ENTRY_OVERHEAD);
        if item.size > limit || needed > most_bytes {
            return Err(PlanError::InvoiceTooLarge {
                index,
                limit: limit.min(most_bytes),
            });
        }
        if !seen.insert(item.hash) {
            return Err(PlanError::Repeated { index });
        }
        let open = filling.iter_mut().find(|(session, _)| {
            sessions[*session].offline == item.offline && sessions[*session].form == item.form
        });
        match open {
            Some((session, bytes))
                if sessions[*session].members.len() < limits.invoices
                    && *bytes + needed <= most_bytes =>
            {
                sessions[*session].members.push(index);
                *bytes += needed;
            }
            full_or_none => {
                let session = (sessions.len(), needed);
                match full_or_none {
                    Some(full) => *full = session,
                    None => filling.push(session),
                }
                sessions.push(PlannedSession {
                    offline: item.offline,
                    form: item.form.clone(),
                    members: vec![index],
                });
            }
        }
    }
    Ok(sessions)
}

/// Why no plan can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// An invoice that fits into no session.
    #[error("an invoice has more than the {limit} bytes that KSeF takes")]
    InvoiceTooLarge {
        /// Its place in the list.
        index: usize,
        /// Most bytes allowed.
        limit: u64,
    },
    /// The same invoice twice.
    #[error("an invoice stands twice in the list of what to send")]
    Repeated {
        /// Place of the second one in the list.
        index: usize,
    },
}

impl Diagnostic for PlanError {
    fn code(&self) -> &'static str {
        match self {
            Self::InvoiceTooLarge { .. } => "plan-invoice-too-large",
            Self::Repeated { .. } => "plan-invoice-repeated",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::InvoiceTooLarge { limit, .. } => {
                format!("faktura ma więcej niż {limit} bajtów, które przyjmuje KSeF")
            }
            Self::Repeated { .. } => "faktura występuje dwa razy na liście do wysłania".to_owned(),
        };
        Bilingual::new(pl, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(index: usize, offline: bool) -> PlanItem {
        PlanItem {
            hash: InvoiceHash::of(&index.to_be_bytes()),
            size: 1000,
            has_attachment: false,
            offline,
            form: FormCode::fa3(),
        }
    }

    fn members(sessions: &[PlannedSession]) -> Vec<Vec<usize>> {
        sessions.iter().map(|s| s.members.clone()).collect()
    }

    #[test]
    fn offline_and_online_invoices_and_forms_never_meet() {
        let other = FormCode {
            system_code: "FA_RR (1)".into(),
            schema_version: "1-1E".into(),
            value: "FA_RR".into(),
        };
        let mut items: Vec<PlanItem> = (0..6).map(|i| item(i, i % 2 == 0)).collect();
        items[4].form = other;
        let sessions = plan(&items, &PackageLimits::default()).unwrap();
        assert_eq!(members(&sessions), [vec![0, 2], vec![1, 3, 5], vec![4]]);
        assert!(sessions[0].offline && !sessions[1].offline);
    }

    #[test]
    fn ten_thousand_fit_and_one_more_does_not() {
        let items: Vec<PlanItem> = (0..10_001).map(|i| item(i, true)).collect();
        assert_eq!(
            plan(&items[..10_000], &PackageLimits::default())
                .unwrap()
                .len(),
            1
        );
        let sessions = plan(&items, &PackageLimits::default()).unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!(sessions[1].members, [10_000]);
    }

    #[test]
    fn bytes_and_parts_bound_a_session() {
        let items: Vec<PlanItem> = (0..4).map(|i| item(i, true)).collect();
        for limits in [
            PackageLimits {
                archive_size: 7000,
                ..PackageLimits::default()
            },
            PackageLimits {
                parts: 7,
                part_size: 1000,
                ..PackageLimits::default()
            },
        ] {
            assert_eq!(members(&plan(&items, &limits).unwrap()), [[0, 1], [2, 3]]);
        }
    }

    #[test]
    fn an_attachment_allows_a_larger_invoice() {
        let mut large = item(0, true);
        large.size = 1_000_001;
        assert_eq!(
            plan(std::slice::from_ref(&large), &PackageLimits::default()),
            Err(PlanError::InvoiceTooLarge {
                index: 0,
                limit: 1_000_000
            })
        );
        large.has_attachment = true;
        assert_eq!(
            plan(&[large.clone()], &PackageLimits::default())
                .unwrap()
                .len(),
            1
        );
        large.size = 3_000_001;
        assert!(plan(&[large], &PackageLimits::default()).is_err());
    }

    #[test]
    fn the_same_invoice_twice_is_refused() {
        let items = [item(1, true), item(1, true)];
        assert_eq!(
            plan(&items, &PackageLimits::default()),
            Err(PlanError::Repeated { index: 1 })
        );
    }
}
