#include "guard/custom.h"

#include "document/utf8.h"

struct custom *custom_new(size_t patterns, struct arena *arena)
{
    struct custom *custom = ARENA_NEW(arena, struct custom);

    custom->attempts = ARENA_ARRAY(arena, struct custom_attempt, patterns);
    custom->count = patterns;
    return custom;
}

void custom_reset(struct custom *custom)
{
    for (size_t i = 0; i < custom->count; i++) {
        struct custom_attempt *attempt = &custom->attempts[i];

        attempt->began = false;
        attempt->start = 0;
        for (size_t track = 0; track <= CUSTOM_TRACKS; track++)
            attempt->tracks[track].count = attempt->tracks[track].tail = 0;
    }
}

/* --- tracks --------------------------------------------------------------------------------------
 */

static struct custom_place *place(const struct custom_track *track, size_t character)
{
    return &track->places[character % CUSTOM_CHARS_MAX];
}

static void add_place(struct custom_track *track, struct arena *arena)
{
    bool whole = track->cursor.used == track->cursor.count;

    if (track->places == NULL)
        track->places = ARENA_ARRAY(arena, struct custom_place, CUSTOM_CHARS_MAX);
    *place(track, track->count++) =
        (struct custom_place){(uint32_t)track->cursor.at - !whole, track->state};
}

/* Whether the track has a character that ends at this byte: then it is the one at its tail. What is
 * no longer there of it is in front of all that can be asked for. */
static bool leads_past(struct custom_track *track, uint32_t at)
{
    if (track->count > CUSTOM_CHARS_MAX && track->tail < track->count - CUSTOM_CHARS_MAX)
        track->tail = track->count - CUSTOM_CHARS_MAX;
    while (track->tail < track->count && (int32_t)(place(track, track->tail)->at - at) < 0)
        track->tail++;
    return track->tail < track->count && place(track, track->tail)->at == at;
}

/* The track that ends first makes room for the attempt's own. */
static void keep_own(struct custom_attempt *attempt)
{
    uint8_t first = attempt->spare;

    if (attempt->own != attempt->spare || attempt->tracks[attempt->own].count == 0)
        return;
    for (uint8_t i = 0; i <= CUSTOM_TRACKS; i++) {
        const struct custom_track *it = &attempt->tracks[i];

        if (i == attempt->own)
            continue;
        if (first == attempt->own || it->count == 0 ||
            (attempt->tracks[first].count > 0 && it->cursor.at < attempt->tracks[first].cursor.at))
            first = i;
    }
    attempt->spare = first;
}

/* --- an attempt ----------------------------------------------------------------------------------
 */

static void begin(const struct custom_search *search, const struct guard_pattern *pattern,
                  struct custom_attempt *attempt, size_t start)
{
    struct custom_track *own = &attempt->tracks[attempt->spare];
    uint64_t free = (uint64_t)(start - attempt->start) * CUSTOM_EFFORT_PER_BYTE;
    struct pattern_walk walk;

    *search->effort -= *search->effort < free ? *search->effort : free;
    attempt->start = start;
    attempt->began = true;
    attempt->found = false;
    attempt->chars = 0;
    attempt->own = attempt->spare;
    attempt->met_count = 0;
    for (uint8_t i = 0; i <= CUSTOM_TRACKS; i++)
        if (i != attempt->spare && leads_past(&attempt->tracks[i], (uint32_t)start)) {
            attempt->met[attempt->met_count].track = i;
            attempt->met[attempt->met_count++].at = attempt->tracks[i].tail;
        }
    own->count = own->tail = own->matched = 0;
    own->cursor.at = start;
    own->cursor.used = own->cursor.count = 0;
    own->over = attempt->done =
        pattern_walk_start(&walk, pattern->pattern, search->scratch) == PATTERN_DEAD;
    own->state = walk.state;
}

static void take(const struct custom_search *search, struct custom_track *track, uint32_t state,
                 bool matches)
{
    track->state = state;
    add_place(track, search->scratch->arena);
    if (!matches)
        return;
    track->matched = track->count;
    track->matched_at = track->cursor.at;
}

static bool is_plain(unsigned char byte)
{
    return byte < 0x80 && byte != '\\' && byte != '"';
}

