//! `anonchat secret rotate [--now] | list`

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Exit, Output, Sources, Trouble, desk::json_text};
use crate::{
    anonymity::{SigningKey, SigningKeys},
    app::{self, SystemClock},
    domain::{Clock, Timestamp},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Sign access tokens with a new key; the old one is believed until its last tokens ran out
    #[command(after_help = ROTATE_HELP)]
    Rotate {
        /// Believe no other key from now on, because somebody may know it; closes all sockets
        #[arg(long)]
        now: bool,
    },
    /// List the keys that are believed; no key itself is shown
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

const ROTATE_HELP: &str = "\
Works before the server ever ran and while it runs, which then hears of it within seconds.
Nobody is logged out: with --now, clients get new tokens and come back by themselves.

Where somebody may know the key (a backup with keys was lost, say), use --now, and
`anonchat admin logout-all` if they may know sessions, too.
secret.key is not changed by this: it is what people are found again by in their rooms.";

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    let done = answer(output, command, sources);
    output.conclude(done)
}

fn answer(output: &mut Output, command: &Command, sources: &Sources) -> Result<String, Trouble> {
    let config = output.load(sources)?.config;
    let now = SystemClock.now();
    Ok(match *command {
        Command::Rotate { now: at_once } => {
            as_lines(&app::rotate_signing_key(&config, at_once, now)?, now)
        }
        Command::List { json: true } => as_json(app::signing_keys(&config)?.as_ref(), now),
        Command::List { json: false } => match app::signing_keys(&config)? {
            Some(keys) => as_lines(&keys, now),
            None => "none yet: the first start of the server makes one\n".to_owned(),
        },
    })
}

fn believed(keys: &SigningKeys, now: Timestamp) -> impl Iterator<Item = &SigningKey> {
    keys.all().filter(move |key| key.is_believed(now))
}

/// One key a line: its name in tokens, and what is done with it.
fn as_lines(keys: &SigningKeys, now: Timestamp) -> String {
    let line = |key: &SigningKey| {
        let state = match key.until {
            None => "signs".to_owned(),
            Some(until) => format!("believed for {} s", until.since(now).as_secs()),
        };
        format!("{}  {state}\n", key.id.encode())
    };
    believed(keys, now).map(line).collect()
}

fn as_json(keys: Option<&SigningKeys>, now: Timestamp) -> String {
    let keys: Vec<Value> = keys
        .into_iter()
        .flat_map(|keys| believed(keys, now))
        .map(|key| {
            let (made_at, until) = (key.made_at.map(|it| it.0), key.until.map(|it| it.0));
            let signs = key.until.is_none();
            json!({ "kid": key.id.encode(), "signs": signs, "made_at": made_at, "until": until })
        })
        .collect();
    json_text(&json!({ "keys": keys }))
}
