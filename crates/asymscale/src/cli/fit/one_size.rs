//! A law of one size: E + A·N^-alpha, E + B·D^-beta or E + G·C^-gamma, with everything that is
//! asked of it.

pub(super) mod json;
mod words;

use crate::cli::Failure;
use crate::cli::fit::flags::columns::Columns;
use crate::cli::fit::two_sizes::analysis::{RESAMPLED_ROWS, SIGNED_ROWS, falls, rises, warnings};
use crate::cli::fit::two_sizes::suspicions::repeats;
use crate::cli::fit::{Best, FitFlags, IntervalName, request};
use crate::cli::output::{say, write, write_one};
use crate::cli::table::{WithTable, told};
use crate::fitting::{
    BootstrapInterval, Evidence, Fit, FitBootstrap, FitQuality, FittingError, Parameter,
    ParameterInterval, Parameters, Runs, fit_law, signal_test,
};
use crate::sampling::Key;
use asymscale_tables::{Lines, RunTable, Size, SizeTable, Table, many, read_one_size, read_runs};

/// Sizes closer than this, relatively, are one compute.
const SAME_COMPUTE: f64 = 0.05;
/// Times the largest size at which the loss is told.
const AHEAD: f64 = 10.0;

/// A loss that the law says, and its interval.
struct Predicted {
    size: f64,
    loss: f64,
    interval: Option<ParameterInterval>,
}

/// Everything an answer is made of.
pub(super) struct OneSize {
    of: Size,
    fit: Fit,
    objective: &'static str,
    /// One interval each for E, the amplitude and the exponent.
    intervals: Vec<ParameterInterval>,
    interval: &'static str,
    level: f64,
    resamples: usize,
    evidence: Evidence,
    quality: FitQuality,
    /// The share of E in the loss at the largest size, with its interval.
    floor_share: (f64, Option<ParameterInterval>),
    /// At ten times the largest size, then at the budgets that were asked for.
    predicted: Vec<Predicted>,
    /// What these runs are, beside their size.
    design: Option<String>,
    warnings: Vec<String>,
    lines: Lines,
}

/// The parameters of a law of one size.
const PARAMETERS: [Parameter; 3] = [Parameter::E, Parameter::A, Parameter::Alpha];

pub(super) fn run(flags: &FitFlags, of: Size) -> Result<String, Failure> {
    check(flags, of)?;
    let table = flags.table.open(&flags.file, false)?;
    let filters = flags.table.filters()?;
    let request = request(flags, &[], &filters);
    let found = read_one_size(&table, &request, of).map_err(crate::cli::table::refused)?;
    // Other sizes, where they stand in the same rows, say what runs these are.
    let both = read_runs(&table, &request).ok().filter(|both| both.lines == found.lines);
    let analysis = OneSize::new(flags, of, &found, both.as_ref())?;
    drop::<Table>(table);
    if flags.format.is_json() {
        let answer = json::Answer::new(&analysis);
        return Ok(write_one(&WithTable::new(&answer, &found.record)));
    }
    if flags.format.is_csv() {
        say(&told(&found.record));
        return Ok(write(&json::parameters(&analysis), true, flags.format));
    }
    Ok(told(&found.record) + &words::summary(&analysis, flags.format))
}

/// Refuses flags that a law of one size has no answer to.
fn check(flags: &FitFlags, of: Size) -> Result<(), Failure> {
    let refuse = |flag: &str, why: &str| {
        let law = words::name(of);
        Err(Failure::input(format!("{flag} with --law {law}: {why}")))
    };
    if flags.compute.is_some() && of != Size::Compute {
        return refuse(
            "--compute",
            "budgets are parted between N and D, which takes a law of both",
        );
    }
    if flags.columns.by().is_some() {
        return refuse(
            "--by",
            "kinds are compared by laws of N and D; --filter-column picks one kind",
        );
    }
    if flags.plot.is_some() {
        return refuse("--plot", "the figure is of a law of N and D");
    }
    if let Some(flag) = flags.held_out.asked() {
        return refuse(flag, "runs are held out of, and fits saved of, laws of N and D");
    }
    if flags.isoflop.isoflop {
        return refuse("--isoflop", "the curves are of runs of N and D");
    }
    if flags.repeats.asked() {
        return refuse("--repeats", "repeats are told by a law of N and D");
    }
    Ok(())
}

