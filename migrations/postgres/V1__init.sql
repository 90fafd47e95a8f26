-- The same tables as SQLite's, column by column. Every number is a BIGINT and every key is bytes,
-- as there, so that rows move from one database to the other as they are.
--
-- Times end in _ms and are milliseconds since 1970; durations end in _s and are seconds.
-- Every key is random or a place in a room: the order of keys tells nothing about who came when.
-- No column holds an address or a user agent, and none outside `accounts` and `sessions` holds an
-- account.

CREATE TABLE server (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    epoch    BYTEA  NOT NULL,
    probes   BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE accounts (
    id            BYTEA  NOT NULL PRIMARY KEY,
    login         TEXT   NOT NULL,
    login_folded  TEXT   NOT NULL UNIQUE,
    email_tag     BYTEA  UNIQUE,
    email_sealed  BYTEA,
    password_hash TEXT   NOT NULL,
    created_at_ms BIGINT NOT NULL,
    CHECK ((email_tag IS NULL) = (email_sealed IS NULL))
);

-- A session that ended is kept for a while, so that its last access token is refused. Once its
-- account is gone it names nobody.
CREATE TABLE sessions (
    id              BYTEA  NOT NULL PRIMARY KEY,
    account_id      BYTEA  REFERENCES accounts (id) ON DELETE SET NULL,
    created_at_ms   BIGINT NOT NULL,
    last_used_at_ms BIGINT NOT NULL,
    expires_at_ms   BIGINT NOT NULL,
    generation      BIGINT NOT NULL,
    current_hash    BYTEA  NOT NULL,
    previous_hash   BYTEA,
    rotated_at_ms   BIGINT NOT NULL,
    ended_at_ms     BIGINT,
    revoked         BIGINT NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)) -- ended by a replay
);

CREATE INDEX sessions_by_account ON sessions (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (ended_at_ms) WHERE ended_at_ms IS NOT NULL;

CREATE TABLE rooms (
    id            BYTEA  NOT NULL PRIMARY KEY,
    name          TEXT   NOT NULL,
    name_folded   TEXT   NOT NULL,
    capacity      BIGINT NOT NULL,
    visibility    BIGINT NOT NULL CHECK (visibility IN (0, 1)), -- unlisted, public
    retention_s   BIGINT,                                       -- NULL: kept
    created_at_ms BIGINT NOT NULL,
    head          BIGINT NOT NULL,
    expired_to    BIGINT NOT NULL,
    host_tag      BYTEA,
    secret        BYTEA  NOT NULL
);

CREATE INDEX rooms_public ON rooms (created_at_ms, id) WHERE visibility = 1;
CREATE INDEX rooms_forgetting ON rooms (id) WHERE retention_s IS NOT NULL;

-- Nobody's alias is ever deleted while its room stands: its handle stays taken. A person who asked
-- to be forgotten has no tag; a person who was removed keeps theirs, so that they stay out.
CREATE TABLE aliases (
    room_id    BYTEA  NOT NULL REFERENCES rooms (id),
    client_id  BYTEA  NOT NULL,
    handle     TEXT   NOT NULL,
    person_tag BYTEA,
    removed    BIGINT NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    PRIMARY KEY (room_id, client_id),
    UNIQUE (room_id, handle),
    UNIQUE (room_id, person_tag)
);

-- `target` is the message that a reply answers, an edit changes or a deletion erases. A text stands
-- once, in the row of its message; a deletion takes it out.
--
-- No foreign key to aliases: to erase a room, PostgreSQL would look through its events once for
-- each alias. Who stores an event joins it with its author's alias and holds the room's row.
CREATE TABLE events (
    room_id      BYTEA  NOT NULL,
    seq          BIGINT NOT NULL,
    at_ms        BIGINT NOT NULL,
    kind         BIGINT NOT NULL CHECK (kind IN (0, 1, 2)), -- message, edit, deletion
    author       BYTEA  NOT NULL,
    target       BIGINT,
    command_id   TEXT,
    edited_at_ms BIGINT,
    body         TEXT,
    PRIMARY KEY (room_id, seq)
);

CREATE UNIQUE INDEX events_by_command ON events (room_id, author, command_id)
WHERE command_id IS NOT NULL;

CREATE TABLE shelf (
    shelf_tag BYTEA NOT NULL,
    entry_tag BYTEA NOT NULL,
    sealed    BYTEA NOT NULL,
    PRIMARY KEY (shelf_tag, entry_tag)
);
