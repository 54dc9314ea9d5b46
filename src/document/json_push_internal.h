/* document/json_push_internal.h
 * Private to the push reader: what its parts ask of one another. */
#pragma once
#include "document/json_push.h"

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
/* Gathers the part that came with a start, if its consumer wants that. */
void push_take_part(struct json_push *push);
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
