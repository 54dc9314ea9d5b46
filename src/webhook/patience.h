/* webhook/patience.h
 * When an event that was not taken is sent again, and when it is given up. Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    PATIENCE_FIRST_MS = 1000,
    PATIENCE_LONGEST_MS = 3600000,
    PATIENCE_WHOLE_MS = 86400000, /* from the first attempt on */
};

/* How long to wait after so many attempts (1 or more): a second, and twice as long each time, up to
 * an hour; a half of it by chance, of which `random` is the draw. What the receiver has asked for
 * (0: nothing), up to that hour, is waited for at least. */
uint64_t patience_wait_ms(uint32_t tries, uint64_t asked_ms, uint32_t random);
/* Whether an event that is tried since then is not to be tried again at `next_ms`. */
bool patience_is_over(int64_t since_ms, int64_t next_ms);
