/* A part has memory of its own: whoever reads it in another thread touches nothing else, and the
 * request may end meanwhile. What came is let go of once it is read, as numbers written down are
 * three times as long as kept. */
#include "gateway/vectors.h"

#include "base/check.h"
#include "gateway/aside.h"
#include "gateway/stages.h"

#include <stdlib.h>

enum {
    VECTOR_BYTES = 64 * 1024, /* in a reply, with what stands around it: 4,000 numbers */
    REPLY_BYTES_MIN = 1 << 20,
    REPLY_BYTES_MAX = 64 << 20,
    ASIDE_BYTES = 128 * 1024 /* what is shorter takes a millisecond or two */
};

struct vectors_part {
    struct aside_work work;  /* first */
    struct attempt *attempt; /* NULL: nobody waits; only the loop's thread looks */
    int holders;             /* the request, and who reads; likewise */
    const struct dialect *dialect;
    const struct surface *surface;
    bool base64;
    size_t first, texts; /* which of the call's texts they are */
    struct arena reply;  /* the body, and what reading it takes */
    struct text body;
    struct arena kept; /* what is left of it: */
    bool good;
    struct failure failure;
    struct embed_answer answer;
    struct text written;
};

/* --- what is asked -------------------------------------------------------------------------------
 */

static void let_go(struct vectors_part *part)
{
    if (--part->holders > 0)
        return;
    arena_release(&part->reply);
    arena_release(&part->kept);
    free(part);
}

static void forget_attempt(void *thing)
{
    struct vectors_part *part = thing;

    part->attempt = NULL;
    let_go(part);
}

static size_t part_most(const struct attempt *attempt)
{
    size_t most = attempt->target->dialect->embed_most, all = attempt->chat.message_count;

    return most > 0 && most < all ? most : all;
}

static struct vectors_part *new_part(struct attempt *attempt)
{
    struct vectors_part *part = calloc(1, sizeof *part);
    struct request *request = attempt->request;
    size_t left = attempt->chat.message_count - attempt->vectors.count, most = part_most(attempt);

    CHECK(part != NULL);
    *part = (struct vectors_part){.attempt = attempt,
                                  .holders = 1,
                                  .dialect = attempt->target->dialect,
                                  .surface = request->surface,
                                  .base64 = request->body.base64,
                                  .first = attempt->vectors.count,
                                  .texts = left < most ? left : most};
    arena_defer(&request->arena, forget_attempt, part);
    return part;
}

/* For all parts, once. */
static void make_room(struct attempt *attempt)
{
    struct arena *arena = &attempt->request->arena;
    size_t all = attempt->chat.message_count, most = part_most(attempt);

    attempt->vectors.items = ARENA_ARRAY(arena, const float *, all);
    attempt->vectors.written = ARENA_ARRAY(arena, struct text, (all + most - 1) / most);
}

void vectors_ask(struct attempt *attempt, struct text key)
{
    struct arena *arena = &attempt->request->arena;
    const struct chat *chat = &attempt->chat;
    struct vectors_part *part = new_part(attempt);
    struct text *texts = ARENA_ARRAY(arena, struct text, part->texts);

    if (attempt->vectors.items == NULL)
        make_room(attempt);
    attempt->vectors.part = part;
    attempt->body = buffer_in(&part->reply);
    for (size_t i = 0; i < part->texts; i++)
        texts[i] = chat->messages[part->first + i].text;
    part->dialect->embed_request(&(struct embed){.model = chat->model,
                                                 .inputs = texts,
                                                 .input_count = part->texts,
                                                 .tokens = chat->token_texts,
                                                 .dimensions = chat->dimensions,
                                                 .purpose = chat->purpose},
                                 attempt->target->provider, key, arena, &attempt->wire);
}

size_t vectors_reply_bytes(const struct attempt *attempt)
{
    size_t bytes = REPLY_BYTES_MIN + attempt->vectors.part->texts * VECTOR_BYTES;

    return bytes < REPLY_BYTES_MAX ? bytes : REPLY_BYTES_MAX;
}

