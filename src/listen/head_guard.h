/* listen/head_guard.h
 * The head of a request, read strictly from its raw bytes (RFC 9112). The server library is lenient
 * where two readers could disagree about where a request ends: it takes the first of two
 * Content-Lengths, lets chunked win over a length, accepts bare line feeds, folded lines, foreign
 * forms of the target and any number of Hosts. Behind a proxy each of these lets a stranger smuggle
 * a request. So every head is read again here before anything is believed of it. */
#pragma once
#include "base/error.h"
#include "gateway/http.h"

enum {
    HEAD_BYTES_MAX = 32768, /* with its empty line */
    HEAD_HEADERS_MAX = 64,
    HEAD_VALUE_MAX = 8192,
    HEAD_TARGET_MAX = 8192,
    HEAD_NAME_MAX = 256,
    HEAD_METHOD_MAX = 32,
};

/* The texts point into the bytes that were read. */
struct head {
    struct text method, target;
    struct text path, query; /* of the target, before and after its first '?' */
    unsigned minor;          /* HTTP/1.minor: 0 or 1 */
    bool chunked, has_length;
    uint64_t content_length;
    size_t bytes; /* of the head, with its empty line */
    size_t header_count;
    struct http_header
        headers[HEAD_HEADERS_MAX]; /* names lower case, values without outer blanks */
};

/* Reads the head at the front of `bytes`, which end with it or go on behind it; names are written
 * in lower case in place. False with ERROR_INVALID_REQUEST (at = "byte N" or the header's name), or
 * ERROR_HEAD_TOO_LARGE when one of the limits above is passed; *out then holds what was
 * good until there, and nothing of the rest. */
bool head_read(char *bytes, size_t len, struct head *out, struct error *err);
