/* schema/lower_write.h
 * Private to lowering: the text while it is written. */
#pragma once
#include "schema/lower_form.h"

enum { KIND_NULL = KIND_BIT(CELL_NULL) };

struct writing {
    struct lowering *it;
    const struct lower_form *root;
    struct buffer *out;
    unsigned nesting;
};

/* A form, in place or as a reference to where it is defined; `or_null` when null is to be taken
 * too. False when it cannot be written. */
bool lower_write_form(struct writing *to, const struct lower_form *form, bool or_null);

/* lower_write_leaf.c. A form that is no union, of values of these kinds. */
bool lower_write_leaf(struct writing *to, const struct lower_form *form, uint8_t kinds);
/* Its title and description. */
void lower_write_words(struct writing *to, const struct lower_form *form);
