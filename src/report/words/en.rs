//! The English phrases.

use super::Words;
use crate::{
    config::Lang,
    model::{End, FetchOutcome, Outcome, PageKind, PageLabel, Platform, Proves, Reach, Reason, Strength},
    page::Cut,
};

pub(super) const WORDS: Words = Words {
    lang: Lang::En,
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    at: ", ",
    visit_of: "Visited on",
    title_one: "What the site offers",
    title_many: "What the sites offer",
    platform: "Platform",
    outcome_head: "Outcome",
    summary: "In short",
    evidence: "Evidence",
    why: "Why",
    page: "Page",
    control: "Control",
    excerpt: "Excerpt",
    leads_to: "Leads to",
    via: "Way",
    rule: "Rule",
    bytes: "Digest",
    advice_label: "To do",
    looked_at: "What was looked at",
    pages_read: "Pages read",
    login_page: "Login page",
    payment_page: "Payment page",
    refusals: "Not obtained",
    unread: "Not read",
    coverage: "Coverage",
    complete: "complete",
    incomplete: "incomplete: what was not seen may be there",
    ended: "End of the visit",
    requests: "Requests",
    within: "in",
    vendors: "Products",
    catalogue: "Rule catalogue",
    remarks: "Good to know",
    path: "The way the visit went",
    chosen_by: "Chosen by",
    link: "Link",
    result: "Result",
    drawn: "drawn in a browser",
    gave: "Says",
    gave_nothing: "nothing about the platforms",
    clicks: ["step from the start", "steps from the start"],
    left_unread: "Useful links left unread",
    none: "none",
    page_title: "Title",
    charset: "Charset",
    cut_label: "Read in part",
    signals: "Signals",
    no_signals: "No signal.",
    disclaimer: "This document says what is seen on the website, with evidence and date. The official outcome of the \
                 check belongs to the asseveratore, the appointed verifier.",
    made_by: "Made by riscontro",
    outcome,
    reason,
    advice,
    fetch,
    strength,
    proves,
    label,
    kind,
    end,
    reach,
    remark,
    cut,
    run: &super::run::EN,
    choice,
};

fn outcome(platform: Platform, outcome: Outcome) -> &'static str {
    match (outcome, platform) {
        (Outcome::Found, _) => "found",
        (Outcome::Mentioned, _) => "only mentioned",
        (Outcome::NotFound, Platform::Appio) => "not stated on the site",
        (Outcome::NotFound, _) => "not found",
        (Outcome::Undetermined, _) => "undetermined",
    }
}

fn reason(platform: Platform, reason: Reason) -> String {
    let sentence = match reason {
        Reason::Proof => "There is a proof that decides alone.",
        Reason::TwoStrong => "There are two strong signs of different kinds.",
        Reason::WordsOnly => "There are only words, logos or buttons that lead nowhere.",
        Reason::CoverageComplete => match platform {
            Platform::Spid | Platform::Cie | Platform::Eidas => "The login page was reached and read: it is not there.",
            Platform::Pagopa => "The payment page was reached and read: it is not there.",
            Platform::Appio => "The service pages were reached and read: it is not there.",
        },
        Reason::NotStated => {
            "The site does not say which services of the comune are on App IO; this proves nothing about the app."
        }
        Reason::OneStrong => "There is one strong sign, and nothing that confirms it.",
        Reason::TenantUnproven => "There is a strong sign that could not be tied to this comune.",
        Reason::TestEnvironment => "The site leads to a test or demonstration environment.",
        Reason::Contradicted => "The page says that it is not enabled, while other signs say the contrary.",
        Reason::LoginPageNotSeen => "No link to a login page was seen, so none was read.",
        Reason::PaymentPageNotSeen => "No link to a payment page was seen, so none was read.",
        Reason::PlatformNotNamed => {
            "A payment page was reached and read, but it does not say through which platform one pays."
        }
        Reason::BudgetSpent => "The visit spent its requests or its time before all useful pages were read.",
        Reason::LeftUnread => {
            "A link that could lead to the answer was not followed: too deep, one of too many alike, in an endless \
             round, or to somebody else's site."
        }
        Reason::ScriptedControl => {
            "There is a button that only works with JavaScript or by submitting a form: where it leads cannot be seen."
        }
        Reason::Interrupted => "The visit was interrupted.",
        Reason::Fetch(outcome) => {
            return format!("A page that could hold the answer was not read: {}.", fetch(outcome));
        }
    };
    sentence.to_owned()
}

