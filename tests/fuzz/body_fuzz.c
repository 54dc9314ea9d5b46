/* A caller's body, on every surface, over an endpoint with an input schema and over one without.
 * Whatever it holds: it is refused with an error that says what and where, or becomes an input that
 * is a sound document, with messages and parameters the endpoint allows. */
#include "base/buffer.h"
#include "base/check.h"
#include "config/load.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "memory_folder.h"
#include "surface/surface.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct memory_file files[] = {
    {"pinion.yaml",
     TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n"
               "  c: {kind: cohere, key: \"${env:KEY}\"}\n"
               "aliases: {texts: \"c:embed-v4.0\", tokens: \"p:text-embedding-3-small\"}"
               "\n")},
    {"endpoints/free.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [temperature, stop]\n")},
    {"endpoints/tools.yaml",
     TEXT_INIT(
         "provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [tools, tool_choice, response_format]\n")},
    {"endpoints/typed.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [seed]\ninput_schema: {type: "
               "object, properties: {text: {type: string}, stream: {}, input: {}}}\n")},
    {"endpoints/variables.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nvariables:\n  text: string\n"
               "  n: {type: integer, default: 3}\n  share: {type: number, optional: true}\n"
               "  sure: {type: boolean, optional: true}\n"
               "  lines: {items: {properties: {q: {type: integer, default: 1}, t: string}},"
               " default: [{t: x}, {q: 2, t: y}]}\n")},
};

static struct config *load(void)
{
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct config *config =
        config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);

    CHECK(config != NULL);
    arena_release(&arena);
    return config;
}

/* An input that was cut out of a body must be what its own bytes say. */
static void check_input(const struct call_body *body, struct arena *arena)
{
    static const struct json_limits limits = {.depth = 64, .nodes = JSON_UNLIMITED};
    struct buffer json = buffer_in(arena);
    struct document again;

    json_put_cell(&json, body->input, body->input_at);
    CHECK(json_read(buffer_text(&json), &limits, arena, &again, NULL, NULL));
    CHECK(document_equal(&again, 0, body->input, body->input_at));
}

/* What was taken over once is what was declared; a second time changes nothing. */
static void check_variables(const struct call_body *body, const struct variables *variables,
                            struct arena *arena)
{
    uint32_t at;

    if (variables == NULL)
        return;
    CHECK(body->input == variables_apply(variables, body->input, body->input_at, arena, &at));
    CHECK(body->sent != NULL && body->sent_at < body->sent->count);
}

static void check_calls(const struct chat_message *messages, size_t count)
{
    size_t open = 0;

    for (size_t i = 0; i < count; i++) {
        CHECK(messages[i].role != CHAT_USER);
        CHECK((messages[i].role == CHAT_TOOL) == (open > 0));
        open -= messages[i].role == CHAT_TOOL;
        for (size_t at = 0; at < messages[i].part_count; at++)
            open += messages[i].parts[at].type == CHAT_CALL;
    }
    CHECK(open == 0);
}

/* Images are of users, calls and results only where tools are, and every call has its result. */
static void check_parts(const struct call_body *body, const struct endpoint *endpoint)
{
    CHECK(endpoint->allow_tools || (body->later_count == 0 && body->tool_count == 0));
    CHECK(body->tool_count <= CHAT_TOOLS_MAX);
    CHECK(body->choice == CHAT_CHOICE_UNSAID || body->tool_count > 0);
    for (size_t i = 0; i < body->part_count; i++)
        CHECK(body->parts[i].type == CHAT_TEXT || body->parts[i].type == CHAT_IMAGE);
    for (size_t i = 0; i < body->earlier_count; i++)
        for (size_t at = 0; at < body->earlier[i].part_count; at++) {
            enum chat_part_type type = body->earlier[i].parts[at].type;

            CHECK(type != CHAT_IMAGE || body->earlier[i].role == CHAT_USER);
            CHECK((type != CHAT_CALL && type != CHAT_RESULT) || endpoint->allow_tools);
        }
    check_calls(body->later, body->later_count);
}

/* Texts as they were sent, or lists of numbers where the host takes those. */
static void check_texts(const struct call_body *body, const struct endpoint *endpoint,
                        struct arena *arena)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    CHECK(body->text_count >= 1 && body->text_count <= 2048 && body->dimensions >= 0);
    CHECK(!body->token_texts || text_equal(endpoint->slug, TEXT("tokens")));
    for (size_t i = 0; i < body->text_count; i++) {
        struct document tokens;

        CHECK(body->texts[i].role == CHAT_USER && body->texts[i].text.len > 0);
        if (!body->token_texts)
            continue;
        CHECK(json_read(body->texts[i].text, &limits, arena, &tokens, NULL, NULL));
        CHECK(tokens.cells[0].type == CELL_ARRAY && tokens.cells[0].size > 0);
    }
}

static void check_embeddings(const struct endpoint *endpoint, struct text bytes)
{
    struct arena arena = {0};
    struct call_body body;
    struct error err = {0};

    if (!body_open_for(&surface_embeddings, bytes, &arena, &body, &err) ||
        !body_read(&body, &surface_embeddings, endpoint, NULL, &arena, &err))
        CHECK(err.code != ERROR_NONE && err.message[0] != '\0');
    else
        check_texts(&body, endpoint, &arena);
    arena_release(&arena);
}

static void check_one(const struct surface *surface, const struct endpoint *endpoint,
                      struct text bytes)
{
    static struct schema_cache *schemas;
    struct arena arena = {0};
    struct call_body body;
    struct error err = {0};

    if (schemas == NULL)
        schemas = schema_cache_new(NULL);
    if (!body_open(bytes, &arena, &body, &err) ||
        !body_read(&body, surface, endpoint, schemas, &arena, &err)) {
        CHECK(err.code != ERROR_NONE && err.message[0] != '\0');
    } else {
        check_input(&body, &arena);
        check_parts(&body, endpoint);
        check_variables(&body, endpoint->variables, &arena);
        CHECK(body.earlier_count < 1000);
        for (size_t i = 0; i < body.earlier_count; i++)
            CHECK(body.earlier[i].role != CHAT_SYSTEM);
        for (int param = 0; param < CHAT_PARAM_COUNT; param++)
            CHECK(body.params.json[param].len == 0 || endpoint->allow[param]);
        CHECK(body.caller_text.len <= 2 * bytes.len);
        CHECK(body.output_held == NULL || endpoint->allow_response_format);
    }
    schema_cache_return(schemas, body.output_held);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct surface *const surfaces[] = {&surface_slug, &surface_chat,
                                                     &surface_messages};
    static struct config *config;
    struct text bytes = {(const char *)data, size};

    if (config == NULL)
        config = load();
    for (size_t i = 0; i < config->endpoint_count; i++)
        for (size_t at = 0; at < sizeof surfaces / sizeof *surfaces; at++)
            check_one(surfaces[at], &config->endpoints[i], bytes);
    for (size_t i = 0; i < config->alias_count; i++)
        check_embeddings(&config->aliases[i], bytes);
    return 0;
}
