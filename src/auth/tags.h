/* auth/tags.h
 * Tags: words that a call is found and summed up by afterwards. A token has some of its own, and a
 * caller may name others. Written, they are a list of key=value, whose values may stand in quotes
 * (RFC 9110, sections 5.6.1, 5.6.4 and 5.6.6). Pure. */
#pragma once
#include "base/arena.h"
#include "base/error.h"
#include "store/token_record.h"

enum { TAG_NAME_BYTES_MAX = 64, TAG_VALUE_BYTES_MAX = 128 };

struct tags {
    struct token_tag *items; /* room for TOKEN_TAGS_MAX, once there is one */
    size_t count;
};

/* 1 to 64 letters, digits, '-', '_' or '.'. */
bool tag_name_valid(struct text name);
/* Appends the tags of one more list, copied into the arena. False, with `at` as the error's place,
 * where it is no list, or names one twice or too many. */
bool tags_read(struct text list, const char *at, struct arena *arena, struct tags *tags,
               struct error *err);
