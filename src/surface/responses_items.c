/* Items become messages: what the model said in a row, texts and calls, is one message of the
 * assistant, as every provider but this one has it. Items that the gateway keeps are read as those
 * that are sent; what is wrong with them for this endpoint is told where they are referred to. */
#include "surface/body_reader.h"
#include "surface/responses.h"

#include "base/check.h"
#include "document/json_read.h"

enum { ITEMS_MAX = 1000, CALL_ID_BYTES_MAX = 512, WORD_SHOWN = 64 };

/* A kept answer, and what it was an answer to. */
struct turn {
    const struct response_record *record;
    struct document input, output;
};
struct turns {
    struct turn *items;
    size_t count;
};

/* The conversation as it is put together. Parts of the assistant's messages stand behind each
 * other; those of the last are from `from` on. */
struct talk {
    struct body_reader *reader; /* of the body itself */
    const struct responses_call *call;
    struct turns *turns; /* one for each reference */
    struct chat_message *messages;
    struct text *asked; /* what the model got in place of each message's text; empty: just that */
    size_t count;
    struct chat_part *parts;
    uint32_t *cells; /* of calls, in the body; 0: they are not there */
    bool *answered;
    size_t part_count, from;
    bool saying; /* the last message of the assistant is under way */
    bool kept;   /* what is read now is not of the body */
};

/* A sentence about a word of the caller's, of which as much is shown as is of use. */
static const char *about(struct body_reader *reader, const char *before, struct text word,
                         const char *behind)
{
    return arena_printf(reader->arena, "%s '%.*s' %s", before,
                        TEXT_ARG(text_first(word, WORD_SHOWN)), behind)
        .at;
}

/* --- the assistant -------------------------------------------------------------------------------
 */

static void end_saying(struct talk *talk)
{
    struct chat_message *message = &talk->messages[talk->count];
    size_t count = talk->part_count - talk->from;
    struct buffer joined = buffer_in(talk->reader->arena);

    if (!talk->saying)
        return;
    talk->saying = false;
    if (count == 0)
        return;
    *message = (struct chat_message){
        .role = CHAT_ASSISTANT, .parts = talk->parts + talk->from, .part_count = count};
    for (size_t i = 0; i < count; i++)
        if (message->parts[i].type == CHAT_TEXT)
            buffer_put(&joined, message->parts[i].text);
    message->text = buffer_text(&joined);
    if (count == 1 && message->parts[0].type == CHAT_TEXT) {
        message->parts = NULL;
        message->part_count = 0;
    }
    talk->count++;
}

/* Providers take a conversation only if every call has its result before anything else is said. */
static bool all_answered(struct body_reader *reader, const struct talk *talk)
{
    uint32_t input = talk->call->input;

    for (size_t i = talk->from; i < talk->part_count; i++) {
        const struct chat_part *part = &talk->parts[i];

        if (part->type != CHAT_CALL || talk->answered[i])
            continue;
        return body_refuse(talk->reader,
                           talk->cells[i] != 0  ? talk->cells[i]
                           : input != CELL_NONE ? input
                                                : 0,
                           ERROR_INVALID_REQUEST,
                           about(reader, "the call", part->id,
                                 "has no result: a function_call_output with its 'call_id' must "
                                 "follow it"));
    }
    return true;
}

static bool begin_saying(struct body_reader *reader, struct talk *talk)
{
    if (talk->saying)
        return true;
    if (!all_answered(reader, talk))
        return false;
    talk->saying = true;
    talk->from = talk->part_count;
    return true;
}

/* --- messages ------------------------------------------------------------------------------------
 */

static bool read_role(struct body_reader *reader, uint32_t item, enum chat_role *out)
{
    struct text name;
    uint32_t at;

    if (!body_string(reader, item, "role", &at, &name))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'role'");
    if (text_equal(name, TEXT("developer")))
        name = TEXT("system");
    if (chat_role_parse(name, out) && *out != CHAT_TOOL &&
        (*out != CHAT_SYSTEM || reader->endpoint->allow_system))
        return true;
    return body_refuse(reader, at, ERROR_ROLE_NOT_ALLOWED,
                       reader->endpoint->allow_system
                           ? "messages have the roles 'system', 'developer', 'user' and "
                             "'assistant' here; what came of a call is a function_call_output"
                           : "this endpoint takes messages of the roles 'user' and 'assistant' "
                             "only");
}

