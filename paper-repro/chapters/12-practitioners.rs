//! # 12 Practitioners: what a table of training runs can tell
//!
//! Practitioners have tables of parameters $N$, data $D$ and loss, and fit
//! $L = E + A N^{-\alpha} + B D^{-\beta}$ to them. (In this chapter $\alpha$ and $\beta$ are these
//! fitted exponents; those of the model are called spectral and activity exponent.) The smaller of
//! the two exponents tells whether data or parameters are more expensive, so the fit must say how
//! certain it is. We fit 104 public runs, and 296 runs that used their data more than once. We
//! check intervals on data whose law is known and whose errors are like those of real runs. And we
//! fit runs of our own model, whose loss is not a sum of two powers.

use crate::kit::{self, Entry, RealErrors, RunSizes, SETS, Spread};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Tolerance, Variant,
};
use asymscale_fitting::{FitOptions, Floor, Law, Parameter};
use asymscale_plots::Figure;
use asymscale_sampling::Key;
use asymscale_sweep::{Cell, Table, Tolerance as Drift};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub(super) const CHAPTER: Chapter = Chapter {
    id: "12-practitioners",
    claims: &[],
    assumes: "public runs are taken as they were published. For intervals, runs (or groups of checkpoints) are independent of each other.",
    #[rustfmt::skip]
    crates: &["asymscale-fitting", "asymscale-model", "asymscale-sampling", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("12-practitioners.rs"),
    defect: Defect {
        name: "no irreducible loss",
        description: "The law is fitted without E, as by straight lines through double-logarithmic plots.",
        #[rustfmt::skip]
        turns_red: &["five-parameters", "five-1b", "five-7b", "coverage-grid", "coverage-public", "size-grid", "size-public", "real-signs", "real-by-size", "real-heavy-tails", "real-shared", "repeats-fresh"],
    },
    plan,
    run: crate::Run::ByVariant(run),
    report,
};

// The runs are those of Gadre et al. 2024 (arXiv 2403.08540): on each of three training sets there
// are four sizes of model, each trained on 5 to 640 tokens per parameter, and two or three larger
// models, above $10^9$ parameters, to be predicted from them. Each of four evaluations gives a loss
// of its own, so there are twelve fits.
const EVALUATIONS: [&str; 4] = ["c4_val", "openlm", "paloma_redpajama", "paloma_ptb"];

// All fits but the five-point fit minimise the Huber loss of Hoffmann et al., from 36 starting
// points.
fn options(law: Law, variant: Variant) -> FitOptions {
    let floor = if variant.is_defect() { Floor::Fixed(0.0) } else { Floor::Free };
    FitOptions { law, floor, ..FitOptions::default() }
}

// Intervals are checked on data drawn from a known law with 1 % log-normal noise, on a square grid
// of sizes and at the sizes of the public runs, which are less even. The law with a single exponent
// shows how often the test of one exponent against two rejects wrongly.
const SIZES: [RunSizes; 2] = [RunSizes::Grid, RunSizes::Public];
const NOISE: f64 = 0.01;

// Real errors differ from run to run. Four kinds stand for them: the residuals of public runs with
// random signs, errors that are larger far from 20 tokens per parameter, errors with heavy tails,
// and errors that the checkpoints of a run share. Under each kind we check the intervals that the
// command gives by default, from the corrected bootstrap of runs (or of groups of checkpoints), for
// everything that is derived from a fit: the parameters, their ratio, the best $N$ at ten times the
// compute, and the loss at ten times $N$ and $D$.

// Runs of our own model are those with $\beta = 2$, whose exponents are $\alpha$ in $N$ and
// $\alpha/2$ in $D$: with the best ridge at every size and without label noise, so that nothing is
// irreducible.
const ALPHAS: [(f64, &str); 2] = [(0.5, "a05"), (1.0, "a10")];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Fit { set: String, evaluation: String, resamples: usize, data: u64 },
    Five { data: u64 },
    Coverage { sizes: RunSizes, block: usize, sets: usize, resamples: usize, data: u64 },
    Size { sizes: RunSizes, block: usize, sets: usize, data: u64 },
    Own { name: String, alpha: f64, sets: usize, side: usize },
    Errors { errors: RealErrors, block: usize, sets: usize, resamples: usize, data: u64 },
    Parabolas {},
    Repeats { resamples: usize, data: u64 },
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (blocks, sets, own, side) = preset.pick((1, 60, 24, 5), (4, 50, 200, 7), (20, 50, 1000, 7));
    let (resamples, refits) = preset.pick((199, 0), (399, 199), (1999, 399));
    let data = kit::public_runs_version();
    let mut cells = vec![Cell::new("five-point fit", &Task::Five { data })?];
    for (set, evaluation) in SETS.iter().flat_map(|(set, _)| EVALUATIONS.map(|loss| (*set, loss))) {
        let task = Task::Fit { set: set.into(), evaluation: evaluation.into(), resamples, data };
        cells.push(Cell::new(format!("{set} {evaluation}"), &task)?);
    }
    for block in 0..blocks {
        for sizes in SIZES {
            let name = sizes.name();
            let coverage = Task::Coverage { sizes, block, sets, resamples: refits, data };
            cells.push(Cell::new(format!("coverage {name} {block}"), &coverage)?);
            cells.push(Cell::new(
                format!("size {name} {block}"),
                &Task::Size { sizes, block, sets, data },
            )?);
        }
    }
    let (blocks, sets, refits) = preset.pick((1, 12, 199), (4, 50, 399), (20, 50, 399));
    for (block, errors) in
        (0..blocks).flat_map(|block| RealErrors::ALL.map(|errors| (block, errors)))
    {
        let task = Task::Errors { errors, block, sets, resamples: refits, data };
        cells.push(Cell::new(format!("errors {} {block}", errors.name()), &task)?);
    }
    cells.push(Cell::new("parabolas", &Task::Parabolas {})?);
    let repeats =
        Task::Repeats { resamples: preset.pick(0, 399, 1999), data: kit::repeated_runs_version() };
    cells.push(Cell::new("repeats", &repeats)?);
    for (alpha, name) in ALPHAS {
        let task = Task::Own { name: name.into(), alpha, sets: own, side };
        cells.push(Cell::new(format!("own {name}"), &task)?);
    }
    Ok(cells)
}

