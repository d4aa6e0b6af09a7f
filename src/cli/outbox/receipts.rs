//! `riscontro outbox receipts`: what providers of certified mail answered.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use serde::Serialize;

use super::{Receipts, show::what};
use crate::{
    cli::{Context, Exit, Failure, Format, workshop},
    config::Lang,
    mail::receipt::{self, Read},
    report::{json, table::Table},
    store::{DispatchId, Noted, ReceiptKind},
};

/// One message of the folder.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    /// What the receipt says.
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<&'static str>,
    /// What came of it: `new`, `known`, `no-such-letter`, `other-recipient`, `no-receipt`, or why it is not believed.
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    letter: Option<DispatchId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
}

impl Line {
    /// Whether a person should look at it.
    fn waits(&self) -> bool {
        match self.result {
            "known" | "no-such-letter" | "no-receipt" => false,
            "new" => !matches!(self.says, Some("accepted" | "delivered")),
            _ => true,
        }
    }
}

pub(super) async fn run(arguments: &Receipts, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let folder = &arguments.folder;
    let files = files(folder).map_err(|error| Failure::unreadable(folder, &error, lang))?;
    let store = workshop::store(context).await?;
    let mut lines = Vec::with_capacity(files.len());
    for path in files {
        let file = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
        let mut line = Line { file, says: None, result: "no-receipt", letter: None, message_id: None };
        // A message that breaks the reader breaks its own thread only.
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        match read {
            Err(_) | Ok(Err(_)) => line.result = "unreadable",
            Ok(Ok(Read::Other)) => {}
            Ok(Ok(Read::Wrong(why))) => line.result = why,
            Ok(Ok(Read::Receipt(fact))) => {
                let noted = store.note_receipt(&fact).await.map_err(|error| workshop::of_store(&error, lang))?;
                line.says = Some(ReceiptKind::code(fact.kind));
                (line.result, line.letter) = match noted {
                    Noted::New(id) => ("new", Some(id)),
                    Noted::Known(id) => ("known", Some(id)),
                    Noted::NoSuchLetter => ("no-such-letter", None),
                    Noted::OtherRecipient(id) => ("other-recipient", Some(id)),
                };
                line.message_id = Some(fact.message_id);
            }
        }
        lines.push(line);
    }
    store.close().await;
    context.print(&told(&lines, arguments.printed.format, lang)?)?;
    Ok(if lines.iter().any(Line::waits) { Exit::Suspect } else { Exit::Found })
}

/// The files of a folder, and of `cur` and `new` in it, as a Maildir has them; in the order of their names. Links are not
/// followed.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (part, must) in [(folder.to_path_buf(), true), (folder.join("cur"), false), (folder.join("new"), false)] {
        let entries = match fs::read_dir(&part) {
            Ok(entries) => entries,
            Err(error) if must => return Err(error),
            Err(_) => continue,
        };
        for entry in entries {
            let entry = entry?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && entry.file_type()?.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> io::Result<Read> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(receipt::LIMIT + 1).read_to_end(&mut bytes)?;
    Ok(receipt::read(&bytes))
}

fn told(lines: &[Line], format: Format, lang: Lang) -> Result<String, Failure> {
    if format == Format::Json {
        let all: Result<String, _> = lines.iter().map(json::line).collect();
        return all.map_err(|error| Failure::unwritable("json", &error, lang));
    }
    let mut table =
        Table::new(lang.pick(["File", "Ricevuta", "Lettera", "Esito"], ["File", "Receipt", "Letter", "Result"]));
    for line in lines {
        let result = match line.result {
            "new" => lang.pick("annotata", "noted"),
            "known" => lang.pick("già nota", "known"),
            "no-such-letter" => lang.pick("di nessuna lettera", "of no letter"),
            "other-recipient" => {
                lang.pick("RESPINTA: parla di un altro destinatario", "NOT BELIEVED: another recipient")
            }
            "no-receipt" => lang.pick("non è una ricevuta", "no receipt"),
            "too-large" => lang.pick("RESPINTA: troppo grande", "NOT BELIEVED: too large"),
            "too-many-parts" => lang.pick("RESPINTA: troppe parti", "NOT BELIEVED: too many parts"),
            "two-kinds" => lang.pick("RESPINTA: dice di essere due cose", "NOT BELIEVED: says that it is two things"),
            "unknown-kind" => lang.pick("RESPINTA: di un tipo ignoto", "NOT BELIEVED: of an unknown kind"),
            "no-reference" => {
                lang.pick("RESPINTA: non dice di quale lettera", "NOT BELIEVED: does not say of which letter")
            }
            "no-data" => lang.pick("RESPINTA: senza daticert.xml", "NOT BELIEVED: without daticert.xml"),
            "bad-data" => lang.pick("RESPINTA: daticert.xml non si legge", "NOT BELIEVED: daticert.xml cannot be read"),
            "contradiction" => lang.pick("RESPINTA: si contraddice", "NOT BELIEVED: contradicts itself"),
            _ => lang.pick("non si legge", "cannot be read"),
        };
        table.row([
            line.file.clone(),
            line.says.map_or("–", |code| what(code, lang)).to_owned(),
            line.letter.map_or_else(|| "–".to_owned(), |id| id.to_string()),
            result.to_owned(),
        ]);
    }
    Ok(if lines.is_empty() { lang.pick("Nessun messaggio.\n", "No messages.\n").to_owned() } else { table.render() })
}
