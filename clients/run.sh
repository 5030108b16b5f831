#!/usr/bin/env bash
# Runs unmodified clients of Authy's API, each with everything that it can ask for, against the service:
#
#     clients/run.sh path/to/txotp
#
# They are installed into a folder under the target directory, from the versions that are locked here. zbarimg is needed.
set -euo pipefail
txotp="$(realpath "${1:?usage: clients/run.sh path/to/txotp}")"
cd "$(dirname "$0")"
target="$(realpath -m "${CARGO_TARGET_DIR:-../target}")/clients"
mkdir -p "$target/node"

[ -x "$target/python/bin/python" ] || python3 -m venv "$target/python"
"$target/python/bin/pip" install --quiet --disable-pip-version-check --requirement python/requirements.txt
cp node/package.json node/package-lock.json "$target/node"
# A dependency would build a module of C++ that it does without.
npm ci --prefix "$target/node" --ignore-scripts --no-audit --no-fund --loglevel error
cargo build --quiet --locked --manifest-path rust/Cargo.toml --target-dir "$target/rust"

folder="$(mktemp -d)"
service= receiver=
finish() {
    status=$?
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    [ -z "$receiver" ] || kill "$receiver" 2>/dev/null || true
    wait 2>/dev/null || true
    [ $status = 0 ] || { echo "clients: failed; the service said:" >&2; tail -n 40 "$folder/log" >&2; }
    rm -rf "$folder"
    exit $status
}
trap finish EXIT

"$txotp" serve --json --listen 127.0.0.1:0 --store "$folder/txotp.db" --set sms.gateway=log --set sms.calls=true \
    --set callbacks.allow_private=true >"$folder/told" 2>"$folder/log" &
service=$!
mkdir "$folder/callbacks"
TXOTP_CALLBACKS="$folder/callbacks" python3 device.py receive >"$folder/receiver" &
receiver=$!
for _ in $(seq 300); do
    [ ! -s "$folder/told" ] || [ ! -s "$folder/receiver" ] || break
    kill -0 "$service" "$receiver"
    sleep 0.1
done
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
TXOTP_URL="$(field url <"$folder/told")"
# The clients' key is one that has callbacks, and signs them.
TXOTP_KEY="$(curl -sSf -H "Authorization: Bearer $(field key <"$folder/told")" -H 'Content-Type: application/json' \
    -d "{\"name\":\"clients\",\"roles\":[\"administer\",\"verify\"],\"callback_url\":\"$(cat "$folder/receiver")\"}" \
    "$TXOTP_URL/v1/keys" | field key)"
export TXOTP_URL TXOTP_KEY TXOTP_LOG="$folder/log" TXOTP_DEVICE="$PWD/device.py" TXOTP_CALLBACKS="$folder/callbacks"
export NODE_PATH="$target/node/node_modules"
# This client's libraries write what they send to standard output, and to no good.
export LOG_LEVEL=fatal NODE_NO_WARNINGS=1

"$target/python/bin/python" python/run.py
node node/authy.js
node node/authy-client.js
"$target/rust/debug/txotp-client-authy"
kill -0 "$service"
