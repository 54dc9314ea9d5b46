/* The swap of a configuration: a reload builds a whole new value, and each worker takes it up
 * through its own loop, so that no request ever sees two. A rollback is a reload of what is in
 * force, with one endpoint as it once was; the folder is not looked at. */
#include "base/check.h"
#include "base/clock.h"
#include "config/report.h"
#include "gateway/audit_trail.h"
#include "gateway/history.h"
#include "gateway/shared_config.h"
#include "webhook/webhooks.h"

#include <stdlib.h>

/* A new configuration on its way to one worker. */
struct adoption {
    struct loop_task task;
    struct worker *worker;
    struct shared_config *shared;
};

static void adopt(struct loop_task *task)
{
    struct adoption *adoption = (struct adoption *)task;

    worker_adopt(adoption->worker, adoption->shared);
    free(adoption);
}

static void publish(struct gateway *gateway, struct config *config)
{
    struct shared_config *shared = shared_config_new(config, gateway), *old;

    pthread_mutex_lock(&gateway->lock);
    old = gateway->current;
    shared->generation = old->generation + 1;
    gateway->current = shared;
    for (size_t i = 0; i < GATEWAY_WORKERS_MAX; i++) {
        struct adoption *adoption;

        if (gateway->workers[i] == NULL)
            continue;
        adoption = calloc(1, sizeof *adoption);
        CHECK(adoption != NULL);
        *adoption = (struct adoption){{.run = adopt}, gateway->workers[i], shared};
        shared_config_hold(shared);
        loop_post(gateway->workers[i]->loop, &adoption->task);
    }
    pthread_mutex_unlock(&gateway->lock);
    shared_config_release(old);
    if (gateway->tells)
        webhooks_adopt(gateway->webhooks, config->webhooks, config->webhook_count);
}

static void note_outcome(struct gateway *gateway, bool good, struct text report)
{
    atomic_store(&gateway->last_reload_ok, good);
    atomic_store(&gateway->last_reload_ms, clock_wall_ms());
    pthread_mutex_lock(&gateway->lock);
    arena_release(&gateway->reload_arena);
    gateway->reload_report = good ? (struct text){0} : arena_copy(&gateway->reload_arena, report);
    pthread_mutex_unlock(&gateway->lock);
}

static bool texts_same(const struct named_text *a, size_t a_count, const struct named_text *b,
                       size_t b_count)
{
    bool same = a_count == b_count;

    for (size_t i = 0; same && i < a_count; i++)
        same = text_equal(a[i].name, b[i].name) && text_equal(a[i].value, b[i].value);
    return same;
}

/* But for what takes effect at once. */
static bool telemetry_same(const struct telemetry_settings *a, const struct telemetry_settings *b)
{
    return text_equal(a->endpoint, b->endpoint) && text_equal(a->service_name, b->service_name) &&
           texts_same(a->headers, a->header_count, b->headers, b->header_count) &&
           texts_same(a->resource, a->resource_count, b->resource, b->resource_count) &&
           a->no_traces == b->no_traces && a->no_metrics == b->no_metrics &&
           a->timeout_ms == b->timeout_ms && a->interval_ms == b->interval_ms &&
           a->compression == b->compression && a->sampler == b->sampler &&
           a->temporality == b->temporality && a->ratio == b->ratio && a->latest == b->latest;
}

static void warn_of_fixed_settings(struct gateway *gateway, const struct settings *old,
                                   const struct settings *new)
{
    if (text_equal(old->listen.text, new->listen.text) &&
        text_equal(old->admin.text, new->admin.text) &&
        text_equal(old->dashboard.text, new->dashboard.text) &&
        text_equal(old->metrics.text, new->metrics.text) && text_equal(old->store, new->store) &&
        text_equal(old->backups, new->backups) && text_equal(old->master_key, new->master_key) &&
        old->workers == new->workers && old->cache_memory_bytes == new->cache_memory_bytes &&
        old->metrics_series_max ==
            new->metrics_series_max &&text_equal(old->log_file, new->log_file) &&
        old->log_level == new->log_level && old->log_format == new->log_format &&
        telemetry_same(&old->telemetry, &new->telemetry))
        return;
    log_event(gateway->log, LOG_WARN, "reload",
              "listeners, store, backups, master key, workers, the cache's memory, the log's file, "
              "level or format, the series of metrics, or what is told to a receiver of telemetry "
              "have changed in pinion.yaml; a restart is needed for them",
              NULL);
}

/* With the versions that are pinned; without them nothing is loaded, because that would undo what
 * somebody has rolled back. */
static struct config *load(struct gateway *gateway, struct diagnostics *diagnostics,
                           struct arena *arena)
{
    struct config_options options = gateway->config_options;
    struct error err = {0};

    if (history_pins(gateway, &options, arena, &err))
        return config_load(gateway->folder, &options, diagnostics);
    diagnose_file(diagnostics, TEXT("endpoints"), (struct text){0}, (struct range){0},
                  DIAGNOSTIC_E0602, "which endpoints are rolled back cannot be read: %s",
                  err.message);
    return NULL;
}

static bool reload(struct gateway *gateway, const struct audit_event *act, struct arena *arena,
                   struct text *out_report)
{
    struct diagnostics diagnostics = {.arena = arena};
    struct buffer report = buffer_in(arena);
    struct config *config = load(gateway, &diagnostics, arena), *current;

