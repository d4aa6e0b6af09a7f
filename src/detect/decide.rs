//! What a whole visit saw, to one finding per platform.

use crate::model::{FetchOutcome, Finding, Outcome, OutcomeClass, Platform, Proves, Reach, Reason, Signal, Strength};

/// Signals kept with a finding.
const KEPT: usize = 20;

/// Focus from which a link counts as a way to a place: below it, that it could not be read says nothing.
pub const COUNTS: u8 = 60;

/// What a visit saw, as far as decisions depend on it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// All signals of all pages.
    pub signals: Vec<Signal>,
    /// How the start page ended: [`FetchOutcome::Ok`] when it was read whole.
    pub home: FetchOutcome,
    /// The page where a citizen logs in.
    pub login: Reach,
    /// The page where a citizen pays.
    pub payment: Reach,
    /// The pages where services are listed.
    pub services: Reach,
    /// Platforms with a control that only a script can lead anywhere: their button, or the way to their page.
    pub scripted: Vec<Platform>,
    /// A payment page was read on a portal, or with a form or a button, that does not name its platform.
    pub unnamed_payment: bool,
    /// The visit was stopped from outside.
    pub interrupted: bool,
}

/// Decides one platform.
pub fn decide(platform: Platform, seen: &Seen) -> Finding {
    let mut signals: Vec<&Signal> = seen.signals.iter().filter(|signal| signal.platform == Some(platform)).collect();
    // Strongest first, ties broken by what counts for this comune, then by what is a way in.
    signals.sort_by_key(|signal| {
        std::cmp::Reverse((signal.strength, signal.tied, signal.proves.is_offer(), signal.proves.is_lead()))
    });
    let (outcome, reason) = outcome(platform, seen, &signals);
    let mut kept: Vec<Signal> = Vec::new();
    for signal in &signals {
        let known = kept.iter().any(|k| k.rule == signal.rule && k.target == signal.target && k.label == signal.label);
        if !known && kept.len() < KEPT {
            kept.push((*signal).clone());
        }
    }
    Finding { platform, outcome, strength: kept.first().map(|signal| signal.strength), reason, signals: kept }
}

fn outcome(platform: Platform, seen: &Seen, signals: &[&Signal]) -> (Outcome, Reason) {
    // Pages that lead to a test environment, and to no production one: their buttons are the test's.
    let proof_on = |page: &url::Url| signals.iter().any(|s| s.strength == Strength::Proof && s.url == *page);
    let rehearsal: Vec<&url::Url> = signals
        .iter()
        .filter(|signal| signal.proves == Proves::TestEnvironment && !proof_on(&signal.url))
        .map(|signal| &signal.url)
        .collect();
    // Addresses of test environments: what is seen there, or on the way through there, is a test whatever it shows.
    let stage: Vec<&url::Url> = signals
        .iter()
        .filter(|signal| signal.proves == Proves::TestEnvironment)
        .filter_map(|signal| signal.target.as_ref())
        .collect();
    let staged = |signal: &Signal| stage.iter().any(|url| **url == signal.url || signal.chain.contains(url));
    let offers: Vec<&&Signal> = signals
        .iter()
        .filter(|signal| signal.proves.is_offer() && !staged(signal) && !rehearses(signal, &rehearsal))
        .collect();
    let contradicted = signals.iter().any(|signal| signal.strength == Strength::Counter && signal.tied);
    // A declaration is published before the door opens: a page that says "not yet" is believed against it.
    let decides = |signal: &Signal| signal.tied && !(contradicted && declared(signal));
    if offers.iter().any(|signal| signal.strength == Strength::Proof && decides(signal)) {
        return (Outcome::Found, Reason::Proof);
    }
    let strong: Vec<&&&Signal> = offers.iter().filter(|signal| signal.strength >= Strength::Strong).collect();
    if !contradicted && confirmed(&strong) {
        return (Outcome::Found, Reason::TwoStrong);
    }
    if seen.interrupted {
        return (Outcome::Undetermined, Reason::Interrupted);
    }
    if seen.home.class() == OutcomeClass::Unknown || seen.home.class() == OutcomeClass::Gone {
        return (Outcome::Undetermined, Reason::Fetch(seen.home));
    }
    if !strong.is_empty() {
        let reason = if contradicted {
            Reason::Contradicted
        } else if strong.iter().any(|signal| signal.tied) {
            Reason::OneStrong
        } else {
            Reason::TenantUnproven
        };
        return (Outcome::Undetermined, reason);
    }
    // A test on the live site is a work in progress: a person has to ask, whatever else was read.
    if signals.iter().any(|signal| signal.proves == Proves::TestEnvironment) {
        return (Outcome::Undetermined, Reason::TestEnvironment);
    }
    if let Some(reason) = uncovered(platform, seen) {
        return (Outcome::Undetermined, reason);
    }
    let words = signals.iter().any(|signal| {
        signal.strength == Strength::Weak && (signal.proves == Proves::Mention || signal.proves.is_offer())
    });
    match (words, platform) {
        (true, _) => (Outcome::Mentioned, Reason::WordsOnly),
        (false, Platform::Appio) => (Outcome::NotFound, Reason::NotStated),
        (false, _) => (Outcome::NotFound, Reason::CoverageComplete),
    }
}

