#!/usr/bin/env bash
# Builds the C library, and builds and runs everything that is written in C around it.
#
#   examples/c/run.sh              does what it has tools for, and names what it left out
#   examples/c/run.sh --install    gets the tools from Debian's packages first; a missing one is an error
#
# Exit 0 if all that ran gave what it is to give; 1 with what is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

readonly TARGET=thumbv7m-none-eabi
# Debian's compiler comes with sources of its own version, from which `core` is built.
readonly DEBIAN_RUSTC=/usr/bin/rustc DEBIAN_SOURCES=/usr/lib/rustlib/src/rust/library
# Names under which a panic, or an allocator, is linked.
readonly UNWANTED='core::panicking|rust_begin_unwind|panic_|__rust_.*alloc|(^| )(_?malloc(_r)?|_?free(_r)?|_sbrk(_r)?)$'

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}
[[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR=$PWD/$CARGO_TARGET_DIR
readonly RELEASE=$CARGO_TARGET_DIR/release

install=false
left_out=0
leave_out() {
    $install && fail "$*"
    echo "left out: $*"
    left_out=$((left_out + 1))
}
fail() {
    echo "examples/c: $*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null; }
has_target() { [[ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET" ]]; }

install_missing() {
    local packages=()
    has g++ || packages+=(g++)
    has make || packages+=(make)
    has cmake || packages+=(cmake)
    has pkg-config || packages+=(pkgconf)
    has valgrind || packages+=(valgrind)
    has clang || packages+=(clang)
    has qemu-system-arm || packages+=(qemu-system-arm)
    # The compiler may be there without its C library.
    [[ -d /usr/lib/arm-none-eabi/newlib ]] || packages+=(gcc-arm-none-eabi libnewlib-arm-none-eabi)
    has_target || [[ -d $DEBIAN_SOURCES ]] || packages+=(rustc-web rust-web-src)
    get "${packages[@]}"
    # The sanitizers of clang come apart, for each version.
    has_sanitizers clang || get "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
}

get() {
    (($#)) || return 0
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

has_sanitizers() {
    echo 'int main(void) { return 0; }' |
        "$1" -fsanitize=address,undefined -x c - -o "$scratch/sanitizers" 2>/dev/null
}

# Hosted programs, with a compiler.
check_with() {
    if ! has "$1"; then
        leave_out "everything with $1"
        return
    fi
    make -s check CC="$1" TXOTP_LIB="$RELEASE/libtxotp_ffi.a"
    if has_sanitizers "$1"; then
        make -s asan CC="$1" TXOTP_LIB="$RELEASE/libtxotp_ffi.a"
    else
        leave_out "the sanitizers of $1"
    fi
}

check_cpp() {
    if ! has g++; then
        leave_out "the header in C++"
        return
    fi
    echo '#include <txotp.h>' |
        g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -x c++ -I../../crates/txotp-ffi/include -
    echo "the header is C++ as well"
}

check_valgrind() {
    if ! has valgrind; then
        leave_out "valgrind"
        return
    fi
    cargo build -q --locked -p txotp-ffi
    make -s valgrind
}

# What install.sh installs is found and used, as a static and as a shared library.
check_installed() {
    local prefix=$scratch/prefix strict=(-std=c99 -Wall -Wextra -Wpedantic -Werror) flags
    ../../crates/txotp-ffi/install.sh --prefix "$prefix"
    if has pkg-config; then
        read -ra flags <<<"$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs txotp)"
        cc "${strict[@]}" approve.c main.c "${flags[@]}" -o "$scratch/shared"
        LD_LIBRARY_PATH=$prefix/lib ./expect.sh "$scratch/shared"
    else
        leave_out "pkg-config"
    fi
    if has cmake; then
        cmake -S cmake -B "$scratch/cmake" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
        cmake --build "$scratch/cmake" >/dev/null
        ./expect.sh "$scratch/cmake/approve_static"
        ./expect.sh "$scratch/cmake/approve_shared"
    else
        leave_out "CMake"
    fi
}

# Builds the static library for the microcontroller. Debian's compiler has no linker for the target,
# and borrows that of rustup's; as it is another compiler, what it builds is kept apart.
build_for_target() {
    local command=(cargo rustc -q --release --locked -p txotp-ffi --lib --crate-type staticlib --no-default-features)
    export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/c-firmware
    export CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_PANIC=abort
    # A third of the size of sha2's unrolled form.
    export RUSTFLAGS='--cfg sha2_backend_soft="compact"'
    if ! has_target; then
        PATH="$PATH:$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin"
        export PATH RUSTC=$DEBIAN_RUSTC RUSTC_BOOTSTRAP=1
        command+=(-Zbuild-std=core)
    fi
    "${command[@]}" --target "$TARGET"
}

check_firmware() {
    if ! has_target && [[ ! -d $DEBIAN_SOURCES ]]; then
        leave_out "the image: no $TARGET here (rustup target add $TARGET)"
        return
    fi
    if ! has arm-none-eabi-gcc || ! has qemu-system-arm; then
        leave_out "the image: no arm-none-eabi-gcc or qemu-system-arm"
        return
    fi
    # In a shell of its own, which keeps the other compiler to itself.
    (build_for_target)
    local image=build/firmware/approve.elf found
    make -s -C firmware TXOTP_LIB="$CARGO_TARGET_DIR/c-firmware/$TARGET/release/libtxotp_ffi.a"
    ./expect.sh timeout 120 qemu-system-arm -machine lm3s6965evb -display none -serial none -monitor none \
        -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console -kernel "$image"
    found=$(arm-none-eabi-nm --demangle "$image" | cut -d' ' -f3- | grep -E "$UNWANTED" | head -3) || true
    [[ -z $found ]] || fail "the image can panic or allocate: $found"
    arm-none-eabi-size "$image" | awk 'NR == 2 { print "the image has " $1 + $2 " bytes of flash, " $2 + $3 " of RAM beside the stack" }'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ ${1:-} == --install ]]; then
    install=true
    install_missing
fi
has make || fail "make is missing, and with it everything here"
cargo build -q --release --locked -p txotp-ffi
check_with gcc
check_with clang
check_cpp
check_valgrind
check_installed
check_firmware
echo "examples/c: done, $left_out left out"
