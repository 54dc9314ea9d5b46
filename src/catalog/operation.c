/* One endpoint as an operation. */
#include "catalog/example.h"
#include "catalog/naming.h"
#include "catalog/openapi.h"
#include "catalog/payload.h"
#include "document/json_write.h"

enum { EXAMPLES_MAX = 5, SUMMARY_MAX = 120 };

/* The first sentence, without its full stop. */
static struct text summary_of(const struct endpoint *endpoint)
{
    struct text text = text_trim(endpoint->description);
    size_t line = text_find_byte(text, '\n'), sentence = text_find(text, TEXT(". "));

    text = text_first(text, line < sentence ? line : sentence);
    text = text_trim(text_cut(text, SUMMARY_MAX));
    if (text_ends(text, TEXT(".")))
        text.len--;
    return text.len > 0 ? text : endpoint->slug;
}

static void put_description(const struct endpoint *endpoint, struct buffer *out)
{
    const char *name = payload_name(endpoint);

    buffer_put(out, TEXT(",\"description\":\""));
    json_put_escaped(out, endpoint->description.len > 0 ? text_trim(endpoint->description)
                                                        : TEXT("An endpoint of this gateway."));
    if (endpoint->deprecated.said) {
        buffer_put(out, TEXT("\\n\\n"));
        catalog_put_deprecation(endpoint, out);
    }
    if (endpoint->stream == STREAM_RAW)
        buffer_put(out, TEXT("\\n\\nWith `stream: true` the answer comes as it is written."));
    if (endpoint->stream == STREAM_VALIDATED)
        buffer_put(out, TEXT("\\n\\nWith `stream: true` the answer comes as it is written, as long "
                             "as it can still fit the output schema; at the first byte that "
                             "cannot, the stream ends with an error."));
    if (endpoint->session.ttl_ms > 0)
        buffer_put(out, TEXT("\\n\\nConversations are kept: the answer's `meta.session_id`, sent "
                             "as `session_id`, goes on with one."));
    if (endpoint->input != NULL && schema_root_is_object(endpoint->input) && name != NULL)
        buffer_printf(
            out,
            "\\n\\nThe body is the input itself, or the input as `%s` with control fields "
            "beside it.",
            name);
    buffer_put_byte(out, '"');
}

static void put_parameters(unsigned uses, struct buffer *out)
{
    buffer_put(out, TEXT(",\"parameters\":["));
    openapi_put_reference(out, "parameters", TEXT("RequestId"));
    buffer_put_byte(out, ',');
    openapi_put_reference(out, "parameters", TEXT("IdempotencyKey"));
    buffer_put_byte(out, ',');
    openapi_put_reference(out, "parameters", TEXT("Tag"));
    if ((uses & OPENAPI_PREFER) != 0) {
        buffer_put_byte(out, ',');
        openapi_put_reference(out, "parameters", TEXT("Prefer"));
    }
    if ((uses & OPENAPI_SESSIONS) != 0) {
        buffer_put_byte(out, ',');
        openapi_put_reference(out, "parameters", TEXT("SessionId"));
    }
    if ((uses & OPENAPI_CACHE) != 0) {
        buffer_put_byte(out, ',');
        openapi_put_reference(out, "parameters", TEXT("CacheTtl"));
    }
    buffer_put_byte(out, ']');
}

static void put_request_examples(const struct endpoint *endpoint, struct arena *arena,
                                 struct buffer *out)
{
    const struct endpoint_test *test = example_at(endpoint, 0);

