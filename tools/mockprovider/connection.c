/* Requests are answered one after the other, so what a client sends ahead waits in `in`; a reply is
 * sent from the script's own bytes. */
#include "connection.h"

#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IN_ROOM = 16384, IN_ROOM_MAX = HEAD_BYTES_MAX + BODY_BYTES_MAX + IN_ROOM };

static const char too_large[] =
    "HTTP/1.1 413 Mock\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
static const char unsupported[] =
    "HTTP/1.1 411 Mock\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
static const char go_ahead[] = "HTTP/1.1 100 Continue\r\n\r\n";

static bool make_room(struct connection *connection)
{
    size_t room = connection->in_room ? connection->in_room * 2 : IN_ROOM;
    char *grown;

    if (connection->in_len < connection->in_room)
        return true;
    if (room > IN_ROOM_MAX)
        room = IN_ROOM_MAX;
    if (room <= connection->in_room)
        return false;
    grown = realloc(connection->in, room);
    if (grown == NULL)
        return false;
    connection->in = grown;
    connection->in_room = room;
    return true;
}

bool connection_receive(struct connection *connection)
{
    ssize_t len;

    if (!make_room(connection))
        return false;
    len = recv(connection->fd, connection->in + connection->in_len,
               connection->in_room - connection->in_len, 0);
    if (len > 0)
        connection->in_len += (size_t)len;
    return len > 0 || (len < 0 && (errno == EAGAIN || errno == EINTR));
}

static void consume(struct connection *connection, size_t len)
{
    connection->in_len -= len;
    if (connection->in_len > 0)
        memmove(connection->in, connection->in + len, connection->in_len);
}

/* A few bytes outside of any script; if there is no room for them now, the client sends too much
 * and reads too little, and the connection ends. */
static bool send_aside(struct connection *connection, const char *text)
{
    size_t len = strlen(text);

    return send(connection->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

/* Begins the next request in `in`, if it is whole. */
static enum connection_wait begin(struct connection *connection, const struct script *script,
                                  uint64_t number)
{
    struct request request;
    enum request_state state = request_read(connection->in, connection->in_len, &request);

    if (state == REQUEST_TOO_LARGE || state == REQUEST_UNSUPPORTED) {
        send_aside(connection, state == REQUEST_TOO_LARGE ? too_large : unsupported);
        return WAIT_NONE;
    }
    if (state == REQUEST_BODY_MISSING && request.expects && !connection->continued) {
        connection->continued = true;
        return send_aside(connection, go_ahead) ? WAIT_INPUT : WAIT_NONE;
    }
    if (state != REQUEST_WHOLE)
        return WAIT_INPUT;
    consume(connection, request.len);
    connection->reply = script_reply(script, number, request.stream);
    connection->closing = request.closing;
    connection->sent = connection->stop = 0;
    connection->continued = connection->delayed = false;
    connection->delay_ms = script->latency_ms;
    return script->latency_ms > 0 ? WAIT_TIME : WAIT_OUTPUT;
}

/* Sends up to the next stop. WAIT_INPUT: the reply is out. */
static enum connection_wait send_on(struct connection *connection)
{
    const struct reply *reply = connection->reply;
    size_t until = reply->stops[connection->stop];

    while (connection->sent < until) {
        ssize_t len = send(connection->fd, reply->bytes + connection->sent,
                           until - connection->sent, MSG_NOSIGNAL);

        if (len < 0)
            return errno == EAGAIN || errno == EINTR ? WAIT_OUTPUT : WAIT_NONE;
        connection->sent += (size_t)len;
    }
    if (++connection->stop < reply->stop_count) {
        connection->delay_ms = reply->interval_ms;
        connection->delayed = false;
        return WAIT_TIME;
    }
    if (reply->resets) {
        const struct linger reset = {.l_onoff = 1, .l_linger = 0};

        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    connection->reply = NULL;
    return reply->resets || connection->closing ? WAIT_NONE : WAIT_INPUT;
}

enum connection_wait connection_go_on(struct connection *connection, const struct script *script,
                                      uint64_t *requests)
{
    for (;;) {
        enum connection_wait wait;

        if (connection->reply == NULL) {
            wait = connection->in_len > 0 ? begin(connection, script, *requests) : WAIT_INPUT;
            if (connection->reply == NULL)
                return wait;
            *requests += 1;
            if (wait == WAIT_TIME)
                return wait;
        }
        if (connection->delay_ms > 0 && !connection->delayed)
            return WAIT_TIME;
        wait = send_on(connection);
        if (wait != WAIT_INPUT)
            return wait;
    }
}

void connection_elapse(struct connection *connection)
{
    connection->delayed = true;
}

void connection_free(struct connection *connection)
{
    close(connection->fd);
    free(connection->in);
    free(connection);
}
