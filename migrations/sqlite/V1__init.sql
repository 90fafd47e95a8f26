-- Times end in _ms and are milliseconds since 1970; durations end in _s and are seconds.
-- Every key is random or a place in a room, and no table keeps a rowid: the order of rows tells
-- nothing about who came when. No column holds an address or a user agent, and none outside
-- `accounts` and `sessions` holds an account.

CREATE TABLE server (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    epoch    BLOB    NOT NULL,
    probes   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE accounts (
    id            BLOB    NOT NULL PRIMARY KEY,
    login         TEXT    NOT NULL,
    login_folded  TEXT    NOT NULL UNIQUE,
    email_tag     BLOB    UNIQUE,
    email_sealed  BLOB,
    password_hash TEXT    NOT NULL,
    created_at_ms INTEGER NOT NULL,
    CHECK ((email_tag IS NULL) = (email_sealed IS NULL))
) STRICT, WITHOUT ROWID;

-- A session that ended is kept for a while, so that its last access token is refused. Once its
-- account is gone it names nobody.
CREATE TABLE sessions (
    id              BLOB    NOT NULL PRIMARY KEY,
    account_id      BLOB    REFERENCES accounts (id) ON DELETE SET NULL,
    created_at_ms   INTEGER NOT NULL,
    last_used_at_ms INTEGER NOT NULL,
    expires_at_ms   INTEGER NOT NULL,
    generation      INTEGER NOT NULL,
    current_hash    BLOB    NOT NULL,
    previous_hash   BLOB,
    rotated_at_ms   INTEGER NOT NULL,
    ended_at_ms     INTEGER,
    revoked         INTEGER NOT NULL DEFAULT 0 CHECK (revoked IN (0, 1)) -- ended by a replay
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_account ON sessions (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (ended_at_ms) WHERE ended_at_ms IS NOT NULL;

CREATE TABLE rooms (
    id            BLOB    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_folded   TEXT    NOT NULL,
    capacity      INTEGER NOT NULL,
    visibility    INTEGER NOT NULL CHECK (visibility IN (0, 1)), -- unlisted, public
    retention_s   INTEGER,                                       -- NULL: kept
    created_at_ms INTEGER NOT NULL,
    head          INTEGER NOT NULL,
    expired_to    INTEGER NOT NULL,
    host_tag      BLOB,
    secret        BLOB    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX rooms_public ON rooms (created_at_ms, id) WHERE visibility = 1;
CREATE INDEX rooms_forgetting ON rooms (id) WHERE retention_s IS NOT NULL;

-- Nobody's alias is ever deleted while its room stands: its handle stays taken. A person who asked
-- to be forgotten has no tag; a person who was removed keeps theirs, so that they stay out.
CREATE TABLE aliases (
    room_id    BLOB    NOT NULL REFERENCES rooms (id),
    client_id  BLOB    NOT NULL,
    handle     TEXT    NOT NULL,
    person_tag BLOB,
    removed    INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    PRIMARY KEY (room_id, client_id),
    UNIQUE (room_id, handle),
    UNIQUE (room_id, person_tag)
) STRICT, WITHOUT ROWID;

-- `target` is the message that a reply answers, an edit changes or a deletion erases. A text stands
-- once, in the row of its message; a deletion takes it out. It is the last column, so that counting
-- messages does not read texts.
CREATE TABLE events (
    room_id      BLOB    NOT NULL,
    seq          INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    kind         INTEGER NOT NULL CHECK (kind IN (0, 1, 2)), -- message, edit, deletion
    author       BLOB    NOT NULL,
    target       INTEGER,
    command_id   TEXT,
    edited_at_ms INTEGER,
    body         TEXT,
    PRIMARY KEY (room_id, seq),
    FOREIGN KEY (room_id, author) REFERENCES aliases (room_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX events_by_command ON events (room_id, author, command_id)
WHERE command_id IS NOT NULL;

CREATE TABLE shelf (
    shelf_tag BLOB NOT NULL,
    entry_tag BLOB NOT NULL,
    sealed    BLOB NOT NULL,
    PRIMARY KEY (shelf_tag, entry_tag)
) STRICT, WITHOUT ROWID;