// Rows are in long form: the quantity, the data it belongs to, its value with its interval, and the
// number of cases behind it.
fn run(cell: &Cell, variant: Variant) -> Result<Table, ChapterError> {
    let key = Key::new(kit::seed_of(cell.name()));
    let free = options(Law::Free, variant);
    let entries = match cell.read()? {
        Task::Fit { set, evaluation, resamples, .. } => {
            kit::public_fit_entries(&set, &evaluation, resamples, &free, &key)
        }
        Task::Five { .. } => kit::five_point_entries(&options(Law::Tied, variant)),
        Task::Coverage { sizes, sets, resamples, .. } => {
            let law = sizes.law(false, NOISE)?;
            kit::coverage_entries(sizes.name(), &law, (sets, resamples), &free, &key)
        }
        Task::Size { sizes, sets, .. } => {
            let law = sizes.law(true, NOISE)?;
            kit::size_entries(sizes.name(), &law, sets, &free, &key)
        }
        Task::Own { alpha, name, sets, side } => {
            kit::own_model_entries(&name, alpha, (sets, NOISE, side), &free, &key)
        }
        Task::Errors { errors, sets, resamples, .. } => {
            kit::real_error_entries(errors, (sets, resamples), &free, &key)
        }
        Task::Parabolas {} => kit::isoflop_entries(&key),
        Task::Repeats { resamples, .. } => kit::repeated_entries(&free, resamples, &key),
    };
    kit::entry_rows(&entries?)
}

