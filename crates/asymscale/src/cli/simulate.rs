//! `asymscale simulate`: the population loss over simulated designs.

mod points;

use super::answer::{Answer, Column};
use super::grid::{self, Axis, Grid, Place, Row};
use super::lists::{self, Many};
use super::model_flags::{self, ModelFlags, RegressionFlags, counts_axis};
use super::output::{Cell, Format, write};
use super::progress::Progress;
use super::running::{Running, design_bytes, largest_first};
use super::{Failure, numbers};
use crate::answers::Rows;
use crate::model::{ModelSize, Regression, SparseModel};
use crate::montecarlo::{self, Method, NonlinearSettings, Settings};
use crate::solvers::{Activation, Nonlinear};
use clap::Args;
use points::{DesignPoint, NonlinearPoint, Point};

/// Teachers per design unless said otherwise.
pub(crate) const TEACHERS: usize = 8;

/// Test inputs per design unless said otherwise.
pub(crate) const INPUTS: usize = 1000;

const EXAMPLES: &str = "\
Examples:
  asymscale simulate --alpha 1 --beta 1.5 --onset 20 --features 8..2048:24log --samples 512 --csv
  asymscale simulate --alpha 1 --beta 1.5,2 --features 64,inf --samples 128,256 --per-design
  asymscale simulate --alpha 1 --beta 1.5 --features 64,inf --samples 256 --activation relu,tanh";

#[derive(Debug, Args)]
#[command(after_help = grid::help(EXAMPLES))]
pub(crate) struct SimulateFlags {
    #[command(flatten)]
    model: ModelFlags,
    /// Model size N: a number, a list (answered in its order, repetitions too) or a range (rounded,
    /// each number once); inf too with --method averaged or iterative, or --activation
    #[arg(long, value_parser = lists::model_sizes, allow_hyphen_values = true)]
    features: Many<ModelSize>,
    /// Number of training samples D: a number, a list or a range
    #[arg(long, value_parser = lists::counts, allow_hyphen_values = true)]
    samples: Many<usize>,
    /// Number of independent designs
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true, default_value = "16")]
    repeats: usize,
    /// Teachers per design, averaged before designs are compared, with --method explicit or
    /// conditional [default: 8]
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    teachers: Option<usize>,
    /// Random probes per design, at least 2, where the method is iterative, or averaged and goes
    /// over to it [default: 32]
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    probes: Option<usize>,
    /// Seed of all random streams
    #[arg(long, value_parser = numbers::seed, allow_hyphen_values = true, default_value = "1")]
    seed: u64,
    /// explicit (features drawn on every seen coordinate), conditional (on the row space only),
    /// averaged (over features and teachers, in closed form: medians and quartiles are over designs
    /// alone) or iterative (averaged, by random probes: for more coordinates than can be
    /// decomposed; averaged goes over to it by itself where more than 2048 coordinates are expected
    /// to be seen, by more than twice as many samples: the answer's method says which one it was)
    #[arg(long, default_value = "averaged")]
    method: Method,
    /// Nonlinear features: identity, relu, leaky-relu, tanh, erf, gelu, silu, softplus, sin,
    /// sigmoid, identity+erf, identity+sin, identity+W*erf or identity+W*sin with a weight W; or a
    /// list. Averaged over teachers; estimated with test inputs
    #[arg(
        long,
        value_parser = lists::words::<Activation>,
        conflicts_with_all = ["method", "teachers", "probes", "noise", "per_design"]
    )]
    activation: Option<Many<Activation>>,
    /// Test inputs per design, at least 4, with --activation [default: 1000]
    #[arg(long, value_parser = numbers::count, allow_hyphen_values = true)]
    inputs: Option<usize>,
    /// Scale > 0 of the features' weights inside the activation, or a list or range, with
    /// --activation [default: 1]
    #[arg(long, value_parser = lists::each_positive, allow_hyphen_values = true)]
    scale: Option<Many<f64>>,
    /// A row per design and model size, in place of means and quantiles over designs
    #[arg(long)]
    per_design: bool,
    #[command(flatten)]
    regression: RegressionFlags,
    #[command(flatten)]
    pub(crate) running: Running,
    #[command(flatten)]
    pub(crate) format: Format,
}

/// The columns of the answers.
pub(crate) fn columns() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        ("", Point::columns()),
        ("--activation", NonlinearPoint::columns()),
        ("--per-design", DesignPoint::columns()),
    ]
}

/// The schemas of its answers.
#[cfg(test)]
pub(crate) fn schemas(of: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
    super::schema::made::schemas_of!(of; Point, NonlinearPoint, DesignPoint)
}

