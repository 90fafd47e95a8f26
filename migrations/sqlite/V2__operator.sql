-- Who runs the server, and what they decided. A setup token is kept as its hash, one at a time.
-- `changes` counts what another process on this database has to hear of: sessions that ended, rooms
-- that were removed, whether registration is closed.

ALTER TABLE accounts ADD COLUMN operator INTEGER NOT NULL DEFAULT 0 CHECK (operator IN (0, 1));
ALTER TABLE accounts ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));

ALTER TABLE server ADD COLUMN registration_closed INTEGER NOT NULL DEFAULT 0
    CHECK (registration_closed IN (0, 1));
ALTER TABLE server ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;

CREATE TABLE setup (
    only_row      INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    token_hash    BLOB    NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
