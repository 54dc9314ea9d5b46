/* provider/wire_event.h
 * One event of a streamed reply as it came, whatever cut it out of the bytes. */
#pragma once
#include "base/text.h"

struct wire_event {
    struct text name; /* SSE `event:`; empty: none, or "message" */
    struct text data;
};
