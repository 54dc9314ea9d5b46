/* A thread that asks holds a job, and nothing else of the loop's: it leaves the answer on a list
 * under a lock and wakes the loop through an eventfd. List, lock and eventfd outlive the resolver
 * as long as a thread may still come back to them. */
#include "transport/http_resolver.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    LOOKUPS_MAX = 8, /* threads */
    STACK_BYTES = 256 * 1024,
    HOST_BYTES = 256, /* RFC 1035 section 2.3.4, with a NUL */
    ADDRESSES_MAX = 16,
    ADDRESSES_BYTES = ADDRESSES_MAX * (INET6_ADDRSTRLEN + 3),
    GOOD_MS = 60000,
    REFRESH_AGAIN_MS = 1000 /* after one that failed */
};

struct desk {
    pthread_mutex_t lock;
    unsigned users;    /* the resolver and its threads */
    bool open;         /* the resolver is still there */
    int bell;          /* eventfd */
    struct job *ended; /* for the resolver to take */
};

struct job {
    struct job *next;
    struct desk *desk;
    struct name *name; /* the loop's; not for the thread */
    char host[HOST_BYTES];
    char addresses[ADDRESSES_BYTES]; /* empty: it does not resolve */
};

enum name_state { NAME_AT_REST, NAME_WANTED, NAME_ASKED };

struct name {
    struct name *next;
    enum name_state state;
    struct lookup *waiting;
    uint64_t good_until_ms, refresh_at_ms;
    char host[HOST_BYTES];
    char addresses[ADDRESSES_BYTES];
};

struct resolver {
    struct loop_watch watch; /* first */
    struct loop *loop;
    struct desk *desk;
    struct name *names;
    unsigned asking;
    uint32_t good_ms;
};

/* -- in the thread ---------------------------------------------------------------------------- */

static void write_address(const struct sockaddr *address, char *out, size_t *len)
{
    bool v6 = address->sa_family == AF_INET6;
    struct sockaddr_in6 six = {0};
    struct sockaddr_in four = {0};
    char text[INET6_ADDRSTRLEN];

    memcpy(v6 ? (void *)&six : (void *)&four, address, v6 ? sizeof six : sizeof four);
    CHECK(inet_ntop(address->sa_family, v6 ? (void *)&six.sin6_addr : (void *)&four.sin_addr, text,
                    sizeof text) != NULL);
    *len += (size_t)snprintf(out + *len, ADDRESSES_BYTES - *len, v6 ? "%s[%s]" : "%s%s",
                             *len > 0 ? "," : "", text);
}

static void ask(struct job *job)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    size_t len = 0;
    int count = 0;

    if (job->host[0] == '\0' || getaddrinfo(job->host, NULL, &hints, &found) != 0)
        return;
    for (struct addrinfo *at = found; at != NULL && count < ADDRESSES_MAX; at = at->ai_next) {
        if (at->ai_family != AF_INET && at->ai_family != AF_INET6)
            continue;
        write_address(at->ai_addr, job->addresses, &len);
        count++;
    }
    freeaddrinfo(found);
}

/* Gives the lock back. */
static void leave(struct desk *desk)
{
    bool last = --desk->users == 0;

    pthread_mutex_unlock(&desk->lock);
    if (!last)
        return;
    pthread_mutex_destroy(&desk->lock);
    free(desk);
}

static void *run(void *context)
{
    struct job *job = context;
    struct desk *desk = job->desk;
    const uint64_t one = 1;

    ask(job);
    pthread_mutex_lock(&desk->lock);
    if (desk->open) {
        job->next = desk->ended;
        desk->ended = job;
        CHECK(write(desk->bell, &one, sizeof one) == sizeof one);
    } else {
        free(job);
    }
    leave(desk);
    return NULL;
}

/* -- asking ----------------------------------------------------------------------------------- */

