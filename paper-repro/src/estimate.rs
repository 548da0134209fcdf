//! `--estimate`: core-hours, memory and disk of a preset, from what cells took before; nothing is
//! kept.
//!
//! The cells of the quick preset are run once for their memory and disk, and for their seconds
//! where no cell of the chapter is on record. Seconds a repeat are taken to grow as a power of the
//! samples, which is fitted to each kind of cell.

mod model;

use crate::process;
use crate::runner::{Context, Outcome, RunError};
use crate::seconds::recorded;
use crate::sweeps::{in_chapter, plan, plans};
use crate::{Chapter, Fingerprint, Preset, Variant, files};
use asymscale_sweep::{Cell, Provenance, write_csv};
use model::{Law, Power, Range, Size, Timed, shards};
use std::collections::BTreeMap;
use std::time::Instant;

/// Power of the samples with which a dense design's memory grows.
const DENSE: f64 = 2.0;
/// A part's header and checksum, in bytes.
const HEADER: f64 = 600.0;

/// What a cluster allocates to each shard of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Allocation {
    /// Wall time in seconds.
    pub wall: f64,
    /// Number of cores.
    pub cores: f64,
}

/// What a chapter, or several, will take.
#[derive(Debug, Default)]
struct Cost {
    cells: usize,
    /// Number of cells of a kind that was never run, so that their seconds are unknown.
    unknown: usize,
    /// Number of cells of a kind that the quick preset lacks, so that their memory and disk are
    /// unknown.
    roomless: usize,
    seconds: Range,
    /// Seconds of the longest cell of every sweep, added up.
    longest: Range,
    memory: f64,
    disk: f64,
    /// The power of the samples for the longest cell; none for several chapters together.
    power: Option<Power>,
}

impl Cost {
    fn add(&mut self, other: &Self) {
        self.cells += other.cells;
        self.unknown += other.unknown;
        self.roomless += other.roomless;
        self.seconds += other.seconds;
        self.longest += other.longest;
        self.memory = self.memory.max(other.memory);
        self.disk += other.disk;
    }
}

/// Measures and prints.
///
/// # Errors
/// Whatever a chapter's own code says.
pub(crate) fn print(allocation: Allocation, context: &Context) -> Result<Outcome, RunError> {
    let begun = Instant::now();
    let mut all = Cost::default();
    println!("{HEAD}");
    for chapter in &context.chapters {
        let code = Fingerprint::of_rows(chapter).value;
        let recorded = recorded(&files::seconds(context), chapter.id, &code);
        let cost = cost(chapter, context.preset, &recorded)?;
        println!("{}", line(chapter.id, &cost));
        all.add(&cost);
    }
    println!("{}", line("all", &all));
    println!("\n{}", advice(&all, allocation));
    println!("{NOTE}\nmeasured in {:.0} s; nothing was kept", begun.elapsed().as_secs_f64());
    Ok(Outcome::Done)
}

const HEAD: &str = "chapter                   cells core-hours (low … high)      memory≤      disk  power of samples";
const NOTE: &str = "core-hours: on cores like these, planted defects included; low and high: the power of the samples two standard errors off (never
above 3), or 2 and 3 where it is assumed. The power shown is that of the longest cell's kind. memory: a process of one thread at most, as if every
design were dense: the peak of the quick preset, scaled by samples squared, or by the higher power of the seconds if that is less. disk: rows, scaled by their repeats.";

fn line(name: &str, cost: &Cost) -> String {
    let power = match cost.power {
        None => String::new(),
        Some(Power { range, is_measured: true }) => format!("{:.2} … {:.2}", range.low, range.high),
        Some(_) => "2 … 3 assumed".to_owned(),
    };
    format!(
        "{name:<24} {:>6} {} {:>9} {:>9}  {power}{}",
        cost.cells,
        hours(cost.seconds),
        megabytes(cost.memory),
        megabytes(cost.disk),
        left_out(cost)
    )
}

/// The cells that the figures leave out, in words.
fn left_out(cost: &Cost) -> String {
    let counts = [(cost.unknown, "seconds"), (cost.roomless, "memory and disk")];
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.fold(String::new(), |text, (count, what)| {
        format!("{text}  without {what} of {count} cells, unknown")
    })
}

fn hours(seconds: Range) -> String {
    let [low, middle, high] =
        [seconds.low, seconds.middle, seconds.high].map(|s| format!("{:.3}", s / 3600.0));
    format!("{middle:>9} ({low:>8} … {high:>8})")
}

fn megabytes(bytes: f64) -> String {
    if bytes > 0.0 { format!("{:.1} MB", bytes / 1e6) } else { "unknown".to_owned() }
}

