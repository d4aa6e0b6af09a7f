//! What letters say around their reports.

use crate::config::Lang;

/// The phrases of letters in one language.
#[derive(Debug)]
pub struct LetterWords {
    /// Title of a letter with several reports.
    pub title: &'static str,
    /// Label of the counts.
    pub changes: &'static str,
    /// Nothing changed.
    pub nothing: &'static str,
    /// The first letter, in a subject.
    pub first: &'static str,
    /// The first letter, in a sentence.
    pub first_said: &'static str,
    /// Label of what goes along.
    pub attached: &'static str,
    /// Label of what was too large, or could not be made.
    pub left_out: &'static str,
    /// Section of what the reports rest on.
    pub rests_on: &'static str,
    /// Section on why the letter comes.
    pub why: &'static str,
    /// Why it comes.
    pub why_said: &'static str,
    /// Before the contact.
    pub write_to: &'static str,
    /// Where no contact is known.
    pub write_to_sender: &'static str,
    /// Title of the letter on a held run.
    pub held_title: &'static str,
    /// Its section.
    pub held: &'static str,
    /// What it means.
    pub held_said: &'static str,
    /// What releasing does.
    pub release: &'static str,
    /// What discarding does.
    pub discard: &'static str,
    /// Label of the run.
    pub run: &'static str,
    /// Label of its day.
    pub of: &'static str,
    /// Label of the share.
    pub worse: &'static str,
    /// Label of the database.
    pub database: &'static str,
}

const IT: LetterWords = LetterWords {
    title: "Rapporti di riscontro",
    changes: "Cambiamenti",
    nothing: "nessun cambiamento",
    first: "primo rapporto",
    first_said: "È il primo rapporto: dal prossimo si dice che cosa è cambiato rispetto a questo.",
    attached: "Allegati",
    left_out: "Non allegati, si fanno con",
    rests_on: "Su che cosa poggia",
    why: "Perché questa lettera",
    why_said: "Questo indirizzo è iscritto ai rapporti qui sopra. La lettera è stata fatta da un programma.",
    write_to: "Per non riceverla più, o per contestare ciò che dice:",
    write_to_sender: "Per non riceverla più, o per contestare ciò che dice, rispondete a chi la invia.",
    held_title: "Una visita d'insieme aspetta una decisione",
    held: "Che cosa fare",
    held_said: "Troppi siti sono peggiorati insieme: può essere un guasto della rete o del programma. Le visite sono conservate, \
                ma non contano in nessuna storia finché una persona non decide; fino ad allora nessuna lettera sui cambiamenti parte.",
    release: "le visite contano",
    discard: "le visite restano conservate e non contano",
    run: "Visita d'insieme",
    of: "Del",
    worse: "Siti peggiorati",
    database: "Banca dati",
};

const EN: LetterWords = LetterWords {
    title: "Reports of riscontro",
    changes: "Changes",
    nothing: "nothing changed",
    first: "first report",
    first_said: "This is the first report: from the next one on it is said what changed since this one.",
    attached: "Attached",
    left_out: "Not attached, made by",
    rests_on: "What it rests on",
    why: "Why this letter",
    why_said: "This address is subscribed to the reports above. The letter was made by a program.",
    write_to: "To get it no more, or to contest what it says:",
    write_to_sender: "To get it no more, or to contest what it says, answer to its sender.",
    held_title: "A run waits for a decision",
    held: "What to do",
    held_said: "Too many sites turned worse together: that may be a fault of the network or of the program. The visits are kept, \
                but they count in no history until a person decides; until then no letter on changes leaves.",
    release: "its looks count",
    discard: "its looks are kept and do not count",
    run: "Run",
    of: "Of",
    worse: "Sites that turned worse",
    database: "Database",
};

/// The phrases of a language.
pub const fn letter_words(lang: Lang) -> &'static LetterWords {
    match lang {
        Lang::It => &IT,
        Lang::En => &EN,
    }
}
