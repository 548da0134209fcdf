//! # 13 A real design: words that stand together
//!
//! Theory takes coordinates to be active independently of each other. Words are not: they come in
//! phrases and topics. We take real verses of the King James Bible as designs, compute their exact
//! losses, and hold them against theory that is told how many verses each word stands in, and
//! nothing else: no number is fitted. Co-occurrence may change the loss, what is seen, and the
//! rank; we ask of each by how much, for verses drawn from all over the book and for passages.

use crate::kit::{self, BookPoint, Text};
#[rustfmt::skip]
use crate::{Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report, Tolerance, Variant};
use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
use asymscale_montecarlo::{Estimate, replicates};
use asymscale_plots::Figure;
use asymscale_sampling::{Design, Key};
use asymscale_solvers::{DesignSpectrum, Regression};
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use asymscale_theory::SampleTheory;
use rand::RngExt;
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "13-real-design",
    claims: &[],
    assumes: "a verse is a sample, a word is a coordinate, teachers are iid over words, and labels have no noise; words are uncorrelated if they have random signs, and not if they stand as they are.",
    crates: &[
        "asymscale-model",
        "asymscale-montecarlo",
        "asymscale-sampling",
        "asymscale-solvers",
        "asymscale-sweep",
        "asymscale-theory",
    ],
    source: include_str!("13-real-design.rs"),
    defect: Defect {
        name: "sparsity forgotten",
        description: "Theory is told the variance of each word, but takes every word to be active in every verse.",
        turns_red: &["seen", "unseen", "rank-independent"],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// A cell is some designs of one kind and one number of samples: verses drawn at random, or a
// passage, verses that follow each other, from each of as many parts of the book; or, as a control,
// designs that the model of independent words draws. Seen words, unseen mass and rank cost little
// and go up to half the book; losses cost a decomposition.
#[derive(Serialize, Deserialize)]
struct Block {
    kind: String,
    samples: usize,
    designs: usize,
    losses: bool,
    data: u64,
}

const COVERED: usize = 16_384;
/// Samples by which about as many words are seen.
const CROSSING: f64 = 8192.0;

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let (largest, solved, counted) = preset.pick((256, 10, 8), (1024, 10, 32), (2048, 64, 128));
    let (data, mut cells) = (kit::text("kjv")?.version, Vec::new());
    for kind in kit::BOOK_KINDS {
        let mut add = |samples: usize, designs, losses| -> Result<(), ChapterError> {
            let name = format!("{kind} {} D = {samples}", if losses { "losses" } else { "seen" });
            let block = Block { kind: kind.to_owned(), samples, designs, losses, data };
            let cost = (samples as f64).powi(if losses { 3 } else { 1 });
            cells.push(Cell::new(name, &block)?.with_cost(cost));
            Ok(())
        };
        let sizes = |from, to, step| {
            std::iter::successors(Some(from), move |d| Some(step * d)).take_while(move |d| *d <= to)
        };
        // Passages differ more than random verses do.
        let solved = if kind == "passages" { preset.pick(12, 16, 128) } else { solved };
        sizes(64, largest, 4).try_for_each(|samples| add(samples, solved, true))?;
        sizes(64, COVERED, 2).try_for_each(|samples| add(samples, counted, false))?;
    }
    Ok(cells)
}

// The table that theory gets: $p_i$ is the share of all verses that word $i$ stands in. With random
// signs its variance is $\lambda_i = p_i$; as it stands, an indicator less its mean, $p_i(1-p_i)$.
fn model(text: &Text, signs: bool, variant: Variant) -> Result<SparseModel, ChapterError> {
    let activity = kit::word_activity(text);
    let variance = |p: &f64| if signs { *p } else { p * (1.0 - p) };
    let spectrum = Spectrum::table(activity.iter().map(variance).collect())?;
    let coordinates = Coordinates::Finite(activity.len() as u64);
    let active = if variant.is_defect() { vec![1.0; activity.len()] } else { activity };
    let activity = Activity::table(active)?;
    Ok(SparseModel::new(spectrum, activity, Amplitude::Rademacher, coordinates)?)
}

