/* A call of Messages: a body, and behind a zero byte what a model answers. Whatever it holds: it is
 * refused with an error that says what and where, or its answer is JSON, and the stream says the
 * same, one block behind the other. */
#include "base/buffer.h"
#include "base/check.h"
#include "chat/gather.h"
#include "config/load.h"
#include "document/json_read.h"
#include "memory_folder.h"
#include "surface/messages.h"
#include "surface_steps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
    {"endpoints/closed.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\n")},
    {"endpoints/open.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system, tools, tool_choice, "
               "response_format, temperature, max_tokens, stop, reasoning_effort]\n")},
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

static bool read(const struct endpoint *endpoint, struct schema_cache *schemas, struct text bytes,
                 struct arena *arena, struct call_body *out)
{
    struct surface_name name = {0};
    struct error err = {0};
    bool good = body_open(bytes, arena, out, &err) &&
                surface_messages.name_call(out, &name, &err) &&
                body_read(out, &surface_messages, endpoint, schemas, arena, &err);

    CHECK(good == (err.code == ERROR_NONE));
    CHECK(good || err.message[0] != '\0');
    CHECK(!good || (out->earlier_count < 1001 && out->tool_count <= CHAT_TOOLS_MAX));
    return good;
}

/* --- the stream ----------------------------------------------------------------------------------
 */

/* What a client puts together. */
struct client {
    int64_t blocks;
    bool open;
    size_t calls, text_bytes;
};

static struct text string_in(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at =
        object != CELL_NONE ? document_member(document, object, text_of(name)) : CELL_NONE;

    return at != CELL_NONE && document->cells[at].type == CELL_STRING ? document_text(document, at)
                                                                      : (struct text){0};
}

static uint32_t object_in(const struct document *document, const char *name)
{
    return document_member(document, 0, text_of(name));
}

static void take_event(struct client *client, struct text name, const struct document *data)
{
    uint32_t index = document_member(data, 0, TEXT("index"));

    CHECK(text_equal(name, string_in(data, 0, "type")));
    if (text_equal(name, TEXT("content_block_start"))) {
        CHECK(!client->open && data->cells[index].integer == client->blocks);
        client->open = true;
        client->blocks++;
        client->calls +=
            text_equal(string_in(data, object_in(data, "content_block"), "type"), TEXT("tool_use"));
    } else if (index != CELL_NONE) {
        CHECK(client->open && data->cells[index].integer == client->blocks - 1);
        client->open = text_equal(name, TEXT("content_block_delta"));
        client->text_bytes += string_in(data, object_in(data, "delta"), "text").len;
    } else {
        CHECK(!client->open);
    }
}

static void take_stream(struct client *client, struct text sse, struct arena *arena)
{
    while (sse.len > 0) {
        size_t end = text_find(sse, TEXT("\n\n"));
        struct text event = text_first(sse, end), name = text_split(&event, '\n');
        struct document data;

        CHECK(text_starts(name, TEXT("event: ")) && text_starts(event, TEXT("data: ")));
        CHECK(json_read(text_after(event, strlen("data: ")), NULL, arena, &data, NULL, NULL));
        take_event(client, text_after(name, strlen("event: ")), &data);
        sse = text_after(sse, end + 2);
    }
}

static void answer(struct surface_said *said, struct text bytes)
{
    const struct surface *surface = &surface_messages;
    struct chat_gather gather = {.arena = said->arena};
    struct messages_stream stream = {0};
    struct buffer sse = buffer_in(said->arena), whole = buffer_in(said->arena);
    struct chat_answer answer;
    struct client client = {0};
    struct document message;
    uint32_t calls = 0;

    surface->begin(&stream, said, &sse);
    while (bytes.len > 0 && calls < GATHER_PARTS_MAX / 4) {
        struct chat_event event = steps_next(said->arena, &bytes, &calls);

        gather_take(&gather, &event);
        if (event.text.len > 0 || event.type == CHAT_EVENT_CALL)
            surface->event(&stream, said, &event, &sse);
    }
    gather_answer(&gather, &answer);
    said->answer = &answer;
    said->meta = TEXT("{}");
    surface->end(&stream, said, &sse);
    take_stream(&client, buffer_text(&sse), said->arena);
    CHECK(client.text_bytes == answer.content.len + answer.refusal.len);
    CHECK(client.calls == calls || gather.part_count == GATHER_PARTS_MAX);
    surface->answer(said, &whole);
    CHECK(json_read(buffer_text(&whole), NULL, said->arena, &message, NULL, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    static struct schema_cache *schemas;
    static const struct chat_usage usage;
    static const struct chat chat;
    struct text rest = {(const char *)data, size}, bytes = text_split(&rest, '\0');
    struct arena arena = {0};

    if (config == NULL) {
        config = load();
        schemas = schema_cache_new(NULL);
    }
    for (size_t i = 0; i < config->endpoint_count; i++) {
        struct call_body body = {0};
        struct surface_said said = {.body = &body,
                                    .endpoint = &config->endpoints[i],
                                    .model = TEXT("m"),
                                    .usage = &usage,
                                    .arena = &arena,
                                    .chat = &chat};

        if (read(said.endpoint, schemas, bytes, &arena, &body))
            answer(&said, rest);
        schema_cache_return(schemas, body.output_held);
    }
    arena_release(&arena);
    return 0;
}
