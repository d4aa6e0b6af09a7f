-- What was let go: the bytes of a record, and the details of a visit. What they were stays: digests, outcomes, days.

-- When the bytes of a record were removed; its link stays, so that the chain can still be gone over.
ALTER TABLE evidence_record ADD COLUMN gone TEXT COLLATE "C" CHECK (length(gone) = 30);

-- Whether a record is still referred to is asked before its bytes go.
CREATE INDEX evidence_record_refers_to ON evidence_record (refers_to) WHERE refers_to IS NOT NULL;
CREATE INDEX evidence_record_url ON evidence_record (url) WHERE url IS NOT NULL;

-- When its pages, signals, way and unread links were removed.
ALTER TABLE visit ADD COLUMN pared TEXT COLLATE "C" CHECK (length(pared) = 30);