// A fit of all runs of a training set gives parameters with profile intervals and the p-value of
// one exponent. A fit of the small models alone predicts the large ones, each with an interval for
// the loss of one run. It also gives an interval for the mean error at the large models, which
// should contain zero if the law holds there.
//
// Gadre et al. predict two large models from five small ones by least squares of the loss, with one
// exponent $b = -\alpha$ and $\sqrt{6} D$ for $D$.
//
// The first findings reproduce the published fit: its four parameters to the digits given, and two
// held-out errors to the last published digit of their percentage.
//
// The second predicts the large models of every training set from all small ones. The published fit
// was off by less than one per cent. The errors of one model at its evaluations are correlated, so
// a model counts as one measurement, the median of its errors. The tolerance is one per cent more,
// by which a single run scatters about its law.
fn held_out(all: &[Entry]) -> Finding {
    let errors: Vec<&Entry> = all.iter().filter(|e| e.kind == "held-out").collect();
    let names: BTreeSet<&str> = errors.iter().map(|e| e.quantity.as_str()).collect();
    let of = |name| errors.iter().filter(move |e| e.quantity == name).map(|e| e.value.abs());
    let medians = names.into_iter().map(|name| kit::median_of(&of(name).collect::<Vec<_>>()));
    let Spread { median, interval } = Spread::of(medians.collect());
    let statement = "median relative error at the large models, predicted from the small ones";
    Finding::of("held-out", statement)
        .predicted(Prediction::AtMost(0.01))
        .measured((median, interval))
        .within(Tolerance::statistical(0.01, "spread of a single run about its law"))
}

// The third are on data from a known law: nominal 95 % intervals should cover in at least 93 % of
// cases, and a nominal 5 % test should reject in at most 7 %.
fn calibration(all: &[Entry]) -> Vec<Finding> {
    let of = |sizes: RunSizes| {
        let name = sizes.name();
        let shares = Parameter::ALL.iter().map(|p| kit::proportion(all, "profile", name, p.name()));
        let (covered, rejected) =
            (kit::least(shares), kit::proportion(all, "size", name, "rejected"));
        let coverage = format!(
            "{name} sizes: coverage of nominal 95 % profile intervals, least of six parameters"
        );
        let coverage = Finding::of(format!("coverage-{name}"), coverage);
        let size = format!(
            "{name} sizes: share of laws with one exponent that a nominal 5 % test rejects"
        );
        let size = Finding::of(format!("size-{name}"), size);
        [
            kit::proportion_finding(coverage, Prediction::AtLeast(0.93), covered, 6),
            kit::proportion_finding(size, Prediction::AtMost(0.07), rejected, 1),
        ]
    };
    SIZES.into_iter().flat_map(of).collect()
}

// The fourth ask the same of the default intervals under errors like those of real runs, for
// everything that is derived from a fit.
fn under_real_errors(all: &[Entry]) -> [Finding; 4] {
    RealErrors::ALL.map(|errors| {
        let shares =
            kit::QUANTITIES.map(|name| kit::proportion(all, "real errors", errors.name(), name));
        let statement = format!(
            "{}: coverage of nominal 95 % bootstrap intervals, least of eight",
            errors.said()
        );
        let statement = Finding::of(format!("real-{}", errors.name()), statement);
        let least = kit::least(shares.into_iter());
        kit::proportion_finding(statement, Prediction::AtLeast(0.93), least, 8)
    })
}

// The fifth are about parabolas. The minimum of a parabola fitted to the losses at one compute
// budget is not that of the loss. Around the best $N$ a sum of two powers has a cubic part that is
// $(\beta - \alpha)/3$ of the quadratic one, so on a grid of $\ln N$ with moments $m_2$ and $m_4$
// the minimum of the parabola is off by $(\alpha - \beta) m_4/(6 m_2)$, up to the next order in the
// square of the half-width. If every budget has the same grid around its own best $N$, the shift is
// the same for all, and the exponent is right.
//
// The sixth is about runs that repeat their data at most one and a half times, which are as good as
// fresh. Their law with one exponent was published, to three or four digits, and should be found
// again.

