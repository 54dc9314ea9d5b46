/* Gemini: reading an answer. An event of a stream is an answer too, with what is new of it; so both
 * are read by the same walk, which tells steps. Protobuf leaves out what is empty or zero: a
 * candidate may have no content, a content no parts, a count that is missing is 0. */
#include "chat/gather.h"
#include "provider/gemini.h"
#include "provider/reply_json.h"

#include "document/json_write.h"

struct reading {
    struct gemini_stream *stream;
    const struct document *document;
    struct arena *arena;
    struct chat_events *out;
    bool whole; /* nothing follows */
};

/* --- finish ------------------------------------------------------------------------------------
 */

static bool read_finish(struct text reason, enum chat_finish *out, struct failure *failure)
{
    static const struct text cut[] = {TEXT_INIT("MAX_TOKENS"), TEXT_INIT("CONTINUATION")};
    static const struct text filtered[] = {
        TEXT_INIT("SAFETY"),
        TEXT_INIT("RECITATION"),
        TEXT_INIT("BLOCKLIST"),
        TEXT_INIT("PROHIBITED_CONTENT"),
        TEXT_INIT("SPII"),
        TEXT_INIT("IMAGE_SAFETY"),
        TEXT_INIT("IMAGE_RECITATION"),
        TEXT_INIT("IMAGE_PROHIBITED_CONTENT"),
        TEXT_INIT("MODEL_ARMOR"),
    };
    static const struct text failed[] = {
        TEXT_INIT("MALFORMED_FUNCTION_CALL"), TEXT_INIT("UNEXPECTED_TOOL_CALL"),
        TEXT_INIT("TOO_MANY_TOOL_CALLS"), TEXT_INIT("MALFORMED_RESPONSE")};

    *out = CHAT_FINISH_STOP; /* LANGUAGE, OTHER, NO_IMAGE, what is to come */
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++)
        if (text_equal(reason, cut[i]))
            *out = CHAT_FINISH_LENGTH;
    for (size_t i = 0; i < sizeof filtered / sizeof *filtered; i++)
        if (text_equal(reason, filtered[i]))
            *out = CHAT_FINISH_CONTENT_FILTER;
    for (size_t i = 0; i < sizeof failed / sizeof *failed; i++)
        if (text_equal(reason, failed[i]))
            return failure_set(failure, FAILURE_GENERATION, NULL,
                               "the model's answer failed the provider's own check");
    return true;
}

static void tell_finish(const struct reading *it, enum chat_finish finish)
{
    if (finish == CHAT_FINISH_STOP && it->stream->calls > 0)
        finish = CHAT_FINISH_TOOL_CALLS;
    chat_events_add(it->out, it->arena, CHAT_EVENT_FINISH)->finish = finish;
    it->stream->finished = true;
}

/* --- usage -------------------------------------------------------------------------------------
 */

/* False when the number cannot be true. */
static bool add_count(const struct document *document, uint32_t usage, const char *name,
                      int64_t *sum)
{
    int64_t count = 0;

    if (reply_member(document, usage, name) != CELL_NONE &&
        !reply_count(document, usage, name, &count))
        return false;
    *sum += count;
    return *sum <= REPLY_TOKENS_MAX;
}

static bool read_usage(const struct document *document, uint32_t usage, struct chat_usage *out)
{
    *out = (struct chat_usage){.reported = true};
    /* Thoughts are not among the candidates' tokens, what is cached is among the prompt's. */
    if (!add_count(document, usage, "promptTokenCount", &out->prompt_tokens) ||
        !add_count(document, usage, "toolUsePromptTokenCount", &out->prompt_tokens) ||
        !add_count(document, usage, "candidatesTokenCount", &out->completion_tokens) ||
        !add_count(document, usage, "thoughtsTokenCount", &out->completion_tokens) ||
        out->prompt_tokens == 0) /* no prompt is free */
        return false;
    out->cached_tokens = reply_part(document, usage, "cachedContentTokenCount", out->prompt_tokens);
    out->reasoning_tokens =
        reply_part(document, usage, "thoughtsTokenCount", out->completion_tokens);
    return true;
}

/* Each event says how much it is so far. Before the end one may leave out what was written, and
 * that is not nothing. */
static void tell_usage(const struct reading *it)
{
    uint32_t usage = reply_member(it->document, 0, "usageMetadata");
    struct chat_usage read;

    if (usage == CELL_NONE || !read_usage(it->document, usage, &read))
        return;
    if (it->whole || it->stream->finished || read.completion_tokens > read.reasoning_tokens)
        chat_events_add(it->out, it->arena, CHAT_EVENT_USAGE)->usage = read;
}

/* --- parts -------------------------------------------------------------------------------------
 */

/* What a part must be sent back with. */
static void tell_state(const struct reading *it, struct text signature, struct text id)
{
    struct buffer state = buffer_in(it->arena);
    struct chat_event *event;

    if (signature.len == 0 && id.len == 0)
        return;
    buffer_put_byte(&state, '{');
    if (signature.len > 0)
        json_put_text(&state, "thoughtSignature", signature);
    if (id.len > 0)
        json_put_text(&state, "id", id);
    buffer_put_byte(&state, '}');
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_STATE);
    event->text = buffer_text(&state);
    event->state_of = dialect_gemini.name;
}

