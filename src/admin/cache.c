/* The cache: what is in it and how it is used, and its purge. */
#include "admin/admin.h"

#include "admin/audit.h"
#include "cache/answers.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/paths.h"
#include "journal/metrics.h"

/* --- GET /admin/v1/cache -------------------------------------------------------------------------
 */

/* What one endpoint has in memory, and what became of its calls in this process. */
enum { BUCKETS = 4096 };
struct endpoint_use {
    struct text slug;
    uint32_t next; /* in its bucket: a place + 1; 0: none */
    uint64_t entries, bytes;
    uint64_t results[SHARE_BYPASS + 1];
};
struct view {
    struct arena *arena;
    struct endpoint_use *items;
    size_t count, room;
    uint32_t buckets[BUCKETS]; /* by the slug's hash: looked up for every answer, under a lock */
    uint64_t disk_max;
};

static struct endpoint_use *use_of(struct view *view, struct text slug)
{
    uint32_t *bucket = &view->buckets[text_hash(slug) % BUCKETS];

    for (uint32_t at = *bucket; at > 0; at = view->items[at - 1].next)
        if (text_equal(view->items[at - 1].slug, slug))
            return &view->items[at - 1];
    if (view->count == view->room) {
        size_t room = view->room > 0 ? view->room * 2 : 16;

        view->items = arena_grow(view->arena, view->items, view->room * sizeof *view->items,
                                 room * sizeof *view->items);
        view->room = room;
    }
    view->items[view->count] =
        (struct endpoint_use){.slug = arena_copy(view->arena, slug), .next = *bucket};
    *bucket = (uint32_t)view->count + 1;
    return &view->items[view->count++];
}

static void count_kept(const struct kept_answer *kept, void *to)
{
    struct endpoint_use *use = use_of(to, kept->endpoint);

    use->entries++;
    use->bytes += kept->size;
}

static void count_result(const struct text *labels, uint64_t sum, void *to)
{
    struct endpoint_use *use = use_of(to, labels[0]);

    for (int result = SHARE_MISS; result <= SHARE_BYPASS; result++)
        if (text_equal(labels[1], share_word((enum share_result)result)))
            use->results[result] += sum;
}

static void put_use(struct buffer *out, const struct endpoint_use *use)
{
    buffer_put(out, TEXT("{\"endpoint\":"));
    json_put_string(out, use->slug);
    json_put_count(out, "entries", use->entries);
    json_put_count(out, "bytes", use->bytes);
    json_put_count(out, "hits", use->results[SHARE_HIT]);
    json_put_count(out, "misses", use->results[SHARE_MISS]);
    json_put_count(out, "joined", use->results[SHARE_JOINED]);
    json_put_count(out, "bypassed", use->results[SHARE_BYPASS]);
    buffer_put_byte(out, '}');
}

static void put_tier(struct buffer *out, const char *name, uint64_t entries, uint64_t bytes,
                     uint64_t most)
{
    json_put_name(out, name);
    buffer_put_byte(out, '{');
    json_put_count(out, "entries", entries);
    json_put_count(out, "bytes", bytes);
    json_put_count(out, "max_bytes", most);
    buffer_put_byte(out, '}');
}

static void put_view(struct job *job, const struct store_command *disk, struct buffer *out)
{
    struct view *view = job->order;
    struct answers_stats stats = answers_stats(job->gateway->answers);

    answers_each(job->gateway->answers, count_kept, view);
    metrics_each(job->gateway->metrics, METRIC_CACHE, count_result, view);
    buffer_put(out, TEXT("{\"object\":\"cache\""));
    put_tier(out, "memory", stats.entries, stats.bytes, stats.bytes_max);
    put_tier(out, "disk", disk->entries, disk->bytes, view->disk_max);
    json_put_name(out, "calls");
    buffer_put_byte(out, '{');
    json_put_count(out, "under_way", stats.flights);
    json_put_count(out, "waiting", stats.waiting);
    buffer_put_byte(out, '}');
    json_put_name(out, "endpoints");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < view->count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        put_use(out, &view->items[i]);
    }
    buffer_put(out, TEXT("]}"));
}

static void show(struct job *job)
{
    struct store_command *disk = store_command_new(STORE_CACHE_COUNT);
    struct buffer out = buffer_in(&job->arena);

    store_wait(job->gateway->store, disk);
    job->error = disk->error;
    put_view(job, disk, &out);
    store_command_free(disk);
    job->status = 200;
    job->body = buffer_text(&out);
}

void admin_show_cache(struct request *request, struct text none)
{
    struct job *job = job_new(request, show);
    struct view *view = ARENA_NEW(&job->arena, struct view);

    (void)none;
    view->arena = &job->arena;
    view->disk_max = request->config->settings.cache_disk_bytes;
    job->order = view;
    job_start(job);
}

/* --- DELETE /admin/v1/cache?endpoint=&project= ---------------------------------------------------
 */

struct purge_order {
    struct text endpoint, project;
};

static bool read_order(struct request *request, struct purge_order *out)
{
    const struct query_param params[] = {
        {.name = "endpoint", .text = &out->endpoint},
        {.name = "project", .text = &out->project},
    };

    *out = (struct purge_order){0};
    return query_read(request, params, sizeof params / sizeof *params);
}

static uint64_t erase(struct job *job, const struct purge_order *order)
{
    struct text after = {0};
    uint64_t erased = 0;
    bool more = true;

    while (more && job->error.code == ERROR_NONE) {
        struct store_command *command = store_command_new(STORE_CACHE_ERASE);

        command->cache.endpoint = arena_copy(&command->arena, order->endpoint);
        command->cache.project = arena_copy(&command->arena, order->project);
        command->after = arena_copy(&command->arena, after);
        store_wait(job->gateway->store, command);
        job->error = command->error;
        erased += command->purged;
        more = command->more;
        after = arena_copy(&job->arena, command->last);
        store_command_free(command);
    }
    return erased;
}

/* Memory a second time: what was found in the store while that was being emptied is in it again. */
static void purge(struct job *job)
{
    const struct purge_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);
    uint64_t memory = answers_purge(job->gateway->answers, order->endpoint, order->project);
    uint64_t disk = erase(job, order);

    answers_purge(job->gateway->answers, order->endpoint, order->project);
    buffer_put(&out, TEXT("{\"object\":\"cache.purge\""));
    json_put_count(&out, "memory", memory);
    json_put_count(&out, "disk", disk);
    buffer_put_byte(&out, '}');
    job->status = 200;
    job->body = buffer_text(&out);
}

static void start_purge(struct request *request, struct text object)
{
    struct job *job = job_new(request, purge);
    struct purge_order *order = ARENA_NEW(&job->arena, struct purge_order);
    struct purge_order read;

    (void)object;
    read_order(request, &read); /* it was good before */
    order->endpoint = arena_copy(&job->arena, read.endpoint);
    order->project = arena_copy(&job->arena, read.project);
    job->order = order;
    job_start(job);
}

void admin_purge_cache(struct request *request, struct text none)
{
    struct purge_order order;
    struct text object;

    (void)none;
    if (!read_order(request, &order)) {
        request_refuse(request);
        return;
    }
    object = arena_printf(&request->arena, "%s%.*s%s%s%.*s",
                          order.endpoint.len > 0 ? "endpoint " : "", TEXT_ARG(order.endpoint),
                          order.endpoint.len > 0 && order.project.len > 0 ? ", " : "",
                          order.project.len > 0 ? "project " : "", TEXT_ARG(order.project));
    admin_record(request, AUDIT_CACHE_PURGE, object.len > 0 ? object : TEXT("all"), start_purge);
}
