# What is in an image for the microcontroller, and what the documentation says of it. To be sourced.
# shellcheck shell=bash disable=SC2034

# Names under which a panic, or an allocator, is linked.
readonly PANICS='core::panicking|rust_begin_unwind|panic_|_fail(ed)?$'
readonly ALLOCATORS='__rust_.*alloc|__rg_|__rdl_|alloc::|(^| )_?(malloc|calloc|realloc|free|sbrk)(_r)?$'
# By how many percent a number may differ from the documentation's: compilers change.
readonly DRIFT=10

# The names in an image that match, if any. Every image has a `main`: a list without it was not read.
linked() {
    local names
    names=$(arm-none-eabi-nm --demangle "$1" | cut -d' ' -f3-) || return
    if ! grep -qx main <<<"$names"; then
        echo "the names in $1 cannot be read" >&2
        return 1
    fi
    grep -E "$2" <<<"$names" || true
}

# What an image takes of flash: code, constants, and the initial values of variables.
flash() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $1 + $2 }'; }

# What it takes of RAM for variables.
variables() { arm-none-eabi-size "$1" | awk 'NR == 2 { print $2 + $3 }'; }

# Whether the documentation has this number in a column of the row that begins so.
documented() {
    local row=$1 column=$2 measured=$3 said
    said=$(awk -F'|' -v row="$row" -v column="$column" '
        index($2, " " row) == 1 { gsub(/[^0-9]/, "", $(column + 1)); print $(column + 1); exit }' "$DOCS")
    [[ -n $said ]] || { echo "$DOCS has no row \"$row\"" >&2; return 1; }
    ((measured * 100 <= said * (100 + DRIFT) && measured * 100 >= said * (100 - DRIFT))) || {
        echo "$DOCS says $said for \"$row\", and it is $measured" >&2
        return 1
    }
}
