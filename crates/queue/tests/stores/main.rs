//! One suite of behaviour, expanded for each store. A new store is one line at the end of this file.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on has failed"
)]

#[cfg(any(feature = "sqlite", all(feature = "postgres", unix)))]
mod agreement;
mod archiving;
#[cfg(feature = "sqlite")]
mod damage;
mod fixture;
mod issuing;
mod listing;
mod rejecting;
mod sending;
mod sharing;
#[cfg(feature = "sqlite")]
mod stored;

macro_rules! conformance {
    ($store:ident, $open:expr; $($module:ident :: $test:ident),+ $(,)?) => {
        mod $store {
            $(
                #[test]
                fn $test() {
                    // Whatever keeps the store alive, such as its folder, lives as long as the queue. Where there can
                    // be no such store, that was said.
                    if let Some((queue, _guard)) = $open() {
                        crate::$module::$test(&queue);
                    }
                }
            )+
        }
    };
}

macro_rules! every_test {
    ($store:ident, $open:expr) => {
        conformance! { $store, $open;
            issuing::what_was_issued_comes_back_whole,
            issuing::the_same_bytes_return_what_is_there,
            issuing::another_document_with_the_same_number_is_refused,
            issuing::one_refusal_does_not_hold_up_the_others,
            issuing::a_pending_invoice_is_signed_once,
            issuing::signing_is_all_or_none,
            issuing::only_an_invoice_in_error_can_be_deleted,
            issuing::failed_work_leaves_nothing_behind,
            issuing::values_are_kept_and_removed,
            issuing::the_latest_version_of_a_message_stays_in_any_order,
            listing::the_queue_is_sorted_by_day_and_id_with_open_ones_last,
            listing::pages_follow_each_other_without_gap_or_repetition,
            listing::filters_hold_and_counts_agree,
            listing::a_cursor_of_the_other_list_is_refused,
            listing::moved_deadlines_reorder_the_queue,
            sending::a_batch_goes_through_to_its_receipt,
            sending::a_claim_takes_all_or_none,
            sending::invoices_that_do_not_belong_in_a_session_are_refused,
            sending::a_failed_session_gives_its_invoices_back_unchanged,
            sending::a_session_cannot_end_while_invoices_are_in_processing,
            sending::settling_the_same_again_changes_nothing,
            sending::a_contradicting_outcome_is_refused,
            sending::an_unknown_status_moves_nothing,
            sending::two_live_senders_never_hold_one_context,
            sending::a_sender_that_slept_past_its_lease_changes_nothing,
            sending::an_interactive_session_keeps_the_reference_of_each_invoice,
            rejecting::a_technical_correction_is_linked_and_goes_alone,
            rejecting::a_rejected_correction_is_corrected_again_for_the_first_invoice,
            rejecting::a_replacement_takes_the_number_and_goes_in_a_batch,
            rejecting::what_is_given_up_keeps_its_reasons_and_says_why,
            rejecting::an_invoice_is_settled_once,
            rejecting::what_waits_and_is_given_up_is_never_sent_and_keeps_its_number,
            rejecting::an_original_is_not_deleted_under_its_correction,
            sharing::one_of_many_threads_gets_a_context_and_each_invoice_is_there_once,
            sharing::workers_get_different_contexts_the_longest_unserved_first,
            sharing::a_context_without_work_is_not_given_out,
            archiving::the_archive_is_newest_first_and_searchable,
            archiving::a_buyer_is_found_by_any_part_of_the_name_however_many_there_are,
            archiving::a_receipt_belongs_to_accepted_invoices_only,
            archiving::accepted_invoices_without_receipt_are_listed,
            archiving::what_was_kept_long_enough_goes_with_its_receipt_and_its_history_stays,
        }
    };
}

every_test!(memory, || Some((
    ksef_offline_queue::Queue::in_memory(),
    ()
)));

#[cfg(feature = "sqlite")]
every_test!(sqlite, || {
    let folder = tempfile::tempdir().unwrap();
    let queue = ksef_offline_queue::Queue::open(&folder.path().join("queue.db")).unwrap();
    Some((queue, folder))
});

#[cfg(all(feature = "postgres", unix))]
every_test!(postgres, || {
    let server = ksef_offline_test_postgres::Server::shared()?;
    let address = server.fresh_url().parse().unwrap();
    Some((ksef_offline_queue::Queue::connect(&address).unwrap(), ()))
});
