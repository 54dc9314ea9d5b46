/* tests/dialect_cases.h
 * Runs tests/cases/dialects/<name>/ against a dialect. A folder holds one of
 *
 *   chat.json + request.json       what is to be sent, and the path, headers and body that it
 * becomes answer.json + expected.txt     a whole reply, and what is read in it stream.sse |
 * stream.ndjson + expected.txt    likewise a streamed one, step by step, and put together; the same
 * again with its bytes and lines cut otherwise refusal.json + body + expected.txt           another
 * status, and what it is taken for embed.json + request.json, embeddings.json + expected.txt
 * embeddings
 *
 * chat.json: host, path, query, key, kind, model, messages (role, content: a string or parts
 * {"type": "text|image|call|result|reasoning", "text", "url", "data", "media_type", "id", "name",
 * "arguments", "state", "failed"}), params, tools (name, description, parameters, strict), choice
 * ("auto", "none", "required" or {"name"}), one_call, output_schema, output_name, max_output,
 * reasoning_model, family (what
 * the model is, a deployment), stream. Included by the dialect's _test.c. */
#pragma once
#include "case_folder.h"

#include "chat/gather.h"
#include "document/json_write.h"
#include "provider/kind.h"
#include "provider/reply_json.h"
#include "schema/lower.h"

static const struct dialect *dialect_under_test;

/* --- reading chat.json
 * ------------------------------------------------------------------------------- */

static struct text string_of(const struct document *document, uint32_t object, const char *name)
{
    return reply_string(document, object, name);
}

static int64_t integer_of(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = reply_member(document, object, name);

    return at == CELL_NONE ? 0 : document_cell(document, at)->integer;
}

static struct chat_part part_of(const struct document *file, uint32_t at, struct arena *arena)
{
    static const char *const types[CHAT_PART_TYPE_COUNT] = {"text", "image", "call", "result",
                                                            "reasoning"};
    struct chat_part part = {
        .text = string_of(file, at, "text"),
        .data = string_of(file, at, "data"),
        .media_type = string_of(file, at, "media_type"),
        .detail = string_of(file, at, "detail"),
        .id = string_of(file, at, "id"),
        .name = string_of(file, at, "name"),
        .state = reply_json(file, reply_member(file, at, "state"), arena),
        .failed = reply_true(file, at, "failed"),
    };

    while (!text_equal(string_of(file, at, "type"), text_of(types[part.type])))
        if (++part.type == CHAT_PART_TYPE_COUNT)
            fail_msg("a part of type '%.*s'", TEXT_ARG(string_of(file, at, "type")));
    if (part.type == CHAT_IMAGE)
        part.text = string_of(file, at, "url");
    if (part.type == CHAT_CALL)
        part.text = string_of(file, at, "arguments");
    part.state_of = part.state.len == 0 ? NULL : dialect_under_test->name;
    if (string_of(file, at, "state_of").len > 0)
        part.state_of = arena_terminated(arena, string_of(file, at, "state_of"));
    return part;
}

static void read_parts(const struct document *file, uint32_t list, struct arena *arena,
                       struct chat_message *out)
{
    struct chat_part *parts = ARENA_ARRAY(arena, struct chat_part, document_cell(file, list)->size);
    struct buffer text = buffer_in(arena);

    for (uint32_t at = list + 1; at < document_next(file, list); at = document_next(file, at)) {
        parts[out->part_count] = part_of(file, at, arena);
        if (parts[out->part_count].type == CHAT_TEXT)
            buffer_put(&text, parts[out->part_count].text);
        out->part_count++;
    }
    out->parts = parts;
    out->text = buffer_text(&text);
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
        uint32_t content = document_member(file, at, TEXT("content"));

        EXPECT(chat_role_parse(string_of(file, at, "role"), &out[i].role));
        if (document_cell(file, content)->type == CELL_ARRAY)
            read_parts(file, content, arena, &out[i]);
        else
            out[i].text = string_of(file, at, "content");
    }
    chat->messages = out;
}

static void read_tools(const struct document *file, struct chat *chat, struct arena *arena)
{
    uint32_t end, at = reply_items(file, 0, "tools", &end);
    uint32_t choice = reply_member(file, 0, "choice");
    static const char *const choices[] = {"", "auto", "none", "required"};
    struct chat_tool *tools = ARENA_ARRAY(arena, struct chat_tool, CHAT_TOOLS_MAX);

    for (; at < end; at = document_next(file, at)) {
        uint32_t parameters = reply_member(file, at, "parameters");

        tools[chat->tool_count++] = (struct chat_tool){
            .name = string_of(file, at, "name"),
            .description = string_of(file, at, "description"),
            .parameters = parameters == CELL_NONE ? NULL : file,
            .parameters_at = parameters,
            .strict = reply_true(file, at, "strict"),
        };
    }
    chat->tools = tools;
    chat->one_call = reply_true(file, 0, "one_call");
    if (choice == CELL_NONE)
        return;
    chat->choice_name = string_of(file, choice, "name");
    chat->choice = CHAT_CHOICE_NAMED;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (text_equal(string_of(file, 0, "choice"), text_of(choices[i])) &&
            document_cell(file, choice)->type == CELL_STRING)
            chat->choice = (enum chat_choice)i;
}

/* As the configuration does it when it is loaded. */
static struct text strict_of(const struct document *file, uint32_t schema, const char *dialect,
                             struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct schema *compiled;
    struct lowered lowered;

    if (dialect == NULL)
        return (struct text){0};
    diagnostics->arena = arena;
    compiled = schema_compile(file, schema, arena, diagnostics);
    EXPECT(compiled != NULL);
    schema_lower(compiled, lower_dialect_find(text_of(dialect)), arena, &lowered);
    return lowered.text;
}

