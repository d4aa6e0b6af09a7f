//! A letter into the outbox.

use super::{ComposeError, Envelope, Letter, compose};
use crate::store::{NewDispatch, Queued, RunId, Store, StoreError};

/// Why a letter is not in the outbox.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueueError {
    /// It could not be made.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a letter and queues it under a key, which is what it says to whom: a second letter with the same key is not queued. Its
/// Message-ID has to be that of the key ([`super::message_id`]). `kind` is a code. A letter that rests on a run waits while that
/// is suspect.
pub async fn queue(
    store: &Store,
    letter: &Letter,
    envelope: &Envelope,
    (key, kind): (&str, &str),
    held_by: Option<RunId>,
) -> Result<Queued, QueueError> {
    let bytes = compose(letter, envelope)?;
    let new = NewDispatch {
        key: key.to_owned(),
        kind: kind.to_owned(),
        recipient: envelope.to.to_string(),
        subject: letter.subject.clone(),
        message_id: envelope.message_id.clone(),
        bytes,
        held_by,
    };
    Ok(store.queue_dispatch(&new).await?)
}
