//! The mean field of Adagrad over one pass.

use asymscale_model::SparseModel;

/// Coordinates taken one by one; beyond, a node stands for a stretch of them.
const LISTED: u32 = 64;
/// Width of a stretch in the logarithm.
const STRETCH: f64 = 0.08;
/// The last stretch ends here: what is beyond is `1e-7` of a spectrum with `α = 1/2`, and less of
/// steeper ones.
const LAST: f64 = 1e14;
/// A step of time over the time.
const STEP: f64 = 0.02;

/// A stretch of coordinates.
struct Node {
    count: f64,
    eigenvalue: f64,
    activity: f64,
    energy: f64,
}

/// The loss of Adagrad, `θ ← θ + η p/√S`, after each of ascending numbers of steps `t ≥ 1` of one
/// sample, if the sums of squares are replaced by their means; infinitely many coordinates, an iid
/// teacher.
///
/// A sample in which coordinate `i` is active adds `x_i² r²` to its sum, in the mean
/// `λ_i L` a step, as the rest of the residual is independent of `x_i`; after `t` steps the sum is
/// `λ_i M` with `M(t) = L(0) + … + L(t − 1)`. Then a sighting shrinks the error `e_i` by the factor
/// `1 − η √(λ_i/M)/p_i`, taken for `exp(−η √(λ_i/M)/p_i)`, so that it cannot overshoot, and its
/// noise adds `η² L/(p_i M)` to the square, never more than `η²`. For `v_i = E e_i²` this is
///
/// ```text
/// dv_i/dt = −p_i [1 − exp(−2η √(λ_i/M)/p_i)] v_i + η² min(p_i, L/M),     L = Σ λ_i v_i
/// ```
///
/// Fluctuations of the sums and of residuals are left out, which is all of its error. Cost: some
/// 10 ms.
///
/// ```
/// use asymscale_model::SparseModel;
/// use paper_repro::kit::adagrad_mean_field;
/// let losses = adagrad_mean_field(&SparseModel::power_law(1.0, 2.5, 1.0)?, 0.5, &[1000, 100_000]);
/// // The exponent tends to α/β.
/// assert!(((losses[0] / losses[1]).log10() / 2.0 - 0.4).abs() < 0.02);
/// # Ok::<(), asymscale_model::ModelError>(())
/// ```
pub fn adagrad_mean_field(model: &SparseModel, rate: f64, steps: &[u64]) -> Vec<f64> {
    let mut nodes = nodes(model);
    let loss =
        |nodes: &[Node]| nodes.iter().rev().map(|n| n.count * n.eigenvalue * n.energy).sum::<f64>();
    let mut now = loss(&nodes);
    let (mut time, mut sum) = (0.0, now);
    let mut losses = Vec::with_capacity(steps.len());
    for step in steps {
        let end = *step as f64;
        while time < end {
            let stride = (STEP * time).max(STEP).min(end - time);
            for node in &mut nodes {
                let pull = 2.0 * rate * (node.eigenvalue / sum).sqrt() / node.activity;
                let decay = -node.activity * (-pull).exp_m1();
                let rest = rate * rate * node.activity.min(now / sum) / decay;
                node.energy = rest + (node.energy - rest) * (-decay * stride).exp();
            }
            sum += stride * now;
            now = loss(&nodes);
            time += stride;
        }
        losses.push(now);
    }
    losses
}

fn nodes(model: &SparseModel) -> Vec<Node> {
    let node = |index: f64, count: f64| Node {
        count,
        eigenvalue: model.eigenvalue(index),
        activity: model.activity(index),
        energy: 1.0,
    };
    let mut nodes: Vec<Node> = (1..=LISTED).map(|i| node(f64::from(i), 1.0)).collect();
    let mut from = f64::from(LISTED) + 0.5;
    while from < LAST {
        let to = from * STRETCH.exp();
        nodes.push(node((from * to).sqrt(), to - from));
        from = to;
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sum over the first 2e5 coordinates leaves out 4e-6 of an unseen mass of 3e-4.
    #[test]
    fn it_begins_at_the_variance_and_ends_above_the_unseen_mass() {
        let model = SparseModel::power_law(1.0, 1.5, 1.0).unwrap();
        let steps: Vec<u64> = (0..18).map(|k| 1 << k).collect();
        let losses = adagrad_mean_field(&model, 0.5, &steps);
        assert!(losses.windows(2).all(|pair| pair[1] < pair[0]));
        assert!(losses[0] < model.total_variance());
        let unseen = |d: u64| {
            let sum = |i: u32| {
                let (p, lambda) = (model.activity(f64::from(i)), model.eigenvalue(f64::from(i)));
                lambda * (1.0 - p).powf(d as f64)
            };
            (1..200_000).map(sum).sum::<f64>()
        };
        assert!(losses[17] > unseen(1 << 17) && losses[17] < 2.0 * unseen(1 << 17));
    }
}
