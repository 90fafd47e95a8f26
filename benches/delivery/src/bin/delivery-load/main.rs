//! The load: opens connections, sends, and checks and times what arrives. One thread and no
//! runtime, so that on a machine with two cores it keeps up with the server on the other.

mod arguments;
mod connection;
mod histogram;
mod load;
mod marker;
mod process;
mod report;
mod tally;
mod template;

use std::{error::Error, fs, process::ExitCode, time::Duration};

use clap::Parser;

use arguments::Arguments;
use load::{Load, Pace};
use report::{Handshakes, Snapshot, Traffic};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(report) => {
            println!("{report:#}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("delivery-load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<serde_json::Value, Box<dyn Error>> {
    let seconds = Duration::from_secs_f64;
    let tokens = arguments.tokens.as_ref().map(fs::read_to_string).transpose()?;
    let tokens = tokens.unwrap_or_default().lines().map(str::to_owned).collect();
    let mut load = Load::new(arguments, tokens)?;

    let before = Snapshot::take(arguments, &load);
    load.connect()?;
    eprintln!("connected");
    let connected = Snapshot::take(arguments, &load);
    load.listen(seconds(arguments.settle))?;
    let settled = Snapshot::take(arguments, &load);
    let handshakes = Handshakes { before, connected, settled };

    let pace = arguments.rate.map(Pace::Rate).or(arguments.window.map(Pace::Window));
    let mut traffic = None;
    if let Some(pace) = pace.filter(|_| arguments.senders > 0) {
        load.run(pace, seconds(arguments.warm_up))?;
        let begin = Snapshot::take(arguments, &load);
        load.measure(|load| load.run(pace, seconds(arguments.duration)))?;
        let end = Snapshot::take(arguments, &load);
        load.drain(seconds(arguments.drain))?;
        traffic = Some(Traffic { begin, end });
    }
    eprintln!("drained");
    load.listen(seconds(arguments.linger))?;
    Ok(report::report(&load, &handshakes, traffic.as_ref()))
}
