//! The one thread that writes.
//!
//! It never waits for a batch to fill: what is queued up while one commit runs is the next batch.

use std::{
    error::Error,
    iter,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::{file, rooms, rows::Failure};
use crate::{domain::RoomId, store::StoreError};

/// Jobs that may wait; the next one is turned away at once.
const QUEUE: usize = 1024;
/// Jobs in one transaction.
const BATCH: usize = 512;

/// Quiet for this long, the thread empties the log if something was erased.
const QUIET: Duration = Duration::from_secs(1);
/// Without a quiet moment it does so this long after the erasure.
const OVERDUE: Duration = Duration::from_secs(5);
/// How long emptying the log may wait for readers, before it is put off.
const PATIENCE: Duration = Duration::from_millis(200);
/// Between two slices of a room that is erased, if nobody waits to write: what is read and written
/// elsewhere on the machine is to go on, too.
const BREATH: Duration = Duration::from_millis(2);
/// Failures in a row that are worth a line in the log.
const WORRYING: u32 = 10;

/// Why a job came to nothing.
#[derive(Clone, Debug, thiserror::Error)]
enum Lost {
    #[error("too many changes wait to be written")]
    QueueFull,
    #[error("the store is closed")]
    Closed,
    #[error("a change in the same transaction undid all of it")]
    Undone,
    #[error("the transaction failed")]
    Failed(#[source] Arc<rusqlite::Error>),
}

/// What a change leaves behind that has to be cleared away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traces {
    /// Nothing.
    Kept,
    /// Copies in the log of what it erased.
    Erased,
    /// The same, and a room that is to be erased slice by slice.
    Room,
}

/// The thread's door.
pub(super) struct Writer {
    /// `None` once closed.
    jobs: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    /// Its sender is dropped when the thread ends.
    ended: watch::Receiver<()>,
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, Failure> {
        let (jobs, queue) = sync_channel(QUEUE);
        let (running, ended) = watch::channel(());
        // What a crash left in the log may hold erased texts.
        let log = Log { empty_by: Some(Instant::now()), failures: 0 };
        let remains = rooms::removed(&connection)?;
        let worker = Worker {
            connection,
            queue,
            log,
            remains,
            next_slice: Instant::now(),
            _running: running,
        };
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || worker.run())
            .map_err(Failure::unavailable)?;
        Ok(Self { jobs: Mutex::new(Some(jobs)), ended })
    }

    /// Queues `change` and waits for the commit. A caller that goes away changes nothing.
    pub(super) async fn run<T, F>(&self, traces: Traces, change: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { traces, change: Some(change), result: None, reply };
        self.queue(Box::new(task)).map_err(Failure::unavailable)?;
        let result = answer.await.map_err(|_| Failure::unavailable(Lost::Closed))?;
        Ok(result?)
    }

    fn queue(&self, job: Box<dyn Job>) -> Result<(), Lost> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(Lost::Closed)?;
        jobs.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => Lost::QueueFull,
            TrySendError::Disconnected(_) => Lost::Closed,
        })
    }

    /// Takes no more jobs, and waits until those that were queued are done and the log is empty.
    pub(super) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        // Nothing is ever sent: this is an error, and says that the thread has ended.
        let _ended = self.ended.clone().changed().await;
    }
}

/// One change that waits for the thread.
trait Job: Send {
    /// What it leaves behind.
    fn traces(&self) -> Traces;
    /// Carries it out; false if it failed and must be undone.
    fn run(&mut self, connection: &Connection) -> bool;
    /// Tells the caller, who may have gone.
    fn answer(self: Box<Self>, committed: Result<(), Lost>);
}

struct Task<T, F> {
    traces: Traces,
    change: Option<F>,
    result: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Failure> + Send,
{
    fn traces(&self) -> Traces {
        self.traces
    }

    fn run(&mut self, connection: &Connection) -> bool {
        self.result = self.change.take().map(|change| change(connection));
        matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), Lost>) {
        let lost = |lost| Err(Failure::unavailable(lost));
        let answer = match (self.result, committed) {
            (Some(Err(failure)), _) => Err(failure),
            (_, Err(cause)) => lost(cause),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => lost(Lost::Undone),
        };
        let _gone = self.reply.send(answer);
    }
}

/// What the thread owns.
struct Worker {
    connection: Connection,
    queue: Receiver<Box<dyn Job>>,
    log: Log,
    /// A room that was removed and of which something is left.
    remains: Option<RoomId>,
    next_slice: Instant,
    _running: watch::Sender<()>,
}

