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

use crate::kit::{
    self, Fate, Pass, PassRule, PassSeries, RareCase, Recursion, RecursionSetting, Spikes,
};
#[rustfmt::skip]
use crate::{Chapter, ChapterError, Defect, FigureWithData, Preset, Report, Variant};
use asymscale_dynamics::{Rule, Training};
use asymscale_model::{Amplitude, Decay, ModelSize, Schedule};
use asymscale_montecarlo::{TrainingSettings, simulate_training};
use asymscale_plots::Figure;
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "14-one-pass",
    claims: &[],
    assumes: "every sample is used once, learners have all coordinates as features, and but for the recursion there is no label noise; teachers have weights ±1 where steps adapt.",
    crates: &[
        "asymscale-dynamics",
        "asymscale-model",
        "asymscale-montecarlo",
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

// The recursion is tried on five settings, in which the spectrum, sparsity and its onset,
// amplitudes, the batch $B$, label noise, the teacher, and the course of step sizes differ. In the
// last one rare coordinates are large, and there are only few.
const SINGLE: RecursionSetting = RecursionSetting {
    name: "single",
    words: "single samples",
    law: (1.0, 1.8, 1.0),
    amplitude: Amplitude::Gaussian,
    coordinates: None,
    target: None,
    rate: (0.3, Decay::Constant),
    batch: 1,
    noise: 0.0,
    samples: 1024,
};
#[rustfmt::skip]
const SETTINGS: [RecursionSetting; 5] = [
    SINGLE,
    RecursionSetting { name: "noisy", words: "batches of 4, noise", law: (1.0, 1.5, 0.5), amplitude: Amplitude::Rademacher, rate: (0.6, Decay::Constant), batch: 4, noise: 0.2, ..SINGLE },
    RecursionSetting { name: "batch", words: "batches of 32, noise, a cosine", law: (0.5, 1.2, 0.3), rate: (1.0, Decay::Cosine), batch: 32, noise: 0.1, ..SINGLE },
    RecursionSetting { name: "source", words: "a hard teacher, a linear decay", law: (1.0, 1.5, 0.5), amplitude: Amplitude::Rademacher, target: Some(1.5), rate: (0.3, Decay::Linear), ..SINGLE },
    RecursionSetting { name: "large", words: "30 coordinates, rare ones large", law: (1.0, 2.5, 1.0), amplitude: Amplitude::Rademacher, coordinates: Some(30), rate: (0.2, Decay::Constant), ..SINGLE },
];

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

// Spikes are counted in long passes, of plain steps and of clipped ones. How long a plain step
// lives is asked of runs that are as long as a few of its lifetimes $T^* =
// c^{-\beta}(2c^\beta/\eta)^{\beta/(\beta-1-\alpha)}$.
#[rustfmt::skip]
const SPIKES: [RareCase; 3] = [
    RareCase { name: "rare", alpha: 1.0, beta: 2.5, amplitude: Amplitude::Gaussian },
    RareCase { name: "signs", alpha: 1.0, beta: 3.0, amplitude: Amplitude::Rademacher },
    LIVING,
];
#[rustfmt::skip]
const LIVING: RareCase = RareCase { name: "flat", alpha: 0.5, beta: 2.5, amplitude: Amplitude::Gaussian };
const SPIKE_RATES: [f64; 3] = [0.1, 0.05, 0.025];
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
    Lifetime { rate: f64, clips: bool, repeats: usize },
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let exact = preset.pick(400, 4000, 40_000);
    let (samples, repeats) = preset.pick((1 << 13, 8), (1 << 17, 8), (1 << 20, 16));
    let (rates, lives) = preset.pick((2, 60), (4, 200), (4, 1000));
    let mut tasks: Vec<(String, Task)> = Vec::new();
    for (setting, RecursionSetting { name, .. }) in SETTINGS.iter().enumerate() {
        tasks.push((format!("exact {name}"), Task::Exact { setting, repeats: exact }));
    }
    tasks.extend(passes(preset).into_iter().map(|pass| (pass.name(), Task::Pass { pass })));
    for (case, RareCase { name, .. }) in SPIKES.iter().enumerate() {
        for rate in SPIKE_RATES {
            let task = Task::Spikes { case, rate, samples, repeats };
            tasks.push((format!("spikes {name} {rate}"), task));
        }
    }
    for rate in &RATES[..rates] {
        for clips in [false, true] {
            let task = Task::Lifetime { rate: *rate, clips, repeats: lives };
            tasks.push((format!("lifetime {rate} {clips}"), task));
        }
    }
    Ok(tasks.into_iter().map(|(name, task)| Cell::new(name, &task)).collect::<Result<_, _>>()?)
}

