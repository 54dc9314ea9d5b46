/* pinion openapi: the folder's endpoints as an OpenAPI document, as the server gives it to callers.
 */
#include "catalog/catalog.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/origin.h"
#include "command/trial_config.h"
#include "document/json_pretty.h"
#include "document/json_read.h"

static const struct option_spec options[] = {
    {.name = "scope",
     .argument = "SCOPE",
     .help = "only what a token with this scope may call: summarize or support-*",
     .repeated = true},
    {.name = "url",
     .argument = "URL",
     .help = "where callers reach the server; else its public_url"},
};

static int fail(const struct command_line *line, const struct error *err)
{
    command_error_print(line->program, err, option_on(line, "json"), stderr);
    return EXIT_USAGE;
}

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

static void print(const struct catalog *catalog, struct arena *arena)
{
    struct buffer compact = buffer_in(arena), out = buffer_in(arena);
    const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct catalog_piece *pieces =
        ARENA_ARRAY(arena, struct catalog_piece, catalog->config->endpoint_count);
    struct document document;

    for (size_t i = 0; i < catalog->config->endpoint_count; i++)
        catalog_piece_make(&catalog->config->endpoints[i], arena, &pieces[i]);
    catalog_put_openapi(catalog, pieces, arena, &compact);
    if (json_read(buffer_text(&compact), &limits, arena, &document, NULL, NULL))
        json_put_pretty(&out, &document, 0);
    else
        buffer_put(&out, buffer_text(&compact));
    buffer_put_byte(&out, '\n');
    fwrite(out.at, 1, out.len, stdout);
}

static int run(const struct command_line *line)
{
    struct catalog catalog = {0};
    struct error err = {0};
    struct config *config;
    int code = EXIT_DONE;

    if (!read_scopes(line, &catalog.token, &err))
        return fail(line, &err);
    config = trial_config(line, TRIAL_OFFLINE);
    if (config == NULL)
        return EXIT_CONFIG;
    catalog.config = config;
    if (origin_read(line, &config->settings, &catalog.origin, &err))
        print(&catalog, line->arena);
    else
        code = fail(line, &err);
    config_free(config);
    return code;
}

const struct command_spec command_openapi = {
    .name = "openapi",
    .summary = "Print the endpoints as an OpenAPI 3.1 document",
    .examples = {"openapi > openapi.json",
                 "openapi --scope 'support-*' --url https://ai.example.com"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "client, schema",
    .run = run,
};
