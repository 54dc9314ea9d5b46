/* Pages for readers that take plain text: people in a terminal, and models. */
#include "catalog/catalog.h"
#include "catalog/contract.h"
#include "catalog/example.h"
#include "catalog/payload.h"
#include "document/json_pretty.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "schema/bundle.h"

/* Of fields within fields there may be very many; all of them are in the schema. */
enum { FIELDS_DEPTH = 4, FIELDS_MAX = 300, PATH_MAX_CHARS = 200 };

struct page {
    const struct catalog *catalog;
    const struct endpoint *endpoint;
    struct contract contract;
    bool has_contract;
    unsigned fields; /* in the table so far */
    struct arena *arena;
    struct buffer *out;
};

/* --- tables of fields --- */

static uint32_t member(const struct page *page, uint32_t at, const char *name)
{
    return document_member(&page->contract.document, at, text_of(name));
}

/* In a cell of a table. */
static void put_cell_text(struct page *page, struct text text)
{
    text = contract_line(text, page->arena);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '|')
            buffer_put_byte(page->out, '\\');
        buffer_put_byte(page->out, text.at[i]);
    }
}

static uint32_t follow(const struct page *page, uint32_t at)
{
    struct text name;
    uint32_t next;

    for (unsigned i = 0; i < 32; i++) {
        next = contract_reference(&page->contract, at, &name);
        if (next == CELL_NONE)
            break;
        at = next;
    }
    return at;
}

static void put_types(struct page *page, uint32_t at)
{
    const struct document *document = &page->contract.document;
    uint32_t types = member(page, at, "type"), list = member(page, at, "enum");

    if (list != CELL_NONE && document_cell(document, list)->size <= 12) {
        struct buffer values = buffer_in(page->arena);

        for (uint32_t i = list + 1; i < document_next(document, list);
             i = document_next(document, i)) {
            buffer_put(&values, i > list + 1 ? TEXT(", ") : TEXT("one of "));
            json_put_cell(&values, document, i);
        }
        put_cell_text(page, buffer_text(&values));
    } else if (types == CELL_NONE) {
        buffer_put(page->out, TEXT("any"));
    } else if (document_cell(document, types)->type == CELL_STRING) {
        put_cell_text(page, document_text(document, types));
    } else {
        for (uint32_t i = types + 1; i < document_next(document, types); i++) {
            buffer_put(page->out, i > types + 1 ? TEXT(" or ") : TEXT(""));
            put_cell_text(page, document_text(document, i));
        }
    }
}

static bool is_required(const struct page *page, uint32_t at, struct text name)
{
    const struct document *document = &page->contract.document;
    uint32_t list = member(page, at, "required");

    if (list == CELL_NONE)
        return false;
    for (uint32_t i = list + 1; i < document_next(document, list); i++)
        if (text_equal(document_text(document, i), name))
            return true;
    return false;
}

static void put_fields(struct page *page, uint32_t at, struct text path, unsigned depth);

static void put_field(struct page *page, uint32_t object, uint32_t key, struct text path,
                      unsigned depth)
{
    const struct document *document = &page->contract.document;
    struct text name = document_text(document, key);
    uint32_t about = member(page, key + 1, "description"), value = follow(page, key + 1), items;
    struct text whole = arena_printf(page->arena, "%.*s%s%.*s", TEXT_ARG(path),
                                     path.len > 0 ? "." : "", TEXT_ARG(name));

    if (about == CELL_NONE)
        about = member(page, value, "description");
    buffer_put(page->out, TEXT("| `"));
    put_cell_text(page, whole);
    buffer_put(page->out, TEXT("` | "));
    put_types(page, value);
    buffer_put(page->out, is_required(page, object, name) ? TEXT(" | yes | ") : TEXT(" | no | "));
    if (about != CELL_NONE)
        put_cell_text(page, document_text(document, about));
    buffer_put(page->out, TEXT(" |\n"));
    items = member(page, value, "items");
    if (items != CELL_NONE)
        put_fields(page, follow(page, items), arena_printf(page->arena, "%.*s[]", TEXT_ARG(whole)),
                   depth + 1);
    else
        put_fields(page, value, whole, depth + 1);
}

static void put_fields(struct page *page, uint32_t at, struct text path, unsigned depth)
{
    const struct document *document = &page->contract.document;
    uint32_t properties = member(page, at, "properties");

    if (properties == CELL_NONE || depth > FIELDS_DEPTH || path.len > PATH_MAX_CHARS)
        return;
    for (uint32_t key = properties + 1;
         key < document_next(document, properties) && page->fields < FIELDS_MAX;
         key = document_next(document, key + 1)) {
        page->fields++;
        put_field(page, at, key, path, depth);
    }
}

static void put_table(struct page *page, uint32_t at)
{
    at = follow(page, at);
    if (member(page, at, "properties") == CELL_NONE)
        return;
    buffer_put(page->out, TEXT("\n| Field | Type | Required | About |\n|---|---|---|---|\n"));
    page->fields = 0;
    put_fields(page, at, (struct text){0}, 1);
    if (page->fields == FIELDS_MAX)
        buffer_put(page->out, TEXT("\nThere are more fields than these; the schema has all.\n"));
}

/* --- blocks of JSON --- */

static void put_json(struct page *page, struct text json)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct document document;

    buffer_put(page->out, TEXT("\n```json\n"));
    if (json_read(json, &limits, page->arena, &document, NULL, NULL))
        json_put_pretty(page->out, &document, 0);
    else
        buffer_put(page->out, json);
    buffer_put(page->out, TEXT("\n```\n"));
}

