/* A streamed response: every step under the name of its event, and counted. Items are addressed by
 * their places. One is ended before the next begins where nothing can follow of it any more: a text
 * of which no piece is held back, a call whose arguments are a whole JSON value. The rest is ended
 * with the stream, in order. */
#include "surface/responses.h"

#include "base/buffer.h"
#include "chat/gather.h"
#include "document/json_write.h"

enum { ITEMS_MAX = GATHER_PARTS_MAX };

/* What one step is written with. */
struct writing {
    struct responses_stream *stream;
    const struct surface_said *said;
    struct buffer *out;
};

/* --- events --------------------------------------------------------------------------------------
 */

static void open_event(struct responses_stream *stream, const char *type, struct buffer *out)
{
    buffer_put(out, TEXT("event: "));
    buffer_put(out, text_of(type));
    buffer_put(out, TEXT("\ndata: {\"type\":\""));
    buffer_put(out, text_of(type));
    buffer_put(out, TEXT("\",\"sequence_number\":"));
    buffer_put_u64(out, stream->sequence++);
}

static void close_event(struct buffer *out)
{
    buffer_put(out, TEXT("}\n\n"));
}

static uint32_t place_of(const struct writing *w, const struct responses_item *item)
{
    return (uint32_t)(item - w->stream->items);
}

static const char *prefix_of(const struct responses_item *item)
{
    return item->is_call ? "fc" : "msg";
}

/* Something about an item: where it stands, and its id. */
static void open_item_event(struct writing *w, const char *type, const struct responses_item *item)
{
    uint32_t place = place_of(w, item);

    open_event(w->stream, type, w->out);
    json_put_count(w->out, "output_index", place);
    json_put_name(w->out, "item_id");
    responses_put_id_value(w->said->body, prefix_of(item), place, w->out);
}

/* Something about a part of a message: its text is the first, what was declined is behind it. */
static void open_part_event(struct writing *w, const char *type, const struct responses_item *item,
                            bool refusal)
{
    open_item_event(w, type, item);
    json_put_count(w->out, "content_index", refusal && item->text_begun);
}

static struct responses_message message_of(const struct responses_item *item)
{
    return (struct responses_message){.text = buffer_text(&item->text),
                                      .refusal = buffer_text(&item->refusal),
                                      .shown = item->text_begun};
}

static void put_item(struct writing *w, const struct responses_item *item, const char *status)
{
    struct responses_message message = message_of(item);
    struct chat_part call = item->call;

    if (!item->is_call) {
        responses_put_message(w->said->body, place_of(w, item), status, &message, w->out);
        return;
    }
    call.text = buffer_text(&item->text);
    responses_put_call(w->said->body, place_of(w, item), status, &call, w->out);
}

static void put_item_event(struct writing *w, const char *type, const struct responses_item *item,
                           const char *status)
{
    open_event(w->stream, type, w->out);
    json_put_count(w->out, "output_index", place_of(w, item));
    json_put_name(w->out, "item");
    put_item(w, item, status);
    close_event(w->out);
}

/* --- parts of a message --------------------------------------------------------------------------
 */

static void put_part(struct writing *w, const char *type, const struct responses_item *item,
                     bool refusal, struct text value)
{
    open_part_event(w, type, item, refusal);
    json_put_name(w->out, "part");
    (refusal ? responses_put_refusal_part : responses_put_text_part)(value, w->out);
    close_event(w->out);
}

static void put_words(struct writing *w, const char *type, const struct responses_item *item,
                      bool refusal, const char *name, struct text value)
{
    open_part_event(w, type, item, refusal);
    json_put_text(w->out, name, value);
    buffer_put(w->out, refusal ? TEXT("") : TEXT(",\"logprobs\":[]"));
    close_event(w->out);
}

static void end_text(struct writing *w, struct responses_item *item)
{
    if (!item->text_begun || item->text_ended)
        return;
    item->text_ended = true;
    put_words(w, "response.output_text.done", item, false, "text", buffer_text(&item->text));
    put_part(w, "response.content_part.done", item, false, buffer_text(&item->text));
}

