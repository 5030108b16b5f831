/* From reset to main, the stack that it takes, and the way out through QEMU's semihosting. */
#include <stdint.h>
#include <string.h>

#include "semihosting.h"

int main(void);
void reset(void);

/* Set by the linker script. */
extern uint32_t stack_top, data_load, data_start, data_end, bss_start, bss_end;

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20 };

static void semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void semihosting_write(const char *text)
{
    semihosting(SYS_WRITE0, text);
}

void semihosting_exit(int status)
{
    /* ADP_Stopped_ApplicationExit */
    const uint32_t block[] = {0x20026, (uint32_t)status};
    for (;;) {
        semihosting(SYS_EXIT_EXTENDED, block);
    }
}

/* What the stack was filled with, from the end of the variables on, before main ran. */
static const uint32_t UNTOUCHED = 0xfeedbacc;

static void paint(uint32_t *from, const uint32_t *to)
{
    while (from < to) {
        *from++ = UNTOUCHED;
    }
}

/* Writes how many bytes of stack main and all below it have used at most. */
static void report_stack(const uint32_t *from, const uint32_t *to)
{
    char digits[12] = {0};
    size_t place = sizeof digits - 1;
    uintptr_t used;
    while (from < to && *from == UNTOUCHED) {
        from++;
    }
    used = (uintptr_t)to - (uintptr_t)from;
    do {
        digits[--place] = (char)('0' + used % 10);
        used /= 10;
    } while (used > 0);
    semihosting_write("stack ");
    semihosting_write(digits + place);
    semihosting_write("\n");
}

static void fault(void)
{
    semihosting_write("fault\n");
    semihosting_exit(2);
}

void reset(void)
{
    int status;
    const size_t data = (size_t)((uintptr_t)&data_end - (uintptr_t)&data_start);
    const size_t bss = (size_t)((uintptr_t)&bss_end - (uintptr_t)&bss_start);
    const uint32_t *const here = __builtin_frame_address(0);
    memcpy(&data_start, &data_load, data);
    memset(&bss_start, 0, bss);
    paint(&bss_end, here - 16);
    status = main();
    report_stack(&bss_end, here);
    semihosting_exit(status);
}

/* The beginning of the vector table; no interrupt is turned on. */
struct vectors {
    const uint32_t *stack;
    void (*reset)(void);
    void (*faults[5])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors VECTORS = {
    &stack_top, reset, {fault, fault, fault, fault, fault}};
