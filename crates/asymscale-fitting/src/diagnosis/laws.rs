//! Laws of activity besides the power law: finite, bent, and of like features. Each is fitted by
//! maximum likelihood to the rare counts, tested there, and tried on parts of the data itself.

mod family;
mod fit;
mod kernel;
mod region;
mod window;

pub use family::Shape;
pub(crate) use fit::Fitted;
pub use fit::MixedLaw;
pub(crate) use kernel::{Kernel, exceeds};
pub(crate) use region::variance;
pub(crate) use window::{Tables, fit_to_window, fit_widest};
