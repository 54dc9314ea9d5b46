/* Above the cap, and when descriptors have run out, a listener is not read for a tenth of a second:
 * a socket with waiting connections stays readable, and asking again at once would spin. A
 * connection that ends in this thread ends the pause early; those of other threads are seen by the
 * next try. */
#include "listen/acceptor.h"

#include "listen/address.h"
#include "listen/connection.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { QUEUED_MAX = 4096 /* taken off a listener before it closes */ };

int acceptor_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static bool take_slot(struct listener *listener)
{
    if (atomic_fetch_add(&listener->open, 1) < listener->most)
        return true;
    atomic_fetch_sub(&listener->open, 1);
    return false;
}

static void rest(struct acceptor *acceptor)
{
    struct loop *loop = acceptor->thread->worker.loop;

    h2o_socket_read_stop(acceptor->sock);
    loop_start_timer(loop, &acceptor->resume, loop_now_ms(loop) + ACCEPT_PAUSE_MS);
}

/* Gives up the reserved descriptor for as long as it takes to tell one client that there is no
 * room, then takes it back; false when nobody waits. A TLS client cannot be told anything and is
 * only closed. */
static bool turn_away(struct acceptor *acceptor)
{
    static const char answer[] =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
        "x-should-retry: true\r\nContent-Type: application/json\r\nContent-Length: 168\r\n\r\n"
        "{\"ok\":false,\"error\":{\"message\":\"the gateway has no room for another connection\","
        "\"type\":\"server_error\",\"code\":\"overloaded\",\"param\":null,"
        "\"doc\":\"/docs/errors#overloaded\"}}";
    char head[4096];
    int fd;

    _Static_assert(
        sizeof "{\"ok\":false,\"error\":{\"message\":\"the gateway has no room for another "
               "connection\",\"type\":\"server_error\",\"code\":\"overloaded\","
               "\"param\":null,\"doc\":\"/docs/errors#overloaded\"}}" == 168 + 1,
        "the length is that of the body");
    if (acceptor->thread->reserve_fd < 0)
        return false;
    close(acceptor->thread->reserve_fd);
    fd = accept4(h2o_socket_get_fd(acceptor->sock), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        if (acceptor->accept.ssl_ctx == NULL) {
            (void)!send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
            shutdown(fd, SHUT_WR);
            /* Unread bytes at a close would take the answer back. */
            (void)!recv(fd, head, sizeof head, 0);
        }
        close(fd);
    }
    acceptor->thread->reserve_fd = acceptor_reserve();
    return fd >= 0;
}

static void starve(struct acceptor *acceptor, int error)
{
    if (!acceptor->starved)
        server_log(acceptor->thread->server, LOG_WARN, "accept",
                   "connections wait: the system has no descriptors or memory for them", "error",
                   strerror(error));
    acceptor->starved = true;
    for (int i = 0; i < ACCEPTS_PER_TURN && turn_away(acceptor); i++)
        continue;
    rest(acceptor);
}

/* True when there may be more to take at once. */
static bool take_one(struct acceptor *acceptor)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    int fd;

    if (!take_slot(acceptor->listener)) {
        rest(acceptor);
        return false;
    }
    fd = accept4(h2o_socket_get_fd(acceptor->sock), (struct sockaddr *)&address, &len,
                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
        acceptor->starved = false;
        connection_open(acceptor, fd, &address);
        return true;
    }
    atomic_fetch_sub(&acceptor->listener->open, 1);
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        starve(acceptor, errno);
    /* What else accept reports belongs to the one connection that has failed meanwhile. */
    return errno == EINTR || errno == ECONNABORTED;
}

static void acceptable(h2o_socket_t *sock, const char *err)
{
    struct acceptor *acceptor = sock->data;

    if (err != NULL)
        return;
    /* Another thread may have been quicker to take what this one gave up. */
    if (acceptor->thread->reserve_fd < 0)
        acceptor->thread->reserve_fd = acceptor_reserve();
    for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
        if (!take_one(acceptor))
            return;
    }
}

static void read_again(struct loop_timer *timer)
{
    struct acceptor *acceptor = H2O_STRUCT_FROM_MEMBER(struct acceptor, resume, timer);

    if (acceptor->sock != NULL)
        h2o_socket_read_start(acceptor->sock, acceptable);
}

/* The first worker always uses the socket that was bound at the start. */
static int open_socket(struct worker_thread *thread, struct listener *listener, struct error *err)
{
    int fd;

    if (listen_mode == LISTEN_PER_WORKER && thread->worker.index > 0 && listener->where.port > 0) {
        fd = address_listen(&listener->where, ADDRESS_REPEATED, err);
        if (fd >= 0)
            address_tune(fd, thread->server->settings.write_stall_ms, UNSENT_BYTES_MAX);
        return fd;
    }
    fd = fcntl(listener->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        error_set(err, ERROR_OVERLOADED, NULL, "no descriptor for a listener: %s", strerror(errno));
    return fd;
}

bool acceptor_open(struct acceptor *acceptor, struct worker_thread *thread,
                   struct listener *listener, SSL_CTX *tls, struct error *err)
{
    int fd = open_socket(thread, listener, err);

    acceptor->thread = thread;
    acceptor->listener = listener;
    acceptor->resume.fire = read_again;
    acceptor->accept.ctx = &thread->context;
    acceptor->accept.hosts = thread->server->config.hosts;
    acceptor->accept.ssl_ctx = tls;
    if (fd < 0)
        return false;
    acceptor->sock = h2o_evloop_socket_create(thread->evloop, fd, H2O_SOCKET_FLAG_DONT_READ);
    acceptor->sock->data = acceptor;
    h2o_socket_read_start(acceptor->sock, acceptable);
    return true;
}

void acceptor_close(struct acceptor *acceptor)
{
    if (acceptor->sock == NULL)
        return;
    loop_stop_timer(acceptor->thread->worker.loop, &acceptor->resume);
    for (int i = 0; i < QUEUED_MAX && take_one(acceptor); i++)
        continue;
    loop_stop_timer(acceptor->thread->worker.loop, &acceptor->resume);
    h2o_socket_close(acceptor->sock);
    acceptor->sock = NULL;
}

void acceptor_release(struct acceptor *acceptor)
{
    if (acceptor->listener == NULL)
        return;
    acceptor_set_tls(acceptor, NULL);
    acceptor->listener = NULL;
}

void acceptor_connection_ended(struct acceptor *acceptor)
{
    if (acceptor->sock == NULL || acceptor->resume.place == 0)
        return;
    loop_stop_timer(acceptor->thread->worker.loop, &acceptor->resume);
    h2o_socket_read_start(acceptor->sock, acceptable);
}

void acceptor_set_tls(struct acceptor *acceptor, SSL_CTX *tls)
{
    SSL_CTX_free(acceptor->accept.ssl_ctx);
    acceptor->accept.ssl_ctx = tls;
}
