/* Opening and closing. */
#include "gateway/gateway.h"

#include "base/check.h"
#include "base/clock.h"
#include "budget/budgets.h"
#include "cache/answers.h"
#include "document/json_write.h"
#include "gateway/anomalies.h"
#include "gateway/aside.h"
#include "gateway/audit_trail.h"
#include "gateway/call_states.h"
#include "gateway/history.h"
#include "gateway/old_versions.h"
#include "gateway/repeats.h"
#include "gateway/reserve.h"
#include "gateway/session_counts.h"
#include "gateway/shadows.h"
#include "gateway/shared_config.h"
#include "gateway/token_uses.h"
#include "journal/metrics.h"
#include "schema/cache.h"
#include "session/turns.h"
#include "webhook/webhooks.h"

#include <stdlib.h>

enum { RATE_KEYS = 4096, RECOVERED_TOLD_MAX = 20 };

struct shared_config *shared_config_new(struct config *config, const struct gateway *gateway)
{
    struct shared_config *shared = calloc(1, sizeof *shared);

    CHECK(shared != NULL);
    shared->config = config;
    health_table_init(&shared->health, gateway->health, config);
    canary_table_init(&shared->canaries, gateway->canaries, config);
    shadow_table_init(&shared->shadows, gateway->shadows, config);
    mcp_tools_init(&shared->tools, config);
    openapi_pieces_init(&shared->openapi, config);
    atomic_init(&shared->holders, 1);
    return shared;
}

void shared_config_hold(struct shared_config *shared)
{
    atomic_fetch_add_explicit(&shared->holders, 1, memory_order_relaxed);
}

void shared_config_release(struct shared_config *shared)
{
    if (atomic_fetch_sub_explicit(&shared->holders, 1, memory_order_acq_rel) > 1)
        return;
    health_table_release(&shared->health);
    canary_table_release(&shared->canaries);
    shadow_table_release(&shared->shadows);
    mcp_tools_release(&shared->tools);
    openapi_pieces_release(&shared->openapi);
    if (!shared->lent)
        config_free(shared->config);
    free(shared);
}

struct shared_config *gateway_hold_current(struct gateway *gateway)
{
    struct shared_config *current;

    pthread_mutex_lock(&gateway->lock);
    current = gateway->current;
    shared_config_hold(current);
    pthread_mutex_unlock(&gateway->lock);
    return current;
}

void shared_config_limit(struct config *config, const struct config *current)
{
    struct endpoint *made = (struct endpoint *)(uintptr_t)&config->endpoints[0];
    const struct endpoint *today = config_endpoint(current, made->slug);

    if (today == NULL)
        return;
    made->limits = today->limits;
    made->budget = today->budget;
}

/* Reads the tokens, and the key under which they are kept. A key that is lost makes all of them
 * worthless: only a store without tokens may begin with a new one. */
static bool load_tokens(struct gateway *gateway, const char *key_path, struct error *err)
{
    struct store_command *list = store_command_new(STORE_TOKEN_LIST);

    store_wait(gateway->store, list);
    *err = list->error;
    if (err->code == ERROR_NONE &&
        token_key_load(key_path, list->token_count == 0, &gateway->token_key, err)) {
        gateway->tokens = token_table_new(&gateway->token_key);
        CHECK(gateway->tokens != NULL);
        for (size_t i = 0; i < list->token_count; i++)
            token_table_put(gateway->tokens, &list->tokens[i]);
    }
    store_command_free(list);
    return err->code == ERROR_NONE;
}

static const char *usd(struct arena *arena, int64_t nano)
{
    struct buffer out = buffer_in(arena);

    json_put_nano(&out, nano);
    return arena_terminated(arena, buffer_text(&out));
}

/* What a process that died had leased is spent as far as anybody can tell; the operator is to know
 * of which budget, and how much at most is too much. */
