//! One report of a letter, with the files that go along.

use std::io::{self, Cursor};

use jiff::civil::Date;

use super::{Desk, File};
use crate::{
    cli::{
        Context, Exit, Failure, comune,
        report::{comune::Gathered, national::picture, notice::NEAR_DAYS, paper::Press, scope::Scope},
        workshop,
    },
    config::Lang,
    history::day,
    mail::Attachment,
    report::{
        changes::{Tally, VerdictChange, section, verdict_section},
        csv,
        document::{self, Document},
        json,
        known::{Known, Reader},
        letter::{Part, no_changes},
        notice::{Asked, Builder},
        observations::ChangeRow,
        verdicts::{Sheet, Told},
        xlsx::{SheetId, Workbook},
    },
    store::{About, Attach, Subscription},
};

/// Rows of a kind that a letter shows.
const ROWS: usize = 40;

/// One report, what the reader knows once told, and the files.
pub(super) struct Prepared {
    pub(super) part: Part,
    pub(super) known: Known,
    pub(super) files: Vec<File>,
    /// Files that could not be made, with the command that makes them.
    pub(super) left_out: Vec<(String, String)>,
}

/// What a subscription is told now.
pub(super) async fn prepared(
    one: &Subscription,
    as_of: Date,
    desk: &Desk<'_>,
    context: &Context,
) -> Result<Prepared, Failure> {
    let lang = context.lang();
    let state = desk.store.told_state(one.id).await.map_err(|error| workshop::of_store(&error, lang))?;
    let known = state.as_deref().map(Known::of_bytes).transpose().map_err(|error| {
        let what = lang.pick("ciò che era stato detto non si può leggere", "what was told cannot be read");
        Failure::new(Exit::Data, what).because(error.to_string())
    })?;
    let reader = Reader::new(known);
    match &one.wanted.about {
        About::Notice { notices, regions } => notice(one, (notices, regions), as_of, reader, desk, context).await,
        About::Comune { catastale } => to_comune(one, catastale, as_of, reader, desk, context).await,
        About::National => national(one, as_of, reader, desk, context).await,
    }
}

async fn notice(
    one: &Subscription,
    (ids, regions): (&[String], &[String]),
    as_of: Date,
    mut reader: Reader,
    desk: &Desk<'_>,
    context: &Context,
) -> Result<Prepared, Failure> {
    let (lang, store) = (context.lang(), desk.store);
    let scope = Scope::new(ids, regions, as_of, desk.notices, context)?;
    let registers = store.register_states(as_of, context.settings.register_max_age).await;
    let registers = registers.map_err(|error| workshop::of_store(&error, lang))?;
    let asked = Asked { as_of, since: one.told.map(day), near_days: NEAR_DAYS, regions: regions.to_vec() };
    let mut report = Builder::new(&scope.chosen, asked, registers, lang);
    if one.told.is_some() {
        report = report.with_verdicts_before();
    }
    let mut sheets =
        Sheets::open(&one.wanted.attach, lang).map_err(|error| Failure::unwritable("report", &error, lang))?;
    scope.changes(as_of, &mut report, store, |told| reader.change(told), context).await?;
    let each = |told: &Told<'_>, report: &mut Builder<'_>| {
        report.case(told);
        if let Some(change) = reader.verdict(told) {
            report.verdict_changed(change);
        }
        sheets.write(told, lang)
    };
    scope.cases(&mut report, store, each, context).await?;
    report.finish();
    let mut command = String::from("riscontro report notice");
    for id in ids {
        command.push_str(&format!(" --notice {}", quoted(id)));
    }
    for region in regions {
        command.push_str(&format!(" --region {}", quoted(region)));
    }
    let name = Name { what: "notice", one, as_of, command };
    let made = |form| match form {
        Attach::Json => json::line(&report).map(String::into_bytes).map(Some),
        Attach::Csv => sheets.csv().map(Some),
        Attach::Xlsx => sheets.xlsx(&report.tables()).map(Some),
        Attach::Html | Attach::Pdf => Ok(None),
    };
    let Attached { files, left_out } = name.files(&report.document(), made, context).await?;
    let part = Part { document: report.brief(), tally: report.tally(), first: one.told.is_none() };
    Ok(Prepared { part, known: reader.now(), files, left_out })
}

