//! The command line: what was asked for, and one file per command that does it.
//!
//! No rules live here. A command reads its arguments, calls one thing and says how it went.

mod admin;
mod backup;
mod completions;
mod config;
mod db;
mod desk;
mod doctor;
mod healthcheck;
mod init;
mod licenses;
mod man;
mod migrate;
mod reference;
mod reload;
mod restore;
mod room;
mod secret;
mod serve;
mod service;
mod trouble;
mod version;

use std::{
    ffi::OsString,
    fmt,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{
    Args, Parser, Subcommand, ValueHint,
    builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser},
};
use clap_complete::Shell;
use tracing::Level;

pub use self::{reference::reference, serve::Reload, trouble::Trouble};
use crate::config::{
    Config, ConfigError, Flags, ListenAddr, Loaded, TOMBSTONES, Tombstone, level_names, load_after,
    named_file,
};

/// The configuration file that is read, if it exists, where nobody names another.
const DEFAULT_FILE: &str = "anonchat.yaml";

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Success = 0,
    /// Something went wrong while running; trying again may help.
    Failure = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// Another server works with the same data; once it has ended, trying again helps.
    InUse = 75,
    /// The configuration cannot be accepted, or a newer program made the data; trying again will
    /// not help.
    BadConfig = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The environment as the operating system gives it.
pub type Environment = Vec<(OsString, OsString)>;

/// Where answers and errors go.
pub struct Output<'a> {
    pub out: &'a mut dyn Write,
    pub err: &'a mut dyn Write,
}

/// Does what `args` ask for (the program's own name first) and says how it ended.
///
/// Answers go to standard output, errors to standard error. `serve` runs the server; it is called
/// at most once, with a configuration that was accepted.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    environment: Environment,
    serve: impl FnOnce(Config, Reload) -> Exit,
) -> Exit {
    let mut output = Output { out: &mut io::stdout(), err: &mut io::stderr() };
    run_into(&mut output, TOMBSTONES, args, environment, serve)
}

/// [`run`] with its answers and errors going to `output`, in a program in which these keys of the
/// configuration were renamed or given up.
pub fn run_into(
    output: &mut Output,
    tombstones: &'static [Tombstone],
    args: impl IntoIterator<Item = OsString>,
    environment: Environment,
    serve: impl FnOnce(Config, Reload) -> Exit,
) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return output.refuse(&error),
        Err(help_or_version) => return output.answer(&help_or_version.to_string()),
    };
    let sources = Sources { flags: cli.settings.into(), environment, tombstones };
    match cli.command.unwrap_or(Command::Serve { smoke: false }) {
        Command::Serve { smoke: false } => serve::run(output, sources, serve),
        Command::Serve { smoke: true } => serve::smoke(output, &sources),
        Command::Config(command) => config::run(output, &command, &sources),
        Command::Admin(command) => admin::run(output, command, &sources),
        Command::Room(command) => room::run(output, command, &sources),
        Command::Secret(command) => secret::run(output, &command, &sources),
        Command::Migrate(command) => migrate::run(output, &command, &sources),
        Command::Backup(command) => backup::run(output, &command, &sources),
        Command::Restore(command) => restore::run(output, &command, &sources),
        Command::Db(command) => db::run(output, &command, &sources),
        Command::Init => init::run(output, &sources),
        Command::Doctor(command) => doctor::run(output, &command, &sources),
        Command::Healthcheck => healthcheck::run(output, &sources),
        Command::Reload => reload::run(output, &sources),
        Command::Service(command) => service::run(output, &command, &sources),
        Command::Completions { shell } => completions::run(output, shell),
        Command::Man { dir } => man::run(output, dir.as_deref()),
        Command::Licenses => licenses::run(output),
        Command::Version { json } => version::run(output, json),
    }
}

/// Anonymous group chat that one person hosts with one command.
#[derive(Debug, Parser)]
#[command(name = "anonchat", version, after_help = AFTER_HELP, after_long_help = AFTER_LONG_HELP)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server; the same as no command at all
    Serve {
        /// Start, see that everything works, and stop: a trial of new settings or a new version
        #[arg(long)]
        smoke: bool,
    },
    /// Check, show or learn the configuration
    #[command(subcommand)]
    Config(config::Command),
    /// Operators and accounts: make, list, disable; also while the server runs
    #[command(subcommand, after_help = OPERATOR_HELP)]
    Admin(admin::Command),
    /// Rooms: list, show, remove; also while the server runs
    #[command(subcommand, after_help = OPERATOR_HELP)]
    Room(room::Command),
    /// Keys that sign access tokens: change, list; also while the server runs
    #[command(subcommand)]
    Secret(secret::Command),
    /// Make a backup of everything, also while the server runs
    Backup(backup::Command),
    /// Put a backup in the place of the data, while the server is stopped
    Restore(restore::Command),
    /// Look after the database
    #[command(subcommand)]
    Db(db::Command),
    /// Move everything to another database: from SQLite to PostgreSQL, or back
    Migrate(migrate::Command),
    /// Write a configuration to edit and make the data directory; overwrites nothing
    Init,
    /// Look at the installation: what is wrong, and what to do about it; exit 1 if something is
    Doctor(doctor::Command),
    /// Ask the server at the configured address whether it is ready; exit 0 if so, otherwise 1
    Healthcheck,
    /// Have the running server take over rate limits, trusted proxies and log level
    Reload,
    /// Run as a service of systemd: install, uninstall, status
    #[command(subcommand)]
    Service(service::Command),
    /// Print a script that completes commands and flags: `anonchat completions bash`
    Completions {
        /// Whose script
        shell: Shell,
    },
    /// Print the manual page, or write the pages of all commands into a directory
    Man {
        /// Where to write them
        #[arg(value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
    /// Print the license, and those of everything that is built in
    Licenses,
    /// Print the version
    Version {
        /// As JSON, with the system that the program is built for
        #[arg(long)]
        json: bool,
    },
}

