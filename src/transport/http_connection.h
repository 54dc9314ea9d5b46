/* transport/http_connection.h
 * One connection to a provider. The name is resolved here (transport/http_resolver.h); libcurl
 * connects, does TLS and verifies; from then on the bytes are ours. A plain socket is taken out of
 * libcurl altogether; one with TLS stays in the libcurl handle that made it, which is asked for
 * every read and write. */
#pragma once
#include "base/error.h"
#include "base/loop.h"
#include "base/text.h"
#include "transport/http_address.h"
#include "transport/http_dialer.h"
#include "transport/http_resolver.h"

struct pool;
struct x509_store_st;

/* Where to and how; `origin`, `share` and `resolver` must outlive the connection, of `trust` it
 * holds a reference of its own. */
struct dial_target {
    const char *origin; /* "https://host:port" */
    struct resolver *resolver;
    bool https;
    bool allow_private;
    uint32_t connect_ms;         /* all in all, name and TLS included */
    CURLSH *share;               /* TLS sessions known from before; of this thread only */
    struct x509_store_st *trust; /* of https */
};

struct connection;
struct connection_events {
    /* It is open, or (err->code not NONE) could not be made and is to be closed. Messages are
     * predicates, to be put behind the name of the provider. */
    void (*dialled)(struct connection *connection, const struct error *err);
    /* It can be read or written. Told by edges: read until there is no more. */
    void (*ready)(struct connection *connection, bool readable, bool writable);
};

enum { CONNECTION_ERROR_BYTES = CURL_ERROR_SIZE };

struct connection {
    struct loop_watch watch; /* first */
    struct dialer *dialer;
    struct dial_target target;
    struct lookup lookup;
    struct loop_timer timer;     /* the pool's while it waits, then that of the lookup */
    struct curl_slist *resolved; /* what is told to libcurl; NULL: the host is an address */
    struct dial_group *group;    /* the libcurl handle is in it; NULL: there is none any more */
    CURL *easy;
    const struct connection_events *events;
    void *owner; /* the events' own */

    /* the pool's own */
    struct pool *pool;
    struct connection *newer, *older; /* among the idle, or among the waiting ones */
    enum { CONNECTION_WAITING = 1, CONNECTION_DIALLING, CONNECTION_OUT, CONNECTION_IDLE } stage;
    bool kept; /* was in use before */
    uint64_t usable_until_ms;

    int fd;      /* -1 until open */
    int kept_fd; /* not to be closed by libcurl */
    bool tls;
    bool hung; /* the other side has closed, or the socket has failed: read on to the end */
    uint64_t dialled_ms, opened_ms;
    int socket_errno;                         /* why there was no socket */
    unsigned refused, allowed;                /* addresses */
    char refused_address[ADDRESS_TEXT_BYTES]; /* the last one */
    bool refused_always;                      /* allow_private would not help */
    char curl_text[CONNECTION_ERROR_BYTES];   /* libcurl's own words */
};

/* For dialer_open: the dialer of connections is one that tells this. */
void connection_dialled(CURL *easy, CURLcode result);
/* One that does nothing yet. */
struct connection *connection_new(struct dialer *dialer, const struct dial_target *target,
                                  const struct connection_events *events, void *owner);
/* Starts to connect, its time counted from start_ms on; dialled() follows, later. */
void connection_dial(struct connection *connection, uint64_t start_ms);
/* At any time, also while dialling; no event follows. The memory stays until the turn ends. */
void connection_close(struct connection *connection);

enum connection_result {
    CONNECTION_OK,    /* *out_bytes, at least one */
    CONNECTION_AGAIN, /* ready() will follow */
    CONNECTION_END,   /* read only: closed in good order */
    CONNECTION_BROKEN
};
enum connection_result connection_read(struct connection *connection, char *out, size_t room,
                                       size_t *out_bytes);
/* Two texts in one call. With TLS an unfinished write must be repeated with the same memory. */
enum connection_result connection_write(struct connection *connection, struct text first,
                                        struct text second, size_t *out_bytes);
/* Whether the other side has been silent, as it must be on a connection that is not in use. */
bool connection_silent(struct connection *connection);