/// The runs of a table with their groups, and the rows that are used.
fn runs(flags: &FitFlags, of: Size, found: &SizeTable) -> Result<(Runs, Vec<usize>), Failure> {
    let losses = flags
        .measure
        .losses_of(found.measure, &found.losses, &found.lines)
        .map_err(|message| flags.refused(&message))?;
    let runs = Runs::of_one_size(&found.sizes, &losses);
    let runs = match &found.groups {
        Some(labels) => runs.and_then(|runs| runs.with_groups(labels)),
        None => runs,
    };
    let runs = runs.map_err(|error| flags.refuse(&error))?;
    let rows = match (flags.best, of) {
        (Best::All, _) => (0..runs.len()).collect(),
        (Best::LowerEnvelope, Size::Compute) => frontier(runs.features(), runs.losses()),
        (Best::LowerEnvelope, _) => runs.lower_envelope(),
    };
    Ok((runs.pick(&rows), rows))
}

/// Rows in the order of their sizes, parted where the size is no longer that of the first of a
/// part.
fn clusters(sizes: &[f64]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|&a, &b| sizes[a].total_cmp(&sizes[b]));
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    for row in order {
        match clusters.last_mut().filter(|rows| sizes[row] <= (1.0 + SAME_COMPUTE) * sizes[rows[0]])
        {
            Some(rows) => rows.push(row),
            None => clusters.push(vec![row]),
        }
    }
    clusters
}

/// The best run at each compute that no cheaper run beats.
fn frontier(sizes: &[f64], losses: &[f64]) -> Vec<usize> {
    let best = |rows: Vec<usize>| rows.into_iter().min_by(|&a, &b| losses[a].total_cmp(&losses[b]));
    let mut least = f64::INFINITY;
    let mut beats = |row: &usize| {
        let beats = losses[*row] < least;
        least = least.min(losses[*row]);
        beats
    };
    let mut rows: Vec<usize> =
        clusters(sizes).into_iter().filter_map(best).filter(&mut beats).collect();
    rows.sort_unstable();
    rows
}

impl OneSize {
    fn new(
        flags: &FitFlags,
        of: Size,
        found: &SizeTable,
        both: Option<&RunTable>,
    ) -> Result<Self, Failure> {
        let refuse = |error: FittingError| flags.refuse(&error);
        let (runs, rows) = runs(flags, of, found)?;
        let lines = found.lines.pick(rows.iter().copied());
        let mut options = flags.options();
        if let Some(starts) = crate::cli::fit::two_sizes::fitted::thinned_starts(&runs, &options) {
            options.starts = starts;
        }
        let fit = fit_law(&runs, &options).map_err(refuse)?;
        let key = Key::new(flags.seed).label("fit");
        let patterns = (SIGNED_ROWS / runs.len()).clamp(99, 999);
        let evidence = signal_test(&runs, patterns, &mut key.label("signal").stream()).any;
        let shown = falls(&evidence);
        let grouped = flags.group_column.is_some();
        let enough = grouped || runs.len() >= RESAMPLED_ROWS;
        let bootstrap = if shown && enough {
            crate::cli::fit::two_sizes::analysis::resampled(flags, &fit, &key).map_err(refuse)?
        } else {
            None
        };
        let by_resamples = bootstrap.as_ref().filter(|_| flags.interval != IntervalName::Profile);
        let interval = |parameter: Parameter| match by_resamples {
            Some(found) => found.interval(parameter, flags.level, BootstrapInterval::Bca),
            None => fit.profile_interval(parameter, flags.level),
        };
        let intervals =
            PARAMETERS.into_iter().map(interval).collect::<Result<_, _>>().map_err(refuse)?;
        let ends = |quantity: &dyn Fn(&Parameters) -> f64| {
            let of = |found: &FitBootstrap| {
                found.interval_of(quantity, flags.level, BootstrapInterval::Bca)
            };
            bootstrap.as_ref().map(of).transpose().map_err(refuse)
        };
        let largest = runs.features().iter().fold(0.0_f64, |most, &size| most.max(size));
        let share = |law: &Parameters| law.e / law.loss(largest, 1.0);
        let floor_share = (share(&fit.parameters), ends(&share)?);
        let asked = flags.compute.as_ref().map_or(&[][..], |compute| &compute.values);
        let predict = |&size: &f64| -> Result<Predicted, Failure> {
            let loss = |law: &Parameters| law.loss(size, 1.0);
            Ok(Predicted { size, loss: loss(&fit.parameters), interval: ends(&loss)? })
        };
        let sizes =
            std::iter::once(AHEAD * largest).chain(asked.iter().copied()).collect::<Vec<f64>>();
        let predicted = sizes.iter().map(predict).collect::<Result<_, _>>()?;
        let quality = fit.quality();
        let mut said =
            if shown { warnings(&fit, &[], bootstrap.as_ref(), &lines) } else { Vec::new() };
        let both = both.map(|both| Columns::sizes(both, &rows));
        said.extend(repeats(&quality, &lines, of.letter()));
        said.extend(spread(flags, of, &runs));
        let (design, other) = match &both {
            Some((features, samples)) => others(of, features, samples, &runs, &key.label("other")),
            None => (None, None),
        };
        said.extend(other);
        Ok(Self {
            of,
            objective: flags.objective.word(),
            intervals,
            interval: if by_resamples.is_some() { "bca" } else { "profile" },
            level: flags.level,
            resamples: bootstrap.as_ref().map_or(0, |found| found.refits.len()),
            evidence,
            quality,
            floor_share,
            predicted,
            design,
            warnings: said,
            lines,
            fit,
        })
    }

