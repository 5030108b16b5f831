#!/bin/sh
# Runs a program that approves a transaction on strings that it is to refuse: it says why, and shows
# nothing of them.
set -eu
refused() {
    why=$1 string=$2
    shift 2
    if shown=$("$@" "$string"); then
        echo "it took: $string"
        exit 1
    fi
    if [ "$shown" != "refused: $why" ]; then
        echo "expected:
refused: $why
shown:
$shown"
        exit 1
    fi
}
long=$(printf '%0580d' 0)
refused "a text has a character that the display cannot draw" \
    'txotp://totp?message=Pay&details[To]=%D7%A9' "$@"
refused "a text contains a character that could deceive on a display" \
    'txotp://totp?message=Pay&details[Amount]=%E2%80%AE1' "$@"
refused "the string is longer than the limit" "txotp://totp?message=$long" "$@"
refused "the string does not begin with txotp://" 'https://example.com' "$@"
for program; do :; done
echo "$program: shows nothing of what it refuses"
