//! # 04 The unseen bottleneck: rare coordinates that no sample activated
//!
//! The abstract says that the loss is often dominated by rare coordinates that were never observed
//! in training, and that dense models have no such bottleneck. To separate this from everything
//! else we let the model size go to infinity. The loss $L_\infty$ that remains is due to data
//! alone. One part of it is the variance $U$ of coordinates that no sample activated, which no
//! learner of any size could know. We follow the share $U/L_\infty$ as the number of samples grows,
//! for kinds of data that have the same spectrum and differ in sparsity only.

use crate::kit::{self, Case};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Prediction, Preset, Report, Tolerance,
    Variant, draw,
};
use asymscale_model::SparseModel;
use asymscale_montecarlo::Estimate;
use asymscale_plots::{Dash, Figure, Line, Panel};
use asymscale_sampling::{Design, Key};
use asymscale_solvers::residual_mass;
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "04-unseen-bottleneck",
    claims: &["C2", "C3"],
    assumes: "a learner with infinitely many features, no ridge, and labels without noise; one spectrum, $\\alpha = 1$, at five degrees of sparsity.",
    crates: &[
        "asymscale-model",
        "asymscale-montecarlo",
        "asymscale-sampling",
        "asymscale-solvers",
        "asymscale-sweep",
        "asymscale-theory",
    ],
    source: include_str!("04-unseen-bottleneck.rs"),
    defect: Defect {
        name: "the unseen tail dropped",
        description: "The loss is measured on the coordinates that training activated, as a test on a finite vocabulary would do.",
        turns_red: &[
            "share-marginal",
            "share-sparse",
            "claim-sparse",
            "share-sparser",
            "claim-sparser",
        ],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// The five cases go from dense to sparse. With $\beta \le 1$ a sample would activate infinitely
// many coordinates, so their number is finite here. It is so large that the variance cut off is
// small against every loss shown.
const ALPHA: f64 = 1.0;
const CASES: [Case; 5] = [
    Case::finite("dense", 0.0, 1.0, 4_000),
    Case::finite("mild", 0.5, 1.0, 100_000),
    Case::finite("marginal", 1.0, 1.0, 10_000_000),
    Case::sparse("sparse", 1.5, 1.0),
    Case::sparse("sparser", 2.0, 1.0),
];

#[derive(Serialize, Deserialize)]
struct Block {
    case: String,
    samples: usize,
    designs: u64,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (largest, designs) = preset.pick((256, 8), (1024, 24), (4096, 64));
    let mut cells = Vec::new();
    for case in CASES {
        // Where nothing stays unseen samples have very many entries, and a shorter ladder suffices.
        let top = if case.beta < 1.0 { largest / 4 } else { largest };
        let sizes = std::iter::successors(Some(16), |d| Some(2 * d)).take_while(|d| *d <= top);
        for samples in sizes {
            let parameters = Block { case: case.name.to_owned(), samples, designs };
            let cell = Cell::new(format!("{} D = {samples}", case.name), &parameters)?;
            cells.push(cell.with_cost((samples as f64).powi(2)));
        }
    }
    Ok(cells)
}

// The loss of infinitely many features needs no fit. Such a learner predicts exactly what the row
// space of the design spans, so it loses the variance outside,
// $L_\infty = \operatorname{tr} \Sigma (I - P)$, with $P$ the projection onto the row space. All
// unseen coordinates are outside, and their mass has a closed form, so that only the design is
// random.
fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let model = Case::named(&CASES, &block.case)?.model(ALPHA)?;
    let key = Key::new(kit::SEED).label(cell.name());
    let mut rows = Table::default();
    for number in 0..block.designs {
        let design = Design::sample(&model, block.samples, &mut key.index(number).stream())?;
        let (loss, unseen) = (residual_mass(&design)?, design.unseen_mass());
        rows.push(row! { case: block.case.as_str(), samples: block.samples as i64, design: number as i64, loss, unseen })?;
    }
    Ok(rows)
}

// The share is the ratio of the two means; its standard error comes from the designs.
struct Share {
    samples: f64,
    measured: Estimate,
    theory: f64,
}

fn shares(rows: &Table, case: &Case, variant: Variant) -> Result<Vec<Share>, ChapterError> {
    let model = case.model(ALPHA)?;
    let mut shares = Vec::new();
    for (_, rows) in rows.matching("case", case.name)?.group_by(&["samples"])? {
        let (samples, mut loss, mut unseen) =
            (rows.floats("samples")?[0], rows.floats("loss")?, rows.floats("unseen")?);
        if variant.is_defect() {
            loss.iter_mut()
                .zip(&unseen)
                .for_each(|(loss, u)| *loss = (*loss - u).max(f64::MIN_POSITIVE));
            unseen.fill(0.0);
        }
        let mean = Estimate::of(&loss).mean;
        let ratio = Estimate::of(&unseen).mean / mean;
        // To first order the ratio of means varies as the mean of U − ratio · L, in units of the
        // mean loss.
        let around: Vec<f64> =
            unseen.iter().zip(&loss).map(|(u, l)| (u - ratio * l) / mean).collect();
        let measured = Estimate { mean: ratio, ..Estimate::of(&around) };
        shares.push(Share { samples, measured, theory: theory(&model, samples)? });
    }
    Ok(shares)
}

