//! What a panel shows: plain structs that hold data and a role, no pixels.

use crate::error::PlotError;
use crate::model::axis::{Axis, Scale};
use crate::model::grid::{Contours, Heat};
use crate::theme::Color;

/// How a line is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dash {
    /// Unbroken.
    #[default]
    Solid,
    /// Long strokes.
    Dashed,
    /// Dots.
    Dotted,
    /// A stroke and a dot in turn.
    DashDot,
}

impl Dash {
    /// Lengths of strokes and gaps in turn, in line widths; empty for an unbroken line.
    pub(crate) fn pattern(self) -> &'static [f64] {
        match self {
            Dash::Solid => &[],
            Dash::Dashed => &[4.5, 2.6],
            Dash::Dotted => &[1.1, 2.0],
            Dash::DashDot => &[5.0, 2.0, 1.1, 2.0],
        }
    }
}

/// The shape of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marker {
    /// A disc.
    #[default]
    Circle,
    /// A square.
    Square,
    /// A triangle that points up.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A triangle that points down.
    Wedge,
    /// A diagonal cross.
    Cross,
}

impl Marker {
    /// Six markers in a fixed order, then around again: the companion of [`Color::Series`].
    ///
    /// ```
    /// use asymscale_plots::Marker;
    /// assert_eq!(Marker::series(0), Marker::Circle);
    /// assert_eq!(Marker::series(7), Marker::Square);
    /// ```
    pub fn series(i: usize) -> Marker {
        use Marker::{Circle, Cross, Diamond, Square, Triangle, Wedge};
        [Circle, Square, Triangle, Diamond, Wedge, Cross][i % 6]
    }
}

/// A line, for theory. NaN breaks it; ±∞, and a value ≤ 0 on a log axis, leaves through the frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Name in the legend; empty for none. Layers of one panel with equal names share an entry.
    pub name: String,
    /// Abscissa and ordinate of each node.
    pub points: Vec<(f64, f64)>,
    /// Its colour.
    pub color: Color,
    /// How it is broken.
    pub dash: Dash,
    /// Width in pixels.
    pub width: f64,
}

impl Default for Line {
    fn default() -> Line {
        Line {
            name: String::new(),
            points: Vec::new(),
            color: Color::Ink,
            dash: Dash::Solid,
            width: 1.6,
        }
    }
}

/// Measured points with optional intervals. A point without a finite abscissa, or with a NaN, is
/// left out; one above or below the frame is shown by an arrow at its edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// Name in the legend; empty for none.
    pub name: String,
    /// Abscissa and ordinate of each point.
    pub points: Vec<(f64, f64)>,
    /// Lower and upper end of each point's interval, absolute; empty, or one for each point. NaN
    /// ends draw no bar. A bar that passes the frame is cut there.
    pub intervals: Vec<(f64, f64)>,
    /// Its colour.
    pub color: Color,
    /// Its shape.
    pub marker: Marker,
    /// Filled, or an outline on white.
    pub filled: bool,
}

impl Default for Points {
    fn default() -> Points {
        Points {
            name: String::new(),
            points: Vec::new(),
            intervals: Vec::new(),
            color: Color::Series(0),
            marker: Marker::Circle,
            filled: true,
        }
    }
}

/// A shaded interval along the abscissa.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// Name in the legend; empty for none.
    pub name: String,
    /// Abscissa, lower and upper ordinate of each node; a NaN breaks the band.
    pub nodes: Vec<(f64, f64, f64)>,
    /// Its colour, drawn translucent.
    pub color: Color,
}

impl Default for Band {
    fn default() -> Band {
        Band { name: String::new(), nodes: Vec::new(), color: Color::Series(0) }
    }
}

/// Vertical bars from a baseline to their values, such as a histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Name in the legend; empty for none.
    pub name: String,
    /// Left end, right end and height of each bar. They stand on 0, on a log axis on its lower end.
    pub bars: Vec<(f64, f64, f64)>,
    /// Their colour.
    pub color: Color,
}

impl Default for Bars {
    fn default() -> Bars {
        Bars { name: String::new(), bars: Vec::new(), color: Color::Series(0) }
    }
}

/// Which way a reference line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// At a fixed abscissa.
    Vertical,
    /// At a fixed ordinate.
    Horizontal,
}

/// A straight line across the panel with its label beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Which way it runs.
    pub direction: Direction,
    /// The abscissa of a vertical, the ordinate of a horizontal line.
    pub at: f64,
    /// Drawn along the line, off the data as far as possible; empty for none.
    pub label: String,
    /// Its colour.
    pub color: Color,
    /// How it is broken.
    pub dash: Dash,
}

impl Reference {
    /// A dashed grey line at a fixed abscissa.
    ///
    /// ```
    /// use asymscale_plots::{Direction, Reference};
    /// assert_eq!(Reference::vertical(30.0, "rank").direction, Direction::Vertical);
    /// ```
    pub fn vertical(at: f64, label: impl Into<String>) -> Reference {
        let direction = Direction::Vertical;
        Reference { direction, at, label: label.into(), color: Color::Muted, dash: Dash::Dashed }
    }