async fn to_comune(
    one: &Subscription,
    catastale: &str,
    as_of: Date,
    mut reader: Reader,
    desk: &Desk<'_>,
    context: &Context,
) -> Result<Prepared, Failure> {
    let lang = context.lang();
    let file = comune::meant(catastale, desk.store, lang).await?;
    let gathered = Gathered::of(file, as_of, desk.notices, desk.store, context).await?;
    let rows: Vec<ChangeRow> = gathered.histories.iter().filter_map(|told| reader.change(told)).collect();
    let verdicts: Vec<VerdictChange> = gathered.cases.iter().filter_map(|told| reader.verdict(told)).collect();
    let report = gathered.report(context);
    let document = report.document(context.words(), &workshop::remedy(desk.catalogue, lang));
    let command = format!("riscontro report comune {}", quoted(catastale));
    let name = Name { what: "comune", one, as_of, command };
    let made = |form| match form {
        Attach::Json => report.json().map(String::into_bytes).map(Some),
        // Refused when the subscription is made: there is no table of one comune.
        Attach::Csv | Attach::Xlsx | Attach::Html | Attach::Pdf => Ok(None),
    };
    let Attached { files, left_out } = name.files(&document, made, context).await?;
    let part = with_changes(document, one, &rows, Some(&verdicts), lang);
    Ok(Prepared { part, known: reader.now(), files, left_out })
}

async fn national(
    one: &Subscription,
    as_of: Date,
    mut reader: Reader,
    desk: &Desk<'_>,
    context: &Context,
) -> Result<Prepared, Failure> {
    let lang = context.lang();
    let mut rows: Vec<ChangeRow> = Vec::new();
    let picture = picture(as_of, desk.store, |told| rows.extend(reader.change(told)), context).await?;
    let document = picture.document();
    let name = Name { what: "national", one, as_of, command: "riscontro report national".to_owned() };
    let made = |form| match form {
        Attach::Json => json::line(&picture).map(String::into_bytes).map(Some),
        Attach::Xlsx => {
            let mut book = Workbook::new(lang);
            document::sheets(&document, &mut book)?;
            saved(book).map(Some)
        }
        // CSV is refused when the subscription is made.
        Attach::Csv | Attach::Html | Attach::Pdf => Ok(None),
    };
    let Attached { files, left_out } = name.files(&document, made, context).await?;
    let part = with_changes(document, one, &rows, None, lang);
    Ok(Prepared { part, known: reader.now(), files, left_out })
}

/// A document that is told whole, with what changed before the rest of it.
fn with_changes(
    mut document: Document,
    one: &Subscription,
    rows: &[ChangeRow],
    verdicts: Option<&[VerdictChange]>,
    lang: Lang,
) -> Part {
    let first = one.told.is_none();
    let listed: Vec<&ChangeRow> = rows.iter().collect();
    let mut sections = vec![section(&listed, no_changes(first, lang), ROWS, lang)];
    if let Some(verdicts) = verdicts.filter(|verdicts| !verdicts.is_empty()) {
        sections.push(verdict_section(verdicts, ROWS, lang));
    }
    sections.append(&mut document.sections);
    document.sections = sections;
    let tally = Tally::of(rows.iter().map(|row| row.change)).with_verdicts(verdicts.map_or(0, <[_]>::len));
    Part { document, tally, first }
}

/// What goes along with a letter.
#[derive(Default)]
struct Attached {
    files: Vec<File>,
    /// What could not be made, with the command that makes it.
    left_out: Vec<(String, String)>,
}