// Rows have a series, a replicate and a number of steps; the value is a loss, or 1 for a run that
// is lost, and beside it stands the number of spikes, or the unseen mass.
fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let clipped = Rule::Clipped { norm: 1.0 };
    let (series, model, training, samples, repeats, steps) = match cell.read()? {
        Task::Pass { pass } => return kit::pass_rows(&pass),
        Task::Exact { setting, repeats } => {
            let s = &SETTINGS[setting];
            (s.name, s.model(s.law.1)?, s.training()?, s.samples, repeats, s.steps())
        }
        Task::Spikes { case, rate, samples, repeats } => {
            let (case, steps) = (&SPIKES[case], vec![samples as u64]);
            let training = Training::new(clipped, Schedule::new(rate, steps[0])?, 1)?;
            (case.name, case.model()?, training, samples, repeats, steps)
        }
        Task::Lifetime { rate, clips, repeats } => {
            let lifetime = LIVING.lifetime(rate)?;
            let steps = LIVES.map(|life| (life * lifetime).round() as u64).to_vec();
            let last = steps[LIVES.len() - 1];
            let (name, rule) = if clips { ("clipped", clipped) } else { ("plain", Rule::Sgd) };
            let training = Training::new(rule, Schedule::new(rate, last)?, 1)?;
            (name, LIVING.model()?, training, last as usize, repeats, steps)
        }
    };
    // Teachers share their samples: several are cheaper than as many runs. Lost are single runs.
    let lives = matches!(series, "plain" | "clipped");
    let teachers = if lives { 1 } else { 4 };
    let (rate, seed) = (training.schedule().rate(), kit::seed_of(cell.name()));
    let (features, first, mut rows) = (ModelSize::Infinite, 0, Table::default());
    let settings = TrainingSettings { samples, training, features, teachers, repeats, seed, first };
    let runs = simulate_training(&model, &settings, &steps)?.replicates;
    for (replicate, run) in runs.iter().enumerate() {
        for (k, step) in steps.iter().enumerate() {
            let (replicate, step, beside) = (replicate as i64, *step as i64, run.spikes[k] as f64);
            let loss = run.losses[k];
            let value = if lives { f64::from(u8::from(loss > LOST)) } else { loss };
            rows.push(row! { series, replicate, step, rate, value, beside })?;
        }
    }
    Ok(rows)
}

