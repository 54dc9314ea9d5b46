#include "gateway/history.h"

#include "base/check.h"
#include "base/clock.h"
#include "gateway/shared_config.h"

bool history_pins(struct gateway *gateway, struct config_options *options, struct arena *arena,
                  struct error *err)
{
    struct store_command *command = store_command_new(STORE_HISTORY_PINS);
    bool good;

    command->arena = *arena; /* where what is found is to live */
    store_wait(gateway->store, command);
    *arena = command->arena;
    command->arena = (struct arena){0};
    good = command->error.code == ERROR_NONE;
    options->pins = command->history.found;
    options->pin_count = command->history.found_count;
    if (!good)
        *err = command->error;
    store_command_free(command);
    return good;
}

/* --- entries
 * ---------------------------------------------------------------------------------------------- */

static bool fits(const struct endpoint *endpoint)
{
    size_t bytes = 0;

    for (size_t i = 0; i < endpoint->file_count; i++)
        bytes += endpoint->files[i].bytes.len;
    return endpoint->file_count <= HISTORY_FILES_MAX && bytes <= HISTORY_BYTES_MAX;
}

/* Borrows from the configuration, which outlives a command that is waited for. */
static struct history_entry entry_of(const struct endpoint *endpoint, const struct audit_event *act,
                                     const char *cause)
{
    struct history_entry entry = {.slug = endpoint->slug,
                                  .hash = endpoint->version,
                                  .actor = text_of(audit_actor_word(act->actor)),
                                  .actor_id = text_cut(act->actor_id, AUDIT_TEXT_BYTES_MAX),
                                  .cause = text_of(cause),
                                  .files = endpoint->files,
                                  .file_count = fits(endpoint) ? endpoint->file_count : 0,
                                  .pinned = endpoint->pinned};

    memcpy(entry.replaced, endpoint->replaced, sizeof entry.replaced);
    return entry;
}

static struct store_command *append(const struct config *config, size_t count,
                                    struct history_entry **out_entries)
{
    struct store_command *command = store_command_new(STORE_HISTORY_APPEND);

    *out_entries = ARENA_ARRAY(&command->arena, struct history_entry, count);
    command->now_ms = clock_wall_ms();
    command->history =
        (struct history_order){.entries = *out_entries,
                               .count = count,
                               .keep = config->settings.versions_kept,
                               .numbers = ARENA_ARRAY(&command->arena, uint64_t, count)};
    return command;
}

/* Numbers of versions that another configuration has as well. */
static void take_numbers(struct config *config, const struct config *from)
{
    for (size_t i = 0; from != NULL && i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];
        const struct endpoint *same = config_endpoint(from, endpoint->slug);

        if (same != NULL && text_equal(same->version, endpoint->version))
            *endpoint->number = *same->number;
    }
}

/* --- a load
 * -----------------------------------------------------------------------------------------------
 */

/* Endpoints that were rolled back and are no longer, because their files have changed. */
static void tell_lapsed(struct gateway *gateway, const struct config *config,
                        const struct config_options *pinned, struct buffer *report)
{
    struct arena arena = {0};

    for (size_t i = 0; i < pinned->pin_count; i++) {
        const struct history_entry *pin = &pinned->pins[i];
        const struct endpoint *now = config_endpoint(config, pin->slug);

        if (now != NULL && now->pinned)
            continue;
        log_event(gateway->log, LOG_INFO, "rollback",
                  "a rollback has ended: the endpoint's files have changed", "endpoint",
                  arena_terminated(&arena, pin->slug), "version",
                  arena_printf(&arena, "%llu", (unsigned long long)pin->number).at, NULL);
        if (report != NULL)
            buffer_printf(report,
                          "note: %.*s is no longer rolled back, because its files have changed\n",
                          TEXT_ARG(pin->slug));
    }
    arena_release(&arena);
}

void history_note(struct gateway *gateway, struct config *config, const struct config *before,
                  const struct audit_event *act, const char *cause, struct buffer *report)
{
    struct history_entry *entries;
    struct store_command *command = append(config, config->endpoint_count, &entries);
    struct config_options pinned = {0};
    struct arena arena = {0};
    struct error unread;

    history_pins(gateway, &pinned, &arena, &unread);
    command->history.whole = true;
    for (size_t i = 0; i < config->endpoint_count; i++)
        entries[i] = entry_of(&config->endpoints[i], act, cause);
    store_wait(gateway->store, command);
    if (command->error.code == ERROR_NONE) {
        for (size_t i = 0; i < config->endpoint_count; i++)
            *config->endpoints[i].number = command->history.numbers[i];
    } else {
        take_numbers(config, before);
        log_event(gateway->log, LOG_ERROR, "history",
                  "the versions of endpoints could not be written into their history", "error",
                  command->error.message, NULL);
    }
    store_command_free(command);
    tell_lapsed(gateway, config, &pinned, report);
    arena_release(&arena);
}

/* --- a rollback
 * ------------------------------------------------------------------------------------------- */

static struct audit_event *record(struct store_command *command, const struct audit_event *act,
                                  const struct endpoint *made, uint64_t of)
{
    struct audit_event *event = audit_event_copy(&command->arena, act);

    event->action = AUDIT_CONFIG_ROLLBACK;
    event->object =
        arena_printf(&command->arena, "%.*s@%llu", TEXT_ARG(made->slug), (unsigned long long)of);
    event->details =
        arena_printf(&command->arena, "{\"version\":\"%.*s\"}", TEXT_ARG(made->version));
    return event;
}

bool history_roll(struct gateway *gateway, struct config *config, const struct endpoint *made,
                  uint64_t of, const struct audit_event *act, struct error *err)
{
    struct history_entry *entry;
    struct store_command *command = append(config, 1, &entry);
    bool good;

    *entry = entry_of(made, act, "rollback");
    entry->of = of;
    command->history.anew = true;
    command->audit = record(command, act, made, of);
    store_wait(gateway->store, command);
    good = command->error.code == ERROR_NONE;
    if (good) {
        take_numbers(config, gateway->current->config);
        *made->number = command->history.numbers[0];
    } else {
        *err = command->error;
    }
    store_command_free(command);
    return good;
}
