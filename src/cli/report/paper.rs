//! Reports on paper: the page of a report as PDF, by the browser that also draws pages.

use crate::{
    cli::{
        Context, Exit, Failure,
        output::ToFile,
        workshop::{self, Absent},
    },
    render::{Fault, Missing, Renderer},
    report::document::{self, Document},
};

/// A browser that was found, not yet started.
#[derive(Debug)]
pub(in crate::cli) struct Press(Renderer);

impl Press {
    /// Finds one, before anything is read. A PDF is no stream of text: it goes to a file or not at all.
    pub(super) fn find(to: &ToFile, context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        if to.output.is_none() {
            let why = lang.pick("un PDF va in un file: --output FILE", "a PDF goes to a file: --output FILE");
            return Err(Failure::new(Exit::Usage, lang.pick("uso", "usage")).at("--format pdf").because(why));
        }
        Self::there(context)
    }

    /// Finds one.
    pub(in crate::cli) fn there(context: &Context) -> Result<Self, Failure> {
        let lang = context.lang();
        let why = match workshop::renderer(context)? {
            Ok(renderer) => return Ok(Self(renderer)),
            Err(Absent::Off) => {
                lang.pick("il browser è spento (render = \"never\")", "the browser is off (render = \"never\")")
            }
            Err(Absent::Missing(Missing::NotBuilt)) => lang
                .pick("questo programma è stato compilato senza browser", "this program was built without a browser"),
            Err(Absent::Missing(_)) => {
                lang.pick("non c'è Chromium su questa macchina", "there is no Chromium on this machine")
            }
        };
        Err(Failure::new(Exit::Unavailable, "PDF").because(why).hint(lang.pick(
            "`--format html` dà la stessa pagina, che ogni browser sa stampare",
            "`--format html` gives the same page, which any browser can print",
        )))
    }

    /// The document as PDF.
    pub(in crate::cli) async fn pdf(&self, document: &Document, context: &Context) -> Result<Vec<u8>, Failure> {
        let lang = context.lang();
        let html = document::html(document);
        let printed = self.0.print(&html).await;
        self.0.close().await;
        printed.map_err(|fault| {
            let why = match &fault {
                Fault::Time => {
                    lang.pick("il browser non ha finito in tempo", "the browser was not done in time").to_owned()
                }
                Fault::Size | Fault::Memory => lang
                    .pick("il documento è troppo grande per essere stampato", "the document is too large to be printed")
                    .to_owned(),
                other => other.to_string(),
            };
            Failure::new(Exit::Unavailable, "PDF").because(why).hint(lang.pick(
                "`--region` o `--notice` lo fanno più piccolo; `--format html` dà la stessa pagina",
                "`--region` or `--notice` make it smaller; `--format html` gives the same page",
            ))
        })
    }
}
