/* transport/fetch.h
 * One blocking HTTP request, for the command line: over TCP or a unix socket. Not for workers. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

struct fetch {
    const char *socket_path; /* a unix socket; NULL: the URL's host */
    const char *url;
    const char *method;
    struct text body;   /* sent as JSON when not empty */
    const char *bearer; /* NULL: none */
    long timeout_ms;
};
/* True when a reply came, whatever its status; its body (at most 512 MiB) is in the arena. Else
 * ERROR_UPSTREAM_UNREACHABLE. */
bool fetch_run(const struct fetch *fetch, struct arena *arena, int *out_status,
               struct text *out_body, struct error *err);
