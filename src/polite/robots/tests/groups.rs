//! Who is meant: agents, groups, merging.

use super::{Case, hold};

#[test]
fn groups() {
    hold(CASES);
}

const TWO: &[u8] = b"User-agent: altro\nDisallow: /\n\nUser-agent: *\nDisallow: /chiuso\n";
const OWN: &[u8] = b"User-agent: *\nDisallow: /\n\nUser-agent: riscontro\nDisallow: /chiuso\n";
const OWN_FIRST: &[u8] = b"User-agent: riscontro\nDisallow: /chiuso\n\nUser-agent: *\nDisallow: /\n";
const SHARED: &[u8] = b"User-agent: uno\nUser-agent: due\nUser-agent: riscontro\nDisallow: /x\nAllow: /x/y\n";
const SPLIT: &[u8] =
    b"User-agent: riscontro\nDisallow: /a\n\nUser-agent: altro\nDisallow: /b\n\nUser-agent: riscontro\nDisallow: /c\n";
const SPLIT_ALL: &[u8] =
    b"User-agent: *\nDisallow: /a\n\nUser-agent: altro\nDisallow: /b\n\nUser-agent: *\nDisallow: /c\n";
const MERGED: &[u8] = b"User-agent: riscontro\nDisallow: /a/\n\nUser-agent: RISCONTRO\nAllow: /a/b\n";
const BARE: &[u8] = b"User-agent: *\nDisallow: /\n\nUser-agent: riscontro\n";
const BARE_FIRST: &[u8] = b"User-agent: riscontro\n\nUser-agent: *\nDisallow: /\n";
const BETWEEN: &[u8] =
    b"User-agent: riscontro\nSitemap: https://x.it/s.xml\nCrawl-delay: 2\nHost: x.it\nPippo: pluto\n\n# e\nUser-agent: altro\nDisallow: /x\n";
const INSIDE: &[u8] =
    b"User-agent: *\nDisallow: /a\nSitemap: https://x.it/s.xml\nDisallow: /b\nNoindex: /c\nDisallow: /d\n";
const EARLY: &[u8] = b"Disallow: /\nAllow: /x\n\nUser-agent: *\nDisallow: /y\n";

