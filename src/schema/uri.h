/* schema/uri.h
 * URI references, RFC 3986: taking apart (appendix B), resolving against a base (section 5.2). */
#pragma once
#include "base/arena.h"

struct uri {
    struct text scheme, authority, path, query, fragment;
    bool has_scheme, has_authority, has_query, has_fragment;
};

/* Takes any text apart; never fails. */
struct uri uri_split(struct text text);
/* `reference` resolved against `base` (which may itself be relative or empty), without its
 * fragment, in the arena. A scheme's letters are made lower case. */
struct text uri_resolve(struct text base, struct text reference, struct arena *arena);
/* Percent-decodes; false when a '%' is not followed by two hexadecimal digits or when the result is
 * not UTF-8. */
bool uri_decode(struct text text, struct arena *arena, struct text *out);
/* The URI reference of a path: what may not stand in one is percent-encoded, in the arena. */
struct text uri_of_path(struct text path, struct arena *arena);
/* The URI that equal ones have in common (RFC 3986 section 6.2.2): triplets in upper case, none for
 * what needs none, one for every byte that may not stand in a URI, a '%' without digits too. In the
 * arena, or `uri` itself where that is it. */
struct text uri_normal(struct text uri, struct arena *arena);
/* The one of `names` that may have been meant: the fewest edits (at most max(1, a third)) in what
 * follows the folders both have in common; an empty text when there is none. */
struct text uri_nearest(struct text wrong, const struct text *names, size_t count);
