/* Ollama's own API: reading an answer. A line of a stream has the form of a whole answer: its texts
 * are to be appended, its calls are whole, and the last one is `done` and counts. */
#include "provider/ollama.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "provider/reply_json.h"

/* Thinking needs nothing but itself to be sent back; this says whose it is. */
#define THOUGHT TEXT("true")

static enum chat_finish finish_of(struct text reason, bool called)
{
    if (text_equal(reason, TEXT("length")))
        return CHAT_FINISH_LENGTH;
    return called ? CHAT_FINISH_TOOL_CALLS : CHAT_FINISH_STOP; /* stop, load, unload */
}

/* Counts of zero are left out; so is that of a prompt which was wholly known from before, and what
 * it was is then not known. */
static bool read_usage(const struct document *document, struct chat_usage *out)
{
    *out = (struct chat_usage){0};
    if (reply_member(document, 0, "eval_count") != CELL_NONE &&
        !reply_count(document, 0, "eval_count", &out->completion_tokens))
        return false;
    out->reported = reply_count(document, 0, "prompt_eval_count", &out->prompt_tokens) &&
                    out->prompt_tokens > 0;
    return out->reported;
}

static bool is_object(const struct document *document, uint32_t at)
{
    return at != CELL_NONE && document_cell(document, at)->type == CELL_OBJECT;
}

/* --- calls -------------------------------------------------------------------------------------
 */

/* As JSON text: of an object, or as it is where it was text already. */
static struct text call_arguments(const struct document *document, uint32_t function,
                                  struct arena *arena)
{
    uint32_t at = reply_member(document, function, "arguments");

    if (is_object(document, at))
        return reply_json(document, at, arena);
    if (at != CELL_NONE && document_cell(document, at)->type == CELL_STRING &&
        document_cell(document, at)->size > 0)
        return document_text(document, at);
    return TEXT("{}");
}

/* --- a whole answer ----------------------------------------------------------------------------
 */

static struct chat_part *add_part(struct chat_answer *out, struct chat_part *parts,
                                  enum chat_part_type type, struct text text)
{
    struct chat_part *part = &parts[out->part_count++];

    *part = (struct chat_part){.type = type, .text = text};
    return part;
}

static void read_parts(const struct document *document, uint32_t message, struct arena *arena,
                       struct chat_answer *out)
{
    struct text thinking = reply_string(document, message, "thinking");
    uint32_t end, call = reply_items(document, message, "tool_calls", &end);
    size_t room = 2 + (call == CELL_NONE ? 0 : document_cell(document, call - 1)->size);
    struct chat_part *parts = ARENA_ARRAY(arena, struct chat_part, room), *part;
    bool calls = false;

    if (thinking.len > 0) {
        part = add_part(out, parts, CHAT_REASONING, thinking);
        part->state = THOUGHT;
        part->state_of = dialect_ollama.name;
    }
    out->content = reply_string(document, message, "content");
    if (out->content.len > 0)
        add_part(out, parts, CHAT_TEXT, out->content);
    for (; call < end; call = document_next(document, call)) {
        uint32_t function = reply_member(document, call, "function");

        if (reply_string(document, function, "name").len == 0)
            continue; /* of no tool */
        calls = true;
        part = add_part(out, parts, CHAT_CALL, call_arguments(document, function, arena));
        part->id = reply_string(document, call, "id");
        part->name = reply_string(document, function, "name");
    }
    out->parts = out->part_count > 0 ? parts : NULL;
    out->finish = finish_of(reply_string(document, 0, "done_reason"), calls);
}

bool ollama_answer(struct text body, struct arena *arena, struct chat_answer *out,
                   struct failure *failure)
{
    struct document document;
    uint32_t message;

    *out = (struct chat_answer){0};
    if (!reply_read(body, arena, &document, failure))
        return false;
    if (reply_member(&document, 0, "error") != CELL_NONE)
        return ollama_error_inside(&document, reply_member(&document, 0, "error"), failure);
    message = reply_member(&document, 0, "message");
    if (!is_object(&document, message))
        return failure_unreadable(failure, "/message", "has no message");
    read_parts(&document, message, arena, out);
    out->model = reply_string(&document, 0, "model");
    if (!read_usage(&document, &out->usage))
        out->usage = (struct chat_usage){0};
    return true;
}

/* --- a stream ----------------------------------------------------------------------------------
 */

struct reading {
    struct ollama_stream *stream;
    const struct document *document;
    struct arena *arena;
    struct chat_events *out;
};

