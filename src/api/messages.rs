//! A room's history, and messages from bots and scripts without a socket.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    AppState,
    answer::{Answer, created, ok},
    extract::{ApiJson, ApiQuery, RoomPath, SignedIn},
    openapi::Failure,
    problem::Problem,
    rooms::limit,
};
use crate::{
    chat::Stay,
    domain::{Action, Seq},
    protocol::{Envelope, InvalidFields, MessageView, MessagesView, PlacedView, PostMessage},
    store::Page,
};

type App = State<Arc<AppState>>;

/// The query of [`history`].
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// Only messages before this place.
    #[param(value_type = Option<i64>, minimum = 0)]
    before: Option<String>,
    /// Only messages after this place.
    #[param(value_type = Option<i64>, minimum = 0)]
    after: Option<String>,
    /// 1 to 200, 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// A page of messages, oldest first; the newest ones where nothing else is asked for.
#[utoipa::path(get, path = "/rooms/{room_id}/messages", tag = "messages",
    params(("room_id" = String, Path), HistoryQuery),
    responses((status = 200, description = "Done", body = Envelope<MessagesView>), Failure))]
pub async fn history(
    State(app): App,
    who: SignedIn,
    RoomPath(id): RoomPath,
    ApiQuery(query): ApiQuery<HistoryQuery>,
) -> Result<Answer<MessagesView>, Problem> {
    let page = page(&query)?;
    let limit = limit(query.limit.as_deref(), 50, 200)?;
    app.visit(&who, id).await?;
    let history = app.hub.history(id, page, limit).await?.ok_or_else(Problem::no_such_room)?;
    let room = id.encode();
    let messages = history.messages.iter().map(|event| MessageView::new(room.clone(), event));
    let (messages, head) = (messages.collect(), history.head.0);
    Ok(ok("these are the messages", MessagesView { messages, head, has_more: history.has_more }))
}

fn page(query: &HistoryQuery) -> Result<Page, Problem> {
    match (&query.before, &query.after) {
        (None, None) => Ok(Page::Latest),
        (Some(raw), None) => seq("before", raw).map(Page::Before),
        (None, Some(raw)) => seq("after", raw).map(Page::After),
        (Some(_), Some(_)) => {
            Err(InvalidFields::one("before", "cannot be combined with after").into())
        }
    }
}

/// A place in a query: 0 or more.
pub fn seq(name: &'static str, raw: &str) -> Result<Seq, Problem> {
    match raw.parse() {
        Ok(seq) if seq >= 0 => Ok(Seq(seq)),
        _ => Err(InvalidFields::one(name, "must be a whole number, 0 or more").into()),
    }
}

/// Say something. The same `id` again answers 200 with the first result.
#[utoipa::path(post, path = "/rooms/{room_id}/messages", tag = "messages",
    request_body = PostMessage, params(("room_id" = String, Path)),
    responses((status = 201, description = "Made", body = Envelope<PlacedView>),
        (status = 200, description = "Done", body = Envelope<PlacedView>), Failure))]
pub async fn post(
    State(app): App,
    who: SignedIn,
    RoomPath(id): RoomPath,
    ApiJson(body): ApiJson<PostMessage>,
) -> Result<Response, Problem> {
    let (command_id, body, reply_to) = body.parse()?;
    app.limits().message(who.limit_key)?;
    let visitor = app.visit(&who, id).await?;
    let seat = app.seat(&visitor, Stay::Passing).await?;
    let posted = seat.carry_out(command_id, Action::Send { body, reply_to }).await?;
    let view = PlacedView { seq: posted.placed.seq.0, at: posted.placed.at.0 };
    Ok(if posted.repeated {
        ok("message was stored before", view).into_response()
    } else {
        created("message stored", view).into_response()
    })
}
