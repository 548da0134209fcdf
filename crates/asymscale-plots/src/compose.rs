//! From a figure to its scene and to SVG: cells of panels, shared margins, the places of legends.
//!
//! `impl Figure` stands here and, for its values, in `model/figure.rs`.

use crate::backends::document::DocumentInfo;
use crate::backends::scene::{Label, Rect, Scene};
use crate::backends::svg;
use crate::backends::text::{self, Weight};
use crate::error::PlotError;
use crate::layout::legend;
use crate::layout::obstacles::Obstacles;
use crate::layout::panel::{Decorations, Margins, PanelLayout};
use crate::marks::axes::{draw_axes, draw_captions};
use crate::marks::layers as draw;
use crate::model::figure::{Figure, Inset, Legend, Panel};
use crate::theme::{self, Color};

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

    fn head(&self) -> DocumentInfo<'_> {
        DocumentInfo {
            title: &self.title,
            description: &self.description,
            metadata: &self.metadata,
            width: self.width,
            height: self.height,
        }
    }

    pub(crate) fn scene(&self) -> Result<Scene, PlotError> {
        self.check()?;
        let mut layouts = self.layouts()?;
        self.place_legends(&mut layouts);
        let mut scene = Scene::default();
        if self.heading {
            let size = text::fit(
                &self.title,
                theme::HEADING,
                Weight::Bold,
                self.width - 2.0 * theme::OUTER_MARGIN,
            );
            let at = (theme::OUTER_MARGIN, theme::OUTER_MARGIN + 0.5 * theme::HEADING);
            scene.text(Label { weight: Weight::Bold, ..Label::new(&self.title, at, size) });
        }
        let margins = self.margins(&layouts);
        for (k, layout) in layouts.iter().enumerate() {
            draw_panel(&mut scene, layout, &self.cell(k), &margins[k])?;
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

    fn layouts(&self) -> Result<Vec<PanelLayout<'_>>, PlotError> {
        let letters = self.panels.len() > 1;
        let title = |k: usize, panel: &Panel| match (letters, panel.title.is_empty()) {
            (false, _) => panel.title.clone(),
            (true, true) => format!("({})", letter(k)),
            (true, false) => format!("({}) {}", letter(k), panel.title),
        };
        self.panels
            .iter()
            .enumerate()
            .map(|(k, panel)| PanelLayout::new(panel, title(k, panel)))
            .collect()
    }

    /// The share of the figure that belongs to a panel, labels included.
    fn cell(&self, k: usize) -> Rect {
        let rows = self.panels.len().div_ceil(self.columns);
        let (row, column) = ((k / self.columns) as f64, (k % self.columns) as f64);
        let (across, down) = (2.4 * theme::OUTER_MARGIN, 1.6 * theme::OUTER_MARGIN);
        let top = theme::OUTER_MARGIN
            + if self.heading { 1.3 * theme::HEADING + theme::GAP } else { 0.0 };
        let width = (self.width - 2.0 * theme::OUTER_MARGIN - across * (self.columns - 1) as f64)
            / self.columns as f64;
        let height =
            (self.height - top - theme::OUTER_MARGIN - down * (rows - 1) as f64) / rows as f64;
        let (left, top) =
            (theme::OUTER_MARGIN + column * (width + across), top + row * (height + down));
        Rect::new(left, top, left + width, top + height)
    }

    /// Margins that panels of one column share at the sides, and of one row above and below, so
    /// that frames line up.
    fn margins(&self, layouts: &[PanelLayout<'_>]) -> Vec<Margins> {
        let own: Vec<Margins> =
            layouts.iter().enumerate().map(|(k, layout)| layout.margins(&self.cell(k))).collect();
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

    /// Places automatic legends: inside if a corner is free, else below.
    fn place_legends(&self, layouts: &mut [PanelLayout<'_>]) {
        let margins = self.margins(layouts);
        for (k, layout) in
            layouts.iter_mut().enumerate().filter(|(_, layout)| layout.legend == Legend::Auto)
        {
            let frame = margins[k].inside(&self.cell(k));
            let free = layout.colors.is_none() && covered_by_legend(layout, &frame) == 0;
            layout.legend = if free { Legend::Inside } else { Legend::Below };
        }
    }
}

/// Draws one panel into its cell.
fn draw_panel(
    scene: &mut Scene,
    layout: &PanelLayout<'_>,
    cell: &Rect,
    margins: &Margins,
) -> Result<(), PlotError> {
    let rect = margins.inside(cell);
    layout.check_room(&rect)?;
    let frame = layout.frame(rect);
    let decorations = layout.decorations(rect.width(), rect.height());
    draw_axes(scene, &frame, &decorations, layout.colors.is_some());
    let before = scene.shapes.len();
    draw::layers(scene, &frame, &layout.panel.layers, layout.colors.as_ref());
    let mut obstacles = Obstacles::of(&scene.shapes[before..]);
    if let Some(inset) = &layout.panel.inset {
        draw_inset(scene, inset, &rect)?;
        obstacles.add(inset_cell(inset, &rect));
    }
    draw_captions(scene, layout, &rect, &decorations, cell);
    decorations.bar.iter().for_each(|bar| bar.draw(scene, &rect));
    draw_legend(scene, layout, &decorations, &rect, cell, &obstacles);
    Ok(())
}

/// The place of an inset inside a frame.
fn inset_cell(inset: &Inset, frame: &Rect) -> Rect {
    let [left, lower, right, upper] = inset.place;
    let x = |share: f64| frame.left + share * frame.width();
    let y = |share: f64| frame.bottom - share * frame.height();
    Rect::new(x(left), y(upper), x(right), y(lower))
}

/// Draws a panel inside the frame of another, on a background of its own.
fn draw_inset(scene: &mut Scene, inset: &Inset, frame: &Rect) -> Result<(), PlotError> {
    let layout = PanelLayout::new(&inset.panel, inset.panel.title.clone())?;
    let layout = PanelLayout { legend: Legend::None, ..layout };
    let cell = inset_cell(inset, frame);
    scene.area(cell.corners(), Color::BACKGROUND, 1.0);
    draw_panel(scene, &layout, &cell, &layout.margins(&cell))
}

/// Draws the legend in its resolved place. Over a heat map, samples lie on a colour of its middle.
fn draw_legend(
    scene: &mut Scene,
    layout: &PanelLayout<'_>,
    decorations: &Decorations<'_>,
    rect: &Rect,
    cell: &Rect,
    obstacles: &Obstacles,
) {
    let background = layout.colors.map(|colors| colors.map.at(0.35));
    match layout.legend {
        Legend::Inside => {
            let (place, _) = legend::best_corner(&decorations.entries, rect, obstacles);
            scene.area(place.grown(3.0).corners(), Color::BACKGROUND, 0.85);
            legend::draw_column(scene, &decorations.entries, (place.left, place.top), background);
        }
        Legend::Right => {
            let (width, _) = legend::column(&decorations.entries);
            legend::draw_column(
                scene,
                &decorations.entries,
                (cell.right - width, rect.top),
                background,
            );
        }
        Legend::Below => {
            let top = cell.bottom - legend::rows_height(&decorations.entries, rect.width());
            legend::draw_rows(
                scene,
                &decorations.entries,
                (rect.left, top),
                rect.width(),
                background,
            );
        }
        Legend::Auto | Legend::None => {}
    }
}

/// How much the legend would cover in the best corner of a panel.
fn covered_by_legend(layout: &PanelLayout<'_>, frame: &Rect) -> usize {
    let mut content = Scene::default();
    draw::layers(&mut content, &layout.frame(*frame), &layout.panel.layers, layout.colors.as_ref());
    let mut obstacles = Obstacles::of(&content.shapes);
    layout.panel.inset.iter().for_each(|inset| obstacles.add(inset_cell(inset, frame)));
    legend::best_corner(&legend::entries(&layout.panel.layers), frame, &obstacles).1
}

/// a, b, …, z, aa, ab, …
fn letter(k: usize) -> String {
    let last = char::from(b'a' + (k % 26) as u8);
    if k < 26 { last.into() } else { letter(k / 26 - 1) + &last.to_string() }
}
