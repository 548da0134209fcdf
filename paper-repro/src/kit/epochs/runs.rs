//! Losses over epochs: plain steps beside the flow on the same design, orders of the samples,
//! adaptive rules, and the epochs that inputs alone foretell.

use crate::ChapterError;
use crate::kit::{Entry, bootstrap_interval, log_grid, seed_of, take_out_teachers};
use asymscale_dynamics::{Learner, Order, Rule, Training, train};
use asymscale_fitting::diagnosis::{ActivationCounts, DiagnosisOptions, RareInputs, diagnose};
use asymscale_model::{ModelSize, Schedule, SparseModel};
use asymscale_montecarlo::{
    Estimate, TrainingSettings, TrainingSummary, replicates, simulate_training,
};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers, sparse};
use asymscale_solvers::DesignSpectrum;
use asymscale_theory::{EpochCollapse, Epochs, InputLaws, SampleTheory};

/// By what share of the floor the loss may be above it where epochs count as enough.
pub const EPOCH_EXCESS: f64 = 0.5;
/// The size of plain steps.
pub const EPOCH_RATE: f64 = 0.05;
/// Numbers of passes at which losses are measured, from 1 to five times the enough ones of theory
/// in the limit of many samples.
const POINTS: usize = 14;
/// The same for theory of inputs, in units of the limit of many samples.
const AROUND: [f64; 7] = [0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0];
/// The orders in which samples are used.
pub const ORDERS: [(Order, &str); 3] = [
    (Order::Reshuffled, "reshuffled"),
    (Order::Cyclic, "cyclic"),
    (Order::WithReplacement, "replacement"),
];

/// One design: the loss of the steps and that of the flow after each number of passes, and the loss
/// after infinitely many.
struct Curve {
    steps: Vec<f64>,
    flow: Vec<f64>,
    floor: f64,
}

/// Plain steps on single samples in a new order in each pass, on `repeats` designs of `samples`.
///
/// Entries: the loss, that of the flow on the same designs, and the excess over the floor after
/// each number of passes; the logarithm of the loss, and of its ratio to the flow, averaged over
/// them; and the number of passes after which the loss is within [`EPOCH_EXCESS`] of the floor.
/// `norm` is the clip of an example's step: it spares what no step should be so large as to
/// overshoot.
///
/// # Errors
/// Those of drawing, training, and theory.
pub fn epoch_entries(
    name: &str,
    model: &SparseModel,
    (samples, repeats, largest): (usize, usize, bool),
    norm: Option<f64>,
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let collapse = EpochCollapse::of(model).ok_or("epochs have no common curve")?;
    let last = 5.0 * collapse.saturation(samples as f64, EPOCH_RATE, EPOCH_EXCESS)?;
    let last = last.max(8.0);
    let passes = log_grid(1.0, last, POINTS);
    let rule = norm.map_or(Rule::Sgd, |norm| Rule::Clipped { norm });
    let all = passes.iter().max().copied().unwrap_or(1) * samples;
    let training = Training::new(rule, Schedule::new(EPOCH_RATE, all as u64)?, 1)?
        .with_order(Order::Reshuffled);
    let curves =
        replicates(key, 0, repeats, |_, key| one_curve(model, &training, samples, &passes, &key))?;
    let (of, count) = (format!("{name} {samples}"), curves.len());
    let mut entries = Vec::new();
    for (k, pass) in passes.iter().enumerate() {
        let mut put = |kind: &str, statistic: &dyn Fn(&[&Curve]) -> f64| {
            let found = interval(&curves, statistic);
            entries.push(Entry::new(kind, &of, &pass.to_string(), found.0, count).within(found.1));
        };
        put("loss", &|drawn| mean(drawn.iter().map(|c| c.steps[k])));
        put("flow", &|drawn| mean(drawn.iter().map(|c| c.flow[k])));
        put("excess", &|drawn| ratio_to_floor(drawn, k) - 1.0);
    }
    let mut put = |kind: &str, statistic: &dyn Fn(&[&Curve]) -> f64| {
        let found = interval(&curves, statistic);
        entries.push(Entry::new(kind, &of, "all", found.0, count).within(found.1));
    };
    let level = |drawn: &[&Curve], of: fn(&Curve, usize) -> f64| {
        mean((0..passes.len()).map(|k| mean(drawn.iter().map(|c| of(c, k))).ln()))
    };
    put("level", &|drawn| level(drawn, |c, k| c.steps[k]));
    put("over flow", &|drawn| {
        (level(drawn, |c, k| c.steps[k]) - level(drawn, |c, k| c.flow[k])).exp()
    });
    let numbers: Vec<f64> = passes.iter().map(|pass| *pass as f64).collect();
    let theory = theory_entries(model, (&of, samples, largest), &numbers)?;
    put("saturation", &|drawn| {
        crossing(&numbers, |k| ratio_to_floor(drawn, k) - 1.0, EPOCH_EXCESS)
    });
    entries.extend(theory);
    Ok(entries)
}

