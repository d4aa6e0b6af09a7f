-- What held from when to when, as changes; and which runs' looks count.

-- Whom a history is about: a comune, or a site while nobody has said whose it is.
CREATE TABLE subject (
    id     INTEGER PRIMARY KEY,
    comune INTEGER UNIQUE REFERENCES comune (id),
    site   INTEGER UNIQUE REFERENCES site (id),
    CHECK ((comune IS NULL) <> (site IS NULL))
) STRICT;

ALTER TABLE visit ADD COLUMN subject INTEGER REFERENCES subject (id);

INSERT INTO subject (comune)
SELECT DISTINCT coalesce(v.comune, s.comune) AS whose FROM visit v JOIN site s ON s.id = v.site WHERE whose IS NOT NULL;

INSERT INTO subject (site)
SELECT DISTINCT v.site FROM visit v JOIN site s ON s.id = v.site WHERE coalesce(v.comune, s.comune) IS NULL;

UPDATE visit SET subject = coalesce(
    (SELECT id FROM subject WHERE comune = coalesce(visit.comune, (SELECT comune FROM site WHERE id = visit.site))),
    (SELECT id FROM subject WHERE site = visit.site));

-- With the run in it, a history can be made again without the visits' own, long rows.
CREATE INDEX visit_subject ON visit (subject, started, run);

-- Whether a run's looks count. `had` sites had something that was found before it, `worse` of them lost some of it to a loss
-- or to a look that could not tell; NULL until the run ends.
ALTER TABLE run ADD COLUMN trust TEXT NOT NULL DEFAULT 'clear'
    CHECK (trust IN ('clear', 'suspect', 'released', 'discarded'));
ALTER TABLE run ADD COLUMN had INTEGER CHECK (had >= 0);
ALTER TABLE run ADD COLUMN worse INTEGER CHECK (worse >= 0);
-- When a person released or discarded it.
ALTER TABLE run ADD COLUMN decided TEXT CHECK (length(decided) = 30);

-- Runs of before are not judged after the fact.
UPDATE run SET had = 0, worse = 0;

-- One answer for as long as it held. Derived from the visits that count, like the two tables after it.
CREATE TABLE observation (
    id             INTEGER PRIMARY KEY,
    subject        INTEGER NOT NULL REFERENCES subject (id) ON DELETE CASCADE,
    platform       TEXT NOT NULL CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    outcome        TEXT NOT NULL CHECK (outcome IN ('found', 'mentioned', 'not-found')),
    strength       TEXT CHECK (strength IN ('counter', 'weak', 'strong', 'proof')),
    reason         TEXT NOT NULL CHECK (reason <> '' AND reason NOT GLOB '*[^a-z0-9-]*'),
    first_seen     TEXT NOT NULL CHECK (length(first_seen) = 30),
    known          TEXT NOT NULL CHECK (length(known) = 30),
    last_confirmed TEXT NOT NULL CHECK (length(last_confirmed) = 30),
    -- NULL while it holds.
    until          TEXT CHECK (length(until) = 30),
    until_known    TEXT CHECK (length(until_known) = 30),
    ended          TEXT CHECK (ended IN ('loss-confirmed', 'found', 'words-changed')),
    CHECK ((until IS NULL) = (ended IS NULL) AND (until IS NULL) = (until_known IS NULL))
) STRICT;

CREATE INDEX observation_subject ON observation (subject, platform);
-- One answer at a time.
CREATE UNIQUE INDEX observation_holds ON observation (subject, platform) WHERE until IS NULL;

-- Something that was found is missed, and that is, or was, to be confirmed.
CREATE TABLE doubt (
    id       INTEGER PRIMARY KEY,
    subject  INTEGER NOT NULL REFERENCES subject (id) ON DELETE CASCADE,
    platform TEXT NOT NULL CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    outcome  TEXT NOT NULL CHECK (outcome IN ('mentioned', 'not-found')),
    reason   TEXT NOT NULL CHECK (reason <> '' AND reason NOT GLOB '*[^a-z0-9-]*'),
    since    TEXT NOT NULL CHECK (length(since) = 30),
    looks    TEXT NOT NULL CHECK (json_array_length(looks) > 0),
    ended    TEXT CHECK (length(ended) = 30),
    fate     TEXT CHECK (fate IN ('confirmed', 'refuted')),
    CHECK ((ended IS NULL) = (fate IS NULL))
) STRICT;

CREATE INDEX doubt_subject ON doubt (subject, platform);
CREATE UNIQUE INDEX doubt_lasts ON doubt (subject, platform) WHERE ended IS NULL;

-- Looks in a row that could not tell.
CREATE TABLE silence (
    id       INTEGER PRIMARY KEY,
    subject  INTEGER NOT NULL REFERENCES subject (id) ON DELETE CASCADE,
    platform TEXT NOT NULL CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    reason   TEXT NOT NULL CHECK (reason <> '' AND reason NOT GLOB '*[^a-z0-9-]*'),
    since    TEXT NOT NULL CHECK (length(since) = 30),
    last     TEXT NOT NULL CHECK (length(last) = 30),
    ended    TEXT CHECK (length(ended) = 30)
) STRICT;

CREATE INDEX silence_subject ON silence (subject, platform);
CREATE UNIQUE INDEX silence_lasts ON silence (subject, platform) WHERE ended IS NULL;

-- The measure by which the three were made; 0 built means that they are still to be made from the visits.
CREATE TABLE history_rule (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    looks INTEGER NOT NULL CHECK (looks >= 0),
    hours INTEGER NOT NULL CHECK (hours >= 0),
    built INTEGER NOT NULL CHECK (built IN (0, 1))
) STRICT;

INSERT INTO history_rule (id, looks, hours, built) VALUES (1, 3, 72, 0);
