/* The tools that a caller brings along, and which of them the model is to call. Everything that a
 * provider would refuse is refused here, with its place; schemas within the limits for callers. */
#include "surface/body_reader.h"

#include "base/clock.h"
#include "document/json_write.h"

/* One schema may take 20 ms to compile; a list of them must not keep a worker busy for seconds. */
enum { COMPILE_US = 40000 };

bool body_is_tool_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];

        if (!(byte >= 'A' && byte <= 'Z') && !(byte >= 'a' && byte <= 'z') &&
            !(byte >= '0' && byte <= '9') && byte != '_' && byte != '-')
            return false;
    }
    return name.len >= 1 && name.len <= 64;
}

/* --- parameters of a tool ------------------------------------------------------------------------
 */

static bool check_schema(struct body_reader *reader, uint32_t at)
{
    struct buffer source = buffer_in(reader->arena);
    const struct schema_held *held;
    struct error why = {0};

    json_put_cell(&source, &reader->body->document, at);
    held = schema_cache_take(reader->schemas, buffer_text(&source), &why);
    schema_cache_return(reader->schemas, held);
    return held != NULL || body_refuse_schema(reader, at, &why);
}

static bool read_parameters(struct body_reader *reader, uint32_t function, const char *name,
                            struct chat_tool *out)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, function, text_of(name)), type_at;
    struct text type;

    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return true;
    if (document->cells[at].type != CELL_OBJECT)
        return body_refuse(
            reader, at, ERROR_INVALID_REQUEST,
            arena_printf(reader->arena, "'%s' must be a JSON Schema of an object", name).at);
    if (!body_string(reader, at, "type", &type_at, &type) || !text_equal(type, TEXT("object")))
        return body_refuse(reader, type_at, ERROR_INVALID_REQUEST,
                           "the schema of a tool's parameters must say \"type\": \"object\"");
    out->parameters = document;
    out->parameters_at = at;
    return check_schema(reader, at);
}

/* --- tools ---------------------------------------------------------------------------------------
 */

static bool read_description(struct body_reader *reader, uint32_t function, struct chat_tool *out)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, function, TEXT("description"));

    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return true;
    if (document->cells[at].type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'description' must be a string");
    out->description = document_text(document, at);
    return true;
}

static bool read_strict(struct body_reader *reader, uint32_t function, struct chat_tool *out)
{
    const struct document *document = &reader->body->document;
    uint32_t at = document_member(document, function, TEXT("strict"));

    if (at == CELL_NONE || document->cells[at].type == CELL_NULL)
        return true;
    if (document->cells[at].type != CELL_BOOLEAN)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'strict' must be true or false");
    out->strict = document->cells[at].boolean;
    return true;
}

static bool read_name(struct body_reader *reader, uint32_t function, struct chat_tool *out)
{
    uint32_t at;

    if (!body_string(reader, function, "name", &at, &out->name) || !body_is_tool_name(out->name))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "a tool needs a 'name' of 1 to 64 of A-Z, a-z, 0-9, '_' and '-'");
    for (size_t i = 0; i < reader->body->tool_count; i++)
        if (text_equal(reader->body->tools[i].name, out->name))
            return body_refuse(reader, at, ERROR_INVALID_REQUEST, "two tools have the same name");
    return true;
}

/* Whether it is an object with "type": "function"; *out_function is where its members stand: in
 * `function`, or beside the type. */
static bool is_function(const struct body_reader *reader, uint32_t at, uint32_t *out_function)
{
    const struct document *document = &reader->body->document;
    struct text type;
    uint32_t type_at;

    if (document->cells[at].type != CELL_OBJECT ||
        !body_string(reader, at, "type", &type_at, &type) || !text_equal(type, TEXT("function")))
        return false;
    *out_function = document_member(document, at, TEXT("function"));
    if (*out_function == CELL_NONE)
        *out_function = at;
    return document->cells[*out_function].type == CELL_OBJECT;
}

bool body_read_tool(struct body_reader *reader, uint32_t at, const char *parameters,
                    struct chat_tool *out)
{
    return read_name(reader, at, out) && read_description(reader, at, out) &&
           read_strict(reader, at, out) && read_parameters(reader, at, parameters, out);
}

