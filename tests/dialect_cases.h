// clang-format off
/* tests/dialect_cases.h
 * Runs tests/cases/dialects/<name>/ against a dialect. A folder holds one of
 *
 *   chat.json + request.json             what is to be sent; the path, headers and body it becomes
 *   answer.json + expected.txt           a whole reply, and what is read in it
 *   stream.sse|.ndjson + expected.txt    a streamed one, step by step and put together; the same
 *                                        again with its bytes and lines cut otherwise
 *   refusal.json + body + expected.txt   another status, and what it is taken for
 *   embed.json + request.json, embeddings.json + expected.txt
 *
 * chat.json: host, path, query, key, kind, model, messages (role, content: a string or parts
 * {"type": "text|image|call|result|reasoning", "text", "url", "data", "media_type", "id", "name",
 * "arguments", "state", "failed"}), params, tools (name, description, parameters, strict), choice
 * ("auto", "none", "required" or {"name"}), one_call, output_schema, output_name, max_output,
 * reasoning_model, family (what the model is, of a deployment), stream. Included by the dialect's
 * _test.c. */
// clang-format on
#pragma once
#include "dialect_told.h"

#include "chat/gather.h"

/* --- requests
 * ---------------------------------------------------------------------------------------- */

static struct provider provider_in(const struct document *file)
{
    struct text named = string_of(file, 0, "kind");
    struct provider provider = {.host = string_of(file, 0, "host"),
                                .path = string_of(file, 0, "path"),
                                .query = string_of(file, 0, "query"),
                                .dialect = dialect_under_test};
    static struct deployment deployment;

    deployment = (struct deployment){string_of(file, 0, "model"), string_of(file, 0, "family")};
    provider.deployments = &deployment;
    provider.deployment_count = deployment.model.len > 0;
    provider.kind = kind_find(named.len > 0 ? named : text_of(dialect_under_test->name));
    if (provider.kind == NULL)
        fail_msg("no kind '%.*s'", TEXT_ARG(named));
    return provider;
}

static void expect_wire(const char *folder, const struct wire_request *wire, struct arena *arena)
{
    struct buffer text = buffer_in(arena);
    struct document expected, body;
    uint32_t at;

    if (!case_json(folder, "request.json", arena, &expected))
        fail_msg("%s has no request.json; got:\n%.*s\n%.*s%.*s", folder, TEXT_ARG(wire->path),
                 TEXT_ARG(wire->headers), TEXT_ARG(wire->body));
    case_expect(folder, "path", wire->path, string_of(&expected, 0, "path"));
    case_expect(folder, "headers", wire->headers, string_of(&expected, 0, "headers"));
    at = document_member(&expected, 0, TEXT("body"));
    json_put_cell(&text, &expected, at);
    if (!json_read(wire->body, NULL, arena, &body, NULL, NULL) ||
        !document_equal(&body, 0, &expected, at))
        case_expect(folder, "body", wire->body, buffer_text(&text));
}

static void run_request(const char *folder, const struct document *file, struct arena *arena)
{
    struct provider provider = provider_in(file);
    struct chat chat = read_chat(file, provider.kind, arena);
    struct wire_request wire;

    dialect_under_test->request(&chat, &provider, string_of(file, 0, "key"), arena, &wire);
    expect_wire(folder, &wire, arena);
}

static void run_embed(const char *folder, const struct document *file, struct arena *arena)
{
    struct provider provider = provider_in(file);
    struct embed embed = {.model = string_of(file, 0, "model"),
                          .dimensions = integer_of(file, 0, "dimensions")};
    uint32_t end, at = reply_items(file, 0, "inputs", &end);
    struct text *inputs = ARENA_ARRAY(arena, struct text, file->count);
    struct wire_request wire;

    for (; at < end; at = document_next(file, at))
        inputs[embed.input_count++] = document_text(file, at);
    embed.inputs = inputs;
    dialect_under_test->embed_request(&embed, &provider, string_of(file, 0, "key"), arena, &wire);
    expect_wire(folder, &wire, arena);
}

/* --- streams
 * ----------------------------------------------------------------------------------------- */

