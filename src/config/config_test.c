#include "config/config.h"

#include "config/load.h"
#include "memory_folder.h"
#include "unit.h"

#include <stdio.h>

static const char settings[] = "providers:\n"
                               "  openai: {kind: openai, key: \"${env:KEY}\"}\n"
                               "templates:\n"
                               "  cheap: {provider: openai, model: gpt-4.1-nano,\n"
                               "          params: {temperature: 0}}\n";
static const char schema[] = "{\"type\": \"object\", \"properties\": {\"text\": {\"type\": "
                             "\"string\"}}, \"additionalProperties\": false}";
static const char endpoint_text[] = "provider: openai\n"
                                    "model: gpt-4.1\n"
                                    "params: {temperature: 0.5, max_tokens: 9}\n"
                                    "system: You are brief.\n"
                                    "input_schema: schemas/in.json\n"
                                    "routing: routing/r.yaml\n";
static const char routing[] = "rules:\n"
                              "  - {name: long, when: {input_tokens: \">= 9\"}, use: {template: "
                              "cheap}}\n"
                              "  - {name: other, when: {streaming: true}, use: {model: gpt-5}}\n";

enum { SETTINGS, ENDPOINT, ROUTING, SCHEMA, FILES };
struct inputs {
    const char *texts[FILES];
    const char *key;
};

static const struct inputs usual = {{settings, endpoint_text, routing, schema}, "sk-1"};

static struct arena arena;
static struct diagnostics diagnostics;

static struct config *load(const struct inputs *inputs)
{
    static const char *const paths[FILES] = {"pinion.yaml", "endpoints/reply.yaml",
                                             "routing/r.yaml", "schemas/in.json"};
    const struct config_options options = {0};
    struct memory_file files[FILES] = {0};
    struct memory_folder folder = memory_folder(files, FILES, inputs->key);
    struct config *config;

    for (size_t i = 0; i < FILES; i++)
        files[i] = (struct memory_file){paths[i], text_of(inputs->texts[i])};
    diagnostics = (struct diagnostics){.arena = &arena};
    config = config_load_from(&folder.folder, TEXT("."), &options, &diagnostics);
    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
    return config;
}

static struct inputs with(size_t file, const char *text)
{
    struct inputs inputs = usual;

    inputs.texts[file] = text;
    return inputs;
}

/* The usual endpoint with one piece of a file replaced. */
static struct inputs changed(size_t file, const char *from, const char *to)
{
    struct text whole = text_of(usual.texts[file]);
    size_t at = text_find(whole, text_of(from));

    assert_true(at < whole.len);
    return with(
        file,
        arena_printf(&arena, "%.*s%s%s", (int)at, whole.at, to, whole.at + at + strlen(from)).at);
}

static void end(void)
{
    arena_release(&arena);
}

static bool same_version(struct inputs inputs)
{
    struct config *a = load(&usual), *b = load(&inputs);
    bool same = text_equal(a->endpoints[0].version, b->endpoints[0].version);

    assert_int_equal(a->endpoints[0].version.len, 64);
    config_free(a);
    config_free(b);
    return same;
}

static bool same_digest(struct inputs inputs)
{
    struct config *a = load(&usual), *b = load(&inputs);
    bool same = memcmp(a->digest, b->digest, sizeof a->digest) == 0;

    config_free(a);
    config_free(b);
    return same;
}

TEST(a_version_is_that_of_what_the_endpoint_does)
{
    EXPECT(!same_version(changed(ENDPOINT, "gpt-4.1", "gpt-4o")));
    EXPECT(!same_version(changed(ENDPOINT, "brief", "long")));
    EXPECT(!same_version(changed(ENDPOINT, "0.5", "0.6")));
    EXPECT(!same_version(changed(ENDPOINT, "params", "stream: off\nparams")));
    EXPECT(!same_version(changed(ENDPOINT, "params", "template: \"{{text}}\"\nparams")));
    EXPECT(!same_version(changed(ENDPOINT, "params", "allow: [seed]\nparams")));
    EXPECT(!same_version(changed(ENDPOINT, "params", "limits: {per_minute: 1}\nparams")));
    EXPECT(!same_version(changed(ENDPOINT, "params", "timeout: {total: 65s}\nparams")));
    EXPECT(!same_version(changed(SCHEMA, "string", "number")));
    EXPECT(!same_version(changed(ROUTING, "9", "10")));
    EXPECT(!same_version(changed(SETTINGS, "gpt-4.1-nano", "gpt-4.1-mini")));
    EXPECT(!same_version(
        changed(SETTINGS, "kind: openai,", "kind: openai, base_url: \"https://h.example\",")));
    end();
}

