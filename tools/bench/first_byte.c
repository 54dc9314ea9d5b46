/* Asks for a stream again and again over one connection, one at a time, and says how long its first
 * event took and how long the whole: first_byte HOST:PORT PATH BODY-FILE COUNT [TOKEN]. Blocking
 * sockets and nothing else, so that its own share is small and always the same. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20, REPLY_MAX = 1 << 24, COUNT_MAX = 1000000, PATIENCE_S = 10 };

struct times {
    uint64_t *first_us;
    uint64_t *whole_us;
};

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "first_byte: %s: %s\n", what, why);
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int dial(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    const char *colon = strrchr(address, ':');
    char host[INET_ADDRSTRLEN] = "";
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    if (colon == NULL || (size_t)(colon - address) >= sizeof host)
        fail(address, "is not an IPv4 HOST:PORT");
    memcpy(host, address, (size_t)(colon - address));
    to.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, host, &to.sin_addr) != 1)
        fail(address, "is not an IPv4 HOST:PORT");
    if (fd < 0 || connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
        fail(address, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    return fd;
}

static size_t make_request(char *out, const char *address, const char *path, const char *body_file,
                           const char *token)
{
    static char body[REQUEST_MAX / 2];
    FILE *file = fopen(body_file, "rb");
    size_t len = file != NULL ? fread(body, 1, sizeof body, file) : 0;
    int head;

    if (len == 0 || len == sizeof body)
        fail(body_file, "is empty, too large or not there");
    fclose(file);
    head = snprintf(out, REQUEST_MAX,
                    "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n"
                    "Content-Length: %zu\r\n%s%s%s\r\n",
                    path, address, len, token ? "Authorization: Bearer " : "", token ? token : "",
                    token ? "\r\n" : "");
    if (head < 0 || (size_t)head + len > REQUEST_MAX)
        fail(body_file, "is too large");
    memcpy(out + head, body, len);
    return (size_t)head + len;
}

static void ask(int fd, const char *request, size_t request_len, struct times *times, size_t i)
{
    static char reply[REPLY_MAX];
    uint64_t start_us = now_us(), first_us = 0;
    size_t len = 0;

    if (send(fd, request, request_len, MSG_NOSIGNAL) != (ssize_t)request_len)
        fail("send", strerror(errno));
    do {
        ssize_t got = recv(fd, reply + len, sizeof reply - len, 0);

        if (got <= 0)
            fail("a stream", got == 0 ? "ended early" : strerror(errno));
        len += (size_t)got;
        if (first_us == 0 && memmem(reply, len, "data: {", 7) != NULL)
            first_us = now_us();
    } while (len < 5 || memcmp(reply + len - 5, "0\r\n\r\n", 5) != 0);
    if (len < 12 || memcmp(reply, "HTTP/1.1 200", 12) != 0 || first_us == 0 ||
        memmem(reply, len, "data: [DONE]", 12) == NULL) {
        fprintf(stderr, "%.*s\n", (int)(len < 2000 ? len : 2000), reply);
        fail("a reply", "is not a whole stream with status 200");
    }
    times->first_us[i] = first_us - start_us;
    times->whole_us[i] = now_us() - start_us;
}

static int rising(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

static void print_times(const struct times *times, size_t count)
{
    qsort(times->first_us, count, sizeof *times->first_us, rising);
    qsort(times->whole_us, count, sizeof *times->whole_us, rising);
    printf("{\"count\":%zu,\"first_p50_us\":%" PRIu64 ",\"first_p99_us\":%" PRIu64
           ",\"whole_p50_us\":%" PRIu64 ",\"whole_p99_us\":%" PRIu64 "}\n",
           count, times->first_us[count / 2], times->first_us[count * 99 / 100],
           times->whole_us[count / 2], times->whole_us[count * 99 / 100]);
}

int main(int count, char **arguments)
{
    static char request[REQUEST_MAX];
    long streams = count >= 5 ? strtol(arguments[4], NULL, 10) : 0;
    struct times times;
    size_t len;
    int fd;

    if (count < 5 || count > 6 || streams < 1 || streams > COUNT_MAX)
        fail("usage", "first_byte HOST:PORT PATH BODY-FILE COUNT [TOKEN]");
    times.first_us = calloc((size_t)streams, sizeof *times.first_us);
    times.whole_us = calloc((size_t)streams, sizeof *times.whole_us);
    if (times.first_us == NULL || times.whole_us == NULL)
        fail("memory", "there is none left");
    len = make_request(request, arguments[1], arguments[2], arguments[3],
                       count > 5 ? arguments[5] : NULL);
    fd = dial(arguments[1]);
    for (long i = 0; i < streams; i++)
        ask(fd, request, len, &times, (size_t)i);
    print_times(&times, (size_t)streams);
    close(fd);
    free(times.first_us);
    free(times.whole_us);
    return 0;
}
