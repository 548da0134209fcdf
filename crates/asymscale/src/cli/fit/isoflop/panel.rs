//! `IsoFLOP` curves as a panel: runs of one compute against N, a parabola through each, and its
//! minimum.

use crate::cli::fit::answer::digits::digits;
use asymscale_plots::{Axis, Color, Dash, Line, Marker, Panel, Points};

/// Runs of one compute.
pub(in crate::cli::fit) struct IsoFlopCurve {
    pub(in crate::cli::fit) compute: f64,
    /// N and loss of the runs.
    pub(in crate::cli::fit) runs: Vec<(f64, f64)>,
    /// N and loss along the parabola in ln N.
    pub(in crate::cli::fit) parabola: Vec<(f64, f64)>,
    /// N and loss of its minimum, where it has one inside the runs.
    pub(in crate::cli::fit) minimum: Option<(f64, f64)>,
}

/// One colour, marker and line for each compute.
pub(in crate::cli::fit) fn isoflop(curves: &[IsoFlopCurve]) -> Panel {
    let mut panel = Panel::new("", Axis::log("parameters $N$", ""), Axis::log("loss", ""));
    for (k, curve) in curves.iter().enumerate() {
        let name = format!("$C$ = {}", digits(curve.compute));
        panel = panel
            .with(Line {
                name: name.clone(),
                points: curve.parabola.clone(),
                color: Color::Series(k),
                dash: [Dash::Solid, Dash::Dashed, Dash::Dotted, Dash::DashDot][k % 4],
                ..Line::default()
            })
            .with(Points {
                name,
                points: curve.runs.clone(),
                color: Color::Series(k),
                marker: Marker::series(k),
                ..Points::default()
            });
    }
    let minima: Vec<(f64, f64)> = curves.iter().filter_map(|curve| curve.minimum).collect();
    if minima.is_empty() {
        return panel;
    }
    panel.with(Points {
        name: "minima".into(),
        points: minima,
        color: Color::Ink,
        marker: Marker::Cross,
        ..Points::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(compute: f64, minimum: Option<(f64, f64)>) -> IsoFlopCurve {
        let parabola = |n: f64| (n, 2.5 + 0.1 * (n / 1e9).ln().powi(2));
        let at: Vec<(f64, f64)> = [3e8, 1e9, 3e9].map(parabola).to_vec();
        IsoFlopCurve { compute, runs: at.clone(), parabola: at, minimum }
    }

    #[test]
    fn every_compute_has_its_entry_and_minima_are_marked_where_there_are_some() {
        let names = |curves: &[IsoFlopCurve]| -> Vec<String> {
            isoflop(curves).layers.iter().map(|layer| layer.name().to_owned()).collect()
        };
        let with = names(&[curve(1e20, Some((1e9, 2.5))), curve(1e21, None)]);
        assert_eq!(
            with,
            ["$C$ = 1.00e20", "$C$ = 1.00e20", "$C$ = 1.00e21", "$C$ = 1.00e21", "minima"]
        );
        assert_eq!(names(&[curve(1e20, None)]).len(), 2);
    }
}
