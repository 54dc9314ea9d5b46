/* A call of Responses: a body, what is kept of what it refers to, and what a model answers, each
 * behind a zero byte. Whatever it holds: it is refused with an error that says what and where, or
 * its answer is JSON, whole and streamed alike, and what is kept of it is read again as it was
 * said.
 */
#include "base/buffer.h"
#include "base/check.h"
#include "chat/gather.h"
#include "config/load.h"
#include "document/json_read.h"
#include "memory_folder.h"
#include "surface/responses.h"
#include "surface_steps.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\n")},
    {"endpoints/closed.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\n")},
    {"endpoints/open.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system, tools, tool_choice, "
               "response_format, temperature, max_tokens]\n")},
    {"endpoints/typed.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system, tools]\ninput_schema: "
               "{type: object}\n")},
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

/* What one run goes by. */
struct run {
    struct arena arena;
    const struct endpoint *endpoint;
    struct schema_cache *schemas;
    struct response_record kept;
};

/* Every reference leads to what is kept, a chain to it twice. */
static void find(struct run *run, struct call_body *body, size_t times)
{
    for (size_t i = 0; i < body->reference_count; i++) {
        struct surface_reference *reference = &body->references[i];
        struct response_want *want = ARENA_NEW(&run->arena, struct response_want);
        struct response_record *found = ARENA_ARRAY(&run->arena, struct response_record, 2);

        found[0] = found[1] = run->kept;
        found[0].asked = (struct text){0};
        want->found = found + (times == 1);
        want->found_count = reference->chain ? times : 1;
        reference->want = want;
    }
}

static bool read(struct run *run, struct text bytes, struct call_body *out, size_t times)
{
    struct error err = {0};
    struct surface_name name = {0};
    bool good = body_open(bytes, &run->arena, out, &err) &&
                surface_responses.name_call(out, &name, &err) &&
                surface_responses.keeping->refer(out, &run->arena, &err);

    if (good) {
        out->keeps = true;
        out->reply_id = TEXT("resp_00000000000000000000000009");
        find(run, out, times);
        good = body_read(out, &surface_responses, run->endpoint, run->schemas, &run->arena, &err);
    }
    CHECK(good == (err.code == ERROR_NONE));
    CHECK(good || err.message[0] != '\0');
    return good;
}

/* --- what a model answers ------------------------------------------------------------------------
 */

static void check_json(struct run *run, struct text text)
{
    static const struct json_limits limits = {.depth = 64, .nodes = JSON_UNLIMITED};
    struct document document;

    CHECK(json_read(text, &limits, &run->arena, &document, NULL, NULL));
}

/* Every event is named as it says itself, and counted. */
static void check_stream(struct run *run, struct text sse)
{
    for (uint64_t count = 0; sse.len > 0; count++) {
        size_t end = text_find(sse, TEXT("\n\n"));
        struct text event = text_first(sse, end), name = text_split(&event, '\n');
        char head[128];

        name = text_after(name, strlen("event: "));
        snprintf(head, sizeof head, "data: {\"type\":\"%.*s\",\"sequence_number\":%llu,",
                 TEXT_ARG(name), (unsigned long long)count);
        CHECK(text_starts(event, text_of(head)));
        check_json(run, text_after(event, strlen("data: ")));
        sse = text_after(sse, end + 2);
    }
}

/* Gives how many calls there were. */
static uint32_t answer(struct run *run, struct surface_said *said, struct text bytes)
{
    const struct surface *surface = &surface_responses;
    struct chat_gather gather = {.arena = &run->arena};
    struct responses_stream stream = {0};
    struct buffer sse = buffer_in(&run->arena), whole = buffer_in(&run->arena);
    struct chat_answer *answer = ARENA_NEW(&run->arena, struct chat_answer);
    uint32_t calls = 0;

    surface->begin(&stream, said, &sse);
    while (bytes.len > 0) {
        struct chat_event event = steps_next(&run->arena, &bytes, &calls);

        gather_take(&gather, &event);
        if (event.text.len > 0 || event.type == CHAT_EVENT_CALL)
            surface->event(&stream, said, &event, &sse);
    }
    gather_answer(&gather, answer);
    said->answer = answer;
    said->meta = TEXT("{}");
    surface->end(&stream, said, &sse);
    check_stream(run, buffer_text(&sse));
    surface->answer(said, &whole);
    check_json(run, buffer_text(&whole));
    return calls;
}

/* --- what is kept --------------------------------------------------------------------------------
 */

/* Whoever goes on from it says what was said, and more. */
static void check_kept(struct run *run, const struct call_body *before,
                       const struct surface_kept *kept)
{
    static const struct text next =
        TEXT_INIT("{\"model\":\"x\",\"input\":\"{}\",\"previous_response_id\":\"resp_1\"}");
    const struct responses_call *call = before->own;
    struct call_body body = {0};

    run->kept = (struct response_record){
        .endpoint = run->endpoint->slug,
        .input = kept->input,
        .output = text_first(text_after(kept->body, kept->output_at), kept->output_bytes)};
    check_json(run, kept->input);
    check_json(run, kept->body);
    check_json(run, run->kept.output);
    if (!read(run, next, &body, 1))
        CHECK(false);
    if (!call->prompted)
        CHECK(body.earlier_count >= call->message_count - call->first_new);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    static struct schema_cache *schemas;
    struct text rest = {(const char *)data, size};
    struct run run = {0};
    struct call_body body = {0};
    struct surface_kept kept;
    struct text bytes;

    if (config == NULL) {
        config = load();
        schemas = schema_cache_new(NULL);
    }
    if (size < 1)
        return 0;
    run.schemas = schemas;
    run.endpoint = &config->endpoints[data[0] / 2 % config->endpoint_count];
    rest = text_after(rest, 1);
    bytes = text_split(&rest, '\0');
    run.kept = (struct response_record){.endpoint = run.endpoint->slug,
                                        .input = text_split(&rest, '\0'),
                                        .output = text_split(&rest, '\0'),
                                        .asked = TEXT("asked")};
    if (read(&run, bytes, &body, 2)) {
        const struct chat_usage usage = {0};
        struct surface_said said = {.body = &body,
                                    .endpoint = run.endpoint,
                                    .model = TEXT("m"),
                                    .usage = &usage,
                                    .asked = TEXT("as asked"),
                                    .late = data[0] % 2 == 1,
                                    .arena = &run.arena};
        uint32_t calls = answer(&run, &said, rest);

        if (surface_responses.keeping->keep(&said, &kept) && calls == 0)
            check_kept(&run, &body, &kept);
    }
    schema_cache_return(schemas, body.output_held);
    arena_release(&run.arena);
    return 0;
}
