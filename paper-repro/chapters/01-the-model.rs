//! # 01 The model: sparsity changes how often, not how much
//!
//! The abstract proposes a model of scaling laws under sparse activations. Only the abstract is at
//! hand, so the model of this report is our reconstruction. This chapter defines it and checks that
//! what is drawn follows it.
//!
//! **Data.** A sample $x$ has coordinates $i = 1, 2, \dots$, finitely or infinitely many.
//! Coordinate $i$ is active with probability $p_i = \min(1, (c/i)^\beta)$, independently of the
//! others. An active coordinate has the value $x_i = \sqrt{\lambda_i/p_i}\, z_i$, where the
//! amplitude $z_i$ has mean 0 and variance 1: it is normal, or a random sign (a *Rademacher
//! amplitude*) where the text says so. The variance of $x_i$ is therefore
//! $\lambda_i = i^{-(1+\alpha)}$ whatever $p_i$ is. So sparse and dense data have the same
//! covariance $\Sigma$ and differ only in how many samples show a coordinate. A larger $\beta$
//! makes the data sparser. The first $c$ coordinates are always active, and $\beta = 0$ gives dense
//! data.
//!
//! **Teacher.** Labels are $y = w \cdot x$, with independent weights $w_i$ of mean 0 and unit
//! variance. Noise of variance $\sigma^2$ is added where the text says so.
//!
//! **Learner.** The learner computes $N$ features $f_j \cdot x$ with normal random weights, and
//! fits $y$ to them by least squares on $D$ samples, with a ridge penalty $\gamma$ or, where none
//! is given, with the solution of minimum norm.
//!
//! **Loss.** The population loss $L$ is the mean square of the error on a fresh sample, without
//! label noise. It is computed from the weights and $\Sigma$ and never estimated on test samples,
//! in which a coordinate that training never saw would hardly occur either.
//!
//! The symbols of this report, and their names elsewhere:
//!
//! | symbol | meaning | known elsewhere as |
//! |---|---|---|
//! | $N$, $D$ | features and training samples | width or parameters; dataset size |
//! | $X$, $\Sigma$ | design matrix ($D$ rows), covariance of a sample | – |
//! | $\alpha$, $\beta$, $c$ | spectral exponent, activity exponent, onset of sparsity | $\alpha$: capacity exponent less one; $\beta$: Zipf exponent |
//! | $S$, $U$ | coordinates active in some training sample; variance of all others | coverage; missing mass |
//! | $r$ | rank of the design, at most $\min(S, D)$ | interpolation threshold |
//! | $\kappa$ | effective ridge, at which features or samples are used up | implicit regularisation; signal-capture threshold |
//! | $D_\times$ | samples beyond which fewer coordinates were seen than samples | – |
//!
//! With dense data this is ridge regression on random features, and the theory is that of
//! eigenlearning (Simon et al. 2023) and of the deterministic equivalents reviewed by Bach (2024).
//! Coordinates that are learned one by one, each as it is seen, are the *quanta* of Michaud et al.
//! (2023); here how often each is seen and how much it weighs are two exponents instead of one.

use crate::kit::{self, Case, Moments};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Preset, Report, Tolerance, Variant,
    draw,
};
use asymscale_model::SparseModel;
use asymscale_montecarlo::Estimate;
use asymscale_plots::{Figure, Layer, Panel};
use asymscale_sampling::{Design, Key};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "01-the-model",
    claims: &["C1"],
    assumes: "coordinates are active independently of each other, amplitudes are Gaussian, and spectrum and activity are exact power laws.",
    crates: &[
        "asymscale-model",
        "asymscale-montecarlo",
        "asymscale-sampling",
        "asymscale-theory",
        "asymscale-sweep",
    ],
    source: include_str!("01-the-model.rs"),
    defect: Defect {
        name: "amplitudes not rescaled",
        description: "Active coordinates get the variance $\\lambda_i$ instead of $\\lambda_i/p_i$, as if sparsity thinned the signal.",
        turns_red: &["variance"],
    },
    plan,
    run: crate::Run::ByVariant(run),
    report,
};

// Three degrees of sparsity. The mildest has $\beta < 1$, where every sample activates a number of
// coordinates that grows without bound, so it needs a finite number of them; the others have
// infinitely many.
const ALPHA: f64 = 1.0;
const CASES: [Case; 3] = [
    Case::finite("mild", 0.7, 1.0, 16_384),
    Case::sparse("sparse", 1.5, 1.0),
    Case::sparse("sparser", 2.0, 20.0),
];

