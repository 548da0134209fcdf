//! # 10 Finite size: where the asymptotic theory can be trusted
//!
//! The theory of this report averages over designs as if coordinates filled the samples evenly.
//! Rare coordinates do not: two of them may share their only sample, and a sample may show nothing
//! but one coordinate that other samples show too. Then the rank falls short of $\min(S, D)$, which
//! moves the threshold and changes the loss near it. We measure rank and loss against the number of
//! samples, and ask whether the rank explains the error of the loss. Findings far from the
//! threshold count for claim C4; the others are about the theory itself.

use crate::kit::{self, Agreement, Case, Curve, Curves, Spread};
#[rustfmt::skip]
use crate::{Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report, Tolerance, Variant, draw};
use asymscale_model::SparseModel;
use asymscale_montecarlo::{Estimate, Settings, simulate};
use asymscale_plots::{Figure, Legend, Panel, Reference};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "10-finite-size",
    claims: &["C4"],
    assumes: "no ridge, and labels without noise; distances are those of medians where means do not exist.",
    crates: &["asymscale-model", "asymscale-montecarlo", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("10-finite-size.rs"),
    defect: Defect {
        name: "collisions of rare coordinates ignored",
        description: "The rank is expected to be the smaller of the number of seen coordinates and the number of samples, and the loss to be that of the theory without lifts.",
        turns_red: &["rank-sparse", "rank-late", "lifted"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// There are three kinds of sparse data: with coordinates that are rare from the first one on, rarer
// still, and rare after an onset. The last is the hardest case: at its crossover as many
// coordinates are seen as there are samples, so that every collision lowers the rank.
const ALPHA: f64 = 1.0;
const CASES: [Case; 3] = [
    Case::sparse("sparse", 1.5, 1.0),
    Case::sparse("sparser", 2.0, 1.0),
    Case::sparse("late", 1.5, 3.0),
];

// Losses are read at model sizes that are fixed shares of the theoretical threshold $\min(S, D)$,
// averaged over features and teachers given the design, so that designs are the only source of
// noise.
const SHARES: [f64; 5] = [0.25, 0.5, 0.75, 1.5, 4.0];
#[derive(Serialize, Deserialize)]
struct Block {
    case: String,
    samples: usize,
    designs: usize,
}

// There is a theory that includes collisions: the loss on random lifts of designs, in which rare
// coordinates collide as often, but no two of them twice. It is an estimate of cubic cost. We
// compare it with simulation for the first kind of data at one number of samples, near the
// threshold on both sides.
const LIFTED: (&str, [f64; 3]) = ("lifted", [0.5, 0.75, 1.5]);

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (largest, rare, late, many) =
        preset.pick((512, 128, 32, 256), (2048, 640, 112, 256), (16_384, 1024, 256, 8192));
    let mut cells = Vec::new();
    for case in CASES {
        let sizes = std::iter::successors(Some(32), |d| Some(2 * d)).take_while(|d| *d <= largest);
        for samples in sizes {
            // Designs with few seen coordinates are cheap and noisy; large ones cost most and
            // scatter least: beyond `many` samples their number falls as that of samples grows.
            let designs = if case.onset == 1.0 { rare } else { late };
            let designs = designs * many / samples.max(many);
            let block = Block { case: case.name.to_owned(), samples, designs };
            let name = format!("{} D = {samples}", case.name);
            cells.push(Cell::new(name, &block)?.with_cost((samples as f64).powi(2)));
        }
    }
    let (samples, designs) = preset.pick((256, 8), (512, 24), (512, 96));
    cells.push(
        Cell::new(LIFTED.0, &Block { case: LIFTED.0.into(), samples, designs })?.with_cost(1e7),
    );
    Ok(cells)
}

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let lifted = block.case == LIFTED.0;
    let model =
        Case::named(&CASES, if lifted { CASES[0].name } else { &block.case })?.model(ALPHA)?;
    let threshold = SampleTheory::new(&model, block.samples as f64)?.coverage().threshold;
    let size = |share: f64| (share * threshold).round().max(1.0) as usize;
    if lifted {
        let (at, seed) = ((block.samples, block.designs), kit::seed_of(LIFTED.0));
        return kit::lifted_rows(LIFTED.0, &model, at, &LIFTED.1.map(size), seed);
    }
    let settings = Settings {
        samples: block.samples,
        features: SHARES.map(|share| size(share).into()).to_vec(),
        repeats: block.designs,
        controls: false,
        seed: kit::seed_of(cell.name()),
        ..Settings::default()
    };
    Ok(kit::curve_rows(&block.case, &simulate(&model, &settings)?, 0)?)
}

// At each number of samples we record the measured and the expected rank, and the ratio of
// simulated to theoretical loss at each share. The same ratio is taken with the rank-corrected
// theory: theory at the smaller number of samples whose threshold is the expected rank. Its pole is
// where the design has it, and it does not count as learned what collisions hide. So it tells
// whether the rank explains the error.
struct Size {
    samples: f64,
    theory: SampleTheory,
    rank: Estimate,
    deficit: f64,
    ratios: Vec<Spread>,
    moved: Vec<f64>,
    explained: (f64, (f64, f64)),
    estimates: Vec<f64>,
}

// Near the threshold means are dominated by few designs or do not exist, so ratios are those of
// medians.
fn ratios(designs: &[&Curve], theory: &[f64]) -> Vec<Spread> {
    let ratio =
        |n: usize| Spread::of(designs.iter().map(|design| design.losses[n] / theory[n]).collect());
    (0..theory.len()).map(ratio).collect()
}

fn explained(ratios: &[Spread], moved: &[f64]) -> f64 {
    let size = |(ratio, moved): (&Spread, &f64)| (ratio.median / moved).ln().abs();
    let error = |theory: &[f64]| ratios.iter().zip(theory).map(size).sum::<f64>();
    1.0 - error(moved) / error(&[1.0; SHARES.len()])
}

fn measure(rows: &Table, model: &SparseModel) -> Result<Size, ChapterError> {
    let (curves, samples) = (Curves::read(rows)?, rows.floats("samples")?[0]);
    let theory = SampleTheory::new(model, samples)?;
    let corrected =
        SampleTheory::new(model, theory.effective_samples())?.curve(&curves.features)?;
    let plain = theory.curve(&curves.features)?;
    let moved: Vec<f64> =
        corrected.iter().zip(&plain).map(|(moved, plain)| moved / plain).collect();
    let designs: Vec<&Curve> = curves.designs.iter().collect();
    let of = |value: fn(&Curve) -> f64| {
        Estimate::of(&designs.iter().map(|d| value(d)).collect::<Vec<_>>())
    };
    let share = |designs: &[&Curve]| explained(&ratios(designs, &plain), &moved);
    let estimates = curves.features.iter().map(|n| theory.pole_error(*n));
    Ok(Size {
        samples,
        rank: of(|design| design.rank),
        deficit: of(|design| 1.0 - design.rank / design.seen.min(design.samples)).mean,
        ratios: ratios(&designs, &plain),
        explained: (share(&designs), kit::bootstrap_interval(&curves.designs, kit::SEED, share)),
        estimates: estimates.collect::<Result<_, _>>()?,
        moved,
        theory,
    })
}

// The first finding, for each kind of data, is that the mean rank at the largest number of samples
// is the expected rank. Taking the pattern of activity as a tree costs an error of the order of
// one, which is part of the tolerance.
fn rank(case: &Case, last: &Size, preset: Preset, variant: Variant) -> Finding {
    let expected =
        if variant.is_defect() { last.theory.coverage().threshold } else { last.theory.rank() };
    let statement = format!("{}: mean rank over the expected rank", kit::data_in_words(case));
    let width = kit::resolution(preset) + 1.0 / expected;
    Finding::of(format!("rank-{}", case.name), statement)
        .predicted(Prediction::Equals(1.0))
        .measured(Measured::from(last.rank).over(expected))
        .within(Tolerance::finite_size(width, "resolution of the preset; one in the rank"))
}

// The second is that far from the threshold theory is right within the error that it estimates for
// itself, at the largest number of samples.
fn far(case: &Case, last: &Size, preset: Preset, n: usize) -> Finding {
    let (ratio, word) = (last.ratios[n], if SHARES[n] < 1.0 { "under" } else { "over" });
    let statement = format!(
        "{}: simulated over theoretical loss at {} times the threshold",
        kit::data_in_words(case),
        SHARES[n]
    );
    let width = last.estimates[n] + kit::resolution(preset);
    Finding::of(format!("{word}-{}", case.name), statement)
        .claim("C4")
        .predicted(Prediction::Equals(1.0))
        .measured((ratio.median, ratio.interval))
        .within(Tolerance::finite_size(width, kit::FINITE_SIZE))
}

// The third is that at three quarters of the threshold, where theory is too low, the error shrinks
// as a power of the number of samples. The limit of this power is $1 - 1/\beta$, as for $S/D$. The
// prediction for these sizes is the power that the rank-corrected theory gives between the first
// and the last.
fn decay(case: &Case, sizes: &[Size], preset: Preset) -> Option<Finding> {
    let (first, last) = (sizes.iter().find(|size| size.samples >= 64.0)?, sizes.last()?);
    let range = (last.samples / first.samples).ln();
    let power = |from: f64, to: f64| (from / to).ln() / range;
    let ends = [first, last].map(|size| {
        let ratio = size.ratios[2];
        (ratio.median.ln(), (ratio.interval.1 / ratio.interval.0).ln() / 2.0, size.moved[2].ln())
    });
    let [(from, from_half, from_moved), (to, to_half, to_moved)] = ends;
    let (middle, half) = (power(from, to), (from_half / from).hypot(to_half / to) / range);
    let width = kit::resolution(preset) * (from_moved.recip() + to_moved.recip()) / range;
    let statement = format!(
        "{}: power of samples by which the error at 3/4 of the threshold shrinks",
        kit::data_in_words(case)
    );
    let finding = Finding::of(format!("decay-{}", case.name), statement)
        .predicted(Prediction::Equals(power(from_moved, to_moved)))
        .measured((middle, (middle - half, middle + half)))
        .within(Tolerance::resolution(
            width,
            "of the preset, as a share of the error at either end",
        ));
    Some(finding)
}

// The fourth is that the rank-corrected theory removes most of the error, over all shares together.
// With the rarest coordinates so few are seen that a single one is several per cent of the
// threshold. This kind of data is left out here, and from the findings on the rank and the power.
fn cause(case: &Case, last: &Size) -> Finding {
    let statement = format!(
        "{}: share of the error, over all model sizes, that the rank explains",
        kit::data_in_words(case)
    );
    Finding::of(format!("cause-{}", case.name), statement)
        .predicted(Prediction::AtLeast(0.5))
        .measured(last.explained)
        .within(Tolerance::statistical(0.1, "the run is made to tell tenths of the error"))
}

// The fifth is that the loss on lifts is right near the threshold too. The tolerance, set
// beforehand, is one per cent for the loops that a lift of four copies still has, plus 3.5 standard
// errors of simulation and lifts together for the worst of three sizes.
fn lifted_finding(rows: &Table, variant: Variant) -> Result<Finding, ChapterError> {
    let (lifts, of) = (rows.matching("case", LIFTED.0)?, CASES[0]);
    let samples = lifts.floats("samples")?[0];
    let drawn =
        Curves::read(&rows.matching("case", of.name)?.matching("samples", samples as i64)?)?;
    let plain = SampleTheory::new(&of.model(ALPHA)?, samples)?.curve(&drawn.features)?;
    let found =
        Agreement::worst(&drawn, &Curves::read(&lifts)?, variant.is_defect().then_some(&plain));
    let statement = "mean simulated loss over that on lifts, at the worst of three model sizes";
    let source = "loops of a lift, 1 %; 3.5 standard errors of both";
    Ok(Finding::of("lifted", statement)
        .predicted(Agreement::PREDICTED)
        .measured((found.ratio, found.interval))
        .within(Tolerance::finite_size(found.width, source)))
}

// The last is about the estimate of its own error that theory gives with every number. It should
// bound the measured error, after subtraction of the noise of the measurement, at nearly all
// points.
fn estimate(all: &[Vec<Size>]) -> Finding {
    let points = all.iter().flatten().flat_map(|size| size.ratios.iter().zip(&size.estimates));
    let bounded =
        |(r, e): (&Spread, &f64)| f64::from(r.interval.0.ln() <= *e && r.interval.1.ln() >= -e);
    let share = Estimate::of(&points.map(bounded).collect::<Vec<_>>()).mean;
    let statement =
        "share of points at which theory's estimate of its error bounds the measured one";
    Finding::of("estimate", statement)
        .predicted(Prediction::AtLeast(0.9))
        .measured(Measured::NoInterval(share))
        .within(Tolerance::truncation(0.05, "the estimate is one, not a bound"))
}

// Lines show the rank-corrected theory over theory at the actual number of samples.
fn error_panel(case: usize, sizes: &[Size]) -> Result<Panel, ChapterError> {
    let kind = &CASES[case];
    let (model, grid) = (kind.model(ALPHA)?, grid(sizes));
    let mut moved = vec![Vec::new(); SHARES.len()];
    for d in grid {
        let plain = SampleTheory::new(&model, d)?;
        let corrected = SampleTheory::new(&model, plain.effective_samples())?;
        for (moved, share) in moved.iter_mut().zip(SHARES) {
            let features = share * plain.coverage().threshold;
            moved.push((d, corrected.loss(features)? / plain.loss(features)?));
        }
    }
    let title = format!("$β$ = {}, $c$ = {}", kind.beta, kind.onset);
    let ratio = draw::log("simulation / theory").range(0.75, 8.0);
    let mut panel = Panel::new(title, draw::log("samples $D$"), ratio)
        .with(Reference::horizontal(1.0, ""))
        .legend(Legend::Inside);
    for (n, share) in SHARES.iter().enumerate() {
        let of = |value: &dyn Fn(&Size) -> f64| {
            sizes.iter().map(|size| (size.samples, value(size))).collect()
        };
        let intervals = sizes.iter().map(|size| size.ratios[n].interval).collect();
        let (name, medians) =
            (format!("$N$ = {share} min($S$, $D$)"), of(&|size| size.ratios[n].median));
        panel = panel.with(draw::named(name.clone(), n, std::mem::take(&mut moved[n])));
        panel = panel.with(draw::marks(name, n, medians, intervals));
    }
    Ok(panel)
}

fn grid(sizes: &[Size]) -> Vec<f64> {
    kit::log_space(sizes[0].samples, sizes[sizes.len() - 1].samples, 60)
}

fn rank_panel(all: &[Vec<Size>]) -> Result<Panel, ChapterError> {
    let (x, y) = (draw::log("samples $D$"), draw::log("1 − rank $X$/min($S$, $D$)"));
    let mut panel = Panel::new("rank deficit", x, y);
    for (case, sizes) in all.iter().enumerate() {
        let (kind, model) = (&CASES[case], CASES[case].model(ALPHA)?);
        let expected = |d: &f64| -> Result<_, ChapterError> {
            let theory = SampleTheory::new(&model, *d)?;
            Ok((*d, 1.0 - theory.rank() / theory.coverage().threshold))
        };
        let expected: Result<Vec<_>, _> = grid(sizes).iter().map(expected).collect();
        let shown = |points: Vec<(f64, f64)>| points.into_iter().filter(|at| at.1 > 1e-4).collect();
        let deficits = sizes.iter().map(|size| (size.samples, size.deficit)).collect();
        let measured = draw::marks("", case, shown(deficits), vec![]);
        let name = format!("$β$ = {}, $c$ = {}", kind.beta, kind.onset);
        let layers = draw::both(name, case, shown(expected?), measured);
        panel = layers.into_iter().fold(panel, Panel::with);
    }
    Ok(panel)
}

const LAST: Drift = Drift { absolute: 1e-9, relative: 1e-6 };
#[rustfmt::skip]
const DRIFT: &[(&str, Drift)] = &[("ratio", LAST), ("low", LAST), ("high", LAST), ("moved", LAST), ("estimate", LAST), ("expected_rank", LAST), ("seen", LAST), ("rank", LAST), ("deficit", LAST)];

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let mut all = Vec::new();
    for case in &CASES {
        let (model, sizes) =
            (case.model(ALPHA)?, rows.matching("case", case.name)?.group_by(&["samples"])?);
        all.push(
            sizes.iter().map(|(_, rows)| measure(rows, &model)).collect::<Result<Vec<_>, _>>()?,
        );
    }
    let (mut findings, mut data) = (Vec::new(), Table::default());
    for (case, sizes) in CASES.iter().zip(&all) {
        let last = sizes.last().ok_or("no sizes")?;
        findings.extend([far(case, last, preset, 0), far(case, last, preset, 4)]);
        if case.name != "sparser" {
            findings.extend([rank(case, last, preset, variant), cause(case, last)]);
        }
        findings.extend(decay(case, sizes, preset).filter(|_| case.name == "sparse"));
        for size in sizes {
            for (n, share) in SHARES.iter().enumerate() {
                data.push(row! {
                    case: case.name, samples: size.samples as i64, share: *share, ratio: size.ratios[n].median,
                    low: size.ratios[n].interval.0, high: size.ratios[n].interval.1, moved: size.moved[n], estimate: size.estimates[n], seen: size.theory.coverage().seen,
                    rank: size.rank.mean, expected_rank: size.theory.rank(), deficit: size.deficit
                })?;
            }
        }
    }
    findings.extend([lifted_finding(rows, variant)?, estimate(&all)]);
    let errors = all.iter().enumerate().map(|(case, sizes)| error_panel(case, sizes));
    let panels = errors.chain([rank_panel(&all)]).collect::<Result<_, _>>()?;
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Simulated over theoretical loss against the number of samples, and the rank deficit behind it (lines: rank-corrected theory, expected deficit)".into(),
        figure: Figure { title: "Where the asymptotics can be trusted".into(), panels, columns: 2, width: 900.0, height: 700.0, ..Figure::default() },
        data,
        keys: &["case", "samples", "share"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts: Vec::new() })
}

// Far from the threshold theory is right: simulated losses are {under-sparse.estimate} times theory
// below it and {over-sparse.estimate} times theory above it. The formula for the expected rank is
// right too: the mean rank is {rank-sparse.estimate} times the expected one, but
// {defect.rank-sparse.measured} times $\min(S, D)$. At three quarters of the threshold the error of
// the loss is larger, and falls as the power {decay-sparse.estimate} of the number of samples (the
// rank-corrected theory predicts {decay-sparse.predicted}). The rank explains the share
// {cause-sparse.estimate} of the error over all model sizes.
//
// Closer than that to the threshold, with rare features, the asymptotic theory should not be
// trusted at any size we can reach. One should use medians of a simulation there, or the loss on
// lifts, which is right: simulated means are {lifted.estimate} times this loss at the model size
// where they differ most (and {defect.lifted.measured} times that of the theory without lifts). The
// estimate that theory gives of its own error covers the share {estimate.measured} of all points.
