//! What a letter says: the change first, the report in short, what it rests on; and the letter to the operator.
//!
//! A letter is a document like the others, so that its text and its page say the same and nothing in them runs.

use jiff::Timestamp;

use super::{
    changes::Tally,
    document::{self, Block, Document, Fact, Section},
    words::{self, letters::letter_words, reports::report_words, verdicts},
};
use crate::{config::Lang, history::day, store::RunLine};

/// Characters that a subject spends on what it is about.
const ABOUT: usize = 80;

/// One report in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The report in short.
    pub document: Document,
    /// What changed in it.
    pub tally: Tally,
    /// True for a reader who was never told anything of it.
    pub first: bool,
}

/// What stands around the reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Whom to write to, to get no more letters or to contest.
    pub contact: Option<String>,
    /// Names of files that go along.
    pub attached: Vec<String>,
    /// Names of files that would have been too large together or could not be made, with the command that makes them.
    pub left_out: Vec<(String, String)>,
}

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The subject, with the counts.
    pub subject: String,
    /// As text.
    pub text: String,
    /// As a page.
    pub html: String,
}

impl Written {
    fn of(subject: String, document: &Document) -> Self {
        Self { subject, text: document::text(document), html: document::html(document) }
    }
}

/// The letter that holds some reports.
pub fn written(parts: Vec<Part>, frame: &Frame, lang: Lang) -> Written {
    let subject = subject(&parts, lang);
    let document = document(parts, frame, lang);
    Written::of(subject, &document)
}

fn subject(parts: &[Part], lang: Lang) -> String {
    let words = letter_words(lang);
    let tally = parts.iter().fold(Tally::default(), |sum, part| sum.with(&part.tally));
    let what = if tally.all() > 0 {
        tally.said(lang).join(", ")
    } else if parts.iter().any(|part| part.first) {
        words.first.to_owned()
    } else {
        words.nothing.to_owned()
    };
    let about = match parts {
        [one] if one.document.about.is_empty() => one.document.title.clone(),
        [one] => one.document.about.clone(),
        many => lang.pick(format!("{} rapporti", many.len()), format!("{} reports", many.len())),
    };
    format!("riscontro: {what} – {}", super::clean::short(&about, ABOUT))
}

fn document(parts: Vec<Part>, frame: &Frame, lang: Lang) -> Document {
    let words = letter_words(lang);
    let single = parts.len() == 1;
    let mut title = words.title.to_owned();
    let whole = parts.iter().fold(Tally::default(), |sum, part| sum.with(&part.tally));
    let (mut about, mut basis, mut sections, mut rests) = (String::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, part) in parts.into_iter().enumerate() {
        let Part { document, tally, first } = part;
        let name = match document.about.as_str() {
            "" => document.title.clone(),
            about => format!("{}: {about}", document.title),
        };
        let mut said = tally.said(lang);
        if said.is_empty() {
            said.push(if first { words.first_said } else { words.nothing }.to_owned());
        }
        if single {
            (title, about) = (document.title, document.about);
            basis.push(Fact::lines(words.changes, said));
        } else {
            let mut head = Section::new(format!("part-{}", number + 1), &name);
            head.add(Block::List(said));
            sections.push(head);
        }
        rests.push(Block::Facts(name, document.basis));
        for mut section in document.sections {
            if !single {
                section.id = format!("part-{}-{}", number + 1, section.id).into();
            }
            sections.push(section);
        }
    }
    if !single {
        basis.push(Fact::lines(
            words.changes,
            if whole.all() > 0 { whole.said(lang) } else { vec![words.nothing.to_owned()] },
        ));
    }
    if !frame.attached.is_empty() {
        basis.push(Fact::lines(words.attached, frame.attached.iter().cloned()));
    }
    if !frame.left_out.is_empty() {
        let line = |(name, command): &(String, String)| format!("{name}: {command}");
        basis.push(Fact::lines(words.left_out, frame.left_out.iter().map(line)));
    }
    let mut rests_on = Section::new("rests-on", words.rests_on);
    rests_on.blocks = rests;
    sections.push(rests_on);
    let mut answer = Section::new("why", words.why);
    answer.say(words.why_said);
    match &frame.contact {
        Some(contact) => answer.say(format!("{} {contact}", words.write_to)),
        None => answer.say(words.write_to_sender),
    };
    sections.push(answer);
    Document { lang, title, about, disclaimer: verdicts::whose_outcome(lang), basis, sections }
}

