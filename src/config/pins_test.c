#include "config/config.h"

#include "config/load.h"
#include "memory_folder.h"
#include "unit.h"

#include <stdio.h>

static const char settings[] = "providers:\n"
                               "  openai: {kind: openai, key: \"${env:KEY}\"}\n";
static const char in_schema[] =
    "{\"type\": \"object\", \"properties\": {\"text\": {\"$ref\": \"parts/text.json#/$defs/long\"},"
    " \"again\": {\"$ref\": \"common.json\"}}, \"additionalProperties\": false}";
static const char common[] = "{\"$id\": \"http://pinion.test/c\", \"items\": {\"$ref\": "
                             "\"named\"}}";
static const char named[] = "{\"$id\": \"http://pinion.test/named\", \"type\": \"string\"}";
static const char unused[] = "{\"type\": \"string\"}";
static const char first_text[] = "provider: openai\n"
                                 "model: gpt-4.1\n"
                                 "system: \"You are brief. {{>manner}}\"\n"
                                 "input_schema: schemas/in.json\n"
                                 "output_schema: {\"$ref\": \"schemas/out.json\"}\n"
                                 "routing: routing/r.yaml\n";
static const char second_text[] = "provider: openai\n"
                                  "model: gpt-5\n"
                                  "system: You are long.\n";
static const char rules[] = "- {name: x, when: {streaming: true}, use: {model: gpt-5}}\n";

static struct arena arena;
static struct diagnostics diagnostics;

static struct config *load(const char *endpoint, const struct history_entry *pin)
{
    const struct config_options options = {.pins = pin, .pin_count = pin != NULL};
    const struct memory_file files[] = {
        {"pinion.yaml", text_of(settings)},
        {"endpoints/reply.yaml", text_of(endpoint)},
        {"endpoints/partials/manner.mustache", TEXT("Be {{>kind}}.")},
        {"endpoints/partials/kind.mustache", TEXT("kind")},
        {"endpoints/partials/other.mustache", TEXT("other")},
        {"routing/r.yaml", text_of(rules)},
        {"schemas/common.json", text_of(common)},
        {"schemas/in.json", text_of(in_schema)},
        {"schemas/named.json", text_of(named)},
        {"schemas/out.json", TEXT("true")},
        {"schemas/unused.json", text_of(unused)},
        {"schemas/parts.json", TEXT("{\"$id\": \"parts/text.json\", \"$defs\": {\"long\": {}}}")},
    };
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");

    diagnostics = (struct diagnostics){.arena = &arena};
    return config_load_from(&folder.folder, TEXT("."), &options, &diagnostics);
}

static struct history_entry version_of(const struct config *config, uint64_t number)
{
    const struct endpoint *endpoint = &config->endpoints[0];

    return (struct history_entry){.slug = endpoint->slug,
                                  .number = number,
                                  .hash = endpoint->version,
                                  .files = endpoint->files,
                                  .file_count = endpoint->file_count};
}

TEST(an_endpoint_is_made_of_its_file_its_rules_and_the_schemas_it_refers_to)
{
    static const char *const paths[] = {"endpoints/reply.yaml",
                                        "routing/r.yaml",
                                        "schemas/in.json",
                                        "schemas/parts.json",
                                        "schemas/common.json",
                                        "schemas/named.json",
                                        "schemas/out.json",
                                        "endpoints/partials/kind.mustache",
                                        "endpoints/partials/manner.mustache"};
    struct config *config = load(first_text, NULL);
    const struct endpoint *endpoint;

    if (config == NULL)
        fail_msg("%.*s", TEXT_ARG(diagnostics.items[0].message));
    endpoint = &config->endpoints[0];
    EXPECT_EQ(endpoint->file_count, sizeof paths / sizeof *paths);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        EXPECT_TEXT(endpoint->files[i].path, paths[i]);
    EXPECT_TEXT(endpoint->files[0].bytes, first_text);
    EXPECT_EQ(*endpoint->number, 0);
    config_free(config);
}

