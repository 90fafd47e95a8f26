//! Storing what happens in rooms: the commands of many rooms in one transaction.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use deadpool_postgres::{GenericClient, Object};

use super::{
    history::{DELETE, EDIT, MESSAGE},
    pool::Transaction,
    rows::{Cause, Failure, all, bytes, change, get, time},
};
use crate::{
    domain::{
        ClientId, Command, CommandId, Event, EventKind, MessageBody, Outcome, Placed, RoomId, Seq,
        Timestamp,
    },
    store::plan::{Standing, named},
};

/// Some commands for one room.
pub(super) struct Job {
    pub(super) room: RoomId,
    pub(super) commands: Vec<Command>,
    /// How many events may stand in the room.
    pub(super) most: u32,
    pub(super) now: Timestamp,
}

/// What came of each job.
pub(super) type Outcomes = Vec<Option<Vec<Outcome>>>;

/// What a transaction stores, column by column.
#[derive(Default)]
pub(super) struct Work {
    pub(super) outcomes: Outcomes,
    rooms: Vec<Vec<u8>>,
    seqs: Vec<i64>,
    times: Vec<i64>,
    kinds: Vec<i64>,
    authors: Vec<Vec<u8>>,
    targets: Vec<Option<i64>>,
    ids: Vec<Option<String>>,
    bodies: Vec<Option<String>>,
    /// The text that a message has in the end, and when it was last replaced.
    rewritten: BTreeMap<(RoomId, i64), (Option<String>, Option<i64>)>,
    heads: BTreeMap<RoomId, i64>,
}

const HOLD: &str = "
    SELECT id, head, expired_to FROM rooms
    WHERE id = ANY($1) AND secret <> '' ORDER BY id FOR UPDATE";

const PLACED: &str = "
    SELECT e.room_id, e.author, e.command_id, e.seq, e.at_ms
    FROM unnest($1::BYTEA[], $2::BYTEA[], $3::TEXT[]) AS k (room_id, author, command_id)
    JOIN events e ON e.room_id = k.room_id AND e.author = k.author
                 AND e.command_id = k.command_id";

const AUTHORS: &str = "
    SELECT e.room_id, e.seq, e.author
    FROM unnest($1::BYTEA[], $2::BIGINT[]) AS k (room_id, seq)
    JOIN events e ON e.room_id = k.room_id AND e.seq = k.seq
    WHERE e.kind = 0 AND e.body IS NOT NULL";

const INSERT: &str = "
    INSERT INTO events (room_id, seq, at_ms, kind, author, target, command_id, body)
    SELECT k.room_id, k.seq, k.at_ms, k.kind, k.author, k.target, k.command_id, k.body
    FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BYTEA[], $6::BIGINT[],
                $7::TEXT[], $8::TEXT[])
        AS k (room_id, seq, at_ms, kind, author, target, command_id, body)
    JOIN aliases a ON a.room_id = k.room_id AND a.client_id = k.author";

const REWRITE: &str = "
    UPDATE events AS e
    SET body = k.body, edited_at_ms = coalesce(k.edited_at_ms, e.edited_at_ms)
    FROM unnest($1::BYTEA[], $2::BIGINT[], $3::TEXT[], $4::BIGINT[])
        AS k (room_id, seq, body, edited_at_ms)
    WHERE e.room_id = k.room_id AND e.seq = k.seq";

const HEADS: &str = "
    UPDATE rooms AS r SET head = k.head
    FROM unnest($1::BYTEA[], $2::BIGINT[]) AS k (id, head) WHERE r.id = k.id";

const FOUND: &str = "
    SELECT e.seq
    FROM unnest($1::BYTEA[], $2::BIGINT[], $3::BYTEA[], $4::TEXT[])
        AS k (room_id, seq, author, command_id)
    JOIN events e ON e.room_id = k.room_id AND e.seq = k.seq AND e.author = k.author
                 AND e.command_id = k.command_id
    LIMIT 1";

/// Carries out all jobs or none; leaves in `planned` what it is about to commit.
pub(super) async fn store(
    connection: Object,
    jobs: &[Job],
    planned: &Mutex<Option<Work>>,
) -> Result<(), Failure> {
    let transaction = Transaction::begin(connection).await?;
    let mut standings = standings(transaction.client()?, jobs).await?;
    let mut work = Work::default();
    for job in jobs {
        let outcomes = standings.get_mut(&job.room).map(|standing| work.decide(job, standing));
        work.outcomes.push(outcomes);
    }
    if !work.seqs.is_empty() {
        work.write(transaction.client()?).await?;
    }
    *planned.lock().unwrap_or_else(PoisonError::into_inner) = Some(work);
    transaction.commit(()).await
}

/// Whether a transaction was committed that was about to store this.
pub(super) async fn is_stored(connection: Object, work: &Work) -> Result<bool, Failure> {
    let transaction = Transaction::begin(connection).await?;
    let rooms: Vec<&[u8]> = work.rooms.iter().map(Vec::as_slice).collect();
    all(transaction.client()?, HOLD, &[&rooms], |_| Ok(())).await?;
    let named: super::rows::Params<'_> = &[&work.rooms, &work.seqs, &work.authors, &work.ids];
    let found = all(transaction.client()?, FOUND, named, |_| Ok(())).await?;
    transaction.commit(!found.is_empty()).await
}

