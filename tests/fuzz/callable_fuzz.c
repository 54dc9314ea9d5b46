/* What a caller sends as `model`, and behind a line end as X-AI-Provider. Whatever it is: something
 * that the configuration has, or a model of one of its providers; or it is refused, with what and
 * where. */
#include "base/check.h"
#include "config/callable.h"
#include "config/load.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct memory_file files[] = {
    {"pinion.yaml", TEXT_INIT("providers:\n"
                              "  openai: {kind: openai, key: \"${env:KEY}\"}\n"
                              "  other: {kind: openai, key: \"${env:KEY}\"}\n"
                              "  claude: {kind: anthropic, key: \"${env:KEY}\"}\n"
                              "prices: {\"other/a:b\": {input: 1, output: 1}}\n"
                              "aliases: {fast: openai:gpt-4o-mini}\n")},
    {"endpoints/sum.yaml", TEXT_INIT("provider: claude\nmodel: claude-haiku-4-5\nsystem: s\n")},
};

static struct config *load(void)
{
    struct memory_folder folder = memory_folder(files, sizeof files / sizeof *files, "sk-1");
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct config *config =
        config_load_from(&folder.folder, TEXT("."), &(struct config_options){0}, &diagnostics);

    CHECK(config != NULL);
    arena_release(&arena);
    return config;
}

static void check_found(const struct config *config, const struct callable *found)
{
    const struct endpoint *endpoint = found->endpoint;
    const struct target *target = &endpoint->target;

    CHECK(target->provider >= config->providers &&
          target->provider < config->providers + config->provider_count);
    CHECK(target->index < config->target_count && target->dialect != NULL);
    CHECK(target->model.len > 0 && target->model.len <= 256);
    CHECK(found->version.at == NULL || endpoint->kind == ENDPOINT_SLUG);
    CHECK(endpoint->kind != ENDPOINT_DIRECT || text_find_byte(endpoint->slug, ':') > 0);
    CHECK(!target->unlisted || text_ends(endpoint->slug, TEXT(":*")));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config *config;
    struct text rest = {(const char *)data, size}, scope = TEXT("other:*");
    const struct token_record token = {.scopes = &scope, .scope_count = 1};
    struct callable_wish wish = {.name = text_split(&rest, '\n'), .provider = rest};
    struct arena arena = {0};
    struct callable found;
    struct error err = {0};

    if (config == NULL)
        config = load();
    if (size % 2 == 1)
        wish.token = &token;
    if (callable_find(config, &wish, &arena, &found, &err)) {
        check_found(config, &found);
        callable_in_scope(&token, found.endpoint);
    } else {
        CHECK(err.code == ERROR_MODEL_NOT_FOUND || err.code == ERROR_INVALID_REQUEST);
        CHECK(err.message[0] != '\0' && err.at[0] != '\0');
    }
    arena_release(&arena);
    return 0;
}
