//! What chapters share: kinds of data, seeds, grids, curves as rows, statistics over designs.
//!
//! Rows of a chapter depend on what its plan and run reach here, its figures on what its report
//! reaches besides.

mod cases;
mod curves;
mod entries;
mod forecast_tables;
mod forecasts;
mod instability;
mod isoflop_bias;
mod ladders;
mod lifted;
mod nonlinear;
mod own_runs;
mod public_fits;
mod public_runs;
mod real_errors;
mod repeated_runs;
mod run_panels;
mod rungs;
mod series;
mod statistics;
mod texts;
mod tolerance;
mod trajectories;
mod verse_panels;
mod verses;

pub use cases::{Case, SEED, features_around, local_exponent, log_grid, log_space, seed_of};
pub use curves::{Curve, Curves, curve_rows};
pub use entries::{Entry, Share, entries, entry_rows, least, merged, share, share_finding};
pub use forecast_tables::forecast_tables;
pub use forecasts::{FORECASTS, coverage_finding, forecast_summary, nearer_finding};
pub use instability::{Odds, instability_panels, log_slope};
pub use isoflop_bias::{
    HALF_WIDTHS, ISOFLOP_LAWS, isoflop_bias, isoflop_entries, parabola_error, parabola_findings,
};
pub use ladders::{Ladder, Logarithm, Rung};
pub use lifted::{Agreement, lifted_rows};
pub use nonlinear::{
    CONTROL, Learner, Paired, Sizes, control_loss, even_modes, input_precision, paired_losses,
    paired_rows,
};
pub use own_runs::{OWN_SCALES, own_model_entries, own_runs};
pub use public_fits::{
    coverage_entries, five_point_entries, public_fit_entries, published_findings, size_entries,
};
pub use public_runs::{RunSizes, SETS, TrainedModel, public_models, public_runs_version, runs_of};
pub use real_errors::{QUANTITIES, RealErrors, real_error_entries};
pub use repeated_runs::{fresh_finding, repeated_entries, repeated_runs_version};
pub use run_panels::run_panels;
pub use rungs::Rungs;
pub use series::{SERIES_DRIFT, Series, series_panel, series_table};
pub use statistics::{
    Moments, Spread, bootstrap_interval, coverage_moments, largest_score, median_of, score_margin,
    z_bound,
};
pub use texts::{Text, text};
pub use tolerance::{FINITE_SIZE, finite_size, resolution};
pub use trajectories::{
    TRAJECTORY_DRIFT, Trajectories, descent_finding, excess, settling, steps_alone,
    take_out_teachers, trajectory_rows,
};
pub use verse_panels::verse_panels;
pub use verses::{Reading, bare_counts, line_through_ranks};
