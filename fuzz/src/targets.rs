//! The bodies. Each says in its documentation what it asserts.

mod authy_params;
mod base32;
mod c_interface;
mod callback_signature;
mod canonical;
mod code_parse;
mod decide;
mod key_uri;
mod ocra_code;
mod ocra_suite;
mod outbound_url;
mod qr;
mod read;
mod round_trip;
mod state;
mod transaction_json;

pub use authy_params::authy_params;
pub use base32::base32;
pub use c_interface::c_interface;
pub use callback_signature::callback_signature;
pub use canonical::canonical;
pub use code_parse::code_parse;
pub use decide::decide;
pub use key_uri::key_uri;
pub use ocra_code::ocra_code;
pub use ocra_suite::ocra_suite;
pub use outbound_url::outbound_url;
pub use qr::qr;
pub use read::read;
pub use round_trip::round_trip;
pub use state::state;
pub use transaction_json::transaction_json;

/// A target: bytes in, a panic where a promise is broken.
pub type Target = fn(&[u8]);

/// All targets by name.
pub const ALL: [(&str, Target); 16] = [
    ("read", read),
    ("round_trip", round_trip),
    ("canonical", canonical),
    ("ocra_suite", ocra_suite),
    ("ocra_code", ocra_code),
    ("decide", decide),
    ("state", state),
    ("key_uri", key_uri),
    ("base32", base32),
    ("code_parse", code_parse),
    ("qr", qr),
    ("c_interface", c_interface),
    ("transaction_json", transaction_json),
    ("authy_params", authy_params),
    ("callback_signature", callback_signature),
    ("outbound_url", outbound_url),
];
