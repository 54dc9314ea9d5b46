/* Cases of tests/cases/messages: a body and what is read in it (read.txt); where a model answers
 * (events.json) also the whole message and the stream. A line of `options` names the endpoint. */
#include "surface/messages.h"

#include "chat/gather.h"
#include "config/load.h"
#include "memory_folder.h"
#include "surface_told.h"

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n  p: {kind: openai, key: \"${env:KEY}\"}\naliases: "
                              "{fast: \"p:gpt-4.1-mini\"}\n")},
    {"endpoints/closed.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\n")},
    {"endpoints/open.yaml",
     TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [system, tools, tool_choice, "
               "response_format, temperature, top_p, max_tokens, stop, reasoning_effort]\n")},
    {"endpoints/tools.yaml", TEXT_INIT("provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [tools]\n")},
    {"endpoints/typed.yaml",
     TEXT_INIT(
         "provider: p\nmodel: gpt-4.1\nsystem: s\nallow: [tools]\ninput_schema: {type: object}\n")},
};

static struct config *config;
static struct schema_cache *schemas;

/* --- what is read --------------------------------------------------------------------------------
 */

static struct text told(const struct call_body *body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    told_body(&out, body);
    if (body->one_call)
        buffer_put(&out, TEXT("one call at most\n"));
    if (body->stream)
        buffer_put(&out, TEXT("streamed\n"));
    if (body->output_held != NULL)
        buffer_put(&out, TEXT("as the caller says\n"));
    return buffer_text(&out);
}

static bool read_case(const char *folder, const struct endpoint *endpoint, struct arena *arena,
                      struct call_body *body, struct error *err)
{
    struct surface_name name;
    struct text bytes;

    if (!case_file(folder, "body.json", arena, &bytes))
        fail_msg("%s has no body.json", folder);
    return body_open(case_exactly(bytes, arena), arena, body, err) &&
           surface_messages.name_call(body, &name, err) &&
           body_read(body, &surface_messages, endpoint, schemas, arena, err);
}

/* --- what is answered ----------------------------------------------------------------------------
 */

static void answer_case(const char *folder, const struct document *list, struct surface_said *said)
{
    const struct surface *surface = &surface_messages;
    struct chat_gather gather = {.arena = said->arena};
    struct chat_answer answer;
    struct messages_stream stream = {0};
    struct buffer sse = buffer_in(said->arena), whole = buffer_in(said->arena);

    surface->begin(&stream, said, &sse);
    for (uint32_t at = 1; at < list->cells[0].end; at = document_next(list, at)) {
        struct chat_event event = told_event(list, at);

        gather_take(&gather, &event);
        surface->event(&stream, said, &event, &sse);
    }
    if (gather.finish == CHAT_FINISH_NONE)
        gather.finish = CHAT_FINISH_STOP;
    gather_answer(&gather, &answer);
    said->answer = &answer;
    said->meta = TEXT("{\"cached\":false}");
    surface->end(&stream, said, &sse);
    case_settle(folder, "stream.sse", said->arena, buffer_text(&sse));
    surface->answer(said, &whole);
    buffer_put_byte(&whole, '\n');
    case_settle(folder, "message.json", said->arena, buffer_text(&whole));
}

/* --- the cases -----------------------------------------------------------------------------------
 */

static const struct endpoint *endpoint_of(const char *folder, struct arena *arena)
{
    if (case_option(folder, arena, TEXT("fast")))
        return &config->aliases[0];
    for (size_t i = 0; i < config->endpoint_count; i++)
        if (case_option(folder, arena, config->endpoints[i].slug))
            return &config->endpoints[i];
    return config_endpoint(config, TEXT("open"));
}

