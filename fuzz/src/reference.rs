//! What ours is compared with: written from the specification and the RFCs, plain rather than fast, and sharing no
//! code with the crates.

pub mod cbor;
pub mod form;
pub mod json;
pub mod ocra;
pub mod verifier;
