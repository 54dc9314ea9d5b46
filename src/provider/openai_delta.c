/* OpenAI Chat Completions: what a message, or the delta of one, says. Members we do not know are
 * passed over. */
#include "provider/openai.h"
#include "provider/reply_json.h"

void openai_tell(struct openai_piece *piece, enum chat_event_type type, struct text text)
{
    if (text.len == 0)
        return;
    if (type != CHAT_EVENT_REASONING)
        openai_tell_state(piece);
    chat_events_add(piece->out, piece->arena, type)->text = text;
}

/* --- content
 * ----------------------------------------------------------------------------------------- */

static void take_thinking(struct openai_piece *piece, uint32_t part)
{
    uint32_t end, at = reply_items(piece->document, part, "thinking", &end);

    openai_tell(piece, CHAT_EVENT_REASONING, reply_string(piece->document, part, "thinking"));
    for (; at < end; at = document_next(piece->document, at))
        openai_tell(piece, CHAT_EVENT_REASONING, reply_string(piece->document, at, "text"));
    if (strcmp(piece->dialect, dialect_openai.name) == 0)
        return;
    openai_take_thinking(piece, part);
    if (piece->whole)
        openai_tell_state(piece);
}

static void take_part(struct openai_piece *piece, uint32_t part)
{
    struct text type = reply_string(piece->document, part, "type");

    if (text_equal(type, TEXT("text")))
        openai_tell_content(piece, reply_string(piece->document, part, "text"));
    else if (text_equal(type, TEXT("refusal")))
        openai_tell(piece, CHAT_EVENT_REFUSAL, reply_string(piece->document, part, "refusal"));
    else if (text_equal(type, TEXT("thinking")))
        take_thinking(piece, part);
}

static bool take_content(struct openai_piece *piece, uint32_t at)
{
    const struct document *document = piece->document;

    if (at == CELL_NONE)
        return true;
    if (document_cell(document, at)->type == CELL_STRING) {
        openai_tell_content(piece, document_text(document, at));
        return true;
    }
    if (document_cell(document, at)->type != CELL_ARRAY)
        return false;
    for (uint32_t part = at + 1; part < document_next(document, at);
         part = document_next(document, part)) {
        if (document_cell(document, part)->type != CELL_OBJECT)
            return false;
        take_part(piece, part);
    }
    return true;
}

/* --- reasoning
 * --------------------------------------------------------------------------------------- */

static void take_reasoning(struct openai_piece *piece, uint32_t message)
{
    struct text said = reply_string(piece->document, message, "reasoning_content");
    uint32_t end, item = reply_items(piece->document, message, "reasoning_details", &end);

    if (said.len == 0)
        said = reply_string(piece->document, message, "reasoning");
    openai_tell(piece, CHAT_EVENT_REASONING, said);
    for (; item < end; item = document_next(piece->document, item))
        if (document_cell(piece->document, item)->type == CELL_OBJECT)
            openai_take_detail(piece, item);
}

/* --- calls
 * ------------------------------------------------------------------------------------------- */

enum { NO_CALL = OPENAI_CALLS_MAX };

static uint32_t find_call(const struct openai_stream *stream, int64_t index, struct text id)
{
    for (uint32_t i = stream->call_count; i-- > 0;)
        if (id.len > 0 ? text_equal(stream->calls[i].id, id) : stream->calls[i].index == index)
            return i;
    return NO_CALL;
}

static void remember_call(struct openai_piece *piece, int64_t index, struct text id)
{
    struct openai_stream *stream = piece->stream;

    if (stream->call_count == stream->call_room) {
        uint32_t room = stream->call_room > 0 ? stream->call_room * 2 : 4;

        stream->calls =
            arena_grow(piece->kept, stream->calls, stream->call_room * sizeof *stream->calls,
                       room * sizeof *stream->calls);
        stream->call_room = room;
    }
    stream->calls[stream->call_count++] =
        (struct openai_call){index, piece->whole ? id : arena_copy(piece->kept, id)};
}

/* Its number, NO_CALL when nothing can be begun: it has no name, or there are too many. */
static uint32_t begin_call(struct openai_piece *piece, int64_t index, struct text id,
                           struct text name)
{
    uint32_t call = piece->stream->call_count;
    struct chat_event *event;

    if (name.len == 0 || call == OPENAI_CALLS_MAX)
        return NO_CALL;
    remember_call(piece, index, id);
    openai_tell_state(piece);
    event = chat_events_add(piece->out, piece->arena, CHAT_EVENT_CALL);
    event->call = call;
    event->id = id;
    event->name = name;
    return call;
}

static void tell_arguments(struct openai_piece *piece, uint32_t call, uint32_t arguments)
{
    struct chat_event *event;
    struct text text;

    if (call == NO_CALL || arguments == CELL_NONE)
        return;
    text = document_cell(piece->document, arguments)->type == CELL_STRING
               ? document_text(piece->document, arguments)
               : reply_json(piece->document, arguments, piece->arena);
    if (text.len == 0)
        return;
    event = chat_events_add(piece->out, piece->arena, CHAT_EVENT_ARGUMENTS);
    event->call = call;
    event->text = text;
}

/* A call, or a further piece of its arguments. It is told apart by its id where it has one, since
 * some hosts number all of them 0, or none; a piece without either goes on with the last. */
static void take_call(struct openai_piece *piece, uint32_t entry)
{
    const struct document *document = piece->document;
    uint32_t function = reply_member(document, entry, "function"), call = NO_CALL;
    struct text id = reply_string(document, entry, "id"),
                name = reply_string(document, function, "name");
    int64_t index = -1;

    if (text_equal(id, TEXT("null"))) /* Mistral's word for none */
        id = (struct text){0};
    reply_count(document, entry, "index", &index);
    if (!piece->whole && (id.len > 0 || index >= 0))
        call = find_call(piece->stream, index, id);
    else if (!piece->whole && name.len == 0 && piece->stream->call_count > 0)
        call = piece->stream->call_count - 1;
    if (call == NO_CALL)
        call = begin_call(piece, index, id, name);
    tell_arguments(piece, call, reply_member(document, function, "arguments"));
}

/* The predecessor of tools: at most one call, without an id. */
static void take_function_call(struct openai_piece *piece, uint32_t function)
{
    uint32_t call = piece->stream->call_count > 0 ? 0 : NO_CALL;

    if (call == NO_CALL)
        call =
            begin_call(piece, 0, (struct text){0}, reply_string(piece->document, function, "name"));
    tell_arguments(piece, call, reply_member(piece->document, function, "arguments"));
}

bool openai_take(struct openai_piece *piece, uint32_t message)
{
    uint32_t end, entry, function = reply_member(piece->document, message, "function_call");

    take_reasoning(piece, message);
    if (!take_content(piece, reply_member(piece->document, message, "content")))
        return false;
    openai_tell(piece, CHAT_EVENT_REFUSAL, reply_string(piece->document, message, "refusal"));
    entry = reply_items(piece->document, message, "tool_calls", &end);
    for (; entry < end; entry = document_next(piece->document, entry))
        take_call(piece, entry);
    if (function != CELL_NONE)
        take_function_call(piece, function);
    return true;
}
