//! Full-batch gradient descent on a drawn design of the sparse-feature model.
