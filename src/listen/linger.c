#include "listen/linger.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { READS_PER_TURN = 16 };

struct lingering {
    struct worker_thread *thread;
    int fd;
    struct loop_watch watch;
    struct loop_timer over;
    struct lingering *next, **link;
};

void linger_prepare(struct connection *connection)
{
    struct worker_thread *thread = connection->thread;
    struct lingering *linger;
    int fd;

    if (connection->linger != NULL || thread->linger_count == LINGERS_MAX)
        return;
    fd = fcntl(connection->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return;
    /* With a duplicate around, a close would leave the kernel's registration in place. */
    loop_unwatch(thread->worker.loop, &connection->hangup);
    linger = calloc(1, sizeof *linger);
    CHECK(linger != NULL);
    linger->thread = thread;
    linger->fd = fd;
    linger->link = &thread->lingers;
    linger->next = thread->lingers;
    if (linger->next != NULL)
        linger->next->link = &linger->next;
    thread->lingers = linger;
    thread->linger_count++;
    connection->linger = linger;
}

static void end(struct lingering *linger)
{
    struct worker_thread *thread = linger->thread;

    loop_unwatch(thread->worker.loop, &linger->watch);
    loop_stop_timer(thread->worker.loop, &linger->over);
    close(linger->fd);
    *linger->link = linger->next;
    if (linger->next != NULL)
        linger->next->link = linger->link;
    thread->linger_count--;
    loop_free_later(thread->worker.loop, linger);
}

static void drop_input(struct loop_watch *watch, uint32_t events)
{
    struct lingering *linger = H2O_STRUCT_FROM_MEMBER(struct lingering, watch, watch);
    char bytes[16384];

    (void)events;
    for (int i = 0; i < READS_PER_TURN; i++) {
        ssize_t got = recv(linger->fd, bytes, sizeof bytes, 0);

        if (got > 0 || (got < 0 && errno == EINTR))
            continue;
        if (got == 0 || errno != EAGAIN)
            end(linger);
        return;
    }
}

static void over(struct loop_timer *timer)
{
    end(H2O_STRUCT_FROM_MEMBER(struct lingering, over, timer));
}

void linger_begin(struct lingering *linger)
{
    struct loop *loop = linger->thread->worker.loop;

    shutdown(linger->fd, SHUT_WR);
    linger->watch.ready = drop_input;
    linger->over.fire = over;
    CHECK(loop_watch(loop, &linger->watch, linger->fd, EPOLLIN));
    loop_start_timer(loop, &linger->over, loop_now_ms(loop) + LINGER_MS);
}

void lingers_end(struct worker_thread *thread)
{
    while (thread->lingers != NULL)
        end(thread->lingers);
}
