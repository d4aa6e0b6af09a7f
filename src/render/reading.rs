//! What a page looks like after its scripts, as markup.

use chromiumoxide::cdp::{
    browser_protocol::page::CreateIsolatedWorldParams,
    js_protocol::runtime::{EvaluateParams, TimeDelta},
};
use serde::Deserialize;

/// Writes the document as markup, with marks on what the layout hides.
const SCRIPT: &str = include_str!("read.js");

/// Characters of the document that are read.
const LIMIT: usize = 8 << 20;

/// Milliseconds that the reading may take inside the page.
const TIME: f64 = 4_000.0;

/// The document as the script gives it.
#[derive(Debug, Deserialize)]
pub(super) struct Reading {
    /// Its address now.
    pub(super) url: String,
    /// It is larger or deeper than is read.
    pub(super) cut: bool,
    /// A script of it opened a socket.
    pub(super) socket: bool,
    /// The markup.
    pub(super) html: String,
}

/// A world in which the reading script is alone.
pub(super) fn world(frame: &str) -> CreateIsolatedWorldParams {
    CreateIsolatedWorldParams::new(frame.to_owned())
}

/// The command that reads the document in a world.
pub(super) fn read(world: chromiumoxide::cdp::js_protocol::runtime::ExecutionContextId) -> EvaluateParams {
    let mut read = EvaluateParams::new(format!("({SCRIPT})({LIMIT})"));
    read.context_id = Some(world);
    read.return_by_value = Some(true);
    read.silent = Some(true);
    read.timeout = Some(TimeDelta::new(TIME));
    read
}
