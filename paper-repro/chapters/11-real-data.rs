//! # 11 Real data: what a text says of the words it does not hold
//!
//! No claim of the abstract is about real data, but its cause is: features so rare that no sample
//! holds them. Whether one's own data are of that kind can be told from what was active in them. We
//! take a text, the King James Bible, as 31 102 samples (verses) in which 12 762 features (words)
//! are active or not, ask which law activity follows, and forecast from a part of the text what the
//! rest brings. Samples of real data are not drawn one by one: verses come in chapters, and a
//! chapter on building a temple, or a list of sons, has words of its own. So we draw whole chapters
//! at random, and hold forecasts against the chapters that were not read.

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
    run: crate::Run::ByVariant(run),
    report,
};

// Three more texts show how much of what is found is the Bible's: sentences in the chapters of
// three novels by Austen, lines in the scenes of ten tragedies by Shakespeare, and, as something
// that is no prose, lines of code in the files of a program (tokio), whose features are
// identifiers.
//
// A cell is a block of random parts of a text, each with as many whole chapters, scenes or files as
// a 64th (of the Bible only), a sixteenth or a quarter of them.
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
    data: u64,
}

fn plan(preset: Preset) -> Result<Vec<Cell>, ChapterError> {
    let mut cells = Vec::new();
    for (name, parts) in TEXTS {
        let sets: usize =
            if name == MAIN { preset.pick(8, 40, 480) } else { preset.pick(10, 40, 240) };
        for part in parts {
            for first in (0..sets).step_by(BLOCK) {
                let (data, text) = (kit::text(name)?.version, name.to_owned());
                let block = Block {
                    text,
                    part: *part,
                    first: first as u64,
                    sets: BLOCK.min(sets - first),
                    data,
                };
                cells.push(Cell::new(format!("{name} 1/{part} from {first}"), &block)?);
            }
        }
    }
    Ok(cells)
}

fn run(cell: &Cell, variant: Variant) -> Result<Table, ChapterError> {
    let block: Block = cell.read()?;
    let text = kit::text(&block.text)?;
    let key = Key::new(kit::seed_of(&format!("one chapter in {} of {}", block.part, block.text)));
    let (part, bare) = (block.part, block.text == MAIN);
    let forecasts =
        |set: u64, key: Key| forecasts(text, (part, bare), &key, variant).map(|rows| (set, rows));
    let mut rows = Table::default();
    for (set, found) in replicates(&key, block.first, block.sets, forecasts)? {
        for (quantity, factor, truth, own, bare, others) in found {
            let (part, [rational_groups, rational_samples, chao, smoothed]) =
                (block.part as i64, others);
            let [of, low, high] =
                own.map_or([f64::NAN; 3], |own| [own.value, own.lower, own.upper]);
            let [bare, bare_low, bare_high] =
                bare.map_or([f64::NAN; 3], |own| [own.value, own.lower, own.upper]);
            rows.push(row! {
                text: block.text.clone(), part, set: set as i64, quantity, factor: factor as i64, truth, recommended: of, low, high,
                bare, bare_low, bare_high, rational_groups, rational_samples, chao, smoothed
            })?;
        }
    }
    Ok(rows)
}

