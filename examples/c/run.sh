#!/usr/bin/env bash
# Builds the C library, and builds and runs everything that is written in C around it.
#
#   examples/c/run.sh              does what it has tools for, and names what it left out
#   examples/c/run.sh --install    gets the tools from Debian's packages first; a missing one is an error
#
# Exit 0 if all that ran gave what it is to give; 1 with what is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Of the image: what a product has beside the library is its own.
readonly FLASH_MOST=24576 STACK_MOST=6144
readonly DOCS=../../docs/firmware.md
. ../../firmware/compiler.sh
. ../../firmware/image.sh

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

install_missing() {
    local packages=()
    has g++ || packages+=(g++)
    has make || packages+=(make)
    has cmake || packages+=(cmake)
    has pkg-config || packages+=(pkgconf)
    has valgrind || packages+=(valgrind)
    has clang || packages+=(clang)
    install_packages "${packages[@]}"
    # The sanitizers of clang come apart, for each version.
    has_sanitizers clang || install_packages "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
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
        check_cmake_versions "$prefix"
    else
        leave_out "CMake"
    fi
}

# What CMake takes this version for, before 1.0: the first number, or the first two, and no later one.
check_cmake_versions() {
    cat >"$scratch/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.16)
project(versions C)
foreach(fits 0 0.1 0.1.0)
    find_package(txotp ${fits} REQUIRED)
endforeach()
foreach(other 0.0 0.2 0.1.99999 1 1.0)
    find_package(txotp ${other} QUIET)
    if(txotp_FOUND)
        message(FATAL_ERROR "this version is taken for ${other}")
    endif()
endforeach()
END
    cmake -S "$scratch" -B "$scratch/versions" -DCMAKE_PREFIX_PATH="$1" >/dev/null
}

# Builds the static library for the microcontroller, and with it the image of a name.
build_image() {
    # In a shell of its own, which keeps the other compiler to itself; what that builds is kept apart.
    (
        choose_compiler
        export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/c-firmware
        export CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_PANIC=abort
        # A third of the size of sha2's unrolled form.
        export RUSTFLAGS='--cfg sha2_backend_soft="compact"'
        cargo rustc -q --release --locked "${build_core[@]}" -p txotp-ffi --lib --crate-type staticlib \
            --no-default-features --target "$TARGET"
        make -s -C firmware BUILD="../build/$1" TXOTP_LIB="$CARGO_TARGET_DIR/$TARGET/release/libtxotp_ffi.a"
    )
}

check_firmware() {
    if ! has_compiler; then
        leave_out "the image: no $TARGET here (rustup target add $TARGET)"
        return
    fi
    if ! has arm-none-eabi-gcc || ! has qemu-system-arm; then
        leave_out "the image: no arm-none-eabi-gcc or qemu-system-arm"
        return
    fi
    build_image firmware
    local image=build/firmware/approve.elf shown found flash stack
    shown=$(./expect.sh timeout 120 qemu-system-arm -machine lm3s6965evb -display none -serial none -monitor none \
        -chardev stdio,id=console -semihosting-config enable=on,target=native,chardev=console -kernel "$image")
    echo "$shown"
    found=$(linked "$image" "$PANICS|$ALLOCATORS")
    [[ -z $found ]] || fail "the image can panic or allocate: $found"
    check_linked_sees

    flash=$(flash "$image") stack=$(awk '$1 == "stack" { print $2 }' <<<"$shown")
    echo "the image has $flash of $FLASH_MOST bytes of flash, $stack of $STACK_MOST of stack"
    ((flash <= FLASH_MOST && stack > 0 && stack <= STACK_MOST)) || fail "the image is too large"
    [[ $(variables "$image") == 0 ]] || fail "the image has variables"
    documented "flash: the device" 2 "$flash" || fail "the documented flash"
    documented "stack, with all" 2 "$stack" || fail "the documented stack"
}

# The same image, from a library with the panics of arithmetic and with an allocator, is seen to have both.
check_linked_sees() {
    local image=build/control/approve.elf
    CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true LDLIBS=-Wl,--undefined=malloc,--defsym=_sbrk=0 build_image control
    [[ -n $(linked "$image" "$PANICS") ]] || fail "the check for panics does not see one"
    [[ -n $(linked "$image" "$ALLOCATORS") ]] || fail "the check for allocators does not see one"
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [[ ${1:-} == --install ]]; then
    install=true
    install_missing
fi
has make || fail "make is missing, and with it everything here"
cargo build -q --release --locked -p txotp-ffi
python3 excerpts.py "$DOCS" ../../crates/txotp-ffi/README.md
check_with gcc
check_with clang
check_cpp
check_valgrind
check_installed
check_firmware
echo "examples/c: done, $left_out left out"