static bool read_tool(struct body_reader *reader, uint32_t at, struct chat_tool *out)
{
    static const char *const outer[] = {"type", "function", NULL};
    static const char *const inner[] = {"name", "description", "parameters", "strict", NULL};
    static const char *const flat[] = {"type", "name", "description", "parameters", "strict", NULL};
    uint32_t function;

    if (!is_function(reader, at, &function))
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "a tool is {\"type\": \"function\", \"function\": {\"name\", "
                           "\"description\", \"parameters\"}}");
    if (function != at && !body_knows(reader, at, outer, "a tool has 'type' and 'function'"))
        return false;
    return body_knows(reader, function, function == at ? flat : inner,
                      "a function has 'name', 'description', 'parameters' and 'strict'") &&
           body_read_tool(reader, function, "parameters", out);
}

bool body_refuse_tools(struct body_reader *reader, uint32_t at)
{
    body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED, "this endpoint takes no tools");
    error_hint(reader->err, "the endpoint's author can allow them: allow: [tools, tool_choice]");
    return false;
}

bool body_take_tool_list(struct body_reader *reader, uint32_t at, body_tool_reader *read)
{
    const struct document *document = &reader->body->document;
    const struct cell *cell = &document->cells[at];
    uint64_t late_us = clock_thread_us() + COMPILE_US;
    struct chat_tool *tools;

    if (!reader->endpoint->allow_tools)
        return body_refuse_tools(reader, at);
    if (cell->type != CELL_ARRAY || cell->size == 0 || cell->size > CHAT_TOOLS_MAX)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'tools' must be a list of 1 to 128 tools");
    reader->body->tools = tools = ARENA_ARRAY(reader->arena, struct chat_tool, cell->size);
    for (uint32_t tool = at + 1; tool < cell->end; tool = document_next(document, tool)) {
        if (!read(reader, tool, &tools[reader->body->tool_count]))
            return false;
        reader->body->tool_count++;
        if (clock_thread_us() > late_us) {
            body_refuse(reader, at, ERROR_INVALID_REQUEST,
                        "the schemas of the tools take too long to compile");
            error_hint(reader->err, "send fewer tools, or simpler schemas");
            return false;
        }
    }
    return true;
}

bool body_take_tools(struct body_reader *reader, uint32_t at)
{
    return body_take_tool_list(reader, at, read_tool);
}

/* --- which is to be called -----------------------------------------------------------------------
 */

static bool read_choice_word(struct call_body *body, struct text word)
{
    static const struct {
        const char *word;
        enum chat_choice choice;
    } words[] = {
        {"auto", CHAT_CHOICE_AUTO},
        {"none", CHAT_CHOICE_NONE},
        {"required", CHAT_CHOICE_REQUIRED},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(word, text_of(words[i].word))) {
            body->choice = words[i].choice;
            return true;
        }
    return false;
}

bool body_take_tool_choice(struct body_reader *reader, uint32_t at)
{
    struct call_body *body = reader->body;
    uint32_t function, name_at;

    if (!reader->endpoint->allow_tool_choice)
        return body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                           "callers of this endpoint do not choose what is called");
    reader->choice_at = at;
    if (body->document.cells[at].type == CELL_STRING &&
        read_choice_word(body, document_text(&body->document, at)))
        return true;
    if (is_function(reader, at, &function) &&
        body_string(reader, function, "name", &name_at, &body->choice_name)) {
        body->choice = CHAT_CHOICE_NAMED;
        return true;
    }
    return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'tool_choice' must be \"auto\", \"none\", \"required\" or {\"type\": "
                       "\"function\", \"function\": {\"name\": \"...\"}}");
}

bool body_take_parallel_calls(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (!reader->endpoint->allow_tools)
        return body_refuse_tools(reader, at);
    if (cell->type != CELL_BOOLEAN)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST,
                           "'parallel_tool_calls' must be true or false");
    reader->body->one_call = !cell->boolean;
    return true;
}

bool body_check_tools(struct body_reader *reader)
{
    const struct call_body *body = reader->body;

    if (reader->choice_at == 0)
        return true;
    if (body->tool_count == 0)
        return body_refuse(reader, reader->choice_at, ERROR_INVALID_REQUEST,
                           "'tool_choice' chooses among 'tools', and there are none");
    if (body->choice != CHAT_CHOICE_NAMED)
        return true;
    for (size_t i = 0; i < body->tool_count; i++)
        if (text_equal(body->tools[i].name, body->choice_name))
            return true;
    return body_refuse(reader, reader->choice_at, ERROR_INVALID_REQUEST,
                       "'tool_choice' names a tool that is not among 'tools'");
}
