//! # 14 One pass: what the optimiser changes
//!
//! Large models are trained by few passes over their data, often by one. We follow the population
//! loss of one pass of stochastic gradient descent, $\theta \leftarrow \theta + \eta x (y -
//! x\cdot\theta)$, each sample seen once. Its mean has an exact recursion. A plain step learns
//! coordinate $i$ at the rate $\eta \lambda_i$, however rare it is, and $\eta$ is bounded by
//! stability. So the loss is a power of the number of samples $T$ with exponent
//! $\alpha/\max(1+\alpha, \beta)$, while what the samples have shown would allow
//! $\alpha/\max(1, \beta)$. Steps that adapt to each coordinate can reach that. For
//! $\beta > 1 + \alpha$ rare coordinates are large, a single one may be overshot, and no constant
//! plain step is safe for ever; clipped steps are.

use crate::kit::{self, Pass, PassRule, PassSeries, Trajectories};
#[rustfmt::skip]
use crate::{Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report, Tolerance, Variant, draw};
use asymscale_dynamics::{Rule, Training};
use asymscale_model::{Amplitude, Coordinates, Decay, ModelSize, Schedule, SparseModel, Teacher};
use asymscale_montecarlo::{TrainingSettings, simulate_training};
use asymscale_plots::{Figure, Panel};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::OnePass;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "14-one-pass",
    claims: &[],
    assumes: "every sample is used once, learners have all coordinates as features, and but for the recursion there is no label noise; teachers have weights ±1 where steps adapt.",
    crates: &[
        "asymscale-dynamics",
        "asymscale-model",
        "asymscale-montecarlo",
        "asymscale-plots",
        "asymscale-sampling",
        "asymscale-sweep",
        "asymscale-theory",
    ],
    source: include_str!("14-one-pass.rs"),
    defect: Defect {
        name: "sparsity forgotten",
        description: "The recursion takes fourth moments of dense data, $E x_i^4 = \\lambda_i^2 E z^4$, without the factor $1/p_i$.",
        turns_red: &[
            "exact-single",
            "exact-noisy",
            "exact-batch",
            "exact-source",
            "exact-large",
            "exact-scores",
        ],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// The recursion is tried on five settings, in which the spectrum, sparsity and its onset, amplitudes,
// the batch $B$, label noise, the teacher, and the course of step sizes differ. In the last one rare
// coordinates are large, and there are only few.
struct Setting {
    name: &'static str,
    words: &'static str,
    law: (f64, f64, f64),
    amplitude: Amplitude,
    coordinates: Option<u64>,
    target: Option<f64>,
    rate: (f64, Decay),
    batch: usize,
    noise: f64,
}

const SINGLE: Setting = Setting {
    name: "single",
    words: "single samples",
    law: (1.0, 1.8, 1.0),
    amplitude: Amplitude::Gaussian,
    coordinates: None,
    target: None,
    rate: (0.3, Decay::Constant),
    batch: 1,
    noise: 0.0,
};
#[rustfmt::skip]
const SETTINGS: [Setting; 5] = [
    SINGLE,
    Setting { name: "noisy", words: "batches of 4, noise", law: (1.0, 1.5, 0.5), amplitude: Amplitude::Rademacher, rate: (0.6, Decay::Constant), batch: 4, noise: 0.2, ..SINGLE },
    Setting { name: "batch", words: "batches of 32, noise, a cosine", law: (0.5, 1.2, 0.3), rate: (1.0, Decay::Cosine), batch: 32, noise: 0.1, ..SINGLE },
    Setting { name: "source", words: "a hard teacher, a linear decay", law: (1.0, 1.5, 0.5), amplitude: Amplitude::Rademacher, target: Some(1.5), rate: (0.3, Decay::Linear), ..SINGLE },
    Setting { name: "large", words: "30 coordinates, rare ones large", law: (1.0, 2.5, 1.0), amplitude: Amplitude::Rademacher, coordinates: Some(30), rate: (0.2, Decay::Constant), ..SINGLE },
];
/// Samples of each run.
const SAMPLES: usize = 1024;

impl Setting {
    fn model(&self, beta: f64) -> Result<SparseModel, ChapterError> {
        let model = SparseModel::power_law(self.law.0, beta, self.law.2)?;
        let count = self.coordinates.map_or(Coordinates::Infinite, Coordinates::Finite);
        let model = model.with_amplitude(self.amplitude).with_coordinates(count)?;
        let Some(exponent) = self.target else { return Ok(model) };
        Ok(model.with_teacher(Teacher::power_law(exponent)?)?)
    }

    fn schedule(&self) -> Result<Schedule, ChapterError> {
        let steps = (SAMPLES / self.batch) as u64;
        Ok(Schedule::new(self.rate.0, steps)?.with_decay(self.rate.1)?)
    }

    fn steps(&self) -> Vec<u64> {
        let last = (SAMPLES / self.batch) as f64;
        kit::log_grid(2.0, last, 9).into_iter().map(|step| step as u64).collect()
    }
}

// Exponents are measured on rules and kinds of data whose limits differ: for $\alpha = 1$ and five
// $\beta$ on both sides of $1 + \alpha$, with Rademacher amplitudes; two rules also with Gaussian
// ones; and on a steep spectrum, where we expect even Adagrad to be slow.
const BETAS: [f64; 5] = [1.2, 1.5, 1.8, 2.5, 3.0];

fn passes(preset: Preset) -> Vec<Pass> {
    let (samples, repeats) = preset.pick((1 << 12, 8), (1 << 17, 10), (1 << 20, 16));
    let pass = |rule, beta| Pass { rule, alpha: 1.0, beta, gaussian: false, samples, repeats };
    let (mild, large) = BETAS.split_at(3);
    let mut all: Vec<Pass> = mild.iter().map(|beta| pass(PassRule::Plain, *beta)).collect();
    let [clipped, adagrad, newton] = [PassRule::Clipped, PassRule::Adagrad, PassRule::GaussNewton]
        .map(|rule| BETAS.map(|beta| pass(rule, beta)));
    all.extend(clipped.into_iter().chain(adagrad).chain(newton));
    all.extend([1.2, 1.5].map(|beta| pass(PassRule::Sign, beta)));
    all.extend(large.iter().map(|beta| pass(PassRule::Horizon, *beta)));
    all.extend(
        [PassRule::Plain, PassRule::Adagrad].map(|rule| Pass { gaussian: true, ..pass(rule, 1.5) }),
    );
    all.push(Pass { alpha: 3.0, ..pass(PassRule::Adagrad, 1.2) });
    // What is seen varies more from pass to pass the rarer large coordinates are.
    for pass in all.iter_mut().filter(|pass| pass.beta > 2.0) {
        pass.repeats *= if pass.rule == PassRule::Horizon { 8 } else { 4 };
    }
    all
}

// Spikes are counted in long passes, of plain steps and of clipped ones. How long a plain step lives
// is asked of runs that are as long as a few of its lifetimes
// $T^* = c^{-\beta}(2c^\beta/\eta)^{\beta/(\beta-1-\alpha)}$.
const SPIKES: [(&str, f64, f64, Amplitude); 3] = [
    ("rare", 1.0, 2.5, Amplitude::Gaussian),
    ("signs", 1.0, 3.0, Amplitude::Rademacher),
    ("flat", 0.5, 2.5, Amplitude::Gaussian),
];
const RATES: [f64; 4] = [0.4, 0.2, 0.1, 0.05];
const LIVES: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 3.0, 5.0];
/// A run with a loss above is lost; it begins with `ζ(3/2)`, 2.6.
const LOST: f64 = 10.0;

