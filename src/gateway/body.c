/* A body is sorted by its member names alone: first which form it has, then every remaining member
 * is either a control field, a parameter, or wrong. Nothing is ignored. */
#include "gateway/body.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum { MESSAGES_MAX = 1000 };

struct reader {
    const struct endpoint *endpoint;
    struct arena *arena;
    struct call_body *body;
    struct error *err;
};

/* --- the input schema's own names --------------------------------------------------------------
 */

static bool declared(const struct endpoint *endpoint, struct text name)
{
    const struct text *names;
    size_t count;

    if (endpoint->input == NULL)
        return false;
    count = schema_root_names(endpoint->input, &names);
    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

/* --- small documents ---------------------------------------------------------------------------
 */

static const struct document *document_of_text(struct arena *arena, struct text text)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct cell *cell = ARENA_NEW(arena, struct cell);

    *cell = (struct cell){.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    *document = (struct document){.cells = cell, .count = 1, .source = text};
    return document;
}

/* A message is JSON when it is JSON, else a string; only where a schema says what is expected. */
static void input_of_message(struct reader *reader, struct text message)
{
    struct call_body *body = reader->body;
    struct document *parsed = ARENA_NEW(reader->arena, struct document);

    body->caller_text = message;
    body->input = document_of_text(reader->arena, message);
    body->input_at = 0;
    if (reader->endpoint->input != NULL &&
        json_read(message, NULL, reader->arena, parsed, NULL, NULL)) {
        body->input_as_text = body->input;
        body->input = parsed;
    }
}

/* --- what the caller said, for estimates and for the demo provider
 * -------------------------------- */

enum { DEPTH_MAX = 32 };

/* Calls `each` for every string value of a subtree, not for member names. */
static void each_string(const struct document *document, uint32_t at,
                        void (*each)(struct text value, void *context), void *context)
{
    struct {
        uint32_t end;
        bool object, value_next;
    } open[DEPTH_MAX + 1] = {{document_next(document, at), false, false}};
    size_t depth = 0;

    for (uint32_t i = at; i < open[0].end; i++) {
        const struct cell *cell = &document->cells[i];
        bool is_name;

        while (i >= open[depth].end)
            depth--;
        is_name = open[depth].object && !open[depth].value_next;
        open[depth].value_next = is_name;
        if (cell->type == CELL_STRING && !is_name)
            each(cell_text(cell), context);
        if (cell->type >= CELL_ARRAY && depth < DEPTH_MAX) {
            depth++;
            open[depth].end = cell->end;
            open[depth].object = cell->type == CELL_OBJECT;
            open[depth].value_next = false;
        }
    }
}

static void keep_longest(struct text value, void *longest)
{
    if (value.len > ((struct text *)longest)->len)
        *(struct text *)longest = value;
}

struct words {
    struct buffer text;
    struct text longest;
};

static void add_words(struct text value, void *context)
{
    struct words *words = context;

    if (value.at == words->longest.at)
        return;
    buffer_put_byte(&words->text, '\n');
    buffer_put(&words->text, value);
}

/* Every string of the input, the longest first: one text with the caller's own words. */
static struct text own_words(const struct document *document, uint32_t at, struct arena *arena)
{
    struct words words = {.text = buffer_in(arena)};

    each_string(document, at, keep_longest, &words.longest);
    buffer_put(&words.text, words.longest);
    each_string(document, at, add_words, &words);
    return buffer_text(&words.text);
}

/* --- messages -----------------------------------------------------------------------------------
 */

static bool refuse(struct reader *reader, uint32_t at, enum error_code code, const char *what)
{
    struct text pointer = document_pointer(&reader->body->document, at, reader->arena);

    return error_set(reader->err, code, arena_terminated(reader->arena, pointer), "%s", what);
}

/* A content is a string, or a list of text parts that are joined. */
static bool read_content(struct reader *reader, uint32_t at, struct text *out)
{
    const struct document *document = &reader->body->document;
    struct buffer joined = buffer_in(reader->arena);

    if (at == CELL_NONE)
        return false;
    if (document->cells[at].type == CELL_STRING) {
        *out = document_text(document, at);
        return true;
    }
    if (document->cells[at].type != CELL_ARRAY)
        return refuse(reader, at, ERROR_INVALID_REQUEST,
                      "'content' must be a string or a list of text parts");
    for (uint32_t part = at + 1; part < document->cells[at].end;
         part = document_next(document, part)) {
        uint32_t type = document_member(document, part, TEXT("type"));
        uint32_t text = document_member(document, part, TEXT("text"));

        if (type == CELL_NONE || document->cells[type].type != CELL_STRING ||
            !text_equal(document_text(document, type), TEXT("text")) || text == CELL_NONE ||
            document->cells[text].type != CELL_STRING)
            return refuse(
                reader, part, ERROR_INVALID_REQUEST,
                "only parts of the form {\"type\": \"text\", \"text\": \"...\"} are taken");
        buffer_put(&joined, document_text(document, text));
    }
    *out = buffer_text(&joined);
    return true;
}

static bool read_message(struct reader *reader, uint32_t at, struct chat_message *out)
{
    const struct document *document = &reader->body->document;
    uint32_t role = document_member(document, at, TEXT("role"));
    uint32_t content = document_member(document, at, TEXT("content"));
    struct text name;

    if (document->cells[at].type != CELL_OBJECT)
        return refuse(reader, at, ERROR_INVALID_REQUEST,
                      "a message must be an object with 'role' and 'content'");
    for (uint32_t key = at + 1; key < document->cells[at].end;
         key = document_next(document, key + 1))
        if (key + 1 != role && key + 1 != content &&
            !text_equal(document_text(document, key), TEXT("name")))
            return refuse(reader, key, ERROR_UNKNOWN_FIELD,
                          "a message has 'role', 'content' and optionally 'name'");
    if (role == CELL_NONE || document->cells[role].type != CELL_STRING)
        return refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'role'");
    if (content == CELL_NONE)
        return refuse(reader, at, ERROR_INVALID_REQUEST, "a message needs a 'content'");
    name = document_text(document, role);
    if (text_equal(name, TEXT("developer")))
        name = TEXT("system");
    if (!chat_role_parse(name, &out->role) ||
        (out->role == CHAT_SYSTEM && !reader->endpoint->allow_system))
        return refuse(reader, role, ERROR_ROLE_NOT_ALLOWED,
                      "this endpoint takes messages of the roles 'user' and 'assistant' only");
    return read_content(reader, content, &out->text);
}

static bool read_messages(struct reader *reader, uint32_t at)
{
    const struct document *document = &reader->body->document;
    uint32_t count = document->cells[at].size, index = 0;
    struct chat_message *messages;

    if (document->cells[at].type != CELL_ARRAY || count == 0 || count > MESSAGES_MAX)
        return refuse(reader, at, ERROR_INVALID_REQUEST,
                      "'messages' must be a list of 1 to 1000 messages");
    messages = ARENA_ARRAY(reader->arena, struct chat_message, count);
    for (uint32_t message = at + 1; message < document->cells[at].end;
         message = document_next(document, message))
        if (!read_message(reader, message, &messages[index++]))
            return false;
    if (messages[count - 1].role != CHAT_USER)
        return refuse(reader, at, ERROR_INVALID_REQUEST,
                      "the last message must have the role 'user'");
    reader->body->earlier = messages;
    reader->body->earlier_count = count - 1;
    input_of_message(reader, messages[count - 1].text);
    return true;
}

/* --- control fields ------------------------------------------------------------------------------
 */

static bool take_stream(struct reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type == CELL_NULL)
        return true;
    if (cell->type != CELL_BOOLEAN)
        return refuse(reader, at, ERROR_INVALID_REQUEST, "'stream' must be true or false");
    reader->body->stream = cell->boolean;
    return true;
}

