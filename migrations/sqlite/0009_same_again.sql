-- Nights on which nothing changed. A visit that saw what a visit before it saw refers to that one, which holds the rows, and
-- keeps only what is its own: when it was, what it cost, how it ended, and when each page came.

-- The visit whose pages, findings and signals these are as well: one that refers to none itself.
ALTER TABLE visit ADD COLUMN same_as INTEGER REFERENCES visit (id);
-- Milliseconds from the start to the first page, from page to page, and from the last page to the end.
ALTER TABLE visit ADD COLUMN times TEXT CHECK (json_valid(times));

-- A column cannot be allowed to be missing afterwards, so each is made anew. Missing in a visit that refers to another.
ALTER TABLE visit ADD COLUMN own_url TEXT;
ALTER TABLE visit ADD COLUMN own_finished TEXT CHECK (length(own_finished) = 30);
ALTER TABLE visit ADD COLUMN own_coverage TEXT CHECK (json_valid(own_coverage));
ALTER TABLE visit ADD COLUMN own_vendors TEXT CHECK (json_valid(own_vendors));
ALTER TABLE visit ADD COLUMN own_remarks TEXT CHECK (json_valid(own_remarks));
ALTER TABLE visit ADD COLUMN own_path TEXT CHECK (json_valid(own_path));
ALTER TABLE visit ADD COLUMN own_left_unread TEXT CHECK (json_valid(own_left_unread));

UPDATE visit SET
    own_url = nullif(url, (SELECT s.url FROM site s WHERE s.id = visit.site)), own_finished = finished,
    own_coverage = coverage, own_vendors = vendors, own_remarks = remarks, own_path = path, own_left_unread = left_unread;

ALTER TABLE visit DROP COLUMN url;
ALTER TABLE visit DROP COLUMN finished;
ALTER TABLE visit DROP COLUMN coverage;
ALTER TABLE visit DROP COLUMN vendors;
ALTER TABLE visit DROP COLUMN remarks;
ALTER TABLE visit DROP COLUMN path;
ALTER TABLE visit DROP COLUMN left_unread;

-- NULL where it is the site's, in any visit.
ALTER TABLE visit RENAME COLUMN own_url TO url;
ALTER TABLE visit RENAME COLUMN own_finished TO finished;
ALTER TABLE visit RENAME COLUMN own_coverage TO coverage;
ALTER TABLE visit RENAME COLUMN own_vendors TO vendors;
ALTER TABLE visit RENAME COLUMN own_remarks TO remarks;
ALTER TABLE visit RENAME COLUMN own_path TO path;
ALTER TABLE visit RENAME COLUMN own_left_unread TO left_unread;

-- SHA-256 of what was seen, by which a later visit finds this one; NULL where none may refer to it.
ALTER TABLE visit ADD COLUMN digest TEXT CHECK (length(digest) = 64) CHECK (
    CASE WHEN same_as IS NULL
         THEN times IS NULL AND finished IS NOT NULL AND coverage IS NOT NULL AND vendors IS NOT NULL
              AND remarks IS NOT NULL AND path IS NOT NULL AND left_unread IS NOT NULL
         ELSE times IS NOT NULL AND finished IS NULL AND coverage IS NULL AND vendors IS NULL
              AND remarks IS NULL AND path IS NULL AND left_unread IS NULL AND digest IS NULL AND pared IS NULL END);

CREATE INDEX visit_same_as ON visit (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX visit_digest ON visit (digest) WHERE digest IS NOT NULL;

-- By the day: a visit's own row is short now, and what it saw is in few rows, so that an index with all of it in it is no
-- longer worth its 70 bytes a visit.
DROP INDEX visit_subject;
CREATE INDEX visit_subject ON visit (subject, substr(started, 1, 10));

-- Of one comune or one catalogue are also those that refer to a visit of it; a comune's visits are found by its subject.
DROP INDEX visit_comune;
CREATE INDEX visit_comune ON visit (comune) WHERE same_as IS NULL;
DROP INDEX visit_catalogue;
CREATE INDEX visit_catalogue ON visit (catalogue) WHERE same_as IS NULL;

-- Nobody asks for the places of a site, and a place that is done has a visit, which is found by its site.
DROP INDEX run_target_site;
CREATE INDEX run_target_site ON run_target (site) WHERE state = 'pending';