#[derive(Serialize, Deserialize)]
#[serde(tag = "group", rename_all = "lowercase")]
enum Task {
    Exact { setting: usize, repeats: usize },
    Pass { pass: Pass },
    Spikes { case: usize, rate: f64, samples: usize, repeats: usize },
    Lifetime { rate: f64, clipped: bool, repeats: usize },
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let exact = preset.pick(400, 4000, 40_000);
    let (samples, repeats) = preset.pick((1 << 13, 8), (1 << 17, 8), (1 << 20, 16));
    let (rates, lives) = preset.pick((2, 60), (4, 200), (4, 1000));
    let mut tasks: Vec<(String, Task)> = Vec::new();
    for (setting, Setting { name, .. }) in SETTINGS.iter().enumerate() {
        tasks.push((format!("exact {name}"), Task::Exact { setting, repeats: exact }));
    }
    tasks.extend(passes(preset).into_iter().map(|pass| (pass.name(), Task::Pass { pass })));
    for (case, (name, ..)) in SPIKES.iter().enumerate() {
        for rate in &RATES[..3] {
            let task = Task::Spikes { case, rate: *rate, samples, repeats };
            tasks.push((format!("spikes {name} {rate}"), task));
        }
    }
    for rate in &RATES[..rates] {
        for clipped in [false, true] {
            let task = Task::Lifetime { rate: *rate, clipped, repeats: lives };
            tasks.push((format!("lifetime {rate} {clipped}"), task));
        }
    }
    Ok(tasks.into_iter().map(|(name, task)| Cell::new(name, &task)).collect::<Result<_, _>>()?)
}

