#include "transport/transport_test.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <sys/resource.h>

static const char *resolves_to[3]; /* what every name under .test means */
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t resolver_freed = PTHREAD_COND_INITIALIZER;
static bool resolver_stuck;
static unsigned lookups;

struct answer {
    struct addrinfo info;
    struct sockaddr_in address;
};

/* Takes the place of the C library's for this program, libcurl's resolver threads included. */
int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    unsigned long port = service ? strtoul(service, NULL, 10) : 0;

    (void)hints;
    pthread_mutex_lock(&resolver_lock);
    lookups++;
    while (resolver_stuck)
        pthread_cond_wait(&resolver_freed, &resolver_lock);
    pthread_mutex_unlock(&resolver_lock);
    if (resolves_to[0] == NULL || !text_ends(text_of(host), TEXT(".test")))
        return EAI_NONAME;
    for (size_t i = 0; resolves_to[i] != NULL; i++) {
        struct answer *answer = calloc(1, sizeof *answer);

        CHECK(answer != NULL);
        answer->address.sin_family = AF_INET;
        answer->address.sin_port = htons((uint16_t)port);
        CHECK(inet_pton(AF_INET, resolves_to[i], &answer->address.sin_addr) == 1);
        answer->info = (struct addrinfo){.ai_family = AF_INET,
                                         .ai_socktype = SOCK_STREAM,
                                         .ai_protocol = IPPROTO_TCP,
                                         .ai_addrlen = sizeof answer->address,
                                         .ai_addr = (struct sockaddr *)&answer->address};
        *out = &answer->info;
        out = &answer->info.ai_next;
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

static unsigned count_lookups(void)
{
    unsigned count;

    pthread_mutex_lock(&resolver_lock);
    count = lookups;
    pthread_mutex_unlock(&resolver_lock);
    return count;
}

static void scene_start_name(struct scene *scene, struct call *call, const char *host)
{
    static char origin[64];

    snprintf(origin, sizeof origin, "http://%s:%u", host, scene->server.port);
    scene->provider.origin = text_of(origin);
    scene_start(scene, call);
}

static void dial_name(struct scene *scene, struct call *call, const char *host)
{
    scene_start_name(scene, call, host);
    TURN_UNTIL(scene->loop, call->done);
}

static void expect_dial(const char *host, const char *address, bool allow_private,
                        enum error_code code, const char *message)
{
    bool metadata = address != NULL && strcmp(address, "169.254.169.254") == 0;
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    resolves_to[0] = address;
    resolves_to[1] = NULL;
    scene_open(&scene);
    scene.provider.allow_private = allow_private;
    dial_name(&scene, &call, host);
    EXPECT_EQ(call.err.code, code);
    EXPECT_STR(call.err.message, message);
    EXPECT_EQ(call.err.hint[0] != '\0',
              code == ERROR_UPSTREAM_BLOCKED && !allow_private && !metadata);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_name_is_resolved_and_its_answer_kept)
{
    struct scene scene = {.server.reply =
                              TEXT(OK_HEAD "Connection: close\r\nContent-Length: 2\r\n\r\n{}")};

    unsigned before = count_lookups();

    scene_open(&scene);
    for (int i = 0; i < 3; i++) {
        struct call call = {0};

        resolves_to[0] = i == 0 ? "127.0.0.1" : NULL;
        resolves_to[1] = NULL;
        if (i == 2)
            scene.key = TEXT("the name means the same for another credential");
        dial_name(&scene, &call, "provider.test");
        EXPECT_EQ(call.err.code, ERROR_NONE);
        call_release(&call);
    }
    EXPECT_EQ(scene.server.connections, 3);
    EXPECT_EQ(count_lookups(), before + 1);
    scene_close(&scene);
}

TEST(a_name_that_does_not_resolve_is_said_to)
{
    expect_dial("provider.test", NULL, true, ERROR_UPSTREAM_DNS,
                "provider 'local' has a host name that does not resolve");
}

TEST(an_address_that_is_private_is_refused_when_it_is_connected_to)
{
    expect_dial("provider.test", "127.0.0.1", false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address 127.0.0.1, where providers may not be");
    expect_dial("provider.test", "10.1.2.3", false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address 10.1.2.3, where providers may not be");
    expect_dial("127.0.0.1", NULL, false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address 127.0.0.1, where providers may not be");
    expect_dial("[::1]", NULL, false, ERROR_UPSTREAM_BLOCKED,
                "provider 'local' leads to the address ::1, where providers may not be");
}

TEST(where_one_address_refuses_the_next_is_tried_at_once)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};
    uint64_t start_ms = clock_monotonic_ms();

    resolves_to[0] = "127.0.0.2"; /* nobody listens there */
    resolves_to[1] = "127.0.0.1";
    resolves_to[2] = NULL;
    scene_open(&scene);
    scene.provider.connect_ms = PATIENCE_MS;
    dial_name(&scene, &call, "provider.test");
    EXPECT_STR(call.err.message, "");
    EXPECT(clock_monotonic_ms() < start_ms + PATIENCE_MS / 4);
    call_release(&call);
    scene_close(&scene);
}

/* Listens on `address` and lets nobody in: its queue is full of `fillers`. */
static int listen_full(const char *address, uint16_t port, int fillers[2])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(inet_pton(AF_INET, address, &at.sin_addr) == 1);
    CHECK(bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 0) == 0);
    for (int i = 0; i < 2; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        CHECK(connect(fillers[i], (struct sockaddr *)&at, sizeof at) == 0 || errno == EINPROGRESS);
    }
    return fd;
}

