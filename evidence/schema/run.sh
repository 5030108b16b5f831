#!/usr/bin/env bash
# Asks a service for everything that its OpenAPI document has, and much that it has not: every answer is to be one that the
# document describes, and none a failure of the service.
#
#     evidence/schema/run.sh path/to/txotp
#
# Schemathesis is installed under the target directory, in the version that is locked here. How it asks is in schemathesis.toml.
set -euo pipefail
txotp="$(realpath "${1:?usage: evidence/schema/run.sh path/to/txotp}")"
cd "$(dirname "$0")"
here="$PWD"
target="$(realpath -m "${CARGO_TARGET_DIR:-../../target}")/schema"
mkdir -p "$target"
[ -x "$target/python/bin/python" ] || python3 -m venv "$target/python"
"$target/python/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt

folder="$(mktemp -d)"
service=
finish() {
    status=$?
    [ -z "$service" ] || kill "$service" 2>/dev/null || true
    wait 2>/dev/null || true
    [ $status = 0 ] || { echo "schema: failed; the service said:" >&2; grep -v '"level":"INFO"' "$folder/log" | tail -n 40 >&2; }
    rm -rf "$folder"
    exit $status
}
trap finish EXIT

# Requests without a key come from one address, and more often than it may ask by itself.
"$txotp" serve --json --listen 127.0.0.1:0 --store "$folder/txotp.db" --set sms.gateway=log --set limits.per_address=0 \
    --set log.format=json >"$folder/told" 2>"$folder/log" &
service=$!
for _ in $(seq 300); do
    [ ! -s "$folder/told" ] || break
    kill -0 "$service"
    sleep 0.1
done
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }
url="$(field url <"$folder/told")"
key="$(field key <"$folder/told")"
ask() { curl -sSf -H "Authorization: Bearer $1" -H 'Content-Type: application/json' "${@:3}" "$url$2"; }

# Somebody who can be asked, and the key of a device that answers.
ask "$key" /v1/devices -d '{"user": "alice", "device": "phone"}' >"$folder/device"
ask "$key" /v1/devices/phone/keys -X POST >"$folder/device-key"
device_key="$(field key <"$folder/device-key")"
ask "$key" /v1/approvals -d '{"user": "alice", "transaction": {"message": "Pay"}}' >"$folder/approval"
mobile='{"country_code": "1", "number": "4055550185"}'
ask "$key" /v1/stepup/sessions/login -X PUT -d "{\"user\": \"alice\", \"mobile\": $mobile}" >"$folder/session"
ask "$key" /v1/stepup/sessions/login/challenges/otp/SMS -d '{}'

# A stream of events does not end while anybody would wait for it: its head is looked at, and what begins it.
{ ask "$device_key" /v1/device/approvals/events --max-time 3 -D "$folder/head" 2>/dev/null || true; } >"$folder/events"
grep -qi '^content-type: text/event-stream' "$folder/head"
grep -q '^event: pending' "$folder/events"

# Asks with a key, for the operations that the other options name. What is written on the way goes with the folder.
cd "$folder"
run() {
    printf '\n-- %s\n' "$1"
    "$target/python/bin/schemathesis" --config-file "$here/schemathesis.toml" run "$url/v1/openapi.json" --no-color \
        --header "Authorization: Bearer $2" "${@:3}"
}
run "device's key" "$device_key" --include-path-regex '^/v1/device/' --exclude-path /v1/device/approvals/events
# A key that is revoked would end the run: revoking has one of its own.
run "application's key" "$key" --exclude-path-regex '^/v1/device/' --exclude-operation-id revoke_key
run "revoking keys" "$key" --include-operation-id revoke_key
kill -0 "$service"