// Rows have a series, a replicate and a number of steps; the value is a loss, or the number of
// spikes, or 1 for a run that is lost.
fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let (mut rows, seed) = (Table::default(), kit::seed_of(cell.name()));
    let (series, model, training, samples, repeats, steps) = match cell.read()? {
        Task::Pass { pass } => return kit::pass_rows(&pass),
        Task::Exact { setting, repeats } => {
            let s = &SETTINGS[setting];
            let training = Training::new(Rule::Sgd, s.schedule()?, s.batch)?.with_noise(s.noise)?;
            (s.name, s.model(s.law.1)?, training, SAMPLES, repeats, s.steps())
        }
        Task::Spikes { case, rate, samples, repeats } => {
            let schedule = Schedule::new(rate, samples as u64)?;
            let training = Training::new(Rule::Clipped { norm: 1.0 }, schedule, 1)?;
            (SPIKES[case].0, spiky(case)?, training, samples, repeats, vec![samples as u64])
        }
        Task::Lifetime { rate, clipped, repeats } => {
            let steps = lives(rate)?;
            let (last, name) = (steps[LIVES.len() - 1], if clipped { "clipped" } else { "plain" });
            let rule = if clipped { Rule::Clipped { norm: 1.0 } } else { Rule::Sgd };
            let training = Training::new(rule, Schedule::new(rate, last)?, 1)?;
            (name, spiky(2)?, training, last as usize, repeats, steps)
        }
    };
    let (features, rate, first) = (ModelSize::Infinite, training.schedule().rate(), 0);
    // Teachers share their samples: several are cheaper than as many runs, but single runs are lost.
    let teachers = if series == "plain" || series == "clipped" { 1 } else { 4 };
    let settings = TrainingSettings { samples, training, features, teachers, repeats, seed, first };
    for (replicate, run) in
        simulate_training(&model, &settings, &steps)?.replicates.iter().enumerate()
    {
        for (k, step) in steps.iter().enumerate() {
            let (replicate, step, beside) = (replicate as i64, *step as i64, run.spikes[k] as f64);
            let value = if teachers == 1 {
                f64::from(u8::from(run.losses[k] > LOST || run.losses[k].is_nan()))
            } else {
                run.losses[k]
            };
            rows.push(row! { series, replicate, step, rate, value, beside })?;
        }
    }
    Ok(rows)
}

