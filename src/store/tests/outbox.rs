//! Letters: queued once, tried by one, never sent again by themselves once nobody knows.

use super::{super::*, Engine, assert_sound, on_both, open, outside, plan, time};

on_both!(
    a_letter_is_queued_once,
    each_end_of_a_try_leads_where_it_should,
    what_a_killed_process_leaves_is_told_apart_by_the_final_dot,
    letters_of_a_suspect_run_wait_for_a_person,
    bytes_that_changed_are_not_sent,
    a_person_decides_about_letters,
    receipts_are_facts_beside_the_state,
    how_far_a_mailbox_was_read_is_kept_and_never_goes_back,
    of_letters_that_were_sent_long_ago_the_bytes_are_let_go,
);

fn letter(number: usize) -> NewDispatch {
    NewDispatch {
        key: format!("avviso/1.4.4/{number}"),
        kind: "notice-report".to_owned(),
        recipient: format!("verifica{number}@ente.example"),
        subject: "Città d'Esempio: 3 novità".to_owned(),
        message_id: format!("<{number}@riscontro.example>"),
        bytes: format!("Subject: {number}\r\n\r\n\0\u{1}.\r\n").into_bytes(),
        held_by: None,
    }
}

async fn queued(store: &Store, number: usize) -> DispatchId {
    let Queued::Queued(id) = store.queue_dispatch(&letter(number)).await.unwrap() else { panic!("it was there") };
    id
}

async fn trying(store: &Store, id: DispatchId) -> Trying {
    let Begun::Trying(trying) = store.begin_try(id).await.unwrap() else { panic!("not due") };
    trying
}

async fn state(store: &Store, id: DispatchId) -> DispatchState {
    store.dispatch(id).await.unwrap().unwrap().state
}

async fn what(store: &Store, id: DispatchId) -> Vec<String> {
    store.dispatch_events(id).await.unwrap().into_iter().map(|event| event.what).collect()
}

async fn a_letter_is_queued_once(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let id = queued(&store, 1).await;
    let again = NewDispatch { bytes: b"other".to_vec(), message_id: "<2@x>".to_owned(), ..letter(1) };
    assert_eq!(store.queue_dispatch(&again).await.unwrap(), Queued::AlreadyThere(id));
    assert_eq!(store.dispatch_bytes(id).await.unwrap().unwrap(), letter(1).bytes);
    let twin = NewDispatch { key: "another".to_owned(), ..letter(1) };
    assert!(store.queue_dispatch(&twin).await.is_err(), "two letters with one Message-ID");
    let other = queued(&store, 2).await;
    let all = store.dispatches(&DispatchFilter::default()).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [other, id]);
    assert_eq!((all[1].size, all[1].subject.as_str()), (letter(1).bytes.len() as u64, "Città d'Esempio: 3 novità"));
    let filter = DispatchFilter { recipient: Some(letter(1).recipient), ..DispatchFilter::default() };
    assert_eq!(store.dispatches(&filter).await.unwrap().len(), 1);
    let filter = DispatchFilter { states: vec![DispatchState::Sent], ..DispatchFilter::default() };
    assert_eq!(store.dispatches(&filter).await.unwrap().len(), 0);
    let filter = DispatchFilter { limit: Some(1), ..DispatchFilter::default() };
    assert_eq!(store.dispatches(&filter).await.unwrap()[0].id, other);
    // Two that try at once: one has it.
    let (one, two) = tokio::join!(store.begin_try(id), store.begin_try(id));
    assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|begun| **begun == Begun::Gone).count(), 1);
    let seen: i64 = super::super::sql::query_scalar("SELECT count(*) FROM dispatch WHERE state = 'sending'")
        .fetch_one(&outside(&store).await)
        .await
        .unwrap();
    assert_eq!(seen, 1);
    assert_sound(&store).await;
}

