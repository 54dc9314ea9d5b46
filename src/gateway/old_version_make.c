#include "gateway/old_version_make.h"

#include "config/report.h"
#include "gateway/shared_config.h"

static void tell_unloadable(struct gateway *gateway, const struct history_entry *version,
                            const struct diagnostics *diagnostics, struct error *err)
{
    struct buffer report = buffer_in(diagnostics->arena);

    report_write(diagnostics, REPORT_HUMAN, false, &report);
    log_event(gateway->log, LOG_WARN, "version",
              "a version that was asked for does not fit the configuration of today", "endpoint",
              arena_terminated(diagnostics->arena, version->slug), "version",
              arena_printf(diagnostics->arena, "%llu", (unsigned long long)version->number).at,
              "report", arena_terminated(diagnostics->arena, buffer_text(&report)), NULL);
    error_set(err, ERROR_VERSION_NOT_FOUND, NULL,
              "version %llu of endpoint '%.*s' can no longer be served: it does not fit the "
              "configuration of today",
              (unsigned long long)version->number, TEXT_ARG(version->slug));
}

static struct shared_config *make_of(struct gateway *gateway, const struct config *current,
                                     const struct history_entry *version, struct error *err)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct shared_config *shared = NULL;
    struct config *config;

    if (version->file_count == 0) {
        error_set(err, ERROR_VERSION_NOT_FOUND, NULL,
                  "version %llu of endpoint '%.*s' was too large for its files to be kept",
                  (unsigned long long)version->number, TEXT_ARG(version->slug));
        return NULL;
    }
    config = config_load_version(current, version, &gateway->config_options, &diagnostics);
    if (config != NULL) {
        *config->endpoints[0].number = version->number;
        shared_config_limit(config, current);
        shared = shared_config_new(config, gateway);
    } else {
        tell_unloadable(gateway, version, &diagnostics, err);
    }
    arena_release(&arena);
    return shared;
}

struct shared_config *old_version_make(struct gateway *gateway, const struct config *current,
                                       const struct version_name *name, struct error *err)
{
    struct store_command *command = store_command_new(STORE_HISTORY_READ);
    struct shared_config *shared = NULL;

    command->history.slug = arena_copy(&command->arena, name->slug);
    command->history.hash = arena_copy(&command->arena, name->hash);
    command->history.number = name->number;
    store_wait(gateway->store, command);
    *err = command->error;
    if (err->code == ERROR_NONE)
        shared = make_of(gateway, current, command->history.found, err);
    err->hint[0] = '\0'; /* it is for operators */
    store_command_free(command);
    return shared;
}