static void put_schema(struct page *page, const struct schema *schema)
{
    struct schema_bundle bundle;
    struct buffer whole = buffer_in(page->arena);

    schema_bundle(schema, TEXT("#/$defs/"), TEXT(""), page->arena, &bundle);
    buffer_put(&whole, bundle.schema);
    if (bundle.definition_count > 0 && text_ends(bundle.schema, TEXT("}"))) {
        whole.len--;
        buffer_put(&whole,
                   whole.at[whole.len - 1] == '{' ? TEXT("\"$defs\":{") : TEXT(",\"$defs\":{"));
        buffer_put(&whole, bundle.definitions);
        buffer_put(&whole, TEXT("}}"));
    }
    buffer_put(page->out, TEXT("\nAs a JSON Schema:\n"));
    put_json(page, buffer_text(&whole));
}

/* --- the page --- */

static void put_input(struct page *page)
{
    const char *name = payload_name(page->endpoint);

    buffer_put(page->out, TEXT("\n## Input\n"));
    if (page->endpoint->input == NULL) {
        buffer_put(page->out, TEXT("\nA text: `{\"message\": \"...\"}`, or a conversation: "
                                   "`{\"messages\": [{\"role\": \"user\", \"content\": "
                                   "\"...\"}]}`.\n"));
        return;
    }
    buffer_put(page->out, TEXT("\nThe body is "));
    if (schema_root_is_object(page->endpoint->input))
        buffer_put(page->out,
                   name != NULL ? TEXT("the input itself, or ") : TEXT("the input itself"));
    if (name != NULL)
        buffer_printf(page->out, "`{\"%s\": ...}`", name);
    if (schema_root_is_object(page->endpoint->input))
        buffer_put(page->out, TEXT(" with control fields beside it"));
    buffer_put(page->out, TEXT(".\n"));
    if (page->has_contract)
        put_table(page, page->contract.input);
    put_schema(page, page->endpoint->input);
}

static void put_output(struct page *page)
{
    bool bare = page->endpoint->respond_output && page->endpoint->output != NULL;

    buffer_put(page->out, TEXT("\n## Output\n"));
    if (page->endpoint->output == NULL) {
        buffer_put(page->out, TEXT("\nText, as `content` of the answer.\n"));
        return;
    }
    buffer_put(page->out, bare ? TEXT("\nThe answer's body is this value.\n")
                               : TEXT("\nThis value is `output` of the answer; it has been "
                                      "checked.\n"));
    if (page->has_contract)
        put_table(page, page->contract.output);
    put_schema(page, page->endpoint->output);
}

static void put_control(struct page *page, const char *name, const char *about)
{
    buffer_printf(page->out, "- `%s`: %s\n", name, about);
}

static void put_controls(struct page *page)
{
    const struct endpoint *endpoint = page->endpoint;

    buffer_put(page->out, TEXT("\n## Control fields\n\n"));
    put_control(page, "metadata", "any object; it is not looked at");
    if (endpoint->stream != STREAM_OFF)
        put_control(page, "stream",
                    "`true`: the answer comes as it is written, as chunks of a chat completion");
    if (endpoint->session.ttl_ms > 0)
        put_control(page, "session_id",
                    "the conversation to go on with, `meta.session_id` of an "
                    "earlier answer");
    if (endpoint->allow_tools)
        put_control(page, "tools", "functions that the model may ask to have called");
    for (int param = 0; endpoint->allow != NULL && param < CHAT_PARAM_COUNT; param++)
        if (endpoint->allow[param])
            put_control(page, chat_param_name((enum chat_param)param), "a parameter of the model");
}

static void put_example(struct page *page)
{
    const struct endpoint_test *test = example_at(page->endpoint, 0);
    struct text body;

    if (test == NULL)
        return;
    body = example_body(page->endpoint, test, page->arena);
    buffer_printf(page->out, "\n## Example\n\nThe body of a call:\n");
    put_json(page, body);
    buffer_printf(page->out,
                  "\nWith that in `body.json`:\n\n```sh\ncurl %.*s/%.*s -H \"Authorization: Bearer "
                  "$TOKEN\" \\\n  -H \"Content-Type: application/json\" -d @body.json\n```\n",
                  TEXT_ARG(page->catalog->origin), TEXT_ARG(page->endpoint->slug));
}

void catalog_put_page(const struct catalog *catalog, const struct endpoint *endpoint,
                      struct arena *arena, struct buffer *out)
{
    struct page page = {.catalog = catalog, .endpoint = endpoint, .arena = arena, .out = out};

    page.has_contract = contract_read(endpoint, arena, &page.contract);
    buffer_printf(out, "# %.*s\n", TEXT_ARG(endpoint->slug));
    if (endpoint->description.len > 0) {
        buffer_put_byte(out, '\n');
        buffer_put(out, text_trim(endpoint->description));
        buffer_put_byte(out, '\n');
    }
    if (endpoint->deprecated.said) {
        buffer_put_byte(out, '\n');
        catalog_put_deprecation(endpoint, out);
        buffer_put_byte(out, '\n');
    }
    buffer_printf(out,
                  "\n`POST %.*s/%.*s` with `Authorization: Bearer TOKEN` and a JSON body. What is "
                  "refused is told as `{\"error\": {\"code\", \"message\", \"details\"}}`; "
                  "[%.*s/docs/errors](%.*s/docs/errors) explains the codes.\n",
                  TEXT_ARG(catalog->origin), TEXT_ARG(endpoint->slug), TEXT_ARG(catalog->origin),
                  TEXT_ARG(catalog->origin));
    put_input(&page);
    put_output(&page);
    put_controls(&page);
    put_example(&page);
}
