//! Percent-encoding, reserved octets, letters outside ASCII.

use super::{Case, hold};

#[test]
fn octets() {
    hold(CASES);
}

pub(super) const CASES: &[Case] = &[
    // Unreserved octets are the same however they are written.
    (b"User-agent: *\nDisallow: /~mario\n", "riscontro", "/%7Emario", false),
    (b"User-agent: *\nDisallow: /%7Emario\n", "riscontro", "/~mario", false),
    (b"User-agent: *\nDisallow: /%7emario\n", "riscontro", "/%7Emario", false),
    (b"User-agent: *\nDisallow: /foo/bar/%62%61%7A\n", "riscontro", "/foo/bar/baz", false),
    (b"User-agent: *\nDisallow: /foo/bar/baz\n", "riscontro", "/foo/bar/%62%61%7A", false),
    (b"User-agent: *\nDisallow: /a%2Db\n", "riscontro", "/a-b", false),
    (b"User-agent: *\nDisallow: /a.b\n", "riscontro", "/a%2Eb", false),
    (b"User-agent: *\nDisallow: /%41\n", "riscontro", "/a", true),
    // Letters outside ASCII: raw UTF-8, percent letters of either case.
    ("User-agent: *\nDisallow: /città\n".as_bytes(), "riscontro", "/città", false),
    ("User-agent: *\nDisallow: /città\n".as_bytes(), "riscontro", "/citt%C3%A0", false),
    ("User-agent: *\nDisallow: /città\n".as_bytes(), "riscontro", "/citt%c3%a0", false),
    (b"User-agent: *\nDisallow: /citt%C3%A0\n", "riscontro", "/città", false),
    (b"User-agent: *\nDisallow: /citt%c3%a0\n", "riscontro", "/citt%C3%A0", false),
    ("User-agent: *\nDisallow: /città\n".as_bytes(), "riscontro", "/citta", true),
    ("User-agent: *\nDisallow: /foo/bar/ツ\n".as_bytes(), "riscontro", "/foo/bar/%E3%83%84", false),
    (b"User-agent: *\nDisallow: /foo/bar/%E3%83%84\n", "riscontro", "/foo/bar/ツ", false),
    ("User-agent: *\nDisallow: /*?nome=é\n".as_bytes(), "riscontro", "/a?nome=%C3%A9", false),
    ("User-agent: *\nDisallow: /è*à$\n".as_bytes(), "riscontro", "/è-più-libertà", false),
    // Octets are octets: Latin-1 is not UTF-8, and no letters are composed.
    (b"User-agent: *\nDisallow: /citt\xE0\n", "riscontro", "/citt%E0", false),
    (b"User-agent: *\nDisallow: /citt\xE0\n", "riscontro", "/citt%C3%A0", true),
    ("User-agent: *\nDisallow: /e\u{301}\n".as_bytes(), "riscontro", "/é", true),
    // Half a letter is a beginning too.
    (b"User-agent: *\nDisallow: /citt%C3\n", "riscontro", "/città", false),
    // %2F is not a slash, %3F not the beginning of a query.
    (b"User-agent: *\nDisallow: /a%2Fb\n", "riscontro", "/a/b", true),
    (b"User-agent: *\nDisallow: /a%2Fb\n", "riscontro", "/a%2Fb", false),
    (b"User-agent: *\nDisallow: /a%2fb\n", "riscontro", "/a%2Fb", false),
    (b"User-agent: *\nDisallow: /a/b\n", "riscontro", "/a%2Fb", true),
    (b"User-agent: *\nDisallow: /a/b\n", "riscontro", "/a%2fb", true),
    (b"User-agent: *\nDisallow: /a%3Fb\n", "riscontro", "/a?b", true),
    (b"User-agent: *\nDisallow: /a%3Fb\n", "riscontro", "/a%3Fb", false),
    (b"User-agent: *\nDisallow: /a?b\n", "riscontro", "/a%3Fb", true),
    (b"User-agent: *\nDisallow: %2Fa\n", "riscontro", "/a", true),
    // Inside a query both are mere octets (the RFC's own example).
    (b"User-agent: *\nDisallow: /foo/bar?baz=https://foo.bar\n", "riscontro", "/foo/bar?baz=https://foo.bar", false),
    (
        b"User-agent: *\nDisallow: /foo/bar?baz=https://foo.bar\n",
        "riscontro",
        "/foo/bar?baz=https%3A%2F%2Ffoo.bar",
        false,
    ),
    (
        b"User-agent: *\nDisallow: /foo/bar?baz=https%3a%2f%2ffoo.bar\n",
        "riscontro",
        "/foo/bar?baz=https://foo.bar",
        false,
    ),
    (b"User-agent: *\nDisallow: /*https://\n", "riscontro", "/a?u=https%3A%2F%2Fx", false),
    (b"User-agent: *\nDisallow: /*https%3A%2F%2F\n", "riscontro", "/a?u=https://x", false),
    (b"User-agent: *\nDisallow: /*?*?\n", "riscontro", "/a?b%3Fc", false),
    (b"User-agent: *\nDisallow: /a/b\n", "riscontro", "/a?/b", true),
    // Other reserved octets are the same written out and encoded.
    (b"User-agent: *\nDisallow: /a:b\n", "riscontro", "/a%3Ab", false),
    (b"User-agent: *\nDisallow: /a%3Ab\n", "riscontro", "/a:b", false),
    (b"User-agent: *\nDisallow: /a(1)\n", "riscontro", "/a%281%29", false),
    (b"User-agent: *\nDisallow: /@@x\n", "riscontro", "/%40%40x", false),
    // Operators only when written out.
    (b"User-agent: *\nDisallow: /a-%2A.html\n", "riscontro", "/a-*.html", false),
    (b"User-agent: *\nDisallow: /a-%2A.html\n", "riscontro", "/a-%2A.html", false),
    (b"User-agent: *\nDisallow: /a-%2A.html\n", "riscontro", "/a-x.html", true),
    (b"User-agent: *\nDisallow: /a-%2a.html\n", "riscontro", "/a-xx.html", true),
    (b"User-agent: *\nDisallow: /a-%24\n", "riscontro", "/a-$", false),
    (b"User-agent: *\nDisallow: /a-%24\n", "riscontro", "/a-%24", false),
    (b"User-agent: *\nDisallow: /a-%24\n", "riscontro", "/a-", true),
    (b"User-agent: *\nDisallow: /a-%24\n", "riscontro", "/a-$b", false),
    (b"User-agent: *\nDisallow: /a-%24$\n", "riscontro", "/a-$b", true),
    (b"User-agent: *\nDisallow: %2A\n", "riscontro", "/a", true),
    // Percent signs that encode nothing, and that encode themselves.
    (b"User-agent: *\nDisallow: /100%\n", "riscontro", "/100%", false),
    (b"User-agent: *\nDisallow: /100%\n", "riscontro", "/100%25", false),
    (b"User-agent: *\nDisallow: /a%zz\n", "riscontro", "/a%zz", false),
    (b"User-agent: *\nDisallow: /a%2\n", "riscontro", "/a%2", false),
    (b"User-agent: *\nDisallow: /a%2\n", "riscontro", "/a/", true),
    (b"User-agent: *\nDisallow: /a%252Fb\n", "riscontro", "/a%252Fb", false),
    (b"User-agent: *\nDisallow: /a%252Fb\n", "riscontro", "/a%2Fb", true),
    // Octets that no URL holds as themselves.
    (b"User-agent: *\nDisallow: /<a>\n", "riscontro", "/%3Ca%3E", false),
    (b"User-agent: *\nDisallow: /a\"b\n", "riscontro", "/a%22b", false),
    (b"User-agent: *\nDisallow: /{a}|b\n", "riscontro", "/%7Ba%7D%7Cb", false),
    // The longest is measured in the compared form, not as written.
    (b"User-agent: *\nAllow: /ab\nDisallow: /%61\n", "riscontro", "/ab", true),
    ("User-agent: *\nAllow: /è\nDisallow: /%C3%A8\n".as_bytes(), "riscontro", "/è", true),
    ("User-agent: *\nDisallow: /èa\nAllow: /%C3%A8\n".as_bytes(), "riscontro", "/èa", false),
    ("User-agent: *\nDisallow: /è\nAllow: /????*\n".as_bytes(), "riscontro", "/è", false),
];
