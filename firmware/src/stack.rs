//! How deep a piece of work goes into the stack: what is free is painted, and the work then covers
//! some of it.
#![allow(unsafe_code)]

use core::arch::asm;

/// How many bytes are painted. The deepest work here covers a part of them.
const DEPTH: usize = 16 * 1024;
/// No address, no small number and no text.
const PAINT: u32 = 0xa5c3_5a3c;

/// Does the work, and says how many bytes of stack it used at the most.
#[inline(never)]
pub fn used_by(work: impl FnOnce()) -> u32 {
    let top: usize;
    // SAFETY: below the stack pointer nothing is alive, since no interrupt is on and this code calls
    // nothing. The images use a few KiB of 64 KiB of RAM, so the 16 KiB there are RAM, and no
    // variable's.
    unsafe {
        asm!(
            "mov {top}, sp",
            "mov {word}, {top}",
            "subs {deepest}, {top}, {depth}",
            "2:",
            "str {paint}, [{word}, #-4]!",
            "cmp {word}, {deepest}",
            "bhi 2b",
            top = out(reg) top,
            word = out(reg) _,
            deepest = out(reg) _,
            depth = in(reg) DEPTH,
            paint = in(reg) PAINT,
        );
    }
    beneath(work);
    let mut used = DEPTH;
    // SAFETY: the same words, from the deepest one up to the first that the work has covered.
    while used > 0 && unsafe { word(top.wrapping_sub(used)).read_volatile() } == PAINT {
        used = used.wrapping_sub(size_of::<u32>());
    }
    u32::try_from(used).unwrap_or(u32::MAX)
}

/// Keeps the work out of the frame of the function that measures.
#[inline(never)]
fn beneath(work: impl FnOnce()) {
    work();
}

fn word(address: usize) -> *const u32 {
    core::ptr::with_exposed_provenance(address)
}
