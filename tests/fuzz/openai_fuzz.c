/* Whatever a provider sends as an answer, an event or a refusal is read without harm: texts lie in
 * what was sent or in the arena, counts are never negative, and a failure says so. */
#include "base/check.h"
#include "document/json_read.h"
#include "provider/openai.h"
#include "schema/lower.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned char sink;

static void touch(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        sink ^= (unsigned char)text.at[i];
}

static void check_usage(const struct chat_usage *usage)
{
    CHECK(usage->prompt_tokens >= 0 && usage->completion_tokens >= 0);
    CHECK(usage->cached_tokens >= 0 && usage->cache_write_tokens >= 0);
    CHECK(!usage->reported ||
          usage->cached_tokens + usage->cache_write_tokens <= usage->prompt_tokens);
    CHECK(usage->reasoning_tokens >= 0 && usage->reasoning_tokens <= usage->completion_tokens);
}

static void read_answer(struct text text, struct arena *arena)
{
    struct chat_answer answer;
    struct error err = {0};

    if (openai_answer(text, arena, &answer, &err)) {
        touch(answer.id), touch(answer.model), touch(answer.content), touch(answer.refusal);
        CHECK(answer.finish != CHAT_FINISH_NONE);
        check_usage(&answer.usage);
    } else {
        CHECK(err.code != ERROR_NONE && err.message[0] != '\0');
    }
}

static void read_event(struct text text, struct arena *arena)
{
    struct chat_event event;
    struct error err = {0};

    if (openai_event(text, arena, &event, &err)) {
        touch(event.id), touch(event.model), touch(event.content), touch(event.refusal);
        if (event.has_usage)
            check_usage(&event.usage);
    } else {
        CHECK(err.code != ERROR_NONE && err.message[0] != '\0');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct document document;
    struct error err = {0};
    struct text text;
    char *copy;

    if (size < 1)
        return 0;
    copy = malloc(size > 1 ? size - 1 : 1); /* just its size, so that reading beyond it is seen */
    CHECK(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    text = (struct text){copy, size - 1};
    read_answer(text, &arena);
    read_event(text, &arena);
    openai_refusal(200 + data[0] * 2, text, data[0], &arena, &err);
    CHECK(err.code != ERROR_NONE);
    if (json_read(text, NULL, &arena, &document, NULL, NULL))
        for (size_t i = 0; lower_dialect_at(i) != NULL; i++)
            lower_dialect_takes(lower_dialect_at(i), &document, 0, NULL);
    arena_release(&arena);
    free(copy);
    return 0;
}