static void put_step(struct buffer *out, const struct chat_event *step)
{
    switch (step->type) {
    case CHAT_EVENT_START:
        buffer_printf(out, "start %.*s %.*s\n", TEXT_ARG(step->id), TEXT_ARG(step->model));
        break;
    case CHAT_EVENT_TEXT:
        put_fact(out, "text", step->text);
        break;
    case CHAT_EVENT_REFUSAL:
        put_fact(out, "refusal", step->text);
        break;
    case CHAT_EVENT_REASONING:
        put_fact(out, "reasoning", step->text);
        break;
    case CHAT_EVENT_CALL:
        buffer_printf(out, "call %u %.*s %.*s\n", step->call, TEXT_ARG(step->id),
                      TEXT_ARG(step->name));
        break;
    case CHAT_EVENT_ARGUMENTS:
        buffer_printf(out, "arguments %u ", step->call);
        json_put_string(out, step->text);
        buffer_put_byte(out, '\n');
        break;
    case CHAT_EVENT_STATE:
        buffer_printf(out, "state of %s %.*s\n", step->state_of, TEXT_ARG(step->text));
        break;
    case CHAT_EVENT_FINISH:
        buffer_printf(out, "finish %s\n", chat_finish_name(step->finish));
        put_fact(out, "stopped by", step->text);
        break;
    case CHAT_EVENT_USAGE:
        put_usage(out, &step->usage);
        break;
    case CHAT_EVENT_DONE:
        buffer_printf(out, "done\n");
        break;
    }
}

struct stream_run {
    struct arena *arena;
    void *memory;
    struct chat_gather gather;
    struct buffer out;
    bool failed;
};

static void take_event(struct stream_run *run, const struct wire_event *event)
{
    struct arena scratch = {0};
    struct chat_events steps = {0};
    struct failure failure = {0};

    if (run->failed || run->gather.done)
        return;
    run->failed =
        !dialect_under_test->event(run->memory, event, run->arena, &scratch, &steps, &failure);
    for (size_t i = 0; i < steps.count; i++) {
        put_step(&run->out, &steps.items[i]);
        gather_take(&run->gather, &steps.items[i]);
    }
    if (run->failed)
        put_failure(&run->out, &failure);
    arena_release(&scratch);
}

/* Tells the steps of a stream that comes in pieces of `step` bytes, and what they come to. */
static struct text told_stream(struct text stream, size_t step, struct arena *arena)
{
    struct stream_run run = {.arena = arena, .gather.arena = arena, .out = buffer_in(arena)};
    struct framing_reader reader;
    struct wire_event event;
    struct chat_answer answer;
    struct error err = {0};

    run.memory = arena_alloc(arena, dialect_under_test->stream_bytes + 1);
    framing_init(&reader, dialect_under_test->framing, arena);
    while (stream.len > 0) {
        struct text piece = text_first(stream, step);

        stream = text_after(stream, piece.len);
        while (framing_next(&reader, &piece, &event, &err))
            take_event(&run, &event);
    }
    if (framing_finish(&reader, &event))
        take_event(&run, &event);
    gather_answer(&run.gather, &answer);
    buffer_put(&run.out, TEXT("= together\n"));
    put_answer(&run.out, &answer);
    return buffer_text(&run.out);
}

/* The same stream with other line ends; a BOM and a comment where the framing has such things. */
static struct text rewritten(struct text stream, const char *line_end, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    if (dialect_under_test->framing == FRAMING_SSE)
        buffer_printf(&out, "\xEF\xBB\xBF: comment%s", line_end);
    while (stream.len > 0) {
        struct text line = text_split(&stream, '\n');

        if (line.len > 0 && line.at[line.len - 1] == '\r')
            line.len--;
        buffer_put(&out, line);
        buffer_put(&out, text_of(line_end));
    }
    return buffer_text(&out);
}

/* The events of a stream whose bytes come in two pieces, as text. */
static struct text cut_events(struct text stream, size_t cut, struct arena *arena)
{
    struct framing_reader reader;
    struct buffer out = buffer_in(arena);
    struct wire_event event;
    struct error err = {0};

    framing_init(&reader, dialect_under_test->framing, arena);
    for (int half = 0; half < 2; half++) {
        struct text piece = half == 0 ? text_first(stream, cut) : text_after(stream, cut);

        while (framing_next(&reader, &piece, &event, &err))
            buffer_printf(&out, "%.*s=%.*s\n", TEXT_ARG(event.name), TEXT_ARG(event.data));
    }
    if (framing_finish(&reader, &event))
        buffer_printf(&out, "%.*s=%.*s\n", TEXT_ARG(event.name), TEXT_ARG(event.data));
    return buffer_text(&out);
}

/* Whatever the line ends, and wherever the bytes are cut: the same events, and what is read in
 * them. */
static void expect_stream(const char *folder, struct text stream, struct text expected,
                          struct arena *arena)
{
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    size_t ends = dialect_under_test->framing == FRAMING_SSE ? 3 : 2;
    struct text whole = cut_events(stream, stream.len, arena);

    for (size_t i = 0; i < ends; i++) {
        struct text other = rewritten(stream, line_ends[i], arena);

        case_expect(folder, "reading it byte by byte", told_stream(other, 1, arena), expected);
        for (size_t cut = 0; cut < other.len; cut++) {
            struct arena scratch = {0};

            case_expect(folder, "the events of two pieces", cut_events(other, cut, &scratch),
                        whole);
            arena_release(&scratch);
        }
    }
}

/* --- all of it
 * --------------------------------------------------------------------------------------- */

