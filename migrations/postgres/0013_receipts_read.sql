-- How far mailboxes were read for receipts. Only saves reading twice: without it they are read from their beginning, and a
-- receipt that is noted already changes nothing.
CREATE TABLE receipts_read (
    -- Its address, with user and folder, without a password.
    mailbox      TEXT COLLATE "C" PRIMARY KEY CHECK (mailbox <> ''),
    -- What the server calls this numbering of its messages (UIDVALIDITY). Under another one the numbers mean other messages.
    uid_validity BIGINT NOT NULL CHECK (uid_validity BETWEEN 1 AND 4294967295),
    -- The last message that was looked at (UID); 0 for none.
    last_uid     BIGINT NOT NULL CHECK (last_uid BETWEEN 0 AND 4294967295),
    -- When.
    read         TEXT COLLATE "C" NOT NULL CHECK (length(read) = 30)
);
