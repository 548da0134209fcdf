//! # 08 Instability: one rare coordinate breaks the step
//!
//! The abstract announces a scaling law for the probability that gradient descent with a fixed step
//! becomes unstable. Descent with step $\eta$ diverges if and only if
//! $\eta \lambda_{\max}(X^\top X/D) > 2$. Sparsity leaves the covariance alone, so a rare
//! coordinate must be large when it is active:
//! $a_i^2 = \lambda_i/p_i = c^{-\beta} i^{\beta - 1 - \alpha}$ grows with $i$ if
//! $\beta > 1 + \alpha$. One activation of a coordinate beyond
//! $i^* = (2 c^\beta D/\eta)^{1/(\beta-1-\alpha)}$ is then enough. The expected number of such
//! activations gives the probability
//! $P \propto \eta^{(\beta-1)/(\beta-1-\alpha)} D^{-\alpha/(\beta-1-\alpha)}$. More data make the
//! step safer, but only as a power of $D$. For $\beta < 1 + \alpha$ the probability falls
//! exponentially. Single steps of stochastic descent that overshoot are counted in chapter 14.

use crate::kit::{self, Case, InstabilityPoint};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Tolerance, Variant,
};
use asymscale_dynamics::{Learner, descend, largest_eigenvalue};
use asymscale_model::{ModelSize, SparseModel};
use asymscale_montecarlo::{InstabilityMethod, InstabilitySettings, simulate_instability};
use asymscale_plots::Figure;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::{expected_large_entries, instability_asymptote};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "08-instability",
    claims: &["C9"],
    assumes: "the step is chosen before the data are seen. Unstable means that the step times the largest eigenvalue of $X^\\top X/D$ is above 2, whether or not the loss has grown yet.",
    crates: &[
        "asymscale-dynamics",
        "asymscale-model",
        "asymscale-montecarlo",
        "asymscale-sampling",
        "asymscale-sweep",
        "asymscale-theory",
    ],
    source: include_str!("08-instability.rs"),
    defect: Defect {
        name: "planted entries taken for found ones",
        description: "Designs with a planted entry are counted without the weight $E[K]$, as if it had come by itself.",
        turns_red: &[
            "samples-steady",
            "samples-steep",
            "samples-steepest",
            "rate-steady",
            "rate-steep",
            "rate-steepest",
            "law",
            "plain",
            "share",
        ],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Three kinds of data have large rare coordinates, and predicted powers of $D$ of $-\frac12$, $-1$
// and $-2$. In a fourth, called mild, rare coordinates are not large.
const CASES: [(Case, f64); 4] = [
    (Case::sparse("steady", 2.5, 1.0), 0.5),
    (Case::sparse("steep", 3.0, 1.0), 1.0),
    (Case::sparse("steepest", 2.5, 1.0), 1.0),
    (Case::sparse("mild", 1.5, 1.0), 1.0),
];
const RARE: [&str; 3] = ["steady", "steep", "steepest"];

fn model(name: &str) -> Result<SparseModel, ChapterError> {
    let (case, alpha) = CASES.iter().find(|(case, _)| case.name == name).ok_or("no such case")?;
    Ok(case.model(*alpha)?)
}

// A cell is one point: the probability at $D$ samples, step $\eta$ and $N$ features, from plain
// designs ($\vartheta = 0$) or from designs with a planted entry above the share $\vartheta$ of the
// unstable level.
#[derive(Serialize, Deserialize)]
struct Point {
    group: String,
    case: String,
    samples: usize,
    rate: f64,
    features: ModelSize,
    repeats: usize,
    share: f64,
}

const SHARE: f64 = 0.5;
const ALL: ModelSize = ModelSize::Infinite;

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (largest, planted, plain) =
        preset.pick((1024, 400, 8_000), (16_384, 4_000, 60_000), (262_144, 20_000, 400_000));
    let rates = &[0.4, 0.2, 0.1, 0.8, 0.05, 0.025][..preset.pick(3, 5, 6)];
    let mut cells = Vec::new();
    let mut add = |group: &str,
                   case: &str,
                   (samples, rate, features): (usize, f64, ModelSize),
                   repeats,
                   share| {
        let (group, case) = (group.to_owned(), case.to_owned());
        // The name seeds the designs; it has 0 for infinitely many features.
        let name = format!("{group} {case} {samples} {rate} {}", features.finite().unwrap_or(0));
        let point = Point { group, case, samples, rate, features, repeats, share };
        Cell::new(name, &point).map(|cell| cells.push(cell.with_cost((repeats * samples) as f64)))
    };
    for case in RARE {
        for samples in
            std::iter::successors(Some(64), |d| Some(4 * d)).take_while(|d| *d <= largest)
        {
            add("samples", case, (samples, 0.5, ALL), planted, SHARE)?;
            add("share", case, (samples, 0.5, ALL), planted, 0.8)?;
        }
        for rate in rates {
            add("rate", case, (256, *rate, ALL), planted, SHARE)?;
        }
    }
    [64, 256].into_iter().try_for_each(|d| add("plain", "steady", (d, 0.5, ALL), plain, 0.0))?;
    [32, 64, 128, 256]
        .into_iter()
        .try_for_each(|d| add("near", "steady", (d, 1.2, ALL), plain, 0.0))?;
    [8, 16, 32].into_iter().try_for_each(|d| add("mild", "mild", (d, 1.0, ALL), plain, 0.0))?;
    let counts = [8, 16, 32, 64, 128, 256];
    counts
        .into_iter()
        .try_for_each(|n| add("features", "steady", (64, 0.8, n.into()), plain / 8, 0.0))?;
    let fates = ["diverging", "converging"];
    fates.into_iter().try_for_each(|case| add("descent", case, (64, 0.5, ALL), 1, 0.0))?;
    Ok(cells)
}

