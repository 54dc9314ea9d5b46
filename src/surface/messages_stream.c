/* A streamed message: one block is under way at a time, and begins when what is in front of it has
 * ended. A call's arguments have ended when they are whole JSON. What comes before that (the rest
 * of a text that guardrails had held back, a second call of a provider that mixes them) waits for
 * the end, where the whole answer is known. */
#include "surface/messages.h"

#include "document/json_write.h"

/* --- events --------------------------------------------------------------------------------------
 */

static void open_event(const char *type, struct buffer *out)
{
    buffer_put(out, TEXT("event: "));
    buffer_put(out, text_of(type));
    buffer_put(out, TEXT("\ndata: {\"type\":\""));
    buffer_put(out, text_of(type));
    buffer_put_byte(out, '"');
}

static void close_event(struct buffer *out)
{
    buffer_put(out, TEXT("}\n\n"));
}

static void open_block_event(const struct messages_stream *stream, const char *type,
                             struct buffer *out)
{
    open_event(type, out);
    json_put_count(out, "index", stream->blocks - 1);
}

static void put_delta(const struct messages_stream *stream, struct text piece, struct buffer *out)
{
    bool call = stream->open == BLOCK_CALL;

    if (piece.len == 0)
        return;
    open_block_event(stream, "content_block_delta", out);
    buffer_put(out, call ? TEXT(",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":")
                         : TEXT(",\"delta\":{\"type\":\"text_delta\",\"text\":"));
    json_put_string(out, piece);
    buffer_put_byte(out, '}');
    close_event(out);
}

/* --- blocks --------------------------------------------------------------------------------------
 */

static void end_block(struct messages_stream *stream, struct buffer *out)
{
    if (stream->open == BLOCK_NONE)
        return;
    open_block_event(stream, "content_block_stop", out);
    close_event(out);
    stream->open = BLOCK_NONE;
}

static void begin_block(struct messages_stream *stream, enum messages_block block,
                        struct buffer *out)
{
    end_block(stream, out);
    stream->open = block;
    stream->blocks++;
    open_block_event(stream, "content_block_start", out);
    json_put_name(out, "content_block");
}

static void begin_text(struct messages_stream *stream, enum messages_block block,
                       struct buffer *out)
{
    begin_block(stream, block, out);
    buffer_put(out, TEXT("{\"type\":\"text\",\"text\":\"\",\"citations\":null}"));
    close_event(out);
}

static void begin_call(struct messages_stream *stream, struct text id, struct text name,
                       struct buffer *out)
{
    begin_block(stream, BLOCK_CALL, out);
    stream->calls++;
    stream->arguments = (struct json_end){0};
    buffer_put(out, TEXT("{\"type\":\"tool_use\""));
    json_put_text(out, "id", id);
    json_put_text(out, "name", name);
    buffer_put(out, TEXT(",\"input\":{},\"caller\":{\"type\":\"direct\"}}"));
    close_event(out);
}

/* Whether another block can begin now; else it is left for the end. */
static bool may_begin(struct messages_stream *stream)
{
    stream->late |= stream->open == BLOCK_CALL && !stream->arguments.whole;
    return !stream->late;
}

/* --- steps ---------------------------------------------------------------------------------------
 */

static void take_text(struct messages_stream *stream, enum messages_block block, struct text piece,
                      struct buffer *out)
{
    if (stream->open != block) {
        if (!may_begin(stream))
            return;
        begin_text(stream, block, out);
    }
    *(block == BLOCK_TEXT ? &stream->text_bytes : &stream->refusal_bytes) += piece.len;
    put_delta(stream, piece, out);
}

static void take_arguments(struct messages_stream *stream, struct text piece, struct buffer *out)
{
    json_end_take(&stream->arguments, piece);
    put_delta(stream, piece, out);
}

static void take_call(struct messages_stream *stream, const struct chat_event *event,
                      struct buffer *out)
{
    if (!may_begin(stream))
        return;
    begin_call(stream, event->id, event->name, out);
    take_arguments(stream, event->text, out);
}

void messages_event(void *memory, const struct surface_said *said, const struct chat_event *event,
                    struct buffer *out)
{
    struct messages_stream *stream = memory;

    (void)said;
    switch (event->type) {
    case CHAT_EVENT_TEXT:
        take_text(stream, BLOCK_TEXT, event->text, out);
        break;
    case CHAT_EVENT_REFUSAL:
        take_text(stream, BLOCK_REFUSAL, event->text, out);
        break;
    case CHAT_EVENT_CALL:
        take_call(stream, event, out);
        break;
    case CHAT_EVENT_ARGUMENTS: /* of a call that is over: white space */
        if (stream->open == BLOCK_CALL && event->call + 1 == stream->calls)
            take_arguments(stream, event->text, out);
        break;
    default:
        break;
    }
}

/* --- the stream ----------------------------------------------------------------------------------
 */

/* How long the prompt was is not known yet; the end says it. */
void messages_begin(void *memory, const struct surface_said *said, struct buffer *out)
{
    const struct chat_usage usage = {.prompt_tokens = chat_estimate(said->chat), .reported = true};

    (void)memory;
    open_event("message_start", out);
    json_put_name(out, "message");
    messages_put_head(said, out);
    buffer_put(out, TEXT(",\"content\":[]"));
    messages_put_stop(said, out);
    json_put_name(out, "usage");
    messages_put_usage(&usage, out);
    buffer_put_byte(out, '}');
    close_event(out);
}

/* What had to wait. */
static void put_late(struct messages_stream *stream, const struct chat_answer *answer,
                     struct buffer *out)
{
    const struct text text = text_after(answer->content, stream->text_bytes);
    const struct text refusal = text_after(answer->refusal, stream->refusal_bytes);
    uint32_t begun = stream->calls, number = 0;

    if (text.len > 0) {
        begin_text(stream, BLOCK_TEXT, out);
        put_delta(stream, text, out);
    }
    if (refusal.len > 0) {
        begin_text(stream, BLOCK_REFUSAL, out);
        put_delta(stream, refusal, out);
    }
    for (size_t i = 0; i < answer->part_count; i++) {
        const struct chat_part *part = &answer->parts[i];

        if (part->type != CHAT_CALL || number++ < begun)
            continue;
        begin_call(stream, part->id, part->name, out);
        put_delta(stream, part->text, out);
    }
}

void messages_end(void *memory, const struct surface_said *said, struct buffer *out)
{
    struct messages_stream *stream = memory;

    if (stream->late)
        put_late(stream, said->answer, out);
    end_block(stream, out);
    open_event("message_delta", out);
    buffer_put(out, TEXT(",\"delta\":{"));
    messages_put_stop(said, out);
    buffer_put(out, TEXT("},\"usage\":"));
    messages_put_usage(said->usage, out);
    json_put_name(out, "pinion");
    buffer_put(out, said->meta);
    close_event(out);
    open_event("message_stop", out);
    close_event(out);
}

void messages_cut(void *memory, const struct surface_fault *fault, struct buffer *out)
{
    (void)memory;
    buffer_put(out, TEXT("event: error\ndata: "));
    messages_put_fault(fault, out);
    buffer_put(out, TEXT("\n\n"));
}
