//! How many instructions a piece of work takes.
//!
//! Under QEMU's `-icount` time passes by instructions only, so the core's timer, SysTick, counts them.
//! How many ticks one takes is measured first, against code of known length.
#![allow(unsafe_code)]

use core::arch::asm;

/// Armv7-M architecture reference manual, B3.3: control, reload and current value.
const CONTROL: *mut u32 = 0xe000_e010 as *mut u32;
const RELOAD: *mut u32 = 0xe000_e014 as *mut u32;
const CURRENT: *mut u32 = 0xe000_e018 as *mut u32;

const MOST: u32 = 0x00ff_ffff;
const ENABLE: u32 = 1;
const PROCESSOR_CLOCK: u32 = 1 << 2;
/// Set when the timer has reached zero since it was last looked at.
const ROUND: u32 = 1 << 16;

/// Does the work, and says how many instructions that took; nothing where it was longer than the timer
/// can count, or time does not pass by instructions.
pub fn taken_by(work: impl FnOnce()) -> Option<u32> {
    let (none, thousand) = (ticks(|| {})?, ticks(thousand)?);
    let of_thousand = thousand.checked_sub(none)?;
    let ticks = ticks(work)?.saturating_sub(none);
    // In 32 bits: a division of 64 would be code that the library needs too.
    ticks.checked_mul(1000)?.checked_div(of_thousand)
}

fn thousand() {
    // SAFETY: it does nothing, a thousand times.
    unsafe {
        asm!(
            ".rept 1000",
            "nop",
            ".endr",
            options(nomem, nostack, preserves_flags)
        )
    };
}

#[inline(never)]
fn ticks(work: impl FnOnce()) -> Option<u32> {
    // SAFETY: these are the registers of SysTick on every Cortex-M3. Nothing else here uses it, and
    // its interrupt stays off.
    unsafe {
        CONTROL.write_volatile(0);
        RELOAD.write_volatile(MOST);
        CURRENT.write_volatile(0);
        CONTROL.write_volatile(ENABLE | PROCESSOR_CLOCK);
    }
    // It counts from the first tick on, and is zero until then.
    let start = loop {
        // SAFETY: as above.
        let value = unsafe { CURRENT.read_volatile() };
        if value != 0 {
            break value;
        }
    };
    work();
    // SAFETY: as above.
    let (end, control) = unsafe { (CURRENT.read_volatile(), CONTROL.read_volatile()) };
    (control & ROUND == 0).then(|| start.wrapping_sub(end))
}
