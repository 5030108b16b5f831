/* Holds the library against the project's vectors. Exit 0 if all hold; else it names those that do not. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <txotp.h>

struct sized {
    const char *data;
    size_t len;
};

struct pair_case {
    struct sized key, value;
};

struct code_case {
    struct sized suite, seed, pin;
    int login;
    uint64_t unix_time;
    int has_counter;
    uint64_t counter;
    const char *code;
};

struct transaction_case {
    const char *name;
    struct sized string;
    size_t limit;
    struct sized message;
    size_t first_pair, details, hidden_details;
    const char *digest;
    size_t first_code, codes;
};

struct refusal_case {
    const char *name;
    struct sized string;
    size_t limit;
    txotp_result reason;
    size_t offset;
};

struct suite_case {
    struct sized suite;
    txotp_result result;
};

#include "tables.h"

static size_t faults;

static void check(int holds, const char *name, const char *what)
{
    if (!holds) {
        faults++;
        (void)fprintf(stderr, "%s: %s\n", name, what);
    }
}

static int is(txotp_text text, struct sized expected)
{
    return text.len == expected.len && memcmp(text.data, expected.data, text.len) == 0;
}

/*
 * A copy in memory of exactly its length, so that a sanitizer sees one byte too far; of nothing, one
 * byte that is not to be read.
 */
static char *exact(const char *data, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    if (copy == NULL) {
        abort();
    }
    if (len > 0) {
        memcpy(copy, data, len);
    }
    return copy;
}

static txotp_result init(txotp_device *device, const struct code_case *at)
{
    char *suite = exact(at->suite.data, at->suite.len);
    char *seed = exact(at->seed.data, at->seed.len);
    /* Null stands for no PIN. */
    char *pin = at->pin.data == NULL ? NULL : exact(at->pin.data, at->pin.len);
    txotp_result result =
        txotp_device_init(device, sizeof *device, suite, at->suite.len, (const uint8_t *)seed,
                          at->seed.len, pin, at->pin.len);
    free(pin);
    free(seed);
    free(suite);
    return result;
}

/* The code is computed, found again, and no longer found when its last digit is another. */
static void check_code(const char *name, const txotp_transaction *transaction,
                       const struct code_case *at)
{
    const uint64_t *counter = at->has_counter ? &at->counter : NULL;
    const txotp_window window = {.unix_time = at->unix_time, .counter = counter};
    const size_t digits = strlen(at->code);
    char code[TXOTP_CODE_SIZE] = "";
    char *typed;
    txotp_match match;
    txotp_device device;
    txotp_result result;

    result = init(&device, at);
    check(result == TXOTP_RESULT_OK, name, txotp_result_text(result));
    if (result != TXOTP_RESULT_OK) {
        return;
    }
    result = at->login
                 ? txotp_login_code(&device, at->unix_time, counter, code, sizeof code)
                 : txotp_transaction_code(&device, transaction, at->unix_time, counter, code, sizeof code);
    check(result == TXOTP_RESULT_OK && strcmp(code, at->code) == 0, name, "another code");

    typed = exact(at->code, digits);
    result = at->login
                 ? txotp_login_verify(&device, &window, typed, digits, &match)
                 : txotp_transaction_verify(&device, transaction, &window, typed, digits, &match);
    check(result == TXOTP_RESULT_OK && match.drift == 0 && match.counter == at->counter, name,
          "the code is not found");
    typed[digits - 1] = typed[digits - 1] == '0' ? '1' : '0';
    result = at->login
                 ? txotp_login_verify(&device, &window, typed, digits, &match)
                 : txotp_transaction_verify(&device, transaction, &window, typed, digits, &match);
    check(result == TXOTP_RESULT_WRONG_CODE, name, "another code is found");
    free(typed);
    check(txotp_device_wipe(&device) == TXOTP_RESULT_OK, name, "the device is not wiped");
}

