//! `anonchat service install | uninstall | status`

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueHint};
use serde_json::json;

use super::{Exit, Output, Sources, Trouble, desk::json_text};
use crate::service::{ServiceError, Status, System};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Have systemd run this program from now on, as a user of its own
    #[command(after_help = INSTALL_HELP)]
    Install {
        /// Only print what would be written and run
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        whose: Whose,
    },
    /// Stop the service and take away what `install` wrote; data and settings stay
    Uninstall(Whose),
    /// Say whether the service is installed, starts with the system, and runs; exit 1 if not
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        whose: Whose,
    },
}

#[derive(Args, Debug)]
pub(super) struct Whose {
    /// Of the system that lies in DIR, as an image does: nothing is started
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    root: Option<PathBuf>,
}

const INSTALL_HELP: &str = "\
Needs root and systemd. Put the program where it is to stay first, as /usr/local/bin/anonchat.
The data is in /var/lib/anonchat and belongs to the user anonchat. Settings go into
/etc/default/anonchat, one variable on each line, or into a file: --config /etc/anonchat/anonchat.yaml
A daily backup and a socket are written as well, and not enabled:
  systemctl enable --now anonchat-backup.timer
Run it again after an upgrade: it renews the units and restarts the server, unless that would not
start with its configuration. Where a package brought the service, that has to be used instead:
systemctl enable --now anonchat";

const DONE: &str = "\
the service runs, and starts with the system
become its operator:  sudo anonchat admin setup-link --data-dir /var/lib/anonchat
its log:              journalctl -u anonchat
";

impl Whose {
    fn system(&self) -> System {
        self.root.clone().map_or(System::Running, System::Below)
    }
}

pub(super) fn run(output: &mut Output, command: &Command, sources: &Sources) -> Exit {
    match command {
        Command::Install { dry_run, whose } => {
            let done = install(output, &whose.system(), *dry_run, sources);
            output.conclude(done)
        }
        Command::Uninstall(whose) => {
            let done = whose.system().uninstall();
            output.conclude(done.map(|gone| lines("removed", &gone) + KEPT).map_err(Trouble::from))
        }
        Command::Status { json, whose } => {
            let status = whose.system().status();
            let answered = output.answer(&if *json { as_json(&status) } else { as_lines(&status) });
            if status.is_well() { answered } else { Exit::Failure }
        }
    }
}

const KEPT: &str = "/var/lib/anonchat, the user anonchat and /etc/default/anonchat are kept\n";

fn install(
    output: &mut Output,
    system: &System,
    dry_run: bool,
    sources: &Sources,
) -> Result<String, Trouble> {
    let config = configuration(output, sources)?;
    if dry_run {
        return Ok(planned(system, config.as_deref())?);
    }
    let wrote = lines("wrote", &system.install(config.as_deref())?);
    Ok(match system {
        System::Running => wrote + DONE,
        System::Below(_) => wrote,
    })
}

/// The file that the service is to read, if one is named; a wrong one is refused here.
fn configuration(output: &mut Output, sources: &Sources) -> Result<Option<PathBuf>, Trouble> {
    let flags = &sources.flags;
    if flags.data_dir.is_some() || flags.addr.is_some() || flags.log_level.is_some() {
        return Err(Trouble::Other {
            line: "flags do not reach a service".to_owned(),
            help: Some("put them into /etc/default/anonchat as variables, or use --config FILE"),
            exit: Exit::Usage,
        });
    }
    let Some(file) = &flags.config else { return Ok(None) };
    output.load(sources)?;
    let absolute = std::path::absolute(file);
    Ok(Some(absolute.map_err(|error| Trouble::new(&error, "name the whole path", Exit::Failure))?))
}

fn planned(system: &System, config: Option<&Path>) -> Result<String, ServiceError> {
    let files = system.plan(config)?.into_iter();
    let files = files.map(|(path, text)| format!("### {}\n{text}\n", path.display()));
    let commands =
        system.commands().iter().map(|command| format!("### run: {}\n", command.join(" ")));
    Ok(files.chain(commands).collect())
}

fn lines(did: &str, paths: &[PathBuf]) -> String {
    let line = |path: &PathBuf| format!("{did} {}\n", path.display());
    paths.iter().map(line).collect()
}

fn as_lines(status: &Status) -> String {
    match (&status.unit, &status.state) {
        (None, _) => "not installed\n".to_owned(),
        (Some(unit), None) => format!("installed  {}\n", unit.display()),
        (Some(unit), Some((enabled, active))) => {
            format!("installed  {}\nat start   {enabled}\nnow        {active}\n", unit.display())
        }
    }
}

fn as_json(status: &Status) -> String {
    let (enabled, active) = status.state.clone().unzip();
    let unit = status.unit.as_ref().map(|unit| unit.to_string_lossy());
    json_text(&json!({ "unit": unit, "enabled": enabled, "active": active }))
}

impl From<ServiceError> for Trouble {
    fn from(error: ServiceError) -> Self {
        let exit = match error {
            ServiceError::Configuration { .. } => Exit::BadConfig,
            _ => Exit::Failure,
        };
        Self::new(&error, error.help(), exit)
    }
}
