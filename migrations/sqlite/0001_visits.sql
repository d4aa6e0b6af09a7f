-- What was visited, when, and what was seen. Conventions: ../README.md

PRAGMA application_id = 1380537155; -- 'RISC'

-- One municipality, as known now. Found again by its IPA code; without one, by all its other facts together.
CREATE TABLE comune (
    id               INTEGER PRIMARY KEY,
    codice_ipa       TEXT UNIQUE,
    codice_istat     TEXT,
    codice_catastale TEXT,
    codice_fiscale   TEXT,
    name             TEXT,
    region           TEXT,
    population       INTEGER CHECK (population >= 0)
) STRICT;

CREATE INDEX comune_name ON comune (name);
CREATE INDEX comune_istat ON comune (codice_istat);
CREATE INDEX comune_catastale ON comune (codice_catastale);
CREATE INDEX comune_fiscale ON comune (codice_fiscale);

-- An address where visits start, and whose site it was last said to be.
CREATE TABLE site (
    id             INTEGER PRIMARY KEY,
    url            TEXT NOT NULL UNIQUE,
    scheme_guessed INTEGER NOT NULL CHECK (scheme_guessed IN (0, 1)),
    comune         INTEGER REFERENCES comune (id)
) STRICT;

CREATE INDEX site_comune ON site (comune);

-- A rule catalogue that findings were made with.
CREATE TABLE catalogue (
    id      INTEGER PRIMARY KEY,
    version TEXT NOT NULL,
    sha256  TEXT NOT NULL,
    UNIQUE (version, sha256)
) STRICT;

-- One sweep over a list of sites. What tells whether a later start may take it up again is kept with it.
CREATE TABLE run (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    started        TEXT NOT NULL CHECK (length(started) = 30),
    finished       TEXT CHECK (length(finished) = 30),
    state          TEXT NOT NULL CHECK (state IN ('running', 'finished', 'interrupted')),
    catalogue      INTEGER NOT NULL REFERENCES catalogue (id),
    agent          TEXT NOT NULL,
    settings       TEXT NOT NULL CHECK (json_valid(settings)),
    targets        INTEGER NOT NULL CHECK (targets >= 0),
    targets_sha256 TEXT NOT NULL,
    CHECK ((state = 'finished') = (finished IS NOT NULL))
) STRICT;

CREATE INDEX run_catalogue ON run (catalogue);
CREATE INDEX run_targets_sha256 ON run (targets_sha256);

-- The sites of a run, in the order of the list. A row is done in the same transaction that stores its visit.
CREATE TABLE run_target (
    run      INTEGER NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    site     INTEGER NOT NULL REFERENCES site (id),
    state    TEXT NOT NULL CHECK (state IN ('pending', 'done')),
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX run_target_site ON run_target (site);

-- One look at one site.
CREATE TABLE visit (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    site        INTEGER NOT NULL REFERENCES site (id),
    comune      INTEGER REFERENCES comune (id),
    run         INTEGER,
    position    INTEGER,
    url         TEXT NOT NULL,
    started     TEXT NOT NULL CHECK (length(started) = 30),
    finished    TEXT NOT NULL CHECK (length(finished) = 30),
    requests    INTEGER NOT NULL CHECK (requests >= 0),
    ended       TEXT NOT NULL
                CHECK (ended IN ('decided', 'exhausted', 'requests', 'time', 'unreached', 'interrupted')),
    catalogue   INTEGER NOT NULL REFERENCES catalogue (id),
    coverage    TEXT NOT NULL CHECK (json_valid(coverage)),
    vendors     TEXT NOT NULL CHECK (json_valid(vendors)),
    remarks     TEXT NOT NULL CHECK (json_valid(remarks)),
    path        TEXT NOT NULL CHECK (json_valid(path)),
    left_unread TEXT NOT NULL CHECK (json_valid(left_unread)),
    FOREIGN KEY (run, position) REFERENCES run_target (run, position) ON DELETE CASCADE,
    CHECK ((run IS NULL) = (position IS NULL)),
    -- Whatever happens, one place of a run has one result.
    UNIQUE (run, position)
) STRICT;

CREATE INDEX visit_site ON visit (site);
CREATE INDEX visit_comune ON visit (comune);
CREATE INDEX visit_catalogue ON visit (catalogue);

-- One page that a visit asked for, or one failed attempt at one.
CREATE TABLE page (
    id          INTEGER PRIMARY KEY,
    visit       INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL CHECK (position >= 0),
    requested   TEXT NOT NULL,
    url         TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind <> '' AND kind NOT GLOB '*[^a-z0-9-]*'),
    outcome     TEXT NOT NULL CHECK (outcome <> '' AND outcome NOT GLOB '*[^a-z0-9-]*'),
    detail      TEXT,
    status      INTEGER CHECK (status BETWEEN 0 AND 65535),
    -- NULL for the ordinary case: one request, answered by the address asked for with the status beside.
    hops        TEXT CHECK (json_valid(hops)),
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),
    sha256      TEXT NOT NULL,
    address     TEXT,
    certificate TEXT,
    fetched     TEXT NOT NULL CHECK (length(fetched) = 30),
    charset     TEXT,
    title       TEXT,
    UNIQUE (visit, position)
) STRICT;

-- What a visit says of one platform. Ids rise in the order in which the visit reports them.
CREATE TABLE finding (
    id       INTEGER PRIMARY KEY,
    visit    INTEGER NOT NULL REFERENCES visit (id) ON DELETE CASCADE,
    platform TEXT NOT NULL CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    outcome  TEXT NOT NULL CHECK (outcome IN ('found', 'mentioned', 'not-found', 'undetermined')),
    strength TEXT CHECK (strength IN ('counter', 'weak', 'strong', 'proof')),
    reason   TEXT NOT NULL CHECK (reason <> '' AND reason NOT GLOB '*[^a-z0-9-]*'),
    UNIQUE (visit, platform)
) STRICT;

-- A match of one rule on one page, under the finding that it speaks for. Position 0 is the strongest.
CREATE TABLE signal (
    id        INTEGER PRIMARY KEY,
    finding   INTEGER NOT NULL REFERENCES finding (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL CHECK (position >= 0),
    rule      TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    platform  TEXT CHECK (platform IN ('spid', 'cie', 'pagopa', 'appio', 'eidas')),
    proves    TEXT NOT NULL CHECK (proves <> '' AND proves NOT GLOB '*[^a-z0-9-]*'),
    strength  TEXT NOT NULL CHECK (strength IN ('counter', 'weak', 'strong', 'proof')),
    kind      TEXT NOT NULL,
    url       TEXT NOT NULL,
    chain     TEXT NOT NULL CHECK (json_valid(chain)),
    selector  TEXT NOT NULL,
    excerpt   TEXT NOT NULL,
    label     TEXT,
    target    TEXT,
    tenant    TEXT,
    tied      INTEGER NOT NULL CHECK (tied IN (0, 1)),
    sha256    TEXT NOT NULL,
    fetched   TEXT NOT NULL CHECK (length(fetched) = 30),
    UNIQUE (finding, position)
) STRICT;
