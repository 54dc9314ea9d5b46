/* Entries hang in one list by slug and digest; tables hold counts on them, and so does a write that
 * is under way. An entry that is off stays without holders.
 *
 * Switching off takes effect in memory first and is then written; what could not be written is
 * tried again as calls come in. Commands are submitted under the entry's lock, so that their order
 * in the store is that of the decisions. */
#include "gateway/canaries.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "canary/reason.h"
#include "document/json_write.h"
#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>

enum { RETRY_MS = 10000 };

struct canary {
    struct canary *next;
    struct canaries *all;
    size_t holders; /* under the lock of all */
    struct arena arena;
    struct text slug, rule;
    unsigned char digest[CANARY_DIGEST_BYTES];
    _Atomic bool off;     /* written under the lock */
    pthread_mutex_t lock; /* of what is below */
    struct watch watch;
    struct canary_record record;
    bool saved, saving, rearming;
    uint64_t retry_ms; /* monotonic: not before */
};

struct canaries {
    struct store *store;
    struct log *log;
    pthread_mutex_t lock;
    struct canary *first;
};

struct canaries *canaries_new(struct store *store, struct log *log)
{
    struct canaries *canaries = calloc(1, sizeof *canaries);

    CHECK(canaries != NULL);
    canaries->store = store;
    canaries->log = log;
    CHECK(pthread_mutex_init(&canaries->lock, NULL) == 0);
    return canaries;
}

static void free_canary(struct canary *canary)
{
    pthread_mutex_destroy(&canary->lock);
    arena_release(&canary->arena);
    free(canary);
}

void canaries_free(struct canaries *canaries)
{
    struct canary *next;

    if (canaries == NULL)
        return;
    for (struct canary *canary = canaries->first; canary != NULL; canary = next) {
        next = canary->next;
        CHECK(canary->holders == 0);
        free_canary(canary);
    }
    pthread_mutex_destroy(&canaries->lock);
    free(canaries);
}

/* --- entries -------------------------------------------------------------------------------------
 */

/* One more holder; made when it is new. Under the lock. */
static struct canary *hold(struct canaries *canaries, struct text slug, struct text rule,
                           const unsigned char digest[CANARY_DIGEST_BYTES])
{
    struct canary *canary;

    for (canary = canaries->first; canary != NULL; canary = canary->next)
        if (memcmp(canary->digest, digest, CANARY_DIGEST_BYTES) == 0 &&
            text_equal(canary->slug, slug))
            break;
    if (canary == NULL) {
        canary = calloc(1, sizeof *canary);
        CHECK(canary != NULL && pthread_mutex_init(&canary->lock, NULL) == 0);
        canary->all = canaries;
        canary->slug = arena_copy(&canary->arena, slug);
        canary->rule = arena_copy(&canary->arena, rule);
        memcpy(canary->digest, digest, CANARY_DIGEST_BYTES);
        canary->next = canaries->first;
        canaries->first = canary;
    }
    canary->holders++;
    return canary;
}

static void let_go(struct canary *canary)
{
    struct canary **link = &canary->all->first;

    if (--canary->holders > 0 || canary->off)
        return;
    while (*link != canary)
        link = &(*link)->next;
    *link = canary->next;
    free_canary(canary);
}

static void let_go_alone(struct canary *canary)
{
    struct canaries *canaries = canary->all;

    pthread_mutex_lock(&canaries->lock);
    let_go(canary);
    pthread_mutex_unlock(&canaries->lock);
}

static void know(struct canaries *canaries, const struct canary_record *record)
{
    struct canary *canary = hold(canaries, record->endpoint, record->rule, record->digest);

    canary->record = *record;
    canary->record.endpoint = canary->slug;
    canary->record.rule = canary->rule;
    canary->saved = true;
    atomic_store(&canary->off, true);
    let_go(canary);
}

void canaries_load(struct canaries *canaries)
{
    struct store_command *list = store_command_new(STORE_CANARY_LIST);

    store_wait(canaries->store, list);
    for (size_t i = 0; i < list->canary_count; i++)
        know(canaries, &list->canaries[i]);
    if (list->error.code != ERROR_NONE)
        log_event(canaries->log, LOG_ERROR, "canary",
                  "not all rules that were switched off could be read", "error",
                  list->error.message, NULL);
    store_command_free(list);
}

