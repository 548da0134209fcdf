//! Measures every benchmark between two looks at the machine, and writes the table.

use super::divan::{Case, Rates, cases};
use super::limit::{Limited, scaled, time};
use super::source::{Bench, benches};
use super::{Built, machine};
use crate::process::root;
use std::fmt::Write;
use std::process::{Command, ExitCode, Stdio};

/// Where a table is always written, and where on request.
const FRESH: &str = "target/bench/table.md";
const TRACKED: &str = "crates/asymscale/BENCHMARKS.md";

/// Most seconds spent on one case, and on one look at the machine.
const CASE: &str = "1";
const LOOK: &str = "0.25";

const HEADER: &str = "\
| benchmark | argument | time | shortest | work | limit | share |
|---|---|---:|---:|---|---:|---:|
";

/// Measures what is wanted by name and prints the table; `write` puts it in the tracked document
/// too.
pub(super) fn run(
    targets: &[Built],
    wanted: impl Fn(&str) -> bool,
    write: bool,
) -> Result<ExitCode, String> {
    let (mut rows, mut notes, mut looks) = (String::new(), String::new(), Vec::new());
    print!("{HEADER}");
    for target in targets {
        for bench in benches(target)? {
            let name = format!("{}::{}", target.target, bench.name);
            if !wanted(&name) {
                continue;
            }
            let measured = measure(targets, target, &bench, &mut looks)?;
            print!("{measured}");
            rows.push_str(&measured);
            let _ = writeln!(notes, "- `{name}`: {} *Limit:* {}", bench.what, bench.limit);
        }
    }
    let text = document(&rows, &notes, &looks);
    save(FRESH, &text)?;
    println!("\n{}\nwritten to {FRESH}", rates(&looks));
    if write {
        save(TRACKED, &text)?;
        println!("written to {TRACKED}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The rows of one benchmark.
fn measure(
    targets: &[Built],
    target: &Built,
    bench: &Bench,
    looks: &mut Vec<Rates>,
) -> Result<String, String> {
    let before = look(targets, bench)?;
    let found = run_bench(target, &bench.name, CASE)?;
    let after = look(targets, bench)?;
    looks.extend([before.machine, after.machine]);
    let mut rows = String::new();
    for case in &found {
        let limited = Limited::new(case, before.or(&after, &case.argument));
        let least = limited.least();
        let name = format!("{}::{}", target.target, bench.name);
        let share = least
            .map_or("–".to_owned(), |least| format!("{:.0} %", 100.0 * least / case.shortest));
        let (taken, shortest) = (time(case.seconds), time(case.shortest));
        let (least, argument, work) =
            (least.map_or("–".to_owned(), time), &case.argument, limited.work());
        let _ = writeln!(
            rows,
            "| `{name}` | {argument} | {taken} | {shortest} | {work} | {least} | {share} |"
        );
    }
    Ok(rows)
}

/// What the machine does at one moment, and the benchmark that prices the items of another.
struct Look {
    machine: Rates,
    unit: Vec<Case>,
}

impl Look {
    /// The better of two looks, items at the argument given (or the only one).
    fn or(&self, other: &Self, argument: &str) -> Rates {
        let items = |look: &Self| {
            let same = look.unit.iter().find(|case| case.argument == argument);
            same.or(look.unit.first()).map_or(f64::NAN, |case| case.rates.items)
        };
        Rates {
            flops: self.machine.flops.max(other.machine.flops),
            bytes: self.machine.bytes.max(other.machine.bytes),
            items: items(self).max(items(other)),
        }
    }
}

fn look(targets: &[Built], bench: &Bench) -> Result<Look, String> {
    let find = |name: &str| {
        let target = targets.iter().find(|target| target.target == name);
        target
            .ok_or_else(|| format!("{}: its limit names {name}, which is no benchmark", bench.name))
    };
    let one = |name| -> Result<Rates, String> {
        Ok(run_bench(find("dense")?, name, LOOK)?
            .first()
            .map(|case| case.rates)
            .unwrap_or_default())
    };
    let (product, triad) = (one("matrix_product")?, one("memory_triad")?);
    let unit = match bench.unit() {
        Some((target, name)) => run_bench(find(target)?, name, LOOK)?,
        None => Vec::new(),
    };
    Ok(Look { machine: Rates { flops: product.flops, bytes: triad.bytes, items: 0.0 }, unit })
}

/// Runs one benchmark with all its arguments.
fn run_bench(target: &Built, name: &str, most: &str) -> Result<Vec<Case>, String> {
    let mut command = Command::new(&target.binary);
    command.current_dir(root());
    let filter = format!("^{}::{name}(::|$)", target.target);
    command.args([
        "--bench",
        "--color",
        "never",
        "--bytes-format",
        "decimal",
        "--max-time",
        most,
        &filter,
    ]);
    let output = command.stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
    let found = cases(&String::from_utf8_lossy(&output.stdout), name);
    if output.status.success() && !found.is_empty() {
        return Ok(found);
    }
    Err(format!("{}::{name} failed: {}", target.target, String::from_utf8_lossy(&output.stderr)))
}

/// The machine's rates over all looks, median and range.
fn rates(looks: &[Rates]) -> String {
    let spread = |of: fn(&Rates) -> f64, unit: &str| {
        let mut all: Vec<f64> = looks.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        let [Some(low), Some(high)] = [all.first(), all.last()] else { return String::new() };
        let median = all[all.len() / 2];
        format!("{}{unit} ({}–{})", scaled(median), scaled(*low).trim(), scaled(*high).trim())
    };
    format!(
        "Matrix product (n = 512, f64, one thread): {}.\nMemory triad: {}.\nMedian and range over {} looks.",
        spread(|look| look.flops, "flop/s"),
        spread(|look| look.bytes, "B/s"),
        looks.len()
    )
}

fn document(rows: &str, notes: &str, looks: &[Rates]) -> String {
    format!(
        "# Benchmarks

What a call costs, and how near that is to what the machine can do. Written by `cargo xtask bench --write`; measured on
one thread on {}.

{}

*Time* is the median; *shortest* the shortest. *Work* is counted by formula, stated for each benchmark below the table: floating-point operations, bytes of memory, or
items, which are evaluations of another benchmark. *Limit* is the time that this work would take at the best rate just before or after: operations at that of
a matrix product, bytes at that of a triad, items at that of the benchmark they name, one after the other. *Share* is limit over shortest time: what
interrupts a run lengthens it, so shortest times compare better than medians where a machine has other work. Above 100 % the work
was cheaper than its unit, as in caches or where evaluations share something. Where neither operations nor bytes nor another benchmark bound a call, no
limit is invented.

{HEADER}{rows}
## What is counted

{notes}",
        machine::describe(),
        rates(looks)
    )
}

fn save(path: &str, text: &str) -> Result<(), String> {
    let path = root().join(path);
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}
