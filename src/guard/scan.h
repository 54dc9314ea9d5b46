/* guard/scan.h
 * Private to guard: goes over one text and finds what a policy looks for, one finding after the
 * other, in a text that has come whole or is still arriving. What is found does not depend on how
 * the text was cut into pieces. */
#pragma once
#include "guard/detect.h"
#include "guard/injection.h"
#include "guard/masks.h"
#include "guard/policy.h"

struct guard_scan {
    const struct guard_policy *policy;
    enum guard_side side;
    bool restores;    /* placeholders are looked for, too */
    struct text name; /* of what the text is, which says what to expect in it; may be empty */
    struct pattern_scratch scratch;
    /* the rest is its own */
    uint32_t before;
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
};
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