/* --- tables --------------------------------------------------------------------------------------
 */

void canary_table_init(struct canary_table *table, struct canaries *canaries,
                       const struct config *config)
{
    *table = (struct canary_table){
        .canaries = canaries,
        .items = calloc(config->canary_count + 1, sizeof(struct canary *)),
        .count = config->canary_count,
    };
    CHECK(table->items != NULL);
    pthread_mutex_lock(&canaries->lock);
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const struct endpoint *endpoint = &config->endpoints[i];

        for (size_t c = 0; c < endpoint->canary_count; c++) {
            const struct canary_rule *rule = &endpoint->canaries[c];

            table->items[rule->index] = hold(canaries, endpoint->slug,
                                             endpoint->rules.items[rule->rule].name, rule->digest);
        }
    }
    pthread_mutex_unlock(&canaries->lock);
}

void canary_table_release(struct canary_table *table)
{
    if (table->canaries == NULL)
        return;
    pthread_mutex_lock(&table->canaries->lock);
    for (size_t i = 0; i < table->count; i++)
        if (table->items[i] != NULL)
            let_go(table->items[i]);
    pthread_mutex_unlock(&table->canaries->lock);
    free(table->items);
    *table = (struct canary_table){0};
}

/* --- switching off -------------------------------------------------------------------------------
 */

bool canary_is_off(const struct canary *canary)
{
    return atomic_load_explicit(&canary->off, memory_order_relaxed);
}

/* In the store's thread. */
static void written(struct store_command *command)
{
    struct canary *canary = command->context;
    bool good = command->error.code == ERROR_NONE;

    pthread_mutex_lock(&canary->lock);
    canary->saving = false;
    canary->saved = good;
    pthread_mutex_unlock(&canary->lock);
    if (!good)
        log_event(canary->all->log, LOG_ERROR, "canary",
                  "that a rule is off could not be written, so that a restart would forget it",
                  "endpoint", arena_terminated(&command->arena, canary->slug), "rule",
                  arena_terminated(&command->arena, canary->rule), "error", command->error.message,
                  NULL);
    store_command_free(command);
    let_go_alone(canary);
}

static void put_sums(struct buffer *out, const char *name, const struct canary_sums *sums)
{
    json_put_name(out, name);
    buffer_printf(out, "{\"calls\":%llu,\"refused\":%llu,\"costed\":%llu",
                  (unsigned long long)sums->calls, (unsigned long long)sums->refused,
                  (unsigned long long)sums->costed);
    json_put_usd(out, "cost_usd", sums->cost_nano);
    buffer_put_byte(out, '}');
}

static struct audit_event *act_of(struct arena *arena, const struct canary_record *record)
{
    struct buffer details = buffer_in(arena);
    struct audit_event act = {.wall_ms = record->off_ms,
                              .actor = AUDIT_BY_SYSTEM,
                              .action = AUDIT_CANARY_OFF,
                              .object = arena_printf(arena, "%.*s/%.*s", TEXT_ARG(record->endpoint),
                                                     TEXT_ARG(record->rule))};

    buffer_put_byte(&details, '{');
    json_put_text(&details, "rule", record->rule);
    json_put_text(&details, "reason", text_of(canary_why_word(record->why)));
    put_sums(&details, "taken", &record->taken);
    put_sums(&details, "rest", &record->rest);
    buffer_put_byte(&details, '}');
    act.details = buffer_text(&details);
    return audit_event_copy(arena, &act);
}

/* Under the canary's lock. */
static void write_off(struct canary *canary, uint64_t now_ms)
{
    struct store_command *command = store_command_new(STORE_CANARY_OFF);

    command->canary = canary->record; /* its texts outlive the command: it holds the canary */
    command->audit = act_of(&command->arena, &canary->record);
    command->done = written;
    command->context = canary;
    canary->saving = true;
    canary->retry_ms = now_ms + RETRY_MS;
    pthread_mutex_lock(&canary->all->lock);
    canary->holders++;
    pthread_mutex_unlock(&canary->all->lock);
    store_submit(canary->all->store, command);
}

static struct canary_sums sums_of(const struct watch_counts *counts)
{
    return (struct canary_sums){counts->calls, counts->refused, counts->costed,
                                counts->cost < 9e18 ? (int64_t)counts->cost : INT64_MAX};
}

