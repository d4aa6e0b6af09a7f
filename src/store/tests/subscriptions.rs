//! Subscriptions: what was told moves on with the letter, or not at all.

use jiff::civil::date;

use super::{super::*, Engine, assert_sound, on_both, open, time};
use crate::config::Lang;

on_both!(
    a_subscription_is_made_once_and_read_back,
    what_was_told_moves_on_with_the_letter_or_not_at_all,
    a_subscription_that_ended_is_told_nothing,
);

fn wanted(recipient: Option<&str>, about: About) -> NewSubscription {
    NewSubscription {
        recipient: recipient.map(|text| text.parse().unwrap()),
        about,
        every: Every::Week,
        lang: Lang::En,
        attach: vec![Attach::Xlsx, Attach::Html],
        always: true,
    }
}

fn notices() -> About {
    About::Notice {
        notices: vec!["1.4.4-spid-cie".to_owned()],
        regions: vec!["Valle d'Aosta/Vallée d'Aoste".to_owned()],
    }
}

fn letter(key: &str) -> NewDispatch {
    NewDispatch {
        key: key.to_owned(),
        kind: "report".to_owned(),
        recipient: "verifica@ente.example".to_owned(),
        subject: "riscontro".to_owned(),
        message_id: format!("<{key}@riscontro.example>"),
        bytes: b"Subject: x\r\n\r\n".to_vec(),
        held_by: None,
    }
}

async fn made(store: &Store, wanted: &NewSubscription) -> SubscriptionId {
    let Added::New(id) = store.subscribe(wanted).await.unwrap() else { panic!("it was there") };
    id
}

async fn a_subscription_is_made_once_and_read_back(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let all = [
        wanted(Some("verifica@ente.example"), notices()),
        wanted(None, About::Comune { catastale: "H501".to_owned() }),
        wanted(Some("verifica@ente.example"), About::National),
    ];
    let mut ids = Vec::new();
    for one in &all {
        ids.push(made(&store, one).await);
    }
    // The same report to the same address, told apart by nothing but how often.
    let again = NewSubscription { every: Every::Day, attach: Vec::new(), ..all[0].clone() };
    assert_eq!(store.subscribe(&again).await.unwrap(), Added::AlreadyThere(ids[0]));
    let read = store.subscriptions().await.unwrap();
    assert_eq!(read.iter().map(|one| one.id).collect::<Vec<_>>(), ids);
    assert_eq!(read.iter().map(|one| one.wanted.clone()).collect::<Vec<_>>(), all);
    assert!(read.iter().all(|one| one.told.is_none() && one.is_due(date(2026, 11, 23))));
    // Nobody to write to, and no register that could name somebody.
    assert!(store.subscribe(&wanted(None, About::National)).await.is_err());
    assert_sound(&store).await;
}

async fn what_was_told_moves_on_with_the_letter_or_not_at_all(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let id = made(&store, &wanted(Some("verifica@ente.example"), notices())).await;
    let other = made(&store, &wanted(Some("verifica@ente.example"), About::National)).await;
    let (first, second) = (time("2026-11-22T02:00:00Z"), time("2026-11-23T02:00:00Z"));
    let telling = |subscription, before, at| Telling { subscription, before, at, state: b"state\0".to_vec() };
    let queued = store.tell(Some(&letter("1")), &[telling(id, None, first)]).await.unwrap();
    let Some(Queued::Queued(dispatch)) = queued else { panic!("{queued:?}") };
    let read = store.subscriptions().await.unwrap();
    assert_eq!((read[0].told, read[0].last_letter), (Some(first), Some(dispatch)));
    assert_eq!(store.told_state(id).await.unwrap().unwrap(), b"state\0");
    // Sunday is over: a week later, and a week is from Monday on.
    assert!(!read[0].is_due(date(2026, 11, 22)) && read[0].is_due(date(2026, 11, 23)));

    // Somebody read before the first letter and comes too late: neither letter nor state, of both of its subscriptions.
    let late = store.tell(Some(&letter("2")), &[telling(other, None, second), telling(id, None, second)]).await;
    assert!(matches!(late, Err(StoreError::Overtaken { .. })), "{late:?}");
    assert_eq!(store.dispatches(&DispatchFilter::default()).await.unwrap().len(), 1);
    assert!(store.subscriptions().await.unwrap()[1].told.is_none());

    // Nothing to tell: the state moves on, the last letter stays the last.
    assert_eq!(store.tell(None, &[telling(id, Some(first), second)]).await.unwrap(), None);
    let read = store.subscriptions().await.unwrap();
    assert_eq!((read[0].told, read[0].last_letter), (Some(second), Some(dispatch)));
    assert_sound(&store).await;
}

async fn a_subscription_that_ended_is_told_nothing(engine: Engine) {
    let place = engine.place().await;
    let store = open(&place).await;
    let id = made(&store, &wanted(Some("verifica@ente.example"), notices())).await;
    assert!(store.unsubscribe(id).await.unwrap());
    assert!(!store.unsubscribe(id).await.unwrap());
    let at = time("2026-11-22T02:00:00Z");
    let told =
        store.tell(Some(&letter("1")), &[Telling { subscription: id, before: None, at, state: b"s".to_vec() }]).await;
    assert!(matches!(told, Err(StoreError::Overtaken { .. })), "{told:?}");
    assert!(store.dispatches(&DispatchFilter::default()).await.unwrap().is_empty());
    assert_eq!(store.told_state(id).await.unwrap(), None);
    let next = made(&store, &wanted(Some("verifica@ente.example"), notices())).await;
    assert!(next > id, "an id was used again");
}

#[test]
fn a_period_is_a_day_a_week_from_monday_or_a_month() {
    let same = |every: Every, one, other| every.same_period(one, other);
    assert!(same(Every::Day, date(2026, 11, 22), date(2026, 11, 22)));
    assert!(!same(Every::Day, date(2026, 11, 22), date(2026, 11, 23)));
    // 28 December 2026 is a Monday; its week goes on into the next year.
    assert!(same(Every::Week, date(2026, 12, 28), date(2027, 1, 3)));
    assert!(!same(Every::Week, date(2027, 1, 3), date(2027, 1, 4)));
    assert!(!same(Every::Week, date(2026, 11, 23), date(2025, 11, 24)));
    assert!(same(Every::Month, date(2026, 11, 1), date(2026, 11, 30)));
    assert!(!same(Every::Month, date(2026, 11, 1), date(2025, 11, 1)));
}