static bool start_thread(struct job *job)
{
    pthread_attr_t attributes;
    pthread_t thread;
    bool started;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    started = pthread_create(&thread, &attributes, run, job) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

static void start(struct resolver *resolver, struct name *name)
{
    struct job *job = calloc(1, sizeof *job);
    struct desk *desk = resolver->desk;

    CHECK(job != NULL);
    job->desk = desk;
    job->name = name;
    memcpy(job->host, name->host, sizeof job->host);
    name->state = NAME_ASKED;
    resolver->asking++;
    pthread_mutex_lock(&desk->lock);
    desk->users++;
    pthread_mutex_unlock(&desk->lock);
    if (start_thread(job))
        return;
    /* No thread, no answer: told in the next turn, like every other. */
    job->host[0] = '\0';
    run(job);
}

static void start_wanted(struct resolver *resolver)
{
    for (struct name *name = resolver->names; name != NULL; name = name->next) {
        if (resolver->asking == LOOKUPS_MAX)
            return;
        if (name->state == NAME_WANTED)
            start(resolver, name);
    }
}

/* -- answers ---------------------------------------------------------------------------------- */

static void tell(struct name *name)
{
    struct lookup *waiting = name->waiting, *lookup;
    const char *addresses = name->addresses[0] != '\0' ? name->addresses : NULL;

    /* A list of its own: who is told may wait again, or let another wait no more. */
    name->waiting = NULL;
    if (waiting != NULL)
        waiting->link = &waiting;
    while ((lookup = waiting) != NULL) {
        lookup_cancel(lookup);
        lookup->resolved(lookup, addresses);
    }
}

static void take_answer(struct resolver *resolver, const struct job *job)
{
    struct name *name = job->name;
    uint64_t now_ms = loop_now_ms(resolver->loop);

    name->state = NAME_AT_REST;
    resolver->asking--;
    if (job->addresses[0] != '\0') {
        memcpy(name->addresses, job->addresses, sizeof name->addresses);
        name->good_until_ms = now_ms + resolver->good_ms;
        name->refresh_at_ms = now_ms + resolver->good_ms / 2;
    } else {
        name->refresh_at_ms = now_ms + REFRESH_AGAIN_MS;
        if (now_ms >= name->good_until_ms)
            name->addresses[0] = '\0';
    }
    tell(name);
}

static void on_bell(struct loop_watch *watch, uint32_t events)
{
    struct resolver *resolver = (struct resolver *)watch;
    struct desk *desk = resolver->desk;
    struct job *job, *next;
    uint64_t rung;

    (void)events;
    pthread_mutex_lock(&desk->lock);
    if (read(desk->bell, &rung, sizeof rung) < 0)
        rung = 0; /* a bell that has not rung: the list says what there is */
    job = desk->ended;
    desk->ended = NULL;
    pthread_mutex_unlock(&desk->lock);
    for (; job != NULL; job = next) {
        next = job->next;
        take_answer(resolver, job);
        free(job);
    }
    start_wanted(resolver);
}

/* -- names ------------------------------------------------------------------------------------ */

/* Names that nobody has asked for lately would pile up over many configurations. */
static void forget_old(struct resolver *resolver, uint64_t now_ms)
{
    struct name **at = &resolver->names;

    while (*at != NULL) {
        struct name *name = *at;

        if (name->state != NAME_AT_REST || name->waiting != NULL || now_ms < name->good_until_ms) {
            at = &name->next;
            continue;
        }
        *at = name->next;
        free(name);
    }
}

static struct name *find(struct resolver *resolver, struct text host)
{
    struct name *name = resolver->names;

    while (name != NULL && !text_equal(text_of(name->host), host))
        name = name->next;
    if (name != NULL)
        return name;
    forget_old(resolver, loop_now_ms(resolver->loop));
    name = calloc(1, sizeof *name);
    CHECK(name != NULL);
    if (host.len < HOST_BYTES) /* no longer name exists: the empty one does not resolve */
        memcpy(name->host, host.at, host.len);
    name->next = resolver->names;
    resolver->names = name;
    return name;
}

static void wait_for(struct name *name, struct lookup *lookup)
{
    lookup->next = name->waiting;
    if (lookup->next != NULL)
        lookup->next->link = &lookup->next;
    lookup->link = &name->waiting;
    name->waiting = lookup;
}

const char *resolver_find(struct resolver *resolver, struct text host, struct lookup *lookup)
{
    struct name *name = find(resolver, host);
    uint64_t now_ms = loop_now_ms(resolver->loop);
    bool good = now_ms < name->good_until_ms;

    if (!good)
        wait_for(name, lookup);
    if (name->state == NAME_AT_REST && (!good || now_ms >= name->refresh_at_ms)) {
        name->state = NAME_WANTED;
        start_wanted(resolver);
    }
    return good ? name->addresses : NULL;
}

void lookup_cancel(struct lookup *lookup)
{
    if (lookup->link == NULL)
        return;
    *lookup->link = lookup->next;
    if (lookup->next != NULL)
        lookup->next->link = lookup->link;
    lookup->next = NULL;
    lookup->link = NULL;
}

/* -- opening and closing ---------------------------------------------------------------------- */

struct resolver *resolver_open(struct loop *loop, uint32_t good_ms)
{
    struct resolver *resolver = calloc(1, sizeof *resolver);
    struct desk *desk = calloc(1, sizeof *desk);

    CHECK(resolver != NULL && desk != NULL);
    desk->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (desk->bell < 0) {
        free(desk);
        free(resolver);
        return NULL;
    }
    CHECK(pthread_mutex_init(&desk->lock, NULL) == 0);
    desk->users = 1;
    desk->open = true;
    resolver->loop = loop;
    resolver->desk = desk;
    resolver->good_ms = good_ms != 0 ? good_ms : GOOD_MS;
    resolver->watch.ready = on_bell;
    CHECK(loop_watch(loop, &resolver->watch, desk->bell, EPOLLIN));
    return resolver;
}

void resolver_close(struct resolver *resolver)
{
    struct desk *desk = resolver->desk;
    struct job *job, *next_job;
    struct name *name, *next;

    loop_unwatch(resolver->loop, &resolver->watch);
    pthread_mutex_lock(&desk->lock);
    desk->open = false;
    job = desk->ended;
    close(desk->bell);
    leave(desk);
    for (; job != NULL; job = next_job) {
        next_job = job->next;
        free(job);
    }
    for (name = resolver->names; name != NULL; name = next) {
        next = name->next;
        CHECK(name->waiting == NULL);
        free(name);
    }
    loop_free_later(resolver->loop, resolver);
}
