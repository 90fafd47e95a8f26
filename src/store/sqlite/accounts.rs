//! Accounts and sessions.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::{
    SqliteStore, operator,
    rows::{Failure, all, change, one, time},
};
use crate::{
    domain::{
        Account, AccountId, EmailTag, KeptSession, Lifetimes, Login, NewAccount, PasswordHash,
        RefreshClaim, Role, Rotation, SealedEmail, Session, SessionId, Standing, Timestamp,
        TokenHash, Verdict,
    },
    store::{AccountStore, Registration, StoreError},
};

pub(super) const ACCOUNT_BY_LOGIN: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts WHERE login_folded = ?1";
pub(super) const ACCOUNT_BY_EMAIL: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts WHERE email_tag = ?1";
pub(super) const ACCOUNT_BY_ID: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts WHERE id = ?1";

#[async_trait]
impl AccountStore for SqliteStore {
    async fn create_account(
        &self,
        account: NewAccount,
        session: Session,
    ) -> Result<Registration, StoreError> {
        self.write(move |tx| {
            if !insert(tx, &account, Role::Person)? {
                return Ok(Registration::Taken);
            }
            start(tx, &session)?;
            Ok(Registration::Created)
        })
        .await
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        let login = login.folded();
        self.read(move |tx| one(tx, ACCOUNT_BY_LOGIN, [login], account)).await
    }

    async fn account_by_email(&self, email: EmailTag) -> Result<Option<Account>, StoreError> {
        self.read(move |tx| one(tx, ACCOUNT_BY_EMAIL, [email.0], account)).await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(move |tx| one(tx, ACCOUNT_BY_ID, [id.as_bytes()], account)).await
    }

    async fn rehash_password(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let (old, new) = (old.clone(), new.clone());
        self.write(move |tx| {
            let sql = "UPDATE accounts SET password_hash = ?3 WHERE id = ?1 AND password_hash = ?2";
            change(tx, sql, params![id.as_bytes(), old.as_str(), new.as_str()])?;
            Ok(())
        })
        .await
    }

    async fn change_password(
        &self,
        id: AccountId,
        new: &PasswordHash,
        keep: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let new = new.clone();
        self.erase(move |tx| {
            let sql = "UPDATE accounts SET password_hash = ?2 WHERE id = ?1";
            if change(tx, sql, params![id.as_bytes(), new.as_str()])? == 0 {
                return Ok(None);
            }
            end_all(tx, id, keep, now).map(Some)
        })
        .await
    }

    async fn delete_account(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.erase(move |tx| {
            let ended = end_all(tx, id, None, now)?;
            // Its sessions stop naming it by the foreign key.
            let erased = change(tx, "DELETE FROM accounts WHERE id = ?1", [id.as_bytes()])?;
            Ok((erased == 1).then_some(ended))
        })
        .await
    }

    async fn start_session(&self, session: Session) -> Result<bool, StoreError> {
        self.write(move |tx| start(tx, &session)).await
    }

    async fn rotate_session(
        &self,
        claim: RefreshClaim,
        successor: TokenHash,
        now: Timestamp,
        lifetimes: Lifetimes,
    ) -> Result<Rotation, StoreError> {
        self.write(move |tx| rotate(tx, claim, successor, now, lifetimes)).await
    }

    async fn sessions(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        self.read(move |tx| all(tx, LIVE_SESSIONS, params![account.as_bytes(), now.0], session))
            .await
    }

    async fn kept_sessions(&self, account: AccountId) -> Result<Vec<KeptSession>, StoreError> {
        self.read(move |tx| all(tx, KEPT_SESSIONS, [account.as_bytes()], kept_session)).await
    }

    async fn end_session(
        &self,
        id: SessionId,
        owner: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(move |tx| end(tx, id, owner, now)).await
    }

    async fn sessions_ended_since(
        &self,
        cutoff: Timestamp,
    ) -> Result<Vec<(SessionId, Timestamp)>, StoreError> {
        self.read(move |tx| {
            let sql = "SELECT id, ended_at_ms FROM sessions WHERE ended_at_ms >= ?1";
            all(tx, sql, [cutoff.0], |row| Ok((session_id(row)?, time(row, 1)?)))
        })
        .await
    }

    async fn forget_sessions(&self, cutoff: Timestamp) -> Result<u64, StoreError> {
        self.write(move |tx| {
            let sql = "DELETE FROM sessions WHERE ended_at_ms < ?1 OR expires_at_ms < ?1";
            Ok(change(tx, sql, [cutoff.0])? as u64)
        })
        .await
    }
}

/// False if the login or the e-mail tag is in use.
pub(super) fn insert(tx: &Connection, account: &NewAccount, role: Role) -> Result<bool, Failure> {
    let (tag, sealed) = account.email.as_ref().map(|(tag, sealed)| (tag.0, &sealed.0)).unzip();
    let created = change(
        tx,
        "INSERT INTO accounts
             (id, login, login_folded, email_tag, email_sealed, password_hash, created_at_ms,
              operator)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        params![
            account.id.as_bytes(),
            account.login.as_str(),
            account.login.folded(),
            tag,
            sealed,
            account.password_hash.as_str(),
            account.created_at.0,
            role == Role::Operator,
        ],
    )?;
    Ok(created == 1)
}

