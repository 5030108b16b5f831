#!/usr/bin/env bash
# Builds the images for a Cortex-M3, runs them under QEMU, and holds them to their budgets.
#
#   firmware/run.sh              needs qemu-system-arm, arm-none-eabi binutils, and the target:
#                                rustup target add thumbv7m-none-eabi
#   firmware/run.sh --install    gets what is missing from Debian's packages, compiler included
#
# Exit 0 if every image gives what it is to give and no budget is exceeded; 1 with what is wrong.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# Flags for hosts would replace those of .cargo/config.toml.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET

readonly FLASH_MOST=10240 STACK_MOST=2048
readonly WORKED_CODE=57171677
readonly DOCS=../docs/firmware.md
. ./compiler.sh
. ./image.sh

scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
faults=0
fault() {
    echo "firmware: $*" >&2
    faults=$((faults + 1))
}

target_folder=${CARGO_TARGET_DIR:-$PWD/target}
image() { echo "$target_folder/$TARGET/release/$1"; }

# Runs an image; its output is in $output, and how it ended in $status. Time passes by instructions.
run() {
    local semihosting="enable=on,target=native"
    # In an option of QEMU, a comma is written twice.
    (($# > 1)) && semihosting+=",arg=$1,arg=${2//,/,,}"
    status=0
    output=$(timeout 120 qemu-system-arm -machine lm3s6965evb -display none -serial none -monitor none \
        -icount shift=8 -semihosting-config "$semihosting" -kernel "$(image "$1")" 2>/dev/null </dev/null) ||
        status=$?
}

# A number that the image in $output reports.
reported() { awk -v label="$1" '$1 == label { print $2 }' <<<"$output"; }

# The names of panics in an image, and the mark that the panic handler prints: it is there even where
# every name was inlined away.
panics() {
    linked "$(image "$1")" "$PANICS" || return
    # Into a file: it writes nothing into a pipe.
    arm-none-eabi-objcopy -O binary "$(image "$1")" "$scratch" || return
    [[ -s $scratch ]] || return
    grep -ao panicked "$scratch" || true
}

check_sign() {
    run sign
    local expected="Approve money transaction
Amount
  1000 Euros
To
  John Doe
Destination Account
  29385
Source Account
  98381
Reason
  transfer money
code $WORKED_CODE"
    [[ $status == 0 && $output == "$expected" ]] || fault "sign does not show the worked example: $output"
    run sign 'txotp://totp?message=Approve+money+transaction&details[Amount]=1000+Euros&details[To]=John+Doe&details[Destination+Account]=29385&details[Source+Account]=98381&details[Reason]=transfer+money&hidden_details[Transaction+ID]=T2293'
    [[ $status == 0 && $output == "$expected" ]] || fault "sign does not take a string as its argument: $output"
    run sign 'txotp://totp?message=Pay&details[Amount]=%E2%80%AE1'
    [[ $status != 0 && $output == "refused forbidden-text" ]] || fault "sign shows what could deceive: $output"
    run sign "txotp://totp?message=$(printf 'x%.0s' {1..580})"
    [[ $status != 0 && $output == "refused too-long" ]] || fault "sign takes 601 bytes: $output"
    run sign 'txotp://totp?message=Pay&details[To]=%D7%A9'
    [[ $status != 0 && $output == "refused undisplayable" ]] || fault "sign shows what it cannot draw: $output"
}

check_counter() {
    run counter
    local codes
    codes=$(grep '^code' <<<"$output" | tr '\n' ' ')
    [[ $status == 0 && $codes == "code 88146414 code 05913340 " ]] || fault "counter gives: $codes"
}

check_vectors() {
    run vectors
    [[ $status == 0 ]] || fault "vectors do not all hold"
    local row name cases files=()
    for row in hotp:rfc4226 totp:rfc6238 ocra:rfc6287,ocra-qh64,ocra-more \
        transactions:transactions strings-valid:strings-valid strings-invalid:strings-invalid; do
        name=${row%%:*}
        IFS=, read -ra files <<<"${row#*:}"
        files=("${files[@]/#/../test-vectors/}")
        cases=$(grep -oh '"name":' "${files[@]/%/.json}" | wc -l)
        grep -qx "$name $cases of $cases" <<<"$output" || fault "$name: not $cases of $cases"
    done
    echo "vectors"
    echo "  ${output//$'\n'/$'\n'  }"
}

check_linked() {
    local name found
    for name in baseline budget sign counter vectors; do
        found=$(linked "$(image "$name")" "$ALLOCATORS")
        [[ -z $found ]] || fault "$name has an allocator: $found"
    done
    found=$(linked "$(image budget)" 'sha1|sha512|Sha1|Sha512')
    [[ -z $found ]] || fault "budget has another hash: $found"
    # The check itself: what panics is found, by its names and by the mark, and ends the run as failed.
    found=$(panics panics)
    grep -q core::panicking <<<"$found" || fault "the check for panics does not see the names of one"
    grep -qx panicked <<<"$found" || fault "the check for panics does not see the mark of one"
    run panics
    [[ $status != 0 && $output == panicked ]] || fault "a panic does not fail the run"
}

# Runs the path, and measures it: what it has more than an image that does nothing.
measure() {
    local idle found
    run baseline
    idle=$(reported stack)
    run budget
    grep -qx "$WORKED_CODE" <<<"$output" || fault "budget gives another code: $output"
    stack=$(($(reported stack) - idle)) instructions=$(reported instructions)
    flash=$(($(flash "$(image budget)") - $(flash "$(image baseline)")))
    ((stack > 0 && instructions > 0)) || fault "nothing was measured"
    [[ $(variables "$(image budget)") == "$(variables "$(image baseline)")" ]] || fault "budget has variables"
    found=$(panics budget)
    [[ -z $found ]] || fault "budget can panic: $found"
}

check_budget() {
    local flash stack instructions
    measure
    ((flash <= FLASH_MOST)) || fault "flash: $flash bytes of $FLASH_MOST"
    ((stack <= STACK_MOST)) || fault "stack: $stack bytes of $STACK_MOST"
    documented "flash: code" 2 "$flash" || fault "the documented flash"
    documented "stack, beside" 2 "$stack" || fault "the documented stack"
    documented "instructions, whole path" 2 "$instructions" || fault "the documented instructions"
    echo "string -> details -> code, SHA-256 only"
    printf '  %-34s %7d of %d bytes\n' "flash" "$flash" "$FLASH_MOST"
    printf '  %-34s %7d of %d bytes\n' "stack, beside the text buffer" "$stack" "$STACK_MOST"
    printf '  %-34s %7d\n' "instructions" "$instructions"
    run parts
    grep -qx "code-is $WORKED_CODE" <<<"$output" || fault "parts gives another code: $output"
    local part
    for part in key read check-display digest step code; do
        printf '    %-32s %7d\n' "$part" "$(reported "$part")"
        documented "$part:" 2 "$(reported "$part")" || fault "the documented instructions of $part"
    done
}

# The path in other builds: no budget holds for them, but they too give the code and cannot panic.
check_build() {
    local row=$1 flash stack instructions
    "${build[@]}" --bin baseline --bin budget
    measure
    printf '  %-34s %7d bytes of flash, %d of stack, %d instructions\n' "$row" "$flash" "$stack" "$instructions"
    documented "$row" 2 "$flash" || fault "the documented flash"
    documented "$row" 3 "$stack" || fault "the documented stack"
    documented "$row" 4 "$instructions" || fault "the documented instructions"
}

check_builds() {
    local compact=', compact SHA-256'
    check_build "\`\"z\"\`$compact"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=s check_build "\`\"s\"\`$compact"
    CARGO_PROFILE_RELEASE_OPT_LEVEL=3 check_build "\`3\`$compact"
    # In the place of the flags in .cargo/config.toml.
    RUSTFLAGS="-C link-arg=-Tlink.x -C link-arg=--nmagic" check_build "\`\"z\"\`, unrolled SHA-256"
}

# The code that the documentation shows is the code that ran.
check_docs() {
    local file
    for file in src/approve.rs src/bin/sign.rs src/bin/counter.rs; do
        awk -v mark="<!-- firmware/$file -->" '
            $0 == mark { wanted = 1 }
            wanted && /^```$/ { exit }
            shown { print }
            wanted && /^```rust$/ { shown = 1 }' "$DOCS" |
            diff - "$file" >/dev/null || fault "docs/firmware.md does not show firmware/$file"
    done
}

if [[ ${1:-} == --install ]]; then
    install_packages
fi
if ! has_compiler; then
    echo "firmware: no $TARGET here: rustup target add $TARGET, or run with --install" >&2
    exit 1
fi
choose_compiler
build=(cargo build --quiet --release --locked "${build_core[@]}")
"${build[@]}"
check_sign
check_counter
check_budget
without=$(flash "$(image budget)")
check_docs
"${build[@]}" --features vectors --bin vectors
check_vectors
check_linked
check_builds
"${build[@]}" --features all-hashes --bin budget
with=$(flash "$(image budget)")
printf 'SHA-1 and SHA-512: %d bytes of flash where they are on, none where they are off\n' "$((with - without))"
if ((faults)); then
    echo "firmware: $faults faults" >&2
    exit 1
fi
