/* store/call_limits.h
 * How much may be asked for, as files and tokens say it. 0: no limit. */
#pragma once
#include <stdint.h>

struct call_limits {
    uint32_t per_minute, per_hour; /* calls */
    uint32_t tokens_per_minute;    /* of prompts and answers together */
    uint32_t concurrent;           /* calls under way at once */
};
enum { CALL_LIMIT_MAX = 1000000000 }; /* of each */