    if (test == NULL)
        return;
    buffer_put(out, TEXT(",\"examples\":{"));
    for (size_t i = 0; i < EXAMPLES_MAX && (test = example_at(endpoint, i)) != NULL; i++) {
        buffer_printf(out, "%s\"example%zu\":{\"summary\":", i > 0 ? "," : "", i + 1);
        json_put_string(out, test->name.len > 0 ? test->name : TEXT("A call"));
        buffer_put(out, TEXT(",\"value\":"));
        buffer_put(out, example_body(endpoint, test, arena));
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

static void put_header(const char *name, struct text component, struct buffer *out)
{
    if (out->at[out->len - 1] != '{')
        buffer_put_byte(out, ',');
    buffer_printf(out, "\"%s\":", name);
    openapi_put_reference(out, "headers", component);
}

static void put_headers(unsigned uses, struct buffer *out)
{
    buffer_put(out, TEXT("\"headers\":{"));
    put_header("X-Request-Id", TEXT("RequestId"), out);
    put_header("Pinion-Endpoint", TEXT("Endpoint"), out);
    put_header("Pinion-Version", TEXT("Version"), out);
    put_header("Pinion-Route", TEXT("Route"), out);
    put_header("Pinion-Provider", TEXT("Provider"), out);
    put_header("Pinion-Model", TEXT("Model"), out);
    put_header("Pinion-Attempts", TEXT("Attempts"), out);
    put_header("Pinion-Cost-Usd", TEXT("CostUsd"), out);
    put_header("RateLimit-Policy", TEXT("RateLimitPolicy"), out);
    put_header("RateLimit", TEXT("RateLimit"), out);
    put_header("Server-Timing", TEXT("ServerTiming"), out);
    put_header("Idempotency-Replayed", TEXT("IdempotencyReplayed"), out);
    if ((uses & OPENAPI_CACHE) != 0)
        put_header("X-Cache", TEXT("Cache"), out);
    if ((uses & OPENAPI_SESSIONS) != 0)
        put_header("Pinion-Session-Id", TEXT("SessionId"), out);
    if ((uses & OPENAPI_DEPRECATED) != 0) {
        put_header("Deprecation", TEXT("Deprecation"), out);
        put_header("Sunset", TEXT("Sunset"), out);
        put_header("Link", TEXT("Link"), out);
    }
    buffer_put_byte(out, '}');
}

static void put_answer(const struct endpoint *endpoint, struct text name, struct buffer *out)
{
    buffer_put(out, TEXT("{\"description\":\"The answer"));
    buffer_put(out, endpoint->output != NULL ? TEXT(", checked.\",") : TEXT(".\","));
    put_headers(openapi_uses(endpoint), out);
    buffer_printf(out,
                  ",\"content\":{\"application/json\":{\"schema\":{\"$ref\":"
                  "\"#/components/schemas/%.*sResponse\"}}",
                  TEXT_ARG(name));
    if (endpoint->stream != STREAM_OFF)
        buffer_put(out, TEXT(",\"text/event-stream\":{\"schema\":{\"type\":\"string\","
                             "\"description\":\"Lines `data: {...}`, each a chunk of a chat "
                             "completion, the last one with `usage`; then `data: [DONE]`. An error "
                             "is a line `data: {\\\"error\\\": {...}}`.\"}}"));
    buffer_put(out, TEXT("}}"));
}

void openapi_put_path(const struct endpoint *endpoint, struct arena *arena, struct buffer *out)
{
    struct text camel = name_camel(endpoint->slug, arena);
    struct text pascal = name_pascal(endpoint->slug, arena);

    buffer_printf(out, "\"/%.*s\":{\"post\":{\"operationId\":\"%.*s\",\"summary\":",
                  TEXT_ARG(endpoint->slug), TEXT_ARG(camel));
    json_put_string(out, summary_of(endpoint));
    put_description(endpoint, out);
    if (endpoint->deprecated.said)
        buffer_put(out, TEXT(",\"deprecated\":true"));
    buffer_put(out, TEXT(",\"tags\":[\"endpoints\"]"));
    put_parameters(openapi_uses(endpoint), out);
    buffer_printf(out,
                  ",\"requestBody\":{\"required\":true,\"content\":{\"application/json\":{"
                  "\"schema\":{\"$ref\":\"#/components/schemas/%.*sRequest\"}",
                  TEXT_ARG(pascal));
    put_request_examples(endpoint, arena, out);
    buffer_put(out, TEXT("}}},\"responses\":{\"200\":"));
    put_answer(endpoint, pascal, out);
    openapi_put_fault_references(out);
    buffer_put(out, TEXT("}}}"));
}
