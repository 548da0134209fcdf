//! Gradient descent averaged over features and teachers, given the design: the loss over `(N, D, t)`.
//!
//! With `γ = κ(1 − df₁(κ)/N)`, `df₁ = tr Σ̂(Σ̂+κ)⁻¹` and `T = κ tr Σ(Σ̂+κ)⁻¹`, let `k` and `Θ` be the inverse transforms of
//! `κ/γ − 1` and `T/γ`: of Laplace for the flow, as coefficients of power series for steps. The loss is a convolution
//! of the two; no function of two times has to be solved for.

use crate::averaged::check_size;
use crate::contour::Contour;
use crate::fourier::transform;
use crate::{DesignSpectrum, SolverError};
use num_complex::Complex64;
use std::collections::BTreeMap;
use std::f64::consts::TAU;

/// Newton's method ends at this relative step.
const CLOSE: f64 = 1e-12;
/// More steps of it than are ever needed from a neighbour's root.
const STEPS: usize = 60;
/// `−ln` of what a coefficient takes over from the one a whole turn later.
const ALIAS: f64 = 30.0;
/// Gauss–Legendre abscissae and weights on [−1, 1], eight points; symmetric.
const LEGENDRE: [(f64, f64); 4] = [
    (0.18343464249564980, 0.36268378337836198),
    (0.52553240991632899, 0.31370664587788729),
    (0.79666647741362674, 0.22238103445337447),
    (0.96028985649753623, 0.10122853629037626),
];

/// `κ/γ − 1` and `T/γ` at one `γ`.
type Pair = (Complex64, Complex64);