TEST(where_one_address_may_not_be_used_the_next_is_tried)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};

    resolves_to[0] = "169.254.169.254"; /* not for anybody */
    resolves_to[1] = "127.0.0.1";
    resolves_to[2] = NULL;
    scene_open(&scene);
    scene.provider.connect_ms = PATIENCE_MS;
    dial_name(&scene, &call, "provider.test");
    EXPECT_STR(call.err.message, "");
    call_release(&call);
    scene_close(&scene);
}

TEST(an_address_that_does_not_answer_leaves_half_of_the_time_to_the_next)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};
    int fillers[2], full;
    uint64_t start_ms;

    resolves_to[0] = "127.0.0.2";
    resolves_to[1] = "127.0.0.1";
    resolves_to[2] = NULL;
    scene_open(&scene);
    full = listen_full("127.0.0.2", scene.server.port, fillers);
    scene.provider.connect_ms = 300;
    start_ms = clock_monotonic_ms();
    dial_name(&scene, &call, "provider.test");
    EXPECT_STR(call.err.message, "");
    EXPECT(clock_monotonic_ms() >= start_ms + 100);
    call_release(&call);

    resolves_to[1] = NULL;
    dial_name(&scene, &call, "other.test");
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_TIMEOUT);
    EXPECT_STR(call.err.message, "provider 'local' could not be connected to within 300 ms");
    EXPECT_EQ(call.facts.sent, SENT_NOTHING);
    call_release(&call);

    scene.provider.connect_ms = 0;
    dial_name(&scene, &call, "other.test");
    EXPECT_STR(call.err.message, "provider 'local' could not be connected to within 2000 ms");
    call_release(&call);
    scene_close(&scene);
    close(fillers[0]);
    close(fillers[1]);
    close(full);
}

