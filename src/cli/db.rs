//! `anonchat db status | migrate | check | vacuum`

use clap::Subcommand;
use serde_json::json;

use super::{Exit, Output, Sources, Trouble};
use crate::app::offline::{self, Status};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Say where the database is, how large, which schema it has and how many rows
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Bring the schema up to date, as the server does when it starts; a copy is kept
    Migrate {
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Read everything and say what is damaged, also while the server runs
    Check,
    /// Give the space of what was erased back to the system, while the server is stopped
    Vacuum,
}

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    let done = answer(output, command, sources);
    output.conclude(done)
}

fn answer(output: &mut Output, command: &Command, sources: &Sources) -> Result<String, Trouble> {
    let config = output.load(sources)?.config;
    Ok(match command {
        Command::Status { json: false } => in_words(&offline::status(&config)?),
        Command::Status { json: true } => as_json(&offline::status(&config)?),
        Command::Migrate { dry_run: true } => migrations("would run", &offline::pending(&config)?),
        Command::Migrate { dry_run: false } => {
            let (ran, copy) = offline::migrate(&config)?;
            let kept = copy.map(|copy| format!("kept a copy from before: {}\n", copy.display()));
            kept.unwrap_or_default() + &migrations("ran", &ran)
        }
        Command::Check => sound(&offline::damages(&config)?)?,
        Command::Vacuum => {
            let (before, after) = offline::vacuum(&config)?;
            format!("{before} bytes before, {after} bytes now\n")
        }
    })
}

fn in_words(status: &Status) -> String {
    let schema = &status.schema;
    let found = schema.found.unwrap_or_default();
    let process = status.process.as_ref().map_or("no".to_owned(), |id| format!("process {id}"));
    let mut lines = vec![
        format!("database  {}", status.database.display()),
        format!("bytes     {}", status.bytes),
        format!("schema    {found}, this program knows {}", schema.known),
        format!("in use    {process}"),
    ];
    lines.extend(schema.pending.iter().map(|name| format!("pending   {name}")));
    lines.extend(status.rows.iter().map(|(table, count)| format!("{table:<9} {count}")));
    lines.join("\n") + "\n"
}

fn as_json(status: &Status) -> String {
    let Status { database, bytes, schema, rows, process } = status;
    let rows: serde_json::Map<_, _> =
        rows.iter().map(|(table, count)| ((*table).to_owned(), json!(count))).collect();
    let status = json!({
        "database": database.to_string_lossy(),
        "bytes": bytes,
        "schema": { "found": schema.found, "known": schema.known, "pending": schema.pending },
        "rows": rows,
        "in_use": process.is_some(),
        "process": process.as_deref().and_then(|id| id.parse::<u32>().ok()),
    });
    format!("{status:#}\n")
}

fn migrations(did: &str, pending: &[String]) -> String {
    if pending.is_empty() {
        return "the schema is up to date\n".to_owned();
    }
    let lines: Vec<_> = pending.iter().map(|name| format!("{did} {name}")).collect();
    lines.join("\n") + "\n"
}

fn sound(damages: &[String]) -> Result<String, Trouble> {
    if damages.is_empty() {
        return Ok("the database is sound\n".to_owned());
    }
    Err(Trouble::Other {
        line: format!("the database is damaged:\n  {}", damages.join("\n  ")),
        help: Some("stop the server and bring a backup back: anonchat restore FILE"),
        exit: Exit::Failure,
    })
}
