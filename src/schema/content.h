/* schema/content.h
 * What is inside a string, as `contentEncoding` and `contentMediaType` say. They are annotations;
 * an option of compiling has these two checked. */
#pragma once
#include "base/arena.h"

enum {
    CONTENT_BASE64 = 1, /* RFC 4648 section 4, padded */
    CONTENT_JSON = 2,   /* application/json */
};

/* The bit of an encoding or a media type; 0 for those that are not checked. */
unsigned content_encoding(struct text name);
unsigned content_media_type(struct text name);
/* Whether a string is encoded so and, decoded, of that type. */
bool content_holds(unsigned content, struct text text, struct arena *scratch);
