/* Everything that a caller sends and a model would read, before anything is made of it: tools
 * first, then the conversation from its beginning, so that placeholders stay the same as it grows.
 */
#include "gateway/guarding.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/stages.h"

enum { NUMBER_DIGITS_MIN = 8 };

struct input {
    struct request *request;
    struct guard *guard;
    struct arena *arena;
    const char *at; /* where the text under way stands in the body */
};

/* --- texts ---------------------------------------------------------------------------------------
 */

/* Whether a model would read it as JSON: then escapes in it are none to hide behind. */
static bool reads_as_json(struct input *in, struct text text)
{
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};
    struct text trimmed = text_trim(text);
    struct document document;

    return trimmed.len > 1 && (trimmed.at[0] == '{' || trimmed.at[0] == '[') &&
           json_read(text, &limits, in->arena, &document, NULL, NULL);
}

static bool take_text(struct input *in, struct text *text, bool json)
{
    return guard_text(in->guard, *text, json, (struct text){0}, text);
}

static bool take_words(struct input *in, struct text *text)
{
    return text->len == 0 || take_text(in, text, reads_as_json(in, *text));
}

/* --- documents -----------------------------------------------------------------------------------
 */

/* What is written to, in place of what others may still read. */
static struct cell *own_cells(struct input *in, struct document *document, const struct cell **own)
{
    struct cell *cells;

    if (*own == document->cells)
        return (struct cell *)document->cells;
    cells = ARENA_ARRAY(in->arena, struct cell, document->count);
    memcpy(cells, document->cells, document->count * sizeof *cells);
    document->cells = *own = cells;
    return cells;
}

static void put_back(struct input *in, struct document *document, uint32_t at, struct text text,
                     const struct cell **own)
{
    struct cell *cell = &own_cells(in, document, own)[at];

    if (cell->type != CELL_STRING)
        *cell = (struct cell){.type = CELL_STRING, .flags = CELL_ASCII};
    cell->text = text.at;
    cell->size = (uint32_t)text.len;
    if ((cell->flags & CELL_HASHED) != 0)
        cell_hash_name(cell);
}

/* A string, also one that names a member; or a number that is long enough to be a card's. */
static bool take_cell(struct input *in, struct document *document, uint32_t at, struct text name,
                      const struct cell **own)
{
    const struct cell *cell = &document->cells[at];
    struct buffer digits = buffer_in(in->arena);
    struct text text, out;
    bool json = false;

    if (cell->type == CELL_STRING) {
        text = cell_text(cell);
        json = reads_as_json(in, text);
    } else if (cell->type == CELL_INTEGER && cell->size >= NUMBER_DIGITS_MIN) {
        buffer_put_i64(&digits, cell->integer);
        text = buffer_text(&digits);
    } else {
        return true;
    }
    in->at = NULL;
    if (!guard_text(in->guard, text, json, name, &out)) {
        in->at = arena_terminated(in->arena, document_pointer(document, at, in->arena));
        return false;
    }
    if (out.at != text.at)
        put_back(in, document, at, out, own);
    return true;
}

/* The subtree at `at`, cell by cell; what a value's member is called says what to expect in it. */
static bool take_cells(struct input *in, struct document *document, uint32_t at)
{
    struct {
        uint32_t end;
        bool object, value_next;
        struct text name;
    } open[BODY_DEPTH_MAX + 1] __attribute__((uninitialized));
    uint32_t end = document_next(document, at);
    const struct cell *own = NULL;
    size_t depth = 0;

    open[0].end = end;
    open[0].object = open[0].value_next = false;
    open[0].name = (struct text){0};
    for (uint32_t i = at; i < end; i++) {
        const struct cell *cell = &document->cells[i];
        bool is_name;

        while (i >= open[depth].end)
            depth--;
        is_name = open[depth].object && !open[depth].value_next;
        open[depth].value_next = is_name;
        if (is_name)
            open[depth].name = cell_text(cell);
        if (!take_cell(in, document, i, is_name ? (struct text){0} : open[depth].name, &own))
            return false;
        cell = &document->cells[i];
        if (cell->type >= CELL_ARRAY && depth < BODY_DEPTH_MAX) {
            struct text name = open[depth++].name;

            open[depth].end = cell->end;
            open[depth].object = cell->type == CELL_OBJECT;
            open[depth].value_next = false;
            open[depth].name = name;
        }
    }
    return true;
}

