/* document/json_push.h
 * The strict JSON reader for a text that arrives in pieces, cut anywhere: inside an escape, a UTF-8
 * sequence, a number. It takes the language of json_read exactly, with the same limits, and refuses
 * on the very byte after which nothing could make the text JSON again.
 *
 * Pieces go in, events come out; between two pieces only what the next ones need is kept: the open
 * containers with their names, and a token that was cut. A container may be collected into cells as
 * json_read makes them.
 *
 *     json_push_feed(&push, piece);
 *     while ((event = json_push_next(&push)) > JSON_REFUSED) ...
 */
#pragma once
#include "base/buffer.h"
#include "document/json_read.h"

enum json_event {
    JSON_MORE,         /* the piece is used up */
    JSON_REFUSED,      /* no JSON: push->byte, push->expected; every later event is this one */
    JSON_OBJECT,       /* '{' at push->byte */
    JSON_ARRAY,        /* '[' */
    JSON_CLOSED,       /* the bracket at push->byte; push->closed is what it closes */
    JSON_COMMA,        /* only where json_push_most asked for it */
    JSON_NAME_START,   /* a name that does not end in this piece, or has escapes */
    JSON_NAME,         /* the end of a name, in parts before or not: push->text, push->cell */
    JSON_STRING_START, /* likewise a string; whoever needs it whole asks json_push_gather for it */
    JSON_STRING,       /* push->text is empty when it came in parts that were not gathered */
    JSON_PART,         /* of such a name or string: push->part, as also on its start and its end */
    JSON_WORD,         /* true, false or null, on its first byte: push->cell */
    JSON_NUMBER_START, /* a number that does not end in this piece */
    JSON_NUMBER,       /* push->cell; push->byte is the byte behind it, or the end of the text */
    JSON_WHOLE,        /* the outermost value has ended: at most white space may follow */
};

struct json_level {
    uint64_t name_bits;
    uint64_t most; /* children from which on commas are told */
    uint32_t count;
    uint32_t names_from;
    uint32_t cell; /* where it is collected */
    bool object, hashed;
};
/* Bytes of a string that stand for themselves, up to the first that does not or to the end of the
 * piece. */
struct json_run {
    size_t len, points;
    uint64_t high; /* not zero: bytes beyond ASCII */
    bool placed;   /* a bit of `high` for each byte tells which they are */
};
struct push_name {
    size_t at; /* in name_bytes */
    uint32_t len, hash;
};

struct json_push {
    /* About the event. Texts last until the next one. */
    size_t start, byte; /* bytes of the whole text, from 0: the token's first and its last */
    struct text text;
    struct text part;     /* the bytes that are new, of a name or string that comes in parts */
    size_t part_byte;     /* where they start; of an escape, where it ends */
    struct cell cell;     /* a scalar; of a string, its flags and, where gathered, its text */
    const char *expected; /* literal */
    uint32_t closed;      /* a collected container's cell */
    bool in_name;         /* a part of a name */
    bool escape;          /* the part was an escape */
    bool parts;           /* a name or string that came in parts */
    bool gathering;       /* the parts are kept, and make one text at the end */
    uint64_t points;      /* code points of what comes in parts, begun so far */
    uint64_t part_points; /* of them in the part */
    uint64_t told_above;  /* JSON_PART only where there are more; set on a start, 0 before */

    /* Private. */
    struct json_limits limits;
    const char *piece, *at, *end;
    size_t before; /* bytes before this piece */
    uint8_t state, token_state;
    bool collecting, ended;
    struct json_level *levels;
    uint32_t depth, level_room;
    uint32_t nodes, digits;
    struct buffer token; /* the cut token so far */
    bool high;           /* bytes beyond ASCII */
    struct json_run run; /* the one at push->at, if it is known already */
    bool run_known, escaped;
    uint8_t tail, tail_low,
        tail_high; /* bytes that a UTF-8 sequence still needs; the next's range */
    uint32_t unit, high_surrogate;
    char decoded[4];
    struct text word;
    struct push_name *names;
    uint32_t name_count, name_room;
    uint32_t *name_places; /* index + 1; 0: free */
    uint32_t name_mask;
    struct buffer name_bytes;
    struct cell *cells;
    uint32_t cell_count, cell_room, collected_from;
    struct arena bytes; /* of collected strings */
};

/* A reader of nothing yet, which stays where it is until the arena (kept) frees what it grew.
 * `limits` may be NULL. */
void json_push_init(struct json_push *push, const struct json_limits *limits, struct arena *arena);
/* The next piece, kept until it is used up. */
void json_push_feed(struct json_push *push, struct text piece);
enum json_event json_push_next(struct json_push *push);
/* Takes a piece that makes no event, as feeding it and asking for the next one would; false when it
 * may make one, or this is not known at once, and then it is still to be fed. */
bool json_push_feed_quiet(struct json_push *push, struct text piece);
/* The text ends here: a JSON_NUMBER that its end completes, then JSON_WHOLE (which need not have
 * been told before) or JSON_REFUSED. */
enum json_event json_push_end(struct json_push *push);
/* Whether the text so far is one whole JSON value. */
bool json_push_whole(const struct json_push *push);

/* Right after JSON_STRING_START: keeps the string, so that its end tells it whole. */
void json_push_gather(struct json_push *push);
/* Of the container opened last: tells the comma after so many children, and each later one. */
void json_push_most(struct json_push *push, uint64_t children);
/* Right after JSON_OBJECT or JSON_ARRAY: collects that container into cells, up to its end. */
void json_push_collect(struct json_push *push);
/* The cell of the container opened last. Only while collecting. */
uint32_t json_push_cell(const struct json_push *push);
/* What is being collected; its outermost container is cell 0. On JSON_CLOSED it is complete up to
 * that container, and lasts until the next event. */
struct document json_push_document(const struct json_push *push);
