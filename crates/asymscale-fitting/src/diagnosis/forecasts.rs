//! Forecasts of what more data bring: new features, and what is still unseen then.
//!
//! Laws and series are joined into one estimate with an interval, and what must always hold (more
//! data never bring fewer features, and never leave more unseen) is enforced. This room must not
//! know how an answer is worded.
//!
//! | I want … | file |
//! |---|---|
//! | the forecasts as a caller sees them, and the methods behind them | `prediction.rs` |
//! | how one forecast is made from series and laws | `forecaster.rs` |
//! | Good and Toulmin's series with its error | `series.rs` |
//! | forecasts that are monotone in the amount of data | `monotone.rs` |
//! | how many samples it takes to cover a share of the activity | `coverage.rs` |
//!
//! `impl Forecaster` stands in `forecaster.rs`, `series.rs`, `monotone.rs` and `coverage.rs`.

pub(crate) mod coverage;
pub(crate) mod forecaster;
pub(crate) mod monotone;
pub(crate) mod prediction;
pub(crate) mod series;
