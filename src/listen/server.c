#include "listen/server.h"

#include "base/check.h"
#include "base/random.h"
#include "listen/address.h"
#include "listen/handler.h"
#include "listen/parts.h"
#include "listen/worker_thread.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

void server_log(const struct server *server, enum log_level level, const char *event,
                const char *message, const char *name, const char *value)
{
    if (server->gateway->log != NULL)
        log_event(server->gateway->log, level, event, message, name, value, NULL);
}

/* -- opening ---------------------------------------------------------------------------------- */

static struct listen_address copy_address(struct arena *arena, const struct listen_address *from)
{
    struct listen_address copy = *from;

    copy.text = arena_copy(arena, from->text);
    copy.host = arena_copy(arena, from->host);
    copy.path = arena_copy(arena, from->path);
    return copy;
}

static void copy_settings(struct server *server, const struct settings *settings)
{
    server->settings = *settings;
    server->settings.listen = copy_address(&server->arena, &settings->listen);
    server->settings.admin = copy_address(&server->arena, &settings->admin);
    server->settings.dashboard = copy_address(&server->arena, &settings->dashboard);
    server->settings.metrics = copy_address(&server->arena, &settings->metrics);
    server->settings.certificate = arena_copy(&server->arena, settings->certificate);
    server->settings.key = arena_copy(&server->arena, settings->key);
    server->settings.store = (struct text){0};
    server->tls = settings->certificate.len > 0;
}

static unsigned count_cores(void)
{
    cpu_set_t cores;

    if (sched_getaffinity(0, sizeof cores, &cores) != 0)
        return 1;
    return (unsigned)CPU_COUNT(&cores);
}

/* Every client may need a connection to a provider beside its own, and the rest of the process some
 * descriptors too: a cap above what the system gives would not be one. */
static size_t connections_most(const struct server *server)
{
    struct rlimit limit;
    char lowered[64];
    size_t most = server->settings.max_connections, given;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return most;
    given = limit.rlim_cur > 192 ? (limit.rlim_cur - 128) / 2 : limit.rlim_cur / 6;
    if (most <= given)
        return most;
    given = given > 0 ? given : 1;
    snprintf(lowered, sizeof lowered, "%zu of %zu", given, most);
    server_log(server, LOG_WARN, "start",
               "fewer connections than configured: the limit of open files is too low for them",
               "max_connections", lowered);
    return given;
}

static bool open_listener(struct server *server, struct listener *listener,
                          const struct listen_address *address, int listen_fd, struct error *err)
{
    enum address_use use = listener->admin                    ? ADDRESS_ADMIN
                           : listen_mode == LISTEN_PER_WORKER ? ADDRESS_REPEATED
                                                              : ADDRESS_PUBLIC;
    struct text colon;

    listener->where = *address;
    listener->fd = listen_fd >= 0 ? listen_fd : address_listen(address, use, err);
    if (listener->fd < 0)
        return false;
    listener->address = address_text(listener->fd, &server->arena);
    if (address->path.len > 0 && listen_fd < 0) {
        listener->path = address->path.at;
        return true;
    }
    address_tune(listener->fd, server->settings.write_stall_ms, UNSENT_BYTES_MAX);
    colon = listener->address;
    while (colon.len > 0 && text_find_byte(colon, ':') < colon.len)
        colon = text_after(colon, text_find_byte(colon, ':') + 1);
    listener->where.port = (uint16_t)strtoul(colon.at, NULL, 10);
    if (listen_fd >= 0)
        listener->where.port = 0; /* only this one socket was given */
    return true;
}

static bool open_dashboard(struct server *server, struct error *err)
{
    struct listen_address address = server->settings.dashboard;

    if (address.text.len == 0 ||
        open_listener(server, &server->listeners[DASHBOARD], &address, -1, err))
        return true;
    address.port = 0;
    return server->settings.dashboard_movable &&
           open_listener(server, &server->listeners[DASHBOARD], &address, -1, err);
}

static bool open_listeners(struct server *server, int listen_fd, struct error *err)
{
    const struct settings *settings = &server->settings;

    server->listeners[PUBLIC].most = connections_most(server);
    for (int i = ADMIN; i < LISTENERS; i++) {
        server->listeners[i].most = ADMIN_CONNECTIONS_MAX;
        server->listeners[i].admin = i != METRICS;
    }
    if (!open_listener(server, &server->listeners[PUBLIC], &settings->listen, listen_fd, err))
        return false;
    return (settings->admin.text.len == 0 ||
            open_listener(server, &server->listeners[ADMIN], &settings->admin, -1, err)) &&
           (settings->metrics.text.len == 0 ||
            open_listener(server, &server->listeners[METRICS], &settings->metrics, -1, err)) &&
           open_dashboard(server, err);
}

static SSL_CTX *open_tls(const struct server *server, struct error *err)
{
    const struct tls_files files = {server->settings.certificate.at, server->settings.key.at};

    return tls_open(&files, server->ticket_keys, err);
}

/* Says at the start what is wrong with the files, before anything is bound. */
static bool try_tls(struct server *server, struct error *err)
{
    SSL_CTX *tls;

    if (!server->tls)
        return true;
    random_fill(server->ticket_keys, sizeof server->ticket_keys);
    tls = open_tls(server, err);
    SSL_CTX_free(tls);
    return tls != NULL;
}

