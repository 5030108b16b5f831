/* The documented transaction on a Cortex-M3. */
#include <string.h>

#include "../approve.h"
#include "semihosting.h"

/* The console takes text with a NUL, so it goes out in pieces that have one. */
void display(const char *text, size_t len)
{
    char piece[32];
    while (len > 0) {
        const size_t part = len < sizeof piece - 1 ? len : sizeof piece - 1;
        memcpy(piece, text, part);
        piece[part] = '\0';
        semihosting_write(piece);
        text += part;
        len -= part;
    }
}

/* A device waits for a key. This program stands for a payer who agrees. */
int payer_asks(void)
{
    return 1;
}

int main(void)
{
    return approve(DOCUMENTED, strlen(DOCUMENTED));
}
