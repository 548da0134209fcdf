//! # 09 Nonlinear features: which of them keep the exponent of sparse data
//!
//! The abstract says that the effect persists under nonlinear activations. No learner can know a
//! coordinate that no sample activated, so the unseen mass is a floor for any features. Infinitely
//! many linear features attain the Bayes risk for Gaussian teachers, so no activation can do
//! better. The exponent persists if and only if the ratio of the loss to that of linear features
//! does not grow with the samples. Section 13 of the derivations of `asymscale-theory` says when
//! that is so. This chapter compares its predictions with designs that were drawn after they had
//! been written down.
//!
//! Let $s$ be the activation. If its odd part is linear, as for ReLU, GELU and SiLU, the rest of
//! its kernel acts as label noise until it is resolved. The exponent is kept for
//! $\beta \geq 1 + \alpha$, and below that wherever the rest is resolved fast enough. It is lost
//! for ReLU on a steep spectrum with many Gaussian coordinates always on, because ReLU has a kink.
//!
//! If the odd part is not linear, as for erf and tanh, a coordinate that was seen $k$ times is
//! learned up to a share $\varepsilon(k) \propto k^{-\delta}$ of its energy, and the exponent is
//! $\min(\alpha/\beta, \delta)$. For Rademacher amplitudes and for small weights $\delta$ is larger
//! than $\alpha/\beta$, and the exponent is kept. For Gaussian amplitudes and weights of scale one
//! $\delta$ is less than a half, and the exponent is lost unless $\alpha/\beta$ is smaller still. A
//! linear path beside the units restores it; a linear term inside the unit does not.
//!
//! Dense data differ. The kernel of ReLU features is $\tfrac14 x \cdot x'$ plus an even part, whose
//! modes, products of coordinates, are of no use to a linear teacher but take samples. Let
//! $n(\kappa)$ be the number of these modes with eigenvalues above $\kappa$. It grows nearly as
//! $1/\kappa$, so that the limit of the exponent is $-\alpha/(1+\alpha)$, as with label noise. No
//! feasible window shows this limit. Theory should predict the exponent in the window from
//! $n(\kappa)$, which is measured without labels.

