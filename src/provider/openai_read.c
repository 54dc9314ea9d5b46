/* OpenAI Chat Completions: reading an answer, whole or as events. Members we do not know are passed
 * over; one we need that has the wrong type makes the answer invalid; usage is believed only where
 * it can be true. */
#include "provider/openai.h"

#include "document/json_read.h"

/* More than any model takes; beyond it a count is a mistake. */
enum { TOKENS_MAX = 1000000000 };

static bool invalid(struct error *err, const char *at, const char *what)
{
    return error_set(err, ERROR_UPSTREAM_INVALID_RESPONSE, at, "the provider's answer %s", what);
}

static bool read_json(struct text text, struct arena *arena, struct document *out,
                      struct error *err)
{
    struct error broken = {0};

    if (!json_read(text, NULL, arena, out, NULL, &broken))
        return invalid(err, broken.at, "is not valid JSON");
    if (document_cell(out, 0)->type != CELL_OBJECT)
        return invalid(err, NULL, "is not a JSON object");
    return true;
}

/* A member that is there and not null, else CELL_NONE. */
static uint32_t member(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at;

    if (object == CELL_NONE)
        return CELL_NONE;
    at = document_member(document, object, text_of(name));
    return at != CELL_NONE && document_cell(document, at)->type == CELL_NULL ? CELL_NONE : at;
}

