/* A message of the Model Context Protocol: three lines of headers, then the body. Whatever it
 * holds: it is refused with a code, a status and a sentence, in an answer that is JSON again; or it
 * is one, whose call becomes an input, or is refused likewise. */
#include "base/buffer.h"
#include "base/check.h"
#include "config/load.h"
#include "document/json_read.h"
#include "memory_folder.h"
#include "surface/mcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE "provider: p\nmodel: gpt-4.1\nsystem: s\n"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
    {"endpoints/text.yaml", TEXT_INIT(BASE "session: {ttl: 1m}\n")},
    {"endpoints/bare.yaml",
     TEXT_INIT(BASE "session: {ttl: 1m}\ninput_schema: {type: object, properties: {a: {}}}\n")},
    {"endpoints/input.yaml", TEXT_INIT(BASE "input_schema: {type: [string, array]}\n")},
    {"endpoints/variables.yaml",
     TEXT_INIT(BASE "variables: {text: string, n: {type: integer, default: 3}}\n")},
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

static void check_json(const struct buffer *out, struct arena *arena)
{
    static const struct json_limits limits = {.depth = 100, .nodes = JSON_UNLIMITED};
    struct document document;

    CHECK(json_read(buffer_text(out), &limits, arena, &document, NULL, NULL));
}

static void check_call(const struct endpoint *endpoint, const struct mcp_message *message)
{
    static struct schema_cache *schemas;
    struct arena arena = {0};
    struct mcp_call call = {.asker = mcp_asker_of(message),
                            .called = true,
                            .arguments = mcp_param(message, "arguments"),
                            .progress = message->progress};
    struct call_body body = {.document = message->document, .own = &call};
    struct error err = {0};
    bool good;

    if (schemas == NULL)
        schemas = schema_cache_new(NULL);
    if (call.arguments != CELL_NONE && message->document.cells[call.arguments].type != CELL_OBJECT)
        return;
    good = body_read(&body, &surface_mcp, endpoint, schemas, &arena, &err);
    CHECK(good || (err.code != ERROR_NONE && err.message[0] != '\0'));
    CHECK(!good || (body.input != NULL && body.input_at < body.input->count));
    CHECK(!good || (body.sent != NULL && body.sent_at < body.sent->count));
    arena_release(&arena);
}

/* All that is written with what a client chose in it. */
static void check_written(const struct mcp_message *message, struct arena *arena)
{
    const struct mcp_asker asker = mcp_asker_of(message);
    const struct call_body body = {
        .own = &(struct mcp_call){.asker = asker, .progress = message->progress}};
    struct buffer out = buffer_in(arena), note = buffer_in(arena);

    mcp_put_initialized(&out, &asker, message->version, TEXT("x"));
    check_json(&out, arena);
    if (message->progress.len == 0)
        return;
    surface_mcp.note(&body, 1, TEXT("asking"), &note);
    CHECK(text_starts(buffer_text(&note), TEXT("event: message\ndata: {")) &&
          text_ends(buffer_text(&note), TEXT("}\n\n")));
    buffer_consume(&note, strlen("event: message\ndata: "));
    CHECK(text_find_byte(buffer_text(&note), '\n') == note.len - 2);
    check_json(&note, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    struct text bytes = {(const char *)data, size};
    struct mcp_headers headers;
    struct arena arena = {0};
    struct mcp_message message;
    struct mcp_fault fault;

    if (config == NULL)
        config = load();
    headers.version = text_split(&bytes, '\n');
    headers.method = text_split(&bytes, '\n');
    headers.name = text_split(&bytes, '\n');
    if (!mcp_read(bytes, &headers, &arena, &message, &fault)) {
        struct buffer out = buffer_in(&arena);

        CHECK(fault.status >= 200 && fault.status < 500 && fault.message[0] != '\0');
        mcp_put_fault(&out, message.id, &fault);
        check_json(&out, &arena);
    } else if (message.id.len > 0) {
        check_written(&message, &arena);
        for (size_t i = 0; message.what == MCP_CALL && i < config->endpoint_count; i++)
            check_call(&config->endpoints[i], &message);
    }
    arena_release(&arena);
    return 0;
}
