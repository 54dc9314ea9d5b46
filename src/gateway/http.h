/* gateway/http.h
 * The seam between a request and whatever carries it: what came in, and how to answer. `listen`
 * implements the answering side over sockets; tests implement it over memory. */
#pragma once
#include "base/text.h"

#include <stdbool.h>

struct http_header {
    struct text name; /* lower case */
    struct text value;
};

/* A whole request, framing already checked. Its texts stay valid until request_free. */
struct http_request {
    struct text method;
    struct text path;  /* exact bytes of the target before '?'; starts with '/' */
    struct text query; /* after '?'; may be empty */
    const struct http_header *headers;
    size_t header_count;
    struct text body;
    struct text peer;    /* address without port; empty for a unix socket */
    struct text user;    /* who is at the other end of one: a number; else empty */
    bool admin;          /* came by the admin listener */
    bool metrics;        /* came by the listener that has metrics only */
    bool local;          /* came by a unix socket */
    uint64_t started_us; /* monotonic, when it was handed over */
};

/* The head of an answer, and for a whole answer its body. Texts must stay valid until
 * request_free; names are lower case. */
struct http_reply {
    int status;
    const struct http_header *headers; /* without content-length, connection, date, server */
    size_t header_count;
    struct text body;
    bool close; /* the connection ends after it */
};

/* The value of the first header of that (lower-case) name, or an empty text. */
struct text http_header(const struct http_request *request, struct text name);
/* Whether its Accept-Encoding names gzip and does not refuse it. */
bool http_takes_gzip(const struct http_request *request);

/* The client's side of one request. Exactly one `reply`, or one `begin`, any number of `write` and
 * one `end`; then nothing. None of them calls back from inside. */
struct http_client;
struct http_client_ops {
    void (*reply)(struct http_client *client, const struct http_reply *reply);
    /* Starts a stream; its head is sent at once. */
    void (*begin)(struct http_client *client, const struct http_reply *head);
    /* Copies `piece` behind what still waits to be sent. Returns how many bytes wait now; above
     * HTTP_HIGH_WATER the writer should stop its source until request_drained. */
    size_t (*write)(struct http_client *client, struct text piece);
    /* Ends the stream: cleanly, or so that the client sees that it was cut. */
    void (*end)(struct http_client *client, bool broken);
};
struct http_client {
    const struct http_client_ops *ops;
};
enum { HTTP_HIGH_WATER = 65536, HTTP_LOW_WATER = 16384 };