static void read_params(const struct document *file, struct chat *chat, struct arena *arena)
{
    uint32_t params = document_member(file, 0, TEXT("params"));

    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        chat->params.json[param] = reply_json(
            file, reply_member(file, params, chat_param_name((enum chat_param)param)), arena);
}

static struct chat read_chat(const struct document *file, const struct provider_kind *kind,
                             struct arena *arena)
{
    struct chat chat = {.model = string_of(file, 0, "model"),
                        .output_name = string_of(file, 0, "output_name"),
                        .stream = reply_true(file, 0, "stream"),
                        .max_output = integer_of(file, 0, "max_output"),
                        .reasoning_model = reply_true(file, 0, "reasoning_model")};
    uint32_t schema = document_member(file, 0, TEXT("output_schema"));

    read_messages(file, &chat, arena);
    read_tools(file, &chat, arena);
    read_params(file, &chat, arena);
    if (schema != CELL_NONE) {
        chat.output_schema = file;
        chat.output_schema_at = schema;
        chat.output_strict = strict_of(file, schema, kind->lower, arena);
    }
    return chat;
}

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

/* --- telling what was read
 * --------------------------------------------------------------------------- */

static void put_usage(struct buffer *out, const struct chat_usage *usage)
{
    if (!usage->reported) {
        EXPECT_EQ(usage->prompt_tokens + usage->completion_tokens, 0);
        buffer_put(out, TEXT("usage not reported\n"));
        return;
    }
    buffer_printf(out,
                  "reported prompt %lld completion %lld cached %lld written %lld reasoning %lld\n",
                  (long long)usage->prompt_tokens, (long long)usage->completion_tokens,
                  (long long)usage->cached_tokens, (long long)usage->cache_write_tokens,
                  (long long)usage->reasoning_tokens);
}

static void put_fact(struct buffer *out, const char *name, struct text value)
{
    if (value.len == 0)
        return;
    buffer_printf(out, "%s ", name);
    json_put_string(out, value);
    buffer_put_byte(out, '\n');
}

static void put_failure(struct buffer *out, const struct failure *failure)
{
    const struct error *err = &failure->error;

    EXPECT(failure->kind != FAILURE_NONE && err->code != ERROR_NONE);
    buffer_printf(out, "failure %s: %s %d: %s%s%s\n", failure_row(failure->kind)->word,
                  error_row(err->code)->word, error_row(err->code)->status, err->message,
                  err->at[0] ? " at " : "", err->at);
    if (err->hint[0] != '\0')
        buffer_printf(out, "hint %s\n", err->hint);
    if (failure->retry_after_ms > 0)
        buffer_printf(out, "retry after %llu ms\n", (unsigned long long)failure->retry_after_ms);
}

static void put_part(struct buffer *out, const struct chat_part *part)
{
    if (part->type == CHAT_TEXT) {
        put_fact(out, "part", part->text);
    } else if (part->type == CHAT_REASONING) {
        buffer_put(out, TEXT("reasoning "));
        json_put_string(out, part->text);
        buffer_put_byte(out, '\n');
    } else {
        buffer_printf(out, "call %.*s %.*s ", TEXT_ARG(part->id), TEXT_ARG(part->name));
        json_put_string(out, part->text);
        buffer_put_byte(out, '\n');
    }
    if (part->state.len > 0)
        buffer_printf(out, "state of %s %.*s\n", part->state_of, TEXT_ARG(part->state));
}

static void put_answer(struct buffer *out, const struct chat_answer *answer)
{
    put_fact(out, "id", answer->id);
    put_fact(out, "model", answer->model);
    put_fact(out, "content", answer->content);
    put_fact(out, "refusal", answer->refusal);
    for (size_t i = 0; i < answer->part_count; i++)
        if (answer->part_count > 1 || answer->parts[i].type != CHAT_TEXT)
            put_part(out, &answer->parts[i]);
    buffer_printf(out, "finish %s\n", chat_finish_name(answer->finish));
    put_usage(out, &answer->usage);
}

static struct text told_answer(struct text body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct chat_answer answer;
    struct failure failure = {0};

    if (dialect_under_test->answer(body, arena, &answer, &failure))
        put_answer(&out, &answer);
    else
        put_failure(&out, &failure);
    return buffer_text(&out);
}

static struct text told_embeddings(struct text body, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    struct embed_answer answer;
    struct failure failure = {0};

    if (!dialect_under_test->embed_answer(body, 2, arena, &answer, &failure)) {
        put_failure(&out, &failure);
        return buffer_text(&out);
    }
    put_fact(&out, "model", answer.model);
    for (size_t i = 0; i < answer.vector_count; i++) {
        buffer_put(&out, TEXT("vector"));
        for (size_t at = 0; at < answer.dimensions; at++)
            buffer_printf(&out, " %g", (double)answer.vectors[i][at]);
        buffer_put_byte(&out, '\n');
    }
    put_usage(&out, &answer.usage);
    return buffer_text(&out);
}

static struct text told_refusal(const struct document *file, struct text body, struct arena *arena)
{
    const struct wire_refusal refusal = {(int)integer_of(file, 0, "status"), body,
                                         (uint64_t)integer_of(file, 0, "retry_after_s") * 1000};
    struct buffer out = buffer_in(arena);
    struct failure failure = {0};

    dialect_under_test->refusal(&refusal, arena, &failure);
    EXPECT_EQ(failure.status, refusal.status);
    put_failure(&out, &failure);
    return buffer_text(&out);
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
