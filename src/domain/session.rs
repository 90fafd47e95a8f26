//! Sessions: families of refresh tokens that replace each other (RFC 9700 §4.14).

use std::{fmt, time::Duration};

use super::{AccountId, SessionId, Timestamp};

/// SHA-256 of a refresh token; the token itself is never stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// How long sessions last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// An unused refresh token.
    pub idle: Duration,
    /// The whole session, however often it is refreshed.
    pub absolute: Duration,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Random.
    pub id: SessionId,
    /// Whose.
    pub account: AccountId,
    /// When it began; whole seconds.
    pub created_at: Timestamp,
    /// When its token was last replaced; whole seconds.
    pub last_used_at: Timestamp,
    /// From then on its token is worth nothing.
    pub expires_at: Timestamp,
    /// How often its token was replaced.
    pub generation: i64,
    /// Of the token that is valid now.
    pub current: TokenHash,
    /// Of the token before it.
    pub previous: Option<TokenHash>,
    /// When `current` took the place of `previous`, in milliseconds.
    pub rotated_at: Timestamp,
}

/// A session that is stored, whether or not it goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptSession {
    /// The session.
    pub session: Session,
    /// When it was ended; `None` while nobody has ended it, also once it has expired.
    pub ended_at: Option<Timestamp>,
    /// Whether a replay ended it.
    pub revoked: bool,
}

/// A refresh token somebody presents, after its own authenticity was proven: this server made it.
#[derive(Clone, Copy, Debug)]
pub struct RefreshClaim {
    /// The family it belongs to.
    pub session: SessionId,
    /// How many tokens of the family came before it.
    pub generation: i64,
    /// Its hash.
    pub hash: TokenHash,
}

/// What is to be done about a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Replace the current token; the claimed one becomes the previous.
    Rotate,
    /// The client lost the answer or two tabs raced: replace the current, unused token; the
    /// claimed one stays the previous.
    Reissue,
    /// A token that lost such a race; it is worth nothing, and nothing speaks for theft.
    Stale,
    /// Nothing is left to refresh.
    Expired,
    /// A spent token came back: end the family.
    Revoke,
}

/// What came of presenting a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The successor is stored; this is the session now.
    Rotated(Session),
    /// Unknown, expired or superseded: the person logs in again.
    Invalid,
    /// A spent token was replayed, just now or before, and that ended the session.
    Revoked(SessionId),
    /// The session was ended in another way, as by logging out.
    Ended,
}

impl Session {
    /// How long the token before the current one may still be presented.
    pub const GRACE: Duration = Duration::from_secs(20);

    /// A session that begins now.
    pub fn begin(
        id: SessionId,
        account: AccountId,
        token: TokenHash,
        now: Timestamp,
        lifetimes: Lifetimes,
    ) -> Self {
        Self {
            id,
            account,
            created_at: now.whole_second(),
            last_used_at: now.whole_second(),
            expires_at: now.plus(lifetimes.idle.min(lifetimes.absolute)),
            generation: 0,
            current: token,
            previous: None,
            rotated_at: now,
        }
    }

    /// Judges a claim on this session (TOK-10, TOK-11): only the token directly before the current
    /// one has a grace, only for [`Session::GRACE`], and only while the current one is unused.
    pub fn judge(&self, claim: &RefreshClaim, now: Timestamp) -> Verdict {
        if self.expires_at <= now {
            return Verdict::Expired;
        }
        if claim.hash == self.current {
            return Verdict::Rotate;
        }
        let in_grace = now.since(self.rotated_at) <= Self::GRACE;
        if in_grace && self.previous == Some(claim.hash) {
            return Verdict::Reissue;
        }
        if in_grace && claim.generation == self.generation {
            return Verdict::Stale;
        }
        Verdict::Revoke
    }

    /// The session after `verdict`, one of [`Verdict::Rotate`] and [`Verdict::Reissue`], was
    /// carried out with `successor`.
    #[must_use]
    pub fn succeed(
        self,
        verdict: Verdict,
        successor: TokenHash,
        now: Timestamp,
        lifetimes: Lifetimes,
    ) -> Self {
        let expires_at = now.plus(lifetimes.idle).min(self.created_at.plus(lifetimes.absolute));
        let used = Self { last_used_at: now.whole_second(), expires_at, ..self };
        if verdict == Verdict::Reissue {
            return Self { current: successor, ..used };
        }
        Self {
            generation: used.generation + 1,
            previous: Some(used.current),
            current: successor,
            rotated_at: now,
            ..used
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIMES: Lifetimes =
        Lifetimes { idle: Duration::from_hours(7 * 24), absolute: Duration::from_hours(30 * 24) };

    fn hash(n: u8) -> TokenHash {
        TokenHash([n; 32])
    }

    fn claim(generation: i64, n: u8) -> RefreshClaim {
        RefreshClaim { session: SessionId::from_bytes([1; 16]), generation, hash: hash(n) }
    }

    /// A session whose token 0 was replaced by token 1 at `Timestamp(1000)`.
    fn rotated_once() -> Session {
        let (id, account) = (SessionId::from_bytes([1; 16]), AccountId::from_bytes([2; 16]));
        let session = Session::begin(id, account, hash(0), Timestamp(0), LIFETIMES);
        assert_eq!(session.judge(&claim(0, 0), Timestamp(1000)), Verdict::Rotate);
        session.succeed(Verdict::Rotate, hash(1), Timestamp(1000), LIFETIMES)
    }

    #[test]
    fn the_token_before_the_current_one_has_twenty_seconds_of_grace() {
        let session = rotated_once();
        assert_eq!(session.judge(&claim(0, 0), Timestamp(21_000)), Verdict::Reissue);
        assert_eq!(session.judge(&claim(0, 0), Timestamp(21_001)), Verdict::Revoke);
    }

    #[test]
    fn a_token_whose_successor_was_used_ends_the_family() {
        let session = rotated_once();
        let session = session.succeed(Verdict::Rotate, hash(2), Timestamp(2000), LIFETIMES);
        assert_eq!(session.judge(&claim(0, 0), Timestamp(2001)), Verdict::Revoke);
        assert_eq!(session.judge(&claim(1, 1), Timestamp(2001)), Verdict::Reissue);
    }

    #[test]
    fn a_token_that_lost_a_race_is_stale_and_later_a_sign_of_theft() {
        let session = rotated_once();
        let session = session.succeed(Verdict::Reissue, hash(9), Timestamp(1500), LIFETIMES);
        assert_eq!(session.judge(&claim(1, 1), Timestamp(1600)), Verdict::Stale);
        assert_eq!(session.judge(&claim(1, 9), Timestamp(1600)), Verdict::Rotate);
        assert_eq!(session.judge(&claim(1, 1), Timestamp(60_000)), Verdict::Revoke);
    }

    #[test]
    fn a_session_ends_when_idle_and_at_its_absolute_limit() {
        let session = rotated_once();
        let idle_end = Timestamp(1000).plus(LIFETIMES.idle);
        assert_eq!(session.judge(&claim(1, 1), idle_end), Verdict::Expired);
        let late = Timestamp(0).plus(LIFETIMES.absolute).minus(Duration::from_mins(1));
        let session = session.succeed(Verdict::Rotate, hash(2), late, LIFETIMES);
        assert_eq!(session.expires_at, Timestamp(0).plus(LIFETIMES.absolute));
    }
}
