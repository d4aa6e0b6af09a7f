//! What a path matches: beginnings, the longest rule, `*`, `$`, queries.

use super::{Case, hold};

#[test]
fn paths() {
    hold(CASES);
}

const LONGEST: &[u8] =
    b"User-agent: *\nDisallow: /\nAllow: /servizi\nDisallow: /servizi/interni\nAllow: /servizi/interni/orari.html\n";
const REVERSED: &[u8] =
    b"User-agent: *\nAllow: /servizi/interni/orari.html\nDisallow: /servizi/interni\nAllow: /servizi\nDisallow: /\n";
const HOME: &[u8] = b"User-agent: *\nDisallow: /\nAllow: /$\n";
const PHP: &[u8] = b"User-agent: *\nDisallow: /*.php\n";
const PHP_END: &[u8] = b"User-agent: *\nDisallow: /*.php$\n";
const MIDDLE: &[u8] = b"User-agent: *\nDisallow: /a*b*c\n";
const QUERY: &[u8] = b"User-agent: *\nDisallow: /*?\n";
const SESSION: &[u8] = b"User-agent: *\nDisallow: /*?*sid=\nAllow: /*?pagina=\n";

pub(super) const CASES: &[Case] = &[
    // A rule is the beginning of a path.
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/pesce", false),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/pesce.html", false),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/pesce/orata", false),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/pescecane", false),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/pesce?id=1", false),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/pesc", true),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/a/pesce", true),
    (b"User-agent: *\nDisallow: /pesce\n", "riscontro", "/?id=pesce", true),
    (b"User-agent: *\nDisallow: /pesce/\n", "riscontro", "/pesce", true),
    (b"User-agent: *\nDisallow: /pesce/\n", "riscontro", "/pesce/", false),
    (b"User-agent: *\nDisallow: /pesce/\n", "riscontro", "/pesce/?a=b", false),
    (b"User-agent: *\nDisallow: //a\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: //a\n", "riscontro", "//a", false),
    // Paths have case.
    (b"User-agent: *\nDisallow: /Pesce\n", "riscontro", "/pesce", true),
    (b"User-agent: *\nDisallow: /Pesce\n", "riscontro", "/Pesce", false),
    (b"User-agent: *\nDisallow: /x\nAllow: /X\n", "riscontro", "/x", false),
    // The empty path is "/".
    (b"User-agent: *\nDisallow: /\n", "riscontro", "", false),
    (b"User-agent: *\nDisallow: /$\n", "riscontro", "", false),
    (b"User-agent: *\nDisallow: /$\n", "riscontro", "?", true),
    // robots.txt itself.
    (b"User-agent: *\nDisallow: /\n", "riscontro", "/robots.txt", true),
    (b"User-agent: *\nDisallow: /robots.txt\n", "riscontro", "/robots.txt", true),
    (b"User-agent: *\nDisallow: /\n", "riscontro", "/robots.txt.bak", false),
    (b"User-agent: *\nDisallow: /\n", "riscontro", "/a/robots.txt", false),
    // The longest decides, in any order.
    (LONGEST, "riscontro", "/", false),
    (LONGEST, "riscontro", "/servizi", true),
    (LONGEST, "riscontro", "/servizi/anagrafe", true),
    (LONGEST, "riscontro", "/servizi/interni", false),
    (LONGEST, "riscontro", "/servizi/interni/a", false),
    (LONGEST, "riscontro", "/servizi/interni/orari.html", true),
    (REVERSED, "riscontro", "/", false),
    (REVERSED, "riscontro", "/servizi/anagrafe", true),
    (REVERSED, "riscontro", "/servizi/interni/a", false),
    (REVERSED, "riscontro", "/servizi/interni/orari.html", true),
    (b"User-agent: *\nAllow: /p\nDisallow: /\n", "riscontro", "/pagina", true),
    (b"User-agent: *\nAllow: /cartella/\nDisallow: /cartella\n", "riscontro", "/cartella/pagina", true),
    (b"User-agent: *\nAllow: /cartella/\nDisallow: /cartella\n", "riscontro", "/cartella", false),
    (b"User-agent: *\nAllow: /a\nAllow: /a/b/c\nDisallow: /a/b\n", "riscontro", "/a/b", false),
    // Of two as long, Allow.
    (b"User-agent: *\nAllow: /\nDisallow: /\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /\nAllow: /\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /a\nAllow: /a\n", "riscontro", "/a", true),
    (b"User-agent: *\nAllow: /a*\nDisallow: /*b\n", "riscontro", "/ab", true),
    (b"User-agent: *\nDisallow: /*.ph\nAllow: /page\n", "riscontro", "/page.php", true),
    // `*` and `$` count among the octets.
    (b"User-agent: *\nAllow: /page\nDisallow: /*.htm\n", "riscontro", "/page.htm", false),
    (b"User-agent: *\nAllow: /a\nDisallow: /a*\n", "riscontro", "/a", false),
    (b"User-agent: *\nAllow: /a\nDisallow: /a$\n", "riscontro", "/a", false),
    (b"User-agent: *\nAllow: /a\nDisallow: /a$\n", "riscontro", "/ab", true),
    (HOME, "riscontro", "/", true),
    (HOME, "riscontro", "/index.html", false),
    (HOME, "riscontro", "/?lang=it", false),
    // Empty rules have no effect.
    (b"User-agent: *\nDisallow:\n", "riscontro", "/a", true),
    (b"User-agent: *\nAllow:\nDisallow: /\n", "riscontro", "/a", false),
    (b"User-agent: *\nDisallow:\nDisallow: /a\n", "riscontro", "/a", false),
    (b"User-agent: *\nDisallow: /a\nDisallow:\n", "riscontro", "/a", false),
    (b"User-agent: *\nDisallow:\nAllow:\n", "riscontro", "/a", true),
    // Rules that are no paths have none either.
    (b"User-agent: *\nDisallow: a\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: $\n", "riscontro", "/", true),
    (b"User-agent: *\nDisallow: ?a\n", "riscontro", "/?a", true),
    (b"User-agent: *\nDisallow: https://www.comune.esempio.it/a\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: .php\n", "riscontro", "/a.php", true),
    (b"User-agent: *\nDisallow: \\a\n", "riscontro", "/a", true),
    // `*`.
    (b"User-agent: *\nDisallow: *\n", "riscontro", "/", false),
    (b"User-agent: *\nDisallow: *\n", "riscontro", "/a?b", false),
    (b"User-agent: *\nDisallow: /*\n", "riscontro", "/", false),
    (b"User-agent: *\nDisallow: /**\n", "riscontro", "/a", false),
    (b"User-agent: *\nDisallow: *.pdf\n", "riscontro", "/a/b.pdf", false),
    (b"User-agent: *\nDisallow: *.pdf\n", "riscontro", "/a/b.html", true),
    (b"User-agent: *\nDisallow: /pesce*\n", "riscontro", "/pesce", false),
    (b"User-agent: *\nDisallow: /pesce*\n", "riscontro", "/pescecane/x", false),
    (b"User-agent: *\nDisallow: /pesce*\n", "riscontro", "/pesc", true),
    (b"User-agent: *\nDisallow: /*/privato/\n", "riscontro", "/it/privato/", false),
    (b"User-agent: *\nDisallow: /*/privato/\n", "riscontro", "/it/a/privato/b", false),
    (b"User-agent: *\nDisallow: /*/privato/\n", "riscontro", "/privato/", true),
    (b"User-agent: *\nDisallow: /*/privato/\n", "riscontro", "//privato/", false),
    (PHP, "riscontro", "/index.php", false),
    (PHP, "riscontro", "/a/index.php?x=1", false),
    (PHP, "riscontro", "/a.php.html", false),
    (PHP, "riscontro", "/a.php/", false),
    (PHP, "riscontro", "/", true),
    (PHP, "riscontro", "/index.PHP", true),
    (PHP, "riscontro", "/php", true),
    (MIDDLE, "riscontro", "/abc", false),
    (MIDDLE, "riscontro", "/a1b2c3", false),
    (MIDDLE, "riscontro", "/acb", true),
    (MIDDLE, "riscontro", "/acbac", false),
    (MIDDLE, "riscontro", "/xabc", true),
    (b"User-agent: *\nDisallow: /*ab*ab\n", "riscontro", "/ab", true),
    (b"User-agent: *\nDisallow: /*ab*ab\n", "riscontro", "/aab", true),
    (b"User-agent: *\nDisallow: /*ab*ab\n", "riscontro", "/abab", false),
    (b"User-agent: *\nDisallow: /*aab\n", "riscontro", "/aaaab", false),
    // `$`.
    (PHP_END, "riscontro", "/index.php", false),
    (PHP_END, "riscontro", "/a/b.php.php", false),
    (PHP_END, "riscontro", "/index.php?a", true),
    (PHP_END, "riscontro", "/index.php5", true),
    (PHP_END, "riscontro", "/index.php/", true),
    (b"User-agent: *\nDisallow: /a$\n", "riscontro", "/a", false),
    (b"User-agent: *\nDisallow: /a$\n", "riscontro", "/a/", true),
    (b"User-agent: *\nDisallow: /a$\n", "riscontro", "/a$", true),
    (b"User-agent: *\nDisallow: /a*$\n", "riscontro", "/abc", false),
    (b"User-agent: *\nDisallow: *$\n", "riscontro", "/abc", false),
    (b"User-agent: *\nDisallow: /*b$\n", "riscontro", "/abab", false),
    (b"User-agent: *\nDisallow: /*b$\n", "riscontro", "/ababa", true),
    (b"User-agent: *\nDisallow: /a$ # fine\n", "riscontro", "/ab", true),
    // `$` elsewhere is itself.
    (b"User-agent: *\nDisallow: /a$b\n", "riscontro", "/a$b", false),
    (b"User-agent: *\nDisallow: /a$b\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /a$*\n", "riscontro", "/a$x", false),
    (b"User-agent: *\nDisallow: /a$*\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /a$$\n", "riscontro", "/a$", false),
    (b"User-agent: *\nDisallow: /a$$\n", "riscontro", "/a", true),
    // Queries.
    (QUERY, "riscontro", "/a?b=c", false),
    (QUERY, "riscontro", "/a?", false),
    (QUERY, "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /a?b=1\n", "riscontro", "/a?b=1&c=2", false),
    (b"User-agent: *\nDisallow: /a?b=1\n", "riscontro", "/a?c=2&b=1", true),
    (b"User-agent: *\nDisallow: /a?b=1\n", "riscontro", "/a", true),
    (b"User-agent: *\nDisallow: /?\n", "riscontro", "/?a", false),
    (b"User-agent: *\nDisallow: /?\n", "riscontro", "/", true),
    (SESSION, "riscontro", "/a?sid=1", false),
    (SESSION, "riscontro", "/a?b=1&sid=1", false),
    (SESSION, "riscontro", "/a?pagina=2", true),
    (SESSION, "riscontro", "/a?pagina=2&sid=1", true),
    (SESSION, "riscontro", "/sid=1", true),
    (b"User-agent: *\nDisallow: /*login*\n", "riscontro", "/?redirect=login", false),
    (b"User-agent: *\nDisallow: /*;jsessionid=\n", "riscontro", "/a;jsessionid=1", false),
    (
        b"User-agent: *\nDisallow: /index.php?option=com_users\n",
        "riscontro",
        "/index.php?option=com_users&view=x",
        false,
    ),
    (b"User-agent: *\nDisallow: /index.php?option=com_users\n", "riscontro", "/index.php?option=com_content", true),
    // The fragment is no part of it.
    (b"User-agent: *\nDisallow: /a$\n", "riscontro", "/a#b", false),
    (b"User-agent: *\nDisallow: /*b\n", "riscontro", "/a#b", true),
    // What sites of comuni write.
    (b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n", "riscontro", "/wp-admin/", false),
    (
        b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
        "riscontro",
        "/wp-admin/admin-ajax.php",
        true,
    ),
    (b"User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n", "riscontro", "/servizi", true),
    (b"User-agent: *\nDisallow: /*/@@\nDisallow: /login\n", "riscontro", "/it/@@search", false),
    (
        b"User-agent: *\nDisallow: /core/\nDisallow: /index.php/user/login/\n",
        "riscontro",
        "/index.php/user/login/",
        false,
    ),
];
