//! The caller's memory. A pointer becomes a reference here and nowhere else, after it was checked.
//!
//! [`Input`] and [`Output`] are pointers that were checked and not yet followed: not null, aligned, and
//! with a length that memory can have. [`apart`] checks that what is written overlaps nothing else.
//! What no callee can check is the contract of every call, in the crate's README: that the memory is
//! there, and is the caller's to lend.
#![expect(unsafe_code, reason = "C lends memory as bare pointers")]

use core::ffi::c_void;
use core::mem::MaybeUninit;

use zeroize::Zeroize as _;

use crate::{ResultCode, boundary};

/// Overwrites memory that held a secret, in a way that no compiler leaves out.
///
/// # Safety
/// As the README's contract says.
// SAFETY: no other symbol of this name exists.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn txotp_wipe(memory: *mut c_void, size: usize) -> ResultCode {
    boundary::call(|| {
        let memory = Output::<u8>::many(memory.cast(), size)?;
        // SAFETY: the caller lends `size` bytes, and follows no pointer to them meanwhile.
        unsafe { memory.wiped() };
        Ok(())
    })
}

/// Where memory begins and ends, as addresses.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

impl Span {
    fn of<T>(pointer: *const T, count: usize) -> Result<Self, ResultCode> {
        let len = size_of::<T>()
            .checked_mul(count)
            .filter(|len| *len <= isize::MAX.unsigned_abs())
            .ok_or(ResultCode::ImpossibleLength)?;
        if pointer.is_null() && len > 0 {
            return Err(ResultCode::NullPointer);
        }
        if !pointer.is_aligned() {
            return Err(ResultCode::Misaligned);
        }
        let start = pointer.addr();
        let end = start.checked_add(len).ok_or(ResultCode::ImpossibleLength)?;
        Ok(Self { start, end })
    }

    /// Whether a byte is in both.
    fn overlaps(self, other: Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }
}

/// Checks that no memory that is written overlaps other memory of the same call.
pub(crate) fn apart<const N: usize>(outputs: [Span; N], inputs: &[Span]) -> Result<(), ResultCode> {
    let mut rest = outputs.as_slice();
    while let Some((output, others)) = rest.split_first() {
        let mut beside = others.iter().chain(inputs);
        if beside.any(|other| output.overlaps(*other)) {
            return Err(ResultCode::Overlap);
        }
        rest = others;
    }
    Ok(())
}

/// Memory that is only read: one value, or several in a row.
pub(crate) struct Input<T> {
    pointer: *const T,
    count: usize,
    span: Span,
}

impl<T> Input<T> {
    /// One value.
    pub(crate) fn one(pointer: *const T) -> Result<Self, ResultCode> {
        Self::many(pointer, 1)
    }

    /// A row of values. That of none may be null.
    pub(crate) fn many(pointer: *const T, count: usize) -> Result<Self, ResultCode> {
        Ok(Self {
            pointer,
            count,
            span: Span::of(pointer, count)?,
        })
    }

    /// One value, or null for none.
    pub(crate) fn optional(pointer: *const T) -> Result<Option<Self>, ResultCode> {
        if pointer.is_null() {
            return Ok(None);
        }
        Self::one(pointer).map(Some)
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// # Safety
    /// The caller of the call lends the memory for the whole of it; it holds values of `T`, and
    /// nobody writes to it.
    pub(crate) unsafe fn row<'a>(self) -> &'a [T] {
        if self.count == 0 {
            return &[];
        }
        // SAFETY: not null, aligned and of a possible length by `Span::of`; the rest is the contract.
        unsafe { core::slice::from_raw_parts(self.pointer, self.count) }
    }

    /// # Safety
    /// As [`Input::row`], for memory of one value.
    pub(crate) unsafe fn value<'a>(self) -> &'a T {
        // SAFETY: not null and aligned by `Span::of`; the rest is the contract.
        unsafe { &*self.pointer }
    }
}

/// Memory that is written to: one value, or several in a row.
pub(crate) struct Output<T> {
    pointer: *mut T,
    count: usize,
    span: Span,
}

impl<T> Output<T> {
    /// One value.
    pub(crate) fn one(pointer: *mut T) -> Result<Self, ResultCode> {
        Self::many(pointer, 1)
    }

