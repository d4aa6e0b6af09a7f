//! robots.txt: our own reader and matcher, after RFC 9309.
//!
//! Bytes in, decisions out; no network, no clock. What the RFC leaves open is decided here, in one place:
//!
//! * **Limit.** [`MAX_BYTES`] are read (RFC 9309 section 2.5 asks for at least 500 KiB). A line that the limit cuts is
//!   dropped: half a path would forbid, or allow, more than was written.
//! * **Encodings.** A UTF-8 byte order mark is skipped, also when its last bytes are missing. UTF-16 with its mark is
//!   decoded. NUL bytes are dropped. Everything else is octets.
//! * **Lines** end in LF, CR or CRLF. What has no colon is not a record. Keys are compared without regard to case and
//!   without guessing at typing mistakes.
//! * **Agents.** The value of `User-agent` is cut at the first octet outside `[A-Za-z_-]` and compared whole and
//!   without regard to case, so that `riscontro/1.2` and `Riscontro bot` name us and `riscontro-images` does not. `*`,
//!   alone or before white space, is everybody else. All groups of one agent are one group, wherever they stand; who
//!   has a group of their own never falls back to the group of `*`, even when their own has no rules.
//! * **Records of others** (`Sitemap`, `Crawl-delay`, `Host`, unknown ones) neither end a run of `User-agent` lines nor
//!   a group. `Crawl-delay`, which the RFC does not know, counts for the agents of the run of `User-agent` lines right
//!   above it; of several values the largest is taken.
//! * **Paths.** A rule must begin with `/` or `*`; others (whole URLs, bare words) can never match a path and have no
//!   effect, and neither has an empty one. `/robots.txt` itself is always allowed. How octets are compared is told in
//!   `pattern`.
//! * **Cost.** A file costs at most [`MAX_BYTES`] of rules; one decision costs a bounded number of steps, past which
//!   the address counts as forbidden: a file made to burn time is not read in its author's favour.

mod pattern;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, time::Duration};

use url::Url;

use self::pattern::{Pattern, Subject};

/// Bytes of a robots.txt that are read: 500 KiB, the least that RFC 9309 (section 2.5) allows as a limit.
pub const MAX_BYTES: usize = 500 * 1024;

/// Sitemaps kept from one file.
pub const MAX_SITEMAPS: usize = 100;

/// Characters of a line that are kept to be shown.
const MAX_SHOWN: usize = 300;

/// The largest `Crawl-delay` that is told apart, in seconds; whoever waits caps it far lower.
const MAX_DELAY: f64 = 31_536_000.0;

/// How `*` is kept among the tokens: no product token can hold it.
const EVERYBODY: &str = "*";

/// What a robots.txt says of one address to one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// True when the address may be asked for.
    pub allowed: bool,
    /// The line that decided: its number, from 1, and its text (at most 300 characters). `None` when no rule matched.
    pub line: Option<(usize, String)>,
}

/// A robots.txt, read.
#[derive(Debug, Clone, Default)]
pub struct Robots {
    groups: Vec<Group>,
    sitemaps: Vec<Url>,
}

/// A run of `User-agent` lines and the rules under it.
#[derive(Debug, Clone, Default)]
struct Group {
    agents: Vec<Agent>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Agent {
    /// Lower-case product token, or [`EVERYBODY`]. Empty for a value that names nobody.
    token: Box<str>,
    delay: Option<Duration>,
}

#[derive(Debug, Clone)]
struct Rule {
    allow: bool,
    pattern: Pattern,
    line: u32,
    text: Box<str>,
}

impl Robots {
    /// Reads a file. Never fails: what is not a record is skipped, and a file without records allows everything.
    pub fn parse(bytes: &[u8]) -> Self {
        let text = decode(whole_lines(bytes));
        let mut reader = Reader::default();
        for (index, line) in lines(&text).enumerate() {
            reader.line(index + 1, line);
        }
        reader.robots
    }

