//! # 11 Real data: what a text tells about the words it does not contain
//!
//! No claim of the abstract is about real data. But real data may have the cause of its effects:
//! features so rare that no sample shows them. Whether they do can be told from the features that
//! were active. We take a text, the King James Bible, as 31 102 samples (verses) in which 12 762
//! features (words) are active or not. We ask which law activity follows, and forecast from a part
//! of the text what the rest will show. Samples of real data are not drawn one by one: verses come
//! in chapters, and a chapter on building a temple, or a list of sons, has words of its own. So we
//! draw whole chapters at random, and compare forecasts with the chapters that were not read.

use crate::kit::{self, ShuffledText, Text};
use crate::{
    Chapter, ChapterError, Defect, FigureWithData, Finding, Measured, Prediction, Preset, Report,
    Tolerance, Variant,
};
use asymscale_fitting::diagnosis::{
    self, ActivationCounts, Diagnosis, DiagnosisOptions, Estimate as Forecast, diagnose,
    extrapolate_rational,
};
use asymscale_montecarlo::replicates;
use asymscale_plots::Figure;
use asymscale_sampling::Key;
use asymscale_sweep::{Cell, Table, Tolerance as Drift, row};
use serde::{Deserialize, Serialize};

pub(super) const CHAPTER: Chapter = Chapter {
    id: "11-real-data",
    claims: &[],
    assumes: "a verse, scene line or line of code is a sample, a word or identifier is a feature that is active or not, and chapters, scenes and files are what is drawn at random.",
    crates: &["asymscale-fitting", "asymscale-montecarlo", "asymscale-sampling", "asymscale-sweep"],
    source: include_str!("11-real-data.rs"),
    defect: Defect {
        name: "a straight line through the rank plot",
        description: "The law of activity is read off a least-squares line through the logarithms of count and rank, and continued.",
        #[rustfmt::skip]
        turns_red: &[
            "coverage-words-2", "coverage-mass-2", "coverage-words-4", "coverage-mass-4", "coverage-words-16", "coverage-mass-16",
            "coverage-austen", "coverage-shakespeare", "coverage-tokio", "austen-over-rational_groups-2",
            "kjv-over-rational_groups-2", "kjv-over-rational_samples-2", "kjv-over-rational_groups-4", "kjv-over-rational_samples-4",
            "kjv-over-rational_groups-16", "kjv-over-rational_samples-16", "kjv-over-chao-16", "kjv-over-smoothed-16", "kjv-over-bare-16",
            "shakespeare-over-rational_groups-2", "shakespeare-over-rational_groups-4",
            "tokio-over-rational_groups-2", "tokio-over-rational_groups-4", "tokio-over-rational_groups-16",
        ],
    },
    plan,
    run: crate::Run::Common(run),
    report,
};

// Three more texts show which findings are peculiar to the Bible: sentences in the chapters of
// three novels by Austen, lines in the scenes of ten tragedies by Shakespeare, and lines of code in
// the files of a program (tokio), whose features are identifiers.
//
// A cell is a block of random parts of a text. A part has a sixteenth or a quarter of all chapters,
// scenes or files, or, for the Bible only, a 64th of them.
const TEXTS: [(&str, &[usize]); 4] =
    [(MAIN, &[64, 16, 4]), ("austen", &[16, 4]), ("shakespeare", &[16, 4]), ("tokio", &[16, 4])];

const MAIN: &str = "kjv";
const BLOCK: usize = 10;

#[derive(Serialize, Deserialize)]
struct Block {
    text: String,
    part: usize,
    first: u64,
    sets: usize,
    resamples: usize,
    data: u64,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let mut cells = Vec::new();
    for (name, parts) in TEXTS {
        let sets: usize =
            if name == MAIN { preset.pick(5, 40, 480) } else { preset.pick(10, 40, 240) };
        for part in parts {
            for first in (0..sets).step_by(BLOCK) {
                let (data, text) = (kit::text(name)?.version, name.to_owned());
                let block = Block {
                    text,
                    part: *part,
                    first: first as u64,
                    sets: BLOCK.min(sets - first),
                    resamples: preset.pick(39, 99, 99),
                    data,
                };
                cells.push(Cell::new(format!("{name} 1/{part} from {first}"), &block)?);
            }
        }
    }
    Ok(cells)
}

