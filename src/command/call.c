/* pinion call: an endpoint of a running server, over its public listener, as a caller would. */
#include "command/call.h"
#include "auth/tags.h"
#include "command/ask.h"
#include "command/caller_token.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/origin.h"
#include "document/json_read.h"
#include "document/json_write.h"

#include <signal.h>
#include <unistd.h>

enum { TIMEOUT_S = 600, TIMEOUT_MAX_S = 86400 };

struct call {
    const struct command_line *line;
    struct ask ask;
    struct text slug, version; /* of "summarize@7"; the version may be empty */
    struct fetch fetch;
};

/* --- what is asked for ---------------------------------------------------------------------------
 */

static bool read_slug(struct call *call, struct error *err)
{
    struct text rest = text_of(call->line->arguments[0]);
    bool versioned = text_find_byte(rest, '@') < rest.len;

    call->slug = text_split(&rest, '@');
    call->version = rest;
    if (slug_valid(call->slug) && (versioned == (rest.len > 0)))
        return true;
    error_set(err, ERROR_INVALID_REQUEST, NULL, "'%s' is not a slug, and not one with a version",
              call->line->arguments[0]);
    error_hint(err, "for example pinion call summarize@7 -i article.json");
    return false;
}

static bool plain(const char *name, struct text value, struct error *err)
{
    return caller_text_plain(value) ||
           error_set(err, ERROR_INVALID_REQUEST, NULL, "the %s is malformed", name);
}

/* Standard input can be read once. */
static bool input_named_once(const struct call *call, struct error *err)
{
    const char *token = option_text(call->line, "token-file");
    const char *input = option_text(call->line, "input");

    return token == NULL || input == NULL || strcmp(token, "-") != 0 || strcmp(input, "-") != 0 ||
           error_set(err, ERROR_INVALID_REQUEST, "--token-file",
                     "standard input '-' is named twice");
}

/* The body, and in it that a stream is wanted. A body that is no object is left as it is: the
 * server says what is wrong with it. */
static struct text body_of(const struct call *call)
{
    struct arena *arena = call->line->arena;
    struct buffer out = buffer_in(arena);
    struct document document;

    if (!option_on(call->line, "stream") ||
        !json_read(call->ask.body, NULL, arena, &document, NULL, NULL) ||
        document.cells[0].type != CELL_OBJECT)
        return call->ask.body;
    buffer_put(&out, TEXT("{\"stream\":true"));
    for (uint32_t at = 1; at < document_next(&document, 0); at = document_next(&document, at + 1)) {
        struct text name = document_text(&document, at);

        if (text_equal(name, TEXT("stream")))
            continue;
        json_put_foreign_name(&out, name);
        json_put_cell(&out, &document, at + 1);
    }
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static void put_fields(struct call *call)
{
    const char *session = option_text(call->line, "session");
    struct arena *arena = call->line->arena;
    const char *const *tags;
    size_t tag_count = option_texts(call->line, "tag", &tags);
    const char **fields = ARENA_ARRAY(arena, const char *, call->ask.header_count + tag_count + 2);

    for (size_t i = 0; i < call->ask.header_count; i++)
        fields[call->fetch.field_count++] =
            arena_printf(arena, "%.*s: %.*s", TEXT_ARG(call->ask.headers[i].name),
                         TEXT_ARG(call->ask.headers[i].value))
                .at;
    if (session != NULL)
        fields[call->fetch.field_count++] =
            arena_printf(arena, "Pinion-Session-Id: %s", session).at;
    if (call->version.len > 0)
        fields[call->fetch.field_count++] =
            arena_printf(arena, "Pinion-Endpoint-Version: %.*s", TEXT_ARG(call->version)).at;
    for (size_t i = 0; i < tag_count; i++)
        fields[call->fetch.field_count++] = arena_printf(arena, "Pinion-Tag: %s", tags[i]).at;
    call->fetch.fields = fields;
}

static bool good_tags(const struct call *call, struct error *err)
{
    struct tags tags = {0};
    const char *const *lists;
    size_t count = option_texts(call->line, "tag", &lists);

    for (size_t i = 0; i < count; i++)
        if (!tags_read(text_of(lists[i]), "--tag", call->line->arena, &tags, err))
            return false;
    return true;
}

static bool plain_values(const struct call *call, struct error *err)
{
    const char *session = option_text(call->line, "session");

    return plain("version", call->version, err) && good_tags(call, err) &&
           (session == NULL || plain("session", text_of(session), err));
}

/* --- where the server is -------------------------------------------------------------------------
 */

static bool find_listener(struct call *call, struct error *err)
{
    struct arena *arena = call->line->arena;
    struct settings settings;
    struct text origin;

    config_settings(config_folder(call->line), arena, &settings);
    if (settings.listen.path.len > 0) {
        call->fetch.socket_path = arena_terminated(arena, settings.listen.path);
        call->fetch.url = arena_printf(arena, "http://localhost/%.*s", TEXT_ARG(call->slug)).at;
        return true;
    }
    origin = listener_origin(&settings, arena);
    if (origin.len == 0) {
        error_set(err, ERROR_INVALID_REQUEST, "--server",
                  "the folder does not say where its "
                  "server listens");
        error_hint(err, "name it: --server http://127.0.0.1:8080");
        return false;
    }
    call->fetch.url = arena_printf(arena, "%.*s/%.*s", TEXT_ARG(origin), TEXT_ARG(call->slug)).at;
    return true;
}

static bool find_server(struct call *call, struct error *err)
{
    struct text url;

    if (option_text(call->line, "server") == NULL)
        return find_listener(call, err);
    if (!origin_option(call->line, "server", &url, err))
        return false;
    call->fetch.url =
        arena_printf(call->line->arena, "%.*s/%.*s", TEXT_ARG(url), TEXT_ARG(call->slug)).at;
    return true;
}

/* --- the call ------------------------------------------------------------------------------------
 */

static int fail(const struct command_line *line, const struct error *err)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    switch (err->code) {
    case ERROR_INVALID_REQUEST:
        return EXIT_USAGE;
    case ERROR_FILE_UNREADABLE:
        return EXIT_NOT_FOUND;
    default:
        return EXIT_UNREACHABLE;
    }
}

