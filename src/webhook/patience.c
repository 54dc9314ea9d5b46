#include "webhook/patience.h"

uint64_t patience_wait_ms(uint32_t tries, uint64_t asked_ms, uint32_t random)
{
    uint32_t doublings = tries > 1 ? tries - 1 : 0;
    uint64_t wait_ms =
        doublings < 12 ? (uint64_t)PATIENCE_FIRST_MS << doublings : PATIENCE_LONGEST_MS;

    if (wait_ms > PATIENCE_LONGEST_MS)
        wait_ms = PATIENCE_LONGEST_MS;
    if (asked_ms > PATIENCE_LONGEST_MS)
        asked_ms = PATIENCE_LONGEST_MS;
    wait_ms = wait_ms / 2 + random % (wait_ms / 2 + 1);
    return wait_ms > asked_ms ? wait_ms : asked_ms;
}

bool patience_is_over(int64_t since_ms, int64_t next_ms)
{
    return next_ms - since_ms > PATIENCE_WHOLE_MS;
}
