//! Addresses that change something when they are asked for.
//!
//! GET should be safe (RFC 9110 section 9.2.1), but sites log out, unsubscribe, confirm and delete on a plain link.
//! Such addresses are recognised by their words and never asked for. The list is meant to be short and exact, so that
//! a page *about* cancelling something (`/servizi/cancellazione-anagrafe`, `/elimina-code`) is still read:
//!
//! * words that are nothing but technical ([`TECHNICAL`]) count anywhere in a path segment;
//! * English verbs ([`VERBS`]) count as the first or last word of a segment (`delete-user`, `deleteUser`, `user_delete.php`);
//! * Italian and German verbs ([`LOCAL_VERBS`]) count only as a whole segment, or as its first word when the segment is
//!   a script (`cancella_utente.php`): in words for people they begin titles;
//! * in a query all of these count as a whole name or value, and as any word of the value of a name that says what to do
//!   ([`DOERS`]), where [`SUBMITS`] count too. What a visitor typed into a search field counts for nothing.

use url::Url;

/// Never part of a title.
const TECHNICAL: &[&str] =
    &["logout", "logoff", "signout", "signoff", "unsubscribe", "disiscriv", "disconnetti", "optout", "deregister"];

/// Verbs of programs.
const VERBS: &[&str] = &["delete", "remove", "confirm", "destroy", "erase", "purge", "revoke", "deactivate", "unsub"];

/// Verbs that also begin titles for people.
const LOCAL_VERBS: &[&str] = &[
    "cancella",
    "elimina",
    "rimuovi",
    "conferma",
    "esci",
    "revoca",
    "disattiva",
    "annulla",
    "abmelden",
    "loeschen",
    "löschen",
];

/// More verbs, when a query names what to do.
const SUBMITS: &[&str] = &[
    "save",
    "submit",
    "update",
    "insert",
    "create",
    "add",
    "send",
    "vote",
    "approve",
    "subscribe",
    "publish",
    "reset",
    "salva",
    "invia",
    "inserisci",
    "aggiungi",
    "vota",
    "approva",
    "iscrivi",
    "aggiorna",
    "pubblica",
];

/// Names whose value says what to do.
const DOERS: &[&str] = &[
    "action",
    "act",
    "do",
    "op",
    "task",
    "cmd",
    "command",
    "method",
    "func",
    "function",
    "operation",
    "event",
    "azione",
    "operazione",
    "comando",
    "metodo",
    "funzione",
    "cosa",
];

/// Names of search fields.
const SEARCHES: &[&str] =
    &["q", "s", "search", "query", "text", "testo", "cerca", "keyword", "keywords", "parole", "searchabletext"];

/// Endings of segments that are programs.
const SCRIPTS: &[&str] =
    &["php", "asp", "aspx", "ashx", "jsp", "jspx", "do", "action", "cgi", "pl", "cfm", "py", "exe", "xhtml", "faces"];

/// The word that makes an address one that is never asked for, if there is one.
pub(super) fn word_of_change(url: &Url) -> Option<&'static str> {
    let segments = url.path_segments().into_iter().flatten().find_map(|segment| of_segment(&decoded(segment)));
    segments.or_else(|| url.query_pairs().find_map(|(name, value)| of_pair(&name, &value)))
}

fn of_segment(segment: &str) -> Option<&'static str> {
    // `;jsessionid=...` and the like are no part of the name.
    let segment = segment.split(';').next().unwrap_or_default();
    let (stem, script) = match segment.rsplit_once('.') {
        Some((stem, end)) if SCRIPTS.contains(&end.to_ascii_lowercase().as_str()) => (stem, true),
        Some((stem, end)) if matches!(end.to_ascii_lowercase().as_str(), "html" | "htm") => (stem, false),
        _ => (segment, false),
    };
    let words = words(stem);
    let joined = words.concat();
    if let Some(word) = TECHNICAL.iter().find(|word| joined.contains(*word)) {
        return Some(word);
    }
    let (first, last) = (words.first()?.as_str(), words.last()?.as_str());
    find(VERBS, first)
        .or_else(|| find(VERBS, last))
        .or_else(|| find(LOCAL_VERBS, first).filter(|_| script || words.len() == 1))
        .or_else(|| find(LOCAL_VERBS, last).filter(|_| script))
}

fn of_pair(name: &str, value: &str) -> Option<&'static str> {
    let (name, value) = (name.to_lowercase(), value.trim());
    if SEARCHES.contains(&name.as_str()) {
        return None;
    }
    let whole = |text: &str| {
        // A path in a value is where to go afterwards, not what to do.
        if text.contains('/') {
            return None;
        }
        let words = words(text);
        let joined = words.concat();
        let technical = TECHNICAL.iter().find(|word| joined.starts_with(**word)).copied();
        technical.or_else(|| find(VERBS, &joined)).or_else(|| find(LOCAL_VERBS, &joined))
    };
    let doer = || {
        let name = words(&name);
        let words = words(value);
        let joined = words.concat();
        name.last().filter(|last| DOERS.contains(&last.as_str()))?;
        let technical = TECHNICAL.iter().find(|word| joined.contains(**word)).copied();
        technical.or_else(|| {
            words.iter().find_map(|word| [VERBS, LOCAL_VERBS, SUBMITS].iter().find_map(|list| find(list, word)))
        })
    };
    whole(&name).or_else(|| whole(value)).or_else(doer)
}

