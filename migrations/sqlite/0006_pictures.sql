-- Pictures of drawn pages (`resource`) are evidence too. A check cannot be changed, so the table is made anew; the kinds of
-- records are now held to the shape of a code, as lists that grow are.

CREATE TABLE evidence_record_new (
    chain     INTEGER NOT NULL,
    position  INTEGER NOT NULL CHECK (position >= 0),
    file      INTEGER NOT NULL,
    start     INTEGER NOT NULL CHECK (start >= 0),
    bytes     INTEGER NOT NULL CHECK (bytes > 0),
    kind      TEXT NOT NULL CHECK (kind <> '' AND kind NOT GLOB '*[^a-z0-9-]*'),
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

INSERT INTO evidence_record_new (chain, position, file, start, bytes, kind, name, url, dated, link, payload, body,
                                 refers_to, visit, page)
SELECT chain, position, file, start, bytes, kind, name, url, dated, link, payload, body, refers_to, visit, page
FROM evidence_record;

DROP TABLE evidence_record;
ALTER TABLE evidence_record_new RENAME TO evidence_record;

CREATE INDEX evidence_record_file ON evidence_record (chain, file);
CREATE INDEX evidence_record_visit ON evidence_record (visit) WHERE visit IS NOT NULL;
CREATE INDEX evidence_record_payload ON evidence_record (payload) WHERE payload IS NOT NULL;
CREATE INDEX evidence_record_body ON evidence_record (body) WHERE body IS NOT NULL;
