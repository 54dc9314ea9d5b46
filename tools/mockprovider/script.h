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

struct script {
    struct reply plain;
    struct reply stream; /* for requests that ask for one */
    uint32_t latency_ms;
};

/* Exits with 2 and a message when a file cannot be read. Lives until the process ends. */
struct script script_make(const struct options *options);
