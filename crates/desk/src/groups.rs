//! Many items on all cores, in groups, with one step among the others that goes by their order.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes groups of `size` items, as many at a time as there are cores, through three steps. `prepare` (which is told the
/// place of the group's first item) and `finish` run at the same time for different groups; `store` runs for one group after
/// the other, in the order of the items. No more than one group a core is under way, however many there are.
///
/// Results are in the order of the items.
///
/// # Errors
/// The first one, in the order of the items. No group after it is stored; those before it are.
pub(crate) fn in_groups<'i, T, P, S, R, E>(
    items: &'i [T],
    size: usize,
    prepare: impl Fn(usize, &'i [T]) -> Result<P, E> + Sync,
    store: impl Fn(P) -> Result<S, E> + Sync,
    finish: impl Fn(S) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E>
where
    T: Sync,
    R: Send,
    E: Send,
{
    let groups: Vec<&'i [T]> = items.chunks(size).collect();
    let (next, order) = (AtomicUsize::new(0), Order::default());
    let results = Mutex::new(Vec::with_capacity(groups.len()));
    let work = || {
        let _leaving = StopOnPanic(&order);
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(group) = groups.get(place) else {
                return;
            };
            let prepared = prepare(place * size, group);
            let Some(stored) = order.in_turn(place, || prepared.and_then(&store)) else {
                return;
            };
            let result = stored.and_then(&finish);
            held(&results).push((place, result));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 1..cores.min(groups.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_unstable_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Whose turn it is.
#[derive(Default)]
struct Order {
    turn: Mutex<Turn>,
    moved: Condvar,
}

#[derive(Default)]
struct Turn {
    place: usize,
    stopped: bool,
}

impl Order {
    /// Waits for the turn of `place` and does the step; `None` when one before it failed.
    fn in_turn<S, E>(
        &self,
        place: usize,
        step: impl FnOnce() -> Result<S, E>,
    ) -> Option<Result<S, E>> {
        let turn = held(&self.turn);
        let waiting = |turn: &mut Turn| turn.place != place && !turn.stopped;
        let mut turn = self
            .moved
            .wait_while(turn, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        if turn.stopped {
            return None;
        }
        let result = step();
        turn.place += 1;
        turn.stopped = result.is_err();
        self.moved.notify_all();
        Some(result)
    }
}

/// Nobody waits for the turn of a worker that will not come back.
struct StopOnPanic<'a>(&'a Order);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            held(&self.0.turn).stopped = true;
            self.0.moved.notify_all();
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_the_middle_step_are_in_order_and_places_are_right() {
        let items: Vec<usize> = (0..1003).collect();
        let stored = Mutex::new(Vec::<usize>::new());
        let results = in_groups(
            &items,
            10,
            |place, group| {
                // The first of a pair takes longer.
                if place % 20 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(1));
                }
                assert_eq!(group[0], place);
                Ok::<_, ()>(group.to_vec())
            },
            |group| {
                held(&stored).extend(&group);
                Ok(group)
            },
            |group| Ok(group.iter().sum::<usize>()),
        );
        assert_eq!(*held(&stored), items);
        let sums: Vec<usize> = items.chunks(10).map(|group| group.iter().sum()).collect();
        assert_eq!(results, Ok(sums));
    }

    #[test]
    fn after_a_fault_nothing_more_is_stored_and_all_before_it_is() {
        for step in ["prepare", "store"] {
            let items: Vec<usize> = (0..100).collect();
            let stored = Mutex::new(Vec::<usize>::new());
            let fails = |at: &str, place: usize| {
                if at == step && place >= 50 {
                    Err(place)
                } else {
                    Ok(place)
                }
            };
            let result = in_groups(
                &items,
                10,
                |place, _| fails("prepare", place),
                |place| fails("store", place).inspect(|place| held(&stored).push(*place)),
                Ok,
            );
            assert_eq!(result, Err(50), "{step}");
            assert_eq!(*held(&stored), [0, 10, 20, 30, 40], "{step}");
        }
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        let none: Result<Vec<()>, ()> = in_groups(&[] as &[u8], 10, |_, _| Ok(()), Ok, Ok);
        assert_eq!(none, Ok(Vec::new()));
    }

    #[test]
    fn a_panic_of_one_worker_ends_all() {
        let items: Vec<usize> = (0..64).collect();
        let stored = AtomicUsize::new(0);
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            in_groups(
                &items,
                1,
                |place, _| {
                    assert!(place < 8, "on purpose");
                    Ok::<_, ()>(())
                },
                |()| {
                    stored.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                },
                Ok,
            )
        }));
        assert!(ended.is_err());
        assert!(stored.into_inner() <= 8);
    }
}
