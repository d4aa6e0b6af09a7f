-- Nights on which nothing changed. A visit that saw what a visit before it saw refers to that one, which holds the rows, and
-- keeps only what is its own: when it was, what it cost, how it ended, and when each page came.

-- The visit whose pages, findings and signals these are as well: one that refers to none itself.
ALTER TABLE visit ADD COLUMN same_as BIGINT REFERENCES visit (id);
-- Milliseconds from the start to the first page, from page to page, and from the last page to the end.
ALTER TABLE visit ADD COLUMN times TEXT COLLATE "C" CHECK (json_valid(times));
-- SHA-256 of what was seen, by which a later visit finds this one; NULL where none may refer to it.
ALTER TABLE visit ADD COLUMN digest TEXT COLLATE "C" CHECK (length(digest) = 64);

-- Missing in a visit that refers to another; the address where it is the site's, in any visit.
ALTER TABLE visit
    ALTER COLUMN url DROP NOT NULL,
    ALTER COLUMN finished DROP NOT NULL,
    ALTER COLUMN coverage DROP NOT NULL,
    ALTER COLUMN vendors DROP NOT NULL,
    ALTER COLUMN remarks DROP NOT NULL,
    ALTER COLUMN path DROP NOT NULL,
    ALTER COLUMN left_unread DROP NOT NULL,
    ADD CHECK (
        CASE WHEN same_as IS NULL
             THEN times IS NULL AND finished IS NOT NULL AND coverage IS NOT NULL AND vendors IS NOT NULL
                  AND remarks IS NOT NULL AND path IS NOT NULL AND left_unread IS NOT NULL
             ELSE times IS NOT NULL AND finished IS NULL AND coverage IS NULL AND vendors IS NULL
                  AND remarks IS NULL AND path IS NULL AND left_unread IS NULL AND digest IS NULL AND pared IS NULL END);

UPDATE visit SET url = NULL FROM site s WHERE s.id = visit.site AND s.url = visit.url;

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
