//! The layout of a panel: axes, ticks and margins, computed before anything is drawn.

use crate::backends::scene::Rect;
use crate::backends::text::{self, Weight};
use crate::error::PlotError;
use crate::layout::coordinates::Frame;
use crate::layout::legend::{self, Entry};
use crate::layout::ticks::Tick;
use crate::marks::heat::ColorBar;
use crate::model::axis::{Axis, ResolvedAxis};
use crate::model::colors::ColorScale;
use crate::model::figure::{Legend, Panel};
use crate::model::layer::Layer;
use crate::theme;

/// Pixels between the labels of an ordinate.
const LABEL_DISTANCE: f64 = 30.0;
/// The least side of a frame, in pixels.
const LEAST_SIDE: f64 = 60.0;

/// Room on each side of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Margins {
    pub(crate) left: f64,
    pub(crate) right: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

impl Margins {
    pub(crate) fn inside(&self, cell: &Rect) -> Rect {
        Rect::new(
            cell.left + self.left,
            cell.top + self.top,
            cell.right - self.right,
            cell.bottom - self.bottom,
        )
    }
}

/// A panel with its axes, title and legend resolved, and its place not yet.
pub(crate) struct PanelLayout<'a> {
    pub(crate) panel: &'a Panel,
    pub(crate) title: String,
    pub(crate) x: ResolvedAxis,
    pub(crate) y: ResolvedAxis,
    /// Scale of the heat map, if there is one.
    pub(crate) colors: Option<ColorScale>,
    pub(crate) legend: Legend,
}

/// The ticks, the colour bar and the legend entries around a frame of a given size.
pub(crate) struct Decorations<'a> {
    pub(crate) x_ticks: Vec<Tick>,
    pub(crate) y_ticks: Vec<Tick>,
    pub(crate) bar: Option<ColorBar>,
    pub(crate) entries: Vec<Entry<'a>>,
}

impl<'a> PanelLayout<'a> {
    /// Checks a panel and computes its axes.
    pub(crate) fn new(panel: &'a Panel, title: String) -> Result<PanelLayout<'a>, PlotError> {
        for layer in &panel.layers {
            layer.check(&panel.title, &panel.x, &panel.y)?;
        }
        let heat = panel.layers.iter().find_map(|layer| match layer {
            Layer::Heat(heat) => Some(heat),
            _ => None,
        });
        if !panel.layers.iter().any(|layer| layer.shows(panel.x.scale, panel.y.scale)) {
            return Err(PlotError::NoFiniteData { panel: panel.title.clone() });
        }
        let extents = panel.layers.iter().map(|layer| layer.extent(panel.x.scale, panel.y.scale));
        let (xs, ys): (Vec<_>, Vec<_>) = extents.unzip();
        let padding = if heat.is_some() { 0.0 } else { 0.05 };
        let x = panel.x.resolve("x", &panel.title, &xs.concat(), padding)?;
        let y = panel.y.resolve("y", &panel.title, &ys.concat(), padding)?;
        let colors = heat.map(|heat| heat.resolve(&panel.title)).transpose()?;
        let named = panel.layers.iter().any(|layer| !layer.name().is_empty());
        let legend = if named { panel.legend } else { Legend::None };
        Ok(PanelLayout { panel, title, x, y, colors, legend })
    }

    pub(crate) fn frame(&self, rect: Rect) -> Frame {
        Frame { rect, x: self.x, y: self.y }
    }

    /// The decorations around a frame of this size.
    pub(crate) fn decorations(&self, width: f64, height: f64) -> Decorations<'a> {
        let bar = self.panel.layers.iter().find_map(|layer| match (layer, self.colors) {
            (Layer::Heat(heat), Some(colors)) => Some(ColorBar::new(heat, colors, height)),
            _ => None,
        });
        let y_ticks = ticks(&self.panel.y, &self.y, (height / LABEL_DISTANCE) as usize);
        Decorations {
            x_ticks: abscissa(&self.panel.x, &self.x, width),
            y_ticks,
            bar,
            entries: legend::entries(&self.panel.layers),
        }
    }

