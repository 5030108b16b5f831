#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| txotp_fuzz::targets::authy_params(data));
