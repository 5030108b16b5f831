#!/usr/bin/env bash
# Compares the public interfaces of the library crates, with every feature, with the snapshots in docs/api.
#
#   .ci/public_api.sh            exit 0 if all are as committed; 1 with the lines that differ
#   .ci/public_api.sh --write    takes them as they are: the diff is then what a reviewer reads
#
# The C interface has its header instead. Rustdoc's JSON is unstable, so stable rustdoc is let use its one unstable
# option here; one that writes another format than the tool reads is said, and nothing is compared.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly FORMAT=57
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
export CARGO_TARGET_DIR=$target
faults=0
for crate in core uri verifier qr store; do
    json=$target/doc/txotp_$crate.json snapshot=docs/api/txotp-$crate.txt
    RUSTC_BOOTSTRAP=1 cargo rustdoc --quiet --package "txotp-$crate" --lib --all-features --locked -- \
        -Z unstable-options --output-format json
    format=$(grep -o '"format_version":[0-9]*' "$json" | tail -n 1)
    if [[ $format != "\"format_version\":$FORMAT" ]]; then
        echo "public API: skipped, since $(rustc --version) writes $format, and the tool reads $FORMAT"
        exit 0
    fi
    listed=$target/doc/txotp_$crate.txt
    cargo run --quiet --manifest-path evidence/public-api/Cargo.toml --locked --target-dir "$target/public-api" -- "$json" >"$listed"
    if [[ ${1:-} == --write ]]; then
        cp "$listed" "$snapshot"
    else
        diff --unified=0 "$snapshot" "$listed" || faults=1
    fi
    echo "public API: txotp-$crate, $(wc -l <"$listed") items"
done
exit $faults
