/* Parts by the key's first byte: a shelf, and a table of flights. A flight is found, made and taken
 * out under its part's lock, and an answer gets onto the shelf under the lock under which its
 * flight leaves the table, so that nobody who asks falls between the two. Order: the part's lock,
 * then the flight's. */
#include "cache/answers.h"

#include "base/check.h"
#include "cache/answer.h"
#include "cache/flight.h"

#include <stdlib.h>

enum { PARTS = 8, CHAINS = 256 };

struct part {
    pthread_mutex_t lock;
    struct shelf shelf;
    struct flight *chains[CHAINS];
    size_t flights;
};
struct answers {
    struct part parts[PARTS];
    size_t bytes_max;
    _Atomic uint64_t purges;
};

struct answers *answers_new(size_t bytes_max)
{
    struct answers *answers = calloc(1, sizeof *answers);

    CHECK(answers != NULL);
    answers->bytes_max = bytes_max;
    for (size_t i = 0; i < PARTS; i++) {
        CHECK(pthread_mutex_init(&answers->parts[i].lock, NULL) == 0);
        shelf_init(&answers->parts[i].shelf, bytes_max / PARTS);
    }
    return answers;
}

void answers_free(struct answers *answers)
{
    if (answers == NULL)
        return;
    for (size_t i = 0; i < PARTS; i++) {
        CHECK(answers->parts[i].flights == 0);
        shelf_release(&answers->parts[i].shelf);
        pthread_mutex_destroy(&answers->parts[i].lock);
    }
    free(answers);
}

static struct part *part_of(struct answers *answers, const struct cache_key *key)
{
    return &answers->parts[key->bytes[0] % PARTS];
}

static struct flight **find(struct part *part, const struct cache_key *key)
{
    struct flight **link = &part->chains[key->bytes[1] % CHAINS];

    while (*link != NULL && !cache_key_equal(&(*link)->key, key))
        link = &(*link)->chained;
    return link;
}

/* Nobody can join it any more. With both locks held. */
static void unlist(struct part *part, struct flight *flight)
{
    if (!flight->listed)
        return;
    *find(part, &flight->key) = flight->chained;
    flight->listed = false;
    part->flights--;
}

/* --- asking --------------------------------------------------------------------------------------
 */

/* Every flight that is listed has a leader, or gets one under the locks that are held here. */
static enum answers_verdict join_or_lead(struct answers *answers, struct part *part,
                                         const struct cache_key *key,
                                         const struct seat_asker *asker, struct seat **out_seat)
{
    struct flight **link = find(part, key), *flight = *link;

    if (flight == NULL) {
        *link = flight = flight_new(key, asker, answers_purges(answers));
        flight->listed = true;
        part->flights++;
        *out_seat = flight->leader;
        return ANSWERS_LEADS;
    }
    pthread_mutex_lock(&flight->lock);
    *out_seat = flight_join(flight, asker);
    pthread_mutex_unlock(&flight->lock);
    return *out_seat != NULL ? ANSWERS_JOINED : ANSWERS_CROWDED;
}

enum answers_verdict answers_ask(struct answers *answers, const struct cache_key *key,
                                 int64_t now_ms, int64_t since_ms, const struct seat_asker *asker,
                                 struct kept_answer **out_kept, struct seat **out_seat)
{
    struct part *part = part_of(answers, key);
    enum answers_verdict verdict = ANSWERS_KEPT;

    pthread_mutex_lock(&part->lock);
    *out_kept = shelf_find(&part->shelf, key, now_ms, since_ms);
    if (*out_kept != NULL)
        kept_answer_hold(*out_kept);
    else
        verdict = join_or_lead(answers, part, key, asker, out_seat);
    pthread_mutex_unlock(&part->lock);
    return verdict;
}

/* For those who have heard the beginning of what will have no end: why is the leader's business. */
static const struct error given_up = {.code = ERROR_UPSTREAM_FAILED,
                                      .message = "the call that this one had joined was given up"};

/* One whose leader leaves without a word goes to the next; with both locks held. */
static void desert(struct answers *answers, struct part *part, struct flight *flight)
{
    if (!flight_promote(flight, &given_up, answers_purges(answers)))
        unlist(part, flight);
}