// Model sizes as multiples of the samples, which are the threshold where losses are measured.
const SHARES: [f64; 6] = [0.0625, 0.25, 0.5, 2.0, 4.0, f64::INFINITY];

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let (text, key) = (kit::text("kjv")?, Key::new(kit::SEED).label(cell.name()));
    let (activity, model) = (kit::word_activity(text), model(text, true, Variant::Sound)?);
    let designs = replicates(&key, 0, block.designs, |number, key| {
        let mut stream = key.stream();
        let (book, count) = (text.samples.len(), block.samples);
        let verses: Vec<usize> = match block.kind.as_str() {
            "independent" => Vec::new(),
            "passages" => {
                let at = (number as f64 + stream.random_range(0.0..1.0)) / block.designs as f64;
                let first = (at * (book - count + 1) as f64) as usize;
                (first..first + count).collect()
            }
            // The population of a loss is the verses that were not drawn, so these are different.
            _ if block.losses => rand::seq::index::sample(&mut stream, book, count).into_vec(),
            // What is seen, and the rank, are of samples that may repeat, as theory takes them.
            _ => (0..count).map(|_| stream.random_range(0..book)).collect(),
        };
        let design = if verses.is_empty() {
            Design::sample(&model, count, &mut stream)?
        } else {
            kit::signed_design(text, &activity, &verses, &mut stream)?
        };
        let mut found = vec![];
        if block.losses {
            found.push(("signs", DesignSpectrum::new(&design)?));
            if !verses.is_empty() {
                found.push(("plain", kit::incidence_spectrum(text, &activity, &verses)?));
            }
        }
        let mut rows: Vec<(&str, f64, f64)> = Vec::new();
        for (form, spectrum) in &found {
            for share in SHARES {
                let loss = spectrum.corrected_loss(share * count as f64, Regression::default())?;
                rows.push((*form, share, loss.loss));
            }
            rows.push((
                if *form == "signs" { "rank-signs" } else { "rank-plain" },
                0.0,
                spectrum.rank() as f64,
            ));
        }
        if !block.losses {
            let rank = design.rank() as f64;
            rows.push(("seen", 0.0, design.seen() as f64));
            rows.push(("unseen", 0.0, design.unseen_mass()));
            rows.push(("rank", 0.0, rank));
            rows.push(("deficit", 0.0, 1.0 - rank / design.seen().min(count) as f64));
        }
        Ok::<_, ChapterError>(rows)
    })?;
    let (kind, samples, mut table) = (block.kind.as_str(), block.samples as i64, Table::default());
    for (number, rows) in designs.into_iter().enumerate() {
        for (quantity, share, value) in rows {
            table.push(row! { kind, samples, quantity, share, design: number as i64, value })?;
        }
    }
    Ok(table)
}

// What was measured of one kind at one size, with what theory says of it.
fn measured_points(rows: &Table, variant: Variant) -> Result<Vec<BookPoint>, ChapterError> {
    let text = kit::text("kjv")?;
    let [signs, plain] = [true, false].map(|signs| model(text, signs, variant));
    let (signs, plain, mut points) = (signs?, plain?, Vec::new());
    for (_, rows) in rows.group_by(&["samples"])? {
        let samples = rows.floats("samples")?[0];
        let theories = [SampleTheory::new(&signs, samples)?, SampleTheory::new(&plain, samples)?];
        for kind in kit::BOOK_KINDS {
            for (_, rows) in rows.matching("kind", kind)?.group_by(&["quantity", "share"])? {
                let (quantity, share) =
                    (rows.texts("quantity")?[0].to_owned(), rows.floats("share")?[0]);
                let theory = &theories[usize::from(quantity.ends_with("plain"))];
                let (coverage, features) = (theory.coverage(), share * samples);
                let (theory, error) = match quantity.as_str() {
                    "signs" | "plain" => {
                        (theory.loss(features)?, kit::finite_size(theory, &[features])?)
                    }
                    "seen" => (coverage.seen, 0.0),
                    "unseen" => (coverage.unseen_mass, 0.0),
                    "deficit" => (1.0 - theory.rank() / coverage.threshold, 0.0),
                    _ => (theory.rank(), 0.0),
                };
                let measured = Estimate::of(&rows.floats("value")?);
                points.push(BookPoint { kind, quantity, samples, share, measured, theory, error });
            }
        }
    }
    Ok(points)
}

// What needs no independence holds: a word is seen, or not, whatever stands beside it, so the mean
// number of seen words and the mean unseen mass are those of theory. Verses that are drawn at
// random should have them, and the rank, at these sizes, should be the number of samples.
fn coverage_findings(
    points: &[BookPoint],
    samples: f64,
    preset: Preset,
) -> Result<Vec<Finding>, ChapterError> {
    let resolution = |value: f64| {
        Tolerance::resolution(kit::resolution(preset) * value, "of the preset, relative")
    };
    let equals = |id: &str, statement: &str, at: (&str, &str, f64)| {
        let point = kit::book_point(points, (at.0, at.1, at.2, 0.0))?;
        let finding = Finding::of(id, statement)
            .predicted(Prediction::Equals(point.theory))
            .measured(point.measured)
            .within(resolution(point.theory));
        Ok::<_, ChapterError>(finding)
    };
    Ok(vec![
        equals(
            "seen",
            "random verses: words seen, at the most samples with losses",
            ("verses", "seen", samples),
        )?,
        equals("unseen", "random verses: unseen mass", ("verses", "unseen", samples))?,
        equals(
            "threshold",
            "random verses: rank with random signs, at the same samples",
            ("verses", "rank-signs", samples),
        )?,
        equals(
            "rank-independent",
            "independent words: rank, where as many words are seen as samples",
            ("independent", "rank", CROSSING),
        )?,
    ])
}