static bool take_message(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    uint32_t content = document_member(&reader->body->document, item, TEXT("content"));
    struct chat_message message = {0};

    if (!read_role(reader, item, &message.role))
        return false;
    if (content == CELL_NONE)
        return body_refuse(reader, item, ERROR_INVALID_REQUEST, "a message needs a 'content'");
    if (!responses_read_content(reader, content, &message))
        return false;
    if (message.role == CHAT_ASSISTANT) {
        if (!begin_saying(reader, talk))
            return false;
        if (message.text.len > 0)
            talk->parts[talk->part_count++] =
                (struct chat_part){.type = CHAT_TEXT, .text = message.text};
        return true;
    }
    end_saying(talk);
    if (!all_answered(reader, talk))
        return false;
    talk->messages[talk->count++] = message;
    return true;
}

/* --- calls ---------------------------------------------------------------------------------------
 */

static bool read_call_id(struct body_reader *reader, uint32_t item, uint32_t *out_at,
                         struct text *out)
{
    return (body_string(reader, item, "call_id", out_at, out) && out->len > 0 &&
            out->len <= CALL_ID_BYTES_MAX) ||
           body_refuse(reader, *out_at, ERROR_INVALID_REQUEST,
                       "'call_id' is a string of 1 to 512 bytes, as the call had it");
}

static bool tools_allowed(struct body_reader *reader, uint32_t item)
{
    return reader->endpoint->allow_tools ||
           body_refuse(reader, item, ERROR_PARAMETER_NOT_ALLOWED, "this endpoint takes no tools");
}

static bool take_call(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    struct chat_part *part = &talk->parts[talk->part_count];
    uint32_t id_at, name_at, arguments_at;

    *part = (struct chat_part){.type = CHAT_CALL};
    if (!tools_allowed(reader, item) || !read_call_id(reader, item, &id_at, &part->id))
        return false;
    if (!body_string(reader, item, "name", &name_at, &part->name) || !body_is_tool_name(part->name))
        return body_refuse(reader, name_at, ERROR_INVALID_REQUEST,
                           "a call needs the 'name' of its tool");
    if (!body_string(reader, item, "arguments", &arguments_at, &part->text))
        return body_refuse(reader, arguments_at, ERROR_INVALID_REQUEST,
                           "'arguments' must be JSON in a string");
    if (!begin_saying(reader, talk))
        return false;
    for (size_t i = talk->from; i < talk->part_count; i++)
        if (talk->parts[i].type == CHAT_CALL && text_equal(talk->parts[i].id, part->id))
            return body_refuse(reader, id_at, ERROR_INVALID_REQUEST,
                               "two calls in a row have the same id");
    talk->cells[talk->part_count] = talk->kept ? 0 : item;
    talk->part_count++;
    return true;
}

/* The call that it is the result of; NULL: there is none in front of it. */
static struct chat_part *call_of(const struct talk *talk, struct text id)
{
    for (size_t i = talk->from; i < talk->part_count; i++)
        if (talk->parts[i].type == CHAT_CALL && text_equal(talk->parts[i].id, id))
            return &talk->parts[i];
    return NULL;
}

