#include "gateway/cache_store.h"

#include "base/clock.h"
#include "gateway/durable.h"

enum { TOLD_EVERY_MS = 60000 };

static uint64_t bytes_max(const struct worker *worker)
{
    return worker->lease->config->settings.cache_disk_bytes;
}

/* --- reading -------------------------------------------------------------------------------------
 */

static struct kept_answer *kept_of(const struct cache_record *record)
{
    struct kept_answer like = {.stored_ms = record->stored_ms,
                               .expires_ms = record->expires_ms,
                               .endpoint = record->endpoint,
                               .project = record->project,
                               .bytes = record->bytes};

    memcpy(like.key.bytes, record->key, sizeof like.key.bytes);
    return kept_answer_new(&like);
}

/* A damaged record is none; the answer that is made for it takes its place. */
static void read(struct request *request, struct store_command *command)
{
    struct kept_answer *kept = command->cached != NULL ? kept_of(command->cached) : NULL;

    request->times.store_us += request_waited_us(request);
    store_command_free(command);
    request->share.found(request, kept);
}

bool cache_store_read(struct request *request,
                      void (*found)(struct request *request, struct kept_answer *kept))
{
    struct share *share = &request->share;
    struct store_command *command;

    if (bytes_max(request->worker) == 0 || share->ttl_ms < CACHE_DISK_LEAST_MS)
        return false;
    command = store_command_new(STORE_CACHE_READ);
    memcpy(command->cache.key, share->key.bytes, sizeof command->cache.key);
    command->cache.stored_ms = request->wall_ms - share->ttl_ms;
    command->now_ms = request->wall_ms;
    share->found = found;
    request_waits(request);
    durable_submit(request, command, read);
    return true;
}

/* --- writing -------------------------------------------------------------------------------------
 */

/* Behind a command's context, in its own memory. */
struct putting {
    struct worker *worker;
    uint64_t purges;
};

static void submit(struct worker *worker, struct store_command *command, uint64_t purges,
                   void (*done)(struct store_command *command))
{
    struct putting *putting = ARENA_NEW(&command->arena, struct putting);

    *putting = (struct putting){worker, purges};
    command->loop = worker->loop;
    command->done = done;
    command->context = putting;
    worker->commands++;
    worker->cache_puts++;
    store_submit(worker->gateway->store, command);
}

static void tell(struct worker *worker, const struct store_command *command)
{
    uint64_t now_ms = loop_now_ms(worker->loop);

    if (command->error.code == ERROR_NONE || now_ms < worker->cache_told_ms)
        return;
    worker->cache_told_ms = now_ms + TOLD_EVERY_MS;
    log_event(worker->gateway->log, LOG_WARN, "cache", "a cached answer is not in the store",
              "code", error_row(command->error.code)->word, NULL);
}

static struct putting *ended(struct store_command *command)
{
    struct putting *putting = command->context;

    putting->worker->commands--;
    putting->worker->cache_puts--;
    tell(putting->worker, command);
    return putting;
}

static void dropped(struct store_command *command)
{
    ended(command);
    store_command_free(command);
}

/* A purge that began after it was decided to keep the answer may have looked before it was written.
 */
static void put(struct store_command *command)
{
    const struct putting *putting = ended(command);
    struct store_command *drop;

    if (command->error.code == ERROR_NONE &&
        putting->purges != answers_purges(putting->worker->gateway->answers)) {
        drop = store_command_new(STORE_CACHE_DROP);
        memcpy(drop->cache.key, command->cache.key, sizeof drop->cache.key);
        submit(putting->worker, drop, 0, dropped);
    }
    store_command_free(command);
}

void cache_store_put(struct worker *worker, const struct kept_answer *kept, uint64_t purges)
{
    struct store_command *command;

    if (bytes_max(worker) == 0 || worker->cache_puts >= CACHE_PUTS_MAX ||
        kept->expires_ms - kept->stored_ms < CACHE_DISK_LEAST_MS)
        return;
    command = store_command_new(STORE_CACHE_PUT);
    memcpy(command->cache.key, kept->key.bytes, sizeof command->cache.key);
    command->cache.stored_ms = kept->stored_ms;
    command->cache.expires_ms = kept->expires_ms;
    command->cache.endpoint = arena_copy(&command->arena, kept->endpoint);
    command->cache.project = arena_copy(&command->arena, kept->project);
    command->cache.bytes = arena_copy(&command->arena, kept->bytes);
    command->bytes_max = bytes_max(worker);
    submit(worker, command, purges, put);
}