fn run(cell: &Cell) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let text = kit::text(&block.text)?;
    let key = Key::new(kit::seed_of(&format!("one chapter in {} of {}", block.part, block.text)));
    let (part, bare) = (block.part, block.text == MAIN);
    let asked = (part, bare, block.resamples);
    let forecasts = |set: u64, key: Key| forecasts(text, asked, &key).map(|rows| (set, rows));
    let mut rows = Table::default();
    for (set, found) in replicates(&key, block.first, block.sets, forecasts)? {
        for (quantity, factor, truth, own, by_line, bare, others) in found {
            let (part, [rational_groups, rational_samples, chao, smoothed]) =
                (block.part as i64, others);
            let [of, low, high] =
                own.map_or([f64::NAN; 3], |own| [own.value, own.lower, own.upper]);
            let [bare, bare_low, bare_high] =
                bare.map_or([f64::NAN; 3], |own| [own.value, own.lower, own.upper]);
            rows.push(row! {
                text: block.text.clone(), part, set: set as i64, quantity, factor: factor as i64, truth, recommended: of, low, high, by_line: by_line / of,
                bare, bare_low, bare_high, rational_groups, rational_samples, chao, smoothed
            })?;
        }
    }
    Ok(rows)
}

// From each part we forecast how many new words appear in twice, four and sixteen times as many
// chapters, as far as the text has so many. We also forecast the unseen mass, the number of words
// of a further verse that will still be new; a factor of 1 means the unseen mass now. Its true
// value is a mean over all verses not read by then, and is left out where these are in less than a
// tenth of the chapters.
//
// The recommended forecast is that of our diagnosis when it knows which words occur in which
// chapter: it counts in how many chapters each word occurs, and its intervals come from leaving out
// chapters in turn. It is compared with the rational extrapolation of Daley and Smith (`preseq`)
// from counts by chapters and by verses, Chao's extrapolation from counts by chapters (`iNEXT`),
// the smoothed series of Orlitsky, Suresh and Wu, and our own diagnosis from counts by verses,
// which takes verses for independent.
type Row = (&'static str, usize, f64, Option<Forecast>, f64, Option<Forecast>, [f64; 4]);

fn forecasts(
    text: &Text,
    (part, with_bare, resamples): (usize, bool, usize),
    key: &Key,
) -> Result<Vec<Row>, ChapterError> {
    let rng = &mut key.stream();
    let shuffled = ShuffledText::new(text, rng);
    let read = text.group_count() / part;
    let (samples, seen) = shuffled.counts(read);
    let ahead: Vec<usize> = [2, 4, 16].into_iter().filter(|factor| *factor <= part).collect();
    let factors = ahead.iter().map(|factor| *factor as f64).collect();
    let options = DiagnosisOptions { factors, resamples, ..DiagnosisOptions::default() };
    let groups = ActivationCounts::from_incidence(&shuffled.incidence(read)?)?;
    let bare = kit::bare_counts(samples, &seen)?;
    let found = diagnose(&groups, &options, rng)?;
    let alone = with_bare.then(|| diagnose(&bare, &options, rng)).transpose()?;
    let line = kit::line_through_ranks(&seen, samples as f64);
    let mut rows: Vec<Row> = Vec::new();
    if let Some(truth) = shuffled.still_unseen(read, &seen) {
        let bare = alone.as_ref().and_then(|alone| alone.unseen).map(|unseen| unseen.activity);
        rows.push((
            "mass",
            1,
            truth,
            found.unseen.map(|unseen| unseen.activity),
            f64::NAN,
            bare,
            [f64::NAN; 4],
        ));
    }
    for (k, factor) in ahead.into_iter().enumerate() {
        let (later, more) = shuffled.counts(factor * read);
        let (t, later, ahead) = (factor as f64, later as f64, &found.forecasts[k]);
        let alone = alone.as_ref().map(|alone| &alone.forecasts[k]);
        let smoothed =
            |p: &diagnosis::Prediction| p.smoothed.map_or(f64::NAN, |series| series.value);
        let rational = |counts| extrapolate_rational(counts, t).unwrap_or(f64::NAN);
        let chao = found.richness.map_or(f64::NAN, |bound| bound.new_features(t));
        let new =
            seen.iter().zip(&more).filter(|(seen, more)| **seen == 0 && **more > 0).count() as f64;
        let others = [rational(&groups), rational(&bare), chao, smoothed(&ahead.new_features)];
        rows.push((
            "words",
            factor,
            new,
            ahead.new_features.estimate,
            line.new_features(samples as f64, later),
            alone.and_then(|p| p.new_features.estimate),
            others,
        ));
        if let Some(truth) = shuffled.still_unseen(factor * read, &more) {
            let others = [f64::NAN, f64::NAN, f64::NAN, smoothed(&ahead.unseen_activity)];
            rows.push((
                "mass",
                factor,
                truth,
                ahead.unseen_activity.estimate,
                line.unseen_activity(later),
                alone.and_then(|p| p.unseen_activity.estimate),
                others,
            ));
        }
    }
    Ok(rows)
}

// The first findings are about the whole text. A single power law of activity over all counts
// should be rejected. Its exponent should depend on the count in one direction: among words that
// occur in few verses activity should fall faster with rank. Exponents are maximum-likelihood
// estimates in windows of counts, and ranks do not enter them.
fn whole() -> Result<Diagnosis, ChapterError> {
    let text = kit::text(MAIN)?;
    let counts = kit::bare_counts(text.samples.len() as u64, &text.counts())?;
    let mut stream = Key::new(kit::SEED).label("whole text").stream();
    Ok(diagnose(&counts, &DiagnosisOptions::default(), &mut stream)?)
}

fn law(found: &Diagnosis) -> Result<[Finding; 2], ChapterError> {
    let fit = found.activity.as_ref().ok_or("too few rare words")?;
    let (rare, common) = (fit.local[0].beta, fit.local[2].beta);
    let p_value = "p-value of a single power law over all counts (parametric bootstrap)";
    let bend =
        "exponent of activity among words in 1 to 3 verses over that among words in 16 to 63";
    let ratio = rare.value / common.value;
    Ok([
        Finding::of("single-law", p_value)
            .predicted(Prediction::AtMost(0.05))
            .measured(Measured::NoInterval(fit.single_law_p_value))
            .within(Tolerance::statistical(0.005, "one of 199 draws")),
        Finding::of("bend", bend)
            .predicted(Prediction::AtLeast(1.0))
            .measured((ratio, (rare.lower / common.upper, rare.upper / common.lower)))
            .within(Tolerance::exact("the statement is a sign")),
    ])
}

// Forecasts come next. Nominal 95 % intervals should contain the true value in at least 90 % of the
// random parts, for every size of part, at every distance, and in the other texts. Intervals from
// counts by verses should contain it less often, since they take the verses of a chapter for
// independent. (Parts for which the diagnosis answers that a quantity is not known are not counted;
// their share is in the tables.)
const AHEAD: [(&str, i64); 7] = [
    ("mass", 1),
    ("words", 2),
    ("mass", 2),
    ("words", 4),
    ("mass", 4),
    ("words", 16),
    ("mass", 16),
];

const AT_LEAST: Prediction = Prediction::AtLeast(0.9);

fn coverage(rows: &Table) -> Result<Vec<Finding>, ChapterError> {
    let least =
        "least share, over the parts of a text, of 95 % intervals that contain the true value";
    let (mut findings, bible) = (Vec::new(), rows.matching("text", MAIN)?);
    for (quantity, factor) in AHEAD {
        let statement = format!(
            "{}, {factor} times the chapters: {least}",
            if quantity == "mass" { "unseen mass" } else { "new words" }
        );
        let statement = Finding::of(format!("coverage-{quantity}-{factor}"), statement);
        let rows = bible.matching("quantity", quantity)?.matching("factor", factor)?;
        findings.push(kit::coverage_finding(statement, &rows, "recommended", AT_LEAST)?);
    }
    for (name, _) in &TEXTS[1..] {
        let statement =
            format!("{}, all quantities and distances: {least}", kit::text_in_words(name));
        let statement = Finding::of(format!("coverage-{name}"), statement);
        let rows = rows.matching("text", *name)?;
        findings.push(kit::coverage_finding(statement, &rows, "recommended", AT_LEAST)?);
    }
    let statement = "unseen mass now, by verses: largest share, over the parts, of 95 % intervals that contain the true value";
    let now = bible.matching("quantity", "mass")?.matching("factor", 1)?;
    let statement = Finding::of("coverage-bare", statement);
    findings.push(kit::coverage_finding(statement, &now, "bare", Prediction::AtMost(0.9))?);
    Ok(findings)
}

// Finally, the recommended forecast of new words should be no farther off than the rational
// extrapolation at two and four times the chapters, and nearer than every other forecast at sixteen
// times. Errors are root mean squares of relative errors over the same parts. A finding is the
// ratio of two of them, as the geometric mean over the sizes of parts.
fn nearer(rows: &Table) -> Result<Vec<Finding>, ChapterError> {
    let (plain, all) =
        (&["rational_groups", "rational_samples"][..], kit::FORECASTS.map(|(method, _)| method));
    let mut findings = Vec::new();
    for (factor, others) in [(2, plain), (4, plain), (16, &all[1..])] {
        for other in others {
            findings.push(kit::nearer_finding(rows, MAIN, factor, other)?);
        }
    }
    for (name, factors) in
        [("austen", &[2, 4][..]), ("shakespeare", &[2, 4, 16]), ("tokio", &[2, 4, 16])]
    {
        for factor in factors {
            findings.push(kit::nearer_finding(rows, name, *factor, "rational_groups")?);
        }
    }
    Ok(findings)
}

const LAST: Drift = Drift { absolute: 1e-9, relative: 1e-6 };
#[rustfmt::skip]
const DRIFT: &[(&str, Drift)] = &[("truth", LAST), ("forecast", LAST), ("low", LAST), ("high", LAST), ("covered", LAST), ("bias", LAST), ("spread", LAST), ("rms", LAST), ("over_rational", LAST)];

fn report(rows: &Table, _preset: Preset, variant: Variant) -> Result<Report, ChapterError> {
    let found = whole()?;
    // The planted defect puts the line in the place of the forecast, and keeps the width of the
    // interval it replaces.
    let by_line = || kit::scaled(rows, &["recommended", "low", "high"], "by_line");
    let rows = &if variant.is_defect() { by_line()? } else { rows.clone() };
    let mut findings = law(&found)?.to_vec();
    findings.extend(coverage(rows)?);
    findings.extend(nearer(rows)?);
    let data = kit::forecast_summary(rows)?;
    let mut facts = vec![
        ("words".into(), found.seen.to_string()),
        ("once".into(), found.unseen.map_or(0, |unseen| unseen.singletons).to_string()),
    ];
    facts.extend(kit::forecast_tables(&data, MAIN, &TEXTS.map(|(name, _)| name)[1..])?);
    let figure = FigureWithData {
        name: CHAPTER.id.into(),
        caption: "Words of the King James Bible: the law of their activity; forecasts from random chapters against the rest, here and in three other texts".into(),
        figure: Figure {
            title: "What a text tells about the words it does not contain".into(),
            panels: kit::word_panels(&found, &data)?,
            columns: 2, width: 960.0, height: 1100.0, ..Figure::default()
        },
        data,
        keys: &["text", "quantity", "part", "factor", "method"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts })
}

// **Forecasts from counts by chapters have intervals that can be trusted, and smaller errors than
// other methods.** At sixteen times the chapters the intervals for new words contain the true value
// in at least the share {coverage-words-16.estimate} of the parts, and the error is
// {kjv-over-rational_groups-16.estimate} times that of the rational extrapolation by chapters.
//
// **The law of activity.** A single power law is rejected ($p$ = {single-law.measured}). Among
// words in one to three verses the exponent of activity is {bend.estimate} times that among words
// in some dozens of verses, and {fact.once} of {fact.words} words occur in one verse only.
//
// **The unseen mass.** Intervals from counts by verses, which forget the chapters, contain the
// unseen mass of today in at most the share {coverage-bare.estimate} of the parts. Intervals from
// counts by chapters contain it in at least {coverage-mass-1.estimate}, and the mass at two, four
// and sixteen times the chapters in at least {coverage-mass-2.estimate}, {coverage-mass-4.estimate}
// and {coverage-mass-16.estimate}. For parts of three sizes, in per cent:
//
// {fact.mass-table}
//
// Far ahead of the smallest parts the forecast of the mass is too low, but its intervals are wide
// there and contain the true value.
//
// **New words.** The intervals of the recommended forecast contain the number of new words in at
// least the shares {coverage-words-2.estimate}, {coverage-words-4.estimate} and
// {coverage-words-16.estimate} of the parts, at two, four and sixteen times the chapters. Root mean
// square of the relative error, over all parts for which a method gives a forecast, and shares of
// parts and intervals, in per cent:
//
// {fact.words-table}
//
// What is counted matters more than how it is extrapolated. At twice the chapters the error of the
// recommended forecast is {kjv-over-rational_groups-2.estimate} times that of the rational
// extrapolation by chapters, but {kjv-over-rational_samples-2.estimate} times that of the same
// extrapolation by verses. At four times the chapters these ratios are
// {kjv-over-rational_groups-4.estimate} and {kjv-over-rational_samples-4.estimate}. At sixteen
// times the error is {kjv-over-rational_samples-16.estimate} times that of the rational
// extrapolation by verses, {kjv-over-chao-16.estimate} times that of Chao's extrapolation,
// {kjv-over-smoothed-16.estimate} times that of the smoothed series, and
// {kjv-over-bare-16.estimate} times that of our own diagnosis from counts by verses. (Only parts
// with both forecasts count.)
//
// **The other texts** agree, with less certainty. Root mean square of the relative error of new
// words, and shares of parts and intervals, in per cent:
//
// {fact.others-table}
//
// A sixteenth of the chapters of Austen is eight chapters. These are too few to test a law on parts
// of them, so beyond twice the chapters the diagnosis answers that nothing is known. Where the
// diagnosis gives intervals, they contain the true value in at least {coverage-austen.estimate}
// (verdict: {coverage-austen.verdict}). At sixteen times the scenes of Shakespeare the ratio of
// errors is {shakespeare-over-rational_groups-16.estimate} (verdict:
// {shakespeare-over-rational_groups-16.verdict}). Words are less tied to scenes than to chapters,
// and at twice the scenes counting by lines does no harm. In tokio the ratio is
// {tokio-over-rational_groups-16.estimate} (verdict: {tokio-over-rational_groups-16.verdict}).
// Identifiers are tied to their files, and counting by lines of code would leave next to nothing
// unseen.
//
// A straight line through the rank plot errs {defect.kjv-over-rational_groups-2.measured} times as
// much as the rational extrapolation by chapters, at only twice the chapters.
