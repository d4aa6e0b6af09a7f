//! Where a visit starts: the address given, then its `www.` and scheme relatives when the fault allows it.

use url::{Host, Url};

use crate::model::{FetchOutcome, Target};

/// How far an attempt got: an answer, however bad, says more than a failed connection.
pub(super) fn rank(outcome: FetchOutcome) -> u8 {
    match outcome {
        FetchOutcome::Dns => 0,
        FetchOutcome::Refused | FetchOutcome::Unreachable | FetchOutcome::ConnectTimeout => 1,
        _ if outcome.is_tls() => 3,
        // A robots.txt out of reach says less than the fault that another name of the site met on the way to it.
        FetchOutcome::RobotsUnavailable
        | FetchOutcome::FirstByteTimeout
        | FetchOutcome::Timeout
        | FetchOutcome::Closed
        | FetchOutcome::Malformed => 2,
        _ => 4,
    }
}

/// True when another scheme or host name may do better: nothing of the site itself was heard.
pub(super) fn may_fall_back(outcome: FetchOutcome) -> bool {
    rank(outcome) < 4 && outcome != FetchOutcome::RobotsUnavailable
}

/// The addresses to try, in order. The list holds at most four.
pub(super) fn candidates(target: &Target) -> Vec<Url> {
    let mut list = vec![target.url.clone()];
    let mut add = |url: Option<Url>| {
        if let Some(url) = url
            && !list.contains(&url)
        {
            list.push(url);
        }
    };
    let other = toggle_www(&target.url);
    let plain = |url: &Url| switch_scheme(url, if url.scheme() == "https" { "http" } else { "https" });
    add(other.clone());
    add(plain(&target.url));
    add(other.as_ref().and_then(plain));
    list
}

/// True when `next` may do better than the faults seen so far.
pub(super) fn worth(next: &Url, tried: &[(Url, FetchOutcome)]) -> bool {
    tried.iter().all(|(url, outcome)| {
        // A name without an address has none under the other scheme either.
        !(*outcome == FetchOutcome::Dns && url.host() == next.host())
    }) && tried.last().is_none_or(|(_, outcome)| may_fall_back(*outcome))
}

fn toggle_www(url: &Url) -> Option<Url> {
    let Some(Host::Domain(host)) = url.host() else { return None };
    let other = match host.strip_prefix("www.") {
        Some(bare) if bare.contains('.') => bare.to_owned(),
        Some(_) => return None,
        None => format!("www.{host}"),
    };
    let mut toggled = url.clone();
    toggled.set_host(Some(&other)).ok()?;
    Some(toggled)
}

fn switch_scheme(url: &Url, scheme: &str) -> Option<Url> {
    if url.port().is_some() {
        return None;
    }
    let mut switched = url.clone();
    switched.set_scheme(scheme).ok()?;
    Some(switched)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::model::Comune;

    fn urls(start: &str) -> Vec<String> {
        let target = Target { url: Url::parse(start).unwrap(), scheme_guessed: true, comune: Comune::default() };
        candidates(&target).iter().map(Url::to_string).collect()
    }

    #[test]
    fn schemes_and_www_are_tried_from_the_given_address_outwards() {
        assert_eq!(
            urls("https://www.comune.x.it/"),
            ["https://www.comune.x.it/", "https://comune.x.it/", "http://www.comune.x.it/", "http://comune.x.it/"]
        );
        assert_eq!(urls("https://192.0.2.1/"), ["https://192.0.2.1/", "http://192.0.2.1/"]);
        assert_eq!(urls("https://x.it:8443/"), ["https://x.it:8443/", "https://www.x.it:8443/"]);
    }

    #[test]
    fn a_dead_name_is_not_asked_twice_and_an_answer_ends_the_search() {
        let url = |text: &str| Url::parse(text).unwrap();
        let dead = [(url("https://x.it/"), FetchOutcome::Dns)];
        assert!(worth(&url("https://www.x.it/"), &dead));
        assert!(!worth(&url("http://x.it/"), &dead));
        let closed = [(url("https://x.it/"), FetchOutcome::TlsExpired)];
        assert!(worth(&url("http://x.it/"), &closed));
        for outcome in [
            FetchOutcome::RobotsDenied,
            FetchOutcome::RobotsUnavailable,
            FetchOutcome::Blocked,
            FetchOutcome::ServerError,
        ] {
            assert!(!worth(&url("http://x.it/"), &[(url("https://x.it/"), outcome)]));
        }
    }
}
