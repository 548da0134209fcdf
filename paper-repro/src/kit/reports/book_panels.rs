//! Verses, passages and independent words against theory: losses, unseen mass and rank.

use crate::kit::{BOOK_KINDS, log_space};
use crate::{ChapterError, draw};
use asymscale_model::SparseModel;
use asymscale_montecarlo::Estimate;
use asymscale_plots::{Legend, Panel, Points, Reference};
use asymscale_theory::SampleTheory;

const NAMES: [&str; 3] = ["independent words", "random verses", "passages"];
const PLAIN: &str = "random verses as they stand";

/// A loss beyond this is not drawn: theory has its pole there.
const HIGHEST: f64 = 45.0;

/// What was measured of designs of one kind at one number of samples, and what theory says of it.
#[derive(Debug, Clone)]
pub struct BookPoint {
    /// One of [`BOOK_KINDS`].
    pub kind: &'static str,
    /// `signs` (a loss with random signs), `plain` (a loss of words as they stand), `seen`,
    /// `unseen` (the mass), `rank`, `deficit`, `rank-signs` or `rank-plain`.
    pub quantity: String,
    /// Number of samples `D`.
    pub samples: f64,
    /// Features over samples of a loss, possibly infinite; 0 for other quantities.
    pub share: f64,
    /// The mean over designs.
    pub measured: Estimate,
    /// Theory of independent words.
    pub theory: f64,
    /// The relative error that theory estimates for a loss of its own at this size; 0 for others.
    pub error: f64,
}

impl BookPoint {
    /// What was measured over theory.
    pub fn ratio(&self) -> f64 {
        self.measured.mean / self.theory
    }
}

/// The point of one kind, quantity, number of samples, and features over samples.
///
/// # Errors
/// Says which point is missing.
pub fn book_point<'a>(
    points: &'a [BookPoint],
    (kind, quantity, samples, share): (&str, &str, f64, f64),
) -> Result<&'a BookPoint, ChapterError> {
    // Both numbers are copied, never computed.
    #[allow(clippy::float_cmp)]
    let is = |p: &&BookPoint| {
        p.kind == kind && p.quantity == quantity && p.samples == samples && p.share == share
    };
    let missing = || format!("no {quantity} of {kind} at D = {samples}, N = {share} D").into();
    points.iter().find(is).ok_or_else(missing)
}

/// Losses over model size at `samples`, losses of infinitely many features and the unseen mass over
/// those of theory, and the rank deficit; `models` has random signs, or words as they stand.
///
/// # Errors
/// As [`SampleTheory::curve`].
pub fn book_panels(
    points: &[BookPoint],
    models: &[SparseModel; 2],
    samples: f64,
) -> Result<Vec<Panel>, ChapterError> {
    let of = |d: &f64| {
        let theory = SampleTheory::new(&models[0], *d)?;
        Ok((*d, 1.0 - theory.rank() / theory.coverage().threshold))
    };
    let deficit: Result<Vec<_>, ChapterError> =
        log_space(1024.0, 16_384.0, 129).iter().map(of).collect();
    Ok(vec![
        sizes(points, models, samples)?,
        ratios(points),
        unseen(points),
        lost(points, deficit?),
    ])
}

fn marks<'a>(
    name: &str,
    number: usize,
    of: impl Iterator<Item = (f64, &'a BookPoint)>,
    unit: impl Fn(&BookPoint) -> f64,
) -> Points {
    let (at, ends) = of
        .map(|(x, p)| {
            let (mean, reach) =
                (p.measured.mean / unit(p), 2.0 * p.measured.standard_error / unit(p));
            ((x, mean), (mean - reach, mean + reach))
        })
        .unzip();
    draw::marks(name, number, at, ends)
}

