-- Time stamps of roots by an authority (RFC 3161). A root that is not here is unstamped: there is no queue beside it.
CREATE TABLE stamp (
    id        INTEGER PRIMARY KEY,
    chain     INTEGER NOT NULL REFERENCES evidence_chain (id) ON DELETE CASCADE,
    -- Records of the chain when its root was this.
    records   INTEGER NOT NULL CHECK (records > 0),
    root      TEXT NOT NULL CHECK (length(root) = 64),
    -- Address of the authority.
    authority TEXT NOT NULL,
    -- By the authority's clock.
    stamped   TEXT NOT NULL CHECK (length(stamped) = 30),
    policy    TEXT NOT NULL,
    serial    TEXT NOT NULL,
    -- The answer as received: TimeStampResp in DER, base64.
    answer    TEXT NOT NULL,
    UNIQUE (chain, root)
) STRICT;
