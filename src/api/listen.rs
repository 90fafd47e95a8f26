//! Accepts connections: so many in all and from one address, each with a time limit for its first
//! byte, for coming to terms under TLS and for every request's head (HTTP-08, HTTP-15).

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::{either::Either, sync::CancellationToken};
use tower::ServiceExt;

use super::{
    AppState,
    listener::{Listener, Peer},
    slots::{Slot, Slots},
};
use crate::{
    anonymity::{ClientKeys, RateKey},
    connection::Stream,
};

/// Longest request head, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// How long to wait when the system has no file descriptor left for another connection.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);
/// How long a server that stops waits for the first request of a connection it has accepted.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// What the operator decides about connections.
#[derive(Clone, Copy, Debug)]
pub struct ListenSettings {
    /// Most connections at once.
    pub connections: usize,
    /// Most connections at once from one address (an IPv6 /64 counts as one, and a /48 has
    /// [`ClientKeys::ADDRESSES_OF_A_SITE`] times as many); not applied to trusted proxies.
    pub per_address: u32,
    /// How long a client may take to send the head of a request; under TLS, also to come to terms.
    pub head_timeout: Duration,
    /// Whether TLS is spoken where the server has an identity.
    pub secured: bool,
}

/// What a connection holds of the caps as long as it lives, be it as a WebSocket in the end.
#[derive(Clone, Debug)]
pub struct Held(#[expect(dead_code, reason = "held until it is dropped")] Arc<Caps>);

type Caps = (OwnedSemaphorePermit, Option<[Slot<RateKey>; 2]>);

/// Accepts until the server stops, then lets requests that are under way finish. The first request
/// of a connection that was accepted just before is on its way, too.
///
/// # Errors
/// When the listener itself breaks.
pub async fn serve(
    listener: Listener,
    app: Arc<AppState>,
    router: Router,
    settings: ListenSettings,
) -> io::Result<()> {
    let room_for_all = Arc::new(Semaphore::new(settings.connections));
    let by_peer = ByPeer {
        addresses: Slots::new(settings.per_address),
        sites: Slots::new(settings.per_address.saturating_mul(ClientKeys::ADDRESSES_OF_A_SITE)),
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = app.shutdown.cancelled() => return Ok(()),
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_one_connections_fault(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&room_for_all).try_acquire_owned() else { continue };
        let Ok(slots) = by_peer.take(&app, peer) else { continue };
        let held = Held(Arc::new((permit, slots)));
        let connection = connection(stream, peer, held, Arc::clone(&app), router.clone(), settings);
        app.tasks.spawn(connection);
    }
}

/// More connections from one address than it may have.
struct TooMany;

/// Connections that are open, by whose they are.
struct ByPeer {
    addresses: Slots<RateKey>,
    sites: Slots<RateKey>,
}

impl ByPeer {
    /// The slots of a connection; none for a trusted proxy beyond its share, nor for a peer without
    /// an address.
    fn take(&self, app: &AppState, peer: Peer) -> Result<Option<[Slot<RateKey>; 2]>, TooMany> {
        let Some(peer) = peer.0 else { return Ok(None) };
        let proxies = app.trusted_proxies();
        let Some(address) = proxies.client_address(Some(peer.ip()), &[]) else { return Ok(None) };
        let client = app.rate_keys.for_client(address, app.clock.now());
        let slots = || Some([self.addresses.take(client.address)?, self.sites.take(client.site)?]);
        match slots() {
            None if !proxies.trusts(peer.ip().to_canonical()) => Err(TooMany),
            slots => Ok(slots),
        }
    }
}

fn is_one_connections_fault(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The stream on which HTTP is spoken. `None` if the client does not come to terms in time.
async fn secured(stream: TcpStream, app: &AppState, settings: ListenSettings) -> Option<Stream> {
    let Some(identity) = app.identity.as_ref().filter(|_| settings.secured) else {
        return Some(Either::Left(stream));
    };
    let identity = identity.get();
    tokio::select! {
        agreed = timeout(settings.head_timeout, identity.accept(stream)) => agreed.ok()?.ok(),
        () = app.shutdown.cancelled() => None,
    }
}

async fn connection(
    stream: TcpStream,
    peer: Peer,
    held: Held,
    app: Arc<AppState>,
    router: Router,
    settings: ListenSettings,
) {
    let Some(stream) = Box::pin(secured(stream, &app, settings)).await else { return };
    let begun = CancellationToken::new();
    let begins = begun.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        begins.cancel();
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(held.clone());
        router.clone().oneshot(request.map(Body::new))
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(settings.head_timeout)
        .max_header_size(MAX_HEAD)
        .max_buf_size(MAX_HEAD * 2);
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        () = app.shutdown.cancelled() => {}
    }
    tokio::select! {
        _ = connection.as_mut() => return,
        () = begun.cancelled() => {}
        () = tokio::time::sleep(LAST_MOMENT) => {}
    }
    connection.as_mut().graceful_shutdown();
    // Whatever goes wrong now, the client has hung up.
    let _ = connection.await;
}
