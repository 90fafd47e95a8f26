//! What could tell people apart, wherever it passes or stays, and what keeps it from doing so.

/// One place where something of a person could show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// A column as `table.column`, `log field`s and `header`s by their names.
    pub place: &'static str,
    /// What is there.
    pub holds: &'static str,
    /// Why it gives nobody away, or to whom it does.
    pub protection: &'static str,
}

const fn trace(place: &'static str, holds: &'static str, protection: &'static str) -> Trace {
    Trace { place, holds, protection }
}

const RANDOM: &str = "random; derived from nothing";
const NOBODY: &str = "says nothing of anybody";
const HASHED: &str = "one-way: argon2id or SHA-256 of 256 random bits";
const KEYED: &str = "keyed: worth nothing without secret.key";
const SEALED: &str = "sealed: unreadable without secret.key";
const READABLE: &str = "readable with the database alone";
const TIMES: &str = "readable with the database alone: when an account was used, not from where";
const IN_ROOM: &str = "everybody in the room knows it; names an alias, never an account";
const NOT_KEPT: &str = "used for the request, then gone";

/// Every column of the database, every field of the log, and the headers that tell of a client.
pub const TRACES: &[Trace] = &[
    trace("server.only_row", "1", NOBODY),
    trace("server.epoch", "a number that changes when a backup is restored", RANDOM),
    trace("server.probes", "how often storage was tried", NOBODY),
    trace("server.registration_closed", "whether operators let nobody in", NOBODY),
    trace("server.changes", "how often operators decided something", NOBODY),
    trace("setup.only_row", "1", NOBODY),
    trace("setup.token_hash", "the link that makes somebody an operator", HASHED),
    trace("setup.expires_at_ms", "until when it does", NOBODY),
    trace("accounts.id", "which account", RANDOM),
    trace("accounts.login", "the login as typed", READABLE),
    trace("accounts.login_folded", "the login in lower case", READABLE),
    trace("accounts.email_tag", "finds an account by its e-mail address", KEYED),
    trace("accounts.email_sealed", "the e-mail address", SEALED),
    trace("accounts.password_hash", "the password", HASHED),
    trace("accounts.created_at_ms", "when the account was made", TIMES),
    trace("accounts.operator", "whether they look after the server", READABLE),
    trace("accounts.disabled", "whether an operator shut them out", READABLE),
    trace("sessions.id", "which session", RANDOM),
    trace("sessions.account_id", "whose it is; nobody's once the account is gone", READABLE),
    trace("sessions.created_at_ms", "when somebody logged in", TIMES),
    trace("sessions.last_used_at_ms", "when the session was last renewed", TIMES),
    trace("sessions.expires_at_ms", "when it ends", TIMES),
    trace("sessions.generation", "how often it was renewed", TIMES),
    trace("sessions.current_hash", "the refresh token", HASHED),
    trace("sessions.previous_hash", "the refresh token before", HASHED),
    trace("sessions.rotated_at_ms", "when it was renewed", TIMES),
    trace("sessions.ended_at_ms", "when it ended; erased a day later", TIMES),
    trace("sessions.revoked", "whether a stolen token ended it", NOBODY),
    trace("rooms.id", "which room", RANDOM),
    trace("rooms.name", "the name its host chose", READABLE),
    trace("rooms.name_folded", "the same in lower case", READABLE),
    trace("rooms.capacity", "how many people fit in", NOBODY),
    trace("rooms.visibility", "whether it is listed", NOBODY),
    trace("rooms.retention_s", "how long messages are kept", NOBODY),
    trace("rooms.created_at_ms", "when it was made", READABLE),
    trace("rooms.head", "how many events there were", NOBODY),
    trace("rooms.expired_to", "up to which they are gone", NOBODY),
    trace("rooms.host_tag", "who its host is", KEYED),
    trace("rooms.secret", "makes this room's tags unlike any other's", SEALED),
    trace("aliases.room_id", "which room", IN_ROOM),
    trace("aliases.client_id", "which alias", RANDOM),
    trace("aliases.handle", "what it is called", "random words; derived from nothing"),
    trace("aliases.person_tag", "who is behind it, in this room alone", KEYED),
    trace("aliases.removed", "whether the host removed it", IN_ROOM),
    trace("events.room_id", "which room", IN_ROOM),
    trace("events.seq", "its place there", IN_ROOM),
    trace("events.at_ms", "when, to the second", IN_ROOM),
    trace("events.kind", "message, edit or deletion", IN_ROOM),
    trace("events.author", "the alias that wrote it", IN_ROOM),
    trace("events.target", "the message it is about", IN_ROOM),
    trace("events.command_id", "the id that the client made up", "told to its writer alone"),
    trace("events.edited_at_ms", "when it was edited", IN_ROOM),
    trace(
        "events.body",
        "what was said",
        "everybody in the room knows it; erased with the message",
    ),
    trace("shelf.shelf_tag", "whose list of rooms", KEYED),
    trace("shelf.entry_tag", "which room on it", KEYED),
    trace("shelf.sealed", "the room, the alias there, how far it was read", SEALED),
    trace("log field method", "GET, POST", NOBODY),
    trace("log field route", "the route with {room} for the room", "holds no id, no query"),
    trace("log field status", "the status of the answer", NOBODY),
    trace("log field milliseconds", "how long it took", NOBODY),
    trace("log field request_id", "which request", RANDOM),
    trace("log field error", "what failed inside", "texts of the program; no values of people"),
    trace("log field place", "where in the program a bug is", NOBODY),
    trace(
        "log field timestamp",
        "when",
        "a proxy's log of addresses with times beside it tells more",
    ),
    trace("header X-Forwarded-For", "the client's address, from trusted proxies", NOT_KEPT),
    trace("header Authorization", "the access token", NOT_KEPT),
    trace("header Sec-WebSocket-Protocol", "the access token of a socket", NOT_KEPT),
    trace("header Origin", "which page opens a socket", NOT_KEPT),
    trace("header User-Agent", "the browser", "never read"),
    trace("header Referer", "the page before", "never read; our pages send none"),
    trace("header Cookie", "whatever the browser keeps", "never read, never set"),
    trace(
        "the address of a connection",
        "where somebody is",
        "in memory as a keyed value; the key is random and replaced every six hours",
    ),
];
