/* What an endpoint did in the last sixty whole minutes is one read for all endpoints; what is usual
 * of one is two reads of hours, as long as it is busy, once an hour. Notes that are open are known
 * from the store after a restart, and go on. */
#include "gateway/anomalies.h"

#include "anomaly/note_text.h"
#include "anomaly/track.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "gateway/anomaly_past.h"

#include <math.h>
#include <stdlib.h>

enum { NOTES_READ = 200 }; /* of the newest: where the open ones are looked for */

/* Of one endpoint. */
struct watched {
    struct watched *next;
    char endpoint[NOTE_ENDPOINT_BYTES_MAX];
    size_t endpoint_len;
    struct track tracks[ANOMALY_KIND_COUNT];
    struct opened {
        struct note_record note; /* its texts are elsewhere in here */
        char id[NOTE_ID_BYTES];
    } opened[ANOMALY_KIND_COUNT]; /* where the track is open */
    struct anomaly_past *past;    /* NULL: not known */
    int64_t past_hour;            /* as of which */
};

struct anomalies {
    struct store *store;
    struct log *log;
    struct watched *first;
    bool begun;
};

static struct text endpoint_of(const struct watched *watched)
{
    return (struct text){watched->endpoint, watched->endpoint_len};
}

static struct watched *find(struct anomalies *anomalies, struct text endpoint)
{
    struct watched *watched = anomalies->first;

    while (watched != NULL && !text_equal(endpoint_of(watched), endpoint))
        watched = watched->next;
    return watched;
}

static struct watched *watch(struct anomalies *anomalies, struct text endpoint)
{
    struct watched *watched = find(anomalies, endpoint);

    if (watched != NULL || endpoint.len > sizeof watched->endpoint)
        return watched;
    watched = calloc(1, sizeof *watched);
    CHECK(watched != NULL);
    memcpy(watched->endpoint, endpoint.at, endpoint.len);
    watched->endpoint_len = endpoint.len;
    watched->next = anomalies->first;
    anomalies->first = watched;
    return watched;
}

/* Read once an hour. */
static const struct anomaly_past *past_of(struct anomalies *anomalies, struct watched *watched,
                                          int64_t hour)
{
    if (watched->past != NULL && watched->past_hour == hour)
        return watched->past;
    if (watched->past == NULL)
        watched->past = calloc(1, sizeof *watched->past);
    CHECK(watched->past != NULL);
    anomaly_past_read(anomalies->store, endpoint_of(watched), hour, watched->past);
    watched->past_hour = hour;
    return watched->past;
}

/* --- notes ---------------------------------------------------------------------------------------
 */

static void keep(struct anomalies *anomalies, const struct note_record *note)
{
    struct store_command *command = store_command_new(STORE_NOTE_PUT);

    command->note = *note;
    store_wait(anomalies->store, command);
    if (command->error.code != ERROR_NONE)
        log_event(anomalies->log, LOG_ERROR, "history", "a note could not be written", "error",
                  command->error.message, NULL);
    store_command_free(command);
}

static void say(struct anomalies *anomalies, const struct note_record *note)
{
    struct arena arena = {0};
    struct buffer message = buffer_in(&arena), look = buffer_in(&arena);
    bool open = note->over_ms == 0;
    char since[CLOCK_RFC3339_BYTES];

    note_put_message(&message, note);
    note_put_look(&look, note);
    log_event(anomalies->log, open ? LOG_WARN : LOG_INFO, "note",
              open ? "an endpoint is not as usual" : "an endpoint is as usual again", "note",
              arena_terminated(&arena, note->id), "endpoint",
              arena_terminated(&arena, note->endpoint), "kind",
              arena_terminated(&arena, note->kind), "why",
              arena_terminated(&arena, buffer_text(&message)), "since",
              arena_terminated(&arena, clock_rfc3339(note->since_ms, since)), "look",
              arena_terminated(&arena, buffer_text(&look)), NULL);
    arena_release(&arena);
}

static int64_t millionths(double value)
{
    return value < 9e12 ? (int64_t)llround(value * 1e6) : INT64_MAX;
}

static void note_sight(struct note_record *note, const struct anomaly_sight *sight, uint64_t calls)
{
    note->now = millionths(sight->now);
    note->calls = calls;
    if (note->now > note->worst)
        note->worst = note->now;
}

static void begin(struct anomalies *anomalies, struct watched *watched, enum anomaly_kind kind,
                  const struct anomaly_sight *sight, uint64_t calls, int64_t wall_ms,
                  int64_t since_ms)
{
    struct opened *opened = &watched->opened[kind];
    struct arena arena = {0};
    struct text id = id_new(&arena, "note_", wall_ms);

    CHECK(id.len == sizeof opened->id);
    memcpy(opened->id, id.at, id.len);
    opened->note = (struct note_record){.noted_ms = wall_ms,
                                        .id = {opened->id, sizeof opened->id},
                                        .endpoint = endpoint_of(watched),
                                        .kind = text_of(anomaly_kind_word(kind)),
                                        .since_ms = since_ms,
                                        .usual = millionths(sight->usual)};
    note_sight(&opened->note, sight, calls);
    keep(anomalies, &opened->note);
    say(anomalies, &opened->note);
    arena_release(&arena);
}

static void end(struct anomalies *anomalies, struct watched *watched, enum anomaly_kind kind,
                int64_t wall_ms)
{
    struct note_record *note = &watched->opened[kind].note;

    note->over_ms = wall_ms;
    keep(anomalies, note);
    say(anomalies, note);
}

/* --- looking -------------------------------------------------------------------------------------
 */

