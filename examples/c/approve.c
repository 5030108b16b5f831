#include "approve.h"

#include <stdint.h>
#include <string.h>

#include <txotp.h>

/* A seed comes from the device's protected memory. This one is of the RFCs, and known to all. */
static const uint8_t SEED[] = "12345678901234567890123456789012";
enum { SEED_LEN = sizeof SEED - 1 };

/* The time comes from the device's clock. */
static const uint64_t NOW = 1700000000;

/* The text that the device's screen can draw. */
static const txotp_profile SCREEN = TXOTP_PROFILE_DISPLAY;

const char DOCUMENTED[] =
    "txotp://totp?message=Approve+money+transaction&details[Amount]=1000+Euros&details[To]=John+Doe"
    "&details[Destination+Account]=29385&details[Source+Account]=98381&details[Reason]=transfer+money"
    "&hidden_details[Transaction+ID]=T2293";

static void display_string(const char *text)
{
    display(text, strlen(text));
}

/*
 * Shows what the payer has to see: the message and every detail, in order, each key and each value on
 * lines of its own. No hidden detail.
 */
static txotp_result list(const txotp_transaction *transaction)
{
    txotp_text message;
    txotp_pair detail;
    size_t count;
    txotp_result result = txotp_transaction_message(transaction, &message);
    if (result != TXOTP_RESULT_OK) {
        return result;
    }
    display(message.data, message.len);
    display_string("\n");
    result = txotp_transaction_count(transaction, TXOTP_SECTION_DETAILS, &count);
    for (size_t i = 0; result == TXOTP_RESULT_OK && i < count; i++) {
        result = txotp_transaction_pair(transaction, TXOTP_SECTION_DETAILS, i, &detail);
        if (result == TXOTP_RESULT_OK) {
            display(detail.key.data, detail.key.len);
            display_string("\n  ");
            display(detail.value.data, detail.value.len);
            display_string("\n");
        }
    }
    return result;
}

/* What a device does with a string that it scanned. The code is empty if the payer did not ask. */
static txotp_result on_device(const txotp_device *device, const char *string, size_t string_len,
                              char *code, size_t code_size)
{
    char text[TXOTP_DEFAULT_STRING_LEN];
    txotp_transaction transaction;
    txotp_result result =
        txotp_transaction_read(string, string_len, TXOTP_DEFAULT_STRING_LEN, text, sizeof text,
                               &transaction, sizeof transaction);
    if (result == TXOTP_RESULT_OK) {
        result = txotp_transaction_check_display(&transaction, SCREEN);
    }
    /* Nothing has been shown up to here. */
    if (result == TXOTP_RESULT_OK) {
        result = list(&transaction);
    }
    if (result != TXOTP_RESULT_OK || !payer_asks()) {
        code[0] = '\0';
        return result;
    }
    return txotp_transaction_code(device, &transaction, NOW, NULL, code, code_size);
}

/* Whether a code approves the transaction that the bank has on record. */
static txotp_result at_bank(const txotp_device *device, const char *record, size_t record_len,
                            uint64_t now, const char *code)
{
    char text[TXOTP_DEFAULT_STRING_LEN];
    txotp_transaction transaction;
    txotp_match match;
    const txotp_window window = {.unix_time = now, .past = 1, .future = 1};
    txotp_result result =
        txotp_transaction_read(record, record_len, TXOTP_DEFAULT_STRING_LEN, text, sizeof text,
                               &transaction, sizeof transaction);
    if (result == TXOTP_RESULT_OK) {
        /* A bank also refuses a step that it accepted before, and limits guessing. */
        result = txotp_transaction_verify(device, &transaction, &window, code, strlen(code), &match);
    }
    return result;
}

/* The same string with one digit of its first number changed, as a man in the middle would. */
static void change_amount(const char *string, size_t string_len, char *changed)
{
    size_t i;
    memcpy(changed, string, string_len);
    for (i = 0; i < string_len; i++) {
        if (changed[i] >= '1' && changed[i] <= '8') {
            changed[i]++;
            return;
        }
    }
}

static int judge(const char *what, txotp_result result, txotp_result expected)
{
    display_string(what);
    display_string(txotp_result_text(result));
    display_string("\n");
    return result == expected ? 0 : 1;
}

int approve(const char *string, size_t string_len)
{
    char code[TXOTP_CODE_SIZE];
    char changed[TXOTP_DEFAULT_STRING_LEN];
    txotp_device device;
    int faults = 0;
    txotp_result result = txotp_device_init(&device, sizeof device, TXOTP_DEFAULT_SUITE,
                                            strlen(TXOTP_DEFAULT_SUITE), SEED, SEED_LEN, NULL, 0);
    if (result == TXOTP_RESULT_OK) {
        result = on_device(&device, string, string_len, code, sizeof code);
    }
    if (result != TXOTP_RESULT_OK) {
        display_string("refused: ");
        display_string(txotp_result_text(result));
        display_string("\n");
        (void)txotp_device_wipe(&device);
        return 1;
    }
    if (code[0] == '\0') {
        display_string("no code was asked for\n");
        (void)txotp_device_wipe(&device);
        return 1;
    }
    display_string("code ");
    display_string(code);
    display_string("\n");

    change_amount(string, string_len, changed);
    faults += judge("at the bank: ", at_bank(&device, string, string_len, NOW, code),
                    TXOTP_RESULT_OK);
    faults += judge("half a minute later: ", at_bank(&device, string, string_len, NOW + 30, code),
                    TXOTP_RESULT_OK);
    faults += judge("a minute later: ", at_bank(&device, string, string_len, NOW + 60, code),
                    TXOTP_RESULT_WRONG_CODE);
    faults += judge("with another amount: ", at_bank(&device, changed, string_len, NOW, code),
                    TXOTP_RESULT_WRONG_CODE);
    (void)txotp_wipe(code, sizeof code);
    (void)txotp_device_wipe(&device);
    return faults;
}
