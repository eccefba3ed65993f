//! What a person can do about an invoice that KSeF will not take: put a new one in its place, or give it up with a note.
//! Technical corrections have a module of their own.

use ksef_offline_core::deadline::DeadlineState;
use ksef_offline_queue::{EntryId, InvoiceStatus};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::issuing::{IssueFile, IssueOptions};
use crate::view::InvoiceView;

impl Desk {
    /// Issues `file` in the place of a rejected invoice, in whatever mode that was: an invoice of its own with its own
    /// content, mode and codes, which may have the number of the rejected one and which the next `send` sends. The
    /// rejected one stays in Error and names it. The same file again gives the invoice that is there.
    ///
    /// # Errors
    /// `wrong-status` unless the invoice is in Error; [`DeskError::Refused`] with every fault of the file;
    /// `already-settled` while an earlier successor is under way or accepted; `duplicate-number` when the file is in the
    /// queue for itself, the rejected one among them. Nothing is stored then.
    pub async fn replace(
        &self,
        id: &str,
        file: &IssueFile,
        options: IssueOptions,
    ) -> Result<InvoiceView, DeskError> {
        let rejected = self.queue().entry(&EntryId::parse(id)?)?;
        if rejected.status != InvoiceStatus::Error {
            return Err(DeskError::WrongStatus(rejected.status.name()));
        }
        let new = self.replacement(&rejected, file, options).await?;
        let issued = self.queue().replace(&rejected.id, &new, self.now())?;
        self.view(&issued.entry, self.now())
    }

    /// Records that nothing more will be done about an invoice, and why: one that was rejected, or one that waits
    /// although nobody has to send it: issued during a total failure, its duty lifted, or past the last day of a policy
    /// that stops then. It keeps its status and is never sent.
    ///
    /// # Errors
    /// [`DeskError::StillDue`] for one that has to be sent; `illegal-move` for one in processing or sent;
    /// `already-settled`; `bad-note` unless the note has 1 to 500 characters.
    pub fn give_up(&self, id: &str, note: &str) -> Result<InvoiceView, DeskError> {
        let entry = self.queue().entry(&EntryId::parse(id)?)?;
        let now = self.now();
        if matches!(entry.status, InvoiceStatus::Pending | InvoiceStatus::Signed) {
            let deadline =
                self.deadline_in(&self.timeline()?, entry.mode, entry.facts.issue_date, now);
            if deadline.may_send(now) && deadline.state != DeadlineState::Lifted {
                return Err(DeskError::StillDue);
            }
        }
        let given_up = self.queue().give_up(&entry.id, note, now)?;
        self.view(&given_up, now)
    }
}
