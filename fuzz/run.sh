#!/usr/bin/env bash
# Fuzzes every target for so many seconds (20), one after another: fuzz/run.sh [seconds-per-target [target…]]
#
# It needs cargo-fuzz, and no more than a stable toolchain: but for the C interface the crates have no `unsafe`, so that no
# sanitizer is asked for. SANITIZER=address asks for one, and needs nightly. Without cargo-fuzz the corpora are replayed, and what
# was not fuzzed is said by name. What a run learns stays in the target directory; a crash stays in artifacts/ and
# fails the run.
set -euo pipefail
cd "$(dirname "$0")"

seconds=${1:-20}
shift || true
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    mapfile -t targets < <(sed -n 's/^path = "fuzz_targets\/\(.*\)\.rs"$/\1/p' Cargo.toml)
fi

if ! cargo fuzz --version >/dev/null 2>&1; then
    for target in "${targets[@]}"; do
        echo "fuzz: skipped $target: there is no cargo-fuzz (cargo install cargo-fuzz --locked)"
    done
    exec cargo test --locked --test replay
fi

options=(--features fuzzing --sanitizer "${SANITIZER:-none}")
# Longer inputs find nothing more, and are slow: a text to draw, a history of decisions, a suite, a seed, a code.
declare -A longest=([qr]=701 [decide]=300 [ocra_suite]=64 [base32]=256 [code_parse]=64)
learnt=$(realpath -m "${CARGO_TARGET_DIR:-target}")/corpus
cargo fuzz build "${options[@]}" >/dev/null
for target in "${targets[@]}"; do
    mkdir -p "$learnt/$target"
    log=$learnt/$target.log
    if ! cargo fuzz run "${options[@]}" "$target" "$learnt/$target" "corpus/$target" -- \
        -max_total_time="$seconds" -timeout=20 -max_len="${longest[$target]:-3000}" >"$log" 2>&1; then
        tail -n 60 "$log"
        echo "fuzz: $target failed; its input is in fuzz/artifacts/$target"
        exit 1
    fi
    echo "fuzz: $target: $(grep '^Done' "$log")"
done