static bool take_session_id(struct reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type == CELL_NULL)
        return true;
    if (cell->type != CELL_STRING)
        return refuse(reader, at, ERROR_INVALID_REQUEST, "'session_id' must be a string");
    reader->body->session_id = cell_text(cell);
    return true;
}

static bool take_session(struct reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type != CELL_BOOLEAN)
        return refuse(reader, at, ERROR_INVALID_REQUEST, "'session' must be true or false");
    reader->body->session_off = !cell->boolean;
    return true;
}

static bool take_metadata(struct reader *reader, uint32_t at)
{
    if (reader->body->document.cells[at].type != CELL_OBJECT)
        return refuse(reader, at, ERROR_INVALID_REQUEST, "'metadata' must be an object");
    return true;
}

static bool take_tools(struct reader *reader, uint32_t at)
{
    return refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED, "this endpoint takes no tools");
}

static const struct control {
    const char *name;
    bool (*take)(struct reader *reader, uint32_t at);
} controls[] = {
    {"stream", take_stream},     {"session_id", take_session_id}, {"session", take_session},
    {"metadata", take_metadata}, {"tools", take_tools},           {"tool_choice", take_tools},
};
enum { CONTROL_COUNT = sizeof controls / sizeof *controls };

static const struct control *control_of(const struct endpoint *endpoint, struct text name)
{
    for (size_t i = 0; i < CONTROL_COUNT; i++)
        if (text_equal(name, text_of(controls[i].name)))
            return declared(endpoint, name) ? NULL : &controls[i];
    return NULL;
}

