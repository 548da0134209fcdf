//! # 10 Finite size: where the asymptotics can be trusted
//!
//! The theory we compare with averages over designs as if coordinates filled the samples evenly. Rare ones do not: a sample
//! with a single rare coordinate may share it with no other, two rare coordinates may share their only sample. The first
//! thing to go wrong is the rank, which falls short of $\min(S, D)$; the loss near the threshold follows. We measure both
//! against the number of samples, and ask whether the one explains the other.

use crate::kit::{self, Case, Curve, Curves, Spread};
use crate::{
    Chapter, ChapterError, Defect, Drawn, Finding, Prediction, Profile, Report, Tolerance, Variant, draw,
};
use asymscale_model::SparseModel;
use asymscale_montecarlo::{Estimate, Method, Settings, simulate};
use asymscale_plots::{Figure, Legend, Panel, Reference};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "10-finite-size",
    claims: &[],
    crates: &["asymscale-model", "asymscale-montecarlo", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("10-finite-size.rs"),
    defect: Defect {
        name: "collisions of rare coordinates ignored",
        description: "The rank is expected to be the smaller of the number of seen coordinates and the number of samples.",
        turns_red: &["rank-sparse", "rank-late"],
    },
    plan,
    run,
    report,
};

// Three kinds of sparse data: rare from the first coordinate on, rarer still, and rare after an onset, which is the hardest: at the
// crossover as many coordinates are seen as there are samples, and none can be spared.
const ALPHA: f64 = 1.0;
const CASES: [Case; 3] =
    [Case::sparse("sparse", 1.5, 1.0), Case::sparse("sparser", 2.0, 1.0), Case::sparse("late", 1.5, 3.0)];

// Losses are read at model sizes that are fixed shares of the theoretical threshold $\min(S, D)$, averaged over features and teachers
// given the design, so that all the noise is that of designs.
const SHARES: [f64; 5] = [0.25, 0.5, 0.75, 1.5, 4.0];
#[derive(Serialize, Deserialize)]
struct Block {
    case: String,
    samples: usize,
    designs: usize,
}

fn plan(profile: Profile) -> Result<Vec<Cell>, ChapterError> {
    let (largest, designs) = profile.pick((512, 64), (2048, 160), (16_384, 256));
    let mut cells = Vec::new();
    for case in CASES {
        let sizes = std::iter::successors(Some(32), |d| Some(2 * d)).take_while(|d| *d <= largest);
        for samples in sizes {
            // Where few coordinates are seen, designs are cheap, and noisier for it.
            let designs = if case.onset > 1.0 { designs } else { 4 * designs };
            let parameters = Block { case: case.name.to_owned(), samples, designs };
            let cell = Cell::new(format!("{} D = {samples}", case.name), &parameters)?;
            cells.push(cell.with_cost((samples as f64).powi(2)));
        }
    }
    Ok(cells)
}

fn run(cell: &Cell, _variant: Variant) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let model = Case::named(&CASES, &block.case)?.model(ALPHA)?;
    let threshold = SampleTheory::new(&model, block.samples as f64)?.coverage().threshold;
    let settings = Settings {
        samples: block.samples,
        features: SHARES.map(|share| (share * threshold).round().max(1.0) as usize).to_vec(),
        repeats: block.designs,
        method: Method::Averaged,
        seed: kit::seed_of(cell.name()),
        ..Settings::default()
    };
    Ok(kit::curve_rows(&block.case, &simulate(&model, &settings)?, 0)?)
}

// At each number of samples: the measured rank and what is expected of it, and the ratio of simulated to theoretical loss at each
// share. The same ratio with theory read at fewer samples, as many as have the expected rank for their threshold, tells whether the rank
// explains the error: such a theory has its pole where the design has it, and has not learned what collisions hide.
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

