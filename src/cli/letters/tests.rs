//! Letters as they leave, byte for byte, and what does not fit into them.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::{
    cli::Terminal,
    config::{Environment, Flags, Key, load},
    history::Change,
    model::{Outcome, Platform, Reason, Verdict},
    report::{
        changes::{Tally, VerdictChange, Whom, section, verdict_section},
        document::{Document, Fact},
        observations::ChangeRow,
    },
    store::{RunState, Watched},
};

fn context(lang: Lang, settings: &[(Key, &str)]) -> Context {
    let environment = Environment::default();
    let mut values: Vec<(Key, String)> = settings.iter().map(|(key, text)| (*key, (*text).to_owned())).collect();
    values.push((Key::Lang, lang.code().to_owned()));
    let settings = load(&environment, &Flags { values, config: None }).unwrap().settings;
    Context::new(settings, Terminal::new(&environment, 0))
}

/// What a register and a page may say: quotes, a formula, markup, a letter that is not of this alphabet.
fn row(change: Change, name: &str, before: Outcome, reason: Reason) -> ChangeRow {
    ChangeRow {
        change,
        whose: Watched {
            codice_ipa: Some("c_h501".to_owned()),
            catastale: Some("H501".to_owned()),
            name: Some(name.to_owned()),
            region: Some("Valle d'Aosta/Vallée d'Aoste".to_owned()),
            url: Some("https://www.comune.esempio.it/".to_owned()),
        },
        platform: Platform::Spid,
        before: Some(before),
        before_confirmed: None,
        after: Some(Outcome::Found),
        since: Some("2026-11-22T02:10:00Z".parse().unwrap()),
        looks: (change == Change::ToBeConfirmed).then_some(2),
        reason: Some(reason),
        catalogue_before: None,
        catalogue_after: None,
        root_before: None,
        root_after: None,
    }
}

fn part(lang: Lang) -> Part {
    let rows = [
        row(Change::Found, "Città d'Esempio", Outcome::NotFound, Reason::Proof),
        row(Change::ToBeConfirmed, "=Bórgo <b>Prova</b>", Outcome::Found, Reason::CoverageComplete),
    ];
    let listed: Vec<&ChangeRow> = rows.iter().collect();
    let whom = Whom {
        comune: "Città d'Esempio".to_owned(),
        sigla: Some("AO".to_owned()),
        region: None,
        catastale: Some("H501".to_owned()),
    };
    let verdicts = [VerdictChange {
        whom,
        notice: "pad2026-144-spid-cie-2022-04".to_owned(),
        cup: Some("G11F22001750006".to_owned()),
        before: Verdict::NotSupported,
        after: Verdict::Supported,
    }];
    let document = Document {
        lang,
        title: lang.pick("Riscontri per avviso", "Findings by notice").to_owned(),
        about: "1.4.4 SPID CIE, Comuni, Aprile 2022".to_owned(),
        disclaimer: "",
        basis: vec![Fact::text(lang.pick("situazione al", "as of"), "2026-11-23")],
        sections: vec![section(&listed, "", 40, lang), verdict_section(&verdicts, 40, lang)],
    };
    Part { document, tally: Tally::of(rows.iter().map(|row| row.change)).with_verdicts(1), first: false }
}

fn file(name: &str, bytes: Vec<u8>) -> File {
    File {
        attachment: Attachment { name: name.to_owned(), mime: "text/csv; charset=utf-8".to_owned(), bytes },
        command: format!("riscontro report notice --output {name}"),
    }
}

/// A letter as it leaves, with lines that end as a reader of this repository expects.
fn whole(letter: &Letter, key: &str, context: &Context) -> String {
    let at = "2026-11-23T00:20:00Z".parse().unwrap();
    let envelope = send::envelope(key, &"verifica@ente.example".parse().unwrap(), at, context).unwrap();
    String::from_utf8(compose(letter, &envelope).unwrap()).unwrap().replace("\r\n", "\n")
}

#[test]
fn letters_as_they_leave() {
    for lang in Lang::ALL {
        let context = context(
            lang,
            &[(Key::Contact, "verifiche@ente.example"), (Key::MailFrom, "Verifica dei siti <riscontro@ente.example>")],
        );
        let letter =
            framed(&[part(lang)], vec![file("riscontro-notice-1.csv", b"a;b\r\n".to_vec())], Vec::new(), &context);
        insta::assert_snapshot!(format!("report.{}", lang.code()), whole(&letter, "report", &context));
        let run = RunLine {
            run: RunId(12),
            state: RunState::Finished,
            started: "2026-11-22T00:20:00Z".parse().unwrap(),
            targets: 7_896,
            done: 7_896,
            trust: Trust::Suspect,
            had: Some(6_120),
            worse: Some(1_433),
            decided: None,
        };
        let Written { subject, text, .. } = letter::held(&run, "/var/lib/riscontro/riscontro.db", lang);
        let letter = Letter { subject, text, ..Letter::default() };
        insta::assert_snapshot!(format!("held.{}", lang.code()), whole(&letter, "held", &context));
    }
}

#[test]
fn what_does_not_fit_stays_out_the_largest_first_and_the_letter_says_so() {
    let context = context(Lang::It, &[(Key::MailMaxMib, "1")]);
    let files = [("a.csv", 300), ("b.csv", 800), ("c.csv", 100)].map(|(name, kib)| file(name, vec![b'a'; kib << 10]));
    let letter = framed(&[part(Lang::It)], files.into(), Vec::new(), &context);
    let names: Vec<&str> = letter.attachments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["a.csv", "c.csv"]);
    assert!(letter.text.contains("riscontro report notice --output b.csv"), "{}", letter.text);
    assert!(whole(&letter, "key", &context).len() <= 1 << 20, "larger than the limit");
}
