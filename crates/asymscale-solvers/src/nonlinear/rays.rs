//! Samples that repeat another: the same equation for a learner that interpolates, left out before
//! any dense work.

use super::Nonlinear;
use asymscale_sampling::Design;
use asymscale_sampling::sparse::SampleRows;
use std::collections::HashMap;

/// The design without samples that repeat an earlier one; `None` where there are none, or where
/// they count.
///
/// Labels are `w·x`, without noise: to a learner that interpolates, as a kernel without a ridge
/// does, a repeated sample is the same equation again. For a homogeneous activation,
/// `s(c u) = c s(u)` for `c > 0`, so is every sample on the ray of another. With a ridge, or with
/// fewer features than equations, repeats weigh more.
pub(super) fn without_repeats(design: &Design, learner: Nonlinear) -> Option<Design> {
    let first = if learner.ridge > 0.0 {
        return None;
    } else {
        firsts(design, learner.activation.is_homogeneous())
    };
    // At least the first sample is kept, so that there is no error.
    if first.iter().all(|first| *first) { None } else { design.retain(|sample| first[sample]).ok() }
}

/// For each sample, whether it is the first on its ray, or without `rays` the first of its values.
/// Samples are compared whole only with those that begin and end as they do.
fn firsts(design: &Design, rays: bool) -> Vec<bool> {
    let samples = SampleRows::of(design);
    let unit = |sample: &[(u32, f64)]| match sample.first() {
        Some((_, x)) if rays => x.abs(),
        _ => 1.0,
    };
    let mut known: HashMap<_, Vec<usize>> = HashMap::new();
    let mut is_first = |(number, sample): (usize, &[(u32, f64)])| {
        let own = unit(sample);
        let entry = |(j, x): &(u32, f64), unit: f64| (*j, (x / unit).to_bits());
        let ends = (sample.first().map(|e| entry(e, own)), sample.last().map(|e| entry(e, own)));
        let alike = known.entry((sample.len(), ends)).or_default();
        let repeats = |other: &usize| {
            let other = samples.sample(*other);
            let unit = unit(other);
            sample.iter().zip(other).all(|(a, b)| entry(a, own) == entry(b, unit))
        };
        let is_first = !alike.iter().any(repeats);
        if is_first {
            alike.push(number);
        }
        is_first
    };
    samples.iter().enumerate().map(&mut is_first).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Activation;
    use super::*;
    use asymscale_sampling::Column;

    /// Samples: (2, 0), (1, 0), (−1, 0), (1, 3), (2, 6), (2, 0).
    fn design() -> Design {
        let column = |index, entries| Column { index, eigenvalue: 1.0, entries };
        let first = vec![(0, 2.0), (1, 1.0), (2, -1.0), (3, 1.0), (4, 2.0), (5, 2.0)];
        let columns = vec![column(1.0, first), column(2.0, vec![(3, 3.0), (4, 6.0)])];
        Design::from_columns(6, columns, 0.5).unwrap()
    }

    #[test]
    fn rays_are_merged_for_homogeneous_activations_only() {
        let merged = |activation| without_repeats(&design(), Nonlinear::new(activation)).unwrap();
        let relu = merged(Activation::Relu);
        assert_eq!(relu.column(0), (&[0, 1, 2][..], &[2.0, -1.0, 1.0][..]));
        assert_eq!((relu.column(1), relu.unseen_mass()), ((&[2][..], &[3.0][..]), 0.5));
        assert_eq!(merged(Activation::Erf).samples(), 5);
    }

    #[test]
    fn with_a_ridge_repeats_count() {
        let learner = Nonlinear { ridge: 1e-3, ..Nonlinear::new(Activation::Relu) };
        assert_eq!(without_repeats(&design(), learner), None);
    }
}
