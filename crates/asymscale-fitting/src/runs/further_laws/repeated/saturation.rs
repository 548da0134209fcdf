//! The worth of repeated samples over that of the distinct ones, in logarithms, with its
//! derivatives.

/// `ln g`, `g = 1 + R(1 − e^{−r/R})` with `r = e^t − 1` repeats, and its derivatives in `t` and in
/// `v = R/(R + scale)`.
///
/// `v` reaches from 0 (worthless) to 1 (as good as fresh), and `g` is smooth in it up to both ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Saturation {
    pub(super) value: f64,
    pub(super) t: f64,
    pub(super) v: f64,
    pub(super) tt: f64,
    pub(super) tv: f64,
    pub(super) vv: f64,
}

/// Derivatives of `g` in `r` and `v`.
struct Derivatives {
    g: f64,
    r: f64,
    v: f64,
    rr: f64,
    rv: f64,
    vv: f64,
}

/// Terms of the series for `r/R <= 1`: the last is 1/21!.
const TERMS: usize = 20;

/// Beyond this `e^{−z}·z` is nothing beside 1.
const EXPONENTIAL_VANISHES: f64 = 700.0;

/// R of a share v.
pub(super) fn repeats(share: f64, scale: f64) -> f64 {
    scale * share / (1.0 - share)
}

/// The share v of R.
pub(super) fn share(repeats: f64, scale: f64) -> f64 {
    if repeats.is_infinite() { 1.0 } else { repeats / (repeats + scale) }
}

/// `ln g` alone.
pub(super) fn logarithm(t: f64, v: f64, scale: f64) -> f64 {
    let repeats = repeats(v, scale);
    if v >= 1.0 { t } else { (-repeats * (-t.exp_m1() / repeats).exp_m1()).ln_1p() }
}

/// For `t > 0`, `v` in [0, 1], `scale > 0`.
pub(super) fn saturation(t: f64, v: f64, scale: f64) -> Saturation {
    let (r, growth) = (t.exp_m1(), t.exp());
    // r/R.
    let z = if v >= 1.0 { 0.0 } else { r * (1.0 - v) / (scale * v) };
    let plain = if z <= 1.0 { few_repeats(r, z, v, scale) } else { many_repeats(r, z, v, scale) };
    let Derivatives { g, r: gr, v: gv, rr, rv, vv } = plain;
    let (t1, v1) = (gr * growth / g, gv / g);
    Saturation {
        value: g.ln(),
        t: t1,
        v: v1,
        tt: (rr * growth * growth + gr * growth) / g - t1 * t1,
        tv: rv * growth / g - t1 * v1,
        vv: vv / g - v1 * v1,
    }
}

/// For few repeats beside R, computed by powers of `w = 1/R`, `g = 1 + r φ(rw)`,
/// `φ(z) = (1 − e^{−z})/z`.
fn few_repeats(r: f64, z: f64, v: f64, scale: f64) -> Derivatives {
    let [phi, slope, bend] = series(z);
    let (w, w_v, w_vv) =
        ((1.0 - v) / (scale * v), -1.0 / (scale * v * v), 2.0 / (scale * v * v * v));
    let (g_w, g_ww) = (r * r * slope, r * r * r * bend);
    let left = (-z).exp();
    Derivatives {
        g: 1.0 + r * phi,
        r: left,
        v: g_w * w_v,
        rr: -left * w,
        rv: -r * left * w_v,
        vv: g_ww * w_v * w_v + g_w * w_vv,
    }
}

/// For many repeats beside R, computed from R itself, where nothing cancels.
fn many_repeats(r: f64, z: f64, v: f64, scale: f64) -> Derivatives {
    let repeats = repeats(v, scale);
    let (r_v, r_vv) = (scale / (1.0 - v).powi(2), 2.0 * scale / (1.0 - v).powi(3));
    if z > EXPONENTIAL_VANISHES {
        return Derivatives { g: 1.0 + repeats, r: 0.0, v: r_v, rr: 0.0, rv: 0.0, vv: r_vv };
    }
    let left = (-z).exp();
    let (g_r, g_rr) = (1.0 - left - z * left, -left * z * z * z / r);
    Derivatives {
        g: 1.0 - repeats * (-z).exp_m1(),
        r: left,
        v: g_r * r_v,
        rr: -left * z / r,
        rv: left * z * z / r * r_v,
        vv: g_rr * r_v * r_v + g_r * r_vv,
    }
}

/// `φ(z) = Σ (−z)^k/(k + 1)!` and its first two derivatives, for `0 <= z <= 1`.
fn series(z: f64) -> [f64; 3] {
    let [mut phi, mut slope, mut bend] = [0.0; 3];
    for k in (0..TERMS).rev() {
        bend = 2.0 * slope - z * bend;
        slope = phi - z * slope;
        phi = INVERSE_FACTORIALS[k] - z * phi;
    }
    // Horner's rule in −z: each derivative changes sign.
    [phi, -slope, bend]
}

/// `1/(k + 1)!`.
const INVERSE_FACTORIALS: [f64; TERMS] = {
    let mut found = [1.0; TERMS];
    let mut k = 1;
    while k < TERMS {
        found[k] = found[k - 1] / (k + 1) as f64;
        k += 1;
    }
    found
};

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, what: &str) {
        // Differences with h = 1e-5 are off by 1e-10 of third derivatives of up to 1e3 (at v =
        // 0.1), and by rounding over h.
        assert!(
            (found - expected).abs() < 1e-6 * (1.0 + expected.abs()),
            "{what}: {found} for {expected}"
        );
    }

    #[test]
    fn derivatives_are_those_of_the_value() {
        let h = 1e-5;
        for (t, v) in
            [(0.01, 0.5), (0.7, 0.1), (0.7, 0.5), (0.7, 0.99), (3.0, 0.3), (3.0, 0.9), (8.0, 0.5)]
        {
            let scale = 4.0;
            let at = |dt: f64, dv: f64| saturation(t + dt, v + dv, scale);
            let slope = |of: fn(&Saturation) -> f64, dt: f64, dv: f64| {
                (of(&at(dt, dv)) - of(&at(-dt, -dv))) / (2.0 * h)
            };
            let here = at(0.0, 0.0);
            assert!((here.value - logarithm(t, v, scale)).abs() < 1e-14 * here.value);
            near(here.t, slope(|s| s.value, h, 0.0), "t");
            near(here.v, slope(|s| s.value, 0.0, h), "v");
            near(here.tt, slope(|s| s.t, h, 0.0), "tt");
            near(here.tv, slope(|s| s.t, 0.0, h), "tv");
            near(here.tv, slope(|s| s.v, h, 0.0), "vt");
            near(here.vv, slope(|s| s.v, 0.0, h), "vv");
        }
    }

    #[test]
    fn both_ends_are_reached_and_joined() {
        let full = saturation(2.0, 1.0, 4.0);
        assert!((full.value - 2.0).abs() < 1e-15 && (full.t - 1.0).abs() < 1e-15);
        let none = saturation(2.0, 0.0, 4.0);
        assert_eq!((none.value, none.t, none.v), (0.0, 0.0, 4.0));
        // r = R: the two ways of counting meet.
        let (r, v) = (4.0_f64, 0.5);
        let (a, b) = (few_repeats(r, 1.0, v, 4.0), many_repeats(r, 1.0, v, 4.0));
        for (a, b) in [(a.g, b.g), (a.v, b.v), (a.rr, b.rr), (a.rv, b.rv), (a.vv, b.vv)] {
            // A few roundings each.
            assert!((a - b).abs() < 1e-14 * b.abs(), "{a} and {b}");
        }
    }
}
