/* transport/transport.h
 * Sends one request to a provider and hands back its reply as it comes: start, more body, done,
 * cancel, pause. HTTP/1.1 over libcurl connections (http_*.c), the demo provider inside the
 * process, or what was recorded of a provider (tape.h). A transport belongs to one loop and its
 * thread. The process must ignore SIGPIPE: TLS writes to sockets that may have been closed. */
#pragma once
#include "base/loop.h"
#include "provider/dialect.h"
#include "provider/http_head.h"

struct tape;
struct transport;
struct exchange;

struct transport_options {
    uint32_t idle_per_pool; /* kept connections of one provider and credential; 0: 512 */
    uint32_t dials_at_once; /* connections being made, of one provider and credential; 0: 256 */
    uint32_t idle_ms;       /* how long one is kept idle; 0: 30,000 */
    uint32_t age_ms;        /* how long one lives at all; 0: 600,000 */
    size_t head_bytes;      /* of a reply; 0: 64 KiB */
    size_t body_bytes;      /* of a reply; 0: 8 MiB */
    struct tape *tape;      /* kept; tape.h; NULL: none */
};
struct transport *transport_open(struct loop *loop, const struct transport_options *options);
/* Every exchange must have ended or been cancelled. */
void transport_close(struct transport *transport);

/* How far an exchange has come: what decides whether another may follow it. */
enum exchange_sent {
    SENT_NOTHING, /* no part of the request can have reached the provider */
    SENT_PART,
    SENT_ALL /* the system took it all; whether the provider has read it nobody knows */
};
struct exchange_facts {
    enum exchange_sent sent;
    bool replied;        /* a byte of the reply was read */
    bool reused;         /* over a connection that was there before */
    uint32_t connect_ms; /* to make a new connection: name, TCP and TLS; 0: none, or under 1 ms */
};

/* Call-backs of one exchange; called from the loop, never from inside exchange_start, _resume or
 * _cancel. After `done` none follows. Texts are valid during the call. */
struct exchange_events {
    /* The reply's head, whatever its status. */
    void (*head)(void *context, const struct http_head *head);
    void (*body)(void *context, struct text piece);
    /* The reply is complete and correctly framed (err->code is ERROR_NONE), or failed. */
    void (*done)(void *context, const struct error *err, const struct exchange_facts *facts);
};
struct exchange_times {
    uint64_t first_byte_ms; /* from start to the first body byte; 0: no limit */
    uint64_t idle_ms;       /* between body pieces, while not paused */
    uint64_t total_ms;      /* all in all */
};
struct exchange_options {
    const struct provider *provider; /* kept until the end */
    struct text key;                 /* kept; the credential that is in `wire`, empty: none.
                                      * Connections are never shared between two of them */
    const struct chat *chat;         /* kept; the demo provider answers from it */
    const struct wire_request *wire; /* kept */
    struct text trace; /* kept; header lines that say which trace it is part of; may be empty */
    struct exchange_times times;
    size_t body_bytes;                    /* of the reply; 0: as the transport's options say */
    const struct exchange_events *events; /* kept */
    void *context;
};
/* Starts; gives the exchange, whose memory the transport owns and which is invalid after `done` or
 * exchange_cancel. Failures to start are reported through `done` like all others. */
struct exchange *exchange_start(struct transport *transport,
                                const struct exchange_options *options);
/* No more body pieces until resume: the connection is not read, so the provider is slowed. */
void exchange_pause(struct exchange *exchange);
void exchange_resume(struct exchange *exchange);
/* Ends it without `done`; the connection is closed. */
void exchange_cancel(struct exchange *exchange);
/* Until the end; `done` is told the last ones. */
struct exchange_facts exchange_facts(const struct exchange *exchange);

struct transport_counts {
    uint64_t started, reused, connected, failed, cancelled;
    uint32_t open, idle; /* connections: all of them, and those kept for later */
};
struct transport_counts transport_counts(const struct transport *transport);
