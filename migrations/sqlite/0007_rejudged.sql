-- What other rules say of the bytes of a visit that are kept, and histories as other rules see them.

CREATE TABLE judgement (
    visit     INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE,
    catalogue INTEGER NOT NULL REFERENCES catalogue (id),
    platform  TEXT NOT NULL CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    outcome   TEXT NOT NULL CHECK (outcome IN ('found', 'mentioned', 'not-found', 'undetermined')),
    strength  TEXT CHECK (strength IN ('counter', 'weak', 'strong', 'proof')),
    reason    TEXT NOT NULL CHECK (reason <> '' AND reason NOT GLOB '*[^a-z0-9-]*'),
    PRIMARY KEY (visit, catalogue, platform)
) STRICT, WITHOUT ROWID;

CREATE INDEX judgement_catalogue ON judgement (catalogue);

-- 1 when histories are kept as these rules see them: visits were judged again with them.
ALTER TABLE catalogue ADD COLUMN series INTEGER NOT NULL DEFAULT 0 CHECK (series IN (0, 1));

-- With the rules in it, a history can be made again without the visits' own, long rows.
DROP INDEX visit_subject;
CREATE INDEX visit_subject ON visit (subject, started, run, catalogue);

-- Derived, and made anew: a check cannot be changed. `catalogue` NULL is the history as each day's own rules saw it, else as
-- these rules see all of it; `rules` are those of the look that confirmed it last.
DROP TABLE observation;
CREATE TABLE observation (
    id             INTEGER PRIMARY KEY,
    subject        INTEGER NOT NULL REFERENCES subject (id) ON DELETE CASCADE,
    platform       TEXT NOT NULL CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    catalogue      INTEGER REFERENCES catalogue (id),
    outcome        TEXT NOT NULL CHECK (outcome IN ('found', 'mentioned', 'not-found')),
    strength       TEXT CHECK (strength IN ('counter', 'weak', 'strong', 'proof')),
    reason         TEXT NOT NULL CHECK (reason <> '' AND reason NOT GLOB '*[^a-z0-9-]*'),
    rules          INTEGER REFERENCES catalogue (id),
    first_seen     TEXT NOT NULL CHECK (length(first_seen) = 30),
    known          TEXT NOT NULL CHECK (length(known) = 30),
    last_confirmed TEXT NOT NULL CHECK (length(last_confirmed) = 30),
    -- NULL while it holds.
    until          TEXT CHECK (length(until) = 30),
    until_known    TEXT CHECK (length(until_known) = 30),
    ended          TEXT CHECK (ended IN ('loss-confirmed', 'found', 'words-changed', 'rules-changed')),
    CHECK ((until IS NULL) = (ended IS NULL) AND (until IS NULL) = (until_known IS NULL))
) STRICT;

CREATE INDEX observation_subject ON observation (subject, platform);
CREATE INDEX observation_catalogue ON observation (catalogue) WHERE catalogue IS NOT NULL;
CREATE INDEX observation_rules ON observation (rules);
-- One answer at a time.
CREATE UNIQUE INDEX observation_holds ON observation (subject, platform, coalesce(catalogue, 0)) WHERE until IS NULL;

-- `rules`: the first look that missed it by other rules than those that found it, with these.
DELETE FROM doubt;
ALTER TABLE doubt ADD COLUMN catalogue INTEGER REFERENCES catalogue (id);
ALTER TABLE doubt ADD COLUMN rules INTEGER REFERENCES catalogue (id);
ALTER TABLE doubt ADD COLUMN rules_since TEXT CHECK (length(rules_since) = 30);
DROP INDEX doubt_lasts;
CREATE UNIQUE INDEX doubt_lasts ON doubt (subject, platform, coalesce(catalogue, 0)) WHERE ended IS NULL;
CREATE INDEX doubt_catalogue ON doubt (catalogue) WHERE catalogue IS NOT NULL;
CREATE INDEX doubt_rules ON doubt (rules) WHERE rules IS NOT NULL;

DELETE FROM silence;
ALTER TABLE silence ADD COLUMN catalogue INTEGER REFERENCES catalogue (id);
DROP INDEX silence_lasts;
CREATE UNIQUE INDEX silence_lasts ON silence (subject, platform, coalesce(catalogue, 0)) WHERE ended IS NULL;
CREATE INDEX silence_catalogue ON silence (catalogue) WHERE catalogue IS NOT NULL;

UPDATE history_rule SET built = 0;