fn spiky(case: usize) -> Result<SparseModel, ChapterError> {
    let (_, alpha, beta, amplitude) = SPIKES[case];
    Ok(SparseModel::power_law(alpha, beta, 1.0)?.with_amplitude(amplitude))
}

fn plain_run(model: &SparseModel, rate: f64) -> Result<OnePass, ChapterError> {
    Ok(OnePass::new(model, Schedule::new(rate, 1)?))
}

fn lives(rate: f64) -> Result<Vec<u64>, ChapterError> {
    let lifetime = plain_run(&spiky(2)?, rate)?.rare_steps()?.lifetime;
    Ok(LIVES.iter().map(|life| (life * lifetime).round() as u64).collect())
}

// The first question is whether the recursion gives the mean loss:
// $v_i \leftarrow (1-\eta\lambda_i)^2 v_i + \frac{\eta^2}{B}[\lambda_i(L+\sigma^2) +
// (E x_i^4 - 2\lambda_i^2) v_i]$ with $L = \sum_i \lambda_i v_i$. Sparsity is in
// $E x_i^4 = \lambda_i^2 E z^4/p_i$ alone; the defect leaves out $p_i$.
struct Exact {
    losses: Trajectories,
    theory: Vec<f64>,
}

fn exact(rows: &Table, setting: &Setting, variant: Variant) -> Result<Exact, ChapterError> {
    let losses = Trajectories::read(&rows.matching("series", setting.name)?, "value", 1.0)?;
    let model = setting.model(if variant.is_defect() { 0.0 } else { setting.law.1 })?;
    let run = OnePass::new(&model, setting.schedule()?);
    let run = run.with_batch(setting.batch as u64)?.with_noise(setting.noise)?;
    Ok(Exact { losses, theory: run.losses(&setting.steps())? })
}

fn exact_findings(all: &[Exact], preset: Preset) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (setting, exact) in SETTINGS.iter().zip(all) {
        let ratio = exact.losses.measure(|loss| {
            let logs = exact.theory.iter().enumerate().map(|(k, theory)| (loss(k) / theory).ln());
            (logs.sum::<f64>() / exact.theory.len() as f64).exp()
        });
        let statement = format!("{}: simulated mean loss over the recursion", setting.words);
        let width = preset.pick(0.04, 0.01, 0.004);
        findings.push(
            Finding::of(format!("exact-{}", setting.name), statement)
                .predicted(Prediction::Equals(1.0))
                .measured(ratio.into())
                .within(Tolerance::resolution(width, "number of runs of the preset")),
        );
    }
    let scores = all.iter().flat_map(|exact| {
        let points = exact.losses.against(&exact.theory);
        points.into_iter().map(|[_, mean, error, theory]| (mean - theory) / error)
    });
    let statement =
        Finding::of("exact-scores", "runs against the recursion: largest standard score");
    let chance = "losses of runs are skewed";
    let largest = kit::largest_score(statement, &scores.collect::<Vec<_>>());
    findings.push(largest.within(Tolerance::statistical(0.5, chance)));
    findings
}

// The second question is the exponent of each rule, over two decades of samples, against the
// predicted one. For Adagrad there is a mean field: sums of squares are replaced by their means. It
// says how far from its limit the exponent still is, and its loss is compared with the measured one.
fn pass_findings(all: &[PassSeries], preset: Preset) -> Vec<Finding> {
    let mut findings: Vec<Finding> = all.iter().map(|series| series.finding(preset)).collect();
    let adagrad = all.iter().filter(|s| s.pass.rule == PassRule::Adagrad && s.pass.alpha == 1.0);
    let off = adagrad.map(|series| (series.over_theory().mean - 1.0).abs()).fold(0.0, f64::max);
    let statement = "Adagrad, α = 1: loss over that of the mean field, largest difference from 1";
    findings.push(
        Finding::of("mean-field", statement)
            .predicted(Prediction::AtMost(0.0))
            .measured(Measured::NoInterval(off))
            .within(Tolerance::truncation(0.3, "fluctuations of sums of squares are left out")),
    );
    findings
}

