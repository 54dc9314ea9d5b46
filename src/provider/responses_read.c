/* OpenAI Responses: what items and whole responses say. An answer that comes whole is read as the
 * last event of a stream that had no others. Items of types we do not know are passed over. */
#include "provider/responses.h"

#include "chat/gather.h"
#include "provider/reply_json.h"

/* --- items
 * ------------------------------------------------------------------------------------------- */

struct responses_item *responses_item_at(const struct responses_reading *it, int64_t index)
{
    struct responses_stream *stream = it->stream;

    for (uint32_t i = stream->item_count; i-- > 0;)
        if (stream->items[i].index == index)
            return &stream->items[i];
    if (stream->item_count == RESPONSES_ITEMS_MAX)
        return NULL;
    if (stream->item_count == stream->item_room) {
        uint32_t room = stream->item_room > 0 ? stream->item_room * 2 : 4;

        stream->items =
            arena_grow(it->kept, stream->items, stream->item_room * sizeof *stream->items,
                       room * sizeof *stream->items);
        stream->item_room = room;
    }
    stream->items[stream->item_count] = (struct responses_item){.index = index};
    return &stream->items[stream->item_count++];
}

static struct chat_event *add(const struct responses_reading *it, const struct responses_item *item,
                              enum chat_event_type type)
{
    it->stream->told = item->index;
    return chat_events_add(it->out, it->arena, type);
}

void responses_tell_text(const struct responses_reading *it, struct responses_item *item,
                         enum chat_event_type type, int64_t part, struct text text)
{
    if (text.len == 0)
        return;
    if (part >= item->parts)
        item->parts = part + 1;
    add(it, item, type)->text = text;
}

/* Some models show a summary of what they thought, some all of it; of both, what came first. */
void responses_tell_thought(const struct responses_reading *it, struct responses_item *item,
                            bool raw, int64_t part, struct text text)
{
    if (text.len == 0 || (item->parts > 0 && item->raw != raw))
        return;
    item->raw = raw;
    if (item->parts > 0 && part >= item->parts)
        add(it, item, CHAT_EVENT_REASONING)->text = TEXT("\n\n");
    if (part >= item->parts)
        item->parts = part + 1;
    add(it, item, CHAT_EVENT_REASONING)->text = text;
}

void responses_tell_arguments(const struct responses_reading *it, struct responses_item *item,
                              struct text text)
{
    struct chat_event *event;

    if (!item->begun || text.len == 0)
        return;
    item->argued = true;
    event = add(it, item, CHAT_EVENT_ARGUMENTS);
    event->call = item->call;
    event->text = text;
}

static void take_message(const struct responses_reading *it, struct responses_item *item,
                         uint32_t cell)
{
    uint32_t end, at = reply_items(it->document, cell, "content", &end);

    for (int64_t part = 0; at < end; at = document_next(it->document, at), part++) {
        struct text type = reply_string(it->document, at, "type");

        if (part < item->parts)
            continue;
        if (text_equal(type, TEXT("output_text")))
            responses_tell_text(it, item, CHAT_EVENT_TEXT, part,
                                reply_string(it->document, at, "text"));
        else if (text_equal(type, TEXT("refusal")))
            responses_tell_text(it, item, CHAT_EVENT_REFUSAL, part,
                                reply_string(it->document, at, "refusal"));
    }
}

/* Results refer to call_id; id is only the item's, but better than none. */
static struct text call_id(const struct responses_reading *it, uint32_t cell)
{
    struct text id = reply_string(it->document, cell, "call_id");

    return id.len > 0 ? id : reply_string(it->document, cell, "id");
}

static void begin_call(const struct responses_reading *it, struct responses_item *item,
                       uint32_t cell)
{
    struct text name = reply_string(it->document, cell, "name");
    struct chat_event *event;

    if (item->begun || name.len == 0 || it->stream->calls == OPENAI_CALLS_MAX)
        return;
    event = add(it, item, CHAT_EVENT_CALL);
    event->id = call_id(it, cell);
    event->name = name;
    event->call = item->call = it->stream->calls++;
    item->begun = true;
}