void answers_leave(struct answers *answers, struct seat *seat)
{
    struct flight *flight = seat != NULL ? seat->flight : NULL;
    struct part *part;
    bool last;

    if (seat == NULL)
        return;
    part = part_of(answers, &flight->key);
    pthread_mutex_lock(&part->lock);
    pthread_mutex_lock(&flight->lock);
    if (flight->leader == seat)
        desert(answers, part, flight);
    last = flight_remove(flight, seat);
    if (!last && flight->leader != NULL && flight->leader != seat)
        flight_tell(flight->leader);
    seat->left = seat->told;
    if (!seat->left)
        free(seat);
    pthread_mutex_unlock(&flight->lock);
    pthread_mutex_unlock(&part->lock);
    if (last)
        flight_free(flight);
}

/* --- leading -------------------------------------------------------------------------------------
 */

size_t seat_others(struct seat *seat)
{
    size_t others;

    pthread_mutex_lock(&seat->flight->lock);
    others = seat->flight->seats - 1;
    pthread_mutex_unlock(&seat->flight->lock);
    return others;
}

void seat_say(struct seat *seat, unsigned place, struct text step)
{
    struct flight *flight = seat->flight;

    pthread_mutex_lock(&flight->lock);
    CHECK(flight->leader == seat);
    flight->place = place;
    if (flight->steps_lost || step.len > FLIGHT_STEPS_BYTES_MAX - flight->steps.len)
        flight->steps_lost = true;
    else
        buffer_put(&flight->steps, step);
    for (struct seat *it = flight->first; it != NULL; it = it->next)
        if (it != seat && it->asker.live)
            flight_tell(it);
    pthread_mutex_unlock(&flight->lock);
}

/* How an answer came about. */
struct landing {
    unsigned place;
    bool kept, found;
};

static bool land(struct answers *answers, struct seat *seat, struct kept_answer *answer,
                 struct landing landing, int64_t now_ms)
{
    struct flight *flight = seat->flight;
    struct part *part = part_of(answers, &flight->key);

    pthread_mutex_lock(&part->lock);
    pthread_mutex_lock(&flight->lock);
    CHECK(flight->leader == seat);
    landing.kept &= flight->purges == answers_purges(answers);
    if (landing.kept)
        shelf_put(&part->shelf, kept_answer_hold(answer), now_ms);
    unlist(part, flight);
    flight->leader = NULL;
    flight->place = landing.place;
    flight->found = landing.found;
    flight->answer = kept_answer_hold(answer);
    pthread_mutex_unlock(&part->lock); /* nobody can come any more, so the many are told without */
    flight_tell_all(flight, seat);
    pthread_mutex_unlock(&flight->lock);
    return landing.kept;
}

bool answers_land(struct answers *answers, struct seat *seat, struct kept_answer *answer,
                  unsigned place, bool kept, int64_t now_ms)
{
    return land(answers, seat, answer, (struct landing){.place = place, .kept = kept}, now_ms);
}

bool answers_land_found(struct answers *answers, struct seat *seat, struct kept_answer *answer,
                        int64_t now_ms)
{
    return land(answers, seat, answer, (struct landing){.kept = true, .found = true}, now_ms);
}

static struct text heap_copy(struct text text)
{
    char *bytes = text.len > 0 ? malloc(text.len) : NULL;

    CHECK(text.len == 0 || bytes != NULL);
    if (text.len > 0)
        memcpy(bytes, text.at, text.len);
    return (struct text){bytes, text.len};
}

static void fail_all(struct part *part, struct flight *flight, const struct error *error,
                     struct text details)
{
    unlist(part, flight);
    flight->leader = NULL;
    flight->failed = true;
    flight->error = *error;
    flight->details = heap_copy(details);
}

void answers_fail(struct answers *answers, struct seat *seat, const struct error *error,
                  enum flight_error whose, struct text details)
{
    struct flight *flight = seat->flight;
    struct part *part = part_of(answers, &flight->key);
    bool over;