/* --- parameters ----------------------------------------------------------------------------------
 */

enum param_type { NUMBER, INTEGER, STRING, STRINGS };
static const struct {
    enum param_type type;
    double least, greatest;
} param_rules[CHAT_PARAM_COUNT] = {
#define X(name, word, type, least, greatest) {type, least, greatest},
    CHAT_PARAMS(X)
#undef X
};

static bool param_fits(const struct document *document, uint32_t at, enum chat_param param)
{
    const struct cell *cell = &document->cells[at];
    double number;

    switch (param_rules[param].type) {
    case NUMBER:
    case INTEGER:
        if (cell->type != CELL_INTEGER &&
            (cell->type != CELL_NUMBER || param_rules[param].type == INTEGER))
            return false;
        number = document_double(cell);
        return number >= param_rules[param].least && number <= param_rules[param].greatest;
    case STRING:
        return cell->type == CELL_STRING;
    case STRINGS:
        if (cell->type != CELL_ARRAY)
            return cell->type == CELL_STRING;
        for (uint32_t i = at + 1; i < cell->end; i++)
            if (document->cells[i].type != CELL_STRING)
                return false;
        return cell->size <= (uint32_t)param_rules[param].greatest;
    }
    NEVER("a parameter without a type");
}

static bool find_param(struct text name, enum chat_param *out)
{
    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (text_equal(name, text_of(chat_param_name((enum chat_param)param)))) {
            *out = (enum chat_param)param;
            return true;
        }
    return false;
}

static bool take_param(struct reader *reader, enum chat_param param, uint32_t at)
{
    struct buffer json = buffer_in(reader->arena);

    if (reader->endpoint->allow == NULL || !reader->endpoint->allow[param])
        return refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                      "this endpoint pins its parameters; callers may not set this one");
    if (!param_fits(&reader->body->document, at, param))
        return refuse(reader, at, ERROR_INVALID_REQUEST,
                      "the parameter has the wrong type or is out of range");
    json_put_cell(&json, &reader->body->document, at);
    reader->body->params.json[param] = buffer_text(&json);
    return true;
}

/* --- the forms -----------------------------------------------------------------------------------
 */

static bool unknown_field(struct reader *reader, uint32_t key)
{
    static const struct text known[] = {
        TEXT_INIT("message"),    TEXT_INIT("messages"), TEXT_INIT("input"),
        TEXT_INIT("variables"),  TEXT_INIT("stream"),   TEXT_INIT("session"),
        TEXT_INIT("session_id"), TEXT_INIT("metadata"),
    };
    struct text name = document_text(&reader->body->document, key);
    struct text nearest = nearest_name(name, known, sizeof known / sizeof *known);

    refuse(reader, key, ERROR_UNKNOWN_FIELD,
           "the body has a field that this endpoint does not know");
    if (nearest.len > 0)
        error_hint(reader->err, "did you mean '%.*s'?", TEXT_ARG(nearest));
    return false;
}