static void take_call(const struct responses_reading *it, struct responses_item *item,
                      uint32_t cell)
{
    uint32_t arguments = reply_member(it->document, cell, "arguments");

    begin_call(it, item, cell);
    if (item->argued || arguments == CELL_NONE)
        return;
    responses_tell_arguments(it, item,
                             document_cell(it->document, arguments)->type == CELL_STRING
                                 ? document_text(it->document, arguments)
                                 : reply_json(it->document, arguments, it->arena));
}

static void take_thoughts(const struct responses_reading *it, struct responses_item *item,
                          uint32_t cell, bool raw)
{
    uint32_t end, at = reply_items(it->document, cell, raw ? "content" : "summary", &end);
    int64_t told = item->parts;

    for (int64_t part = 0; at < end; at = document_next(it->document, at), part++)
        if (part >= told)
            responses_tell_thought(it, item, raw, part, reply_string(it->document, at, "text"));
}

/* The state belongs to the reasoning that was told of last: of one that others came in between of,
 * it would be taken for theirs. */
static void take_reasoning(const struct responses_reading *it, struct responses_item *item,
                           uint32_t cell)
{
    struct text state = responses_state(it->document, cell, it->arena);
    struct chat_event *event;

    take_thoughts(it, item, cell, false);
    take_thoughts(it, item, cell, true);
    if (item->parts == 0)
        add(it, item, CHAT_EVENT_REASONING); /* not shown, but here */
    if (state.len == 0 || it->stream->told != item->index)
        return;
    event = add(it, item, CHAT_EVENT_STATE);
    event->text = state;
    event->state_of = dialect_responses.name;
}

static enum responses_type type_of(struct text type)
{
    if (text_equal(type, TEXT("message")))
        return ITEM_MESSAGE;
    if (text_equal(type, TEXT("function_call")))
        return ITEM_CALL;
    return text_equal(type, TEXT("reasoning")) ? ITEM_REASONING : ITEM_OTHER;
}

void responses_begin_item(const struct responses_reading *it, struct responses_item *item,
                          uint32_t cell)
{
    if (item == NULL || item->done)
        return;
    item->type = type_of(reply_string(it->document, cell, "type"));
    if (item->type == ITEM_CALL) /* its arguments are still to come */
        begin_call(it, item, cell);
}

void responses_take_item(const struct responses_reading *it, struct responses_item *item,
                         uint32_t cell)
{
    if (item == NULL || item->done)
        return;
    item->done = true;
    switch (type_of(reply_string(it->document, cell, "type"))) {
    case ITEM_MESSAGE:
        take_message(it, item, cell);
        break;
    case ITEM_CALL:
        take_call(it, item, cell);
        break;
    case ITEM_REASONING:
        take_reasoning(it, item, cell);
        break;
    case ITEM_OTHER:
        break;
    }
}

/* --- a response that has ended
 * ----------------------------------------------------------------------- */

void responses_tell_start(const struct responses_reading *it, uint32_t response)
{
    struct text id = reply_string(it->document, response, "id"),
                model = reply_string(it->document, response, "model");
    struct chat_event *event;

    if (it->stream->started || id.len + model.len == 0)
        return;
    it->stream->started = true;
    event = chat_events_add(it->out, it->arena, CHAT_EVENT_START);
    event->id = id;
    event->model = model;
}

static bool read_usage(const struct document *document, uint32_t usage, struct chat_usage *out)
{
    uint32_t input = reply_member(document, usage, "input_tokens_details");
    uint32_t output = reply_member(document, usage, "output_tokens_details");
    struct chat_usage read = {.reported = true};

    if (!reply_count(document, usage, "input_tokens", &read.prompt_tokens) ||
        read.prompt_tokens == 0 || /* no prompt is free: a host that does not count */
        !reply_count(document, usage, "output_tokens", &read.completion_tokens))
        return false;
    read.cached_tokens = reply_part(document, input, "cached_tokens", read.prompt_tokens);
    read.cache_write_tokens =
        reply_part(document, input, "cache_write_tokens", read.prompt_tokens - read.cached_tokens);
    read.reasoning_tokens =
        reply_part(document, output, "reasoning_tokens", read.completion_tokens);
    *out = read;
    return true;
}

