/* pinion check: exactly the loader that serve runs, without side effects. */
#include "base/check.h"
#include "command/check_online.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "config/report.h"
#include "config/resolved.h"
#include "document/json_read.h"
#include "document/yaml_write.h"

static const struct option_spec options[] = {
    {.name = "format",
     .argument = "FORM",
     .help = "how to print what is wrong",
     .choices = "human|short|json|sarif|github|junit"},
    {.name = "allow-missing-secrets", .help = "warn of secrets that are not there, do not fail"},
    {.name = "dev", .help = "as serve --dev: providers without a key answer by demo"},
    {.name = "resolved",
     .help = "print the configuration as it would be in force, as YAML or JSON"},
    {.name = "online", .help = "ask providers for their models: are they reached, do keys do"},
    {.name = "store",
     .argument = "DIR",
     .help = "the store that sealed secrets are in",
     .environment = "PINION_STORE"},
};

static enum report_form form_of(const struct command_line *line)
{
    static const struct {
        const char *word;
        enum report_form form;
    } forms[] = {
        {"short", REPORT_SHORT},   {"json", REPORT_JSON},   {"sarif", REPORT_SARIF},
        {"github", REPORT_GITHUB}, {"junit", REPORT_JUNIT},
    };
    const char *format = option_text(line, "format");

    if (format == NULL)
        return option_on(line, "json") ? REPORT_JSON : REPORT_HUMAN;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(format, forms[i].word) == 0)
            return forms[i].form;
    return REPORT_HUMAN;
}

/* Compact JSON is read again, in order to be shown as YAML. */
static void print_resolved(const struct command_line *line, const struct config *config)
{
    struct buffer json = buffer_in(line->arena), out = buffer_in(line->arena);
    struct document document;
    struct error err;

    resolved_write(config, &json);
    if (option_on(line, "json")) {
        buffer_put_byte(&json, '\n');
        fwrite(json.at, 1, json.len, stdout);
        return;
    }
    if (!json_read(buffer_text(&json), NULL, line->arena, &document, NULL, &err))
        NEVER("a configuration that is no JSON");
    yaml_put(&out, &document, 0);
    fwrite(out.at, 1, out.len, stdout);
}

/* With --resolved what is wrong is beside the point, and told where messages go. */
static FILE *report_stream(const struct command_line *line)
{
    return option_on(line, "resolved") ? stderr : stdout;
}

static int run(const struct command_line *line)
{
    struct key_source keys;
    struct vault vault;
    struct config_options load = {
        .allow_missing_secrets = option_on(line, "allow-missing-secrets"),
        .dev = option_on(line, "dev"),
        .vault = &vault,
    };
    struct diagnostics diagnostics = {.arena = line->arena};
    struct buffer report = buffer_in(line->arena);
    enum report_form form = form_of(line);
    struct error unread; /* a store that cannot be read is the server's business */
    struct config *config;
    int code;

    config_folder_vault(line, &keys, &vault);
    config_folder_pins(line, &load, &unread);
    config = config_load(config_folder(line), &load, &diagnostics);
    vault_release(&vault);

    report_write_under(&diagnostics, config_folder(line), form,
                       command_line_color(line, report_stream(line)), &report);
    if (report.len > 0)
        fwrite(report.at, 1, report.len, report_stream(line));
    if (config == NULL) {
        if (form != REPORT_JSON && !option_on(line, "quiet"))
            fprintf(stderr, "%zu error%s, %zu warning%s\n", diagnostics.error_count,
                    diagnostics.error_count == 1 ? "" : "s", diagnostics.warning_count,
                    diagnostics.warning_count == 1 ? "" : "s");
        return EXIT_CONFIG;
    }
    if (form != REPORT_JSON && !option_on(line, "quiet"))
        fprintf(stderr, "ok: %zu endpoint%s, %zu alias%s, %zu provider%s, %zu warning%s\n",
                config->endpoint_count, config->endpoint_count == 1 ? "" : "s", config->alias_count,
                config->alias_count == 1 ? "" : "es", config->provider_count,
                config->provider_count == 1 ? "" : "s", diagnostics.warning_count,
                diagnostics.warning_count == 1 ? "" : "s");
    if (option_on(line, "resolved"))
        print_resolved(line, config);
    code = option_on(line, "online") ? check_online(line, config) : EXIT_DONE;
    config_free(config);
    return code;
}

const struct command_spec command_check = {
    .name = "check",
    .summary = "Read the configuration and say everything that is wrong with it",
    .examples = {"check", "check --online --resolved"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "serve, reload",
    .run = run,
};