/// What is known of the write-ahead log.
struct Log {
    /// When to empty it, if something in it was erased.
    empty_by: Option<Instant>,
    failures: u32,
}

impl Worker {
    fn run(mut self) {
        while let Some(batch) = self.next_batch() {
            let quiet = batch.is_empty() && self.remains.is_none();
            self.carry_out(batch);
            self.erase_slice();
            if self.log.empty_by.is_some_and(|by| quiet || by <= Instant::now()) {
                self.empty_log();
            }
        }
        self.empty_log();
    }

    /// Everything that waits, or nothing after a quiet moment; `None` once closed.
    fn next_batch(&self) -> Option<Vec<Box<dyn Job>>> {
        let first = match self.log.empty_by {
            _ if self.remains.is_some() => {
                let pause = self.next_slice.saturating_duration_since(Instant::now());
                self.queue.recv_timeout(pause)
            }
            Some(_) => self.queue.recv_timeout(QUIET),
            None => self.queue.recv().map_err(RecvTimeoutError::from),
        };
        match first {
            Ok(first) => Some(iter::once(first).chain(self.queue.try_iter()).take(BATCH).collect()),
            Err(RecvTimeoutError::Timeout) => Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn carry_out(&mut self, mut batch: Vec<Box<dyn Job>>) {
        if batch.is_empty() {
            return;
        }
        let committed = self.commit(&mut batch);
        if batch.iter().any(|job| job.traces() != Traces::Kept) {
            self.log.empty_by.get_or_insert_with(|| Instant::now() + OVERDUE);
        }
        if self.remains.is_none() && batch.iter().any(|job| job.traces() == Traces::Room) {
            self.look_for_remains();
        }
        for job in batch {
            job.answer(committed.clone());
        }
    }

    fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), Lost> {
        let failed = |error| Lost::Failed(Arc::new(error));
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        for job in batch {
            isolated(&transaction, job.as_mut()).map_err(failed)?;
            // A full disk makes SQLite roll back everything, not only the savepoint.
            if transaction.is_autocommit() {
                return Err(Lost::Undone);
            }
        }
        transaction.commit().map_err(failed)
    }

    /// Goes on with a room that was removed, if there is one.
    fn erase_slice(&mut self) {
        let Some(room) = self.remains.filter(|_| self.next_slice <= Instant::now()) else { return };
        self.log.empty_by.get_or_insert_with(|| Instant::now() + OVERDUE);
        let erased = erase_slice(&mut self.connection, room).map_err(StoreError::from);
        let pause = if erased.is_ok() { BREATH } else { QUIET };
        self.next_slice = Instant::now() + pause;
        match erased {
            Ok(true) => {}
            Ok(false) => self.look_for_remains(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "a removed room is not erased yet");
            }
        }
    }

    fn look_for_remains(&mut self) {
        self.remains = rooms::removed(&self.connection).unwrap_or(None);
    }

    fn empty_log(&mut self) {
        let emptied = empty_log(&self.connection).unwrap_or(false);
        self.log = if emptied {
            Log { empty_by: None, failures: 0 }
        } else {
            Log { empty_by: Some(Instant::now() + QUIET), failures: self.log.failures + 1 }
        };
        if self.log.failures == WORRYING {
            tracing::warn!("erased texts remain in the write-ahead log: it cannot be emptied");
        }
    }
}

/// Runs a job so that its failure undoes nothing but itself.
fn isolated(connection: &Connection, job: &mut dyn Job) -> rusqlite::Result<()> {
    connection.prepare_cached("SAVEPOINT job")?.execute([])?;
    if !job.run(connection) {
        if connection.is_autocommit() {
            return Ok(());
        }
        connection.prepare_cached("ROLLBACK TO job")?.execute([])?;
    }
    connection.prepare_cached("RELEASE job")?.execute([])?;
    Ok(())
}

fn erase_slice(connection: &mut Connection, room: RoomId) -> Result<bool, Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let more = rooms::erase_slice(&transaction, room)?;
    transaction.commit()?;
    Ok(more)
}

/// Moves the log into the main file and cuts it to nothing; false if readers were in the way.
fn empty_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(PATIENCE)?;
    let busy: rusqlite::Result<bool> =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
    connection.busy_timeout(file::BUSY)?;
    Ok(!busy?)
}
