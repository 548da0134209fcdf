//! Fits of several kinds of runs as JSON, and as rows of CSV.

use super::{By, Part};
use crate::cli::answer::{Answer as Explained, Column};
use crate::cli::fit::answer::ends::{Estimate, Named, WithEnds, with_ends};
use crate::cli::fit::two_sizes::json;
use crate::cli::output::Number;
use crate::fitting::{KindComparison, Parameter, Parameters};
use serde::Serialize;

/// A kind with its law, all numbers; null where it has none.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    kind: &'a str,
    /// Runs of that kind.
    rows: usize,
    #[serde(flatten)]
    e: WithEnds,
    #[serde(flatten)]
    a: WithEnds,
    #[serde(flatten)]
    b: WithEnds,
    #[serde(flatten)]
    alpha: WithEnds,
    #[serde(flatten)]
    beta: WithEnds,
    /// The ratio of the exponents.
    #[serde(flatten)]
    ratio: WithEnds,
    /// Root mean square of the residuals.
    rms: Option<Number>,
    /// Whether a law is told.
    shown: Option<bool>,
}

/// A row per kind.
pub(super) fn rows(by: &By) -> Vec<Row<'_>> {
    by.parts.iter().map(Row::new).collect()
}

impl Explained for Row<'_> {
    fn columns() -> Vec<Column> {
        let kind = [
            Column::new("kind", "The value of the column that --by names."),
            Column::new("rows", "Runs of that kind."),
        ];
        let law = [
            with_ends!("e", "The floor E; null where no law is told."),
            with_ends!("a", "A, the term in N at N = 1."),
            with_ends!("b", "B, the term in D at D = 1."),
            with_ends!("alpha", "Exponent of N."),
            with_ends!("beta", "Exponent of D."),
            with_ends!("ratio", "Ratio of the exponents."),
        ];
        let fit = [
            Column::new("rms", "Root mean square of the residuals of ln loss."),
            Column::new("shown", "Whether a law is told; null where none could be fitted."),
        ];
        [&kind[..], law.as_flattened(), &fit].concat()
    }
}

impl<'a> Row<'a> {
    fn new(part: &'a Part) -> Self {
        let analysis = part.analysis.as_ref().ok();
        let mut at = 0..;
        let [e, a, b, alpha, beta, ratio] = Parameter::ALL.map(|parameter| {
            let interval = analysis.zip(at.next()).map(|(found, at)| &found.intervals[at]);
            let estimate = analysis.and_then(|analysis| analysis.estimate(parameter));
            WithEnds::of(parameter.name(), estimate, interval)
        });
        Self {
            kind: &part.label,
            rows: part.rows,
            e,
            a,
            b,
            alpha,
            beta,
            ratio,
            rms: analysis.map(|analysis| Number(analysis.quality.rms)),
            shown: analysis.map(|analysis| analysis.is_shown()),
        }
    }
}

/// Everything, in one object.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli::fit) struct Answer<'a> {
    /// The column of kinds.
    by: &'a str,
    /// Nominal coverage of the intervals.
    level: Number,
    /// Every kind, in the order of their labels.
    kinds: Vec<KindAnswer<'a>>,
    /// Whether their laws differ; null where that is not known.
    comparison: Option<Comparison<'a>>,
}

/// One kind.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct KindAnswer<'a> {
    kind: &'a str,
    /// Runs of that kind.
    rows: usize,
    /// Its fit; null where there is none.
    fit: Option<json::Answer<'a>>,
    /// Why there is none; null where there is one.
    left_out: Option<&'a str>,
}

/// Whether the laws differ.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Comparison<'a> {
    /// What the tests say, in a word.
    verdict: &'static str,
    /// One law against a law for each.
    one_law_p_value: Number,
    /// The same exponents, with E, A and B for each, against a law for each.
    same_exponents_p_value: Number,
    /// The share of what one law leaves that differences between kinds explain.
    explained: Number,
    /// One law for all.
    #[cfg_attr(test, schemars(with = "crate::cli::schema::fitted::Parameters"))]
    one: Parameters,
    /// Exponents of all kinds, with intervals of 95 %.
    shared_exponents: SharedExponents,
    /// The law of each kind with them.
    #[cfg_attr(test, schemars(with = "Named<crate::cli::schema::fitted::Parameters>"))]
    shared: Named<&'a Parameters>,
}

/// Exponents of all kinds.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SharedExponents {
    alpha: Estimate,
    beta: Estimate,
}

impl<'a> Answer<'a> {
    pub(super) fn new(by: &'a By) -> Self {
        let kind = |part: &'a Part| KindAnswer {
            kind: &part.label,
            rows: part.rows,
            fit: part.analysis.as_ref().ok().map(|analysis| json::Answer::new(analysis)),
            left_out: part.analysis.as_ref().err().map(String::as_str),
        };
        Self {
            by: &by.column,
            level: Number(by.level),
            kinds: by.parts.iter().map(kind).collect(),
            comparison: by.comparison.as_ref().ok().map(Comparison::new),
        }
    }
}

impl<'a> Comparison<'a> {
    fn new(found: &'a KindComparison) -> Self {
        let [alpha, beta] = found.exponents.each_ref().map(Estimate::from);
        let shared = found.kinds.iter();
        let shared =
            shared.filter_map(|kind| kind.shared.as_ref().map(|law| (kind.label.as_str(), law)));
        Self {
            verdict: found.verdict().name(),
            one_law_p_value: Number(found.one_law),
            same_exponents_p_value: Number(found.same_exponents),
            explained: Number(found.explained),
            one: found.one,
            shared_exponents: SharedExponents { alpha, beta },
            shared: Named::of(shared),
        }
    }
}
