-- Two ways to a visit that whole-country reports walk for every comune: an address that several comuni share, and visits of
-- which nobody has said whose they are (few or none, so the index is next to nothing).

CREATE INDEX known_comune_url ON known_comune (url) WHERE url IS NOT NULL;
CREATE INDEX visit_unclaimed ON visit (site) WHERE comune IS NULL;
