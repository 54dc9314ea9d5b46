/* listen/reply.h
 * One request's answer on its way out: the http_client that the gateway writes to, over the server
 * library's request. It lives exactly as long as the library's request does, and is what calls
 * request_free. */
#pragma once
#include "listen/connection.h"
#include "listen/head_guard.h"

#include "base/buffer.h"

enum reply_state {
    REPLY_OPEN,      /* nothing was answered yet */
    REPLY_STREAMING, /* begun */
    REPLY_ENDED,     /* the gateway has said all; it may still be on its way */
};

struct reply {
    struct http_client client;
    uint32_t magic;
    struct connection *connection;
    h2o_req_t *req;
    h2o_generator_t generator;
    struct request *request; /* NULL: it was refused before the gateway heard of it */
    enum reply_state state;
    bool started;       /* the library's response has begun */
    bool sending;       /* a send is in flight, and the library allows one only */
    bool gone;          /* the client has left: nothing is answered any more */
    bool broken;        /* the stream ends so that the client sees it was cut */
    bool chunked, mute; /* how a stream is framed; mute: HEAD, no body at all */
    bool crowded;       /* more than HTTP_HIGH_WATER waited, and the gateway waits to hear */
    struct buffer waiting, moving; /* written by the gateway; being sent */
    struct loop_task flush;
    char chunk_line[24];
    struct head head;
};

/* Makes the reply of a request and puts it into its connection; the library's request owns it. */
struct reply *reply_new(struct connection *connection, h2o_req_t *req);
/* Answers with an error of the carrier's own and closes. */
void reply_refuse(struct reply *reply, const struct error *err);
/* The client has closed its side: unless all was said already, the request ends here. */
void reply_client_left(struct reply *reply);
/* Ends the request whatever its state, and the connection with it. The reply may be gone when this
 * returns. */
void reply_abandon(struct reply *reply);
