/* From reset to main, the stack that it takes, and the way out through QEMU's semihosting. */
#include <stdint.h>
#include <string.h>

#include "semihosting.h"

int main(void);
void reset(void);
void start(void);

/* Places that the linker script names. What is there begins at the name. */
extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[], bss_end[];

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

/* What the stack is filled with, from the end of the variables on, before anything is put there. */
#define UNTOUCHED 0xfeedbacc

/* Writes how many bytes of stack were used at most. */
static void report_stack(void)
{
    char digits[12] = {0};
    size_t place = sizeof digits - 1;
    uintptr_t used;
    const uint32_t *deepest = bss_end;
    while (deepest != stack_top && *deepest == UNTOUCHED) {
        deepest++;
    }
    used = (uintptr_t)stack_top - (uintptr_t)deepest;
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

#define SPELLED(number) SPELLED_OUT(number)
#define SPELLED_OUT(number) #number

/* Paints the stack. In assembly, since it is empty here, and C could put something on it. */
__attribute__((naked)) void reset(void)
{
    __asm__("ldr r0, =bss_end\n"
            "ldr r1, =stack_top\n"
            "ldr r2, =" SPELLED(UNTOUCHED) "\n"
            "1: str r2, [r0], #4\n"
            "cmp r0, r1\n"
            "bne 1b\n"
            "b start\n");
}

__attribute__((used)) void start(void)
{
    int status;
    memcpy(data_start, data_load, (uintptr_t)data_end - (uintptr_t)data_start);
    memset(bss_start, 0, (uintptr_t)bss_end - (uintptr_t)bss_start);
    status = main();
    report_stack();
    semihosting_exit(status);
}

/* The beginning of the vector table; no interrupt is turned on. */
struct vectors {
    const uint32_t *stack;
    void (*reset)(void);
    void (*faults[5])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors VECTORS = {
    stack_top, reset, {fault, fault, fault, fault, fault}};
