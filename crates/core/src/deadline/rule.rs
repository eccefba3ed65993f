//! The statutory deadline of an offline invoice (VAT Act art. 106nda, 106ne, 106nf, 106nh) and what outages do to it.
//!
//! An invoice waits in a window from its issue date to its due date, both days included. A failure inside the window
//! moves the due date to the seventh business day after the failure ends, and with it the end of the window; this goes
//! on until no failure in the window moves it further. A total failure inside the window lifts the duty to send.
//!
//! The window is that of the law under every policy. A policy's own day, such as the seventh after the issue date, does
//! not keep it open: an invoice past its day by law is overdue, and a total failure that comes later lifts nothing.

use jiff::Timestamp;
use jiff::civil::Date;

use super::answer::{Deadline, DeadlineState};
use super::calendar::{
    end_of_day, holidays_between, next_business_day, nth_business_day_after, warsaw_date,
};
use super::message::Category;
use super::mode::OfflineMode;
use super::outage::{Outage, Timeline};
use super::policy::{AfterDue, DeadlinePolicy};
use super::provision::{Course, provisions};
use super::words::{Story, category, day, on_day};
use crate::diagnostic::Bilingual;

/// Business days from the end of a failure to the due date.
const DAYS_AFTER_FAILURE: u16 = 7;

/// The deadline of an invoice issued in `mode` on `issue_date`, as far as `timeline` tells at `now`.
///
/// An outage announced for a time after `now` changes nothing yet. Only when the issue date itself lies in the future,
/// which makes the question a what-if, does everything announced count.
pub fn deadline(
    mode: OfflineMode,
    issue_date: Date,
    timeline: &Timeline,
    policy: &dyn DeadlinePolicy,
    now: Timestamp,
) -> Deadline {
    let is_what_if = issue_date > warsaw_date(now);
    // What was over before the day of issue counts in no way; of a long history most is.
    let issue_day_begins = issue_date.yesterday().map_or(Timestamp::MIN, end_of_day);
    let outages = timeline
        .outages()
        .iter()
        .filter(|outage| is_what_if || outage.start <= now)
        .filter(|outage| outage.end.is_none_or(|end| end >= issue_day_begins))
        .collect();
    let case = Case {
        mode,
        issue_date,
        now,
        outages,
    };
    if mode == OfflineMode::TotalFailure {
        return case.not_required();
    }
    let statutory = case.statutory();
    let sent_until = policy.sent_until(issue_date);
    if statutory.state == DeadlineState::Lifted {
        return Deadline {
            explanation: sent_until.map_or(statutory.explanation.clone(), |last| {
                with_last_day(&statutory.explanation, last)
            }),
            sent_until,
            ..statutory
        };
    }
    let judged = policy.apply(issue_date, statutory).consistent();
    Deadline {
        sent_until,
        ..judged
    }
}

/// A lifted duty under a policy that stops sending on a day.
fn with_last_day(lifted: &Bilingual, last: Date) -> Bilingual {
    let last = day(last);
    Bilingual::new(
        format!(
            "{} Zasada wysyłki: ostatni dzień to {}; potem faktura nie jest już wysyłana.",
            lifted.pl, last.pl
        ),
        format!(
            "{} By the policy it may be sent until {}, and is not sent after that.",
            lifted.en, last.en
        ),
    )
}

/// The end of the window; `Open` is later than any day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    On(Date),
    Open,
}

/// One question: the outages are those that count at `now`, ordered by their beginning.
struct Case<'a> {
    mode: OfflineMode,
    issue_date: Date,
    now: Timestamp,
    outages: Vec<&'a Outage>,
}

/// The deadline that the mode itself gives, before failures move it.
struct FirstDue<'a> {
    due: Due,
    /// The outages that explain the mode. Offline24 needs none.
    causes: Vec<&'a Outage>,
    /// Whether the mode is explained; without a cause nobody knows how far the window reaches.
    is_explained: bool,
}

