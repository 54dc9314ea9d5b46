/* An event is written by whoever logs it, without waiting: the store answers in its own thread,
 * which wakes the couriers. So many writes may be under way and no more, as nobody else bounds
 * them.
 */
#include "webhook/courier.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "secret/memory.h"

#include <stdlib.h>

enum { WRITING_MAX = 256, SAY_AGAIN_MS = 60000 };

/* --- those in force ------------------------------------------------------------------------------
 */

struct webhook_set *webhook_set_hold(struct webhooks *webhooks)
{
    struct webhook_set *set;

    pthread_mutex_lock(&webhooks->lock);
    set = webhooks->set;
    if (set != NULL)
        atomic_fetch_add(&set->holders, 1);
    pthread_mutex_unlock(&webhooks->lock);
    return set;
}

void webhook_set_release(struct webhook_set *set)
{
    if (set == NULL || atomic_fetch_sub(&set->holders, 1) > 1)
        return;
    arena_release(&set->arena);
    free(set);
}

const struct webhook *webhook_set_find(const struct webhook_set *set, struct text name)
{
    for (size_t i = 0; set != NULL && i < set->count; i++)
        if (text_equal(set->items[i].name, name))
            return &set->items[i];
    return NULL;
}

static struct webhook copy_of(struct arena *arena, const struct webhook *webhook)
{
    struct text *secrets = ARENA_ARRAY(arena, struct text, webhook->secret_count + 1);
    struct webhook copy = *webhook;

    copy.name = arena_copy(arena, webhook->name);
    copy.url = secret_keep(arena, webhook->url);
    copy.shown = arena_copy(arena, webhook->shown);
    copy.ca_file = arena_copy(arena, webhook->ca_file);
    for (size_t i = 0; i < webhook->secret_count; i++)
        secrets[i] = secret_keep(arena, webhook->secrets[i]);
    copy.secrets = secrets;
    return copy;
}

static struct webhook_set *set_of(const struct webhook *items, size_t count)
{
    struct webhook_set *set = calloc(1, sizeof *set);

    CHECK(set != NULL);
    atomic_init(&set->holders, 1);
    set->items = ARENA_ARRAY(&set->arena, struct webhook, count + 1);
    set->count = count;
    for (size_t i = 0; i < count; i++)
        set->items[i] = copy_of(&set->arena, &items[i]);
    return set;
}

/* --- couriers
 * -------------------------------------------------------------------------------------
 */

static struct courier *find_courier(const struct webhooks *webhooks, struct text name)
{
    struct courier *courier = webhooks->first;

    while (courier != NULL && !text_equal(courier->name, name))
        courier = courier->next;
    return courier;
}

/* Takes those off the list whose receiver is not in the set. Under the lock. */
static struct courier *take_gone(struct webhooks *webhooks, const struct webhook_set *set)
{
    struct courier **link = &webhooks->first, *gone = NULL;

    while (*link != NULL) {
        struct courier *courier = *link;

        if (webhook_set_find(set, courier->name) != NULL) {
            link = &courier->next;
            continue;
        }
        *link = courier->next;
        courier->next = gone;
        gone = courier;
    }
    return gone;
}

/* All at once, and then each. */
static void end_all(struct courier *first)
{
    struct courier *next;

    for (struct courier *courier = first; courier != NULL; courier = courier->next)
        courier_end(courier);
    for (; first != NULL; first = next) {
        next = first->next;
        courier_free(first);
    }
}

static void start_missing(struct webhooks *webhooks, const struct webhook_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        struct courier *courier;

        if (find_courier(webhooks, set->items[i].name) != NULL)
            continue;
        courier = courier_start(webhooks, set->items[i].name);
        if (courier == NULL) {
            log_event(webhooks->log, LOG_ERROR, "webhook", "no thread could be started", NULL);
            continue;
        }
        pthread_mutex_lock(&webhooks->lock);
        courier->next = webhooks->first;
        webhooks->first = courier;
        pthread_mutex_unlock(&webhooks->lock);
    }
}