impl DesignSpectrum {
    /// The loss of gradient flow with `features = N ≥ 1` (∞ allowed) at each of `times` `s = ηt`, averaged over features
    /// and teachers:
    /// `L(s) = Θ(2s) + ∫₀ˢ [k(u) Θ(2s−u) − Θ(u) k(2s−u)] du`.
    ///
    /// For `N = ∞` it is `tr Σ e^{−2sΣ̂}`. For `N < r` it is not monotone in time. Accuracy against simulated means at
    /// `D = 60`: 0.5 % at `N = 90 > r`; at `N = 40 < r` better than 1 % early and up to 1.4 % (95 %: 0.8–2.0 %) low late. It is a leading order in `1/N`: not for `|N − r|` of a few, late. As `s → ∞` it
    /// tends, for `N < r`, to [`DesignSpectrum::averaged_loss`] without ridge but without its factor `(r − N)/(r − N − 1)`
    /// on the part that diverges at `N = r`: late it is low by at most a share `1/(r − N)`.
    /// Cost: `rank X` a point, 16 points a decade of time.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN, [`SolverError::Time`] unless `≥ 0` and finite.
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Design, Key};
    /// use asymscale_solvers::{DesignSpectrum, Regression};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let spectrum = DesignSpectrum::new(&Design::sample(&model, 100, &mut Key::new(1).stream())?)?;
    /// let size = 0.5 * spectrum.rank() as f64;
    /// let losses = spectrum.flow_curve(size, &[10.0, 100.0, 1e9])?;
    /// // Stopping early is better than fitting to the end, which is least squares.
    /// assert!(losses[1] < losses[0] && losses[1] < losses[2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn flow_curve(&self, features: f64, times: &[f64]) -> Result<Vec<f64>, SolverError> {
        check_size(features)?;
        if let Some(time) = times.iter().find(|time| !(**time >= 0.0 && time.is_finite())) {
            return Err(SolverError::Time(*time));
        }
        if features == f64::INFINITY {
            return Ok(times.iter().map(|time| self.filtered(|s| (-2.0 * time * s).exp())).collect());
        }
        let mut flow = Flow { spectrum: self, features, decades: BTreeMap::new() };
        Ok(times.iter().map(|s| if *s == 0.0 { self.filtered(|_| 1.0) } else { flow.loss(*s) }).collect())
    }

    /// The loss after each of `steps` steps of size `rate = η` with `features = N ≥ 1`, averaged over features and
    /// teachers: `L(t) = Θ_{2t} + η Σ_{j=1}^{t} [k_{j−1} Θ_{2t−j} − k_{2t−j} Θ_{j−1}]`, where `γ = (1−x)/(ηx)`,
    /// `κ/γ − 1 = η Σ k_j x^{j+1}` and `T/γ = η Σ Θ_j x^{j+1}`.
    ///
    /// The coefficients are read off a circle inside that of convergence by a fast Fourier transform of some `8 t` to
    /// `16 t` points for the largest `t`, to 1e-11. Accuracy as theory: as [`DesignSpectrum::flow_curve`]. Cost:
    /// `16 t · rank X`.
    ///
    /// # Errors
    /// [`SolverError::Features`]; [`SolverError::Rate`] unless positive and, for finite `N`, below
    /// `2/`[`DesignSpectrum::feature_edge`], where descent starts to diverge.
    pub fn descent_curve(&self, features: f64, rate: f64, steps: &[u32]) -> Result<Vec<f64>, SolverError> {
        check_size(features)?;
        let finite = features.is_finite();
        let limit = if finite { 2.0 / self.feature_edge(features)? } else { f64::INFINITY };
        if !(rate > 0.0 && rate < limit) {
            return Err(SolverError::Rate { rate, limit });
        }
        if !finite {
            let left = |s: f64, t: u32| (2.0 * f64::from(t) * (1.0 - rate * s).abs().ln()).exp();
            return Ok(steps
                .iter()
                .map(|t| self.filtered(|s| if *t == 0 { 1.0 } else { left(s, *t) }))
                .collect());
        }
        let last = steps.iter().copied().max().unwrap_or(0) as usize;
        let (memory, left) = self.coefficients(features, rate, 2 * last + 1);
        let loss = |t: usize| {
            let gain = |j: usize| memory[j - 1] * left[2 * t - j] - memory[2 * t - j] * left[j - 1];
            left[2 * t] + rate * (1..=t).map(gain).sum::<f64>()
        };
        Ok(steps.iter().map(|t| loss(*t as usize)).collect())
    }

    /// The largest eigenvalue of `ΦᵀΦ/D` with `features = N` features to leading order, for `N = ∞` of `Σ̂`: the upper
    /// edge `m (1 + Σ_k s_k/(m − s_k)/N)` where it is least over `m > s_max`.
    ///
    /// # Errors
    /// [`SolverError::Features`] below 1 or NaN.
    pub fn feature_edge(&self, features: f64) -> Result<f64, SolverError> {
        check_size(features)?;
        let s = self.eigenvalues();
        let Some(largest) = s.last().copied() else { return Ok(0.0) };
        if features == f64::INFINITY {
            return Ok(largest);
        }
        // Σ s²/(m − s)² = N, between one eigenvalue alone and all as large.
        let crowd = |m: f64| s.iter().map(|s| (s / (m - s)).powi(2)).sum::<f64>();
        let (mut low, mut high) = (largest, largest * (1.0 + (s.len() as f64 / features).sqrt()));
        for _ in 0..100 {
            let middle = 0.5 * (low + high);
            if crowd(middle) > features { low = middle } else { high = middle }
        }
        Ok(high * (1.0 + s.iter().map(|s| s / (high - s)).sum::<f64>() / features))
    }

    fn filtered(&self, left: impl Fn(f64) -> f64) -> f64 {
        let pairs = self.eigenvalues().iter().zip(self.weights());
        self.residual_mass() + pairs.map(|(s, weight)| weight * left(*s)).sum::<f64>()
    }

    /// `k_j` and `Θ_j` for `j < count`.
    fn coefficients(&self, features: f64, rate: f64, count: usize) -> (Vec<f64>, Vec<f64>) {
        let points = (4 * (count + 1)).next_power_of_two();
        let radius = (-ALIAS / points as f64).exp();
        let half = points / 2;
        let gamma = |l: usize| -> Complex64 {
            let x = Complex64::from_polar(radius, TAU * l as f64 / points as f64);
            (1.0 - x) / (rate * x)
        };
        let mut path = Path::new(self, features, gamma(0).re);
        let pairs: Vec<Pair> = (0..=half).map(|l| path.pair(gamma(l))).collect();
        let series = |part: fn(&Pair) -> Complex64| {
            let at = |l: usize| if l <= half { part(&pairs[l]) } else { part(&pairs[points - l]).conj() };
            let mut values: Vec<Complex64> = (0..points).map(at).collect();
            transform(&mut values);
            let scale = |j: usize| radius.powi(-(j as i32 + 1)) / (points as f64 * rate);
            (0..count).map(|j| values[j + 1].re * scale(j)).collect()
        };
        (series(|pair| pair.0), series(|pair| pair.1))
    }
}