#[derive(Serialize, Deserialize)]
struct Block {
    case: String,
    samples: usize,
    designs: u64,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (largest, designs) = preset.pick((1024, 16), (16_384, 32), (262_144, 64));
    let mut cells = Vec::new();
    for case in CASES {
        let sizes = std::iter::successors(Some(16), |d| Some(4 * d)).take_while(|d| *d <= largest);
        for samples in sizes {
            let parameters = Block { case: case.name.to_owned(), samples, designs };
            let cell = Cell::new(format!("{} D = {samples}", case.name), &parameters)?;
            cells.push(cell.with_cost(samples as f64));
        }
    }
    Ok(cells)
}

// Coordinates are put into bins that double in width. For each bin of each design we record how
// often its coordinates were active and the sum of their squares, and for each design the number of
// coordinates seen and the mass unseen.
const BINS: usize = 14;

fn bin(coordinate: f64) -> usize {
    coordinate.log2() as usize
}

fn run(cell: &Cell, variant: Variant) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let model = Case::named(&CASES, &block.case)?.model(ALPHA)?;
    let key = Key::new(kit::SEED).label(cell.name());
    let mut rows = Table::default();
    for number in 0..block.designs {
        let design = Design::sample(&model, block.samples, &mut key.index(number).stream())?;
        let (mut active, mut squares) = (vec![0_i64; BINS], vec![0.0; BINS]);
        for j in (0..design.seen()).filter(|j| bin(design.index(*j)) < BINS) {
            let (samples, values) = design.column(j);
            active[bin(design.index(j))] += samples.len() as i64;
            let thinned = if variant.is_defect() { model.activity(design.index(j)) } else { 1.0 };
            squares[bin(design.index(j))] += thinned * values.iter().map(|x| x * x).sum::<f64>();
        }
        for bin in 0..BINS {
            rows.push(row! {
                case: block.case.as_str(), samples: block.samples as i64, design: number as i64, bin: bin as i64,
                active: active[bin], squares: squares[bin], seen: design.seen() as i64, unseen: design.unseen_mass()
            })?;
        }
    }
    Ok(rows)
}

// For each bin the law gives the mean number of activations, the mean sum of squares, and the
// variance of each. A square has fourth moment $3\lambda^2/p$, so rare coordinates make the sum of
// squares noisy.
struct Law {
    active: f64,
    active_variance: f64,
    squares: f64,
    squares_variance: f64,
}

fn law(model: &SparseModel, bin: usize, samples: f64) -> Law {
    let mut law = Law { active: 0.0, active_variance: 0.0, squares: 0.0, squares_variance: 0.0 };
    let last = model.coordinates().as_f64();
    for i in (1_u32 << bin..2_u32 << bin).map(f64::from).filter(|i| *i <= last) {
        let (p, lambda) = (model.activity(i), model.eigenvalue(i));
        law.active += samples * p;
        law.active_variance += samples * p * (1.0 - p);
        law.squares += samples * lambda;
        law.squares_variance += samples * lambda * lambda * (3.0 / p - 1.0);
    }
    law
}

// Every bin of every case gives two standard scores. A bin counts if it was active often enough for
// its score to be nearly normal. The largest score is compared with the largest that is expected of
// as many normal numbers.
const ENOUGH: f64 = 400.0;

struct Bin {
    case: usize,
    octave: usize,
    rate: (f64, f64),
    variance: (f64, f64),
    scores: (f64, f64),
}

fn bins(rows: &Table) -> Result<Vec<Bin>, ChapterError> {
    let mut bins = Vec::new();
    for (case, kind) in CASES.iter().enumerate() {
        let model = kind.model(ALPHA)?;
        let rows = rows.matching("case", kind.name)?;
        let largest = rows.floats("samples")?.into_iter().fold(0.0, f64::max);
        for (_, rows) in rows.matching("samples", largest)?.group_by(&["bin"])? {
            let bin = rows.ints("bin")?[0] as usize;
            let draws = rows.len() as f64 * largest;
            let law = law(&model, bin, draws);
            if law.active < ENOUGH {
                continue;
            }
            let (active, squares) = (
                rows.floats("active")?.iter().sum::<f64>(),
                rows.floats("squares")?.iter().sum::<f64>(),
            );
            let count = draws * f64::from(1_u32 << bin);
            let score = |value: f64, mean: f64, variance: f64| {
                if variance > 0.0 { (value - mean) / variance.sqrt() } else { value - mean }
            };
            bins.push(Bin {
                case,
                octave: bin,
                rate: (active / count, law.active / count),
                variance: (squares / count, law.squares / count),
                scores: (
                    score(active, law.active, law.active_variance),
                    score(squares, law.squares, law.squares_variance),
                ),
            });
        }
    }
    Ok(bins)
}

