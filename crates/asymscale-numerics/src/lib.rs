//! The arithmetic that the other crates share.
//!
//! - roots: [`bisect`], [`try_bisect`], [`bisect_while`], [`bisect_geometric`],
//!   [`partition_point`], [`newton_in_bracket`], [`increasing_root`], on a [`Bracket`];
//! - minima: [`golden_section`], [`brent`], [`global_minimum`];
//! - integrals and sums: [`gauss_legendre`], [`gauss_laguerre`], [`gauss_gram`];
//! - inverse Laplace transforms: [`Hyperbola`];
//! - order statistics: [`sorted`], [`quantile`], [`nearest_order_statistic`],
//!   [`percentile_interval`], [`upper_median`];
//! - moments: [`mean`], [`variance`], [`standard_deviation`], [`mean_and_standard_error`];
//! - resampling: [`block_counts`], [`blocks_left_out`].
//!
//! Nothing here knows of spectra, designs or losses: the theory and the exact solvers check each
//! other and may share arithmetic, not physics. There is no randomness, and no allocation but for
//! the lists that are returned.
//!
//! **Bits.** The order of operations of every function is part of its contract: results are
//! compared byte for byte, and a change of the last bit is a change of a result.
//!
//! **Errors.** What a function cannot work with is a mistake of its caller, and it panics with the
//! parameter, its value and the allowed range. Errors of a function that is passed in are returned.
//!
//! ```
//! use asymscale_numerics::{Bracket, golden_section, mean_and_standard_error};
//! let minimum = golden_section(Bracket::new(0.0, 5.0), 40, |x| (x - 2.0).powi(2)).middle();
//! assert!((minimum - 2.0).abs() < 1e-7);
//! let (mean, error) = mean_and_standard_error(&[1.0, 2.0, 3.0]);
//! assert_eq!((mean, error), (2.0, (1.0_f64 / 3.0).sqrt()));
//! ```

mod bisection;
mod bracket;
mod hyperbola;
mod minimum;
mod moments;
mod newton;
mod order_statistics;
mod quadrature;
mod resampling;

pub use bisection::{bisect, bisect_geometric, bisect_while, partition_point, try_bisect};
pub use bracket::Bracket;
pub use hyperbola::Hyperbola;
pub use minimum::{Minimum, brent, global_minimum, golden_section};
pub use moments::{mean, mean_and_standard_error, standard_deviation, variance};
pub use newton::{increasing_root, newton_in_bracket};
pub use order_statistics::{
    nearest_order_statistic, percentile_interval, quantile, sorted, upper_median,
};
pub use quadrature::{GAUSS_ORDER, gauss_gram, gauss_laguerre, gauss_legendre};
pub use resampling::{block_counts, blocks_left_out};
