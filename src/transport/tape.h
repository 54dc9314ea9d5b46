/* transport/tape.h
 * What stands between a transport and its providers where an endpoint is tested: it answers in
 * their place, as they once did, or listens to what they say. Nothing above the transport sees the
 * difference: heads, pieces and failures come as they would from a connection. */
#pragma once
#include "transport/transport.h"

/* A reply as it came, or as it is to come. */
struct taped_reply {
    int status;               /* 0: no head came */
    struct text content_type; /* without parameters */
    struct text fields;       /* "name:value\n" each, as in struct http_head */
    const struct text *pieces;
    size_t piece_count;
    struct error failure; /* ERROR_NONE: the reply came to its end; the message is what is said
                             behind "provider 'name'" */
    bool broken_off;      /* whoever asked had heard enough */
    enum exchange_sent sent;
};

struct tape;
struct tape_ops {
    /* Gives what is to be answered, which lives as long as the tape; NULL: the provider itself is
     * asked. */
    const struct taped_reply *(*play)(struct tape *tape, const struct exchange_options *asked);
    /* What a provider itself has answered, at its end; borrowed. May be NULL. */
    void (*heard)(struct tape *tape, const struct exchange_options *asked,
                  const struct taped_reply *reply);
};
struct tape {
    const struct tape_ops *ops;
};
