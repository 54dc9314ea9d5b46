#include "cache/shelf.h"

#include "base/check.h"

#include <stdlib.h>

enum { SMALL_PART = 10, LARGEST_PART = 4, USES_MAX = 3, CHAIN_BYTES = 1024, CHAINS_MIN = 64 };

/* --- answers -------------------------------------------------------------------------------------
 */

static struct text copy(char **tail, struct text text)
{
    struct text copied = {*tail, text.len};

    if (text.len > 0)
        memcpy(*tail, text.at, text.len);
    *tail += text.len;
    return copied;
}

struct kept_answer *kept_answer_new(const struct kept_answer *like)
{
    size_t size = sizeof *like + like->endpoint.len + like->project.len + like->bytes.len;
    struct kept_answer *kept = calloc(1, size);
    char *tail;

    CHECK(kept != NULL);
    tail = kept->tail;
    atomic_init(&kept->users, 1);
    kept->key = like->key;
    kept->stored_ms = like->stored_ms;
    kept->expires_ms = like->expires_ms;
    kept->endpoint = copy(&tail, like->endpoint);
    kept->project = copy(&tail, like->project);
    kept->bytes = copy(&tail, like->bytes);
    kept->size = size;
    return kept;
}

struct kept_answer *kept_answer_hold(struct kept_answer *kept)
{
    atomic_fetch_add_explicit(&kept->users, 1, memory_order_relaxed);
    return kept;
}

void kept_answer_release(struct kept_answer *kept)
{
    if (kept != NULL && atomic_fetch_sub_explicit(&kept->users, 1, memory_order_acq_rel) == 1)
        free(kept);
}

/* --- the shelf -----------------------------------------------------------------------------------
 */

void shelf_init(struct shelf *shelf, size_t bytes_max)
{
    *shelf = (struct shelf){.bytes_max = bytes_max, .chain_mask = CHAINS_MIN - 1};
    while (shelf->chain_mask < bytes_max / CHAIN_BYTES)
        shelf->chain_mask = shelf->chain_mask * 2 + 1;
}

/* With the first answer: most processes have none. */
static void make_tables(struct shelf *shelf)
{
    shelf->chains = calloc(shelf->chain_mask + 1, sizeof(struct kept_answer *));
    shelf->ghosts = calloc(SHELF_GHOSTS, sizeof *shelf->ghosts);
    CHECK(shelf->chains != NULL && shelf->ghosts != NULL);
}

static struct kept_answer **chain_of(const struct shelf *shelf, const struct cache_key *key)
{
    uint64_t place;

    memcpy(&place, key->bytes + 8, sizeof place); /* the first bytes choose the shelf */
    return &shelf->chains[place & shelf->chain_mask];
}

static struct kept_answer *find(const struct shelf *shelf, const struct cache_key *key)
{
    struct kept_answer *kept = shelf->chains != NULL ? *chain_of(shelf, key) : NULL;

    while (kept != NULL && !cache_key_equal(&kept->key, key))
        kept = kept->chained;
    return kept;
}

static struct shelf_queue *queue_of(struct shelf *shelf, const struct kept_answer *kept)
{
    return kept->main ? &shelf->main : &shelf->small;
}

static void enqueue(struct shelf *shelf, struct kept_answer *kept, bool main)
{
    struct shelf_queue *queue;

    kept->main = main;
    queue = queue_of(shelf, kept);
    kept->newer = NULL;
    kept->older = queue->newest;
    *(queue->newest ? &queue->newest->newer : &queue->oldest) = kept;
    queue->newest = kept;
    queue->bytes += kept->size;
}

static void dequeue(struct shelf *shelf, struct kept_answer *kept)
{
    struct shelf_queue *queue = queue_of(shelf, kept);

    *(kept->newer ? &kept->newer->older : &queue->newest) = kept->older;
    *(kept->older ? &kept->older->newer : &queue->oldest) = kept->newer;
    queue->bytes -= kept->size;
}

static void drop(struct shelf *shelf, struct kept_answer *kept)
{
    struct kept_answer **link = chain_of(shelf, &kept->key);

    while (*link != kept)
        link = &(*link)->chained;
    *link = kept->chained;
    dequeue(shelf, kept);
    shelf->entries--;
    kept_answer_release(kept);
}

void shelf_release(struct shelf *shelf)
{
    while (shelf->small.oldest != NULL)
        drop(shelf, shelf->small.oldest);
    while (shelf->main.oldest != NULL)
        drop(shelf, shelf->main.oldest);
    free(shelf->chains);
    free(shelf->ghosts);
}

/* --- keys that went ------------------------------------------------------------------------------
 */

