//! Names of comuni, compared as people write them: accents, apostrophes in place of accents, two languages.

/// A name for comparing: lower case without accents, letters and digits only, words one blank apart.
///
/// Apostrophes vanish (`Bascapè` and `Bascape'` are one), everything else that is no letter parts words.
pub fn fold(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'à' | 'á' | 'â' | 'ä' | 'ã' | 'å' => "a",
            'è' | 'é' | 'ê' | 'ë' => "e",
            'ì' | 'í' | 'î' | 'ï' => "i",
            'ò' | 'ó' | 'ô' | 'ö' | 'õ' => "o",
            'ù' | 'ú' | 'û' | 'ü' => "u",
            'ç' | 'č' | 'ć' => "c",
            'š' => "s",
            'ž' => "z",
            'đ' => "d",
            'ñ' => "n",
            'ß' => "ss",
            '\'' | '’' | '‘' | '`' | '´' => continue,
            c if c.is_alphanumeric() => {
                out.push(c);
                continue;
            }
            _ => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
                continue;
            }
        };
        out.push_str(plain);
    }
    out.truncate(out.trim_end().len());
    out
}

/// What stands before a comune's name in the name of the body, folded.
const BEFORE: [&str; 16] = [
    "amministrazione comunale di ",
    "comune della ",
    "comune delle ",
    "comune dello ",
    "comune degli ",
    "comune del ",
    "comune dei ",
    "comune de ",
    "comune di ",
    "comune d ",
    "comune ",
    "citta della ",
    "citta di ",
    "citta del ",
    "citta de ",
    "gemeinde ",
];

/// The comune's own name in the name of a body, folded; `None` when the body's name is not that of a comune
/// ("Comuni Uniti", "Consorzio ...").
pub fn of_body(name: &str) -> Option<String> {
    let folded = fold(name);
    if folded == "roma capitale" {
        return Some("roma".to_owned());
    }
    BEFORE.iter().find_map(|before| folded.strip_prefix(before)).map(|rest| rest.trim().to_owned())
}

/// The spellings under which a comune may be named, folded: whole, and each half of a name in two languages.
pub fn spellings(name: &str) -> Vec<String> {
    let mut found = vec![fold(name)];
    for mark in ["/", " - "] {
        if name.contains(mark) {
            found.extend(name.split(mark).map(fold));
        }
    }
    found.retain(|spelling| !spelling.is_empty());
    found.sort();
    found.dedup();
    found
}
