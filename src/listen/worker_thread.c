/* The worker's loop, whose epoll descriptor the server loop watches as one more socket, is
 * dispatched from call-backs of the server loop only: when that descriptor is readable, and through
 * an entry of zero delay when a timer is due or something was deferred. What is sent to clients
 * outside of such a call-back would be finished only at the loop's next wake-up. */
#include "listen/worker_thread.h"

#include "base/check.h"
#include "listen/acceptor.h"
#include "listen/connection.h"
#include "listen/linger.h"
#include "schema/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <h2o/http1.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_WAIT_MS = 1000, DRAIN_LOOK_MS = 100, STOP_LIMIT_MS = 5000 };

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAKS_ARE_LOOKED_FOR
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define LEAKS_ARE_LOOKED_FOR
#endif
#ifdef LEAKS_ARE_LOOKED_FOR
/* What the library leaves behind with every thread: a queue that it never frees, and the free lists
 * in thread-local memory that end with their thread. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:h2o_multithread_create_queue\nleak:h2o_mem_alloc_recycle\n";
}
#endif

static void set_state(struct worker_thread *thread, enum thread_state state)
{
    struct server *server = thread->server;

    pthread_mutex_lock(&server->lock);
    thread->state = state;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

/* -- the nested loop -------------------------------------------------------------------------- */

static void nested_readable(h2o_socket_t *sock, const char *err)
{
    struct worker_thread *thread = sock->data;

    CHECK(err == NULL);
    loop_dispatch(thread->worker.loop);
}

static void kicked(h2o_timeout_entry_t *entry)
{
    struct worker_thread *thread = H2O_STRUCT_FROM_MEMBER(struct worker_thread, kick, entry);

    loop_dispatch(thread->worker.loop);
}

/* Linked anew each time: the library's clock is the wall clock, and an entry from before a step
 * back would wait until that time comes again. */
static void kick(void *context)
{
    struct worker_thread *thread = context;

    h2o_timeout_unlink(&thread->kick);
    h2o_timeout_link(thread->evloop, &thread->context.zero_timeout, &thread->kick);
}

static void turn(struct worker_thread *thread)
{
    uint64_t wait_ms = loop_wait_ms(thread->worker.loop, LONGEST_WAIT_MS);

    if (wait_ms == 0)
        kick(thread);
    /* What it returns means nothing: it is -1 for an interrupted wait. */
    h2o_evloop_run(thread->evloop, (int32_t)wait_ms);
}

/* -- draining and stopping -------------------------------------------------------------------- */

/* Requests in flight are finished and end their connection; where none has begun, the end of input
 * ends it. What the client had sent by then is still read. */
static int drain_request(h2o_req_t *req, void *context)
{
    (void)context;
    if (req->version == 0 && req->pathconf == NULL)
        shutdown(connection_of(req)->fd, SHUT_RD);
    else
        req->http1_is_persistent = 0;
    return 0;
}

static void kick_all(struct worker_thread *thread)
{
    struct connection *connection = thread->connections, *next;

    for (; connection != NULL; connection = next) {
        next = connection->next;
        connection_kick(connection);
    }
}

/* Again and again: a connection whose TLS handshake ends meanwhile is one of the library's only
 * then. */
static void look(struct loop_timer *timer)
{
    struct worker_thread *thread = H2O_STRUCT_FROM_MEMBER(struct worker_thread, look, timer);
    struct loop *loop = thread->worker.loop;

    if (thread->stopping)
        kick_all(thread);
    else
        H2O_HTTP1_CALLBACKS.foreach_request(&thread->context, drain_request, NULL);
    loop_start_timer(loop, &thread->look, loop_now_ms(loop) + DRAIN_LOOK_MS);
}

static void close_acceptors(struct worker_thread *thread)
{
    for (int i = 0; i < LISTENERS; i++)
        acceptor_close(&thread->acceptors[i]);
}

static void run_drain(struct loop_task *task)
{
    struct worker_thread *thread = H2O_STRUCT_FROM_MEMBER(struct worker_thread, drain_task, task);

    if (thread->draining)
        return;
    thread->draining = true;
    h2o_context_request_shutdown(&thread->context);
    close_acceptors(thread);
    worker_drain(&thread->worker);
    look(&thread->look);
}

static void run_stop(struct loop_task *task)
{
    struct worker_thread *thread = H2O_STRUCT_FROM_MEMBER(struct worker_thread, stop_task, task);

    run_drain(&thread->drain_task);
    thread->stopping = true;
    look(&thread->look);
}

static void run_set_tls(struct loop_task *task)
{
    struct worker_thread *thread = H2O_STRUCT_FROM_MEMBER(struct worker_thread, tls_task, task);
    SSL_CTX *tls = atomic_exchange(&thread->next_tls, NULL);

    if (tls != NULL)
        acceptor_set_tls(&thread->acceptors[PUBLIC], tls);
}

/* -- life ------------------------------------------------------------------------------------- */

