//! What the figures of the page share: size, ranges of axes, and SVG that stands beside other SVG.

use crate::cli::Failure;
use asymscale_plots::{Axis, Color, Figure, Line, Marker, Panel, Points};
use serde_json::{Value as Json, json};

/// Width and height of a figure on a wide and on a narrow page.
const SIZES: [(f64, f64); 2] = [(560.0, 360.0), (370.0, 320.0)];

/// A figure with its name in the page, its words, and where its numbers go.
pub(crate) struct Drawn {
    /// Its name in the page.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) panel: Panel,
}

impl Drawn {
    /// The figure in JSON, with its SVG. Names inside the SVG begin with that of the figure, as
    /// those of a whole page must differ.
    pub(crate) fn json(self, narrow: bool) -> Result<Json, Failure> {
        let (width, height) = SIZES[usize::from(narrow)];
        let numbers = lines(&self.panel);
        let figure = Figure {
            title: self.title.clone(),
            description: self.description.clone(),
            panels: vec![self.panel],
            width,
            height,
            ..Figure::default()
        };
        let svg = figure.to_svg().map_err(|error| Failure::Work(error.into()))?;
        let name = self.name;
        let svg = svg.replace("<path id=\"g", &format!("<path id=\"{name}-g"));
        let svg = svg.replace("href=\"#g", &format!("href=\"#{name}-g"));
        Ok(json!({
            "name": name,
            "title": self.title,
            "description": self.description,
            "svg": svg,
            "lines": numbers,
        }))
    }
}

/// The numbers of a panel's lines and points, to be saved.
fn lines(panel: &Panel) -> Vec<Json> {
    let number = |value: f64| if value.is_finite() { json!(value) } else { Json::Null };
    let one = |name: &str, points: &[(f64, f64)]| {
        let points: Vec<Json> = points.iter().map(|(x, y)| json!([x, number(*y)])).collect();
        json!({ "name": name, "points": points })
    };
    let layer = |layer: &asymscale_plots::Layer| match layer {
        asymscale_plots::Layer::Line(line) => Some(one(&line.name, &line.points)),
        asymscale_plots::Layer::Points(found) => Some(one(&found.name, &found.points)),
        _ => None,
    };
    panel.layers.iter().filter_map(layer).collect()
}

/// Numbers at equal ratios, both ends among them.
pub(crate) fn spaced(low: f64, high: f64, count: usize) -> Vec<f64> {
    let at = |k: usize| low * (high / low).powf(k as f64 / (count - 1) as f64);
    (0..count).map(at).collect()
}

/// The power of ten above a number, in `1e1..=1e15`.
pub(crate) fn decade_above(value: f64) -> f64 {
    10f64.powi((value.max(1.0).log10() - 1e-9).ceil().clamp(1.0, 15.0) as i32)
}

/// A range for losses between these: whole steps of half a decade, so that it stays while a slider
/// moves a little.
pub(crate) fn half_decades(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = (low.max(1e-290).log10(), high.clamp(1e-280, 1e290).log10());
    let (low, high) = ((2.0 * low - 0.1).floor() / 2.0, (2.0 * high + 0.1).ceil() / 2.0);
    (10f64.powf(low), 10f64.powf(high.max(low + 0.5)))
}

/// An axis of losses that shows the finite ones among some values.
pub(crate) fn loss_axis(label: &str, values: impl Iterator<Item = f64>) -> Axis {
    let finite = values.filter(|value| value.is_finite() && *value > 0.0);
    let (low, high) =
        finite.fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    let axis = Axis::log(label, "");
    if low > high {
        return axis.range(1e-3, 1.0);
    }
    let (low, high) = half_decades(low, high);
    axis.range(low, high)
}

/// Where the sliders stand.
pub(crate) fn here(x: f64, y: f64) -> Points {
    Points {
        name: "your point".into(),
        points: vec![(x, y)],
        color: Color::Series(1),
        marker: Marker::Diamond,
        ..Points::default()
    }
}

/// A line of theory.
pub(crate) fn theory(name: impl Into<String>, points: Vec<(f64, f64)>, color: Color) -> Line {
    Line { name: name.into(), points, color, width: 2.0, ..Line::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_their_values_and_stay_while_these_move_a_little() {
        for (low, high) in [(0.02, 0.9), (1e-12, 3e-12), (0.5, 0.5), (1e-300, 1e300)] {
            let (from, to) = half_decades(low, high);
            assert!(from < to && from <= low.max(1e-290) && to >= high.min(1e290), "{from} {to}");
        }
        assert_eq!(half_decades(0.02, 0.8), half_decades(0.021, 0.75));
        assert_eq!(
            [decade_above(1.0), decade_above(1000.0), decade_above(1001.0)],
            [10.0, 1e3, 1e4]
        );
    }

    #[test]
    fn names_inside_a_figure_begin_with_its_own() {
        let panel =
            Panel::new("", Axis::log("$N$", ""), Axis::log("loss", "")).with(here(2.0, 3.0));
        let (title, description) = ("Loss".to_owned(), "A point.".to_owned());
        let drawn = Drawn { name: "loss-n", title, description, panel };
        let found = drawn.json(false).unwrap();
        let svg = found["svg"].as_str().unwrap();
        assert!(svg.contains("id=\"loss-n-g") && svg.contains("href=\"#loss-n-g"));
        assert!(!svg.contains("\"g0") && !svg.contains("\"#g"));
        assert_eq!(found["lines"][0]["points"], json!([[2.0, 3.0]]));
    }
}
