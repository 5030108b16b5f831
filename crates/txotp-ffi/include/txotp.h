/*
 * txotp.h: reads a txotp:// transaction string, shows it, computes its code, and verifies one.
 *
 * Made from the sources of the crate txotp-ffi by cbindgen. Change those, not this file.
 *
 * The contract of every call, in full in the crate's README:
 *
 * - A call returns a txotp_result, and only TXOTP_RESULT_OK is 0. Compare with it, and let every other
 *   result refuse. (A few calls cannot fail and return what they are asked for.)
 * - Outputs are written only with TXOTP_RESULT_OK, and no argument is both input and output.
 * - Texts come with their length, and may lack a NUL. A length of 0 may come with NULL.
 * - Memory that a call is given must be there, and must not be used by another thread meanwhile, but to
 *   read what the call only reads. Storage is filled by its own call, or all zeros.
 * - Nothing is allocated, and nothing is kept between calls but in the caller's memory.
 */

#ifndef TXOTP_H
#define TXOTP_H

#include <stddef.h>
#include <stdint.h>

/** The suite of a device with a clock, where there is no reason for another. */
#define TXOTP_DEFAULT_SUITE "OCRA-1:HOTP-SHA256-8:QH64-T30S"

#if defined(__cplusplus)
#define TXOTP_ALIGNED(n) alignas(n)
#elif defined(__GNUC__) || defined(__ICCARM__) || defined(__ARMCC_VERSION)
#define TXOTP_ALIGNED(n) __attribute__((aligned(n)))
#elif defined(_MSC_VER)
#define TXOTP_ALIGNED(n) __declspec(align(n))
#else
/* Align the storage yourself: txotp_device_init refuses it where it is not. */
#define TXOTP_ALIGNED(n)
#endif

#if defined(__GNUC__)
#define TXOTP_MUST_USE __attribute__((warn_unused_result))
#else
#define TXOTP_MUST_USE
#endif

/**
 * The limit on a string where there is no reason for another, in bytes.
 */
#define TXOTP_DEFAULT_STRING_LEN 600

/**
 * The limit that a caller can raise to, in bytes.
 */
#define TXOTP_MAX_STRING_LEN 2953

/**
 * The greatest number of pairs, details and hidden details together.
 */
#define TXOTP_MAX_PAIRS 32

/**
 * The length of a digest, in bytes.
 */
#define TXOTP_DIGEST_LEN 32

/**
 * What a code's buffer has to have, in bytes: ten digits and the NUL.
 */
#define TXOTP_CODE_SIZE 11

/**
 * The greatest number of steps that a window reaches to one side.
 */
#define TXOTP_MAX_WINDOW_SIDE 31

/**
 * The greatest number of counters that a search looks ahead.
 */
#define TXOTP_MAX_LOOK_AHEAD 63

/**
 * The greatest number of codes that one search computes.
 */
#define TXOTP_MAX_CANDIDATES 64

/**
 * The size of a transaction's storage, in bytes, in every build of this version.
 */
#define TXOTP_TRANSACTION_SIZE 320

/**
 * The size of a device's storage, in bytes: enough in every build of this version.
 */
#define TXOTP_DEVICE_SIZE 512

/**
 * The alignment of a device's storage, in bytes: enough in every build of this version.
 */
#define TXOTP_DEVICE_ALIGN 16

/**
 * What a call returns. `TXOTP_RESULT_OK` is 0, and the only one that means yes.
 *
 * A number is never given a second meaning. A later version may have more of them.
 */
