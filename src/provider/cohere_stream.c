/* Cohere: reading a stream. What is said, thought and called comes in pieces of its own kind, one
 * thing at a time, until the message ends. */
#include "provider/cohere.h"
#include "provider/reply_json.h"

struct reading {
    struct cohere_stream *stream;
    const struct document *document;
    struct arena *arena;
    struct chat_events *out;
    uint32_t message; /* delta.message, or CELL_NONE */
};

static void tell(const struct reading *it, enum chat_event_type type, struct text text)
{
    if (text.len > 0)
        chat_events_add(it->out, it->arena, type)->text = text;
}

/* --- what is said ------------------------------------------------------------------------------
 */

static void end_thought(const struct reading *it)
{
    struct chat_event *event;

    if (!it->stream->thinking)
        return;
    it->stream->thinking = false;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_STATE);
    event->text = TEXT(COHERE_THOUGHT);
    event->state_of = dialect_cohere.name;
}

/* Both the beginning and what follows may hold text. */
static void read_content(const struct reading *it)
{
    uint32_t content = reply_member(it->document, it->message, "content");
    struct text thought = reply_string(it->document, content, "thinking");
    struct text text = reply_string(it->document, content, "text");

    if (thought.len > 0) {
        tell(it, CHAT_EVENT_REASONING, thought);
        it->stream->thinking = true;
    }
    if (text.len > 0) {
        end_thought(it);
        tell(it, CHAT_EVENT_TEXT, text);
    }
}

/* --- calls -------------------------------------------------------------------------------------
 */

static void tell_arguments(const struct reading *it, struct text text)
{
    struct chat_event *event;

    if (text.len == 0)
        return;
    it->stream->argued = true;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_ARGUMENTS);
    event->call = it->stream->calls - 1;
    event->text = text;
}

static void end_call(const struct reading *it)
{
    if (it->stream->calling && !it->stream->argued)
        tell_arguments(it, TEXT("{}"));
    it->stream->calling = false;
}

static bool begin_call(const struct reading *it, struct failure *failure)
{
    uint32_t call = reply_member(it->document, it->message, "tool_calls");
    uint32_t function = reply_member(it->document, call, "function");
    struct text name = reply_string(it->document, function, "name");
    struct chat_event *event;

    end_thought(it);
    end_call(it);
    it->stream->calling = true;
    it->stream->argued = false;
    if (!reply_count(it->document, 0, "index", &it->stream->index))
        it->stream->index = -1;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_CALL);
    event->call = it->stream->calls++;
    event->id = reply_string(it->document, call, "id");
    event->name = name;
    tell_arguments(it, reply_string(it->document, function, "arguments"));
    return name.len > 0 ||
           failure_unreadable(failure, "/delta/message/tool_calls", "has a call of no tool");
}

/* Whether the event is of the call under way: of two that are mixed, neither could be told. */
static bool continue_call(const struct reading *it, struct failure *failure)
{
    uint32_t call = reply_member(it->document, it->message, "tool_calls");
    int64_t index;

    if (!it->stream->calling)
        return failure_unreadable(failure, "/index", "goes on with a call that did not begin");
    if (it->stream->index >= 0 && reply_count(it->document, 0, "index", &index) &&
        index != it->stream->index)
        return failure_unreadable(failure, "/index", "mixes its calls");
    tell_arguments(
        it, reply_string(it->document, reply_member(it->document, call, "function"), "arguments"));
    return true;
}

/* --- the message -------------------------------------------------------------------------------
 */

static bool read_end(const struct reading *it, struct failure *failure)
{
    uint32_t delta = reply_member(it->document, 0, "delta");
    struct text error = reply_string(it->document, delta, "error");
    enum chat_finish finish;
    struct chat_usage usage;

    end_thought(it);
    end_call(it);
    if (!cohere_finish(reply_string(it->document, delta, "finish_reason"), error,
                       it->stream->calls > 0, &finish, failure))
        return false;
    chat_events_add(it->out, it->arena, CHAT_EVENT_FINISH)->finish = finish;
    if (cohere_usage(it->document, reply_member(it->document, delta, "usage"), &usage))
        chat_events_add(it->out, it->arena, CHAT_EVENT_USAGE)->usage = usage;
    chat_events_add(it->out, it->arena, CHAT_EVENT_DONE);
    return true;
}

static bool read_event(const struct reading *it, struct text type, struct failure *failure)
{
    if (text_equal(type, TEXT("message-start"))) {
        chat_events_add(it->out, it->arena, CHAT_EVENT_START)->id =
            reply_string(it->document, 0, "id");
    } else if (text_equal(type, TEXT("content-start")) || text_equal(type, TEXT("content-delta"))) {
        read_content(it);
    } else if (text_equal(type, TEXT("content-end"))) {
        end_thought(it);
    } else if (text_equal(type, TEXT("tool-plan-delta"))) {
        end_thought(it);
        tell(it, CHAT_EVENT_TEXT, reply_string(it->document, it->message, "tool_plan"));
    } else if (text_equal(type, TEXT("tool-call-start"))) {
        return begin_call(it, failure);
    } else if (text_equal(type, TEXT("tool-call-delta"))) {
        return continue_call(it, failure);
    } else if (text_equal(type, TEXT("tool-call-end"))) {
        end_call(it);
    } else if (text_equal(type, TEXT("message-end"))) {
        return read_end(it, failure);
    }
    return true;
}

/* The type is in the data, and the event is called the same; an error has neither. */
bool cohere_event(void *memory, const struct wire_event *event, struct arena *kept,
                  struct arena *arena, struct chat_events *out, struct failure *failure)
{
    struct document document;
    struct reading it = {memory, &document, arena, out, CELL_NONE};
    struct text type;

    (void)kept;
    if (text_equal(text_trim(event->data), TEXT("[DONE]")))
        return true;
    if (!reply_read(event->data, arena, &document, failure))
        return false;
    it.message = reply_member(&document, reply_member(&document, 0, "delta"), "message");
    type = reply_string(&document, 0, "type");
    if (type.len == 0)
        type = event->name;
    if (type.len == 0 && reply_member(&document, 0, "message") != CELL_NONE)
        return cohere_error_inside(reply_string(&document, 0, "message"), failure);
    return read_event(&it, type, failure);
}