pub(super) const CASES: &[Case] = &[
    // Nobody, somebody else, everybody.
    (b"", "riscontro", "/", true),
    (b"User-agent: altro\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: *\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: *\nDisallow: /\n", "riscontro", "/a/b?c", false),
    (b"User-agent: *\n", "riscontro", "/", true),
    (b"Disallow: /\n", "riscontro", "/", true),
    (TWO, "riscontro", "/", true),
    (TWO, "riscontro", "/chiuso", false),
    (TWO, "altro", "/aperto", false),
    // A group of one's own alone counts, in whatever order.
    (OWN, "riscontro", "/", true),
    (OWN, "riscontro", "/chiuso", false),
    (OWN, "altro", "/", false),
    (OWN_FIRST, "riscontro", "/", true),
    (OWN_FIRST, "riscontro", "/chiuso", false),
    (OWN_FIRST, "altro", "/", false),
    // Also when it has no rules, and at the end of the file.
    (BARE, "riscontro", "/", true),
    (BARE, "altro", "/", false),
    // ... but one without rules in the middle shares those of the next: nothing stands between the two lines.
    (BARE_FIRST, "riscontro", "/", false),
    (BARE_FIRST, "altro", "/", false),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: riscontro\nDisallow:\n", "riscontro", "/", true),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: riscontro\nAllow:\n", "riscontro", "/", true),
    (b"User-agent: *\nDisallow: /\n\nUser-agent: riscontro\nCrawl-delay: 1\n", "riscontro", "/", true),
    (b"User-agent: riscontro\nDisallow:\n\nUser-agent: *\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: riscontro\nDisallow: parole\n\nUser-agent: *\nDisallow: /\n", "riscontro", "/", true),
    // Several agents, one group.
    (SHARED, "riscontro", "/x", false),
    (SHARED, "uno", "/x", false),
    (SHARED, "due", "/x/z", false),
    (SHARED, "due", "/x/y", true),
    (SHARED, "tre", "/x", true),
    (b"User-agent: altro\n\n\n# niente\nUser-agent: riscontro\n\nDisallow: /x\n", "altro", "/x", false),
    (b"User-agent: altro\n\n\n# niente\nUser-agent: riscontro\n\nDisallow: /x\n", "riscontro", "/x", false),
    (b"User-agent: altro\nUser-agent: *\nDisallow: /x\n", "riscontro", "/x", false),
    (b"User-agent: *\nUser-agent: riscontro\nDisallow: /x\n\nUser-agent: *\nDisallow: /y\n", "riscontro", "/y", true),
    (b"User-agent: *\nUser-agent: riscontro\nDisallow: /x\n\nUser-agent: *\nDisallow: /y\n", "altro", "/y", false),
    // One agent, several groups.
    (SPLIT, "riscontro", "/a", false),
    (SPLIT, "riscontro", "/b", true),
    (SPLIT, "riscontro", "/c", false),
    (SPLIT, "altro", "/c", true),
    (SPLIT_ALL, "riscontro", "/a", false),
    (SPLIT_ALL, "riscontro", "/b", true),
    (SPLIT_ALL, "riscontro", "/c", false),
    (SPLIT_ALL, "altro", "/c", true),
    (MERGED, "riscontro", "/a/", false),
    (MERGED, "riscontro", "/a/b", true),
    (MERGED, "riscontro", "/a/bc", true),
    // Rules end a run of agents; blank lines end nothing.
    (b"User-agent: altro\nDisallow: /x\nUser-agent: riscontro\nDisallow: /y\n", "riscontro", "/x", true),
    (b"User-agent: altro\nDisallow: /x\nUser-agent: riscontro\nDisallow: /y\n", "altro", "/y", true),
    (b"User-agent: altro\nDisallow:\nUser-agent: riscontro\nDisallow: /y\n", "altro", "/y", true),
    (b"User-agent: *\n\n\nDisallow: /x\n\n\nDisallow: /y\n", "riscontro", "/y", false),
    // Records of others end neither.
    (BETWEEN, "riscontro", "/x", false),
    (BETWEEN, "altro", "/x", false),
    (INSIDE, "riscontro", "/a", false),
    (INSIDE, "riscontro", "/b", false),
    (INSIDE, "riscontro", "/c", true),
    (INSIDE, "riscontro", "/d", false),
    // Rules before any agent are nobody's.
    (EARLY, "riscontro", "/x", true),
    (EARLY, "riscontro", "/z", true),
    (EARLY, "riscontro", "/y", false),
    // The product token: case, versions, words after it.
    (b"User-agent: RiScOnTrO\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: riscontro/1.2\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: riscontro/*\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: Riscontro bot\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: riscontro, altro\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: riscontro (+https://x.it)\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: riscontro2\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: riscontro/1.2\nDisallow: /\n", "riscontro/0.1 (+mailto:a@b.it)", "/", false),
    (b"User-agent: un_bot-vero\nDisallow: /\n", "un_bot-vero", "/", false),
    (b"User-agent: un_bot\nDisallow: /\n", "un_bot-vero", "/", true),
    // Whole, not by its beginning or its end.
    (b"User-agent: riscontro-images\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: riscontrobot\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: riscont\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: altro riscontro\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: Mozilla/5.0 (compatible; riscontro/1.2)\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: \"riscontro\"\nDisallow: /\n", "riscontro", "/", true),
    // Everybody.
    (b"User-agent: * \nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: * tutti\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: *\ttutti\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: *# tutti\nDisallow: /\n", "riscontro", "/", false),
    (b"User-agent: *bot\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: **\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: r*\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent:\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: 360\nDisallow: /\n", "riscontro", "/", true),
    (b"User-agent: 360\nDisallow: /\n", "360", "/", true),
    // An agent without a name still ends the rules above it.
    (b"User-agent: *\nDisallow: /x\nUser-agent:\nDisallow: /y\n", "riscontro", "/y", true),
    // Agents that are nobody's are everybody.
    (b"User-agent: *\nDisallow: /\n", "", "/", false),
    (b"User-agent: *\nDisallow: /\n", "123", "/", false),
];
