/* store/store_lock.h
 * One process per store: a file with its pid, locked as long as the process lives, however it
 * ends. */
#pragma once
#include "base/error.h"

#include <stdint.h>

/* Locks folder/pinion.lock, creating it. Gives a descriptor, or -1 with ERROR_STORAGE_ERROR, which
 * names the process that has it. Programs that are run do not inherit it. */
int store_lock_open(const char *folder, struct error *err);
/* Unlocks; -1 does nothing. */
void store_lock_close(int fd);
/* Whether a process has it, and which: 0 when that is not known. */
bool store_lock_held(const char *folder, uint64_t *out_pid);
