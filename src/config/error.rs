//! What is wrong with a configuration, told so that a person can put it right.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{secrets::veiled, yaml::Position};

/// Everything that is wrong with a configuration; never empty.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError(Vec<Problem>);

impl ConfigError {
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.origin.rank());
        Self(problems)
    }

    /// The problems: those of the file from its top to its end, then the variables, then the flags.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.0.iter().enumerate() {
            let separator = if n == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong: where it stands, what it is, and how to put it right.
///
/// Displayed as one line that says what is wrong, the line of the file where there is one, and
/// one line that says what to do.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(super) origin: Origin,
    pub(super) what: String,
    pub(super) help: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.origin, self.what)?;
        if let Origin::File(place) = &self.origin {
            place.write_excerpt(f)?;
        }
        write!(f, " help: {}", self.help)
    }
}

/// Where a value came from.
#[derive(Clone, Debug, Default)]
pub enum Origin {
    /// Nobody gave one.
    #[default]
    Default,
    /// The configuration file.
    File(Place),
    /// The credential of systemd in this file.
    Credential(PathBuf),
    /// The environment variable of this name.
    Variable(String),
    /// The command line, as the flag of this name.
    Flag(&'static str),
}

impl Origin {
    /// The same, without what stands there.
    pub(super) fn concealed(mut self) -> Self {
        if let Self::File(place) = &mut self {
            place.is_secret = true;
        }
        self
    }

    /// The order in which a person would look at them.
    fn rank(&self) -> (u8, Option<Position>) {
        match self {
            Self::Default => (0, None),
            Self::File(place) => (1, place.position),
            Self::Credential(_) => (2, None),
            Self::Variable(_) => (3, None),
            Self::Flag(_) => (4, None),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => write!(f, "{place}"),
            Self::Credential(path) => write!(f, "credential {}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// A place in the configuration file.
#[derive(Clone, Debug)]
pub struct Place {
    file: Arc<SourceFile>,
    position: Option<Position>,
    /// What stands here is for nobody's eyes.
    is_secret: bool,
}

impl Place {
    pub(super) fn new(file: &Arc<SourceFile>, position: Option<Position>) -> Self {
        Self { file: Arc::clone(file), position, is_secret: false }
    }

    /// The line that is meant and a caret under the column, or nothing when neither is known.
    fn write_excerpt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Position { line, column }) = self.position else { return Ok(()) };
        let index = |from_one: u64| usize::try_from(from_one).unwrap_or(usize::MAX).max(1) - 1;
        let Some(text) = self.file.text.lines().nth(index(line)) else { return Ok(()) };
        let text = veiled(&text.replace(char::is_control, " "));
        let column = index(column).min(text.chars().count());
        let text =
            if self.is_secret { text.chars().take(column).chain(['…']).collect() } else { text };
        // Of an endless line, what stands around the column.
        let start = column.saturating_sub(60);
        let shown: String = text.chars().skip(start).take(100).collect();
        writeln!(f, "{line:>5} | {shown}")?;
        writeln!(f, "      | {:width$}^", "", width = column - start)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.path.display())?;
        match self.position {
            Some(Position { line, column }) => write!(f, ":{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// A configuration file as it was read.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl SourceFile {
    /// Reads a file that somebody named; its absence is a problem.
    pub(super) fn read(path: &Path) -> Result<Arc<Self>, Problem> {
        Self::read_if_there(path)?.ok_or_else(|| Problem {
            origin: Self::named(path),
            what: "there is no such configuration file".to_owned(),
            help: "check the path, or write one with `anonchat config example`".to_owned(),
        })
    }

    /// Reads a file that need not exist; `None` when it does not.
    pub(super) fn read_if_there(path: &Path) -> Result<Option<Arc<Self>>, Problem> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(Arc::new(Self { path: path.to_owned(), text }))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Problem {
                origin: Self::named(path),
                what: format!("the configuration file cannot be read: {error}"),
                help: "give the path of a text file that this user may read".to_owned(),
            }),
        }
    }

    fn named(path: &Path) -> Origin {
        let file = Self { path: path.to_owned(), text: String::new() };
        Origin::File(Place::new(&Arc::new(file), None))
    }
}

// There may be secrets in it.
impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceFile({})", self.path.display())
    }
}