enum txotp_result
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Done: the outputs are written.
     */
    TXOTP_RESULT_OK = 0,
    /**
     * No step or counter of the window has this code: refuse.
     */
    TXOTP_RESULT_WRONG_CODE = 1,
    /**
     * A pointer is null that must not be: correct the program.
     */
    TXOTP_RESULT_NULL_POINTER = 10,
    /**
     * A pointer is not aligned for what it points to: correct the program.
     */
    TXOTP_RESULT_MISALIGNED = 11,
    /**
     * A length reaches beyond the address space: correct the program.
     */
    TXOTP_RESULT_IMPOSSIBLE_LENGTH = 12,
    /**
     * Memory that is written overlaps other memory of the call: correct the program.
     */
    TXOTP_RESULT_OVERLAP = 13,
    /**
     * Memory that is written has too little room: lend more.
     */
    TXOTP_RESULT_TOO_SMALL = 14,
    /**
     * The storage holds no transaction or device: it was never filled, or was wiped.
     */
    TXOTP_RESULT_NOT_INITIALISED = 15,
    /**
     * A fault of the library, which did nothing: report it.
     */
    TXOTP_RESULT_INTERNAL = 16,
    /**
     * The limit on a string is not 1 to 2953 bytes: correct the program.
     */
    TXOTP_RESULT_BAD_LIMIT = 20,
    /**
     * No section has this number: correct the program.
     */
    TXOTP_RESULT_BAD_SECTION = 21,
    /**
     * The section has fewer pairs: ask for the count first.
     */
    TXOTP_RESULT_NO_SUCH_PAIR = 22,
    /**
     * No profile has this number: correct the program.
     */
    TXOTP_RESULT_BAD_PROFILE = 23,
    /**
     * A text that is to be shown has a character outside the profile: refuse, and show none of it.
     */
    TXOTP_RESULT_UNDISPLAYABLE = 24,
    /**
     * The string is longer than the limit.
     */
    TXOTP_RESULT_READ_TOO_LONG = 100,
    /**
     * The string does not begin with `txotp://`: it is something else.
     */
    TXOTP_RESULT_READ_WRONG_SCHEME = 101,
    /**
     * What follows the scheme is not `totp`.
     */
    TXOTP_RESULT_READ_WRONG_TYPE = 102,
    /**
     * The string contains a `#`.
     */
    TXOTP_RESULT_READ_FRAGMENT = 103,
    /**
     * A `%` has no two hexadecimal digits behind it.
     */
    TXOTP_RESULT_READ_BAD_PERCENT = 104,
    /**
     * There is nothing between two `&`, or before or behind one.
     */
    TXOTP_RESULT_READ_EMPTY_PARAMETER = 105,
    /**
     * A name or value is not UTF-8.
     */
    TXOTP_RESULT_READ_BAD_UTF8 = 106,
    /**
     * A parameter is none of `message`, `details[…]` and `hidden_details[…]`.
     */
    TXOTP_RESULT_READ_UNKNOWN_PARAMETER = 107,
    /**
     * A name has a bracket where none belongs, or lacks one.
     */
    TXOTP_RESULT_READ_MALFORMED_BRACKET = 108,
    /**
     * A key has no character.
     */
    TXOTP_RESULT_READ_EMPTY_KEY = 109,
    /**
     * A key is followed by another.
     */
    TXOTP_RESULT_READ_NESTED_BRACKET = 110,
    /**
     * A key contains a bracket.
     */
    TXOTP_RESULT_READ_BRACKET_IN_KEY = 111,
    /**
     * The message has no character.
     */
    TXOTP_RESULT_READ_EMPTY_MESSAGE = 112,
    /**
     * A value has no character.
     */
    TXOTP_RESULT_READ_EMPTY_VALUE = 113,
    /**
     * A text has a character that could deceive on a display.
     */
    TXOTP_RESULT_READ_FORBIDDEN_TEXT = 114,
    /**
     * There are two different messages.
     */
    TXOTP_RESULT_READ_CONFLICTING_MESSAGE = 115,
    /**
     * A key has two different values.
     */
    TXOTP_RESULT_READ_CONFLICTING_PAIR = 116,
    /**
     * There are more than 32 pairs.
     */
    TXOTP_RESULT_READ_TOO_MANY_PAIRS = 117,
    /**
     * There is no message.
     */
    TXOTP_RESULT_READ_MISSING_MESSAGE = 118,
    /**
     * The suite is none of OCRA (RFC 6287).
     */
    TXOTP_RESULT_SUITE_MALFORMED = 200,
    /**
     * The suite is not one for transactions: `QH64`, 6 to 8 digits, a counter or a time step of
     * at most two minutes, no session.
     */
    TXOTP_RESULT_SUITE_NOT_FOR_TRANSACTIONS = 201,
    /**
     * The suite's hash function is left out of this build.
     */
    TXOTP_RESULT_SUITE_NOT_BUILT = 202,
    /**
     * The seed has fewer than 16 bytes.
     */
    TXOTP_RESULT_SEED_TOO_SHORT = 210,
    /**
     * The seed has more than 64 bytes.
     */
    TXOTP_RESULT_SEED_TOO_LONG = 211,
    /**
     * The PIN is missing, or the suite has none.
     */
    TXOTP_RESULT_PIN_MISMATCH = 220,
    /**
     * The PIN has no character.
     */
    TXOTP_RESULT_PIN_EMPTY = 221,
    /**
     * The PIN has more than 128 bytes.
     */
    TXOTP_RESULT_PIN_TOO_LONG = 222,
    /**
     * The PIN is not UTF-8.
     */
    TXOTP_RESULT_PIN_NOT_UTF8 = 223,
    /**
     * The counter is missing, or the suite has none: correct the program.
     */
    TXOTP_RESULT_COUNTER_MISMATCH = 300,
    /**
     * The suite has no login codes: it has a PIN, or both counter and time step.
     */
    TXOTP_RESULT_NO_LOGIN_CODE = 301,
    /**
     * The window is over a limit: 31 steps to one side, 63 counters ahead, 64 codes in all.
     */
    TXOTP_RESULT_WINDOW_TOO_WIDE = 310,
    /**
     * The counter has no successor: give the device a new seed.
     */
    TXOTP_RESULT_COUNTER_EXHAUSTED = 311,
    /**
     * The code has not as many characters as the suite has digits: ask again.
     */
    TXOTP_RESULT_CODE_WRONG_LENGTH = 320,
    /**
     * The code has a character that is not an ASCII digit: ask again.
     */
    TXOTP_RESULT_CODE_NOT_DIGITS = 321,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum txotp_result txotp_result;
