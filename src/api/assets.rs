//! The web UI, embedded in the binary.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use super::{AppState, encoding::Encoding};

#[derive(RustEmbed)]
#[folder = "web-dist"]
struct WebUi;

/// Its files as `build.rs` has compressed them, by their names, in order.
static COMPRESSED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/compressed.rs"));

/// What the UI may do: run and load what this server serves, and nothing else (HTTP-01).
///
/// The one policy for trusted types names the UI's own service worker, whose address browsers take
/// no other way.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types anonchat-worker";

const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

const PAGE: &str = "index.html";

/// The page of every screen. What it loads is named from where people reach the server, because
/// screens are deeper than the files.
#[derive(Clone, Debug)]
pub struct Page {
    text: Bytes,
    build: String,
}

impl Page {
    /// For people who reach the server under the path `base`.
    pub fn at(base: &str) -> Self {
        let file = WebUi::get(PAGE).map(|file| file.data).unwrap_or_default();
        let text = String::from_utf8_lossy(&file).replace("=\"./", &format!("=\"{base}/"));
        Self { build: tag(&Sha256::digest(&text)), text: text.into() }
    }

    /// Opaque id of the embedded UI; changes whenever the UI does.
    pub fn build(&self) -> &str {
        &self.build
    }
}

fn tag(hash: &[u8]) -> String {
    HEXLOWER.encode(&hash[..8])
}

/// A file of the UI; every other address is a screen of it, which its own router draws.
pub async fn serve(State(app): State<Arc<AppState>>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_file = path != PAGE && (path.starts_with("assets/") || path.contains('.'));
    match WebUi::get(path).filter(|_| is_file) {
        Some(file) => {
            let (kind, tag) = (content_type(&file), tag(&file.metadata.sha256_hash()));
            match compressed(path, &headers) {
                Some((encoding, content)) => {
                    // A form of its own has a tag of its own (RFC 9110, 8.8.3.3).
                    let tag = format!("{tag}-{}", encoding.name());
                    encoded(answer(path, &kind, &tag, content, &headers), encoding)
                }
                None => answer(path, &kind, &tag, bytes(file.data), &headers),
            }
        }
        None if is_file => StatusCode::NOT_FOUND.into_response(),
        None => {
            let Page { text, build } = &app.page;
            careful(answer(PAGE, "text/html; charset=utf-8", build, text.clone(), &headers))
        }
    }
}

/// A file in the smallest form that there is of it and that the client takes.
fn compressed(path: &str, request: &HeaderMap) -> Option<(Encoding, Bytes)> {
    Encoding::accepted(request).find_map(|encoding| {
        let name = format!("{path}.{}", encoding.extension());
        let place = COMPRESSED.binary_search_by_key(&name.as_str(), |(name, _)| name).ok()?;
        Some((encoding, Bytes::from_static(COMPRESSED[place].1)))
    })
}

fn bytes(content: Cow<'static, [u8]>) -> Bytes {
    match content {
        Cow::Borrowed(content) => Bytes::from_static(content),
        Cow::Owned(content) => content.into(),
    }
}

fn answer(path: &str, kind: &str, tag: &str, content: Bytes, request: &HeaderMap) -> Response {
    let tag = format!("\"{tag}\"");
    // Names under assets/ contain a hash of their content.
    let caching = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let known = request.get_all(header::IF_NONE_MATCH).iter().any(|known| names(known, &tag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(content))
    };
    let headers = response.headers_mut();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, &tag);
    set(header::CACHE_CONTROL, caching);
    set(header::CONTENT_TYPE, kind);
    set(header::VARY, "accept-encoding");
    response
}

fn encoded(mut response: Response, encoding: Encoding) -> Response {
    let name = HeaderValue::from_static(encoding.name());
    response.headers_mut().insert(header::CONTENT_ENCODING, name);
    response
}

/// What a page may do, for browsers to heed.
fn careful(mut page: Response) -> Response {
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", PERMISSIONS),
    ] {
        page.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    page
}

/// Whether `If-None-Match` names `tag`. A proxy that compresses answers has made it a weak one.
fn names(known: &HeaderValue, tag: &str) -> bool {
    let mut known = known.to_str().unwrap_or_default().split(',').map(str::trim);
    known.any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
}

fn content_type(file: &EmbeddedFile) -> String {
    let mime = file.metadata.mimetype();
    if mime.starts_with("text/") { format!("{mime}; charset=utf-8") } else { mime.to_owned() }
}
