-- Letters that are to leave: the very bytes, and what became of each. A row is committed before the first try.

CREATE TABLE dispatch (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    -- What it says to whom: the same letter is queued once.
    key           TEXT NOT NULL UNIQUE CHECK (key <> ''),
    kind          TEXT NOT NULL CHECK (kind <> '' AND kind NOT GLOB '*[^a-z0-9-]*'),
    recipient     TEXT NOT NULL CHECK (recipient <> ''),
    subject       TEXT NOT NULL,
    message_id    TEXT NOT NULL UNIQUE CHECK (message_id <> ''),
    bytes         BLOB NOT NULL,
    sha256        TEXT NOT NULL CHECK (length(sha256) = 64),
    -- It leaves when this run's looks count, and never when a person discards them.
    held_by       INTEGER REFERENCES run (id),
    state         TEXT NOT NULL
        CHECK (state IN ('queued', 'sending', 'sent', 'deferred', 'failed', 'unsure', 'discarded')),
    -- Of one that is being sent: the final dot is about to go out, or went.
    at_end        INTEGER NOT NULL DEFAULT 0 CHECK (at_end IN (0, 1)),
    attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- "Not now" answers in a row, and when the first of them came.
    refusals      INTEGER NOT NULL DEFAULT 0 CHECK (refusals >= 0),
    refused_since TEXT CHECK (length(refused_since) = 30),
    queued        TEXT NOT NULL CHECK (length(queued) = 30),
    next_try      TEXT CHECK (length(next_try) = 30),
    last_try      TEXT CHECK (length(last_try) = 30),
    answer        TEXT,
    -- Taken by the server it was given to. Of certified mail: taken, delivered, not delivered by its receipts.
    sent          TEXT CHECK (length(sent) = 30),
    accepted      TEXT CHECK (length(accepted) = 30),
    delivered     TEXT CHECK (length(delivered) = 30),
    undelivered   TEXT CHECK (length(undelivered) = 30),
    CHECK ((state = 'sent') = (sent IS NOT NULL)),
    CHECK ((state IN ('queued', 'deferred')) = (next_try IS NOT NULL)),
    CHECK (at_end = 0 OR state = 'sending')
) STRICT;

CREATE INDEX dispatch_due ON dispatch (next_try) WHERE next_try IS NOT NULL;
CREATE INDEX dispatch_state ON dispatch (state);
CREATE INDEX dispatch_sent ON dispatch (sent) WHERE sent IS NOT NULL;
CREATE INDEX dispatch_held_by ON dispatch (held_by) WHERE held_by IS NOT NULL;

-- What happened to a letter, in order. Never changed.
CREATE TABLE dispatch_event (
    id       INTEGER PRIMARY KEY,
    dispatch INTEGER NOT NULL REFERENCES dispatch (id) ON DELETE CASCADE,
    at       TEXT NOT NULL CHECK (length(at) = 30),
    what     TEXT NOT NULL CHECK (what <> '' AND what NOT GLOB '*[^a-z0-9-]*'),
    detail   TEXT,
    -- Digest of the receipt that says so: one receipt counts once.
    receipt  TEXT CHECK (length(receipt) = 64)
) STRICT;

CREATE INDEX dispatch_event_dispatch ON dispatch_event (dispatch);
CREATE UNIQUE INDEX dispatch_event_receipt ON dispatch_event (dispatch, receipt) WHERE receipt IS NOT NULL;
