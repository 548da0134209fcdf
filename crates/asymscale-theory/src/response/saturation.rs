//! Responses of a frequent coordinate at many values of `G`: a polynomial in its saturation.
//!
//! A coordinate active in many samples is left unlearned by `t = (1 − e)(1 + e² Q(e))`,
//! `e = λG/(1 + λG)`, where `Q` is small and smooth on `[0, 1]`:
//! `e² Q = Σ_{n ≥ 2} (−e)ⁿ E[(χ/m − 1)ⁿ]`. It depends on the count and not on `G`, so that a few of
//! its values give a whole grid of responses.

use crate::{
    coordinates::Node,
    response::{Responder, Response},
};
use asymscale_model::Amplitude;
use std::sync::LazyLock;

/// Most coefficients of `Q`.
const MOST: usize = 14;
/// Pairs (least count, number of coefficients): from this count on so many moments of χ give `Q`,
/// and the moments left out are below 1e-11. For counts below the last one `Q` is interpolated
/// between values.
const BY_MOMENTS: [(f64, usize); 6] =
    [(1e8, 1), (1e6, 3), (1e4, 5), (3e3, 8), (1e3, 11), (500.0, MOST)];
/// Moments are taken in the order of the powers of `e` they come with, from this one on.
const FIRST: usize = 2;

/// Values of `G` treated side by side.
const LANES: usize = 4;

/// `Q` in Newton's form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saturation {
    coefficients: [f64; MOST],
    abscissae: [f64; MOST],
    degree: usize,
}

impl Saturation {
    pub(crate) fn new(responder: &Responder, node: &Node) -> Self {
        if responder.amplitude == Amplitude::Rademacher && node.activity == 1.0 {
            // χ = D.
            return Self { coefficients: [0.0; MOST], abscissae: [0.0; MOST], degree: 0 };
        }
        match BY_MOMENTS.iter().find(|(least, _)| node.count >= *least) {
            Some((_, terms)) => Self::by_moments(responder, node, *terms),
            None => Self::by_values(responder, node),
        }
    }

    /// `Q = Σ (−1)ⁿ M_n e^{n−2}`, `M_n = E[(χ/m − 1)ⁿ] = Σ_j C(n−1, j−1) κ_j M_{n−j}`.
    fn by_moments(responder: &Responder, node: &Node, terms: usize) -> Self {
        let cumulants = responder.cumulants(node, terms + FIRST);
        let mut moments = [0.0; MOST + FIRST];
        moments[0] = 1.0;
        for n in FIRST..terms + FIRST {
            moments[n] =
                (2..=n).map(|j| binomial(n - 1, j - 1) * cumulants[j] * moments[n - j]).sum();
        }
        let sign = |k: usize| if k.is_multiple_of(2) { 1.0 } else { -1.0 };
        let coefficients = std::array::from_fn(|k| sign(k) * moments[k + FIRST]);
        Self { coefficients, abscissae: [0.0; MOST], degree: terms - 1 }
    }

    /// Interpolated between Chebyshev points.
    fn by_values(responder: &Responder, node: &Node) -> Self {
        let abscissae = &*CHEBYSHEV;
        let mut coefficients = abscissae.map(|e| responder.excess(node, e) / (e * e));
        for order in 1..MOST {
            for k in (order..MOST).rev() {
                let width = abscissae[k] - abscissae[k - order];
                coefficients[k] = (coefficients[k] - coefficients[k - 1]) / width;
            }
        }
        Self { coefficients, abscissae: *abscissae, degree: MOST - 1 }
    }

    /// Responses at values of `G`, in their order.
    pub(crate) fn responses(
        &self,
        eigenvalue: f64,
        stieltjes_values: &[f64],
        mut each: impl FnMut(usize, Response),
    ) {
        for (block, chunk) in stieltjes_values.chunks(LANES).enumerate() {
            let mut gains = [1.0; LANES];
            gains
                .iter_mut()
                .zip(chunk)
                .for_each(|(gain, stieltjes)| *gain = eigenvalue * stieltjes);
            let responses = self.at(gains);
            for (lane, response) in responses.into_iter().take(chunk.len()).enumerate() {
                each(block * LANES + lane, response);
            }
        }
    }

    #[inline]
    fn at(&self, gains: [f64; LANES]) -> [Response; LANES] {
        let a = gains.map(|gain| (1.0 + gain).recip());
        let e: [f64; LANES] = std::array::from_fn(|l| gains[l] * a[l]);
        // Q, Q' and Q''/2 by Horner's rule.
        let (mut q, mut q1, mut q2) =
            ([self.coefficients[self.degree]; LANES], [0.0; LANES], [0.0; LANES]);
        for (c, x) in
            self.coefficients[..self.degree].iter().zip(&self.abscissae[..self.degree]).rev()
        {
            for l in 0..LANES {
                let step = e[l] - x;
                q2[l] = q2[l] * step + q1[l];
                q1[l] = q1[l] * step + q[l];
                q[l] = q[l] * step + c;
            }
        }
        std::array::from_fn(|l| response(gains[l], a[l], e[l], [q[l], q1[l], 2.0 * q2[l]]))
    }
}