// The last are about runs of our own model, of which the sum of two powers is not the law at any
// size. With the best ridge the loss at $\beta = 2$ is $N^{-\alpha} f(D/N^2)$, up to corrections at
// finite sizes: if $N$ is multiplied by a factor and $D$ by its square, only the unit of the loss
// changes. So a fit has the same relative error on every large grid. We predict that the fitted
// exponents do not change from a grid of {fact.own-from} features and more to one of four times as
// many. Their error follows from the shape of $f$ and is reported, not predicted. Intervals do not
// include it and need not cover, but the test should detect that there are two exponents.
fn own_model(all: &[Entry]) -> [Finding; 3] {
    let [from, to] = kit::OWN_SCALES;
    let at = |name: &str, scale: f64, parameter: &str| {
        let of = format!("{name} {scale}");
        let found =
            all.iter().find(|e| e.kind == "own larger" && e.of == of && e.quantity == parameter);
        found.map_or(f64::NAN, |e| e.value)
    };
    let pairs =
        ALPHAS.iter().flat_map(|(_, name)| ["alpha", "beta"].map(|parameter| (*name, parameter)));
    let moved = |(name, parameter)| (at(name, to, parameter) - at(name, from, parameter)).abs();
    let worst = pairs.map(moved).fold(0.0, f64::max);
    let scaling = "own model: largest change of a fitted exponent over the true one, from a large grid to one four times as large in N, sixteen times in D";
    let scaling = Finding::of("own-scaling", scaling)
        .predicted(Prediction::AtMost(0.0))
        .measured(Measured::Exact(worst))
        .within(Tolerance::finite_size(0.005, "the smallest sizes have 640 features"));
    let of = |kind: &'static str| {
        let here = all.iter().filter(move |e| e.kind == kind);
        kit::least(here.map(|e| kit::proportion(all, &e.kind, &e.of, &e.quantity)))
    };
    let (covered, two) = (of("own covered"), of("own rejected"));
    let coverage = "own model: coverage of nominal 95 % intervals, least of four exponents";
    let coverage = Finding::of("own-coverage", coverage);
    let rejected = "own model: share of noisy tables in which one exponent is rejected";
    let rejected = Finding::of("own-two", rejected);
    [
        scaling,
        kit::proportion_finding(coverage, Prediction::AtMost(0.93), covered, 4),
        kit::proportion_finding(rejected, Prediction::AtLeast(0.95), two, 2),
    ]
}

const EXACT: Drift = Drift { absolute: 1e-9, relative: 1e-6 };
const DRIFT: &[(&str, Drift)] = &[("value", EXACT), ("low", EXACT), ("high", EXACT)];

fn report(rows: &Table, _preset: Preset, _variant: Variant) -> Result<Report, ChapterError> {
    let all = kit::merged(kit::entries(rows)?);
    let fits = kit::published_findings(&all).into_iter().chain([held_out(&all)]);
    let checks = calibration(&all)
        .into_iter()
        .chain(under_real_errors(&all))
        .chain(kit::parabola_findings(&all));
    let findings =
        fits.chain(checks).chain([kit::fresh_finding(&all)]).chain(own_model(&all)).collect();
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Exponents of the public runs, predictions of the large ones, coverage of intervals where the law is known, also under errors as of real runs, what parabolas at one compute get wrong, and misfit of the law on our own model".into(),
        figure: Figure { title: "What a table of training runs can tell".into(), panels: kit::run_panels(&all), columns: 2, width: 900.0, height: 1080.0, ..Figure::default() },
        data: kit::entry_rows(&all)?,
        keys: &["kind", "of", "quantity"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts: facts(&all) })
}

// A value with its interval, to two decimals.
fn ends2(entry: Option<Entry>) -> String {
    entry.map_or(String::new(), |e| {
        format!("{:.2} ({:.2} to {:.2})", e.value, e.interval.0, e.interval.1)
    })
}

