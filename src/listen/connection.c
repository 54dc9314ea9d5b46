#include "listen/connection.h"

#include "base/check.h"
#include "listen/acceptor.h"
#include "listen/linger.h"
#include "listen/reply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

enum { CONNECTION_MAGIC = 0x436f6e6e };

struct connection *connection_of(h2o_req_t *req)
{
    struct connection *connection = req->conn->callbacks->get_socket(req->conn)->on_close.data;

    CHECK(connection != NULL && connection->magic == CONNECTION_MAGIC);
    return connection;
}

static void write_peer(char out[PEER_CHARS], const struct sockaddr_storage *address)
{
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;

    out[0] = '\0';
    if (address->ss_family == AF_INET)
        inet_ntop(AF_INET, &v4->sin_addr, out, PEER_CHARS);
    else if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], out, PEER_CHARS);
    else if (address->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &v6->sin6_addr, out, PEER_CHARS);
}

static void write_user(struct connection *connection)
{
    struct ucred user;
    socklen_t len = sizeof user;

    if (getsockopt(connection->fd, SOL_SOCKET, SO_PEERCRED, &user, &len) == 0)
        snprintf(connection->user, sizeof connection->user, "%u", (unsigned)user.uid);
}

static void client_left(struct loop_watch *watch, uint32_t events)
{
    struct connection *connection = H2O_STRUCT_FROM_MEMBER(struct connection, hangup, watch);

    (void)events;
    connection->left = true;
    if (connection->current != NULL)
        reply_client_left(connection->current);
}

/* The library has closed the socket, for whatever reason. */
static void closed(void *data)
{
    struct connection *connection = data;
    struct worker_thread *thread = connection->thread;

    CHECK(connection->current == NULL);
    loop_forget(thread->worker.loop, &connection->hangup);
    *connection->link = connection->next;
    if (connection->next != NULL)
        connection->next->link = connection->link;
    if (connection->linger != NULL)
        linger_begin(connection->linger);
    SSL_CTX_free(connection->tls);
    connection->magic = 0;
    server_connection_ended(thread->server, connection->acceptor->listener);
    acceptor_connection_ended(connection->acceptor);
    loop_free_later(thread->worker.loop, connection);
}

static void link_in(struct connection *connection)
{
    struct worker_thread *thread = connection->thread;

    connection->link = &thread->connections;
    connection->next = thread->connections;
    if (connection->next != NULL)
        connection->next->link = &connection->next;
    thread->connections = connection;
}

void connection_open(struct acceptor *acceptor, int fd, const struct sockaddr_storage *address)
{
    struct worker_thread *thread = acceptor->thread;
    struct connection *connection = calloc(1, sizeof *connection);

    CHECK(connection != NULL);
    connection->magic = CONNECTION_MAGIC;
    connection->fd = fd;
    connection->thread = thread;
    connection->acceptor = acceptor;
    connection->tls = acceptor->accept.ssl_ctx;
    if (connection->tls != NULL)
        SSL_CTX_up_ref(connection->tls);
    write_peer(connection->peer, address);
    if (address->ss_family == AF_UNIX)
        write_user(connection);
    link_in(connection);
    connection->hangup.ready = client_left;
    CHECK(loop_watch(thread->worker.loop, &connection->hangup, fd, EPOLLRDHUP | EPOLLET));
    connection->sock =
        h2o_evloop_socket_create(thread->evloop, fd, H2O_SOCKET_FLAG_IS_ACCEPTED_CONNECTION);
    connection->sock->on_close.cb = closed;
    connection->sock->on_close.data = connection;
    h2o_accept(&acceptor->accept, connection->sock);
}

void connection_kick(struct connection *connection)
{
    shutdown(connection->fd, SHUT_RDWR);
    if (connection->current != NULL)
        reply_abandon(connection->current);
}

/* A number that changes whenever the client has taken something. */
static uint64_t progress(const struct connection *connection)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    int queued = 0;

    if (getsockopt(connection->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
        return info.tcpi_bytes_acked;
    if (ioctl(connection->fd, SIOCOUTQ, &queued) == 0)
        return (uint64_t)queued;
    return 0;
}

/* Whether a write has been waiting for the client for too long without any progress. The library
 * has no such limit, neither for answers nor for its own errors and TLS's goodbye. */
static bool stalled(struct connection *connection, uint64_t now_ms)
{
    uint64_t mark;

    if (!h2o_socket_is_writing(connection->sock)) {
        connection->stalled_since_ms = 0;
        return false;
    }
    mark = progress(connection);
    if (connection->stalled_since_ms == 0 || mark != connection->stall_mark) {
        connection->stalled_since_ms = now_ms;
        connection->stall_mark = mark;
        return false;
    }
    return now_ms - connection->stalled_since_ms >=
           connection->thread->server->settings.write_stall_ms;
}

static void sweep(struct loop_timer *timer)
{
    struct worker_thread *thread = H2O_STRUCT_FROM_MEMBER(struct worker_thread, sweep, timer);
    struct connection *connection = thread->connections, *next;
    uint64_t now_ms = loop_now_ms(thread->worker.loop);

    for (; connection != NULL; connection = next) {
        next = connection->next;
        if (stalled(connection, now_ms))
            connection_kick(connection);
    }
    connections_watch_stalls(thread);
}

void connections_watch_stalls(struct worker_thread *thread)
{
    uint64_t pause_ms = thread->server->settings.write_stall_ms / 4;

    pause_ms = pause_ms < 20 ? 20 : pause_ms > 1000 ? 1000 : pause_ms;
    thread->sweep.fire = sweep;
    loop_start_timer(thread->worker.loop, &thread->sweep,
                     loop_now_ms(thread->worker.loop) + pause_ms);
}