// The first question is whether the recursion gives the mean loss: $v_i \leftarrow
// (1-\eta\lambda_i)^2 v_i + \frac{\eta^2}{B}[\lambda_i(L+\sigma^2) + (E x_i^4 - 2\lambda_i^2) v_i]$
// with $L = \sum_i \lambda_i v_i$. Sparsity is in $E x_i^4 = \lambda_i^2 E z^4/p_i$ alone; the
// defect leaves out $p_i$.
//
// The second question is the exponent of each rule, over two decades of samples, against the
// predicted one. For Adagrad there is a mean field: sums of squares are replaced by their means. It
// says how far from its limit the exponent still is, and its loss is compared with the measured
// one.
//
// After $t$ samples the sum of squares of coordinate $i$ is about $\lambda_i M$, with $M =
// \sum_{s<t} L(s)$, so that Adagrad learns it once $\eta t \sqrt{\lambda_i/M} \approx 1$. If the
// loss is that of coordinates which are not learned yet, $\lambda^{\alpha/(1+\alpha)}$ at $\lambda
// \approx M/t^2$, it goes as $t^{-\gamma}$ with $\gamma = (1 + \gamma)\alpha/(1 + \alpha)$, which
// is $\gamma = \alpha$, as long as $M$ goes as $t^{1-\gamma}$; for $\alpha > 1$ the sum $M$ stays
// bounded and $\gamma = 2\alpha/(1+\alpha)$. Coverage adds $t^{-\alpha/\beta}$. So the exponent of
// Adagrad is $\alpha/\max(1, (1+\alpha)/2, \beta)$: for $\alpha > 1$ and $\beta < (1+\alpha)/2$ it
// is slow.
//
// Steps by signs move every coordinate that is active by $\eta$. Learned are those that were active
// $1/\eta$ times, which leaves $(\eta T)^{-\alpha/\beta}$. At rest the drift of $e_i$, $\eta a_i
// e_i/\sqrt{L}$ a sighting, balances the noise $\eta^2$, so $L \approx \eta \sqrt{L} \sum_i
// \lambda_i/a_i$, a floor $L \propto \eta^2$. With the best constant size, $\eta =
// T^{-\alpha/(2\beta+\alpha)}$, the loss goes as $T^{-2\alpha/(2\beta+\alpha)}$.
//
// The third question is how often a step overshoots, $\eta x_i^2 > 2$. The rate is $\sum_i p_i
// P(\eta a_i^2 z^2 > 2)$ a sample, which should go as $\eta^{(\beta-1)/(\beta-1-\alpha)}$, the
// power of $\eta$ in chapter 08.
//
// The fourth question is how long runs live. The time at which half of them are lost should go as
// $\eta^{-\beta/(\beta-1-\alpha)}$ with plain steps; clipped, no run should be lost. The loss over
// the unseen mass at the end of a pass says how much more the samples would have allowed.
const FACTS: [(&str, PassRule, f64); 5] = [
    ("plain-over", PassRule::Plain, 1.5),
    ("adagrad-over", PassRule::Adagrad, 1.5),
    ("newton-over", PassRule::GaussNewton, 1.5),
    ("adagrad-slow-over", PassRule::Adagrad, 1.2),
    ("newton-slow-over", PassRule::GaussNewton, 1.2),
];
const D6: Drift = Drift { absolute: 1e-9, relative: 1e-6 };

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let exact = SETTINGS.map(|setting| Recursion::read(rows, setting, variant.is_defect()));
    let exact: Vec<Recursion> = exact.into_iter().collect::<Result<_, _>>()?;
    let series = passes(preset).into_iter().map(|pass| PassSeries::read(rows, pass));
    let series: Vec<PassSeries> = series.collect::<Result<_, _>>()?;
    let spikes = SPIKES.map(|case| Spikes::read(rows, case));
    let spikes: Vec<Spikes> = spikes.into_iter().collect::<Result<_, _>>()?;
    let fates = ["plain", "clipped"].map(|name| Fate::read(rows, name, LIVING));
    let [plain, clipped] = fates;
    let (plain, clipped) = (plain?, clipped?);
    let mut findings = Recursion::findings(&exact, preset);
    findings.extend(PassSeries::findings(&series, preset));
    findings.extend(Spikes::findings(&spikes));
    findings.extend(Fate::findings(LIVING, &plain, &clipped));
    let mut data = kit::pass_table(&series)?;
    let mut add = |group: &str, series: &str, rate: Option<f64>, points: &[[f64; 4]]| {
        points.iter().try_for_each(|p| data.push(row! { group, series, x: p[0], rate: rate.unwrap_or(p[0]), value: p[1], error: p[2], theory: p[3], unseen: f64::NAN }))
    };
    for (setting, exact) in SETTINGS.iter().zip(&exact) {
        add("exact", setting.name, Some(setting.rate.0), &exact.points())?;
    }
    for (case, spikes) in SPIKES.iter().zip(&spikes) {
        add("spikes", case.name, None, &spikes.points)?;
    }
    for (name, fates) in [("plain", &plain), ("clipped", &clipped)] {
        fates.iter().try_for_each(|fate| add("lifetime", name, Some(fate.rate), &fate.points))?;
    }
    let at = |rule, beta| series.iter().find(|s| s.pass.rule == rule && s.pass.beta == beta);
    let over =
        |rule, beta| format!("{:.1}", at(rule, beta).map_or(f64::NAN, PassSeries::over_unseen));
    let facts = FACTS.map(|(name, rule, beta)| (name.to_owned(), over(rule, beta)));
    let models = series.iter().map(|s| (s.pass.alpha, s.pass.beta));
    let models: Vec<_> = models.chain(SPIKES.map(|case| (case.alpha, case.beta))).collect();
    let panels = vec![
        kit::pass_panel("$α$ = 1, $β$ = 1.5", kit::SHOWN.iter().filter_map(|rule| at(*rule, 1.5))),
        kit::exponent_panel(&series),
        kit::map_panel(&models),
        Recursion::panel(&exact),
        kit::spike_panel(&spikes),
        kit::lifetime_panel(&plain, &clipped),
    ];
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "One pass: the loss of five rules (points, intervals of two standard errors), the exact mean of plain steps and the mean field of Adagrad (lines); exponents against predictions; what limits a pass; runs over the exact recursion; spikes against the law (lines) and its power (dotted); runs that are lost".into(),
        figure: Figure { title: "The optimiser changes the exponent of one pass".into(), panels, columns: 2, width: 900.0, height: 1150.0, ..Figure::default() },
        data,
        keys: &["group", "series", "rate", "x"],
        drift: &[("value", D6), ("error", D6), ("theory", D6), ("unseen", D6)],
    };
    Ok(Report { figures: vec![figure], findings, facts: facts.into() })
}