// Means near the threshold are ruled by few designs or do not exist: ratios are those of medians.
fn ratios(designs: &[&Curve], theory: &[f64]) -> Vec<Spread> {
    let ratio = |n: usize| Spread::of(designs.iter().map(|design| design.losses[n] / theory[n]).collect());
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
    let corrected = SampleTheory::new(model, theory.effective_samples())?.curve(&curves.features)?;
    let plain = theory.curve(&curves.features)?;
    let moved: Vec<f64> = corrected.iter().zip(&plain).map(|(moved, plain)| moved / plain).collect();
    let designs: Vec<&Curve> = curves.designs.iter().collect();
    let of = |value: fn(&Curve) -> f64| Estimate::of(&designs.iter().map(|d| value(d)).collect::<Vec<_>>());
    let share = |designs: &[&Curve]| explained(&ratios(designs, &plain), &moved);
    let estimates = curves.features.iter().map(|n| theory.finite_size_error(*n));
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

// First finding, for each kind of data: the mean rank is what collisions say, at the most samples, but for what taking them as tree-like costs,
// which is of the order of one.
fn rank(case: &Case, last: &Size, profile: Profile, variant: Variant) -> Finding {
    let expected = if variant.is_defect() { last.theory.coverage().threshold } else { last.theory.rank() };
    let (low, high) = last.rank.interval(0.95);
    Finding::new(
        format!("rank-{}", case.name),
        None,
        format!("{}: mean rank over the expected one, at the most samples", case.name),
        Prediction::Equals(1.0),
        last.rank.mean / expected,
        (low / expected, high / expected),
        Tolerance::new(
            kit::resolution(profile) + 1.0 / expected,
            "resolution of the profile; one in the rank",
        ),
    )
}

// Second: far from the threshold the theory holds, at the most samples, to what it estimates its error to be.
fn far(case: &Case, last: &Size, profile: Profile, n: usize) -> Finding {
    let (ratio, word) = (last.ratios[n], if SHARES[n] < 1.0 { "under" } else { "over" });
    Finding::new(
        format!("{word}-{}", case.name),
        Some("C4"),
        format!("{}: simulated over theoretical loss at {} times the threshold", case.name, SHARES[n]),
        Prediction::Equals(1.0),
        ratio.median,
        ratio.interval,
        Tolerance::new(last.estimates[n] + kit::resolution(profile), kit::FINITE_SIZE),
    )
}

// Third: at three quarters of the threshold the theory is too low, and the error shrinks as a power of the number of samples, in the limit
// $1 - 1/\beta$, as $S/D$ does. Between the first and the last size it should shrink as the rank says.
fn decay(case: &Case, sizes: &[Size], profile: Profile) -> Option<Finding> {
    let (first, last) = (sizes.iter().find(|size| size.samples >= 64.0)?, sizes.last()?);
    let range = (last.samples / first.samples).ln();
    let power = |from: f64, to: f64| (from / to).ln() / range;
    let ends = [first, last].map(|size| {
        let ratio = size.ratios[2];
        (ratio.median.ln(), (ratio.interval.1 / ratio.interval.0).ln() / 2.0, size.moved[2].ln())
    });
    let [(from, from_half, from_moved), (to, to_half, to_moved)] = ends;
    let (middle, half) = (power(from, to), (from_half / from).hypot(to_half / to) / range);
    let width = kit::resolution(profile) * (from_moved.recip() + to_moved.recip()) / range;
    Some(Finding::new(
        format!("decay-{}", case.name),
        None,
        format!("{}: power of samples by which the error at 3/4 of the threshold shrinks", case.name),
        Prediction::Equals(power(from_moved, to_moved)),
        middle,
        (middle - half, middle + half),
        Tolerance::new(width, "resolution of the profile, as a share of the error at either end"),
    ))
}

// Fourth: with theory read at so many samples as have the rank, most of the error is gone, over all shares together. With the rarest features so
// few coordinates are seen that a single one is several per cent of the threshold; they are left out here, from the rank and from the power above.
fn cause(case: &Case, last: &Size) -> Finding {
    Finding::new(
        format!("cause-{}", case.name),
        None,
        format!("{}: part of the error over all shares that the rank explains", case.name),
        Prediction::AtLeast(0.5),
        last.explained.0,
        last.explained.1,
        Tolerance::new(0.1, "Monte-Carlo error: the run is made to tell tenths of the error"),
    )
}

// Last: the theory crate estimates its own error, so that whoever asks for a number is told how far to trust it. The estimate should bound
// the measured error, less its own noise, at nearly all points.
fn estimate(all: &[Vec<Size>]) -> Finding {
    let points = all.iter().flatten().flat_map(|size| size.ratios.iter().zip(&size.estimates));
    let bounded = |(r, e): (&Spread, &f64)| f64::from(r.interval.0.ln() <= *e && r.interval.1.ln() >= -e);
    let share = Estimate::of(&points.map(bounded).collect::<Vec<_>>()).mean;
    Finding::exact(
        "estimate",
        None,
        "share of points at which theory's estimate of its error bounds the measured one",
        Prediction::AtLeast(0.9),
        share,
        Tolerance::new(0.05, "the estimate is one, not a bound"),
    )
}

fn error_panel(case: usize, sizes: &[Size]) -> Panel {
    let kind = &CASES[case];
    let mut panel = Panel::new(
        format!("{}: β = {}, c = {}", kind.name, kind.beta, kind.onset),
        draw::log("samples $D$"),
        draw::log("simulation / theory").range(0.75, 8.0),
    )
    .with(Reference::horizontal(1.0, ""))
    .legend(if kind.name == "sparser" { Legend::Inside } else { Legend::None });
    for (n, share) in SHARES.iter().enumerate() {
        let of =
            |value: &dyn Fn(&Size) -> f64| sizes.iter().map(|size| (size.samples, value(size))).collect();
        let intervals = sizes.iter().map(|size| size.ratios[n].interval).collect();
        let measured = draw::marks(
            format!("$N$ = {share} min($S$, $D$)"),
            n,
            of(&|size| size.ratios[n].median),
            intervals,
        );
        panel = panel.with(draw::line(n, of(&|size| size.moved[n]))).with(measured);
    }
    panel
}

fn rank_panel(all: &[Vec<Size>]) -> Panel {
    let deficit = "1 − rank $X$/min($S$, $D$)";
    let mut panel = Panel::new("rank deficit", draw::log("samples $D$"), draw::log(deficit));
    for (case, sizes) in all.iter().enumerate() {
        let of = |deficit: fn(&Size) -> f64| {
            sizes.iter().map(|size| (size.samples, deficit(size))).filter(|at| at.1 > 1e-4).collect()
        };
        let expected = of(|size| 1.0 - size.theory.rank() / size.theory.coverage().threshold);
        let measured = draw::marks(CASES[case].name, case, of(|size| size.deficit), vec![]);
        panel = panel.with(draw::line(case, expected)).with(measured);
    }
    panel
}

const LAST: Drift = Drift { absolute: 1e-9, relative: 1e-6 };
#[rustfmt::skip]
const DRIFT: &[(&str, Drift)] = &[("ratio", LAST), ("low", LAST), ("high", LAST), ("moved", LAST), ("estimate", LAST), ("expected_rank", LAST), ("seen", LAST), ("rank", LAST), ("deficit", LAST)];

fn report(rows: &Table, profile: Profile, variant: Variant) -> Result<Report, ChapterError> {
    let mut all = Vec::new();
    for case in &CASES {
        let (model, sizes) = (case.model(ALPHA)?, rows.matching("case", case.name)?.group_by(&["samples"])?);
        all.push(sizes.iter().map(|(_, rows)| measure(rows, &model)).collect::<Result<Vec<_>, _>>()?);
    }
    let (mut findings, mut data) = (Vec::new(), Table::default());
    for (case, sizes) in CASES.iter().zip(&all) {
        let last = sizes.last().ok_or("no sizes")?;
        findings.extend([far(case, last, profile, 0), far(case, last, profile, 4)]);
        if case.name != "sparser" {
            findings.extend([rank(case, last, profile, variant), cause(case, last)]);
        }
        findings.extend(decay(case, sizes, profile).filter(|_| case.name == "sparse"));
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
    findings.push(estimate(&all));
    let errors = all.iter().enumerate().map(|(case, sizes)| error_panel(case, sizes));
    let panels = errors.chain([rank_panel(&all)]).collect();
    let figure = Drawn {
        name: CHAPTER.id.into(),
        caption: "Simulated over theoretical loss against the number of samples, and the rank deficit behind it (lines: rank-corrected theory, expected deficit)".into(),
        figure: Figure { title: "Where the asymptotics can be trusted".into(), panels, columns: 2, width: 900.0, height: 700.0, ..Figure::default() },
        data,
        keys: &["case", "samples", "share"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts: Vec::new() })
}

// The expected rank is right to {rank-sparse.tolerance} (measured: {rank-sparse.measured} of it), where the naive threshold is off by
// {defect.rank-sparse.measured}. At three quarters of the threshold the error falls with a power {decay-sparse.measured} of the number of samples
// (the rank makes us expect {decay-sparse.predicted}), and over all model sizes the rank explains a share {cause-sparse.measured} of it. Closer than that to
// the threshold, with rare features, the asymptotic theory should not be trusted at any size we can reach (its own estimate of its error
// covers {estimate.measured} of all points); medians of a simulation should be asked instead.