/// Theory at the same numbers of passes, and where each is taken for a single step, which is the
/// planted defect; and the loss after infinitely many. They share their evaluations. At the
/// largest size the excess over the floor also by the rank-corrected theory, which tells how far
/// theory is off.
fn theory_entries(
    model: &SparseModel,
    (of, samples, largest): (&str, usize, bool),
    passes: &[f64],
) -> Result<Vec<Entry>, ChapterError> {
    let epochs = Epochs::new(model, samples as f64, f64::INFINITY, EPOCH_RATE)?;
    let steps = passes.iter().map(|pass| pass / samples as f64);
    let losses = epochs.losses(&passes.iter().copied().chain(steps).collect::<Vec<_>>())?;
    let mut entries = vec![Entry::new("floor", of, "all", epochs.floor(), 1)];
    if largest {
        let theory = SampleTheory::new(model, samples as f64)?;
        let corrected = SampleTheory::new(model, theory.effective_samples())?;
        let times: Vec<f64> = passes.iter().map(|pass| epochs.time(*pass)).collect();
        let floor = corrected.loss(f64::INFINITY)?;
        for (pass, loss) in passes.iter().zip(corrected.flow(&times)?) {
            let excess = loss / floor - 1.0;
            entries.push(Entry::new("excess by rank", of, &pass.to_string(), excess, 1));
        }
    }
    for (k, loss) in losses.iter().enumerate() {
        let kind = if k < passes.len() { "theory" } else { "theory of steps" };
        entries.push(Entry::new(kind, of, &passes[k % passes.len()].to_string(), *loss, 1));
    }
    Ok(entries)
}

fn one_curve(
    model: &SparseModel,
    training: &Training,
    samples: usize,
    passes: &[usize],
    key: &Key,
) -> Result<Curve, ChapterError> {
    let design = Design::sample(model, samples, &mut key.label("design").stream())?;
    let spectrum = DesignSpectrum::new(&design)?;
    let teachers =
        Teachers::draw_for(model, &design, 1, TeacherLaw::Rademacher, &key.label("teachers"));
    let steps: Vec<u64> = passes.iter().map(|pass| (pass * samples) as u64).collect();
    let rng = &mut key.label("order").stream();
    let run = train(&design, &teachers, Learner::Coordinates, training, &steps, rng)?;
    let mut losses = run.losses.teacher_means();
    // What this design happens to leave unseen is part of every loss, and has a known mean.
    let unseen = SampleTheory::new(model, samples as f64)?.coverage().unseen_mass;
    let surplus = run.unseen_mass.last().copied().unwrap_or(unseen) - unseen;
    let steps: Vec<u32> = steps.iter().map(|step| *step as u32).collect();
    // The mean over teachers is known of full-batch descent, which has the same limit.
    take_out_teachers(&mut losses, (&design, &spectrum, &teachers), EPOCH_RATE, &steps)?;
    let times: Vec<f64> = steps.iter().map(|step| EPOCH_RATE * f64::from(*step)).collect();
    let flow = spectrum.flow_curve(f64::INFINITY, &times)?;
    let less = |losses: Vec<f64>| losses.into_iter().map(|loss| loss - surplus).collect();
    Ok(Curve { steps: less(losses), flow: less(flow), floor: spectrum.residual_mass() - surplus })
}