// Rare events are found by importance sampling. One large entry, $x^2 > \vartheta \cdot 2D/\eta$,
// is planted in an independent design, and the design has the weight $E[K]/K$, where $K$ is the
// number of such entries in it. The defect leaves out $E[K]$.
fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let point: Point = cell.read()?;
    if point.group == "descent" {
        return descent(&point);
    }
    let (model, samples, planted) = (model(&point.case)?, point.samples, point.share > 0.0);
    let (method, threshold_share) = if planted {
        (InstabilityMethod::ImportanceSampling, point.share)
    } else {
        (InstabilityMethod::MonteCarlo, 1.0)
    };
    let (features, seed) = (point.features, kit::seed_of(cell.name()));
    let (rate, repeats) = (point.rate, point.repeats);
    let settings = InstabilitySettings {
        samples,
        rate,
        features,
        repeats,
        method,
        threshold_share,
        seed,
        first: 0,
    };
    let found = simulate_instability(&model, &settings)?;
    let level = threshold_share * 2.0 * samples as f64 / rate;
    let expected =
        if planted { expected_large_entries(&model, samples as f64, level)? } else { 1.0 };
    let x = match point.group.as_str() {
        "rate" => rate,
        "features" => point.features.as_f64(),
        _ => samples as f64,
    };
    let (value, error, (low, high)) = (found.probability, found.standard_error, found.interval);
    let (samples, repeats, critical) = (samples as i64, repeats as i64, f64::NAN);
    let mut rows = Table::default();
    rows.push(row! { group: point.group, case: point.case, x, samples, rate, repeats, value, low, high, error, critical, unweighted: 1.0 / expected })?;
    Ok(rows)
}

