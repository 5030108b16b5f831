//! A picture of all memory that the process can write to.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use zeroize::Zeroize;

use super::needles::Needle;

/// Where in memory something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In the place of a value of this type.
    Of(&'static str),
    /// On the stack of the thread that worked.
    Stack,
    /// Anywhere else: the heap, static memory, other threads.
    Elsewhere,
}

pub(crate) struct Picture {
    regions: Vec<(usize, Vec<u8>)>,
    stack: usize,
    slots: Vec<(&'static str, Range<usize>)>,
}

impl Picture {
    /// Copies all memory that is readable and writable. `stack` is an address on the worker's stack, `slots` are the
    /// places that have names.
    pub(crate) fn taken(stack: usize, slots: Vec<(&'static str, Range<usize>)>) -> Self {
        let memory = File::open("/proc/self/mem").unwrap();
        for _ in 0..100 {
            let maps = fs::read_to_string("/proc/self/maps").unwrap();
            let mut regions = Vec::new();
            let whole = maps.lines().filter_map(writable).all(|range| {
                regions.push((range.start, vec![0; range.len()]));
                let (start, bytes) = regions.last_mut().unwrap();
                let start = u64::try_from(*start).unwrap();
                memory.read_exact_at(bytes, start).is_ok()
            });
            if whole {
                return Self {
                    regions,
                    stack,
                    slots,
                };
            }
            // A region went away meanwhile: a finished thread's stack. What was copied must not be in the next picture.
            for (_, bytes) in &mut regions {
                bytes.zeroize();
            }
        }
        panic!("the memory map does not hold still");
    }

    /// Which needles are in the picture, and where: so many bytes in a row of each, or all of a shorter one.
    pub(crate) fn finds(
        &self,
        needles: &[Needle],
        in_a_row: usize,
    ) -> BTreeSet<(&'static str, Place)> {
        // By their first two bytes.
        let mut parts = vec![Vec::new(); 1 << 16];
        for needle in needles {
            for part in needle.bytes.windows(in_a_row.min(needle.bytes.len())) {
                let begin = u16::from_le_bytes([part[0], part[1]]);
                parts[usize::from(begin)].push((part, needle.name));
            }
        }
        let mut found = BTreeSet::new();
        for (start, bytes) in &self.regions {
            for offset in in_use(bytes) {
                let begin = u16::from_le_bytes([bytes[offset], bytes[offset + 1]]);
                for (part, name) in &parts[usize::from(begin)] {
                    if bytes[offset..].starts_with(part) && !self.is_of_itself(start + offset) {
                        found.insert((*name, self.place(*start, bytes.len(), offset)));
                    }
                }
            }
        }
        found
    }

    /// Whether an address is in the picture's own copies, some of which it has copied too.
    fn is_of_itself(&self, address: usize) -> bool {
        self.regions.iter().any(|(_, bytes)| {
            let start = bytes.as_ptr().addr();
            (start..start + bytes.len()).contains(&address)
        })
    }

    fn place(&self, start: usize, len: usize, offset: usize) -> Place {
        let holds = |(_, slot): &&(_, Range<usize>)| slot.contains(&(start + offset));
        if let Some((name, _)) = self.slots.iter().find(holds) {
            Place::Of(name)
        } else if (start..start + len).contains(&self.stack) {
            Place::Stack
        } else {
            Place::Elsewhere
        }
    }
}

/// The places in a region, without the pages that are all zero, as most are.
fn in_use(bytes: &[u8]) -> impl Iterator<Item = usize> {
    const PAGE: usize = 4096;
    let pages = bytes.chunks(PAGE).enumerate();
    let used = pages.filter(|(_, page)| *page != &[0; PAGE][..page.len()]);
    used.flat_map(|(number, page)| number * PAGE..number * PAGE + page.len())
        .filter(|place| place + 1 < bytes.len())
}

/// The addresses of a line of the memory map, where they can be read and written.
fn writable(line: &str) -> Option<Range<usize>> {
    let (addresses, rest) = line.split_once(' ').unwrap();
    let (start, end) = addresses.split_once('-').unwrap();
    let address = |hex| usize::from_str_radix(hex, 16).unwrap();
    rest.starts_with("rw").then(|| address(start)..address(end))
}
