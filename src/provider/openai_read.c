/* OpenAI Chat Completions: reading an answer, whole or as events. Members we do not know are passed
 * over; one we need that has the wrong type makes the answer invalid; usage is believed only where
 * it can be true. */
#include "provider/openai.h"

#include "provider/reply_json.h"

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
                        struct failure *failure)
{
    struct text reason = reply_string(document, choice, "finish_reason");

    if (text_equal(reason, TEXT("error")))
        return failure_set(failure, FAILURE_SERVER, NULL,
                           "the provider failed while it was answering");
    if (text_equal(reason, TEXT("insufficient_system_resource")))
        return failure_set(failure, FAILURE_OVERLOAD, NULL,
                           "the provider ran out of resources while it was answering");
    *out = finish_of(reason);
    return true;
}

static bool read_usage(const struct document *document, uint32_t usage, struct chat_usage *out)
{
    uint32_t prompt = reply_member(document, usage, "prompt_tokens_details");
    uint32_t completion = reply_member(document, usage, "completion_tokens_details");
    struct chat_usage read = {.reported = true};

    if (usage == CELL_NONE || !reply_count(document, usage, "prompt_tokens", &read.prompt_tokens) ||
        read.prompt_tokens == 0) /* no prompt is free: a host that does not count */
        return false;
    if (!reply_count(document, usage, "completion_tokens", &read.completion_tokens))
        return false;
    read.cached_tokens = reply_part(document, prompt, "cached_tokens", read.prompt_tokens);
    if (read.cached_tokens == 0)
        read.cached_tokens =
            reply_part(document, usage, "prompt_cache_hit_tokens", read.prompt_tokens);
    read.cache_write_tokens =
        reply_part(document, prompt, "cache_write_tokens", read.prompt_tokens - read.cached_tokens);
    read.reasoning_tokens =
        reply_part(document, completion, "reasoning_tokens", read.completion_tokens);
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
        if (text_equal(reply_string(document, part, "type"), TEXT("text")))
            buffer_put(&joined, reply_string(document, part, "text"));
    }
    *out = buffer_text(&joined);
    return true;
}

/* An error that came with status 200: at the top, in the choice, or the whole of it. */
static uint32_t error_in(const struct document *document, uint32_t choice)
{
    uint32_t at = reply_member(document, 0, "error");

    if (at == CELL_NONE)
        at = reply_member(document, choice, "error");
    if (at == CELL_NONE)
        at = reply_member(document, reply_member(document, 0, "x_groq"), "error");
    if (at == CELL_NONE && text_equal(reply_string(document, 0, "object"), TEXT("error")))
        at = 0;
    return at;
}

/* The first choice, or CELL_NONE; false when `choices` is something else than a list of objects. */
static bool find_choice(const struct document *document, uint32_t *out)
{
    uint32_t choices = reply_member(document, 0, "choices");

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
                   struct failure *failure)
{
    struct document document;
    uint32_t choice, message;

    *out = (struct chat_answer){0};
    if (!reply_read(body, arena, &document, failure))
        return false;
    if (!find_choice(&document, &choice))
        return failure_unreadable(failure, "/choices", "has no list of choices");
    if (error_in(&document, choice) != CELL_NONE)
        return openai_error_inside(&document, error_in(&document, choice), failure);
    message = reply_member(&document, choice, "message");
    if (message == CELL_NONE || document_cell(&document, message)->type != CELL_OBJECT)
        return failure_unreadable(failure, "/choices/0/message", "has no message");
    if (!read_text(&document, reply_member(&document, message, "content"), arena, &out->content))
        return failure_unreadable(failure, "/choices/0/message/content",
                                  "has a content that is no text");
    if (!read_finish(&document, choice, &out->finish, failure))
        return false;
    if (out->finish == CHAT_FINISH_NONE)
        out->finish = CHAT_FINISH_STOP;
    out->refusal = reply_string(&document, message, "refusal");
    out->id = reply_string(&document, 0, "id");
    out->model = reply_string(&document, 0, "model");
    if (!read_usage(&document, reply_member(&document, 0, "usage"), &out->usage) ||
        (out->usage.completion_tokens == 0 && out->content.len > 0))
        out->usage = estimate(out);
    return true;
}

static void add_text(struct chat_events *events, struct arena *arena, enum chat_event_type type,
                     struct text text)
{
    if (text.len > 0)
        chat_events_add(events, arena, type)->text = text;
}

static bool read_delta(const struct document *document, uint32_t choice, struct arena *arena,
                       struct chat_events *out, struct failure *failure)
{
    uint32_t delta = reply_member(document, choice, "delta");
    enum chat_finish finish;
    struct text content = {0};
    int64_t index = 0;

    if (reply_count(document, choice, "index", &index) && index != 0)
        return true; /* one was asked for */
    if (!read_finish(document, choice, &finish, failure))
        return false;
    if (!read_text(document, reply_member(document, delta, "content"), arena, &content))
        return failure_unreadable(failure, "/choices/0/delta/content",
                                  "has a content that is no text");
    add_text(out, arena, CHAT_EVENT_TEXT, content);
    add_text(out, arena, CHAT_EVENT_REFUSAL, reply_string(document, delta, "refusal"));
    if (finish != CHAT_FINISH_NONE)
        chat_events_add(out, arena, CHAT_EVENT_FINISH)->finish = finish;
    return true;
}

static void read_start(struct openai_stream *stream, const struct document *document,
                       struct arena *arena, struct chat_events *out)
{
    struct text id = reply_string(document, 0, "id"), model = reply_string(document, 0, "model");
    struct chat_event *event;

    if (stream->started || id.len + model.len == 0)
        return;
    stream->started = true;
    event = chat_events_add(out, arena, CHAT_EVENT_START);
    event->id = id;
    event->model = model;
}

bool openai_event(void *memory, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure)
{
    struct document document;
    uint32_t choice, usage;
    struct chat_usage read;

    (void)kept;
    if (text_equal(text_trim(event->data), TEXT("[DONE]"))) {
        chat_events_add(out, arena, CHAT_EVENT_DONE);
        return true;
    }
    if (!reply_read(event->data, arena, &document, failure))
        return false;
    if (!find_choice(&document, &choice))
        return failure_unreadable(failure, "/choices", "has no list of choices");
    if (error_in(&document, choice) != CELL_NONE)
        return openai_error_inside(&document, error_in(&document, choice), failure);
    read_start(memory, &document, arena, out);
    if (choice != CELL_NONE && !read_delta(&document, choice, arena, out, failure))
        return false;
    usage = reply_member(&document, 0, "usage");
    if (usage == CELL_NONE)
        usage = reply_member(&document, reply_member(&document, 0, "x_groq"), "usage");
    if (read_usage(&document, usage, &read))
        chat_events_add(out, arena, CHAT_EVENT_USAGE)->usage = read;
    return true;
}