/// The settings that every command takes; stronger than the environment and the file.
#[derive(Args, Debug)]
#[command(next_help_heading = "Settings")]
struct Settings {
    #[arg(help = "Configuration file [env: ANONCHAT_CONFIG] [default: ./anonchat.yaml, if any]")]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    config: Option<PathBuf>,
    #[arg(help = "Directory for all data [env: ANONCHAT_DATA_DIR] [default: ./anonchat-data]")]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    data_dir: Option<String>,
    /// IP address and port to listen on, or `unix:/path` [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "IP:PORT")]
    addr: Option<ListenAddr>,
    /// How much the log says [default: info]
    #[arg(long, global = true, value_name = "LEVEL", value_parser = level_parser())]
    log_level: Option<Level>,
}

fn level_parser() -> impl TypedValueParser<Value = Level> {
    PossibleValuesParser::new(level_names()).try_map(|name| name.parse::<Level>())
}

const AFTER_HELP: &str = "\
Examples:
  anonchat                                  serve http://127.0.0.1:8080, data in ./anonchat-data
  anonchat init                             write a configuration to edit, make the data directory
  anonchat config check                     say what is wrong with it, if anything
  anonchat admin setup-link                 print a link to become its operator
  anonchat backup                           make a backup, also while the server runs

`anonchat --help` says where the configuration lives and how it is overridden.";

const AFTER_LONG_HELP: &str = "\
Configuration:
  Nothing needs to be configured. Settings come from, the strongest first:
    1. flags
    2. environment variables
    3. the file: --config FILE or ANONCHAT_CONFIG, otherwise ./anonchat.yaml if it exists
    4. defaults (`anonchat config example` prints every key with its default)

  Every key is also a variable: ANONCHAT_ and the path in capitals, __ between levels, _ for -
    server.rate-limits.max-requests: 500   ANONCHAT_SERVER__RATE_LIMITS__MAX_REQUESTS=500
    server.trusted-proxies: [10.0.0.0/8]   ANONCHAT_SERVER__TRUSTED_PROXIES='[10.0.0.0/8]'
  A key or a variable that does not exist stops the start.

Examples:
  anonchat
      Serve http://127.0.0.1:8080 and keep everything in ./anonchat-data
  anonchat --addr 0.0.0.0:80 --data-dir /var/lib/anonchat
      Serve everybody who reaches this machine
  anonchat init
      Write ./anonchat.yaml to edit and make the data directory; what is there stays as it is
  printf %s \"$PASSWORD\" | anonchat admin create alice --password-stdin
      Make an operator's account
  anonchat config show --sources
      Print what holds now, and where each value came from

Exit status:
  0 success, 1 failure while running, 2 wrong command line,
  75 another server works with the data,
  78 wrong configuration, or data of a newer version";

const OPERATOR_HELP: &str = "\
Works before the server ever ran and while it runs, which then hears of it within seconds.
Run it with the settings of the server: --config FILE or --data-dir DIR.";

/// Where a command takes its configuration from.
struct Sources {
    flags: Flags,
    environment: Environment,
    tombstones: &'static [Tombstone],
}

impl Sources {
    fn load(&self) -> Result<Loaded, ConfigError> {
        let default = Path::new(DEFAULT_FILE);
        load_after(self.tombstones, &self.flags, self.environment.clone(), default)
    }
}

impl Sources {
    /// The file that is asked for by name.
    fn file(&self) -> Option<PathBuf> {
        self.flags.config.clone().or_else(|| named_file(&self.environment))
    }
}

impl From<Settings> for Flags {
    fn from(settings: Settings) -> Self {
        let Settings { config, data_dir, addr, log_level } = settings;
        Self { config, data_dir, addr, log_level }
    }
}

impl Output<'_> {
    /// Prints an answer; a reader that has gone away (`| head`) is no failure.
    fn answer(&mut self, text: &str) -> Exit {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Ok(()) => Exit::Success,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Success,
            Err(_) => Exit::Failure,
        }
    }

    /// Prints what is wrong with the command line.
    fn refuse(&mut self, error: &clap::Error) -> Exit {
        // Where standard error is gone, the exit status still tells.
        let _ = write!(self.err, "{error}");
        Exit::Usage
    }

    /// Reads the configuration, and prints what should be changed in it and holds nevertheless.
    fn load(&mut self, sources: &Sources) -> Result<Loaded, ConfigError> {
        let loaded = sources.load()?;
        for problem in &loaded.warnings {
            let _ = writeln!(self.err, "warning: {problem}");
        }
        Ok(loaded)
    }

    /// Prints every problem with the configuration.
    fn reject(&mut self, error: &ConfigError) -> Exit {
        for problem in error.problems() {
            let _ = writeln!(self.err, "error: {problem}");
        }
        Exit::BadConfig
    }
}

impl fmt::Debug for Output<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output").finish_non_exhaustive()
    }
}