    pthread_mutex_lock(&part->lock);
    pthread_mutex_lock(&flight->lock);
    CHECK(flight->leader == seat && error->code != ERROR_NONE);
    if (whose == FLIGHT_PROVIDER && ++flight->failures >= FLIGHT_FAILURES_MAX)
        whose = FLIGHT_ALL;
    over = whose == FLIGHT_ALL || !flight_promote(flight, whose == FLIGHT_OWN ? &given_up : error,
                                                  answers_purges(answers));
    if (over)
        fail_all(part, flight, error, details);
    pthread_mutex_unlock(&part->lock);
    if (over)
        flight_tell_all(flight, seat);
    pthread_mutex_unlock(&flight->lock);
}

/* --- waiting -------------------------------------------------------------------------------------
 */

void seat_look(struct seat *seat, struct seat_view *out)
{
    struct flight *flight = seat->flight;

    pthread_mutex_lock(&flight->lock);
    *out = (struct seat_view){.place = flight->place,
                              .unread = flight->steps.len - seat->at,
                              .steps_lost = flight->steps_lost,
                              .found = flight->found,
                              .answer = flight->answer,
                              .details = flight->details};
    if (flight->leader == seat)
        out->state = SEAT_LEADS;
    else if (flight->answer != NULL)
        out->state = SEAT_ANSWERED;
    else if (flight->failed || seat->failed)
        out->state = SEAT_FAILED;
    if (seat->failed) { /* what is said now is another's */
        out->state = SEAT_FAILED;
        out->unread = 0;
    }
    out->error = seat->failed ? &seat->error : &flight->error;
    pthread_mutex_unlock(&flight->lock);
}

void seat_read(struct seat *seat, size_t most, struct buffer *out)
{
    struct flight *flight = seat->flight;
    struct text unread;
    size_t len = 0, step;

    pthread_mutex_lock(&flight->lock);
    if (!seat->failed) {
        unread = text_after(buffer_text(&flight->steps), seat->at);
        while ((len == 0 || len < most) && (step = step_bytes(text_after(unread, len))) > 0)
            len += step;
        buffer_put(out, text_first(unread, len));
        seat->at += len;
    }
    pthread_mutex_unlock(&flight->lock);
}

/* --- what is kept --------------------------------------------------------------------------------
 */

uint64_t answers_purges(const struct answers *answers)
{
    return atomic_load(&answers->purges);
}

bool answers_keep(struct answers *answers, struct kept_answer *answer, uint64_t purges,
                  int64_t now_ms)
{
    struct part *part = part_of(answers, &answer->key);
    bool kept;

    pthread_mutex_lock(&part->lock);
    kept = purges == answers_purges(answers);
    if (kept)
        shelf_put(&part->shelf, kept_answer_hold(answer), now_ms);
    pthread_mutex_unlock(&part->lock);
    return kept;
}

/* The count goes first: what lands from then on is not kept, and what landed before is found. */
size_t answers_purge(struct answers *answers, struct text endpoint, struct text project)
{
    size_t purged = 0;

    atomic_fetch_add(&answers->purges, 1);
    for (size_t i = 0; i < PARTS; i++) {
        pthread_mutex_lock(&answers->parts[i].lock);
        purged += shelf_purge(&answers->parts[i].shelf, endpoint, project);
        pthread_mutex_unlock(&answers->parts[i].lock);
    }
    return purged;
}

struct answers_stats answers_stats(struct answers *answers)
{
    struct answers_stats stats = {.bytes_max = answers->bytes_max};

    for (size_t i = 0; i < PARTS; i++) {
        struct part *part = &answers->parts[i];

        pthread_mutex_lock(&part->lock);
        stats.entries += part->shelf.entries;
        stats.bytes += part->shelf.small.bytes + part->shelf.main.bytes;
        stats.flights += part->flights;
        for (size_t chain = 0; part->flights > 0 && chain < CHAINS; chain++)
            for (struct flight *it = part->chains[chain]; it != NULL; it = it->chained) {
                pthread_mutex_lock(&it->lock);
                stats.waiting += it->seats - 1;
                pthread_mutex_unlock(&it->lock);
            }
        pthread_mutex_unlock(&part->lock);
    }
    return stats;
}

void answers_each(struct answers *answers, void (*look)(const struct kept_answer *kept, void *to),
                  void *to)
{
    for (size_t i = 0; i < PARTS; i++) {
        pthread_mutex_lock(&answers->parts[i].lock);
        shelf_each(&answers->parts[i].shelf, look, to);
        pthread_mutex_unlock(&answers->parts[i].lock);
    }
}
