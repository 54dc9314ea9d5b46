/* document/json_push_internal.h
 * Private to the push reader: what its parts ask of one another. */
#pragma once
#include "document/json_push.h"

#define PUSH_BYTES_MAX ((size_t)1 << 31) /* as many as json_read takes */

enum push_state {
    PUSH_VALUE,
    PUSH_VALUE_OR_CLOSE,
    PUSH_NAME,
    PUSH_NAME_OR_CLOSE,
    PUSH_COLON,
    PUSH_AFTER,  /* a child of a container */
    PUSH_ENDED,  /* the outermost value has ended just now */
    PUSH_BEHIND, /* that was told */
    PUSH_REFUSED,
    PUSH_WORD, /* from here on: inside a token */
    PUSH_NUMBER,
    PUSH_STRING,
};

static inline size_t push_byte(const struct json_push *push, const char *at)
{
    return push->before + (size_t)(at - push->piece);
}
/* Refuses at push->at. */
enum json_event push_refuse(struct json_push *push, const char *expected);
/* A scalar or container has ended. */
void push_ended(struct json_push *push);

/* json_push_string.c: push->at is behind the opening quote, or where the last piece was cut. */
enum json_event push_string_start(struct json_push *push, bool name);
enum json_event push_string(struct json_push *push);

/* push->token_state in a string. */
enum string_state {
    STRING_PLAIN,
    STRING_ESCAPE,        /* behind a backslash */
    STRING_UNIT,          /* behind \u, before the first digit; then three states more */
    STRING_BACKSLASH = 6, /* behind a high surrogate */
    STRING_U,             /* likewise, and a backslash */
};

/* A part of a name or string. JSON_WHOLE stands for: not told, go on. */
static inline enum json_event push_part(struct json_push *push, struct text part, size_t points,
                                        bool escape)
{
    push->points += points;
    if (push->gathering)
        buffer_put(&push->token, part);
    if (push->points <= push->told_above)
        return JSON_WHOLE;
    push->part = part;
    push->part_points = points;
    push->escape = escape;
    return JSON_PART;
}

/* json_push_escape.c: one byte of an escape, likewise. */
enum json_event push_escape(struct json_push *push);
/* json_push_number.c */
enum json_event push_number_start(struct json_push *push);
enum json_event push_number(struct json_push *push);
/* The text ends in a number. */
enum json_event push_number_end(struct json_push *push);
/* json_push_names.c: false when the innermost object has that name already. */
bool push_name_add(struct json_push *push, struct text name);
void push_names_drop(struct json_push *push, const struct json_level *level);
/* json_push_cells.c */
void push_collect_opening(struct json_push *push, bool object);
void push_collect_closing(struct json_push *push);
void push_collect_scalar(struct json_push *push, const struct cell *cell);