// From each part we forecast how many new words twice, four and sixteen times as many chapters
// bring, as far as there are so many, and how many words of a further verse will still be new: the
// unseen mass. With factor 1 it is what is unseen now. Its truth is a mean over the verses of all
// chapters not read by then, so itself a sample; where it would be taken over less than a tenth of
// the chapters it is left out.
//
// The diagnosis knows which words stand together in which chapter: it counts words by chapters, and
// its intervals come from chapters left out in turn. Beside it stand what others would do: the
// rational extrapolation of Daley and Smith (`preseq`) from counts by chapters and by verses,
// Chao's extrapolation by chapters (`iNEXT`), the smoothed series of Orlitsky, Suresh and Wu, and
// our own diagnosis of bare counts by verses, as if words were independent.
type Row = (&'static str, usize, f64, Option<Forecast>, Option<Forecast>, [f64; 4]);

fn forecasts(
    text: &Text,
    (part, with_bare): (usize, bool),
    key: &Key,
    variant: Variant,
) -> Result<Vec<Row>, ChapterError> {
    let rng = &mut key.stream();
    let shuffled = ShuffledText::new(text, rng);
    let read = text.group_count() / part;
    let (samples, seen) = shuffled.counts(read);
    let ahead: Vec<usize> = [2, 4, 16].into_iter().filter(|factor| *factor <= part).collect();
    let factors = ahead.iter().map(|factor| *factor as f64).collect();
    let options = DiagnosisOptions { factors, resamples: 99, ..DiagnosisOptions::default() };
    let groups = ActivationCounts::from_incidence(&shuffled.incidence(read)?)?;
    let bare = kit::bare_counts(samples, &seen)?;
    let found = diagnose(&groups, &options, rng)?;
    let alone = with_bare.then(|| diagnose(&bare, &options, rng)).transpose()?;
    let line = kit::line_through_ranks(&seen, samples as f64);
    // The planted defect keeps the width of the interval it replaces.
    let own = |found: Option<Forecast>, by_line: f64| match (variant.is_defect(), found) {
        (true, Some(Forecast { value, lower, upper })) => Some(Forecast {
            value: by_line,
            lower: by_line * lower / value,
            upper: by_line * upper / value,
        }),
        (_, estimate) => estimate,
    };
    let mut rows: Vec<Row> = Vec::new();
    if let Some(truth) = shuffled.still_unseen(read, &seen) {
        let bare = alone.as_ref().and_then(|alone| alone.unseen).map(|unseen| unseen.activity);
        rows.push((
            "mass",
            1,
            truth,
            found.unseen.map(|unseen| unseen.activity),
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
        let words = own(ahead.new_features.estimate, line.new_features(samples as f64, later));
        rows.push((
            "words",
            factor,
            new,
            words,
            alone.and_then(|p| p.new_features.estimate),
            others,
        ));
        if let Some(truth) = shuffled.still_unseen(factor * read, &more) {
            let others = [f64::NAN, f64::NAN, f64::NAN, smoothed(&ahead.unseen_activity)];
            let mass = own(ahead.unseen_activity.estimate, line.unseen_activity(later));
            rows.push((
                "mass",
                factor,
                truth,
                mass,
                alone.and_then(|p| p.unseen_activity.estimate),
                others,
            ));
        }
    }
    Ok(rows)
}

// First, the whole text. One power law of activity over all counts should be rejected, if words are
// like features that are learnt rather than drawn from an urn of fixed law; and it should bend one
// way: among words that few verses hold activity falls faster with rank. Exponents are
// maximum-likelihood estimates in windows of counts; ranks do not enter them.
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

// Then forecasts. Intervals at 95 % should hold the truth in at least 90 % of the random parts, of
// every size, at every distance, and in other texts; those of bare counts in less, since they take
// words of a chapter for so many words on their own. (Parts in which the diagnosis says that
// something is not known are not counted; how many there are is told below.)
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
    let least = "least share, over the parts of a text, of 95 % intervals that hold the truth";
    let (mut findings, bible) = (Vec::new(), rows.matching("text", MAIN)?);
    for (quantity, factor) in AHEAD {
        let statement = format!("{quantity}, {factor} times the chapters: {least}");
        let statement = Finding::of(format!("coverage-{quantity}-{factor}"), statement);
        let rows = bible.matching("quantity", quantity)?.matching("factor", factor)?;
        findings.push(kit::coverage_finding(statement, &rows, "recommended", AT_LEAST)?);
    }
    for (name, _) in &TEXTS[1..] {
        let statement = format!("{name}, all quantities and distances: {least}");
        let statement = Finding::of(format!("coverage-{name}"), statement);
        let rows = rows.matching("text", *name)?;
        findings.push(kit::coverage_finding(statement, &rows, "recommended", AT_LEAST)?);
    }
    let statement = "mass now, bare counts: largest share, over the parts, of 95 % intervals that hold the truth";
    let now = bible.matching("quantity", "mass")?.matching("factor", 1)?;
    let statement = Finding::of("coverage-bare", statement);
    findings.push(kit::coverage_finding(statement, &now, "bare", Prediction::AtMost(0.9))?);
    Ok(findings)
}

// And the recommended forecast of new words should be no farther off than the rational
// extrapolation at two and four times the chapters, and nearer than everything else at sixteen
// times: ratios of root mean squares of relative errors over the same parts, the geometric mean
// over their sizes.
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

fn report(rows: &Table, _preset: Preset, _variant: Variant) -> Result<Report, ChapterError> {
    let found = whole()?;
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
            title: "What a text says of the words it does not hold".into(),
            panels: kit::word_panels(&found, &data)?,
            columns: 2, width: 960.0, height: 1100.0, ..Figure::default()
        },
        data,
        keys: &["text", "quantity", "part", "factor", "method"],
        drift: DRIFT,
    };
    Ok(Report { figures: vec![figure], findings, facts })
}

