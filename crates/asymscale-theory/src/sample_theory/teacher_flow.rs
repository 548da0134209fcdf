//! Gradient flow of a teacher whose weights are not iid, with infinitely many features: equations
//! (96) and (97) of [`derivations`](crate::derivations).

use super::SampleTheory;
use crate::response::teacher::ComplexTeacherSums;
use crate::sample_theory::flow::{self, Flow, Root};
use asymscale_numerics::Hyperbola;
use num_complex::Complex64;
use std::collections::BTreeMap;

/// What equation (96) needs at a point of a contour.
#[derive(Debug, Clone, Copy)]
struct Point {
    z: Complex64,
    /// The factor of the quadrature over `z`.
    weight: Complex64,
    stieltjes: Complex64,
    /// `T`.
    left: Complex64,
    teacher: ComplexTeacherSums,
}

/// The points of the two rules of a contour, which share none.
type Contour = [Vec<Point>; 2];

/// The loss over time of such a teacher.
pub(crate) struct TeacherFlow<'a> {
    flow: Flow<'a>,
    shared_samples: f64,
    label_variance: f64,
    /// A contour for each decade of time.
    contours: BTreeMap<i32, Contour>,
}

impl<'a> TeacherFlow<'a> {
    pub(super) fn new(theory: &'a SampleTheory) -> Self {
        let shared_samples = theory.shared_samples();
        Self {
            flow: Flow::new(&theory.rule, &theory.responder, shared_samples, f64::INFINITY),
            shared_samples,
            label_variance: theory.model.label_variance(),
            contours: BTreeMap::new(),
        }
    }

    /// The loss at a time in the range of [`SampleTheory::flow`].
    pub(super) fn at(&mut self, time: f64) -> f64 {
        if time < flow::SHORTEST {
            return self.label_variance;
        }
        let decade = time.log10().floor() as i32;
        let contour = self
            .contours
            .entry(decade)
            .or_insert_with(|| contour(&mut self.flow, Hyperbola::new(10f64.powi(decade))));
        invert(contour, self.shared_samples, time)
    }
}

fn contour(flow: &mut Flow<'_>, hyperbola: Hyperbola) -> Contour {
    let points: [Vec<_>; 2] =
        [hyperbola.midpoint_rule().collect(), hyperbola.trapezoidal_rule().collect()];
    points.map(|rule| {
        let roots = flow.roots(hyperbola.vertex(), rule.iter().map(|(z, _)| *z));
        let point = |((z, weight), root): ((Complex64, Complex64), Root)| {
            let stieltjes = root.log.exp();
            Point {
                z,
                weight: weight / z,
                stieltjes,
                left: root.sums.left,
                teacher: flow.teacher_sums(stieltjes),
            }
        };
        rule.into_iter().zip(roots).map(point).collect()
    })
}

/// Equation (97): both halves of both contours, of which two are the conjugates of the others.
fn invert([first, second]: &Contour, shared_samples: f64, time: f64) -> f64 {
    let mut sum = 0.0;
    for a in first {
        let outer = a.weight * (a.z * time).exp();
        for b in second {
            let inner = b.weight * (b.z * time).exp();
            let across = outer * inner.conj() * pair(a, &b.conjugate(), shared_samples);
            let along = outer * inner * pair(a, b, shared_samples);
            sum += across.re - along.re;
        }
    }
    0.5 * sum
}

/// `κ₁κ₂ E wᵀR₁ΣR₂w`, equation (96), at two different `κ = z`.
fn pair(a: &Point, b: &Point, shared_samples: f64) -> Complex64 {
    let apart = a.stieltjes - b.stieltjes;
    let own = a.stieltjes * a.teacher.left - b.stieltjes * b.teacher.left;
    let through = (b.left - a.left) * (a.teacher.learned - b.teacher.learned);
    (own + through * shared_samples.recip() / (b.z - a.z)) / apart
}

impl Point {
    fn conjugate(&self) -> Self {
        let ComplexTeacherSums { left, learned } = self.teacher;
        Self {
            z: self.z.conj(),
            weight: self.weight.conj(),
            stieltjes: self.stieltjes.conj(),
            left: self.left.conj(),
            teacher: ComplexTeacherSums { left: left.conj(), learned: learned.conj() },
        }
    }
}
