/* The schemas of one endpoint: its input and output as their author wrote them, and what callers
 * send and get around them. */
#include "catalog/naming.h"
#include "catalog/openapi.h"
#include "catalog/payload.h"
#include "document/json_write.h"
#include "schema/bundle.h"

/* --- what stands beside the input --- */

static const char tool_fields[] =
    ",\"tools\":{\"type\":\"array\",\"maxItems\":128,\"items\":{\"$ref\":\"#/components/schemas/"
    "Tool\"}},\"parallel_tool_calls\":{\"type\":\"boolean\",\"description\":\"Whether the model "
    "may "
    "ask for several calls at once.\"}";
static const char stream_field[] =
    ",\"stream\":{\"type\":\"boolean\",\"description\":\"Whether the answer comes as it is "
    "written.\"}";
static const char session_fields[] =
    ",\"session_id\":{\"type\":\"string\",\"description\":\"The conversation to go on with.\"},"
    "\"session\":{\"type\":\"boolean\",\"description\":\"`false`: nothing of this call is kept.\"}";

static const char *const param_schemas[CHAT_PARAM_COUNT] = {
    [CHAT_PARAM_TEMPERATURE] = "{\"type\":\"number\",\"minimum\":0,\"maximum\":2}",
    [CHAT_PARAM_TOP_P] = "{\"type\":\"number\",\"minimum\":0,\"maximum\":1}",
    [CHAT_PARAM_MAX_TOKENS] = "{\"type\":\"integer\",\"minimum\":1}",
    [CHAT_PARAM_SEED] = "{\"type\":\"integer\"}",
    [CHAT_PARAM_PRESENCE_PENALTY] = "{\"type\":\"number\",\"minimum\":-2,\"maximum\":2}",
    [CHAT_PARAM_FREQUENCY_PENALTY] = "{\"type\":\"number\",\"minimum\":-2,\"maximum\":2}",
    [CHAT_PARAM_STOP] = "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":"
                        "\"string\"},\"maxItems\":4}]}",
    [CHAT_PARAM_REASONING_EFFORT] = "{\"type\":\"string\"}",
};

static void put_controls(const struct endpoint *endpoint, struct buffer *out)
{
    buffer_put(out, TEXT(",\"metadata\":{\"type\":\"object\",\"additionalProperties\":true,"
                         "\"description\":\"Anything; it is not looked at.\"}"));
    if (endpoint->stream != STREAM_OFF)
        buffer_put(out, text_of(stream_field));
    if (endpoint->session.ttl_ms > 0)
        buffer_put(out, text_of(session_fields));
    if (endpoint->allow_tools)
        buffer_put(out, text_of(tool_fields));
    if (endpoint->allow_tool_choice)
        buffer_put(out, TEXT(",\"tool_choice\":{\"$ref\":\"#/components/schemas/ToolChoice\"}"));
    for (int param = 0; endpoint->allow != NULL && param < CHAT_PARAM_COUNT; param++)
        if (endpoint->allow[param])
            buffer_printf(out, ",\"%s\":%s", chat_param_name((enum chat_param)param),
                          param_schemas[param]);
}

/* One way to send it, of a list: an object with the payload and what stands beside it. */
static void put_form(const struct endpoint *endpoint, const char *title, const char *name,
                     struct text schema, struct buffer *out)
{
    if (out->at[out->len - 1] != '[')
        buffer_put_byte(out, ',');
    buffer_printf(out, "{\"title\":\"%s\",\"type\":\"object\",\"properties\":{\"%s\":%.*s", title,
                  name, TEXT_ARG(schema));
    put_controls(endpoint, out);
    buffer_printf(out, "},\"required\":[\"%s\"],\"additionalProperties\":false}", name);
}

static void put_request(const struct endpoint *endpoint, struct text name, struct arena *arena,
                        struct buffer *out)
{
    struct text input =
        arena_printf(arena, "{\"$ref\":\"#/components/schemas/%.*sInput\"}", TEXT_ARG(name));

