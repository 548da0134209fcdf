//! What the next unit of compute should buy: the parts of the loss at the largest run, and the best
//! N and D for a compute.

use crate::cli::fit::answer::digits::digits;
use crate::fitting::{
    Allocation, BootstrapInterval, Fit, FitBootstrap, FittingError, ParameterInterval, Parameters,
    Refit,
};

/// The parts of the loss at the largest run.
pub(in crate::cli::fit) struct Limits {
    /// The run of largest N·D, counted from 0.
    pub(in crate::cli::fit) row: usize,
    pub(in crate::cli::fit) features: f64,
    pub(in crate::cli::fit) samples: f64,
    /// Shares of the loss there: E, the term in N, the term in D.
    pub(in crate::cli::fit) shares: [f64; 3],
    /// The intervals of the shares; `None` without a bootstrap.
    pub(in crate::cli::fit) intervals: Option<[ParameterInterval; 3]>,
    /// What the next unit of compute should buy.
    pub(in crate::cli::fit) next: Next,
    /// Share of resamples that say the same, where it is known.
    pub(in crate::cli::fit) agreeing: Option<f64>,
}

/// What the next unit of compute should buy: whether the best N at the compute of the largest run
/// is above its N.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli::fit) enum Next {
    /// More parameters.
    Features,
    /// More data.
    Samples,
    /// The interval of the best N holds that of the largest run.
    NotTold,
    /// The law has no best N, or the runs show no dependence on N or D.
    NotKnown,
    /// By the fitted law alone, of which nobody knows how sure it is: more parameters, or else more
    /// data.
    Unsure { features: bool },
}

/// The best N and D for a compute beside the shape of the largest run.
pub(in crate::cli::fit) struct Step {
    pub(in crate::cli::fit) budget: Budget,
    /// D/N of the best.
    pub(in crate::cli::fit) ratio: f64,
    /// By how much the loss is higher, relatively, with the D/N of the largest run.
    pub(in crate::cli::fit) lost: f64,
    /// The intervals of the last two fields.
    pub(in crate::cli::fit) intervals: Option<[ParameterInterval; 2]>,
}

/// An allocation with its intervals: N, D, loss.
pub(in crate::cli::fit) struct Budget {
    pub(in crate::cli::fit) allocation: Allocation,
    pub(in crate::cli::fit) intervals: Option<[ParameterInterval; 3]>,
}

/// Intervals of whatever follows from the parameters.
pub(in crate::cli::fit) struct Ends<'a> {
    pub(in crate::cli::fit) bootstrap: Option<&'a FitBootstrap>,
    pub(in crate::cli::fit) level: f64,
}

impl Ends<'_> {
    fn of(
        &self,
        quantity: impl Fn(&Parameters) -> f64,
    ) -> Result<Option<ParameterInterval>, FittingError> {
        self.by(BootstrapInterval::Bca, quantity)
    }

    fn by(
        &self,
        kind: BootstrapInterval,
        quantity: impl Fn(&Parameters) -> f64,
    ) -> Result<Option<ParameterInterval>, FittingError> {
        let interval = |found: &FitBootstrap| found.interval_of(quantity, self.level, kind);
        self.bootstrap.map(interval).transpose()
    }

    /// All of them, or none.
    fn each<const K: usize>(
        &self,
        quantity: impl Fn(&Parameters) -> [f64; K],
    ) -> Result<Option<[ParameterInterval; K]>, FittingError> {
        let mut found = Vec::with_capacity(K);
        for k in 0..K {
            found.extend(self.of(|parameters| quantity(parameters)[k])?);
        }
        Ok(found.try_into().ok())
    }
}

impl Limits {
    /// An answer of which nobody knows how sure it is.
    pub(in crate::cli::fit) fn doubted(&mut self) {
        self.next = match self.next {
            Next::Features => Next::Unsure { features: true },
            Next::Samples => Next::Unsure { features: false },
            other => other,
        };
    }
}

pub(in crate::cli::fit) fn limits(
    fit: &Fit,
    shown: bool,
    ends: &Ends<'_>,
) -> Result<Limits, FittingError> {
    let (n, d) = (fit.runs().features(), fit.runs().samples());
    let size = |row: &usize| n[*row].ln() + d[*row].ln();
    let row = (0..n.len()).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(0);
    let (features, samples) = (n[row], d[row]);
    let shares = |law: &Parameters| {
        let terms = [law.e, law.a * features.powf(-law.alpha), law.b * samples.powf(-law.beta)];
        terms.map(|term| term / law.loss(features, samples))
    };
    // Positive where αA·N^−α > βB·D^−β, the gains of the next per cent of N and of D.
    let lean = |law: &Parameters| log_best(law, features * samples) - features.ln();
    let found = lean(&fit.parameters);
    let next = match ends.of(lean)? {
        _ if !shown || !found.is_finite() => Next::NotKnown,
        Some(ends) if ends.lower > 0.0 => Next::Features,
        Some(ends) if ends.upper < 0.0 => Next::Samples,
        Some(_) => Next::NotTold,
        None => Next::Unsure { features: found > 0.0 },
    };
    let agreeing = ends.bootstrap.map(|bootstrap| {
        let same = |refit: &&Refit| (lean(&refit.parameters) > 0.0) == (found > 0.0);
        bootstrap.refits.iter().filter(same).count() as f64 / bootstrap.refits.len() as f64
    });
    let of_law = shares(&fit.parameters);
    let mut limits = Limits {
        row,
        features,
        samples,
        shares: of_law,
        intervals: ends.each(shares)?,
        next,
        agreeing,
    };
    // A corrected interval may leave out what many resamples say.
    if agreeing.is_some_and(|share| share < ends.level) {
        limits.doubted();
    }
    Ok(limits)
}