/// How many shards, in words.
fn advice(all: &Cost, allocation: Allocation) -> String {
    let wall = allocation.wall / 3600.0;
    let count =
        |total: f64, longest: f64| shards(total, longest, allocation.wall, allocation.cores);
    let middle = count(all.seconds.middle, all.longest.middle);
    match (middle, count(all.seconds.high, all.longest.high)) {
        (Some(middle), Some(high)) => format!(
            "shards of {} cores to end within {wall:.2} h: {middle}, or {high} if the high values hold{}",
            allocation.cores,
            left_out(all)
        ),
        _ => format!(
            "no number of shards surely ends within {wall:.2} h: the longest cells of the sweeps, one after the other, take {:.2} h, or {:.2} h if the high values hold",
            all.longest.middle / 3600.0,
            all.longest.high / 3600.0
        ),
    }
}

fn cost(chapter: &Chapter, preset: Preset, recorded: &[(Cell, f64)]) -> Result<Cost, RunError> {
    let start = process::resident();
    let measured = measure(chapter)?;
    let on_record =
        recorded.iter().map(|(cell, seconds)| Timed { size: Size::of(cell), seconds: *seconds });
    let mut timed: Vec<Timed> = on_record.collect();
    if timed.is_empty() {
        timed = measured.iter().map(|cell| cell.timed.clone()).collect();
    }
    let laws = laws(&timed);
    let mut cost = Cost::default();
    for (number, plan) in plans(chapter, preset)?.iter().enumerate() {
        let is_sound = number == 0;
        let mut longest = Range::default();
        for cell in plan.cells() {
            let size = Size::of(cell);
            cost.cells += 1;
            let law = laws.get(&size.kind);
            add_room(&mut cost, &size, law, &measured, start);
            let Some(law) = law else {
                cost.unknown += 1;
                continue;
            };
            let seconds = law.seconds(&size);
            cost.seconds += seconds;
            if seconds.middle > longest.middle {
                longest = seconds;
                if is_sound {
                    cost.power = Some(law.power);
                }
            }
        }
        cost.longest += longest;
    }
    Ok(cost)
}

/// Adds a cell's memory and disk. Memory grows as the square of the samples at most, and no faster
/// than the time it takes to fill it.
fn add_room(cost: &mut Cost, size: &Size, law: Option<&Law>, measured: &[Measured], start: f64) {
    let power = law.map_or(DENSE, |law| law.power.range.high.min(DENSE));
    let alike = || measured.iter().filter(|other| other.timed.size.kind == size.kind);
    if alike().next().is_none() {
        cost.roomless += 1;
        return;
    }
    let largest = alike().map(|other| other.timed.size.samples).fold(1.0, f64::max);
    let reach = size.samples / largest;
    let peak = alike().map(|other| other.memory).fold(start, f64::max);
    cost.memory = cost.memory.max(start + (peak - start) * reach.max(1.0).powf(power));
    let row = alike().map(|other| other.disk / other.timed.size.repeats).fold(0.0, f64::max);
    cost.disk += HEADER + row * size.repeats;
}

fn laws(timed: &[Timed]) -> BTreeMap<String, Law> {
    let mut kinds: BTreeMap<String, Vec<&Timed>> = BTreeMap::new();
    for cell in timed {
        kinds.entry(cell.size.kind.clone()).or_default().push(cell);
    }
    kinds.into_iter().filter_map(|(kind, cells)| Some((kind, Law::fit(&cells)?))).collect()
}

/// A cell that was run here.
struct Measured {
    timed: Timed,
    /// Peak of the process's resident memory while it ran, in bytes; 0 where the system does not
    /// say.
    memory: f64,
    /// Its rows, in bytes.
    disk: f64,
}

/// Runs the cells of the quick preset.
fn measure(chapter: &Chapter) -> Result<Vec<Measured>, RunError> {
    plan(chapter, Preset::Quick, Variant::Sound)?
        .cells()
        .iter()
        .map(|cell| run(chapter, cell))
        .collect()
}

fn run(chapter: &Chapter, cell: &Cell) -> Result<Measured, RunError> {
    process::forget_peak();
    let begun = process::seconds();
    let rows =
        chapter.run.rows(cell, Variant::Sound).map_err(|error| in_chapter(chapter, &error))?;
    let timed = Timed { size: Size::of(cell), seconds: process::seconds() - begun };
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &Provenance::default(), &rows)?;
    Ok(Measured { timed, memory: process::peak(), disk: bytes.len() as f64 })
}
