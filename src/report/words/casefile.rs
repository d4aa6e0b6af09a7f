//! Phrases of a case file.

use crate::config::Lang;

/// The phrases of one language. Labels carry no colon; sentences end with a full stop.
#[derive(Debug)]
pub struct CaseWords {
    /// Heading, followed by whose it is.
    pub title: &'static str,
    /// What the document is.
    pub what: &'static str,
    /// The pages are in it as received.
    pub raw_pages: &'static str,
    /// The pages are not in it.
    pub without_pages: &'static str,
    /// The text is masked.
    pub masked: &'static str,
    /// The text is not masked.
    pub unmasked: &'static str,
    /// Only what was known on a day; followed by the day.
    pub as_of: &'static str,
    /// Heading and caption of what holds.
    pub standing: &'static str,
    /// Column: since when.
    pub first_seen: &'static str,
    /// Column: last confirmed.
    pub last_confirmed: &'static str,
    /// Column: what else is to be known.
    pub note: &'static str,
    /// No look could tell since; followed by a time and a reason.
    pub silent_since: &'static str,
    /// Missed since and to be confirmed; followed by a time.
    pub missed_since: &'static str,
    /// Nothing is known over time.
    pub no_history: &'static str,
    /// Heading of the whole history.
    pub history: &'static str,
    /// Column: until when.
    pub until: &'static str,
    /// It still holds.
    pub still: &'static str,
    /// Column: why it ended.
    pub ended: &'static str,
    /// Heading of a visit, followed by its time.
    pub visit: &'static str,
    /// Why a visit is here: it is the latest.
    pub latest: &'static str,
    /// Why a visit is here: it was asked for.
    pub asked: &'static str,
    /// Why a visit is here: it confirmed what holds; followed by platforms.
    pub confirmed: &'static str,
    /// The run of the visit is held back.
    pub held: &'static str,
    /// The run of the visit was discarded.
    pub discarded: &'static str,
    /// Heading of one platform's evidence, in front of its name.
    pub evidence: &'static str,
    /// Nothing was seen.
    pub no_evidence: &'static str,
    /// Label of when the bytes were received.
    pub received: &'static str,
    /// Label of the whole digest.
    pub digest: &'static str,
    /// Label of the tie to the comune.
    pub tied: &'static str,
    /// Yes and no.
    pub yes_no: [&'static str; 2],
    /// Label of the place in the page.
    pub place: &'static str,
    /// Alternative text of a picture, followed by the address.
    pub picture: &'static str,
    /// Below a picture.
    pub picture_about: &'static str,
    /// Heading of the pages asked for.
    pub pages: &'static str,
    /// Column: what the page was read for.
    pub kind: &'static str,
    /// Column: status.
    pub status: &'static str,
    /// Column: whether the bytes are here.
    pub bytes_here: &'static str,
    /// Heading of what was not seen.
    pub not_seen: &'static str,
    /// Nothing was left out.
    pub nothing_left: &'static str,
    /// Heading of where it comes from.
    pub provenance: &'static str,
    /// Label of the visit's number.
    pub number: &'static str,
    /// Label of the run.
    pub run: &'static str,
    /// A visit without a run.
    pub no_run: &'static str,
    /// Label of the chain of records.
    pub chain: &'static str,
    /// Between the first and the last record.
    pub records: [&'static str; 2],
    /// Label of the root.
    pub root: &'static str,
    /// Label of a time stamp of it.
    pub stamp: &'static str,
    /// Label of the name told to servers.
    pub agent: &'static str,
    /// Label of the program.
    pub program: &'static str,
    /// Heading of the files.
    pub files: &'static str,
    /// Columns of the files.
    pub file_columns: [&'static str; 3],
    /// Below the files.
    pub files_about: &'static str,
    /// Heading of how to check.
    pub check: &'static str,
    /// Steps of it.
    pub steps: [&'static str; 5],
    /// Name of the file that tells how to check.
    pub check_file: &'static str,
    /// Heading of the list of contents.
    pub contents: &'static str,
}

/// The phrases of a language.
pub const fn case_words(lang: Lang) -> &'static CaseWords {
    match lang {
        Lang::It => &IT,
        Lang::En => &EN,
    }
}

const IT: CaseWords = CaseWords {
    title: "Fascicolo",
    what: "Ciò che è stato visto dall'esterno sul sito del comune, con i byte su cui poggia. Serve a chi verifica: ogni \
           riscontro dice pagina, ora, regola e impronta dei byte, e si può ricontrollare senza fidarsi di chi l'ha scritto.",
    raw_pages: "La cartella archive contiene le pagine così come il sito le ha inviate, con i dati personali che vi \
                fossero pubblicati (nomi, indirizzi e-mail, telefoni): va custodita e trasmessa di conseguenza.",
    without_pages: "Le pagine ricevute non sono allegate: restano presso chi ha fatto la visita, e le impronte qui \
                    riportate permettono di riconoscerle.",
    masked: "In questo testo indirizzi e-mail, numeri di telefono, codici fiscali di persone e IBAN letti nelle pagine \
             sono coperti: [email], [tel], [cf], [iban].",
    unmasked: "In questo testo gli estratti sono come letti nelle pagine, senza coprire dati personali.",
    as_of: "Solo ciò che era noto alla fine del giorno",
    standing: "Che cosa vale",
    first_seen: "Visto la prima volta",
    last_confirmed: "Confermato l'ultima volta",
    note: "Da sapere",
    silent_since: "le visite non possono dire dal",
    missed_since: "non più visto, da confermare, dal",
    no_history: "Nessuna storia: una sola visita, o visite che non contano.",
    history: "Storia",
    until: "Fino al",
    still: "vale ancora",
    ended: "Perché è finito",
    visit: "Visita del",
    latest: "È la visita più recente.",
    asked: "È la visita richiesta.",
    confirmed: "È l'ultima visita che ha confermato",
    held: "La visita d'insieme a cui appartiene è sospetta e in attesa: non conta finché una persona non la ammette.",
    discarded: "La visita d'insieme a cui appartiene è stata scartata: non conta.",
    evidence: "Elemento",
    no_evidence: "Nessun elemento visto.",
    received: "Ricevuto",
    digest: "SHA-256 di ciò che è stato letto",
    tied: "Legato a questo comune",
    yes_no: ["sì", "no"],
    place: "Posto nella pagina",
    picture: "Immagine della pagina",
    picture_about: "La pagina come disegnata, con gli elementi riconosciuti contornati.",
    pages: "Pagine richieste",
    kind: "Letta come",
    status: "stato",
    bytes_here: "Byte conservati",
    not_seen: "Che cosa non è stato visto, e perché",
    nothing_left: "Nessun collegamento promettente è rimasto da leggere.",
    provenance: "Provenienza",
    number: "Visita",
    run: "Visita d'insieme",
    no_run: "nessuna, visita singola",
    chain: "Catena",
    records: ["registrazioni da", "a"],
    root: "Radice della catena",
    stamp: "Radice marcata nel tempo",
    agent: "Nome detto ai server",
    program: "Programma",
    files: "File del fascicolo",
    file_columns: ["File", "Byte", "SHA-256"],
    files_about: "Le impronte di tutti i file, questo compreso, sono in manifest.json.",
    check: "Come ricontrollare",
    steps: [
        "python3 verify.py in questa cartella ricalcola tutte le impronte e la catena di ogni visita; non serve la rete.",
        "ReplayWeb.page (replayweb.page) apre lo ZIP, o il file nella cartella archive, e mostra le pagine conservate.",
        "warcio check, pywb e ogni altro programma per file WARC leggono l'archivio.",
        "La radice della catena va confrontata con quella scritta nel verbale o nel resoconto del giorno della visita.",
        "riscontro evidence replay, presso chi custodisce le prove, riapplica le regole agli stessi byte.",
    ],
    check_file: "VERIFICA.txt",
    contents: "Indice",
};

const EN: CaseWords = CaseWords {
    title: "Case file",
    what: "What was seen from outside on the comune's site, with the bytes that it rests on. It is for whoever verifies: \
           every finding says page, time, rule and digest of the bytes, and can be checked without trusting its author.",
    raw_pages: "The folder archive holds the pages as the site sent them, with whatever personal data are published \
                there (names, e-mail addresses, telephone numbers): it has to be kept and sent accordingly.",
    without_pages: "The pages received are not enclosed: they stay with whoever made the visit, and the digests given \
                    here tell them.",
    masked: "In this text e-mail addresses, telephone numbers, codici fiscali of persons and IBANs that were read in \
             pages are covered: [email], [tel], [cf], [iban].",
    unmasked: "In this text excerpts are as read in the pages, without covering personal data.",
    as_of: "Only what was known at the end of the day",
    standing: "What holds",
    first_seen: "First seen",
    last_confirmed: "Last confirmed",
    note: "To be known",
    silent_since: "looks cannot tell since",
    missed_since: "missed, to be confirmed, since",
    no_history: "No history: a single look, or looks that do not count.",
    history: "History",
    until: "Until",
    still: "still holds",
    ended: "Why it ended",
    visit: "Visit of",
    latest: "It is the latest visit.",
    asked: "It is the visit asked for.",
    confirmed: "It is the last visit that confirmed",
    held: "The run that it belongs to is suspect and held: it does not count until a person releases it.",
    discarded: "The run that it belongs to was discarded: it does not count.",
    evidence: "Element",
    no_evidence: "No element was seen.",
    received: "Received",
    digest: "SHA-256 of what was read",
    tied: "Tied to this comune",
    yes_no: ["yes", "no"],
    place: "Place in the page",
    picture: "Picture of the page",
    picture_about: "The page as drawn, with the recognised elements outlined.",
    pages: "Pages asked for",
    kind: "Read as",
    status: "status",
    bytes_here: "Bytes kept",
    not_seen: "What was not seen, and why",
    nothing_left: "No promising link was left unread.",
    provenance: "Where it comes from",
    number: "Visit",
    run: "Run",
    no_run: "none, a single visit",
    chain: "Chain",
    records: ["records", "to"],
    root: "Root of the chain",
    stamp: "Root stamped in time",
    agent: "Name told to servers",
    program: "Program",
    files: "Files of the case file",
    file_columns: ["File", "Bytes", "SHA-256"],
    files_about: "The digests of all files, this one included, are in manifest.json.",
    check: "How to check",
    steps: [
        "python3 verify.py in this folder recomputes all digests and the chain of each visit; it needs no network.",
        "ReplayWeb.page (replayweb.page) opens the ZIP, or the file in the folder archive, and shows the pages kept.",
        "warcio check, pywb and every other program for WARC files read the archive.",
        "The root of the chain is to be compared with the one in the minutes or the report of the day of the visit.",
        "riscontro evidence replay, with whoever keeps the evidence, runs the rules on the same bytes again.",
    ],
    check_file: "VERIFY.txt",
    contents: "Contents",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_judges_and_both_languages_are_there() {
        let [it, en] = [&IT, &EN].map(|words| format!("{words:?}"));
        for judgement in ["conform", "superat", "fallit", "passed", "failed", "complian"] {
            assert!(!it.to_lowercase().contains(judgement) && !en.to_lowercase().contains(judgement), "{judgement}");
        }
        for empty in ["\"\"", "\" \""] {
            assert!(!it.contains(empty) && !en.contains(empty));
        }
        let phrases = |text: &str| text.split("\", ").map(str::to_owned).collect::<Vec<_>>();
        let same = phrases(&it).into_iter().zip(phrases(&en)).filter(|(it, en)| it == en).count();
        // What is the same in both: `no`, the heads of two columns.
        assert!(same <= 4, "{same}");
    }
}