// A single power law is rejected ($p$ = {single-law.measured}): among words in one to three verses
// the exponent of activity is {bend.measured} times that among words in some dozens of them, and
// {fact.once} of {fact.words} words stand in one verse only.
//
// Whoever counts by verses and forgets the chapters is sure of what is wrong: intervals of the
// unseen mass now hold the truth in a share of {coverage-bare.measured} of the parts at the most.
// By chapters they hold it in {coverage-mass-1.measured} or more; those of the mass later in
// {coverage-mass-2.measured}, {coverage-mass-4.measured} and {coverage-mass-16.measured} or more at
// two, four and sixteen times the chapters, those of new words in {coverage-words-2.measured},
// {coverage-words-4.measured} and {coverage-words-16.measured}. For the unseen mass from parts of
// three sizes, in per cent:
//
// {fact.mass-table}
//
// Far ahead of the smallest part the mass is put too low, though within its intervals, which are
// wide there. For new words the root mean square of the relative error in per cent, over all parts
// in which a method says something, and how often intervals hold:
//
// {fact.words-table}
//
// At twice the chapters no law is needed, and the rational extrapolation by chapters is as good
// (ratio {kjv-over-rational_groups-2.measured}, in the parts in which both say something): what is
// counted matters more than how it is continued, since by verses it errs far more (ratio
// {kjv-over-rational_samples-2.measured}). At four times the ratios are
// {kjv-over-rational_groups-4.measured} and {kjv-over-rational_samples-4.measured}; at sixteen
// times {kjv-over-rational_groups-16.measured} and {kjv-over-rational_samples-16.measured},
// {kjv-over-chao-16.measured} over Chao's extrapolation, {kjv-over-smoothed-16.measured} over the
// smoothed series and {kjv-over-bare-16.measured} over our own diagnosis of bare counts. The other
// texts:
//
// {fact.others-table}
//
// A sixteenth of Austen is eight chapters: too few to try a law on parts of them, so beyond twice
// the chapters the diagnosis says that nothing is known, where the rational extrapolation does say
// something. Its intervals hold the truth in {coverage-austen.measured} or more of what it says
// (verdict: {coverage-austen.verdict}). In Shakespeare, where words cling to scenes less, counting
// by lines does no harm at twice the scenes. At sixteen times the ratio of errors is
// {shakespeare-over-rational_groups-16.measured} there (verdict:
// {shakespeare-over-rational_groups-16.verdict}) and {tokio-over-rational_groups-16.measured} in
// tokio (verdict: {tokio-over-rational_groups-16.verdict}), where identifiers keep to their files:
// by lines of code next to nothing would be left to see. The straight line errs
// {defect.kjv-over-rational_groups-2.measured} times as much as the rational extrapolation at twice
// the chapters already.
