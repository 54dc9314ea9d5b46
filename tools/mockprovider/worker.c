/* Level-triggered epoll: sockets, the listener, a timerfd for the earliest of the timers, and the
 * eventfd that ends it. */
#include "worker.h"

#include "connection.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 256, ACCEPTS_AT_ONCE = 64, NS_PER_MS = 1000000, NS_PER_S = 1000000000 };

struct loop {
    struct worker *worker;
    struct connection *connections;
    struct timers timers;
    uint64_t armed_ns; /* what the timerfd is set to; 0: nothing */
    int epoll;
    int timer;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void must(bool success, const char *what)
{
    if (success)
        return;
    fprintf(stderr, "mockprovider: %s: %s\n", what, strerror(errno));
    exit(1);
}

int worker_listen(struct sockaddr_in *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    socklen_t len = sizeof *address;

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
        bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 && listen(fd, 4096) == 0 &&
        getsockname(fd, (struct sockaddr *)address, &len) == 0)
        return fd;
    close(fd);
    return -1;
}

static void watch(const struct loop *loop, int operation, int fd, uint32_t events, void *what)
{
    struct epoll_event event = {.events = events, .data.ptr = what};

    must(epoll_ctl(loop->epoll, operation, fd, &event) == 0, "epoll_ctl");
}

static void drop(struct loop *loop, struct connection *connection)
{
    timers_remove(&loop->timers, &connection->timer);
    *connection->link = connection->next;
    if (connection->next != NULL)
        connection->next->link = connection->link;
    connection_free(connection);
}

static void watch_output(const struct loop *loop, struct connection *connection, bool wanted)
{
    if (connection->sees_output == wanted)
        return;
    connection->sees_output = wanted;
    watch(loop, EPOLL_CTL_MOD, connection->fd, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, connection);
}

static void go_on(struct loop *loop, struct connection *connection)
{
    enum connection_wait wait =
        connection_go_on(connection, loop->worker->script, &loop->worker->requests);

    if (wait == WAIT_NONE) {
        drop(loop, connection);
        return;
    }
    watch_output(loop, connection, wait == WAIT_OUTPUT);
    if (wait == WAIT_TIME && connection->timer.place == 0)
        timers_put(&loop->timers, &connection->timer,
                   now_ns() + (uint64_t)connection->delay_ms * NS_PER_MS);
}

static void accept_some(struct loop *loop)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int on = 1, fd = accept4(loop->worker->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        struct connection *connection;

        if (fd < 0)
            return;
        connection = calloc(1, sizeof *connection);
        must(connection != NULL, "memory");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection->fd = fd;
        connection->next = loop->connections;
        connection->link = &loop->connections;
        if (connection->next != NULL)
            connection->next->link = &connection->next;
        loop->connections = connection;
        watch(loop, EPOLL_CTL_ADD, fd, EPOLLIN, connection);
    }
}

static void fire(struct loop *loop)
{
    uint64_t expirations, now = now_ns();
    struct timer *timer;

    if (read(loop->timer, &expirations, sizeof expirations) < 0)
        must(errno == EAGAIN || errno == EINTR, "timerfd");
    loop->armed_ns = 0;
    while ((timer = timers_take(&loop->timers, now)) != NULL) {
        struct connection *connection = (struct connection *)timer;

        connection_elapse(connection);
        go_on(loop, connection);
    }
}

/* A timer that was removed leaves the timerfd set too early, which costs one turn of the loop. */
static void arm(struct loop *loop)
{
    uint64_t next_ns = timers_next_ns(&loop->timers);
    struct itimerspec at = {0};

    if (next_ns == 0 || (loop->armed_ns != 0 && loop->armed_ns <= next_ns))
        return;
    at.it_value.tv_sec = (time_t)(next_ns / NS_PER_S);
    at.it_value.tv_nsec = (long)(next_ns % NS_PER_S);
    must(timerfd_settime(loop->timer, TFD_TIMER_ABSTIME, &at, NULL) == 0, "timerfd_settime");
    loop->armed_ns = next_ns;
}

static void handle(struct loop *loop, const struct epoll_event *event)
{
    struct connection *connection = event->data.ptr;

    if ((event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !connection_receive(connection)) {
        drop(loop, connection);
        return;
    }
    /* While it waits for time only its timer lets it go on. */
    if (connection->timer.place == 0)
        go_on(loop, connection);
}

static void open_loop(struct loop *loop)
{
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    must(loop->epoll >= 0 && loop->timer >= 0, "epoll and timerfd");
    watch(loop, EPOLL_CTL_ADD, loop->worker->listener, EPOLLIN, &loop->worker->listener);
    watch(loop, EPOLL_CTL_ADD, loop->timer, EPOLLIN, &loop->timer);
    watch(loop, EPOLL_CTL_ADD, loop->worker->stopping, EPOLLIN, &loop->worker->stopping);
}

static void close_loop(struct loop *loop)
{
    while (loop->connections != NULL)
        drop(loop, loop->connections);
    timers_release(&loop->timers);
    close(loop->timer);
    close(loop->epoll);
    close(loop->worker->listener);
}

void *worker_run(void *argument)
{
    struct loop loop = {.worker = argument};
    struct epoll_event events[EVENTS];
    bool stopping = false;

    open_loop(&loop);
    while (!stopping) {
        int count = epoll_wait(loop.epoll, events, EVENTS, -1);
        bool timed = false;

        must(count >= 0 || errno == EINTR, "epoll_wait");
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == &loop.worker->listener)
                accept_some(&loop);
            else if (events[i].data.ptr == &loop.timer)
                timed = true; /* last: it may free connections that have an event here */
            else if (events[i].data.ptr == &loop.worker->stopping)
                stopping = true;
            else
                handle(&loop, &events[i]);
        }
        if (timed)
            fire(&loop);
        arm(&loop);
    }
    close_loop(&loop);
    return NULL;
}
