//! A weight spread over activities: what a count leaves open of one feature, or features that were
//! not seen.

/// A weight over cells of `ln p`, constant within each cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spread {
    /// `ln p` where cells meet, ascending, one more than cells.
    edges: Vec<f64>,
    /// The weight below each edge.
    weight: Vec<f64>,
    /// The weight below each edge, each part times its activity.
    mass: Vec<f64>,
}

impl Spread {
    /// Cells as wide as each other from `low` on, with these weights.
    pub(super) fn new(low: f64, step: f64, weights: &[f64]) -> Self {
        let edges: Vec<f64> = (0..=weights.len()).map(|k| low + step * k as f64).collect();
        let (mut weight, mut mass) = (vec![0.0], vec![0.0]);
        for (k, w) in weights.iter().enumerate() {
            let middle = (0.5 * (edges[k] + edges[k + 1])).exp();
            weight.push(weight[k] + w);
            mass.push(mass[k] + w * middle);
        }
        Self { edges, weight, mass }
    }

    /// All of the weight.
    pub(super) fn total(&self) -> f64 {
        self.weight[self.weight.len() - 1]
    }

    /// The mean activity.
    pub(super) fn mean(&self) -> f64 {
        self.mass[self.mass.len() - 1] / self.total()
    }

    /// The mean of `p^power`.
    pub(super) fn moment(&self, power: f64) -> f64 {
        let cells = self.edges.windows(2).zip(self.weight.windows(2));
        let sum: f64 =
            cells.map(|(y, w)| (w[1] - w[0]) * (0.5 * power * (y[0] + y[1])).exp()).sum();
        sum / self.total()
    }

    /// The activity below which this share of the weight is.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let (cell, within) = self.find(share * self.total());
        (self.edges[cell] + within * (self.edges[cell + 1] - self.edges[cell])).exp()
    }

    /// The mean activity of each of so many parts of equal weight, ascending: their mean is that of
    /// the whole.
    pub(super) fn parts(&self, parts: usize) -> Vec<f64> {
        let below = |part: usize| {
            let (cell, within) = self.find(self.total() * part as f64 / parts as f64);
            (cell, self.mass[cell] + within * (self.mass[cell + 1] - self.mass[cell]))
        };
        let weight = self.total() / parts as f64;
        let mut last = below(0);
        let part = |part: usize| {
            let now = below(part + 1);
            // Within one cell all is at its middle, and no digits are lost.
            let mean = if now.0 == last.0 {
                (0.5 * (self.edges[now.0] + self.edges[now.0 + 1])).exp()
            } else {
                (now.1 - last.1) / weight
            };
            last = now;
            mean
        };
        (0..parts).map(part).collect()
    }

    /// The cell that holds the point with this weight below it, and how far it is within the cell.
    fn find(&self, weight: f64) -> (usize, f64) {
        let above = self.weight.partition_point(|&below| below < weight);
        let cell = above.clamp(1, self.weight.len() - 1) - 1;
        let width = self.weight[cell + 1] - self.weight[cell];
        let within =
            if width > 0.0 { ((weight - self.weight[cell]) / width).clamp(0.0, 1.0) } else { 1.0 };
        (cell, within)
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn parts_share_the_mean_and_quantiles_cut_the_weight() {
        let weights: Vec<f64> = (0..50).map(|k| f64::from(k % 7)).collect();
        let spread = Spread::new(-9.0, 0.1, &weights);
        for parts in [1, 3, 400] {
            let means = spread.parts(parts);
            // To rounding, where a part of two cells is next to one within a cell.
            assert!(means.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-9)), "{parts}");
            let mean = means.iter().sum::<f64>() / parts as f64;
            assert!((mean / spread.mean() - 1.0).abs() < 1e-12, "{parts}");
        }
        assert!((spread.moment(1.0) / spread.mean() - 1.0).abs() < 1e-12);
        // The last cell, from -4.1 to -4, has no weight.
        assert!((spread.quantile(1.0).ln() + 4.1).abs() < 1e-12);
    }
}