static bool take_result(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    uint32_t output = document_member(&reader->body->document, item, TEXT("output")), at;
    struct chat_message message = {.role = CHAT_TOOL};
    struct chat_part *part = ARENA_NEW(reader->arena, struct chat_part), *call;
    struct text id;

    if (!tools_allowed(reader, item) || !read_call_id(reader, item, &at, &id))
        return false;
    if (output == CELL_NONE)
        return body_refuse(reader, item, ERROR_INVALID_REQUEST, "a result needs an 'output'");
    if (!responses_read_content(reader, output, &message))
        return false;
    end_saying(talk);
    call = call_of(talk, id);
    if (call == NULL)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           about(reader, "there is no function_call with the 'call_id'", id,
                                 "in front of its result"));
    if (talk->answered[call - talk->parts])
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "the call has a result already");
    talk->answered[call - talk->parts] = true;
    *part =
        (struct chat_part){.type = CHAT_RESULT, .id = id, .name = call->name, .text = message.text};
    message.parts = part;
    message.part_count = 1;
    talk->messages[talk->count++] = message;
    return true;
}

/* --- references ----------------------------------------------------------------------------------
 */

static bool take_item(struct body_reader *reader, struct talk *talk, uint32_t item);

/* An item of another document; what is wrong with it is told of `at` in the body. */
static bool take_kept(struct talk *talk, const struct document *document, uint32_t item,
                      const char *at)
{
    struct call_body body = {.document = *document};
    struct error why = {0};
    struct body_reader inner = *talk->reader;
    bool before = talk->kept, good;

    inner.body = &body;
    inner.err = &why;
    talk->kept = true;
    good = take_item(&inner, talk, item);
    talk->kept = before;
    if (!good && why.code != ERROR_NONE)
        error_set(talk->reader->err, why.code, at, "what is referred to cannot be said here: %s",
                  why.message);
    return good;
}

static bool refuse_unknown(struct talk *talk, uint32_t at, struct text id)
{
    body_refuse(talk->reader, at, ERROR_ITEM_NOT_FOUND,
                about(talk->reader, "there is no item", id, "that is kept for this token"));
    error_hint(talk->reader->err,
               "send the item itself; SDKs do so with \"store\": false in their calls");
    return false;
}

static uint32_t item_at(const struct document *list, uint32_t place, struct text id)
{
    uint32_t item = 1, found;

    if (place >= list->cells[0].size)
        return CELL_NONE;
    while (place-- > 0)
        item = document_next(list, item);
    found = document_member(list, item, TEXT("id"));
    return found != CELL_NONE && list->cells[found].type == CELL_STRING &&
                   text_equal(document_text(list, found), id)
               ? item
               : CELL_NONE;
}

/* The turn that an item is kept with. */
static const struct turn *turn_of(const struct talk *talk, struct text characters)
{
    const struct call_body *body = talk->reader->body;

    for (size_t i = 0; i < body->reference_count; i++) {
        struct text id = text_after(body->references[i].id, strlen(RESPONSES_PREFIX));

        if (text_equal(id, characters))
            return talk->turns[i].count > 0 ? &talk->turns[i].items[talk->turns[i].count - 1]
                                            : NULL;
    }
    return NULL;
}

static bool take_reference(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    struct text id, characters;
    uint32_t at, place, found;
    const struct turn *turn;
    bool input;

    if (talk->kept) /* what is kept refers to nothing */
        return error_set(reader->err, ERROR_INVALID_REQUEST, "", "a reference was kept");
    if (!body_string(reader, item, "id", &at, &id))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "a reference needs an 'id'");
    if (!responses_item_of(id, &characters, &input, &place))
        return refuse_unknown(talk, at, id);
    turn = turn_of(talk, characters);
    if (turn == NULL)
        return refuse_unknown(talk, at, id);
    found = item_at(input ? &turn->input : &turn->output, place, id);
    if (found == CELL_NONE)
        return refuse_unknown(talk, at, id);
    return take_kept(talk, input ? &turn->input : &turn->output, found,
                     arena_terminated(reader->arena, document_pointer(&reader->body->document, item,
                                                                      reader->arena)));
}

/* --- items ---------------------------------------------------------------------------------------
 */

/* What a model thought is kept by the gateway where its provider wants it back. */
static bool pass_over(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    (void)reader;
    (void)talk;
    (void)item;
    return true;
}