    /// The room its labels need around a frame in a cell of the given size. Ticks depend on the
    /// size of the frame, and the frame on the room for ticks, so the margins are computed twice.
    pub(crate) fn margins(&self, cell: &Rect) -> Margins {
        let first = self.margins_of_frame(cell.width() - 80.0, cell.height() - 70.0);
        self.margins_of_frame(
            cell.width() - first.left - first.right,
            cell.height() - first.top - first.bottom,
        )
    }

    fn margins_of_frame(&self, width: f64, height: f64) -> Margins {
        let decorations = self.decorations(width, height);
        let title =
            if self.title.is_empty() { theme::GAP } else { 1.25 * theme::TITLE + theme::GAP };
        let caption = |axis: &crate::Axis| {
            if axis.caption().is_empty() { 0.0 } else { theme::GAP + 1.2 * theme::LABEL }
        };
        let beside = match self.legend {
            Legend::Right => 2.0 * theme::GAP + legend::column(&decorations.entries).0,
            _ => 0.0,
        };
        let below = match self.legend {
            Legend::Below => theme::GAP + legend::rows_height(&decorations.entries, width),
            _ => 0.0,
        };
        let bar = decorations.bar.as_ref().map_or(0.0, ColorBar::width);
        Margins {
            left: theme::TICK + 3.0 + widest(&decorations.y_ticks) + caption(&self.panel.y),
            right: (bar + beside).max(overhang(&self.x, &decorations.x_ticks, width)),
            top: title,
            bottom: theme::TICK + 3.0 + 1.1 * theme::SMALL + caption(&self.panel.x) + below,
        }
    }

    /// Refuses a frame too small to read.
    pub(crate) fn check_room(&self, frame: &Rect) -> Result<(), PlotError> {
        let (width, height) = (frame.width(), frame.height());
        if width >= LEAST_SIDE && height >= LEAST_SIDE {
            return Ok(());
        }
        Err(PlotError::TooSmall { panel: self.panel.title.clone(), width, height })
    }
}

/// The names of an axis that has them, else numbers.
fn ticks(axis: &Axis, span: &ResolvedAxis, room: usize) -> Vec<Tick> {
    if axis.names.is_empty() {
        return span.ticks(room);
    }
    let tick = |(value, name): &(f64, String)| Tick { value: *value, label: name.clone() };
    axis.names.iter().map(tick).collect()
}

/// The marks of an abscissa: as many as stand apart.
fn abscissa(axis: &Axis, span: &ResolvedAxis, width: f64) -> Vec<Tick> {
    let mut room = (width / 34.0) as usize;
    loop {
        let ticks = ticks(axis, span, room);
        if room <= 2 || !axis.names.is_empty() || stand_apart(span, &ticks, width) {
            return ticks;
        }
        room -= 1;
    }
}

fn stand_apart(span: &ResolvedAxis, ticks: &[Tick], width: f64) -> bool {
    let mut ends: Vec<(f64, f64)> =
        ticks.iter().filter_map(|tick| ends(span, tick, width)).collect();
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    ends.windows(2).all(|pair| pair[1].0 - pair[0].1 >= 9.0)
}

/// Left and right end of a mark's label, from the left end of the axis.
fn ends(span: &ResolvedAxis, tick: &Tick, width: f64) -> Option<(f64, f64)> {
    let middle = span.fraction(tick.value)? * width;
    let half = text::width(&tick.label, theme::SMALL, Weight::Regular) / 2.0;
    (half > 0.0).then_some((middle - half, middle + half))
}

/// How far the last label reaches beyond the axis.
fn overhang(span: &ResolvedAxis, ticks: &[Tick], width: f64) -> f64 {
    let beyond =
        ticks.iter().filter_map(|tick| ends(span, tick, width)).map(|(_, right)| right - width);
    beyond.fold(theme::GAP, f64::max)
}

pub(crate) fn widest(ticks: &[Tick]) -> f64 {
    ticks
        .iter()
        .map(|tick| text::width(&tick.label, theme::SMALL, Weight::Regular))
        .fold(0.0, f64::max)
}