void webhooks_adopt(struct webhooks *webhooks, const struct webhook *items, size_t count)
{
    struct webhook_set *set = set_of(items, count), *old;
    struct courier *gone;

    pthread_mutex_lock(&webhooks->lock);
    old = webhooks->set;
    webhooks->set = set;
    gone = take_gone(webhooks, set);
    pthread_mutex_unlock(&webhooks->lock);
    webhook_set_release(old);
    end_all(gone);
    start_missing(webhooks, set);
    webhooks_wake(webhooks);
}

void webhooks_wake(struct webhooks *webhooks)
{
    pthread_mutex_lock(&webhooks->lock);
    for (struct courier *courier = webhooks->first; courier != NULL; courier = courier->next)
        courier_wake(courier);
    pthread_mutex_unlock(&webhooks->lock);
}

/* --- events --------------------------------------------------------------------------------------
 */

static void say_dropped(struct webhooks *webhooks)
{
    uint64_t now_ms = clock_monotonic_ms(), said_ms = atomic_load(&webhooks->said_ms);
    uint64_t dropped = webhooks_dropped(webhooks);
    struct arena arena = {0};

    if (dropped == atomic_load(&webhooks->told) ||
        (said_ms > 0 && now_ms < said_ms + SAY_AGAIN_MS) ||
        !atomic_compare_exchange_strong(&webhooks->said_ms, &said_ms, now_ms))
        return;
    atomic_store(&webhooks->told, dropped);
    log_event(webhooks->log, LOG_WARN, "webhook",
              "there is no place for more events that wait: some are lost", "lost",
              arena_printf(&arena, "%llu", (unsigned long long)dropped).at, NULL);
    arena_release(&arena);
}

/* In the store's thread. */
static void written(struct store_command *command)
{
    struct webhooks *webhooks = command->context;
    uint64_t lost =
        command->error.code != ERROR_NONE ? command->webhook_count : (uint64_t)command->purged;

    atomic_fetch_add(&webhooks->dropped, lost);
    say_dropped(webhooks); /* those, too, that there was no place for before this one */
    webhooks_wake(webhooks);
    store_command_free(command);
    atomic_fetch_sub(&webhooks->writing, 1);
}

static bool is_for(const struct webhook *webhook, enum webhook_event event)
{
    return !webhook->missing && (webhook->events & 1u << event) != 0;
}

static void fill(struct store_command *command, const struct webhook_set *set,
                 enum webhook_event event, struct text line)
{
    struct arena *arena = &command->arena;
    struct webhook_record *out = ARENA_ARRAY(arena, struct webhook_record, set->count);
    int64_t wall_ms = clock_wall_ms();
    struct text id = id_new(arena, "evt_", wall_ms);
    const char *word = webhook_event_word(event);
    struct text body = delivery_body(arena, id, word, wall_ms, line);

    command->webhooks = out;
    for (size_t i = 0; i < set->count; i++)
        if (is_for(&set->items[i], event))
            out[command->webhook_count++] =
                (struct webhook_record){.state = WEBHOOK_WAITING,
                                        .webhook = arena_copy(arena, set->items[i].name),
                                        .at_ms = wall_ms,
                                        .id = id,
                                        .type = text_of(word),
                                        .created_ms = wall_ms,
                                        .since_ms = wall_ms,
                                        .body = body};
}

static void tell(struct webhooks *webhooks, const struct webhook_set *set, enum webhook_event event,
                 struct text line)
{
    struct store_command *command;

    if (atomic_fetch_add(&webhooks->writing, 1) >= WRITING_MAX) {
        atomic_fetch_sub(&webhooks->writing, 1);
        atomic_fetch_add(&webhooks->dropped, 1); /* told with the next that is written */
        return;
    }
    command = store_command_new(STORE_WEBHOOK_PUT);
    fill(command, set, event, line);
    command->done = written;
    command->context = webhooks;
    store_submit(webhooks->store, command);
}

