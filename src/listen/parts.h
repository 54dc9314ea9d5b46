/* listen/parts.h
 * What the files of this folder share. One server holds the listeners and the threads; a thread
 * holds one server loop, one acceptor per listener, its connections, and the gateway's worker; a
 * connection holds the reply to its current request. Everything below a thread belongs to that
 * thread alone; what threads share is atomic, const once they run, or under the server's lock. */
#pragma once
#include "gateway/request.h"
#include "gateway/worker.h"
#include "listen/server.h"
#include "listen/tls.h"

#include <h2o.h>
#include <pthread.h>
#include <stdatomic.h>

/* Workers either share one listening socket, of which each has a duplicate, or have one each
 * (SO_REUSEPORT). Shared is the default: closing one of several sockets drops the connections that
 * wait in its queue, and two processes could take the same address without noticing. */
enum listen_mode { LISTEN_SHARED, LISTEN_PER_WORKER };
static const enum listen_mode listen_mode = LISTEN_SHARED;

enum {
    ACCEPTS_PER_TURN = 16,
    ACCEPT_PAUSE_MS = 100,
    ADMIN_CONNECTIONS_MAX = 64, /* and of whoever reads metrics */
    UNSENT_BYTES_MAX = 131072,  /* that the kernel keeps for a client that does not read */
    PEER_CHARS = 64,
};

/* What the carrier asks of the gateway; tests put their own in its place. */
struct server_hooks {
    bool (*worker_open)(struct worker *worker, struct gateway *gateway, unsigned index,
                        struct error *err);
    void (*worker_close)(struct worker *worker);
    struct request *(*start)(struct worker *worker, const struct http_request *http,
                             struct http_client *client);
    void (*drained)(struct request *request);
    void (*gone)(struct request *request);
    void (*free)(struct request *request);
};

/* The dashboard's is another admin listener; that of metrics has nothing else. */
enum { PUBLIC, ADMIN, DASHBOARD, METRICS, LISTENERS };

struct listener {
    int fd; /* -1: none, or closed */
    bool admin;
    struct listen_address where; /* with the port that the system chose */
    struct text address;
    const char *path;    /* of a unix socket that is ours to remove; else NULL */
    _Atomic size_t open; /* connections, all threads */
    size_t most;
};

struct worker_thread;
struct connection;
struct lingering;

/* One listener as one thread sees it. */
struct acceptor {
    struct worker_thread *thread;
    struct listener *listener; /* NULL: this thread does not serve it */
    h2o_socket_t *sock;        /* NULL: closed */
    h2o_accept_ctx_t accept;   /* its ssl_ctx is owned */
    struct loop_timer resume;  /* running: reading has stopped for a while */
    bool starved;              /* descriptors have run out, and it was said */
};

enum thread_state { THREAD_NEW, THREAD_SERVING, THREAD_FAILED, THREAD_ENDED };

struct worker_thread {
    struct server *server;
    struct worker worker;
    pthread_t thread;
    enum thread_state state; /* under the server's lock */
    struct error error;      /* why it failed */

    h2o_evloop_t *evloop;
    h2o_context_t context;
    h2o_socket_t *nested;     /* the worker's loop as one descriptor of the server loop */
    h2o_timeout_entry_t kick; /* dispatches the worker's loop at the end of this turn */
    struct acceptor acceptors[LISTENERS];
    int reserve_fd; /* given up for a moment to answer when there are no others */
    struct connection *connections;
    struct lingering *lingers;
    size_t linger_count;
    struct loop_timer sweep; /* for clients that do not read */
    struct loop_timer look;  /* for connections to end, while draining or stopping */
    bool draining, stopping;

    struct loop_task drain_task, stop_task, tls_task;
    _Atomic(SSL_CTX *) next_tls; /* for new connections, handed over by tls_task */
};

struct server {
    struct arena arena;
    struct gateway *gateway;
    const struct server_hooks *hooks;
    struct settings settings; /* texts in the arena, C strings where the kernel wants them */
    struct listener listeners[LISTENERS];
    bool tls;
    unsigned char ticket_keys[TLS_TICKET_KEY_BYTES];
    h2o_globalconf_t config;
    struct worker_thread *threads;
    unsigned thread_count, threads_started;
    bool draining;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a thread's state, or no connection is left */
};

/* As server_open, with somebody else behind the hooks (kept). */
struct server *server_open_with(const struct server_hooks *hooks, struct gateway *gateway,
                                const struct settings *settings, int listen_fd, struct error *err);

/* Writes one line for operators; a server without a log says nothing. */
void server_log(const struct server *server, enum log_level level, const char *event,
                const char *message, const char *name, const char *value);
/* A connection has ended; wakes server_wait_drained when it was the last. Any thread. */
void server_connection_ended(struct server *server, struct listener *listener);
