#include "mcp/tool.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "schema/bundle.h"

#define DIALECT "https://json-schema.org/draft/2020-12/schema"
#define SESSION                                                                                    \
    "\"session_id\":{\"type\":\"string\",\"description\":\"Goes on with the conversation of that " \
    "id, which the first call's answer has named; without it a new one begins.\"}"

static bool declares(const struct schema *schema, struct text name)
{
    const struct text *names;
    size_t count = schema_root_names(schema, &names);

    for (size_t i = 0; i < count; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

/* Whether more than one schema has a say about the members of the root: then none can be put beside
 * them without another refusing it. */
static bool is_composed(const struct endpoint *endpoint)
{
    static const char *const keywords[] = {
        "$ref", "$dynamicRef", "$recursiveRef", "allOf",        "anyOf",           "oneOf",
        "not",  "if",          "extends",       "dependencies", "dependentSchemas"};

    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (document_member(endpoint->input_document, endpoint->input_at, text_of(keywords[i])) !=
            CELL_NONE)
            return true;
    return false;
}

static bool has_sessions(const struct endpoint *endpoint)
{
    return endpoint->session.ttl_ms > 0;
}

enum tool_form tool_form(const struct endpoint *endpoint)
{
    if (endpoint->input == NULL)
        return TOOL_TEXT;
    if (!schema_root_is_object(endpoint->input))
        return TOOL_INPUT;
    return has_sessions(endpoint) && is_composed(endpoint) ? TOOL_INPUT : TOOL_BARE;
}

bool tool_takes_session(const struct endpoint *endpoint)
{
    return has_sessions(endpoint) &&
           !(tool_form(endpoint) == TOOL_BARE && declares(endpoint->input, TEXT("session_id")));
}

bool tool_is_structured(const struct endpoint *endpoint, bool modern)
{
    return endpoint->output != NULL && (modern || schema_root_is_object(endpoint->output));
}

/* --- schemas -----------------------------------------------------------------------------------
 */

/* A schema that stands alone, and the members that its definitions are. */
struct alone {
    struct document document;
    struct text definitions;
};

static struct alone alone_of(const struct schema *schema, struct arena *arena)
{
    static const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    struct schema_bundle bundle;
    struct alone alone;
    bool good;

    schema_bundle(schema, TEXT("#/$defs/"), TEXT(""), arena, &bundle);
    good = json_read(bundle.schema, &limits, arena, &alone.document, NULL, NULL);
    CHECK(good);
    alone.definitions = bundle.definitions;
    return alone;
}

static void put_member(struct buffer *out, const struct document *document, uint32_t key)
{
    if (out->at[out->len - 1] != '{')
        buffer_put_byte(out, ',');
    json_put_cell(out, document, key);
    buffer_put_byte(out, ':');
    json_put_cell(out, document, key + 1);
}

/* Behind other members of an object, or first. */
static void put_raw(struct buffer *out, struct text members)
{
    if (members.len > 0 && out->at[out->len - 1] != '{')
        buffer_put_byte(out, ',');
    buffer_put(out, members);
}

static void put_definitions(struct buffer *out, const struct alone *alone)
{
    if (alone->definitions.len == 0)
        return;
    json_put_name(out, "$defs");
    buffer_put_byte(out, '{');
    buffer_put(out, alone->definitions);
    buffer_put_byte(out, '}');
}

static void put_properties(struct buffer *out, const struct document *document, uint32_t object,
                           struct text beside)
{
    json_put_name(out, "properties");
    buffer_put_byte(out, '{');
    for (uint32_t key = object + 1; key < document->cells[object].end;
         key = document_next(document, key + 1))
        put_member(out, document, key);
    put_raw(out, beside);
    buffer_put_byte(out, '}');
}

/* The root of a schema that takes objects only, which says so in the one way that all clients
 * understand; `beside` are properties that it has besides its own. */
static void put_object(struct buffer *out, const struct alone *alone, struct text beside)
{
    const struct document *document = &alone->document;
    bool taken = beside.len == 0;

    json_put_text(out, "type", TEXT("object"));
    for (uint32_t key = 1; document->cells[0].type == CELL_OBJECT && key < document->cells[0].end;
         key = document_next(document, key + 1)) {
        struct text name = document_text(document, key);

        if (text_equal(name, TEXT("type")))
            continue;
        if (taken || !text_equal(name, TEXT("properties"))) {
            put_member(out, document, key);
            continue;
        }
        put_properties(out, document, key + 1, beside);
        taken = true;
    }
    if (!taken) {
        json_put_name(out, "properties");
        buffer_put_byte(out, '{');
        buffer_put(out, beside);
        buffer_put_byte(out, '}');
    }
}

/* As a schema under a name: a boolean, too. */
static void put_any(struct buffer *out, const struct alone *alone)
{
    json_put_cell(out, &alone->document, 0);
}

static void begin_schema(struct buffer *out, const char *name)
{
    json_put_name(out, name);
    buffer_put(out, TEXT("{\"$schema\":\"" DIALECT "\""));
}

/* {"input": ...}, and nothing else but a session. */
static void put_wrapped(struct buffer *out, const struct alone *alone, struct text beside)
{
    json_put_text(out, "type", TEXT("object"));
    json_put_name(out, "properties");
    buffer_put(out, TEXT("{\"input\":"));
    if (alone != NULL)
        put_any(out, alone);
    else
        buffer_put(out, TEXT("{\"type\":\"string\",\"description\":\"What the endpoint is to work "
                             "on.\"}"));
    put_raw(out, beside);
    buffer_put(out, TEXT("},\"required\":[\"input\"],\"additionalProperties\":false"));
}

static void put_input(struct buffer *out, const struct endpoint *endpoint, struct arena *arena)
{
    struct text beside = tool_takes_session(endpoint) ? TEXT(SESSION) : (struct text){0};
    struct alone alone = {0};

    if (endpoint->input != NULL)
        alone = alone_of(endpoint->input, arena);
    begin_schema(out, "inputSchema");
    if (tool_form(endpoint) == TOOL_BARE)
        put_object(out, &alone, beside);
    else
        put_wrapped(out, endpoint->input != NULL ? &alone : NULL, beside);
    put_definitions(out, &alone);
    buffer_put_byte(out, '}');
}

static void put_output(struct buffer *out, const struct endpoint *endpoint, struct arena *arena)
{
    struct alone alone = alone_of(endpoint->output, arena);
    const struct document *document = &alone.document;

    begin_schema(out, "outputSchema");
    if (schema_root_is_object(endpoint->output)) {
        put_object(out, &alone, (struct text){0});
    } else if (document->cells[0].type == CELL_OBJECT) {
        for (uint32_t key = 1; key < document->cells[0].end; key = document_next(document, key + 1))
            put_member(out, document, key);
    } else if (!document->cells[0].boolean) {
        buffer_put(out, TEXT(",\"not\":{}"));
    }
    put_definitions(out, &alone);
    buffer_put_byte(out, '}');
}

/* --- the tool ----------------------------------------------------------------------------------
 */

static void put_names(struct buffer *out, const struct endpoint *endpoint)
{
    const struct tool_rule *tool = &endpoint->tool;
    struct text about = tool->description.len > 0 ? tool->description : endpoint->description;

    json_put_text(out, "name", config_tool_name(endpoint));
    if (tool->title.len > 0)
        json_put_text(out, "title", tool->title);
    if (about.len > 0) {
        json_put_text(out, "description", about);
        return;
    }
    json_put_name(out, "description");
    buffer_put(out, TEXT("\"Calls the endpoint '"));
    buffer_put(out, endpoint->slug);
    buffer_put(out, TEXT("'.\""));
}

static struct text compose(const struct endpoint *endpoint, struct text input, struct text output,
                           struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    buffer_put_byte(&out, '{');
    put_names(&out, endpoint);
    put_raw(&out, input);
    put_raw(&out, output);
    buffer_put(&out, TEXT(",\"annotations\":{\"readOnlyHint\":true}}"));
    return buffer_text(&out);
}

void tool_make(const struct endpoint *endpoint, struct arena *arena, struct tool *out)
{
    struct arena scratch = {0};
    struct buffer input = buffer_in(&scratch), output = buffer_in(&scratch);
    struct text in, given = {0};

    /* Members are put behind others: the brace is not theirs. */
    buffer_put_byte(&input, '{');
    put_input(&input, endpoint, &scratch);
    in = text_after(buffer_text(&input), 1);
    if (endpoint->output != NULL) {
        buffer_put_byte(&output, '{');
        put_output(&output, endpoint, &scratch);
        given = text_after(buffer_text(&output), 1);
    }
    out->modern = compose(endpoint, in, given, arena);
    out->legacy =
        tool_is_structured(endpoint, false) ? out->modern : compose(endpoint, in, TEXT(""), arena);
    arena_release(&scratch);
}