static const struct item_type {
    const char *word;
    bool (*take)(struct body_reader *reader, struct talk *talk, uint32_t item);
} types[] = {
    {"message", take_message},
    {"function_call", take_call},
    {"function_call_output", take_result},
    {"item_reference", take_reference},
    {"reasoning", pass_over},
};

static bool take_item(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, item, TEXT("type"));

    if (document->cells[item].type != CELL_OBJECT)
        return body_refuse(reader, item, ERROR_INVALID_REQUEST,
                           "an item of the input must be an object");
    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return document_member(document, item, TEXT("role")) != CELL_NONE
                   ? take_message(reader, talk, item)
                   : take_reference(reader, talk, item);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (document->cells[at].type == CELL_STRING &&
            text_equal(document_text(document, at), text_of(types[i].word)))
            return types[i].take(reader, talk, item);
    return body_refuse(
        reader, at, ERROR_INVALID_REQUEST,
        document->cells[at].type == CELL_STRING
            ? about(reader, "items of the type", document_text(document, at),
                    "are not offered on this surface; there are message, function_call, "
                    "function_call_output, item_reference and reasoning")
            : "'type' must be a string");
}

/* --- what it goes on from ------------------------------------------------------------------------
 */

static bool read_turn(struct body_reader *reader, const struct response_record *record,
                      struct turn *out)
{
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};

    out->record = record;
    return json_read(record->input, &limits, reader->arena, &out->input, NULL, NULL) &&
           json_read(record->output, &limits, reader->arena, &out->output, NULL, NULL) &&
           out->input.cells[0].type == CELL_ARRAY && out->output.cells[0].type == CELL_ARRAY;
}

static bool refuse_previous(struct body_reader *reader, const struct surface_reference *reference)
{
    bool long_one = reference->want != NULL && reference->want->too_long;

    error_set(reader->err, long_one ? ERROR_INVALID_REQUEST : ERROR_PREVIOUS_RESPONSE_NOT_FOUND,
              "previous_response_id",
              long_one ? "the conversation that '%.*s' goes on from is longer than one may be"
                       : "there is no response '%.*s' to go on from that is kept for this token, "
                         "with all that it goes on from itself",
              TEXT_ARG(text_first(reference->id, WORD_SHOWN)));
    error_hint(reader->err, "send the whole conversation as 'input'");
    return false;
}

/* Reads all that is kept of what the body refers to; *out_items counts what is in it. */
static bool read_turns(struct body_reader *reader, struct talk *talk, size_t *out_items)
{
    const struct call_body *body = reader->body;

    talk->turns = ARENA_ARRAY(reader->arena, struct turns, body->reference_count);
    *out_items = 0;
    for (size_t i = 0; i < body->reference_count; i++) {
        const struct surface_reference *reference = &body->references[i];
        size_t count = reference->want != NULL ? reference->want->found_count : 0;
        struct turns *turns = &talk->turns[i];

        if (count == 0 && reference->chain)
            return refuse_previous(reader, reference);
        turns->items = ARENA_ARRAY(reader->arena, struct turn, count);
        for (; turns->count < count; turns->count++) {
            struct turn *turn = &turns->items[turns->count];

            if (!read_turn(reader, &reference->want->found[turns->count], turn))
                return error_set(reader->err, ERROR_RECORD_DAMAGED, NULL,
                                 "a kept response does not read");
            *out_items += turn->input.cells[0].size + turn->output.cells[0].size;
        }
    }
    return true;
}

static bool take_list(struct talk *talk, const struct document *list)
{
    for (uint32_t item = 1; item < list->cells[0].end; item = document_next(list, item))
        if (!take_kept(talk, list, item, "previous_response_id"))
            return false;
    end_saying(talk);
    return true;
}

/* What the model got in place of the last that its user said; not told to other endpoints' models,
 * because a prompt is in it. */
static void put_asked(struct talk *talk, size_t from, const struct response_record *record)
{
    if (record->asked.len == 0 || !text_equal(record->endpoint, talk->reader->endpoint->slug))
        return;
    for (size_t i = talk->count; i-- > from;)
        if (talk->messages[i].role == CHAT_USER) {
            talk->asked[i] = record->asked;
            return;
        }
}