#else
typedef uint32_t txotp_result;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Which pairs of a transaction are meant. Calls take its number.
 */
enum txotp_section
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * Those to be shown, in the order in which they are to be shown.
     */
    TXOTP_SECTION_DETAILS = 0,
    /**
     * Those that are bound and not shown.
     */
    TXOTP_SECTION_HIDDEN_DETAILS = 1,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum txotp_section txotp_section;
#else
typedef uint32_t txotp_section;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * The text that a screen can draw. Each is part of the one before. Calls take its number.
 */
enum txotp_profile
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
    /**
     * All that a string can have: for a text engine with right-to-left and combining characters.
     */
    TXOTP_PROFILE_STANDARD = 0,
    /**
     * 33 834 characters of left-to-right scripts, one glyph for each: for a font that has them all.
     */
    TXOTP_PROFILE_DISPLAY = 1,
    /**
     * Printable ASCII: for a font of 95 glyphs.
     */
    TXOTP_PROFILE_ASCII = 2,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum txotp_profile txotp_profile;
#else
typedef uint32_t txotp_profile;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/**
 * Storage for a transaction: opaque, of one size in all builds, without secrets.
 *
 * It may be copied and moved. It holds no text: that stays in the memory lent for it, which must
 * neither move nor change while the storage is used.
 */
typedef struct txotp_transaction {
    /**
     * Nothing of the caller's.
     */
    uint64_t opaque[40];
} txotp_transaction;

/**
 * Text in the memory that the caller lent for it: UTF-8 without a NUL at its end, and never empty.
 */
typedef struct txotp_text {
    /**
     * Where it begins.
     */
    const char *data;
    /**
     * Its length in bytes.
     */
    size_t len;
} txotp_text;

/**
 * A detail or a hidden detail.
 */
typedef struct txotp_pair {
    /**
     * What it is called.
     */
    struct txotp_text key;
    /**
     * What it says.
     */
    struct txotp_text value;
} txotp_pair;

/**
 * Storage for a device's key: opaque, and as secret as the seed.
 *
 * It may be moved. A copy is another secret, to be wiped for itself.
 */
typedef struct TXOTP_ALIGNED(16) txotp_device {
    /**
     * Nothing of the caller's.
     */
    uint8_t opaque[TXOTP_DEVICE_SIZE];
} txotp_device;

/**
 * What a search tries.
 */