static void run_case(const char *folder, struct arena *arena)
{
    static const struct chat_usage usage = {.prompt_tokens = 9,
                                            .completion_tokens = 3,
                                            .cached_tokens = 4,
                                            .cache_write_tokens = 2,
                                            .reasoning_tokens = 1,
                                            .reported = true};
    const struct endpoint *endpoint = endpoint_of(folder, arena);
    const struct chat_message asked = {.role = CHAT_USER, .text = TEXT("Rain?")};
    const struct chat chat = {.messages = &asked, .message_count = 1};
    struct call_body body = {0};
    struct document events;
    struct error err = {0};
    bool good = read_case(folder, endpoint, arena, &body, &err);

    case_settle(folder, "read.txt", arena, good ? told(&body, arena) : told_error(arena, &err));
    if (good && case_json(folder, "events.json", arena, &events))
        answer_case(folder, &events,
                    &(struct surface_said){.id = TEXT("req_1"),
                                           .model = TEXT("gpt-4.1"),
                                           .endpoint = endpoint,
                                           .body = &body,
                                           .usage = &usage,
                                           .arena = arena,
                                           .chat = &chat});
    schema_cache_return(schemas, body.output_held);
}

TEST(each_body_is_read_and_answered_as_expected)
{
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};

    schemas = schema_cache_new(NULL);
    config = config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);
    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    EXPECT(case_walk("messages", run_case) > 0);
    config_free(config);
    schema_cache_free(schemas);
    arena_release(&arena);
}

/* --- errors --------------------------------------------------------------------------------------
 */

TEST(an_error_has_the_type_that_its_status_has_at_anthropic)
{
    static const struct {
        enum error_code code;
        const char *type;
    } rows[] = {
        {ERROR_INVALID_JSON, "invalid_request_error"},
        {ERROR_MISSING_TOKEN, "authentication_error"},
        {ERROR_SCOPE_DENIED, "permission_error"},
        {ERROR_ENDPOINT_NOT_FOUND, "not_found_error"},
        {ERROR_SESSION_BUSY, "conflict_error"},
        {ERROR_BODY_TOO_LARGE, "request_too_large"},
        {ERROR_OUTPUT_NOT_JSON, "invalid_request_error"},
        {ERROR_MONTHLY_BUDGET_EXCEEDED, "billing_error"},
        {ERROR_RATE_LIMITED, "rate_limit_error"},
        {ERROR_INTERNAL, "api_error"},
        {ERROR_UPSTREAM_FAILED, "api_error"},
        {ERROR_OVERLOADED, "overloaded_error"},
        {ERROR_UPSTREAM_TIMEOUT, "timeout_error"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct error_row *row = error_row(rows[i].code);
        const struct surface_fault fault = {.row = row,
                                            .id = TEXT("req_1"),
                                            .message = TEXT("no"),
                                            .members = TEXT(",\"param\":null"),
                                            .details = TEXT("{\"quota\":1}"),
                                            .beside = TEXT(",\"explain\":{}")};
        struct arena arena = {0};
        struct buffer out = buffer_in(&arena);

        surface_messages.fault(&fault, &out);
        EXPECT_TEXT(
            buffer_text(&out),
            arena_printf(&arena,
                         "{\"type\":\"error\",\"error\":{\"type\":\"%s\",\"message\":\"no\","
                         "\"param\":null,\"details\":{\"error_code\":\"%s\",\"quota\":1}},"
                         "\"request_id\":\"req_1\",\"explain\":{}}",
                         rows[i].type, row->word)
                .at);
        arena_release(&arena);
    }
}

TEST(an_error_without_details_has_its_code_there)
{
    const struct surface_fault fault = {
        .row = error_row(ERROR_INTERNAL), .id = TEXT("req_1"), .details = TEXT("{}")};
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);

    surface_messages.cut(NULL, &fault, &out);
    EXPECT_TEXT(buffer_text(&out),
                "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\","
                "\"message\":\"\",\"details\":{\"error_code\":\"internal_error\"}},\"request_id\":"
                "\"req_1\"}\n\n");
    arena_release(&arena);
}