    fn is_shown(&self) -> bool {
        falls(&self.evidence)
    }

    fn is_rising(&self) -> bool {
        rises(&self.evidence)
    }
}

/// Several runs at one compute, of different losses.
fn spread(flags: &FitFlags, of: Size, runs: &Runs) -> Option<String> {
    if of != Size::Compute || flags.best != Best::All {
        return None;
    }
    let losses = runs.losses();
    let gap = |rows: &Vec<usize>| {
        let (low, high) = rows.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &row| {
            (low.min(losses[row]), high.max(losses[row]))
        });
        high / low - 1.0
    };
    let gaps: Vec<f64> =
        clusters(runs.features()).iter().filter(|rows| rows.len() > 1).map(gap).collect();
    let most = gaps.iter().copied().fold(0.0, f64::max);
    (most > 0.0).then(|| {
        format!(
            "at {} of compute there are several runs, whose losses differ by up to {}: the law goes through their middle; \
             --best lower-envelope takes those that no run of as much compute beats",
            many(gaps.iter().filter(|gap| **gap > 0.0).count(), "budget"),
            crate::cli::fit::answer::digits::percent(most)
        )
    })
}

/// What the other size is in these runs, and whether the loss depends on it as well.
fn others(
    of: Size,
    features: &[f64],
    samples: &[f64],
    runs: &Runs,
    key: &Key,
) -> (Option<String>, Option<String>) {
    let (letter, values) = match of {
        Size::Features => ("D", samples),
        Size::Samples => ("N", features),
        Size::Compute => return (Some(ratios(features, samples)), None),
    };
    let (low, high) =
        values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &v| (low.min(v), high.max(v)));
    let shown = crate::cli::fit::answer::digits::digits;
    if low == high {
        let design = format!(
            "All runs have {letter} = {}: E holds what that {letter} leaves, and of other {letter} nothing is known.",
            shown(low)
        );
        return (Some(design), None);
    }
    let both = Runs::new(features, samples, runs.losses());
    let evidence = both.map(|runs| {
        let signal = signal_test(&runs, 999, &mut key.stream());
        if of == Size::Features { signal.samples } else { signal.features }
    });
    let law = words::name(of);
    let mixed = evidence.ok().filter(falls).map(|evidence| {
        format!(
            "beside {} the loss falls with {letter}, which goes from {} to {} ({}): --law {law} mixes these runs; --filter-column takes \
             those of one {letter}, --law free has both",
            of.letter(),
            shown(low),
            shown(high),
            crate::cli::fit::answer::digits::p_value(evidence.p_value)
        )
    });
    (None, mixed)
}

/// Along which shapes compute was spent.
fn ratios(features: &[f64], samples: &[f64]) -> String {
    let ratios = samples.iter().zip(features).map(|(d, n)| d / n);
    let (low, high) = ratios
        .fold((f64::INFINITY, 0.0_f64), |(low, high), ratio| (low.min(ratio), high.max(ratio)));
    let shown = crate::cli::fit::answer::digits::digits;
    if high < 1.5 * low {
        format!(
            "All runs have about {} tokens or examples per parameter: the law is that of this D/N.",
            shown(low)
        )
    } else {
        format!(
            "D/N of the runs goes from {} to {}: the law is that of the N and D they have, not of the best ones; --best lower-envelope \
             takes runs that no cheaper one beats.",
            shown(low),
            shown(high)
        )
    }
}
