//! Where the parameters of a law stand in the arrays of a minimisation.

/// Place of `E`.
pub(crate) const E: usize = 0;
/// Place of `A`, the prefactor in N.
pub(crate) const A: usize = 1;
/// Place of `B`, the prefactor in D.
pub(crate) const B: usize = 2;
/// Place of `α`, the exponent in N.
pub(crate) const ALPHA: usize = 3;
/// Place of `β`, the exponent in D, or of `β/α` where that is what is fitted
/// ([`super::problem::ExponentLink`]).
pub(crate) const BETA: usize = 4;

/// Places of what a term of the law is multiplied by. All stand before the exponents.
pub(crate) const AMPLITUDES: [usize; 3] = [E, A, B];
/// Places of the exponents.
pub(crate) const EXPONENTS: [usize; 2] = [ALPHA, BETA];
/// Places of the amplitude and the exponent of the term in N, and of that in D.
pub(crate) const TERMS: [(usize, usize); 2] = [(A, ALPHA), (B, BETA)];
