/* OpenAI Chat Completions: reading an answer, whole or as events. Members we do not know are passed
 * over; one we need that has the wrong type makes the answer invalid; usage is believed only where
 * it can be true. */
#include "provider/openai.h"

#include "chat/gather.h"
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
    static const char *const cached[] = {"prompt_cache_hit_tokens", "num_cached_tokens"};
    uint32_t prompt = reply_member(document, usage, "prompt_tokens_details");
    uint32_t completion = reply_member(document, usage, "completion_tokens_details");
    struct chat_usage read = {.reported = true};

    if (prompt == CELL_NONE)
        prompt = reply_member(document, usage, "prompt_token_details"); /* Mistral, once */
    if (usage == CELL_NONE || !reply_count(document, usage, "prompt_tokens", &read.prompt_tokens) ||
        read.prompt_tokens == 0) /* no prompt is free: a host that does not count */
        return false;
    if (!reply_count(document, usage, "completion_tokens", &read.completion_tokens))
        return false;
    read.cached_tokens = reply_part(document, prompt, "cached_tokens", read.prompt_tokens);
    for (size_t i = 0; i < sizeof cached / sizeof *cached && read.cached_tokens == 0; i++)
        read.cached_tokens = reply_part(document, usage, cached[i], read.prompt_tokens);
    read.cache_write_tokens =
        reply_part(document, prompt, "cache_write_tokens", read.prompt_tokens - read.cached_tokens);
    read.reasoning_tokens =
        reply_part(document, completion, "reasoning_tokens", read.completion_tokens);
    *out = read;
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

/* --- a whole answer
 * ---------------------------------------------------------------------------------- */

/* Reads the message as if it were the one delta of a stream. */
static bool gather_message(const char *dialect, const struct document *document, uint32_t message,
                           struct arena *arena, struct chat_answer *out)
{
    struct openai_stream stream = {0};
    struct chat_gather gather = {.arena = arena};
    struct chat_events steps = {0};
    struct openai_piece piece = {.stream = &stream,
                                 .dialect = dialect,
                                 .document = document,
                                 .whole = true,
                                 .kept = arena,
                                 .arena = arena,
                                 .out = &steps};

    if (!openai_take(&piece, message))
        return false;
    openai_end(&piece);
    for (size_t i = 0; i < steps.count; i++)
        gather_take(&gather, &steps.items[i]);
    gather.finish = out->finish;
    gather_answer(&gather, out);
    return true;
}

bool openai_read_answer(const char *dialect, struct text body, struct arena *arena,
                        struct chat_answer *out, struct failure *failure)
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
    if (!read_finish(&document, choice, &out->finish, failure))
        return false;
    if (out->finish == CHAT_FINISH_NONE)
        out->finish = CHAT_FINISH_STOP;
    if (!gather_message(dialect, &document, message, arena, out))
        return failure_unreadable(failure, "/choices/0/message/content",
                                  "has a content that is no text");
    out->id = reply_string(&document, 0, "id");
    out->model = reply_string(&document, 0, "model");
    if (!read_usage(&document, reply_member(&document, 0, "usage"), &out->usage) ||
        (out->usage.completion_tokens == 0 && out->content.len > 0))
        out->usage = (struct chat_usage){0};
    return true;
}

bool openai_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure)
{
    return openai_read_answer(dialect_openai.name, body, arena, out, failure);
}

/* --- a stream
 * ---------------------------------------------------------------------------------------- */

static bool read_delta(struct openai_piece *piece, uint32_t choice, struct failure *failure)
{
    enum chat_finish finish;
    int64_t index = 0;

    if (reply_count(piece->document, choice, "index", &index) && index != 0)
        return true; /* one was asked for */
    if (!read_finish(piece->document, choice, &finish, failure))
        return false;
    if (!openai_take(piece, reply_member(piece->document, choice, "delta")))
        return failure_unreadable(failure, "/choices/0/delta/content",
                                  "has a content that is no text");
    if (finish == CHAT_FINISH_NONE)
        return true;
    openai_end(piece);
    chat_events_add(piece->out, piece->arena, CHAT_EVENT_FINISH)->finish = finish;
    return true;
}

static void read_start(struct openai_piece *piece)
{
    struct openai_stream *stream = piece->stream;
    struct text id = reply_string(piece->document, 0, "id"),
                model = reply_string(piece->document, 0, "model");
    struct chat_event *event;

    if (stream->started || id.len + model.len == 0)
        return;
    stream->started = true;
    event = chat_events_add(piece->out, piece->arena, CHAT_EVENT_START);
    event->id = id;
    event->model = model;
}

bool openai_read_event(const char *dialect, struct openai_stream *stream,
                       const struct wire_event *event, struct arena *kept, struct arena *arena,
                       struct chat_events *out, struct failure *failure)
{
    struct document document;
    struct openai_piece piece = {.stream = stream,
                                 .dialect = dialect,
                                 .document = &document,
                                 .kept = kept,
                                 .arena = arena,
                                 .out = out};
    uint32_t choice, usage;
    struct chat_usage read;

    if (text_equal(text_trim(event->data), TEXT("[DONE]"))) {
        openai_end(&piece);
        chat_events_add(out, arena, CHAT_EVENT_DONE);
        return true;
    }
    if (!reply_read(event->data, arena, &document, failure))
        return false;
    if (!find_choice(&document, &choice))
        return failure_unreadable(failure, "/choices", "has no list of choices");
    if (error_in(&document, choice) != CELL_NONE)
        return openai_error_inside(&document, error_in(&document, choice), failure);
    read_start(&piece);
    if (choice != CELL_NONE && !read_delta(&piece, choice, failure))
        return false;
    usage = reply_member(&document, 0, "usage");
    if (usage == CELL_NONE)
        usage = reply_member(&document, reply_member(&document, 0, "x_groq"), "usage");
    if (read_usage(&document, usage, &read))
        chat_events_add(out, arena, CHAT_EVENT_USAGE)->usage = read;
    return true;
}

bool openai_event(void *memory, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure)
{
    return openai_read_event(dialect_openai.name, memory, event, kept, arena, out, failure);
}
