/* The documented transaction on a computer: ./approve, or ./approve 'txotp://totp?message=...' */
#include <stdio.h>
#include <string.h>

#include "approve.h"

void display(const char *text, size_t len)
{
    (void)fwrite(text, 1, len, stdout);
}

/* A device waits for a key. This program stands for a payer who agrees. */
int payer_asks(void)
{
    return 1;
}

int main(int argc, char **argv)
{
    const char *string = argc > 1 ? argv[1] : DOCUMENTED;
    return approve(string, strlen(string));
}
