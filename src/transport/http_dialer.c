/* libcurl says which sockets it waits for and when it wants to be called; both are handed to the
 * loop. Only sockets of handles that are still connecting are ever watched here. No call of
 * libcurl's that adds, removes or frees is made from inside its call-backs: finished handles are
 * collected after each action. */
#include "transport/http_dialer.h"

#include "base/check.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>

enum {
    HANDLES_PER_GROUP = 64,
    /* Above what a group can hold, or libcurl would close connections to make room. */
    CONNECTIONS_KEPT = 4 * HANDLES_PER_GROUP
};

struct dialer {
    struct loop *loop;
    void (*dialled)(CURL *easy, CURLcode result);
    struct dial_group *groups; /* those in front are filled first */
};

struct dial_group {
    struct loop_timer timer; /* first */
    struct dialer *dialer;
    CURLM *multi;
    unsigned handles;
    struct dial_socket *sockets;
    struct dial_group *next;
};

struct dial_socket {
    struct loop_watch watch; /* first */
    struct dial_group *group;
    struct dial_socket *next;
};

static void collect(struct dial_group *group)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(group->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE)
            group->dialer->dialled(message->easy_handle, message->data.result);
    }
}

static void act(struct dial_group *group, curl_socket_t fd, int events)
{
    int running;

    curl_multi_socket_action(group->multi, fd, events, &running);
    collect(group);
}

static void on_socket(struct loop_watch *watch, uint32_t events)
{
    struct dial_socket *ready = (struct dial_socket *)watch;
    int mask =
        (events & EPOLLIN ? CURL_CSELECT_IN : 0) | (events & EPOLLOUT ? CURL_CSELECT_OUT : 0);

    if (events & (EPOLLERR | EPOLLHUP))
        mask |= CURL_CSELECT_ERR;
    act(ready->group, watch->fd, mask);
}

static void on_time(struct loop_timer *timer)
{
    act((struct dial_group *)timer, CURL_SOCKET_TIMEOUT, 0);
}

static struct dial_socket **find_socket(struct dial_group *group, int fd)
{
    struct dial_socket **at = &group->sockets;

    while (*at != NULL && (*at)->watch.fd != fd)
        at = &(*at)->next;
    return at;
}

/* libcurl 7.88 closes a socket that has not connected without telling first, and its number may by
 * now be that of another one, of any thread: so the kernel may not know what is to be taken out. */
static void forget(struct dial_socket *socket)
{
    struct loop *loop = socket->group->dialer->loop;

    epoll_ctl(loop_fd(loop), EPOLL_CTL_DEL, socket->watch.fd, NULL);
    loop_forget(loop, &socket->watch);
}

void dialer_unwatch(struct dial_group *group, int fd)
{
    struct dial_socket **at = find_socket(group, fd), *gone = *at;

    if (gone == NULL)
        return;
    *at = gone->next;
    forget(gone);
    loop_free_later(group->dialer->loop, gone);
}

/* CURLMOPT_SOCKETFUNCTION */
static int want_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    struct dial_group *group = context;
    struct dial_socket *found = *find_socket(group, fd);
    uint32_t events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                      (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);

    (void)easy;
    (void)unused;
    if (what == CURL_POLL_REMOVE) {
        dialer_unwatch(group, fd);
        return 0;
    }
    if (found == NULL) {
        found = calloc(1, sizeof *found);
        CHECK(found != NULL);
        found->watch.ready = on_socket;
        found->group = group;
        found->next = group->sockets;
        group->sockets = found;
        CHECK(loop_watch(group->dialer->loop, &found->watch, fd, events));
    } else {
        loop_rewatch(group->dialer->loop, &found->watch, events);
    }
    return 0;
}

/* CURLMOPT_TIMERFUNCTION */
static int want_time(CURLM *multi, long timeout_ms, void *context)
{
    struct dial_group *group = context;
    struct loop *loop = group->dialer->loop;

    (void)multi;
    /* Never early, by the turn's old time or by a fraction: libcurl would find nothing to do and
     * not ask again. */
    if (timeout_ms < 0)
        loop_stop_timer(loop, &group->timer);
    else if (timeout_ms == 0)
        loop_start_timer(loop, &group->timer, loop_now_ms(loop));
    else
        loop_start_timer(loop, &group->timer, clock_monotonic_ms() + (uint64_t)timeout_ms + 1);
    return 0;
}

static void start_libcurl(void)
{
    CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

struct dialer *dialer_open(struct loop *loop, void (*dialled)(CURL *easy, CURLcode result))
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct dialer *dialer = calloc(1, sizeof *dialer);

    CHECK(dialer != NULL);
    pthread_once(&once, start_libcurl);
    dialer->loop = loop;
    dialer->dialled = dialled;
    return dialer;
}

struct loop *dialer_loop(const struct dialer *dialer)
{
    return dialer->loop;
}

static struct dial_group *new_group(struct dialer *dialer)
{
    struct dial_group *group = calloc(1, sizeof *group);

    CHECK(group != NULL);
    group->dialer = dialer;
    group->timer.fire = on_time;
    group->multi = curl_multi_init();
    CHECK(group->multi != NULL);
    curl_multi_setopt(group->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
    curl_multi_setopt(group->multi, CURLMOPT_SOCKETDATA, group);
    curl_multi_setopt(group->multi, CURLMOPT_TIMERFUNCTION, want_time);
    curl_multi_setopt(group->multi, CURLMOPT_TIMERDATA, group);
    curl_multi_setopt(group->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
    curl_multi_setopt(group->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    return group;
}

static void free_group(struct dial_group *group)
{
    CHECK(group->handles == 0);
    curl_multi_cleanup(group->multi);
    while (group->sockets != NULL)
        dialer_unwatch(group, group->sockets->watch.fd);
    loop_stop_timer(group->dialer->loop, &group->timer);
    free(group);
}

struct dial_group *dialer_add(struct dialer *dialer, CURL *easy)
{
    struct dial_group **at = &dialer->groups;

    while (*at != NULL && (*at)->handles == HANDLES_PER_GROUP)
        at = &(*at)->next;
    if (*at == NULL)
        *at = new_group(dialer);
    (*at)->handles++;
    CHECK(curl_multi_add_handle((*at)->multi, easy) == CURLM_OK);
    return *at;
}

void dialer_remove(struct dial_group *group, CURL *easy)
{
    CHECK(curl_multi_remove_handle(group->multi, easy) == CURLM_OK);
    group->handles--;
}

static void free_idle_groups(struct dial_group **at)
{
    while (*at != NULL) {
        struct dial_group *group = *at;

        if (group->handles > 0) {
            at = &group->next;
            continue;
        }
        *at = group->next;
        free_group(group);
    }
}

void dialer_trim(struct dialer *dialer)
{
    if (dialer->groups != NULL)
        free_idle_groups(&dialer->groups->next);
}

void dialer_close(struct dialer *dialer)
{
    free_idle_groups(&dialer->groups);
    CHECK(dialer->groups == NULL);
    free(dialer);
}
