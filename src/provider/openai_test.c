#include "case_folder.h"

#include "document/json_write.h"
#include "provider/openai.h"
#include "provider/sse.h"
#include "schema/lower.h"

/* tests/cases/dialects/openai: a folder has chat.json and request.json (what is sent), or
 * answer.json, stream.sse or refusal.json with body (what comes back) and expected.json. */

static struct text string_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE || document_cell(document, at)->type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

static int64_t integer_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at == CELL_NONE ? 0 : document_cell(document, at)->integer;
}

static bool true_at(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE && document_cell(document, at)->boolean;
}

static void read_messages(const struct document *file, struct chat *chat, struct arena *arena)
{
    uint32_t messages = document_member(file, 0, TEXT("messages"));
    struct chat_message *out;
    size_t i = 0;

    chat->message_count = document_cell(file, messages)->size;
    out = ARENA_ARRAY(arena, struct chat_message, chat->message_count);
    for (uint32_t at = messages + 1; at < document_next(file, messages);
         at = document_next(file, at), i++) {
        EXPECT(chat_role_parse(string_of(file, at, "role"), &out[i].role));
        out[i].text = string_of(file, at, "content");
    }
    chat->messages = out;
}

/* As the configuration does it when it is loaded. */
static struct text strict_of(const struct document *file, uint32_t schema, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct schema *compiled;
    struct lowered lowered;

    diagnostics->arena = arena;
    compiled = schema_compile(file, schema, arena, diagnostics);
    EXPECT(compiled != NULL);
    schema_lower(compiled, lower_dialect_find(TEXT("openai")), arena, &lowered);
    return lowered.text;
}

static struct chat read_chat(const struct document *file, struct arena *arena)
{
    struct chat chat = {.model = string_of(file, 0, "model"),
                        .output_name = string_of(file, 0, "output_name"),
                        .stream = true_at(file, 0, "stream"),
                        .reasoning_model = true_at(file, 0, "reasoning_model")};
    uint32_t params = document_member(file, 0, TEXT("params"));
    uint32_t schema = document_member(file, 0, TEXT("output_schema"));

    read_messages(file, &chat, arena);
    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        struct buffer text = buffer_in(arena);
        uint32_t at =
            document_member(file, params, text_of(chat_param_name((enum chat_param)param)));

        if (params == CELL_NONE || at == CELL_NONE)
            continue;
        json_put_cell(&text, file, at);
        chat.params.json[param] = buffer_text(&text);
    }
    if (schema != CELL_NONE) {
        chat.output_schema = file;
        chat.output_schema_at = schema;
        chat.output_strict = strict_of(file, schema, arena);
    }
    return chat;
}

static void run_request(const char *folder, const struct document *file, struct arena *arena)
{
    struct provider provider = {.host = string_of(file, 0, "host"),
                                .path = string_of(file, 0, "path"),
                                .key = string_of(file, 0, "key")};
    struct chat chat = read_chat(file, arena);
    struct document expected, body;
    struct wire_request wire;
    struct buffer text = buffer_in(arena);
    uint32_t at;

    EXPECT(case_json(folder, "request.json", arena, &expected));
    dialect_openai.request(&chat, &provider, arena, &wire);
    case_expect(folder, "path", wire.path, string_of(&expected, 0, "path"));
    case_expect(folder, "headers", wire.headers, string_of(&expected, 0, "headers"));
    at = document_member(&expected, 0, TEXT("body"));
    json_put_cell(&text, &expected, at);
    if (!json_read(wire.body, NULL, arena, &body, NULL, NULL) ||
        !document_equal(&body, 0, &expected, at))
        case_expect(folder, "body", wire.body, buffer_text(&text));
}

static void put_usage(struct buffer *out, const struct chat_usage *usage)
{
    buffer_printf(out, "%s prompt %lld completion %lld cached %lld written %lld reasoning %lld\n",
                  usage->reported ? "reported" : "estimated", (long long)usage->prompt_tokens,
                  (long long)usage->completion_tokens, (long long)usage->cached_tokens,
                  (long long)usage->cache_write_tokens, (long long)usage->reasoning_tokens);
}

static void put_fact(struct buffer *out, const char *name, struct text value)
{
    buffer_printf(out, "%s ", name);
    json_put_string(out, value);
    buffer_put_byte(out, '\n');
}

static void put_error(struct buffer *out, const struct error *err)
{
    buffer_printf(out, "error %s %d: %s%s%s\n", error_row(err->code)->word,
                  error_row(err->code)->status, err->message, err->at[0] ? " at " : "", err->at);
    if (err->hint[0] != '\0')
        buffer_printf(out, "hint %s\n", err->hint);
    if (err->retry_after_s > 0)
        buffer_printf(out, "retry after %u s\n", err->retry_after_s);
}

static struct text told_answer(struct text body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct chat_answer answer;
    struct error err = {0};

    if (!dialect_openai.answer(body, arena, &answer, &err)) {
        put_error(&out, &err);
        return buffer_text(&out);
    }
    put_fact(&out, "id", answer.id);
    put_fact(&out, "model", answer.model);
    put_fact(&out, "content", answer.content);
    put_fact(&out, "refusal", answer.refusal);
    buffer_printf(&out, "finish %s\n", chat_finish_name(answer.finish));
    put_usage(&out, &answer.usage);
    return buffer_text(&out);
}

/* Tells the events of a stream, one line for each thing an event says. */
static struct text told_stream(struct text stream, struct arena *arena)
{
    struct sse_reader reader = {.line.arena = arena, .data.arena = arena, .name.arena = arena};
    struct buffer out = buffer_in(arena);
    struct sse_event event;
    struct chat_event step;
    struct error err = {0};