async fn each_end_of_a_try_leads_where_it_should(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let later = time("2099-01-01T00:00:00Z");
    let cases = [
        (TryEnd::Sent, DispatchState::Sent, "sent"),
        (TryEnd::Deferred(later), DispatchState::Deferred, "deferred"),
        (TryEnd::PutOff(later), DispatchState::Deferred, "put-off"),
        (TryEnd::Failed, DispatchState::Failed, "failed"),
        (TryEnd::Unsure, DispatchState::Unsure, "unsure"),
    ];
    for (number, (end, expected, told)) in cases.into_iter().enumerate() {
        let id = queued(&store, number).await;
        let trying = trying(&store, id).await;
        assert_eq!((trying.attempt, trying.refusals, trying.refused_since), (1, 0, None));
        assert!(store.note_end_of_data(&trying).await.unwrap());
        assert!(store.end_try(&trying, end, "250 bene").await.unwrap());
        let row = store.dispatch(id).await.unwrap().unwrap();
        assert_eq!((row.state, row.answer.as_deref()), (expected, Some("250 bene")));
        assert_eq!(row.sent.is_some(), end == TryEnd::Sent);
        assert_eq!(row.next_try, matches!(end, TryEnd::Deferred(_) | TryEnd::PutOff(_)).then_some(later));
        assert_eq!(what(&store, id).await, [told]);
        assert!(!store.end_try(&trying, TryEnd::Sent, "").await.unwrap(), "it is over");
        assert!(!store.note_end_of_data(&trying).await.unwrap());
        assert_eq!(store.begin_try(id).await.unwrap(), Begun::Gone);
        if let TryEnd::Deferred(_) | TryEnd::PutOff(_) = end {
            let due = store.due_dispatches(later, None).await.unwrap();
            assert!(due.contains(&id));
        }
    }
    assert!(store.due_dispatches(time("2090-01-01T00:00:00Z"), None).await.unwrap().is_empty());
    assert_eq!(store.due_dispatches(later, Some(1)).await.unwrap().len(), 1);
    let swept = store.swept_dispatches().await.unwrap();
    assert_eq!(swept, Swept { waiting: 2, held: 0, sent: 1, failed: 1, unsure: 1 });
    assert_eq!(store.sent_since(time("2020-01-01T00:00:00Z")).await.unwrap(), 1);
    assert_eq!(store.sent_since(later).await.unwrap(), 0);
}

async fn what_a_killed_process_leaves_is_told_apart_by_the_final_dot(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let (before, after) = (queued(&store, 1).await, queued(&store, 2).await);
    let early = trying(&store, before).await;
    let late = trying(&store, after).await;
    assert!(store.note_end_of_data(&late).await.unwrap());
    let recovered = store.recover_dispatches(false).await.unwrap();
    assert_eq!(recovered, Recovered { queued: 1, unsure: 1 });
    assert_eq!(
        (state(&store, before).await, state(&store, after).await),
        (DispatchState::Queued, DispatchState::Unsure)
    );
    assert_eq!(
        (what(&store, before).await, what(&store, after).await),
        (vec!["cut".into()], vec!["cut-at-end".into()])
    );
    // Whoever was at it and is not dead after all may not go on.
    assert!(!store.note_end_of_data(&early).await.unwrap());
    let again = trying(&store, before).await;
    assert_eq!(again.attempt, 2);
    assert!(!store.note_end_of_data(&early).await.unwrap(), "the try of another");
    assert!(!store.end_try(&early, TryEnd::Sent, "").await.unwrap());
    assert!(store.end_try(&again, TryEnd::Sent, "250").await.unwrap());
    assert_eq!(store.begin_try(after).await.unwrap(), Begun::Gone, "nobody sends it again unasked");
    assert_eq!(store.recover_dispatches(true).await.unwrap(), Recovered::default());
    let resent = trying(&store, after).await;
    assert_eq!((resent.bytes, resent.message_id), (letter(2).bytes, letter(2).message_id));
}

async fn letters_of_a_suspect_run_wait_for_a_person(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let run = store.begin_run(&plan(1)).await.unwrap().id;
    let held = NewDispatch { held_by: Some(run), ..letter(1) };
    let Queued::Queued(id) = store.queue_dispatch(&held).await.unwrap() else { panic!() };
    let far = time("2099-01-01T00:00:00Z");
    let is_due = async || store.due_dispatches(far, None).await.unwrap() == [id];
    let trust = async |trust: &'static str| {
        let statement = match trust {
            "suspect" => "UPDATE run SET trust = 'suspect'",
            "released" => "UPDATE run SET trust = 'released'",
            _ => "UPDATE run SET trust = 'discarded'",
        };
        super::super::sql::query(statement).execute(&outside(&store).await).await.unwrap();
    };
    assert!(is_due().await, "it counts");
    trust("suspect").await;
    assert!(!is_due().await);
    assert_eq!(store.begin_try(id).await.unwrap(), Begun::Gone);
    assert!(store.dispatch(id).await.unwrap().unwrap().held);
    assert_eq!(store.swept_dispatches().await.unwrap().held, 1);
    store.recover_dispatches(false).await.unwrap();
    assert_eq!(state(&store, id).await, DispatchState::Queued);
    trust("released").await;
    assert!(is_due().await);
    trust("discarded").await;
    assert!(!is_due().await);
    store.recover_dispatches(false).await.unwrap();
    assert_eq!(state(&store, id).await, DispatchState::Discarded);
    assert_eq!(what(&store, id).await, ["run-discarded"]);
}

