//! What is said on the wire, over HTTP and WebSocket: the only place that knows JSON.
//!
//! `web/src/shared/protocol` reads the same fixtures (`tests/fixtures/protocol`), so that both
//! sides agree on every frame.

mod code;
mod fields;
mod frames;
mod operator;
mod own_data;
mod requests;
mod responses;

pub use self::{
    code::ErrorCode,
    fields::{InvalidFields, Object, Raw},
    frames::{
        ClientFrame, Fault, InvalidFrame, ServerFrame, You, encode, encode_event, plain_message,
    },
    operator::{
        AccountView, AccountsView, ChangeSettings, OverviewView, PolicyView, RegistrationView,
        SetUp, SettingsView,
    },
    own_data::{
        OwnAccountView, OwnDataExport, OwnDataView, OwnMessageView, OwnPasswordView, OwnRoomView,
        OwnSessionView,
    },
    requests::{
        ChangePassword, ChangeRoom, CreateRoom, DeleteAccount, LogIn, NewPerson, NewRoom,
        PostMessage, RefreshToken, Register, RemoveRoom, RoomLimits,
    },
    responses::{
        Envelope, MessageKind, MessageView, MessagesView, Nothing, PlacedView, Problem,
        ProblemData, RoomView, RoomsView, SessionView, TokensView, VisibilityView, WhoAmI,
    },
};
