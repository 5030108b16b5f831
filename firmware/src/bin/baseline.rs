//! An image that does nothing: what the others are compared with.

#![no_std]
#![no_main]

use txotp_firmware::{host, instructions, stack};

#[cortex_m_rt::entry]
fn main() -> ! {
    host::report("stack", stack::used_by(|| host::say("nothing\n")));
    host::report(
        "instructions",
        instructions::taken_by(|| {}).unwrap_or_default(),
    );
    host::exit(true)
}
