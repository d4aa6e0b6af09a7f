-- Which bytes are kept of what was seen, and where: the files themselves lie in a folder beside the database.

-- Records that quote each other's digests, from the first to the root: those of one run, or of one `check --save`.
CREATE TABLE evidence_chain (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    run     INTEGER UNIQUE REFERENCES run (id) ON DELETE SET NULL,
    begun   TEXT NOT NULL CHECK (length(begun) = 30),
    records INTEGER NOT NULL CHECK (records >= 0),
    -- Digest of the last record, zeros before the first. Moves on with every visit, in the visit's transaction.
    root    TEXT NOT NULL CHECK (length(root) = 64)
) STRICT;

-- A file of a chain. Its row comes before the file, so that no crash leaves a file that nobody knows.
CREATE TABLE evidence_file (
    chain  INTEGER NOT NULL REFERENCES evidence_chain (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    name   TEXT NOT NULL UNIQUE,
    -- What was committed. Bytes behind it are what a crash left.
    bytes  INTEGER NOT NULL CHECK (bytes >= 0),
    -- 1 when nothing will be added.
    closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
    PRIMARY KEY (chain, number)
) STRICT, WITHOUT ROWID;

-- A record of a file, in the transaction of the visit that it belongs to; the first of a file comes with its first visit.
CREATE TABLE evidence_record (
    chain     INTEGER NOT NULL,
    position  INTEGER NOT NULL CHECK (position >= 0),
    file      INTEGER NOT NULL,
    start     INTEGER NOT NULL CHECK (start >= 0),
    bytes     INTEGER NOT NULL CHECK (bytes > 0),
    kind      TEXT NOT NULL
              CHECK (kind IN ('warcinfo', 'request', 'response', 'revisit', 'conversion', 'metadata')),
    -- The record's id, `urn:uuid:...`.
    name      TEXT NOT NULL,
    url       TEXT,
    dated     TEXT NOT NULL CHECK (length(dated) = 30),
    -- SHA-256 of the record's bytes in the file.
    link      TEXT NOT NULL CHECK (length(link) = 64),
    -- SHA-256 of the body as received, and of what the rules read in it.
    payload   TEXT CHECK (length(payload) = 64),
    body      TEXT CHECK (length(body) = 64),
    -- Id of the record that holds the payload of a revisit.
    refers_to TEXT,
    visit     INTEGER REFERENCES visit (id) ON DELETE SET NULL,
    page      INTEGER CHECK (page >= 0),
    PRIMARY KEY (chain, position),
    FOREIGN KEY (chain, file) REFERENCES evidence_file (chain, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX evidence_record_file ON evidence_record (chain, file);
CREATE INDEX evidence_record_visit ON evidence_record (visit) WHERE visit IS NOT NULL;
CREATE INDEX evidence_record_payload ON evidence_record (payload) WHERE payload IS NOT NULL;
CREATE INDEX evidence_record_body ON evidence_record (body) WHERE body IS NOT NULL;
