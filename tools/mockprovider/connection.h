/* mockprovider/connection.h
 * One client's connection: what it sent and was not answered, and how far the reply is. It never
 * waits: it says what it waits for. */
#pragma once
#include "script.h"
#include "timers.h"

enum connection_wait {
    WAIT_INPUT,  /* for bytes of the client */
    WAIT_OUTPUT, /* for room to send */
    WAIT_TIME,   /* for `delay_ms` */
    WAIT_NONE,   /* it is over: close it */
};

struct connection {
    struct timer timer;      /* the first member: a timer is its connection */
    struct connection *next; /* in its thread's list */
    struct connection **link;
    int fd;
    char *in;
    size_t in_len;
    size_t in_room;
    const struct reply *reply; /* NULL: none is being sent */
    size_t sent;
    size_t stop; /* index of the offset being sent to */
    uint32_t delay_ms;
    bool closing;
    bool delayed;     /* the latency is over */
    bool continued;   /* 100 Continue was sent for the request that is being read */
    bool sees_output; /* the poller is told to report room to send */
};

/* Reads what there is; false when the client is gone or sends what no request is. */
bool connection_receive(struct connection *connection);
/* Goes on as far as it can; *requests counts the replies that began. */
enum connection_wait connection_go_on(struct connection *connection, const struct script *script,
                                      uint64_t *requests);
/* The time it waited for is over. */
void connection_elapse(struct connection *connection);
/* Closes and frees. */
void connection_free(struct connection *connection);
