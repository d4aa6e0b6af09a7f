//! Numbers as people write them.

use crate::{config::Lang, model::Euro};

/// A whole number: `27.768` in Italian, `27,768` in English.
pub fn number(lang: Lang, number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(lang.pick('.', ','));
        }
        out.push(digit);
    }
    out
}

/// A sum: `43.704`, `3.928,40` in Italian, `43,704`, `3,928.40` in English; no cents where there are none.
pub fn euro(lang: Lang, sum: Euro) -> String {
    let whole = number(lang, sum.cents() / 100);
    match sum.cents() % 100 {
        0 => whole,
        cents => format!("{whole}{}{cents:02}", lang.pick(',', '.')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_written_as_each_language_writes_them() {
        for (cents, it, en) in [
            (0, "0", "0"),
            (24_300, "243", "243"),
            (60_256_600, "602.566", "602,566"),
            (127_708_300, "1.277.083", "1,277,083"),
            (392_840, "3.928,40", "3,928.40"),
            (5, "0,05", "0.05"),
        ] {
            let shown = |lang| Euro::of_cents(cents).map(|sum| euro(lang, sum));
            assert_eq!((shown(Lang::It).as_deref(), shown(Lang::En).as_deref()), (Some(it), Some(en)));
        }
    }
}
