-- How a page was drawn in a browser, as JSON; NULL for a page that was read as it came.
ALTER TABLE page ADD COLUMN rendered TEXT COLLATE "C" CHECK (json_valid(rendered));