// The third question is how often a step overshoots, $\eta x_i^2 > 2$, at the rate
// $\sum_i p_i P(\eta a_i^2 z^2 > 2)$ a sample. It should go as
// $\eta^{(\beta-1)/(\beta-1-\alpha)}$, the power of instability in chapter 08.
struct Spikes {
    points: Vec<[f64; 4]>,
    expected: Vec<f64>,
    power: Vec<(f64, f64)>,
    exponent: f64,
}

fn spikes(rows: &Table, case: usize) -> Result<Spikes, ChapterError> {
    let rows = rows.matching("series", SPIKES[case].0)?.sort_by(&["rate"])?;
    let model = spiky(case)?;
    let mut found = Spikes { points: vec![], expected: vec![], power: vec![], exponent: 0.0 };
    for (_, rows) in rows.group_by(&["rate"])? {
        let (rate, samples) = (rows.floats("rate")?[0], rows.floats("step")?.iter().sum::<f64>());
        let (count, law) = (rows.floats("beside")?.iter().sum::<f64>(), plain_run(&model, rate)?);
        let (rare, expected) = (law.rare_steps()?, samples * law.spike_rate());
        found.points.push([rate, count / samples, expected.sqrt() / samples, law.spike_rate()]);
        found.expected.push(expected);
        found.power.push((rate, rare.spike_rate));
        found.exponent = rare.rate_exponent;
    }
    Ok(found)
}

/// The power of `rate` by least squares in logarithms.
fn power(points: &[(f64, f64)]) -> f64 {
    let times = points.iter().map(|point| point.0).collect();
    let curves = Trajectories { times, replicates: vec![] };
    curves.power(&(0..points.len()).collect::<Vec<_>>(), |k| points[k].1)
}

fn spike_findings(all: &[Spikes]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for ((name, alpha, beta, _), spikes) in SPIKES.iter().zip(all) {
        let along = |k: usize| -> Vec<_> { spikes.points.iter().map(|p| (p[0], p[k])).collect() };
        let (measured, law) = (power(&along(1)), power(&along(3)));
        // Rates are a factor of two apart, and only the rarest two matter for the error.
        let error = spikes.expected.iter().fold(0.0, |a: f64, n| a.max(n.powf(-0.5))) / 4f64.ln()
            * 2f64.sqrt();
        let width = (law - spikes.exponent).abs() + 3.0 * error;
        let source = "by the law's own slope, and three standard errors of the count";
        let statement =
            format!("α = {alpha}, β = {beta}: power of the step in the spikes a sample");
        findings.push(
            Finding::of(format!("spikes-{name}"), statement)
                .predicted(Prediction::Equals(spikes.exponent))
                .measured((measured, (measured - 1.96 * error, measured + 1.96 * error)).into())
                .within(Tolerance::finite_size(width, source)),
        );
    }
    let score = |p: &[f64; 4]| (p[1] - p[3]) / p[2];
    let scores: Vec<f64> = all.iter().flat_map(|spikes| spikes.points.iter().map(score)).collect();
    let statement = Finding::of("spikes", "counted spikes against the law: largest standard score");
    let chance = "1 % for all together; few spikes are not quite normal";
    findings
        .push(kit::largest_score(statement, &scores).within(Tolerance::statistical(0.5, chance)));
    findings
}

// The fourth question is how long runs live. The time at which half of them are lost should go as
// $\eta^{-\beta/(\beta-1-\alpha)}$ with plain steps; clipped, no run should be lost.
struct Fate {
    points: Vec<[f64; 4]>,
    lifetime: f64,
    half: f64,
    runs: usize,
}

