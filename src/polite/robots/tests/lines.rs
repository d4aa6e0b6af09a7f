//! How lines are read: ends, blanks, comments, keys, bytes that are not text.

use super::{Case, hold};

#[test]
fn lines() {
    hold(CASES);
}

const HTML: &[u8] = b"<!doctype html>\n<html lang=\"it\"><head><title>Pagina non trovata</title>\n<style>a:hover{color:red}</style>\n</head><body>disallow: / <a href=\"https://x.it/\">x</a></body></html>";
const HTML_LINES: &[u8] = b"<html><body><pre>\nUser-agent: *\nDisallow: /x\n</pre></body></html>";
const MIXED: &[u8] =
    b"User-agent: altro\rDisallow: /\r\n\r\nUser-agent: *\nDisallow: /a\rDisallow: /b\r\nDisallow: /c\n\rDisallow: /d";
const UTF16LE: &[u8] = b"\xFF\xFEU\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0*\0\n\0D\0i\0s\0a\0l\0l\0o\0w\0:\0/\0x\0\n\0";
const UTF16BE: &[u8] = b"\xFE\xFF\0U\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0*\0\n\0D\0i\0s\0a\0l\0l\0o\0w\0:\0/\0x\0\n";

pub(super) const CASES: &[Case] = &[
    // Line ends, also none at the end of the file.
    (b"User-agent: *\nDisallow: /x", "riscontro", "/x", false),
    (b"User-agent: *\r\nDisallow: /x\r\n", "riscontro", "/x", false),
    (b"User-agent: *\rDisallow: /x\r", "riscontro", "/x", false),
    (b"User-agent: *\r\rDisallow: /x", "riscontro", "/x", false),
    (b"User-agent: *\n\rDisallow: /x", "riscontro", "/x", false),
    (b"\n\n\nUser-agent: *\nDisallow: /x\n\n\n", "riscontro", "/x", false),
    (MIXED, "riscontro", "/a", false),
    (MIXED, "riscontro", "/b", false),
    (MIXED, "riscontro", "/c", false),
    (MIXED, "riscontro", "/d", false),
    (MIXED, "riscontro", "/e", true),
    // No line ends: vertical tab, form feed, Unicode's.
    (b"User-agent: *\x0bDisallow: /x", "riscontro", "/x", true),
    ("User-agent: *\u{2028}Disallow: /x".as_bytes(), "riscontro", "/x", true),
    // Blanks round keys, colons and values.
    (b"User-agent:*\nDisallow:/x\n", "riscontro", "/x", false),
    (b"  User-agent  :  *  \n\tDisallow\t:\t/x\t\n", "riscontro", "/x", false),
    (b"User-agent: *\n   \t Disallow: /x\n", "riscontro", "/x", false),
    ("User-agent:\u{a0}*\nDisallow:\u{a0}/x\u{a0}\n".as_bytes(), "riscontro", "/x", false),
    (b"User-agent: *\nDisallow: /x   \n", "riscontro", "/x", false),
    (b"User-agent: *\nDisallow: /x   \n", "riscontro", "/xy", false),
    (b"User-agent: *\nDisallow:   \n", "riscontro", "/x", true),
    // Blanks inside a path are octets of it.
    (b"User-agent: *\nDisallow: /a b\n", "riscontro", "/a%20b", false),
    (b"User-agent: *\nDisallow: /a b\n", "riscontro", "/a b", false),
    (b"User-agent: *\nDisallow: /a b\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /a /b\n", "riscontro", "/b", true),
    // Keys.
    (b"user-agent: *\ndisallow: /x\n", "riscontro", "/x", false),
    (b"USER-AGENT: *\nDISALLOW: /x\n", "riscontro", "/x", false),
    (b"uSeR-aGeNt: *\ndIsAlLoW: /x\naLLow: /x/y\n", "riscontro", "/x/y", true),
    (b"User agent: *\nDisallow: /x\n", "riscontro", "/x", true),
    (b"Useragent: *\nDisallow: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisalow: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nDis allow: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nX-Disallow: /x\n", "riscontro", "/x", true),
    // Without a colon it is no record.
    (b"User-agent *\nDisallow: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisallow /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisallow\nDisallow: /y\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisallow\nDisallow: /y\n", "riscontro", "/y", false),
    (b"User-agent: *\n: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisallow:: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisallow: /x:y\n", "riscontro", "/x:y", false),
    (b"User-agent: *\nDisallow: /x:y\n", "riscontro", "/x", true),
    // Comments.
    (b"# solo\n# commenti: due\n", "riscontro", "/x", true),
    (b"#User-agent: *\n#Disallow: /\n", "riscontro", "/x", true),
    (b"User-agent: * # tutti\nDisallow: /x # chiuso\n", "riscontro", "/x", false),
    (b"User-agent: *\nDisallow: /x#y\n", "riscontro", "/xz", false),
    (b"User-agent: *\nDisallow: # tutto\n", "riscontro", "/x", true),
    (b"User-agent: *\nDisallow #: /x\n", "riscontro", "/x", true),
    (b"User-agent: *\n# Allow: /x\nDisallow: /x\n", "riscontro", "/x", false),
    (b"User-agent: *\nDisallow: /x%23y\n", "riscontro", "/x%23y", false),
    (b"User-agent: *\nDisallow: /x%23y\n", "riscontro", "/x", true),
    // Byte order marks, whole and not, and where files were glued together.
    (b"\xEF\xBB\xBFUser-agent: *\nDisallow: /x\n", "riscontro", "/x", false),
    (b"\xEF\xBBUser-agent: *\nDisallow: /x\n", "riscontro", "/x", false),
    (b"\xEFUser-agent: *\nDisallow: /x\n", "riscontro", "/x", false),
    (b"\xEF\xBB\xBF\xEF\xBB\xBFUser-agent: *\nDisallow: /x\n", "riscontro", "/x", false),
    (b"# a\n\xEF\xBB\xBFUser-agent: *\nDisallow: /x\n", "riscontro", "/x", false),
    (b"\xEF\x11\xBFUser-agent: *\nDisallow: /x\n", "riscontro", "/x", true),
    (b"\xBB\xBFUser-agent: *\nDisallow: /x\n", "riscontro", "/x", true),
    (b"\xEF\xBB\xBF", "riscontro", "/x", true),
    (UTF16LE, "riscontro", "/x", false),
    (UTF16LE, "riscontro", "/y", true),
    (UTF16BE, "riscontro", "/x", false),
    (b"\xFF\xFE", "riscontro", "/x", true),
    (b"\xFF\xFEU", "riscontro", "/x", true),
    // NUL bytes and other dirt.
    (b"User-agent: *\0\nDisallow: /x\0\n", "riscontro", "/x", false),
    (b"U\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0 \0*\0\n\0D\0i\0s\0a\0l\0l\0o\0w\0:\0 \0/\0x\0\n\0", "riscontro", "/x", false),
    (b"\0\0\0\0", "riscontro", "/x", true),
    (b"\x7fELF\x02\x01\x01:\xff\xff\xff", "riscontro", "/x", true),
    (b"User-agent: *\n\xff\xff\xff: /\nDisallow: /x\n", "riscontro", "/x", false),
    // A page instead of the file: no rules, unless the rules stand in it line by line.
    (HTML, "riscontro", "/x", true),
    (HTML_LINES, "riscontro", "/x", false),
    (HTML_LINES, "riscontro", "/y", true),
    (b"{\"user-agent\": \"*\", \"disallow\": \"/\"}", "riscontro", "/x", true),
];
