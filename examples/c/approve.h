/*
 * The documented transaction on a device, and at its bank. What differs between a computer and a
 * microcontroller are the two functions that a platform gives.
 */
#ifndef APPROVE_H
#define APPROVE_H

#include <stddef.h>

/* Given by the platform: puts text on the display, all of it. */
void display(const char *text, size_t len);

/* Given by the platform: whether the payer, having seen what is displayed, asks for the code. */
int payer_asks(void);

/*
 * Lists the transaction of a string, shows its code, and verifies that code as the bank does.
 * Returns 0 if the code approves this transaction and no other.
 */
int approve(const char *string, size_t string_len);

/* The transaction of the specification's section 3, whose code is 57171677. */
extern const char DOCUMENTED[];

#endif
