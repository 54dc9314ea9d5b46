#include "command/config_folder.h"

#include "config/address.h"
#include "config/report.h"

struct text config_folder(const struct command_line *line)
{
    return text_of(option_text(line, "config"));
}

static void drop_warnings(struct diagnostics *diagnostics)
{
    size_t kept = 0;

    for (size_t i = 0; i < diagnostics->count; i++)
        if (diagnostic_is_error(diagnostics->items[i].code))
            diagnostics->items[kept++] = diagnostics->items[i];
    diagnostics->count = kept;
    diagnostics->warning_count = 0;
}

static struct config *load(const struct command_line *line, const struct config_options *options,
                           bool warned)
{
    struct diagnostics diagnostics = {.arena = line->arena};
    struct config *config = config_load(config_folder(line), options, &diagnostics);
    struct buffer report = buffer_in(line->arena);

    if (!warned)
        drop_warnings(&diagnostics);
    if (diagnostics.count > 0 && !option_on(line, "quiet")) {
        report_write(&diagnostics, option_on(line, "json") ? REPORT_JSON : REPORT_HUMAN,
                     command_line_color(line, stderr), &report);
        fwrite(report.at, 1, report.len, stderr);
    }
    return config;
}

struct config *config_folder_load(const struct command_line *line,
                                  const struct config_options *options)
{
    return load(line, options, true);
}

struct config *config_folder_load_quietly(const struct command_line *line,
                                          const struct config_options *options)
{
    return load(line, options, option_on(line, "verbose"));
}

void config_folder_vault(const struct command_line *line, struct key_source *keys,
                         struct vault *out)
{
    const char *store = option_text(line, "store");
    struct settings settings;

    config_settings(config_folder(line), line->arena, &settings);
    key_source_find(settings.master_key, line->arena, keys);
    vault_init(out, keys, store != NULL ? text_of(store) : settings.store, NULL);
}

bool config_folder_pins(const struct command_line *line, struct config_options *options,
                        struct error *err)
{
    struct store_command *command = store_command_new(STORE_HISTORY_PINS);
    const char *store = option_text(line, "store");
    struct settings settings;
    bool there;

    config_settings(config_folder(line), line->arena, &settings);
    command->arena = *line->arena; /* where what is found is to live */
    there = store_peek(store != NULL ? text_of(store) : settings.store, command);
    *line->arena = command->arena;
    command->arena = (struct arena){0};
    *err = command->error;
    if (there && err->code == ERROR_NONE) {
        options->pins = command->history.found;
        options->pin_count = command->history.found_count;
    }
    store_command_free(command);
    return err->code == ERROR_NONE;
}

bool config_folder_address(const struct command_line *line, const char *name,
                           struct listen_address *address, struct error *err)
{
    const char *given = option_text(line, name);
    const char *why;

    if (given == NULL || listen_address_parse(text_of(given), address, &why))
        return true;
    return error_set(err, ERROR_INVALID_REQUEST, name, "--%s: %s", name, why);
}

bool config_folder_place(const struct command_line *line, struct settings *settings,
                         struct error *err)
{
    const char *store = option_text(line, "store");
    const char *why;

    if (store != NULL) {
        settings->store = text_of(store);
        if (!listen_address_parse(arena_printf(line->arena, "unix:%s/admin.sock", store),
                                  &settings->admin, &why) &&
            option_text(line, "admin") == NULL)
            return error_set(err, ERROR_INVALID_REQUEST, "--store", "--store: %s", why);
    }
    return config_folder_address(line, "admin", &settings->admin, err);
}

bool config_folder_settings(const struct command_line *line, struct settings *out,
                            struct error *err)
{
    config_settings(config_folder(line), line->arena, out);
    return config_folder_place(line, out, err);
}