/// At the compute of the largest run, and at ten times that.
pub(in crate::cli::fit) fn plan(
    fit: &Fit,
    limits: &Limits,
    factor: f64,
    ends: &Ends<'_>,
) -> Result<Vec<Step>, FittingError> {
    let law = &fit.parameters;
    if law.optimum(1.0, 1.0).is_none() {
        return Ok(Vec::new());
    }
    let step = |times: f64| {
        let compute = times * factor * limits.features * limits.samples;
        let (n, d) = (limits.features * times.sqrt(), limits.samples * times.sqrt());
        let lost = |law: &Parameters| {
            let (best_n, best_d) = law.optimum(compute, factor).unwrap_or((f64::NAN, f64::NAN));
            (law.loss(n, d) / law.loss(best_n, best_d) - 1.0).max(0.0)
        };
        let budget = budget(fit, compute, factor, ends)?;
        let of_ratio = |n: f64| compute / factor / n / n;
        let ratio = of_ratio(budget.allocation.features);
        // A smallest value is no place for a correction of bias.
        let of_lost = ends.by(BootstrapInterval::Percentile, lost)?;
        let intervals =
            budget.intervals.zip(of_lost).map(|([n, ..], lost)| [turned(&n, of_ratio), lost]);
        Ok(Step { budget, ratio, lost: lost(law), intervals })
    };
    [1.0, 10.0].into_iter().map(step).collect()
}

/// `ln N*` at N·D; infinite where a term or an exponent is 0, so that N should be as small, or as
/// large, as can be.
pub(in crate::cli::fit) fn log_best(law: &Parameters, product: f64) -> f64 {
    match law.optimum(product, 1.0) {
        Some((best, _)) => best.ln(),
        None => match (law.alpha * law.a > 0.0, law.beta * law.b > 0.0) {
            (true, false) => f64::INFINITY,
            (false, true) => f64::NEG_INFINITY,
            _ => f64::NAN,
        },
    }
}

/// The interval of a falling function of N.
pub(in crate::cli::fit) fn turned(
    of_features: &ParameterInterval,
    falling: impl Fn(f64) -> f64,
) -> ParameterInterval {
    let ParameterInterval { estimate, lower, upper, level } = *of_features;
    ParameterInterval {
        estimate: falling(estimate),
        lower: falling(upper),
        upper: falling(lower),
        level,
    }
}

/// Ends of D follow from those of N, so that the two cannot contradict each other.
pub(in crate::cli::fit) fn budget(
    fit: &Fit,
    compute: f64,
    factor: f64,
    ends: &Ends<'_>,
) -> Result<Budget, FittingError> {
    let allocation = fit.allocate(compute, factor)?;
    let product = compute / factor;
    let loss =
        |law: &Parameters| law.optimum(compute, factor).map_or(f64::NAN, |(n, d)| law.loss(n, d));
    let (log_features, loss) = (ends.of(|law| log_best(law, product))?, ends.of(loss)?);
    let intervals = log_features.zip(loss).map(|(log, loss)| {
        let ParameterInterval { lower, upper, level, .. } = log;
        let estimate = allocation.features;
        let features =
            ParameterInterval { estimate, lower: lower.exp(), upper: upper.exp(), level };
        [features, turned(&features, |n| product / n), loss]
    });
    Ok(Budget { allocation, intervals })
}

/// In what, and by how much, an allocation lies beyond the runs.
pub(in crate::cli::fit) fn beyond(budget: &Budget) -> Option<String> {
    let extrapolation = budget.allocation.extrapolation;
    let part = |name: &str, times: f64| match times {
        1.0 => None,
        more if more > 1.0 => {
            Some(format!("{name} is {} times the largest of the runs", digits(more)))
        }
        less => Some(format!("{name} is {} times the smallest of the runs", digits(less))),
    };
    let parts = [
        part("C", extrapolation.compute),
        part("N", extrapolation.features),
        part("D", extrapolation.samples),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