TEST(calls_that_wait_behind_connections_that_are_not_made_wait_no_longer_than_these)
{
    struct transport_options options = {.dials_at_once = 2};
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call calls[5] = {0};
    int fillers[2], full;
    uint64_t start_ms;

    resolves_to[0] = "127.0.0.3";
    resolves_to[1] = NULL;
    scene_open_with(&scene, &options);
    full = listen_full("127.0.0.3", scene.server.port, fillers);
    scene.provider.connect_ms = 300;
    start_ms = clock_monotonic_ms();
    for (int i = 0; i < 5; i++)
        scene_start_name(&scene, &calls[i], "hole.test");
    for (int i = 0; i < 5; i++) {
        TURN_UNTIL(scene.loop, calls[i].done);
        EXPECT_EQ(calls[i].err.code, ERROR_UPSTREAM_TIMEOUT);
        EXPECT_EQ(calls[i].facts.sent, SENT_NOTHING);
        call_release(&calls[i]);
    }
    EXPECT(clock_monotonic_ms() < start_ms + PATIENCE_MS / 4);
    EXPECT_EQ(transport_counts(scene.transport).open, 0);
    scene_close(&scene);
    close(fillers[0]);
    close(fillers[1]);
    close(full);
}

TEST(the_metadata_service_is_refused_to_everybody)
{
    expect_dial(
        "provider.test", "169.254.169.254", true, ERROR_UPSTREAM_BLOCKED,
        "provider 'local' leads to the address 169.254.169.254, where providers may not be");
    expect_dial(
        "provider.test", "169.254.169.254", false, ERROR_UPSTREAM_BLOCKED,
        "provider 'local' leads to the address 169.254.169.254, where providers may not be");
}

TEST(a_port_where_nobody_listens_is_unreachable)
{
    struct scene scene = {0};
    struct call call = {0};

    scene_open(&scene);
    server_close(&scene.server);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_UNREACHABLE);
    EXPECT_STR(call.err.message, "provider 'local' could not be reached: Connection refused");
    EXPECT_EQ(call.facts.sent, SENT_NOTHING);
    EXPECT(!call.facts.replied && !call.facts.reused);
    call_release(&call);
    scene_close(&scene);
}

TEST(a_resolver_that_does_not_answer_stops_nobody_else)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call stuck = {0}, cancelled = {0}, other = {0};
    struct provider direct;
    uint64_t start_ms;

    resolver_stuck = true;
    scene_open(&scene);
    direct = scene.provider;
    start_ms = clock_monotonic_ms();
    scene.provider.connect_ms = 60;
    scene.provider.origin = TEXT("http://stuck.test:1");
    scene_start(&scene, &stuck);
    scene_start(&scene, &cancelled);
    loop_turn(scene.loop, 0);
    loop_turn(scene.loop, 0);
    call_cancel(&cancelled); /* must not wait for the thread */
    call_start(&other, scene.transport, &direct, &scene.wire, (struct exchange_times){0});
    TURN_UNTIL(scene.loop, other.done);
    EXPECT_EQ(other.err.code, ERROR_NONE);
    EXPECT(!stuck.done);
    TURN_UNTIL(scene.loop, stuck.done);
    EXPECT(clock_monotonic_ms() < start_ms + PATIENCE_MS / 2);
    EXPECT_EQ(stuck.err.code, ERROR_UPSTREAM_DNS);
    EXPECT_STR(stuck.err.message,
               "provider 'local' has a host name that was not resolved within 60 ms");
    call_release(&other);
    call_release(&stuck);
    scene_close(&scene);
    pthread_mutex_lock(&resolver_lock);
    resolver_stuck = false;
    pthread_cond_broadcast(&resolver_freed);
    pthread_mutex_unlock(&resolver_lock);
}

TEST(descriptors_that_run_out_fail_calls_and_nothing_else)
{
    struct scene scene = {.server.reply = TEXT(OK)};
    struct call call = {0};
    struct rlimit before, none;

    scene_open(&scene);
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){.rlim_cur = 3, .rlim_max = before.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    scene_call(&scene, &call);
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(call.err.code, ERROR_UPSTREAM_UNREACHABLE);
    EXPECT_STR(call.err.message, "provider 'local' could not be reached: Too many open files");
    call_release(&call);
    scene_call(&scene, &call);
    EXPECT_EQ(call.err.code, ERROR_NONE);
    call_release(&call);
    scene_close(&scene);
}
