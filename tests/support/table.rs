//! The figures of a measurement, as a table for people and as numbers for a test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display},
};

use super::{
    comuni::Expect,
    measure::{Answered, Measured},
};

/// Nearest-rank figures of a list of counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spread {
    /// How many there are.
    pub count: usize,
    /// Half are at most this.
    pub median: usize,
    /// Nine of ten are at most this.
    pub p90: usize,
    /// The largest.
    pub max: usize,
}

impl Spread {
    /// The figures of these counts; all zero for none.
    pub fn of(counts: impl IntoIterator<Item = usize>) -> Self {
        let mut counts: Vec<usize> = counts.into_iter().collect();
        counts.sort_unstable();
        let rank = |percent: usize| {
            counts.get((counts.len() * percent).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { count: counts.len(), median: rank(50), p90: rank(90), max: rank(100) }
    }
}

impl Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} | {} | {} | {}", self.count, self.median, self.p90, self.max)
    }
}

/// The platforms in the order of the table, with their names.
pub const PLATFORMS: [(&str, &str); 4] = [("spid", "SPID"), ("cie", "CIE"), ("pagopa", "pagoPA"), ("appio", "App IO")];

/// What a measurement says.
#[derive(Debug)]
pub struct Table<'a>(pub &'a [Measured]);

impl<'a> Table<'a> {
    /// Every answer with its visit, of one platform or of all.
    fn answers(&self, platform: Option<&'a str>) -> impl Iterator<Item = (&'a Measured, &'a Answered)> {
        let own = move |answered: &&Answered| platform.is_none_or(|platform| answered.platform == platform);
        self.0.iter().flat_map(move |one| one.answers.iter().filter(own).map(move |answered| (one, answered)))
    }

    /// What is truly there: how often it is, and how often it was found.
    pub fn found(&self, platform: Option<&'a str>) -> (usize, usize) {
        let there: Vec<_> = self.answers(platform).filter(|(_, answered)| answered.expected == Expect::Found).collect();
        (there.len(), there.iter().filter(|(_, answered)| answered.outcome == "found").count())
    }

    /// Answers that say a way in is there when it is not.
    pub fn wrong_found(&self, platform: Option<&'a str>) -> Vec<String> {
        let wrong = |answered: &Answered| answered.outcome == "found" && answered.expected != Expect::Found;
        self.answers(platform).filter(|(_, answered)| wrong(answered)).map(named).collect()
    }

    /// Answers that say a way in is not there when it is, or when nobody could know.
    pub fn wrong_absent(&self, platform: Option<&'a str>) -> Vec<String> {
        let wrong = |answered: &Answered| {
            matches!(answered.outcome.as_str(), "not-found" | "mentioned")
                && !answered.expected.accepts(&answered.outcome, &answered.reason)
        };
        self.answers(platform).filter(|(_, answered)| wrong(answered)).map(named).collect()
    }

    /// Requests sent until the evidence of each `found` was complete.
    pub fn until(&self, platform: Option<&'a str>) -> Spread {
        Spread::of(self.answers(platform).filter_map(|(_, answered)| answered.until))
    }

    /// Requests of whole visits, of decided sites or of all.
    pub fn visits(&self, decided: bool) -> Spread {
        Spread::of(self.0.iter().filter(|one| !decided || one.is_decided()).map(|one| one.requests.len()))
    }

    /// Found and there, and requests until found, of the ways at this depth.
    fn at_depth(&self, depth: u8) -> (usize, usize, Spread) {
        let deep = |one: &Measured, platform: &str| match platform {
            "spid" | "cie" => one.comune.depth.0 == depth,
            "pagopa" => one.comune.depth.1 == depth,
            _ => false,
        };
        let there: Vec<_> = self
            .answers(None)
            .filter(|(one, answered)| answered.expected == Expect::Found && deep(one, answered.platform))
            .collect();
        let found = there.iter().filter(|(_, answered)| answered.outcome == "found").count();
        (there.len(), found, Spread::of(there.iter().filter_map(|(_, answered)| answered.until)))
    }

    fn undetermined(&self) -> BTreeMap<&str, [usize; 4]> {
        let mut reasons: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
        for (column, (platform, _)) in PLATFORMS.iter().enumerate() {
            for (_, answered) in self.answers(Some(platform)).filter(|(_, answered)| answered.outcome == "undetermined")
            {
                reasons.entry(&answered.reason).or_default()[column] += 1;
            }
        }
        reasons
    }
}