fn ratio_to_floor(drawn: &[&Curve], k: usize) -> f64 {
    mean(drawn.iter().map(|c| c.steps[k])) / mean(drawn.iter().map(|c| c.floor))
}

/// A statistic of all and its 95 % interval over designs.
fn interval<T>(all: &[T], statistic: impl Fn(&[&T]) -> f64) -> (f64, (f64, f64)) {
    let every: Vec<&T> = all.iter().collect();
    (statistic(&every), bootstrap_interval(all, seed_of("epochs"), statistic))
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    Estimate::of(&values.collect::<Vec<_>>()).mean
}

/// Where a falling curve comes down to `level`, by straight lines in double logarithm; NaN where it
/// does not.
fn crossing(passes: &[f64], value: impl Fn(usize) -> f64, level: f64) -> f64 {
    let below = (1..passes.len()).find(|k| value(*k) <= level && value(k - 1) > level);
    below.map_or(f64::NAN, |k| {
        let log = |pass: f64| pass.ln();
        let (from, to) = (value(k - 1).ln(), value(k).ln());
        let share = (from - level.ln()) / (from - to);
        (log(passes[k - 1]) * (1.0 - share) + log(passes[k]) * share).exp()
    })
}

/// The loss on one-hot samples in each of the [`ORDERS`], and its ratio to that of reshuffled ones,
/// after each of `passes`; the same designs for all.
///
/// # Errors
/// Those of drawing and training.
pub fn order_entries(
    model: &SparseModel,
    (samples, repeats, rate): (usize, usize, f64),
    passes: &[usize],
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let steps: Vec<u64> = passes.iter().map(|pass| (pass * samples) as u64).collect();
    let last = steps.iter().max().copied().unwrap_or(1);
    let schedule = Schedule::new(rate, last)?;
    let runs = replicates(key, 0, repeats, |_, key| -> Result<_, ChapterError> {
        let design = Design::sample(model, samples, &mut key.label("design").stream())?;
        let teachers =
            Teachers::draw_for(model, &design, 1, TeacherLaw::Rademacher, &key.label("teachers"));
        let run = |(order, name): (Order, &str)| -> Result<Vec<f64>, ChapterError> {
            let training = Training::new(Rule::Sgd, schedule, 1)?.with_order(order);
            let rng = &mut key.label(name).stream();
            let run = train(&design, &teachers, Learner::Coordinates, &training, &steps, rng)?;
            Ok(run.losses.teacher_means())
        };
        ORDERS.into_iter().map(run).collect::<Result<Vec<_>, _>>()
    })?;
    let mut entries = Vec::new();
    for (order, (_, name)) in ORDERS.into_iter().enumerate() {
        for (k, pass) in passes.iter().enumerate() {
            let of =
                |drawn: &[&Vec<Vec<f64>>], order: usize| mean(drawn.iter().map(|r| r[order][k]));
            let mut put = |kind: &str, (value, ends): (f64, (f64, f64))| {
                let entry = Entry::new(kind, name, &pass.to_string(), value, repeats);
                entries.push(entry.within(ends));
            };
            put("order", interval(&runs, |drawn| of(drawn, order)));
            put("over reshuffled", interval(&runs, |drawn| of(drawn, order) / of(drawn, 0)));
        }
    }
    Ok(entries)
}

/// The mean loss of a rule after each of `passes` over `samples` samples.
///
/// # Errors
/// Those of training.
pub fn rule_entries(
    of: &str,
    model: &SparseModel,
    (rule, rate): (Rule, f64),
    (samples, repeats): (usize, usize),
    passes: &[usize],
) -> Result<Vec<Entry>, ChapterError> {
    let steps: Vec<u64> = passes.iter().map(|pass| (pass * samples) as u64).collect();
    let last = steps.iter().max().copied().unwrap_or(1);
    let training =
        Training::new(rule, Schedule::new(rate, last)?, 1)?.with_order(Order::Reshuffled);
    let seed = seed_of(&format!("rule {of} {samples}"));
    let features = ModelSize::Infinite;
    let settings =
        TrainingSettings { samples, training, features, teachers: 4, repeats, seed, first: 0 };
    let summaries = simulate_training(model, &settings, &steps)?.summaries();
    let entry = |(pass, summary): (&usize, TrainingSummary)| {
        let of = format!("{of} {pass}");
        Entry::new("rule", &of, &samples.to_string(), summary.mean, repeats)
            .within(summary.interval)
    };
    Ok(passes.iter().zip(summaries).map(entry).collect())
}