static int carry_out(struct call *call)
{
    struct call_show show = {.line = call->line,
                             .json = option_on(call->line, "json"),
                             .quiet = option_on(call->line, "quiet"),
                             .terminal = isatty(STDOUT_FILENO) == 1,
                             .slug = call->slug,
                             .rest = buffer_in(call->line->arena)};
    struct fetch_reply reply;
    struct error err = {0};

    call->fetch.piece = call_show_piece;
    call->fetch.context = &show;
    if (!fetch_reply(&call->fetch, call->line->arena, &reply, &err)) {
        if (option_text(call->line, "server") == NULL)
            error_hint(&err, "start it with 'pinion serve', or name another one with --server");
        return fail(call->line, &err);
    }
    if (reply.streamed)
        return call_show_end(&show, &reply);
    return reply.status == 200 ? call_show_whole(&show, &reply)
                               : ask_refused(call->line, reply.status, reply.body);
}

static int run(const struct command_line *line)
{
    struct call call = {.line = line, .fetch = {.method = "POST"}};
    uint64_t timeout_s = option_number(line, "timeout", TIMEOUT_S);
    struct error err = {0};

    signal(SIGPIPE, SIG_IGN);
    if (timeout_s < 1 || timeout_s > TIMEOUT_MAX_S)
        error_set(&err, ERROR_INVALID_REQUEST, "--timeout", "--timeout is between 1 and %d seconds",
                  TIMEOUT_MAX_S);
    if (err.code != ERROR_NONE || !read_slug(&call, &err) || !input_named_once(&call, &err) ||
        !ask_read(line, &call.ask, &err) || !caller_token_read(line, &call.fetch.bearer, &err) ||
        !plain_values(&call, &err) || !find_server(&call, &err))
        return fail(line, &err);
    call.fetch.timeout_ms = (long)timeout_s * 1000;
    call.fetch.ca_file = option_text(line, "ca-file");
    call.fetch.body = body_of(&call);
    put_fields(&call);
    return carry_out(&call);
}

static const struct option_spec options[] = {
    ASK_OPTIONS,
    {.name = "stream", .help = "show the answer as it is written"},
    {.name = "session", .argument = "ID", .help = "go on with this session"},
    {.name = "tag",
     .argument = "NAME=VALUE",
     .repeated = true,
     .help = "what the call is for, to find it by afterwards"},
    {.name = "server",
     .argument = "URL",
     .help = "the server; the folder's own listener otherwise",
     .environment = "PINION_SERVER"},
    {.name = "token-file",
     .argument = "FILE",
     .help = "a file with a caller's token; - is standard input",
     .environment = "PINION_TOKEN_FILE"},
    {.name = "ca-file",
     .argument = "FILE",
     .help = "authorities (PEM) that an https server is trusted by; the system's otherwise",
     .environment = "PINION_CA_FILE"},
    {.name = "timeout", .argument = "SECONDS", .help = "for the whole call; 600", .number = true},
};

const struct command_spec command_call = {
    .name = "call",
    .arguments = "SLUG[@VERSION]",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Call an endpoint of a running server and show what it answers",
    .examples = {"call summarize -i article.json --token-file token",
                 "call translate -i - --stream --token-file token < letter.json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "token create, render, test",
    .run = run,
};
