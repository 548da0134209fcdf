//! # 06 Compute-optimal: sparsity tilts the frontier towards data
//!
//! The abstract says that the compute-optimal frontier favours data over model size. With a budget
//! $C = ND$ and dense features both should grow as $C^{1/2}$. With sparse features the best model
//! need only be as large as the number of coordinates that the data have shown,
//! $N^* \propto S(D^*) \propto D^{*\,1/\beta}$, so we expect $N^* \propto C^{1/(1+\beta)}$,
//! $D^* \propto C^{\beta/(1+\beta)}$ and $L^* \propto C^{-\alpha/(1+\beta)}$ for $\beta > 1$.
//!
//! These are the exponents for labels without noise. Noise of variance $\sigma^2$ hides a direction
//! whose eigenvalue is below $\sigma^2/D$, and leaves $(D/\sigma^2)^{1/(1+\alpha)}$ directions to
//! be learned. For large budgets that is fewer than the data show wherever $\beta < 1 + \alpha$,
//! however small the noise is. Noise then takes the place of sparsity: in each exponent
//! $\max(1, \beta)$ becomes $\max(\beta, 1 + \alpha)$, for dense data too. For
//! $\beta \geq 1 + \alpha$ rare features limit the loss as they do without noise.

use crate::kit::{self, BestSplits, Case, Rungs, SPLIT_DRIFT, Split, SplitQuantity};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Tolerance, Variant,
};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_montecarlo::replicates;
use asymscale_plots::{Figure, Panel};
use asymscale_sampling::{Design, Key};
use asymscale_solvers::residual_mass;
use asymscale_sweep::{Cell, Table, row};
use asymscale_theory::{Ridge, SampleTheory, frontier_exponents};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "06-compute-optimal",
    claims: &["C7"],
    assumes: "compute is $C = ND$, every run is trained to completion, and labels have no noise.",
    crates: &[
        "asymscale-fitting",
        "asymscale-model",
        "asymscale-montecarlo",
        "asymscale-sampling",
        "asymscale-solvers",
        "asymscale-sweep",
        "asymscale-theory",
    ],
    source: include_str!("06-compute-optimal.rs"),
    defect: Defect {
        name: "the unseen mass ignored",
        description: "The loss is taken to fall with data as it does for dense features of the same spectrum.",
        #[rustfmt::skip]
        turns_red: &[
            "features-a10-b15", "loss-a10-b15", "features-a10-b15-ridge", "loss-a10-b15-ridge", "features-a10-b30", "loss-a10-b30",
            "features-a20-b15-rademacher", "loss-a20-b15-rademacher", "prefactor-a10-b15", "prefactor-a10-b30", "simulated-features-sparse", "simulated-loss-sparse",
        ],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Theory comes first, for six kinds of data. One has Rademacher amplitudes, one is taken with the
// best ridge at every split of the budget, and two have $\beta < 1$, too little sparsity for an
// asymmetry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    Sparse,
    SparseWithRidge,
    Sparser,
    SparseRademacher,
    Dense,
    Mild,
}

struct Kind {
    data: Data,
    // The name in cells and rows.
    name: &'static str,
    // The name in findings.
    label: &'static str,
    alpha: f64,
    beta: f64,
    amplitude: Amplitude,
    ridge: Ridge,
}

const fn kind(data: Data, name: &'static str, alpha: f64, beta: f64) -> Kind {
    let (amplitude, ridge) = (Amplitude::Gaussian, Ridge::Fixed(0.0));
    Kind { data, name, label: name, alpha, beta, amplitude, ridge }
}

