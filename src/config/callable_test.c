#include "config/callable.h"

#include "base/buffer.h"
#include "config/load.h"
#include "memory_folder.h"
#include "unit.h"

static const char settings[] =
    "providers:\n"
    "  openai: {kind: openai, key: \"${env:KEY}\"}\n"
    "  second: {kind: openai, key: \"${env:KEY}\", base_url: \"https://second.example/v1\"}\n"
    "  claude: {kind: anthropic, key: \"${env:KEY}\"}\n"
    "  local: {kind: ollama, allow_private: true, allow_http: true}\n"
    "prices:\n"
    "  openai/gpt-house: {input: 1, output: 2}\n"
    "templates:\n"
    "  small: {provider: local, model: \"llama3.2:3b\"}\n"
    "aliases: {fast: openai:gpt-4o-mini, house: claude:nobody-knows}\n";
static const char endpoint_text[] = "provider: claude\n"
                                    "model: claude-haiku-4-5\n"
                                    "system: You are brief.\n"
                                    "failover: [{provider: second, model: gpt-second}]\n";

static struct arena arena;
static struct config *config;

static void set_up_with(const char *text)
{
    const struct config_options options = {0};
    struct memory_file files[] = {{"pinion.yaml", text_of(text)},
                                  {"endpoints/summarize.yaml", text_of(endpoint_text)}};
    struct memory_folder folder = memory_folder(files, 2, "sk-1");
    struct diagnostics diagnostics = {.arena = &arena};

    config = config_load_from(&folder.folder, TEXT("."), &options, &diagnostics);
    if (config == NULL)
        fail_msg("refused: %.*s", TEXT_ARG(diagnostics.items[0].message));
}

static void set_up(void)
{
    set_up_with(settings);
}

static void tear_down(void)
{
    config_free(config);
    arena_release(&arena);
    arena = (struct arena){0};
}

/* "slug summarize@7 claude/claude-haiku-4-5", or the error with its place. */
static const char *found(const char *name, const char *provider)
{
    static const char *const kinds[] = {"slug", "alias", "direct"};
    const struct callable_wish wish = {.name = text_of(name), .provider = text_of(provider)};
    struct callable callable;
    struct error err = {0};
    const struct endpoint *endpoint;

    if (!callable_find(config, &wish, &arena, &callable, &err))
        return arena_terminated(&arena,
                                arena_printf(&arena, "%d %s %s", error_row(err.code)->status,
                                             error_row(err.code)->word, err.at));
    endpoint = callable.endpoint;
    return arena_terminated(
        &arena, arena_printf(&arena, "%s %.*s%s%.*s %.*s/%.*s", kinds[endpoint->kind],
                             TEXT_ARG(endpoint->slug), callable.version.at != NULL ? "@" : "",
                             TEXT_ARG(callable.version), TEXT_ARG(endpoint->target.provider->name),
                             TEXT_ARG(endpoint->target.model)));
}

#define FINDS(name, provider, what) EXPECT_TEXT(text_of(found((name), (provider))), (what))

TEST(a_provider_may_have_the_name_of_the_prefix)
{
    set_up_with("providers:\n"
                "  pinion: {kind: openai, key: \"${env:KEY}\"}\n"
                "  claude: {kind: anthropic, key: \"${env:KEY}\"}\n"
                "  second: {kind: openai, key: \"${env:KEY}\"}\n");
    FINDS("pinion:summarize", "", "slug summarize claude/claude-haiku-4-5");
    FINDS("pinion:gpt-4o", "", "direct pinion:gpt-4o pinion/gpt-4o");
    FINDS("pinion:gpt-4o", "claude", "400 invalid_request X-AI-Provider");
    tear_down();
}

TEST(a_slug_and_an_alias_are_found_by_name_with_and_without_a_prefix)
{
    set_up();
    FINDS("summarize", "", "slug summarize claude/claude-haiku-4-5");
    FINDS("summarize@7", "", "slug summarize@7 claude/claude-haiku-4-5");
    FINDS("pinion:summarize@7", "", "slug summarize@7 claude/claude-haiku-4-5");
    FINDS("fast", "", "alias fast openai/gpt-4o-mini");
    FINDS("pinion:fast", "", "alias fast openai/gpt-4o-mini");
    FINDS("fast@1", "", "404 model_not_found model");
    FINDS("pinion:gpt-4o-mini", "", "404 model_not_found model");
    tear_down();
}

TEST(a_model_is_found_behind_its_provider_whether_anybody_knows_it_or_not)
{
    set_up();
    FINDS("openai:gpt-4o-mini", "", "direct openai:gpt-4o-mini openai/gpt-4o-mini");
    FINDS("openai:gpt-later", "", "direct openai:* openai/gpt-later");
    FINDS("openai:ft:gpt-4o:acme::1", "", "direct openai:* openai/ft:gpt-4o:acme::1");
    FINDS("second:gpt-second", "", "direct second:gpt-second second/gpt-second");
    FINDS("anthropic:claude-sonnet-4-6", "",
          "direct claude:claude-sonnet-4-6 claude/claude-sonnet-4-6");
    FINDS("openai:", "", "404 model_not_found model");
    FINDS("openai:a b", "", "404 model_not_found model");
    FINDS("nobody:gpt-4o", "", "400 invalid_request model");
    tear_down();
}

