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

readonly TARGET=thumbv7m-none-eabi
readonly FLASH_MOST=10240 STACK_MOST=2048
readonly WORKED_CODE=57171677
# Names under which a panic, or an allocator, is linked.
readonly PANICS='core::panicking|rust_begin_unwind|panic_|_fail(ed)?$'
readonly ALLOCATORS='__rust_.*alloc|__rg_|__rdl_|(^| )(malloc|calloc|realloc|_sbrk)$|alloc::'

faults=0
fault() {
    echo "firmware: $*" >&2
    faults=$((faults + 1))
}

install_missing() {
    local packages=()
    command -v qemu-system-arm >/dev/null || packages+=(qemu-system-arm)
    command -v arm-none-eabi-nm >/dev/null || packages+=(binutils-arm-none-eabi)
    command -v arm-none-eabi-gcc >/dev/null || packages+=(gcc-arm-none-eabi libnewlib-arm-none-eabi)
    has_target || [[ -d $DEBIAN_SOURCES ]] || packages+=(rustc-web rust-web-src)
    if ((${#packages[@]})); then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
    fi
}

# Debian's compiler comes with sources of its own version, from which `core` is built.
readonly DEBIAN_RUSTC=/usr/bin/rustc DEBIAN_SOURCES=/usr/lib/rustlib/src/rust/library

has_target() {
    [[ -d "$(rustc --print sysroot)/lib/rustlib/$TARGET" ]]
}

# Chooses the compiler. Debian's has no linker for the target, and borrows that of rustup's.
build=(cargo build --release --locked)
choose_compiler() {
    has_target && return
    if [[ ! -d $DEBIAN_SOURCES ]]; then
        echo "firmware: no $TARGET here: rustup target add $TARGET, or run with --install" >&2
        exit 1
    fi
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    PATH="$PATH:$(rustc --print sysroot)/lib/rustlib/$host/bin"
    export PATH RUSTC=$DEBIAN_RUSTC RUSTC_BOOTSTRAP=1
    build+=(-Zbuild-std=core)
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

# What an image takes of flash: code, constants, and the initial values of variables.
flash() { arm-none-eabi-size "$(image "$1")" | awk 'NR == 2 { print $1 + $2 }'; }

names() { arm-none-eabi-nm --demangle "$(image "$1")" | cut -d' ' -f3-; }

panics() {
    # The mark that the panic handler prints is there even where every name was inlined away.
    names "$1" | grep -E "$PANICS" ||
        arm-none-eabi-objcopy -O binary "$(image "$1")" /dev/stdout | grep -ao panicked
}

check_sign() {
    run sign
    local expected="Approve money transaction
Amount: 1000 Euros
To: John Doe
Destination Account: 29385
Source Account: 98381
Reason: transfer money
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
        found=$(names "$name" | grep -E "$ALLOCATORS" | head -1) || true
        [[ -z $found ]] || fault "$name has an allocator: $found"
    done
    found=$(panics budget | head -3) || true
    [[ -z $found ]] || fault "budget can panic: $found"
    # The check itself: what panics is found, and ends the run as failed.
    [[ -n $(panics panics) ]] || fault "the check for panics does not see one"
    run panics
    [[ $status != 0 && $output == panicked ]] || fault "a panic does not fail the run"
    found=$(names budget | grep -iE 'sha1|sha512' | head -1) || true
    [[ -z $found ]] || fault "budget has another hash: $found"
}

check_budget() {
    local flash stack instructions
    run baseline
    local idle=$(($(reported stack)))
    run budget
    grep -qx "$WORKED_CODE" <<<"$output" || fault "budget gives another code: $output"
    stack=$(($(reported stack) - idle)) instructions=$(reported instructions)
    flash=$(($(flash budget) - $(flash baseline)))
    ((flash <= FLASH_MOST)) || fault "flash: $flash bytes of $FLASH_MOST"
    ((stack > 0 && stack <= STACK_MOST)) || fault "stack: $stack bytes of $STACK_MOST"
    ((instructions > 0)) || fault "no instructions were counted"
    echo "string -> details -> code, SHA-256 only"
    printf '  %-34s %7d of %d bytes\n' "flash" "$flash" "$FLASH_MOST"
    printf '  %-34s %7d of %d bytes\n' "stack, beside the text buffer" "$stack" "$STACK_MOST"
    printf '  %-34s %7d\n' "instructions" "$instructions"
    run parts
    [[ $status == 0 ]] || fault "parts has no code"
    local part
    for part in key read check-display digest step code; do
        printf '    %-32s %7d\n' "$part" "$(reported "$part")"
    done
}

# The code that the documentation shows is the code that ran.
check_docs() {
    local file
    for file in src/approve.rs src/bin/sign.rs src/bin/counter.rs; do
        awk -v mark="<!-- firmware/$file -->" '
            $0 == mark { wanted = 1 }
            wanted && /^```$/ { exit }
            shown { print }
            wanted && /^```rust$/ { shown = 1 }' ../docs/firmware.md |
            diff - "$file" >/dev/null || fault "docs/firmware.md does not show firmware/$file"
    done
}

if [[ ${1:-} == --install ]]; then
    install_missing
fi
choose_compiler
"${build[@]}"
check_sign
check_counter
check_budget
without=$(flash budget)
check_docs
"${build[@]}" --features vectors --bin vectors
check_vectors
check_linked
"${build[@]}" --features all-hashes --bin budget
printf 'SHA-1 and SHA-512: %d bytes of flash where they are on, none where they are off\n' "$(($(flash budget) - without))"
if ((faults)); then
    echo "firmware: $faults faults" >&2
    exit 1
fi