use crate::kit::{self, Case, Ladder, Learner, Logarithm, Rung, Series, Sizes};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Statement, Tolerance, Variant, Verdict,
};
use asymscale_montecarlo::replicates;
use asymscale_plots::Figure;
use asymscale_sampling::Key;
use asymscale_solvers::Activation::{Erf, Gelu, IdentityErf, Relu, Silu, Tanh};
use asymscale_sweep::{Cell, Table};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "09-nonlinear",
    claims: &["C10"],
    assumes: "features are activations of Gaussian projections of the whole input, the last layer alone is trained, to completion, and the teacher is linear.",
    #[rustfmt::skip]
    crates: &["asymscale-model", "asymscale-montecarlo", "asymscale-sampling", "asymscale-solvers", "asymscale-sweep", "asymscale-theory"],
    source: include_str!("09-nonlinear.rs"),
    defect: Defect {
        name: "blind to what the teacher does not use",
        description: "The loss is measured on the coordinates that training activated, as a test on a finite vocabulary would do; and theory of dense data counts linear modes only, against samples.",
        #[rustfmt::skip]
        turns_red: &["floor-relu-rare", "floor-gelu-rare", "floor-silu-rare", "floor-erf-rare-rademacher", "floor-small-erf-rare", "floor-erf-beside-rare", "relu-dense", "level-relu-dense"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// The kinds of data are: rare from the first coordinate on, with Gaussian and with Rademacher
// amplitudes; with flat spectra; at the edge $\beta = 1 + \alpha$ and beyond it; and with a steep
// spectrum and eight coordinates always on. The exponent in features is measured on dense data and
// where so many coordinates are always on that data do not limit the loss.
const RARE: Case = Case::sparse("rare", 1.5, 1.0);
const SIGNS: Case = Case::sparse("rare-signs", 1.5, 1.0).with_rademacher("rare-rademacher");
const FLAT: Case = Case::sparse("flat", 1.5, 1.0);
const FLAT_BEYOND: Case = Case::sparse("flat-beyond", 2.5, 1.0);
const EDGE: Case = Case::sparse("edge", 2.0, 8.0);
const BEYOND: Case = Case::sparse("beyond", 3.0, 16.0);
const STEEP: Case = Case::sparse("steep", 2.0, 8.0);
const STEEP_SIGNS: Case = Case::sparse("steep-signs", 2.0, 8.0).with_rademacher("steep-rademacher");
const DENSE: Case = Case::finite("dense", 0.0, 1.0, 2000);
const WIDE: Case = Case::sparse("wide-rare", 1.5, 64.0);
const WIDE_DENSE: Case = Case::finite("wide-dense", 0.0, 1.0, 2000);

const RELU: Learner = Learner::plain("relu", Relu);
const ERF: Learner = Learner::plain("erf", Erf);

// The prediction for the exponent of the loss over that of linear features is either no growth,
// because the odd part is linear (`LinearPath`) or because coordinates are learned fast enough
// (`Learned`), or growth with a given exponent and tolerance (`By`). Where products of coordinates
// count (`Products`) it is theory's exponent of the loss itself.
//
// The exponent of growth is $\alpha/\beta - \delta$, with $\delta$ as measured on single
// coordinates that between 64 and 1024 samples show (example `lost_share` of `asymscale-solvers`):
// 0.45 for erf and 0.46 for tanh at $(\alpha, \beta) = (1, 1.5)$, and 0.23 for erf at $(0.5, 1.5)$.
// A linear term inside the unit leaves the $\delta$ of erf at a lower level of $\varepsilon$, and
// part of the growth shows. For ReLU on the steep spectrum the limit 0.43 is approached from below.
// The tolerances are those that example `activations` of `asymscale-montecarlo` had before its
// designs were drawn: the change of $\delta$ over a factor of four in sightings, about 0.05, and
// the noise of the fit.
#[derive(Clone, Copy, PartialEq)]
enum Growth {
    LinearPath,
    Learned,
    By(f64, f64),
    Products,
}
use Growth::{By, Learned, LinearPath, Products};

type Trial = (Learner, Case, f64, Growth, [usize; 3]);

const SHORT: [usize; 3] = [256, 1024, 4096];
const LONG: [usize; 3] = [256, 4096, 8192];

#[rustfmt::skip]
const TRIALS: [Trial; 19] = [
    (RELU, RARE, 1.0, LinearPath, LONG),
    (Learner::plain("gelu", Gelu), RARE, 1.0, LinearPath, SHORT),
    (Learner::plain("silu", Silu), RARE, 1.0, LinearPath, SHORT),
    (RELU, EDGE, 1.0, LinearPath, SHORT),
    (RELU, BEYOND, 1.0, LinearPath, SHORT),
    (RELU, STEEP_SIGNS, 3.0, LinearPath, SHORT),
    (Learner::plain("silu", Silu), STEEP, 3.0, LinearPath, SHORT),
    (RELU, STEEP, 3.0, By(0.30, 0.15), LONG),
    (ERF, RARE, 1.0, By(0.22, 0.08), LONG),
    (Learner::plain("tanh", Tanh), RARE, 1.0, By(0.20, 0.10), SHORT),
    (ERF, FLAT, 0.5, By(0.11, 0.09), SHORT),
    (Learner::plain("identity-erf", IdentityErf(1.0)), RARE, 1.0, By(0.14, 0.08), SHORT),
    (ERF, SIGNS, 1.0, Learned, LONG),
    (Learner { scale: 0.3, ..Learner::plain("small-erf", Erf) }, RARE, 1.0, Learned, SHORT),
    (ERF, FLAT_BEYOND, 0.5, Learned, SHORT),
    (Learner { path: 1.0, ..Learner::plain("erf-beside", Erf) }, RARE, 1.0, Learned, SHORT),
    (RELU, DENSE, 1.0, Products, [128, 1024, 2048]),
    (RELU, WIDE, 1.0, Products, [256, 1024, 4096]),
    (RELU, WIDE_DENSE, 1.0, Products, [256, 1024, 4096]),
];

fn in_features(case: &Case) -> bool {
    case.name.starts_with("wide")
}

#[derive(Serialize, Deserialize)]
struct Block {
    trial: usize,
    samples: usize,
    designs: usize,
    draws: usize,
    inputs: usize,
}

// Designs with few samples are cheap and vary most, so there are more of them. On dense data inputs
// vary little. In features most of the noise comes from the draw of features, and designs cost:
// there are few of these, with several draws of features on each, whose mean counts as one value.
fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (few, dense, wide) = preset.pick((16.0, 5.0, 4), (24.0, 11.0, 4), (96.0, 48.0, 24));
    let mut cells = Vec::new();
    for (number, (learner, case, _, expected, [quick, default, full])) in TRIALS.iter().enumerate()
    {
        let top = *preset.pick(quick, default, full);
        let from = if *expected == Products { 32 } else { preset.pick(64, 256, 256) };
        let ladder = (5..20).map(|k| 1 << k).filter(|d| (from..=top).contains(d));
        let sizes: Vec<usize> = if in_features(case) { vec![top] } else { ladder.collect() };
        let inputs = preset.pick(400, 2000, 4000) / if *expected == Products { 2 } else { 1 };
        for samples in sizes {
            let fewer = (from as f64 / samples as f64).sqrt();
            let (designs, draws) = match expected {
                Products if in_features(case) => (wide, preset.pick(2, 4, 4)),
                Products => ((dense * fewer.sqrt()).round() as usize, 1),
                _ => ((few * fewer).round() as usize, 1),
            };
            let parameters = Block { trial: number, samples, designs, draws, inputs };
            let name = format!("{} {} D = {samples}", learner.name, case.name);
            let cost = (samples as f64).powi(2) * designs as f64;
            cells.push(Cell::new(name, &parameters)?.with_cost(cost));
        }
    }
    Ok(cells)
}

// A loss is the exact loss of linear features and an excess measured on test inputs in which rare
// coordinates are oversampled and reweighted, averaged over teachers in closed form. At finite $N$
// the loss of linear features is the exact average over features on the same design. Each design
// has test inputs of its own, so that intervals over designs include their noise. Where the
// tolerance is the resolution of the preset, a finding checks that this noise is below it.
fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let Block { trial, samples, designs, draws, inputs } = cell.read()?;
    let (learner, case, alpha, expected, _) = TRIALS[trial];
    let model = case.model(alpha)?;
    let features =
        if in_features(&case) { kit::log_grid(8.0, samples as f64 / 4.0, 6) } else { vec![] };
    let sizes = Sizes { samples, inputs, features: &features, draws, modes: expected == Products };
    let key = Key::new(kit::SEED).label(cell.name());
    let designs =
        replicates(&key, 0, designs, |_, key| kit::paired_losses(&model, sizes, learner, &key))?;
    Ok(kit::paired_rows(case.name, &designs)?)
}

