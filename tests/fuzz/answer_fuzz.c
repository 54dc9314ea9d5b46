/* Cached answers and the steps of shared streams from any bytes. The first byte says which of the
 * two they are. What reads well is written back the same, but for states whose dialect is not
 * known, and for spare bytes in a step; and what was written reads again. */
#include "base/check.h"
#include "cache/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *dialect(struct text name)
{
    return text_equal(name, TEXT("openai")) ? "openai" : NULL;
}

static void try_answer(struct text bytes)
{
    struct arena arena = {0};
    struct buffer once = buffer_in(&arena), twice = buffer_in(&arena);
    struct chat_answer answer, again;

    if (answer_read(bytes, dialect, &arena, &answer)) {
        CHECK(answer.content.len <= bytes.len);
        answer_write(&once, &answer);
        CHECK(once.len <= bytes.len);
        CHECK(answer_read(buffer_text(&once), dialect, &arena, &again));
        CHECK(text_equal(answer.content, again.content) && answer.part_count == again.part_count);
        answer_write(&twice, &again);
        CHECK(text_equal(buffer_text(&once), buffer_text(&twice)));
    }
    CHECK(arena.total_bytes <= 65536 + 32 * bytes.len);
    arena_release(&arena);
}

static void try_steps(struct text bytes)
{
    struct buffer out = {0};
    struct chat_event event, again;

    while (step_read(&bytes, &event)) {
        struct text written;

        out.len = 0;
        step_write(&out, &event);
        written = buffer_text(&out);
        CHECK(step_bytes(written) == written.len);
        CHECK(step_read(&written, &again) && written.len == 0);
        CHECK(again.type == event.type && again.call == event.call &&
              text_equal(again.text, event.text) && text_equal(again.id, event.id) &&
              text_equal(again.name, event.name) && text_equal(again.model, event.model));
    }
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text bytes = {(const char *)data, size};

    if (size == 0)
        return 0;
    (data[0] % 2 == 0 ? try_answer : try_steps)(text_after(bytes, 1));
    return 0;
}
