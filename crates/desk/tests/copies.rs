//! The readable copies of an invoice: left alone while they are right, written again from the queue when they are not.
#![allow(clippy::unwrap_used)] // Tests.
#![allow(dead_code)] // Not every test needs the whole world.
#![allow(unreachable_pub)] // Shared with the tests.
#![cfg(unix)] // Asks for the numbers of files.

mod world;

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::{Desk, IssueOptions};
use world::{World, invoice};

const OFFLINE24: IssueOptions = IssueOptions {
    mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
    sign_later: false,
};

/// An issued invoice's document and signature.
async fn issued(desk: &Desk) -> [std::path::PathBuf; 2] {
    let files = [invoice(desk, "C/1")];
    let report = desk.issue(&files, OFFLINE24).await.unwrap();
    let view = &report.issued[0];
    [view.file.clone(), view.signature_file.clone().unwrap()]
}

fn number_of(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().ino()
}

#[tokio::test]
async fn right_copies_are_left_alone() {
    let world = World::at("2027-03-01T08:00:00Z").await;
    let desk = world.desk("");
    let files = issued(&desk).await;
    let before = files.each_ref().map(|file| number_of(file));
    desk.list(None, 10, None).unwrap();
    assert_eq!(files.each_ref().map(|file| number_of(file)), before);
}

#[tokio::test]
async fn copies_that_a_loss_of_power_spoiled_are_written_again() {
    let world = World::at("2027-03-01T08:00:00Z").await;
    let desk = world.desk("");
    for file in issued(&desk).await {
        let right = std::fs::read(&file).unwrap();
        for spoiled in [Vec::new(), right[..100].to_vec(), vec![0; right.len()]] {
            std::fs::write(&file, spoiled).unwrap();
            desk.list(None, 10, None).unwrap();
            assert_eq!(std::fs::read(&file).unwrap(), right);
        }
    }
}
