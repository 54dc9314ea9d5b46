/* A key may stand in either of two buckets of every segment, whichever was emptier when it came, so
 * a lookup reads two cache lines per segment and buckets fill evenly. Segments are added, never
 * moved or freed, and so a place stays a place for as long as the table lives.
 *
 * What changes is which key a place is for, and the order of stores makes that safe for threads
 * that do not lock. To forget a counter its idle word is swapped for BUSY; then the key is
 * replaced, and last the new word is stored. A reader loads the key, the word, and the key again:
 * if the key is the same both times, the word belonged to it. Its compare-and-swap then succeeds
 * only on that very word, which cannot have come back for another key, because the words that
 * follow an idle one in a place are all different from it: rate.c says why for both of its kinds.
 * So no call is ever counted for a key that was not asked for. */
#include "limit/counter.h"

#include <stdlib.h>
#include <string.h>

#define BUSY UINT64_MAX

struct bucket {
    _Atomic uint64_t keys[COUNTER_WAYS]; /* 0: free */
    _Atomic uint64_t words[COUNTER_WAYS];
};
struct counter_segment {
    struct bucket *buckets;
};

static struct counter_segment *new_segment(size_t bucket_count)
{
    struct counter_segment *segment = malloc(sizeof *segment);
    size_t bytes = bucket_count * sizeof(struct bucket);

    if (segment == NULL)
        return NULL;
    segment->buckets = aligned_alloc(64, bytes);
    if (segment->buckets == NULL) {
        free(segment);
        return NULL;
    }
    memset(segment->buckets, 0, bytes);
    return segment;
}

bool counters_init(struct counters *counters, size_t keys,
                   bool (*idle)(uint64_t word, uint64_t now_ns))
{
    *counters = (struct counters){.bucket_count = 1, .idle = idle};
    while (counters->bucket_count * COUNTER_WAYS < keys * 2) /* half full it is at its best */
        counters->bucket_count *= 2;
    pthread_mutex_init(&counters->adding, NULL);
    counters->segments[0] = new_segment(counters->bucket_count);
    return counters->segments[0] != NULL;
}

void counters_release(struct counters *counters)
{
    for (size_t i = 0; i < COUNTER_STEPS_MAX && counters->segments[i] != NULL; i++) {
        struct counter_segment *segment = counters->segments[i];

        free(segment->buckets);
        free(segment);
    }
    pthread_mutex_destroy(&counters->adding);
}

/* Spreads a key over its bits (the finaliser of MurmurHash3): callers hash, but may add to hashes.
 */
static uint64_t spread(uint64_t key)
{
    key = (key ^ key >> 33) * 0xFF51AFD7ED558CCD;
    key = (key ^ key >> 33) * 0xC4CEB9FE1A85EC53;
    return key ^ key >> 33;
}

/* The first or second bucket of a key in a segment. */
static struct bucket *bucket_of(const struct counters *counters, struct counter_segment *segment,
                                uint64_t key, int which)
{
    uint64_t hash = spread(key);

    return &segment->buckets[(which ? hash >> 32 : hash) & (counters->bucket_count - 1)];
}

/* 0 marks a free place, so that key goes by another name. */
static uint64_t usable(uint64_t key)
{
    return key != 0 ? key : UINT64_C(0x9E3779B97F4A7C15);
}

static counter_place find_in(struct bucket *bucket, uint64_t key, uint64_t *out_word)
{
    for (size_t i = 0; i < COUNTER_WAYS; i++) {
        if (bucket->keys[i] != key)
            continue;
        *out_word = bucket->words[i];
        if (*out_word != BUSY && bucket->keys[i] == key)
            return &bucket->words[i];
    }
    return NULL;
}

counter_place counter_find(struct counters *counters, uint64_t key, uint64_t *out_word)
{
    key = usable(key);
    for (size_t s = 0; s < COUNTER_STEPS_MAX; s++) {
        struct counter_segment *segment = counters->segments[s];

        if (segment == NULL)
            break;
        for (int which = 0; which < 2; which++) {
            counter_place place = find_in(bucket_of(counters, segment, key, which), key, out_word);

            if (place != NULL)
                return place;
        }
    }
    return NULL;
}

/* ---- Adding; all of it under the mutex ---- */

