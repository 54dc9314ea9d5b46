/* schema/format.h
 * The formats of draft-04 to 2020-12, each with a scanner of its own: one pass, linear in the
 * string whatever it holds, no memory (but for `regex`). A name is checked in the drafts before its
 * own too, and means the same in all of them but for two: before draft-07 `hostname` knows nothing
 * of A-labels, and only since 2020-12 may `relative-json-pointer` move an index. */
#pragma once
#include "base/arena.h"
#include "schema/dialect.h"

enum format {
    FORMAT_NONE, /* unknown: it only annotates */
    FORMAT_DATE,
    FORMAT_TIME,
    FORMAT_DATE_TIME,
    FORMAT_DURATION,
    FORMAT_EMAIL,
    FORMAT_IDN_EMAIL,
    FORMAT_HOSTNAME,
    FORMAT_HOSTNAME_LDH, /* draft-04 and draft-06 */
    FORMAT_IDN_HOSTNAME,
    FORMAT_IPV4,
    FORMAT_IPV6,
    FORMAT_URI,
    FORMAT_URI_REFERENCE,
    FORMAT_IRI,
    FORMAT_IRI_REFERENCE,
    FORMAT_URI_TEMPLATE,
    FORMAT_UUID,
    FORMAT_JSON_POINTER,
    FORMAT_RELATIVE_JSON_POINTER,
    FORMAT_RELATIVE_JSON_POINTER_FIXED, /* up to 2019-09 */
    FORMAT_REGEX,
    FORMAT_COUNT
};

/* What the draft means by that name, or FORMAT_NONE. */
enum format format_find(struct text name, enum draft draft);
struct text format_name(enum format format);
/* The nearest name of a format, or an empty text. */
struct text format_nearest(struct text wrong);
/* Whether a string has the format. `scratch` is only for FORMAT_REGEX. */
bool format_holds(enum format format, struct text text, struct arena *scratch);