fn theory(model: &SparseModel, samples: f64) -> Result<f64, ChapterError> {
    Ok(SampleTheory::new(model, samples)?.unseen_share())
}

// At every number of samples the share should be that of theory. The tolerance is the effect of
// collisions of rare coordinates on the loss, as theory estimates it, plus the resolution of the
// preset. The claim adds a bound at the largest number of samples: unseen coordinates *dominate*,
// that is, make up more than half of the loss, for $\beta > 1$, and are a small part of it, less
// than a tenth, for $\beta < 1$. At $\beta = 1$ the share neither grows nor falls, and only its
// value can be tested.
fn findings(case: &Case, shares: &[Share], preset: Preset) -> Result<Vec<Finding>, ChapterError> {
    let last = shares.last().ok_or("no sizes")?;
    let size = SampleTheory::new(&case.model(ALPHA)?, last.samples)?.pole_error(f64::INFINITY)?;
    let claim = if case.beta < 1.0 { "C3" } else { "C2" };
    let measured = |id: String, statement: String, prediction| {
        Finding::of(id, statement).claim(claim).predicted(prediction).measured(last.measured)
    };
    let beta = case.beta;
    let statement = format!(
        "β = {beta}: share of the loss in unseen coordinates, at the largest number of samples"
    );
    let width = last.theory * size + kit::resolution(preset);
    let share =
        measured(format!("share-{}", case.name), statement, Prediction::Equals(last.theory))
            .within(Tolerance::finite_size(width, kit::FINITE_SIZE));
    let bound = match case.name {
        "sparse" | "sparser" => Prediction::AtLeast(0.5),
        "marginal" => return Ok(vec![share]),
        _ => Prediction::AtMost(0.1),
    };
    let statement = format!("β = {beta}: the same share, against the bound that the claim implies");
    let claim = measured(format!("claim-{}", case.name), statement, bound)
        .within(Tolerance::resolution(kit::resolution(preset), "of the preset"));
    Ok(vec![share, claim])
}

fn panel(all: &[(usize, Vec<Share>)]) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        "",
        draw::log("samples $D$"),
        draw::linear("unseen share $U/L_∞$").range(-0.03, 1.03),
    );
    for (number, shares) in all {
        let case = &CASES[*number];
        // The line is theory for infinitely many coordinates, which the finite numbers
        // approximate.
        let model = SparseModel::power_law(ALPHA, case.beta, case.onset)?;
        let sizes = kit::log_space(16.0, 1e6, 60);
        let theory: Result<Vec<_>, ChapterError> =
            sizes.into_iter().map(|d| Ok((d, theory(&model, d)?))).collect();
        let name = format!("$β$ = {}", case.beta);
        let dash = [Dash::Solid, Dash::Dashed, Dash::DashDot, Dash::Solid, Dash::Dashed][*number];
        panel = panel.with(Line { name: name.clone(), dash, ..draw::line(*number, theory?) });
        panel = panel.with(draw::marks(
            name,
            *number,
            shares.iter().map(|s| (s.samples, s.measured.mean)).collect(),
            shares.iter().map(|s| s.measured.interval(0.95)).collect(),
        ));
    }
    Ok(panel)
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let mut all = Vec::new();
    for (number, case) in CASES.iter().enumerate() {
        all.push((number, shares(rows, case, variant)?));
    }
    let largest = rows.floats("samples")?.into_iter().fold(0.0, f64::max);
    let mut findings = Vec::new();
    for (number, shares) in &all {
        findings.extend(self::findings(&CASES[*number], shares, preset)?);
    }
    let mut data = Table::default();
    for (number, shares) in &all {
        for share in shares {
            data.push(row! {
                case: CASES[*number].name, beta: CASES[*number].beta, samples: share.samples as i64,
                share: share.measured.mean, standard_error: share.measured.standard_error, theory: share.theory
            })?;
        }
    }
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Share of the data-limited loss in coordinates no sample activated: simulation (points) and theory (lines)".into(),
        figure: Figure {
            title: "Rare coordinates dominate the loss of sparse data, not of dense data".into(),
            panels: vec![panel(&all)?],
            ..Figure::default()
        },
        data,
        keys: &["case", "samples"],
        drift: &[
            ("share", Drift { absolute: 1e-9, relative: 1e-6 }),
            ("standard_error", Drift { absolute: 1e-9, relative: 1e-4 }),
            ("theory", Drift { absolute: 1e-9, relative: 1e-6 }),
        ],
    };
    let facts = vec![("samples".into(), format!("{largest}"))];
    Ok(Report { figures: vec![figure], findings, facts })
}

// Unseen coordinates make up {share-sparse.estimate} of the loss at $\beta = 1.5$ and
// {share-sparser.estimate} at $\beta = 2$ with {fact.samples} samples. For $\beta < 1$ they make up
// almost nothing: {share-mild.estimate} at $\beta = 0.5$ and {share-dense.measured} for dense data.
// At $\beta = 1$ the share is {share-marginal.estimate} and neither grows nor falls. If the loss
// were measured on seen coordinates only, as on a finite vocabulary, the share would come out as
// {defect.share-sparse.measured} at $\beta = 1.5$, and the bottleneck would go unnoticed.