/* Takes every member but `payload`, which the form itself reads. */
static bool take_rest(struct reader *reader, uint32_t payload)
{
    const struct document *document = &reader->body->document;

    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1)) {
        const struct control *control = control_of(reader->endpoint, document_text(document, key));
        enum chat_param param;

        if (key + 1 == payload)
            continue;
        if (control != NULL) {
            if (!control->take(reader, key + 1))
                return false;
        } else if (find_param(document_text(document, key), &param)) {
            if (!take_param(reader, param, key + 1))
                return false;
        } else {
            return unknown_field(reader, key);
        }
    }
    return true;
}

/* The bare object: control fields that the schema does not declare are taken out of a copy. */
static bool read_bare(struct reader *reader)
{
    const struct document *document = &reader->body->document;
    struct cell *cells = ARENA_ARRAY(reader->arena, struct cell, document->count);
    struct document *input = ARENA_NEW(reader->arena, struct document);
    uint32_t count = 1, members = 0;

    cells[0] = document->cells[0];
    for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1)) {
        uint32_t end = document_next(document, key + 1), moved = key - count;
        const struct control *control = control_of(reader->endpoint, document_text(document, key));

        if (control != NULL) {
            if (!control->take(reader, key + 1))
                return false;
            continue;
        }
        for (uint32_t i = key; i < end; i++) {
            cells[count] = document->cells[i];
            if (cells[count].type >= CELL_ARRAY)
                cells[count].end -= moved;
            count++;
        }
        members++;
    }
    cells[0].size = members;
    cells[0].end = count;
    *input = *document;
    input->cells = cells;
    input->count = count;
    reader->body->input = input;
    reader->body->input_at = 0;
    reader->body->caller_text = own_words(input, 0, reader->arena);
    return true;
}

static uint32_t payload_of(struct reader *reader, const char *name)
{
    if (declared(reader->endpoint, text_of(name)))
        return CELL_NONE;
    return document_member(&reader->body->document, 0, text_of(name));
}

static bool read_input(struct reader *reader, uint32_t at)
{
    reader->body->input = &reader->body->document;
    reader->body->input_at = at;
    reader->body->caller_text = own_words(&reader->body->document, at, reader->arena);
    return take_rest(reader, at);
}

static bool read_object(struct reader *reader)
{
    const struct endpoint *endpoint = reader->endpoint;
    uint32_t messages = payload_of(reader, "messages"), message = payload_of(reader, "message");
    uint32_t input = payload_of(reader, "input");

    if (input == CELL_NONE)
        input = payload_of(reader, "variables");
    if (messages != CELL_NONE)
        return take_rest(reader, messages) && read_messages(reader, messages);
    if (message != CELL_NONE) {
        if (reader->body->document.cells[message].type != CELL_STRING)
            return refuse(reader, message, ERROR_INVALID_REQUEST, "'message' must be a string");
        input_of_message(reader, document_text(&reader->body->document, message));
        return take_rest(reader, message);
    }
    if (input != CELL_NONE)
        return read_input(reader, input);
    if (endpoint->input != NULL && schema_root_is_object(endpoint->input))
        return read_bare(reader);
    error_set(reader->err, ERROR_INVALID_REQUEST, "", "the body says nothing to the endpoint");
    error_hint(reader->err,
               "send {\"message\": \"...\"}, {\"messages\": [...]} or {\"input\": ...}");
    return false;
}

bool body_read(struct text bytes, const struct endpoint *endpoint, struct arena *arena,
               struct call_body *out, struct error *err)
{
    struct reader reader = {endpoint, arena, out, err};
    const struct json_limits limits = {.depth = 32};

    *out = (struct call_body){0};
    if (!json_read(bytes, &limits, arena, &out->document, NULL, err))
        return false;
    if (out->document.cells[0].type != CELL_OBJECT) {
        error_set(err, ERROR_INVALID_REQUEST, "", "the body must be a JSON object, found a %s",
                  cell_type_name((enum cell_type)out->document.cells[0].type));
        return false;
    }
    return read_object(&reader);
}
