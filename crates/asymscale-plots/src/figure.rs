//! Figures and panels, and how they become SVG.

use crate::axis::Axis;
use crate::document::Head;
use crate::draw;
use crate::error::PlotError;
use crate::frame::{draw_axes, draw_captions};
use crate::layer::Layer;
use crate::layout::{Margins, Plan, Rim};
use crate::legend::{self, Legend};
use crate::obstacles::Obstacles;
use crate::scene::{Label, Rect, Scene};
use crate::svg;
use crate::text::{self, Weight};
use crate::theme::{self, Color};

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
/// let inset = Inset { panel: Panel::new("", x, y).with(curve.clone()), place: [0.5, 0.1, 1.0, 0.6] };
/// let around = Panel::new("", Axis::linear("$N$", ""), Axis::linear("$L$", "")).with(curve);
/// let figure = Figure { panels: vec![around.inset(inset)], ..Figure::default() };
/// assert!(figure.to_svg()?.contains("<svg"));
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

impl Inset {
    /// The place it takes inside a frame.
    fn cell(&self, frame: &Rect) -> Rect {
        let [left, lower, right, upper] = self.place;
        let (x, y) = (
            |share: f64| frame.left + share * frame.width(),
            |share: f64| frame.bottom - share * frame.height(),
        );
        Rect::new(x(left), y(upper), x(right), y(lower))
    }
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
    /// What it is called, for readers that do not look; drawn on top if `heading` is set.
    pub title: String,
    /// What it shows, for readers that do not look.
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

impl Figure {
    /// The figure as SVG. Its bytes depend on the figure alone: no time, no random names.
    ///
    /// Text is drawn as outlines from fonts in this crate, so it looks the same in every viewer;
    /// titles, description and the plain text of every label remain readable for a screen reader.
    ///
    /// # Errors
    /// [`PlotError`] for a figure without panels, a size outside its range, a range an axis cannot
    /// show, columns of different lengths, a panel without finite data, or labels that leave no
    /// room for them. Values an axis cannot show are never an error: see the layers for how each
    /// treats them.
    pub fn to_svg(&self) -> Result<String, PlotError> {
        let scene = self.scene()?;
        svg::render(&scene, &self.head())
    }

    fn head(&self) -> Head<'_> {
        Head {
            title: &self.title,
            description: &self.description,
            metadata: &self.metadata,
            width: self.width,
            height: self.height,
        }
    }

    pub(crate) fn scene(&self) -> Result<Scene, PlotError> {
        self.check()?;
        let mut plans = self.plans()?;
        self.settle_legends(&mut plans);
        let mut scene = Scene::default();
        if self.heading {
            let size =
                text::fit(&self.title, theme::HEADING, Weight::Bold, self.width - 2.0 * theme::RIM);
            let at = (theme::RIM, theme::RIM + 0.5 * theme::HEADING);
            scene.text(Label { weight: Weight::Bold, ..Label::new(&self.title, at, size) });
        }
        let margins = self.margins(&plans);
        for (k, plan) in plans.iter().enumerate() {
            draw_panel(&mut scene, plan, &self.cell(k), &margins[k])?;
        }
        Ok(scene)
    }

    fn check(&self) -> Result<(), PlotError> {
        let panels = self.panels.len();
        if panels == 0 {
            return Err(PlotError::NoPanels);
        }
        if !(1..=panels).contains(&self.columns) {
            return Err(PlotError::Columns { columns: self.columns, panels });
        }
        for (side, value) in [("width", self.width), ("height", self.height)] {
            if !(120.0..=10_000.0).contains(&value) {
                return Err(PlotError::Size { side, value });
            }
        }
        Ok(())
    }

