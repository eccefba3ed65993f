//! Clocks, and measuring several works in turns.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long each work runs before it is the next one's turn.
const TURN: Duration = Duration::from_millis(10);

/// Seconds of the processor that this process has taken, all threads and the system's part included.
pub fn processor() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Seconds by the clock on the wall, and seconds of the processor.
pub struct Watch {
    wall: Instant,
    processor: f64,
}

impl Watch {
    pub fn start() -> Self {
        Self {
            wall: Instant::now(),
            processor: processor(),
        }
    }

    pub fn wall(&self) -> f64 {
        self.wall.elapsed().as_secs_f64()
    }

    pub fn processor(&self) -> f64 {
        processor() - self.processor
    }
}

/// Seconds of the processor that one call of each work takes: the works take turns until the time is up, so that whatever
/// else the machine does falls on all of them, and the middle of the turns counts.
pub fn in_turns<const N: usize>(seconds: f64, mut works: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut turns: [Vec<f64>; N] = std::array::from_fn(|_| Vec::new());
    let start = Instant::now();
    while start.elapsed().as_secs_f64() < seconds || turns[0].len() < 5 {
        for (work, turns) in works.iter_mut().zip(&mut turns) {
            let (watch, mut calls) = (Watch::start(), 0);
            while watch.wall.elapsed() < TURN {
                work();
                calls += 1;
            }
            turns.push(watch.processor() / f64::from(calls));
        }
    }
    turns.map(|mut turns| middle(&mut turns))
}

/// The median.
pub fn middle(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A memory figure of this process in bytes, by its name in `/proc/self/status`; `None` on other systems.
pub fn memory(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
