-- The public registers as imported, snapshot by snapshot, and the comuni that they name together.

-- One file of a register, as of a date. A later file for the same date takes its place.
CREATE TABLE register_snapshot (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    register TEXT NOT NULL CHECK (register IN ('ipa', 'istat', 'anpr', 'candidature', 'avvisi', 'appio', 'spid')),
    part     TEXT NOT NULL,
    dated    TEXT NOT NULL CHECK (length(dated) = 10),
    source   TEXT NOT NULL,
    sha256   TEXT NOT NULL CHECK (length(sha256) = 64),
    -- 1 when the file is the whole register, so that what it does not list was not in it. Otherwise that is unknown.
    whole    INTEGER NOT NULL CHECK (whole IN (0, 1)),
    rows     INTEGER NOT NULL CHECK (rows >= 0),
    kept     INTEGER NOT NULL CHECK (kept >= 0),
    quality  TEXT NOT NULL CHECK (json_valid(quality)),
    imported TEXT NOT NULL CHECK (length(imported) = 30),
    UNIQUE (register, part, dated)
) STRICT;

CREATE TABLE istat_comune (
    snapshot     INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    catastale    TEXT NOT NULL,
    codice_istat TEXT NOT NULL,
    name         TEXT NOT NULL,
    full_name    TEXT,
    sigla        TEXT,
    region       TEXT,
    population   INTEGER CHECK (population >= 0),
    PRIMARY KEY (snapshot, catastale)
) STRICT, WITHOUT ROWID;

CREATE TABLE anpr_comune (
    snapshot     INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL CHECK (position >= 0),
    anpr_id      TEXT NOT NULL,
    instituted   TEXT,
    ceased       TEXT,
    codice_istat TEXT,
    catastale    TEXT NOT NULL,
    name         TEXT NOT NULL,
    other_name   TEXT,
    sigla        TEXT,
    PRIMARY KEY (snapshot, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX anpr_comune_catastale ON anpr_comune (catastale);

CREATE TABLE ipa_body (
    snapshot       INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    codice_ipa     TEXT NOT NULL CHECK (codice_ipa = lower(codice_ipa)),
    published      TEXT NOT NULL,
    name           TEXT NOT NULL,
    comune_by_name INTEGER NOT NULL CHECK (comune_by_name IN (0, 1)),
    seat           TEXT,
    codice_istat   TEXT,
    catastale      TEXT,
    codice_fiscale TEXT,
    sigla          TEXT,
    pec            TEXT,
    website        TEXT,
    url            TEXT,
    -- Cadastral code of the comune that the body is; NULL for consortia and agencies. Derived.
    comune         TEXT,
    PRIMARY KEY (snapshot, codice_ipa)
) STRICT, WITHOUT ROWID;

CREATE INDEX ipa_body_comune ON ipa_body (comune);

-- One financed application, as one snapshot has it.
CREATE TABLE application (
    snapshot     INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    position     INTEGER NOT NULL CHECK (position >= 0),
    codice_ipa   TEXT NOT NULL CHECK (codice_ipa = lower(codice_ipa)),
    name         TEXT NOT NULL,
    codice_istat TEXT,
    sigla        TEXT,
    region       TEXT,
    cents        INTEGER NOT NULL CHECK (cents >= 0),
    avviso       TEXT NOT NULL,
    measure      TEXT NOT NULL,
    submitted    TEXT CHECK (length(submitted) = 30),
    funded       TEXT CHECK (length(funded) = 10),
    cup          TEXT,
    window       INTEGER,
    protocol     TEXT,
    decree       TEXT,
    state        TEXT NOT NULL CHECK (state IN ('A', 'R', 'E')),
    state_date   TEXT CHECK (length(state_date) = 10),
    -- Cadastral code of the comune. Derived.
    comune       TEXT,
    PRIMARY KEY (snapshot, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX application_comune ON application (comune);
CREATE INDEX application_cup ON application (cup);
CREATE INDEX application_measure ON application (measure, snapshot);

CREATE TABLE avviso (
    snapshot INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    position INTEGER NOT NULL CHECK (position >= 0),
    title    TEXT NOT NULL,
    measure  TEXT NOT NULL,
    opens    TEXT CHECK (length(opens) = 10),
    closes   TEXT CHECK (length(closes) = 10),
    state    TEXT,
    cents    INTEGER,
    bodies   TEXT,
    PRIMARY KEY (snapshot, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE appio_body (
    snapshot       INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    codice_fiscale TEXT NOT NULL,
    name           TEXT NOT NULL,
    services       INTEGER NOT NULL CHECK (services >= 0),
    -- Cadastral code of the comune that the body is. Derived.
    comune         TEXT,
    PRIMARY KEY (snapshot, codice_fiscale)
) STRICT, WITHOUT ROWID;

CREATE INDEX appio_body_comune ON appio_body (comune);
CREATE INDEX appio_body_fiscale ON appio_body (codice_fiscale);

CREATE TABLE appio_service (
    snapshot       INTEGER NOT NULL,
    service        TEXT NOT NULL,
    codice_fiscale TEXT NOT NULL,
    name           TEXT NOT NULL,
    quality        INTEGER CHECK (quality IN (0, 1)),
    PRIMARY KEY (snapshot, codice_fiscale, service),
    FOREIGN KEY (snapshot, codice_fiscale) REFERENCES appio_body (snapshot, codice_fiscale) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE spid_provider (
    snapshot       INTEGER NOT NULL REFERENCES register_snapshot (id) ON DELETE CASCADE,
    entity         TEXT NOT NULL,
    codice_ipa     TEXT,
    codice_fiscale TEXT,
    organisation   TEXT,
    aggregated     INTEGER NOT NULL CHECK (aggregated IN (0, 1)),
    -- Cadastral code of the comune that the body is. Derived.
    comune         TEXT,
    PRIMARY KEY (snapshot, entity)
) STRICT, WITHOUT ROWID;

CREATE INDEX spid_provider_comune ON spid_provider (comune);

-- The comuni that ISTAT, ANPR and IPA name together. Derived: made anew by every import of one of the three.
CREATE TABLE known_comune (
    catastale        TEXT PRIMARY KEY,
    codice_istat     TEXT,
    name             TEXT NOT NULL,
    full_name        TEXT,
    sigla            TEXT,
    region           TEXT,
    population       INTEGER CHECK (population >= 0),
    population_dated TEXT CHECK (length(population_dated) = 10),
    is_current       INTEGER NOT NULL CHECK (is_current IN (0, 1)),
    ceased           TEXT CHECK (length(ceased) = 10),
    codice_ipa       TEXT,
    ipa_by           TEXT,
    codice_fiscale   TEXT,
    pec              TEXT,
    website          TEXT,
    url              TEXT
) STRICT, WITHOUT ROWID;

-- Every code and every name (folded: lower case, no accents) under which a comune is or was known. Derived.
CREATE TABLE known_code (
    kind      TEXT NOT NULL CHECK (kind IN ('ipa', 'istat', 'fiscale', 'name')),
    code      TEXT NOT NULL,
    catastale TEXT NOT NULL REFERENCES known_comune (catastale),
    PRIMARY KEY (kind, code, catastale)
) STRICT, WITHOUT ROWID;

CREATE INDEX known_code_catastale ON known_code (catastale);