    /// A dashed grey line at a fixed ordinate.
    ///
    /// ```
    /// use asymscale_plots::{Direction, Reference};
    /// assert_eq!(Reference::horizontal(0.1, "floor").direction, Direction::Horizontal);
    /// ```
    pub fn horizontal(at: f64, label: impl Into<String>) -> Reference {
        Reference { direction: Direction::Horizontal, ..Reference::vertical(at, label) }
    }
}

/// A remark at a place of the panel; it is moved inwards rather than cut at the frame.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// What it says.
    pub text: String,
    /// Abscissa and ordinate of its middle.
    pub at: (f64, f64),
    /// Its colour.
    pub color: Color,
}

/// One layer of a panel. Kinds are drawn in a fixed order, from heat maps over bands, bars,
/// reference lines, lines and contours to points and words; layers of one kind in the caller's
/// order.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    /// A line.
    Line(Line),
    /// Points with intervals.
    Points(Points),
    /// A shaded interval.
    Band(Band),
    /// Bars.
    Bars(Bars),
    /// A straight line across the panel.
    Reference(Reference),
    /// A remark.
    Note(Note),
    /// A heat map with its colour bar.
    Heat(Heat),
    /// Lines of equal value.
    Contours(Contours),
}

macro_rules! into_layer {
    ($($kind:ident),*) => { $(
        impl From<$kind> for Layer {
            fn from(layer: $kind) -> Layer {
                Layer::$kind(layer)
            }
        }
    )* };
}
into_layer!(Line, Points, Band, Bars, Reference, Note, Heat, Contours);

impl Layer {
    /// The name in the legend; empty for none.
    ///
    /// ```
    /// use asymscale_plots::{Layer, Line, Reference};
    /// let line: Layer = Line { name: "theory".into(), ..Line::default() }.into();
    /// assert_eq!((line.name(), Layer::from(Reference::vertical(1.0, "x")).name()), ("theory", ""));
    /// ```
    pub fn name(&self) -> &str {
        match self {
            Layer::Line(layer) => &layer.name,
            Layer::Points(layer) => &layer.name,
            Layer::Band(layer) => &layer.name,
            Layer::Bars(layer) => &layer.name,
            Layer::Contours(layer) => &layer.name,
            Layer::Reference(_) | Layer::Note(_) | Layer::Heat(_) => "",
        }
    }

    /// Refuses columns of different lengths and grids that no axis can show.
    pub(crate) fn check(&self, panel: &str, x: &Axis, y: &Axis) -> Result<(), PlotError> {
        match self {
            Layer::Points(p) if !p.intervals.is_empty() && p.intervals.len() != p.points.len() => {
                Err(PlotError::Length {
                    panel: panel.into(),
                    layer: p.name.clone(),
                    what: "intervals",
                    found: p.intervals.len(),
                    expected: p.points.len(),
                })
            }
            Layer::Heat(heat) => heat.check(panel, x, y),
            Layer::Contours(contours) => contours.grid.check(panel, "contours", x, y),
            _ => Ok(()),
        }
    }

    /// All abscissas and ordinates that an automatic range must show.
    pub(crate) fn extent(&self, x: Scale, y: Scale) -> (Vec<f64>, Vec<f64>) {
        match self {
            Layer::Line(l) => l.points.iter().copied().unzip(),
            Layer::Points(p) => {
                let (xs, mut ys): (Vec<f64>, Vec<f64>) = p.points.iter().copied().unzip();
                ys.extend(p.intervals.iter().flat_map(|&(low, high)| [low, high]));
                (xs, ys)
            }
            Layer::Band(b) => (
                b.nodes.iter().map(|n| n.0).collect(),
                b.nodes.iter().flat_map(|n| [n.1, n.2]).collect(),
            ),
            Layer::Bars(b) => {
                let foot = if y == Scale::Linear { 0.0 } else { f64::NAN };
                let ys = b.bars.iter().map(|n| n.2).chain([foot]).collect();
                (b.bars.iter().flat_map(|n| [n.0, n.1]).collect(), ys)
            }
            Layer::Reference(r) if r.direction == Direction::Vertical => (vec![r.at], Vec::new()),
            Layer::Reference(r) => (Vec::new(), vec![r.at]),
            Layer::Note(n) => (vec![n.at.0], vec![n.at.1]),
            Layer::Heat(h) => (h.grid.edges_x(x), h.grid.edges_y(y)),
            Layer::Contours(c) => (c.grid.x.clone(), c.grid.y.clone()),
        }
    }

    /// Whether the layer has data, as opposed to a remark about them, that the axes can show.
    pub(crate) fn shows(&self, x: Scale, y: Scale) -> bool {
        let both = |a: f64, b: f64| x.transform(a).is_some() && y.transform(b).is_some();
        match self {
            Layer::Line(l) => l.points.iter().any(|p| both(p.0, p.1)),
            Layer::Points(p) => p.points.iter().any(|p| both(p.0, p.1)),
            Layer::Band(b) => b.nodes.iter().any(|n| both(n.0, n.1) || both(n.0, n.2)),
            Layer::Bars(b) => b.bars.iter().any(|n| both(n.0, n.2) && x.transform(n.1).is_some()),
            Layer::Heat(_) | Layer::Contours(_) => true,
            Layer::Reference(_) | Layer::Note(_) => false,
        }
    }
}