const FACTOR: fn(&Rung) -> Logarithm = |rung| Logarithm::ratio(&rung.whole, &rung.linear);

fn exponent(series: &Series, id: String, what: &str) -> Statement {
    let Series { case, alpha, learner, .. } = series;
    let (units, data) = (kit::learner_in_words(learner), kit::data_in_words(case));
    let statement = format!("{units}, α = {alpha}, {data}: exponent of {what}");
    Finding::of(id, statement).claim("C10")
}

// The question is whether the loss over that of linear features, on the same designs, grows with
// the samples as predicted. The ratio cannot fall below 1, so a falling ratio is an effect of
// finite size. Growth with an exponent below this number is not distinguished from none.
const NONE: f64 = 0.05;

fn growth(series: &Series, expected: Growth, preset: Preset) -> Finding {
    let more = preset.pick(0.1, 0.0, 0.0);
    let statement = exponent(
        series,
        format!("growth-{}", series.name()),
        "the loss over that of linear features",
    );
    let measured = series.ladder.exponent(FACTOR);
    match expected {
        By(value, width) => {
            statement.predicted(Prediction::Equals(value)).measured(measured).within(
                Tolerance::finite_size(width + more, "the power is one of a window of sightings"),
            )
        }
        LinearPath | Learned | Products => statement
            .predicted(Prediction::AtMost(0.0))
            .measured(measured)
            .within(Tolerance::resolution(
                NONE + more,
                "growth that the ladder does not tell from none",
            )),
    }
}

// No learner knows what no sample activated; none is better than infinitely many linear features.
fn floor(series: &Series) -> Finding {
    let Series { case, alpha, learner, .. } = series;
    let (units, data) = (kit::learner_in_words(learner), kit::data_in_words(case));
    let statement = format!(
        "{units}, α = {alpha}, {data}: loss over that of linear features, at the largest number of samples"
    );
    Finding::of(format!("floor-{}", series.name()), statement)
        .claim("C10")
        .predicted(Prediction::AtLeast(1.0))
        .measured(Logarithm::ratio(&last(series).losses, &last(series).linear).interval())
        .within(Tolerance::exact("a bound"))
}

