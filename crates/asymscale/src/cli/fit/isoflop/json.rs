//! Curves as JSON, and as rows of CSV.

use super::{Beside, Curves, Value};
use crate::cli::answer::{Answer as Explained, Column};
use crate::cli::fit::answer::ends::{Estimate, WithEnds, with_ends};
use crate::cli::fit::two_sizes::json::{self, BudgetRow};
use crate::cli::output::Number;
use crate::fitting::isoflop::{Curve, FrontierPoint, Minimum, Refusal};
use serde::Serialize;

/// A fit with the curves of the same runs.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct Answer<'a> {
    /// Left out where no law could be fitted.
    #[serde(flatten)]
    pub(super) law: Option<json::Answer<'a>>,
    /// Null of runs of several kinds.
    pub(super) isoflop: Option<CurvesAnswer<'a>>,
}

/// Everything of the curves.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct CurvesAnswer<'a> {
    /// Where budgets come from: column or clusters.
    source: &'static str,
    /// A row per budget.
    budgets: Vec<BudgetAnswer>,
    /// Root mean square of ln loss about the parabolas.
    scatter: Number,
    /// How the minima grow with compute; null with fewer than two of them.
    exponents: Option<Exponents>,
    /// What the fitted law says of the same.
    law: LawAnswer<'a>,
    /// Where the curves and the law disagree.
    apart: Apart,
    /// The best N and D of each budget that was asked for.
    allocation: Vec<PointRow>,
    /// What should make the owner of the table look again.
    warnings: &'a [String],
}

/// Where intervals of curves and law have nothing in common; null where that is not known.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Apart {
    /// Whether those of the exponent of the best N.
    exponent: Option<bool>,
    /// Budgets where those of the best N.
    budgets: Option<Vec<f64>>,
}

impl<'a> CurvesAnswer<'a> {
    pub(super) fn new(curves: &'a Curves) -> Self {
        Self {
            source: if curves.given { "column" } else { "clusters" },
            budgets: rows(curves),
            scatter: Number(curves.found.scatter),
            exponents: Exponents::new(curves),
            law: match &curves.law {
                Ok(beside) => LawAnswer::Fitted(Box::new(FittedAnswer::new(beside))),
                Err(refused) => LawAnswer::Refused { refused },
            },
            apart: Apart { exponent: curves.exponents_apart(), budgets: curves.disagreeing() },
            allocation: curves.points.iter().map(PointRow::new).collect(),
            warnings: &curves.warnings,
        }
    }
}

/// A row a budget, all of one shape.
pub(super) fn rows(curves: &Curves) -> Vec<BudgetAnswer> {
    curves.found.curves.iter().map(|curve| BudgetAnswer::new(curves, curve)).collect()
}

/// How the minima grow with compute.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Exponents {
    /// Exponent of the best N.
    features: Estimate,
    /// Of the best D.
    samples: Estimate,
    /// Of the best D/N.
    ratio: Estimate,
    /// Of the smallest loss less its floor.
    loss: Estimate,
    /// The floor; null where the budgets are too few to tell one.
    floor: Option<Estimate>,
    /// Exponent of the best N freed of the bias of parabolas; null without a law.
    features_corrected: Option<Estimate>,
    /// Scatter of the minima over what errors of the runs make of it; null where not known.
    excess: Option<Number>,
}

impl Exponents {
    fn new(curves: &Curves) -> Option<Self> {
        let frontier = curves.found.frontier.as_ref()?;
        Some(Self {
            features: (&frontier.features_exponent).into(),
            samples: (&frontier.samples_exponent).into(),
            ratio: (&frontier.ratio_exponent).into(),
            loss: (&frontier.loss.exponent).into(),
            floor: frontier.loss.floor.as_ref().map(Estimate::from),
            features_corrected: curves.corrected_exponent().as_ref().map(Estimate::from),
            excess: frontier.excess.map(Number),
        })
    }
}

/// What the fitted law says, or why there is none.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum LawAnswer<'a> {
    Fitted(Box<FittedAnswer>),
    Refused { refused: &'a str },
}

/// What the fitted law says of the curves.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FittedAnswer {
    exponents: LawExponents,
    /// The best N and D of each budget that has a minimum.
    budgets: Vec<BudgetRow>,
    /// What parabolas add to the exponent of the best N on this grid; null where not known.
    exponent_bias: Option<Number>,
}

/// Exponents that follow from the law.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LawExponents {
    /// Of the best N.
    features: Estimate,
    /// Of the best D/N.
    ratio: Estimate,
    /// Of the smallest loss less its floor.
    loss: Estimate,
    /// The floor E.
    floor: Estimate,
}

impl FittedAnswer {
    fn new(beside: &Beside) -> Self {
        let [features, ratio, loss, floor] = beside.exponents.map(|value| {
            let Value { estimate, interval } = value;
            // An interval has an estimate of its own.
            interval.as_ref().map_or_else(|| Estimate::new(estimate, None), Estimate::from)
        });
        Self {
            exponents: LawExponents { features, ratio, loss, floor },
            budgets: beside.budgets.iter().map(BudgetRow::new).collect(),
            exponent_bias: beside.bias.as_ref().and_then(|bias| bias.exponent).map(Number),
        }
    }
}

