#!/usr/bin/env bash
# Builds the libraries for this computer, which runs Linux, and installs them with the header and the
# files for pkg-config and CMake.
#
#   crates/txotp-ffi/install.sh [--prefix /usr/local]      DESTDIR is put before every path, as usual
set -euo pipefail
from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"

prefix=/usr/local
while (($#)); do
    case $1 in
        --prefix) prefix=${2:?--prefix needs a folder}; shift 2 ;;
        *) echo "usage: install.sh [--prefix FOLDER]" >&2; exit 2 ;;
    esac
done
[[ $prefix == /* ]] || prefix=$from/$prefix

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' ../../Cargo.toml | head -1)
# Programs are bound to the first two numbers while the first is 0.
soversion=${version%.*}
root=${DESTDIR:-}$prefix
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}
[[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR=$from/$CARGO_TARGET_DIR
built=$CARGO_TARGET_DIR/release

build() { cargo rustc --release --locked -p txotp-ffi --lib --crate-type "$1" -- "${@:2}"; }
fill() { sed "s|@PREFIX@|$prefix|g; s|@VERSION@|$version|g; s|@SOVERSION@|$soversion|g" "install/$1.in"; }

build staticlib
build cdylib -C "link-arg=-Wl,-soname,libtxotp.so.$soversion"

install -d "$root/include" "$root/lib/pkgconfig" "$root/lib/cmake/txotp"
install -m 644 include/txotp.h "$root/include/txotp.h"
install -m 644 "$built/libtxotp_ffi.a" "$root/lib/libtxotp.a"
install -m 755 "$built/libtxotp_ffi.so" "$root/lib/libtxotp.so.$version"
ln -sf "libtxotp.so.$version" "$root/lib/libtxotp.so.$soversion"
ln -sf "libtxotp.so.$soversion" "$root/lib/libtxotp.so"
fill txotp.pc >"$root/lib/pkgconfig/txotp.pc"
fill txotpConfig.cmake >"$root/lib/cmake/txotp/txotpConfig.cmake"
fill txotpConfigVersion.cmake >"$root/lib/cmake/txotp/txotpConfigVersion.cmake"
echo "txotp $version is in $root"
