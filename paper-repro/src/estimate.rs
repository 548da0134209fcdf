//! `--estimate`: core-hours, memory and disk of a profile, from what cells of any profile took before; nothing is kept.
//!
//! Of every kind of cell in a chapter a few of the quick profile are run, spread over its sizes, for their memory and disk; where no cell of
//! the chapter is on record, also one of every larger size of the default profile that promises to be short. Seconds a repeat
//! are taken to grow as a power of the samples, which is fitted.

mod model;
mod process;

use crate::runner::{Request, RunError, in_chapter, plan};
use crate::seconds::recorded;
use crate::{Chapter, Profile, Variant, files};
use asymscale_sweep::{Cell, Provenance, write_csv};
use model::{Law, Measured, Range, Size, shards};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Cells of a kind that are run of the quick profile.
const SPREAD: usize = 4;
/// Seconds a cell of the default profile may promise to take.
const SHORT: f64 = 2.0;
/// A measurement's length: the system counts processor time in steps of some milliseconds.
const LONG_ENOUGH: Duration = Duration::from_millis(60);
/// A part's header and checksum, in bytes.
const HEADER: f64 = 600.0;

/// What the user would like of a cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// Seconds that everything may take.
    pub wall: f64,
    /// Cores of a shard.
    pub cores: f64,
}

/// What a chapter will take.
#[derive(Debug, Default)]
struct Cost {
    cells: usize,
    seconds: Range,
    /// The longest cell of the chapter, and that of its defect.
    longest: f64,
    memory: f64,
    disk: f64,
    /// Largest samples over the largest measured.
    reach: f64,
    power: Range,
    assumed: bool,
}

/// Measures and prints.
///
/// # Errors
/// Whatever a chapter's own code says.
pub(crate) fn estimate(request: &Request, wish: Wish) -> Result<(), RunError> {
    let begun = Instant::now();
    let (mut all, mut longest, mut memory, mut disk) = (Range::default(), 0.0, 0.0, 0.0);
    println!("{HEAD}");
    for chapter in &request.chapters {
        let cost = cost(chapter, request.profile, recorded(&files::seconds(request), chapter.id))?;
        println!("{}", line(chapter.id, &cost));
        all += cost.seconds;
        longest += cost.longest;
        memory = f64::max(memory, cost.memory);
        disk += cost.disk;
    }
    println!("{:<24} {:>6} {} {:>9} {:>9}", "all", "", hours(all), megabytes(memory), megabytes(disk));
    println!("\n{}", advice(all, longest, wish));
    println!("{NOTE}\nmeasured in {:.0} s; nothing was kept", begun.elapsed().as_secs_f64());
    Ok(())
}

const HEAD: &str =
    "chapter                   cells core-hours (low … high)       memory      disk  power of samples, reach";
const NOTE: &str = "core-hours: processor time on cores like these; low and high: the power of the samples two standard errors off, or 2 and 3 where it is assumed.
memory: a process of one thread, its peak while measuring, what is above its start scaled by samples squared (the most a dense design needs).
disk: rows of all cells, scaled by their repeats. reach: samples of the largest cell over those of the largest measured. Planted defects are in.";

