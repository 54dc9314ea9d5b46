/* transport/http_resolver.h
 * Host names to addresses, off the loop. However many calls wait for a name, one thread asks for
 * it; at most eight names are asked for at once, the others wait their turn. A good answer serves
 * for good_ms and not longer, whatever becomes of the resolver; after half of that the next use has
 * it asked for anew, and does not wait. Belongs to one loop. Addresses are not judged here: that is
 * for the moment of connecting. */
#pragma once
#include "base/loop.h"
#include "base/text.h"

struct resolver;

/* One who waits for a name. Embed it; zero it before use. */
struct lookup {
    /* The addresses as resolver_find gives them, or NULL: the name does not resolve. */
    void (*resolved)(struct lookup *lookup, const char *addresses);
    struct lookup *next, **link; /* among those of the name; link is NULL when not waiting */
};

/* good_ms: how long an answer serves; 0: 60,000. NULL when the kernel refuses descriptors. The loop
 * is kept. */
struct resolver *resolver_open(struct loop *loop, uint32_t good_ms);
/* Nobody may wait any more. A thread that still asks is left to itself and ends alone. */
void resolver_close(struct resolver *resolver);

/* The addresses of a host, at most sixteen: "192.0.2.1,[2001:db8::1]", valid until the end of the
 * turn. NULL when they are not known: then `lookup` waits, and resolved() is called from the loop.
 */
const char *resolver_find(struct resolver *resolver, struct text host, struct lookup *lookup);
/* Does nothing to one that does not wait. */
void lookup_cancel(struct lookup *lookup);
