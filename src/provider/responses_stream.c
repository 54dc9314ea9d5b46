/* OpenAI Responses: reading a stream. Its events name the item and the part that they go on with;
 * what an item says at its end, or the response at its own, is told only where the pieces did not
 * come. The last event decides how it ended; without one the answer was cut. */
#include "provider/responses.h"

#include "provider/reply_json.h"

/* --- pieces
 * ------------------------------------------------------------------------------------------ */

struct row {
    struct text type; /* of the event */
    enum responses_type item;
    enum chat_event_type tells;
    const char *text; /* the member that has it */
    const char *part; /* the member that says which part goes on; NULL: there are none */
    bool whole;       /* the part ends: all of its text again */
};
// clang-format off
static const struct row rows[] = {
    {TEXT_INIT("response.output_text.delta"), ITEM_MESSAGE, CHAT_EVENT_TEXT, "delta", "content_index", false},
    {TEXT_INIT("response.output_text.done"), ITEM_MESSAGE, CHAT_EVENT_TEXT, "text", "content_index", true},
    {TEXT_INIT("response.refusal.delta"), ITEM_MESSAGE, CHAT_EVENT_REFUSAL, "delta", "content_index", false},
    {TEXT_INIT("response.refusal.done"), ITEM_MESSAGE, CHAT_EVENT_REFUSAL, "refusal", "content_index", true},
    {TEXT_INIT("response.reasoning_summary_text.delta"), ITEM_REASONING, CHAT_EVENT_REASONING, "delta", "summary_index", false},
    {TEXT_INIT("response.reasoning_summary_text.done"), ITEM_REASONING, CHAT_EVENT_REASONING, "text", "summary_index", true},
    {TEXT_INIT("response.reasoning_text.delta"), ITEM_REASONING, CHAT_EVENT_REASONING, "delta", "content_index", false},
    {TEXT_INIT("response.reasoning_text.done"), ITEM_REASONING, CHAT_EVENT_REASONING, "text", "content_index", true},
    {TEXT_INIT("response.function_call_arguments.delta"), ITEM_CALL, CHAT_EVENT_ARGUMENTS, "delta", NULL, false},
    {TEXT_INIT("response.function_call_arguments.done"), ITEM_CALL, CHAT_EVENT_ARGUMENTS, "arguments", NULL, true},
};
// clang-format on

static const struct row *row_of(struct text type)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (text_equal(type, rows[i].type))
            return &rows[i];
    return NULL;
}

/* The item that the event is about: where it does not say, the one that began last. NULL when there
 * is none that can go on in this way. */
static struct responses_item *item_of(const struct responses_reading *it, enum responses_type type)
{
    struct responses_stream *stream = it->stream;
    struct responses_item *item;
    int64_t index;

    if (!reply_count(it->document, 0, "output_index", &index))
        index = stream->item_count > 0 ? stream->items[stream->item_count - 1].index : 0;
    item = responses_item_at(it, index);
    if (item == NULL || item->done)
        return NULL;
    if (item->type == ITEM_OTHER)
        item->type = type;
    return item->type == type ? item : NULL;
}

static void read_piece(const struct responses_reading *it, const struct row *row)
{
    struct responses_item *item = item_of(it, row->item);
    struct text text = reply_string(it->document, 0, row->text);
    int64_t part = 0;

    if (item == NULL)
        return;
    if (row->part == NULL) {
        if (!row->whole || !item->argued)
            responses_tell_arguments(it, item, text);
        return;
    }
    if (!reply_count(it->document, 0, row->part, &part))
        part = item->parts > 0 ? item->parts - 1 : 0;
    if (row->whole && part < item->parts)
        return;
    if (row->item == ITEM_REASONING)
        responses_tell_thought(it, item, strcmp(row->part, "content_index") == 0, part, text);
    else
        responses_tell_text(it, item, row->tells, part, text);
}

/* --- items and responses
 * ----------------------------------------------------------------------------- */

static void read_item(const struct responses_reading *it, bool ends)
{
    struct responses_stream *stream = it->stream;
    uint32_t cell = reply_member(it->document, 0, "item");
    int64_t index;

    if (!reply_count(it->document, 0, "output_index", &index))
        index = (int64_t)stream->item_count - (ends && stream->item_count > 0 ? 1 : 0);
    if (ends)
        responses_take_item(it, responses_item_at(it, index), cell);
    else
        responses_begin_item(it, responses_item_at(it, index), cell);
}

static bool read_error(const struct responses_reading *it, struct failure *failure)
{
    uint32_t error = reply_member(it->document, 0, "error");

    return openai_error_inside(it->document, error != CELL_NONE ? error : 0, failure);
}

/* "response.completed" and the like: what is behind the dot. */
static bool is_end(struct text type, struct text *out_status)
{
    static const struct text ends[] = {TEXT_INIT("completed"), TEXT_INIT("incomplete"),
                                       TEXT_INIT("failed"), TEXT_INIT("cancelled")};

    if (!text_starts(type, TEXT("response.")))
        return false;
    *out_status = text_after(type, sizeof "response." - 1);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (text_equal(*out_status, ends[i]))
            return true;
    return false;
}

bool responses_event(void *memory, const struct wire_event *event, struct arena *kept,
                     struct arena *arena, struct chat_events *out, struct failure *failure)
{
    struct document document;
    const struct responses_reading it = {memory, &document, kept, arena, out};
    struct text type, status, data = text_trim(event->data);

    /* There is no [DONE] here, but hosts that write it behind their streams all the same. */
    if (data.len == 0 || text_equal(data, TEXT("[DONE]")))
        return true;
    if (!reply_read(event->data, arena, &document, failure))
        return false;
    type = reply_string(&document, 0, "type");
    if (type.len == 0)
        type = event->name;
    if (text_equal(type, TEXT("error")) ||
        (type.len == 0 && reply_member(&document, 0, "error") != CELL_NONE))
        return read_error(&it, failure);
    if (is_end(type, &status))
        return responses_take(&it, reply_member(&document, 0, "response"), status, failure);
    if (row_of(type) != NULL)
        read_piece(&it, row_of(type));
    else if (text_equal(type, TEXT("response.output_item.added")))
        read_item(&it, false);
    else if (text_equal(type, TEXT("response.output_item.done")))
        read_item(&it, true);
    else
        responses_tell_start(&it, reply_member(&document, 0, "response"));
    return true;
}
