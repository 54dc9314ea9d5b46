/* guard/custom.h
 * Private to guard: looks for an author's own patterns from the beginnings of words on, in time
 * that is linear in the text as long as few attempts are of different minds about the same place.
 *
 * An attempt goes on from a place as any other that is there in the same state. So the latest ones
 * are remembered, and one that meets such a track takes over how it went and goes on from its end:
 * no character is gone over twice. Patterns that count characters across words may have attempts
 * that never meet. What these take is bounded: a text that gets more out of a pattern than
 * CUSTOM_EFFORT_MOST, beyond CUSTOM_EFFORT_PER_BYTE, is not gone over to its end. */
#pragma once
#include "guard/policy.h"
#include "guard/read.h"

enum {
    CUSTOM_CHARS_MAX = 256, /* of what is found */
    CUSTOM_TRACKS = 4,
    CUSTOM_EFFORT_MOST = 1 << 22, /* bytes; of one side of a call */
    CUSTOM_EFFORT_PER_BYTE = 4,   /* and for each pattern so many times the text */
};

struct custom_place {
    uint32_t at; /* byte of the text behind the character; between two of one code point less */
    uint32_t state;
};
/* How an attempt went, and those that met it. Bytes are counted from the text's beginning. */
struct custom_track {
    struct custom_place *places; /* of its last characters: [n % CUSTOM_CHARS_MAX]; or NULL */
    size_t count;                /* characters so far */
    size_t tail;                 /* of them: in front of the latest attempt */
    size_t matched, matched_at;  /* characters when it last matched, 0: never; byte behind */
    struct guard_cursor cursor;
    uint32_t state;
    bool over; /* nothing that follows makes it match again */
};
/* One pattern in one text. */
struct custom_attempt {
    bool began, done; /* not done: it needs more of the text than there is */
    bool found;
    size_t start, end; /* bytes */
    size_t chars;
    struct custom_track tracks[CUSTOM_TRACKS + 1];
    uint8_t own, spare; /* the track it goes along; the one that is nobody's */
    uint8_t met_count;
    struct {
        uint8_t track;
        size_t at; /* its character that ends where the attempt starts */
    } met[CUSTOM_TRACKS];
};
struct custom {
    struct custom_attempt *attempts; /* [of patterns] */
    size_t count;
};

/* For so many patterns; in the arena. */
struct custom *custom_new(size_t patterns, struct arena *arena);
/* Before the next text. */
void custom_reset(struct custom *custom);

/* Where one is looked for. */
struct custom_search {
    const struct guard_pattern *patterns;
    struct pattern_scratch *scratch;
    struct custom *custom;
    uint64_t *effort; /* of all texts so far */
    struct guard_view *view;
    size_t passed; /* bytes of the text in front of the view */
};
enum custom_verdict {
    CUSTOM_NONE,
    CUSTOM_FOUND,
    CUSTOM_GAVE_UP /* the effort that is allowed is used up */
};
/* The longest text from byte `start` of the view on that is all of the pattern, and ends where a
 * word may: *out_end is behind it. Asked again about a start for which more had to come, it goes on
 * from where it was, so what it finds, and the effort, do not depend on the pieces. Starts only
 * grow. */
enum custom_verdict custom_match(const struct custom_search *search, size_t pattern, size_t start,
                                 size_t *out_end);