const RADEMACHER: Kind = kind(Data::SparseRademacher, "a20-b15-pm", 2.0, 1.5);
const KINDS: [Kind; 6] = [
    kind(Data::Sparse, "a10-b15", 1.0, 1.5),
    Kind { ridge: Ridge::Optimal, ..kind(Data::SparseWithRidge, "a10-b15-ridge", 1.0, 1.5) },
    kind(Data::Sparser, "a10-b30", 1.0, 3.0),
    Kind { amplitude: Amplitude::Rademacher, label: "a20-b15-rademacher", ..RADEMACHER },
    kind(Data::Dense, "a10-b00", 1.0, 0.0),
    kind(Data::Mild, "a20-b05", 2.0, 0.5),
];

// Simulation follows, at small budgets, for one sparse and one dense kind of data. Above the
// threshold the loss of a design, averaged over features and teachers, is exactly
// $\operatorname{tr}[\Sigma(1 - P)]\,(N - 1)/(N - r - 1)$. So the rank $r$ and the residual
// variance $\operatorname{tr}[\Sigma(1 - P)]$ give it at every $N$, and only designs have to be
// averaged over.
const SPARSE: Case = Case::sparse("sparse", 1.5, 1.0);
const DENSE: Case = Case::finite("dense", 0.0, 1.0, 2000);
const CASES: [Case; 2] = [SPARSE, DENSE];
const ALPHA: f64 = 1.0;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Frontier { kind: String, dense: bool, decades: Vec<f64> },
    Map { amplitude: String, beta: f64, alphas: Vec<f64> },
    Designs { case: String, samples: usize, designs: usize },
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let mut cells = Vec::new();
    let step: f64 = preset.pick(2.0, 0.5, 0.25);
    for kind in &KINDS {
        // The last two decades have steps of half a decade or finer, those before coarser ones.
        let costly = kind.ridge == Ridge::Optimal;
        let (fine, from) = if costly { (1.0, 12.0) } else { (step.min(1.0), 4.0) };
        let rung = |from: f64, step: f64| (0..100).map(move |k| from + step * f64::from(k));
        let coarse = rung(from, step).take_while(|d| *d < 12.0);
        let decades = coarse.chain(rung(12.0, fine).take_while(|d| *d <= 14.0)).collect();
        let frontier =
            |dense, decades| Task::Frontier { kind: kind.name.to_owned(), dense, decades };
        // The planted defect takes the same for dense data, over the top two decades.
        if preset == Preset::Quick {
            let task = frontier(true, vec![12.0, 13.0, 14.0]);
            cells.push(Cell::new(format!("dense {}", kind.name), &task)?.with_cost(1e9));
        }
        let cell = Cell::new(format!("theory {}", kind.name), &frontier(false, decades))?;
        cells.push(cell.with_cost(1e9));
    }
    let (rows, columns) = preset.pick((2, 2), (13, 10), (31, 31));
    let between =
        |low: f64, high: f64, k: usize, n: usize| low + (high - low) * k as f64 / (n - 1) as f64;
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        for row in 0..rows {
            let beta = between(0.0, 3.0, row, rows);
            let alphas = (0..columns).map(|k| between(0.25, 2.5, k, columns)).collect();
            let task = Task::Map { amplitude: amplitude.to_string(), beta, alphas };
            cells.push(Cell::new(format!("map {amplitude} β = {beta}"), &task)?.with_cost(1e8));
        }
    }
    let designs = preset.pick(24, 128, 1024);
    for case in CASES {
        let designs = if case == DENSE { designs / 2 } else { designs };
        for samples in ladder(case, preset) {
            let task = Task::Designs { case: case.name.to_owned(), samples, designs };
            cells.push(
                Cell::new(format!("{} D = {samples}", case.name), &task)?
                    .with_cost((samples as f64).powi(2)),
            );
        }
    }
    Ok(cells)
}

// Numbers of samples increase in steps of a quarter octave, up to twice the best $D$ of the largest
// budget. Budgets increase in half decades from one whose best $D$ is about 30.
const RUNG: f64 = 0.25 * std::f64::consts::LN_2;

