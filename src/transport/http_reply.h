/* transport/http_reply.h
 * Reads one HTTP/1.1 reply to a POST (RFC 9112) from bytes cut anywhere: head, body by length, by
 * chunks or to the end of the connection. A reply whose extent could be read in two ways is an
 * error; one that is merely sloppy is used, but ends its connection. Interim replies (1xx) and
 * trailers are skipped. Reads no clock and no socket.
 *
 * Messages in *err are predicates ("sent two different lengths ..."), to be put behind the name of
 * who sent it. A zeroed reply with both limits set is ready for the first byte. */
#pragma once
#include "base/buffer.h"
#include "base/error.h"

enum http_step {
    HTTP_MORE,  /* the input is used up */
    HTTP_HEAD,  /* the head is complete: the fields below are filled */
    HTTP_BODY,  /* *out_piece holds body bytes, in the input's memory */
    HTTP_END,   /* the reply is complete; what is left of the input is surplus */
    HTTP_FAILED /* *err says why; the reply must not be fed again */
};

struct http_reply {
    size_t head_bytes_max; /* all interim heads and trailers included; set by the caller */
    size_t body_bytes_max; /* set by the caller */

    int status;             /* 200 to 599 */
    char content_type[128]; /* without parameters; NUL-terminated; empty when absent or longer */
    struct buffer fields;   /* heap; see struct http_head: "name:value\n" each */
    uint32_t keep_alive_s;  /* Keep-Alive: timeout=; 0: not said */

    /* the reader's own */
    unsigned at;        /* which part is being read */
    struct buffer line; /* of an unfinished line, heap */
    size_t head_bytes, extension_bytes;
    uint64_t body_bytes; /* given so far */
    uint64_t left;       /* of the body or of the chunk */
    uint64_t length;     /* Content-Length */
    unsigned interims, field_count;
    bool has_length, has_encoding;
    bool begun;    /* a byte was read */
    bool last_use; /* the connection must not be used again */
};

/* Takes bytes off the front of *input until something is to be told. */
enum http_step http_reply_next(struct http_reply *reply, struct text *input, struct text *out_piece,
                               struct error *err);
/* The connection was closed in good order: true when that completes the reply, else false with
 * ERROR_UPSTREAM_TRUNCATED, or ERROR_UPSTREAM_FAILED when not a byte had come. */
bool http_reply_close(struct http_reply *reply, struct error *err);
/* Whether the connection can carry another request. */
bool http_reply_reusable(const struct http_reply *reply);
/* Frees what it has gathered; the reply may be zeroed and used again. */
void http_reply_release(struct http_reply *reply);