    /// A row of values. That of none may be null.
    pub(crate) fn many(pointer: *mut T, count: usize) -> Result<Self, ResultCode> {
        Ok(Self {
            pointer,
            count,
            span: Span::of(pointer.cast_const(), count)?,
        })
    }

    pub(crate) fn span(&self) -> Span {
        self.span
    }

    /// The same memory, byte by byte.
    pub(crate) fn bytes(self) -> Output<u8> {
        Output {
            pointer: self.pointer.cast(),
            // Its span is no longer than memory can be.
            count: self.span.end.wrapping_sub(self.span.start),
            span: self.span,
        }
    }

    /// Writes the one value.
    ///
    /// # Safety
    /// The caller of the call lends the memory for the whole of it, and no reference to it is used
    /// any more.
    pub(crate) unsafe fn set(self, value: T) {
        // SAFETY: not null and aligned by `Span::of`; the rest is the contract.
        unsafe { self.pointer.write(value) };
    }

    /// Writes the one value, and wipes where it came from.
    ///
    /// # Safety
    /// As [`Output::set`].
    pub(crate) unsafe fn set_secret(self, value: &mut MaybeUninit<T>) {
        // SAFETY: not null and aligned by `Span::of`; `value` cannot overlap what nobody has a
        // reference to; the rest is the contract.
        unsafe { self.pointer.copy_from_nonoverlapping(value.as_ptr(), 1) };
        let bytes: *mut MaybeUninit<u8> = value.as_mut_ptr().cast();
        // SAFETY: `value` is as long, and is borrowed alone.
        unsafe { core::slice::from_raw_parts_mut(bytes, size_of::<T>()) }.zeroize();
    }

    /// Writes the beginning of a row, as far as both go.
    ///
    /// # Safety
    /// As [`Output::set`].
    pub(crate) unsafe fn set_row(self, values: &[T])
    where
        T: Copy,
    {
        let count = values.len().min(self.count);
        if count > 0 {
            // SAFETY: not null, aligned and long enough by `Span::of`; `values` cannot overlap what
            // nobody has a reference to; the rest is the contract.
            unsafe {
                self.pointer
                    .copy_from_nonoverlapping(values.as_ptr(), count)
            };
        }
    }
}

impl Output<u8> {
    /// Overwrites a row of bytes with zeros, and lends it.
    ///
    /// # Safety
    /// As [`Output::set`].
    pub(crate) unsafe fn wiped<'a>(self) -> &'a mut [u8] {
        if self.count == 0 {
            return &mut [];
        }
        let memory = self.pointer.cast::<MaybeUninit<u8>>();
        // SAFETY: not null and of a possible length by `Span::of`; the rest is the contract. What C
        // never wrote to may be uninitialised, and is taken as that.
        let memory = unsafe { core::slice::from_raw_parts_mut(memory, self.count) };
        memory.zeroize();
        // SAFETY: it is all zeros now.
        unsafe { &mut *(core::ptr::from_mut(memory) as *mut [u8]) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_length_that_memory_cannot_have_is_refused() {
        let byte = 0u8;
        let end = core::ptr::without_provenance::<u8>(usize::MAX);
        let refused = |pointer, count| Input::many(pointer, count).err();
        assert_eq!(
            refused(&raw const byte, usize::MAX),
            Some(ResultCode::ImpossibleLength)
        );
        assert_eq!(refused(end, 2), Some(ResultCode::ImpossibleLength));
        assert_eq!(
            Input::many(&raw const byte as *const [u8; 8], usize::MAX).err(),
            Some(ResultCode::ImpossibleLength)
        );
    }

    #[test]
    fn memory_that_only_touches_does_not_overlap() {
        let bytes = [0u8; 4];
        let span = |start: usize, len| {
            Input::many(bytes.as_ptr().wrapping_add(start), len)
                .unwrap()
                .span()
        };
        assert!(apart([span(0, 2)], &[span(2, 2)]).is_ok());
        assert!(apart([span(0, 2)], &[span(1, 0)]).is_ok());
        assert!(apart([span(0, 3)], &[span(2, 2)]).is_err());
        assert!(apart([span(0, 2), span(2, 2), span(3, 1)], &[]).is_err());
        // Two that are only read may.
        assert!(apart([span(0, 1)], &[span(1, 3), span(2, 1)]).is_ok());
    }
}
