/* Items become messages: what the model said in a row, texts and calls, is one message of the
 * assistant, as every provider but this one has it. */
#include "surface/responses_talk.h"

enum { ITEMS_MAX = 1000, CALL_ID_BYTES_MAX = 512, WORD_SHOWN = 64 };

const char *talk_about(struct body_reader *reader, const char *before, struct text word,
                       const char *behind)
{
    return arena_printf(reader->arena, "%s '%.*s' %s", before,
                        TEXT_ARG(text_first(word, WORD_SHOWN)), behind)
        .at;
}

/* --- the assistant -------------------------------------------------------------------------------
 */

void talk_end_saying(struct talk *talk)
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
        return body_refuse(
            talk->reader,
            talk->cells[i] != 0  ? talk->cells[i]
            : input != CELL_NONE ? input
                                 : 0,
            ERROR_INVALID_REQUEST,
            talk_about(reader, "the call", part->id,
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
    talk_end_saying(talk);
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
    talk_end_saying(talk);
    call = call_of(talk, id);
    if (call == NULL)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           talk_about(reader, "there is no function_call with the 'call_id'", id,
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
    {"item_reference", talk_take_reference},
    {"reasoning", pass_over},
};

bool talk_take_item(struct body_reader *reader, struct talk *talk, uint32_t item)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, item, TEXT("type"));

    if (document->cells[item].type != CELL_OBJECT)
        return body_refuse(reader, item, ERROR_INVALID_REQUEST,
                           "an item of the input must be an object");
    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return document_member(document, item, TEXT("role")) != CELL_NONE
                   ? take_message(reader, talk, item)
                   : talk_take_reference(reader, talk, item);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (document->cells[at].type == CELL_STRING &&
            text_equal(document_text(document, at), text_of(types[i].word)))
            return types[i].take(reader, talk, item);
    return body_refuse(
        reader, at, ERROR_INVALID_REQUEST,
        document->cells[at].type == CELL_STRING
            ? talk_about(reader, "items of the type", document_text(document, at),
                         "are not offered on this surface; there are message, function_call, "
                         "function_call_output, item_reference and reasoning")
            : "'type' must be a string");
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
        if (!talk_take_item(reader, talk, item))
            return false;
    talk_end_saying(talk);
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
    size_t first = call->instructed;

    call->message_count = talk->count;
    if (call->prompted) {
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
            (call->prompted || i != body->earlier_count))
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
    if (!talk_read_turns(reader, &talk, &kept))
        return false;
    make_room(&talk, kept + own + 1);
    if (call->instructions != CELL_NONE)
        talk.messages[talk.count++] = (struct chat_message){
            .role = CHAT_SYSTEM, .text = document_text(document, call->instructions)};
    call->instructed = talk.count > 0;
    if (!talk_take_chain(&talk))
        return false;
    call->first_new = talk.count;
    return take_input(reader, &talk, call->input) && all_answered(reader, &talk) &&
           divide(&talk, call);
}