/// What the rooms look like to these commands, and holds them.
async fn standings(
    db: &impl GenericClient,
    jobs: &[Job],
) -> Result<HashMap<RoomId, Standing>, Failure> {
    let rooms: Vec<&[u8]> = jobs.iter().map(|job| &job.room.as_bytes()[..]).collect();
    let held = all(db, HOLD, &[&rooms], |row| {
        let (placed, authors) = (HashMap::new(), HashMap::new());
        let (head, expired_to) = (Seq(get(row, 1)?), Seq(get(row, 2)?));
        let standing = Standing { head, expired_to, placed, authors };
        Ok((RoomId::from_bytes(bytes(row, 0)?), standing))
    })
    .await?;
    let mut standings: HashMap<RoomId, Standing> = held.into_iter().collect();
    find_placed(db, jobs, &mut standings).await?;
    find_authors(db, jobs, &mut standings).await?;
    Ok(standings)
}

async fn find_placed(
    db: &impl GenericClient,
    jobs: &[Job],
    standings: &mut HashMap<RoomId, Standing>,
) -> Result<(), Failure> {
    let (mut rooms, mut authors, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for (job, command) in each(jobs) {
        if let Some(id) = &command.id {
            rooms.push(&job.room.as_bytes()[..]);
            authors.push(&command.author.client_id.as_bytes()[..]);
            ids.push(id.as_str());
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let found = all(db, PLACED, &[&rooms, &authors, &ids], |row| {
        let id = CommandId::parse(get(row, 2)?).map_err(|_| Failure::corrupt("command id"))?;
        let key = (ClientId::from_bytes(bytes(row, 1)?), id);
        let placed = Placed { seq: Seq(get(row, 3)?), at: time(row, 4)? };
        Ok((RoomId::from_bytes(bytes(row, 0)?), key, placed))
    })
    .await?;
    for (room, key, placed) in found {
        if let Some(standing) = standings.get_mut(&room) {
            standing.placed.insert(key, placed);
        }
    }
    Ok(())
}

async fn find_authors(
    db: &impl GenericClient,
    jobs: &[Job],
    standings: &mut HashMap<RoomId, Standing>,
) -> Result<(), Failure> {
    let (mut rooms, mut seqs) = (Vec::new(), Vec::new());
    for (job, command) in each(jobs) {
        if let Some(message) = named(&command.action) {
            rooms.push(&job.room.as_bytes()[..]);
            seqs.push(message.0);
        }
    }
    if seqs.is_empty() {
        return Ok(());
    }
    let found = all(db, AUTHORS, &[&rooms, &seqs], |row| {
        let author = ClientId::from_bytes(bytes(row, 2)?);
        Ok((RoomId::from_bytes(bytes(row, 0)?), Seq(get(row, 1)?), author))
    })
    .await?;
    for (room, seq, author) in found {
        if let Some(standing) = standings.get_mut(&room) {
            standing.authors.insert(seq, author);
        }
    }
    Ok(())
}

fn each(jobs: &[Job]) -> impl Iterator<Item = (&Job, &Command)> {
    jobs.iter().flat_map(|job| job.commands.iter().map(move |command| (job, command)))
}

impl Work {
    /// Whether the database can be asked later if this was stored.
    pub(super) fn can_be_found(&self) -> bool {
        self.ids.iter().any(Option::is_some)
    }

    fn decide(&mut self, job: &Job, standing: &mut Standing) -> Vec<Outcome> {
        let at = job.now.whole_second();
        let decided = job.commands.iter().map(|command| {
            let outcome = standing.decide(command.clone(), job.most, at);
            if let Outcome::Stored(event) = &outcome {
                self.add(job.room, event, command.id.as_ref());
            }
            outcome
        });
        decided.collect()
    }

    fn add(&mut self, room: RoomId, event: &Event, id: Option<&CommandId>) {
        let text = |body: &Option<MessageBody>| body.as_ref().map(|it| it.as_str().to_owned());
        let (kind, target, body) = match &event.kind {
            EventKind::Message { body, reply_to, .. } => (MESSAGE, *reply_to, text(body)),
            EventKind::Edit { target, body } => {
                let rewritten = (text(body), Some(event.at.0));
                self.rewritten.insert((room, target.0), rewritten);
                (EDIT, Some(*target), None)
            }
            EventKind::Delete { target } => {
                self.rewritten.entry((room, target.0)).or_default().0 = None;
                (DELETE, Some(*target), None)
            }
        };
        self.rooms.push(room.as_bytes().to_vec());
        self.seqs.push(event.seq.0);
        self.times.push(event.at.0);
        self.kinds.push(kind);
        self.authors.push(event.author.client_id.as_bytes().to_vec());
        self.targets.push(target.map(|seq| seq.0));
        self.ids.push(id.map(|id| id.as_str().to_owned()));
        self.bodies.push(body);
        self.heads.insert(room, event.seq.0);
    }

    async fn write(&self, db: &impl GenericClient) -> Result<(), Failure> {
        let columns: super::rows::Params<'_> = &[
            &self.rooms,
            &self.seqs,
            &self.times,
            &self.kinds,
            &self.authors,
            &self.targets,
            &self.ids,
            &self.bodies,
        ];
        if change(db, INSERT, columns).await? != self.seqs.len() as u64 {
            return Err(Failure::unavailable(Cause::Stranger));
        }
        let rooms: Vec<&[u8]> = self.heads.keys().map(|id| &id.as_bytes()[..]).collect();
        let heads: Vec<i64> = self.heads.values().copied().collect();
        change(db, HEADS, &[&rooms, &heads]).await?;
        if self.rewritten.is_empty() {
            return Ok(());
        }
        let places = self.rewritten.keys();
        let (rooms, seqs): (Vec<_>, Vec<_>) =
            places.map(|(room, seq)| (&room.as_bytes()[..], *seq)).unzip();
        let (bodies, times): (Vec<_>, Vec<_>) = self.rewritten.values().cloned().unzip();
        change(db, REWRITE, &[&rooms, &seqs, &bodies, &times]).await?;
        Ok(())
    }
}
