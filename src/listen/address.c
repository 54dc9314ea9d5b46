#include "listen/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096 };

static int fail(const struct listen_address *address, const char *what, int error,
                struct error *err)
{
    char at[160];

    snprintf(at, sizeof at, "%.*s", TEXT_ARG(text_first(address->text, sizeof at - 1)));
    error_set(err, ERROR_CONFIG_INVALID, at, "cannot %s: %s", what, strerror(error));
    if (error == EADDRINUSE)
        error_hint(err, "another process has this address: stop it, or choose another one");
    else if (error == EACCES)
        error_hint(err, "the gateway's user may not do that: choose a port over 1023, or a folder "
                        "that it may write");
    else if (error == EADDRNOTAVAIL)
        error_hint(err, "no interface of this machine has that address");
    return -1;
}

static int close_and_fail(int fd, const struct listen_address *address, const char *what,
                          struct error *err)
{
    int error = errno;

    close(fd);
    return fail(address, what, error, err);
}

/* -- TCP -------------------------------------------------------------------------------------- */

static int listen_tcp(const struct listen_address *address, const struct addrinfo *where,
                      enum address_use use, struct error *err)
{
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1, off = 0;

    if (fd < 0)
        return fail(address, "open a socket", errno, err);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (use == ADDRESS_REPEATED)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (where->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    if (bind(fd, where->ai_addr, where->ai_addrlen) != 0)
        return close_and_fail(fd, address, "listen on this address", err);
    if (listen(fd, BACKLOG) != 0)
        return close_and_fail(fd, address, "listen on this address", err);
    return fd;
}

static int open_tcp(const struct listen_address *address, enum address_use use, struct error *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char host[256], port[8];
    int result, fd;

    snprintf(host, sizeof host, "%.*s", TEXT_ARG(text_first(address->host, sizeof host - 1)));
    snprintf(port, sizeof port, "%u", address->port);
    result = getaddrinfo(host[0] ? host : NULL, port, &hints, &found);
    if (result != 0) {
        error_set(err, ERROR_CONFIG_INVALID, host, "cannot listen on '%s': %s", host,
                  gai_strerror(result));
        error_hint(err, "write an address of this machine, such as 127.0.0.1 or [::]");
        return -1;
    }
    fd = listen_tcp(address, found, use, err);
    freeaddrinfo(found);
    return fd;
}

/* -- unix sockets ----------------------------------------------------------------------------- */

/* A file that nobody answers was left by a process that did not end well. */
static bool remove_stale(const struct sockaddr_un *where)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct stat file;
    int error;

    if (fd < 0 || lstat(where->sun_path, &file) != 0 || !S_ISSOCK(file.st_mode)) {
        close(fd);
        return false;
    }
    error = connect(fd, (const struct sockaddr *)where, sizeof *where) == 0 ? 0 : errno;
    close(fd);
    return error == ECONNREFUSED && unlink(where->sun_path) == 0;
}

static int open_unix(const struct listen_address *address, enum address_use use, struct error *err)
{
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    int fd, bound;

    if (address->path.len >= sizeof where.sun_path) {
        fail(address, "use this path", ENAMETOOLONG, err);
        error_hint(err, "the path of a socket has at most %zu bytes", sizeof where.sun_path - 1);
        return -1;
    }
    memcpy(where.sun_path, address->path.at, address->path.len);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(address, "open a socket", errno, err);
    /* The file takes its mode from the socket: there is no moment in which others could connect. */
    if (fchmod(fd, use == ADDRESS_ADMIN ? 0600 : 0666) != 0)
        return close_and_fail(fd, address, "set the mode of the socket", err);
    bound = bind(fd, (const struct sockaddr *)&where, sizeof where);
    if (bound != 0 && errno == EADDRINUSE && remove_stale(&where))
        bound = bind(fd, (const struct sockaddr *)&where, sizeof where);
    if (bound != 0)
        return close_and_fail(fd, address, "create this socket", err);
    if (listen(fd, BACKLOG) != 0)
        return close_and_fail(fd, address, "listen on this socket", err);
    return fd;
}

/* -- both ------------------------------------------------------------------------------------- */

int address_listen(const struct listen_address *address, enum address_use use, struct error *err)
{
    return address->path.len > 0 ? open_unix(address, use, err) : open_tcp(address, use, err);
}

struct text address_text(int fd, struct arena *arena)
{
    union {
        struct sockaddr_storage any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un local;
    } name = {0};
    socklen_t len = sizeof name;
    char host[INET6_ADDRSTRLEN];

    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
        return TEXT("?");
    if (name.any.ss_family == AF_UNIX)
        return arena_printf(arena, "unix:%s", name.local.sun_path);
    if (name.any.ss_family == AF_INET6 &&
        inet_ntop(AF_INET6, &name.v6.sin6_addr, host, sizeof host) != NULL)
        return arena_printf(arena, "[%s]:%u", host, ntohs(name.v6.sin6_port));
    if (name.any.ss_family == AF_INET &&
        inet_ntop(AF_INET, &name.v4.sin_addr, host, sizeof host) != NULL)
        return arena_printf(arena, "%s:%u", host, ntohs(name.v4.sin_port));
    return TEXT("?");
}

void address_tune(int fd, uint32_t write_stall_ms, int unsent_bytes_max)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &write_stall_ms, sizeof write_stall_ms);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes_max, sizeof unsent_bytes_max);
}
