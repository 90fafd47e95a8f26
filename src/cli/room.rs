//! `anonchat room list | show | remove`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Exit, Output, Sources, Trouble,
    desk::{Data, at_desk, json_text},
};
use crate::domain::{InvalidId, Room, RoomId, Visibility};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List all rooms, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print what is known of a room
    Show {
        #[command(flatten)]
        which: Which,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove a room with everything in it; nothing brings it back
    Remove(Which),
}

#[derive(Args, Debug)]
pub(super) struct Which {
    /// 16 characters, as `anonchat room list` prints them
    #[arg(value_parser = id)]
    id: RoomId,
}

fn id(raw: &str) -> Result<RoomId, InvalidId> {
    RoomId::parse(raw)
}

pub(super) fn run(output: &mut Output, command: Command, sources: &Sources) -> Exit {
    let done = answer(output, command, sources);
    output.conclude(done)
}

fn answer(output: &mut Output, command: Command, sources: &Sources) -> Result<String, Trouble> {
    match command {
        Command::List { json } => {
            let rooms = at_desk(output, sources, Data::There, async |desk| desk.rooms().await)?;
            Ok(if json { as_json(&rooms) } else { rooms.iter().map(as_line).collect() })
        }
        Command::Show { which, json } => {
            let room =
                at_desk(output, sources, Data::There, async |desk| desk.room(which.id).await)?;
            Ok(if json { json_text(&value(&room)) } else { in_full(&room) })
        }
        Command::Remove(which) => {
            at_desk(output, sources, Data::There, async |desk| desk.remove_room(which.id).await)?;
            Ok("the room is removed\n".to_owned())
        }
    }
}

/// Id, who can find it, name.
fn as_line(room: &Room) -> String {
    format!("{}  {:<8}  {}\n", room.id.encode(), visibility(room), room.name.as_str())
}

fn in_full(room: &Room) -> String {
    let kept = room.retention.seconds().map_or("until deleted".to_owned(), |it| format!("{it} s"));
    format!(
        "id          {}\nname        {}\nvisibility  {}\nmax users   {}\nkept for    {kept}\n\
         events      {}\n",
        room.id.encode(),
        room.name.as_str(),
        visibility(room),
        room.capacity.people(),
        room.head.0,
    )
}

fn as_json(rooms: &[Room]) -> String {
    let rooms: Vec<Value> = rooms.iter().map(value).collect();
    json_text(&json!({ "rooms": rooms }))
}

/// With the names that the API has for them.
fn value(room: &Room) -> Value {
    json!({
        "room_id": room.id.encode(),
        "name": room.name.as_str(),
        "visibility": visibility(room),
        "max_user": room.capacity.people(),
        "retention_in": room.retention.seconds(),
        "created_at": room.created_at.0,
        "head": room.head.0,
    })
}

fn visibility(room: &Room) -> &'static str {
    match room.visibility {
        Visibility::Unlisted => "unlisted",
        Visibility::Public => "public",
    }
}