static bool nest(struct worker_thread *thread, struct error *err)
{
    /* The library closes what it watches. */
    int fd = fcntl(loop_fd(thread->worker.loop), F_DUPFD_CLOEXEC, 0);

    if (fd < 0)
        return error_set(err, ERROR_OVERLOADED, NULL, "no descriptor for a loop: %s",
                         strerror(errno));
    thread->nested = h2o_evloop_socket_create(thread->evloop, fd, H2O_SOCKET_FLAG_DONT_READ);
    thread->nested->data = thread;
    h2o_socket_read_start(thread->nested, nested_readable);
    thread->kick.cb = kicked;
    loop_on_wake(thread->worker.loop, kick, thread);
    return true;
}

static bool open_acceptors(struct worker_thread *thread, struct error *err)
{
    struct server *server = thread->server;
    SSL_CTX *tls = atomic_exchange(&thread->next_tls, NULL);

    if (!acceptor_open(&thread->acceptors[PUBLIC], thread, &server->listeners[PUBLIC], tls, err))
        return false;
    /* Administration and metrics need no more than one thread. */
    for (int i = ADMIN; i < LISTENERS && thread->worker.index == 0; i++)
        if (server->listeners[i].fd >= 0 &&
            !acceptor_open(&thread->acceptors[i], thread, &server->listeners[i], NULL, err))
            return false;
    return true;
}

static bool open_all(struct worker_thread *thread, struct error *err)
{
    thread->evloop = h2o_evloop_create();
    h2o_context_init(&thread->context, thread->evloop, &thread->server->config);
    thread->reserve_fd = acceptor_reserve();
    connections_watch_stalls(thread);
    return nest(thread, err) && open_acceptors(thread, err);
}

/* The order matters: timeouts are unlinked before the context goes, the loop goes last. */
static void close_all(struct worker_thread *thread)
{
    struct loop *loop = thread->worker.loop;

    close_acceptors(thread);
    for (int i = 0; i < LISTENERS; i++)
        acceptor_release(&thread->acceptors[i]);
    lingers_end(thread);
    loop_stop_timer(loop, &thread->sweep);
    loop_stop_timer(loop, &thread->look);
    thread->server->hooks->worker_close(&thread->worker);
    if (thread->nested != NULL)
        h2o_socket_close(thread->nested);
    h2o_timeout_unlink(&thread->kick);
    h2o_context_dispose(&thread->context);
    h2o_evloop_destroy(thread->evloop);
    close(thread->reserve_fd);
}

/* Everything is shut down and only has to notice; a connection that did not would keep the library
 * from being taken down, and is left to the end of the process. */
static bool end_connections(struct worker_thread *thread)
{
    uint64_t limit_ms = loop_now_ms(thread->worker.loop) + STOP_LIMIT_MS;

    while (thread->connections != NULL && loop_now_ms(thread->worker.loop) < limit_ms)
        turn(thread);
    return thread->connections == NULL;
}

static void serve(struct worker_thread *thread)
{
    set_state(thread, THREAD_SERVING);
    while (!thread->stopping)
        turn(thread);
    if (end_connections(thread))
        close_all(thread);
    else
        server_log(thread->server, LOG_ERROR, "stop", "connections did not end in time", NULL,
                   NULL);
    set_state(thread, THREAD_ENDED);
}

static void *run(void *context)
{
    struct worker_thread *thread = context;
    struct server *server = thread->server;
    unsigned index = (unsigned)(thread - server->threads);

    if (!server->hooks->worker_open(&thread->worker, server->gateway, index, &thread->error)) {
        set_state(thread, THREAD_FAILED);
    } else if (!open_all(thread, &thread->error)) {
        close_all(thread);
        set_state(thread, THREAD_FAILED);
    } else {
        serve(thread);
    }
    return NULL;
}

bool worker_thread_start(struct worker_thread *thread, SSL_CTX *tls, struct error *err)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int result;

    atomic_store(&thread->next_tls, tls);
    thread->reserve_fd = -1;
    thread->look.fire = look;
    thread->drain_task.run = run_drain;
    thread->stop_task.run = run_stop;
    thread->tls_task.run = run_set_tls;
    /* Signals are for the main thread; a broken pipe is an error like any other here. */
    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    /* What there is otherwise depends on the limits the process was started with. */
    pthread_attr_setstacksize(&attributes, SCHEMA_STACK_BYTES);
    result = pthread_create(&thread->thread, &attributes, run, thread);
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result != 0)
        return error_set(err, ERROR_OVERLOADED, NULL, "no thread for a worker: %s",
                         strerror(result));
    return true;
}

void worker_thread_drain(struct worker_thread *thread)
{
    loop_post(thread->worker.loop, &thread->drain_task);
}

void worker_thread_stop(struct worker_thread *thread)
{
    loop_post(thread->worker.loop, &thread->stop_task);
}

void worker_thread_set_tls(struct worker_thread *thread, SSL_CTX *tls)
{
    SSL_CTX_free(atomic_exchange(&thread->next_tls, tls));
    loop_post(thread->worker.loop, &thread->tls_task);
}
