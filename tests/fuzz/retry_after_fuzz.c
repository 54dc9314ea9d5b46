/* The delay hint of a reply: any fields give a wait within its bounds, the same whatever their
 * order. The input is the body's duration, then field lines. */
#include "base/check.h"
#include "provider/retry_after.h"

#include <stdlib.h>

enum { LINES_MAX = 64 };

struct lines {
    struct text names[LINES_MAX], values[LINES_MAX];
    size_t count;
};

static void split(struct text rest, struct lines *out)
{
    while (rest.len > 0 && out->count < LINES_MAX) {
        struct text value = text_split(&rest, '\n');

        out->names[out->count] = text_split(&value, ':');
        out->values[out->count++] = text_trim(value);
    }
}

/* A heap block of exactly its size, so that reading beyond the value is seen. */
static void read_alone(struct retry_after *after, struct text name, struct text value)
{
    char *copy = malloc(value.len > 0 ? value.len : 1);

    CHECK(copy != NULL);
    if (value.len > 0)
        memcpy(copy, value.at, value.len);
    retry_after_read(after, name, (struct text){copy, value.len});
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t clocks_ms[] = {INT64_MIN, -1, 0, 1795680000000, INT64_MAX};
    struct text rest = {(const char *)data, size}, body = text_split(&rest, '\n');
    struct retry_after forwards = {0}, backwards = {0};
    struct lines lines = {0};

    if (size == 0)
        return 0;
    split(rest, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        size_t back = lines.count - 1 - i;

        read_alone(&forwards, lines.names[i], lines.values[i]);
        read_alone(&backwards, lines.names[back], lines.values[back]);
    }
    retry_after_read_body(&forwards, body);
    retry_after_read_body(&backwards, body);
    for (size_t i = 0; i < sizeof clocks_ms / sizeof *clocks_ms; i++) {
        uint64_t wait_ms = retry_after_wait_ms(&forwards, clocks_ms[i]);

        CHECK(wait_ms <= RETRY_AFTER_MAX_MS);
        CHECK(wait_ms == retry_after_wait_ms(&backwards, clocks_ms[i]));
    }
    CHECK(retry_after_advice(&forwards) == retry_after_advice(&backwards));
    return 0;
}
