-- Who gets which report, how often, and what they were told last: a letter tells what is another since.

CREATE TABLE subscription (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Without an address: the certified mailbox of the comune, as the register has it on the day of the letter.
    recipient   TEXT CHECK (recipient <> ''),
    report      TEXT NOT NULL CHECK (report IN ('notice', 'comune', 'national')),
    -- Ids of notices and names of regions, JSON lists; an empty one is for all.
    notices     TEXT NOT NULL,
    regions     TEXT NOT NULL,
    -- Cadastral code.
    comune      TEXT CHECK (comune <> ''),
    every       TEXT NOT NULL CHECK (every IN ('day', 'week', 'month')),
    lang        TEXT NOT NULL CHECK (lang IN ('it', 'en')),
    -- Forms that are attached, a JSON list.
    attach      TEXT NOT NULL,
    -- Also when nothing changed.
    always      INTEGER NOT NULL CHECK (always IN (0, 1)),
    created     TEXT NOT NULL CHECK (length(created) = 30),
    -- When it was last decided what to tell, and the state of everything then (compressed); the same when nothing was sent.
    told        TEXT CHECK (length(told) = 30),
    state       BLOB,
    last_letter INTEGER REFERENCES dispatch (id) ON DELETE SET NULL,
    CHECK ((report = 'comune') = (comune IS NOT NULL)),
    CHECK (recipient IS NOT NULL OR report = 'comune'),
    CHECK ((told IS NULL) = (state IS NULL))
) STRICT;

CREATE INDEX subscription_last_letter ON subscription (last_letter) WHERE last_letter IS NOT NULL;