fn advice(platform: Platform, outcome: Outcome, reason: Reason) -> Option<&'static str> {
    if outcome == Outcome::Found {
        return None;
    }
    if outcome == Outcome::NotFound || outcome == Outcome::Mentioned {
        return Some(match platform {
            Platform::Spid => {
                "If login with SPID is active, link it from the login page with the button \u{201c}Entra con SPID\u{201d}."
            }
            Platform::Cie => {
                "If login with CIE is active, link it from the login page with the button \u{201c}Entra con CIE\u{201d}."
            }
            Platform::Pagopa => {
                "If payments go through pagoPA, link them from the payment page and from the service sheets."
            }
            Platform::Appio => {
                "State on the service sheets which services are on App IO. What is on the app is told by the list of \
                 services of IO, not by the site."
            }
            Platform::Eidas => "If login with eIDAS is active, link it from the login page.",
        });
    }
    Some(match reason {
        Reason::Proof | Reason::TwoStrong | Reason::CoverageComplete | Reason::WordsOnly | Reason::OneStrong => {
            "Open the page named here and check by hand."
        }
        Reason::NotStated => "Look the comune up in the list of services of IO.",
        Reason::TenantUnproven => {
            "Check by hand that the page named here is this comune's; giving the comune's codes helps."
        }
        Reason::TestEnvironment => "Make the link lead to the live environment.",
        Reason::Contradicted => "Take the statement that no longer holds off the site, and repeat the visit.",
        Reason::LoginPageNotSeen => {
            "Put the link to the personal area into the site's header; if there is one, give its address."
        }
        Reason::PaymentPageNotSeen => {
            "Link the payment page from the start page or from the services page; if there is one, give its address."
        }
        Reason::PlatformNotNamed => {
            "Say on the payment page that one pays through pagoPA, and link it with the body's code."
        }
        Reason::BudgetSpent | Reason::Fetch(FetchOutcome::Budget) => {
            "Repeat the visit with more requests (--max-requests) or more time (--max-time)."
        }
        Reason::LeftUnread => {
            "Open the unread links by hand. A link from the start page to the login or the payments makes them verifiable."
        }
        Reason::ScriptedControl
        | Reason::Fetch(
            FetchOutcome::NeedsBrowser
            | FetchOutcome::RenderEmpty
            | FetchOutcome::RenderTimeout
            | FetchOutcome::RenderFailed,
        ) => "Look at the page with a browser. A link that works without JavaScript makes it verifiable.",
        Reason::Interrupted => "Repeat the visit.",
        Reason::Fetch(outcome) => match outcome {
            FetchOutcome::Dns => "Check the address of the site; if it is right, repeat the visit later.",
            FetchOutcome::TlsExpired
            | FetchOutcome::TlsNotYetValid
            | FetchOutcome::TlsWrongName
            | FetchOutcome::TlsSelfSigned
            | FetchOutcome::TlsMissingIntermediate
            | FetchOutcome::TlsUntrusted => "Put the server's certificate right, then repeat the visit.",
            FetchOutcome::TlsLegacy | FetchOutcome::TlsFailed => {
                "Update the server's TLS (1.2 or 1.3), then repeat the visit."
            }
            FetchOutcome::RobotsDenied => {
                "Open the page in robots.txt. Who runs the site may look past it with --own-site."
            }
            FetchOutcome::RobotsUnavailable => "Make the site's robots.txt readable, then repeat the visit.",
            FetchOutcome::OptedOut => "Check by hand: the site's owner asked not to be visited.",
            FetchOutcome::Blocked | FetchOutcome::Challenge | FetchOutcome::Forbidden => {
                "Ask who runs the server to let riscontro through, or check by hand."
            }
            FetchOutcome::RateLimited => "Repeat the visit later, with a larger --delay.",
            FetchOutcome::Refused
            | FetchOutcome::Unreachable
            | FetchOutcome::ConnectTimeout
            | FetchOutcome::FirstByteTimeout
            | FetchOutcome::Timeout
            | FetchOutcome::Closed
            | FetchOutcome::Malformed
            | FetchOutcome::ServerError
            | FetchOutcome::Maintenance => "Repeat the visit later.",
            FetchOutcome::HeadersTooLarge
            | FetchOutcome::TooLarge
            | FetchOutcome::Undecodable
            | FetchOutcome::RedirectLoop
            | FetchOutcome::TooManyRedirects
            | FetchOutcome::BadRedirect => "Put the server's answer right, then repeat the visit.",
            FetchOutcome::AddressRefused | FetchOutcome::SchemeRefused | FetchOutcome::PortRefused => {
                "Put the link right: it must lead to a public address, over https."
            }
            FetchOutcome::Parked => "Check the address of the site: the domain is not in use.",
            FetchOutcome::NotFound | FetchOutcome::Soft404 => {
                "Put the link right: it leads to a page that does not exist."
            }
            FetchOutcome::Ok
            | FetchOutcome::Cut
            | FetchOutcome::ProviderRedirect
            | FetchOutcome::PaymentRedirect
            | FetchOutcome::NotHtml => "Open the page named here and check by hand.",
            FetchOutcome::NeedsBrowser
            | FetchOutcome::RenderEmpty
            | FetchOutcome::RenderTimeout
            | FetchOutcome::RenderFailed
            | FetchOutcome::Budget => "Check by hand.",
        },
    })
}