/// Enough epochs as foretold from the counts and second moments of inputs, over what the flow on
/// the same design takes; only the law of amplitudes is told. A design whose inputs say nothing has
/// no entry.
///
/// # Errors
/// Those of drawing, and of a diagnosis of such counts.
pub fn input_entries(
    of: &str,
    model: &SparseModel,
    (samples, designs): (usize, usize),
    key: &Key,
) -> Result<Vec<Entry>, ChapterError> {
    let factors = replicates(key, 0, designs, |_, key| -> Result<_, ChapterError> {
        let design = Design::sample(model, samples, &mut key.label("design").stream())?;
        let columns = || (0..design.seen()).map(|j| design.column(j));
        let counts: Vec<u64> = columns().map(|column| column.0.len() as u64).collect();
        let moments: Vec<f64> =
            columns().map(|column| sparse::square(column) / samples as f64).collect();
        let counts =
            ActivationCounts::new(&counts, samples as u64)?.with_second_moments(&moments)?;
        let options = DiagnosisOptions { resamples: 39, ..DiagnosisOptions::default() };
        let diagnosis = diagnose(&counts, &options, &mut key.label("diagnosis").stream())?;
        let inputs = diagnosis.activity.and_then(|fit| RareInputs::fitted(&counts, &fit));
        let amplitude = model.amplitude();
        let foretold = inputs.and_then(|RareInputs { beta, onset, scale, power, .. }| {
            foretold(&InputLaws { beta, onset, scale, power, amplitude }, samples as f64)
        });
        let taken = enough(&DesignSpectrum::new(&design)?, samples)?;
        Ok(foretold.map(|foretold| foretold / taken))
    })?;
    let entry = |(k, factor): (usize, Option<f64>)| {
        let factor = factor.unwrap_or(f64::NAN);
        Entry::new("inputs", of, &format!("{samples} {k}"), factor, 1)
    };
    Ok(factors.into_iter().enumerate().map(entry).collect())
}

/// The passes after which the loss of theory is within [`EPOCH_EXCESS`] of its floor, for laws of
/// inputs; sought around the limit of many samples. `None` where no such law is known.
fn foretold(laws: &InputLaws, samples: f64) -> Option<f64> {
    let limit = laws.collapse().ok()?.saturation(samples, EPOCH_RATE, EPOCH_EXCESS).ok()?;
    let epochs = laws.epochs(samples, EPOCH_RATE).ok()?;
    let passes = AROUND.map(|factor| factor * limit);
    let losses = epochs.losses(&passes).ok()?;
    let found = crossing(&passes, |k| losses[k] / epochs.floor() - 1.0, EPOCH_EXCESS);
    found.is_finite().then_some(found)
}

/// The epochs after which the flow on a design is within [`EPOCH_EXCESS`] of its floor.
fn enough(spectrum: &DesignSpectrum, samples: usize) -> Result<f64, ChapterError> {
    spectrum.flow_curve(f64::INFINITY, &[1.0])?;
    let floor = spectrum.residual_mass();
    let above = |log: f64| {
        let loss = spectrum.flow_curve(f64::INFINITY, &[log.exp()]).map(|losses| losses[0]);
        loss.is_ok_and(|loss| loss > (1.0 + EPOCH_EXCESS) * floor)
    };
    let (mut low, mut high) = (-5.0_f64, 40.0_f64);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if above(middle) { low = middle } else { high = middle }
    }
    Ok(high.exp() / (EPOCH_RATE * samples as f64))
}