/* --- messages ------------------------------------------------------------------------------------
 */

static bool take_part(struct input *in, struct chat_part *part)
{
    switch (part->type) {
    case CHAT_CALL:
        return part->text.len == 0 || take_text(in, &part->text, true);
    case CHAT_TEXT:
    case CHAT_RESULT:
        return take_words(in, &part->text);
    default:
        return true;
    }
}

/* How many texts follow each other from there on. */
static size_t texts_from(const struct chat_part *parts, size_t count)
{
    size_t texts = 0;

    while (texts < count && parts[texts].type == CHAT_TEXT)
        texts++;
    return texts;
}

/* Texts that follow each other are one to the model, and so to us. */
static size_t join_texts(struct input *in, struct chat_part *parts, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; kept++) {
        struct buffer joined = buffer_in(in->arena);
        size_t texts = texts_from(parts + i, count - i);

        for (size_t k = 0; texts > 1 && k < texts; k++)
            buffer_put(&joined, parts[i + k].text);
        parts[kept] = parts[i];
        if (texts > 1)
            parts[kept].text = buffer_text(&joined);
        i += texts > 1 ? texts : 1;
    }
    return kept;
}

/* Parts and what their texts are together. */
static bool take_parts(struct input *in, const struct chat_part **parts, size_t *count,
                       struct text *text)
{
    struct chat_part *own = ARENA_ARRAY(in->arena, struct chat_part, *count);
    struct buffer joined = buffer_in(in->arena);

    memcpy(own, *parts, *count * sizeof *own);
    *count = join_texts(in, own, *count);
    *parts = own;
    for (size_t i = 0; i < *count; i++) {
        if (!take_part(in, &own[i]))
            return false;
        if (own[i].type == CHAT_TEXT || own[i].type == CHAT_RESULT)
            buffer_put(&joined, own[i].text);
    }
    *text = buffer_text(&joined);
    return true;
}

/* They stand in the member `where`, from its item `first` on. */
static bool take_messages(struct input *in, const struct chat_message **messages, size_t count,
                          const char *where, size_t first)
{
    const char *told_at = in->request->body.told_at;
    struct chat_message *own;

    if (count == 0)
        return true;
    own = ARENA_ARRAY(in->arena, struct chat_message, count);
    memcpy(own, *messages, count * sizeof *own);
    *messages = own;
    for (size_t i = 0; i < count; i++) {
        struct chat_message *message = &own[i];

        if (message->parts != NULL
                ? take_parts(in, &message->parts, &message->part_count, &message->text)
                : take_words(in, &message->text))
            continue;
        in->at =
            told_at != NULL ? told_at : arena_printf(in->arena, "/%s/%zu", where, first + i).at;
        return false;
    }
    return true;
}

/* --- the input -----------------------------------------------------------------------------------
 */