/* One byte that is a character, in front of another; false when it is not that easy. */
static bool step_plain(const struct custom_search *search, const struct guard_pattern *pattern,
                       struct custom_track *track)
{
    struct text rest = text_after(search->view->text, track->cursor.at - search->passed);
    struct pattern_walk walk = {
        .pattern = pattern->pattern, .scratch = search->scratch, .state = track->state};
    size_t decided;
    uint32_t state;

    if (track->cursor.used != track->cursor.count || rest.len < 2 ||
        !is_plain((unsigned char)rest.at[0]) || !is_plain((unsigned char)rest.at[1]))
        return false;
    *search->effort += 1;
    track->over = pattern_walk_feed(&walk, text_first(rest, 1), &decided) == PATTERN_DEAD;
    if (track->over)
        return true;
    track->cursor.at++;
    state = walk.state;
    take(search, track, state,
         pattern_walk_end(&walk) && !guard_is_alnum((unsigned char)rest.at[1]));
    return true;
}

/* One character more; false when it is not there yet. */
static bool step(const struct custom_search *search, const struct guard_pattern *pattern,
                 struct custom_track *track)
{
    struct guard_cursor cursor;
    struct pattern_walk walk = {
        .pattern = pattern->pattern, .scratch = search->scratch, .state = track->state};
    uint32_t folded, state;
    size_t decided;
    bool matches;
    char bytes[4];

    if (step_plain(search, pattern, track))
        return true;
    cursor = track->cursor;
    cursor.view = search->view;
    cursor.at -= search->passed;
    folded = guard_take(&cursor);
    if (search->view->cut)
        return false;
    track->over = folded == GUARD_END ||
                  pattern_walk_feed(&walk, (struct text){bytes, utf8_encode(folded, bytes)},
                                    &decided) == PATTERN_DEAD;
    if (track->over) {
        *search->effort += 1;
        return true;
    }
    state = walk.state;
    matches = pattern_walk_end(&walk) && !guard_is_alnum(guard_peek(&cursor));
    if (search->view->cut)
        return false;
    cursor.at += search->passed;
    *search->effort += cursor.at - track->cursor.at;
    track->cursor = cursor;
    take(search, track, state, matches);
    return true;
}

/* Goes on along a track on which the attempt now is, from the track's end. */
static void join(struct custom_attempt *attempt)
{
    uint32_t state = attempt->tracks[attempt->own].state;

    for (uint8_t i = 0; i < attempt->met_count; i++) {
        struct custom_track *track = &attempt->tracks[attempt->met[i].track];
        size_t character = attempt->met[i].at + attempt->chars;

        if (character >= track->count || place(track, character)->state != state)
            continue;
        attempt->own = attempt->met[i].track;
        attempt->chars += track->count - 1 - character;
        attempt->done = track->over;
        if (track->matched > character) {
            attempt->found = true;
            attempt->end = track->matched_at;
        }
        return;
    }
}

/* False when the effort is used up. */
static bool go_on(const struct custom_search *search, const struct guard_pattern *pattern,
                  struct custom_attempt *attempt)
{
    while (!attempt->done) {
        struct custom_track *own = &attempt->tracks[attempt->own];

        if (*search->effort > CUSTOM_EFFORT_MOST)
            return false;
        if (!step(search, pattern, own))
            return true;
        attempt->done = own->over || ++attempt->chars == CUSTOM_CHARS_MAX;
        if (!own->over && own->matched == own->count) {
            attempt->found = true;
            attempt->end = own->matched_at;
        }
        if (!attempt->done && attempt->own == attempt->spare)
            join(attempt);
    }
    keep_own(attempt);
    return true;
}

enum custom_verdict custom_match(const struct custom_search *search, size_t pattern, size_t start,
                                 size_t *out_end)
{
    struct custom_attempt *attempt = &search->custom->attempts[pattern];
    const struct guard_pattern *it = &search->patterns[pattern];
    unsigned char first = (unsigned char)search->view->text.at[start];

    if (is_plain(first) && (it->first[first / 64] >> first % 64 & 1) == 0)
        return CUSTOM_NONE;
    start += search->passed;
    if (!attempt->began || attempt->start != start)
        begin(search, it, attempt, start);
    if (!go_on(search, it, attempt))
        return CUSTOM_GAVE_UP;
    if (!attempt->done || !attempt->found)
        return CUSTOM_NONE;
    *out_end = attempt->end - search->passed;
    return CUSTOM_FOUND;
}