// What losses off by the resolution of the preset, at both ends of a window, do to an exponent.
fn resolved(ladder: &Ladder, preset: Preset) -> f64 {
    2.0 * kit::resolution(preset) / ladder.window()
}

// On dense data, and in features, the prediction is theory's exponent over all sizes. At a size $n$
// a deterministic equivalent is off by a share of about $1/n$.
fn window(series: &Series, preset: Preset) -> Finding {
    let ladder = &series.ladder;
    let ends = (ladder.rungs[0].size.recip() + last(series).size.recip()) / ladder.window();
    let width = ends + resolved(ladder, preset);
    exponent(series, series.name(), &format!("the loss in {}", series.size()))
        .predicted(Prediction::Equals(series.slope(&series.theory)))
        .measured(ladder.exponent(Rung::loss))
        .within(Tolerance::finite_size(
            width,
            "resolution of the preset, and 1/n of theory at both ends",
        ))
}

// Theory of dense data predicts the level, too. In features its error at finite size is less well
// known, so this is asked against samples only.
fn level(series: &Series, preset: Preset) -> Finding {
    let (last, theory) = (last(series), series.theory[series.theory.len() - 1]);
    let statement = "ReLU, dense data: loss over that of theory, at the largest number of samples";
    let width = kit::resolution(preset) + last.size.recip();
    Finding::of(format!("level-{}", series.name()), statement)
        .claim("C10")
        .predicted(Prediction::Equals(1.0))
        .measured(Measured::from(last.loss().interval()).over(theory))
        .within(Tolerance::finite_size(width, "resolution of the preset, and 1/n of theory"))
}

// Sparsity sets the price of data, not of parameters: in features, sparse and dense data should
// have the same exponent.
fn same(sparse: &Series, dense: &Series, preset: Preset) -> Finding {
    let (a, b) = (sparse.ladder.exponent(Rung::loss), dense.ladder.exponent(Rung::loss));
    let (gap, error) = (a.0 - b.0, (a.1.1 - a.0).hypot(b.1.1 - b.0));
    Finding::of(
        "same-in-features",
        "ReLU: exponent in features on sparse data less that on dense data",
    )
    .claim("C10")
    .predicted(Prediction::Equals(0.0))
    .measured((gap, (gap - error, gap + error)))
    .within(Tolerance::resolution(2.0 * resolved(&sparse.ladder, preset), "of the preset, twice"))
}

fn last(series: &Series) -> &Rung {
    &series.ladder.rungs[series.ladder.rungs.len() - 1]
}

fn fact(series: &Series) -> (String, String) {
    let (ratio, (low, high)) = FACTOR(last(series)).interval();
    (format!("ratio-{}", series.name()), format!("{ratio:.2} ({low:.2} to {high:.2})"))
}

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for (learner, case, alpha, expected, _) in TRIALS {
        let blind = variant.is_defect() && !in_features(&case);
        let series = Series::read(rows, (case, alpha), learner, in_features(&case), blind)?;
        if expected == Products {
            findings.push(window(&series, preset));
        } else {
            findings.push(growth(&series, expected, preset));
        }
        let kept = matches!(expected, LinearPath | Learned);
        if kept && [RARE, SIGNS].contains(&case) {
            findings.push(floor(&series));
        }
        all.push((series, expected));
    }
    let of = |name: &str| -> Result<&Series, ChapterError> {
        let found = all.iter().find(|(series, _)| series.name() == name);
        found.map(|(series, _)| series).ok_or(format!("no trial {name}").into())
    };
    findings.push(level(of("relu-dense")?, preset));
    findings.push(same(of("relu-wide-rare")?, of("relu-wide-dense")?, preset));
    let with_theory = rows.filter(|row| row.float("trace").is_some_and(|trace| trace > 0.0));
    findings.push(kit::input_precision(&with_theory, kit::resolution(preset))?);
    let kind = |title: &str, is: fn(Growth) -> bool| {
        let own = all.iter().filter(|(_, expected)| is(*expected));
        let own = own.map(|(series, expected)| match expected {
            By(value, _) => (series, *value),
            _ => (series, 0.0),
        });
        kit::ratio_panel(title, &own.collect::<Vec<_>>())
    };
    let mut panels = vec![
        kind("odd part linear", |growth| growth == LinearPath),
        kind("not linear, and learned", |growth| growth == Learned),
        kind("exponent lost", |growth| matches!(growth, By(..))),
    ];
    let series: Vec<Series> = all.iter().map(|(series, _)| series.clone()).collect();
    panels.extend([DENSE, WIDE, WIDE_DENSE].iter().map(|case| kit::series_panel(&series, case)));
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Loss of nonlinear features over that of linear ones against samples (points) with lines of the predicted exponent; loss on dense data, and against features, with theory".into(),
        figure: Figure { title: "Which nonlinear features keep the exponent".into(), panels, columns: 2, width: 940.0, height: 1180.0, ..Figure::default() },
        data: kit::series_table(&series)?,
        keys: &["case", "learner", "size"],
        drift: &kit::SERIES_DRIFT,
    };
    let growths: Vec<_> = findings.iter().filter(|f| f.id.starts_with("growth-")).collect();
    let hold = growths.iter().filter(|finding| finding.verdict == Verdict::Holds).count();
    let counts = [("growths", growths.len()), ("growths-hold", hold)];
    let mut facts: Vec<_> = series.iter().map(fact).collect();
    let grown = all.iter().filter(|(_, expected)| *expected != Products);
    let condition = kit::growth_condition(grown.map(|(series, _)| series), NONE);
    facts.push(("condition-C10".into(), condition));
    facts.extend(counts.map(|(name, count)| (name.to_owned(), count.to_string())));
    Ok(Report { figures: vec![figure], findings, facts })
}

