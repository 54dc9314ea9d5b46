/* A recording from any bytes: refused with a reason, or read, and then written and read again as
 * the same. */
#include "base/check.h"
#include "trial/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t body_bytes(const struct taped_reply *reply)
{
    size_t bytes = 0;

    for (size_t i = 0; i < reply->piece_count; i++) {
        CHECK(reply->pieces[i].len > 0);
        bytes += reply->pieces[i].len;
    }
    return bytes;
}

static void compare(const struct recording *a, const struct recording *b)
{
    CHECK(text_equal(a->endpoint, b->endpoint) && text_equal(a->test, b->test));
    CHECK(a->count == b->count && a->count <= RECORDED_MAX);
    for (size_t i = 0; i < a->count; i++) {
        CHECK(text_equal(a->items[i].provider, b->items[i].provider));
        CHECK(document_equal(a->items[i].body, a->items[i].body_at, b->items[i].body,
                             b->items[i].body_at));
        CHECK(a->items[i].reply.status == b->items[i].reply.status);
        CHECK(a->items[i].reply.failure.code == b->items[i].reply.failure.code);
        CHECK((body_bytes(&a->items[i].reply) == 0) == (body_bytes(&b->items[i].reply) == 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct buffer first = buffer_in(&arena), second = buffer_in(&arena);
    struct recording recording, again;
    struct error err = {0};

    if (!recording_read((struct text){(const char *)data, size}, &arena, &recording, &err)) {
        CHECK(err.code != ERROR_NONE && err.message[0] != '\0');
        arena_release(&arena);
        return 0;
    }
    recording_write(&recording, &first);
    CHECK(recording_read(buffer_text(&first), &arena, &again, &err));
    compare(&recording, &again);
    recording_write(&again, &second);
    CHECK(text_equal(buffer_text(&first), buffer_text(&second)));
    arena_release(&arena);
    return 0;
}