fn fates(rows: &Table, series: &str) -> Result<Vec<(f64, Fate)>, ChapterError> {
    let mut all = Vec::new();
    let rows = rows.matching("series", series)?.sort_by(&["rate"])?;
    for (_, rows) in rows.group_by(&["rate"])? {
        let rate = rows.floats("rate")?[0];
        let (lifetime, lost) = (
            plain_run(&spiky(2)?, rate)?.rare_steps()?.lifetime,
            Trajectories::read(&rows, "value", 1.0)?,
        );
        let share = |k: usize| lost.estimate(k).mean;
        let half = (1..LIVES.len()).find(|k| share(*k) >= 0.5).map_or(f64::NAN, |k| {
            let part = (0.5 - share(k - 1)) / (share(k) - share(k - 1));
            lost.times[k - 1] * (lost.times[k] / lost.times[k - 1]).powf(part)
        });
        let points = lost.against(&[0.0; LIVES.len()]);
        let points = points.into_iter().map(|p| [p[0] / lifetime, p[1], p[2], 0.0]).collect();
        all.push((rate, Fate { points, lifetime, half, runs: lost.replicates.len() }));
    }
    Ok(all)
}

fn lifetime_findings(plain: &[(f64, Fate)], clipped: &[(f64, Fate)]) -> Vec<Finding> {
    let halves: Vec<_> = plain.iter().map(|(rate, fate)| (*rate, fate.half)).collect();
    let (measured, law) =
        (power(&halves), power(&plain.iter().map(|(r, f)| (*r, f.lifetime)).collect::<Vec<_>>()));
    let span = (plain[plain.len() - 1].0 / plain[0].0).ln();
    // The share of lost runs rises by about 0.3 as the time grows by a factor e.
    let error = (0.5 / (plain[0].1.runs as f64).sqrt() / 0.3) * 2f64.sqrt() / span;
    let lost = clipped.iter().flat_map(|(_, fate)| &fate.points).map(|p| p[1]).fold(0.0, f64::max);
    let chance = "three standard errors by the number of runs";
    vec![
        Finding::of(
            "lifetime",
            "α = 0.5, β = 2.5: power of the step in the time at which half of the runs are lost",
        )
        .predicted(Prediction::Equals(law))
        .measured((measured, (measured - 1.96 * error, measured + 1.96 * error)).into())
        .within(Tolerance::statistical(3.0 * error, chance)),
        Finding::of("clipped-lost", "the same, clipped: largest share of runs that are lost")
            .predicted(Prediction::AtMost(0.0))
            .measured(Measured::NoInterval(lost))
            .within(Tolerance::statistical(0.01, "one run in a hundred")),
    ]
}

fn exact_panel(all: &[Exact]) -> Panel {
    let (x, y) = (draw::log("steps"), draw::linear("simulated over exact mean loss"));
    let mut panel = Panel::new("the recursion", x, y.range(0.9, 1.1));
    for (number, (setting, exact)) in SETTINGS.iter().zip(all).enumerate() {
        let points = exact.losses.against(&exact.theory);
        let at = points.iter().map(|p| (p[0], p[1] / p[3])).collect();
        let ends = points.iter().map(|p| ((p[1] - 2.0 * p[2]) / p[3], (p[1] + 2.0 * p[2]) / p[3]));
        panel = panel.with(draw::marks(setting.words, number, at, ends.collect()));
    }
    panel
}