/// Follows `κ(γ)` from the positive real axis along a path of complex `γ`.
struct Path<'a> {
    spectrum: &'a DesignSpectrum,
    features: f64,
    gamma: Complex64,
    kappa: Complex64,
    slope: Complex64,
}

impl<'a> Path<'a> {
    fn new(spectrum: &'a DesignSpectrum, features: f64, gamma: f64) -> Self {
        let kappa = Complex64::from(spectrum.kappa(features, gamma));
        let mut path = Self { spectrum, features, gamma: gamma.into(), kappa, slope: Complex64::ZERO };
        path.slope = path.condition().1;
        path
    }

    /// `κ(1 − df₁/N)` and `1 − df₂/N`, its derivative.
    fn condition(&self) -> (Complex64, Complex64) {
        let (mut free, mut slope) = (Complex64::ONE, Complex64::ONE);
        for s in self.spectrum.eigenvalues() {
            let share = s / (s + self.kappa);
            free -= share / self.features;
            slope -= share * share / self.features;
        }
        (self.kappa * free, slope)
    }

    /// Goes on to the next `γ`, a predictor along the tangent and Newton's method.
    fn pair(&mut self, gamma: Complex64) -> Pair {
        self.kappa += (gamma - self.gamma) / self.slope;
        self.gamma = gamma;
        for _ in 0..STEPS {
            let (value, slope) = self.condition();
            self.slope = slope;
            let step = (gamma - value) / slope;
            self.kappa += step;
            if step.norm() <= CLOSE * self.kappa.norm() {
                break;
            }
        }
        let pairs = self.spectrum.eigenvalues().iter().zip(self.spectrum.weights());
        let lost: Complex64 = pairs.map(|(s, weight)| weight * self.kappa / (s + self.kappa)).sum();
        (self.kappa / gamma - 1.0, (lost + self.spectrum.residual_mass()) / gamma)
    }
}

/// Both transforms of the flow, on a contour for each decade of time, made when first needed.
struct Flow<'a> {
    spectrum: &'a DesignSpectrum,
    features: f64,
    decades: BTreeMap<i32, Vec<(Complex64, Pair)>>,
}

impl Flow<'_> {
    fn loss(&mut self, time: f64) -> f64 {
        let mut loss = self.transforms(2.0 * time).1;
        // Panels that grow with u: what happens early is fast, late slow.
        let (mut from, mut to) = (0.0, 0.1 * time.min(1.0));
        while from < time {
            let half = 0.5 * (to - from);
            for (x, weight) in LEGENDRE.into_iter().flat_map(|(x, w)| [(-x, w), (x, w)]) {
                let u = from + half * (1.0 + x);
                let ((memory, left), (memory_then, left_then)) =
                    (self.transforms(u), self.transforms(2.0 * time - u));
                loss += half * weight * (memory * left_then - left * memory_then);
            }
            (from, to) = (to, (2.0 * to).min(time));
        }
        loss
    }

    /// `k(u)` and `Θ(u)`.
    fn transforms(&mut self, time: f64) -> (f64, f64) {
        let decade = time.log10().floor() as i32;
        let points = self.decades.entry(decade).or_insert_with(|| {
            let contour = Contour::from(10f64.powi(decade));
            let mut path = Path::new(self.spectrum, self.features, contour.vertex());
            let weighted = |(z, weight): (Complex64, Complex64)| {
                let (memory, left) = path.pair(z);
                (z, (weight * memory, weight * left))
            };
            contour.nodes().map(weighted).collect()
        });
        let add = |(memory, left): (f64, f64), (z, pair): &(Complex64, Pair)| {
            let factor = (z * time).exp();
            (memory + (factor * pair.0).im, left + (factor * pair.1).im)
        };
        points.iter().fold((0.0, 0.0), add)
    }
}