static const struct document *text_document(struct input *in, struct text text)
{
    struct document *document = ARENA_NEW(in->arena, struct document);
    struct cell *cell = ARENA_NEW(in->arena, struct cell);

    *cell = (struct cell){.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    *document = (struct document){.cells = cell, .count = 1, .source = text};
    return document;
}

/* A message: its text, in its parts where it has images, and the JSON that it may be. */
static bool take_message(struct input *in, struct call_body *body)
{
    bool parsed = body->input_as_text != NULL;
    const struct document *written = parsed ? body->input_as_text : body->input;
    const struct json_limits limits = {.depth = BODY_DEPTH_MAX};
    struct text text = document_text(written, 0), before = text;
    struct document *document;

    in->at = body->told_at != NULL ? body->told_at
             : document_member(&body->document, 0, TEXT("messages")) != CELL_NONE
                 ? arena_printf(in->arena, "/messages/%zu", body->earlier_count).at
                 : "/message";
    if (body->parts != NULL ? !take_parts(in, &body->parts, &body->part_count, &text)
                            : !take_words(in, &text))
        return false;
    if (!in->guard->changed || text_equal(text, before))
        return true;
    body->caller_text = text;
    if (!parsed) {
        body->input = text_document(in, text);
        return true;
    }
    body->input_as_text = text_document(in, text);
    document = ARENA_NEW(in->arena, struct document);
    if (!json_read(text, &limits, in->arena, document, NULL,
                   NULL)) { /* read as text it was masked */
        body->input = body->input_as_text;
        body->input_as_text = NULL;
        return true;
    }
    body->input = document;
    return true;
}

static bool take_document(struct input *in, struct call_body *body)
{
    struct document *document =
        body->input == &body->document ? &body->document : ARENA_NEW(in->arena, struct document);
    const struct cell *before = body->input->cells;

    if (document != &body->document)
        *document = *body->input;
    if (!take_cells(in, document, body->input_at))
        return false;
    body->input = document;
    if (document->cells != before)
        body->caller_text = body_words(document, body->input_at, in->arena);
    return true;
}

/* Texts to embed: a list of them, or one by itself. */
static bool take_texts(struct input *in, struct call_body *body)
{
    uint32_t at = document_member(&body->document, 0, TEXT("input"));

    if (take_messages(in, &body->texts, body->text_count, "input", 0))
        return true;
    if (at != CELL_NONE && document_cell(&body->document, at)->type == CELL_STRING)
        in->at = "/input";
    return false;
}

/* Whether the input is a message, and no document of the body. */
static bool is_message(const struct call_body *body)
{
    return body->input_as_text != NULL ||
           (body->input_at == 0 && body->input->cells[0].type == CELL_STRING &&
            body->input != &body->document && body->input->count == 1);
}

/* --- the rest ------------------------------------------------------------------------------------
 */

static bool take_tools(struct input *in, struct call_body *body)
{
    struct chat_tool *tools = ARENA_ARRAY(in->arena, struct chat_tool, body->tool_count);

    for (size_t i = 0; i < body->tool_count; i++) {
        tools[i] = body->tools[i];
        in->at = arena_printf(in->arena, "/tools/%zu", i).at;
        if (!take_text(in, &tools[i].description, false) ||
            (tools[i].parameters == &body->document &&
             !take_cells(in, &body->document, tools[i].parameters_at)))
            return false;
    }
    if (body->tool_count > 0)
        body->tools = tools;
    return true;
}

/* What is left of the caller's schema is what the answer has to be: providers are told of it in
 * their own terms, which are made of it anew. */
static bool retake_output(struct input *in, struct call_body *body)
{
    struct schema_cache *schemas = in->request->worker->gateway->tool_schemas;
    struct buffer source = buffer_in(in->arena);
    const struct schema_held *held;
    struct error why = {0};

    json_put_cell(&source, &body->document, body->output_at);
    held = schema_cache_take(schemas, buffer_text(&source), &why);
    if (held == NULL)
        return error_set(&in->request->error, ERROR_INVALID_REQUEST,
                         arena_terminated(in->arena, document_pointer(&body->document,
                                                                      body->output_at, in->arena)),
                         "what guardrails left of the schema of the answer is none: %s",
                         why.message);
    schema_cache_return(schemas, body->output_held);
    body->output_held = held;
    request_take_output(in->request);
    return true;
}

/* Models read it, with its descriptions. */
static bool take_output(struct input *in, struct call_body *body)
{
    const struct cell *before = body->document.cells;

    if (body->output_held == NULL || body->output_document != &body->document)
        return true;
    return take_cells(in, &body->document, body->output_at) &&
           (body->document.cells == before || retake_output(in, body));
}

static bool take_params(struct input *in, struct call_body *body)
{
    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        in->at = arena_printf(in->arena, "/%s", chat_param_name((enum chat_param)param)).at;
        if (param == CHAT_PARAM_STOP && body->params.json[param].len > 0 &&
            !take_text(in, &body->params.json[param], true))
            return false;
    }
    return true;
}

static bool take_body(struct input *in, struct call_body *body)
{
    bool message = is_message(body);

    return take_tools(in, body) && take_output(in, body) &&
           take_messages(in, &body->earlier, body->earlier_count, "messages", 0) &&
           (message ? take_message(in, body) : take_document(in, body)) &&
           take_messages(in, &body->later, body->later_count, "messages",
                         body->earlier_count + 1) &&
           take_params(in, body) && take_texts(in, body);
}

bool guarding_take_input(struct request *request)
{
    struct input in = {
        .request = request, .guard = &request->guarding->input, .arena = &request->arena};

    if (take_body(&in, &request->body))
        return true;
    if (request->error.code == ERROR_NONE)
        guarding_refuse(in.guard, in.at, &request->error);
    return false;
}