/// The curve of one budget; null where it has no minimum inside its sizes.
#[derive(Debug, Serialize)]
pub(super) struct BudgetAnswer {
    /// The budget C.
    compute: Number,
    /// Its runs.
    runs: usize,
    /// Their distinct N.
    sizes: usize,
    /// The best N.
    #[serde(flatten)]
    features: WithEnds,
    /// The best D.
    #[serde(flatten)]
    samples: WithEnds,
    /// The best D/N.
    #[serde(flatten)]
    ratio: WithEnds,
    /// The smallest loss.
    #[serde(flatten)]
    loss: WithEnds,
    /// By how much the best N is too high, relatively, if the law is true; null without a law.
    features_bias: Option<Number>,
    /// By how much the smallest loss is.
    loss_bias: Option<Number>,
    /// The best N freed of that.
    #[serde(flatten)]
    corrected_features: WithEnds,
    /// The best D freed of that.
    #[serde(flatten)]
    corrected_samples: WithEnds,
    /// The best D/N freed of that.
    #[serde(flatten)]
    corrected_ratio: WithEnds,
    /// The smallest loss freed of that.
    #[serde(flatten)]
    corrected_loss: WithEnds,
    /// The best N of the law; null without one.
    law_features: Option<Number>,
    /// Why there is no minimum, in a word; null where there is one.
    refused: Option<&'static str>,
}

impl Explained for BudgetAnswer {
    fn columns() -> Vec<Column> {
        let curve = [
            Column::new("compute", "The budget C = factor · N · D."),
            Column::new("runs", "Its runs."),
            Column::new("sizes", "Their distinct N."),
        ];
        let minimum = [
            with_ends!("features", "The best N; null where the curve has no minimum."),
            with_ends!("samples", "The best D."),
            with_ends!("ratio", "The best D/N."),
            with_ends!("loss", "The smallest loss."),
        ];
        let bias = [
            Column::new(
                "features_bias",
                "By how much the best N is too high, relatively, if the law is true; null without one.",
            ),
            Column::new("loss_bias", "By how much the smallest loss is."),
        ];
        let corrected = [
            with_ends!("corrected_features", "The best N freed of that bias."),
            with_ends!("corrected_samples", "The best D freed of it."),
            with_ends!("corrected_ratio", "The best D/N freed of it."),
            with_ends!("corrected_loss", "The smallest loss freed of it."),
        ];
        let law = [
            Column::new("law_features", "The best N of the law; null without one."),
            Column::new("refused", "Why there is no minimum, in a word; null where there is one."),
        ];
        let parts = [&curve[..], minimum.as_flattened(), &bias, corrected.as_flattened(), &law];
        parts.concat()
    }
}

#[cfg(test)]
crate::cli::schema::made::explained!(BudgetAnswer, "refused");

impl BudgetAnswer {
    fn new(curves: &Curves, curve: &Curve) -> Self {
        let minimum: Option<&Minimum> = curve.minimum.as_ref().ok();
        let (bias, budget) = curves.beside(curve).unzip();
        let corrected = bias.map(|bias| &bias.corrected);
        Self {
            compute: Number(curve.compute),
            runs: curve.rows.len(),
            sizes: curve.sizes,
            features: WithEnds::known("features", minimum.map(|of| &of.features)),
            samples: WithEnds::known("samples", minimum.map(|of| &of.samples)),
            ratio: WithEnds::known("ratio", minimum.map(|of| &of.ratio)),
            loss: WithEnds::known("loss", minimum.map(|of| &of.loss)),
            features_bias: bias.map(|bias| Number(bias.features)),
            loss_bias: bias.map(|bias| Number(bias.loss)),
            corrected_features: WithEnds::known(
                "corrected_features",
                corrected.map(|of| &of.features),
            ),
            corrected_samples: WithEnds::known(
                "corrected_samples",
                corrected.map(|of| &of.samples),
            ),
            corrected_ratio: WithEnds::known("corrected_ratio", corrected.map(|of| &of.ratio)),
            corrected_loss: WithEnds::known("corrected_loss", corrected.map(|of| &of.loss)),
            law_features: budget.map(|budget| Number(budget.allocation.features)),
            refused: curve.minimum.as_ref().err().map(Refusal::name),
        }
    }
}

/// The best N and D of a budget by the power laws of the curves.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PointRow {
    /// The budget C.
    compute: Number,
    /// The best N.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Features"))]
    features: WithEnds,
    /// The best D.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Samples"))]
    samples: WithEnds,
    /// The best D/N.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Ratio"))]
    ratio: WithEnds,
    /// The smallest loss.
    #[serde(flatten)]
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Loss"))]
    loss: WithEnds,
    /// C over the nearest of the budgets: 1 within them.
    compute_beyond: Number,
}

impl PointRow {
    fn new(point: &FrontierPoint) -> Self {
        Self {
            compute: Number(point.compute),
            features: WithEnds::known("features", Some(&point.features)),
            samples: WithEnds::known("samples", Some(&point.samples)),
            ratio: WithEnds::known("ratio", Some(&point.ratio)),
            loss: WithEnds::known("loss", Some(&point.loss)),
            compute_beyond: Number(point.beyond),
        }
    }
}
