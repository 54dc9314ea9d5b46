/* Two threads and two queues. The writer takes whatever is queued, at most STORE_GROUP_MAX, as one
 * group, and so one commit; what is submitted meanwhile becomes the next group. So a lone write
 * waits for nothing, and under load the groups grow to what one commit's time brings in.
 *
 * Askers that each wait for their answer fall into two halves that take turns: those that are
 * answered ask again while the others are being written. So when the last two groups were of
 * several together, the writer lets as many gather again before it begins, for at most half the
 * time that the last commit took. */
#include "store/store_impl.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/random.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { GATHER_MAX_US = 3000 };

struct store_command *store_command_new(enum store_kind kind)
{
    struct store_command *command = calloc(1, sizeof *command);

    CHECK(command != NULL);
    command->kind = kind;
    return command;
}

void store_command_free(struct store_command *command)
{
    if (command == NULL)
        return;
    arena_release(&command->arena);
    free(command);
}

/* These change nothing, and go to the reader. */
/* clang-format off */
static const bool reads_only[STORE_KIND_COUNT] = {
    [STORE_TOKEN_LIST] = true,
    [STORE_TOKEN_FIND] = true,
    [STORE_SESSION_READ] = true,
    [STORE_SESSION_LIST] = true,
    [STORE_SECRET_LIST] = true,
    [STORE_BUDGET_LIST] = true,
    [STORE_BUDGET_READ] = true,
    [STORE_IDEMPOTENCY_READ] = true,
    [STORE_AUDIT_READ] = true,
    [STORE_LOG_READ] = true,
    [STORE_USAGE_READ] = true,
    [STORE_ROLLUP_READ] = true,
    [STORE_CONTENT_READ] = true,
    [STORE_HISTORY_READ] = true,
    [STORE_HISTORY_LIST] = true,
    [STORE_HISTORY_HEADS] = true,
    [STORE_HISTORY_PINS] = true,
    [STORE_CACHE_READ] = true,
    [STORE_CACHE_COUNT] = true,
    [STORE_CANARY_LIST] = true,
    [STORE_RESPONSE_READ] = true,
    [STORE_NOTE_LIST] = true,
    [STORE_WEBHOOK_NEXT] = true,
    [STORE_WEBHOOK_LIST] = true,
    [STORE_WEBHOOK_COUNT] = true,
};
/* clang-format on */

static void deliver(struct loop_task *task)
{
    struct store_command *command =
        (struct store_command *)((char *)task - offsetof(struct store_command, task));

    command->done(command);
}

/* The command may be gone when this returns. */
static void answer(struct store_command *command)
{
    if (command->loop == NULL) {
        command->done(command);
        return;
    }
    command->task.run = deliver;
    loop_post(command->loop, &command->task);
}

static void queue_init(struct store_queue *queue)
{
    pthread_condattr_t monotonic;

    CHECK(pthread_mutex_init(&queue->lock, NULL) == 0);
    CHECK(pthread_condattr_init(&monotonic) == 0);
    CHECK(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&queue->changed, &monotonic) == 0);
    pthread_condattr_destroy(&monotonic);
    queue->end = &queue->first;
}

static void queue_release(struct store_queue *queue)
{
    CHECK(queue->first == NULL);
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->lock);
}

/* False when it is full. */
static bool queue_put(struct store_queue *queue, struct store_command *command)
{
    size_t bytes = command->arena.total_bytes;
    bool fits;

    pthread_mutex_lock(&queue->lock);
    CHECK(!queue->closing);
    fits = command->loop == NULL ||
           (queue->count < STORE_QUEUE_COMMANDS_MAX &&
            (queue->count == 0 || queue->bytes + bytes <= STORE_QUEUE_BYTES_MAX));
    if (fits) {
        command->next = NULL;
        *queue->end = command;
        queue->end = &command->next;
        queue->count++;
        queue->bytes += bytes;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->lock);
    return fits;
}

/* Waits until `count` commands are queued or the time has come; with the lock held. */
static void wait_for(struct store_queue *queue, size_t count, uint64_t until_us)
{
    struct timespec until = {.tv_sec = (time_t)(until_us / 1000000),
                             .tv_nsec = (long)(until_us % 1000000) * 1000};

    while (queue->count < count && !queue->closing)
        if (pthread_cond_timedwait(&queue->changed, &queue->lock, &until) == ETIMEDOUT)
            return;
}

/* Takes at most `most` commands off the front; with the lock held. */
static size_t take(struct store_queue *queue, size_t most, struct store_command **out)
{
    size_t count = 0;

    while (count < most && queue->first != NULL) {
        struct store_command *command = queue->first;

        queue->first = command->next;
        queue->bytes -= command->arena.total_bytes;
        command->next = NULL;
        out[count++] = command;
    }
    if (queue->first == NULL)
        queue->end = &queue->first;
    queue->count -= count;
    return count;
}

/* What the writer remembers of the groups before. */
struct rhythm {
    size_t last_count, count_before;
    uint64_t took_us;
};

/* The next group to write; 0: the store closes and nothing is left. */
static size_t next_group(struct store_queue *queue, const struct rhythm *rhythm,
                         struct store_command **out)
{
    size_t expected = rhythm->last_count + rhythm->count_before, count;
    uint64_t patience_us = rhythm->took_us / 2;

    pthread_mutex_lock(&queue->lock);
    if (expected > 2)
        wait_for(queue, expected < STORE_GROUP_MAX ? expected : STORE_GROUP_MAX,
                 clock_monotonic_us() +
                     (patience_us < GATHER_MAX_US ? patience_us : GATHER_MAX_US));
    while (queue->count == 0 && !queue->closing)
        pthread_cond_wait(&queue->changed, &queue->lock);
    count = take(queue, STORE_GROUP_MAX, out);
    pthread_mutex_unlock(&queue->lock);
    return count;
}