    report_write(&diagnostics, REPORT_HUMAN, false, &report);
    *out_report = buffer_text(&report);
    audit_trail_reload(gateway, act, gateway->current->config, config);
    note_outcome(gateway, config != NULL, *out_report);
    if (config == NULL) {
        log_event(gateway->log, LOG_ERROR, "reload",
                  "the new configuration has errors; the old one stays in force", "report",
                  arena_terminated(arena, *out_report), NULL);
        return false;
    }
    pthread_mutex_lock(&gateway->lock);
    current = gateway->current->config;
    warn_of_fixed_settings(gateway, &current->settings, &config->settings);
    if (memcmp(current->digest, config->digest, sizeof config->digest) == 0) {
        pthread_mutex_unlock(&gateway->lock);
        config_free(config);
        log_event(gateway->log, LOG_INFO, "reload", "nothing has changed", NULL);
        return true;
    }
    pthread_mutex_unlock(&gateway->lock);
    history_note(gateway, config, current, act, "reload", &report);
    *out_report = buffer_text(&report);
    publish(gateway, config);
    log_event(gateway->log, LOG_INFO, "reload", "a new configuration is in force", NULL);
    return true;
}

bool gateway_reload(struct gateway *gateway, const struct audit_event *act, struct arena *arena,
                    struct text *out_report)
{
    bool good;

    pthread_mutex_lock(&gateway->reload_lock);
    good = reload(gateway, act, arena, out_report);
    pthread_mutex_unlock(&gateway->reload_lock);
    return good;
}

/* --- rolling back
 * --------------------------------------------------------------------------------------- */

/* Whether a version is made of what the folder has, so that there is nothing to pin. */
static bool is_in_folder(const struct endpoint *endpoint, const struct history_entry *wanted)
{
    const struct history_file *files = endpoint->pinned ? endpoint->folder_files : endpoint->files;
    size_t count = endpoint->pinned ? endpoint->folder_file_count : endpoint->file_count;

    if (count != wanted->file_count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!text_equal(files[i].path, wanted->files[i].path) ||
            memcmp(files[i].digest, wanted->files[i].digest, sizeof files[i].digest) != 0)
            return false;
    return true;
}

/* What is pinned then: as before, but for the endpoint. */
static void choose_pins(const struct endpoint *endpoint, const struct history_entry *wanted,
                        struct config_options *options, struct arena *arena)
{
    struct history_entry *pins = ARENA_ARRAY(arena, struct history_entry, options->pin_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < options->pin_count; i++)
        if (!text_equal(options->pins[i].slug, endpoint->slug))
            pins[count++] = options->pins[i];
    if (!is_in_folder(endpoint, wanted)) {
        pins[count] = *wanted;
        memcpy(pins[count++].replaced,
               endpoint->pinned ? endpoint->replaced : endpoint->files_digest,
               sizeof pins->replaced);
    }
    options->pins = pins;
    options->pin_count = count;
}

static struct config *make(struct gateway *gateway, const struct history_entry *wanted,
                           struct arena *arena, struct text *out_report, struct error *err)
{
    const struct config *current = gateway->current->config;
    const struct endpoint *endpoint = config_endpoint(current, wanted->slug);
    struct config_options options = gateway->config_options;
    struct diagnostics diagnostics = {.arena = arena};
    struct buffer report = buffer_in(arena);
    struct config *config;

    if (endpoint == NULL) {
        error_set(err, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
                  TEXT_ARG(text_first(wanted->slug, 64)));
        return NULL;
    }
    if (!history_pins(gateway, &options, arena, err))
        return NULL;
    choose_pins(endpoint, wanted, &options, arena);
    config = config_load_again(current, &options, &diagnostics);
    if (config != NULL)
        return config;
    report_write(&diagnostics, REPORT_HUMAN, false, &report);
    *out_report = buffer_text(&report);
    error_set(err, ERROR_CONFIG_INVALID, NULL,
              "version %llu of endpoint '%.*s' does not fit the configuration of today",
              (unsigned long long)wanted->number, TEXT_ARG(wanted->slug));
    return NULL;
}

static bool rollback(struct gateway *gateway, const struct history_entry *wanted,
                     const struct audit_event *act, struct arena *arena, struct rollback *out,
                     struct error *err)
{
    struct config *config = make(gateway, wanted, arena, &out->report, err);
    const struct endpoint *made;

    if (config == NULL)
        return false;
    made = config_endpoint(config, wanted->slug);
    CHECK(made != NULL);
    out->pinned = made->pinned;
    if (!history_roll(gateway, config, made, wanted->number, act, err)) {
        config_free(config);
        return false;
    }
    out->number = *made->number;
    out->hash = arena_copy(arena, made->version);
    publish(gateway, config);
    log_event(gateway->log, LOG_WARN, "rollback", "an endpoint is rolled back", "endpoint",
              arena_terminated(arena, wanted->slug), "to",
              arena_printf(arena, "%llu", (unsigned long long)wanted->number).at, "version",
              arena_printf(arena, "%llu", (unsigned long long)out->number).at, NULL);
    return true;
}

bool gateway_rollback(struct gateway *gateway, const struct history_entry *wanted,
                      const struct audit_event *act, struct arena *arena, struct rollback *out,
                      struct error *err)
{
    bool good;

    *out = (struct rollback){0};
    pthread_mutex_lock(&gateway->reload_lock);
    good = rollback(gateway, wanted, act, arena, out, err);
    pthread_mutex_unlock(&gateway->reload_lock);
    return good;
}
