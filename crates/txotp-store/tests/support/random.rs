//! Random numbers that can be had again: `TXOTP_TEST_SEED` takes the number that a test printed.

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// Begins anywhere, or where the environment says, and prints where.
    pub fn new() -> Self {
        let given = std::env::var("TXOTP_TEST_SEED").ok();
        let seed = given.map_or_else(
            || getrandom::u64().unwrap(),
            |text| text.parse().expect("TXOTP_TEST_SEED is a number"),
        );
        println!("TXOTP_TEST_SEED={seed}");
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}