/* What the command left in the audit log, if it did. */
static void tell_audit(const struct store *store, const struct store_command *command)
{
    if (store->on_audit != NULL && command->error.code == ERROR_NONE &&
        command->recorded.sequence > 0)
        store->on_audit(store->on_audit_context, command->audit, &command->recorded);
}

static void *write_all(void *context)
{
    struct store *store = context;
    struct store_command *group[STORE_GROUP_MAX];
    struct rhythm rhythm = {0};
    size_t count;

    while ((count = next_group(&store->writes, &rhythm, group)) > 0) {
        uint64_t begin_us = clock_monotonic_us();

        store->ops->write(store, group, count);
        rhythm = (struct rhythm){count, rhythm.last_count, clock_monotonic_us() - begin_us};
        atomic_fetch_add_explicit(&store->commands, count, memory_order_relaxed);
        for (size_t i = 0; i < count; i++) {
            tell_audit(store, group[i]);
            answer(group[i]);
        }
    }
    return NULL;
}

/* The next read, or NULL when none came before `until_us`; false: the store closes and nothing is
 * left. */
static bool next_read(struct store_queue *queue, uint64_t until_us, struct store_command **out)
{
    bool open;

    *out = NULL;
    pthread_mutex_lock(&queue->lock);
    wait_for(queue, 1, until_us);
    open = take(queue, 1, out) > 0 || !queue->closing;
    pthread_mutex_unlock(&queue->lock);
    return open;
}

static void *read_all(void *context)
{
    struct store *store = context;
    struct store_command *command;
    uint64_t tick_us = clock_monotonic_us() + STORE_TICK_MS * 1000ULL;

    while (next_read(&store->reads, tick_us, &command)) {
        if (command != NULL) {
            store->ops->read(store, command);
            atomic_fetch_add_explicit(&store->commands, 1, memory_order_relaxed);
            answer(command);
        }
        if (clock_monotonic_us() >= tick_us) {
            store->ops->tick(store);
            tick_us = clock_monotonic_us() + STORE_TICK_MS * 1000ULL;
        }
    }
    return NULL;
}

static void end_thread(struct store_queue *queue, pthread_t thread)
{
    pthread_mutex_lock(&queue->lock);
    queue->closing = true;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
    CHECK(pthread_join(thread, NULL) == 0);
}

bool store_start(struct store *store, struct error *err)
{
    sigset_t all, before;
    int failed;

    random_fill(&store->epoch, sizeof store->epoch);
    queue_init(&store->writes);
    queue_init(&store->reads);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the threads of main */
    failed = pthread_create(&store->writer, NULL, write_all, store);
    if (failed == 0) {
        pthread_setname_np(store->writer, "store-write");
        failed = pthread_create(&store->reader, NULL, read_all, store);
        if (failed == 0)
            pthread_setname_np(store->reader, "store-read");
        else
            end_thread(&store->writes, store->writer);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed == 0)
        return true;
    queue_release(&store->writes);
    queue_release(&store->reads);
    return error_set(err, ERROR_STORAGE_ERROR, NULL, "cannot start the store's threads: %s",
                     strerror(failed));
}

void store_submit(struct store *store, struct store_command *command)
{
    struct store_queue *queue = reads_only[command->kind] ? &store->reads : &store->writes;

    CHECK(command->done != NULL);
    command->error = (struct error){0};
    if (queue_put(queue, command))
        return;
    error_set(&command->error, ERROR_OVERLOADED, NULL,
              "more work waits for the store than it may hold");
    answer(command);
}

/* Only deliver() looks at `done`, in the same thread as this. */
void store_abandon(struct store_command *command)
{
    CHECK(command->loop != NULL);
    command->done = store_command_free;
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
};

static void wake(struct store_command *command)
{
    struct waiter *waiter = command->context;

    pthread_mutex_lock(&waiter->lock);
    waiter->done = true;
    pthread_cond_signal(&waiter->answered);
    pthread_mutex_unlock(&waiter->lock);
}

void store_wait(struct store *store, struct store_command *command)
{
    struct waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER,
                            .answered = PTHREAD_COND_INITIALIZER};
    struct loop *loop = command->loop;
    void (*done)(struct store_command *) = command->done;
    void *context = command->context;

    command->loop = NULL;
    command->done = wake;
    command->context = &waiter;
    store_submit(store, command);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done)
        pthread_cond_wait(&waiter.answered, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_cond_destroy(&waiter.answered);
    pthread_mutex_destroy(&waiter.lock);
    command->loop = loop;
    command->done = done;
    command->context = context;
}

void store_on_audit(struct store *store,
                    void (*told)(void *context, const struct audit_event *event,
                                 const struct audit_link *place),
                    void *context)
{
    store->on_audit = told;
    store->on_audit_context = context;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    end_thread(&store->writes, store->writer);
    end_thread(&store->reads, store->reader);
    queue_release(&store->writes);
    queue_release(&store->reads);
    store->ops->close(store);
}

uint64_t store_epoch(const struct store *store)
{
    return store->epoch;
}

struct store_stats store_stats(const struct store *store)
{
    return (struct store_stats){
        .commits = atomic_load_explicit(&store->commits, memory_order_relaxed),
        .commands = atomic_load_explicit(&store->commands, memory_order_relaxed),
        .used_bytes = atomic_load_explicit(&store->used_bytes, memory_order_relaxed),
        .map_bytes = atomic_load_explicit(&store->map_bytes, memory_order_relaxed),
        .usable = atomic_load_explicit(&store->usable, memory_order_relaxed),
    };
}
