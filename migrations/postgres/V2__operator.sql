-- Who runs the server, and what they decided. A setup token is kept as its hash, one at a time.
-- `changes` counts what another process on this database has to hear of: sessions that ended, rooms
-- that were removed, whether registration is closed.

ALTER TABLE accounts ADD COLUMN operator BIGINT NOT NULL DEFAULT 0 CHECK (operator IN (0, 1));
ALTER TABLE accounts ADD COLUMN disabled BIGINT NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1));

ALTER TABLE server ADD COLUMN registration_closed BIGINT NOT NULL DEFAULT 0
    CHECK (registration_closed IN (0, 1));
ALTER TABLE server ADD COLUMN changes BIGINT NOT NULL DEFAULT 0;

CREATE TABLE setup (
    only_row      BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    token_hash    BYTEA  NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