/* The hour that is looked at: its minutes, and the hour of the clock that it ends in. */
struct moment {
    int64_t wall_ms, hour;
    struct rollup_span minutes;
};

static void look_at(struct anomalies *anomalies, struct watched *watched, enum anomaly_kind kind,
                    const struct anomaly_hour *now, const struct moment *moment)
{
    static const struct anomaly_past unknown;
    const struct anomaly_past *past =
        now->calls >= ANOMALY_CALLS_MIN ? past_of(anomalies, watched, moment->hour) : &unknown;
    struct track *track = &watched->tracks[kind];
    struct anomaly_sight sight;
    bool strange = anomaly_judge(kind, past, now, &sight);
    enum track_turn turn = track_look(track, strange);

    if (turn == TRACK_BEGINS) {
        begin(
            anomalies, watched, kind, &sight, now->calls, moment->wall_ms,
            anomaly_begin(anomalies->store, endpoint_of(watched), kind, &sight, &moment->minutes));
    } else if (turn == TRACK_ENDS) {
        end(anomalies, watched, kind, moment->wall_ms);
    } else if (track->open && strange) {
        note_sight(&watched->opened[kind].note, &sight, now->calls);
        keep(anomalies, &watched->opened[kind].note);
    }
}

static bool is_open(const struct watched *watched)
{
    for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++)
        if (watched->tracks[kind].open)
            return true;
    return false;
}

/* Those that are at rest are forgotten. */
static void forget_idle(struct anomalies *anomalies, const struct rollup_page *page)
{
    struct watched **link = &anomalies->first;

    while (*link != NULL) {
        struct watched *watched = *link;
        bool busy = is_open(watched);

        for (size_t i = 0; i < page->count && !busy; i++)
            busy = page->points[i].sums[ROLLUP_CALLS] >= ANOMALY_CALLS_MIN &&
                   text_equal(page->points[i].key, endpoint_of(watched));
        if (busy) {
            link = &watched->next;
            continue;
        }
        *link = watched->next;
        free(watched->past);
        free(watched);
    }
}

static struct anomaly_hour now_of(const struct rollup_page *page, struct text endpoint)
{
    for (size_t i = 0; i < page->count; i++)
        if (text_equal(page->points[i].key, endpoint))
            return anomaly_hour_of(&page->points[i]);
    return (struct anomaly_hour){0};
}

/* A note of the store that is open goes on. */
static void know(struct anomalies *anomalies, const struct note_record *note)
{
    struct watched *watched = note->over_ms == 0 ? watch(anomalies, note->endpoint) : NULL;

    for (int kind = 0; watched != NULL && kind < ANOMALY_KIND_COUNT; kind++) {
        struct opened *opened = &watched->opened[kind];

        if (!text_equal(note->kind, text_of(anomaly_kind_word((enum anomaly_kind)kind))) ||
            watched->tracks[kind].open)
            continue;
        memcpy(opened->id, note->id.at, sizeof opened->id);
        opened->note = *note;
        opened->note.id = (struct text){opened->id, sizeof opened->id};
        opened->note.endpoint = endpoint_of(watched);
        opened->note.kind = text_of(anomaly_kind_word((enum anomaly_kind)kind));
        watched->tracks[kind].open = true;
    }
}

static void load(struct anomalies *anomalies)
{
    struct store_command *command = store_command_new(STORE_NOTE_LIST);

    command->most = NOTES_READ;
    store_wait(anomalies->store, command);
    for (size_t i = 0; i < command->note_count; i++)
        know(anomalies, &command->notes[i]);
    store_command_free(command);
    anomalies->begun = true;
}

void anomalies_look(struct anomalies *anomalies, int64_t wall_ms)
{
    int64_t minute = wall_ms / ANOMALY_MINUTE_MS;
    const struct moment moment = {
        .wall_ms = wall_ms,
        .hour = minute / ANOMALY_HOUR_MINUTES,
        .minutes = {ROLLUP_MINUTE, minute - ANOMALY_HOUR_MINUTES, minute}};
    struct store_command *command;
    const struct rollup_page *page;

    if (anomalies == NULL)
        return;
    if (!anomalies->begun)
        load(anomalies);
    command = anomaly_read(anomalies->store, (struct text){0}, &moment.minutes, 1, false);
    page = &command->rollup_page;
    if (command->error.code != ERROR_NONE || page->too_many) { /* nothing is known */
        store_command_free(command);
        return;
    }
    for (size_t i = 0; i < page->count; i++)
        if (page->points[i].sums[ROLLUP_CALLS] >= ANOMALY_CALLS_MIN &&
            !text_equal(page->points[i].key, ROLLUP_OTHER))
            watch(anomalies, page->points[i].key);
    for (struct watched *watched = anomalies->first; watched != NULL; watched = watched->next) {
        struct anomaly_hour now = now_of(page, endpoint_of(watched));

        for (int kind = 0; kind < ANOMALY_KIND_COUNT; kind++)
            look_at(anomalies, watched, (enum anomaly_kind)kind, &now, &moment);
    }
    forget_idle(anomalies, page);
    store_command_free(command);
}

struct anomalies *anomalies_new(struct store *store, struct log *log)
{
    struct anomalies *anomalies = calloc(1, sizeof *anomalies);

    CHECK(anomalies != NULL);
    anomalies->store = store;
    anomalies->log = log;
    return anomalies;
}

void anomalies_free(struct anomalies *anomalies)
{
    struct watched *next;

    if (anomalies == NULL)
        return;
    for (struct watched *watched = anomalies->first; watched != NULL; watched = next) {
        next = watched->next;
        free(watched->past);
        free(watched);
    }
    free(anomalies);
}