/* --- what came: in whichever thread --------------------------------------------------------------
 */

/* Out of the memory that the reply was read into. */
static void keep(struct vectors_part *part)
{
    struct embed_answer *answer = &part->answer;
    size_t each = answer->dimensions;
    const float **vectors = ARENA_ARRAY(&part->kept, const float *, answer->vector_count);
    float *numbers = ARENA_ARRAY(&part->kept, float, answer->vector_count *each);

    for (size_t i = 0; i < answer->vector_count; i++) {
        memcpy(numbers + i * each, answer->vectors[i], each * sizeof *numbers);
        vectors[i] = numbers + i * each;
    }
    answer->vectors = vectors;
    answer->model = arena_copy(&part->kept, answer->model);
}

static void read(struct vectors_part *part)
{
    struct buffer written = buffer_in(&part->kept);

    part->good = part->dialect->embed_answer(part->body, part->texts, &part->reply, &part->answer,
                                             &part->failure);
    if (part->good) {
        keep(part);
        part->surface->put_vectors(&part->answer, part->first, part->base64, &written);
        part->written = buffer_text(&written);
    }
    arena_release(&part->reply);
}

static void read_aside(struct aside_work *work)
{
    read((struct vectors_part *)work);
}

/* --- what follows from it ------------------------------------------------------------------------
 */

static void add_usage(struct attempt *attempt, const struct chat_usage *usage)
{
    struct vectors *vectors = &attempt->vectors;
    bool first = vectors->written_count == 0;

    vectors->usage.reported = usage->reported && (first || vectors->usage.reported);
    vectors->usage.prompt_tokens += usage->prompt_tokens;
    attempt->gather.usage = vectors->usage; /* it is paid for whatever comes of the rest */
    attempt->gather.has_usage = true;
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

static bool take(struct attempt *attempt, struct vectors_part *part, struct failure *failure)
{
    struct vectors *vectors = &attempt->vectors;
    const struct embed_answer *answer = &part->answer;

    if (!part->good) {
        *failure = part->failure;
        return false;
    }
    add_usage(attempt, &answer->usage);
    if (!has_length(attempt, answer->dimensions, failure))
        return false;
    for (size_t i = 0; i < answer->vector_count; i++)
        vectors->items[vectors->count++] = answer->vectors[i];
    vectors->written[vectors->written_count++] = part->written;
    vectors->dimensions = answer->dimensions;
    if (vectors->model.len == 0)
        vectors->model = answer->model;
    return true;
}

/* As vectors_end. */
static bool end_part(struct attempt *attempt, struct failure *failure)
{
    struct vectors *vectors = &attempt->vectors;
    struct vectors_part *part = vectors->part;

    vectors->part = NULL;
    vectors->aside = false;
    if (!take(attempt, part, failure))
        return true;
    if (vectors->count < attempt->chat.message_count) {
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

static void came_back(struct loop_task *task)
{
    struct vectors_part *part = (struct vectors_part *)task;
    struct attempt *attempt = part->attempt;
    struct failure failure = {0};

    if (attempt != NULL && end_part(attempt, &failure))
        attempt_end(attempt, &failure);
    let_go(part);
}

bool vectors_end(struct attempt *attempt, struct failure *failure)
{
    struct vectors_part *part = attempt->vectors.part;
    struct worker *worker = attempt->request->worker;

    part->body = buffer_text(&attempt->body);
    attempt->body = (struct buffer){0};
    if (part->body.len < ASIDE_BYTES) {
        read(part);
        return end_part(attempt, failure);
    }
    attempt->vectors.aside = true;
    part->holders++;
    part->work =
        (struct aside_work){.done = {.run = came_back}, .run = read_aside, .loop = worker->loop};
    aside_start(worker->gateway, &part->work);
    return false;
}

void vectors_drop(struct attempt *attempt)
{
    if (attempt->vectors.part != NULL)
        attempt->vectors.part->attempt = NULL;
    attempt->vectors.part = NULL;
    attempt->vectors.aside = false;
}
