//! `anonchat doctor [--json] [--privacy] [--redact]`

use clap::Args;
use serde_json::{Value, json};

use super::{Exit, Output, Sources};
use crate::{
    app::offline,
    doctor::{Finding, State, TRACES, Trace, examine},
};

#[derive(Args, Debug)]
pub(super) struct Command {
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
    /// Print what could tell people apart, wherever it is stored or passes, and what protects it
    #[arg(long)]
    privacy: bool,
    /// Leave out paths, addresses and numbers, so that the answer can be shown to others
    #[arg(long, conflicts_with = "privacy")]
    redact: bool,
}

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    if command.privacy {
        return output.answer(&if command.json { traces_as_json() } else { traces() });
    }
    let loaded = match output.load(sources) {
        Ok(loaded) => loaded,
        Err(error) => return output.reject(&error),
    };
    let config = &loaded.config;
    let mut findings = examine(config, loaded.file.as_deref(), offline::versions(config));
    if command.redact {
        for finding in &mut findings {
            finding.detail.clear();
        }
    }
    let text = if command.json { as_json(&findings) } else { as_text(&findings) };
    let answered = output.answer(&text);
    let is_wrong = findings.iter().any(|finding| finding.state == State::Wrong);
    if is_wrong { Exit::Failure } else { answered }
}

fn name(state: State) -> &'static str {
    match state {
        State::Fine => "fine",
        State::Doubtful => "doubtful",
        State::Wrong => "wrong",
    }
}

fn as_text(findings: &[Finding]) -> String {
    let line = |Finding { what, state, detail, help }: &Finding| {
        let help = if help.is_empty() { String::new() } else { format!("\n{:10}help: {help}", "") };
        format!("{:10}{}{help}\n", name(*state), [*what, detail].join(": ").trim_end_matches(": "))
    };
    findings.iter().map(line).collect()
}

fn as_json(findings: &[Finding]) -> String {
    let object = |Finding { what, state, detail, help }: &Finding| json!({ "what": what, "state": name(*state), "detail": detail, "help": help });
    format!("{}\n", findings.iter().map(object).collect::<Value>())
}

fn traces() -> String {
    let line = |it: &Trace| format!("{}: {}\n    {}\n", it.place, it.holds, it.protection);
    TRACES.iter().map(line).collect()
}

fn traces_as_json() -> String {
    let object =
        |it: &Trace| json!({ "place": it.place, "holds": it.holds, "protection": it.protection });
    format!("{}\n", TRACES.iter().map(object).collect::<Value>())
}