pub(crate) fn run(flags: &SimulateFlags) -> Result<String, Failure> {
    let sizes = sizes(flags)?;
    if let Some(activations) = &flags.activation {
        return nonlinear(flags, activations, sizes);
    }
    refuse_unused(flags)?;
    let mut axes = flags.model.axes();
    axes.push(counts_axis(&flags.samples));
    let (data, learners) = (Grid::new(axes), Grid::new(flags.regression.axes()));
    let repeats = if flags.per_design { flags.repeats } else { 1 };
    grid::bounded(&[&data, &learners], &[("features", sizes.len()), ("repeats", repeats)])?;
    let models = flags.model.models(&data)?;
    let regressions = flags.regression.regressions(&learners)?;
    let pairs: Vec<Pair> = models
        .iter()
        .flat_map(|data| regressions.iter().map(move |learner| (data, learner)))
        .collect();
    if flags.per_design {
        let rows = simulations(flags, &pairs, |_, simulation| points::designs(simulation))?;
        return Ok(write(&rows, true, flags.format));
    }
    let rows = simulations(flags, &pairs, |((_, model), (_, regression)), simulation| {
        points::sizes(model, simulation, *regression)
    })?;
    Ok(write(&rows, true, flags.format))
}

/// The rows of one simulation, a row per model size, for [`crate::answers`].
pub(crate) fn rows(model: &SparseModel, settings: &Settings) -> Result<Rows, Failure> {
    check_sizes(&settings.features)?;
    let simulation = montecarlo::simulate(model, settings)?;
    Ok(Rows::of(&points::sizes(model, &simulation, settings.regression)))
}

/// Designs of one simulation that are drawn before somebody is asked whether to go on. Two at
/// least: one alone has no law of its spread.
const AT_A_TIME: usize = 2;

/// The rows of one simulation whose designs are drawn a few at a time, for [`crate::answers`]; none
/// where `go_on`, which is told how many are done, says no.
pub(crate) fn watched_rows(
    model: &SparseModel,
    settings: &Settings,
    mut go_on: impl FnMut(usize) -> bool,
) -> Result<Option<Rows>, Failure> {
    check_sizes(&settings.features)?;
    let part = |done: usize| Settings {
        repeats: AT_A_TIME.min(settings.repeats - done),
        first: settings.first + done as u64,
        ..settings.clone()
    };
    let mut all = montecarlo::simulate(
        model,
        &Settings { repeats: AT_A_TIME.min(settings.repeats), ..settings.clone() },
    )?;
    while go_on(all.replicates.len()) {
        let done = all.replicates.len();
        if done >= settings.repeats {
            return Ok(Some(Rows::of(&points::sizes(model, &all, settings.regression))));
        }
        all.replicates.extend(montecarlo::simulate(model, &part(done))?.replicates);
    }
    Ok(None)
}

/// The rows of one simulation, a row per model size and design, designs fastest, for
/// [`crate::answers`].
pub(crate) fn design_rows(model: &SparseModel, settings: &Settings) -> Result<Rows, Failure> {
    check_sizes(&settings.features)?;
    Ok(Rows::of(&points::designs(&montecarlo::simulate(model, settings)?)))
}

/// The rows of one simulation of nonlinear features, for [`crate::answers`].
pub(crate) fn nonlinear_rows(
    model: &SparseModel,
    settings: &NonlinearSettings,
) -> Result<Rows, Failure> {
    check_sizes(&settings.features)?;
    let found = montecarlo::simulate_nonlinear(model, settings)?;
    let point = |one| points::nonlinear(settings.samples, settings.learner.activation, one);
    Ok(Rows::of(&found.iter().map(point).collect::<Vec<_>>()))
}

