/* transport/fetch.h
 * One blocking HTTP request: over TCP or a unix socket. For the command line and for threads of
 * their own, not for workers. Redirects are not followed. */
#pragma once
#include "base/arena.h"
#include "base/error.h"

#include <stdint.h>

struct fetch {
    const char *socket_path; /* a unix socket; NULL: the URL's host */
    const char *url;
    const char *method;
    struct text body;          /* sent as JSON when not empty */
    const char *bearer;        /* NULL: none */
    long timeout_ms;           /* 0: as long as it takes, once there is a connection */
    long silence_s;            /* a reply that says nothing for as long is over; 0: it may */
    const char *const *fields; /* further header fields, "name: value" */
    size_t field_count;
    const char *ca_file; /* authorities (PEM) that are trusted; NULL: the system's */
    /* Addresses are judged as those of providers are, at the moment of connecting, and TLS is 1.2
     * at least: for URLs that somebody else has a say in. */
    bool judged;
    bool allow_private; /* of such a one: private and loopback addresses */
    /* Where it is not NULL it gets a body of status 200 that is a stream of events as it comes;
     * false ends the request. */
    bool (*piece)(void *context, struct text piece);
    /* Asked now and then; true ends the request, which fails. NULL: nobody is. */
    bool (*stop)(void *context);
    void *context;
    /* Of the reply: what is longer is cut there, and the request ends; 0: 512 MiB, beyond which
     * there is no reply. */
    size_t body_most;
};
struct fetch_reply {
    int status;
    struct text body;   /* at most `body_most`; empty where it was handed out piece by piece */
    struct text fields; /* "name:value\n" each, names in lower case */
    bool streamed;      /* it was */
    bool cut;           /* the connection ended before such a body did, or `piece` ended it, or a
                           body was longer than `body_most` */
    const char *why;    /* none came: in words, without the URL */
};
/* True when a reply came, whatever its status, in the arena. Else ERROR_UPSTREAM_UNREACHABLE, or
 * _TIMEOUT. */
bool fetch_reply(const struct fetch *fetch, struct arena *arena, struct fetch_reply *out,
                 struct error *err);
/* For how long the reply asks to be left alone (provider/retry_after.h); 0: it does not. */
uint64_t fetch_asked_ms(const struct fetch_reply *reply, int64_t wall_ms);
/* The same, of which only status and body are wanted. */
bool fetch_run(const struct fetch *fetch, struct arena *arena, int *out_status,
               struct text *out_body, struct error *err);