/* A place that can be had, and how much it would be missed: free before idle. */
struct choice {
    struct bucket *bucket;
    size_t way;
    uint64_t word;
};

static size_t count_free(const struct bucket *bucket)
{
    size_t free_ways = 0;

    for (size_t i = 0; i < COUNTER_WAYS; i++)
        free_ways += bucket->keys[i] == 0;
    return free_ways;
}

static bool choose_free(struct bucket *first, struct bucket *second, struct choice *out)
{
    struct bucket *bucket = count_free(second) > count_free(first) ? second : first;

    for (size_t i = 0; i < COUNTER_WAYS; i++)
        if (bucket->keys[i] == 0) {
            *out = (struct choice){bucket, i, 0};
            return true;
        }
    return false;
}

/* Keeps the smallest word seen in *out. */
static void choose_smallest(struct bucket *bucket, struct choice *out)
{
    for (size_t i = 0; i < COUNTER_WAYS; i++) {
        uint64_t word = bucket->words[i];

        if (out->bucket == NULL || word < out->word)
            *out = (struct choice){bucket, i, word};
    }
}

static void fill(struct choice place, uint64_t key, uint64_t word)
{
    place.bucket->keys[place.way] = key;
    place.bucket->words[place.way] = word;
}

/* Takes an idle place of the bucket for the key; false when it has none. */
static bool replace_idle(struct counters *counters, struct bucket *bucket, uint64_t key,
                         uint64_t word, uint64_t now_ns)
{
    for (size_t i = 0; i < COUNTER_WAYS; i++) {
        uint64_t old = bucket->words[i];

        if (counters->idle(old, now_ns) &&
            atomic_compare_exchange_strong(&bucket->words[i], &old, BUSY)) {
            fill((struct choice){bucket, i, old}, key, word);
            return true;
        }
    }
    return false;
}

static bool add_in_segment(struct counters *counters, struct counter_segment *segment, uint64_t key,
                           uint64_t word, uint64_t now_ns)
{
    struct bucket *first = bucket_of(counters, segment, key, 0);
    struct bucket *second = bucket_of(counters, segment, key, 1);
    struct choice place;

    if (choose_free(first, second, &place)) {
        place.bucket->words[place.way] = BUSY;
        fill(place, key, word);
        return true;
    }
    return replace_idle(counters, first, key, word, now_ns) ||
           replace_idle(counters, second, key, word, now_ns);
}

/* The counter nearest to idle gives way; its word moving meanwhile means to look again. */
static void add_by_force(struct counters *counters, uint64_t key, uint64_t word)
{
    struct counter_segment *segment = counters->segments[0];
    struct choice place;

    do {
        place = (struct choice){0};
        choose_smallest(bucket_of(counters, segment, key, 0), &place);
        choose_smallest(bucket_of(counters, segment, key, 1), &place);
    } while (!atomic_compare_exchange_strong(&place.bucket->words[place.way], &place.word, BUSY));
    fill(place, key, word);
}

static enum counter_added add(struct counters *counters, uint64_t key, uint64_t word,
                              uint64_t now_ns, bool forced)
{
    size_t s = 0;

    for (; s < COUNTER_STEPS_MAX; s++) {
        struct counter_segment *segment = counters->segments[s];

        if (segment == NULL) {
            segment = new_segment(counters->bucket_count);
            if (segment == NULL)
                break;
            counters->segments[s] = segment;
        }
        if (add_in_segment(counters, segment, key, word, now_ns))
            return COUNTER_ADDED;
    }
    if (!forced)
        return COUNTER_FULL;
    add_by_force(counters, key, word);
    return COUNTER_ADDED;
}

enum counter_added counter_add(struct counters *counters, uint64_t key, uint64_t word,
                               uint64_t now_ns, bool forced)
{
    enum counter_added added = COUNTER_PRESENT;
    uint64_t present;

    key = usable(key);
    pthread_mutex_lock(&counters->adding);
    if (counter_find(counters, key, &present) == NULL)
        added = add(counters, key, word, now_ns, forced);
    pthread_mutex_unlock(&counters->adding);
    return added;
}

size_t counters_segments(struct counters *counters)
{
    size_t count = 0;

    while (count < COUNTER_STEPS_MAX && counters->segments[count] != NULL)
        count++;
    return count;
}
