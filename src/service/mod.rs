//! AnonChat as a service of systemd: writes its units, takes them away, says whether it runs.
//!
//! Files that were not written here stay as they are, and so do data and settings.

mod files;
mod settings;
mod systemd;

use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use self::{
    files::{FILES, PACKAGED, PROGRAM, UNIT, is_ours, render, within_reach},
    settings::SETTINGS,
};

/// Why the service is not as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Nothing here reads units.
    #[error("systemd does not run here")]
    NoSystemd,
    /// Only root decides about services.
    #[error("only root can change what runs as a service")]
    NotRoot,
    /// A package brought the service.
    #[error("a package has installed the service: {path}")]
    Packaged {
        /// The package's unit.
        path: PathBuf,
    },
    /// Somebody else wrote a file that has the name of ours.
    #[error("{path} was not written by this program")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The service could not open this, or its unit could not say it.
    #[error("a service cannot use {path}")]
    OutOfReach {
        /// The program or the configuration.
        path: PathBuf,
    },
    /// It would not start with its settings.
    #[error("the service would not start with its configuration:\n  {said}")]
    Configuration {
        /// What the program says of it.
        said: String,
    },
    /// There is nothing to take away.
    #[error("no service was installed by this program")]
    NotInstalled,
    /// A file cannot be read or written.
    #[error("cannot use {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A program of systemd did not do as asked.
    #[error("{command} failed: {said}")]
    Command {
        /// What was run.
        command: String,
        /// What it said, on one line.
        said: String,
    },
}

impl ServiceError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoSystemd => {
                "with Homebrew: `brew services start anonchat`; elsewhere have what starts your \
                 programs run `anonchat serve`"
            }
            Self::NotRoot => "run it with sudo; `--dry-run` shows what it would do",
            Self::Packaged { .. } => "use it: systemctl enable --now anonchat",
            Self::Foreign { .. } => "move it away, or do as you did when you wrote it",
            Self::OutOfReach { .. } => {
                "move it to where services can read it and no sign is special, as /usr/local/bin \
                 or /etc/anonchat"
            }
            Self::Configuration { .. } => {
                "mend that (variables stand in /etc/default/anonchat) and run this again; the \
                 service is as it was"
            }
            Self::NotInstalled => "`anonchat service status` says what there is",
            Self::File { .. } => "run it as who may write there; nothing was started",
            Self::Command { .. } => {
                "`journalctl -u anonchat -n 20` may say why; `anonchat service uninstall` takes \
                 the units away again"
            }
        }
    }
}

/// Whose services: those of the running system, or of one that lies below a folder, as an image does.
#[derive(Clone, Debug)]
pub enum System {
    /// Units are written and carried out.
    Running,
    /// Units are written.
    Below(PathBuf),
}

/// What there is of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The unit, if this program or a package has put it there.
    pub unit: Option<PathBuf>,
    /// Whether it starts with the system and whether it runs, in systemd's words; not told of a
    /// system that does not run.
    pub state: Option<(String, String)>,
}

impl Status {
    /// Whether the service is there, and runs where anything runs.
    pub fn is_well(&self) -> bool {
        self.unit.is_some() && self.state.as_ref().is_none_or(|(_, active)| active == "active")
    }
}

impl System {
    /// The files that an installation writes, with what is in them.
    ///
    /// # Errors
    /// [`ServiceError::OutOfReach`] when the program or its configuration cannot be used from there.
    pub fn plan(&self, config: Option<&Path>) -> Result<Vec<(PathBuf, String)>, ServiceError> {
        let program = match self {
            Self::Running => env::current_exe().map_err(failed(Path::new(PROGRAM)))?,
            Self::Below(_) => PROGRAM.into(),
        };
        let program = within_reach(&program)?;
        let config = config.map(within_reach).transpose()?;
        let planned = |(path, text): (&str, _)| (self.path(path), render(text, program, config));
        Ok(FILES.into_iter().map(planned).collect())
    }