    while (sse_next(&reader, &stream, &event, &err) || sse_finish(&reader, &event)) {
        if (!dialect_openai.event(event.data, arena, &step, &err)) {
            put_error(&out, &err);
            break;
        }
        buffer_printf(&out, "event %.*s %.*s\n", TEXT_ARG(step.id), TEXT_ARG(step.model));
        if (step.content.len > 0)
            put_fact(&out, "content", step.content);
        if (step.refusal.len > 0)
            put_fact(&out, "refusal", step.refusal);
        if (step.finish != CHAT_FINISH_NONE)
            buffer_printf(&out, "finish %s\n", chat_finish_name(step.finish));
        if (step.has_usage)
            put_usage(&out, &step.usage);
        if (step.done)
            buffer_printf(&out, "done\n");
    }
    return buffer_text(&out);
}

static struct text told_refusal(const struct document *file, struct text body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct error err = {0};

    dialect_openai.refusal((int)integer_of(file, 0, "status"), body,
                           (uint32_t)integer_of(file, 0, "retry_after_s"), arena, &err);
    put_error(&out, &err);
    return buffer_text(&out);
}

static void run_case(const char *folder, struct arena *arena)
{
    struct document file;
    struct text input, expected, got = {0};

    if (case_json(folder, "chat.json", arena, &file)) {
        run_request(folder, &file, arena);
        return;
    }
    if (case_file(folder, "answer.json", arena, &input))
        got = told_answer(input, arena);
    else if (case_file(folder, "stream.sse", arena, &input))
        got = told_stream(input, arena);
    else if (case_json(folder, "refusal.json", arena, &file) &&
             case_file(folder, "body", arena, &input))
        got = told_refusal(&file, input, arena);
    else
        fail_msg("%s has nothing to run", folder);
    if (!case_file(folder, "expected.txt", arena, &expected))
        fail_msg("%s has no expected.txt; got:\n%.*s", folder, TEXT_ARG(got));
    case_expect(folder, "reading", got, expected);
}

TEST(every_case_of_the_dialect_comes_out_as_written)
{
    EXPECT(case_walk("dialects/openai", run_case) >= 40);
}

TEST(dialects_are_found_by_name)
{
    const struct text *names;

    EXPECT(dialect_find(TEXT("openai")) == &dialect_openai);
    EXPECT(dialect_find(TEXT("demo")) == &dialect_demo);
    EXPECT(dialect_find(TEXT("OpenAI")) == NULL);
    EXPECT_EQ(dialect_names(&names), 2);
    for (size_t i = 0; i < 2; i++)
        EXPECT_TEXT(names[i], dialect_find(names[i])->name);
}

/* Usage numbers that cannot be true are replaced by an estimate, never added up. */
TEST(absurd_usage_is_estimated)
{
    static const struct {
        const char *usage;
        bool reported;
        int64_t prompt, completion, cached;
    } rows[] = {
        {"{\"prompt_tokens\":5,\"completion_tokens\":2}", true, 5, 2, 0},
        {"{\"prompt_tokens\":5.0,\"completion_tokens\":2e0}", true, 5, 2, 0},
        {"null", false, 0, 2, 0},
        {"7", false, 0, 2, 0},
        {"{}", false, 0, 2, 0},
        {"{\"prompt_tokens\":-5,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":-2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":9223372036854775807,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":9223372036854775808,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":1e400}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5.5,\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":\"5\",\"completion_tokens\":2}", false, 0, 2, 0},
        {"{\"prompt_tokens\":0,\"completion_tokens\":0}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":0}", false, 0, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":6}}",
         true, 5, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":-1}}",
         true, 5, 2, 0},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,"
         "\"prompt_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":2}}",
         true, 5, 2, 4},
        {"{\"prompt_tokens\":5,\"completion_tokens\":2,\"prompt_cache_hit_tokens\":3}", true, 5, 2,
         3},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = {0};
        struct text body = arena_printf(
            &arena, "{\"choices\":[{\"message\":{\"content\":\"eight by\"}}],\"usage\":%s}",
            rows[i].usage);
        struct chat_answer answer;
        struct error err = {0};

        EXPECT(dialect_openai.answer(body, &arena, &answer, &err));
        EXPECT_EQ(answer.usage.reported, rows[i].reported);
        EXPECT_EQ(answer.usage.prompt_tokens, rows[i].prompt);
        EXPECT_EQ(answer.usage.completion_tokens, rows[i].completion);
        EXPECT_EQ(answer.usage.cached_tokens, rows[i].cached);
        EXPECT_EQ(answer.usage.cache_write_tokens, 0);
        arena_release(&arena);
    }
}

TEST(a_refusal_never_repeats_the_providers_words)
{
    static const char secret[] = "sk-secret-canary";
    static const int statuses[] = {201, 301, 400, 401, 402, 403, 404, 408, 409, 413,
                                   418, 422, 429, 498, 500, 502, 503, 504, 529};

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        struct arena arena = {0};
        struct error err = {0};
        struct text body = arena_printf(
            &arena,
            "{\"error\":{\"message\":\"%s\",\"type\":\"%s\",\"code\":\"%s\",\"param\":\"%s\"}}",
            secret, secret, secret, secret);

        dialect_openai.refusal(statuses[i], body, 7, &arena, &err);
        EXPECT(err.code != ERROR_NONE);
        EXPECT(strstr(err.message, secret) == NULL);
        EXPECT(strstr(err.hint, secret) == NULL);
        EXPECT(strstr(err.at, secret) == NULL);
        EXPECT(err.message[0] != '\0');
        arena_release(&arena);
    }
}