static bool recover_budgets(struct gateway *gateway, struct error *err)
{
    struct store_command *found;

    gateway->budgets = budgets_new(gateway->store);
    found = budgets_recover(gateway->budgets, TEXT(RESERVE_ORGANISATION), clock_wall_ms());
    *err = found->error;
    for (size_t i = 0; i < found->budget_count && i < RECOVERED_TOLD_MAX; i++)
        log_event(gateway->log, LOG_WARN, "budget",
                  "what was reserved when the process ended is counted as spent", "budget",
                  arena_terminated(&found->arena, found->budgets[i].key), "recovered_usd",
                  usd(&found->arena, found->budgets[i].open), NULL);
    if (found->budget_count > RECOVERED_TOLD_MAX)
        log_event(gateway->log, LOG_WARN, "budget", "more budgets were recovered than are listed",
                  "count", arena_printf(&found->arena, "%zu", found->budget_count).at, NULL);
    store_command_free(found);
    return err->code == ERROR_NONE;
}

/* Before anything is logged that somebody is to be told of. */
static void open_webhooks(struct gateway *gateway, const struct config *config)
{
    gateway->webhooks = webhooks_new(gateway->store, gateway->log);
    if (!gateway->tells)
        return;
    webhooks_adopt(gateway->webhooks, config->webhooks, config->webhook_count);
    log_observe(gateway->log, webhooks_observer(gateway->webhooks));
    gateway->anomalies = anomalies_new(gateway->store, gateway->log);
}

static bool open_parts(struct gateway *gateway, const struct gateway_options *options,
                       struct text store, const struct config *config, struct error *err)
{
    static const struct key_source none;
    struct text key_path = arena_printf(&gateway->arena, "%.*s/token.key", TEXT_ARG(store));

    gateway->store = store_open_lmdb(store, err);
    if (gateway->store != NULL) {
        store_on_audit(gateway->store, audit_trail_told, gateway);
        open_webhooks(gateway, config);
    }
    vault_init(&gateway->vault, options->keys != NULL ? options->keys : &none,
               arena_copy(&gateway->arena, store), gateway->store);
    gateway->config_options.vault = &gateway->vault;
    if (gateway->store == NULL || !load_tokens(gateway, key_path.at, err) ||
        !recover_budgets(gateway, err))
        return false;
    gateway->logins = logins_new();
    gateway->rates = rate_table_new(RATE_KEYS);
    gateway->metrics = metrics_new(config->settings.metrics_series_max);
    gateway->repeats = repeats_new();
    gateway->session_counts = session_counts_new();
    gateway->health = health_new();
    gateway->canaries = canaries_new(gateway->store, gateway->log);
    canaries_load(gateway->canaries);
    gateway->shadows = shadows_new();
    gateway->tool_schemas = schema_cache_new(NULL);
    gateway->call_states = call_states_new(NULL);
    gateway->turns = turns_new();
    gateway->aside = aside_new();
    gateway->old_versions = old_versions_new(gateway);
    gateway->audit = audit_trail_new();
    CHECK(gateway->rates != NULL);
    return true;
}

static void close_parts(struct gateway *gateway)
{
    old_versions_free(gateway->old_versions);
    vault_release(&gateway->vault);
    budgets_close(gateway->budgets);
    log_observe(gateway->log, NULL);
    webhooks_stop(gateway->webhooks);
    store_close(gateway->store);
    webhooks_free(gateway->webhooks);
    anomalies_free(gateway->anomalies);
    token_table_free(gateway->tokens);
    logins_free(gateway->logins);
    rate_table_free(gateway->rates);
    metrics_free(gateway->metrics);
    repeats_free(gateway->repeats);
    session_counts_free(gateway->session_counts);
    health_free(gateway->health);
    canaries_free(gateway->canaries);
    shadows_free(gateway->shadows);
    schema_cache_free(gateway->tool_schemas);
    call_states_free(gateway->call_states);
    turns_free(gateway->turns);
    aside_free(gateway->aside);
    answers_free(gateway->answers);
    audit_trail_free(gateway->audit);
    pthread_mutex_destroy(&gateway->lock);
    pthread_mutex_destroy(&gateway->reload_lock);
    pthread_cond_destroy(&gateway->jobs_done);
    arena_release(&gateway->reload_arena);
    arena_release(&gateway->arena);
    explicit_bzero(&gateway->token_key, sizeof gateway->token_key);
}

