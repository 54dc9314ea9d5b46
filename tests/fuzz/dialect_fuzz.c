/* Whatever a provider of any kind sends as an answer, a stream or a refusal is read without harm:
 * texts lie in what was sent or in the arena, counts are never negative, calls are numbered without
 * gaps, and a failure says so. The first byte picks one of `order`, or is 'R' for Responses, which
 * no kind speaks by itself; the second picks the status. */
#include "base/check.h"
#include "chat/gather.h"
#include "document/json_read.h"
#include "provider/kind.h"
#include "schema/lower.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Kinds of every dialect by the byte that seeds begin with: what is new is added at the end, so
 * that they keep their meaning. */
static const char *const order[] = {"openai", "groq",      "deepseek", "mistral", "compatible",
                                    "demo",   "anthropic", "ollama",   "gemini",  "cohere"};
enum { ORDER_COUNT = sizeof order / sizeof *order };

static void check_order(void)
{
    struct text names[KINDS_MAX];

    for (size_t i = 0; i < kind_names(names); i++) {
        size_t at = 0;

        while (at < ORDER_COUNT &&
               kind_find(names[i])->dialect != kind_find(text_of(order[at]))->dialect)
            at++;
        CHECK(at < ORDER_COUNT); /* a new dialect is missing from the list */
    }
}

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

static void check_failure(const struct failure *failure)
{
    CHECK(failure->kind != FAILURE_NONE);
    CHECK(failure->error.code != ERROR_NONE && failure->error.message[0] != '\0');
}

static void check_parts(const struct chat_answer *answer, struct arena *arena)
{
    for (size_t i = 0; i < answer->part_count; i++) {
        const struct chat_part *part = &answer->parts[i];
        struct document state;

        touch(part->text), touch(part->id), touch(part->name), touch(part->state);
        CHECK(part->type == CHAT_TEXT || part->type == CHAT_REASONING || part->type == CHAT_CALL);
        CHECK((part->state.len > 0) == (part->state_of != NULL));
        if (part->state.len > 0)
            CHECK(json_read(part->state, NULL, arena, &state, NULL, NULL));
    }
}

static void check_answer(const struct chat_answer *answer, struct arena *arena)
{
    touch(answer->id), touch(answer->model), touch(answer->content), touch(answer->refusal);
    check_parts(answer, arena);
    check_usage(&answer->usage);
}

static void read_answer(const struct dialect *dialect, struct text text, struct arena *arena)
{
    struct chat_answer answer;
    struct failure failure = {0};

    if (dialect->answer(text, arena, &answer, &failure)) {
        CHECK(answer.finish != CHAT_FINISH_NONE);
        check_answer(&answer, arena);
    } else {
        check_failure(&failure);
    }
}

static bool read_event(const struct dialect *dialect, void *memory, const struct wire_event *event,
                       struct chat_gather *gather)
{
    struct arena scratch = {0};
    struct chat_events steps = {0};
    struct failure failure = {0};
    uint32_t calls = 0;
    bool good = dialect->event(memory, event, gather->arena, &scratch, &steps, &failure);

    for (size_t i = 0; i < gather->part_count; i++)
        calls += gather->parts[i].part.type == CHAT_CALL;
    for (size_t i = 0; i < steps.count; i++) {
        if (steps.items[i].type == CHAT_EVENT_CALL && gather->part_count < GATHER_PARTS_MAX)
            CHECK(steps.items[i].call == calls++);
        if (steps.items[i].type == CHAT_EVENT_USAGE)
            check_usage(&steps.items[i].usage);
        gather_take(gather, &steps.items[i]);
    }
    if (!good)
        check_failure(&failure);
    arena_release(&scratch);
    return good;
}

static void read_stream(const struct dialect *dialect, struct text stream, struct arena *arena)
{
    struct chat_gather gather = {.arena = arena};
    void *memory = arena_alloc(arena, dialect->stream_bytes + 1);
    struct framing_reader reader;
    struct wire_event event;
    struct chat_answer answer;
    struct error err = {0};
    bool good = true;

    framing_init(&reader, dialect->framing, arena);
    while (good && !gather.done && framing_next(&reader, &stream, &event, &err))
        good = read_event(dialect, memory, &event, &gather);
    if (good && !gather.done && framing_finish(&reader, &event))
        read_event(dialect, memory, &event, &gather);
    gather_answer(&gather, &answer);
    check_answer(&answer, arena);
}

static void read_embeddings(const struct dialect *dialect, struct text text, struct arena *arena)
{
    struct embed_answer answer;
    struct failure failure = {0};

    if (dialect->embed_answer == NULL)
        return;
    if (!dialect->embed_answer(text, 2, arena, &answer, &failure)) {
        check_failure(&failure);
        return;
    }
    CHECK(answer.vector_count == 2);
    for (size_t i = 0; i < answer.vector_count; i++)
        for (size_t at = 0; at < answer.dimensions; at++)
            sink ^= (unsigned char)(answer.vectors[i][at] > 0);
    check_usage(&answer.usage);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dialect *dialect;
    struct arena arena = {0};
    struct document document;
    struct failure failure = {0};
    struct wire_refusal refusal = {0};
    struct text text;
    char *copy;

    if (size < 2)
        return 0;
    check_order();
    dialect = data[0] == 'R' ? &dialect_responses
                             : kind_find(text_of(order[data[0] % ORDER_COUNT]))->dialect;
    copy = malloc(size > 2 ? size - 2 : 1); /* just its size, so that reading beyond it is seen */
    CHECK(copy != NULL);
    memcpy(copy, data + 2, size - 2);
    text = (struct text){copy, size - 2};
    read_answer(dialect, text, &arena);
    read_stream(dialect, text, &arena);
    read_embeddings(dialect, text, &arena);
    refusal = (struct wire_refusal){200 + data[1] * 2, text, data[1]};
    dialect->refusal(&refusal, &arena, &failure);
    check_failure(&failure);
    if (json_read(text, NULL, &arena, &document, NULL, NULL))
        for (size_t i = 0; lower_dialect_at(i) != NULL; i++)
            lower_dialect_takes(lower_dialect_at(i), &document, 0, NULL);
    arena_release(&arena);
    free(copy);
    return 0;
}