static bool anybody_wants(const struct webhook_set *set, enum webhook_event event)
{
    for (size_t i = 0; set != NULL && i < set->count; i++)
        if (is_for(&set->items[i], event))
            return true;
    return false;
}

static bool wants(void *context, enum log_level level, const char *name)
{
    enum webhook_event event = webhook_event_of(level, name);
    struct webhook_set *set;
    bool wanted;

    if (event == WEBHOOK_EVENT_COUNT)
        return false;
    set = webhook_set_hold(context);
    wanted = anybody_wants(set, event);
    webhook_set_release(set);
    return wanted;
}

/* Of the level it is known that it is enough. */
static void told(void *context, const char *name, struct text line)
{
    struct webhook_set *set = webhook_set_hold(context);
    enum webhook_event event = webhook_event_of(LOG_ERROR, name);

    if (anybody_wants(set, event))
        tell(context, set, event, line);
    webhook_set_release(set);
}

const struct log_observer *webhooks_observer(const struct webhooks *webhooks)
{
    return &webhooks->observer;
}

/* --- looking -------------------------------------------------------------------------------------
 */

static void look_at_courier(struct courier *courier, struct arena *arena, struct webhook_look *out)
{
    pthread_mutex_lock(&courier->lock);
    out->delivered = courier->delivered;
    out->failed = courier->failed;
    out->last_ms = courier->last_ms;
    out->last_status = courier->last_status;
    out->last_reason = arena_copy(arena, text_of(courier->last_reason));
    pthread_mutex_unlock(&courier->lock);
}

bool webhooks_look(struct webhooks *webhooks, size_t i, struct arena *arena,
                   struct webhook_look *out)
{
    const struct webhook_set *set;
    struct courier *courier;
    bool found;

    *out = (struct webhook_look){0};
    pthread_mutex_lock(&webhooks->lock);
    set = webhooks->set;
    found = set != NULL && i < set->count;
    if (found) {
        const struct webhook *webhook = &set->items[i];

        out->name = arena_copy(arena, webhook->name);
        out->shown = arena_copy(arena, webhook->shown);
        out->events = webhook->events;
        out->missing = webhook->missing;
        courier = find_courier(webhooks, webhook->name);
        if (courier != NULL)
            look_at_courier(courier, arena, out);
    }
    pthread_mutex_unlock(&webhooks->lock);
    return found;
}

uint64_t webhooks_dropped(const struct webhooks *webhooks)
{
    return atomic_load(&webhooks->dropped);
}

/* --- beginning and end ---------------------------------------------------------------------------
 */

struct webhooks *webhooks_new(struct store *store, struct log *log)
{
    struct webhooks *webhooks = calloc(1, sizeof *webhooks);

    CHECK(webhooks != NULL);
    webhooks->store = store;
    webhooks->log = log;
    webhooks->observer = (struct log_observer){wants, told, webhooks};
    pthread_mutex_init(&webhooks->lock, NULL);
    return webhooks;
}

void webhooks_stop(struct webhooks *webhooks)
{
    struct webhook_set *set;
    struct courier *first;

    if (webhooks == NULL)
        return;
    pthread_mutex_lock(&webhooks->lock);
    set = webhooks->set;
    webhooks->set = NULL;
    first = webhooks->first;
    webhooks->first = NULL;
    pthread_mutex_unlock(&webhooks->lock);
    end_all(first);
    webhook_set_release(set);
}

void webhooks_free(struct webhooks *webhooks)
{
    if (webhooks == NULL)
        return;
    CHECK(atomic_load(&webhooks->writing) == 0 && webhooks->first == NULL);
    pthread_mutex_destroy(&webhooks->lock);
    free(webhooks);
}