// For losses theory is a prediction of unknown worth. The windows are those of all chapters: the
// error that theory estimates for itself, were words independent, and the resolution of the preset.
// Anything beyond them is what co-occurrence does. This chapter is not blind: losses, signs and the
// shares of the samples that are asked here were looked at on small designs before.
fn loss_findings(
    points: &[BookPoint],
    samples: f64,
    preset: Preset,
) -> Result<Vec<Finding>, ChapterError> {
    let mut findings = Vec::new();
    let kinds = [
        ("independent", "signs", &[f64::INFINITY][..]),
        ("verses", "signs", &[0.25, 4.0, f64::INFINITY]),
        ("verses", "plain", &[0.25, 4.0, f64::INFINITY]),
        ("passages", "signs", &[f64::INFINITY]),
    ];
    for (kind, form, shares) in kinds {
        for share in shares {
            let point = kit::book_point(points, (kind, form, samples, *share))?;
            let (word, size) = match *share {
                f64::INFINITY => ("infinite", "infinitely many features".to_owned()),
                share => (if share < 1.0 { "under" } else { "over" }, format!("N = {share} D")),
            };
            let how = if form == "signs" { "random signs" } else { "as they stand" };
            let statement = format!("{kind}, {how}: loss over theory, {size}, most samples");
            let width = point.error + kit::resolution(preset);
            findings.push(
                Finding::of(format!("{kind}-{form}-{word}"), statement)
                    .predicted(Prediction::Equals(1.0))
                    .measured(Measured::from(point.measured).over(point.theory))
                    .within(Tolerance::finite_size(width, kit::FINITE_SIZE)),
            );
        }
    }
    Ok(findings)
}

// Where independence matters most we expect a sign. Words that stand together collide more, so the
// rank of random verses is below that of independent words where as many words are seen as there
// are samples. Verses that follow each other repeat their words: a passage shows fewer of them,
// leaves more unseen, and is worth fewer samples to a learner with few features.
fn sign_findings(points: &[BookPoint], samples: f64) -> Result<Vec<Finding>, ChapterError> {
    type Side = fn(f64) -> Prediction;
    type Expected = (&'static str, &'static str, (&'static str, &'static str, f64, f64), Side);
    let (below, above): (Side, Side) = (Prediction::AtMost, Prediction::AtLeast);
    let expected: [Expected; 4] = [
        (
            "rank-verses",
            "random verses: rank, where as many words are seen as samples",
            ("verses", "rank", CROSSING, 0.0),
            below,
        ),
        ("seen-passages", "passages: words seen", ("passages", "seen", samples, 0.0), below),
        ("unseen-passages", "passages: unseen mass", ("passages", "unseen", samples, 0.0), above),
        (
            "passages-signs-half",
            "passages, random signs: loss, N = 0.5 D",
            ("passages", "signs", samples, 0.5),
            above,
        ),
    ];
    let finding = |(id, statement, at, side): Expected| {
        let point = kit::book_point(points, at)?;
        Ok(Finding::of(id, format!("{statement}, against theory of independent words"))
            .predicted(side(point.theory))
            .measured(point.measured)
            .within(Tolerance::exact("the statement is a sign")))
    };
    expected.into_iter().map(finding).collect()
}

const LAST: Drift = Drift { absolute: 1e-9, relative: 1e-6 };