    buffer_printf(out, ",\"%.*sRequest\":{\"anyOf\":[", TEXT_ARG(name));
    if (endpoint->input != NULL && schema_root_is_object(endpoint->input))
        buffer_put(out, input);
    if (endpoint->input == NULL) {
        put_form(endpoint, "A message", "message", TEXT("{\"type\":\"string\"}"), out);
        input = TEXT("{\"description\":\"Any value; what is no text is sent as JSON.\"}");
    }
    if (payload_name(endpoint) != NULL)
        put_form(endpoint, "The input with control fields", payload_name(endpoint), input, out);
    if (!payload_declares(endpoint, TEXT("messages")))
        put_form(endpoint, "A conversation", "messages",
                 TEXT("{\"type\":\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#/components/"
                      "schemas/Message\"}}"),
                 out);
    buffer_put(out, TEXT("]}"));
}

/* --- what comes back --- */

static void put_envelope(const struct endpoint *endpoint, struct text name, struct buffer *out)
{
    buffer_put(out,
               TEXT("{\"type\":\"object\",\"properties\":{\"ok\":{\"const\":true},"
                    "\"id\":{\"type\":\"string\"},\"model\":{\"type\":\"string\"},"
                    "\"content\":{\"type\":\"string\",\"description\":\"The model's text.\"}"));
    if (endpoint->output != NULL)
        buffer_printf(out, ",\"output\":{\"$ref\":\"#/components/schemas/%.*sOutput\"}",
                      TEXT_ARG(name));
    buffer_put(out, TEXT(",\"refusal\":{\"type\":\"string\",\"description\":\"Why the model would "
                         "not answer.\"},\"finish_reason\":{\"type\":\"string\"}"));
    if (endpoint->allow_tools)
        buffer_put(out, TEXT(",\"tool_calls\":{\"type\":\"array\",\"items\":{\"$ref\":"
                             "\"#/components/schemas/ToolCall\"}}"));
    buffer_put(out, TEXT(",\"usage\":{\"$ref\":\"#/components/schemas/Usage\"},"
                         "\"meta\":{\"$ref\":\"#/components/schemas/Meta\"}},"
                         "\"required\":[\"ok\",\"id\",\"model\",\"content\",\"finish_reason\","
                         "\"usage\",\"meta\""));
    /* A model that calls a tool, or refuses, gives none. */
    if (endpoint->output != NULL && !endpoint->allow_tools)
        buffer_put(out, TEXT(",\"output\""));
    buffer_put(out, TEXT("]}"));
}

/* Calls of tools come in an envelope even where the output is wanted alone. */
static void put_response(const struct endpoint *endpoint, struct text name, struct buffer *out)
{
    bool bare = endpoint->respond_output && endpoint->output != NULL;

    if (bare && endpoint->allow_tools)
        buffer_put(out, TEXT("{\"anyOf\":["));
    if (bare)
        buffer_printf(out, "{\"$ref\":\"#/components/schemas/%.*sOutput\"}", TEXT_ARG(name));
    if (bare && endpoint->allow_tools)
        buffer_put_byte(out, ',');
    if (!bare || endpoint->allow_tools)
        put_envelope(endpoint, name, out);
    if (bare && endpoint->allow_tools)
        buffer_put(out, TEXT("]}"));
}

static void put_bundle(const struct schema *schema, struct text name, const char *kind,
                       struct arena *arena, struct buffer *out)
{
    struct schema_bundle bundle;

    schema_bundle(schema, TEXT("#/components/schemas/"),
                  arena_printf(arena, "%.*s%s.", TEXT_ARG(name), kind), arena, &bundle);
    buffer_printf(out, ",\"%.*s%s\":", TEXT_ARG(name), kind);
    buffer_put(out, bundle.schema);
    if (bundle.definition_count > 0)
        buffer_put_byte(out, ',');
    buffer_put(out, bundle.definitions);
}

void openapi_put_schemas(const struct endpoint *endpoint, struct arena *arena, struct buffer *out)
{
    struct text name = name_pascal(endpoint->slug, arena);

    if (endpoint->input != NULL)
        put_bundle(endpoint->input, name, "Input", arena, out);
    if (endpoint->output != NULL)
        put_bundle(endpoint->output, name, "Output", arena, out);
    put_request(endpoint, name, arena, out);
    buffer_printf(out, ",\"%.*sResponse\":", TEXT_ARG(name));
    put_response(endpoint, name, out);
}
