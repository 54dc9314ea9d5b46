#include "transport/http_resolver.h"

#include "base/check.h"
#include "base/clock.h"
#include "unit.h"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* -- the C library's part --------------------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool stuck, failing;
static unsigned asked, asking, asking_most;
static int v4_count = 1, v6_count;

static struct addrinfo *new_answer(int family)
{
    struct answer {
        struct addrinfo info;
        struct sockaddr_in6 room;
    } *answer = calloc(1, sizeof *answer);
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};

    CHECK(answer != NULL);
    six.sin6_addr.s6_addr[0] = 0x20;
    six.sin6_addr.s6_addr[1] = 0x01;
    six.sin6_addr.s6_addr[15] = 0x01;
    memcpy(&answer->room, family == AF_INET ? (void *)&four : (void *)&six,
           family == AF_INET ? sizeof four : sizeof six);
    answer->info = (struct addrinfo){.ai_family = family, .ai_addr = (void *)&answer->room};
    return &answer->info;
}

/* Takes the place of the C library's. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    bool good;

    (void)service;
    (void)hints;
    pthread_mutex_lock(&lock);
    asked++;
    asking++;
    asking_most = asking > asking_most ? asking : asking_most;
    pthread_cond_broadcast(&changed);
    while (stuck)
        pthread_cond_wait(&changed, &lock);
    asking--;
    good = !failing && strstr(host, ".test") != NULL;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (!good)
        return EAI_NONAME;
    for (int i = 0; i < v4_count + v6_count; i++) {
        *out = new_answer(i < v4_count ? AF_INET : AF_INET6);
        out = &(*out)->ai_next;
    }
    return 0;
}

void freeaddrinfo(struct addrinfo *info)
{
    while (info != NULL) {
        struct addrinfo *next = info->ai_next;

        free(info);
        info = next;
    }
}

static void set(bool *flag, bool value)
{
    pthread_mutex_lock(&lock);
    *flag = value;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static unsigned get(const unsigned *count)
{
    unsigned value;

    pthread_mutex_lock(&lock);
    value = *count;
    pthread_mutex_unlock(&lock);
    return value;
}

/* Blocks until so many threads ask. */
static void await_asking(unsigned count)
{
    pthread_mutex_lock(&lock);
    while (asking != count)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

/* -- who waits -------------------------------------------------------------------------------- */

struct waiter {
    struct lookup lookup; /* first */
    bool told;
    char addresses[1024]; /* "-": does not resolve */
    struct waiter *cancels;
};

static void on_resolved(struct lookup *lookup, const char *addresses)
{
    struct waiter *waiter = (struct waiter *)lookup;

    CHECK(!waiter->told);
    waiter->told = true;
    snprintf(waiter->addresses, sizeof waiter->addresses, "%s", addresses ? addresses : "-");
    if (waiter->cancels != NULL)
        lookup_cancel(&waiter->cancels->lookup);
}

/* Whether the answer was there at once. */
static bool look_up(struct resolver *resolver, const char *host, struct waiter *waiter)
{
    const char *addresses;

    waiter->told = false;
    waiter->lookup = (struct lookup){.resolved = on_resolved};
    addresses = resolver_find(resolver, text_of(host), &waiter->lookup);
    if (addresses != NULL)
        on_resolved(&waiter->lookup, addresses);
    return addresses != NULL;
}

static void turn_until_told(struct loop *loop, const struct waiter *waiter)
{
    while (!waiter->told)
        loop_turn(loop, 100);
}

static struct loop *loop;

static struct resolver *open_with(uint32_t good_ms)
{
    struct resolver *resolver;

    stuck = failing = false;
    v4_count = 1;
    v6_count = 0;
    asked = asking_most = 0;
    loop = loop_open();
    CHECK(loop != NULL);
    resolver = resolver_open(loop, good_ms);
    CHECK(resolver != NULL);
    return resolver;
}

static void close_all(struct resolver *resolver)
{
    resolver_close(resolver);
    loop_close(loop);
}

/* -- tests ------------------------------------------------------------------------------------ */

TEST(addresses_of_both_families_are_given_sixteen_at_most)
{
    struct resolver *resolver = open_with(0);
    struct waiter waiter = {0};

    v6_count = 1;
    look_up(resolver, "a.test", &waiter);
    turn_until_told(loop, &waiter);
    EXPECT_STR(waiter.addresses, "192.0.2.1,[2001::1]");
    v4_count = 0;
    v6_count = 100;
    look_up(resolver, "b.test", &waiter);
    turn_until_told(loop, &waiter);
    EXPECT_EQ(strlen(waiter.addresses), sizeof "[2001::1]," * 16 - 16 - 1);
    close_all(resolver);
}

TEST(a_name_that_many_wait_for_is_asked_for_once)
{
    enum { MANY = 1000 };
    struct resolver *resolver = open_with(0);
    struct waiter *waiters = calloc(MANY, sizeof *waiters), late = {0};

    CHECK(waiters != NULL);
    for (int i = 0; i < MANY; i++)
        EXPECT(!look_up(resolver, "a.test", &waiters[i]));
    for (int i = 0; i < MANY; i++) {
        turn_until_told(loop, &waiters[i]);
        EXPECT_STR(waiters[i].addresses, "192.0.2.1");
    }
    EXPECT(look_up(resolver, "a.test", &late));
    EXPECT_EQ(get(&asked), 1);
    free(waiters);
    close_all(resolver);
}

TEST(a_name_that_does_not_resolve_is_asked_for_again_by_the_next)
{
    struct resolver *resolver = open_with(0);
    struct waiter waiter = {0};

    set(&failing, true);
    for (unsigned i = 1; i <= 2; i++) {
        look_up(resolver, "a.test", &waiter);
        turn_until_told(loop, &waiter);
        EXPECT_STR(waiter.addresses, "-");
        EXPECT_EQ(get(&asked), i);
    }
    set(&failing, false);
    look_up(resolver, "a.test", &waiter);
    turn_until_told(loop, &waiter);
    EXPECT_STR(waiter.addresses, "192.0.2.1");
    close_all(resolver);
}

TEST(a_name_too_long_to_be_one_is_not_asked_for)
{
    struct resolver *resolver = open_with(0);
    struct waiter waiter = {0};
    char name[400];

    memset(name, 'a', sizeof name);
    memcpy(name + sizeof name - 6, ".test", 6);
    look_up(resolver, name, &waiter);
    turn_until_told(loop, &waiter);
    EXPECT_STR(waiter.addresses, "-");
    EXPECT_EQ(get(&asked), 0);
    close_all(resolver);
}

TEST(a_good_answer_serves_for_its_time_though_the_resolver_fails_and_no_longer)
{
    struct resolver *resolver = open_with(1000);
    struct waiter waiter = {0};
    uint64_t good_ms;

    look_up(resolver, "a.test", &waiter);
    turn_until_told(loop, &waiter);
    good_ms = clock_monotonic_ms();
    set(&failing, true);
    while (clock_monotonic_ms() < good_ms + 800 && look_up(resolver, "a.test", &waiter))
        loop_turn(loop, 10);
    EXPECT(get(&asked) > 1); /* asked anew, before it was needed, in vain */
    while (look_up(resolver, "a.test", &waiter))
        loop_turn(loop, 10);
    EXPECT(clock_monotonic_ms() >= good_ms + 999);
    turn_until_told(loop, &waiter);
    EXPECT_STR(waiter.addresses, "-");
    close_all(resolver);
}

TEST(an_answer_is_renewed_before_it_is_old_and_nobody_waits)
{
    struct resolver *resolver = open_with(3000);
    struct waiter waiter = {0};
    uint64_t start_ms;

    look_up(resolver, "a.test", &waiter);
    turn_until_told(loop, &waiter);
    start_ms = clock_monotonic_ms();
    v6_count = 1;
    do {
        loop_turn(loop, 10);
        EXPECT(look_up(resolver, "a.test", &waiter));
    } while (strcmp(waiter.addresses, "192.0.2.1,[2001::1]") != 0);
    EXPECT(clock_monotonic_ms() >= start_ms + 1499);
    close_all(resolver);
}

TEST(eight_names_are_asked_for_at_once_and_the_others_after_them)
{
    enum { NAMES = 30 };
    struct resolver *resolver = open_with(0);
    struct waiter waiters[NAMES] = {0};
    char name[16];

    set(&stuck, true);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "n%d.test", i);
        look_up(resolver, name, &waiters[i]);
    }
    await_asking(8);
    loop_turn(loop, 0);
    EXPECT_EQ(get(&asked), 8);
    set(&stuck, false);
    for (int i = 0; i < NAMES; i++)
        turn_until_told(loop, &waiters[i]);
    EXPECT_EQ(get(&asked), NAMES);
    EXPECT_EQ(get(&asking_most), 8);
    close_all(resolver);
}

TEST(who_waits_no_more_is_not_told)
{
    struct resolver *resolver = open_with(0);
    struct waiter first = {0}, second = {0}, third = {0};

    set(&stuck, true);
    look_up(resolver, "a.test", &first);
    look_up(resolver, "a.test", &second);
    look_up(resolver, "a.test", &third);
    lookup_cancel(&second.lookup);
    lookup_cancel(&second.lookup);
    first.cancels = &third; /* whichever is told first cancels the other */
    third.cancels = &first;
    set(&stuck, false);
    while (!first.told && !third.told)
        loop_turn(loop, 100);
    EXPECT(first.told != third.told);
    EXPECT(!second.told);
    close_all(resolver);
}

TEST(a_resolver_can_be_closed_while_it_asks)
{
    struct resolver *resolver = open_with(0);
    struct waiter waiter = {0};

    set(&stuck, true);
    look_up(resolver, "a.test", &waiter);
    lookup_cancel(&waiter.lookup);
    await_asking(1);
    close_all(resolver);
    set(&stuck, false);
    await_asking(0);
    EXPECT(!waiter.told);
}