fn budgets(case: Case, preset: Preset) -> Vec<f64> {
    let count = if case == DENSE { preset.pick(3, 4, 5) } else { preset.pick(5, 6, 7) };
    (0..count).map(|k| 10_f64.powf(3.5 + 0.5 * f64::from(k))).collect()
}

fn ladder(case: Case, preset: Preset) -> Vec<usize> {
    let largest = budgets(case, preset).into_iter().fold(0.0, f64::max);
    let best = if case == DENSE { (largest / 3.0).sqrt() } else { (largest / 9.4).powf(0.6) };
    let rungs = (0..).map(|k| 14.0 * (RUNG * f64::from(k)).exp());
    rungs.take_while(|d| *d < 2.0 * best).map(|d| d.round() as usize).collect()
}

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let mut rows = Table::default();
    let mut push =
        |task: &str,
         name: &str,
         design: i64,
         [compute, features, samples, loss, threshold, ratio]: [f64; 6]| {
            rows.push(
                row! { task, name, design, compute, features, samples, loss, threshold, ratio },
            )
        };
    match cell.read()? {
        Task::Frontier { kind, dense, decades } => {
            let kind =
                KINDS.iter().find(|known| known.name == kind).ok_or("a kind that is not listed")?;
            let (beta, task) = if dense { (0.0, "dense") } else { (kind.beta, "theory") };
            let model =
                SparseModel::power_law(kind.alpha, beta, 1.0)?.with_amplitude(kind.amplitude);
            for decade in decades {
                push(
                    task,
                    kind.name,
                    0,
                    kit::best_split(&model, 10_f64.powf(decade), kind.ridge)?,
                )?;
            }
        }
        Task::Map { amplitude, beta, alphas } => {
            for alpha in alphas {
                let model =
                    SparseModel::power_law(alpha, beta, 1.0)?.with_amplitude(amplitude.parse()?);
                let mut values = kit::best_split(&model, MAPPED, Ridge::Fixed(0.0))?;
                (values[1], values[2]) = (alpha, beta);
                push("map", &amplitude, 0, values)?;
            }
        }
        Task::Designs { case, samples, designs } => {
            let model = Case::named(&CASES, &case)?.model(ALPHA)?;
            let key = Key::new(kit::seed_of(cell.name()));
            let drawn = replicates(&key, 0, designs, |_, key| -> Result<_, ChapterError> {
                let design = Design::sample(&model, samples, &mut key.label("design").stream())?;
                Ok((design.rank() as f64, residual_mass(&design)?))
            })?;
            for ((rank, residual), design) in drawn.into_iter().zip(0..) {
                push("designs", &case, design, [0.0, 0.0, samples as f64, residual, rank, 0.0])?;
            }
        }
    }
    Ok(rows)
}

// The frontier has two sides. Without ridge the loss along a budget has a pole at the threshold
// $r = \min(S, D)$, and a minimum on either side of it. Which minimum is lower depends on the data,
// as the map shows for this budget. For dense data they tie, and we follow the larger model.
const MAPPED: f64 = 1e10;