async fn printed(document: &Document, context: &Context) -> Result<Vec<u8>, Failure> {
    Press::there(context)?.pdf(document, context).await
}

/// How the files of a report are called, and made by hand.
struct Name<'a> {
    what: &'static str,
    one: &'a Subscription,
    as_of: Date,
    command: String,
}

impl Name<'_> {
    /// The name of a file, and the command that makes it.
    fn named(&self, form: Attach) -> (String, String) {
        let Self { what, one, as_of, command } = self;
        let ending = form.code();
        let name = format!("riscontro-{what}-{}-{as_of}.{ending}", one.id);
        let command = format!("{command} --format {ending} --output {name}");
        (name, command)
    }

    /// The files that are wanted: pages and paper of the document, the others as they are made. Without a browser, or when it
    /// fails, the letter leaves without paper and says so.
    async fn files(
        &self,
        document: &Document,
        mut made: impl FnMut(Attach) -> io::Result<Option<Vec<u8>>>,
        context: &Context,
    ) -> Result<Attached, Failure> {
        let mut attached = Attached::default();
        for form in &self.one.wanted.attach {
            let bytes = match form {
                Attach::Html => Some(document::html(document).into_bytes()),
                Attach::Pdf => match printed(document, context).await {
                    Ok(bytes) => Some(bytes),
                    Err(failure) => {
                        tracing::warn!(why = failure.render(Lang::En).trim_end(), "a report could not be printed");
                        attached.left_out.push(self.named(*form));
                        None
                    }
                },
                form => made(*form).map_err(|error| Failure::unwritable("report", &error, context.lang()))?,
            };
            attached.files.extend(bytes.map(|bytes| self.file(*form, bytes)));
        }
        Ok(attached)
    }

    fn file(&self, form: Attach, bytes: Vec<u8>) -> File {
        let (name, command) = self.named(form);
        let mime = match form {
            Attach::Html => "text/html; charset=utf-8",
            Attach::Csv => "text/csv; charset=utf-8",
            Attach::Json => "application/json",
            Attach::Pdf => "application/pdf",
            Attach::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        };
        File { attachment: Attachment { name, mime: mime.to_owned(), bytes }, command }
    }
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if text.chars().all(plain) && !text.is_empty() {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Every case, for the forms that list them.
struct Sheets {
    csv: Option<csv::Writer<Vec<u8>>>,
    xlsx: Option<(Workbook, SheetId)>,
}

impl Sheets {
    fn open(forms: &[Attach], lang: Lang) -> io::Result<Self> {
        let mut sheets = Self { csv: None, xlsx: None };
        if forms.contains(&Attach::Csv) {
            sheets.csv = Some(Sheet::Cases.table(Vec::new(), csv::Dialect::Italian)?);
        }
        if forms.contains(&Attach::Xlsx) {
            let mut book = Workbook::new(lang);
            let id = Sheet::Cases.in_book(&mut book, lang)?;
            sheets.xlsx = Some((book, id));
        }
        Ok(sheets)
    }

    fn write(&mut self, told: &Told<'_>, lang: Lang) -> io::Result<()> {
        if let Some(writer) = &mut self.csv {
            Sheet::Cases.to_table(told, writer)?;
        }
        if let Some((book, id)) = &mut self.xlsx {
            Sheet::Cases.to_book(told, book, *id, lang)?;
        }
        Ok(())
    }

    fn csv(&mut self) -> io::Result<Vec<u8>> {
        self.csv.take().map_or_else(|| Ok(Vec::new()), csv::Writer::finish)
    }

    fn xlsx(&mut self, tables: &Document) -> io::Result<Vec<u8>> {
        let Some((mut book, _)) = self.xlsx.take() else { return Ok(Vec::new()) };
        document::sheets(tables, &mut book)?;
        saved(book)
    }
}

fn saved(book: Workbook) -> io::Result<Vec<u8>> {
    let mut out = Cursor::new(Vec::new());
    book.save(&mut out)?;
    Ok(out.into_inner())
}
