#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::*;
use crate::model::FetchOutcome;

/// `day hour` of January 2026.
fn at(on: i8, hour: i8) -> Timestamp {
    jiff::civil::date(2026, 1, on).at(hour, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp()
}

fn look(code: char, at: Timestamp) -> Look {
    let (outcome, strength, reason) = match code {
        'F' => (Outcome::Found, Some(Strength::Proof), Reason::Proof),
        'f' => (Outcome::Found, Some(Strength::Strong), Reason::TwoStrong),
        'm' => (Outcome::Mentioned, Some(Strength::Weak), Reason::WordsOnly),
        'n' => (Outcome::NotFound, None, Reason::CoverageComplete),
        'u' => (Outcome::Undetermined, None, Reason::Fetch(FetchOutcome::ConnectTimeout)),
        'b' => (Outcome::Undetermined, None, Reason::BudgetSpent),
        other => panic!("{other}"),
    };
    Look { at, outcome, strength, reason, rules: None }
}

/// A word for each day from the first of January on, a letter for each of its looks; `-` is a day without one.
pub(super) fn looks(days: &str) -> Vec<Look> {
    let mut all = Vec::new();
    for (word, on) in days.split_whitespace().zip(1..) {
        for (code, hour) in word.chars().zip(2..).filter(|(code, _)| *code != '-') {
            all.push(look(code, at(on, hour)));
        }
    }
    all
}

fn letter(outcome: Outcome) -> char {
    match outcome {
        Outcome::Found => 'F',
        Outcome::Mentioned => 'm',
        Outcome::NotFound => 'n',
        Outcome::Undetermined => 'u',
    }
}

/// `F1-4:loss-confirmed@7 n4` is: found from the 1st until the 4th, known on the 7th; not found since the 4th.
fn told(history: &History) -> String {
    let on = |at: Timestamp| day(at).day();
    let one = |one: &Observation| {
        let end =
            one.end.map_or_else(String::new, |end| format!("-{}:{}@{}", on(end.until), end.why.code(), on(end.known)));
        format!("{}{}{end}", letter(one.outcome), on(one.first_seen))
    };
    let mut words: Vec<String> = history.observations.iter().map(one).collect();
    if let Some(doubt) = history.doubt() {
        words.push(format!("?{}x{}", on(doubt.since().unwrap()), doubt.looks.len()));
    }
    if let Some(silence) = history.silence() {
        words.push(format!("!{}-{}", on(silence.since), on(silence.last)));
    }
    words.join(" ")
}

#[test]
fn the_rules_one_by_one() {
    let cases = [
        // Nothing, and nothing but looks that could not tell.
        ("", ""),
        ("u", "!1-1"),
        ("u b u", "!1-3"),
        // The first answer counts at once, whatever it is: nobody loses anything by it.
        ("F", "F1"),
        ("n", "n1"),
        ("m", "m1"),
        ("u n", "n2"),
        // The same again is one observation.
        ("F F F", "F1"),
        ("F f F", "F1"),
        ("n n n n n", "n1"),
        // A miss is to be confirmed: three days, and 72 hours.
        ("F n", "F1 ?2x1"),
        ("F n n", "F1 ?2x2"),
        ("F n n n", "F1 ?2x3"),
        ("F n n n n", "F1-2:loss-confirmed@5 n2"),
        ("F n - - n", "F1 ?2x2"),
        ("F n - - n n", "F1-2:loss-confirmed@6 n2"),
        // However often on one day.
        ("F nnnnnnnn", "F1 ?2x1"),
        ("F nnnn nnnn nnnn", "F1 ?2x3"),
        // Seen again in between: the count begins anew.
        ("F n n n F", "F1"),
        ("F n n F n n", "F1 ?5x2"),
        ("F n n F n n n n", "F1-5:loss-confirmed@8 n5"),
        // A day on which it was seen is a day on which it was there.
        ("Fn", "F1"),
        ("nF", "F1"),
        ("F nF", "F1"),
        ("F n n n nF", "F1"),
        ("F n n n Fn", "F1"),
        ("n nF", "n1-2:found@2 F2"),
        // Looks that could not tell: neither here nor there.
        ("F u u u u u u", "F1 !2-7"),
        ("F u F", "F1"),
        ("F n u u n u n", "F1-2:loss-confirmed@7 n2"),
        ("F n u u u u u u", "F1 ?2x1 !3-8"),
        ("F n u F", "F1"),
        ("F nu un nu un", "F1-2:loss-confirmed@5 n2"),
        ("n u F", "n1-3:found@3 F3"),
        ("Fu", "F1"),
        // Words only: for what was found a miss like any other.
        ("F m m m", "F1 ?2x3"),
        ("F m m m m", "F1-2:loss-confirmed@5 m2"),
        ("F m n m n", "F1-2:loss-confirmed@5 n2"),
        ("F n n n m", "F1-2:loss-confirmed@5 m2"),
        // For what was not found, no loss.
        ("n m n", "n1-2:words-changed@2 m2-3:words-changed@3 n3"),
        ("m F", "m1-2:found@2 F2"),
        // Lost and found.
        ("F n n n n F", "F1-2:loss-confirmed@5 n2-6:found@6 F6"),
        ("F n n n n n F n", "F1-2:loss-confirmed@5 n2-7:found@7 F7 ?8x1"),
    ];
    for (days, expected) in cases {
        assert_eq!(told(&History::of(&looks(days), Confirm::default())), expected, "{days}");
    }
}

#[test]
fn the_measure_is_a_setting() {
    let cases = [
        ((1, 0), "F n", "F1-2:loss-confirmed@2 n2"),
        ((2, 0), "F n n", "F1-2:loss-confirmed@3 n2"),
        ((1, 24), "F n n", "F1-2:loss-confirmed@3 n2"),
        ((1, 25), "F n n", "F1 ?2x2"),
        ((5, 24), "F n n n n", "F1 ?2x4"),
        ((5, 24), "F n n n n n", "F1-2:loss-confirmed@6 n2"),
        ((0, 0), "F n", "F1-2:loss-confirmed@2 n2"),
    ];
    for ((times, hours), days, expected) in cases {
        let confirm = Confirm { looks: times, hours };
        assert_eq!(told(&History::of(&looks(days), confirm)), expected, "{days} {confirm:?}");
    }
}

#[test]
fn seventy_two_hours_are_seventy_two_hours() {
    let mut all = vec![look('F', at(1, 2))];
    all.extend([look('n', at(2, 2)), look('n', at(3, 2)), look('n', at(4, 2))]);
    let short = look('n', at(5, 1));
    let exact = look('n', at(5, 2));
    let with = |last: Look| History::of(&[all.as_slice(), &[last]].concat(), Confirm::default());
    assert_eq!(told(&with(short)), "F1 ?2x4");
    assert_eq!(told(&with(exact)), "F1-2:loss-confirmed@5 n2");
}

/// The same looks, with the letter of the rules of each day: `F.a n.b` is found by a, then missed by b.
fn by_rules(days: &str) -> Vec<Look> {
    let plain: Vec<&str> = days.split_whitespace().map(|word| word.split('.').next().unwrap()).collect();
    let rules = |on: i8| {
        let word = days.split_whitespace().nth(usize::try_from(on - 1).unwrap()).unwrap();
        CatalogueId(i64::from(*word.as_bytes().last().unwrap()))
    };
    looks(&plain.join(" ")).into_iter().map(|look| Look { rules: Some(rules(day(look.at).day())), ..look }).collect()
}

#[test]
fn what_other_rules_say_is_not_what_the_site_did() {
    let cases = [
        // The same rules: as ever.
        ("F.a n.a n.a n.a n.a", "F1-2:loss-confirmed@5 n2"),
        ("n.a F.a", "n1-2:found@2 F2"),
        // Other rules miss it: that takes as many looks, and is theirs.
        ("F.a n.b n.b n.b", "F1 ?2x3"),
        ("F.a n.b n.b n.b n.b", "F1-2:rules-changed@5 n2"),
        ("F.a n.b n.b n.b F.b", "F1"),
        // Also when some of the looks were by the old ones.
        ("F.a n.a n.b n.b n.b", "F1-2:rules-changed@5 n2"),
        ("F.a n.b n.a n.a n.a", "F1-2:rules-changed@5 n2"),
        // What the new rules found too, they can miss.
        ("F.a F.b n.b n.b n.b n.b", "F1-3:loss-confirmed@6 n3"),
        // Good news is believed at once, and is theirs as well.
        ("n.a F.b", "n1-2:rules-changed@2 F2"),
        ("n.a m.b", "n1-2:rules-changed@2 m2"),
        // Looks that could not tell are nobody's.
        ("F.a u.b F.a", "F1"),
        ("F.a u.b n.a n.a n.a n.a", "F1-3:loss-confirmed@6 n3"),
    ];
    for (days, expected) in cases {
        assert_eq!(told(&History::of(&by_rules(days), Confirm::default())), expected, "{days}");
    }
}

#[test]
fn what_the_new_rules_say_of_the_old_bytes_tells_who_changed() {
    let days = by_rules("F.a n.b n.b n.b n.b");
    let again = |outcome| Rejudged::from([((at(1, 2), CatalogueId(i64::from(b'b'))), outcome)]);
    let told_with = |outcome| told(&History::of_rejudged(&days, &again(outcome), Confirm::default()));
    // They see in the old bytes what the old rules saw, and no longer in the new ones: it was the site.
    assert_eq!(told_with(Outcome::Found), "F1-2:loss-confirmed@5 n2");
    assert_eq!(told_with(Outcome::NotFound), "F1-2:rules-changed@5 n2");
    assert_eq!(told_with(Outcome::Undetermined), "F1-2:rules-changed@5 n2");
    let days = by_rules("n.a F.b");
    let told_with = |outcome| told(&History::of_rejudged(&days, &again(outcome), Confirm::default()));
    assert_eq!(told_with(Outcome::NotFound), "n1-2:found@2 F2");
    assert_eq!(told_with(Outcome::Found), "n1-2:rules-changed@2 F2");
}

#[test]
fn of_a_days_rules_those_of_the_last_look_confirm() {
    let by = |code, hour, rules| Look { rules: Some(CatalogueId(rules)), ..look(code, at(1, hour)) };
    // Found with more proof by the old rules, and then by the new ones as well: what these miss later, the site has lost.
    let mut days = vec![by('F', 2, 1), by('f', 5, 2)];
    days.extend((2..=5).map(|on| Look { rules: Some(CatalogueId(2)), ..look('n', at(on, 2)) }));
    assert_eq!(told(&History::of(&days, Confirm::default())), "F1-2:loss-confirmed@5 n2");
}

#[test]
fn on_a_day_of_the_past_rules_of_later_days_are_unknown() {
    let all = by_rules("F.a n.a n.b n.b");
    let whole = History::of(&all, Confirm::default());
    assert_eq!(whole.doubt().and_then(|doubt| doubt.rules), Some((at(3, 2), CatalogueId(i64::from(b'b')))));
    let past = whole.as_known_on(jiff::civil::date(2026, 1, 2));
    assert_eq!(past.doubt().and_then(|doubt| doubt.rules), None);
    assert_eq!(change(&State::default(), &past), Some(Change::Found));
    let first = whole.as_known_on(jiff::civil::date(2026, 1, 1));
    assert_eq!(change(&first.state(), &past), Some(Change::ToBeConfirmed));
    assert_eq!(change(&first.state(), &whole), Some(Change::RulesChanged));
    let gone = History::of(&by_rules("F.a n.b n.b n.b n.b"), Confirm::default());
    assert_eq!(change(&gone.as_known_on(jiff::civil::date(2026, 1, 1)).state(), &gone), Some(Change::RulesChanged));
}

#[test]
fn an_observation_tells_first_last_strength_and_reason() {
    let history = History::of(&looks("u f Ff n n n n F"), Confirm::default());
    let [found, lost, again] = history.observations.as_slice() else { panic!("{history:?}") };
    assert_eq!((found.first_seen, found.known, found.last_confirmed), (at(2, 2), at(2, 2), at(3, 3)));
    assert_eq!((found.strength, found.reason), (Some(Strength::Proof), Reason::Proof), "the stronger of the day");
    assert_eq!(found.end, Some(Ending { until: at(4, 2), known: at(7, 2), why: Ended::LossConfirmed }));
    assert_eq!((lost.first_seen, lost.known, lost.last_confirmed), (at(4, 2), at(7, 2), at(7, 2)));
    assert_eq!((lost.strength, lost.reason), (None, Reason::CoverageComplete));
    assert_eq!(again.end, None);
    let [doubt] = history.doubts.as_slice() else { panic!("{history:?}") };
    assert_eq!(doubt.looks, [at(4, 2), at(5, 2), at(6, 2), at(7, 2)]);
    assert_eq!(doubt.end, Some((at(7, 2), Fate::Confirmed)));
    assert_eq!(
        history.silences,
        [Silence {
            reason: Reason::Fetch(FetchOutcome::ConnectTimeout),
            since: at(1, 2),
            last: at(1, 2),
            end: Some(at(2, 2))
        }]
    );
    assert_eq!(history.last_look(), Some(at(8, 2)));
}

/// Some looks a day, for some days.
fn any_days() -> impl Strategy<Value = Vec<Vec<char>>> {
    let code = prop::sample::select(vec!['F', 'f', 'm', 'n', 'n', 'n', 'u', 'b']);
    prop::collection::vec(prop::collection::vec(code, 0..4), 0..24)
}

fn of_days(days: &[Vec<char>]) -> Vec<Look> {
    let mut all = Vec::new();
    for (codes, on) in days.iter().zip(1..) {
        all.extend(codes.iter().zip(2..).map(|(code, hour)| look(*code, at(on, hour))));
    }
    all
}

/// An answer with the days on which it began and ended, and why.
type Answer = (Outcome, Date, Option<(Date, Ended)>);

/// What must not depend on how looks lie within a day: the answers, with the days on which they began and ended, and why.
fn by_day(history: &History) -> Vec<Answer> {
    let one = |one: &Observation| (one.outcome, day(one.first_seen), one.end.map(|end| (day(end.until), end.why)));
    history.observations.iter().map(one).collect()
}

proptest! {
    #[test]
    fn the_order_in_which_looks_are_handed_in_is_nothing(
        (given, shuffled) in any_days().prop_flat_map(|days| {
            let looks = of_days(&days);
            (Just(looks.clone()), Just(looks).prop_shuffle())
        })
    ) {
        let confirm = Confirm::default();
        prop_assert_eq!(History::of(&given, confirm), History::of(&shuffled, confirm));
    }

    #[test]
    fn the_order_of_a_days_looks_changes_no_answer(days in any_days(), hours in 0_u32..3) {
        // Whole days between days, so that the hour of a look cannot matter by itself.
        let confirm = Confirm { looks: 3, hours };
        let turned: Vec<Vec<char>> = days.iter().map(|codes| codes.iter().rev().copied().collect()).collect();
        let (one, other) = (History::of(&of_days(&days), confirm), History::of(&of_days(&turned), confirm));
        prop_assert_eq!(by_day(&one), by_day(&other));
    }

    #[test]
    fn the_same_look_again_on_its_day_is_nothing(days in any_days(), again in 0_usize..3) {
        let confirm = Confirm { looks: 3, hours: 2 };
        let more: Vec<Vec<char>> =
            days.iter().map(|codes| codes.iter().chain(codes.get(again)).copied().collect()).collect();
        let (one, other) = (History::of(&of_days(&days), confirm), History::of(&of_days(&more), confirm));
        prop_assert_eq!(by_day(&one), by_day(&other));
    }

    #[test]
    fn looks_that_could_not_tell_change_no_answer(days in any_days(), outages in prop::collection::vec(any::<bool>(), 24)) {
        let confirm = Confirm::default();
        let with: Vec<Vec<char>> = days
            .iter()
            .zip(outages)
            .map(|(codes, outage)| codes.iter().copied().chain(outage.then_some('u')).collect())
            .collect();
        let (one, other) = (History::of(&of_days(&days), confirm), History::of(&of_days(&with), confirm));
        prop_assert_eq!(one.observations, other.observations);
        prop_assert_eq!(one.doubts, other.doubts);
    }

    #[test]
    fn nothing_is_lost_without_its_days(days in any_days()) {
        let confirm = Confirm::default();
        let all = of_days(&days);
        for one in &History::of(&all, confirm).observations {
            let Some(end) = one.end.filter(|end| end.why == Ended::LossConfirmed) else { continue };
            let within = |look: &&Look| (day(end.until)..=day(end.known)).contains(&day(look.at));
            let told = all.iter().filter(within).filter(|look| look.outcome != Outcome::Undetermined);
            prop_assert!(told.clone().all(|look| look.outcome != Outcome::Found), "seen while it counted as missed");
            let mut on: Vec<Date> = told.map(|look| day(look.at)).collect();
            on.dedup();
            prop_assert!(on.len() >= 3);
            prop_assert!(end.known.duration_since(end.until) >= SignedDuration::from_hours(72));
        }
    }

    #[test]
    fn day_by_day_is_the_same_as_at_once(days in any_days()) {
        let confirm = Confirm::default();
        let mut history = History::default();
        for (codes, on) in days.iter().zip(1..) {
            let looks: Vec<Look> = codes.iter().zip(2..).map(|(code, hour)| look(*code, at(on, hour))).collect();
            if let Some(day) = Day::best(&looks) {
                history.add(day, confirm);
            }
        }
        prop_assert_eq!(history, History::of(&of_days(&days), confirm));
    }

    #[test]
    fn what_was_known_on_a_day_is_what_its_looks_come_to(days in any_days(), on in 1_i8..25) {
        let confirm = Confirm::default();
        let all = of_days(&days);
        let on = jiff::civil::date(2026, 1, on);
        let until: Vec<Look> = all.iter().filter(|look| day(look.at) <= on).copied().collect();
        let (then, past) = (History::of(&until, confirm), History::of(&all, confirm).as_known_on(on));
        let answers = |history: &History| {
            history.observations.iter().map(|one| (one.outcome, one.first_seen, one.known, one.end)).collect::<Vec<_>>()
        };
        prop_assert_eq!(answers(&then), answers(&past));
        let doubts = |history: &History| {
            history.doubts.iter().map(|one| (one.looks.clone(), one.end)).collect::<Vec<_>>()
        };
        prop_assert_eq!(doubts(&then), doubts(&past));
        let silences = |history: &History| history.silences.iter().map(|one| (one.since, one.end)).collect::<Vec<_>>();
        prop_assert_eq!(silences(&then), silences(&past));
    }
}
