//! SHA-256 and SHA-512 over the compressions of the crate `sha2`, which they count.

use std::cell::Cell;
use std::fmt;

use compression::{compress256, compress512};
use digest::block_api::{
    AlgorithmName, Block, BlockSizeUser, Buffer, BufferKindUser, Eager, FixedOutputCore,
    OutputSizeUser, Reset, UpdateCore,
};
use digest::typenum::{U32, U64, U128};
use digest::{HashMarker, Output};

pub use digest::Digest;

thread_local! {
    static COMPRESSIONS: Cell<u64> = const { Cell::new(0) };
}

/// How many blocks this thread has compressed, of either hash.
#[must_use]
pub fn compressions() -> u64 {
    COMPRESSIONS.get()
}

digest::buffer_fixed!(
    /// SHA-256 that counts.
    pub struct Sha256(Sha256Core);
    impl: BaseFixedTraits AlgorithmName Default Clone HashMarker Reset FixedOutputReset;
);

digest::buffer_fixed!(
    /// SHA-512 that counts.
    pub struct Sha512(Sha512Core);
    impl: BaseFixedTraits AlgorithmName Default Clone HashMarker Reset FixedOutputReset;
);

/// A hash of the family: its state between two blocks, and the way to the next.
macro_rules! hash {
    (
        $core:ident, $name:literal, $doc:literal, $compress:ident, $padding:ident,
        $word:ty, $bits:ty, $block:ty, $output:ty, $initial:expr $(,)?
    ) => {
        #[doc = $doc]
        #[derive(Clone)]
        pub struct $core {
            state: [$word; 8],
            bits: $bits,
        }

        impl Default for $core {
            fn default() -> Self {
                Self {
                    state: $initial,
                    bits: 0,
                }
            }
        }

        impl $core {
            fn compress(&mut self, block: &Block<Self>) {
                COMPRESSIONS.set(COMPRESSIONS.get() + 1);
                $compress(&mut self.state, &[block.0.into()]);
            }
        }

        impl UpdateCore for $core {
            fn update_blocks(&mut self, blocks: &[Block<Self>]) {
                for block in blocks {
                    self.bits += 8 * size_of_val(block) as $bits;
                    self.compress(block);
                }
            }
        }

        impl FixedOutputCore for $core {
            fn finalize_fixed_core(&mut self, buffer: &mut Buffer<Self>, out: &mut Output<Self>) {
                let bits = self.bits + 8 * buffer.get_pos() as $bits;
                buffer.$padding(bits, |block| self.compress(block));
                let words = out.chunks_exact_mut(size_of::<$word>());
                for (bytes, word) in words.zip(self.state) {
                    bytes.copy_from_slice(&word.to_be_bytes());
                }
            }
        }

        impl Reset for $core {
            fn reset(&mut self) {
                *self = Self::default();
            }
        }

        impl AlgorithmName for $core {
            fn write_alg_name(f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($name)
            }
        }

        impl HashMarker for $core {}

        impl BlockSizeUser for $core {
            type BlockSize = $block;
        }

        impl BufferKindUser for $core {
            type BufferKind = Eager;
        }

        impl OutputSizeUser for $core {
            type OutputSize = $output;
        }
    };
}

hash!(
    Sha256Core,
    "Sha256",
    "The state of SHA-256 between two blocks.",
    compress256,
    len64_padding_be,
    u32,
    u64,
    U64,
    U32,
    // FIPS 180-4 section 5.3.3.
    [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ],
);

hash!(
    Sha512Core,
    "Sha512",
    "The state of SHA-512 between two blocks.",
    compress512,
    len128_padding_be,
    u64,
    u128,
    U128,
    U64,
    // FIPS 180-4 section 5.3.5.
    [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ],
);
