#!/usr/bin/env bash
# Builds the workspace with the lowest versions of its own dependencies that the manifests allow: .ci/minimal_versions.sh
#
# A lower bound that nobody builds is a guess, and whoever depends on these crates may be given just that version. The
# work is done in a copy, below the target directory. Stable cargo is let use its one unstable option here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/minimal-versions
rm -rf "$target/tree"
mkdir -p "$target/tree"
git ls-files -z -- ':!fuzz' | xargs -0 cp --parents -t "$target/tree"
cd "$target/tree"
RUSTC_BOOTSTRAP=1 cargo update --quiet -Z direct-minimal-versions
CARGO_TARGET_DIR=$target cargo check --workspace --all-features --all-targets --locked
echo "minimal versions: all builds"
