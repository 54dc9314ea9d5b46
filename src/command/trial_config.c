#include "command/trial_config.h"

#include "command/config_folder.h"
#include "document/diagnostic.h"

struct config *trial_config(const struct command_line *line, enum trial_mode mode)
{
    struct config_options options = {.offline = mode != TRIAL_LIVE, .dev = mode == TRIAL_DEMO};
    struct key_source keys;
    struct vault vault;
    struct config *config;

    if (mode != TRIAL_LIVE)
        return config_folder_load_quietly(line, &options);
    config_folder_vault(line, &keys, &vault);
    options.vault = &vault;
    config = config_folder_load_quietly(line, &options);
    vault_release(&vault);
    return config;
}

const struct endpoint *trial_endpoint(const struct command_line *line, const struct config *config,
                                      struct text slug)
{
    const struct endpoint *endpoint = config_endpoint(config, slug);
    struct text *names = ARENA_ARRAY(line->arena, struct text, config->endpoint_count);
    struct error err = {0};
    struct text near;

    if (endpoint != NULL)
        return endpoint;
    for (size_t i = 0; i < config->endpoint_count; i++)
        names[i] = config->endpoints[i].slug;
    near = nearest_name(slug, names, config->endpoint_count);
    error_set(&err, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
              TEXT_ARG(text_first(slug, 64)));
    if (near.len > 0)
        error_hint(&err, "did you mean '%.*s'?", TEXT_ARG(near));
    command_error_print(line->program, &err, option_on(line, "json"), stderr);
    return NULL;
}
