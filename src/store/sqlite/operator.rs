//! Operators, and what they decide.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::{
    SqliteStore, accounts,
    rows::{Failure, all, change, one, value},
};
use crate::{
    domain::{
        Account, AccountId, Census, Login, NewAccount, Role, Session, SessionId, Timestamp,
        TokenHash,
    },
    store::{OperatorStore, Setup, StoreError},
};

const LISTED: &str = "
    SELECT id, login, email_sealed, password_hash, created_at_ms, operator, disabled
    FROM accounts
    WHERE (?1 IS NULL OR login_folded > ?1) AND (?2 IS NULL OR instr(login_folded, ?2) > 0)
    ORDER BY login_folded LIMIT ?3";

const CENSUS: &str = "
    SELECT (SELECT count(*) FROM accounts),
           (SELECT count(*) FROM accounts WHERE operator = 1),
           (SELECT count(*) FROM accounts WHERE disabled = 1),
           (SELECT count(*) FROM sessions WHERE ended_at_ms IS NULL AND expires_at_ms > ?1),
           (SELECT count(*) FROM rooms WHERE secret <> x''),
           (SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())";

#[async_trait]
impl OperatorStore for SqliteStore {
    async fn has_operator(&self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM accounts WHERE operator = 1 AND disabled = 0)";
        self.read(|tx| Ok(value(tx, sql, [])?.unwrap_or(false))).await
    }

    async fn create_operator(&self, account: NewAccount) -> Result<bool, StoreError> {
        self.write(move |tx| accounts::insert(tx, &account, Role::Operator)).await
    }

    async fn offer_setup(&self, token: TokenHash, until: Timestamp) -> Result<(), StoreError> {
        self.write(move |tx| {
            let sql = "INSERT OR REPLACE INTO setup (only_row, token_hash, expires_at_ms)
                       VALUES (1, ?1, ?2)";
            change(tx, sql, params![token.0, until.0])?;
            Ok(())
        })
        .await
    }

    async fn is_setup_open(&self, token: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS
                       (SELECT 1 FROM setup WHERE token_hash = ?1 AND expires_at_ms > ?2)";
        self.read(move |tx| Ok(value(tx, sql, params![token.0, now.0])?.unwrap_or(false))).await
    }

    async fn set_up(
        &self,
        token: TokenHash,
        account: NewAccount,
        session: Session,
        now: Timestamp,
    ) -> Result<Setup, StoreError> {
        self.write(move |tx| set_up(tx, token, &account, &session, now)).await
    }

    async fn accounts(
        &self,
        search: Option<String>,
        after: Option<Login>,
        limit: u32,
    ) -> Result<Vec<Account>, StoreError> {
        let (search, after) =
            (search.map(|text| text.to_lowercase()), after.map(|login| login.folded()));
        self.read(move |tx| all(tx, LISTED, params![after, search, limit], accounts::account)).await
    }

    async fn disable_account(
        &self,
        id: AccountId,
        now: Timestamp,
    ) -> Result<Option<Vec<SessionId>>, StoreError> {
        self.write(move |tx| {
            if !set_disabled(tx, id, true)? {
                return Ok(None);
            }
            accounts::end_all(tx, id, None, now).map(Some)
        })
        .await
    }

    async fn enable_account(&self, id: AccountId) -> Result<bool, StoreError> {
        self.write(move |tx| set_disabled(tx, id, false)).await
    }

    async fn end_sessions(
        &self,
        account: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Vec<SessionId>, StoreError> {
        self.write(move |tx| {
            if let Some(account) = account {
                return accounts::end_all(tx, account, None, now);
            }
            count_change(tx)?;
            let sql = "UPDATE sessions SET ended_at_ms = ?1 WHERE ended_at_ms IS NULL RETURNING id";
            all(tx, sql, [now.0], accounts::session_id)
        })
        .await
    }

    async fn is_registration_closed(&self) -> Result<bool, StoreError> {
        let sql = "SELECT registration_closed FROM server";
        self.read(|tx| Ok(value(tx, sql, [])?.unwrap_or(false))).await
    }

    async fn close_registration(&self, closed: bool) -> Result<(), StoreError> {
        self.write(move |tx| {
            change(tx, "UPDATE server SET registration_closed = ?1", [closed])?;
            count_change(tx)
        })
        .await
    }

    async fn census(&self, now: Timestamp) -> Result<Census, StoreError> {
        let counted = self.read(move |tx| one(tx, CENSUS, [now.0], census)).await?;
        counted.ok_or(StoreError::Corrupt { what: "census" })
    }

    async fn changes(&self) -> Result<i64, StoreError> {
        self.read(|tx| Ok(value(tx, "SELECT changes FROM server", [])?.unwrap_or(0))).await
    }
}

/// Notes that something changed that other processes must hear of.
pub(super) fn count_change(tx: &Connection) -> Result<(), Failure> {
    change(tx, "UPDATE server SET changes = changes + 1", [])?;
    Ok(())
}

fn set_up(
    tx: &Connection,
    token: TokenHash,
    account: &NewAccount,
    session: &Session,
    now: Timestamp,
) -> Result<Setup, Failure> {
    let holds = "SELECT 1 FROM setup WHERE token_hash = ?1 AND expires_at_ms > ?2";
    if value::<i64>(tx, holds, params![token.0, now.0])?.is_none() {
        return Ok(Setup::NoSuchToken);
    }
    if !accounts::insert(tx, account, Role::Operator)? {
        return Ok(Setup::Taken);
    }
    change(tx, "DELETE FROM setup", [])?;
    accounts::start(tx, session)?;
    Ok(Setup::Done)
}

fn set_disabled(tx: &Connection, id: AccountId, disabled: bool) -> Result<bool, Failure> {
    let sql = "UPDATE accounts SET disabled = ?2 WHERE id = ?1";
    Ok(change(tx, sql, params![id.as_bytes(), disabled])? == 1)
}

fn census(row: &Row<'_>) -> Result<Census, Failure> {
    Ok(Census {
        accounts: row.get(0)?,
        operators: row.get(1)?,
        disabled: row.get(2)?,
        sessions: row.get(3)?,
        rooms: row.get(4)?,
        bytes: row.get(5)?,
    })
}
