//! What a program tells memcheck, and asks it: which memory is a secret.
//!
//! Memcheck follows, bit by bit, which values come from memory that was never written, and reports a branch or an
//! address that depends on one. A secret is told to be such memory (the idea is Adam Langley's ctgrind). Nothing is
//! changed by it but what memcheck believes; without valgrind the requests do nothing.
#![expect(
    unsafe_code,
    reason = "a request to valgrind is a sequence of instructions that it recognises"
)]

#[cfg(not(target_arch = "x86_64"))]
compile_error!("the instructions by which valgrind is asked are written out for x86-64 only");

/// The numbers of `valgrind.h` and `memcheck.h`.
#[derive(Clone, Copy)]
enum Request {
    RunningOnValgrind = 0x1001,
    CountErrors = 0x1201,
    MakeMemUndefined = 0x4d43_0001,
    MakeMemDefined = 0x4d43_0002,
    GetVbits = 0x4d43_0008,
}

/// Whether memcheck is watching.
#[must_use]
pub fn is_watching() -> bool {
    ask(Request::RunningOnValgrind, [0; 3]) != 0
}

/// How many branches and addresses it has reported so far, those that `public.supp` names left out.
#[must_use]
pub fn reports() -> usize {
    ask(Request::CountErrors, [0; 3])
}

/// From here on a value is a secret, and so is all that is computed from it.
pub fn poison<T: ?Sized>(secret: &mut T) {
    ask(Request::MakeMemUndefined, place(secret));
}

/// From here on a value may be known: the one way in which a program lets a secret out. Whoever calls it says why.
pub fn declassify<T: ?Sized>(public: &mut T) {
    ask(Request::MakeMemDefined, place(public));
}

/// Whether any bit of a value without padding comes from a secret. A check that has lost its secret on the way checks
/// nothing.
#[must_use]
pub fn is_secret<T: ?Sized>(value: &T) -> bool {
    let mut undefined = vec![0u8; size_of_val(value)];
    let from = core::ptr::from_ref(value).cast::<u8>().expose_provenance();
    let to = undefined.as_mut_ptr().expose_provenance();
    ask(Request::GetVbits, [from, to, undefined.len()]);
    undefined.iter().any(|bits| *bits != 0)
}

fn place<T: ?Sized>(value: &mut T) -> [usize; 3] {
    let length = size_of_val(value);
    [
        core::ptr::from_mut(value).cast::<u8>().expose_provenance(),
        length,
        0,
    ]
}

/// Makes a request; 0 where nobody hears it.
fn ask(request: Request, [first, second, third]: [usize; 3]) -> usize {
    let arguments = [request as usize, first, second, third, 0, 0];
    let answer: usize;
    // SAFETY: as instructions these do nothing: rdi is rotated by 3 + 13 + 61 + 51 = 128 bits and so is what it was, and
    // rbx is exchanged with itself. The flags count as changed. Valgrind, which translates a program before it runs,
    // recognises the five in a row, reads the six arguments that rax points to, and puts its answer into rdx, where a 0 is
    // until then. Of the memory that the arguments name it writes to none but the bits of `is_secret`, which are borrowed
    // alone and long enough; its address was exposed, and the assembly counts as writing to it.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") 0usize => answer,
            options(nostack),
        );
    }
    answer
}