// Seen coordinates and unseen mass are compared with their law at every number of samples, averaged
// over designs. Their variance and skewness are known too. Where hardly anything is left unseen the
// mean is far from normal, and gets no score.
struct Coverage {
    case: usize,
    samples: f64,
    seen: (f64, f64),
    unseen: (f64, f64),
    scores: [Option<(f64, f64)>; 2],
}

const SKEWED: f64 = 0.3;

fn coverage(rows: &Table) -> Result<Vec<Coverage>, ChapterError> {
    let mut all = Vec::new();
    for (case, kind) in CASES.iter().enumerate() {
        let model = kind.model(ALPHA)?;
        for (_, rows) in
            rows.matching("case", kind.name)?.matching("bin", 0_i64)?.group_by(&["samples"])?
        {
            let (samples, designs) = (rows.floats("samples")?[0], rows.len() as f64);
            let law = SampleTheory::new(&model, samples)?.coverage();
            let mean = |column| rows.floats(column).map(|values| Estimate::of(&values).mean);
            let (seen, unseen) = ((mean("seen")?, law.seen), (mean("unseen")?, law.unseen_mass));
            let moments = kit::coverage_moments(&model, samples);
            let score = |(mean, law): (f64, f64), of: Moments| {
                let skewness = of.skewness.abs() / designs.sqrt();
                (skewness < SKEWED)
                    .then(|| ((mean - law) / (of.variance / designs).sqrt(), skewness))
            };
            let scores = [score(seen, moments.0), score(unseen, moments.1)];
            all.push(Coverage { case, samples, seen, unseen, scores });
        }
    }
    Ok(all)
}

// Lines show the law at every coordinate and number of samples. Points show the samples, as means
// over bins and over designs. The variance is the same in all three cases, so its series are moved
// apart by a quarter.
fn middle(octave: usize) -> f64 {
    let first = f64::from(1_u32 << octave);
    (first * (2.0 * first - 1.0)).sqrt()
}

fn figure(bins: &[Bin], coverage: &[Coverage]) -> Result<Figure, ChapterError> {
    let mut layers: [Vec<Layer>; 4] = Default::default();
    for (case, kind) in CASES.iter().enumerate() {
        let name = format!("$β$ = {}, $c$ = {}", kind.beta, kind.onset);
        let model = kind.model(ALPHA)?;
        let beside = 1.25_f64.powi(case as i32 - 1);
        let of = |shift: f64, value: &dyn Fn(&Bin) -> f64| {
            let own = bins.iter().filter(|b| b.case == case);
            let at = |b: &Bin| (shift * middle(b.octave), value(b));
            draw::marks("", case, own.map(at).collect(), vec![])
        };
        let at = |value: &dyn Fn(&Coverage) -> f64| {
            let own = coverage.iter().filter(|c| c.case == case);
            let seen = own.map(|c| (c.samples, value(c))).filter(|c| c.1 > 0.0).collect();
            draw::marks("", case, seen, vec![])
        };
        let coordinates = kit::log_space(1.0, f64::from(1_u32 << BINS), 200);
        let law = |shift: f64, value: &dyn Fn(f64) -> f64| {
            coordinates.iter().map(|i| (shift * i, value(*i))).collect()
        };
        let last = coverage.iter().map(|c| c.samples).fold(0.0, f64::max);
        let sizes = kit::log_space(16.0, last, 100);
        let covered: Result<Vec<_>, ChapterError> =
            sizes.iter().map(|d| Ok(SampleTheory::new(&model, *d)?.coverage())).collect();
        let covered = covered?;
        let along = |value: &dyn Fn(&asymscale_theory::Coverage) -> f64| {
            sizes.iter().copied().zip(covered.iter().map(value)).collect()
        };
        let both = |law, measured| draw::both(&name, case, law, measured);
        layers[0].extend(both(law(1.0, &|i| model.activity(i)), of(1.0, &|b| b.rate.0)));
        layers[1]
            .extend(both(law(beside, &|i| model.eigenvalue(i)), of(beside, &|b| b.variance.0)));
        layers[2].extend(both(along(&|c| c.seen), at(&|c| c.seen.0)));
        layers[3].extend(both(along(&|c| c.unseen_mass), at(&|c| c.unseen.0)));
    }
    let [rate, variance, seen, unseen] = layers;
    let panel = |title: &str, x: &str, y: &str, layers| Panel {
        layers,
        ..Panel::new(title, draw::log(x), draw::log(y))
    };
    let panels = vec![
        panel("how often coordinates are active", "coordinate $i$", "activity $p_i$", rate),
        panel("how much they vary (moved apart)", "coordinate $i$", "variance $λ_i$", variance),
        panel("how many were seen", "samples $D$", "seen coordinates $S$", seen),
        panel("the variance never seen", "samples $D$", "unseen mass $U$", unseen),
    ];
    let title = "The model: law (lines) and sample (points)".into();
    Ok(Figure { title, panels, columns: 2, width: 860.0, height: 640.0, ..Figure::default() })
}