    /// May `token` (a product token, or a whole agent string, which is cut as in the file) ask for this address?
    ///
    /// Path and query count; scheme, host and fragment do not. The longest matching rule decides, in octets of its
    /// compared form; between an `Allow` and a `Disallow` of the same length, `Allow` does.
    pub fn check(&self, token: &str, url: &Url) -> Decision {
        if url.path() == "/robots.txt" && url.query().is_none() {
            return Decision { allowed: true, line: None };
        }
        let subject = Subject::new(url);
        let mut steps = pattern::MAX_STEPS;
        let mut best: Option<&Rule> = None;
        for rule in self.groups_of(token).flat_map(|group| &group.rules) {
            let longer = best.is_none_or(|best| {
                let (new, old) = (rule.pattern.octets(), best.pattern.octets());
                new > old || (new == old && rule.allow && !best.allow)
            });
            if !longer {
                continue;
            }
            match rule.pattern.matches(&subject, &mut steps) {
                Some(true) => best = Some(rule),
                Some(false) => {}
                None => return Decision { allowed: false, line: Some(rule.shown()) },
            }
        }
        Decision { allowed: best.is_none_or(|rule| rule.allow), line: best.map(Rule::shown) }
    }

    /// The `Crawl-delay` of an agent's group: the largest of its values. Not capped to anything sensible; values that
    /// are not plain decimal numbers (a sign, a unit, a comma) are as if not written.
    pub fn crawl_delay(&self, token: &str) -> Option<Duration> {
        let token = self.chosen(token);
        self.groups
            .iter()
            .flat_map(|group| &group.agents)
            .filter(|agent| *agent.token == *token)
            .filter_map(|a| a.delay)
            .max()
    }

    /// The sitemaps named anywhere in the file: absolute http(s) addresses, without repeats, at most [`MAX_SITEMAPS`].
    pub fn sitemaps(&self) -> &[Url] {
        &self.sitemaps
    }

    /// Drops the groups that say nothing to this agent: what a cache of many files has no use for.
    pub(super) fn keep_only(&mut self, token: &str) {
        let token = self.chosen(token).into_owned();
        self.groups.retain(|group| group.names(&token));
        for group in &mut self.groups {
            group.agents.retain(|agent| *agent.token == *token);
            group.rules.shrink_to_fit();
        }
        self.groups.shrink_to_fit();
    }

    /// Roughly the memory it takes, in bytes.
    pub(super) fn weight(&self) -> usize {
        let rule = |rule: &Rule| 96 + rule.text.len() + rule.pattern.weight();
        let group = |group: &Group| 64 + group.agents.len() * 48 + group.rules.iter().map(rule).sum::<usize>();
        256 + self.groups.iter().map(group).sum::<usize>()
            + self.sitemaps.iter().map(|url| 96 + url.as_str().len()).sum::<usize>()
    }

    fn groups_of(&self, token: &str) -> impl Iterator<Item = &Group> {
        let token = self.chosen(token);
        self.groups.iter().filter(move |group| group.names(&token))
    }

    /// The token whose groups count for an agent: its own when a group names it, else everybody's.
    fn chosen(&self, agent: &str) -> Cow<'static, str> {
        let token = product_token(agent.as_bytes());
        if !token.is_empty() && self.groups.iter().any(|group| group.names(&token)) {
            Cow::Owned(token)
        } else {
            Cow::Borrowed(EVERYBODY)
        }
    }
}

impl Group {
    fn names(&self, token: &str) -> bool {
        self.agents.iter().any(|agent| *agent.token == *token)
    }
}

impl Rule {
    fn shown(&self) -> (usize, String) {
        (self.line as usize, self.text.to_string())
    }
}

/// The state between two lines.
#[derive(Default)]
struct Reader {
    robots: Robots,
    /// A rule stood in the current group: the next `User-agent` opens a new one.
    ruled: bool,
    /// Where, among the current group's agents, the latest run of `User-agent` lines begins.
    run: usize,
    /// A rule or a delay stood since the last `User-agent`: the next one begins a new run.
    interrupted: bool,
}

impl Reader {
    fn line(&mut self, number: usize, line: &[u8]) {
        let line: Cow<'_, [u8]> =
            if line.contains(&0) { line.iter().copied().filter(|byte| *byte != 0).collect() } else { line.into() };
        let line = trim(&line);
        let record = trim(line.split(|byte| *byte == b'#').next().unwrap_or_default());
        let Some(colon) = record.iter().position(|byte| *byte == b':') else { return };
        let (key, value) = (trim(&record[..colon]), trim(&record[colon + 1..]));
        match key.to_ascii_lowercase().as_slice() {
            b"user-agent" => self.agent(value),
            b"allow" => self.rule(true, number, value, line),
            b"disallow" => self.rule(false, number, value, line),
            b"crawl-delay" => self.delay(value),
            b"sitemap" => self.sitemap(value),
            _ => {}
        }
    }

