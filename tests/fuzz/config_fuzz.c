/* An endpoint's file in an otherwise good folder. Whatever it holds: it is either refused with
 * reports that have places and are harmless, or becomes an endpoint with everything that the rest
 * of the program relies on. */
#include "base/buffer.h"
#include "base/check.h"
#include "config/load.h"
#include "config/report.h"
#include "document/utf8.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char settings[] = "providers:\n"
                               "  openai: {kind: openai, key: \"${env:KEY}\"}\n"
                               "templates:\n"
                               "  cheap: {provider: openai, model: gpt-4.1-nano}\n";
static const char schema[] =
    "{\"type\": \"object\", \"properties\": {\"text\": {\"type\": \"string\", \"minLength\": 1},"
    " \"tags\": {\"type\": \"array\", \"items\": {\"enum\": [\"a\", \"b\"]}}},"
    " \"required\": [\"text\"], \"additionalProperties\": false}";
static const char partial[] = "{{#tags}}{{.}}{{>tone}}{{/tags}} {{text}}\n";
static const char routing[] = "rules:\n"
                              "  - name: long\n"
                              "    when: {input_tokens: \">= 1000\"}\n"
                              "    use: {template: cheap}\n";

/* The credential that the environment holds. */
static const struct text canary = TEXT_INIT("Sk_Canary");

static void check_target(const struct target *target)
{
    CHECK(target->provider != NULL && target->provider->dialect != NULL && target->model.len > 0);
}

static void check_endpoint(const struct config *config, const struct endpoint *endpoint)
{
    CHECK(slug_valid(endpoint->slug));
    CHECK(config_endpoint(config, endpoint->slug) == endpoint);
    CHECK(endpoint->version.len == 64);
    CHECK(endpoint->allow != NULL);
    CHECK(!endpoint->respond_output || endpoint->output != NULL);
    CHECK(endpoint->times.first_byte_ms <= endpoint->times.total_ms);
    check_target(&endpoint->target);
    for (size_t i = 0; i < endpoint->rules.count; i++)
        check_target(&endpoint->rule_targets[i]);
}

static void check_report(const struct diagnostics *diagnostics, enum report_form form,
                         struct text input)
{
    struct buffer out = {0};

    report_write(diagnostics, form, false, &out);
    for (size_t i = 0; i < out.len; i++)
        CHECK((unsigned char)out.at[i] >= 0x20 || out.at[i] == '\n');
    CHECK(utf8_valid(buffer_text(&out)) == out.len);
    if (text_find(input, canary) == input.len)
        CHECK(text_find(buffer_text(&out), canary) == out.len);
    buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text input = {(const char *)data, size};
    const struct memory_file files[] = {
        {"pinion.yaml", {settings, sizeof settings - 1}},
        {"endpoints/fuzz.yaml", input},
        {"endpoints/partials/tone.mustache", {partial, sizeof partial - 1}},
        {"routing/known.yaml", {routing, sizeof routing - 1}},
        {"schemas/known.json", {schema, sizeof schema - 1}},
    };
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, canary.at);
    const struct config_options options = {0};
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct config *config;

    if (size > FOLDER_FILE_BYTES)
        return 0;
    diagnostics->arena = &arena;
    config = config_load_from(&folder.folder, TEXT("."), &options, diagnostics);
    CHECK((config == NULL) == (diagnostics->error_count > 0));
    for (size_t i = 0; config != NULL && i < config->endpoint_count; i++)
        check_endpoint(config, &config->endpoints[i]);
    check_report(diagnostics, REPORT_HUMAN, input);
    check_report(diagnostics, REPORT_JSON, input);
    check_report(diagnostics, REPORT_SARIF, input);
    check_report(diagnostics, REPORT_GITHUB, input);
    check_report(diagnostics, REPORT_JUNIT, input);
    config_free(config);
    check_report(diagnostics, REPORT_SHORT, input); /* reports outlive the configuration */
    arena_release(&arena);
    return 0;
}
