//! The panels of the chapter on words in verses.

use super::{VERSES, line_through_ranks, log_space, verse_counts};
use crate::{ChapterError, draw};
use asymscale_fitting::diagnosis::{ActivationCounts, ActivityFit, BentLaw};
use asymscale_plots::{Axis, Color, Dash, Legend, Line, Panel, Points, Reference};
use asymscale_sweep::Table;

/// Rank plot, local exponents, unseen mass and errors of forecasts; `data` is the chapter's summary.
///
/// # Errors
/// A summary without the columns of the chapter.
pub fn verse_panels(
    counts: &ActivationCounts,
    fit: &ActivityFit,
    data: &Table,
) -> Result<Vec<Panel>, ChapterError> {
    Ok(vec![ranks(fit), exponents(fit), unseen(counts, data)?, errors(data)?])
}

fn dashed(name: &str, number: usize, dash: Dash, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.into(), points, color: Color::Series(number), dash, ..Line::default() }
}

/// Verses that hold a word over its rank. Laws are drawn through how many words they put in more than `k` verses, the
/// power law from the end of its window on.
fn ranks(fit: &ActivityFit) -> Panel {
    let all = verse_counts();
    let mut shown: Vec<usize> =
        log_space(1.0, all.len() as f64, 32).iter().map(|rank| *rank as usize).collect();
    shown.dedup();
    let words = Points {
        name: "words".into(),
        points: shown.iter().map(|&rank| (rank as f64, all[rank - 1] as f64)).collect(),
        filled: false,
        ..Points::default()
    };
    let above = |k: f64| all.iter().filter(|count| **count as f64 > k).count() as f64;
    let through = |of: &dyn Fn(f64, f64) -> f64, edge: f64, (from, to): (f64, f64)| {
        let ranks = log_space(from, to, 60).into_iter().map(|k| {
            let (low, high) = (k.min(edge), k.max(edge));
            (above(edge) + of(low, high) * (edge - k).signum(), k)
        });
        ranks.filter(|at| at.0 >= 1.0).collect::<Vec<_>>()
    };
    let power = |low, high| fit.law().features_between(VERSES as f64, low, high);
    let edge = fit.max_count as f64;
    let line = line_through_ranks(&all, VERSES as f64);
    let straight = log_space(1.0, all.len() as f64, 60);
    let straight = straight.iter().map(|rank| (*rank, VERSES as f64 * (line.onset / rank).powf(line.beta)));
    let mut panel =
        Panel::new("rank plot", draw::log("rank"), draw::log("verses that hold the word").range(0.7, 1e5))
            .with(dashed("straight line (the defect)", 3, Dash::DashDot, straight.collect()))
            .with(dashed("power law of the rare words", 1, Dash::Solid, through(&power, edge, (1.0, edge))))
            .with(dashed("the same, continued", 1, Dash::Dotted, through(&power, edge, (edge, 1e3))));
    if let Some(bent) = fit.bent {
        let law = |low, high| bent.features_between(low, high);
        let edge = bent.max_count as f64;
        panel = panel.with(dashed("bent law", 2, Dash::Dashed, through(&law, edge, (1.0, edge))));
    }
    panel.with(words)
}

/// Exponents in windows of counts, and that of the law that bends.
fn exponents(fit: &ActivityFit) -> Panel {
    let middle = |low: u64, high: u64| (low as f64 * high as f64).sqrt();
    let points = fit.local.iter().map(|local| (middle(local.low, local.high), local.beta.value)).collect();
    let intervals = fit.local.iter().map(|local| (local.beta.lower, local.beta.upper)).collect();
    let mut panel = Panel::new(
        "local exponent",
        draw::log("verses that hold the word"),
        Axis::log("exponent of activity $\\beta$", "dimensionless"),
    );
    if let Some(bent) = fit.bent {
        let points = bent_exponents(&bent);
        panel = panel.with(dashed("bent law", 2, Dash::Dashed, points));
    }
    panel.with(Reference::horizontal(1.0, "$\\beta = 1$")).with(draw::marks(
        "windows of counts",
        0,
        points,
        intervals,
    ))
}

