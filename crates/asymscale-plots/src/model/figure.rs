//! Figures and panels: what they show and how large they are. `compose.rs` draws them.

use super::axis::Axis;
use super::layer::Layer;

/// Where the legend of a panel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legend {
    /// In a corner of the panel that is free of data; below the panel if none is.
    #[default]
    Auto,
    /// In the corner of the panel that covers least.
    Inside,
    /// Beside the panel.
    Right,
    /// Below the panel.
    Below,
    /// Nowhere.
    None,
}

/// One coordinate system with its layers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// Stands above the panel; errors name the panel by it.
    pub title: String,
    /// The abscissa.
    pub x: Axis,
    /// The ordinate.
    pub y: Axis,
    /// What it shows.
    pub layers: Vec<Layer>,
    /// Where its legend stands; layers without a name are not in it.
    pub legend: Legend,
    /// A smaller panel inside its frame.
    pub inset: Option<Box<Inset>>,
}

/// A panel inside the frame of another, such as an enlarged detail. It has no legend of its own:
/// its layers go by the colours and shapes of the panel around it.
///
/// ```
/// use asymscale_plots::{Axis, Figure, Inset, Line, Panel};
/// let curve = Line { points: vec![(1.0, 1.0), (2.0, 9.0), (3.0, 1.0)], ..Line::default() };
/// let (x, y) = (Axis::linear("$N$", "").range(1.5, 2.5), Axis::linear("", ""));
/// let panel = Panel::new("", x, y).with(curve.clone());
/// let around = Panel::new("", Axis::linear("$N$", ""), Axis::linear("$L$", "")).with(curve);
/// let panels = vec![around.inset(Inset { panel, place: [0.5, 0.1, 1.0, 0.6] })];
/// assert!(Figure { panels, ..Figure::default() }.to_svg()?.contains("<svg"));
/// # Ok::<(), asymscale_plots::PlotError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inset {
    /// The panel.
    pub panel: Panel,
    /// Left, lower, right and upper end of the place it takes with its labels, as shares of the
    /// frame around it, from 0 to 1.
    pub place: [f64; 4],
}

impl Panel {
    /// An empty panel.
    pub fn new(title: impl Into<String>, x: Axis, y: Axis) -> Panel {
        let (layers, inset) = (Vec::new(), None);
        Panel { title: title.into(), x, y, layers, legend: Legend::Auto, inset }
    }

    /// The same panel with one more layer.
    #[must_use]
    pub fn with(mut self, layer: impl Into<Layer>) -> Panel {
        self.layers.push(layer.into());
        self
    }

    /// The same panel with its legend elsewhere.
    #[must_use]
    pub fn legend(self, legend: Legend) -> Panel {
        Panel { legend, ..self }
    }

    /// The same panel with a smaller one inside.
    #[must_use]
    pub fn inset(self, inset: Inset) -> Panel {
        Panel { inset: Some(Box::new(inset)), ..self }
    }
}

/// A figure: panels in rows, read from left to right and top to bottom; with more than one, each
/// gets a letter.
///
/// All texts understand a little TeX between dollar signs: `$D^{-\alpha/\beta}$`,
/// `$N = \operatorname{rank} X$`.
///
/// ```
/// use asymscale_plots::{Axis, Figure, Line, Panel};
/// let panel = Panel::new("decay", Axis::log("samples $D$", ""), Axis::log("loss", ""))
///     .with(Line { points: vec![(1.0, 1.0), (100.0, 0.1)], ..Line::default() });
/// let svg = Figure { title: "A power law".into(), panels: vec![panel], ..Figure::default() }.to_svg()?;
/// assert!(svg.starts_with("<svg") && svg.contains("<title>A power law</title>"));
/// # Ok::<(), asymscale_plots::PlotError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its title, for screen readers; drawn on top if `heading` is set.
    pub title: String,
    /// A description of what it shows, for screen readers.
    pub description: String,
    /// Whether the title is drawn.
    pub heading: bool,
    /// The panels, row by row.
    pub panels: Vec<Panel>,
    /// How many panels stand side by side.
    pub columns: usize,
    /// Width in pixels, in [120, 10000].
    pub width: f64,
    /// Height in pixels, in [120, 10000].
    pub height: f64,
    /// Written into the file's metadata as `key: value` lines, in this order.
    pub metadata: Vec<(String, String)>,
}

impl Default for Figure {
    /// One column, 560 × 400 pixels, no heading.
    fn default() -> Figure {
        Figure {
            title: String::new(),
            description: String::new(),
            heading: false,
            panels: Vec::new(),
            columns: 1,
            width: 560.0,
            height: 400.0,
            metadata: Vec::new(),
        }
    }
}
