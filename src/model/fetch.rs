//! How a request ended. A failure is a value, not an error.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! outcomes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $class:ident;)+) => {
        /// How one fetch ended: a closed list with stable codes. New codes may be added, none changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum FetchOutcome {
            $($(#[doc = $doc])+ #[serde(rename = $code)] $name,)+
        }

        impl FetchOutcome {
            /// Every outcome, for tables and documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable kebab-case code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// What kind of answer it is.
            pub const fn class(self) -> OutcomeClass {
                match self { $(Self::$name => OutcomeClass::$class,)+ }
            }
        }
    };
}

/// What an outcome means for the question "is it there?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutcomeClass {
    /// The page was read.
    Read,
    /// The server says that there is no such page: the link is dead, and that is knowledge.
    Gone,
    /// We stopped on purpose where the proof is (a redirect to an identity provider).
    Stopped,
    /// Nothing can be concluded from it.
    Unknown,
}

outcomes! {
    /// The page was received whole.
    Ok = "ok", Read;
    /// Only the beginning was received or read: what is seen counts, what is not seen does not.
    Cut = "cut", Read;
    /// The next hop is an identity provider: recognised, and not followed.
    ProviderRedirect = "provider-redirect", Stopped;
    /// The next hop is a payment session of the national platform: recognised, and not followed.
    PaymentRedirect = "payment-redirect", Stopped;
    /// The name has no address, or the resolver failed or kept silent.
    Dns = "dns", Unknown;
    /// The server refused the connection.
    Refused = "refused", Unknown;
    /// No route to the server.
    Unreachable = "unreachable", Unknown;
    /// No connection within the limit.
    ConnectTimeout = "connect-timeout", Unknown;
    /// Connected, but no answer within the limit.
    FirstByteTimeout = "first-byte-timeout", Unknown;
    /// The whole request took longer than the limit.
    Timeout = "timeout", Unknown;
    /// The connection ended in the middle of the answer's head.
    Closed = "closed", Unknown;
    /// What came is not HTTP.
    Malformed = "malformed", Unknown;
    /// More header bytes or lines than the limit.
    HeadersTooLarge = "headers-too-large", Unknown;
    /// The certificate is past its end date.
    TlsExpired = "tls-expired", Unknown;
    /// The certificate's start date lies in the future.
    TlsNotYetValid = "tls-not-yet-valid", Unknown;
    /// The certificate names other hosts.
    TlsWrongName = "tls-wrong-name", Unknown;
    /// The certificate vouches for itself, or comes from a private authority.
    TlsSelfSigned = "tls-self-signed", Unknown;
    /// The server does not send the intermediate certificate.
    TlsMissingIntermediate = "tls-missing-intermediate", Unknown;
    /// The certificate is refused for another reason.
    TlsUntrusted = "tls-untrusted", Unknown;
    /// The server speaks only protocols or ciphers that are no longer safe.
    TlsLegacy = "tls-legacy", Unknown;
    /// The TLS handshake failed for another reason.
    TlsFailed = "tls-failed", Unknown;
    /// The body (or what it inflates to) is larger than the limit and its beginning was of no use.
    TooLarge = "too-large", Unknown;
    /// The body's encoding is unknown, stacked too deep or broken.
    Undecodable = "undecodable", Unknown;
    /// The redirects come back to where they were.
    RedirectLoop = "redirect-loop", Unknown;
    /// More redirects than the limit.
    TooManyRedirects = "too-many-redirects", Unknown;
    /// A redirect without a usable address.
    BadRedirect = "bad-redirect", Unknown;
    /// The address is not a public one: never dialled.
    AddressRefused = "address-refused", Unknown;
    /// The scheme is not http or https.
    SchemeRefused = "scheme-refused", Unknown;
    /// The port is not one of the short list.
    PortRefused = "port-refused", Unknown;
    /// Drawn in a browser, and still without anything to read.
    RenderEmpty = "render-empty", Unknown;
    /// Drawn in a browser, and not ready within its time.
    RenderTimeout = "render-timeout", Unknown;
    /// The page broke down in the browser, or took too much memory.
    RenderFailed = "render-failed", Unknown;
    /// robots.txt forbids the address to us.
    RobotsDenied = "robots-denied", Unknown;
    /// robots.txt could not be read, so the site is left alone.
    RobotsUnavailable = "robots-unavailable", Unknown;
    /// The host is on the opt-out list.
    OptedOut = "opted-out", Unknown;
    /// A firewall or bot filter answered in place of the site.
    Blocked = "blocked", Unknown;
    /// The answer asks for a proof that only a browser or a person can give.
    Challenge = "challenge", Unknown;
    /// The server asked us to slow down, and the wait is longer than the visit.
    RateLimited = "rate-limited", Unknown;
    /// The server answers with an error of its own (5xx).
    ServerError = "server-error", Unknown;
    /// The server refuses the page to us (401, 403, 451 and other 4xx).
    Forbidden = "forbidden", Unknown;
    /// The page does not exist (404, 410).
    NotFound = "http-not-found", Gone;
    /// The server answers 200 with a page that says "not found".
    Soft404 = "soft-404", Gone;
    /// The site says that it is under maintenance.
    Maintenance = "maintenance", Unknown;
    /// A parked domain or a hosting default page: not the comune's site.
    Parked = "parked", Unknown;
    /// The page is empty until a script runs.
    NeedsBrowser = "needs-browser", Unknown;
    /// Not a page: an image, an archive, a document.
    NotHtml = "not-html", Unknown;
    /// The visit's budget of requests or time was spent first.
    Budget = "budget", Unknown;
}

impl FetchOutcome {
    /// True for the faults of a server's certificate or TLS protocol.
    pub fn is_tls(self) -> bool {
        self.code().starts_with("tls-")
    }

    /// Finds the outcome of a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|outcome| outcome.code() == code)
    }
}

impl fmt::Display for FetchOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