impl<'a> Case<'a> {
    fn statutory(&self) -> Deadline {
        let mut story = Story::default();
        let first = match self.mode {
            OfflineMode::Offline24 => self.first_due_offline24(&mut story),
            OfflineMode::Unavailability => self.first_due_unavailability(&mut story),
            OfflineMode::Emergency | OfflineMode::TotalFailure => {
                self.first_due_emergency(&mut story)
            }
        };
        let mut due = first.due;
        let mut course = Course::Plain;
        // Whatever the cause turns out to be, the window reaches at least to the next business day. It may have ended
        // there, so nobody is told that a later total failure lifts his duty.
        let window_up_to = |due| {
            if first.is_explained {
                due
            } else {
                Due::On(next_business_day(self.issue_date))
            }
        };
        loop {
            let mover = self.next_mover(due);
            // What began after the duty was lifted decides nothing.
            let total = self
                .total_failure(window_up_to(due))
                .filter(|total| mover.is_none_or(|mover| total.start <= mover.start));
            if let Some(total) = total {
                return self.lifted(total, story);
            }
            let Some(failure) = mover else { break };
            course = Course::Moved;
            due = self.tell_end(failure, true, DAYS_AFTER_FAILURE, &mut story);
        }
        let window = window_up_to(due);
        self.tell_what_moves_nothing(&first.causes, window, &mut story);
        self.tell_what_lifts_nothing(window, first.is_explained, &mut story);
        let (state, due) = match due {
            Due::On(date) => (DeadlineState::Due, Some(date)),
            Due::Open => (DeadlineState::Open, None),
        };
        Deadline {
            state,
            due,
            basis: self.mode.legal_basis(),
            provisions: provisions(self.mode, course),
            explanation: story.end(),
            after_due: AfterDue::StillSent,
            sent_until: None,
        }
    }

    /// Never, known or not: the mode is that of an announcement in the mass media, which Latarnia need not repeat.
    fn not_required(&self) -> Deadline {
        let mut story = Story::default();
        story.tell(
            "Wystawiono podczas awarii całkowitej: faktury nie przesyła się do KSeF.",
            "Issued during a total failure: the invoice is not sent to KSeF.",
        );
        let on = on_day(self.issue_date);
        match self.running_on_issue_date(&Category::TotalFailure).next() {
            Some(total) => {
                let subject = subject(total);
                story.tell(
                    &format!("{} trwała {}.", subject.pl, on.pl),
                    &format!("{} was in force {}.", subject.en, on.en),
                );
            }
            None => story.tell(
                &format!(
                    "Żadna ogłoszona awaria całkowita nie jest tu znana {}: proszę sprawdzić, czy ogłoszono ją w mediach.",
                    on.pl
                ),
                &format!(
                    "No announcement of a total failure {} is known here: check that the mass media carried one.",
                    on.en
                ),
            ),
        }
        Deadline {
            state: DeadlineState::NotRequired,
            due: None,
            basis: self.mode.legal_basis(),
            provisions: provisions(self.mode, Course::Plain),
            explanation: story.end(),
            after_due: AfterDue::NotSent,
            sent_until: None,
        }
    }

