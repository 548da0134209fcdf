//! What more data would bring: forecasts by every method, and which of them to use.

use serde::{Deserialize, Serialize};

use crate::diagnosis::estimate::Estimate;
use crate::diagnosis::method::Method;

/// Seen and unseen features after more data.
///
/// **Good–Toulmin** (Good & Toulmin 1956, doi:10.1093/biomet/43.1-2.45): `Σ_k h_k f_k`,
/// `h_k = −(−s)^k`, for new features, and `(1/D) Σ_k (−s)^{k−1} Σ_{k_i = k} S_i` for unseen
/// activity and energy. Unbiased up to `O(1/D)`; the distance of the first to the number found
/// later has variance `Σ h_k² E f_k + E[new]`, or that of the jackknife over blocks of units where
/// it is known which features were active together. **Smoothed** (Orlitsky, Suresh & Wu 2016,
/// doi:10.1073/pnas.1607774113): the k-th term times `P(L ≥ k)`,
/// `L ~ Binomial(⌊½ log₃(U s²/(s−1))⌋, 2/(2+s))` for `U` units, `s − 1` at least `1/U`; its bias
/// widens its interval where a law says how large it would be. **Laws**
/// ([`Candidate`](crate::diagnosis::Candidate)): the power law, and those of
/// [`MixedLaw`](crate::diagnosis::MixedLaw). Their intervals hold the region of the parameters in
/// which the likelihood falls by the quantile of χ², widened where blocks of units vary more than
/// independent features would; the chance of what is new; and the error by which the law missed all
/// of the data from parts, as far as chance does not explain it.
///
/// **Recommended** is the law whose forecasts of the data from its own parts were best, among those
/// that neither goodness of fit nor those forecasts reject; its interval holds those of all that
/// are plausible. Up to `t = 2` new features by a law are kept within the plain series at a tenth
/// of the risk. Unseen mass by a law starts from what is unseen now, by the law and by features
/// seen once, each by its precision. Where no law survives, the series up to `t = 2` and nothing
/// beyond. A forecast is **not known** (`estimate` is `None`) from the factor on at which its
/// interval spans a decade and its upper end is not small either (a tenth of the features seen, or
/// of all activity).
///
/// Unseen mass never rises with more data, new features never fall nor exceed what is left of a
/// known number of features: forecasts are made at factors `2^{k/4}`, held to that, and
/// interpolated. How often intervals hold the truth, for populations of every kind, stands in the
/// README of the crate (the example `populations` measures it).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The factor `t > 1` of the data: `t D` samples in all.
    pub factor: f64,
    /// Features the further samples bring that were not seen before.
    pub new_features: Prediction,
    /// Activations of features still unseen then, per sample.
    pub unseen_activity: Prediction,
    /// Energy of features still unseen then, per sample; needs second moments.
    pub unseen_energy: Option<Prediction>,
}

/// One forecast by every method that applies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Good and Toulmin's series; for `t ≤ 2`, beyond which it diverges.
    pub good_toulmin: Option<Estimate>,
    /// The series with binomial smoothing (Orlitsky, Suresh & Wu); needs the features seen once.
    pub smoothed: Option<Estimate>,
    /// The fitted power law, continued, whether it may be relied on or not.
    pub power_law: Option<Estimate>,
    /// The fitted lognormal law, continued, likewise. Files call it `bent_law`.
    #[serde(rename = "bent_law")]
    pub lognormal_law: Option<Estimate>,
    /// The fitted law of finitely many features, likewise.
    pub finite_law: Option<Estimate>,
    /// The fitted gamma law, likewise.
    pub gamma_law: Option<Estimate>,
    /// The method to use; `None` where no method reaches that far.
    pub recommended: Option<Method>,
    /// The recommended value with an interval that holds the laws which are plausible; `None`: not
    /// known.
    pub estimate: Option<Estimate>,
    /// An upper bound whatever the law, from the features seen once; of unseen mass beyond the last
    /// estimate, for twice the data or more, the upper end of that one. `None` where features seen
    /// once were left out of the table.
    pub at_most: Option<f64>,
}