/// The letter that tells the operator of a run whose looks wait for a person.
pub fn held(run: &RunLine, database: &str, lang: Lang) -> Written {
    let words = letter_words(lang);
    let (worse, had) = (run.worse.unwrap_or(0), run.had.unwrap_or(0));
    let count = |sites| words::number(lang, sites);
    let subject = lang.pick(
        format!("riscontro: visita d'insieme {} sospetta, {} siti su {} peggiorati", run.run, count(worse), count(had)),
        format!("riscontro: run {} is suspect, {} of {} sites turned worse", run.run, count(worse), count(had)),
    );
    let on = |at: Timestamp| words::day(lang, day(at));
    let basis = vec![
        Fact::text(words.run, run.run.to_string()),
        Fact::text(words.of, on(run.started)),
        Fact::text(words.worse, document::share(worse, had, lang)),
        Fact::text(words.database, database),
    ];
    let mut section = Section::new("held", words.held);
    section.say(words.held_said);
    section.add(Block::List(vec![
        format!("riscontro run release {}: {}", run.run, words.release),
        format!("riscontro run discard {}: {}", run.run, words.discard),
    ]));
    let document = Document {
        lang,
        title: words.held_title.to_owned(),
        about: String::new(),
        disclaimer: verdicts::whose_outcome(lang),
        basis,
        sections: vec![section],
    };
    Written::of(subject, &document)
}

/// The section of changes for a reader who is told for the first time, or what says that there are none.
pub fn no_changes(first: bool, lang: Lang) -> &'static str {
    if first { letter_words(lang).first_said } else { report_words(lang).no_changes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Change;

    fn part(title: &str, about: &str, tally: Tally, first: bool) -> Part {
        let mut section = Section::new("changes", "Che cosa è cambiato");
        section.say(format!("in {title}"));
        let basis = vec![Fact::text("situazione al", "2026-11-23")];
        let document = Document {
            lang: Lang::It,
            title: title.to_owned(),
            about: about.to_owned(),
            disclaimer: "",
            basis,
            sections: vec![section],
        };
        Part { document, tally, first }
    }

    #[test]
    fn the_subject_counts_and_names_what_it_is_about() {
        let tally = Tally::of([Change::Found, Change::Lost, Change::Found]).with_verdicts(1);
        let of = |parts: Vec<Part>| written(parts, &Frame::default(), Lang::It).subject;
        assert_eq!(
            of(vec![part("Riscontri per avviso", "1.4.4", tally, false)]),
            "riscontro: comparso: 2, non più riscontrato: 1, verdetti cambiati: 1 – 1.4.4"
        );
        let none = Tally::default();
        assert_eq!(of(vec![part("Quadro", "", none, true)]), "riscontro: primo rapporto – Quadro");
        let two = vec![part("A", "", none, false), part("B", "", none, false)];
        assert_eq!(of(two), "riscontro: nessun cambiamento – 2 rapporti");
        // What it is about comes from a register and may be anything.
        let long = of(vec![part("A", &"à\n".repeat(500), none, false)]);
        assert!(long.chars().count() < 150 && !long.contains('\n'), "{long}");
    }

    #[test]
    fn anchors_of_several_reports_are_told_apart() {
        let two = vec![part("A", "", Tally::default(), false), part("B", "", Tally::default(), false)];
        let html = written(two, &Frame::default(), Lang::It).html;
        for id in ["part-1-changes", "part-2-changes", "rests-on"] {
            assert_eq!(html.matches(&format!("<h2 id=\"{id}\"")).count(), 1, "{id}");
        }
    }

    #[test]
    fn what_was_too_large_is_said_with_the_command_that_makes_it() {
        let frame = Frame {
            contact: Some("verifica@ente.example".to_owned()),
            attached: vec!["avvisi.html".to_owned()],
            left_out: vec![("avvisi.xlsx".to_owned(), "riscontro report notice --format xlsx".to_owned())],
        };
        let text = written(vec![part("A", "", Tally::default(), false)], &frame, Lang::It).text;
        for said in ["avvisi.html", "avvisi.xlsx: riscontro report notice --format xlsx", "verifica@ente.example"] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }
}
