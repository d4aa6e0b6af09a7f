-- Pictures of drawn pages (`resource`) are evidence too; the kinds of records are now held to the shape of a code, as lists
-- that grow are.

ALTER TABLE evidence_record DROP CONSTRAINT evidence_record_kind_check;
ALTER TABLE evidence_record ADD CONSTRAINT evidence_record_kind_check CHECK (kind <> '' AND kind !~ '[^a-z0-9-]');
