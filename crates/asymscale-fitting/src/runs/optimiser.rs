//! The minimisation behind every fit: objective, derivatives, starts and damped Newton steps.
//!
//! Parameters are those of the centred problem, in arrays. This room must not know what a fit
//! reports, its uncertainty, or why it is made.
//!
//! | I want … | file |
//! |---|---|
//! | the objective with its gradient and Hessian | `problem.rs`, `huber.rs` |
//! | how the exponent in D is parametrised | `exponent_link.rs` |
//! | damped Newton steps within bounds, for any number of parameters | `newton.rs` |
//! | the minimum from one start, with vanished terms offered again | `minimise.rs` |
//! | where descents start | `starts.rs` |
//! | parameters of the data to those of the minimisation, and back | `coordinates.rs` |
//! | where a parameter stands in an array | `index.rs` |
//! | small symmetric matrices: Cholesky, inverse, condition | `symmetric.rs` |

pub(super) mod coordinates;
mod exponent_link;
pub(super) mod huber;
pub(super) mod index;
pub(super) mod minimise;
pub(super) mod newton;
pub(super) mod problem;
pub(super) mod starts;
pub(super) mod symmetric;