fn line(name: &str, cost: &Cost) -> String {
    let power = if cost.assumed {
        "2 … 3 assumed".to_owned()
    } else {
        format!("{:.2} … {:.2}", cost.power.low, cost.power.high)
    };
    format!(
        "{name:<24} {:>6} {} {:>9} {:>9}  {power}, {:.1}",
        cost.cells,
        hours(cost.seconds),
        megabytes(cost.memory),
        megabytes(cost.disk),
        cost.reach
    )
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
fn advice(all: Range, longest: f64, wish: Wish) -> String {
    let (wall, cores) = (wish.wall / 3600.0, wish.cores);
    let count = |total: f64| shards(total, longest, wish.wall, cores);
    match (count(all.middle), count(all.high)) {
        (Some(middle), Some(high)) => {
            format!(
                "shards of {cores} cores to end within {wall:.2} h: {middle}, or {high} if the high values hold"
            )
        }
        _ => format!(
            "no number of shards surely ends within {wall:.2} h: the longest cells of the sweeps, one after the other, take {:.2} h",
            longest / 3600.0
        ),
    }
}

fn cost(chapter: &Chapter, profile: Profile, recorded: Vec<(Cell, f64)>) -> Result<Cost, RunError> {
    let start = process::resident();
    let measured = measure(chapter, recorded)?;
    let laws = laws(&measured);
    let mut cost = Cost::default();
    for (profile, variant) in [(profile, Variant::Sound), (Profile::Quick, Variant::Defect)] {
        let mut longest = 0.0;
        for cell in plan(chapter, profile, variant)?.cells() {
            let size = Size::of(cell);
            // A kind that only this profile has is taken to cost what the chapter's others do.
            let Some(law) = laws.get(&size.kind).or_else(|| laws.values().next()) else { continue };
            let seconds = law.seconds(&size);
            cost.cells += 1;
            cost.seconds += seconds;
            longest = f64::max(longest, seconds.middle);
            add_room(&mut cost, &size, &measured, start);
            if seconds.middle == longest && !variant.is_defect() {
                (cost.power, cost.assumed) = (law.power, !law.is_measured);
            }
        }
        cost.longest += longest;
    }
    Ok(cost)
}

/// Adds a cell's memory, disk and reach.
fn add_room(cost: &mut Cost, size: &Size, measured: &[Measured], start: f64) {
    // What is only on record has no memory or disk.
    let alike = || measured.iter().filter(|other| other.size.kind == size.kind && other.disk > 0.0);
    let largest = alike().map(|other| other.size.samples).fold(1.0, f64::max);
    let reach = size.samples / largest;
    let peak = alike().map(|other| other.memory).fold(start, f64::max);
    cost.memory = cost.memory.max(start + (peak - start) * reach.max(1.0).powi(2));
    cost.reach = cost.reach.max(reach);
    let row = alike().map(|other| other.disk / other.size.repeats).fold(0.0, f64::max);
    cost.disk += HEADER + row * size.repeats;
}

fn laws(measured: &[Measured]) -> BTreeMap<String, Law> {
    let mut kinds: BTreeMap<String, Vec<&Measured>> = BTreeMap::new();
    for cell in measured {
        if cell.seconds > 0.0 {
            kinds.entry(cell.size.kind.clone()).or_default().push(cell);
        }
    }
    kinds.into_iter().filter_map(|(kind, cells)| Some((kind, Law::fit(&cells)?))).collect()
}

/// Runs a few small cells of every kind, and adds those on record.
fn measure(chapter: &Chapter, recorded: Vec<(Cell, f64)>) -> Result<Vec<Measured>, RunError> {
    let mut measured = Vec::new();
    let quick = plan(chapter, Profile::Quick, Variant::Sound)?;
    for cells in by_kind(quick.cells()).into_values() {
        let stride = cells.len().div_ceil(SPREAD);
        for (_, cell) in cells.iter().rev().step_by(stride) {
            measured.push(run(chapter, cell)?);
        }
    }
    if !recorded.is_empty() {
        let known = recorded.iter().map(|(cell, _)| Size::of(cell)).collect::<Vec<_>>();
        // A cell on record need not be taken at what it took alone.
        measured.iter_mut().filter(|cell| known.contains(&cell.size)).for_each(|cell| cell.seconds = 0.0);
        let of = |(cell, seconds): (Cell, f64)| Measured {
            size: Size::of(&cell),
            seconds,
            memory: 0.0,
            disk: 0.0,
        };
        measured.extend(recorded.into_iter().map(of));
        return Ok(measured);
    }
    let default = plan(chapter, Profile::Default, Variant::Sound)?;
    for cells in by_kind(default.cells()).into_values() {
        let mut largest = 0.0;
        for (size, cell) in cells {
            let alike: Vec<&Measured> =
                measured.iter().filter(|other| other.size.kind == size.kind).collect();
            largest = alike.iter().map(|other| other.size.samples).fold(largest, f64::max);
            let is_short = Law::fit(&alike).is_some_and(|law| law.seconds(&size).high < SHORT);
            if size.samples > largest && is_short {
                measured.push(run(chapter, cell)?);
            }
        }
    }
    Ok(measured)
}

/// The cells of each kind, the fewest samples first.
fn by_kind(cells: &[Cell]) -> BTreeMap<String, Vec<(Size, &Cell)>> {
    let mut kinds: BTreeMap<String, Vec<(Size, &Cell)>> = BTreeMap::new();
    for cell in cells {
        let size = Size::of(cell);
        kinds.entry(size.kind.clone()).or_default().push((size, cell));
    }
    for cells in kinds.values_mut() {
        cells.sort_by(|(a, _), (b, _)| a.samples.total_cmp(&b.samples));
    }
    kinds
}

/// Runs a cell, a short one again and again until the time it takes can be told.
fn run(chapter: &Chapter, cell: &Cell) -> Result<Measured, RunError> {
    process::forget_peak();
    let (clock, begun, mut times) = (Instant::now(), process::seconds(), 0.0);
    let rows = loop {
        let rows = chapter.run.rows(cell, Variant::Sound).map_err(|error| in_chapter(chapter, &error))?;
        times += 1.0;
        if clock.elapsed() > LONG_ENOUGH {
            break rows;
        }
    };
    let seconds = (process::seconds() - begun) / times;
    let mut bytes = Vec::new();
    write_csv(&mut bytes, &Provenance::default(), &rows)?;
    Ok(Measured { size: Size::of(cell), seconds, memory: process::peak(), disk: bytes.len() as f64 })
}
