//! Documents to standard output, or to a file that appears whole or not at all.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Stdout, Write},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Context, Exit, Failure, terminal::STDOUT};
use crate::{config::Lang, report::csv::Dialect};

/// Where a document goes.
#[derive(Debug, Args)]
pub(super) struct ToFile {
    /// File to write, in place of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

impl ToFile {
    /// A workbook is no stream: it goes to a file or not at all.
    pub(super) fn for_workbook(&self, lang: Lang) -> Result<(), Failure> {
        if self.output.is_some() {
            return Ok(());
        }
        let why = lang
            .pick("una cartella di lavoro va in un file: --output FILE", "a workbook goes to a file: --output FILE");
        Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--format xlsx").because(why))
    }

    /// Opens the file, else standard output.
    pub(super) fn open(&self, context: &Context) -> Result<Output, Failure> {
        Output::open(self.output.as_deref(), context)
    }

    /// What went wrong while writing, when the writer cannot be asked.
    pub(super) fn failed(&self, error: &io::Error, lang: Lang) -> Failure {
        let place = self.output.as_ref().map_or_else(|| STDOUT.to_owned(), |path| path.display().to_string());
        Failure::unwritable(place, error, lang)
    }
}

/// Where a list goes, and which kind of CSV it is.
#[derive(Debug, Args)]
pub(super) struct Destination {
    #[command(flatten)]
    pub(super) file: ToFile,
    /// Commas and no byte order mark, in place of what Italian spreadsheets expect
    #[arg(long)]
    rfc4180: bool,
}

impl Destination {
    /// The kind of CSV; asking for one where none is written is a mistake.
    pub(super) fn dialect(&self, is_csv: bool, lang: Lang) -> Result<Dialect, Failure> {
        match (self.rfc4180, is_csv) {
            (false, _) => Ok(Dialect::Italian),
            (true, true) => Ok(Dialect::Rfc4180),
            (true, false) => {
                let why = lang.pick("vale solo per --format csv", "is for --format csv only");
                Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--rfc4180").because(why))
            }
        }
    }

    /// Opens the file, else standard output.
    pub(super) fn open(&self, context: &Context) -> Result<Output, Failure> {
        self.file.open(context)
    }

    /// What went wrong while writing, when the writer cannot be asked.
    pub(super) fn failed(&self, error: &io::Error, lang: Lang) -> Failure {
        self.file.failed(error, lang)
    }
}

/// Where a document goes. Nothing of it stays when it is dropped before [`Output::finish`].
#[derive(Debug)]
pub(super) struct Output {
    to: To,
    lang: Lang,
}

#[derive(Debug)]
enum To {
    Stdout(BufWriter<Stdout>),
    /// Written beside the file first and renamed when whole: a reader never sees half a document, and an older one stays
    /// untouched when the disk is full.
    File {
        path: PathBuf,
        part: Part,
        out: BufWriter<File>,
    },
}

/// The file beside, gone with this value; after the renaming there is nothing left to remove.
#[derive(Debug)]
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Output {
    /// Opens the file, else standard output.
    pub(super) fn open(file: Option<&Path>, context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        let to = match file {
            None => To::Stdout(BufWriter::new(io::stdout())),
            Some(path) => {
                let mut part = path.as_os_str().to_owned();
                part.push(".part");
                let part = PathBuf::from(part);
                let out = File::create(&part).map_err(|error| Failure::uncreatable(path, &error, lang))?;
                To::File { path: path.to_owned(), part: Part(part), out: BufWriter::new(out) }
            }
        };
        Ok(Self { to, lang })
    }

    /// The file, for documents that are not written from front to back; none for standard output.
    pub(super) fn file(&mut self) -> Option<&mut BufWriter<File>> {
        match &mut self.to {
            To::Stdout(_) => None,
            To::File { out, .. } => Some(out),
        }
    }

    /// What went wrong while writing.
    pub(super) fn failed(&self, error: &io::Error) -> Failure {
        let place = match &self.to {
            To::Stdout(_) => STDOUT.to_owned(),
            To::File { path, .. } => path.display().to_string(),
        };
        Failure::unwritable(place, error, self.lang)
    }

    /// Makes the document visible as a whole.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let written = match &mut self.to {
            To::Stdout(out) => out.flush(),
            To::File { path, part, out } => {
                out.flush().and_then(|()| out.get_ref().sync_all()).and_then(|()| fs::rename(&part.0, path))
            }
        };
        written.map_err(|error| self.failed(&error))
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.to {
            To::Stdout(out) => out.write(bytes),
            To::File { out, .. } => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stdout(out) => out.flush(),
            To::File { out, .. } => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

    use super::*;
    use crate::{
        cli::{Exit, Terminal},
        config::{Environment, Flags, load},
    };

    #[test]
    fn a_document_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("findings.csv");
        let environment = Environment::default();
        let settings = load(&environment, &Flags::default()).unwrap().settings;
        let context = Context::new(settings, Terminal::new(&environment, 0));
        let open = |path: &Path| Output::open(Some(path), &context);
        let mut out = open(&path).unwrap();
        out.write_all(b"whole").unwrap();
        assert!(!path.exists());
        out.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole");

        let mut half = open(&path).unwrap();
        half.write_all(b"ha").unwrap();
        drop(half);
        assert_eq!(fs::read_to_string(&path).unwrap(), "whole", "the older one stays");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "the part is left behind");

        let failure = open(&folder.path().join("no/such/findings.csv")).unwrap_err();
        assert_eq!(failure.exit, Exit::CannotCreate);
        assert!(failure.lines[0].place.as_deref().unwrap().ends_with("no/such/findings.csv"));
    }
}
