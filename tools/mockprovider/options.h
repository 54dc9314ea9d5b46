/* mockprovider/options.h
 * What the command line says about the provider to be. Texts are borrowed from the arguments. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { THREADS_MAX = 64, CHUNKS_MAX = 100000, CHUNK_BYTES_MAX = 65536, MS_MAX = 600000 };

struct options {
    const char *listen; /* HOST:PORT, IPv4; port 0: a free one */
    const char *reply_file;
    const char *content; /* of the answer's message */
    uint32_t threads;
    uint32_t latency_ms; /* from the whole request to the first byte of the reply */
    uint32_t status;
    uint32_t retry_after_s; /* with a status from 400; 0: not said */
    uint32_t alternate;     /* so many replies as told, then as many good ones; 0: all as told */
    uint32_t chunks;
    uint32_t chunk_bytes; /* 0: the content is cut into `chunks` parts */
    uint32_t chunk_interval_ms;
    uint64_t break_after; /* bytes of the body after which the connection is reset */
    bool breaking;
    bool dripping; /* one byte at a time, one each millisecond */
};

/* Exits after --help, and with 2 and a message on a mistake. */
struct options options_read(int count, char **arguments);
