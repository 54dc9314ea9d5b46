/* guard/guard.h
 * Guardrails over the texts of one call: what a policy looks for is masked, taken out or blocked,
 * in whole texts and in such as arrive piece by piece, alike whatever the pieces. Of a text that is
 * arriving only what could still become a finding is held back: a word that has not ended, a number
 * that may go on; never more than some kilobytes, which only a long credential comes to.
 *
 * In JSON text, what stands in strings is read as it is meant and written as JSON again; numbers
 * that are masked become strings. */
#pragma once
#include "base/buffer.h"
#include "guard/masks.h"
#include "guard/policy.h"

struct custom;
struct guard_scan;

enum { GUARD_TALLIES_MAX = 48 };

/* How often what was found and what was done. */
struct guard_tally {
    enum guard_field field;
    enum guard_action action;
    struct text rule;
    uint32_t count;
};
/* One side of one call. Zeroed but for its first members. */
struct guard {
    const struct guard_policy *policy; /* kept */
    enum guard_side side;
    struct guard_masks *masks; /* kept; both sides' */
    struct arena *arena;       /* kept; for what is written */
    bool keep;                 /* placeholders stay: the text is to be stored, and not answered */
    bool soft;                 /* what would be blocked is masked: likewise */

    uint64_t chars;        /* of all texts so far */
    uint64_t effort;       /* that an author's patterns took in them (guard/custom.h) */
    struct custom *custom; /* of those of its texts that are whole */
    struct guard_tally tallies[GUARD_TALLIES_MAX];
    size_t tally_count;
    bool blocked; /* by the last of the tallies; nothing more is let through */
    bool changed; /* some text is not what it was */
};

/* A whole text. `name` says what it is, where that is known ("phone"); it may be empty. *out is the
 * text itself where nothing was found. False when it is blocked. */
bool guard_text(struct guard *guard, struct text text, bool json, struct text name,
                struct text *out);

/* A text that arrives in pieces. Zero it but for the guard and `json`; lives in the guard's arena.
 */
struct guard_stream {
    struct guard *guard; /* kept */
    bool json;
    struct guard_scan *scan;
    struct buffer held; /* what is not decided */
    uint64_t taken;     /* bytes of the text that are decided, as they came */
};
/* Takes the next piece, which ends between two code points, and appends to `out` what may go on.
 * False when it is blocked: what stands in front of the finding was appended. */
bool guard_stream_put(struct guard_stream *stream, struct text piece, struct buffer *out);
/* The text has ended. */
bool guard_stream_end(struct guard_stream *stream, struct buffer *out);
