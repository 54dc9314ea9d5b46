/* base/check.h
 * Checks for our own mistakes, on in every build: print where and abort, so that a supervisor
 * restarts a process whose state is unknown. What the world does wrong is a struct error. */
#pragma once

#define CHECK(condition) ((condition) ? (void)0 : check_failed(__FILE__, __LINE__, #condition))
/* For the impossible case of a switch. */
#define NEVER(why) check_failed(__FILE__, __LINE__, why)

_Noreturn void check_failed(const char *file, int line, const char *what);