typedef struct txotp_window {
    /**
     * The verifier's clock, in seconds since 1970. A suite without a time step leaves it aside.
     */
    uint64_t unix_time;
    /**
     * The least counter that the device has not used; NULL for a suite without a counter.
     */
    const uint64_t *counter;
    /**
     * The steps before the clock's own, 0 to 31; 1 is usual.
     */
    uint8_t past;
    /**
     * The steps after the clock's own, 0 to 31; 1 is usual.
     */
    uint8_t future;
    /**
     * The counters after the first, 0 to 63. A suite without a counter leaves it aside.
     */
    uint8_t look_ahead;
} txotp_window;

/**
 * What was found: the lowest counter, and of its steps the one closest to the clock's, the earlier of
 * two.
 */
typedef struct txotp_match {
    /**
     * The step; 0 for a suite without a time step.
     */
    uint64_t step;
    /**
     * How many steps it is after the clock's own, negative where before; 0 likewise.
     */
    int64_t drift;
    /**
     * The counter; 0 for a suite without a counter. The next search begins behind it.
     */
    uint64_t counter;
} txotp_match;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * What a result means: static lower-case text that ends with a NUL, for logs and developers.
 *
 * It takes any number, also one of a later version, and never returns null.
 */
TXOTP_MUST_USE
const char *txotp_result_text(uint32_t result);

/**
 * The version, as `0.1.0`: static text that ends with a NUL.
 */
TXOTP_MUST_USE
const char *txotp_version(void);

/**
 * Overwrites memory that held a secret, in a way that no compiler leaves out.
 */
txotp_result txotp_wipe(void *memory,
                        size_t size);

/**
 * How much text memory a string of a length needs at most, in bytes.
 */
TXOTP_MUST_USE
size_t txotp_text_size(size_t string_len);

/**
 * The size of a transaction's storage in the library that is linked, in bytes. At most
 * `TXOTP_TRANSACTION_SIZE` in the version that this header belongs to.
 */
TXOTP_MUST_USE
size_t txotp_transaction_size(void);

/**
 * The alignment of a transaction's storage in the library that is linked, in bytes.
 */
TXOTP_MUST_USE
size_t txotp_transaction_align(void);

/**
 * Reads a `txotp://` string. What is not understood to the last byte is refused.
 *
 * `limit` is how many bytes the string may have: `TXOTP_DEFAULT_STRING_LEN`, or as many as
 * `TXOTP_MAX_STRING_LEN` where there is a reason. `text` is memory for the decoded text;
 * `txotp_text_size(string_len)` bytes always suffice. It is wiped if the string is refused.
 *
 * A transaction that was read into the same `text` before loses its texts to this call: they are
 * overwritten, with zeros if this string is refused, while its storage still gives their places and
 * the digest. It is not to be shown again.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_read(const char *string,
                                    size_t string_len,
                                    size_t limit,
                                    char *text,
                                    size_t text_size,
                                    struct txotp_transaction *transaction,
                                    size_t transaction_size);

/**
 * Says what is wrong with a string, and at which byte, for whoever writes such strings. A device needs
 * only `txotp_transaction_read`.
 *
 * `reason` becomes the result with which `txotp_transaction_read` refuses the string, and `offset` the
 * byte, from 0 to the string's length; or `TXOTP_RESULT_OK` and 0. `text` is memory to work in, and is
 * wiped: a transaction that was read into it loses its texts. `txotp_text_size(string_len)` bytes
 * always suffice; where fewer turn out not to, the call returns `TXOTP_RESULT_TOO_SMALL` and says
 * nothing about the string.
 */
TXOTP_MUST_USE
txotp_result txotp_string_fault(const char *string,
                                size_t string_len,
                                size_t limit,
                                char *text,
                                size_t text_size,
                                txotp_result *reason,
                                size_t *offset);