fn named((one, answered): (&Measured, &Answered)) -> String {
    format!("{} {}: {} ({})", one.comune.name, answered.platform, answered.outcome, answered.reason)
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: BTreeSet<&str> =
            self.0.iter().flat_map(|one| one.requests.iter().map(|entry| entry.host.as_str())).collect();
        let sent: usize = self.0.iter().map(|one| one.requests.len()).sum();
        let own: usize = self.0.iter().map(|one| one.own_count).sum();
        let decided = self.0.iter().filter(|one| one.is_decided()).count();
        let number = self.0.len();
        let offers = |one: &&Measured| one.answers.iter().any(|answered| answered.expected == Expect::Found);
        let offering = self.0.iter().filter(offers).count();
        let open = number - decided;
        writeln!(
            f,
            "{number} comuni, {offering} with a way in and {} without; {} hosts asked.",
            number - offering,
            hosts.len()
        )?;
        writeln!(f, "{decided} sites are decided, {open} are not.")?;
        writeln!(f, "{sent} requests arrived at the local web; the product counts {own}.")?;

        writeln!(f, "\n## Truth\n")?;
        writeln!(f, "| Platform | Truly there | Found | Share | Wrong found | Wrong not-found |")?;
        writeln!(f, "|---|---|---|---|---|---|")?;
        for (platform, name) in PLATFORMS.map(|(code, name)| (Some(code), name)).into_iter().chain([(None, "all")]) {
            let (there, found) = self.found(platform);
            let (wrong, absent) = (self.wrong_found(platform).len(), self.wrong_absent(platform).len());
            let share = (found * 1000).checked_div(there).unwrap_or(1000);
            writeln!(f, "| {name} | {there} | {found} | {}.{}% | {wrong} | {absent} |", share / 10, share % 10)?;
        }

        writeln!(f, "\n## Requests until found\n")?;
        writeln!(f, "| Platform | Found | Median | 90th percentile | Most |\n|---|---|---|---|---|")?;
        for (platform, name) in PLATFORMS.map(|(code, name)| (Some(code), name)).into_iter().chain([(None, "all")]) {
            writeln!(f, "| {name} | {} |", self.until(platform))?;
        }

        writeln!(f, "\n## Requests of a whole visit\n")?;
        writeln!(f, "| Visits | Number | Median | 90th percentile | Most |\n|---|---|---|---|---|")?;
        writeln!(f, "| to decided sites | {} |", self.visits(true))?;
        writeln!(f, "| to all sites | {} |", self.visits(false))?;

        writeln!(f, "\n## By depth of the way in\n")?;
        writeln!(f, "| Clicks | Truly there | Found | Median | 90th percentile | Most |\n|---|---|---|---|---|---|")?;
        for depth in 1..=4 {
            let (there, found, Spread { median, p90, max, .. }) = self.at_depth(depth);
            writeln!(f, "| {depth} | {there} | {found} | {median} | {p90} | {max} |")?;
        }

        writeln!(f, "\n## Undetermined, by reason\n")?;
        writeln!(f, "| Reason | SPID | CIE | pagoPA | App IO |\n|---|---|---|---|---|")?;
        for (reason, [spid, cie, pagopa, appio]) in self.undetermined() {
            writeln!(f, "| `{reason}` | {spid} | {cie} | {pagopa} | {appio} |")?;
        }

        let missed: Vec<String> = self
            .answers(None)
            .filter(|(_, answered)| answered.expected == Expect::Found && answered.outcome != "found")
            .map(named)
            .collect();
        writeln!(f, "\n## Truly there and not found\n")?;
        if missed.is_empty() {
            writeln!(f, "None.")?;
        }
        missed.iter().try_for_each(|line| writeln!(f, "- {line}"))?;

        let drawn: Vec<usize> = self.0.iter().map(|one| one.rendered).filter(|pages| *pages > 0).collect();
        writeln!(f, "\n## Rendering\n")?;
        if drawn.is_empty() {
            writeln!(f, "Measured without a browser.")
        } else {
            writeln!(
                f,
                "{} of {number} sites needed a browser, for {} pages.",
                drawn.len(),
                drawn.iter().sum::<usize>()
            )
        }
    }
}
