/* pinion client: a typed client of one endpoint, made of the folder's files. */
#include "catalog/client.h"
#include "catalog/example.h"
#include "command/commands.h"
#include "command/origin.h"
#include "command/trial_config.h"
#include "demo/demo_instance.h"
#include "document/json_read.h"
#include "schema/bundle.h"

static const struct option_spec options[] = {
    {.name = "url",
     .argument = "URL",
     .help = "where callers reach the server; else its public_url"},
};

/* That of a test; where there is none, one made of the schema. */
static struct text example_of(const struct endpoint *endpoint, struct arena *arena)
{
    const struct endpoint_test *test = example_at(endpoint, 0);
    struct schema_bundle bundle;
    struct document document;
    bool valid;

    if (test != NULL)
        return example_body(endpoint, test, arena);
    if (endpoint->input == NULL)
        return TEXT("{\"message\":\"Hello.\"}");
    schema_bundle(endpoint->input, TEXT("#/$defs/"), TEXT(""), arena, &bundle);
    if (!json_read(arena_printf(arena, "{\"allOf\":[%.*s],\"$defs\":{%.*s}}",
                                TEXT_ARG(bundle.schema), TEXT_ARG(bundle.definitions)),
                   NULL, arena, &document, NULL, NULL))
        return TEXT("{\"input\":null}");
    return example_wrapped(
        endpoint, demo_instance(&document, 0, TEXT("An example of a text."), arena, &valid), arena);
}

static int print(const struct command_line *line, const struct config *config,
                 enum client_language language)
{
    const struct endpoint *endpoint = trial_endpoint(line, config, text_of(line->arguments[0]));
    struct buffer out = buffer_in(line->arena);
    struct error err = {0};
    struct text origin;

    if (endpoint == NULL)
        return EXIT_NOT_FOUND;
    if (!origin_read(line, &config->settings, &origin, &err)) {
        command_error_print(line->program, &err, option_on(line, "json"), stderr);
        return EXIT_USAGE;
    }
    client_write(endpoint, language, origin, example_of(endpoint, line->arena), line->arena, &out);
    fwrite(out.at, 1, out.len, stdout);
    return EXIT_DONE;
}

static int run(const struct command_line *line, enum client_language language)
{
    struct config *config = trial_config(line, TRIAL_OFFLINE);
    int code;

    if (config == NULL)
        return EXIT_CONFIG;
    code = print(line, config, language);
    config_free(config);
    return code;
}

static int run_ts(const struct command_line *line)
{
    return run(line, CLIENT_TS);
}

static int run_python(const struct command_line *line)
{
    return run(line, CLIENT_PYTHON);
}

static int run_curl(const struct command_line *line)
{
    return run(line, CLIENT_CURL);
}

#define CLIENT(word, does, file)                                                                   \
    {                                                                                              \
        .name = "client " #word, .arguments = "SLUG", .arguments_min = 1, .arguments_max = 1,      \
        .summary = does,                                                                           \
        .examples = {"client " #word " summarize > " file,                                         \
                     "client " #word " summarize --url https://ai.example.com"},                   \
        .options = options, .option_count = sizeof options / sizeof *options,                      \
        .see_also = "openapi, call", .run = run_##word,                                            \
    }

const struct command_spec command_client_ts = CLIENT(
    ts, "Print a typed client of an endpoint in TypeScript, with no dependencies", "summarize.ts");
const struct command_spec command_client_python =
    CLIENT(python, "Print a typed client of an endpoint in Python, on its standard library",
           "summarize.py");
const struct command_spec command_client_curl =
    CLIENT(curl, "Print a script that calls an endpoint with an example", "summarize.sh");
