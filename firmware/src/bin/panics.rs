//! An image that panics: the check for panics is to find it in this one, and the run is to fail.

#![no_std]
#![no_main]

use core::hint::black_box;

#[cortex_m_rt::entry]
fn main() -> ! {
    let empty: Option<()> = black_box(None);
    empty.expect("there is nothing");
    txotp_firmware::host::exit(true)
}
