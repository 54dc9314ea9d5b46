/* The settings alone, for commands that must find a server whatever else is wrong with its files.
 */
#include "base/check.h"
#include "config/load.h"

static struct config *read_alone(struct text folder, struct arena *arena)
{
    const struct config_options options = {.allow_missing_secrets = true};
    struct diagnostics unheard = {.arena = arena};
    struct config *config = ARENA_NEW(arena, struct config);
    struct folder_disk disk;
    struct load load = {.folder = &disk.folder,
                        .options = &options,
                        .diagnostics = &unheard,
                        .config = config,
                        .arena = arena};
    const char *why;

    config->folder = arena_copy(arena, folder);
    folder_disk_open(&disk, folder, NULL, arena, &why);
    load.digest = EVP_MD_CTX_new();
    CHECK(load.digest != NULL && EVP_DigestInit_ex(load.digest, EVP_sha256(), NULL) == 1);
    load_settings(&load);
    EVP_MD_CTX_free(load.digest);
    folder_disk_close(&disk);
    return config;
}

void config_settings(struct text folder, struct arena *arena, struct settings *out)
{
    *out = read_alone(folder, arena)->settings;
}

const struct provider *config_providers(struct text folder, struct arena *arena, size_t *out_count)
{
    const struct config *config = read_alone(folder, arena);

    *out_count = config->provider_count;
    return config->providers;
}

struct text settings_backups(const struct settings *settings, struct text store,
                             struct arena *arena)
{
    if (settings->backups.len > 0)
        return arena_copy(arena, settings->backups);
    return arena_printf(arena, "%.*s/backups", TEXT_ARG(store));
}
