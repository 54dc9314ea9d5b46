/* Server-sent events cut in two places that the input chooses must read as they do whole. */
#include "base/check.h"
#include "provider/sse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void note(struct buffer *out, const struct wire_event *event)
{
    buffer_printf(out, "%zu %zu ", event->name.len, event->data.len);
    buffer_put(out, event->name);
    buffer_put(out, event->data);
}

static void feed(struct sse_reader *reader, const uint8_t *data, size_t size, struct buffer *out)
{
    char *copy = malloc(size + 1); /* of its own, so that reading beyond the piece is seen */
    struct text piece = {copy, size};
    struct wire_event event;
    struct error err = {0};

    CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    while (sse_next(reader, &piece, &event, &err))
        note(out, &event);
    CHECK(piece.len == 0 || reader->failed);
    free(copy);
}

static bool read_all(const uint8_t *data, size_t size, size_t first, size_t second,
                     struct arena *arena, struct buffer *out)
{
    struct sse_reader reader = {
        .line.arena = arena, .data.arena = arena, .name.arena = arena, .event_bytes_max = 512};
    struct wire_event event;

    feed(&reader, data, first, out);
    feed(&reader, data + first, second - first, out);
    feed(&reader, data + second, size - second, out);
    if (sse_finish(&reader, &event))
        note(out, &event);
    return !reader.failed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer whole = buffer_in(&arena), cut = buffer_in(&arena);
    size_t first, second;

    if (size < 2)
        return 0;
    second = data[0] * (size - 2) / 255;
    first = data[1] * second / 255;
    CHECK(read_all(data + 2, size - 2, 0, 0, &arena, &whole) ==
          read_all(data + 2, size - 2, first, second, &arena, &cut));
    CHECK(text_equal(buffer_text(&whole), buffer_text(&cut)));
    arena_release(&arena);
    return 0;
}