static void run_case(const char *folder, struct arena *arena)
{
    struct document file;
    struct text input, expected, got = {0}, stream = {0};

    if (case_json(folder, "chat.json", arena, &file)) {
        run_request(folder, &file, arena);
        return;
    }
    if (case_json(folder, "embed.json", arena, &file)) {
        run_embed(folder, &file, arena);
        return;
    }
    if (case_file(folder, "answer.json", arena, &input))
        got = told_answer(input, arena);
    else if (case_file(folder, "embeddings.json", arena, &input))
        got = told_embeddings(input, arena);
    else if (case_file(folder, "stream.sse", arena, &stream) ||
             case_file(folder, "stream.ndjson", arena, &stream))
        got = told_stream(stream, SIZE_MAX, arena);
    else if (case_json(folder, "refusal.json", arena, &file) &&
             case_file(folder, "body", arena, &input))
        got = told_refusal(&file, input, arena);
    else
        fail_msg("%s has nothing to run", folder);
    if (!case_file(folder, "expected.txt", arena, &expected))
        fail_msg("%s has no expected.txt; got:\n%.*s", folder, TEXT_ARG(got));
    case_expect(folder, "reading", got, expected);
    if (stream.len > 0)
        expect_stream(folder, stream, expected, arena);
}

/* Runs the cases of a dialect; returns how many there are. */
static size_t dialect_cases(const char *folder, const struct dialect *dialect)
{
    dialect_under_test = dialect;
    return case_walk(folder, run_case);
}

/* Whatever an error body says, none of its words come out again. */
static void expect_no_echo(const struct dialect *dialect, const char *body)
{
    static const int statuses[] = {201, 301, 400, 401, 402, 403, 404, 408, 409, 413,
                                   418, 422, 429, 498, 500, 502, 503, 504, 529};

    EXPECT(strstr(body, "sk-secret-canary") != NULL);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        const struct wire_refusal refusal = {statuses[i], text_of(body), 7000};
        struct arena arena = {0};
        struct failure failure = {0};

        dialect->refusal(&refusal, &arena, &failure);
        EXPECT(failure.kind != FAILURE_NONE && failure.error.message[0] != '\0');
        EXPECT(strstr(failure.error.message, "sk-secret-canary") == NULL);
        EXPECT(strstr(failure.error.hint, "sk-secret-canary") == NULL);
        EXPECT(strstr(failure.error.at, "sk-secret-canary") == NULL);
        arena_release(&arena);
    }
}

/* An answer's usage, which stands between the two halves of its body. */
__attribute__((unused)) static void expect_usage(const struct dialect *dialect, const char *before,
                                                 const char *usage, const char *after,
                                                 const struct chat_usage *expected)
{
    struct arena arena = {0};
    struct chat_answer answer;
    struct failure failure = {0};

    EXPECT(dialect->answer(arena_printf(&arena, "%s%s%s", before, usage, after), &arena, &answer,
                           &failure));
    EXPECT_EQ(answer.usage.reported, expected->reported);
    EXPECT_EQ(answer.usage.prompt_tokens, expected->prompt_tokens);
    EXPECT_EQ(answer.usage.completion_tokens, expected->completion_tokens);
    EXPECT_EQ(answer.usage.cached_tokens, expected->cached_tokens);
    EXPECT_EQ(answer.usage.cache_write_tokens, expected->cache_write_tokens);
    EXPECT_EQ(answer.usage.reasoning_tokens, expected->reasoning_tokens);
    EXPECT_EQ(answer.usage.free_prompt_tokens, expected->free_prompt_tokens);
    EXPECT_EQ(answer.usage.free_completion_tokens, expected->free_completion_tokens);
    arena_release(&arena);
}

/* What a model answered, its message between the two halves of the body, is that message again when
 * it is sent back. */
__attribute__((unused)) static void expect_goes_back(const struct dialect *dialect,
                                                     const char *model, const char *before,
                                                     const char *message, const char *after)
{
    struct arena arena = {0};
    struct chat_answer answer;
    struct failure failure = {0};
    struct wire_request wire;
    struct chat_message messages[2] = {{.role = CHAT_USER, .text = TEXT("Hi")}};
    const struct chat chat = {.model = text_of(model), .messages = messages, .message_count = 2};
    const struct provider provider = {.kind = kind_find(text_of(dialect->name)),
                                      .path = TEXT("/v1")};

    EXPECT(dialect->answer(arena_printf(&arena, "%s%s%s", before, message, after), &arena, &answer,
                           &failure));
    messages[1] =
        (struct chat_message){CHAT_ASSISTANT, answer.content, answer.parts, answer.part_count};
    dialect->request(&chat, &provider, (struct text){0}, &arena, &wire);
    if (text_find(wire.body, text_of(message)) == wire.body.len)
        fail_msg("%.*s", TEXT_ARG(wire.body));
    arena_release(&arena);
}