/* A call comes whole. */
static void tell_call(const struct reading *it, uint32_t call, struct text signature)
{
    struct text id = reply_string(it->document, call, "id");
    uint32_t arguments = reply_member(it->document, call, "args");
    struct chat_event *event = chat_events_add(it->out, it->arena, CHAT_EVENT_CALL);

    event->call = it->stream->calls++;
    event->id = id;
    event->name = gemini_tool_name(reply_string(it->document, call, "name"));
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_ARGUMENTS);
    event->call = it->stream->calls - 1;
    event->text = TEXT("{}");
    if (arguments != CELL_NONE && document_cell(it->document, arguments)->type == CELL_OBJECT)
        event->text = reply_json(it->document, arguments, it->arena);
    tell_state(it, signature, id);
}

static void tell_text(const struct reading *it, enum chat_event_type type, struct text text)
{
    chat_events_add(it->out, it->arena, type)->text = text;
}

/* Parts of other types (code that was run, images) are passed over. */
static void read_part(const struct reading *it, uint32_t part)
{
    struct text text = reply_string(it->document, part, "text");
    struct text signature = reply_string(it->document, part, "thoughtSignature");
    uint32_t call = reply_member(it->document, part, "functionCall");
    bool thought = reply_true(it->document, part, "thought");

    if (call != CELL_NONE && reply_string(it->document, call, "name").len > 0) {
        tell_call(it, call, signature);
        return;
    }
    if (text.len > 0)
        tell_text(it, thought ? CHAT_EVENT_REASONING : CHAT_EVENT_TEXT, text);
    else if (signature.len > 0) /* a signature alone, which is of no part before it */
        tell_text(it, CHAT_EVENT_REASONING, text);
    tell_state(it, signature, (struct text){0});
}

/* --- an answer ---------------------------------------------------------------------------------
 */

static bool is_of_type(const struct document *document, uint32_t at, enum cell_type type)
{
    return at == CELL_NONE || document_cell(document, at)->type == type;
}

static bool read_candidate(const struct reading *it, uint32_t candidate, struct failure *failure)
{
    uint32_t content = reply_member(it->document, candidate, "content"), end;
    uint32_t part = reply_items(it->document, content, "parts", &end);
    struct text reason = reply_string(it->document, candidate, "finishReason");
    enum chat_finish finish;

    if (!is_of_type(it->document, candidate, CELL_OBJECT))
        return failure_unreadable(failure, "/candidates/0", "has a candidate that is no object");
    if (!is_of_type(it->document, content, CELL_OBJECT))
        return failure_unreadable(failure, "/candidates/0/content", "has a content that is none");
    if (!is_of_type(it->document, reply_member(it->document, content, "parts"), CELL_ARRAY))
        return failure_unreadable(failure, "/candidates/0/content/parts", "has no list of parts");
    for (; part < end; part = document_next(it->document, part))
        read_part(it, part);
    if (reason.len == 0)
        return true;
    if (!read_finish(reason, &finish, failure))
        return false;
    tell_finish(it, finish);
    return true;
}

static void tell_start(const struct reading *it)
{
    struct text id = reply_string(it->document, 0, "responseId");
    struct text model = reply_string(it->document, 0, "modelVersion");
    struct chat_event *event;

    if ((id.len == 0 || it->stream->id_told) && (model.len == 0 || it->stream->model_told))
        return;
    it->stream->id_told |= id.len > 0;
    it->stream->model_told |= model.len > 0;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_START);
    event->id = id;
    event->model = model;
}

/* False when there is something in it that cannot be: *out_any says whether there was anything. */
static bool read_response(const struct reading *it, bool *out_any, struct failure *failure)
{
    uint32_t error = reply_member(it->document, 0, "error");
    uint32_t feedback = reply_member(it->document, 0, "promptFeedback"), end;
    uint32_t candidate = reply_items(it->document, 0, "candidates", &end);
    bool blocked = reply_string(it->document, feedback, "blockReason").len > 0;

    if (!is_of_type(it->document, reply_member(it->document, 0, "candidates"), CELL_ARRAY))
        return failure_unreadable(failure, "/candidates", "has no list of candidates");
    *out_any = candidate != CELL_NONE || blocked;
    if (error != CELL_NONE)
        return gemini_error_inside(it->document, error, failure);
    tell_start(it);
    if (candidate != CELL_NONE && !read_candidate(it, candidate, failure))
        return false;
    if (blocked && !it->stream->finished)
        tell_finish(it, CHAT_FINISH_CONTENT_FILTER);
    tell_usage(it);
    return true;
}

bool gemini_event(void *memory, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure)
{
    struct document document;
    const struct reading it = {memory, &document, arena, out, false};
    bool any;

    (void)kept;
    if (text_equal(text_trim(event->data), TEXT("[DONE]")))
        return true; /* of something in between, behind the end */
    return reply_read(event->data, arena, &document, failure) && read_response(&it, &any, failure);
}

bool gemini_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure)
{
    struct chat_gather gather = {.arena = arena};
    struct gemini_stream stream = {0};
    struct chat_events steps = {0};
    struct document document;
    const struct reading it = {&stream, &document, arena, &steps, true};
    bool any;

    *out = (struct chat_answer){0};
    if (!reply_read(body, arena, &document, failure) || !read_response(&it, &any, failure))
        return false;
    if (!any)
        return failure_unreadable(failure, "/candidates", "has no candidates");
    if (!stream.finished)
        tell_finish(&it, CHAT_FINISH_STOP);
    for (size_t i = 0; i < steps.count; i++)
        gather_take(&gather, &steps.items[i]);
    gather_answer(&gather, out);
    return true;
}