fn fetch(outcome: FetchOutcome) -> &'static str {
    match outcome {
        FetchOutcome::Ok => "read",
        FetchOutcome::Cut => "read only in part",
        FetchOutcome::ProviderRedirect => "leads to an identity provider: recognised, not followed",
        FetchOutcome::PaymentRedirect => "leads to a pagoPA payment: recognised, not followed",
        FetchOutcome::Dns => "the site's name has no address, or DNS does not answer",
        FetchOutcome::Refused => "the server refuses the connection",
        FetchOutcome::Unreachable => "the server cannot be reached",
        FetchOutcome::ConnectTimeout => "the server does not accept the connection in time",
        FetchOutcome::FirstByteTimeout => "the server does not answer in time",
        FetchOutcome::Timeout => "the answer takes too long",
        FetchOutcome::Closed => "the server closes the connection half-way",
        FetchOutcome::Malformed => "the answer is not HTTP",
        FetchOutcome::HeadersTooLarge => "the answer's headers are too large",
        FetchOutcome::TlsExpired => "the certificate has expired",
        FetchOutcome::TlsNotYetValid => "the certificate is not valid yet",
        FetchOutcome::TlsWrongName => "the certificate names another host",
        FetchOutcome::TlsSelfSigned => "the certificate is self-signed or of a private authority",
        FetchOutcome::TlsMissingIntermediate => "the intermediate certificate is missing",
        FetchOutcome::TlsUntrusted => "the certificate is not trusted",
        FetchOutcome::TlsLegacy => "the server speaks only TLS protocols that are no longer safe",
        FetchOutcome::TlsFailed => "the TLS handshake does not succeed",
        FetchOutcome::TooLarge => "the page is too large",
        FetchOutcome::Undecodable => "the answer's encoding cannot be read",
        FetchOutcome::RedirectLoop => "the redirects go round in circles",
        FetchOutcome::TooManyRedirects => "there are too many redirects",
        FetchOutcome::BadRedirect => "the redirect has no valid address",
        FetchOutcome::AddressRefused => "the address is not a public one, so it was not contacted",
        FetchOutcome::SchemeRefused => "the address is neither http nor https",
        FetchOutcome::PortRefused => "the port is not one of those allowed",
        FetchOutcome::RobotsDenied => "robots.txt forbids it",
        FetchOutcome::RobotsUnavailable => "robots.txt cannot be read, so the site was left alone",
        FetchOutcome::OptedOut => "the site's owner asked not to be visited",
        FetchOutcome::Blocked => "a firewall or a filter answers in place of the site",
        FetchOutcome::Challenge => "the site asks for a proof that only a browser or a person can give",
        FetchOutcome::RateLimited => "the server asks to slow down for longer than the visit lasts",
        FetchOutcome::ServerError => "the server answers with an error of its own (5xx)",
        FetchOutcome::Forbidden => "the server denies access (4xx)",
        FetchOutcome::NotFound => "the page does not exist (404)",
        FetchOutcome::Soft404 => "the page says that it does not exist, though it answers 200",
        FetchOutcome::Maintenance => "the site is under maintenance",
        FetchOutcome::Parked => "the domain is parked, or shows the host's default page",
        FetchOutcome::NeedsBrowser => "the page is empty without JavaScript",
        FetchOutcome::RenderEmpty => "the page stays empty when drawn in a browser",
        FetchOutcome::RenderTimeout => "the page is not drawn within its time",
        FetchOutcome::RenderFailed => "the page breaks down in the browser",
        FetchOutcome::NotHtml => "it is not a page but a file of another kind",
        FetchOutcome::Budget => "the visit had already spent its requests or its time",
    }
}

fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Counter => "sign to the contrary",
        Strength::Weak => "weak sign",
        Strength::Strong => "strong sign",
        Strength::Proof => "proof",
    }
}

fn proves(proves: Proves) -> &'static str {
    match proves {
        Proves::Login => "login",
        Proves::Payment => "payment",
        Proves::Service => "service on the app",
        Proves::LoginPage => "way to the login",
        Proves::PaymentPage => "way to the payment",
        Proves::ServicesPage => "way to the services",
        Proves::Mention => "mention",
        Proves::Vendor => "product of a vendor",
        Proves::StaffLogin => "login for the staff",
        Proves::TestEnvironment => "test environment",
        Proves::Blocked => "blocking page",
        Proves::Challenge => "anti-robot challenge",
        Proves::Maintenance => "maintenance",
        Proves::Parked => "parked domain",
        Proves::Soft404 => "page that does not exist",
        Proves::ScriptShell => "page that is empty without JavaScript",
    }
}

fn label(label: PageLabel) -> &'static str {
    match label {
        PageLabel::Absent => "absent",
        PageLabel::Mentioned => "mentioned",
        PageLabel::Leads => "the page leads to where it probably is",
        PageLabel::Offered => "offered",
    }
}

fn kind(kind: PageKind, count: u32) -> String {
    let name = match kind {
        PageKind::Home => "start",
        PageKind::Login => "login",
        PageKind::Payment => "payment",
        PageKind::Services => "services",
        PageKind::Other => "other",
    };
    format!("{count} {name}")
}

fn end(end: End) -> &'static str {
    match end {
        End::Decided => "every platform is decided",
        End::Exhausted => "nothing useful was left to read",
        End::Requests => "requests spent",
        End::Time => "time spent",
        End::Unreached => "the start page was not read",
        End::Interrupted => "interrupted",
    }
}

fn reach(reach: Reach) -> String {
    match reach {
        Reach::Read => "reached and read".to_owned(),
        Reach::Failed(outcome) => format!("seen but not read: {}", fetch(outcome)),
        Reach::Unread => "seen and not read yet".to_owned(),
        Reach::LeftUnread => "seen and left aside".to_owned(),
        Reach::NotSeen => "no link seen".to_owned(),
    }
}

fn remark(code: &str) -> Option<&'static str> {
    Some(match code {
        "evidence-cut" => "Part of what the site sent was too much to be kept as evidence.",
        "own-site" => {
            "The site's robots.txt was read but not applied, because who runs the site asked for it (--own-site)."
        }
        "proxy" => {
            "Requests went through a proxy: the servers' addresses are unknown, and only the pace per host holds."
        }
        "internal-error" => "The visit broke off through a fault of the program: please report it.",
        "visit-limit" => "The visit took longer than allowed.",
        "plain-http" => {
            "The site answers without https: who sits on the network can read and change what the citizen sees."
        }
        "test-environment" => "The site leads to a test or demonstration environment.",
        _ => return None,
    })
}

fn cut(cut: Cut) -> &'static str {
    match cut {
        Cut::Body => "only the beginning arrived",
        Cut::Depth => "elements nested too deep",
        Cut::Attributes => "an element with too many attributes",
        Cut::Size => "too many elements or too much text",
        Cut::Controls => "too many links and buttons",
        Cut::Cpu => "reading time spent",
    }
}

fn choice(code: &str) -> Option<&'static str> {
    match code {
        "start" => Some("start of the visit"),
        "fallback" => Some("attempt at another address"),
        "alternate-language" => Some("other language version of the start page"),
        _ => None,
    }
}
