/* The document is the fixed part, components.json, with a path and a few schemas for each endpoint.
 * Parts that no endpoint shown has a use for are left out: whoever reads the document gets nothing
 * to wonder about, and linters do not complain. */
#include "catalog/openapi.h"

#include "base/check.h"
#include "catalog/assets.h"
#include "document/json_read.h"
#include "document/json_write.h"

static const char about[] =
    "Each operation is an endpoint of this gateway: a prompt and a model behind a fixed contract. "
    "What is sent is checked against the input schema before anything is paid, what comes back has "
    "been checked against the output schema, or is a 422 that says why. "
    "Beside the paths here, `/v1/chat/completions`, `/v1/responses` and `/v1/messages` take the "
    "same endpoints as `model`, for the clients of those APIs.\n\n"
    "The document has the endpoints that the token which asked for it may call.";

static const struct {
    const char *kind, *name;
    unsigned use;
} conditional[] = {
    {"parameters", "Prefer", OPENAPI_PREFER},
    {"parameters", "SessionId", OPENAPI_SESSIONS},
    {"headers", "SessionId", OPENAPI_SESSIONS},
    {"parameters", "CacheTtl", OPENAPI_CACHE},
    {"headers", "Cache", OPENAPI_CACHE},
    {"schemas", "Tool", OPENAPI_TOOLS},
    {"schemas", "ToolChoice", OPENAPI_TOOLS},
    {"schemas", "ToolCall", OPENAPI_TOOLS},
    {"headers", "Deprecation", OPENAPI_DEPRECATED},
    {"headers", "Sunset", OPENAPI_DEPRECATED},
    {"headers", "Link", OPENAPI_DEPRECATED},
};

unsigned openapi_uses(const struct endpoint *endpoint)
{
    unsigned uses = 0;

    if (endpoint->output != NULL && !endpoint->respond_output)
        uses |= OPENAPI_PREFER;
    if (endpoint->session.ttl_ms > 0)
        uses |= OPENAPI_SESSIONS;
    if (endpoint->cache.max_ms > 0)
        uses |= OPENAPI_CACHE;
    if (endpoint->allow_tools)
        uses |= OPENAPI_TOOLS;
    if (endpoint->deprecated.said)
        uses |= OPENAPI_DEPRECATED;
    return uses;
}

void openapi_put_reference(struct buffer *out, const char *kind, struct text name)
{
    buffer_printf(out, "{\"$ref\":\"#/components/%s/%.*s\"}", kind, TEXT_ARG(name));
}

static bool is_wanted(const char *kind, struct text name, unsigned uses)
{
    for (size_t i = 0; i < sizeof conditional / sizeof *conditional; i++)
        if (strcmp(conditional[i].kind, kind) == 0 &&
            text_equal(text_of(conditional[i].name), name))
            return (conditional[i].use & uses) != 0;
    return true;
}

static void put_fixed(const struct document *fixed, const char *kind, unsigned uses,
                      struct buffer *out)
{
    uint32_t at = document_member(fixed, 0, text_of(kind));

    CHECK(at != CELL_NONE);
    json_put_name(out, kind);
    buffer_put_byte(out, '{');
    for (uint32_t key = at + 1; key < document_next(fixed, at);
         key = document_next(fixed, key + 1)) {
        struct text name = document_text(fixed, key);

        if (!is_wanted(kind, name, uses))
            continue;
        if (out->at[out->len - 1] != '{')
            buffer_put_byte(out, ',');
        json_put_string(out, name);
        buffer_put_byte(out, ':');
        json_put_cell(out, fixed, key + 1);
    }
    buffer_put_byte(out, '}');
}

static void put_head(const struct catalog *catalog, struct buffer *out)
{
    buffer_put(out, TEXT("{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"Endpoints\","
                         "\"version\":\"1\""));
    json_put_text(out, "description", text_of(about));
    buffer_put_byte(out, '}');
    buffer_put(out, TEXT(",\"jsonSchemaDialect\":\"https://spec.openapis.org/oas/3.1/dialect/"
                         "base\",\"servers\":[{\"url\":"));
    json_put_string(out, catalog->origin);
    buffer_put(out, TEXT("}],\"security\":[{\"bearer\":[]}],\"tags\":[{\"name\":\"endpoints\","
                         "\"description\":\"What the token may call.\"}]"));
}

void catalog_piece_make(const struct endpoint *endpoint, struct arena *arena,
                        struct catalog_piece *out)
{
    struct buffer path = buffer_in(arena), schemas = buffer_in(arena);

    openapi_put_path(endpoint, arena, &path);
    openapi_put_schemas(endpoint, arena, &schemas);
    *out =
        (struct catalog_piece){buffer_text(&path), buffer_text(&schemas), openapi_uses(endpoint)};
}

void catalog_put_openapi(const struct catalog *catalog, const struct catalog_piece *pieces,
                         struct arena *arena, struct buffer *out)
{
    const struct config *config = catalog->config;
    struct document fixed;
    unsigned uses = 0;

    CHECK(json_read(asset_components(), NULL, arena, &fixed, NULL, NULL));
    put_head(catalog, out);
    buffer_put(out, TEXT(",\"paths\":{"));
    for (size_t i = 0; i < config->endpoint_count; i++) {
        if (!catalog_shows(catalog, &config->endpoints[i]))
            continue;
        if (out->at[out->len - 1] != '{')
            buffer_put_byte(out, ',');
        buffer_put(out, pieces[i].path);
        uses |= pieces[i].uses;
    }
    buffer_put(out, TEXT("},\"components\":{"));
    put_fixed(&fixed, "securitySchemes", uses, out);
    put_fixed(&fixed, "parameters", uses, out);
    put_fixed(&fixed, "headers", uses, out);
    buffer_put(out, TEXT(",\"responses\":{"));
    openapi_put_faults(out);
    buffer_put_byte(out, '}');
    put_fixed(&fixed, "schemas", uses, out);
    out->len--; /* the endpoints' stand among the fixed ones */
    for (size_t i = 0; i < config->endpoint_count; i++)
        if (catalog_shows(catalog, &config->endpoints[i]))
            buffer_put(out, pieces[i].schemas);
    buffer_put(out, TEXT("}}}"));
}
