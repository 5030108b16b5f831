//! The end of a program that panicked where there is neither an operating system nor std.

use core::panic::PanicInfo;

/// Halts. A device that stands still shows no code, and its watchdog resets it.
#[panic_handler]
fn halt(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
