/* What is told when the process starts, takes up a configuration and ends; and where the log ends,
 * for whoever keeps that elsewhere. */
#include "audit/record_text.h"
#include "base/clock.h"
#include "base/file.h"
#include "document/json_write.h"
#include "gateway/audit_trail_state.h"
#include "gateway/shared_config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { PURGES_A_TICK = 20 }; /* of a thousand records */

/* --- the process and its configuration ---------------------------------------------------------
 */

static void put_digest(struct buffer *out, const char *name, const struct config *config)
{
    json_put_name(out, name);
    buffer_put_byte(out, '"');
    for (size_t i = 0; i < sizeof config->digest; i++)
        buffer_printf(out, "%02x", config->digest[i]);
    buffer_put_byte(out, '"');
}

static struct audit_event by_system(enum audit_action action, const char *object)
{
    return (struct audit_event){
        .wall_ms = clock_wall_ms(), .action = action, .object = text_of(object)};
}

/* As many names as there is room for, and how many there were. */
static struct text opened_details(const struct config *config, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    size_t count = 0;

    buffer_put(&out, TEXT("{\"secrets\":["));
    for (const struct opened_secret *it = config->opened; it != NULL; it = it->next) {
        if (out.len < AUDIT_DETAIL_BYTES_MAX - 128) {
            if (count > 0)
                buffer_put_byte(&out, ',');
            json_put_string(&out, it->name);
        }
        count++;
    }
    buffer_printf(&out, "],\"count\":%zu}", count);
    return buffer_text(&out);
}

/* Sealed secrets that a configuration was made with. */
static void tell_opened(struct gateway *gateway, const struct audit_event *by,
                        const struct config *config)
{
    struct audit_event event = *by;
    struct arena arena = {0};

    if (config->opened == NULL)
        return;
    event.action = AUDIT_SECRET_OPEN;
    event.outcome = TEXT("ok");
    event.details = opened_details(config, &arena);
    audit_trail_append(gateway, &event);
    arena_release(&arena);
}

void audit_trail_start(struct gateway *gateway, const struct config *config)
{
    struct audit_event event = by_system(AUDIT_PROCESS_START, "pinion " PINION_VERSION);
    struct arena arena = {0};
    struct buffer details = buffer_in(&arena);

    buffer_printf(&details, "{\"pid\":%d", (int)getpid());
    put_digest(&details, "config", config);
    buffer_printf(&details, ",\"endpoints\":%zu}", config->endpoint_count);
    event.details = buffer_text(&details);
    audit_trail_append(gateway, &event);
    arena_release(&arena);
    event.object = TEXT("configuration");
    tell_opened(gateway, &event, config);
}

void audit_trail_stop(struct gateway *gateway)
{
    const struct audit_event event = by_system(AUDIT_PROCESS_STOP, "pinion " PINION_VERSION);

    audit_trail_flush(gateway);
    audit_trail_append(gateway, &event);
    audit_trail_tell_head(gateway);
}

void audit_trail_reload(struct gateway *gateway, const struct audit_event *act,
                        const struct config *before, const struct config *after)
{
    struct audit_event event = *act;
    struct arena arena = {0};
    struct buffer details = buffer_in(&arena);

    buffer_put_byte(&details, '{');
    put_digest(&details, "before", before);
    if (after != NULL)
        put_digest(&details, "after", after);
    buffer_put_byte(&details, '}');
    event.action = AUDIT_CONFIG_RELOAD;
    event.object = TEXT("configuration");
    event.outcome = after != NULL ? TEXT("ok") : text_of(error_row(ERROR_CONFIG_INVALID)->word);
    event.details = buffer_text(&details);
    audit_trail_append(gateway, &event);
    arena_release(&arena);
    if (after != NULL)
        tell_opened(gateway, &event, after);
}

/* --- each record -------------------------------------------------------------------------------
 */

static enum log_level level_of(const struct audit_event *event)
{
    switch (event->action) {
    case AUDIT_AUTH_FAILURE:
    case AUDIT_KEY_REFUSED:
    case AUDIT_KEY_SPENT:
    case AUDIT_AUDIT_LOST:
        return LOG_WARN;
    default:
        return LOG_INFO;
    }
}

