//! The one task that erases what is left of rooms that were removed, a slice at a time, so that
//! whoever waits for the same rows does not wait long.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::mpsc, time::sleep};

use super::{
    pool::{Pool, Transaction},
    rooms,
    rows::Failure,
};
use crate::{domain::RoomId, store::StoreError};

/// Between two slices: what is read and written elsewhere is to go on, too.
const BREATH: Duration = Duration::from_millis(2);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(1);

/// The task's door.
pub(super) struct Erasure {
    /// `None` once closed.
    bell: Mutex<Option<mpsc::Sender<()>>>,
}

impl Erasure {
    /// Begins with what an earlier run left behind.
    pub(super) fn start(pool: Arc<Pool>) -> Self {
        let (bell, rung) = mpsc::channel(1);
        let _first = bell.try_send(());
        #[expect(clippy::disallowed_methods, reason = "it ends with the store")]
        tokio::spawn(run(pool, rung));
        Self { bell: Mutex::new(Some(bell)) }
    }

    /// Says that a room was removed.
    pub(super) fn ring(&self) {
        let bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        // Where it is full, the task will look anyway.
        let _rung = bell.as_ref().map(|bell| bell.try_send(()));
    }

    /// Begins no other slice; what is left is erased after the next start.
    pub(super) fn close(&self) {
        drop(self.bell.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

async fn run(pool: Arc<Pool>, mut rung: mpsc::Receiver<()>) {
    while rung.recv().await.is_some() {
        while !rung.is_closed() {
            match erase_some(&pool).await {
                Ok(true) => sleep(BREATH).await,
                Ok(false) => break,
                Err(_) => sleep(PAUSE).await,
            }
        }
    }
}

/// Erases a slice of some room; false if there is nothing left of any.
async fn erase_some(pool: &Pool) -> Result<bool, StoreError> {
    let room = pool.read(|db| async move { rooms::removed(&db).await }).await?;
    let Some(room) = room else { return Ok(false) };
    pool.write(|tx| erase_slice(tx, room)).await?;
    Ok(true)
}

async fn erase_slice(tx: Transaction, room: RoomId) -> Result<bool, Failure> {
    let more = rooms::erase_slice(tx.client()?, room).await?;
    tx.commit(more).await
}