static void tell(const struct reading *it, enum chat_event_type type, struct text text)
{
    if (text.len > 0)
        chat_events_add(it->out, it->arena, type)->text = text;
}

/* Whatever follows thinking ends it. */
static void end_thinking(const struct reading *it)
{
    struct chat_event *event;

    if (!it->stream->thinking)
        return;
    it->stream->thinking = false;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_STATE);
    event->text = THOUGHT;
    event->state_of = dialect_ollama.name;
}

static void tell_call(const struct reading *it, uint32_t call)
{
    uint32_t function = reply_member(it->document, call, "function"), number;
    struct text name = reply_string(it->document, function, "name");
    struct chat_event *event;

    if (name.len == 0)
        return; /* of no tool */
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_CALL);
    event->call = number = it->stream->calls++;
    event->id = reply_string(it->document, call, "id");
    event->name = name;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_ARGUMENTS);
    event->call = number;
    event->text = call_arguments(it->document, function, it->arena);
}

static void read_message(const struct reading *it, uint32_t message)
{
    struct text thinking = reply_string(it->document, message, "thinking");
    struct text content = reply_string(it->document, message, "content");
    uint32_t end, call = reply_items(it->document, message, "tool_calls", &end);

    tell(it, CHAT_EVENT_REASONING, thinking);
    it->stream->thinking |= thinking.len > 0;
    if (content.len > 0 || call != CELL_NONE)
        end_thinking(it);
    tell(it, CHAT_EVENT_TEXT, content);
    for (; call < end; call = document_next(it->document, call))
        tell_call(it, call);
}

static void read_end(const struct reading *it)
{
    struct chat_usage usage;

    end_thinking(it);
    chat_events_add(it->out, it->arena, CHAT_EVENT_FINISH)->finish =
        finish_of(reply_string(it->document, 0, "done_reason"), it->stream->calls > 0);
    if (read_usage(it->document, &usage))
        chat_events_add(it->out, it->arena, CHAT_EVENT_USAGE)->usage = usage;
    chat_events_add(it->out, it->arena, CHAT_EVENT_DONE);
}

bool ollama_event(void *memory, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure)
{
    struct document document;
    const struct reading it = {memory, &document, arena, out};
    struct text model;
    uint32_t message;

    (void)kept;
    if (!reply_read(event->data, arena, &document, failure))
        return false;
    if (reply_member(&document, 0, "error") != CELL_NONE)
        return ollama_error_inside(&document, reply_member(&document, 0, "error"), failure);
    model = reply_string(&document, 0, "model");
    if (!it.stream->started && model.len > 0)
        chat_events_add(out, arena, CHAT_EVENT_START)->model = model;
    it.stream->started |= model.len > 0;
    message = reply_member(&document, 0, "message");
    if (message != CELL_NONE && !is_object(&document, message))
        return failure_unreadable(failure, "/message", "has a message that is no object");
    read_message(&it, message);
    if (reply_true(&document, 0, "done"))
        read_end(&it);
    return true;
}

/* --- errors ------------------------------------------------------------------------------------
 */

static bool says(struct text message, struct text phrase)
{
    return text_find(message, phrase) < message.len;
}

/* An error is a sentence. */
static struct failure_signs signs_of(const struct document *document, uint32_t error)
{
    struct failure_signs signs = {.message = reply_string(document, error, "message")};

    if (error != CELL_NONE && document_cell(document, error)->type == CELL_STRING)
        signs.message = document_text(document, error);
    if (says(signs.message, TEXT("does not support thinking")))
        signs.param = TEXT("reasoning_effort");
    if (says(signs.message, TEXT("does not support tools")))
        signs.param = TEXT("tools");
    return signs;
}

bool ollama_error_inside(const struct document *document, uint32_t error, struct failure *failure)
{
    struct failure_signs signs = signs_of(document, error);

    return failure_of_signs(&signs, failure);
}

void ollama_refusal(const struct wire_refusal *refusal, struct arena *arena,
                    struct failure *failure)
{
    struct failure_signs signs = {0};
    struct document document;

    if (json_read(refusal->body, NULL, arena, &document, NULL, NULL))
        signs = signs_of(&document, reply_member(&document, 0, "error"));
    /* A path that is not there is answered in plain text. */
    if (refusal->status == 404 && signs.message.len > 0)
        signs.code = TEXT("model_not_found");
    signs.status = refusal->status;
    signs.retry_after_ms = refusal->retry_after_ms;
    failure_of_signs(&signs, failure);
}