// Exponents are read over the top two decades, $10^{12}$ to $10^{14}$. Corrections for the finite
// budget are of relative order $S/D^*$ there.
fn theory_findings(kind: &Kind, rows: &Table) -> Result<Vec<Finding>, ChapterError> {
    let model = SparseModel::power_law(kind.alpha, kind.beta, 1.0)?;
    let law = frontier_exponents(&model).ok_or("a law without exponents")?;
    let top = rows.filter(|row| row.float("compute").is_some_and(|c| c > 0.9e12));
    let compute = top.floats("compute")?;
    let mut findings = Vec::new();
    for (column, word, predicted) in
        [("features", "best model size", law.features), ("loss", "loss", law.loss)]
    {
        let statement = format!(
            "{}: exponent of the {word} in compute, theory over the top two decades",
            legend(kind)
        );
        let order = "terms of relative order S/D < 0.05 change by less than that in ln 100";
        let finding = Finding::of(format!("{column}-{}", kind.label), statement)
            .claim("C7")
            .predicted(Prediction::Equals(predicted))
            .measured(Measured::Exact(kit::exponent(&compute, &top.floats(column)?)?))
            .within(Tolerance::finite_size(0.01, order));
        findings.push(finding);
    }
    // On the larger side the loss is $U N/(N - r)$, stationary at $N^* = r(1 + a)/a$ with
    // $a = \alpha/(1 + \max(1, \beta))$.
    let (features, threshold) = (top.floats("features")?, top.floats("threshold")?);
    let ratio = features[features.len() - 1] / threshold[threshold.len() - 1];
    let a = -law.loss;
    if kind.amplitude == Amplitude::Gaussian && kind.ridge != Ridge::Optimal {
        let statement = format!(
            "{}: best model size over the threshold, theory at the largest budget",
            legend(kind)
        );
        let order = "terms of relative order 1/S, and 1e-4 of the minimum";
        let finding = Finding::of(format!("prefactor-{}", kind.label), statement)
            .claim("C7")
            .predicted(Prediction::Equals((1.0 + a) / a))
            .measured(Measured::Exact(ratio))
            .within(Tolerance::finite_size(0.01 * (1.0 + a) / a, order));
        findings.push(finding);
    }
    Ok(findings)
}

// In simulation the same exponents come from means over designs. A parabola in $\ln D$ through the
// lowest mean and two on either side of it has its vertex at the best $D$. The minimum of noisy
// means is biased low, so one half of the designs decides where it is, and the other half how low
// it is. The prediction is what theory gives for the same numbers of samples, parabola and budgets.
// The tolerance is the change that the rank-corrected theory makes in it (chapter 10), plus the
// resolution of the preset at either end of the budgets.
fn simulated(
    case: &Case,
    rungs: &Rungs,
    preset: Preset,
    variant: Variant,
) -> Result<(BestSplits, Vec<Finding>), ChapterError> {
    let (budgets, model) = (budgets(*case, preset), case.model(ALPHA)?);
    let assumed = if variant.is_defect() { DENSE.model(ALPHA)? } else { model.clone() };
    let nominal = |theory: &SampleTheory| theory.coverage().samples;
    let assumed = rungs.theories(&assumed, nominal)?;
    let plain = rungs.theories(&model, nominal)?;
    let corrected = rungs.theories(&model, SampleTheory::effective_samples)?;
    let splits = BestSplits::read(rungs, &budgets, |compute| rungs.expected(&assumed, compute));
    let (range, numbers) = ((budgets[budgets.len() - 1] / budgets[0]).ln(), rungs.numbers());
    let mut findings = Vec::new();
    for quantity in SplitQuantity::ALL {
        let growth = |best: &dyn Fn(f64) -> Split| kit::growth_exponent(quantity, &budgets, best);
        let measured = |picked: &[&usize]| growth(&|compute| rungs.best(compute, picked));
        let by = |theories: &[SampleTheory]| growth(&|compute| rungs.expected(theories, compute));
        let width = (by(&corrected) - by(&plain)).abs() + 2.0 * kit::resolution(preset) / range;
        let (name, word, data) = (case.name, quantity.name(), kit::data_in_words(case));
        let statement = format!(
            "{data}: simulated exponent of the best {word} in compute, against theory at the same budgets"
        );
        let all = measured(&numbers.iter().collect::<Vec<_>>());
        let finding = Finding::of(format!("simulated-{word}-{name}"), statement)
            .claim("C7")
            .predicted(Prediction::Equals(by(&assumed)))
            .measured((all, kit::bootstrap_interval(&numbers, kit::SEED, measured)))
            .within(Tolerance::finite_size(width, kit::FINITE_SIZE));
        findings.push(finding);
    }
    Ok((splits, findings))
}

