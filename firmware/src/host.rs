//! The host under QEMU, by ARM semihosting: it stands for the screen, the scanner and the bench.

use cortex_m_semihosting::{debug, nr};

/// Prints a text.
pub fn say(text: &str) {
    if let Ok(mut out) = cortex_m_semihosting::hio::hstdout() {
        // Where the host takes no output, it finds that what it expects is missing.
        let _ = out.write_all(text.as_bytes());
    }
}

/// Prints texts as one line.
pub fn line(texts: &[&str]) {
    texts.iter().for_each(|text| say(text));
    say("\n");
}

/// Prints a number, without the formatting machinery of `core`: it would hide in what is measured.
pub fn say_number(number: u32) {
    let (tens, unit) = (number.wrapping_div(10), number.wrapping_rem(10));
    if tens > 0 {
        say_number(tens);
    }
    let digit = unit as usize;
    say("0123456789".get(digit..=digit).unwrap_or_default());
}

/// Prints a line of a label and a number.
pub fn report(label: &str, number: u32) {
    say(label);
    say(" ");
    say_number(number);
    say("\n");
}

/// What follows the name of the image on the command line, copied into the buffer; nothing where there
/// is nothing. Where the buffer is too small, the run ends as failed.
pub fn argument(buffer: &mut [u8]) -> Option<&[u8]> {
    let mut block = [buffer.as_mut_ptr().expose_provenance(), buffer.len()];
    let block_address = block.as_mut_ptr().expose_provenance();
    // SAFETY: SYS_GET_CMDLINE takes a block of address and length, writes at most that many bytes
    // there, and puts the length into the block. Both are borrowed here and by nobody else.
    #[allow(unsafe_code)]
    let failed = unsafe { cortex_m_semihosting::syscall1(nr::GET_CMDLINE, block_address) };
    if failed != 0 {
        say("the argument is too long\n");
        exit(false)
    }
    let [_, len] = block;
    let line = buffer.get(..len)?;
    let blank = line.iter().position(|byte| *byte == b' ')?;
    line.get(blank.checked_add(1)?..)
}

/// Ends the run, as good or as failed.
pub fn exit(good: bool) -> ! {
    debug::exit(if good {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        core::hint::spin_loop();
    }
}
