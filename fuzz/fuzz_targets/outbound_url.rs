#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| txotp_fuzz::targets::outbound_url(data));
