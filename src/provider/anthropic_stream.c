/* Anthropic Messages: reading a stream. One block is under way at a time; its deltas mean something
 * only by its type, and some of it (a signature, arguments that are empty) is told at its end. */
#include "provider/anthropic.h"

#include "provider/reply_json.h"

struct reading {
    struct anthropic_stream *stream;
    const struct document *document;
    struct arena *kept, *arena;
    struct chat_events *out;
};

static void tell(const struct reading *it, enum chat_event_type type, struct text text)
{
    if (text.len > 0)
        chat_events_add(it->out, it->arena, type)->text = text;
}

static void tell_state(const struct reading *it, struct text state)
{
    struct chat_event *event;

    if (state.len == 0)
        return;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_STATE);
    event->text = state;
    event->state_of = dialect_anthropic.name;
}

/* Of a tool: the answer's is its text, a caller's is a call. */
static void tell_arguments(const struct reading *it, struct text text)
{
    struct chat_event *event;

    if (text.len == 0)
        return;
    it->stream->argued = true;
    if (it->stream->block == BLOCK_ANSWER) {
        tell(it, CHAT_EVENT_TEXT, text);
        return;
    }
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_ARGUMENTS);
    event->call = it->stream->calls - 1;
    event->text = text;
}

/* --- blocks ------------------------------------------------------------------------------------
 */

static void end_block(const struct reading *it)
{
    struct anthropic_stream *stream = it->stream;

    if (!stream->open)
        return;
    stream->open = false;
    if (stream->block == BLOCK_THINKING)
        tell_state(it, stream->signature);
    if ((stream->block == BLOCK_CALL || stream->block == BLOCK_ANSWER) && !stream->argued)
        tell_arguments(it, stream->input.len > 0 ? stream->input : TEXT("{}"));
}

static void begin_tool(const struct reading *it, uint32_t block)
{
    struct anthropic_stream *stream = it->stream;
    struct text name = reply_string(it->document, block, "name");
    uint32_t input = reply_member(it->document, block, "input");
    struct chat_event *event;

    if (input != CELL_NONE && document_cell(it->document, input)->type == CELL_OBJECT &&
        document_cell(it->document, input)->size > 0)
        stream->input = reply_json(it->document, input, it->kept);
    if (text_equal(name, TEXT(ANTHROPIC_ANSWER_TOOL))) {
        stream->block = BLOCK_ANSWER;
        return;
    }
    if (name.len == 0)
        return; /* of no tool: passed over */
    stream->block = BLOCK_CALL;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_CALL);
    event->call = stream->calls++;
    event->id = reply_string(it->document, block, "id");
    event->name = name;
}

static void begin_thinking(const struct reading *it, uint32_t block)
{
    struct text signature = reply_string(it->document, block, "signature");

    it->stream->block = BLOCK_THINKING;
    it->stream->signature = anthropic_signature(signature, it->kept);
    /* Also without text: it begins here. */
    chat_events_add(it->out, it->arena, CHAT_EVENT_REASONING)->text =
        reply_string(it->document, block, "thinking");
}

static bool begin_block(const struct reading *it, struct failure *failure)
{
    struct anthropic_stream *stream = it->stream;
    uint32_t block = reply_member(it->document, 0, "content_block");
    struct text type = reply_string(it->document, block, "type");

    if (block == CELL_NONE || document_cell(it->document, block)->type != CELL_OBJECT)
        return failure_unreadable(failure, "/content_block", "begins a block that is no object");
    end_block(it);
    stream->open = true;
    stream->block = BLOCK_OTHER;
    stream->argued = false;
    stream->input = stream->signature = (struct text){0};
    if (!reply_count(it->document, 0, "index", &stream->index))
        stream->index = -1;
    if (text_equal(type, TEXT("text"))) {
        stream->block = BLOCK_TEXT;
        tell(it, CHAT_EVENT_TEXT, reply_string(it->document, block, "text"));
    } else if (text_equal(type, TEXT("thinking"))) {
        begin_thinking(it, block);
    } else if (text_equal(type, TEXT("redacted_thinking"))) {
        chat_events_add(it->out, it->arena, CHAT_EVENT_REASONING);
        tell_state(it, anthropic_redacted(reply_string(it->document, block, "data"), it->arena));
    } else if (text_equal(type, TEXT("tool_use"))) {
        begin_tool(it, block);
    }
    return true;
}