// Two designs of one law show what instability means: the first that diverges slowly enough to be
// followed, and the first that does not diverge. On each we iterate gradient descent at
// $N = \infty$, $e \leftarrow e - \eta \hat\Sigma e$ from a drawn teacher, with the exact loss
// $e^\top \Sigma e$.
fn descent(point: &Point) -> Result<Table, ChapterError> {
    let (model, key, mut rows) =
        (model("steady")?, Key::new(kit::SEED).label("descent"), Table::default());
    let wanted = if point.case == "diverging" { 2.2..4.0 } else { 0.0..2.0 };
    for number in 0..100_000 {
        let design = Design::sample(&model, point.samples, &mut key.index(number).stream())?;
        let critical = point.rate * largest_eigenvalue(&design)?.value;
        if !wanted.contains(&critical) {
            continue;
        }
        let teachers = Teachers::draw(&design, 1, TeacherLaw::Gaussian, &key.label("teacher"));
        let steps: Vec<u64> = (0..100).collect();
        let losses =
            descend(&design, &teachers, Learner::Coordinates, point.rate, &steps)?.teacher_means();
        for (t, value) in losses.into_iter().enumerate().take_while(|(_, loss)| *loss < 1e12) {
            let (group, case, samples) =
                (point.group.as_str(), point.case.as_str(), point.samples as i64);
            rows.push(row! { group, case, x: t as f64, samples, rate: point.rate, repeats: 1_i64, value, low: value, high: value, error: 0.0, critical, unweighted: 1.0 })?;
        }
        break;
    }
    Ok(rows)
}

// A point is compared with the diagonal law, the probability that some diagonal entry of
// $X^\top X/D$ exceeds $2/\eta$; with this law corrected for what the rest of a sample adds to its
// large entry; and with the asymptote.
fn in_words(name: &str) -> Result<String, ChapterError> {
    let (case, alpha) = CASES.iter().find(|(case, _)| case.name == name).ok_or("no such case")?;
    Ok(format!("α = {alpha}, β = {}", case.beta))
}

fn points(rows: &Table, group: &str, case: &str) -> Result<Vec<InstabilityPoint>, ChapterError> {
    InstabilityPoint::read(&rows.matching("group", group)?.matching("case", case)?, &model(case)?)
}

fn measured((value, error): (f64, f64)) -> Measured {
    Measured::from((value, (value - 1.96 * error, value + 1.96 * error)))
}

// The first findings are the powers, by least squares. A planted design has a relative variance of
// about $\vartheta^{-q} - 1$, where $q$ is the power of $\eta$. This gives the slope's standard
// error before anything is drawn. The rest of the tolerance is the distance of the corrected law's
// own slope, over the same points, from the limit.
fn power(group: &str, case: &str, rows: &Table) -> Result<Finding, ChapterError> {
    let (points, law) =
        (points(rows, group, case)?, instability_asymptote(&model(case)?, 64.0, 0.5)?);
    let predicted = if group == "rate" { law.rate_exponent } else { law.samples_exponent };
    let repeats = rows.matching("group", group)?.floats("repeats")?[0];
    let error = ((SHARE.powf(-law.rate_exponent) - 1.0) / repeats).sqrt();
    let before: Vec<InstabilityPoint> =
        points.iter().map(|p| InstabilityPoint { value: 1.0, error, ..*p }).collect();
    let finite_size = (kit::log_slope(&points, |p| p.corrected).0 - predicted).abs();
    let width = finite_size + 3.0 * kit::log_slope(&before, |p| p.value).1;
    let source = "by the law's own slope, and three standard errors by the method's variance";
    let along = if group == "rate" { "step" } else { "number of samples" };
    let statement = format!("{}: power of the {along} in the probability", in_words(case)?);
    Ok(Finding::of(format!("{group}-{case}"), statement)
        .claim("C9")
        .predicted(Prediction::Equals(predicted))
        .measured(measured(kit::log_slope(&points, |p| p.value)))
        .within(Tolerance::finite_size(width, source)))
}