async fn bytes_that_changed_are_not_sent(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let id = queued(&store, 1).await;
    super::super::sql::query("UPDATE dispatch SET bytes = $1")
        .bind(b"Bcc: all\r\n".as_slice())
        .execute(&outside(&store).await)
        .await
        .unwrap();
    assert_eq!(store.begin_try(id).await.unwrap(), Begun::Damaged(id));
    assert_eq!(state(&store, id).await, DispatchState::Failed);
    assert_eq!(what(&store, id).await, ["damaged"]);
}

async fn a_person_decides_about_letters(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let id = queued(&store, 1).await;
    assert_eq!(store.resend_dispatch(DispatchId(99)).await.unwrap(), None);
    assert_eq!(store.resend_dispatch(id).await.unwrap(), Some(false), "it is queued already");
    assert_eq!(store.discard_dispatch(id).await.unwrap(), Some(true));
    assert_eq!(store.begin_try(id).await.unwrap(), Begun::Gone);
    assert_eq!(store.discard_dispatch(id).await.unwrap(), Some(false));
    assert_eq!(store.resend_dispatch(id).await.unwrap(), Some(true));
    let one = trying(&store, id).await;
    assert_eq!(store.discard_dispatch(id).await.unwrap(), Some(false), "somebody is at it");
    let later = time("2020-01-01T00:00:00Z");
    assert!(store.end_try(&one, TryEnd::Deferred(later), "451").await.unwrap());
    let two = trying(&store, id).await;
    assert_eq!((two.refusals, two.refused_since.is_some()), (1, true));
    assert!(store.end_try(&two, TryEnd::Failed, "550").await.unwrap());
    assert_eq!(store.resend_dispatch(id).await.unwrap(), Some(true));
    let three = trying(&store, id).await;
    assert_eq!((three.attempt, three.refusals, three.refused_since), (3, 0, None), "it has its full time again");
    assert!(store.end_try(&three, TryEnd::Sent, "250").await.unwrap());
    assert_eq!(store.resend_dispatch(id).await.unwrap(), Some(false), "what was sent is not sent again");
    assert_eq!(store.discard_dispatch(id).await.unwrap(), Some(false));
    assert_eq!(what(&store, id).await, ["discarded", "resent", "deferred", "failed", "resent", "sent"]);
}

fn receipt(number: usize, kind: ReceiptKind) -> ReceiptFact {
    ReceiptFact {
        kind,
        message_id: letter(number).message_id,
        recipient: Some(letter(number).recipient.to_uppercase()),
        at: Some(time("2026-11-22T02:00:00Z")),
        detail: Some("casella piena".to_owned()),
        sha256: format!("{:064x}", kind as usize + 16 * number),
    }
}

async fn receipts_are_facts_beside_the_state(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let (sent, unsure, lost) = (queued(&store, 1).await, queued(&store, 2).await, queued(&store, 3).await);
    for (id, end) in [(sent, TryEnd::Sent), (unsure, TryEnd::Unsure), (lost, TryEnd::Sent)] {
        let trying = trying(&store, id).await;
        store.end_try(&trying, end, "x").await.unwrap();
    }
    let accepted = receipt(1, ReceiptKind::Accepted);
    assert_eq!(store.note_receipt(&accepted).await.unwrap(), Noted::New(sent));
    assert_eq!(store.note_receipt(&accepted).await.unwrap(), Noted::Known(sent));
    let row = store.dispatch(sent).await.unwrap().unwrap();
    assert_eq!((row.accepted, row.delivered), (accepted.at, None));
    let second = ReceiptFact { sha256: "f".repeat(64), at: Some(time("2027-01-01T00:00:00Z")), ..accepted.clone() };
    assert_eq!(store.note_receipt(&second).await.unwrap(), Noted::New(sent));
    assert_eq!(store.note_receipt(&receipt(1, ReceiptKind::Delivered)).await.unwrap(), Noted::New(sent));
    let row = store.dispatch(sent).await.unwrap().unwrap();
    assert_eq!((row.accepted, row.delivered, row.undelivered), (accepted.at, accepted.at, None), "the first counts");

    assert_eq!(store.note_receipt(&receipt(2, ReceiptKind::Accepted)).await.unwrap(), Noted::New(unsure));
    assert_eq!(state(&store, unsure).await, DispatchState::Sent, "now it is known");
    assert_eq!(store.note_receipt(&receipt(2, ReceiptKind::NotDelivered)).await.unwrap(), Noted::New(unsure));
    let row = store.dispatch(unsure).await.unwrap().unwrap();
    assert_eq!((row.state, row.answer.as_deref()), (DispatchState::Sent, Some("casella piena")));
    assert!(row.undelivered.is_some());

    assert_eq!(store.note_receipt(&receipt(3, ReceiptKind::NotAccepted)).await.unwrap(), Noted::New(lost));
    assert_eq!(state(&store, lost).await, DispatchState::Failed);

    assert_eq!(store.note_receipt(&receipt(9, ReceiptKind::Accepted)).await.unwrap(), Noted::NoSuchLetter);
    let forged = ReceiptFact { recipient: Some("altri@ente.example".into()), ..receipt(1, ReceiptKind::NotDelivered) };
    assert_eq!(store.note_receipt(&forged).await.unwrap(), Noted::OtherRecipient(sent));
    assert!(store.dispatch(sent).await.unwrap().unwrap().undelivered.is_none());
    assert_sound(&store).await;
}

