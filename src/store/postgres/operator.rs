//! Operators, and what they decide.

use async_trait::async_trait;
use deadpool_postgres::GenericClient;
use tokio_postgres::Row;

use super::{
    PostgresStore, accounts,
    rows::{Failure, Params, all, change, get, one},
};
use crate::{
    domain::{
        Account, AccountId, Census, Login, NewAccount, Role, Session, SessionId, Timestamp,
        TokenHash,
    },
    store::{OperatorStore, Setup, StoreError},
};

/// Compared byte by byte, whatever the order of the database is.
const LISTED: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts
    WHERE ($1::TEXT IS NULL OR login_folded COLLATE \"C\" > $1)
      AND ($2::TEXT IS NULL OR strpos(login_folded, $2) > 0)
    ORDER BY login_folded COLLATE \"C\" LIMIT $3";

const CENSUS: &str = "
    SELECT (SELECT count(*) FROM accounts),
           (SELECT count(*) FROM accounts WHERE operator = 1),
           (SELECT count(*) FROM accounts WHERE disabled = 1),
           (SELECT count(*) FROM sessions WHERE ended_at_ms IS NULL AND expires_at_ms > $1),
           (SELECT count(*) FROM rooms WHERE secret <> ''),
           pg_database_size(current_database())";

#[async_trait]
impl OperatorStore for PostgresStore {
    async fn has_operator(&self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM accounts WHERE operator = 1 AND disabled = 0 LIMIT 1";
        self.read(|db| async move { exists(&db, sql, &[]).await }).await
    }

    async fn create_operator(&self, account: NewAccount) -> Result<bool, StoreError> {
        let account = &account;
        self.write(|tx| async move {
            let done = accounts::insert(tx.client()?, account, Role::Operator).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn offer_setup(&self, token: TokenHash, until: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO setup (only_row, token_hash, expires_at_ms) VALUES (1, $1, $2)
                   ON CONFLICT (only_row) DO UPDATE SET token_hash = $1, expires_at_ms = $2";
        let token = &token.0[..];
        self.write(|tx| async move {
            change(tx.client()?, sql, &[&token, &until.0]).await?;
            tx.commit(()).await
        })
        .await
    }

    async fn is_setup_open(&self, token: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM setup WHERE token_hash = $1 AND expires_at_ms > $2";
        let token = &token.0[..];
        self.read(|db| async move { exists(&db, sql, &[&token, &now.0]).await }).await
    }

    async fn set_up(
        &self,
        token: TokenHash,
        account: NewAccount,
        session: Session,
        now: Timestamp,
    ) -> Result<Setup, StoreError> {
        let (token, account, session) = (&token.0[..], &account, &session);
        self.write(|tx| async move {
            // Spent first, so that of many at once the others find nothing; dropped without a
            // commit, it is not.
            let spend = "DELETE FROM setup WHERE token_hash = $1 AND expires_at_ms > $2";
            let db = tx.client()?;
            if change(db, spend, &[&token, &now.0]).await? == 0 {
                return Ok(Setup::NoSuchToken);
            }
            if !accounts::insert(db, account, Role::Operator).await? {
                return Ok(Setup::Taken);
            }
            accounts::start(db, session).await?;
            tx.commit(Setup::Done).await
        })
        .await
    }

    async fn accounts(
        &self,
        search: Option<String>,
        after: Option<Login>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let search = &search.map(|text| text.to_lowercase());
        let (after, limit) = (&after.map(|login| login.folded()), &i64::from(limit));
        self.read(
            |db| async move { all(&db, LISTED, &[after, search, limit], accounts::account).await },
        )
        .await
    }

    async fn disable_account(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.write(|tx| async move {
            if !set_disabled(tx.client()?, id, true).await? {
                return tx.commit(None).await;
            }
            let ended = accounts::end_all(tx.client()?, id, None, now).await?;
            tx.commit(Some(ended)).await
        })
        .await
    }

    async fn enable_account(&self, id: AccountId) -> Result<bool, StoreError> {
        self.write(|tx| async move {
            let done = set_disabled(tx.client()?, id, false).await?;
            tx.commit(done).await
        })
        .await
    }

    async fn end_sessions(
        &self,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.write(|tx| async move {
            let ended = match account {
                Some(account) => accounts::end_all(tx.client()?, account, None, now).await?,
                None => end_every_session(tx.client()?, now).await?,
            };
            tx.commit(ended).await
        })
        .await
    }

    async fn is_registration_closed(&self) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM server WHERE registration_closed = 1";
        self.read(|db| async move { exists(&db, sql, &[]).await }).await
    }

    async fn close_registration(&self, closed: bool) -> Result<(), StoreError> {
        self.write(|tx| async move {
            let sql = "UPDATE server SET registration_closed = $1";
            change(tx.client()?, sql, &[&i64::from(closed)]).await?;
            count_change(tx.client()?).await?;
            tx.commit(()).await
        })
        .await
    }

    async fn census(&self, now: Timestamp) -> Result<Census, StoreError> {
        let counted = self.read(|db| async move { one(&db, CENSUS, &[&now.0], census).await });
        counted.await?.ok_or(StoreError::Corrupt { what: "census" })
    }

    async fn changes(&self) -> Result<i64, StoreError> {
        let sql = "SELECT changes FROM server";
        let counted = self.read(|db| async move { one(&db, sql, &[], |row| get(row, 0)).await });
        Ok(counted.await?.unwrap_or(0))
    }
}

/// Notes that something changed that other processes must hear of.
pub(super) async fn count_change(db: &impl GenericClient) -> Result<(), Failure> {
    change(db, "UPDATE server SET changes = changes + 1", &[]).await?;
    Ok(())
}

async fn exists(db: &impl GenericClient, sql: &str, params: Params<'_>) -> Result<bool, Failure> {
    Ok(one(db, sql, params, |_| Ok(())).await?.is_some())
}

async fn end_every_session(
    db: &impl GenericClient,
    now: Timestamp,
) -> Result<Vec<SessionId>, Failure> {
    count_change(db).await?;
    let sql = "UPDATE sessions SET ended_at_ms = $1 WHERE ended_at_ms IS NULL RETURNING id";
    all(db, sql, &[&now.0], accounts::session_id).await
}

async fn set_disabled(
    db: &impl GenericClient,
    id: AccountId,
    disabled: bool,
) -> Result<bool, Failure> {
    let sql = "UPDATE accounts SET disabled = $2 WHERE id = $1";
    Ok(change(db, sql, &[&&id.as_bytes()[..], &i64::from(disabled)]).await? == 1)
}

fn census(row: &Row) -> Result<Census, Failure> {
    Ok(Census {
        accounts: get(row, 0)?,
        operators: get(row, 1)?,
        disabled: get(row, 2)?,
        sessions: get(row, 3)?,
        rooms: get(row, 4)?,
        bytes: get(row, 5)?,
    })
}
