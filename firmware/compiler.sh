# The tools for the microcontroller, for the scripts that build for it. To be sourced.
#
# The compiler is rustup's where it has the target. Else it is Debian's, which comes with sources of its
# own version, from which `core` is built; it has no linker for the target, and borrows rustup's.
# shellcheck shell=bash disable=SC2034

readonly TARGET=thumbv7m-none-eabi
readonly DEBIAN_RUSTC=/usr/bin/rustc DEBIAN_SOURCES=/usr/lib/rustlib/src/rust/library

has() { command -v "$1" >/dev/null; }
has_target() { [[ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET" ]]; }
has_compiler() { has_target || [[ -d $DEBIAN_SOURCES ]]; }

# Installs packages of Debian's, and those that building and running an image needs.
install_packages() {
    local packages=("$@")
    has qemu-system-arm || packages+=(qemu-system-arm)
    # The compiler for C may be there without its library.
    has arm-none-eabi-gcc && [[ -d /usr/lib/arm-none-eabi/newlib ]] ||
        packages+=(gcc-arm-none-eabi libnewlib-arm-none-eabi)
    has_compiler || packages+=(rustc-web rust-web-src)
    ((${#packages[@]})) || return 0
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
}

# Sets up the environment, and in `build_core` the options of Cargo that go with it.
build_core=()
choose_compiler() {
    has_target && return
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    PATH="$PATH:$(rustc --print sysroot)/lib/rustlib/$host/bin"
    export PATH RUSTC=$DEBIAN_RUSTC RUSTC_BOOTSTRAP=1
    build_core=(-Zbuild-std=core)
}