    fn plans(&self) -> Result<Vec<Plan<'_>>, PlotError> {
        let letters = self.panels.len() > 1;
        let title = |k: usize, panel: &Panel| match (letters, panel.title.is_empty()) {
            (false, _) => panel.title.clone(),
            (true, true) => format!("({})", letter(k)),
            (true, false) => format!("({}) {}", letter(k), panel.title),
        };
        self.panels.iter().enumerate().map(|(k, panel)| Plan::new(panel, title(k, panel))).collect()
    }

    /// The share of the figure that belongs to a panel, labels included.
    fn cell(&self, k: usize) -> Rect {
        let rows = self.panels.len().div_ceil(self.columns);
        let (row, column) = ((k / self.columns) as f64, (k % self.columns) as f64);
        let (across, down) = (2.4 * theme::RIM, 1.6 * theme::RIM);
        let top = theme::RIM + if self.heading { 1.3 * theme::HEADING + theme::GAP } else { 0.0 };
        let width = (self.width - 2.0 * theme::RIM - across * (self.columns - 1) as f64)
            / self.columns as f64;
        let height = (self.height - top - theme::RIM - down * (rows - 1) as f64) / rows as f64;
        let (left, top) = (theme::RIM + column * (width + across), top + row * (height + down));
        Rect::new(left, top, left + width, top + height)
    }

    /// Margins that panels of one column share at the sides, and of one row above and below, so
    /// that frames line up.
    fn margins(&self, plans: &[Plan<'_>]) -> Vec<Margins> {
        let own: Vec<Margins> =
            plans.iter().enumerate().map(|(k, plan)| plan.margins(&self.cell(k))).collect();
        let most = |of: fn(&Margins) -> f64, same: &dyn Fn(usize) -> bool| {
            own.iter().enumerate().filter(|(k, _)| same(*k)).map(|(_, m)| of(m)).fold(0.0, f64::max)
        };
        (0..own.len())
            .map(|k| {
                let column = |other: usize| other % self.columns == k % self.columns;
                let row = |other: usize| other / self.columns == k / self.columns;
                Margins {
                    left: most(|m| m.left, &column),
                    right: most(|m| m.right, &column),
                    top: most(|m| m.top, &row),
                    bottom: most(|m| m.bottom, &row),
                }
            })
            .collect()
    }

    /// Decides where automatic legends stand: inside if a corner is free, else below.
    fn settle_legends(&self, plans: &mut [Plan<'_>]) {
        let margins = self.margins(plans);
        for (k, plan) in
            plans.iter_mut().enumerate().filter(|(_, plan)| plan.legend == Legend::Auto)
        {
            let frame = margins[k].inside(&self.cell(k));
            let free = plan.colors.is_none() && covered(plan, &frame) == 0;
            plan.legend = if free { Legend::Inside } else { Legend::Below };
        }
    }
}

/// Draws one panel into its cell.
fn draw_panel(
    scene: &mut Scene,
    plan: &Plan<'_>,
    cell: &Rect,
    margins: &Margins,
) -> Result<(), PlotError> {
    let rect = margins.inside(cell);
    plan.check_room(&rect)?;
    let frame = plan.frame(rect);
    let rim = plan.rim(rect.width(), rect.height());
    draw_axes(scene, &frame, &rim, plan.colors.is_some());
    let before = scene.shapes.len();
    draw::layers(scene, &frame, &plan.panel.layers, plan.colors.as_ref());
    let mut obstacles = Obstacles::of(&scene.shapes[before..]);
    if let Some(inset) = &plan.panel.inset {
        draw_inset(scene, inset, &rect)?;
        obstacles.add(inset.cell(&rect));
    }
    draw_captions(scene, plan, &rect, &rim, cell);
    rim.bar.iter().for_each(|bar| bar.draw(scene, &rect));
    draw_legend(scene, plan, &rim, &rect, cell, &obstacles);
    Ok(())
}

/// Draws a panel inside the frame of another, on paper of its own.
fn draw_inset(scene: &mut Scene, inset: &Inset, frame: &Rect) -> Result<(), PlotError> {
    let plan = Plan::new(&inset.panel, inset.panel.title.clone())?;
    let plan = Plan { legend: Legend::None, ..plan };
    let cell = inset.cell(frame);
    scene.area(cell.corners(), Color::PAPER, 1.0);
    draw_panel(scene, &plan, &cell, &plan.margins(&cell))
}

/// Draws the legend in its settled place. Over a heat map, samples lie on a colour of its middle.
fn draw_legend(
    scene: &mut Scene,
    plan: &Plan<'_>,
    rim: &Rim<'_>,
    rect: &Rect,
    cell: &Rect,
    obstacles: &Obstacles,
) {
    let ground = plan.colors.map(|colors| colors.map.at(0.35));
    match plan.legend {
        Legend::Inside => {
            let (place, _) = legend::corner(&rim.entries, rect, obstacles);
            scene.area(place.grown(3.0).corners(), Color::PAPER, 0.85);
            legend::draw_column(scene, &rim.entries, (place.left, place.top), ground);
        }
        Legend::Right => {
            let (width, _) = legend::column(&rim.entries);
            legend::draw_column(scene, &rim.entries, (cell.right - width, rect.top), ground);
        }
        Legend::Below => {
            let top = cell.bottom - legend::rows_height(&rim.entries, rect.width());
            legend::draw_rows(scene, &rim.entries, (rect.left, top), rect.width(), ground);
        }
        Legend::Auto | Legend::None => {}
    }
}

/// How much the legend would cover in the best corner of a panel.
fn covered(plan: &Plan<'_>, frame: &Rect) -> usize {
    let mut content = Scene::default();
    draw::layers(&mut content, &plan.frame(*frame), &plan.panel.layers, plan.colors.as_ref());
    let mut obstacles = Obstacles::of(&content.shapes);
    plan.panel.inset.iter().for_each(|inset| obstacles.add(inset.cell(frame)));
    legend::corner(&legend::entries(&plan.panel.layers), frame, &obstacles).1
}

/// a, b, …, z, aa, ab, …
fn letter(k: usize) -> String {
    let last = char::from(b'a' + (k % 26) as u8);
    if k < 26 { last.into() } else { letter(k / 26 - 1) + &last.to_string() }
}