type Pair<'a> = (&'a (Place<'a>, SparseModel), &'a (Place<'a>, Regression));

/// The rows of all simulations. The largest is made first, so that one too large for memory is
/// refused before the others are drawn.
fn simulations<T: Answer>(
    flags: &SimulateFlags,
    pairs: &[Pair],
    rows: impl Fn(&Pair, &montecarlo::Simulation) -> Vec<T>,
) -> Result<Vec<Row<T>>, Failure> {
    let progress = Progress::start("drawing designs");
    let size =
        |((at, model), _): &Pair| design_bytes(model, *at.of("samples", &flags.samples) as f64);
    let found = largest_first(pairs, size, |number, pair| {
        let ((at, model), (learner, regression)) = pair;
        let samples = *at.of("samples", &flags.samples);
        progress.stage(drawing(flags, number, pairs.len(), samples));
        let simulation = montecarlo::simulate(model, &settings(flags, samples, *regression))?;
        let places = [*at, *learner];
        Ok(rows(pair, &simulation).into_iter().map(|row| Row::new(&places, row)).collect())
    })?;
    Ok(found.into_iter().flat_map(|rows: Vec<Row<T>>| rows).collect())
}

/// What a terminal shows.
fn drawing(flags: &SimulateFlags, number: usize, points: usize, samples: usize) -> String {
    let designs = flags.repeats;
    format!("simulation {number} of {points}: {designs} designs of {samples} samples")
}

fn settings(flags: &SimulateFlags, samples: usize, regression: Regression) -> Settings {
    Settings {
        samples,
        features: flags.features.values.clone(),
        repeats: flags.repeats,
        teachers: flags.teachers.unwrap_or(TEACHERS),
        probes: flags.probes.unwrap_or(Settings::default().probes),
        method: flags.method,
        regression,
        seed: flags.seed,
        ..Settings::default()
    }
}

/// A number that would change nothing is a mistake.
fn refuse_unused(flags: &SimulateFlags) -> Result<(), Failure> {
    let averages = flags.method.averages();
    let unused = [
        ("inputs", flags.inputs.map(|n| n as f64), "--activation"),
        ("scale", flags.scale.as_ref().map(|scale| scale.values[0]), "--activation"),
        (
            "teachers",
            flags.teachers.filter(|_| averages).map(|n| n as f64),
            "--method explicit or conditional",
        ),
        (
            "probes",
            flags.probes.filter(|_| !averages).map(|n| n as f64),
            "--method iterative or averaged",
        ),
    ];
    match unused.iter().find_map(|(name, value, with)| Some((name, (*value)?, with))) {
        Some((name, value, with)) => {
            Err(Failure::input(format!("--{name} {value}: only with {with}")))
        }
        None => Ok(()),
    }
}

fn nonlinear(
    flags: &SimulateFlags,
    activations: &Many<Activation>,
    sizes: &[ModelSize],
) -> Result<String, Failure> {
    let unit = Many { values: vec![1.0], many: false };
    let scales = flags.scale.as_ref().unwrap_or(&unit);
    let mut axes = flags.model.axes();
    axes.push(counts_axis(&flags.samples));
    let data = Grid::new(axes);
    let mut axes = flags.regression.axes();
    axes.push(Axis::new(ACTIVATION, activations, |word| Cell::Word(word.to_string())));
    axes.push(model_flags::scale_axis(scales));
    let learners = Grid::new(axes);
    grid::bounded(&[&data, &learners], &[("features", sizes.len())])?;
    let models = flags.model.models(&data)?;
    let regressions = flags.regression.regressions(&learners)?;
    let pairs: Vec<Pair> = models
        .iter()
        .flat_map(|data| regressions.iter().map(move |learner| (data, learner)))
        .collect();
    let progress = Progress::start("drawing designs");
    let size =
        |((at, model), _): &Pair| design_bytes(model, *at.of("samples", &flags.samples) as f64);
    let found = largest_first(&pairs, size, |number, ((at, model), (learner, regression))| {
        let samples = *at.of("samples", &flags.samples);
        progress.stage(drawing(flags, number, pairs.len(), samples));
        let activation = *learner.of(ACTIVATION.name, activations);
        let scale = *learner.of("scale", scales);
        let settings = NonlinearSettings {
            samples,
            features: sizes.to_vec(),
            learner: Nonlinear { activation, scale, ridge: regression.ridge(), path: 0.0 },
            inputs: flags.inputs.unwrap_or(INPUTS),
            repeats: flags.repeats,
            seed: flags.seed,
        };
        let found = montecarlo::simulate_nonlinear(model, &settings)?;
        let point = |estimate| points::nonlinear(samples, activation, estimate);
        Ok(found.iter().map(|one| Row::new(&[*at, *learner], point(one))).collect())
    })?;
    let rows: Vec<Row<NonlinearPoint>> = found.into_iter().flat_map(|rows: Vec<_>| rows).collect();
    drop(progress);
    Ok(write(&rows, true, flags.format))
}

const ACTIVATION: Column = Column::new("activation", "The activation.");

/// The model sizes, none of which may be finite and large.
fn sizes(flags: &SimulateFlags) -> Result<&[ModelSize], Failure> {
    check_sizes(&flags.features.values)?;
    Ok(&flags.features.values)
}

fn check_sizes(sizes: &[ModelSize]) -> Result<(), Failure> {
    match sizes.iter().find(|size| size.finite().is_some_and(|n| n > 1_000_000)) {
        Some(n) => Err(Failure::input(format!(
            "--features {n}: a simulation needs whole numbers in 1..1e6"
        ))),
        None => Ok(()),
    }
}