pub(super) fn start(tx: &Connection, session: &Session) -> Result<bool, Failure> {
    let started = change(
        tx,
        "INSERT INTO sessions
             (id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
              current_hash, previous_hash, rotated_at_ms)
         SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM accounts
         WHERE id = ?2 AND disabled = 0",
        params![
            session.id.as_bytes(),
            session.account.as_bytes(),
            session.created_at.0,
            session.last_used_at.0,
            session.expires_at.0,
            session.generation,
            session.current.0,
            session.previous.map(|hash| hash.0),
            session.rotated_at.0,
        ],
    )?;
    Ok(started == 1)
}

fn rotate(
    tx: &Connection,
    claim: RefreshClaim,
    successor: TokenHash,
    now: Timestamp,
    lifetimes: Lifetimes,
) -> Result<Rotation, Failure> {
    let id = claim.session;
    let standing = "SELECT ended_at_ms IS NOT NULL, revoked FROM sessions WHERE id = ?1";
    match one(tx, standing, [id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))? {
        None => return Ok(Rotation::Invalid),
        Some((_, true)) => return Ok(Rotation::Revoked(id)),
        Some((true, false)) => return Ok(Rotation::Ended),
        Some((false, false)) => {}
    }
    let Some(found) = one(tx, SESSION_BY_ID, [id.as_bytes()], session)? else {
        return Ok(Rotation::Invalid);
    };
    match found.judge(&claim, now) {
        verdict @ (Verdict::Rotate | Verdict::Reissue) => {
            let renewed = found.succeed(verdict, successor, now, lifetimes);
            renew(tx, &renewed)?;
            Ok(Rotation::Rotated(renewed))
        }
        Verdict::Stale | Verdict::Expired => Ok(Rotation::Invalid),
        Verdict::Revoke => {
            end(tx, id, None, now)?;
            change(tx, "UPDATE sessions SET revoked = 1 WHERE id = ?1", [id.as_bytes()])?;
            Ok(Rotation::Revoked(id))
        }
    }
}

fn renew(tx: &Connection, session: &Session) -> Result<(), Failure> {
    change(
        tx,
        "UPDATE sessions SET last_used_at_ms = ?2, expires_at_ms = ?3, generation = ?4,
             current_hash = ?5, previous_hash = ?6, rotated_at_ms = ?7 WHERE id = ?1",
        params![
            session.id.as_bytes(),
            session.last_used_at.0,
            session.expires_at.0,
            session.generation,
            session.current.0,
            session.previous.map(|hash| hash.0),
            session.rotated_at.0,
        ],
    )?;
    Ok(())
}

fn end(
    tx: &Connection,
    id: SessionId,
    owner: Option<AccountId>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let ended = change(
        tx,
        "UPDATE sessions SET ended_at_ms = ?3
         WHERE id = ?1 AND ended_at_ms IS NULL AND (?2 IS NULL OR account_id = ?2)",
        params![id.as_bytes(), owner.as_ref().map(AccountId::as_bytes), now.0],
    )?;
    if ended == 1 {
        operator::count_change(tx)?;
    }
    Ok(ended == 1)
}

/// Ends all sessions of an account but one, and lets other processes know.
pub(super) fn end_all(
    tx: &Connection,
    account: AccountId,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<SessionId>, Failure> {
    operator::count_change(tx)?;
    all(
        tx,
        "UPDATE sessions SET ended_at_ms = ?3
         WHERE account_id = ?1 AND ended_at_ms IS NULL AND id IS NOT ?2 RETURNING id",
        params![account.as_bytes(), keep.as_ref().map(SessionId::as_bytes), now.0],
        session_id,
    )
}

pub(super) fn account(row: &Row<'_>) -> Result<Account, Failure> {
    let login: String = row.get(1)?;
    Ok(Account {
        id: AccountId::from_bytes(row.get(0)?),
        login: Login::parse(&login).map_err(|_| Failure::corrupt("login"))?,
        email: row.get::<_, Option<_>>(2)?.map(SealedEmail),
        password_hash: PasswordHash::from_phc(row.get(3)?),
        created_at: time(row, 4)?,
        role: if row.get(5)? { Role::Operator } else { Role::Person },
        standing: if row.get(6)? { Standing::Disabled } else { Standing::Active },
    })
}

pub(super) const SESSION_BY_ID: &str = "
    SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
           current_hash, previous_hash, rotated_at_ms
    FROM sessions WHERE id = ?1";

const LIVE_SESSIONS: &str = "
    SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
           current_hash, previous_hash, rotated_at_ms
    FROM sessions WHERE account_id = ?1 AND ended_at_ms IS NULL AND expires_at_ms > ?2
    ORDER BY created_at_ms DESC, id";

const KEPT_SESSIONS: &str = "
    SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
           current_hash, previous_hash, rotated_at_ms, ended_at_ms, revoked
    FROM sessions WHERE account_id = ?1 ORDER BY created_at_ms DESC, id";

fn kept_session(row: &Row<'_>) -> Result<KeptSession, Failure> {
    let ended_at = row.get::<_, Option<_>>(9)?.map(Timestamp);
    Ok(KeptSession { session: session(row)?, ended_at, revoked: row.get(10)? })
}

fn session(row: &Row<'_>) -> Result<Session, Failure> {
    Ok(Session {
        id: session_id(row)?,
        account: AccountId::from_bytes(row.get(1)?),
        created_at: time(row, 2)?,
        last_used_at: time(row, 3)?,
        expires_at: time(row, 4)?,
        generation: row.get(5)?,
        current: TokenHash(row.get(6)?),
        previous: row.get::<_, Option<_>>(7)?.map(TokenHash),
        rotated_at: time(row, 8)?,
    })
}

pub(super) fn session_id(row: &Row<'_>) -> Result<SessionId, Failure> {
    Ok(SessionId::from_bytes(row.get(0)?))
}