// The second findings are the probabilities themselves. All planted points are compared with the
// corrected law, plain designs with planted ones, and $\vartheta = 0.5$ with $0.8$, which would
// differ if designs became unstable without a large entry.
fn scores(rows: &Table) -> Result<Vec<Finding>, ChapterError> {
    let (mut law, mut share) = (Vec::new(), Vec::new());
    for case in RARE {
        let (half, most) = (points(rows, "samples", case)?, points(rows, "share", case)?);
        share.extend(half.iter().zip(&most).map(|(a, b)| a.score(b)));
        let rate = points(rows, "rate", case)?;
        let all = half.iter().chain(&most).chain(&rate);
        law.extend(all.map(|p| (p.value - p.corrected) / p.error));
    }
    let (plain, planted) = (points(rows, "plain", "steady")?, points(rows, "samples", "steady")?);
    let same = |a: &InstabilityPoint| planted.iter().find(|b| a.x == b.x).map(|b| a.score(b));
    let plain: Vec<f64> = plain.iter().filter_map(same).collect();
    let chance = "1 % for all together; half a standard error for the next order";
    let score = |id, statement: &str, scores: &[f64]| {
        let statement = Finding::of(id, format!("{statement}: largest standard score")).claim("C9");
        kit::largest_score(statement, scores).within(Tolerance::statistical(0.5, chance))
    };
    Ok(vec![
        score("law", "planted designs against the corrected law", &law),
        score("plain", "plain designs against planted ones", &plain),
        score("share", "planting above 0.5 of the level against 0.8", &share),
    ])
}

// The third findings say where the law ends. Near $\eta = 2$ the largest eigenvalue is above the
// largest diagonal entry. Few features inflate it. And for $\beta < 1 + \alpha$ the local power of
// $D$ is not constant: it nearly doubles whenever $D$ does. Finally, a diverging loss should grow
// by the factor $(\eta\lambda_{\max} - 1)^2$ at each step.
const ONE_OR_MORE: Prediction = Prediction::AtLeast(1.0);

fn limits(rows: &Table) -> Result<Vec<Finding>, ChapterError> {
    let (near, features) =
        (points(rows, "near", "steady")?[0], points(rows, "features", "steady")?);
    let (mild, relative) =
        (points(rows, "mild", "mild")?, |p: &InstabilityPoint| p.error / p.value);
    let (few, many) = (features[0], features[features.len() - 1]);
    let inflated = few.value / many.value;
    let fall = |k: usize| {
        ((mild[k].value / mild[k + 1].value).ln(), relative(&mild[k]).hypot(relative(&mild[k + 1])))
    };
    let (early, late) = (fall(0), fall(1));
    let steeper = late.0 / early.0;
    let noise = steeper * (late.1 / late.0).hypot(early.1 / early.0);
    let descent = rows.matching("group", "descent")?.sort_by(&["x"])?;
    let (up, down) =
        (descent.matching("case", "diverging")?, descent.matching("case", "converging")?);
    let (rise, left) = (up.floats("value")?, down.floats("value")?);
    let growth =
        rise[rise.len() - 1] / rise[rise.len() - 2] / (up.floats("critical")?[0] - 1.0).powi(2);
    let left = left[left.len() - 1] / left[0];
    let near = (near.value / near.law, near.error / near.law);
    let inflated = (inflated, inflated * relative(&few).hypot(relative(&many)));
    let noise_of = |width| Tolerance::statistical(width, "of the simulation");
    let finding = |id: &str, statement: &str, predicted: Prediction| {
        Finding::of(id, statement).claim("C9").predicted(predicted)
    };
    Ok(vec![
        finding("near", "D = 32, η = 1.2: probability over that of the diagonal law", ONE_OR_MORE)
            .measured(measured(near))
            .within(noise_of(0.05)),
        finding("features", "probability at 8 features over that at 256", ONE_OR_MORE)
            .measured(measured(inflated))
            .within(noise_of(0.2)),
        finding("mild", "α = 1, β = 1.5: growth of the local power of D", Prediction::AtLeast(1.5))
            .measured(measured((steeper, noise)))
            .within(Tolerance::finite_size(0.25, "half of what is left to a power law, 1")),
        finding(
            "growth",
            "a diverging design: growth a step, over theory",
            Prediction::Equals(1.0),
        )
        .measured(Measured::Exact(growth))
        .within(Tolerance::rounding(1e-6, "stable directions, 1e-11; residual of the eigenvalue")),
        finding("converging", "a converging design: last loss over first", Prediction::AtMost(1.0))
            .measured(Measured::Exact(left))
            .within(Tolerance::rounding(0.01, "one per cent, far above that of a hundred steps")),
    ])
}

