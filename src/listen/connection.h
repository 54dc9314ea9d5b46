/* listen/connection.h
 * One accepted socket: who it is, what it is being answered, whether its client is still there. The
 * server library stops reading while a request is answered, so that a client that leaves would be
 * noticed only by the next write; an edge-triggered watch on the worker's loop, one per connection
 * and at no cost per request, notices at once. */
#pragma once
#include "listen/parts.h"

struct reply;

struct connection {
    uint32_t magic;
    int fd;
    struct worker_thread *thread;
    struct acceptor *acceptor;
    h2o_socket_t *sock;
    SSL_CTX *tls; /* the library uses it later than it is handed over, and holds no reference */
    struct loop_watch hangup;
    struct reply *current;
    struct lingering *linger; /* reads on for a while after the close, so that an answer arrives */
    bool left;                /* the client closed its side, wholly or in half: both mean leaving */
    uint64_t stalled_since_ms, stall_mark;
    struct connection *next, **link;
    char peer[PEER_CHARS]; /* without port; empty for a unix socket */
    char user[12];         /* who is at the other end of one, as the kernel says; else empty */
};

/* Takes the socket `fd`, whose peer is `address`, and hands it to the server library. */
void connection_open(struct acceptor *acceptor, int fd, const struct sockaddr_storage *address);
/* The connection behind a request. */
struct connection *connection_of(h2o_req_t *req);
/* Throws the client out: its request ends, the socket is shut down and soon closed. The connection
 * may be gone when this returns. */
void connection_kick(struct connection *connection);
/* Starts looking, every now and then, for clients that do not take what they are sent. */
void connections_watch_stalls(struct worker_thread *thread);