static void end_refusal(struct writing *w, struct responses_item *item)
{
    if (!item->refusal_begun)
        return;
    put_words(w, "response.refusal.done", item, true, "refusal", buffer_text(&item->refusal));
    put_part(w, "response.content_part.done", item, true, buffer_text(&item->refusal));
}

/* --- items ---------------------------------------------------------------------------------------
 */

static void end_item(struct writing *w, struct responses_item *item, const char *status)
{
    if (item->done)
        return;
    if (item->is_call) {
        if (item->text.len == 0)
            buffer_put(&item->text, TEXT("{}"));
        open_item_event(w, "response.function_call_arguments.done", item);
        json_put_text(w->out, "name", item->call.name);
        json_put_text(w->out, "arguments", buffer_text(&item->text));
        close_event(w->out);
    } else {
        end_text(w, item);
        end_refusal(w, item);
    }
    item->done = true;
    put_item_event(w, "response.output_item.done", item, status);
}

static void end_what_is_whole(struct writing *w)
{
    for (uint32_t i = 0; i < w->stream->count && !w->said->late; i++) {
        struct responses_item *item = &w->stream->items[i];

        if (!item->is_call || item->arguments.whole)
            end_item(w, item, "completed");
    }
}

static void make_room(struct responses_stream *stream, struct arena *arena)
{
    struct responses_item *items;

    if (stream->count < stream->room)
        return;
    stream->room = stream->room > 0 ? stream->room * 2 : 4;
    items = ARENA_ARRAY(arena, struct responses_item, stream->room);
    if (stream->count > 0)
        memcpy(items, stream->items, stream->count * sizeof *items);
    stream->items = items;
}

/* NULL when there are too many, which no model means. */
static struct responses_item *begin_item(struct writing *w)
{
    struct responses_item *item;

    if (w->stream->count == ITEMS_MAX)
        return NULL;
    end_what_is_whole(w);
    make_room(w->stream, w->said->arena);
    item = &w->stream->items[w->stream->count++];
    *item = (struct responses_item){.text = buffer_in(w->said->arena),
                                    .refusal = buffer_in(w->said->arena)};
    return item;
}

/* The message under way, or one that begins. */
static struct responses_item *message(struct writing *w)
{
    struct responses_item *item;

    for (uint32_t i = w->stream->count; i-- > 0;)
        if (!w->stream->items[i].is_call && !w->stream->items[i].done)
            return &w->stream->items[i];
    item = begin_item(w);
    if (item != NULL)
        put_item_event(w, "response.output_item.added", item, "in_progress");
    return item;
}

static void begin_text(struct writing *w, struct responses_item *item)
{
    if (item->text_begun)
        return;
    item->text_begun = true;
    put_part(w, "response.content_part.added", item, false, TEXT(""));
}

/* A text that comes behind what was declined has no place left, and is passed over: no model says
 * both in this order. */
static void take_text(struct writing *w, struct text piece)
{
    struct responses_item *item = message(w);

    if (item == NULL || item->refusal_begun)
        return;
    begin_text(w, item);
    put_words(w, "response.output_text.delta", item, false, "delta", piece);
    buffer_put(&item->text, piece);
}

static void take_refusal(struct writing *w, struct text piece)
{
    struct responses_item *item = message(w);

    if (item == NULL)
        return;
    if (!item->refusal_begun) {
        end_text(w, item);
        item->refusal_begun = true;
        put_part(w, "response.content_part.added", item, true, TEXT(""));
    }
    put_words(w, "response.refusal.delta", item, true, "delta", piece);
    buffer_put(&item->refusal, piece);
}

/* --- calls ---------------------------------------------------------------------------------------
 */

static void take_arguments(struct writing *w, struct responses_item *item, struct text piece)
{
    if (piece.len == 0 || item->done)
        return;
    json_end_take(&item->arguments, piece);
    open_item_event(w, "response.function_call_arguments.delta", item);
    json_put_text(w->out, "delta", piece);
    close_event(w->out);
    buffer_put(&item->text, piece);
}