TEST(a_pinned_version_stands_in_for_what_it_replaced_and_for_nothing_else)
{
    struct config *old = load(first_text, NULL), *now = load(second_text, NULL), *with;
    struct history_entry pin = version_of(old, 4);

    memcpy(pin.replaced, now->endpoints[0].files_digest, sizeof pin.replaced);
    with = load(second_text, &pin);
    EXPECT(with != NULL);
    EXPECT(with->endpoints[0].pinned);
    EXPECT(text_equal(with->endpoints[0].version, old->endpoints[0].version));
    EXPECT_TEXT(with->endpoints[0].target.model, "gpt-4.1");
    EXPECT_EQ(with->endpoints[0].rules.count, 1);
    EXPECT(memcmp(with->endpoints[0].replaced, now->endpoints[0].files_digest, 32) == 0);
    EXPECT(memcmp(with->digest, now->digest, sizeof with->digest) != 0);
    config_free(with);
    with = load("provider: openai\nmodel: gpt-5\nsystem: You are long. # a word more\n", &pin);
    EXPECT(!with->endpoints[0].pinned);
    EXPECT_TEXT(with->endpoints[0].target.model, "gpt-5");
    config_free(with);
    config_free(old);
    config_free(now);
}

TEST(a_pinned_version_that_does_not_load_any_more_is_refused_by_its_own_name)
{
    struct config *now = load(second_text, NULL);
    struct history_entry pin = version_of(now, 4);
    struct history_file file = {.path = TEXT("endpoints/reply.yaml"),
                                .bytes = TEXT("provider: gone\nmodel: x\nsystem: y\n")};

    pin.files = &file;
    memcpy(pin.replaced, now->endpoints[0].files_digest, sizeof pin.replaced);
    EXPECT(load(second_text, &pin) == NULL);
    EXPECT_EQ(diagnostics.error_count, 1);
    EXPECT_EQ(diagnostics.items[0].code, DIAGNOSTIC_W0603);
    EXPECT_TEXT(diagnostics.items[1].file, "reply@4:endpoints/reply.yaml");
    EXPECT_EQ(diagnostics.items[1].range.start.line, 1);
    config_free(now);
}

TEST(a_configuration_is_made_again_of_what_it_was_made_of)
{
    const struct config_options options = {.allow_missing_secrets = true};
    struct config *old = load(first_text, NULL), *now = load(second_text, NULL), *made;
    struct history_entry pin = version_of(now, 2);
    struct config_options with = options;

    diagnostics = (struct diagnostics){.arena = &arena};
    made = config_load_again(old, &options, &diagnostics);
    EXPECT(made != NULL);
    EXPECT(text_equal(made->endpoints[0].version, old->endpoints[0].version));
    config_free(made);
    memcpy(pin.replaced, old->endpoints[0].files_digest, sizeof pin.replaced);
    with.pins = &pin;
    with.pin_count = 1;
    made = config_load_again(old, &with, &diagnostics);
    EXPECT(text_equal(made->endpoints[0].version, now->endpoints[0].version));
    config_free(old);
    old = config_load_again(made, &options, &diagnostics); /* back to what the folder has */
    EXPECT(!old->endpoints[0].pinned);
    EXPECT_TEXT(old->endpoints[0].target.model, "gpt-4.1");
    config_free(made);
    config_free(old);
    config_free(now);
}

TEST(a_version_is_made_again_from_its_own_files_and_the_settings_of_today)
{
    const struct config_options options = {.allow_missing_secrets = true};
    struct config *old = load(first_text, NULL), *now = load(second_text, NULL), *made;
    const struct history_entry version = version_of(old, 4);

    diagnostics = (struct diagnostics){.arena = &arena};
    made = config_load_version(now, &version, &options, &diagnostics);
    if (made == NULL)
        fail_msg("%.*s", TEXT_ARG(diagnostics.items[0].message));
    EXPECT_EQ(made->endpoint_count, 1);
    EXPECT(text_equal(made->endpoints[0].version, old->endpoints[0].version));
    EXPECT(memcmp(made->endpoints[0].files_digest, old->endpoints[0].files_digest, 32) == 0);
    config_free(made);
    config_free(old);
    config_free(now);
    arena_release(&arena);
}