TEST(a_version_is_not_that_of_how_it_is_written)
{
    struct inputs other_key = usual;

    other_key.key = "sk-2";
    EXPECT(same_version(usual));
    EXPECT(same_version(other_key));
    EXPECT(same_version(changed(ENDPOINT, "model", "# a comment\n\nmodel")));
    EXPECT(same_version(changed(ENDPOINT, "params", "description: Says less.\nparams")));
    EXPECT(same_version(changed(ENDPOINT, "params", "slug: reply\nparams")));
    EXPECT(same_version(changed(ENDPOINT, "params", "timeout: {total: 60s}\nparams")));
    EXPECT(same_version(
        changed(ENDPOINT, "params",
                "tests: [{name: a, input: {text: b}, assert: [{type: is-json}]}]\nparams")));
    EXPECT(same_version(changed(ENDPOINT, "You are brief.", "\"You are brief.\"")));
    EXPECT(same_version(changed(SCHEMA, ": {\"text\"", " :\n {\"text\"")));
    EXPECT(same_version(changed(ENDPOINT, "schemas/in.json", schema)));
    end();
}

TEST(the_digest_is_of_every_byte_read_and_of_the_secrets)
{
    struct inputs other_key = usual;

    other_key.key = "sk-2";
    EXPECT(same_digest(usual));
    EXPECT(!same_digest(other_key));
    EXPECT(!same_digest(changed(ENDPOINT, "model", "# a comment\nmodel")));
    EXPECT(!same_digest(changed(SETTINGS, "providers", "workers: 2\nproviders")));
    EXPECT(!same_digest(changed(SCHEMA, "string", "number")));
    end();
}

TEST(a_rule_takes_what_it_names_and_leaves_the_rest_to_the_endpoint)
{
    struct config *config = load(&usual);
    const struct endpoint *endpoint = config_endpoint(config, TEXT("reply"));
    const struct target *cheap = &endpoint->rule_targets[0], *other = &endpoint->rule_targets[1];

    EXPECT_EQ(endpoint->rules.count, 2);
    EXPECT_TEXT(cheap->model, "gpt-4.1-nano");
    EXPECT_TEXT(cheap->params.json[CHAT_PARAM_TEMPERATURE], "0");
    EXPECT_TEXT(cheap->params.json[CHAT_PARAM_MAX_TOKENS], "9");
    EXPECT_TEXT(other->model, "gpt-5");
    EXPECT(other->provider == endpoint->target.provider);
    EXPECT_TEXT(other->params.json[CHAT_PARAM_TEMPERATURE], "0.5");
    EXPECT(other->price != NULL && other->price->reasoning);
    config_free(config);
    end();
}

TEST(the_built_in_provider_is_always_there)
{
    struct config *config = load(&usual);
    const struct provider *last = &config->providers[config->provider_count - 1];

    EXPECT_EQ(config->provider_count, 2);
    EXPECT_TEXT(last->name, "demo");
    EXPECT(last->dialect->local);
    EXPECT_EQ(config->providers[0].key_count, 1);
    EXPECT_TEXT(config->providers[0].keys[0], "sk-1");
    EXPECT_TEXT(config->providers[0].origin, "https://api.openai.com:443");
    EXPECT_TEXT(config->providers[0].path, "/v1");
    config_free(config);
    end();
}

enum { MANY = 300 };

TEST(an_endpoint_is_found_by_its_slug_among_many_and_schemas_are_shared)
{
    static struct memory_file files[MANY + 3];
    struct memory_folder folder = memory_folder(files, MANY + 3, "sk");
    const struct config_options options = {0};
    struct config *config;

    for (size_t i = 0; i < MANY; i++)
        files[i] = (struct memory_file){arena_printf(&arena, "endpoints/e%zu.yaml", i * 7).at,
                                        text_of(endpoint_text)};
    files[MANY] = (struct memory_file){"pinion.yaml", text_of(settings)};
    files[MANY + 1] = (struct memory_file){"routing/r.yaml", text_of(routing)};
    files[MANY + 2] = (struct memory_file){"schemas/in.json", text_of(schema)};
    diagnostics = (struct diagnostics){.arena = &arena};
    config = config_load_from(&folder.folder, TEXT("."), &options, &diagnostics);
    EXPECT(config != NULL);
    EXPECT_EQ(config->endpoint_count, MANY);
    for (size_t i = 0; i < MANY; i++) {
        struct text slug = arena_printf(&arena, "e%zu", i * 7);
        const struct endpoint *endpoint = config_endpoint(config, slug);

        EXPECT(endpoint != NULL && text_equal(endpoint->slug, slug));
        EXPECT(endpoint->input == config->endpoints[0].input);
        EXPECT(endpoint->rules.items == config->endpoints[0].rules.items);
    }
    EXPECT(config_endpoint(config, TEXT("e1")) == NULL);
    EXPECT(config_endpoint(config, TEXT("")) == NULL);
    config_free(config);
    end();
}

