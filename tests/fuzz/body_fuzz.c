/* A caller's body, over an endpoint with an input schema and over one without. Whatever it holds:
 * it is refused with an error that says what and where, or becomes an input that is a sound
 * document, with messages and parameters the endpoint allows. */
#include "base/buffer.h"
#include "base/check.h"
#include "config/load.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/body.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
    {"endpoints/free.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [temperature, stop]\n")},
    {"endpoints/typed.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [seed]\ninput_schema: {type: "
               "object, properties: {text: {type: string}, stream: {}, input: {}}}\n")},
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

static void check_one(const struct endpoint *endpoint, struct text bytes)
{
    struct arena arena = {0};
    struct call_body body;
    struct error err = {0};

    if (!body_read(bytes, endpoint, &arena, &body, &err)) {
        CHECK(err.code != ERROR_NONE && err.message[0] != '\0');
    } else {
        check_input(&body, &arena);
        CHECK(body.earlier_count < 1000);
        for (size_t i = 0; i < body.earlier_count; i++)
            CHECK(body.earlier[i].role != CHAT_SYSTEM);
        for (int param = 0; param < CHAT_PARAM_COUNT; param++)
            CHECK(body.params.json[param].len == 0 || endpoint->allow[param]);
        CHECK(body.caller_text.len <= 2 * bytes.len);
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    struct text bytes = {(const char *)data, size};

    if (config == NULL)
        config = load();
    for (size_t i = 0; i < config->endpoint_count; i++)
        check_one(&config->endpoints[i], bytes);
    return 0;
}
