/* gateway/path_form.h
 * Other ways in which a path may have been written that is none of ours: to tell what was probably
 * meant, never to serve it, so that what looks at paths in front of the gateway sees what it does.
 */
#pragma once
#include "base/arena.h"

/* Without slashes that say nothing and what is percent-encoded without need (RFC 3986, section
 * 6.2.2); as it is where something else than printable ASCII comes of it. */
struct text path_plain(struct arena *arena, struct text path);
/* In lower case. */
struct text path_lower(struct arena *arena, struct text path);