/// The local exponent of the law that bends: for a power law `f_{k+1}/f_k = (k − 1/β)/(k + 1)`; where counts are large,
/// what the law says of features active so often.
fn bent_exponents(bent: &BentLaw) -> Vec<(f64, f64)> {
    let words = |k: u32| bent.features_between(f64::from(k) - 1.0, f64::from(k));
    let rare = (1..12).map(|k| {
        let inverse = f64::from(k) - f64::from(k + 1) * words(k + 1) / words(k);
        (f64::from(k * (k + 1)).sqrt(), inverse.recip())
    });
    let common = log_space(12.5, bent.max_count as f64, 40).into_iter();
    rare.chain(common.map(|k| (k, (bent.inverse_exponent + bent.bend * k.ln()).recip()))).collect()
}

/// Methods in the order they are drawn, with their number for colour and marker.
const METHODS: [(&str, &str, usize); 3] =
    [("power_law", "power law", 1), ("smoothed", "smoothed series", 3), ("recommended", "recommended", 2)];

/// What verses read leave unseen of a further verse, and forecasts of it from a sixteenth.
fn unseen(counts: &ActivationCounts, data: &Table) -> Result<Panel, ChapterError> {
    let total = counts.total_activity();
    let last = VERSES as f64 - 1.0;
    let curve = log_space(100.0, last, 80)
        .into_iter()
        .map(|read| Ok((read, counts.unseen_activity_after(read)? / total)));
    let curve = curve.collect::<Result<Vec<_>, ChapterError>>()?;
    let mut panel = Panel::new(
        "forecasts from a sixteenth",
        draw::log("verses read"),
        draw::log("unseen share of words in a verse"),
    )
    .with(Line { name: "expected from all verses".into(), points: curve, ..Line::default() });
    let rows = data.matching("quantity", "mass")?.matching("part", 16)?;
    for (place, (method, name, number)) in METHODS.into_iter().enumerate() {
        let rows = rows.matching("method", method)?;
        let factors = rows.floats("factor")?;
        let small = (VERSES / 16) as f64;
        let at: Vec<f64> = factors.iter().map(|f| f * small * (0.06 * (place as f64 - 1.0)).exp()).collect();
        let points = at.iter().zip(rows.floats("forecast")?).map(|(at, mass)| (*at, mass / total)).collect();
        let ends = rows.floats("low")?.into_iter().zip(rows.floats("high")?);
        let intervals = ends.map(|(low, high)| (low / total, high / total)).collect();
        panel = panel.with(draw::marks(name, number, points, intervals));
    }
    Ok(panel)
}

/// Mean relative errors of the number of new words, with the range of 95 % of the parts.
fn errors(data: &Table) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        "new words, from a sixteenth",
        draw::log("factor of the verses").range(1.6, 20.0),
        draw::linear("relative error of the forecast"),
    )
    .with(Reference::horizontal(0.0, ""))
    .legend(Legend::Auto);
    let rows = data.matching("quantity", "words")?.matching("part", 16)?;
    for (place, (method, name, number)) in METHODS.into_iter().enumerate() {
        let rows = rows.matching("method", method)?;
        let factors = rows.floats("factor")?;
        let at: Vec<f64> = factors.iter().map(|f| f * (0.06 * (place as f64 - 1.0)).exp()).collect();
        let (bias, spread) = (rows.floats("bias")?, rows.floats("spread")?);
        let intervals = bias.iter().zip(&spread).map(|(b, s)| (b - 1.96 * s, b + 1.96 * s)).collect();
        panel = panel.with(draw::marks(name, number, at.into_iter().zip(bias).collect(), intervals));
    }
    Ok(panel)
}