// Whether the exponent persists depends on the activation, and theory predicts it:
// {fact.growths-hold} of {fact.growths} predictions hold, each made before designs were drawn. The
// exponent persists where the odd part of the activation is linear and the rest of its kernel is
// resolved, and otherwise where a coordinate that was seen is learned fast enough. As measured,
// {fact.condition-C10}.
//
// **Odd part linear.** The exponent persists where coordinates are rare from the first one on: the
// loss over that of linear features changes with the exponents {growth-relu-rare.estimate} for
// ReLU, {growth-gelu-rare.estimate} for GELU and {growth-silu-rare.estimate} for SiLU, and at the
// largest number of samples it is {fact.ratio-relu-rare}, {fact.ratio-gelu-rare} and
// {fact.ratio-silu-rare}. With more coordinates always on the ratio falls for ReLU, with the
// exponents {growth-relu-edge.estimate} at the edge $\beta = 1 + \alpha$ and
// {growth-relu-beyond.estimate} beyond it. On the steep spectrum it falls for ReLU with Rademacher
// amplitudes ({growth-relu-steep-rademacher.estimate}) and for SiLU, which is smooth
// ({growth-silu-steep.estimate}). It grows for ReLU with Gaussian amplitudes, with the exponent
// {growth-relu-steep.estimate} (predicted {growth-relu-steep.predicted}), and reaches
// {fact.ratio-relu-steep}.
//
// **Odd part not linear.** On Gaussian amplitudes the ratio grows, with the exponents
// {growth-erf-rare.estimate} for erf and {growth-tanh-rare.estimate} for tanh (predicted
// {growth-erf-rare.predicted} and {growth-tanh-rare.predicted}), and {growth-erf-flat.estimate} for
// erf on a flatter spectrum (predicted {growth-erf-flat.predicted}). For erf it does not grow with
// Rademacher amplitudes ({growth-erf-rare-rademacher.estimate}) or with weights of less than a
// third of the scale ({growth-small-erf-rare.estimate}), and where $\alpha/\beta$ is smaller growth
// is not seen ({growth-erf-flat-beyond.estimate}). Linear units beside those of erf bring the
// exponent to {growth-erf-beside-rare.estimate}. The same linear term inside the unit leaves it at
// {growth-identity-erf-rare.estimate} (predicted {growth-identity-erf-rare.predicted}).
//
// **Dense data.** ReLU has the exponent {relu-dense.estimate} in samples, where theory with the
// even modes predicts {relu-dense.predicted}, and its loss is {level-relu-dense.estimate} times
// that of theory. Without the even modes the loss would be {defect.level-relu-dense.measured} times
// that of theory. In features the exponent is {relu-wide-dense.estimate} on dense data (theory
// {relu-wide-dense.predicted}) and {relu-wide-rare.estimate} on sparse data (theory
// {relu-wide-rare.predicted}; verdict: {relu-wide-rare.verdict}). The two differ by
// {same-in-features.estimate}: sparsity raises the price of data, not of parameters.