// Numbers that are reported without a prediction.
#[rustfmt::skip]
fn facts(all: &[Entry]) -> Vec<(String, String)> {
    let of = |kind: &'static str| all.iter().filter(move |e| e.kind == kind);
    let p: Vec<f64> = of("p-value").map(|e| e.value).collect();
    let smallest = p.iter().copied().fold(1.0, f64::min);
    let ratios: Vec<&Entry> = of("fit").filter(|e| e.quantity == "ratio").collect();
    let values: Vec<f64> = ratios.iter().map(|e| e.value).collect();
    let repeats = |set: &str, name: &str| of("repeats").find(|e| e.of == set && e.quantity == name).cloned();
    let number = |set: &str, name: &str| repeats(set, name).map_or(String::new(), |e| format!("{:.2}", e.value));
    let ends = |name: &str| repeats("law", name).map_or(String::new(), |e| if e.interval.1.is_finite() { format!("{:.1} ({:.1} to {:.1})", e.value, e.interval.0, e.interval.1) } else { format!("{:.1} (at least {:.1}, without an upper limit)", e.value, e.interval.0) });
    let shifted = of("held-out mean").filter(|e| e.value < e.interval.0 || e.interval.1 < e.value).count();
    let parabola = |kind: &'static str, law: &str, grid: &str| of(kind).find(|e| e.of == law && e.quantity == grid).map_or(f64::NAN, |e| e.value);
    let times = |law: &str, grid: &str| format!("{:.2}", parabola("isoflop minimum", law, grid).exp());
    let fixed = |law: &str| format!("{:+.3}", parabola("isoflop exponent", law, "fixed")).replace('-', "−");
    let worst = of("own").map(|e| (e.value - 1.0).abs()).fold(0.0, f64::max);
    let inside = of("held-out").filter(|e| e.interval.0 <= 0.0 && 0.0 <= e.interval.1).count();
    let own = |name| of("own").filter(move |e| e.quantity == name).map(|e| format!("{:.3}", e.value)).collect::<Vec<_>>().join(" and ");
    let large = |name| of("own larger").filter(|e| e.quantity == name && e.of.ends_with(" 64")).map(|e| format!("{:.3}", e.value)).collect::<Vec<_>>().join(" and ");
    let facts = [
        ("fits", p.len().to_string()), ("nominal", p.iter().filter(|p| **p < 0.05).count().to_string()),
        ("smallest", format!("{smallest:.4}")), ("adjusted", format!("{:.3}", (smallest * p.len() as f64).min(1.0))),
        ("ratio", format!("{:.2}", kit::median_of(&values))), ("ratio-least", format!("{:.2}", values.iter().copied().fold(f64::INFINITY, f64::min))),
        ("below-one", ratios.iter().filter(|e| e.interval.1 < 1.0).count().to_string()),
        ("above-one", ratios.iter().filter(|e| e.interval.0 > 1.0).count().to_string()),
        ("predictions", of("held-out").count().to_string()), ("inside", inside.to_string()),
        ("own-features", own("alpha")), ("own-samples", own("beta")), ("large-features", large("alpha")), ("large-samples", large("beta")), ("own-bias", format!("{:.0} %", 100.0 * worst)),
        ("own-from", format!("{:.0}", 10.0 * kit::OWN_SCALES[0])),
        ("tables", of("held-out mean").count().to_string()), ("shifted", shifted.to_string()),
        ("ignored-alpha", number("ignored", "alpha")), ("ignored-beta", number("ignored", "beta")), ("median-epochs", number("epochs", "median")),
        ("law-alpha", ends2(repeats("law", "alpha"))), ("law-beta", ends2(repeats("law", "beta"))), ("r-d", ends("r_d")), ("half", ends("half")), ("tenth", ends("tenth")),
        ("repeated", repeats("ignored", "alpha").map_or(0, |e| e.count).to_string()), ("parabola-off", kit::parabola_error(all)), ("wide", times("sparse", "32")), ("off", times("sparse", "off")), ("fixed-sparse", fixed("sparse")), ("fixed-alike", fixed("alike")),
    ];
    facts.map(|(name, value)| (name.to_owned(), value)).into()
}