const D6: Drift = Drift { absolute: 1e-9, relative: 1e-6 };

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let exact: Vec<Exact> =
        SETTINGS.iter().map(|setting| exact(rows, setting, variant)).collect::<Result<_, _>>()?;
    let series: Vec<PassSeries> = passes(preset)
        .into_iter()
        .map(|pass| PassSeries::read(rows, pass))
        .collect::<Result<_, _>>()?;
    let spikes: Vec<Spikes> =
        (0..SPIKES.len()).map(|case| spikes(rows, case)).collect::<Result<_, _>>()?;
    let (plain, clipped) = (fates(rows, "plain")?, fates(rows, "clipped")?);
    let mut findings = exact_findings(&exact, preset);
    findings.extend(pass_findings(&series, preset));
    findings.extend(spike_findings(&spikes).into_iter().chain(lifetime_findings(&plain, &clipped)));
    let mut data = kit::pass_table(&series)?;
    let mut point = |group: &str, series: &str, rate: f64, p: &[f64; 4]| {
        data.push(row! { group, series, x: p[0], rate, value: p[1], error: p[2], theory: p[3], unseen: f64::NAN })
    };
    for (setting, exact) in SETTINGS.iter().zip(&exact) {
        let points = exact.losses.against(&exact.theory);
        points.iter().try_for_each(|p| point("exact", setting.name, setting.rate.0, p))?;
    }
    for ((name, ..), spikes) in SPIKES.iter().zip(&spikes) {
        spikes.points.iter().try_for_each(|p| point("spikes", name, p[0], p))?;
    }
    for (name, fates) in [("plain", &plain), ("clipped", &clipped)] {
        for (rate, fate) in fates {
            fate.points.iter().try_for_each(|p| point("lifetime", name, *rate, p))?;
        }
    }
    let at = |rule: PassRule, beta: f64| {
        series.iter().find(|s| s.pass.rule == rule && s.pass.beta == beta)
    };
    let over = |rule, beta| at(rule, beta).map_or(f64::NAN, PassSeries::over_unseen);
    let facts = [
        ("sgd-over", PassRule::Plain, 1.5),
        ("adagrad-over", PassRule::Adagrad, 1.5),
        ("newton-over", PassRule::GaussNewton, 1.5),
        ("adagrad-slow-over", PassRule::Adagrad, 1.2),
        ("newton-slow-over", PassRule::GaussNewton, 1.2),
    ]
    .map(|(name, rule, beta)| (name.to_owned(), format!("{:.1}", over(rule, beta))));
    let name = |case: usize| format!("$α$ = {}, $β$ = {}", SPIKES[case].1, SPIKES[case].2);
    let drawn: Vec<_> = spikes
        .iter()
        .enumerate()
        .map(|(k, s)| (name(k), s.points.clone(), s.power.clone()))
        .collect();
    let lost = |(words, fates): (&str, &[(f64, Fate)])| {
        fates
            .iter()
            .map(|(rate, fate)| (format!("{words}$η$ = {rate}"), fate.points.clone()))
            .collect::<Vec<_>>()
    };
    let mut fate = lost(("", plain.as_slice()));
    fate.extend(lost(("clipped, ", &clipped[..1])));
    let shown = [
        PassRule::Plain,
        PassRule::Clipped,
        PassRule::Adagrad,
        PassRule::GaussNewton,
        PassRule::Sign,
    ];
    let models: Vec<_> =
        series.iter().map(|s| (s.pass.alpha, s.pass.beta)).chain([(0.5, 2.5)]).collect();
    let panels = vec![
        kit::pass_panel("$α$ = 1, $β$ = 1.5", shown.iter().filter_map(|rule| at(*rule, 1.5))),
        kit::exponent_panel(&series),
        kit::map_panel(&models),
        exact_panel(&exact),
        kit::spike_panel(&drawn),
        kit::lifetime_panel(&fate),
    ];
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "One pass: the loss of five rules (points, intervals of two standard errors), the exact mean of plain steps and the mean field of Adagrad (lines); exponents against predictions; what limits a pass; runs over the exact recursion; spikes against the law (lines) and its power (dotted); runs that are lost".into(),
        figure: Figure { title: "The optimiser changes the exponent of one pass".into(), panels, columns: 2, width: 900.0, height: 1150.0, ..Figure::default() },
        data,
        keys: &["group", "series", "rate", "x"],
        drift: &[("value", D6), ("error", D6), ("theory", D6), ("unseen", D6)],
    };
    Ok(Report { figures: vec![figure], findings, facts: facts.to_vec() })
}

// The exact recursion gives the mean loss: over all settings simulated losses are within
// {exact-single.tolerance} of it. PROSE
