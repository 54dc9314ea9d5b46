/* A provider for benchmarks and load: says always the same, as fast as it can, or as slowly or as
 * wrongly as it is told to. The main thread only starts the workers and waits for the signal. */
#include "options.h"
#include "script.h"
#include "worker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

static struct sockaddr_in read_address(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN] = "", *end = NULL;
    unsigned long port = colon != NULL ? strtoul(colon + 1, &end, 10) : 0;

    if (colon != NULL && (size_t)(colon - text) < sizeof host)
        memcpy(host, text, (size_t)(colon - text));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1 || end == colon + 1 || *end != '\0' ||
        port > 65535) {
        fprintf(stderr, "mockprovider: --listen must be an IPv4 HOST:PORT, found '%s'\n", text);
        exit(2);
    }
    address.sin_port = htons((uint16_t)port);
    return address;
}

/* Thousands of connections need thousands of descriptors. */
static void raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void start(struct worker *workers, const struct options *options,
                  const struct script *script, int stopping)
{
    struct sockaddr_in address = read_address(options->listen);
    char host[INET_ADDRSTRLEN];

    for (uint32_t i = 0; i < options->threads; i++) {
        workers[i] = (struct worker){.script = script, .stopping = stopping};
        workers[i].listener = worker_listen(&address);
        if (workers[i].listener < 0) {
            fprintf(stderr, "mockprovider: cannot listen on %s: %s\n", options->listen,
                    strerror(errno));
            exit(1);
        }
    }
    for (uint32_t i = 0; i < options->threads; i++)
        if (pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]) != 0) {
            fputs("mockprovider: cannot start a thread\n", stderr);
            exit(1);
        }
    inet_ntop(AF_INET, &address.sin_addr, host, sizeof host);
    printf("{\"event\":\"ready\",\"address\":\"%s:%u\"}\n", host, ntohs(address.sin_port));
    fflush(stdout);
}

static void stop(struct worker *workers, uint32_t threads, int stopping)
{
    const uint64_t one = 1;
    uint64_t requests = 0;

    if (write(stopping, &one, sizeof one) != sizeof one)
        abort();
    for (uint32_t i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        requests += workers[i].requests;
    }
    printf("{\"event\":\"stop\",\"requests\":%" PRIu64 "}\n", requests);
}

static void free_replies(struct replies *replies)
{
    if (replies->stream.bytes != replies->plain.bytes) {
        free(replies->stream.bytes);
        free(replies->stream.stops);
    }
    free(replies->plain.bytes);
    free(replies->plain.stops);
}

int main(int count, char **arguments)
{
    struct options options = options_read(count, arguments);
    struct script script = script_make(&options);
    struct worker workers[THREADS_MAX];
    int stopping = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), signal_number;
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    raise_descriptors();
    start(workers, &options, &script, stopping);
    sigwait(&signals, &signal_number);
    stop(workers, options.threads, stopping);
    free_replies(&script.told);
    free_replies(&script.good);
    return 0;
}
