//! Which law is fitted, with which floor, to how few runs; and what may be typed where one cannot
//! be.

use crate::cli::fit::two_sizes::analysis::is_untested;
use crate::cli::fit::{FitFlags, ObjectiveName};
use crate::cli::{Failure, table};
use crate::fitting::{Fit, FitOptions, FittingError, Floor, Law, Objective};
use asymscale_tables::{RunRequest, Size, Table, TableError, read_one_size};
use clap::ValueEnum;

/// A law by its word on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli::fit) enum LawName {
    /// A·N^-alpha + B·D^-beta
    Free,
    /// A·N^-alpha + B·D^-alpha, one exponent for both
    Tied,
    /// Of sparse features: beta = s·alpha with s in [0, 1]
    Sparse,
    /// A·N^-alpha, of the number of parameters alone
    Features,
    /// B·D^-beta, of the number of tokens or examples alone
    Samples,
    /// G·C^-gamma, of compute alone: column C, or C = factor·N·D
    Compute,
}

impl LawName {
    /// The size of a law of one.
    pub(in crate::cli::fit) fn size(self) -> Option<Size> {
        match self {
            Self::Features => Some(Size::Features),
            Self::Samples => Some(Size::Samples),
            Self::Compute => Some(Size::Compute),
            Self::Free | Self::Tied | Self::Sparse => None,
        }
    }

    pub(in crate::cli::fit) fn of(self) -> Law {
        match self {
            Self::Free => Law::Free,
            Self::Tied => Law::Tied,
            Self::Sparse => Law::Sparse,
            Self::Features | Self::Samples | Self::Compute => Law::OneSize,
        }
    }
}

/// `free`, `zero` or a number.
pub(in crate::cli::fit) fn floor(text: &str) -> Result<Floor, String> {
    let number = |text: &str| text.parse().ok().filter(|e: &f64| e.is_finite() && *e >= 0.0);
    match text {
        "free" => Ok(Floor::Free),
        "zero" => Ok(Floor::Fixed(0.0)),
        _ => number(text)
            .map(Floor::Fixed)
            .ok_or_else(|| "must be free, zero or a number >= 0".to_owned()),
    }
}

/// By squares a law needs one run more than it has parameters. The spread of few residuals of a
/// Huber loss says little, so that it needs six at least.
pub(in crate::cli::fit) fn least(options: FitOptions) -> FitOptions {
    let fewest = options.fewest_runs();
    let minimum_rows = match options.objective {
        Objective::HuberLog { .. } | Objective::AsymmetricHuberLog { .. } => fewest.max(6),
        Objective::SquaresLog | Objective::Squares => fewest,
    };
    FitOptions { minimum_rows, ..options }
}

/// What the intervals of few runs rest on.
pub(in crate::cli::fit) fn few(fit: &Fit) -> String {
    let (runs, parameters) = (fit.runs().len(), fit.free_parameters());
    if runs > parameters + 2 {
        return String::new();
    }
    let count = if runs == parameters + 1 { "one degree" } else { "two degrees" };
    let untested = if is_untested(fit.runs()) && parameters > 3 {
        " Whether the loss depends on N and on D beyond its errors is taken for granted: so few runs cannot test it."
    } else {
        ""
    };
    format!(
        "{runs} runs and {parameters} parameters leave {count} of freedom: the size of the errors, and with it every interval, rests on \
         that.{untested}\n"
    )
}

/// What may be typed where runs are too few or too alike for a law.
pub(in crate::cli::fit) fn instead(flags: &FitFlags, error: &FittingError) -> String {
    let of_one = flags.law.size().is_some();
    match error {
        FittingError::TooFewRuns { found, .. } => fewer(flags, *found),
        FittingError::TooFewDistinct { .. } if of_one => String::new(),
        FittingError::TooFewDistinct { what: "features", found: 1, .. } => {
            "; how the loss falls with D at that N these runs can tell: --law samples".to_owned()
        }
        FittingError::TooFewDistinct { what: "samples", found: 1, .. } => {
            "; how the loss falls with N at that D these runs can tell: --law features".to_owned()
        }
        FittingError::TooFewDistinct { what: what @ ("features" | "samples"), .. } => {
            let (law, column) = if *what == "features" { ("samples", "N") } else { ("features", "D") };
            format!(
                "; --law tied (one exponent) or a known --floor needs 2, and --law {law} with --filter-column fits the runs of one {column}"
            )
        }
        FittingError::ActiveAlike(_) => {
            "; --features-column with the one or the other, and no --active-column, fits the law in that"
                .to_owned()
        }
        FittingError::Collinear { .. } => {
            "; how the loss falls with compute along these runs they can tell: --law compute".to_owned()
        }
        _ => String::new(),
    }
}

/// A law of fewer parameters that so many runs can be fitted with.
fn fewer(flags: &FitFlags, found: usize) -> String {
    let squares = flags.objective != ObjectiveName::Huber;
    match (found, flags.law) {
        (5, LawName::Free | LawName::Sparse) => {
            "; --law tied --objective squares has 4 and can be fitted to 5".to_owned()
        }
        (5, LawName::Tied) if !squares => "; --objective squares can be fitted to 5".to_owned(),
        (4.., _) if flags.law.size().is_some() && !squares => {
            format!("; --objective squares can be fitted to {found}")
        }
        _ => String::new(),
    }
}

/// The refusal of a table of runs; where it has one size alone, with the law of that.
pub(in crate::cli::fit) fn refused(
    table: &Table,
    request: &RunRequest<'_>,
    error: &TableError,
) -> Failure {
    let named = [request.features, request.samples, request.compute, request.loss]
        .iter()
        .any(Option::is_some);
    if named || !matches!(error, TableError::NoColumn { .. }) {
        return table::refused(error.clone());
    }
    let laws =
        [(Size::Features, "features"), (Size::Samples, "samples"), (Size::Compute, "compute")];
    let readable = |size: Size| {
        read_one_size(table, &RunRequest { find_labels: false, ..*request }, size).is_ok()
    };
    let law = laws.into_iter().find(|(size, _)| readable(*size));
    let instead = law.map_or_else(String::new, |(size, law)| {
        format!("; {} alone these runs have: --law {law}", size.letter())
    });
    Failure::input(format!("{error}{instead}"))
}