// The four largest scores. Each score comes with the skewness of its sum.
type Scored = Vec<(f64, f64)>;

fn report(rows: &Table, _preset: Preset, _variant: Variant) -> Result<Report, ChapterError> {
    let (bins, coverage) = (bins(rows)?, coverage(rows)?);
    // Activations are nearly Poisson; the fourth and sixth moments of an amplitude are 3 and 15.
    let binned =
        |score: fn(&Bin) -> f64, skewness: f64| bins.iter().map(|b| (score(b), skewness)).collect();
    let covered = |k: usize| coverage.iter().filter_map(|c| c.scores[k]).collect();
    let rare = ENOUGH.sqrt().recip();
    let findings: [(&str, &str, Scored); 4] = [
        ("activity", "activations over bins of coordinates", binned(|b| b.scores.0, rare)),
        (
            "variance",
            "squares over bins of coordinates",
            binned(|b| b.scores.1, rare * 15.0 / 27_f64.sqrt()),
        ),
        ("seen", "seen coordinates over sizes", covered(0)),
        ("unseen", "unseen mass over sizes", covered(1)),
    ];
    let findings = findings.map(|(id, of, scored)| {
        let (scores, skewness): (Vec<f64>, Vec<f64>) = scored.into_iter().unzip();
        let width = kit::score_margin(scores.len(), skewness.into_iter().fold(0.0, f64::max));
        let tolerance = Tolerance::statistical(width, "skewness of what is summed");
        let statement = Finding::of(id, format!("largest standard score of {of}")).claim("C1");
        kit::largest_score(statement, &scores).within(tolerance)
    });
    let mut data = Table::default();
    for bin in &bins {
        let (x, case) = (1.5 * f64::from(1_u32 << bin.octave), CASES[bin.case].name);
        data.push(row! { case, quantity: "activity", x, sample: bin.rate.0, law: bin.rate.1 })?;
        data.push(
            row! { case, quantity: "variance", x, sample: bin.variance.0, law: bin.variance.1 },
        )?;
    }
    for point in &coverage {
        let (x, case) = (point.samples, CASES[point.case].name);
        data.push(row! { case, quantity: "seen", x, sample: point.seen.0, law: point.seen.1 })?;
        data.push(
            row! { case, quantity: "unseen", x, sample: point.unseen.0, law: point.unseen.1 },
        )?;
    }
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Activity, variance, seen coordinates and unseen mass: the law (lines) and the sample (points)"
            .into(),
        figure: figure(&bins, &coverage)?,
        data,
        keys: &["case", "quantity", "x"],
        // There is only sampling and sums, so only the last bits of the mathematical library
        // differ across machines.
        drift: &[
            ("sample", Drift { absolute: 0.0, relative: 1e-9 }),
            ("law", Drift { absolute: 1e-30, relative: 1e-7 }),
        ],
    };
    Ok(Report {
        figures: vec![figure],
        findings: findings.to_vec(),
        facts: vec![("bins".into(), bins.len().to_string())],
    })
}

// The samples follow the law: over {fact.bins} bins of coordinates, numbers of activations are
// within {activity.measured} standard errors of their expected values and sums of squares within
// {variance.measured}, where chance alone would let the largest deviation of so many reach
// {activity.predicted}. Seen coordinates and unseen mass are within {seen.measured} and
// {unseen.measured} standard errors at all sizes. If amplitudes were not rescaled, sums of squares
// would be up to {defect.variance.measured} standard errors off. Sparsity would then change the
// covariance, and a comparison of sparse with dense data would compare two spectra.