static enum chat_finish finish_of(const struct responses_reading *it, uint32_t response,
                                  struct text status)
{
    uint32_t details = reply_member(it->document, response, "incomplete_details");
    struct text reason = reply_string(it->document, details, "reason");

    if (text_equal(status, TEXT("incomplete")))
        return text_equal(reason, TEXT("content_filter")) ? CHAT_FINISH_CONTENT_FILTER
                                                          : CHAT_FINISH_LENGTH;
    return it->stream->calls > 0 ? CHAT_FINISH_TOOL_CALLS : CHAT_FINISH_STOP;
}

/* False when it failed, whatever the HTTP status says. */
static bool has_succeeded(const struct responses_reading *it, uint32_t response, struct text status,
                          struct failure *failure)
{
    uint32_t error = reply_member(it->document, response, "error");

    if (error != CELL_NONE)
        return openai_error_inside(it->document, error, failure);
    if (text_equal(status, TEXT("failed")) || text_equal(status, TEXT("cancelled")))
        return failure_of_signs(&(struct failure_signs){0}, failure);
    return true;
}

bool responses_take(const struct responses_reading *it, uint32_t response, struct text status,
                    struct failure *failure)
{
    struct text said = reply_string(it->document, response, "status");
    uint32_t end, at = reply_items(it->document, response, "output", &end);
    struct chat_usage usage;

    if (said.len > 0 && text_equal(status, TEXT("completed")))
        status = said;
    if (!has_succeeded(it, response, status, failure))
        return false;
    responses_tell_start(it, response);
    for (int64_t index = 0; at < end; at = document_next(it->document, at), index++)
        responses_take_item(it, responses_item_at(it, index), at);
    chat_events_add(it->out, it->arena, CHAT_EVENT_FINISH)->finish =
        finish_of(it, response, status);
    if (read_usage(it->document, reply_member(it->document, response, "usage"), &usage))
        chat_events_add(it->out, it->arena, CHAT_EVENT_USAGE)->usage = usage;
    chat_events_add(it->out, it->arena, CHAT_EVENT_DONE);
    return true;
}

/* --- a whole answer
 * ---------------------------------------------------------------------------------- */

bool responses_answer(struct text body, struct arena *arena, struct chat_answer *out,
                      struct failure *failure)
{
    struct responses_stream stream = {0};
    struct chat_gather gather = {.arena = arena};
    struct chat_events steps = {0};
    struct document document;
    const struct responses_reading it = {&stream, &document, arena, arena, &steps};
    uint32_t output;
    struct text status;

    *out = (struct chat_answer){0};
    if (!reply_read(body, arena, &document, failure))
        return false;
    if (text_equal(reply_string(&document, 0, "type"), TEXT("error")) &&
        reply_member(&document, 0, "error") == CELL_NONE)
        return openai_error_inside(&document, 0, failure);
    status = reply_string(&document, 0, "status");
    if (text_equal(status, TEXT("in_progress")) || text_equal(status, TEXT("queued")))
        return failure_unreadable(failure, "/status", "is not finished");
    if (!responses_take(&it, 0, TEXT("completed"), failure))
        return false;
    output = reply_member(&document, 0, "output");
    if (output == CELL_NONE || document_cell(&document, output)->type != CELL_ARRAY)
        return failure_unreadable(failure, "/output", "has no list of items");
    for (size_t i = 0; i < steps.count; i++)
        gather_take(&gather, &steps.items[i]);
    gather_answer(&gather, out);
    if (out->usage.completion_tokens == 0 && out->content.len > 0)
        out->usage = (struct chat_usage){0};
    return true;
}
