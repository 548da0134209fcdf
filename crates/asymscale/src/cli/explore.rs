//! `asymscale explore`: a page on which the theory answers while a slider moves.

use super::Failure;
use super::files::print;
use super::output::note;
use crate::explore::{App, Loaded, Server, export};
use asymscale_tables::Source;
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  asymscale explore
  asymscale explore runs.csv
  asymscale explore counts.csv -- --count-column verses --samples 31102
  asymscale explore --export site";

/// Serves a page on this machine alone, and prints its address as the first line. Sliders move the
/// parameters of the model; loss, training, instability and the compute frontier follow. A state of
/// the page is its address. With a table of training runs or of counts, its fit or diagnosis stands
/// beside a law that is adjusted by hand. The page needs no network; it ends with the command.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExploreFlags {
    /// Table of training runs, as for fit, or of counts, as for diagnose
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Further arguments of fit or diagnose, that say how to read the table
    #[arg(last = true, value_name = "ARGUMENTS", requires = "file")]
    arguments: Vec<String>,
    /// Port of the address, in 1..65535 [default: a free one]
    #[arg(long, value_parser = port, allow_hyphen_values = true)]
    port: Option<u16>,
    /// Open no browser
    #[arg(long)]
    no_open: bool,
    /// Write the page into this folder, which must be new or empty, with answers on a grid of
    /// alpha, beta and onset: it opens from a file or any host of files, without this command
    #[arg(long, value_name = "DIR", conflicts_with_all = ["file", "arguments", "port", "no_open"])]
    export: Option<PathBuf>,
}

pub(crate) fn run(flags: &ExploreFlags) -> Result<String, Failure> {
    if let Some(folder) = &flags.export {
        return export(folder);
    }
    let table = match &flags.file {
        None => None,
        Some(path) if path.as_os_str() == "-" => {
            return Err(Failure::input(
                "-: the table must be a file, as it is read more than once",
            ));
        }
        Some(path) => Some(Loaded::read(&Source::path(path), &flags.arguments)?),
    };
    let port = flags.port.unwrap_or(0);
    let refused = |error: std::io::Error| {
        Failure::input(format!("--port {port}: cannot be listened on ({})", error.kind()))
    };
    let server = Server::bind(port).map_err(refused)?;
    let app = App::new(table).map_err(|error| Failure::work(format!("the page: {error}")))?;
    let address = server.url();
    print(&format!("{address}\n"))?;
    if !flags.no_open && open::that_detached(&address).is_err() {
        note("no browser was found: open the address above in one");
    }
    server.run(app)
}

fn port(text: &str) -> Result<u16, String> {
    let number = text.parse().ok().filter(|port| *port > 0);
    number.ok_or_else(|| "must be a whole number in 1..65535".to_owned())
}
