//! `anonchat admin create | setup-link | passwd | list | disable | enable | logout-all`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{
    Exit, Output, Sources, Trouble,
    desk::{Data, at_desk, json_text, password},
};
use crate::domain::{Account, InvalidLogin, Login, Role, Standing};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an operator's account
    #[command(after_help = CREATE_HELP)]
    Create {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        password: FromStdin,
    },
    /// Print a link with which somebody becomes an operator: good once, for an hour
    SetupLink,
    /// Set a new password for an account; its sessions end
    #[command(after_help = PASSWD_HELP)]
    Passwd {
        #[command(flatten)]
        whose: Whose,
        #[command(flatten)]
        password: FromStdin,
    },
    /// List all accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Keep everybody from logging in to an account; its sessions end
    Disable(Whose),
    /// Let its owner log in to an account again
    Enable(Whose),
    /// End all sessions of an account, or of everybody
    LogoutAll {
        /// Whose; everybody's if left out
        #[arg(value_parser = login)]
        login: Option<Login>,
    },
}

#[derive(Args, Debug)]
pub(super) struct Whose {
    /// 4 to 32 characters: letters, digits, _ or -
    #[arg(value_parser = login)]
    login: Login,
}

#[derive(Args, Debug)]
pub(super) struct FromStdin {
    /// Read the password from standard input; others could see it on the command line
    #[arg(long = "password-stdin", required = true)]
    _password_stdin: bool,
}

const CREATE_HELP: &str = "\
Example:
  printf %s \"$PASSWORD\" | anonchat admin create alice --password-stdin";

const PASSWD_HELP: &str = "\
Example:
  printf %s \"$PASSWORD\" | anonchat admin passwd alice --password-stdin";

fn login(raw: &str) -> Result<Login, InvalidLogin> {
    Login::parse(raw)
}

pub(super) fn run(output: &mut Output, command: Command, sources: &Sources) -> Exit {
    let done = answer(output, command, sources);
    output.conclude(done)
}

fn answer(output: &mut Output, command: Command, sources: &Sources) -> Result<String, Trouble> {
    match command {
        Command::Create { whose: Whose { login }, .. } => {
            let password = password()?;
            at_desk(output, sources, Data::MayBeNew, async |desk| {
                desk.create(login, password).await
            })?;
            Ok("the operator can log in now\n".to_owned())
        }
        Command::SetupLink => {
            let link =
                at_desk(output, sources, Data::MayBeNew, async |desk| desk.setup_link().await)?;
            Ok(link + "\n")
        }
        Command::Passwd { whose, .. } => {
            let new = password()?;
            at_desk(output, sources, Data::There, async |desk| {
                desk.reset_password(&whose.login, new).await
            })?;
            Ok("the password is changed; all sessions of the account have ended\n".to_owned())
        }
        Command::List { json } => {
            let accounts =
                at_desk(output, sources, Data::There, async |desk| desk.accounts().await)?;
            Ok(if json { as_json(&accounts) } else { as_lines(&accounts) })
        }
        Command::Disable(whose) => {
            at_desk(output, sources, Data::There, async |desk| desk.disable(&whose.login).await)?;
            Ok("the account is disabled; its sessions have ended\n".to_owned())
        }
        Command::Enable(whose) => {
            at_desk(output, sources, Data::There, async |desk| desk.enable(&whose.login).await)?;
            Ok("the account is enabled\n".to_owned())
        }
        Command::LogoutAll { login } => {
            let ended = at_desk(output, sources, Data::There, async |desk| {
                desk.log_out_all(login.as_ref()).await
            })?;
            Ok(format!("sessions ended: {ended}\n"))
        }
    }
}

/// One account a line: login, role, state.
fn as_lines(accounts: &[Account]) -> String {
    let line = |account: &Account| {
        let (login, role, state) = words(account);
        format!("{login:<32}  {role:<8}  {state}\n")
    };
    accounts.iter().map(line).collect()
}

fn as_json(accounts: &[Account]) -> String {
    let accounts: Vec<Value> = accounts
        .iter()
        .map(|account| {
            let (login, role, state) = words(account);
            let created_at = account.created_at.whole_day().0;
            json!({ "login": login, "role": role, "state": state, "created_at": created_at })
        })
        .collect();
    json_text(&json!({ "accounts": accounts }))
}

fn words(account: &Account) -> (&str, &'static str, &'static str) {
    let role = match account.role {
        Role::Person => "person",
        Role::Operator => "operator",
    };
    let state = match account.standing {
        Standing::Active => "active",
        Standing::Disabled => "disabled",
    };
    (account.login.as_str(), role, state)
}