    /// The commands that an installation runs once its files are there.
    pub fn commands(&self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Running => &[
                &["systemd-sysusers", "/etc/sysusers.d/anonchat.conf"],
                &["systemctl", "daemon-reload"],
                &["systemctl", "enable", "anonchat.service"],
                // One that ran goes on with the new program and its new units.
                &["systemctl", "restart", "anonchat.service"],
            ],
            Self::Below(_) => &[],
        }
    }

    /// Writes the files and starts the service, or starts it anew; the files. One that runs is left
    /// alone if it would not come back.
    ///
    /// # Errors
    /// [`ServiceError`] says what is in the way.
    pub fn install(&self, config: Option<&Path>) -> Result<Vec<PathBuf>, ServiceError> {
        self.admit()?;
        if let Some(path) = PACKAGED.map(|path| self.path(path)).into_iter().find(|it| it.exists())
        {
            return Err(ServiceError::Packaged { path });
        }
        let plan = self.plan(config)?;
        for (path, _) in &plan {
            ours(path)?;
        }
        if let Self::Running = self {
            let program = env::current_exe().map_err(failed(Path::new(PROGRAM)))?;
            settings::check(&program, config, Path::new(SETTINGS))?;
        }
        for (path, text) in &plan {
            write(path, text).map_err(failed(path))?;
        }
        self.commands().iter().try_for_each(|command| systemd::run(command))?;
        Ok(plan.into_iter().map(|(path, _)| path).collect())
    }

    /// Stops the service and removes the files that were written here; which.
    ///
    /// # Errors
    /// [`ServiceError`] says what is in the way.
    pub fn uninstall(&self) -> Result<Vec<PathBuf>, ServiceError> {
        self.admit()?;
        let mut there = Vec::new();
        for path in FILES.map(|(path, _)| self.path(path)) {
            if ours(&path)? {
                there.push(path);
            }
        }
        if there.is_empty() {
            return Err(ServiceError::NotInstalled);
        }
        if let Self::Running = self {
            let units = ["anonchat.service", "anonchat.socket", "anonchat-backup.timer"];
            systemd::run(&[&["systemctl", "disable", "--now"][..], &units].concat())?;
        }
        for path in &there {
            fs::remove_file(path).map_err(failed(path))?;
        }
        if let Self::Running = self {
            systemd::run(&["systemctl", "daemon-reload"])?;
            // What failed would be listed until the next boot.
            systemd::run(&["systemctl", "reset-failed", "anonchat.*", "anonchat-backup.*"])?;
        }
        Ok(there)
    }

    /// What there is of the service.
    pub fn status(&self) -> Status {
        let places = [UNIT].into_iter().chain(PACKAGED).map(|path| self.path(path));
        let unit = places.into_iter().find(|path| path.exists());
        let asks = matches!(self, Self::Running) && unit.is_some();
        let state = asks.then(|| (systemd::word("is-enabled"), systemd::word("is-active")));
        Status { unit, state }
    }

    fn path(&self, path: &str) -> PathBuf {
        match self {
            Self::Running => Path::new("/").join(path),
            Self::Below(root) => root.join(path),
        }
    }

    /// Whether whoever asks can have the services changed.
    fn admit(&self) -> Result<(), ServiceError> {
        match self {
            Self::Running if !systemd::runs() => Err(ServiceError::NoSystemd),
            Self::Running if !rustix::process::geteuid().is_root() => Err(ServiceError::NotRoot),
            Self::Running | Self::Below(_) => Ok(()),
        }
    }
}

/// Whether a file is there; one that was not written here is an error.
fn ours(path: &Path) -> Result<bool, ServiceError> {
    match fs::read_to_string(path) {
        Ok(text) if is_ours(&text) => Ok(true),
        Ok(_) => Err(ServiceError::Foreign { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed(path)(error)),
    }
}

/// Writes a file that everybody may read, whatever the umask, as well as the folders around it. A
/// crash leaves what was there before, or all of it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let folders = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    let missing: Vec<_> = folders.take_while(|folder| !folder.exists()).collect();
    for folder in missing.into_iter().rev() {
        fs::create_dir(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
    }
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(Path::new("/")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn failed(path: &Path) -> impl Fn(io::Error) -> ServiceError + use<> {
    let path = path.to_owned();
    move |source| ServiceError::File { path: path.clone(), source }
}
