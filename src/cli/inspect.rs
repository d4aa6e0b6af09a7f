//! `riscontro inspect`: the rules on one saved page, offline.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use url::Url;

use super::{Context, Exit, Failure, Format, Printed, saved};
use crate::{
    cli::workshop,
    report::{inspect::PageReport, mask},
};

/// Most bytes of a page that are read, as in a visit; more is cut and said.
const MAX_BODY: usize = 8 << 20;

/// Run the rules on one saved page, offline
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The page, - for standard input
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
    /// The address that the page is read as
    #[arg(long, value_name = "URL")]
    pub(super) url: String,
    #[command(flatten)]
    pub(super) printed: Printed,
    /// Content-Type header that the page came with
    #[arg(long, value_name = "TYPE")]
    pub(super) content_type: Option<String>,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let url = Url::parse(&arguments.url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        let why = lang.pick("non è un indirizzo http o https", "not an http or https address");
        let place = format!("--url {}", arguments.url);
        return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at(place).because(why));
    };
    let (body, cut) = read(&arguments.file).map_err(|error| Failure::unreadable(&arguments.file, &error, lang))?;
    let report = look(&url, arguments.content_type.as_deref(), &body, cut, context)?;
    let text = match arguments.printed.format {
        Format::Text => report.text(context.words(), context.terminal.colour()),
        Format::Json => report.json().map_err(|error| Failure::unwritable("json", &error, lang))?,
    };
    context.print(&text)?;
    Ok(Exit::Found)
}

/// The body, and whether it is only the beginning.
fn read(path: &Path) -> io::Result<(Vec<u8>, bool)> {
    let mut body = Vec::new();
    let limit = MAX_BODY as u64 + 1;
    if path == Path::new("-") {
        io::stdin().lock().take(limit).read_to_end(&mut body)?;
    } else {
        File::open(path)?.take(limit).read_to_end(&mut body)?;
    }
    let cut = body.len() > MAX_BODY;
    body.truncate(MAX_BODY);
    Ok((body, cut))
}

/// Reads the page as a visit would, with nothing known of the comune but the address.
fn look(
    url: &Url,
    content_type: Option<&str>,
    body: &[u8],
    cut: bool,
    context: &Context,
) -> Result<PageReport, Failure> {
    let catalogue = workshop::catalogue(context)?;
    let mut view = saved::look(&catalogue, url, body, content_type, cut);
    mask::signals(&mut view.signals);
    Ok(PageReport {
        url: mask::url(url),
        title: mask::text(&view.title).into_owned(),
        charset: view.charset.to_owned(),
        cut: view.cut,
        platforms: view.labels.into_iter().collect(),
        signals: view.signals,
    })
}
