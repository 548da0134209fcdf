//! Random features, made on demand a coordinate at a time.

use crate::{Key, variates};

/// Fills `out` with the weights of coordinate `index` in the features: `out[k] ~ N(0, 1)` belongs
/// to feature `k`.
///
/// The weights depend on `key` and `index` only, and a longer column starts with the shorter one: a
/// learner of `N` features uses the first `N`, scaled by `1/√N`. Cost: one normal draw an entry.
///
/// ```
/// use asymscale_sampling::{Key, feature_column};
/// let (mut short, mut long) = ([0.0; 3], [0.0; 5]);
/// feature_column(&Key::new(1), 17.0, &mut short);
/// feature_column(&Key::new(1), 17.0, &mut long);
/// assert_eq!(short, long[..3]);
/// ```
pub fn feature_column(key: &Key, index: f64, out: &mut [f64]) {
    let mut stream = key.coordinate_stream(index);
    variates::gaussian(1.0, out, &mut stream);
}