TEST(a_bare_model_is_that_of_the_first_provider_that_is_known_to_have_it)
{
    set_up();
    FINDS("gpt-4.1-nano", "", "direct openai:gpt-4.1-nano openai/gpt-4.1-nano");
    FINDS("gpt-house", "", "direct openai:gpt-house openai/gpt-house");
    FINDS("gpt-second", "", "direct second:gpt-second second/gpt-second");
    FINDS("nobody-knows", "", "direct claude:nobody-knows claude/nobody-knows");
    FINDS("llama3.2:3b", "", "direct local:llama3.2:3b local/llama3.2:3b");
    FINDS("o1-mini", "", "404 model_not_found model"); /* no longer served */
    FINDS("gemini-2.5-flash", "", "404 model_not_found model");
    FINDS("", "", "404 model_not_found model");
    tear_down();
}

TEST(a_header_says_whose_a_bare_model_is_and_must_not_contradict)
{
    set_up();
    FINDS("gpt-4.1-nano", "second", "direct second:gpt-4.1-nano second/gpt-4.1-nano");
    FINDS("claude-later", "anthropic", "direct claude:* claude/claude-later");
    FINDS("llama9:70b", "local", "direct local:* local/llama9:70b");
    FINDS("gpt-4o", "google", "400 invalid_request X-AI-Provider");
    FINDS("openai:gpt-4o", "openai", "direct openai:gpt-4o openai/gpt-4o");
    FINDS("openai:gpt-4o", "claude", "400 invalid_request X-AI-Provider");
    FINDS("summarize", "anthropic", "slug summarize claude/claude-haiku-4-5");
    FINDS("summarize", "openai", "400 invalid_request X-AI-Provider");
    FINDS("fast", "second", "400 invalid_request X-AI-Provider");
    tear_down();
}

TEST(whose_model_it_is_is_not_told_to_whom_may_not_call_it)
{
    struct text scopes[] = {TEXT("other"), TEXT("summarize@7")};
    struct token_record token = {.scopes = scopes, .scope_count = 1};
    struct callable_wish wish = {
        .name = TEXT("summarize"), .provider = TEXT("openai"), .token = &token};
    struct callable callable;

    set_up();
    EXPECT(callable_find(config, &wish, &arena, &callable, NULL));
    wish.name = TEXT("fast");
    wish.provider = TEXT("claude");
    EXPECT(callable_find(config, &wish, &arena, &callable, NULL));
    EXPECT(!callable_in_scope(&token, callable.endpoint));
    scopes[0] = TEXT("fast");
    EXPECT(!callable_find(config, &wish, &arena, &callable, NULL));
    token.scope_count = 2;
    wish.name = TEXT("summarize@7");
    wish.provider = TEXT("openai");
    EXPECT(!callable_find(config, &wish, &arena, &callable, NULL));
    tear_down();
}

TEST(of_several_providers_of_a_model_the_first_is_taken_that_the_token_may_call)
{
    struct text scope = TEXT("second:*");
    const struct token_record token = {.scopes = &scope, .scope_count = 1};
    struct callable_wish wish = {.name = TEXT("gpt-4.1-nano"), .token = &token};
    struct callable callable;
    struct error err;

    set_up();
    EXPECT(callable_find(config, &wish, &arena, &callable, &err));
    EXPECT_TEXT(callable.endpoint->slug, "second:gpt-4.1-nano");
    EXPECT(callable_in_scope(&token, callable.endpoint));
    wish.name = TEXT("nobody-knows");
    EXPECT(callable_find(config, &wish, &arena, &callable, &err));
    EXPECT(!callable_in_scope(&token, callable.endpoint));
    tear_down();
}

TEST(what_there_is_to_be_called_is_gone_through_once)
{
    struct text scopes[] = {TEXT("*"), TEXT("openai:gpt-4*")}, model = TEXT("gpt-4o*");
    const struct token_record token = {
        .scopes = scopes, .scope_count = 2, .models = &model, .model_count = 1};
    struct callable_row row;
    size_t place = 0, count = 0;
    struct buffer allowed = {0};

    set_up();
    while (callable_next(config, &place, &row)) {
        count++;
        if (callable_row_allowed(&token, &row))
            buffer_printf(&allowed, "%.*s %.*s,", TEXT_ARG(row.name), TEXT_ARG(row.owner));
    }
    EXPECT_EQ(count, 1 + 2 + config->model_count);
    EXPECT_TEXT(buffer_text(&allowed),
                "fast pinion,openai:gpt-4o openai,openai:gpt-4o-mini openai,");
    buffer_release(&allowed);
    tear_down();
}

TEST(a_model_brings_its_price_and_the_place_where_its_health_is_known)
{
    struct callable callable;
    struct error err;

    set_up();
    EXPECT(callable_find(config, &(struct callable_wish){.name = TEXT("gpt-house")}, &arena,
                         &callable, &err));
    EXPECT_EQ(callable.endpoint->target.price->base.output, 2000000000);
    EXPECT(!callable.endpoint->target.unlisted);
    EXPECT_EQ(callable.endpoint->target.index, config->direct[0].target.index);
    EXPECT(callable_find(config, &(struct callable_wish){.name = TEXT("gpt-4o-mini")}, &arena,
                         &callable, &err));
    EXPECT_EQ(callable.endpoint->target.index, config_alias(config, TEXT("fast"))->target.index);
    EXPECT(callable_find(config, &(struct callable_wish){.name = TEXT("openai:gpt-later")}, &arena,
                         &callable, &err));
    EXPECT(callable.endpoint->target.price == NULL);
    EXPECT(callable.endpoint->target.unlisted);
    EXPECT(callable_find(config, &(struct callable_wish){.name = TEXT("openai:o3-pro")}, &arena,
                         &callable, &err));
    EXPECT(callable.endpoint->target.dialect == &dialect_responses);
    tear_down();
}
