/* mockprovider/request.h
 * Where a request ends, and the little of it that decides the reply. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum { HEAD_BYTES_MAX = 65536, BODY_BYTES_MAX = 64 << 20 };

enum request_state {
    REQUEST_WHOLE,
    REQUEST_HEAD_MISSING, /* more bytes are needed */
    REQUEST_BODY_MISSING, /* the head is known, more bytes are needed */
    REQUEST_TOO_LARGE,
    REQUEST_UNSUPPORTED, /* no HTTP/1.x, or a body without Content-Length */
};

struct request {
    size_t len;   /* of head and body */
    bool stream;  /* the body says "stream": true; known when it is whole */
    bool closing; /* the client wants the connection closed behind the reply */
    bool expects; /* the client waits for 100 Continue before it sends the body */
};

/* Reads the request at the start of `at`. RFC 9112 sections 2 to 6. */
enum request_state request_read(const char *at, size_t len, struct request *out);
