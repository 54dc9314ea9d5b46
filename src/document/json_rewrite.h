/* document/json_rewrite.h
 * Private to document: the pass that reads text more leniently than JSON allows and writes what it
 * read as JSON. It looks at structure only; numbers, escapes and UTF-8 are copied as they are, for
 * the strict reader to judge. Never recurses; every byte is looked at a bounded number of times. */
#pragma once
#include "base/buffer.h"
#include "document/json_repair.h"
#include "document/names.h"

/* What stood last, for deciding whether a comma was forgotten. */
enum rewritten { WROTE_OTHER, WROTE_NUMBER, WROTE_CONTAINER };
enum rewrite_due {
    DUE_VALUE,
    DUE_FIRST_ITEM, /* or the end of the array */
    DUE_ITEM,       /* after a comma */
    DUE_FIRST_NAME,
    DUE_NAME,
    DUE_COLON,
    DUE_NEXT, /* a comma or the end of the container */
    DUE_NOTHING
};

struct rewrite {
    const char *start, *at, *end;
    struct arena *arena;
    struct buffer out;
    struct json_edit *edits;
    size_t edit_count, edit_room;
    enum rewrite_due due;
    enum rewritten wrote;
    const char *value_at; /* behind the last value */
    size_t value_out;     /* likewise, in `out` */
    const char *comma_at; /* the last comma */
    size_t comma_out;     /* likewise */
    bool parted;          /* white space or a comment since the last token */
    bool line_ended;      /* a line break likewise */
    bool started;         /* enough was seen to tell JSON from a bracket of prose: a colon, an
                             item, a closed container, or brackets without end */
    bool complete;        /* as in json_repair_options */
    uint32_t depth, depth_max;
    bool object[DOCUMENT_DEPTH_MAX]; /* of the open containers, outermost first */
};

void rewrite_init(struct rewrite *rewrite, const struct json_repair_options *options,
                  struct arena *arena);
/* From here on it is about `text` (kept); what was written before is overwritten. */
void rewrite_start(struct rewrite *rewrite, struct text text);
/* Rewrites the value at the front of the text; rewrite->at is then behind it. False when there is
 * none: rewrite->at is then at what cannot be, or at the end. */
bool rewrite_value(struct rewrite *rewrite);
/* Copies white space and drops comments. */
bool rewrite_blank(struct rewrite *rewrite);
/* Records an edit; false when there are too many. */
bool rewrite_edit(struct rewrite *rewrite, enum json_edit_kind kind, const char *at);

/* json_rewrite_string.c */
/* Length of the quotation mark at `at`, of any kind that may open a string; 0 when there is none.
 */
size_t quote_length(const char *at, const char *end);
/* A string whose opening quotation mark is at rewrite->at. */
bool rewrite_string(struct rewrite *rewrite, bool name);