/// The response from `Q`, `Q'` and `Q''` at `e = λG a`, `a = 1/(1 + λG)`.
///
/// `d/d ln G = e a d/de`, so that of `a e² Q` it is `a e² R`, `R = (2 − 3e) Q + a e Q'`.
#[inline]
fn response(gain: f64, a: f64, e: f64, [q, q1, q2]: [f64; 3]) -> Response {
    let r = (2.0 - 3.0 * e) * q + a * e * q1;
    let r1 = (3.0 - 5.0 * e) * q1 - 3.0 * q + a * e * q2;
    let (left, small) = (a + a * e * e * q, a * a * e);
    Response {
        learned: a - small * q,
        left,
        slope: a * a - small * r,
        curvature: a * a * (1.0 - 2.0 * e) - small * ((2.0 - 3.0 * e) * r + a * e * r1),
        hidden: left / gain,
    }
}

/// Zeros of a Chebyshev polynomial on `[0, 1]`, each far from those before it (Leja's order).
static CHEBYSHEV: LazyLock<[f64; MOST]> = LazyLock::new(|| {
    let zero = |k: usize| 0.5 - 0.5 * (std::f64::consts::PI * (k as f64 + 0.5) / MOST as f64).cos();
    let mut rest: Vec<f64> = (0..MOST).map(zero).collect();
    let mut ordered = [0.0; MOST];
    for k in 0..MOST {
        let spread = |x: &f64| ordered[..k].iter().map(|y: &f64| (x - y).abs()).product::<f64>();
        let farthest =
            (0..rest.len()).max_by(|a, b| spread(&rest[*a]).total_cmp(&spread(&rest[*b])));
        ordered[k] = rest.remove(farthest.unwrap_or(0));
    }
    ordered
});

/// Cumulants of `χ/m` for a sum of `D` copies of `b z²`, from the raw moments `p E z^{2j}` of one:
/// `c_n = μ_n − Σ_{j<n} C(n−1, j−1) c_j μ_{n−j}`, `κ_n = D c_n/mⁿ`.
impl Responder {
    fn cumulants(&self, node: &Node, count: usize) -> [f64; MOST + FIRST] {
        // In units of p, so that nothing underflows: c_n/p and μ_n/p.
        let (mut cumulants, mut moments) = ([0.0; MOST + FIRST], [1.0; MOST + FIRST]);
        for n in 1..count {
            if self.amplitude == Amplitude::Gaussian {
                moments[n] = moments[n - 1] * (2 * n - 1) as f64;
            }
            let known =
                |j: usize| binomial(n - 1, j - 1) * cumulants[j] * node.activity * moments[n - j];
            cumulants[n] = moments[n] - (1..n).map(known).sum::<f64>();
        }
        let mut scale = node.count;
        for cumulant in &mut cumulants {
            *cumulant *= scale;
            scale /= node.count;
        }
        cumulants
    }
}

fn binomial(n: usize, k: usize) -> f64 {
    BINOMIALS[n][k]
}

/// Pascal's triangle.
static BINOMIALS: LazyLock<[[f64; MOST + FIRST]; MOST + FIRST]> = LazyLock::new(|| {
    let mut rows = [[0.0; MOST + FIRST]; MOST + FIRST];
    for n in 0..rows.len() {
        rows[n][0] = 1.0;
        for k in 1..=n {
            rows[n][k] = rows[n - 1][k - 1] + rows[n - 1][k];
        }
    }
    rows
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_the_responses_one_by_one() {
        for (amplitude, samples) in [Amplitude::Gaussian, Amplitude::Rademacher].map(|a| (a, 1e9)) {
            let responder = Responder::new(amplitude, samples);
            for count in [
                96.0, 300.0, 499.0, 501.0, 999.0, 1001.0, 2999.0, 3001.0, 9999.0, 1e4, 9.9e5, 1e6,
                9.9e7, 1e8, 9e8,
            ] {
                let node = Node::new(1.0, 1.0, count / samples, 1.0 / count, samples);
                let stieltjes_values: Vec<f64> =
                    (-60..60).map(|k| (0.45 * f64::from(k)).exp()).collect();
                let polynomial = Saturation::new(&responder, &node);
                polynomial.responses(1.0, &stieltjes_values, |k, got| {
                    let want = responder.response(&node, stieltjes_values[k]);
                    // The accuracy of a single response.
                    let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-10;
                    let at = format!(
                        "{amplitude:?} m={count} G={} {got:?} {want:?}",
                        stieltjes_values[k]
                    );
                    assert!(close(got.learned, want.learned) && close(got.left, want.left), "{at}");
                    assert!(close(got.slope, want.slope), "{at}");
                    assert!((got.curvature - want.curvature).abs() < 3e-9 * want.slope, "{at}");
                });
            }
        }
    }
}
