//! What the queues keep in memory; their order and times are proved through the fetcher.

use std::{sync::Arc, time::Duration};

use super::{Gap, IDLE, Pace, SWEEP_AT};
use crate::{
    clock::{Clock, SystemClock},
    model::FetchOutcome,
    net::{Exchange, Route},
    polite::settings::Settings,
};

fn answer(status: u16) -> Exchange {
    let now = "2026-11-22T12:00:00Z".parse().expect("a time");
    Exchange { status: Some(status), ..Exchange::failed(FetchOutcome::Ok, "", now, Duration::ZERO) }
}

async fn ask(pace: &Pace, n: usize, status: u16) {
    let route = Route::Direct(vec![format!("198.51.{}.{}:443", n / 256 % 256, n % 256).parse().expect("an address")]);
    let deadline = SystemClock.instant() + Duration::from_hours(1);
    let turn = pace.enter(&format!("h{n}.it"), &route, (Duration::ZERO, Gap::Page), deadline).await;
    let Ok(mut turn) = turn else { panic!("no turn") };
    turn.sent();
    turn.finish(&answer(status));
}

#[tokio::test(start_paused = true)]
async fn idle_hosts_are_forgotten_and_resting_ones_are_not() {
    let settings = Settings { address_delay: Duration::ZERO, ..Settings::default() };
    let pace = Pace::new(Arc::new(settings), Arc::new(SystemClock));
    for n in 0..SWEEP_AT {
        ask(&pace, n, if n < 10 { 429 } else { 200 }).await;
    }
    assert_eq!(pace.kept(), (SWEEP_AT, SWEEP_AT));
    tokio::time::advance(IDLE + Duration::from_secs(10)).await;
    ask(&pace, SWEEP_AT, 200).await;
    assert_eq!(pace.kept(), (11, 1));
    // The strikes of those ten are remembered: their second 429 rests them twice as long.
    let begun = SystemClock.instant();
    ask(&pace, 3, 429).await;
    ask(&pace, 3, 429).await;
    assert!(SystemClock.instant() - begun >= Duration::from_mins(1));
}
