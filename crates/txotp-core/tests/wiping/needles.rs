//! What is looked for. It is computed only after the picture was taken, so that it is not in it.

use std::sync::atomic::{AtomicU8, Ordering};

use hmac::{Hmac, KeyInit};
use sha2::Digest as _;
use txotp_core::Algorithm;

/// The digest of the transaction, which is no secret here.
pub(crate) const DIGEST: [u8; 32] = [0x5a; 32];
pub(crate) const STEP: u64 = 56_666_666;
pub(crate) const COUNTER: u64 = 7;

/// Bytes that are looked for, in parts of eight.
#[derive(Clone)]
pub(crate) struct Needle {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl Needle {
    fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        Self { name, bytes }
    }
}

/// A hash, and secrets of their own for every picture: what is computed for one is in memory when the next is taken.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) algorithm: Algorithm,
    number: u8,
}

impl Case {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { algorithm, number }
    }

    /// A byte of the seed, by a formula, so that no seed lies in the program.
    pub(crate) fn seed_byte(self, place: usize) -> u8 {
        let mixed = u32::try_from(place)
            .unwrap()
            .wrapping_add(u32::from(self.number) << 8)
            .wrapping_mul(0x9e37_79b9);
        (mixed ^ (mixed >> 15))
            .wrapping_mul(0x2c1b_3c6d)
            .to_le_bytes()[2]
    }

    /// A PIN, in an array: a string that grows leaves copies behind.
    pub(crate) fn pin_text(self) -> [u8; 16] {
        std::array::from_fn(|place| b'A' + self.seed_byte(place + 64) % 26)
    }

    /// What is put where a secret might have been before.
    pub(crate) fn mark(self) -> [u8; 32] {
        std::array::from_fn(|place| self.seed_byte(place + 96))
    }

    pub(crate) fn suite(self) -> String {
        let name = self.algorithm.name();
        format!("OCRA-1:HOTP-{name}-8:QH64-P{name}-T30S")
    }

    pub(crate) fn needles(self) -> Vec<Needle> {
        let hash = Hash::of(self.algorithm);
        let seed: Vec<u8> = (0..self.algorithm.output_len())
            .map(|place| self.seed_byte(place))
            .collect();
        let pad = |byte: u8| -> Vec<u8> {
            let filled = seed.iter().copied().chain(std::iter::repeat(0));
            filled.take(hash.block).map(|key| key ^ byte).collect()
        };
        let (inner, outer) = (pad(0x36), pad(0x5c));
        let pin_hash = (hash.digest)(&self.pin_text());
        let message = [
            self.suite().as_bytes(),
            &[0],
            &DIGEST,
            &[0; 96],
            &pin_hash,
            &STEP.to_be_bytes(),
        ]
        .concat();
        let code = (hash.hmac)(&seed, &message);
        let counter = COUNTER.to_be_bytes();
        // Without what is no secret of its own: the pads behind the key.
        let key_part = |pad: &[u8]| pad[..seed.len()].to_vec();
        let words = |name, bytes| hash.words(name, bytes);
        [
            vec![
                Needle::new("seed", seed.clone()),
                Needle::new("inner pad", key_part(&inner)),
                Needle::new("outer pad", key_part(&outer)),
                Needle::new("PIN", self.pin_text().to_vec()),
                Needle::new("mark", self.mark().repeat(2)),
                Needle::new("code", digits(&code)),
            ],
            words("PIN hash", pin_hash),
            words("inner state", (hash.absorb)(&inner)),
            words("outer state", (hash.absorb)(&outer)),
            words(
                "inner hash of the code",
                (hash.digest)(&[&inner[..], &message].concat()),
            ),
            words("MAC of the code", code),
            words(
                "inner hash of the MAC",
                (hash.digest)(&[&inner[..], &counter].concat()),
            ),
            words("MAC", (hash.hmac)(&seed, &counter)),
        ]
        .concat()
    }
}

/// The eight digits of RFC 4226 section 5.3.
fn digits(mac: &[u8]) -> Vec<u8> {
    let offset = usize::from(mac[mac.len() - 1] & 15);
    let word = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
    format!("{:08}", (word & 0x7fff_ffff) % 100_000_000).into_bytes()
}

/// A hash function, and its state after one block.
struct Hash {
    block: usize,
    word: usize,
    digest: fn(&[u8]) -> Vec<u8>,
    hmac: fn(&[u8], &[u8]) -> Vec<u8>,
    absorb: fn(&[u8]) -> Vec<u8>,
}

impl Hash {
    fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self {
                block: 64,
                word: 4,
                digest: |bytes| sha1::Sha1::digest(bytes).to_vec(),
                hmac: hmac::<Hmac<sha1::Sha1>>,
                absorb: |block| {
                    // FIPS 180-4 section 5.3.1.
                    let mut state = [
                        0x6745_2301,
                        0xefcd_ab89,
                        0x98ba_dcfe,
                        0x1032_5476,
                        0xc3d2_e1f0,
                    ];
                    sha1::block_api::compress(&mut state, &[block.try_into().unwrap()]);
                    state.map(u32::to_be_bytes).concat()
                },
            },
            Algorithm::Sha256 => Self {
                block: 64,
                word: 4,
                digest: |bytes| sha2::Sha256::digest(bytes).to_vec(),
                hmac: hmac::<Hmac<sha2::Sha256>>,
                absorb: |block| {
                    // FIPS 180-4 section 5.3.3.
                    let mut state = [
                        0x6a09_e667,
                        0xbb67_ae85,
                        0x3c6e_f372,
                        0xa54f_f53a,
                        0x510e_527f,
                        0x9b05_688c,
                        0x1f83_d9ab,
                        0x5be0_cd19,
                    ];
                    sha2::block_api::compress256(&mut state, &[block.try_into().unwrap()]);
                    state.map(u32::to_be_bytes).concat()
                },
            },
            Algorithm::Sha512 => Self {
                block: 128,
                word: 8,
                digest: |bytes| sha2::Sha512::digest(bytes).to_vec(),
                hmac: hmac::<Hmac<sha2::Sha512>>,
                absorb: |block| {
                    // FIPS 180-4 section 5.3.5.
                    let mut state = [
                        0x6a09_e667_f3bc_c908,
                        0xbb67_ae85_84ca_a73b,
                        0x3c6e_f372_fe94_f82b,
                        0xa54f_f53a_5f1d_36f1,
                        0x510e_527f_ade6_82d1,
                        0x9b05_688c_2b3e_6c1f,
                        0x1f83_d9ab_fb41_bd6b,
                        0x5be0_cd19_137e_2179,
                    ];
                    sha2::block_api::compress512(&mut state, &[block.try_into().unwrap()]);
                    state.map(u64::to_be_bytes).concat()
                },
            },
            _ => panic!("a hash that this test does not know"),
        }
    }

    /// Both spellings of words: big endian as a hash gives them, little endian as memory may hold them.
    fn words(&self, name: &'static str, big_endian: Vec<u8>) -> Vec<Needle> {
        let words = big_endian.chunks(self.word);
        let little_endian = words.flat_map(|word| word.iter().rev().copied()).collect();
        vec![
            Needle::new(name, big_endian),
            Needle::new(name, little_endian),
        ]
    }
}

fn hmac<M: KeyInit + hmac::Mac>(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mac = <M as KeyInit>::new_from_slice(key).unwrap();
    mac.chain_update(message).finalize().into_bytes().to_vec()
}
