//! The one theme: sizes, the palette, the colour map.
//!
//! The palette keeps the hues of Okabe and Ito (*Color Universal Design*, 2008) and spreads their
//! lightness, so that two series also differ in a grey print; a test holds the distances, also for
//! simulated protanopia, deuteranopia and tritanopia.

/// Size of a panel title, in pixels.
pub(crate) const TITLE: f64 = 13.5;
/// Size of the figure's title.
pub(crate) const HEADING: f64 = 15.5;
/// Size of axis labels.
pub(crate) const LABEL: f64 = 12.5;
/// Size of tick labels, legends and notes.
pub(crate) const SMALL: f64 = 11.0;
/// Length of a major tick; a minor one is 0.6 of it.
pub(crate) const TICK: f64 = 4.5;
/// The usual gap between things that belong together.
pub(crate) const GAP: f64 = 6.0;
/// The blank margin around the figure.
pub(crate) const OUTER_MARGIN: f64 = 10.0;

/// A colour by its role, so that a figure is recoloured in one place.
///
/// ```
/// use asymscale_plots::Color;
/// assert_eq!(Color::Series(0).rgb(), Color::Series(6).rgb()); // six colours, then around again
/// assert_eq!(Color::Ramp(0.0).rgb(), (0x44, 0x01, 0x54)); // the dark end of viridis
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Color {
    /// A categorical colour; the number wraps around the six of the palette.
    Series(usize),
    /// A position in [0, 1] on the sequential colour map, for series ordered by a parameter.
    Ramp(f64),
    /// A position in [0, 1] on the diverging colour map, orange below the middle, purple above it.
    Diverging(f64),
    /// The colour of text and axes.
    Ink,
    /// A middle grey, for references.
    Muted,
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

impl Color {
    /// The frame and its ticks.
    pub const AXIS: Color = Color::Rgb(0x4d, 0x4d, 0x4d);
    /// The light grid.
    pub const GRID: Color = Color::Rgb(0xe6, 0xe6, 0xe6);
    /// The background: a step off white, so that a page can tell it from white lines on a heat map.
    pub const BACKGROUND: Color = Color::Rgb(254, 254, 254);

    /// Red, green and blue, 0 to 255.
    pub fn rgb(self) -> (u8, u8, u8) {
        match self {
            Color::Series(i) => channels(SERIES[i % SERIES.len()]),
            Color::Ramp(t) => between(&VIRIDIS, t),
            Color::Diverging(t) => between(&PUOR, t),
            Color::Ink => channels(0x262626),
            Color::Muted => channels(0x767676),
            Color::Rgb(r, g, b) => (r, g, b),
        }
    }

    /// Black or white, whichever stands out from this colour.
    pub(crate) fn contrast(self) -> Color {
        if luminance(self.rgb()) > 0.30 {
            Color::Rgb(0x1a, 0x1a, 0x1a)
        } else {
            Color::Rgb(255, 255, 255)
        }
    }
}

/// Cells of a heat map without a value.
pub(crate) const MISSING: Color = Color::Rgb(0xd0, 0xd0, 0xd0);

/// Blue, orange, wine, green, black, sky: neighbours in this order differ most in lightness.
const SERIES: [u32; 6] = [0x0066a8, 0xe69f00, 0x7b1e4f, 0x0f9d77, 0x1a1a1a, 0x7cc8f2];

/// Every 15th of the 256 colours of viridis (S. van der Walt and N. Smith, matplotlib 1.5, CC0);
/// linear interpolation between them is within 5/255 of the full table.
const VIRIDIS: [u32; 18] = [
    0x440154, 0x481769, 0x472a7a, 0x433d84, 0x3d4e8a, 0x355e8d, 0x2e6d8e, 0x297b8e, 0x23898e,
    0x1f978b, 0x21a585, 0x2eb37c, 0x46c06f, 0x65cb5e, 0x89d548, 0xb0dd2f, 0xd8e219, 0xfde725,
];

/// The eleven classes of `PuOr` (C. Brewer and M. Harrower, `ColorBrewer` 2.0, Apache-2.0), which
/// readers with red-green blindness tell apart; linear interpolation between them.
const PUOR: [u32; 11] = [
    0x7f3b08, 0xb35806, 0xe08214, 0xfdb863, 0xfee0b6, 0xf7f7f7, 0xd8daeb, 0xb2abd2, 0x8073ac,
    0x542788, 0x2d004b,
];

/// The colour at a share of the way through a list of colours.
fn between(colors: &[u32], t: f64) -> (u8, u8, u8) {
    let last = colors.len() - 1;
    let at = if t.is_nan() { 0.0 } else { t.clamp(0.0, 1.0) * last as f64 };
    let i = (at as usize).min(last - 1);
    let mix = |a: u8, b: u8| {
        (f64::from(a) + (at - i as f64) * (f64::from(b) - f64::from(a))).round() as u8
    };
    let (a, b) = (channels(colors[i]), channels(colors[i + 1]));
    (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

fn channels(rgb: u32) -> (u8, u8, u8) {
    ((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// Relative luminance of an sRGB colour (IEC 61966-2-1).
fn luminance(rgb: (u8, u8, u8)) -> f64 {
    let [r, g, b] = [rgb.0, rgb.1, rgb.2].map(linear);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn linear(channel: u8) -> f64 {
    let c = f64::from(channel) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lightness(rgb: (u8, u8, u8)) -> f64 {
        116.0 * luminance(rgb).cbrt() - 16.0
    }

    #[test]
    fn series_differ_in_grey() {
        // 6 steps of CIE lightness are well above the just noticeable 1.
        let mut grey: Vec<f64> = (0..6).map(|i| lightness(Color::Series(i).rgb())).collect();
        grey.sort_by(f64::total_cmp);
        let least = grey.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
        assert!(least > 6.0, "least lightness step {least}");
    }

    /// Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB: protanopia, deuteranopia,
    /// tritanopia.
    const BLIND: [[[f64; 3]; 3]; 3] = [
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ];

    /// CIE L*a*b* (D65) of linear RGB.
    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let rgb = rgb.map(|v| v.clamp(0.0, 1.0));
        let row = |r: [f64; 3]| r[0] * rgb[0] + r[1] * rgb[1] + r[2] * rgb[2];
        let f = |t: f64| {
            if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 }
        };
        let x = f(row([0.4124564, 0.3575761, 0.1804375]) / 0.95047);
        let y = f(row([0.2126729, 0.7151522, 0.0721750]));
        let z = f(row([0.0193339, 0.1191920, 0.9503041]) / 1.08883);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn series_differ_for_colour_blind_readers() {
        for matrix in BLIND {
            let seen: Vec<[f64; 3]> = (0..6)
                .map(|i| {
                    let (r, g, b) = Color::Series(i).rgb();
                    let c = [r, g, b].map(linear);
                    lab(matrix.map(|m| m[0] * c[0] + m[1] * c[1] + m[2] * c[2]))
                })
                .collect();
            for i in 0..6 {
                for j in 0..i {
                    let d = (0..3).map(|k| (seen[i][k] - seen[j][k]).powi(2)).sum::<f64>().sqrt();
                    assert!(d > 20.0, "series {j} and {i}: distance {d}");
                }
            }
        }
    }

    #[test]
    fn ramp_grows_lighter() {
        let grey: Vec<f64> =
            (0..=50).map(|i| lightness(Color::Ramp(f64::from(i) / 50.0).rgb())).collect();
        assert!(grey.windows(2).all(|w| w[0] < w[1]));
    }
}