const D6: Drift = Drift { absolute: 1e-300, relative: 1e-6 };
const DRIFT: [(&str, Drift); 6] =
    [("value", D6), ("low", D6), ("high", D6), ("law", D6), ("corrected", D6), ("asymptote", D6)];

fn report(rows: &Table, _preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let unweighted = || kit::scaled(rows, &["value", "low", "high", "error"], "unweighted");
    let rows = &if variant.is_defect() { unweighted()? } else { rows.clone() };
    let (mut findings, mut data) = (Vec::new(), Table::default());
    for case in RARE {
        findings.extend([power("samples", case, rows)?, power("rate", case, rows)?]);
    }
    findings.extend(scores(rows)?.into_iter().chain(limits(rows)?));
    // The table has every point that is drawn, with its interval and the lines there.
    for (key, rows) in rows.group_by(&["group", "case"])? {
        let (group, case) =
            (key[0].as_text().unwrap_or_default(), key[1].as_text().unwrap_or_default());
        let descent = group == "descent";
        let points = if descent { Vec::new() } else { points(&rows, group, case)? };
        for p in points {
            data.push(row! { group, case, x: p.x, value: p.value, low: p.interval.0, high: p.interval.1, law: p.law, corrected: p.corrected, asymptote: p.asymptote })?;
        }
        for (x, value) in
            rows.floats("x")?.into_iter().zip(rows.floats("value")?).filter(|_| descent)
        {
            data.push(row! { group, case, x, value, low: value, high: value, law: f64::NAN, corrected: f64::NAN, asymptote: f64::NAN })?;
        }
    }
    let title = "Instability is a power law where rare coordinates are large".into();
    let panels = kit::instability_panels(rows, &RARE, model)?;
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Probability that fixed-step descent is unstable: simulation (points), the diagonal law (lines), its asymptote (dotted)".into(),
        figure: Figure { title, panels, columns: 2, width: 900.0, height: 1000.0, ..Figure::default() },
        data,
        keys: &["group", "case", "x"],
        drift: &DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts: Vec::new() })
}

// The probability of instability is the predicted power of the number of samples: the fitted powers
// are {samples-steady.estimate}, {samples-steep.estimate} and {samples-steepest.estimate}, where
// {samples-steady.predicted}, {samples-steep.predicted} and {samples-steepest.predicted} are
// predicted. The powers of the step are {rate-steady.estimate}, {rate-steep.estimate} and
// {rate-steepest.estimate} (predicted {rate-steady.predicted}, {rate-steep.predicted} and
// {rate-steepest.predicted}). The probabilities themselves agree as well: no simulated one is
// further than {law.measured} standard errors from the corrected law.
//
// The law has limits. With few samples and a large step the simulated probability is
// {near.estimate} times that of the diagonal law. Few features make instability {features.estimate}
// times as likely as many features do. And where rare coordinates are not large the local power of
// $D$ grows by a factor {mild.estimate} as $D$ doubles, as for an exponential decay. If planted
// designs were not weighted, the first and the third of the powers of $D$ would come out as
// {defect.samples-steady.measured} and {defect.samples-steepest.measured}.