// The recursion is exact: over it, simulated mean losses are {exact-single.estimate} with single
// samples, {exact-noisy.estimate} and {exact-batch.estimate} with batches and noise,
// {exact-source.estimate} for a hard teacher and {exact-large.estimate} where rare coordinates are
// large. Without the factor $1/p_i$ of sparse data they would be {defect.exact-single.measured},
// {defect.exact-noisy.measured}, {defect.exact-batch.measured}, {defect.exact-source.measured} and
// {defect.exact-large.measured}.
//
// Plain steps do not see sparsity: for the first three $\beta$ the exponents are
// {sgd-1_2.estimate}, {sgd-1_5.estimate} and {sgd-1_8.estimate} (predicted {sgd-1_5.predicted}). At
// the end, for $\beta = 1.5$, the loss is {fact.plain-over} times the mass of what no sample has
// shown: a plain pass wastes data, of which its exponent knows nothing. Beyond $\beta = 1 + \alpha$
// coverage limits. Clipped steps of one size then have {clipped-2_5.estimate} and
// {clipped-3.estimate} (predicted {clipped-2_5.predicted} and {clipped-3.predicted}); they are
// clipped by the norm of their sample, $\eta |x|^2 \leq 1$. Plain steps have {horizon-2_5.estimate}
// and {horizon-3.estimate}, if their size falls with the length of the pass: half of the size that
// lives as long. At first that is large, and its gradient noise makes the exponents steeper than
// their limit.
//
// Adagrad and Gauss–Newton steps get to what was seen. The exponents of Adagrad are
// {adagrad-1_2.estimate}, {adagrad-1_5.estimate}, {adagrad-1_8.estimate}, {adagrad-2_5.estimate}
// and {adagrad-3.estimate}, where {adagrad-1_2.predicted}, {adagrad-1_5.predicted},
// {adagrad-1_8.predicted}, {adagrad-2_5.predicted} and {adagrad-3.predicted} are predicted in the
// limit. At $\beta = 1.5$ it ends {fact.adagrad-over} times above the unseen mass, and Gauss–Newton
// steps {fact.newton-over} times. At $\beta = 1.2$ both are still steeper than their limit
// (Gauss–Newton: {gauss-newton-1_2.estimate}): they are {fact.adagrad-slow-over} and
// {fact.newton-slow-over} times above the unseen mass, which nothing falls below, and for Adagrad
// what is above falls as $1/T$ but for logarithms, by the argument below. The mean field has this:
// over a pass, the loss of Adagrad is on average nowhere further than {mean-field.measured} from
// it, relatively.
//
// But it is not enough for steps to adapt. Signs alone, of the best constant size, have exponents
// {sign-1_2.estimate} and {sign-1_5.estimate} (predicted {sign-1_2.predicted} and
// {sign-1_5.predicted}): a step must also shrink as its own coordinate is seen more often. And on
// the steep spectrum Adagrad has {adagrad-3-1_2.estimate}. It is limited by optimisation there, and
// far from the $\alpha/\beta = 2.5$ that the samples allow.
//
// Spikes come at the rate of the law: no count is further than {spikes.measured} standard errors
// from it, and the powers of the step are {spikes-rare.estimate}, {spikes-signs.estimate} and
// {spikes-flat.estimate} (limits {spikes-rare.predicted}, {spikes-signs.predicted} and
// {spikes-flat.predicted}). The time at which half of the runs are lost goes as the power
// {lifetime.estimate} of the step (predicted {lifetime.predicted}). Of clipped runs the share that
// is lost is at most {clipped-lost.measured}.