static void switch_off(struct canary *canary, const struct watch_rule *rule, enum canary_why why,
                       const struct watch_counts counts[WATCH_SIDES], int64_t wall_ms)
{
    canary->record = (struct canary_record){.endpoint = canary->slug,
                                            .rule = canary->rule,
                                            .off_ms = wall_ms,
                                            .why = why,
                                            .window_ms = rule->window_ms,
                                            .taken = sums_of(&counts[WATCH_TAKEN]),
                                            .rest = sums_of(&counts[WATCH_REST])};
    memcpy(canary->record.digest, canary->digest, CANARY_DIGEST_BYTES);
    canary->saved = false;
    atomic_store(&canary->off, true);
}

static void say(struct canary *canary)
{
    struct arena arena = {0};
    struct buffer why = buffer_in(&arena);

    canary_put_reason(&why, &canary->record);
    log_event(canary->all->log, LOG_WARN, "canary", "a routing rule was switched off", "endpoint",
              arena_terminated(&arena, canary->slug), "rule",
              arena_terminated(&arena, canary->rule), "reason", canary_why_word(canary->record.why),
              "why", arena_terminated(&arena, buffer_text(&why)), NULL);
    arena_release(&arena);
}

/* Only one of the rule's own calls makes it worse. */
static enum canary_why note(struct canary *canary, const struct watch_rule *rule,
                            enum watch_side side, const struct watch_call *call, uint64_t now_ms,
                            int64_t wall_ms)
{
    struct watch_counts counts[WATCH_SIDES];
    enum canary_why why;

    watch_note(&canary->watch, rule, side, call, now_ms);
    if (side != WATCH_TAKEN)
        return CANARY_FINE;
    watch_sum(&canary->watch, rule, now_ms, counts);
    why = watch_judge(rule, counts);
    if (why == CANARY_FINE)
        return why;
    switch_off(canary, rule, why, counts, wall_ms);
    say(canary);
    return why;
}

enum canary_why canary_note(struct canary *canary, const struct watch_rule *rule,
                            enum watch_side side, const struct watch_call *call, uint64_t now_ms,
                            int64_t wall_ms)
{
    enum canary_why why = CANARY_FINE;

    pthread_mutex_lock(&canary->lock);
    if (!canary->off)
        why = note(canary, rule, side, call, now_ms, wall_ms);
    if (canary->off && !canary->saved && !canary->saving && !canary->rearming &&
        (why != CANARY_FINE || now_ms >= canary->retry_ms))
        write_off(canary, now_ms);
    pthread_mutex_unlock(&canary->lock);
    return why;
}

/* --- looking, and switching on -------------------------------------------------------------------
 */

void canary_look(struct canary *canary, const struct watch_rule *rule, uint64_t now_ms,
                 struct canary_sight *out)
{
    pthread_mutex_lock(&canary->lock);
    *out =
        (struct canary_sight){.off = canary->off, .saved = canary->saved, .record = canary->record};
    watch_sum(&canary->watch, rule, now_ms, out->counts);
    pthread_mutex_unlock(&canary->lock);
}

static bool begin_rearm(struct canary *canary)
{
    bool off;

    pthread_mutex_lock(&canary->lock);
    off = canary->off && !canary->rearming;
    canary->rearming |= off;
    pthread_mutex_unlock(&canary->lock);
    return off;
}

static void end_rearm(struct canary *canary, bool good)
{
    pthread_mutex_lock(&canary->lock);
    canary->rearming = false;
    if (good) {
        canary->watch = (struct watch){0};
        canary->saved = false;
        atomic_store(&canary->off, false);
    }
    pthread_mutex_unlock(&canary->lock);
}

bool canary_rearm(struct canary *canary, const struct audit_event *act, bool *out_changed,
                  struct error *err)
{
    struct store_command *command;

    *out_changed = begin_rearm(canary);
    if (!*out_changed)
        return true;
    command = store_command_new(STORE_CANARY_REARM);
    command->canary.endpoint = canary->slug;
    memcpy(command->canary.digest, canary->digest, CANARY_DIGEST_BYTES);
    command->audit = audit_event_copy(&command->arena, act);
    store_wait(canary->all->store, command);
    *err = command->error;
    end_rearm(canary, err->code == ERROR_NONE);
    store_command_free(command);
    return err->code == ERROR_NONE;
}
