/* A stream of events as `pinion call` shows it, from any bytes in pieces of any size: whatever a
 * server sends is read without harm. The first byte says how large the pieces are. */
#include "base/check.h"
#include "command/call.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FILE *nowhere;
    struct arena arena = {0};
    const struct command_line line = {.arena = &arena};
    struct call_show show = {.line = &line, .terminal = true, .rest = {.arena = &arena}};
    size_t step = size > 0 ? data[0] % 64 + 1u : 1;

    if (nowhere == NULL) {
        nowhere = freopen("/dev/null", "w", stdout);
        CHECK(nowhere != NULL);
    }
    for (size_t at = 1; at < size; at += step) {
        size_t len = size - at < step ? size - at : step;

        if (!call_show_piece(&show, (struct text){(const char *)data + at, len}))
            break;
    }
    CHECK(show.rest.len <= size);
    arena_release(&arena);
    return 0;
}