async fn how_far_a_mailbox_was_read_is_kept_and_never_goes_back(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let (one, two) = ("imaps://a@b.it:993/INBOX", "imaps://a@b.it:993/Altra");
    let at = |uid_validity, last_uid| ReadUpTo { uid_validity, last_uid };
    assert_eq!(store.receipts_read(one).await.unwrap(), None);
    // What was noted, and what is known then. Another numbering begins anew, a lower number of the same one does not count.
    for (noted, known) in [
        (at(7, 10), at(7, 10)),
        (at(7, 12), at(7, 12)),
        (at(7, 11), at(7, 12)),
        (at(8, 3), at(8, 3)),
        (at(7, 2), at(7, 2)),
        (at(u32::MAX, u32::MAX), at(u32::MAX, u32::MAX)),
    ] {
        store.note_receipts_read(one, noted).await.unwrap();
        assert_eq!(store.receipts_read(one).await.unwrap(), Some(known));
    }
    store.note_receipts_read(two, at(1, 0)).await.unwrap();
    assert_eq!(store.receipts_read(one).await.unwrap(), Some(at(u32::MAX, u32::MAX)));
    assert!(store.note_receipts_read(two, at(0, 1)).await.is_err(), "no server may call its numbering 0");
    let rows: Vec<(String, i64, i64)> =
        super::super::sql::query_as("SELECT mailbox, uid_validity, last_uid FROM receipts_read ORDER BY mailbox")
            .fetch_all(&outside(&store).await)
            .await
            .unwrap();
    let most = i64::from(u32::MAX);
    assert_eq!(rows, [(two.to_owned(), 1, 0), (one.to_owned(), most, most)]);
    assert_sound(&store).await;
}

async fn of_letters_that_were_sent_long_ago_the_bytes_are_let_go(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let (old, recent, failed, waits) =
        (queued(&store, 1).await, queued(&store, 2).await, queued(&store, 3).await, queued(&store, 4).await);
    for (id, end) in [(old, TryEnd::Sent), (recent, TryEnd::Sent), (failed, TryEnd::Failed)] {
        let trying = trying(&store, id).await;
        assert!(store.end_try(&trying, end, "said").await.unwrap());
    }
    let outside = outside(&store).await;
    let earlier = "UPDATE dispatch SET sent = '2020-01-01T00:00:00.000000000Z' WHERE id = $1";
    super::super::sql::query(earlier).bind(old.0).execute(&outside).await.unwrap();
    let before = time("2020-01-02T00:00:00Z");
    let size = letter(1).bytes.len() as u64;
    assert_eq!(store.old_letters(before).await.unwrap(), (1, size));
    store.let_go_of_letters(before).await.unwrap();
    assert_eq!(store.old_letters(before).await.unwrap(), (0, 0));
    assert_eq!(store.dispatch_bytes(old).await.unwrap(), None);
    let gone = store.dispatch(old).await.unwrap().unwrap();
    assert_eq!((gone.gone, gone.size, gone.state), (true, size, DispatchState::Sent));
    assert_eq!(what(&store, old).await, ["sent", "let-go"]);
    for id in [recent, failed, waits] {
        assert!(store.dispatch_bytes(id).await.unwrap().is_some_and(|bytes| !bytes.is_empty()));
    }
    // Once is enough, and its words are told once.
    store.let_go_of_letters(before).await.unwrap();
    assert_eq!(what(&store, old).await.len(), 2);
    assert_eq!(store.resend_dispatch(old).await.unwrap(), Some(false), "what was sent is not sent again");
    assert_sound(&store).await;
}
