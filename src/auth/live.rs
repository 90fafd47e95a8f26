//! Which sessions ended a short while ago, and who must hear of it: their access tokens are still
//! valid for some minutes, and their sockets are open.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::CancellationToken;

use crate::domain::{SessionId, Timestamp};

/// The ended sessions that access tokens are still about, and the watchers of those that live.
/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct LiveSessions(Arc<Mutex<Sessions>>);

#[derive(Default)]
struct Sessions {
    ended: HashMap<SessionId, Timestamp>,
    watched: HashMap<SessionId, Watched>,
}

struct Watched {
    ended: CancellationToken,
    watchers: usize,
}

/// Tells when one session ends. Nothing is left of it once it is dropped.
pub struct SessionWatch {
    session: SessionId,
    ended: CancellationToken,
    sessions: LiveSessions,
}

impl LiveSessions {
    /// Notes that `session` ended at `at`: from now on [`LiveSessions::has_ended`], and every
    /// watch of it is told. Ending it again changes nothing.
    pub(super) fn end(&self, session: SessionId, at: Timestamp) {
        let watched = {
            let mut sessions = self.lock();
            sessions.ended.entry(session).or_insert(at);
            sessions.watched.get(&session).map(|watched| watched.ended.clone())
        };
        if let Some(ended) = watched {
            ended.cancel();
        }
    }

    /// Whether it ended, as far as this is remembered.
    pub(super) fn has_ended(&self, session: SessionId) -> bool {
        self.lock().ended.contains_key(&session)
    }

    /// Watches `session` from now on; if it has ended, the watch says so at once.
    pub(super) fn watch(&self, session: SessionId) -> SessionWatch {
        let mut sessions = self.lock();
        let over = sessions.ended.contains_key(&session);
        let watched = sessions
            .watched
            .entry(session)
            .or_insert_with(|| Watched { ended: CancellationToken::new(), watchers: 0 });
        watched.watchers += 1;
        let ended = watched.ended.clone();
        drop(sessions);
        if over {
            ended.cancel();
        }
        SessionWatch { session, ended, sessions: self.clone() }
    }

    /// Tells every watch there is, as if its session had ended; the sessions go on.
    pub(super) fn interrupt(&self) {
        let mut sessions = self.lock();
        let watched = sessions.watched.values_mut();
        let told: Vec<_> = watched.map(|it| std::mem::take(&mut it.ended)).collect();
        drop(sessions);
        for ended in told {
            ended.cancel();
        }
    }

    /// Forgets what ended before `cutoff`; watches of it stay told.
    pub(super) fn forget(&self, cutoff: Timestamp) {
        self.lock().ended.retain(|_, at| cutoff <= *at);
    }

    fn unwatch(&self, session: SessionId) {
        if let Entry::Occupied(mut watched) = self.lock().watched.entry(session) {
            watched.get_mut().watchers -= 1;
            if watched.get().watchers == 0 {
                watched.remove();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionWatch {
    /// Waits until the session has ended. Dropping the future loses nothing.
    pub async fn ended(&self) {
        self.ended.cancelled().await;
    }

    /// The same watch, told already.
    pub(super) fn told(mut self) -> Self {
        self.ended = CancellationToken::new();
        self.ended.cancel();
        self
    }

    /// Whether the session has ended.
    pub fn has_ended(&self) -> bool {
        self.ended.is_cancelled()
    }
}

impl Drop for SessionWatch {
    fn drop(&mut self) {
        self.sessions.unwatch(self.session);
    }
}

impl fmt::Debug for LiveSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LiveSessions(…)")
    }
}

impl fmt::Debug for SessionWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionWatch(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u8) -> SessionId {
        SessionId::from_bytes([n; 16])
    }

    #[tokio::test]
    async fn every_watch_of_a_session_is_told_when_it_ends_and_no_other() {
        let live = LiveSessions::default();
        let (one, two, other) =
            (live.watch(session(1)), live.watch(session(1)), live.watch(session(2)));
        assert!(!one.has_ended());
        live.end(session(1), Timestamp(5));
        one.ended().await;
        two.ended().await;
        assert!(!other.has_ended());
    }

    #[tokio::test]
    async fn a_watch_that_comes_too_late_is_told_at_once() {
        let live = LiveSessions::default();
        live.end(session(1), Timestamp(5));
        live.watch(session(1)).ended().await;
    }

    #[tokio::test]
    async fn after_an_interruption_a_session_is_watched_as_before() {
        let live = LiveSessions::default();
        let before = live.watch(session(1));
        live.interrupt();
        before.ended().await;
        let after = live.watch(session(1));
        assert!(!live.has_ended(session(1)) && !after.has_ended());
        drop(before);
        live.end(session(1), Timestamp(5));
        after.ended().await;
    }

    #[test]
    fn a_watch_that_is_told_tells_no_other() {
        let live = LiveSessions::default();
        let (one, other) = (live.watch(session(1)).told(), live.watch(session(1)));
        assert!(one.has_ended() && !other.has_ended());
        drop((one, other));
        assert!(live.lock().watched.is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_session_that_ends_while_a_watch_begins_is_never_missed() {
        for _ in 0..1000 {
            let live = LiveSessions::default();
            let ending = live.clone();
            let thread = std::thread::spawn(move || ending.end(session(1), Timestamp(5)));
            let watch = live.watch(session(1));
            thread.join().unwrap();
            watch.ended().await;
        }
    }

    #[test]
    fn nothing_is_left_of_watches_that_are_gone() {
        let live = LiveSessions::default();
        let (one, two) = (live.watch(session(1)), live.watch(session(1)));
        drop(one);
        assert_eq!(live.lock().watched.len(), 1);
        drop(two);
        assert!(live.lock().watched.is_empty());
    }

    #[test]
    fn an_ended_session_is_remembered_until_it_is_forgotten() {
        let live = LiveSessions::default();
        live.end(session(1), Timestamp(5));
        live.end(session(1), Timestamp(9));
        live.forget(Timestamp(5));
        assert!(live.has_ended(session(1)) && !live.has_ended(session(2)));
        let watch = live.watch(session(1));
        live.forget(Timestamp(6));
        assert!(!live.has_ended(session(1)));
        assert!(watch.has_ended());
    }
}