/**
 * The message, which is to be shown first.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_message(const struct txotp_transaction *transaction,
                                       struct txotp_text *message);

/**
 * How many pairs a section has: 0 to 32.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_count(const struct txotp_transaction *transaction,
                                     uint32_t section,
                                     size_t *count);

/**
 * A pair of a section, by its number from 0 in the order in which pairs are to be shown.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_pair(const struct txotp_transaction *transaction,
                                    uint32_t section,
                                    size_t index,
                                    struct txotp_pair *pair);

/**
 * The digest that codes are bound to: 32 bytes. That of an ordinary payment can be guessed, so it
 * belongs in no log.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_digest(const struct txotp_transaction *transaction,
                                      uint8_t *digest,
                                      size_t digest_size);

/**
 * Whether a screen can draw the message and every detail: `TXOTP_RESULT_OK` if so,
 * `TXOTP_RESULT_UNDISPLAYABLE` if not. To be asked before anything is shown.
 *
 * `profile` is the number of a `txotp_profile`. The answer is about the text as it was read.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_check_display(const struct txotp_transaction *transaction,
                                             uint32_t profile);

/**
 * The size of a device's storage in the library that is linked, in bytes. At most
 * `TXOTP_DEVICE_SIZE` in the version that this header belongs to.
 */
TXOTP_MUST_USE
size_t txotp_device_size(void);

/**
 * The alignment of a device's storage in the library that is linked, in bytes. At most
 * `TXOTP_DEVICE_ALIGN` in the version that this header belongs to.
 */
TXOTP_MUST_USE
size_t txotp_device_align(void);

/**
 * Makes a device's key of its suite, its seed of 16 to 64 bytes, and the PIN where the suite has one.
 *
 * `suite` is a spelling such as `TXOTP_DEFAULT_SUITE`. `pin` is UTF-8 of 1 to 128 bytes, or NULL and 0
 * for suites without. With `TXOTP_RESULT_OK`, what the storage held before is wiped; with any other
 * result the storage is as it was, an earlier key included. The caller's seed and PIN are the caller's
 * to wipe, whatever the result.
 */
TXOTP_MUST_USE
txotp_result txotp_device_init(struct txotp_device *device,
                               size_t device_size,
                               const char *suite,
                               size_t suite_len,
                               const uint8_t *seed,
                               size_t seed_len,
                               const char *pin,
                               size_t pin_len);

/**
 * Wipes a device's key. The storage then holds none, and can be filled again.
 */
txotp_result txotp_device_wipe(struct txotp_device *device);

/**
 * The code that approves a transaction, to be computed when the payer has seen the message and every
 * detail and asked for it.
 *
 * `unix_time` is in seconds since 1970; a suite without a time step leaves it aside. `counter` is NULL
 * for a suite without a counter; each counter is used once, and the last, 2^64 − 1, never, since no
 * next one could be stored. `code` has at least `TXOTP_CODE_SIZE` bytes and becomes 6 to 8 digits and a
 * NUL: a secret until it is used.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_code(const struct txotp_device *device,
                                    const struct txotp_transaction *transaction,
                                    uint64_t unix_time,
                                    const uint64_t *counter,
                                    char *code,
                                    size_t code_size);

/**
 * The code that logs in, bound to nothing (RFC 4226, RFC 6238). It approves no transaction.
 *
 * The arguments are as for `txotp_transaction_code`.
 */
TXOTP_MUST_USE
txotp_result txotp_login_code(const struct txotp_device *device,
                              uint64_t unix_time,
                              const uint64_t *counter,
                              char *code,
                              size_t code_size);

/**
 * Whether a code approves a transaction within a window: `TXOTP_RESULT_OK` if so,
 * `TXOTP_RESULT_WRONG_CODE` if not; any other result means that nothing was decided, and refuses.
 *
 * Every code of the window is computed and compared, and none faster than another. The search keeps no
 * memory: it is the caller who refuses a step or counter that was accepted before, and who limits
 * guessing.
 */
TXOTP_MUST_USE
txotp_result txotp_transaction_verify(const struct txotp_device *device,
                                      const struct txotp_transaction *transaction,
                                      const struct txotp_window *window,
                                      const char *code,
                                      size_t code_len,
                                      struct txotp_match *found);

/**
 * Whether a code logs in within a window. Results and arguments are as for
 * `txotp_transaction_verify`.
 */
TXOTP_MUST_USE
txotp_result txotp_login_verify(const struct txotp_device *device,
                                const struct txotp_window *window,
                                const char *code,
                                size_t code_len,
                                struct txotp_match *found);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* TXOTP_H */
