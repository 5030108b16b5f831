#!/usr/bin/env bash
# Checks that what is done with seeds, PINs and codes takes neither branches, addresses nor time from them.
#
#   evidence/constant-time/run.sh              needs valgrind; without it the poisoned run is left out, by name
#   evidence/constant-time/run.sh --install    gets valgrind from Debian's packages first; a missing one is an error
#   FACTOR=20 evidence/constant-time/run.sh    takes twenty times as many samples of time
#
# Exit 0 if no operation leaks and every control does; 1 with what is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# Flags of the caller would make another build than the one that is described; without debug information valgrind does not see
# the functions that were inlined, by which public.supp names what is public.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_PROFILE_DEV_DEBUG

# dudect's own: above 10 a leak is certain. A control that is noticed is far above, in the same round.
readonly MOST_T=10 LEAST_T_OF_CONTROL=100 ROUNDS=3

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
[[ $CARGO_TARGET_DIR == /* ]] || CARGO_TARGET_DIR=$PWD/../../$CARGO_TARGET_DIR
has() { command -v "$1" >/dev/null; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Runs every operation and every control with poisoned secrets, in a build. What memcheck reports of a build that fails
# is shown, the innermost calls first.
check_poisoned() {
    local build=$1 log=$scratch/memcheck.log
    shift
    echo "secrets poisoned, $build build: reports of memcheck for each suite"
    valgrind --quiet --error-limit=no --num-callers=100 --expensive-definedness-checks=yes \
        --suppressions=public.supp "$@" --log-file="$log" "$CARGO_TARGET_DIR/$build/poisoned" && return
    grep -A 12 -E 'Conditional|Use of' "$log" | cut -c 1-160 | head -n 80 >&2
    echo "constant-time: the $build build is not as it is to be" >&2
    return 1
}

# One round of timing, as lines of a name and |t|.
measure() {
    "$CARGO_TARGET_DIR/release/timing" "${FACTOR:-1}" |
        awk '/max t =/ { t = $0; sub(/.*max t = [+-]/, "", t); sub(/,.*/, "", t); print $2, t }'
}

# An operation passes in a round in which its t is small and no control has gone unnoticed. What leaks does not pass in
# three; what was disturbed, by whatever else the machine does, passes in one of them. What the README notes is held to a
# tenth of its control.
judge() {
    awk -v most="$MOST_T" -v least="$LEAST_T_OF_CONTROL" '
        function passes(file, name, value) {
            value = t[file, name]
            if (file in unnoticed || value !~ /^[0-9.]+$/) return 0
            if (name ~ /^control_/) return 1
            if (name ~ /^noted_/) return value < t[file, "control_search_first_or_last_matches"] / 10
            return value < most
        }
        { t[FILENAME, $1] = $2 + 0; names[$1] = 1 }
        $1 ~ /^control_/ && $2 < least { unnoticed[FILENAME] = 1 }
        END {
            for (name in names) {
                row = sprintf("  %-48s", name); good = 0; count++
                for (n = 1; n < ARGC; n++) {
                    row = row sprintf(" %9.2f", t[ARGV[n], name])
                    good = good || passes(ARGV[n], name)
                }
                print row, good ? " ok" : " FAULT" | "sort"
                faults += !good
            }
            close("sort")
            exit faults > 0 || count != 10
        }' "$@"
}

check_timing() {
    local round rounds=()
    echo "time of the release build: |t|, at most $MOST_T, of controls at least $LEAST_T_OF_CONTROL"
    for ((round = 1; round <= ROUNDS; round++)); do
        measure >"$scratch/round-$round"
        rounds+=("$scratch/round-$round")
        judge "${rounds[@]}" >"$scratch/table" && break
    done
    cat "$scratch/table"
    ((round <= ROUNDS)) && return
    echo "constant-time: in $ROUNDS rounds the time of an operation tells its input, or no round noticed every control" >&2
    return 1
}

if [[ ${1:-} == --install ]] && ! has valgrind; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends valgrind >/dev/null
fi
cargo build --quiet --locked --release
faults=0
if has valgrind; then
    cargo build --quiet --locked --bin poisoned
    check_poisoned debug --suppressions=debug.supp || faults=1
    check_poisoned release || faults=1
else
    echo "constant-time: left out: secrets poisoned under valgrind, in both builds (no valgrind)"
    [[ ${1:-} == --install ]] && faults=1
fi
check_timing || faults=1
exit $faults