    fn agent(&mut self, value: &[u8]) {
        if self.ruled || self.robots.groups.is_empty() {
            self.robots.groups.push(Group::default());
            (self.ruled, self.run) = (false, 0);
        }
        let Some(group) = self.robots.groups.last_mut() else { return };
        if self.interrupted {
            (self.interrupted, self.run) = (false, group.agents.len());
        }
        let everybody = value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace);
        let token = if everybody { EVERYBODY.into() } else { product_token(value).into() };
        group.agents.push(Agent { token, delay: None });
    }

    fn rule(&mut self, allow: bool, number: usize, value: &[u8], line: &[u8]) {
        // Rules above the first User-agent line belong to nobody.
        let Some(group) = self.robots.groups.last_mut() else { return };
        (self.ruled, self.interrupted) = (true, true);
        let Some(pattern) = Pattern::new(value) else { return };
        let text = String::from_utf8_lossy(line).chars().take(MAX_SHOWN).collect::<String>().into();
        group.rules.push(Rule { allow, pattern, line: u32::try_from(number).unwrap_or(u32::MAX), text });
    }

    fn delay(&mut self, value: &[u8]) {
        let Some(group) = self.robots.groups.last_mut() else { return };
        self.interrupted = true;
        let Some(delay) = seconds(value) else { return };
        for agent in group.agents.iter_mut().skip(self.run) {
            agent.delay = agent.delay.max(Some(delay));
        }
    }

    fn sitemap(&mut self, value: &[u8]) {
        if self.robots.sitemaps.len() == MAX_SITEMAPS {
            return;
        }
        let Some(url) = std::str::from_utf8(value).ok().and_then(|text| Url::parse(text).ok()) else { return };
        if matches!(url.scheme(), "http" | "https") && !self.robots.sitemaps.contains(&url) {
            self.robots.sitemaps.push(url);
        }
    }
}

/// The product token of an agent's name, lower case; empty when it begins with something else (`*`, a digit).
fn product_token(value: &[u8]) -> String {
    let letters = value.iter().take_while(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'));
    letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// A plain decimal number of seconds. Rust's own reader also takes signs, exponents, `inf` and `nan`.
fn seconds(value: &[u8]) -> Option<Duration> {
    if !value.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
        return None;
    }
    let number: f64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    Duration::try_from_secs_f64(number.min(MAX_DELAY)).ok()
}

/// The part of a file that is read: up to the limit, without a line that the limit cuts.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let Some(head) = bytes.get(..MAX_BYTES).filter(|_| bytes.len() > MAX_BYTES) else { return bytes };
    if bytes.get(MAX_BYTES).is_some_and(is_end) {
        return head;
    }
    let end = head.iter().rposition(is_end).map_or(0, |at| at + 1);
    &head[..end]
}

/// Takes the byte order mark off, and UTF-16 apart.
fn decode(bytes: &[u8]) -> Cow<'_, [u8]> {
    let utf16 = |encoding: &'static encoding_rs::Encoding, rest: &[u8]| {
        encoding.decode_without_bom_handling(rest).0.into_owned().into_bytes().into()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(encoding_rs::UTF_16LE, rest),
        [0xFE, 0xFF, rest @ ..] => utf16(encoding_rs::UTF_16BE, rest),
        [0xEF, 0xBB, 0xBF, rest @ ..] | [0xEF, 0xBB, rest @ ..] | [0xEF, rest @ ..] => rest.into(),
        _ => bytes.into(),
    }
}

/// Lines ended by LF, CR or CRLF; blank ones count, so that numbers are those an editor shows.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else { return rest.take() };
        let skip = if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
        rest = Some(&text[end + skip..]);
        Some(&text[..end])
    })
}

/// White space at both ends: ASCII's, and the no-break space and byte order mark that copying from a web page leaves.
fn trim(mut text: &[u8]) -> &[u8] {
    const WIDE: [&[u8]; 2] = [b"\xC2\xA0", b"\xEF\xBB\xBF"];
    let narrow = |byte: u8| byte.is_ascii_whitespace() || byte == 0x0B;
    loop {
        match text {
            [first, rest @ ..] if narrow(*first) => text = rest,
            [rest @ .., last] if narrow(*last) => text = rest,
            _ => {
                let cut = WIDE.iter().find_map(|wide| text.strip_prefix(*wide).or_else(|| text.strip_suffix(*wide)));
                let Some(rest) = cut else { return text };
                text = rest;
            }
        }
    }
}
