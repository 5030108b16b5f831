//! SHA-1 over the compression of the crate `sha1`, which it counts.

use std::cell::Cell;
use std::fmt;

use compression::compress;
use digest::block_api::{
    AlgorithmName, Block, BlockSizeUser, Buffer, BufferKindUser, Eager, FixedOutputCore,
    OutputSizeUser, Reset, UpdateCore,
};
use digest::typenum::{U20, U64};
use digest::{HashMarker, Output};

thread_local! {
    static COMPRESSIONS: Cell<u64> = const { Cell::new(0) };
}

/// How many blocks this thread has compressed.
#[must_use]
pub fn compressions() -> u64 {
    COMPRESSIONS.get()
}

digest::buffer_fixed!(
    /// SHA-1 that counts.
    pub struct Sha1(Sha1Core);
    impl: BaseFixedTraits AlgorithmName Default Clone HashMarker Reset FixedOutputReset;
);

/// The state between two blocks.
#[derive(Clone)]
pub struct Sha1Core {
    state: [u32; 5],
    bits: u64,
}

impl Default for Sha1Core {
    fn default() -> Self {
        Self {
            // FIPS 180-4 section 5.3.1.
            state: [
                0x6745_2301,
                0xefcd_ab89,
                0x98ba_dcfe,
                0x1032_5476,
                0xc3d2_e1f0,
            ],
            bits: 0,
        }
    }
}

impl Sha1Core {
    fn compress(&mut self, block: &Block<Self>) {
        COMPRESSIONS.set(COMPRESSIONS.get() + 1);
        compress(&mut self.state, &[block.0.into()]);
    }
}

impl UpdateCore for Sha1Core {
    fn update_blocks(&mut self, blocks: &[Block<Self>]) {
        for block in blocks {
            self.bits += 512;
            self.compress(block);
        }
    }
}

impl FixedOutputCore for Sha1Core {
    fn finalize_fixed_core(&mut self, buffer: &mut Buffer<Self>, out: &mut Output<Self>) {
        let bits = self.bits + 8 * buffer.get_pos() as u64;
        buffer.len64_padding_be(bits, |block| self.compress(block));
        for (bytes, word) in out.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
    }
}

impl Reset for Sha1Core {
    fn reset(&mut self) {
        *self = Self::default();
    }
}

impl AlgorithmName for Sha1Core {
    fn write_alg_name(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sha1")
    }
}

impl HashMarker for Sha1Core {}

impl BlockSizeUser for Sha1Core {
    type BlockSize = U64;
}

impl BufferKindUser for Sha1Core {
    type BufferKind = Eager;
}

impl OutputSizeUser for Sha1Core {
    type OutputSize = U20;
}
