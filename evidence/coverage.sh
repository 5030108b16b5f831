#!/usr/bin/env bash
# Measures which lines and branches of a crate its own tests reach (not its examples in documentation).
#
#   evidence/coverage.sh [crate…]             core, uri and verifier; needs llvm-cov of the LLVM that rustc has
#   evidence/coverage.sh --install [crate…]   gets it from Debian's packages first
#
# What is not reached is listed below each table. Branches are an unstable option of the stable compiler's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
if [[ ${1:-} == --install ]]; then
    shift
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "llvm-$llvm" >/dev/null
fi
(($#)) || set -- core uri verifier
tools=${LLVM_TOOLS:-/usr/lib/llvm-$llvm/bin}
[[ -x $tools/llvm-cov ]] || { echo "coverage: there is no $tools/llvm-cov: --install, or LLVM_TOOLS=folder" >&2 && exit 2; }

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/coverage
export CARGO_TARGET_DIR=$target RUSTC_BOOTSTRAP=1 CARGO_INCREMENTAL=0
export RUSTFLAGS="-C instrument-coverage -Z coverage-options=branch"

# The test programs of a crate.
programs() {
    cargo test --package "$1" --lib --tests --locked --no-run --message-format json 2>/dev/null |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}

for crate; do
    package=txotp-$crate profiles=$target/profiles-$crate
    rm -rf "$profiles"
    mapfile -t programs < <(programs "$package")
    LLVM_PROFILE_FILE=$profiles/%p-%m.profraw cargo test --quiet --package "$package" --lib --tests --locked >/dev/null
    "$tools/llvm-profdata" merge --sparse "$profiles"/*.profraw --output "$profiles/all"
    report() {
        "$tools/llvm-cov" "$1" "${programs[0]}" "${programs[@]/#/--object=}" --instr-profile "$profiles/all" "${@:2}" \
            "crates/$package/src"
    }
    echo "== $package: lines and branches"
    report report --show-branch-summary --show-region-summary=false --show-functions=false |
        awk '/^(File|TOTAL|.*\.rs)/ { print }'
    report show --show-branches=count --show-line-counts=true >"$profiles/lines"
    echo "== $package: not reached"
    awk '/^\/.*:$/ { file = $0 }
        /^ *[0-9]+\| *0\|/ || /^  \|  Branch.*(True: 0,|False: 0\])/ {
            if (file) { print file; file = "" }
            print
        }' "$profiles/lines"
done
