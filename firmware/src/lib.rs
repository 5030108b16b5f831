//! What the images share: the path from a scanned string to a code, and the means to measure it.
//!
//! [`approve`] is the part to take into a product. The rest stands in for one: [`host`] for screen and
//! buttons, [`stack`] and [`instructions`] for the measuring bench.

#![no_std]

pub mod approve;
pub mod host;
pub mod instructions;
pub mod stack;
pub mod worked;

/// Ends the run as failed. It is linked only into images in which something can panic, and the mark
/// that it prints is what a check for panics finds in them.
#[panic_handler]
fn panicked(_: &core::panic::PanicInfo<'_>) -> ! {
    host::say("panicked\n");
    host::exit(false)
}
