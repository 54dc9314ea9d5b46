/* guard/scan.h
 * Private to guard: goes over one text and finds what a policy looks for, one finding after the
 * other, in a text that has come whole or is still arriving. What is found does not depend on how
 * the text was cut into pieces. */
#pragma once
#include "guard/custom.h"
#include "guard/detect.h"
#include "guard/injection.h"
#include "guard/masks.h"
#include "guard/policy.h"

struct guard_scan {
    const struct guard_policy *policy;
    enum guard_action actions[GUARD_FIELD_COUNT]; /* on the text's side */
    bool restores;                                /* placeholders are looked for, too */
    struct pattern_scratch scratch;
    struct custom_search custom; /* whose custom and effort are the owner's to set */
    uint32_t before;
    uint32_t name_hints; /* of what the text is called */
    uint32_t hints[SPOT_WORDS];
    uint8_t hint_at;
    uint8_t after_number; /* what stands in front goes on from a number: 1; behind spaces: 2 */
    bool dulled;          /* every word is to be looked at: there are patterns of an author's */
    struct guard_number number;
    bool in_string; /* in JSON */
    enum guard_rest rest;
    size_t rest_left;
    struct guard_memo memo;
    struct injection injection;
};

struct guard_found {
    enum guard_field field;
    enum guard_action action;
    struct text rule; /* "email", "aws_access_key", "override"; of words none */
    struct text word; /* of its placeholder: "EMAIL"; empty: it is one itself */
    size_t from, to;  /* bytes */
    bool quoted;      /* it stands in a string of JSON */
    bool gave_up;     /* nothing is known of the text from here on */
};
/* `name` says what the text is, where that is known; it may be empty. The scan stays where it is.
 */
void guard_scan_init(struct guard_scan *scan, const struct guard_policy *policy,
                     enum guard_side side, struct text name, struct arena *arena);

enum scan_step {
    SCAN_FOUND,
    SCAN_MORE, /* nothing is known yet from *at on: what follows decides */
    SCAN_END   /* nothing else is in it */
};
/* Goes over what a credential that was found still has, and which is of it. To be called in front
 * of every guard_scan; false when more of it may come. */
bool guard_scan_rest(struct guard_scan *scan, struct guard_view *view, size_t *at);
/* Goes on from byte *at of the view, which is behind all that was found before, and sets it to
 * behind what it found. */
enum scan_step guard_scan(struct guard_scan *scan, struct guard_view *view, size_t *at,
                          struct guard_found *out);
/* So many bytes in front of the view are let go of. */
void guard_scan_shift(struct guard_scan *scan, size_t bytes);

/* find.c: whether something begins at the spot. Counts only where no end was missed: whoever asks
 * looks at view->cut first. */
bool guard_find(struct guard_scan *scan, struct guard_spot *spot, struct guard_found *out);