static bool take_chain(struct talk *talk)
{
    const struct call_body *body = talk->reader->body;

    for (size_t i = 0; i < body->reference_count && body->references[i].chain; i++)
        for (size_t k = 0; k < talk->turns[i].count; k++) {
            const struct turn *turn = &talk->turns[i].items[k];
            size_t from = talk->count;

            if (!take_list(talk, &turn->input))
                return false;
            put_asked(talk, from, turn->record);
            if (!take_list(talk, &turn->output))
                return false;
        }
    return true;
}

/* --- the whole -----------------------------------------------------------------------------------
 */

static bool take_input(struct body_reader *reader, struct talk *talk, uint32_t at)
{
    const struct document *document = &reader->body->document;

    if (at == CELL_NONE)
        return true;
    if (document->cells[at].type == CELL_STRING) {
        if (!all_answered(reader, talk))
            return false;
        talk->messages[talk->count++] =
            (struct chat_message){.role = CHAT_USER, .text = document_text(document, at)};
        return true;
    }
    for (uint32_t item = at + 1; item < document->cells[at].end;
         item = document_next(document, item))
        if (!take_item(reader, talk, item))
            return false;
    end_saying(talk);
    return true;
}

static void make_room(struct talk *talk, size_t room)
{
    struct arena *arena = talk->reader->arena;

    talk->messages = ARENA_ARRAY(arena, struct chat_message, room);
    talk->asked = ARENA_ARRAY(arena, struct text, room);
    talk->parts = ARENA_ARRAY(arena, struct chat_part, room);
    talk->cells = ARENA_ARRAY(arena, uint32_t, room);
    talk->answered = ARENA_ARRAY(arena, bool, room);
}

/* Where the conversation goes to: around its input, or behind one that stands by itself. */
static bool divide(struct talk *talk, struct responses_call *call)
{
    struct call_body *body = talk->reader->body;
    bool by_itself = body->input != NULL;
    size_t first = call->instructed;

    call->message_count = talk->count;
    if (by_itself) {
        body->earlier = talk->messages;
        body->earlier_count = first;
        body->later = talk->messages + first;
        body->later_count = talk->count - first;
    } else if (talk->count == first) {
        error_set(talk->reader->err, ERROR_INVALID_REQUEST, "/input",
                  "the body says nothing to the endpoint");
        error_hint(talk->reader->err, "send 'input', a string or a list of items");
        return false;
    } else if (!body_split_at_input(talk->reader, call->input != CELL_NONE ? call->input : 0,
                                    talk->messages, talk->count)) {
        return false;
    }
    for (size_t i = 0; i < talk->count; i++)
        if (talk->asked[i].len > 0 && talk->messages[i].parts == NULL &&
            (by_itself || i != body->earlier_count))
            talk->messages[i].text = talk->asked[i];
    return true;
}

bool responses_take_items(struct body_reader *reader, struct responses_call *call)
{
    const struct document *document = &reader->body->document;
    struct talk talk = {.reader = reader, .call = call};
    size_t kept, own = 1;

    if (call->input != CELL_NONE && document->cells[call->input].type == CELL_ARRAY)
        own = document->cells[call->input].size;
    if (own > ITEMS_MAX)
        return body_refuse(reader, call->input, ERROR_INVALID_REQUEST,
                           "'input' is a string, or a list of at most 1000 items");
    if (!read_turns(reader, &talk, &kept))
        return false;
    make_room(&talk, kept + own + 1);
    if (call->instructions != CELL_NONE)
        talk.messages[talk.count++] = (struct chat_message){
            .role = CHAT_SYSTEM, .text = document_text(document, call->instructions)};
    call->instructed = talk.count > 0;
    if (!take_chain(&talk))
        return false;
    call->first_new = talk.count;
    return take_input(reader, &talk, call->input) && all_answered(reader, &talk) &&
           divide(&talk, call);
}