static void check_section(const struct transaction_case *at, const txotp_transaction *transaction,
                          txotp_section section, size_t first, size_t expected)
{
    txotp_pair pair;
    size_t count = 0;
    check(txotp_transaction_count(transaction, section, &count) == TXOTP_RESULT_OK &&
              count == expected,
          at->name, "another number of pairs");
    for (size_t i = 0; i < expected; i++) {
        check(txotp_transaction_pair(transaction, section, i, &pair) == TXOTP_RESULT_OK &&
                  is(pair.key, PAIRS[first + i].key) && is(pair.value, PAIRS[first + i].value),
              at->name, "another pair");
    }
    check(txotp_transaction_pair(transaction, section, expected, &pair) == TXOTP_RESULT_NO_SUCH_PAIR,
          at->name, "one pair too many");
}

static void check_transaction(const struct transaction_case *at)
{
    uint8_t digest[TXOTP_DIGEST_LEN] = {0};
    char *string = exact(at->string.data, at->string.len);
    char *text = exact(at->string.data, txotp_text_size(at->string.len));
    txotp_transaction transaction = {{0}};
    txotp_text message;
    txotp_result result =
        txotp_transaction_read(string, at->string.len, at->limit, text,
                               txotp_text_size(at->string.len), &transaction, sizeof transaction);
    free(string);
    check(result == TXOTP_RESULT_OK, at->name, txotp_result_text(result));
    if (result == TXOTP_RESULT_OK) {
        check(txotp_transaction_message(&transaction, &message) == TXOTP_RESULT_OK &&
                  is(message, at->message),
              at->name, "another message");
        check_section(at, &transaction, TXOTP_SECTION_DETAILS, at->first_pair, at->details);
        check_section(at, &transaction, TXOTP_SECTION_HIDDEN_DETAILS, at->first_pair + at->details,
                      at->hidden_details);
        check(txotp_transaction_digest(&transaction, digest, sizeof digest) == TXOTP_RESULT_OK &&
                  memcmp(digest, at->digest, sizeof digest) == 0,
              at->name, "another digest");
        for (size_t i = 0; i < at->codes; i++) {
            check_code(at->name, &transaction, &CODES[at->first_code + i]);
        }
    }
    free(text);
}

static void check_refusal(const struct refusal_case *at)
{
    char *string = exact(at->string.data, at->string.len);
    char *text = exact(at->string.data, at->string.len);
    txotp_transaction transaction;
    txotp_result reason = TXOTP_RESULT_OK;
    size_t offset = 0;
    txotp_result result =
        txotp_transaction_read(string, at->string.len, at->limit, text, at->string.len,
                               &transaction, sizeof transaction);
    check(result == at->reason, at->name, txotp_result_text(result));
    result = txotp_string_fault(string, at->string.len, at->limit, text, at->string.len, &reason,
                                &offset);
    check(result == TXOTP_RESULT_OK && reason == at->reason && offset == at->offset, at->name,
          "another reason or byte");
    free(text);
    free(string);
}

static void check_suite(const struct suite_case *at)
{
    const struct code_case device_of = {
        .suite = at->suite,
        .seed = {"12345678901234567890123456789012", 32},
        .pin = {NULL, 0},
    };
    txotp_device device;
    const txotp_result result = init(&device, &device_of);
    check(result == at->result, at->suite.data, txotp_result_text(result));
    if (result == TXOTP_RESULT_OK) {
        check(txotp_device_wipe(&device) == TXOTP_RESULT_OK, at->suite.data, "the device is not wiped");
    }
}

int main(void)
{
    for (size_t i = 0; i < TRANSACTIONS_COUNT; i++) {
        check_transaction(&TRANSACTIONS[i]);
    }
    for (size_t i = 0; i < REFUSALS_COUNT; i++) {
        check_refusal(&REFUSALS[i]);
    }
    for (size_t i = 0; i < LOGINS_COUNT; i++) {
        check_code("login", NULL, &LOGINS[i]);
    }
    for (size_t i = 0; i < SUITES_COUNT; i++) {
        check_suite(&SUITES[i]);
    }
    (void)printf("txotp %s: %d transactions with %d codes, %d refusals, %d logins, %d suites: %zu faults\n",
                 txotp_version(), TRANSACTIONS_COUNT, CODES_COUNT, REFUSALS_COUNT, LOGINS_COUNT,
                 SUITES_COUNT, faults);
    return faults == 0 ? 0 : 1;
}
