/* What stands beside the input: control fields of the gateway and parameters of the model. */
#include "config/version_name.h"
#include "surface/body_reader.h"

#include "base/buffer.h"
#include "base/check.h"
#include "document/json_write.h"

/* --- control fields ------------------------------------------------------------------------------
 */

static bool take_stream(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type == CELL_NULL)
        return true;
    if (cell->type != CELL_BOOLEAN)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'stream' must be true or false");
    reader->body->stream = cell->boolean;
    return true;
}

static bool take_session_id(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type == CELL_NULL)
        return true;
    if (cell->type != CELL_STRING)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'session_id' must be a string");
    reader->body->session_id = cell_text(cell);
    return true;
}

static bool take_session(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    if (cell->type != CELL_BOOLEAN)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'session' must be true or false");
    reader->body->session_off = !cell->boolean;
    return true;
}

static bool take_metadata(struct body_reader *reader, uint32_t at)
{
    if (reader->body->document.cells[at].type != CELL_OBJECT)
        return body_refuse(reader, at, ERROR_INVALID_REQUEST, "'metadata' must be an object");
    return true;
}

/* "summarize", or "summarize@7" where that is the version which answers. */
static bool is_endpoint(const struct endpoint *endpoint, struct text said)
{
    struct version_name name;

    if (!version_name_read(said, &name) || !text_equal(name.slug, endpoint->slug))
        return false;
    return !version_is_named(&name) ||
           (name.number > 0 ? name.number == *endpoint->number
                            : text_starts(endpoint->version, name.hash));
}

/* Of use where the path does not name the endpoint; elsewhere it must agree with the path. */
static bool take_endpoint(struct body_reader *reader, uint32_t at)
{
    const struct cell *cell = &reader->body->document.cells[at];

    return (cell->type == CELL_STRING && is_endpoint(reader->endpoint, cell_text(cell))) ||
           body_refuse(reader, at, ERROR_INVALID_REQUEST,
                       "'endpoint' must be the endpoint that the path names");
}

static const struct control {
    const char *name;
    bool (*take)(struct body_reader *reader, uint32_t at);
} controls[] = {
    {"stream", take_stream},
    {"session_id", take_session_id},
    {"session", take_session},
    {"metadata", take_metadata},
    {"endpoint", take_endpoint},
    {"tools", body_take_tools},
    {"tool_choice", body_take_tool_choice},
    {"parallel_tool_calls", body_take_parallel_calls},
};
enum { CONTROL_COUNT = sizeof controls / sizeof *controls };

bool body_take_control(struct body_reader *reader, uint32_t key, bool *out_taken)
{
    struct text name = document_text(&reader->body->document, key);

    for (size_t i = 0; i < CONTROL_COUNT; i++) {
        *out_taken = text_equal(name, text_of(controls[i].name));
        if (*out_taken)
            return controls[i].take(reader, key + 1);
    }
    return true;
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

bool body_allows_param(const struct body_reader *reader, struct text name)
{
    enum chat_param param;

    return reader->endpoint->allow != NULL && find_param(name, &param) &&
           reader->endpoint->allow[param];
}

bool body_put_param(struct body_reader *reader, enum chat_param param, uint32_t at,
                    struct text json)
{
    if (reader->endpoint->allow == NULL || !reader->endpoint->allow[param])
        return body_refuse(reader, at, ERROR_PARAMETER_NOT_ALLOWED,
                           "this endpoint pins its parameters; callers may not set this one");
    reader->body->params.json[param] = json;
    return true;
}

bool body_set_param(struct body_reader *reader, enum chat_param param, uint32_t at)
{
    struct buffer json = buffer_in(reader->arena);

    if (reader->lenient && reader->body->document.cells[at].type == CELL_NULL)
        return true;
    json_put_cell(&json, &reader->body->document, at);
    return body_put_param(reader, param, at, buffer_text(&json)) &&
           (param_fits(&reader->body->document, at, param) ||
            body_refuse(reader, at, ERROR_INVALID_REQUEST,
                        "the parameter has the wrong type or is out of range"));
}

bool body_take_param(struct body_reader *reader, uint32_t key, bool *out_taken)
{
    enum chat_param param;

    *out_taken = find_param(document_text(&reader->body->document, key), &param);
    return !*out_taken || body_set_param(reader, param, key + 1);
}