/* A string member; empty when it is missing, null or something else. */
static struct text string_member(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = member(document, object, name);

    if (at == CELL_NONE || document_cell(document, at)->type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

static enum chat_finish finish_of(struct text reason)
{
    static const struct {
        struct text reason;
        enum chat_finish finish;
    } rows[] = {
        {TEXT_INIT(""), CHAT_FINISH_NONE},
        {TEXT_INIT("stop"), CHAT_FINISH_STOP},
        {TEXT_INIT("length"), CHAT_FINISH_LENGTH},
        {TEXT_INIT("model_length"), CHAT_FINISH_LENGTH},
        {TEXT_INIT("tool_calls"), CHAT_FINISH_TOOL_CALLS},
        {TEXT_INIT("function_call"), CHAT_FINISH_TOOL_CALLS},
        {TEXT_INIT("content_filter"), CHAT_FINISH_CONTENT_FILTER},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(reason, rows[i].reason))
            return rows[i].finish;
    return CHAT_FINISH_STOP; /* "eos" and whatever else a host calls it */
}

/* Some hosts end a choice with a failure in place of a reason. */
static bool read_finish(const struct document *document, uint32_t choice, enum chat_finish *out,
                        struct error *err)
{
    struct text reason = string_member(document, choice, "finish_reason");

    if (text_equal(reason, TEXT("error")))
        return error_set(err, ERROR_UPSTREAM_FAILED, NULL,
                         "the provider failed while it was answering");
    if (text_equal(reason, TEXT("insufficient_system_resource")))
        return error_set(err, ERROR_UPSTREAM_OVERLOADED, NULL,
                         "the provider ran out of resources while it was answering");
    *out = finish_of(reason);
    return true;
}

/* A count of tokens that can be true. */
static bool count_at(const struct document *document, uint32_t object, const char *name,
                     int64_t *out)
{
    uint32_t at = member(document, object, name);
    const struct cell *cell = at == CELL_NONE ? NULL : document_cell(document, at);
    double value;

    if (cell == NULL || (cell->type != CELL_INTEGER &&
                         !(cell->type == CELL_NUMBER && (cell->flags & CELL_INTEGRAL) != 0)))
        return false;
    value = cell->type == CELL_INTEGER ? (double)cell->integer : document_double(cell);
    if (!(value >= 0 && value <= TOKENS_MAX))
        return false;
    *out = (int64_t)value;
    return true;
}

/* A part of `whole`; 0 when it is not said or cannot be true, so that nothing is billed cheaper on
 * the word of a wrong number. */
static int64_t part_at(const struct document *document, uint32_t object, const char *name,
                       int64_t whole)
{
    int64_t part = 0;

    return count_at(document, object, name, &part) && part <= whole ? part : 0;
}

static bool read_usage(const struct document *document, uint32_t usage, struct chat_usage *out)
{
    uint32_t prompt = member(document, usage, "prompt_tokens_details");
    uint32_t completion = member(document, usage, "completion_tokens_details");
    struct chat_usage read = {.reported = true};

    if (usage == CELL_NONE || !count_at(document, usage, "prompt_tokens", &read.prompt_tokens) ||
        read.prompt_tokens == 0) /* no prompt is free: a host that does not count */
        return false;
    if (!count_at(document, usage, "completion_tokens", &read.completion_tokens))
        return false;
    read.cached_tokens = part_at(document, prompt, "cached_tokens", read.prompt_tokens);
    if (read.cached_tokens == 0)
        read.cached_tokens =
            part_at(document, usage, "prompt_cache_hit_tokens", read.prompt_tokens);
    read.cache_write_tokens =
        part_at(document, prompt, "cache_write_tokens", read.prompt_tokens - read.cached_tokens);
    read.reasoning_tokens =
        part_at(document, completion, "reasoning_tokens", read.completion_tokens);
    *out = read;
    return true;
}

/* Text as a string, or as a list of parts of which those that are text count. */
static bool read_text(const struct document *document, uint32_t at, struct arena *arena,
                      struct text *out)
{
    struct buffer joined = buffer_in(arena);

    if (at == CELL_NONE)
        return true;
    if (document_cell(document, at)->type == CELL_STRING) {
        *out = document_text(document, at);
        return true;
    }
    if (document_cell(document, at)->type != CELL_ARRAY)
        return false;
    for (uint32_t part = at + 1; part < document_next(document, at);
         part = document_next(document, part)) {
        if (document_cell(document, part)->type != CELL_OBJECT)
            return false;
        if (text_equal(string_member(document, part, "type"), TEXT("text")))
            buffer_put(&joined, string_member(document, part, "text"));
    }
    *out = buffer_text(&joined);
    return true;
}

/* An error that came with status 200: at the top, in the choice, or the whole of it. */
static uint32_t error_in(const struct document *document, uint32_t choice)
{
    uint32_t at = member(document, 0, "error");

    if (at == CELL_NONE)
        at = member(document, choice, "error");
    if (at == CELL_NONE)
        at = member(document, member(document, 0, "x_groq"), "error");
    if (at == CELL_NONE && text_equal(string_member(document, 0, "object"), TEXT("error")))
        at = 0;
    return at;
}

/* The first choice, or CELL_NONE; false when `choices` is something else than a list of objects. */
static bool find_choice(const struct document *document, uint32_t *out)
{
    uint32_t choices = member(document, 0, "choices");

    *out = CELL_NONE;
    if (choices == CELL_NONE)
        return true;
    if (document_cell(document, choices)->type != CELL_ARRAY)
        return false;
    if (document_cell(document, choices)->size == 0)
        return true;
    *out = choices + 1;
    return document_cell(document, choices + 1)->type == CELL_OBJECT;
}

static struct chat_usage estimate(const struct chat_answer *answer)
{
    return (struct chat_usage){.completion_tokens = chat_estimate_tokens(answer->content) +
                                                    chat_estimate_tokens(answer->refusal)};
}

bool openai_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct error *err)
{
    struct document document;
    uint32_t choice, message;

    *out = (struct chat_answer){0};
    if (!read_json(body, arena, &document, err))
        return false;
    if (!find_choice(&document, &choice))
        return invalid(err, "/choices", "has no list of choices");
    if (error_in(&document, choice) != CELL_NONE)
        return openai_error_inside(&document, error_in(&document, choice), err);
    message = member(&document, choice, "message");
    if (message == CELL_NONE || document_cell(&document, message)->type != CELL_OBJECT)
        return invalid(err, "/choices/0/message", "has no message");
    if (!read_text(&document, member(&document, message, "content"), arena, &out->content))
        return invalid(err, "/choices/0/message/content", "has a content that is no text");
    if (!read_finish(&document, choice, &out->finish, err))
        return false;
    if (out->finish == CHAT_FINISH_NONE)
        out->finish = CHAT_FINISH_STOP;
    out->refusal = string_member(&document, message, "refusal");
    out->id = string_member(&document, 0, "id");
    out->model = string_member(&document, 0, "model");
    if (!read_usage(&document, member(&document, 0, "usage"), &out->usage) ||
        (out->usage.completion_tokens == 0 && out->content.len > 0))
        out->usage = estimate(out);
    return true;
}

static bool read_delta(const struct document *document, uint32_t choice, struct arena *arena,
                       struct chat_event *out, struct error *err)
{
    uint32_t delta = member(document, choice, "delta");
    int64_t index = 0;

    if (count_at(document, choice, "index", &index) && index != 0)
        return true; /* one was asked for */
    if (!read_finish(document, choice, &out->finish, err))
        return false;
    if (!read_text(document, member(document, delta, "content"), arena, &out->content))
        return invalid(err, "/choices/0/delta/content", "has a content that is no text");
    out->refusal = string_member(document, delta, "refusal");
    return true;
}

bool openai_event(struct text data, struct arena *arena, struct chat_event *out, struct error *err)
{
    struct document document;
    uint32_t choice, usage;

    *out = (struct chat_event){0};
    if (text_equal(text_trim(data), TEXT("[DONE]"))) {
        out->done = true;
        return true;
    }
    if (!read_json(data, arena, &document, err))
        return false;
    if (!find_choice(&document, &choice))
        return invalid(err, "/choices", "has no list of choices");
    if (error_in(&document, choice) != CELL_NONE)
        return openai_error_inside(&document, error_in(&document, choice), err);
    if (choice != CELL_NONE && !read_delta(&document, choice, arena, out, err))
        return false;
    out->id = string_member(&document, 0, "id");
    out->model = string_member(&document, 0, "model");
    usage = member(&document, 0, "usage");
    if (usage == CELL_NONE)
        usage = member(&document, member(&document, 0, "x_groq"), "usage");
    out->has_usage = read_usage(&document, usage, &out->usage);
    return true;
}
