/* document/json_outline.h
 * Private to document: the pieces of prose that may be JSON: what stands in fences, and what begins
 * with a bracket outside them. */
#pragma once
#include "document/json_read.h"

enum json_piece_kind { JSON_PIECE_FENCE, JSON_PIECE_BRACKET };
struct json_piece {
    enum json_piece_kind kind;
    struct text span;         /* of the value; of a fence that holds none, all of its content */
    struct document document; /* what the span reads as; no cells when it is not JSON, but for a
                                 bracket only if it may become JSON by repair */
};

/* Calls visit for each piece, in the order of the text. `complete` as in json_repair_options.
 * Documents live in the arena. Returns how many bytes were read in doing so. */
size_t json_outline(struct text text, const struct json_limits *limits, bool complete,
                    struct arena *arena,
                    void (*visit)(void *context, const struct json_piece *piece), void *context);