void audit_trail_told(void *context, const struct audit_event *event,
                      const struct audit_link *place)
{
    const struct gateway *gateway = context;
    struct arena arena = {0};
    char head[AUDIT_LINK_CHARS + 1];

    head[audit_link_write(place, head).len] = '\0';
    log_event(gateway->log, level_of(event),
              arena_printf(&arena, "audit.%s", audit_action_word(event->action)).at,
              "recorded in the audit log", "head", head, "actor", audit_actor_word(event->actor),
              "actor_id", arena_terminated(&arena, event->actor_id), "peer",
              arena_terminated(&arena, event->peer), "object",
              arena_terminated(&arena, event->object), "outcome",
              arena_terminated(&arena, event->outcome), "request_id",
              arena_terminated(&arena, event->request_id), NULL);
    arena_release(&arena);
}

/* --- where the log ends ------------------------------------------------------------------------
 */

static bool write_whole(const char *path, struct text bytes)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good;

    if (fd < 0)
        return false;
    good = file_write_all(fd, bytes) && fsync(fd) == 0;
    close(fd);
    return good;
}

/* Whoever copies the file gets the one head or the other, never a half. */
static void write_head_file(struct gateway *gateway, const char *head)
{
    struct text folder = gateway->vault.folder;
    char path[PATH_MAX], fresh[PATH_MAX], line[AUDIT_LINK_CHARS + 2];
    int len = snprintf(line, sizeof line, "%s\n", head);

    snprintf(path, sizeof path, "%.*s/audit.head", TEXT_ARG(folder));
    snprintf(fresh, sizeof fresh, "%.*s/audit.head.new", TEXT_ARG(folder));
    if (write_whole(fresh, (struct text){line, (size_t)len}) && rename(fresh, path) == 0)
        return;
    log_event(gateway->log, LOG_WARN, "audit.head", "the file audit.head cannot be written", "why",
              strerror(errno), NULL);
    unlink(fresh);
}

void audit_trail_tell_head(struct gateway *gateway)
{
    struct store_command *command = store_command_new(STORE_AUDIT_READ);
    struct audit_link *told = &gateway->audit->told, last;
    char head[AUDIT_LINK_CHARS + 1];
    bool good;

    store_wait(gateway->store, command);
    good = command->error.code == ERROR_NONE;
    last = command->page.ends.last;
    store_command_free(command);
    if (!good || (last.sequence == told->sequence && audit_hash_equal(last.hash, told->hash)))
        return;
    head[audit_link_write(&last, head).len] = '\0';
    log_event(gateway->log, LOG_INFO, "audit.head", "the audit log ends here", "head", head, NULL);
    write_head_file(gateway, head);
    *told = last;
}

static uint64_t keep_ms(struct gateway *gateway)
{
    uint64_t keep;

    pthread_mutex_lock(&gateway->lock);
    keep = gateway->current->config->settings.audit_keep_ms;
    pthread_mutex_unlock(&gateway->lock);
    return keep;
}

/* Gives how many records went. */
static uint64_t purge_some(struct gateway *gateway, int64_t before_ms)
{
    struct store_command *command = store_command_new(STORE_AUDIT_PURGE);
    struct audit_event event = by_system(AUDIT_AUDIT_PURGE, "audit log");
    uint64_t purged;

    command->now_ms = before_ms;
    command->audit = audit_event_copy(&command->arena, &event);
    store_wait(gateway->store, command);
    purged = command->error.code == ERROR_NONE ? command->purged : 0;
    if (command->error.code != ERROR_NONE)
        log_event(gateway->log, LOG_WARN, "audit.purge",
                  "the oldest records of the audit log could not be deleted", "error",
                  command->error.message, NULL);
    store_command_free(command);
    return purged;
}

/* False when there may be more, for the next tick: signals are to be heard in between. */
static bool purge(struct gateway *gateway)
{
    uint64_t keep = keep_ms(gateway);

    for (int i = 0; keep > 0 && i < PURGES_A_TICK; i++)
        if (purge_some(gateway, clock_wall_ms() - (int64_t)keep) == 0)
            return true;
    return keep == 0;
}

void audit_trail_tick(struct gateway *gateway, uint64_t now_ms)
{
    audit_trail_flush(gateway);
    if (now_ms < gateway->audit->next_tell_ms)
        return;
    if (purge(gateway))
        gateway->audit->next_tell_ms = now_ms + AUDIT_HEAD_EVERY_MS;
    audit_trail_tell_head(gateway);
}