fn sizes(
    points: &[BookPoint],
    models: &[SparseModel; 2],
    samples: f64,
) -> Result<Panel, ChapterError> {
    let (x, y) = (draw::log("features $N$"), draw::log("loss $L$").range(4.0, HIGHEST));
    let mut panel = Panel::new(format!("$D$ = {samples}"), x, y).legend(Legend::Below);
    let names = ["theory, random signs", "theory, as they stand"];
    for ((model, name), number) in models.iter().zip(names).zip(1..) {
        let grid = log_space(0.05 * samples, 8.0 * samples, 120);
        let losses = SampleTheory::new(model, samples)?.curve(&grid)?;
        let line = grid.into_iter().zip(losses).filter(|at| at.1 < HIGHEST);
        let (under, over): (Vec<_>, Vec<_>) = line.partition(|at| at.0 < samples);
        panel = panel.with(draw::named(name, number, under)).with(draw::named("", number, over));
    }
    for (name, number, kind, form) in [
        (NAMES[1], 1, "verses", "signs"),
        (PLAIN, 2, "verses", "plain"),
        (NAMES[2], 3, "passages", "signs"),
    ] {
        let of = points.iter().filter(|p| p.kind == kind && p.quantity == form);
        let of = of.filter(|p| p.samples >= samples && p.share.is_finite());
        let of = of.map(|p| (beside(number) * p.share * samples, p));
        panel = panel.with(marks(name, number, of, |_| 1.0));
    }
    Ok(panel)
}

fn ratios(points: &[BookPoint]) -> Panel {
    let (x, y) = (draw::log("samples $D$"), draw::linear("loss / theory").range(0.93, 1.07));
    let panel = Panel::new("$N$ = ∞", x, y).legend(Legend::Below);
    let mut panel = panel.with(Reference::horizontal(1.0, ""));
    for (name, number, kind, form) in [
        (NAMES[0], 0, "independent", "signs"),
        (NAMES[1], 1, "verses", "signs"),
        (PLAIN, 2, "verses", "plain"),
        (NAMES[2], 3, "passages", "signs"),
    ] {
        let of = points.iter().filter(|p| p.kind == kind && p.quantity == form);
        let of = of.filter(|p| p.share.is_infinite()).map(|p| (beside(number) * p.samples, p));
        panel = panel.with(marks(name, number, of, |p| p.theory));
    }
    panel
}

/// Kinds stand beside each other, so that none hides another and intervals can be told apart.
fn beside(number: usize) -> f64 {
    1.0 + 0.05 * (number as f64 - 1.5)
}

/// The unseen mass over that of theory.
fn unseen(points: &[BookPoint]) -> Panel {
    let y = draw::linear("unseen mass / theory").range(0.9, 2.5);
    let panel = Panel::new("unseen mass", draw::log("samples $D$"), y);
    let panel = panel.with(Reference::horizontal(1.0, ""));
    kinds("unseen").fold(panel, |panel, (name, number, of)| {
        let of = points.iter().filter(of).map(|p| (beside(number) * p.samples, p));
        panel.with(marks(name, number, of, |p| p.theory))
    })
}

/// What the rank lacks of the threshold, beside theory; independent words stand where they are.
fn lost(points: &[BookPoint], theory: Vec<(f64, f64)>) -> Panel {
    let from = theory.first().map_or(0.0, |first| first.0);
    let y = draw::linear("1 − rank $X$/min($S$, $D$)");
    let panel = Panel::new("rank deficit", draw::log("samples $D$"), y);
    let panel = panel.with(draw::named("theory", 0, theory));
    kinds("deficit").fold(panel, |panel, (name, number, of)| {
        let of = points.iter().filter(of).filter(|p| p.samples >= from);
        let of = of.map(|p| (beside(number) / beside(0) * p.samples, p));
        panel.with(marks(name, number, of, |_| 1.0))
    })
}

/// Name and colour of every kind, and which points of a quantity are its own.
fn kinds(
    quantity: &'static str,
) -> impl Iterator<Item = (&'static str, usize, impl Fn(&&BookPoint) -> bool)> {
    let own =
        move |kind: &'static str| move |p: &&BookPoint| p.kind == kind && p.quantity == quantity;
    BOOK_KINDS
        .iter()
        .zip(NAMES)
        .zip([0, 1, 3])
        .map(move |((kind, name), number)| (name, number, own(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_found_by_all_it_is_of_and_a_missing_one_is_named() {
        let point = |share| BookPoint {
            kind: "verses",
            quantity: "signs".into(),
            samples: 64.0,
            share,
            measured: Estimate::of(&[share.min(9.0), share.min(9.0)]),
            theory: 1.0,
            error: 0.0,
        };
        let points = [point(0.5), point(f64::INFINITY)];
        let found = book_point(&points, ("verses", "signs", 64.0, f64::INFINITY)).unwrap();
        assert!(found.measured.mean == 9.0);
        let error = book_point(&points, ("passages", "signs", 64.0, 0.5)).unwrap_err().to_string();
        assert_eq!(error, "no signs of passages at D = 64, N = 0.5 D");
    }
}
