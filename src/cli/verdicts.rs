//! `riscontro verdicts`: every application to a notice, against what visits found and registers hold.

use clap::{Args, ValueEnum};

use super::{
    Context, Exit, Failure,
    cases::{self, Listing, Query, State},
    notices::{self, titles},
    workshop,
};
use crate::{
    model::{ApplicationState, Verdict},
    notices::{Notice, Notices},
    report::verdicts::Layout,
    store::{CaseFacts, Store, StoreError, Wanted},
};

/// Say of every application to a notice what can be seen of it, with reasons and dates
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Id of the notice, as `notices list` tells it
    #[arg(long, value_name = "ID")]
    notice: String,
    /// Only applications in these states: financed, waived, paid; `none` for the comuni without one (default A,E)
    #[arg(long, value_name = "A|R|E|none", value_delimiter = ',', ignore_case = true, hide_possible_values = true)]
    state: Vec<State>,
    /// Only applications with this verdict, may be repeated
    #[arg(
        long,
        value_name = "supported|not-supported|undetermined|not-observable",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    outcome: Vec<Outcome>,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Outcome {
    Supported,
    NotSupported,
    Undetermined,
    NotObservable,
}

impl Outcome {
    const fn verdict(self) -> Verdict {
        match self {
            Self::Supported => Verdict::Supported,
            Self::NotSupported => Verdict::NotSupported,
            Self::Undetermined => Verdict::Undetermined,
            Self::NotObservable => Verdict::NotObservable,
        }
    }
}

pub(super) async fn run(arguments: &Arguments, context: &Context) -> Result<Exit, Failure> {
    let lang = context.lang();
    let notices = notices::notices(context)?;
    let notice = notices::find(&notices, &arguments.notice, lang)?;
    let store = workshop::store_for_reading(context).await?;
    let wanted = wanted(&arguments.state, notice, &notices, &store).await;
    let query = Query {
        wanted: wanted.map_err(|error| workshop::of_store(&error, lang))?,
        notice: &|_: &CaseFacts| Some(notice),
        notices: vec![notice],
        verdicts: arguments.outcome.iter().map(|outcome| outcome.verdict()).collect(),
        misfits: false,
        layout: Layout::Verdicts,
    };
    cases::list(query, &arguments.listing, &store, context).await?;
    Ok(Exit::Found)
}

/// Which cases a notice has. A notice whose applications no register lists concerns every comune.
async fn wanted(
    states: &[State],
    notice: &Notice,
    notices: &Notices,
    store: &Store,
) -> Result<Vec<Wanted>, StoreError> {
    if notice.titles.is_empty() {
        return Ok(vec![Wanted::Comuni { without: Vec::new() }]);
    }
    let live = [State::Financed, State::Paid];
    let states = if states.is_empty() { &live } else { states };
    let mut wanted = Vec::new();
    let with: Vec<ApplicationState> = states.iter().filter_map(|state| state.application()).collect();
    if !with.is_empty() {
        wanted.push(Wanted::Applications {
            titles: titles(notices, store, |one| one.id == notice.id).await?,
            states: with,
        });
    }
    if states.contains(&State::None) {
        // Who applied to another notice of the measure has an application.
        wanted.push(Wanted::Comuni { without: titles(notices, store, |one| one.measure == notice.measure).await? });
    }
    Ok(wanted)
}