/// True for metadata, which declares a service and is no way in by itself.
fn declared(signal: &Signal) -> bool {
    signal.kind == "metadata"
}

/// True for what stands on such a page, for the button that leads to it, and for metadata: it is published for the test.
fn rehearses(signal: &Signal, rehearsal: &[&url::Url]) -> bool {
    if declared(signal) {
        return !rehearsal.is_empty();
    }
    rehearsal.iter().any(|page| **page == signal.url || signal.target.as_ref() == Some(*page))
}

/// Two tied strong signals of different kinds that are two facts: what two rules say of one and the same element (a
/// button's class and its label) is one.
fn confirmed(strong: &[&&&Signal]) -> bool {
    let tied: Vec<&&&&Signal> = strong.iter().filter(|signal| signal.tied).collect();
    tied.iter().enumerate().any(|(index, one)| {
        tied[index + 1..]
            .iter()
            .any(|other| one.kind != other.kind && (one.url != other.url || one.selector != other.selector))
    })
}

/// What keeps us from saying that the platform is not there. `None` when the places where it would be were read.
fn uncovered(platform: Platform, seen: &Seen) -> Option<Reason> {
    if seen.home == FetchOutcome::Cut {
        return Some(Reason::Fetch(FetchOutcome::Cut));
    }
    if platform == Platform::Pagopa && seen.payment == Reach::Read && seen.unnamed_payment {
        // The brand rules let a payment button leave the platform unsaid: such a page proves neither way. It says more
        // than that its button needs a script, as most do.
        return Some(Reason::PlatformNotNamed);
    }
    if seen.scripted.contains(&platform) {
        return Some(Reason::ScriptedControl);
    }
    let (place, not_seen) = match platform {
        Platform::Spid | Platform::Cie | Platform::Eidas => (seen.login, Reason::LoginPageNotSeen),
        Platform::Pagopa => (seen.payment, Reason::PaymentPageNotSeen),
        // The app's services stand anywhere or nowhere: the start page and the list of services are enough to say
        // that the site does not state them, which proves nothing about the app.
        Platform::Appio => {
            return match seen.services {
                Reach::Failed(outcome) => Some(Reason::Fetch(outcome)),
                Reach::Unread => Some(Reason::BudgetSpent),
                Reach::LeftUnread => Some(Reason::LeftUnread),
                Reach::Read | Reach::NotSeen => None,
            };
        }
    };
    match place {
        Reach::Read => None,
        Reach::Unread | Reach::Failed(FetchOutcome::Budget) => Some(Reason::BudgetSpent),
        Reach::LeftUnread => Some(Reason::LeftUnread),
        Reach::Failed(outcome) => Some(Reason::Fetch(outcome)),
        Reach::NotSeen => Some(not_seen),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot unwrap should fail")]

    use jiff::Timestamp;
    use url::Url;

    use super::*;

    fn strong(kind: &str, page: &str, selector: &str) -> Signal {
        Signal {
            rule: format!("spid.{kind}"),
            catalogue: "1".to_owned(),
            platform: Some(Platform::Spid),
            proves: Proves::Login,
            strength: Strength::Strong,
            kind: kind.to_owned(),
            url: Url::parse(page).unwrap(),
            chain: Vec::new(),
            selector: selector.to_owned(),
            excerpt: String::new(),
            label: None,
            target: None,
            tenant: None,
            tied: true,
            sha256: String::new(),
            fetched: Timestamp::UNIX_EPOCH,
        }
    }

    fn seen(signals: Vec<Signal>) -> Seen {
        Seen {
            signals,
            home: FetchOutcome::Ok,
            login: Reach::Read,
            payment: Reach::Read,
            services: Reach::Read,
            scripted: Vec::new(),
            unnamed_payment: false,
            interrupted: false,
        }
    }

    fn answer(signals: Vec<Signal>) -> (Outcome, Reason) {
        let finding = decide(Platform::Spid, &seen(signals));
        (finding.outcome, finding.reason)
    }

    const HOME: &str = "https://www.comune.esempio.it/";
    const LOGIN: &str = "https://www.comune.esempio.it/accesso";

    #[test]
    fn what_two_rules_say_of_one_button_is_one_fact() {
        let one = vec![strong("control", LOGIN, "a.button-spid"), strong("element", LOGIN, "a.button-spid")];
        assert_eq!(answer(one), (Outcome::Undetermined, Reason::OneStrong));
        let two = vec![strong("control", LOGIN, "a.button-spid"), strong("element", LOGIN, "ul > li")];
        assert_eq!(answer(two), (Outcome::Found, Reason::TwoStrong));
        let pages = vec![strong("control", HOME, "a.x"), strong("element", LOGIN, "a.x")];
        assert_eq!(answer(pages), (Outcome::Found, Reason::TwoStrong));
    }

    #[test]
    fn two_of_one_kind_or_of_somebody_else_do_not_decide() {
        let kind = vec![strong("control", HOME, "a"), strong("control", LOGIN, "b")];
        assert_eq!(answer(kind), (Outcome::Undetermined, Reason::OneStrong));
        let foreign = Signal { tied: false, ..strong("element", LOGIN, "li") };
        assert_eq!(
            answer(vec![strong("control", HOME, "a"), foreign.clone()]),
            (Outcome::Undetermined, Reason::OneStrong)
        );
        assert_eq!(answer(vec![foreign]), (Outcome::Undetermined, Reason::TenantUnproven));
    }

    #[test]
    fn a_page_that_says_the_login_is_off_stands_against_two_strong_signs() {
        let counter = Signal { strength: Strength::Counter, proves: Proves::Mention, ..strong("text", LOGIN, "text") };
        let signals = vec![strong("control", HOME, "a"), strong("element", LOGIN, "li"), counter];
        assert_eq!(answer(signals), (Outcome::Undetermined, Reason::Contradicted));
    }

    #[test]
    fn a_proof_behind_a_link_to_a_test_environment_is_the_tests() {
        let hub = Url::parse("https://starttest.esempio.it/hub").unwrap();
        let test = Signal {
            strength: Strength::Weak,
            proves: Proves::TestEnvironment,
            target: Some(hub.clone()),
            ..strong("control", HOME, "a")
        };
        let proof = Signal { strength: Strength::Proof, ..strong("element", hub.as_str(), "li") };
        let further =
            Signal { chain: vec![hub], ..Signal { strength: Strength::Proof, ..strong("redirect", LOGIN, "x") } };
        let live = Signal { strength: Strength::Proof, ..strong("element", LOGIN, "li") };
        let rehearsed = (Outcome::Undetermined, Reason::TestEnvironment);
        assert_eq!(answer(vec![test.clone(), proof.clone()]), rehearsed);
        assert_eq!(answer(vec![test.clone(), further]), rehearsed);
        assert_eq!(answer(vec![test, proof, live]), (Outcome::Found, Reason::Proof), "a live door beside it is live");
    }

    #[test]
    fn metadata_proves_unless_the_site_says_that_it_is_not_open_yet() {
        let declared = Signal {
            strength: Strength::Proof,
            ..strong("metadata", "https://portale.example/spid-metadata.xml", "metadata")
        };
        let page = "https://www.comune.esempio.it/accedi";
        let counter = Signal { strength: Strength::Counter, proves: Proves::Mention, ..strong("text", page, "text") };
        let test = Signal { strength: Strength::Weak, proves: Proves::TestEnvironment, ..strong("control", page, "a") };
        let door = Signal { strength: Strength::Proof, ..strong("redirect", page, "redirect") };
        let found = (Outcome::Found, Reason::Proof);
        for (signals, expected) in [
            (vec![declared.clone()], found),
            (vec![declared.clone(), counter.clone()], (Outcome::Undetermined, Reason::Contradicted)),
            (vec![declared.clone(), test.clone()], (Outcome::Undetermined, Reason::TestEnvironment)),
            (vec![declared.clone(), counter, door.clone()], found),
            (vec![declared, test, door], found),
        ] {
            assert_eq!(answer(signals.clone()), expected, "{signals:#?}");
        }
    }

    type Change = fn(&mut Seen);

    #[test]
    fn absence_needs_the_whole_start_page_and_the_place() {
        let without = |change: fn(&mut Seen)| {
            let mut seen = seen(Vec::new());
            change(&mut seen);
            let finding = decide(Platform::Spid, &seen);
            (finding.outcome, finding.reason)
        };
        assert_eq!(without(|_| ()), (Outcome::NotFound, Reason::CoverageComplete));
        let cases: [(Change, Reason); 7] = [
            (|seen| seen.home = FetchOutcome::Cut, Reason::Fetch(FetchOutcome::Cut)),
            (|seen| seen.home = FetchOutcome::Timeout, Reason::Fetch(FetchOutcome::Timeout)),
            (|seen| seen.login = Reach::NotSeen, Reason::LoginPageNotSeen),
            (|seen| seen.login = Reach::Unread, Reason::BudgetSpent),
            (|seen| seen.login = Reach::LeftUnread, Reason::LeftUnread),
            (|seen| seen.scripted = vec![Platform::Spid], Reason::ScriptedControl),
            (|seen| seen.interrupted = true, Reason::Interrupted),
        ];
        for (change, reason) in cases {
            assert_eq!(without(change), (Outcome::Undetermined, reason));
        }
    }

    #[test]
    fn of_two_reasons_the_one_that_says_more_is_told() {
        let reason = |payment, unnamed, scripted: &[Platform]| {
            let seen = Seen {
                payment,
                unnamed_payment: unnamed,
                scripted: scripted.to_vec(),
                services: Reach::LeftUnread,
                ..seen(Vec::new())
            };
            (decide(Platform::Pagopa, &seen).reason, decide(Platform::Appio, &seen).reason)
        };
        let tile = &[Platform::Pagopa][..];
        assert_eq!(reason(Reach::Read, true, tile), (Reason::PlatformNotNamed, Reason::LeftUnread));
        assert_eq!(reason(Reach::Read, false, tile).0, Reason::ScriptedControl);
        assert_eq!(reason(Reach::LeftUnread, true, tile).0, Reason::ScriptedControl);
        assert_eq!(reason(Reach::LeftUnread, true, &[]).0, Reason::LeftUnread);
        assert_eq!(reason(Reach::Read, false, &[]).0, Reason::CoverageComplete);
    }
}