static void begin_call(struct writing *w, const struct chat_event *event)
{
    struct responses_item *item = begin_item(w);

    if (item == NULL)
        return;
    item->is_call = true;
    item->number = event->call;
    item->call = (struct chat_part){.type = CHAT_CALL,
                                    .id = arena_copy(w->said->arena, event->id),
                                    .name = arena_copy(w->said->arena, event->name)};
    put_item_event(w, "response.output_item.added", item, "in_progress");
    take_arguments(w, item, event->text);
}

static struct responses_item *call_of(const struct writing *w, uint32_t number)
{
    for (uint32_t i = w->stream->count; i-- > 0;)
        if (w->stream->items[i].is_call && w->stream->items[i].number == number)
            return &w->stream->items[i];
    return NULL;
}

/* --- the stream ----------------------------------------------------------------------------------
 */

static void put_bare(struct writing *w, const char *type)
{
    open_event(w->stream, type, w->out);
    json_put_name(w->out, "response");
    responses_put_head(w->said, RESPONSES_UNDER_WAY, w->out);
    buffer_put(w->out, TEXT("[]"));
    responses_put_tail(w->said, w->out);
    close_event(w->out);
}

/* Of what it took nothing is known yet, and what the gateway did is told in the end. */
void responses_stream_begin(void *stream, const struct surface_said *said, struct buffer *out)
{
    struct surface_said so_far = *said;
    struct writing w = {stream, &so_far, out};

    so_far.usage = NULL;
    so_far.meta = (struct text){0};
    put_bare(&w, "response.created");
    put_bare(&w, "response.in_progress");
}

void responses_stream_event(void *stream, const struct surface_said *said,
                            const struct chat_event *event, struct buffer *out)
{
    struct writing w = {stream, said, out};
    struct responses_item *call;

    switch (event->type) {
    case CHAT_EVENT_TEXT:
        take_text(&w, event->text);
        break;
    case CHAT_EVENT_REFUSAL:
        take_refusal(&w, event->text);
        break;
    case CHAT_EVENT_CALL:
        begin_call(&w, event);
        break;
    case CHAT_EVENT_ARGUMENTS:
        call = call_of(&w, event->call);
        if (call != NULL)
            take_arguments(&w, call, event->text);
        break;
    default:
        break;
    }
}

static const char *last_status(enum responses_status status)
{
    return status == RESPONSES_INCOMPLETE ? "incomplete" : "completed";
}

/* Nothing was said: that is a message as well. */
static void end_items(struct writing *w, enum responses_status status)
{
    struct responses_item *item;

    if (w->stream->count == 0 && (item = message(w)) != NULL)
        begin_text(w, item);
    for (uint32_t i = 0; i < w->stream->count; i++)
        end_item(w, &w->stream->items[i],
                 i + 1 == w->stream->count ? last_status(status) : "completed");
}

void responses_stream_end(void *stream, const struct surface_said *said, struct buffer *out)
{
    struct writing w = {stream, said, out};
    enum responses_status status = responses_status_of(said->answer);

    end_items(&w, status);
    open_event(w.stream,
               status == RESPONSES_INCOMPLETE ? "response.incomplete" : "response.completed", out);
    json_put_name(out, "response");
    responses_put_head(said, status, out);
    buffer_put_byte(out, '[');
    for (uint32_t i = 0; i < w.stream->count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        put_item(&w, &w.stream->items[i],
                 i + 1 == w.stream->count ? last_status(status) : "completed");
    }
    buffer_put_byte(out, ']');
    responses_put_tail(said, out);
    close_event(out);
}

/* SDKs make an exception of an `error` event, and only of that. */
void responses_stream_cut(void *stream, const struct surface_fault *fault, struct buffer *out)
{
    open_event(stream, "error", out);
    json_put_text(out, "code", text_of(fault->row->word));
    json_put_text(out, "message", fault->message);
    buffer_put(out, TEXT(",\"param\":null,\"error\":"));
    buffer_put(out, fault->object);
    buffer_put(out, fault->beside);
    close_event(out);
}