static void open_lock(struct server *server)
{
    pthread_condattr_t attributes;

    CHECK(pthread_mutex_init(&server->lock, NULL) == 0);
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&server->changed, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

struct server *server_open_with(const struct server_hooks *hooks, struct gateway *gateway,
                                const struct settings *settings, int listen_fd, struct error *err)
{
    struct server *server = calloc(1, sizeof *server);
    unsigned workers = settings->workers ? settings->workers : count_cores();

    CHECK(server != NULL);
    server->gateway = gateway;
    server->hooks = hooks;
    for (int i = 0; i < LISTENERS; i++)
        server->listeners[i].fd = -1;
    server->thread_count = workers < GATEWAY_WORKERS_MAX ? workers : GATEWAY_WORKERS_MAX;
    server->threads = calloc(server->thread_count, sizeof *server->threads);
    CHECK(server->threads != NULL);
    copy_settings(server, settings);
    handler_configure(&server->config, settings);
    open_lock(server);
    if (!try_tls(server, err) || !open_listeners(server, listen_fd, err)) {
        server_close(server);
        return NULL;
    }
    return server;
}

struct text server_address(const struct server *server)
{
    return server->listeners[PUBLIC].address;
}

struct text server_admin_address(const struct server *server)
{
    return server->listeners[ADMIN].address;
}

struct text server_dashboard_address(const struct server *server)
{
    return server->listeners[DASHBOARD].address;
}

struct text server_metrics_address(const struct server *server)
{
    return server->listeners[METRICS].address;
}

/* -- threads ---------------------------------------------------------------------------------- */

static bool start_threads(struct server *server, struct error *err)
{
    for (unsigned i = 0; i < server->thread_count; i++) {
        struct worker_thread *thread = &server->threads[i];
        SSL_CTX *tls = NULL;

        thread->server = server;
        if (server->tls && (tls = open_tls(server, err)) == NULL)
            return false;
        if (!worker_thread_start(thread, tls, err))
            return false;
        server->threads_started++;
    }
    return true;
}

bool server_start(struct server *server, struct error *err)
{
    bool started = start_threads(server, err);

    pthread_mutex_lock(&server->lock);
    for (unsigned i = 0; i < server->threads_started; i++) {
        struct worker_thread *thread = &server->threads[i];

        while (thread->state == THREAD_NEW)
            pthread_cond_wait(&server->changed, &server->lock);
        if (thread->state == THREAD_FAILED && started) {
            *err = thread->error;
            started = false;
        }
    }
    pthread_mutex_unlock(&server->lock);
    return started;
}

static bool serving(struct server *server, unsigned index)
{
    bool yes;

    pthread_mutex_lock(&server->lock);
    yes = server->threads[index].state == THREAD_SERVING;
    pthread_mutex_unlock(&server->lock);
    return yes;
}

static void close_listener(struct listener *listener)
{
    if (listener->fd < 0)
        return;
    /* While it is still ours: a successor may create its own at once. */
    if (listener->path != NULL)
        unlink(listener->path);
    close(listener->fd);
    listener->fd = -1;
}

static void close_listeners(struct server *server)
{
    for (int i = 0; i < LISTENERS; i++)
        close_listener(&server->listeners[i]);
}

void server_drain(struct server *server)
{
    if (server->draining)
        return;
    server->draining = true;
    close_listeners(server);
    for (unsigned i = 0; i < server->threads_started; i++) {
        if (serving(server, i))
            worker_thread_drain(&server->threads[i]);
    }
}

size_t server_connections(const struct server *server)
{
    size_t open = 0;

    for (int i = 0; i < LISTENERS; i++)
        open += atomic_load(&server->listeners[i].open);
    return open;
}

void server_connection_ended(struct server *server, struct listener *listener)
{
    atomic_fetch_sub(&listener->open, 1);
    if (server_connections(server) > 0)
        return;
    pthread_mutex_lock(&server->lock);
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

bool server_wait_drained(struct server *server, uint32_t wait_ms)
{
    struct timespec until;
    bool drained;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += wait_ms / 1000;
    until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&server->lock);
    while (!(drained = server_connections(server) == 0)) {
        if (pthread_cond_timedwait(&server->changed, &server->lock, &until) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&server->lock);
    return drained;
}

/* -- the end ---------------------------------------------------------------------------------- */

static void end_threads(struct server *server)
{
    for (unsigned i = 0; i < server->threads_started; i++) {
        if (serving(server, i))
            worker_thread_stop(&server->threads[i]);
    }
    for (unsigned i = 0; i < server->threads_started; i++) {
        pthread_join(server->threads[i].thread, NULL);
        SSL_CTX_free(atomic_exchange(&server->threads[i].next_tls, NULL));
    }
}

void server_close(struct server *server)
{
    if (server == NULL)
        return;
    close_listeners(server);
    end_threads(server);
    h2o_config_dispose(&server->config);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    OPENSSL_cleanse(server->ticket_keys, sizeof server->ticket_keys);
    free(server->threads);
    arena_release(&server->arena);
    free(server);
}

/* All contexts or none: workers must not show different certificates. */
bool server_reload_tls(struct server *server, struct error *err)
{
    SSL_CTX *opened[GATEWAY_WORKERS_MAX] = {0};
    unsigned count = 0;

    if (!server->tls)
        return true;
    while (count < server->threads_started && (opened[count] = open_tls(server, err)) != NULL)
        count++;
    if (count < server->threads_started) {
        while (count > 0)
            SSL_CTX_free(opened[--count]);
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (serving(server, i))
            worker_thread_set_tls(&server->threads[i], opened[i]);
        else
            SSL_CTX_free(opened[i]);
    }
    return true;
}