fn report(rows: &Table, preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let (text, points) = (kit::text("kjv")?, measured_points(rows, variant)?);
    let solved = points.iter().filter(|p| p.quantity == "signs").map(|p| p.samples);
    let range = |(low, high): (f64, f64), d: f64| (low.min(d), high.max(d));
    let (fewest, samples) = solved.fold((f64::INFINITY, 0.0), range);
    let mut findings = coverage_findings(&points, samples, preset)?;
    findings.extend(loss_findings(&points, samples, preset)?);
    findings.extend(sign_findings(&points, samples)?);
    let dense = SampleTheory::new(&model(text, true, Variant::Defect)?, samples)?;
    let dense = dense.loss(f64::INFINITY)?;
    let models = [model(text, true, Variant::Sound)?, model(text, false, Variant::Sound)?];
    let mut data = Table::default();
    for p in &points {
        data.push(row! {
            kind: p.kind, quantity: p.quantity.as_str(), samples: p.samples as i64,
            features_over_samples: p.share, measured: p.measured.mean,
            standard_error: p.measured.standard_error, theory: p.theory
        })?;
    }
    let at = |kind, quantity, share| kit::book_point(&points, (kind, quantity, samples, share));
    let per_cent = |p: &BookPoint| format!("{:+.1}", 100.0 * (p.ratio() - 1.0)).replace('-', "−");
    let few = |form| kit::book_point(&points, ("verses", form, fewest, f64::INFINITY));
    let (loss, unseen) = (at("verses", "signs", f64::INFINITY)?, at("verses", "unseen", 0.0)?);
    let share = 100.0 * unseen.measured.mean / loss.measured.mean;
    let facts = vec![
        ("dense".into(), format!("{:.3}", loss.measured.mean / dense)),
        ("unseen-share".into(), format!("{share:.0}")),
        ("samples".into(), samples.to_string()),
        ("crossing".into(), CROSSING.to_string()),
        ("few".into(), fewest.to_string()),
        ("few-signs".into(), format!("{:.3}", few("signs")?.ratio())),
        ("few-plain".into(), format!("{:.3}", few("plain")?.ratio())),
        ("signs-half".into(), per_cent(at("verses", "signs", 0.5)?)),
        ("passages-half".into(), per_cent(at("passages", "signs", 0.5)?)),
        ("passages-unseen".into(), per_cent(at("passages", "unseen", 0.0)?)),
        ("passages-seen".into(), per_cent(at("passages", "seen", 0.0)?)),
        ("passages-plain".into(), per_cent(at("passages", "plain", f64::INFINITY)?)),
        ("rank-plain".into(), format!("{:.1}", at("verses", "rank-plain", 0.0)?.measured.mean)),
        ("rank".into(), per_cent(kit::book_point(&points, ("verses", "rank", CROSSING, 0.0))?)),
    ];
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Losses on real verses against theory that knows in how many verses each word stands; unseen mass and rank of verses, passages and independent words (kinds stand beside each other at each size)".into(),
        figure: Figure {
            title: "Words stand together; theory takes them to be independent".into(),
            panels: kit::book_panels(&points, &models, samples)?,
            columns: 2, width: 900.0, height: 800.0, ..Figure::default()
        },
        data,
        keys: &["kind", "quantity", "samples", "features_over_samples"],
        drift: &[("measured", LAST), ("standard_error", LAST), ("theory", LAST)],
    };
    Ok(Report { figures: vec![figure], findings, facts })
}

// With random signs the loss on {fact.samples} random verses is {verses-signs-infinite.estimate}
// times that of theory with infinitely many features, {verses-signs-over.estimate} times at
// $N = 4D$, {verses-signs-under.estimate} times at $N = D/4$, and off by {fact.signs-half} % at
// $N = D/2$; independent words are at {independent-signs-infinite.estimate}. Nothing was fitted. At
// {fact.few} verses it is {fact.few-signs} times theory: the distance need not stay small.
//
// As they stand, words are correlated, and the loss, on the verses not drawn, is
// {verses-plain-infinite.estimate} times theory with infinitely many features (verdict:
// {verses-plain-infinite.verdict}), {verses-plain-over.estimate} times at $N = 4D$ (verdict:
// {verses-plain-over.verdict}) and {verses-plain-under.estimate} times at $N = D/4$. At
// {fact.few} verses it is {fact.few-plain} times theory. We suppose, and did not measure, that what
// is learned of a word serves for its companions too.
//
// What is seen (verdict: {seen.verdict}): random verses show {seen.measured} words where theory
// expects {seen.predicted}, and leave a mass of {unseen.measured} unseen (theory:
// {unseen.predicted}). The threshold is the number of samples as long as more words are seen: with
// random signs the rank is {threshold.measured}, and {fact.rank-plain} as they stand, where some
// verses repeat others. Where as many words are seen as samples, {fact.crossing} verses, some drawn
// twice, have a structural rank of {rank-verses.measured} and not {rank-verses.predicted}
// ({fact.rank} %), while independent words have {rank-independent.measured}.
//
// Passages are another matter. They show {seen-passages.measured} words, {fact.passages-seen} %,
// and leave a mass of {unseen-passages.measured} unseen, {fact.passages-unseen} %. Still their loss
// with infinitely many features is {passages-signs-infinite.estimate} times theory (verdict:
// {passages-signs-infinite.verdict}; as they stand {fact.passages-plain} %; we suppose that the
// words a passage does show it shows more often). With few features nothing makes up for what is
// missing: at $N = D/2$ the loss is {passages-signs-half.measured} rather than
// {passages-signs-half.predicted}, {fact.passages-half} %.
//
// Theory that forgets sparsity would have all {defect.seen.predicted} words seen, and rank
// {defect.rank-independent.predicted} at {fact.crossing} verses. In the loss with infinitely many
// features the difference is small at these sizes: that of random verses is {fact.dense} times its
// own; the unseen mass is {fact.unseen-share} % of the loss by now.
