/* guard/masks.h
 * What was masked in a call, and by which placeholder: "[EMAIL_1]". The same value has the same
 * placeholder, and no value has the one of another. Where calls belong together, placeholders are
 * not counted but drawn from the value under a key, so that they are the same in all of them:
 * "[EMAIL_K3QZ7]". Lives in its arena; there is nothing to release. */
#pragma once
#include "base/arena.h"

enum { MASK_KEY_BYTES = 32, MASK_BYTES_MAX = 64 };

struct guard_mask {
    struct text word, value, placeholder;
};
struct guard_masks {
    struct arena *arena; /* kept */
    bool keyed;
    unsigned char key[MASK_KEY_BYTES];
    struct guard_mask *items;
    size_t count, room;
    uint32_t *by_value, *by_placeholder; /* open tables: a place in `items` and 1; 0: free */
    size_t mask;                         /* of both */
};

/* The placeholder of a value, in the words of its kind ("EMAIL"). Copies what it keeps. */
struct text guard_masks_put(struct guard_masks *masks, struct text word, struct text value);
/* What a placeholder stands for; false when it stands for nothing. */
bool guard_masks_find(const struct guard_masks *masks, struct text placeholder,
                      struct text *out_value);
/* Whether a text has the form of a placeholder, from its bracket on: its bytes, or 0. */
size_t guard_placeholder(struct text text);