TEST(the_schema_made_of_variables_is_a_document_like_one_that_was_read)
{
    struct config *config = load(&usual);
    const struct endpoint *endpoint = &config->endpoints[0];

    EXPECT(document_member(endpoint->input_document, endpoint->input_at, TEXT("properties")) !=
           CELL_NONE);
    config_free(config);
    config = load(&(struct inputs){{settings,
                                    "provider: openai\nmodel: gpt-4.1\nsystem: You are brief.\n"
                                    "variables: {count: {type: integer, min: 1}}\n",
                                    routing, schema},
                                   "sk-1"});
    endpoint = &config->endpoints[0];
    EXPECT(document_at(endpoint->input_document, endpoint->input_at,
                       TEXT("/properties/count/minimum")) != CELL_NONE);
    config_free(config);
    end();
}

static struct config *load_tool_of(const char *mcp)
{
    char endpoint[256];

    snprintf(endpoint, sizeof endpoint,
             "provider: openai\nmodel: gpt-4.1\nsystem: You are brief.\n%s", mcp);
    return load(&(struct inputs){{settings, endpoint, routing, schema}, "sk-1"});
}

TEST(an_endpoint_is_a_tool_by_its_slug_unless_it_says_otherwise)
{
    struct config *config = load_tool_of("");
    const struct endpoint *endpoint = &config->endpoints[0];

    EXPECT(config_tool(config, endpoint->slug) == endpoint);
    EXPECT(config_tool(config, TEXT("")) == NULL);
    config_free(config);
    config = load_tool_of("mcp: {name: Other.name}\n");
    endpoint = &config->endpoints[0];
    EXPECT(config_tool(config, TEXT("Other.name")) == endpoint);
    EXPECT(config_tool(config, endpoint->slug) == NULL);
    config_free(config);
    config = load_tool_of("mcp: false\n");
    EXPECT(config_tool(config, config->endpoints[0].slug) == NULL);
    EXPECT(config_tool(config, TEXT("")) == NULL);
    config_free(config);
    end();
}

TEST(what_is_wrong_in_a_shared_file_is_said_once)
{
    static const char wrong[] = "rules:\n  - {name: a, use: {provider: nobody, model: x}}\n";
    struct memory_file files[] = {{"endpoints/a.yaml", text_of(endpoint_text)},
                                  {"endpoints/b.yaml", text_of(endpoint_text)},
                                  {"pinion.yaml", text_of(settings)},
                                  {"routing/r.yaml", text_of(wrong)},
                                  {"schemas/in.json", text_of(schema)}};
    struct memory_folder folder = memory_folder(files, 5, "sk");
    const struct config_options options = {0};

    diagnostics = (struct diagnostics){.arena = &arena};
    EXPECT(config_load_from(&folder.folder, TEXT("."), &options, &diagnostics) == NULL);
    EXPECT_EQ(diagnostics.error_count, 1);
    EXPECT_TEXT(diagnostics.items[0].pointer, "/rules/0/use/provider");
    end();
}

TEST(an_empty_configuration_is_freed_like_any_other)
{
    config_free(NULL);
}

TEST(slugs_are_lower_case_words_that_no_path_of_ours_has)
{
    EXPECT(slug_valid(TEXT("a")));
    EXPECT(slug_valid(TEXT("7-steps")));
    EXPECT(slug_valid(TEXT("a23456789012345678901234567890123456789012345678901234567890123")));
    EXPECT(!slug_valid(TEXT("a234567890123456789012345678901234567890123456789012345678901234")));
    EXPECT(!slug_valid(TEXT("")));
    EXPECT(!slug_valid(TEXT("-a")));
    EXPECT(!slug_valid(TEXT("A")));
    EXPECT(!slug_valid(TEXT("a_b")));
    EXPECT(!slug_valid(TEXT("a/b")));
    EXPECT(!slug_valid(TEXT("a\0b")));
    EXPECT(!slug_valid(TEXT("metrics")));
    EXPECT(!slug_valid(TEXT("api")));
    EXPECT(slug_reserved(TEXT("v1")));
    EXPECT(!slug_reserved(TEXT("v2")));
}
