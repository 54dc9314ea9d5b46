/* A reply is read into memory of its own, of which only the numbers are kept: written down they are
 * three times as long, and most of what holds them is needed once. */
#include "gateway/vectors.h"

#include "gateway/stages.h"

enum {
    VECTOR_BYTES =
        64 * 1024, /* in a reply, and what stands around it: 4,000 numbers of 16 digits */
    REPLY_BYTES_MIN = 1 << 20,
    REPLY_BYTES_MAX = 64 << 20
};

static size_t texts_left(const struct attempt *attempt)
{
    return attempt->chat.message_count - attempt->vectors.count;
}

void vectors_ask(struct attempt *attempt, struct text key)
{
    struct arena *arena = &attempt->request->arena;
    struct vectors *vectors = &attempt->vectors;
    const struct chat *chat = &attempt->chat;
    const struct dialect *dialect = attempt->target->dialect;
    size_t most = dialect->embed_most, left = texts_left(attempt);
    struct text *texts;

    if (vectors->items == NULL)
        vectors->items = ARENA_ARRAY(arena, const float *, chat->message_count);
    vectors->asked = most > 0 && most < left ? most : left;
    texts = ARENA_ARRAY(arena, struct text, vectors->asked);
    for (size_t i = 0; i < vectors->asked; i++)
        texts[i] = chat->messages[vectors->count + i].text;
    dialect->embed_request(&(struct embed){.model = chat->model,
                                           .inputs = texts,
                                           .input_count = vectors->asked,
                                           .tokens = chat->token_texts,
                                           .dimensions = chat->dimensions},
                           attempt->target->provider, key, arena, &attempt->wire);
}

size_t vectors_reply_bytes(const struct attempt *attempt)
{
    size_t bytes = REPLY_BYTES_MIN + attempt->vectors.asked * VECTOR_BYTES;

    return bytes < REPLY_BYTES_MAX ? bytes : REPLY_BYTES_MAX;
}

/* --- what came -----------------------------------------------------------------------------------
 */

static void keep(struct attempt *attempt, const struct embed_answer *answer)
{
    struct arena *arena = &attempt->request->arena;
    struct vectors *vectors = &attempt->vectors;
    size_t each = answer->dimensions;
    float *numbers = ARENA_ARRAY(arena, float, answer->vector_count *each);

    for (size_t i = 0; i < answer->vector_count; i++) {
        memcpy(numbers + i * each, answer->vectors[i], each * sizeof *numbers);
        vectors->items[vectors->count++] = numbers + i * each;
    }
    if (vectors->model.len == 0)
        vectors->model = arena_copy(arena, answer->model);
    vectors->dimensions = each;
}

static void add_usage(struct vectors *vectors, const struct chat_usage *usage, bool first)
{
    vectors->usage.reported = usage->reported && (first || vectors->usage.reported);
    vectors->usage.prompt_tokens += usage->prompt_tokens;
}

/* Vectors of another length than was asked for, or than those before, fit in no index. */
static bool has_length(struct attempt *attempt, size_t dimensions, struct failure *failure)
{
    const struct vectors *vectors = &attempt->vectors;
    int64_t wanted = attempt->chat.dimensions;

    if (wanted > 0 && (int64_t)dimensions != wanted)
        return failure_set(failure, FAILURE_REQUEST, "leave out 'dimensions', or ask another model",
                           "the model '%.*s' makes vectors of %zu numbers, and not of %lld",
                           TEXT_ARG(attempt->target->model), dimensions, (long long)wanted);
    return vectors->count == 0 || dimensions == vectors->dimensions ||
           failure_unreadable(failure, NULL, "has vectors of different lengths");
}

static bool take(struct attempt *attempt, struct failure *failure)
{
    struct vectors *vectors = &attempt->vectors;
    struct arena meanwhile = {0};
    struct embed_answer answer;
    bool good = attempt->target->dialect->embed_answer(buffer_text(&attempt->body), vectors->asked,
                                                       &meanwhile, &answer, failure);

    if (good) {
        add_usage(vectors, &answer.usage, vectors->count == 0);
        /* What is paid for whatever comes of the rest. */
        attempt->gather.usage = vectors->usage;
        attempt->gather.has_usage = true;
        good = has_length(attempt, answer.dimensions, failure);
    }
    if (good)
        keep(attempt, &answer);
    arena_release(&meanwhile);
    return good;
}

bool vectors_end(struct attempt *attempt, struct failure *failure)
{
    const struct vectors *vectors = &attempt->vectors;

    if (!take(attempt, failure))
        return true;
    if (texts_left(attempt) > 0) {
        attempt_go_on(attempt);
        return false;
    }
    attempt->answered = true;
    attempt->answer = (struct chat_answer){.model = vectors->model,
                                           .usage = vectors->usage,
                                           .vectors = vectors->items,
                                           .vector_count = vectors->count,
                                           .dimensions = vectors->dimensions};
    return true;
}
