#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

/* Writes text that ends with a NUL to the debugger's console. */
void semihosting_write(const char *text);

/* Ends the program with a status. */
__attribute__((noreturn)) void semihosting_exit(int status);

#endif
