//! How a subcommand runs: on how many threads, and where its answer goes.

use super::{Failure, numbers};
#[cfg(feature = "simulate")]
use crate::model::SparseModel;
#[cfg(feature = "simulate")]
use crate::sampling::DesignSize;
use clap::Args;
use rayon::prelude::*;
use std::path::PathBuf;

/// Where the answer goes.
#[derive(Debug, Args)]
pub(crate) struct ToFile {
    /// Write the answer to this file in place of standard output: whole, or not at all
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Where the answer goes, and on how many threads it is computed.
#[derive(Debug, Args)]
pub(crate) struct Running {
    #[command(flatten)]
    pub(crate) file: ToFile,
    /// Threads to compute on, in 1..1024; the answer does not depend on them [default: as many as
    /// there are processors]
    #[arg(long, value_parser = numbers::threads, allow_hyphen_values = true)]
    pub(crate) threads: Option<usize>,
}

/// Sets the number of threads; to be asked once, before any work.
pub(crate) fn set_threads(threads: Option<usize>) -> Result<(), Failure> {
    let Some(threads) = threads else { return Ok(()) };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|error| Failure::work(format!("--threads {threads}: {error}")))
}

/// The rows of all points of a grid, in its order; the first error in that order.
pub(crate) fn in_parallel<P: Sync, R: Send>(
    points: &[P],
    rows: impl Fn(&P) -> Result<Vec<R>, Failure> + Sync + Send,
) -> Result<Vec<R>, Failure> {
    let found: Vec<Result<Vec<R>, Failure>> = points.par_iter().map(rows).collect();
    let mut all = Vec::new();
    for rows in found {
        all.extend(rows?);
    }
    Ok(all)
}

/// Bytes of a design, as expected.
#[cfg(feature = "simulate")]
pub(crate) fn design_bytes(model: &SparseModel, samples: f64) -> f64 {
    DesignSize::expected(model, samples).bytes()
}

/// The results of all points in their order, of which the one of the largest design is made first:
/// a request too large for memory is refused before the others are drawn. `work` is told the number
/// of a point in the order of work, from 1.
#[cfg(feature = "simulate")]
pub(crate) fn largest_first<P, R>(
    points: &[P],
    bytes: impl Fn(&P) -> f64,
    mut work: impl FnMut(usize, &P) -> Result<R, Failure>,
) -> Result<Vec<R>, Failure> {
    let mut order: Vec<(f64, usize)> = points.iter().map(bytes).zip(0..).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut found = Vec::with_capacity(points.len());
    for (number, (_, at)) in order.into_iter().enumerate() {
        found.push((at, work(number + 1, &points[at])?));
    }
    found.sort_by_key(|(at, _)| *at);
    Ok(found.into_iter().map(|(_, result)| result).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "simulate")]
    #[test]
    fn the_largest_is_made_first_and_results_keep_their_order() {
        let mut made = Vec::new();
        let found = largest_first(
            &[3.0, 9.0, 3.0],
            |size| *size,
            |number, size| {
                made.push(*size);
                Ok((number, *size))
            },
        );
        assert_eq!(found.unwrap(), [(2, 3.0), (1, 9.0), (3, 3.0)]);
        assert_eq!(made, [9.0, 3.0, 3.0]);
    }

    #[test]
    fn the_first_error_in_order_is_returned() {
        let odd = |n: &i32| {
            if n % 2 == 1 { Err(Failure::input(format!("{n}"))) } else { Ok(vec![*n]) }
        };
        assert_eq!(in_parallel(&[2, 3, 4, 5], odd).unwrap_err().message(&[]), "3");
        assert_eq!(in_parallel(&[2, 4], odd).unwrap(), [2, 4]);
    }
}
