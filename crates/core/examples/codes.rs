//! Draws QR codes as PNG over and over and prints how many seconds one round took at best:
//! `codes SECONDS SCALE URL…`. CODE I gets the caption OFFLINE, CODE II CERTYFIKAT.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program measures time and prints it"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ksef_offline_core::code::image::{Options, render_png};
use ksef_offline_core::code::{Caption, Link};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds: f64 = arguments.next().ok_or("SECONDS")?.parse()?;
    let options = Options {
        scale: arguments.next().ok_or("SCALE")?.parse()?,
        ..Options::default()
    };
    let mut codes = Vec::new();
    for url in arguments {
        let caption = match Link::parse(&url)? {
            Link::One(_) => Caption::Offline,
            Link::Two(_) => Caption::Certificate,
        };
        codes.push((url, caption));
    }
    let (start, mut best) = (Instant::now(), Duration::MAX);
    while start.elapsed().as_secs_f64() < seconds {
        let round = Instant::now();
        for (url, caption) in &codes {
            black_box(render_png(url, caption, &options)?);
        }
        best = best.min(round.elapsed());
    }
    println!("{}", best.as_secs_f64());
    Ok(())
}