fn find(list: &[&'static str], word: &str) -> Option<&'static str> {
    list.iter().find(|entry| **entry == word).copied()
}

/// Lower-case words of a name: split at what is neither letter nor digit, and where `camelCase` rises.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut low = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (low && letter.is_uppercase()) {
            words.push(String::new());
        }
        low = letter.is_lowercase() || letter.is_numeric();
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn decoded(segment: &str) -> String {
    // The form decoder also turns `+` into a blank; either way it ends a word.
    url::form_urlencoded::parse(segment.replace(['&', '='], "-").as_bytes())
        .map(|(name, _)| name.into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn told(path: &str) -> Option<&'static str> {
        word_of_change(&Url::parse(&format!("https://www.comune.esempio.it{path}")).unwrap())
    }

    #[test]
    fn addresses_that_change_something() {
        for path in [
            "/logout",
            "/it/logout",
            "/Logout.aspx",
            "/user/logout",
            "/log-out",
            "/log_out.php",
            "/doLogout",
            "/LogoutServlet",
            "/c/portal/logout",
            "/Shibboleth.sso/Logout",
            "/saml/SingleLogout",
            "/logoff.asp",
            "/sign-out",
            "/signout",
            "/j_spring_security_logout",
            "/%6Cogout",
            "/logout;jsessionid=1",
            "/wp-login.php?action=logout&_wpnonce=1",
            "/index.php?option=com_users&task=user.logout",
            "/?logout",
            "/?logout=1",
            "/?page=logout",
            "/esci",
            "/it/esci.php",
            "/newsletter/unsubscribe?id=3",
            "/unsubscribe",
            "/newsletter-unsubscribe/",
            "/disiscriviti",
            "/newsletter/disiscrivi?t=1",
            "/newsletter/disiscrivimi",
            "/opt-out",
            "/delete",
            "/node/12/delete",
            "/delete.php?id=1",
            "/deleteUser?id=2",
            "/user_delete.do",
            "/delete-account",
            "/item/delete/3",
            "/remove",
            "/cart/remove/5",
            "/removeItem",
            "/confirm",
            "/confirm?token=a",
            "/confirm-email/abc",
            "/registration/confirm.html",
            "/conferma",
            "/conferma?codice=1",
            "/conferma_iscrizione.php?c=1",
            "/cancella",
            "/cancella.php?id=3",
            "/cancella_utente.asp",
            "/prenotazione_cancella.php",
            "/elimina",
            "/it/elimina/4",
            "/rimuovi",
            "/index.php?action=delete&id=1",
            "/?op=elimina",
            "/?do=cancella",
            "/?azione=conferma",
            "/a?cmd=remove",
            "/a?task=article.delete",
            "/a?delete=5",
            "/a?confirm=abc",
            "/a?mode=delete",
            "/a?azione=inviaModulo",
            "/a?action=add_to_cart",
            "/a?action=subscribe",
            "/a?action=save",
            "/a?form_action=vote",
            "/abmelden",
            "/annulla",
        ] {
            assert!(told(path).is_some(), "{path} would be asked for");
        }
    }

    #[test]
    fn pages_about_it_are_read() {
        for path in [
            "/",
            "/servizi",
            "/area-personale",
            "/login",
            "/accedi",
            "/spid/login",
            "/servizi/cancellazione-anagrafe",
            "/servizi/cancella-iscrizione-aire",
            "/elimina-code",
            "/servizi/elimina-code-online",
            "/novita/il-comune-conferma-il-bando",
            "/novita/conferma-orari-estivi",
            "/escursioni",
            "/esci-di-casa",
            "/novita/esci-dal-guscio",
            "/rimuovi-amianto.html",
            "/removed-pages",
            "/confirmation",
            "/deleterious",
            "/servizi/revoca-contrassegno",
            "/servizi/annulla-prenotazione",
            "/conferma-residenza",
            "/addetti",
            "/?q=logout",
            "/cerca?testo=elimina",
            "/?s=delete",
            "/a?action=login",
            "/a?action=view&id=3",
            "/a?azione=dettaglio",
            "/a?op=lista",
            "/a?task=view",
            "/login?ReturnUrl=%2Fconferma",
            "/login?next=/logout",
            "/a?id=delete-3",
            "/a?do=show",
            "/pagamenti?azione=paga",
            "/a?page=2",
            "/index.php?option=com_content&view=article&id=3",
            "/a?add=1",
            "/servizi/iscrivi-i-figli-a-scuola",
            "/invia-una-segnalazione",
            "/blog/purgers",
            "/documents/20181/0/atto.pdf",
        ] {
            assert_eq!(told(path), None, "{path}");
        }
    }
}