    fn first_due_offline24(&self, story: &mut Story) -> FirstDue<'a> {
        let due = next_business_day(self.issue_date);
        let (issued, last) = (on_day(self.issue_date), day(due));
        story.tell(
            &format!(
                "Wystawiono {}; następny dzień roboczy to {}.",
                issued.pl, last.pl
            ),
            &format!(
                "Issued {}; the next business day after it is {}.",
                issued.en, last.en
            ),
        );
        tell_holidays(self.issue_date, due, story);
        FirstDue {
            due: Due::On(due),
            causes: Vec::new(),
            is_explained: true,
        }
    }

    /// The unavailability that ran on the issue date. Where several did, those that overlap are one; of separate ones
    /// the first counts, since nobody knows the hour of issue and the earlier deadline is the safe one.
    fn first_due_unavailability(&self, story: &mut Story) -> FirstDue<'a> {
        let mut causes: Vec<&'a Outage> = Vec::new();
        let mut last: Option<&'a Outage> = None;
        for outage in self.running_on_issue_date(&Category::Maintenance) {
            match last {
                Some(last) if last.end.is_some_and(|end| end <= outage.start) => break,
                Some(known) if !ends_later(outage, known) => {}
                _ => last = Some(outage),
            }
            causes.push(outage);
        }
        let Some(last) = last else {
            return self.unexplained(story);
        };
        let due = self.tell_end(last, false, 1, story);
        FirstDue {
            due,
            causes,
            is_explained: true,
        }
    }

    /// The failure that ran on the issue date, of several the one that ended last.
    fn first_due_emergency(&self, story: &mut Story) -> FirstDue<'a> {
        let last = self
            .running_on_issue_date(&Category::Failure)
            .reduce(|known, outage| {
                if ends_later(outage, known) {
                    outage
                } else {
                    known
                }
            });
        let Some(last) = last else {
            return self.unexplained(story);
        };
        let due = self.tell_end(last, false, DAYS_AFTER_FAILURE, story);
        FirstDue {
            due,
            causes: vec![last],
            is_explained: true,
        }
    }

    fn unexplained(&self, story: &mut Story) -> FirstDue<'a> {
        let issued = on_day(self.issue_date);
        let (cause_pl, cause_en) = match self.mode {
            OfflineMode::Unavailability => ("niedostępność", "unavailability"),
            OfflineMode::Offline24 | OfflineMode::Emergency | OfflineMode::TotalFailure => {
                ("awaria", "failure")
            }
        };
        story.tell(
            &format!(
                "Żadna znana {cause_pl} nie trwała {}: termin pozostaje otwarty, dopóki nie będzie znany jej koniec.",
                issued.pl
            ),
            &format!(
                "No known {cause_en} explains the mode {}: the deadline stays open until its end is known.",
                issued.en
            ),
        );
        FirstDue {
            due: Due::Open,
            causes: Vec::new(),
            is_explained: false,
        }
    }

    fn of_category(&self, category: &Category) -> impl Iterator<Item = &'a Outage> {
        self.outages
            .iter()
            .copied()
            .filter(move |outage| outage.category == *category)
    }

    /// Outages that ran on the issue date, if only for a moment.
    fn running_on_issue_date(&self, category: &Category) -> impl Iterator<Item = &'a Outage> {
        self.of_category(category).filter(|outage| {
            outage.first_day() <= self.issue_date
                && outage.last_day().is_none_or(|last| last >= self.issue_date)
        })
    }

    /// Whether `outage` begins in the window up to `due` or runs into it. One that ended on the issue date does not:
    /// nobody knows the hour of issue, and the earlier deadline is the safe one.
    fn is_inside(&self, outage: &Outage, due: Due) -> bool {
        Due::On(outage.first_day()) <= due
            && outage.last_day().is_none_or(|last| last > self.issue_date)
    }

    /// The first failure inside the window that moves its end.
    fn next_mover(&self, due: Due) -> Option<&'a Outage> {
        self.of_category(&Category::Failure).find(|failure| {
            self.is_inside(failure, due) && due_after(failure, DAYS_AFTER_FAILURE) > due
        })
    }

    fn total_failure(&self, window: Due) -> Option<&'a Outage> {
        self.of_category(&Category::TotalFailure)
            .find(|total| self.is_inside(total, window))
    }

    fn lifted(&self, total: &Outage, mut story: Story) -> Deadline {
        let (subject, began) = (subject(total), on_day(total.first_day()));
        if self.began_before_issue(total) {
            story.tell(
                &format!(
                    "{}, która rozpoczęła się {}, przed wystawieniem faktury, trwała jeszcze po dniu jej wystawienia: faktury nie trzeba przesyłać do KSeF.",
                    subject.pl, began.pl
                ),
                &format!(
                    "{}, which began {}, before the invoice was issued, was still running after the day of issue: the invoice need not be sent to KSeF.",
                    subject.en, began.en
                ),
            );
        } else {
            story.tell(
                &format!(
                    "{} rozpoczęła się {}, gdy faktura czekała na wysłanie: nie trzeba jej przesyłać do KSeF.",
                    subject.pl, began.pl
                ),
                &format!(
                    "{} began {}, while the invoice was waiting: it need not be sent to KSeF.",
                    subject.en, began.en
                ),
            );
        }
        Deadline {
            state: DeadlineState::Lifted,
            due: None,
            basis: self.mode.legal_basis(),
            provisions: provisions(self.mode, Course::Lifted),
            explanation: story.end(),
            after_due: AfterDue::StillSent,
            sent_until: None,
        }
    }

    fn began_before_issue(&self, outage: &Outage) -> bool {
        outage.first_day() < self.issue_date
    }

    /// The outage, its beginning where that is to be told, and what joins it to a verb that follows.
    fn beginning(&self, outage: &Outage, is_told: bool) -> Bilingual {
        let (subject, began) = (subject(outage), on_day(outage.first_day()));
        if !is_told {
            return subject;
        }
        if self.began_before_issue(outage) {
            Bilingual::new(
                format!(
                    "{}, która rozpoczęła się {}, przed wystawieniem faktury,",
                    subject.pl, began.pl
                ),
                format!(
                    "{}, which began {}, before the invoice was issued,",
                    subject.en, began.en
                ),
            )
        } else {
            Bilingual::new(
                format!(
                    "{} rozpoczęła się {}, gdy faktura czekała na wysłanie, i",
                    subject.pl, began.pl
                ),
                format!(
                    "{} began {}, while the invoice was waiting, and",
                    subject.en, began.en
                ),
            )
        }
    }

    /// Tells when an outage ended and which business day after it counts; when it began, too, where it is a further one.
    fn tell_end(&self, outage: &Outage, is_further: bool, days: u16, story: &mut Story) -> Due {
        let Some(last) = outage.last_day() else {
            self.tell_no_end(outage, is_further, story);
            return Due::Open;
        };
        let beginning = self.beginning(outage, is_further);
        let due = nth_business_day_after(last, days);
        let ended = if outage.end.is_some_and(|end| end > self.now) {
            ("zakończy się", "ends")
        } else {
            ("zakończyła się", "ended")
        };
        let nth = if days == 1 {
            ("następny", "next")
        } else {
            ("siódmy", "seventh")
        };
        let (last_day, due_day) = (on_day(last), day(due));
        story.tell(
            &format!(
                "{} {} {}; {} dzień roboczy po niej to {}.",
                beginning.pl, ended.0, last_day.pl, nth.0, due_day.pl
            ),
            &format!(
                "{} {} {}; the {} business day after it is {}.",
                beginning.en, ended.1, last_day.en, nth.1, due_day.en
            ),
        );
        if outage.is_end_mistaken {
            story.tell(
                "Jej ogłoszony koniec leży przed początkiem, więc za koniec przyjęto początek.",
                "Its announced end lies before its beginning, so the beginning is taken for the end.",
            );
        }
        tell_holidays(last, due, story);
        Due::On(due)
    }

    fn tell_no_end(&self, outage: &Outage, is_further: bool, story: &mut Story) {
        let (mut pl, mut en) = if is_further {
            let beginning = self.beginning(outage, true);
            (beginning.pl.into_owned(), beginning.en.into_owned())
        } else {
            let (subject, began) = (subject(outage), on_day(outage.first_day()));
            (
                format!("{} rozpoczęła się {} i", subject.pl, began.pl),
                format!("{} began {} and", subject.en, began.en),
            )
        };
        pl.push_str(" nie ma ogłoszonego końca: termin jest otwarty.");
        en.push_str(" has no announced end: the deadline is open.");
        story.tell(&pl, &en);
        if outage.is_withdrawn {
            story.tell(
                "Latarnia już jej nie pokazuje, a jej końca nie widziano.",
                "Latarnia no longer shows it, and no end of it was seen.",
            );
        }
    }

    /// The articles name failures as what moves a deadline; an unavailability in the window is told and not counted.
    fn tell_what_moves_nothing(&self, causes: &[&Outage], window: Due, story: &mut Story) {
        for outage in self.of_category(&Category::Maintenance) {
            if self.is_inside(outage, window) && !causes.contains(&outage) {
                let subject = subject(outage);
                story.tell(
                    &format!(
                        "{} niczego nie przesuwa: przepisy mówią tylko o awariach.",
                        subject.pl
                    ),
                    &format!("{} moves nothing: the law names failures only.", subject.en),
                );
            }
        }
    }

    /// A total failure that began after the window is told, the first of them, so that nobody takes his duty for lifted.
    fn tell_what_lifts_nothing(&self, window: Due, is_explained: bool, story: &mut Story) {
        let late = self
            .of_category(&Category::TotalFailure)
            .find(|total| Due::On(total.first_day()) > window);
        let Some(total) = late else { return };
        let (subject, began) = (subject(total), on_day(total.first_day()));
        let (why_pl, why_en) = if is_explained {
            (
                "po ostatnim dniu, i niczego nie znosi",
                "after the last day, and lifts nothing",
            )
        } else {
            (
                "ale nie wiadomo, czy faktura jeszcze czekała w terminie, więc przyjęto, że nie znosi ona obowiązku przesłania",
                "but it is not known whether the invoice was still waiting in time, so it is not taken to lift the duty to send",
            )
        };
        story.tell(
            &format!("{} rozpoczęła się {}, {why_pl}.", subject.pl, began.pl),
            &format!("{} began {}, {why_en}.", subject.en, began.en),
        );
    }
}

fn due_after(outage: &Outage, days: u16) -> Due {
    outage.last_day().map_or(Due::Open, |last| {
        Due::On(nth_business_day_after(last, days))
    })
}

fn ends_later(outage: &Outage, than: &Outage) -> bool {
    match (outage.end, than.end) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(end), Some(than)) => end > than,
    }
}

/// `Failure K/2026/AWR/02`.
fn subject(outage: &Outage) -> Bilingual {
    let (category, name) = (category(&outage.category), outage.name());
    Bilingual::new(
        format!("{} {name}", category.pl),
        format!("{} {name}", category.en),
    )
}

fn tell_holidays(after: Date, due: Date, story: &mut Story) {
    let skipped: Vec<String> = holidays_between(after, due)
        .map(|day| day.to_string())
        .collect();
    if !skipped.is_empty() {
        let skipped = skipped.join(", ");
        story.tell(
            &format!("Pominięto święta: {skipped}."),
            &format!("Public holidays left out: {skipped}."),
        );
    }
}
