//! Accounts and sessions.

use async_trait::async_trait;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::{
    PostgresStore, operator,
    rows::{Failure, all, bytes, change, get, maybe_bytes, one, time},
};
use crate::{
    domain::{
        Account, AccountId, EmailTag, KeptSession, Lifetimes, Login, NewAccount, PasswordHash,
        RefreshClaim, Role, Rotation, SealedEmail, Session, SessionId, Standing, Timestamp,
        TokenHash, Verdict,
    },
    store::{AccountStore, Registration, StoreError},
};

const ACCOUNT_BY_LOGIN: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts WHERE login_folded = $1";
const ACCOUNT_BY_EMAIL: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts WHERE email_tag = $1";
const ACCOUNT_BY_ID: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts WHERE id = $1";

#[async_trait]
impl AccountStore for PostgresStore {
    async fn create_account(
        &self,
        account: NewAccount,
        session: Session,
    ) -> Result<Registration, StoreError> {
        let (account, session) = (&account, &session);
        self.write(|tx| async move {
            if !insert(tx.client()?, account, Role::Person).await? {
                return tx.commit(Registration::Taken).await;
            }
            start(tx.client()?, session).await?;
            tx.commit(Registration::Created).await
        })
        .await
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<Account>, StoreError> {
        let login = &login.folded();
        self.read(|db| async move { one(&db, ACCOUNT_BY_LOGIN, &[login], account).await }).await
    }

    async fn account_by_email(&self, email: EmailTag) -> Result<Option<Account>, StoreError> {
        self.read(|db| async move { one(&db, ACCOUNT_BY_EMAIL, &[&&email.0[..]], account).await })
            .await
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.read(
            |db| async move { one(&db, ACCOUNT_BY_ID, &[&&id.as_bytes()[..]], account).await },
        )
        .await
    }

    async fn rehash_password(
        &self,
        id: AccountId,
        old: &PasswordHash,
        new: &PasswordHash,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE accounts SET password_hash = $3 WHERE id = $1 AND password_hash = $2";
        let (id, old, new) = (&id.as_bytes()[..], old.as_str(), new.as_str());
        self.write(|tx| async move {
            let done = change(tx.client()?, sql, &[&id, &old, &new]).await?;
            tx.commit(done).await
        })
        .await?;
        Ok(())
    }

    async fn change_password(
        &self,
        id: AccountId,
        new: &PasswordHash,
        keep: Option<SessionId>,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        let sql = "UPDATE accounts SET password_hash = $2 WHERE id = $1";
        self.write(|tx| async move {
            if change(tx.client()?, sql, &[&&id.as_bytes()[..], &new.as_str()]).await? == 0 {
                return tx.commit(None).await;
            }
            let ended = end_all(tx.client()?, id, keep, now).await?;
            tx.commit(Some(ended)).await
        })
        .await
    }

    async fn delete_account(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        // Held, so that no session begins between the two statements.
        let hold = "SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE";
        self.write(|tx| async move {
            let (db, account) = (tx.client()?, &id.as_bytes()[..]);
            if one(db, hold, &[&account], |_| Ok(())).await?.is_none() {
                return tx.commit(None).await;
            }
            let ended = end_all(db, id, None, now).await?;
            // Its sessions stop naming it by the foreign key.
            change(db, "DELETE FROM accounts WHERE id = $1", &[&account]).await?;
            tx.commit(Some(ended)).await
        })
        .await
    }

    async fn start_session(&self, session: Session) -> Result<bool, StoreError> {
        let session = &session;
        self.write(|tx| async move {
            let done = start(tx.client()?, session).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn rotate_session(
        &self,
        claim: RefreshClaim,
        successor: TokenHash,
        now: Timestamp,
        lifetimes: Lifetimes,
    ) -> Result<Rotation, StoreError> {
        self.write(|tx| async move {
            let done = rotate(tx.client()?, claim, successor, now, lifetimes).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn sessions(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let account = &account.as_bytes()[..];
        self.read(|db| async move { all(&db, LIVE_SESSIONS, &[&account, &now.0], session).await })
            .await
    }

    async fn kept_sessions(&self, account: AccountId) -> Result<Vec<KeptSession>, StoreError> {
        let account = &account.as_bytes()[..];
        self.read(|db| async move { all(&db, KEPT_SESSIONS, &[&account], kept_session).await })
            .await
    }

    async fn end_session(
        &self,
        id: SessionId,
        owner: Option<AccountId>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let done = end(tx.client()?, id, owner, now).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn sessions_ended_since(
        &self,
        cutoff: Timestamp,
    ) -> Result<Vec<(SessionId, Timestamp)>, StoreError> {
        let sql = "SELECT id, ended_at_ms FROM sessions WHERE ended_at_ms >= $1";
        let read = |row: &Row| Ok((session_id(row)?, time(row, 1)?));
        self.read(|db| async move { all(&db, sql, &[&cutoff.0], read).await }).await
    }

    async fn forget_sessions(&self, cutoff: Timestamp) -> Result<u64, StoreError> {
        let sql = "DELETE FROM sessions WHERE ended_at_ms < $1 OR expires_at_ms < $1";
        self.write(|tx| async move {
            let done = change(tx.client()?, sql, &[&cutoff.0]).await?;
            tx.commit(done).await
        })
        .await
    }
}

/// False if the login or the e-mail tag is in use.
pub(super) async fn insert(
    db: &impl GenericClient,
    account: &NewAccount,
    role: Role,
) -> Result<bool, Failure> {
    let (tag, sealed) = account.email.as_ref().map(|(tag, it)| (&tag.0[..], &it.0[..])).unzip();
    let created = change(
        db,
        "INSERT INTO accounts
             (id, login, login_folded, email_tag, email_sealed, password_hash, created_at_ms,
              operator)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        &[
            &&account.id.as_bytes()[..],
            &account.login.as_str(),
            &account.login.folded(),
            &tag,
            &sealed,
            &account.password_hash.as_str(),
            &account.created_at.0,
            &i64::from(role == Role::Operator),
        ],
    )
    .await?;
    Ok(created == 1)
}

pub(super) async fn start(db: &impl GenericClient, session: &Session) -> Result<bool, Failure> {
    let started = change(
        db,
        "INSERT INTO sessions
             (id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
              current_hash, previous_hash, rotated_at_ms)
         SELECT $1, id, $3, $4, $5, $6, $7, $8, $9 FROM accounts
         WHERE id = $2 AND disabled = 0 FOR SHARE",
        &[
            &&session.id.as_bytes()[..],
            &&session.account.as_bytes()[..],
            &session.created_at.0,
            &session.last_used_at.0,
            &session.expires_at.0,
            &session.generation,
            &&session.current.0[..],
            &session.previous.as_ref().map(|hash| &hash.0[..]),
            &session.rotated_at.0,
        ],
    )
    .await?;
    Ok(started == 1)
}

async fn rotate(
    db: &impl GenericClient,
    claim: RefreshClaim,
    successor: TokenHash,
    now: Timestamp,
    lifetimes: Lifetimes,
) -> Result<Rotation, Failure> {
    let id = claim.session;
    let key = &id.as_bytes()[..];
    // Held, so that equal claims at once are judged one after the other.
    let standing = "SELECT ended_at_ms IS NOT NULL, revoked FROM sessions WHERE id = $1 FOR UPDATE";
    let read = |row: &Row| Ok((get(row, 0)?, get::<i64>(row, 1)? == 1));
    match one(db, standing, &[&key], read).await? {
        None => return Ok(Rotation::Invalid),
        Some((_, true)) => return Ok(Rotation::Revoked(id)),
        Some((true, false)) => return Ok(Rotation::Ended),
        Some((false, false)) => {}
    }
    let Some(found) = one(db, SESSION_BY_ID, &[&key], session).await? else {
        return Ok(Rotation::Invalid);
    };
    match found.judge(&claim, now) {
        verdict @ (Verdict::Rotate | Verdict::Reissue) => {
            let renewed = found.succeed(verdict, successor, now, lifetimes);
            renew(db, &renewed).await?;
            Ok(Rotation::Rotated(renewed))
        }
        Verdict::Stale | Verdict::Expired => Ok(Rotation::Invalid),
        Verdict::Revoke => {
            end(db, id, None, now).await?;
            change(db, "UPDATE sessions SET revoked = 1 WHERE id = $1", &[&key]).await?;
            Ok(Rotation::Revoked(id))
        }
    }
}

async fn renew(db: &impl GenericClient, session: &Session) -> Result<(), Failure> {
    change(
        db,
        "UPDATE sessions SET last_used_at_ms = $2, expires_at_ms = $3, generation = $4,
             current_hash = $5, previous_hash = $6, rotated_at_ms = $7 WHERE id = $1",
        &[
            &&session.id.as_bytes()[..],
            &session.last_used_at.0,
            &session.expires_at.0,
            &session.generation,
            &&session.current.0[..],
            &session.previous.as_ref().map(|hash| &hash.0[..]),
            &session.rotated_at.0,
        ],
    )
    .await?;
    Ok(())
}

async fn end(
    db: &impl GenericClient,
    id: SessionId,
    owner: Option<AccountId>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let ended = change(
        db,
        "UPDATE sessions SET ended_at_ms = $3
         WHERE id = $1 AND ended_at_ms IS NULL AND ($2::BYTEA IS NULL OR account_id = $2)",
        &[&&id.as_bytes()[..], &owner.as_ref().map(|it| &it.as_bytes()[..]), &now.0],
    )
    .await?;
    if ended == 1 {
        operator::count_change(db).await?;
    }
    Ok(ended == 1)
}

/// Ends all sessions of an account but one, and lets other processes know.
pub(super) async fn end_all(
    db: &impl GenericClient,
    account: AccountId,
    keep: Option<SessionId>,
    now: Timestamp,
) -> Result<Vec<SessionId>, Failure> {
    operator::count_change(db).await?;
    all(
        db,
        "UPDATE sessions SET ended_at_ms = $3
         WHERE account_id = $1 AND ended_at_ms IS NULL AND id IS DISTINCT FROM $2 RETURNING id",
        &[&&account.as_bytes()[..], &keep.as_ref().map(|it| &it.as_bytes()[..]), &now.0],
        session_id,
    )
    .await
}

pub(super) fn account(row: &Row) -> Result<Account, Failure> {
    let login: &str = get(row, 1)?;
    Ok(Account {
        id: AccountId::from_bytes(bytes(row, 0)?),
        login: Login::parse(login).map_err(|_| Failure::corrupt("login"))?,
        email: get::<Option<_>>(row, 2)?.map(SealedEmail),
        password_hash: PasswordHash::from_phc(get(row, 3)?),
        created_at: time(row, 4)?,
        role: if get::<i64>(row, 5)? == 1 { Role::Operator } else { Role::Person },
        standing: if get::<i64>(row, 6)? == 1 { Standing::Disabled } else { Standing::Active },
    })
}

const SESSION_BY_ID: &str = "
    SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
           current_hash, previous_hash, rotated_at_ms
    FROM sessions WHERE id = $1";

const LIVE_SESSIONS: &str = "
    SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
           current_hash, previous_hash, rotated_at_ms
    FROM sessions WHERE account_id = $1 AND ended_at_ms IS NULL AND expires_at_ms > $2
    ORDER BY created_at_ms DESC, id";

const KEPT_SESSIONS: &str = "
    SELECT id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, generation,
           current_hash, previous_hash, rotated_at_ms, ended_at_ms, revoked
    FROM sessions WHERE account_id = $1 ORDER BY created_at_ms DESC, id";

fn kept_session(row: &Row) -> Result<KeptSession, Failure> {
    let ended_at = get::<Option<_>>(row, 9)?.map(Timestamp);
    Ok(KeptSession { session: session(row)?, ended_at, revoked: get::<i64>(row, 10)? == 1 })
}

fn session(row: &Row) -> Result<Session, Failure> {
    Ok(Session {
        id: session_id(row)?,
        account: AccountId::from_bytes(bytes(row, 1)?),
        created_at: time(row, 2)?,
        last_used_at: time(row, 3)?,
        expires_at: time(row, 4)?,
        generation: get(row, 5)?,
        current: TokenHash(bytes(row, 6)?),
        previous: maybe_bytes(row, 7)?.map(TokenHash),
        rotated_at: time(row, 8)?,
    })
}

pub(super) fn session_id(row: &Row) -> Result<SessionId, Failure> {
    Ok(SessionId::from_bytes(bytes(row, 0)?))
}