static uint32_t *ghost_of(const struct shelf *shelf, const struct cache_key *key, uint32_t *out)
{
    uint32_t place;

    memcpy(out, key->bytes + 16, sizeof *out);
    memcpy(&place, key->bytes + 20, sizeof place);
    return &shelf->ghosts[place % SHELF_GHOSTS];
}

static void remember(struct shelf *shelf, const struct cache_key *key)
{
    uint32_t print, *ghost = ghost_of(shelf, key, &print);

    *ghost = print;
}

static bool is_remembered(struct shelf *shelf, const struct cache_key *key)
{
    uint32_t print, *ghost = ghost_of(shelf, key, &print);
    bool known = *ghost == print && print != 0;

    if (known)
        *ghost = 0;
    return known;
}

/* --- room ----------------------------------------------------------------------------------------
 */

static void turn_small(struct shelf *shelf, int64_t now_ms)
{
    struct kept_answer *kept = shelf->small.oldest;

    if (kept->uses > 0 && kept->expires_ms > now_ms) {
        dequeue(shelf, kept);
        kept->uses = 0;
        enqueue(shelf, kept, true);
        return;
    }
    remember(shelf, &kept->key);
    drop(shelf, kept);
}

static void turn_main(struct shelf *shelf, int64_t now_ms)
{
    struct kept_answer *kept = shelf->main.oldest;

    if (kept->uses == 0 || kept->expires_ms <= now_ms) {
        drop(shelf, kept);
        return;
    }
    kept->uses--;
    dequeue(shelf, kept);
    enqueue(shelf, kept, true);
}

/* Ends, because every turn drops one, or takes a use from one. */
static void make_room(struct shelf *shelf, size_t size, int64_t now_ms)
{
    while (shelf->small.bytes + shelf->main.bytes + size > shelf->bytes_max) {
        if (shelf->main.oldest == NULL ||
            (shelf->small.oldest != NULL &&
             shelf->small.bytes + size > shelf->bytes_max / SMALL_PART))
            turn_small(shelf, now_ms);
        else
            turn_main(shelf, now_ms);
    }
}

struct kept_answer *shelf_find(struct shelf *shelf, const struct cache_key *key, int64_t now_ms,
                               int64_t since_ms)
{
    struct kept_answer *kept = find(shelf, key);

    if (kept == NULL)
        return NULL;
    if (kept->expires_ms <= now_ms) {
        drop(shelf, kept);
        return NULL;
    }
    if (kept->stored_ms < since_ms)
        return NULL;
    if (kept->uses < USES_MAX)
        kept->uses++;
    return kept;
}

void shelf_put(struct shelf *shelf, struct kept_answer *kept, int64_t now_ms)
{
    struct kept_answer *known = find(shelf, &kept->key), **chain;
    bool main = known != NULL && known->main;

    if (known != NULL)
        drop(shelf, known);
    if (kept->size > shelf->bytes_max / LARGEST_PART) {
        kept_answer_release(kept);
        return;
    }
    if (shelf->chains == NULL)
        make_tables(shelf);
    chain = chain_of(shelf, &kept->key);
    main |= is_remembered(shelf, &kept->key);
    make_room(shelf, kept->size, now_ms);
    kept->chained = *chain;
    *chain = kept;
    shelf->entries++;
    enqueue(shelf, kept, main);
}

static bool is_of(const struct kept_answer *kept, struct text endpoint, struct text project)
{
    return (endpoint.len == 0 || text_equal(kept->endpoint, endpoint)) &&
           (project.len == 0 || text_equal(kept->project, project));
}

static size_t purge_queue(struct shelf *shelf, struct kept_answer *kept, struct text endpoint,
                          struct text project)
{
    struct kept_answer *newer;
    size_t purged = 0;

    for (; kept != NULL; kept = newer) {
        newer = kept->newer;
        if (!is_of(kept, endpoint, project))
            continue;
        drop(shelf, kept);
        purged++;
    }
    return purged;
}

size_t shelf_purge(struct shelf *shelf, struct text endpoint, struct text project)
{
    return purge_queue(shelf, shelf->small.oldest, endpoint, project) +
           purge_queue(shelf, shelf->main.oldest, endpoint, project);
}

void shelf_each(const struct shelf *shelf, void (*look)(const struct kept_answer *kept, void *to),
                void *to)
{
    for (const struct kept_answer *kept = shelf->small.oldest; kept != NULL; kept = kept->newer)
        look(kept, to);
    for (const struct kept_answer *kept = shelf->main.oldest; kept != NULL; kept = kept->newer)
        look(kept, to);
}
