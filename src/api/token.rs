//! Where an access token may travel: in `Authorization`; on the WebSocket route also as a
//! subprotocol or, as the original API has it, in the query (TOK-15, WS-21).

use axum::{
    extract::Request,
    http::{
        HeaderMap, Uri,
        header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL},
    },
};

/// The route on which a token may stand in the URL.
pub const SOCKET_PATH: &str = "/api/v1/rooms/ws";

/// The access token of a request, wherever it is allowed to be.
pub fn bearer(request: &Request) -> Option<String> {
    let (headers, uri) = (request.headers(), request.uri());
    let header = in_header(headers);
    if header.is_some() || uri.path() != SOCKET_PATH {
        return header;
    }
    in_subprotocol(headers).or_else(|| in_query(uri))
}

fn in_header(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn in_subprotocol(headers: &HeaderMap) -> Option<String> {
    let offers = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let mut offers = offers.filter_map(|value| value.to_str().ok()).flat_map(|v| v.split(','));
    offers.find_map(|offer| offer.trim().strip_prefix("bearer.")).map(str::to_owned)
}

fn in_query(uri: &Uri) -> Option<String> {
    // A token has no character that a URL would escape.
    let mut fields = uri.query()?.split('&');
    fields.find_map(|field| field.strip_prefix("token=")).map(str::to_owned)
}
