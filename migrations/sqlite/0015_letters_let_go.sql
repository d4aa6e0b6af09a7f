-- Letters that a server took, whose bytes were let go: how many there were. Digest, subject and days stay.

ALTER TABLE dispatch ADD COLUMN gone INTEGER CHECK (gone > 0);