/* Whether the event is of the block under way: of two that are mixed, neither could be told. */
static bool of_block(const struct reading *it, struct failure *failure)
{
    int64_t index;

    if (!it->stream->open || it->stream->index < 0 ||
        !reply_count(it->document, 0, "index", &index) || index == it->stream->index)
        return true;
    return failure_unreadable(failure, "/index", "mixes its blocks");
}

static bool read_delta(const struct reading *it, struct failure *failure)
{
    struct anthropic_stream *stream = it->stream;
    uint32_t delta = reply_member(it->document, 0, "delta");
    struct text type = reply_string(it->document, delta, "type");
    bool tool = stream->block == BLOCK_CALL || stream->block == BLOCK_ANSWER;

    if (!of_block(it, failure))
        return false;
    if (!stream->open)
        return failure_unreadable(failure, "/index", "goes on with a block that did not begin");
    if (stream->block == BLOCK_TEXT && text_equal(type, TEXT("text_delta")))
        tell(it, CHAT_EVENT_TEXT, reply_string(it->document, delta, "text"));
    if (tool && text_equal(type, TEXT("input_json_delta")))
        tell_arguments(it, reply_string(it->document, delta, "partial_json"));
    if (stream->block == BLOCK_THINKING && text_equal(type, TEXT("thinking_delta")))
        tell(it, CHAT_EVENT_REASONING, reply_string(it->document, delta, "thinking"));
    if (stream->block == BLOCK_THINKING && text_equal(type, TEXT("signature_delta")))
        stream->signature =
            anthropic_signature(reply_string(it->document, delta, "signature"), it->kept);
    return true;
}

/* --- the message -------------------------------------------------------------------------------
 */

static void read_start(const struct reading *it)
{
    uint32_t message = reply_member(it->document, 0, "message");
    struct chat_event *event;

    anthropic_usage_read(it->document, reply_member(it->document, message, "usage"),
                         &it->stream->usage);
    it->stream->usage.output_known = false; /* so far it has hardly begun */
    if (it->stream->started)
        return;
    it->stream->started = true;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_START);
    event->id = reply_string(it->document, message, "id");
    event->model = reply_string(it->document, message, "model");
}

static void read_end(const struct reading *it)
{
    uint32_t delta = reply_member(it->document, 0, "delta");
    enum chat_finish finish =
        anthropic_finish(reply_string(it->document, delta, "stop_reason"), it->stream->calls > 0);
    struct chat_usage usage;

    if (finish != CHAT_FINISH_NONE) {
        struct chat_event *event = chat_events_add(it->out, it->arena, CHAT_EVENT_FINISH);

        event->finish = finish;
        event->text = reply_string(it->document, delta, "stop_sequence");
    }
    anthropic_usage_read(it->document, reply_member(it->document, 0, "usage"), &it->stream->usage);
    if (anthropic_usage_told(&it->stream->usage, &usage))
        chat_events_add(it->out, it->arena, CHAT_EVENT_USAGE)->usage = usage;
}

static bool read_event(const struct reading *it, struct failure *failure)
{
    struct text type = reply_string(it->document, 0, "type");

    if (text_equal(type, TEXT("message_start"))) {
        read_start(it);
    } else if (text_equal(type, TEXT("content_block_start"))) {
        return begin_block(it, failure);
    } else if (text_equal(type, TEXT("content_block_delta"))) {
        return read_delta(it, failure);
    } else if (text_equal(type, TEXT("content_block_stop"))) {
        if (!of_block(it, failure))
            return false;
        end_block(it);
    } else if (text_equal(type, TEXT("message_delta"))) {
        read_end(it);
    } else if (text_equal(type, TEXT("message_stop"))) {
        end_block(it);
        chat_events_add(it->out, it->arena, CHAT_EVENT_DONE);
    }
    return true;
}

bool anthropic_event(void *memory, const struct wire_event *event, struct arena *kept,
                     struct arena *arena, struct chat_events *out, struct failure *failure)
{
    struct document document;
    const struct reading it = {memory, &document, kept, arena, out};
    uint32_t error;

    if (text_equal(event->name, TEXT("ping")))
        return true;
    if (!reply_read(event->data, arena, &document, failure))
        return false;
    error = reply_member(&document, 0, "error");
    if (error != CELL_NONE || text_equal(event->name, TEXT("error")))
        return anthropic_error_inside(&document, error, failure);
    return read_event(&it, failure);
}
