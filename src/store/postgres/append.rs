//! The one task that stores what happens in rooms.
//!
//! It never waits for a batch to fill: what is queued up while one commit runs is the next batch.
//! Where the connection is lost during a commit, the task asks the database whether the commands
//! are there, by the ids that their authors gave them, before it stores anything again.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot, watch,
    },
    time::sleep,
};

use super::{
    batch::{self, Job, Outcomes, Work},
    pool::{Pool, Tries, pause_after},
    rows::{Cause, Failure},
};
use crate::{domain::Outcome, store::StoreError};

/// Jobs that may wait; the next one is turned away at once.
const QUEUE: usize = 1024;
/// Jobs in one transaction.
const BATCH: usize = 512;
/// How often the task asks what became of a commit, with growing pauses: about two seconds.
const QUESTIONS: u32 = 7;

type Answer = Result<Option<Vec<Outcome>>, StoreError>;
type Waiting = (Job, oneshot::Sender<Answer>);

/// The task's door.
pub(super) struct Appends {
    /// `None` once closed.
    jobs: Mutex<Option<mpsc::Sender<Waiting>>>,
    /// Its sender is dropped when the task ends.
    ended: watch::Receiver<()>,
}

impl Appends {
    pub(super) fn start(pool: Arc<Pool>) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (running, ended) = watch::channel(());
        #[expect(
            clippy::disallowed_methods,
            reason = "it ends with the store, which waits for it"
        )]
        tokio::spawn(run(pool, queue, running));
        Self { jobs: Mutex::new(Some(jobs)), ended }
    }

    /// Queues commands and waits for the commit.
    pub(super) async fn run(&self, job: Job) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.push((job, reply))?;
        let gone = |_| StoreError::from(Failure::unavailable(Cause::Closed));
        answer.await.map_err(gone)?
    }

    fn push(&self, waiting: Waiting) -> Result<(), Failure> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or_else(|| Failure::unavailable(Cause::Closed))?;
        jobs.try_send(waiting).map_err(|refused| {
            Failure::unavailable(match refused {
                TrySendError::Full(_) => Cause::QueueFull,
                TrySendError::Closed(_) => Cause::Closed,
            })
        })
    }

    /// Takes no more jobs, and waits until those that were queued are done.
    pub(super) async fn close(&self) {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        // Nothing is ever sent: this is an error, and says that the task has ended.
        let _ended = self.ended.clone().changed().await;
    }
}

async fn run(pool: Arc<Pool>, mut queue: mpsc::Receiver<Waiting>, _running: watch::Sender<()>) {
    let mut waiting = Vec::new();
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let (jobs, replies): (Vec<_>, Vec<_>) = waiting.drain(..).unzip();
        for (reply, answer) in replies.into_iter().zip(answer_all(&pool, &jobs).await) {
            // Whoever went away asks again with the same ids.
            let _gone = reply.send(answer);
        }
    }
}

async fn answer_all(pool: &Pool, jobs: &[Job]) -> Vec<Answer> {
    match carry_out(pool, jobs).await {
        Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
        Err(failure) => match StoreError::from(failure) {
            // One of them may be at fault: each alone, so that it takes no other with it.
            StoreError::Unavailable(cause) if jobs.len() > 1 && is_refusal(&*cause) => {
                let mut answers = Vec::with_capacity(jobs.len());
                for job in jobs {
                    let alone = carry_out(pool, std::slice::from_ref(job)).await;
                    answers.push(alone.map(|mut it| it.pop().flatten()).map_err(Into::into));
                }
                answers
            }
            error => share(&error, jobs.len()),
        },
    }
}

fn is_refusal(cause: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(
        cause.downcast_ref(),
        Some(Cause::Refused { .. } | Cause::RefusedValue { .. } | Cause::Stranger)
    )
}

/// The same error for everybody.
fn share(error: &StoreError, count: usize) -> Vec<Answer> {
    let again = || match error {
        StoreError::Corrupt { what } => StoreError::Corrupt { what },
        StoreError::Unavailable(cause) => {
            let cause = cause.downcast_ref().cloned();
            StoreError::Unavailable(Box::new(cause.unwrap_or(Cause::TooSlow)))
        }
    };
    (0..count).map(|_| Err(again())).collect()
}

async fn carry_out(pool: &Pool, jobs: &[Job]) -> Result<Outcomes, Failure> {
    let mut tries = Tries::default();
    loop {
        let mut work = None;
        let failure = match attempt(pool, jobs, &mut work).await {
            Ok(outcomes) => return Ok(outcomes),
            Err(failure) => failure,
        };
        match (failure, work) {
            (Failure::Unknown(cause), Some(work)) => {
                if was_stored(pool, &work, cause).await? {
                    return Ok(work.outcomes);
                }
                tries.begin_again()?;
            }
            (failure, _) if tries.again(&failure) => tries.pause().await,
            (failure, _) => return Err(failure),
        }
    }
}

/// One transaction; what it was about to commit is left in `work`.
async fn attempt(pool: &Pool, jobs: &[Job], work: &mut Option<Work>) -> Result<Outcomes, Failure> {
    let planned = Mutex::new(None);
    let tried = pool.once(&|connection| batch::store(connection, jobs, &planned)).await;
    *work = planned.into_inner().unwrap_or_else(PoisonError::into_inner);
    match (tried, work.take()) {
        (Ok(()), Some(done)) => Ok(done.outcomes),
        (Ok(()), None) => Err(Failure::unavailable(Cause::Closed)),
        (Err(failure), planned) => {
            *work = planned;
            Err(failure)
        }
    }
}

/// What became of a commit. Whoever committed it held the rooms: once this holds them, it is over.
async fn was_stored(pool: &Pool, work: &Work, lost: Cause) -> Result<bool, Failure> {
    if !work.can_be_found() {
        return Err(Failure::unavailable(lost));
    }
    for question in 0..QUESTIONS {
        sleep(pause_after(question)).await;
        match pool.once(&|connection| batch::is_stored(connection, work)).await {
            Ok(stored) => return Ok(stored),
            Err(Failure::Final(error @ StoreError::Corrupt { .. })) => {
                return Err(Failure::Final(error));
            }
            Err(_) => {}
        }
    }
    Err(Failure::unavailable(lost))
}
