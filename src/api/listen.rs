//! Accepts connections: so many in all and from one address, each with a time limit for its first
//! byte and for every request's head (HTTP-08, HTTP-15).

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::ServiceExt;

use super::{
    AppState,
    extract::Peer,
    limits::{ADDRESSES_OF_A_SITE, Slot, Slots},
};
use crate::anonymity::RateKey;

/// Longest request head, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// How long to wait when the system has no file descriptor left for another connection.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(50);

/// What the operator decides about connections.
#[derive(Clone, Copy, Debug)]
pub struct ListenSettings {
    /// Most connections at once.
    pub connections: usize,
    /// Most connections at once from one address (an IPv6 /64 counts as one, and a /48 has
    /// [`ADDRESSES_OF_A_SITE`] times as many); not applied to trusted proxies.
    pub per_address: u32,
    /// How long a client may take to send the head of a request.
    pub head_timeout: Duration,
}

/// What a connection holds of the caps as long as it lives, be it as a WebSocket in the end.
#[derive(Clone, Debug)]
pub struct Held(#[expect(dead_code, reason = "held until it is dropped")] Arc<Caps>);

type Caps = (OwnedSemaphorePermit, Option<[Slot<RateKey>; 2]>);

/// Accepts until the server stops, then lets requests that are under way finish.
///
/// # Errors
/// When the listener itself breaks.
pub async fn serve(
    listener: TcpListener,
    app: Arc<AppState>,
    router: Router,
    settings: ListenSettings,
) -> io::Result<()> {
    let room_for_all = Arc::new(Semaphore::new(settings.connections));
    let by_peer = ByPeer {
        addresses: Slots::new(settings.per_address),
        sites: Slots::new(settings.per_address.saturating_mul(ADDRESSES_OF_A_SITE)),
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
        let slots = by_peer.take(&app, peer);
        if slots.is_none() && !app.trusted_proxies.trusts(peer.ip().to_canonical()) {
            continue;
        }
        let held = Held(Arc::new((permit, slots)));
        let connection = connection(stream, peer, held, Arc::clone(&app), router.clone(), settings);
        app.tasks.spawn(connection);
    }
}

/// Connections that are open, by whose they are.
struct ByPeer {
    addresses: Slots<RateKey>,
    sites: Slots<RateKey>,
}

impl ByPeer {
    fn take(&self, app: &AppState, peer: SocketAddr) -> Option<[Slot<RateKey>; 2]> {
        let address = app.trusted_proxies.client_address(peer.ip(), &[]);
        let now = app.clock.now();
        let of_address = self.addresses.take(app.rate_keys.for_address(address, now))?;
        let of_site = self.sites.take(app.rate_keys.for_site(address, now))?;
        Some([of_address, of_site])
    }
}

fn is_one_connections_fault(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    held: Held,
    app: Arc<AppState>,
    router: Router,
    settings: ListenSettings,
) {
    // Frames are small and leave as soon as they are written. A socket that refuses the option
    // works all the same.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
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
        () = app.shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    // Whatever goes wrong now, the client has hung up.
    let _ = connection.await;
}
