/* What the documentation shows and no program here has: compiled, so that it is C that compilers take. */
#include <stdint.h>
#include <string.h>

#include <txotp.h>

/* A product has these. */
int refuse(void);
int payer_approves(void);
void show_message(txotp_text message);
void show(txotp_text key, txotp_text value);
void show_code(const char *code);
uint64_t load_counter(void);
int store_counter(uint64_t next);

int read_show_compute(const txotp_device *device, const char *string, size_t string_len, uint64_t now);
int make_and_wipe(uint8_t *seed, size_t seed_len);
void compute_by_counter(const txotp_device *device, const txotp_transaction *transaction);

int read_show_compute(const txotp_device *device, const char *string, size_t string_len, uint64_t now)
{
    char text[TXOTP_DEFAULT_STRING_LEN];
    txotp_transaction transaction;
    txotp_text message;
    txotp_pair detail;
    char code[TXOTP_CODE_SIZE];
    size_t count;

    if (txotp_transaction_read(string, string_len, TXOTP_DEFAULT_STRING_LEN, text, sizeof text,
                               &transaction, sizeof transaction) != TXOTP_RESULT_OK) {
        return refuse();                      /* and show no code */
    }
    if (txotp_transaction_check_display(&transaction, TXOTP_PROFILE_DISPLAY) != TXOTP_RESULT_OK) {
        return refuse();                      /* the screen cannot draw all of it */
    }
    if (txotp_transaction_message(&transaction, &message) != TXOTP_RESULT_OK) {
        return refuse();
    }
    show_message(message);
    if (txotp_transaction_count(&transaction, TXOTP_SECTION_DETAILS, &count) != TXOTP_RESULT_OK) {
        return refuse();
    }
    for (size_t i = 0; i < count; i++) {
        if (txotp_transaction_pair(&transaction, TXOTP_SECTION_DETAILS, i, &detail) != TXOTP_RESULT_OK) {
            return refuse();
        }
        show(detail.key, detail.value);       /* all of it: scrolled, never cut */
    }
    if (payer_approves() &&
        txotp_transaction_code(device, &transaction, now, NULL, code, sizeof code) == TXOTP_RESULT_OK) {
        show_code(code);                      /* "57171677" */
    }
    (void)txotp_wipe(code, sizeof code);
    return 0;
}

int make_and_wipe(uint8_t *seed, size_t seed_len)
{
    static txotp_device device;

    const txotp_result made =
        txotp_device_init(&device, sizeof device, TXOTP_DEFAULT_SUITE, strlen(TXOTP_DEFAULT_SUITE),
                          seed, seed_len, NULL, 0);
    (void)txotp_wipe(seed, seed_len);
    if (made != TXOTP_RESULT_OK) {
        return refuse();
    }
    /* ... */
    (void)txotp_device_wipe(&device);
    return 0;
}

void compute_by_counter(const txotp_device *device, const txotp_transaction *transaction)
{
    char code[TXOTP_CODE_SIZE];
    const uint64_t counter = load_counter();
    if (counter < UINT64_MAX && store_counter(counter + 1) &&
        txotp_transaction_code(device, transaction, 0, &counter, code, sizeof code) == TXOTP_RESULT_OK) {
        show_code(code);
    }
    (void)txotp_wipe(code, sizeof code);
}
