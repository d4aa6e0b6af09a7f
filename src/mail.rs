//! Letters: made, kept, sent once; receipts of certified mail.
//!
//! * [`compose`] makes the final bytes of a letter. No text from outside can add a header or end the message.
//! * [`queue`] stores them before the first try.
//! * [`post`] sends what is due through a [`Transport`], one letter after the other, one process at a time for each database.
//! * [`receipt`] reads what a provider of certified mail answers, [`collect`] takes it out of a mailbox on a server and notes it.
//!
//! The library `lettre` puts letters together. It does not send them: its connection takes a 3xx answer for a yes, and reports a
//! broken connection in the same way before and after the final dot, while the whole difference between "send it again" and
//! "ask a person" is which of the two it was. [`Smtp`] speaks the protocol verb by verb instead.

mod backoff;
mod collect;
mod compose;
mod encode;
mod folder;
mod imap;
mod link;
mod post;
mod queue;
pub mod receipt;
mod redirect;
mod smtp;
mod wire;

pub use collect::{Collect, Collected, Collection, Counts, Outcome, collect, note_receipt};
pub use compose::{Attachment, ComposeError, Envelope, Letter, compose, message_id};
pub use folder::Folder;
pub use imap::{Imap, ImapSettings, ImapTimeouts, ImapTrouble, ImapTroubleKind};
pub use link::{Secret, ServerError};
pub use post::{Options, PostError, Recipients, Summary, Transport, Trouble, TroubleKind, post, test};
pub use queue::{QueueError, queue};
pub use redirect::redirected;
pub use smtp::{Login, Security, Smtp, SmtpSettings, Timeouts};
pub use wire::{Unsafe, check};