// **Intervals from a table of runs can be trusted where the law holds, but a good fit does not show
// that it does.** On data of a known law nominal intervals cover at least {coverage-grid.estimate}
// on a grid of sizes and {coverage-public.estimate} at the sizes of the public runs. On runs of our
// own model, which obey another law, they cover as little as {own-coverage.estimate}.
//
// **Prediction.** The fit of Gadre et al. is reproduced, with errors of {five-1b.measured} % and
// {five-7b.measured} % at two large models. With all small models, two exponents and the Huber loss
// the median relative error at the large models is {held-out.estimate}, and {fact.inside} of
// {fact.predictions} predictions lie in the interval for the loss of one run. In {fact.shifted} of
// {fact.tables} tables the mean error of the large models is outside its interval: the law of the
// small models does not hold there. So the small published errors do not tell how well a table of
// small runs predicts large ones.
//
// **Two exponents.** The public runs hardly tell whether there are two exponents, and do not look
// like sparse features: {fact.nominal} of {fact.fits} fits reject a single exponent at the usual
// level. The smallest p-value is {fact.smallest}, and {fact.adjusted} after multiplication by the
// number of fits. (This is conservative, since the evaluations of a training set share their
// models.) The exponent in data is, if anything, the larger one. The ratio of the two has the
// median {fact.ratio} and is at least {fact.ratio-least}; its interval lies above one in
// {fact.above-one} fits and below one in {fact.below-one}. Sparse features make data expensive,
// with a ratio below one: one over the activity exponent.
//
// **Intervals where the law holds.** The test of a single exponent rejects a true one in
// {size-grid.estimate} of cases on a grid and in {size-public.estimate} at the sizes of the public
// runs. Under errors like those of real runs the corrected bootstrap covers at least
// {real-signs.estimate} with the residuals of public runs, {real-by-size.estimate} where errors
// grow away from the usual number of tokens per parameter, {real-heavy-tails.estimate} with heavy
// tails, and {real-shared.estimate} where checkpoints share their errors and are resampled
// together.
//
// **Parabolas.** The best $N$ of a compute budget is often taken from a parabola through the losses
// at that budget, which is biased. On a grid from half to twice the best $N$ the shift agrees with
// the closed form to {fact.parabola-off}. With $\alpha = 1/2$ and $\beta = 1/4$ the widest grid
// puts the minimum at {fact.wide} times the best $N$, and a grid of a factor of eight whose middle
// is twice too large puts it at {fact.off} times. The exponent of the best $N$ is not affected as
// long as grids follow the best $N$. If all budgets share one grid it is off by {fact.fixed-sparse}
// for these exponents, and by {fact.fixed-alike} for $\alpha = 0.35$ and $\beta = 0.37$.
//
// **Repeated data** are worth less than fresh data. Half of the {fact.repeated} runs of Muennighoff
// et al. have more than {fact.median-epochs} epochs. A fit that ignores this gives $\alpha$ =
// {fact.ignored-alpha} and $\beta$ = {fact.ignored-beta}. With the law of repeated data the
// exponents are {fact.law-alpha} and {fact.law-beta}, and its constant is $R_D$ = {fact.r-d}.
// Beyond {fact.half} epochs one more token is worth less than half of a fresh one, and beyond
// {fact.tenth} less than a tenth.
//
// **Runs of our own model.** An additive law can tell that data are more expensive than parameters,
// but its intervals do not say by how much. The test detects that there are two exponents in the
// share {own-two.estimate} of all tables. But for the spectral exponents $1/2$ and $1$ the fitted
// exponents over the true ones are {fact.own-features} in $N$ and {fact.own-samples} in $D$, off by
// up to {fact.own-bias}, and intervals are too narrow to contain the true ones. Larger sizes do not
// help: on grids of {fact.own-from} features and more the ratios are {fact.large-features} in $N$
// and {fact.large-samples} in $D$, and on still larger grids they change by no more than
// {own-scaling.measured}.
