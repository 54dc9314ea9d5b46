/* schema/format.h
 * The formats that are checked, each by a scanner of its own: no allocation (but for `regex`), one
 * pass. */
#pragma once
#include "base/arena.h"

enum format {
    FORMAT_NONE, /* unknown, or one that only annotates */
    FORMAT_DATE,
    FORMAT_TIME,
    FORMAT_DATE_TIME,
    FORMAT_DURATION,
    FORMAT_EMAIL,
    FORMAT_HOSTNAME,
    FORMAT_IPV4,
    FORMAT_IPV6,
    FORMAT_URI,
    FORMAT_URI_REFERENCE,
    FORMAT_UUID,
    FORMAT_JSON_POINTER,
    FORMAT_REGEX,
    FORMAT_COUNT
};

/* The format of that name, or FORMAT_NONE. */
enum format format_find(struct text name);
struct text format_name(enum format format);
/* The nearest name of a format that is checked here, or an empty text. */
struct text format_nearest(struct text wrong);
/* Whether JSON Schema defines a format of that name, checked here or not. */
bool format_defined(struct text name);
/* Whether a string has the format. `scratch` is only for FORMAT_REGEX. */
bool format_holds(enum format format, struct text text, struct arena *scratch);
