/* pinion openapi: the endpoints as an OpenAPI document, of the folder's files, or as a running
 * server gives it to the holder of a token. */
#include "catalog/catalog.h"
#include "command/ask.h"
#include "command/caller_token.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/origin.h"
#include "command/trial_config.h"
#include "document/json_pretty.h"
#include "document/json_read.h"
#include "transport/fetch.h"

#include <signal.h>

enum { TIMEOUT_MS = 30000 };

static const struct option_spec options[] = {
    {.name = "scope",
     .argument = "SCOPE",
     .help = "only what a token with this scope may call: summarize or support-*",
     .repeated = true},
    {.name = "url",
     .argument = "URL",
     .help = "where callers reach the server; else its public_url"},
    {.name = "server", .argument = "URL", .help = "ask this server, instead of reading the folder"},
    {.name = "token-file",
     .argument = "FILE",
     .help = "for --server: a file with a caller's token; - is standard input",
     .environment = "PINION_TOKEN_FILE"},
    {.name = "ca-file",
     .argument = "FILE",
     .help = "authorities (PEM) that an https server is trusted by; the system's otherwise",
     .environment = "PINION_CA_FILE"},
};

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

/* One document, for people. */
static void print(struct text compact, struct arena *arena)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct buffer out = buffer_in(arena);
    struct document document;

    if (json_read(compact, &limits, arena, &document, NULL, NULL))
        json_put_pretty(&out, &document, 0);
    else
        buffer_put(&out, compact);
    buffer_put_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
}

/* --- of a server --- */

/* A server knows who asks and where it is. */
static bool alone(const struct command_line *line, struct error *err)
{
    const char *const *scopes;

    if (option_texts(line, "scope", &scopes) == 0 && option_text(line, "url") == NULL)
        return true;
    error_set(err, ERROR_INVALID_REQUEST, "--server",
              "--server takes neither --scope nor --url: the token says what is shown");
    return false;
}

static int ask_server(const struct command_line *line)
{
    struct fetch fetch = {.method = "GET", .timeout_ms = TIMEOUT_MS};
    struct error err = {0};
    struct text origin, body;
    int status;

    if (!alone(line, &err) || !origin_option(line, "server", &origin, &err) ||
        !caller_token_read(line, &fetch.bearer, &err))
        return fail(line, &err);
    signal(SIGPIPE, SIG_IGN);
    fetch.url = arena_printf(line->arena, "%.*s/openapi.json", TEXT_ARG(origin)).at;
    fetch.ca_file = option_text(line, "ca-file");
    if (!fetch_run(&fetch, line->arena, &status, &body, &err))
        return fail(line, &err);
    if (status != 200)
        return ask_refused(line, status, body);
    print(body, line->arena);
    return EXIT_DONE;
}

/* --- of the folder --- */

/* A token with the scopes of the line; *out stays NULL where it names none. */
static bool read_scopes(const struct command_line *line, const struct token_record **out,
                        struct error *err)
{
    const char *const *words;
    size_t count = option_texts(line, "scope", &words);
    struct text *scopes = ARENA_ARRAY(line->arena, struct text, count + 1);
    struct token_record *token = ARENA_NEW(line->arena, struct token_record);

    for (size_t i = 0; i < count; i++) {
        scopes[i] = text_of(words[i]);
        if (token_scope_valid(scopes[i]))
            continue;
        error_set(err, ERROR_INVALID_REQUEST, "--scope", "--scope: '%.64s' is no scope", words[i]);
        error_hint(err, "a scope is a slug, or a pattern: --scope summarize, --scope 'support-*'");
        return false;
    }
    *token = (struct token_record){TOKEN_DEFAULTS, .scopes = scopes, .scope_count = count};
    *out = count > 0 ? token : NULL;
    return true;
}

static void print_folder(const struct catalog *catalog, struct arena *arena)
{
    struct buffer compact = buffer_in(arena);
    struct catalog_piece *pieces =
        ARENA_ARRAY(arena, struct catalog_piece, catalog->config->endpoint_count);

    for (size_t i = 0; i < catalog->config->endpoint_count; i++)
        catalog_piece_make(&catalog->config->endpoints[i], arena, &pieces[i]);
    catalog_put_openapi(catalog, pieces, arena, &compact);
    print(buffer_text(&compact), arena);
}

static int run(const struct command_line *line)
{
    struct catalog catalog = {0};
    struct error err = {0};
    struct config *config;
    int code = EXIT_DONE;

    if (option_text(line, "server") != NULL)
        return ask_server(line);
    if (!read_scopes(line, &catalog.token, &err))
        return fail(line, &err);
    config = trial_config(line, TRIAL_OFFLINE);
    if (config == NULL)
        return EXIT_CONFIG;
    catalog.config = config;
    if (origin_read(line, &config->settings, &catalog.origin, &err))
        print_folder(&catalog, line->arena);
    else
        code = fail(line, &err);
    config_free(config);
    return code;
}

const struct command_spec command_openapi = {
    .name = "openapi",
    .summary = "Print the endpoints as an OpenAPI 3.1 document",
    .examples = {"openapi > openapi.json",
                 "openapi --server https://ai.example.com --token-file token"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "client, schema",
    .run = run,
};