// The figure shows the loss along three budgets; the best sizes and losses against the budget, by
// theory (lines) and simulation (points, with intervals); and the best model size over the
// threshold. A second figure has the two maps.
fn panels(
    theory: &[Table],
    sparse: (&Rungs, &BestSplits),
    dense: &BestSplits,
) -> Result<Vec<Panel>, ChapterError> {
    let of = |data: Data| {
        let kind = KINDS.iter().position(|kind| kind.data == data);
        kind.map(|kind| &theory[kind]).ok_or("a kind of data that is not listed")
    };
    let kinds = [(SPARSE.name, of(Data::Sparse)?, sparse.1), (DENSE.name, of(Data::Dense)?, dense)];
    let legends = KINDS.iter().map(legend).zip(theory.iter().cloned());
    let limits = KINDS
        .iter()
        .filter(|kind| kind.amplitude == Amplitude::Gaussian)
        .map(|kind| 1.0 + (1.0 + kind.beta.max(1.0)) / kind.alpha);
    Ok(vec![
        kit::budget_panel(&SPARSE.model(ALPHA)?, sparse.0)?,
        kit::growth_panel(SplitQuantity::Features, &kinds)?,
        kit::growth_panel(SplitQuantity::Loss, &kinds)?,
        kit::threshold_panel(legends, limits)?,
    ])
}

fn legend(kind: &Kind) -> String {
    let more = match (kind.ridge, kind.amplitude) {
        (Ridge::Optimal, _) => ", best ridge",
        (_, Amplitude::Rademacher) => ", Rademacher",
        _ => "",
    };
    format!("α = {}, β = {}{more}", kind.alpha, kind.beta)
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let (mut report, mut data, mut theory) = (Report::default(), Table::default(), Vec::new());
    for kind in &KINDS {
        let task = if variant.is_defect() { "dense" } else { "theory" };
        theory.push(rows.matching("task", task)?.matching("name", kind.name)?);
        report.findings.extend(theory_findings(kind, &theory[theory.len() - 1])?);
    }
    let mut simulation = |case: &Case| -> Result<_, ChapterError> {
        let drawn = rows.matching("task", "designs")?.matching("name", case.name)?;
        let rungs = Rungs::read(&drawn, ("threshold", "loss"), RUNG)?;
        let (splits, findings) = simulated(case, &rungs, preset, variant)?;
        splits.write(case.name, &mut data)?;
        report.findings.extend(findings);
        Ok((rungs, splits))
    };
    let ((rungs, sparse), (_, dense)) = (simulation(&SPARSE)?, simulation(&DENSE)?);
    let panels = panels(&theory, (&rungs, &sparse), &dense)?;
    report.figures.push(FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Loss along budgets for $α = 1$, $β = 1.5$; the best model size, and its loss, against compute, in simulation (points) and theory (lines); the best model size over the threshold".into(),
        figure: Figure { title: "The compute-optimal frontier".into(), panels, columns: 2, width: 900.0, height: 780.0, ..Figure::default() },
        data,
        keys: &["case", "compute"],
        drift: SPLIT_DRIFT,
    });
    report.figures.push(kit::side_figure(rows, "06-compute-optimal-sides")?);
    Ok(report)
}

// With $\alpha = 1$ and $\beta = 1.5$ the best model size grows as compute to the power
// {features-a10-b15.measured}, against {features-a10-b00.measured} for dense data, and its loss
// falls with the power {loss-a10-b15.measured}, against {loss-a10-b00.measured}. So the frontier
// favours data, and a decade of compute lowers the loss by less. The best ridge at every size does
// not change the exponents ({features-a10-b15-ridge.measured} and {loss-a10-b15-ridge.measured}).
// These are exponents of theory at large budgets. At budgets that can be simulated the exponent of
// the best model size is {simulated-features-sparse.estimate}, where theory predicts
// {simulated-features-sparse.predicted} and the theory of dense data
// {defect.simulated-features-sparse.predicted}.
