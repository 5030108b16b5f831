#!/usr/bin/env bash
# Puts faults into a crate, one at a time, and sees whether its own tests notice: evidence/mutation.sh [crate…]
#
# core, verifier and uri, one after another: many minutes each. It needs cargo-mutants (cargo install --locked cargo-mutants).
# First with the tests that are quick; what survives them then meets all tests of the crate, its examples included.
# Nothing is left out. Exit 0 if docs/mutation.md names each fault that survives, with its reason; 1 with those it does not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

(($#)) || set -- core verifier uri
reasons=docs/mutation.md
results=$(realpath -m "${CARGO_TARGET_DIR:-target}")/mutants
# cargo-mutants builds in a copy of its own. Debug information only costs time there.
unset CARGO_TARGET_DIR
export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=1

# Tests that take seconds, and are seldom the first to notice.
readonly SLOW='wiping|properties'
quick() { basename --suffix=.rs "crates/$1"/tests/*.rs | grep --invert-match --word-regexp --extended-regexp "$SLOW" | sed 's/^/--test=/'; }

# Exit 2 and 3 are survivors and timeouts, which are looked at below.
mutate() { cargo mutants --colors never --no-times --minimum-test-timeout 20 "$@" || (($? == 2 || $? == 3)); }

faults=0
for crate; do
    package=txotp-$crate folder=$results/$crate
    rm -rf "$folder"
    mkdir -p "$folder"
    mapfile -t tests < <(quick "$package")
    mutate --package "$package" --output "$folder" -- --locked --lib "${tests[@]}"
    mutate --package "$package" --output "$folder" --iterate -- --locked
    # Without line and column, which move.
    while IFS= read -r survivor; do
        grep --quiet --fixed-strings "\`$survivor\`" "$reasons" && continue
        echo "mutation: survives without a reason: $survivor"
        faults=1
    done < <(sed -E 's/^crates\///; s/(\.rs):[0-9]+:[0-9]+/\1/' "$folder/mutants.out/missed.txt")
    echo "mutation: $package: $(wc -l <"$folder/mutants.out/missed.txt") survive"
done
exit $faults
