/* gateway/content_writing.h
 * Private to content*.c: the object that is made of what was said. */
#pragma once
#include "gateway/content.h"

struct writing {
    struct request *request; /* NULL: nothing of a model's is in it */
    struct buffer *out;
    struct guard *redacting; /* NULL: texts are kept as they are */
    size_t left;             /* bytes of text that may still be written */
    bool cut;
};

/* A member: as much of the text as there is room for. */
void content_put_text(struct writing *to, const char *name, struct text text);
/* content_look.c: what may be kept of a text, in the request's arena, or the text itself;
 * `answered`: a model's words are in it. */
struct text content_look_through(struct writing *to, struct text text, bool answered);
/* Whether anything is looked for in it. */
bool content_is_looked_at(const struct writing *to, bool answered);
/* Whether it begins as an object or an array, and whether it is one. */
bool content_begins_json(struct text text);
bool content_read_json(struct text text, struct arena *arena, struct document *out);
/* content_exchange.c: the member "exchanges", a list of what was sent to providers and what came
 * back. */
void content_put_exchanges(struct writing *to);
