//! What an operator does at the command line, on data that a server may be running on: it does
//! within seconds what was decided here.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    StartError, SystemClock, auth_settings, back_end, open_store, open_wall, operator::setup_link,
};
use crate::{
    auth::{Auth, ManageError, RegisterError},
    config::Config,
    data_dir::{DataDir, DataDirError, Purpose},
    domain::{Account, Clock, Login, Password, Room, RoomCursor, RoomId},
    store::{OperatorStore, Store, StoreError},
};

/// How many accounts or rooms are read at once.
const PAGE: u32 = 500;
/// How often it is asked whether a removed room is erased.
const PAUSE: Duration = Duration::from_millis(20);

/// The data, opened beside a server or without one.
pub struct Desk {
    auth: Auth,
    store: Arc<dyn Store>,
    config: Config,
}

/// Why an operator did not get what they asked for.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The data cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The server that runs does not know the schema that this program needs.
    #[error("the server that runs on this data is older than this program")]
    OlderServer,
    /// Nobody has this login.
    #[error("there is no account with this login")]
    NoSuchAccount,
    /// No room has this id.
    #[error("there is no room with this id")]
    NoSuchRoom,
    /// The login or the password will not do.
    #[error(transparent)]
    Account(#[from] RegisterError),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeskError {
    /// What to do about it, if there is something.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::OlderServer => Some("restart it first, so that it is of the same version"),
            Self::NoSuchAccount => Some("`anonchat admin list` shows every account"),
            Self::NoSuchRoom => Some("`anonchat room list` shows every room"),
            Self::Account(RegisterError::Taken) => {
                Some("choose another login, or set a new password with `anonchat admin passwd`")
            }
            Self::Account(RegisterError::Password(_)) => {
                Some("use 8 to 256 characters that nobody would guess")
            }
            Self::Store(_) => Some("try again in a moment"),
            Self::Start(_) | Self::Account(_) => None,
        }
    }
}

/// Opens what is in `data_dir`, has `work` done, and closes it again.
///
/// # Errors
/// [`DeskError`] when it cannot be opened, or that of `work`.
pub fn at_desk<T>(
    data_dir: &DataDir,
    config: &Config,
    work: impl AsyncFnOnce(&Desk) -> Result<T, DeskError>,
) -> Result<T, DeskError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(StartError::from)?.block_on(async {
        let desk = Desk::open(data_dir, config).await?;
        let done = work(&desk).await;
        desk.store.close().await;
        done
    })
}

impl Desk {
    async fn open(data_dir: &DataDir, config: &Config) -> Result<Self, DeskError> {
        // Where no server runs, none begins to while key and database are made or changed.
        let lock = match data_dir.lock(Purpose::Share) {
            Ok(lock) => Some(lock),
            Err(DataDirError::InUse { purpose: Purpose::Serve | Purpose::Share, .. }) => None,
            Err(error) => return Err(StartError::from(error).into()),
        };
        if lock.is_none() {
            let is_current = back_end::is_current(data_dir, &config.storage).await;
            if !is_current.map_err(|source| StartError::database(config, source))? {
                return Err(DeskError::OlderServer);
            }
        }
        let wall = open_wall(data_dir)?;
        let store = open_store(data_dir, config, SystemClock.now()).await?;
        let accounts: Arc<dyn OperatorStore> = Arc::clone(&store) as _;
        let auth = Auth::new(accounts, wall, auth_settings(config), Arc::new(SystemClock)).await?;
        Ok(Self { auth, store, config: config.clone() })
    }

    /// Makes an operator's account.
    ///
    /// # Errors
    /// [`DeskError::Account`] says what will not do.
    pub async fn create(&self, login: Login, password: Password) -> Result<(), DeskError> {
        Ok(self.auth.create_operator(login, password).await?)
    }

    /// A link with which somebody becomes an operator, once, within an hour. The one before it is
    /// worth nothing from now on.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    pub async fn setup_link(&self) -> Result<String, DeskError> {
        let token = self.auth.offer_setup().await?;
        Ok(setup_link(&self.config, &self.config.server.addr, &token))
    }

    /// Sets a new password and ends all sessions of the account.
    ///
    /// # Errors
    /// [`DeskError`] says what is in the way.
    pub async fn reset_password(&self, login: &Login, new: Password) -> Result<(), DeskError> {
        let account = self.account(login).await?;
        Ok(self.auth.reset_password(&account, new).await?)
    }

    async fn account(&self, login: &Login) -> Result<Account, DeskError> {
        self.auth.account_by_login(login).await?.ok_or(DeskError::NoSuchAccount)
    }

    /// All accounts, by login.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    pub async fn accounts(&self) -> Result<Vec<Account>, DeskError> {
        let mut all: Vec<Account> = Vec::new();
        loop {
            let after = all.last().map(|account| account.login.clone());
            let page = self.auth.accounts(None, after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Keeps everybody from logging in to an account and ends its sessions.
    ///
    /// # Errors
    /// [`DeskError`] says what is in the way.
    pub async fn disable(&self, login: &Login) -> Result<(), DeskError> {
        self.auth.disable(self.account(login).await?).await?;
        Ok(())
    }

    /// Lets its owner log in to an account again.
    ///
    /// # Errors
    /// [`DeskError`] says what is in the way.
    pub async fn enable(&self, login: &Login) -> Result<(), DeskError> {
        self.auth.enable(self.account(login).await?).await?;
        Ok(())
    }

    /// Ends all sessions, or those of one account; how many.
    ///
    /// # Errors
    /// [`DeskError`] says what is in the way.
    pub async fn log_out_all(&self, login: Option<&Login>) -> Result<usize, DeskError> {
        let account = match login {
            Some(login) => Some(self.account(login).await?),
            None => None,
        };
        Ok(self.auth.end_sessions(account.as_ref()).await?)
    }

    /// All rooms, newest first.
    ///
    /// # Errors
    /// [`DeskError::Store`].
    pub async fn rooms(&self) -> Result<Vec<Room>, DeskError> {
        let mut all: Vec<Room> = Vec::new();
        loop {
            let after = all.last().map(|it| RoomCursor { created_at: it.created_at, id: it.id });
            let page = self.store.all_rooms(None, after, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    /// One room.
    ///
    /// # Errors
    /// [`DeskError::NoSuchRoom`], [`DeskError::Store`].
    pub async fn room(&self, id: RoomId) -> Result<Room, DeskError> {
        self.store.room(id).await?.ok_or(DeskError::NoSuchRoom)
    }

    /// Removes a room, and waits until everything in it is erased.
    ///
    /// # Errors
    /// [`DeskError::NoSuchRoom`], [`DeskError::Store`].
    pub async fn remove_room(&self, id: RoomId) -> Result<(), DeskError> {
        if !self.store.delete_room(id).await? {
            return Err(DeskError::NoSuchRoom);
        }
        while self.store.is_erasing().await? {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }
}

impl From<ManageError> for DeskError {
    fn from(error: ManageError) -> Self {
        match error {
            ManageError::NoSuchAccount | ManageError::Oneself => Self::NoSuchAccount,
            ManageError::Store(error) => Self::Store(error),
        }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk(…)")
    }
}