bool gateway_open(struct gateway *gateway, const struct gateway_options *options,
                  struct config *config, struct error *err)
{
    struct text store;

    *gateway = (struct gateway){.admin = options->admin,
                                .log = options->log,
                                .exporter = options->exporter,
                                .meter = options->meter,
                                .config_options = options->config,
                                .transport = options->transport,
                                .tells = options->tells,
                                .alone = options->alone,
                                .metrics_apart = config->settings.metrics.text.len > 0,
                                .at_ms = options->at_ms};
    pthread_mutex_init(&gateway->lock, NULL);
    pthread_mutex_init(&gateway->reload_lock, NULL);
    pthread_cond_init(&gateway->jobs_done, NULL);
    gateway->folder = arena_copy(&gateway->arena, options->folder);
    store = options->store.len > 0 ? options->store : config->settings.store;
    gateway->store_folder = arena_copy(&gateway->arena, store);
    gateway->backups = settings_backups(&config->settings, store, &gateway->arena);
    if (!open_parts(gateway, options, store, config, err)) {
        close_parts(gateway);
        if (!options->config_lent)
            config_free(config);
        return false;
    }
    gateway->answers = answers_new(config->settings.cache_memory_bytes);
    gateway->current = shared_config_new(config, gateway);
    gateway->current->lent = options->config_lent;
    atomic_store(&gateway->last_reload_ok, 1);
    atomic_store(&gateway->last_reload_ms, clock_wall_ms());
    if (options->history) {
        const struct audit_event act = {.wall_ms = clock_wall_ms(), .actor = AUDIT_BY_SYSTEM};

        history_note(gateway, config, NULL, &act, "start", NULL);
    }
    audit_trail_start(gateway, config);
    return true;
}

void gateway_close(struct gateway *gateway)
{
    for (size_t i = 0; i < GATEWAY_WORKERS_MAX; i++)
        CHECK(gateway->workers[i] == NULL);
    audit_trail_stop(gateway);
    token_uses_flush(gateway);
    old_versions_free(gateway->old_versions);
    gateway->old_versions = NULL;
    shared_config_release(gateway->current);
    close_parts(gateway);
}

struct shared_config *gateway_join(struct gateway *gateway, struct worker *worker)
{
    struct shared_config *shared;

    CHECK(worker->index < GATEWAY_WORKERS_MAX);
    pthread_mutex_lock(&gateway->lock);
    CHECK(gateway->workers[worker->index] == NULL);
    gateway->workers[worker->index] = worker;
    shared = gateway->current;
    shared_config_hold(shared);
    pthread_mutex_unlock(&gateway->lock);
    return shared;
}

void gateway_leave(struct gateway *gateway, struct worker *worker)
{
    pthread_mutex_lock(&gateway->lock);
    gateway->workers[worker->index] = NULL;
    pthread_mutex_unlock(&gateway->lock);
}

void gateway_job_begin(struct gateway *gateway)
{
    pthread_mutex_lock(&gateway->lock);
    gateway->jobs++;
    pthread_mutex_unlock(&gateway->lock);
}

void gateway_job_end(struct gateway *gateway)
{
    pthread_mutex_lock(&gateway->lock);
    gateway->jobs--;
    pthread_cond_broadcast(&gateway->jobs_done);
    pthread_mutex_unlock(&gateway->lock);
}

void gateway_jobs_wait(struct gateway *gateway)
{
    pthread_mutex_lock(&gateway->lock);
    while (gateway->jobs > 0)
        pthread_cond_wait(&gateway->jobs_done, &gateway->lock);
    pthread_mutex_unlock(&gateway->lock);
}
