//! The response, far out in `G`, of a coordinate so rare that no two samples activate it.

use crate::{
    coordinates::Node,
    response::{Responder, Response, SATURATED},
};
use asymscale_model::Amplitude;
use std::sync::LazyLock;

/// Below this expected count a coordinate that is seen is seen once, to 12 digits.
const ONCE: f64 = 1e-12;
/// What a coordinate that is seen once, if at all, has at [`SATURATED`].
static ONCE_GAUSSIAN: LazyLock<Response> = LazyLock::new(|| seen_once(Amplitude::Gaussian));
static ONCE_RADEMACHER: LazyLock<Response> = LazyLock::new(|| seen_once(Amplitude::Rademacher));

fn seen_once(amplitude: Amplitude) -> Response {
    let node = Node::new(1.0, 1.0, ONCE, ONCE.recip(), 1.0);
    Responder::new(amplitude, 1.0).by_trapezoid(&node, SATURATED)
}

impl Responder {
    /// The response at [`SATURATED`]. Of coordinates that are seen at most once it is the same for
    /// all, per probability, and found once: there may be thousands of them.
    pub(super) fn edge(&self, node: &Node) -> Response {
        if node.count >= ONCE {
            return self.by_trapezoid(node, SATURATED);
        }
        let once = match self.amplitude {
            Amplitude::Gaussian => &ONCE_GAUSSIAN,
            Amplitude::Rademacher => &ONCE_RADEMACHER,
        };
        Response { left: node.miss + node.count * SATURATED * once.hidden, ..**once }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a coordinate that is seen once at most leaves unlearned is what its own integral says.
    #[test]
    fn what_is_seen_once_at_most_leaves_as_much() {
        for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
            let responder = Responder::new(amplitude, 1e6);
            for count in [9e-13, 1e-30, 1e-200] {
                let node = Node::new(1.0, 1.0, count / 1e6, 1.0 / count, 1e6);
                let own = responder.by_trapezoid(&node, SATURATED).left;
                let left = responder.edge(&node).left;
                assert!((left / own - 1.0).abs() < 1e-12, "{amplitude} {count}: {left} {own}");
            }
        }
    }
}
