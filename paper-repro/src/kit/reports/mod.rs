//! What chapters share to report: findings, panels and tables, made of rows and of theory.

mod book_panels;
mod forecast_tables;
mod forecasts;
mod frontier_panels;
mod instability;
mod ladders;
mod lifts;
mod names;
mod proportions;
mod run_findings;
mod run_panels;
mod series;
mod splits;
mod statistics;
mod tolerance;
mod trajectories;
mod word_panels;

pub use book_panels::{BookPoint, book_panels, book_point};
pub use forecast_tables::forecast_tables;
pub use forecasts::{FORECASTS, coverage_finding, forecast_summary, nearer_finding};
pub use frontier_panels::{budget_panel, growth_panel, side_figure, threshold_panel};
pub use instability::{InstabilityPoint, instability_panels, log_slope};
pub use ladders::{Ladder, Logarithm, Rung};
pub use lifts::Agreement;
pub use names::{data_in_words, learner_in_words, text_in_words};
pub use proportions::{Proportion, least, proportion, proportion_finding};
pub use run_findings::{fresh_finding, parabola_error, parabola_findings, published_findings};
pub use run_panels::run_panels;
pub use series::{
    SERIES_DRIFT, Series, growth_condition, input_precision, ratio_panel, series_panel,
    series_table,
};
pub use splits::{BestSplits, Rungs, SPLIT_DRIFT, Split, SplitQuantity, exponent, growth_exponent};
pub use statistics::{
    Moments, Spread, bootstrap_interval, coverage_moments, largest_score, score_margin, z_bound,
};
pub use tolerance::{FINITE_SIZE, finite_size, resolution};
pub use trajectories::{
    TRAJECTORY_DRIFT, Trajectories, approached, settled, settling_panel, steps_alone,
};
pub use word_panels::word_panels;
