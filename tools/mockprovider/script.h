/* mockprovider/script.h
 * The replies, as bytes that are made once and only ever read: every thread and connection shares
 * them. A reply is sent stop by stop, with `interval_ms` between two stops. */
#pragma once
#include "options.h"

#include <stddef.h>

struct reply {
    char *bytes;
    size_t len;
    size_t *stops; /* rising offsets, the last is len */
    size_t stop_count;
    uint32_t interval_ms;
    bool resets; /* the connection, behind the last byte */
};

struct replies {
    struct reply plain;
    struct reply stream; /* for requests that ask for one */
};

struct script {
    struct replies told;
    struct replies good; /* in turns with them, if `alternate` is not 0 */
    uint32_t alternate;
    uint32_t latency_ms;
};

/* Exits with 2 and a message when a file cannot be read. Lives until the process ends. */
struct script script_make(const struct options *options);
/* The reply to the request of that number, from 0. */
const struct reply *script_reply(const struct script *script, uint64_t number, bool stream);
