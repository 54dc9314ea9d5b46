#include "listen/fake.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define HOST "Host: a\r\n"

TEST(a_request_is_handed_over_with_all_that_it_says)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = ask(server, TEXT("POST /a/../b%20c?d=e HTTP/1.1\r\n" HOST
                                         "Content-Length: 2\r\nConnection: close\r\n\r\nhi"));

    EXPECT(heard_first(&all, "HTTP/1.1 200 OK\r\n"));
    EXPECT(heard(&all, "POST /a/../b%20c d=e 127.0.0.1 0 3"));
    EXPECT(heard(&all, "Server: pinion\r\n"));
    EXPECT(heard(&all, "Connection: close\r\n"));
    EXPECT(heard(&all, "\r\nDate: "));
    EXPECT(heard(&all, "content-type: text/plain\r\n"));
    EXPECT(!heard(&all, "injected"));
    buffer_release(&all);
    fake_end(server);
}

TEST(a_connection_is_kept_for_the_next_request)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    int fd = dial(server);

    for (int i = 0; i < 50; i++) {
        struct buffer all = {0};

        SAY(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
        hear_until(fd, &all, "\r\n\r\nhello");
        EXPECT(heard(&all, "Content-Length: 5\r\n") && heard(&all, "keep-alive"));
        buffer_release(&all);
    }
    EXPECT_EQ(server_connections(server), 1);
    EXPECT_EQ(fake.started, 50);
    close(fd);
    AWAIT(server_connections(server) == 0);
    EXPECT_EQ(fake.gone, 0);
    fake_end(server);
}

TEST(an_answer_may_come_later)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all =
        ask(server, TEXT("GET /later HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));

    EXPECT(heard(&all, "\r\n\r\nlater"));
    buffer_release(&all);
    fake_end(server);
}

TEST(a_hundred_pipelined_requests_are_answered_in_order)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer asked = {0}, all = {0};
    struct text rest;
    int fd = dial(server);

    for (int i = 0; i < 100; i++)
        buffer_printf(&asked, "GET /p%03d HTTP/1.1\r\n" HOST "%s\r\n", i,
                      i == 99 ? "Connection: close\r\n" : "");
    say(fd, buffer_text(&asked));
    hear_end(fd, &all);
    rest = buffer_text(&all);
    for (int i = 0; i < 100; i++) {
        char path[32];
        size_t at;

        snprintf(path, sizeof path, "GET /p%03d ", i);
        at = text_find(rest, text_of(path));
        EXPECT(at < rest.len);
        rest = text_after(rest, at);
    }
    EXPECT_EQ(heard_times(&all, "HTTP/1.1 200 OK"), 100);
    buffer_release(&asked);
    buffer_release(&all);
    close(fd);
    fake_end(server);
}

TEST(an_answer_that_says_so_ends_the_connection)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = ask(server, TEXT("GET /close HTTP/1.1\r\n" HOST "\r\n"));

    EXPECT(heard(&all, "Connection: close\r\n") && heard(&all, "bye"));
    buffer_release(&all);
    fake_end(server);
}

TEST(answers_without_a_body_have_none)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all =
        ask(server, TEXT("HEAD /big HTTP/1.1\r\n" HOST "\r\nHEAD /stream HTTP/1.1\r\n" HOST
                         "\r\nGET /nothing HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));

    EXPECT_EQ(heard_times(&all, "HTTP/1.1 "), 3);
    EXPECT(heard(&all, "Content-Length: 8388608\r\n"));
    EXPECT(heard(&all, "HTTP/1.1 204 No Content\r\n"));
    EXPECT(!heard(&all, "piece") && all.len < 1024);
    buffer_release(&all);
    fake_end(server);
}

TEST(a_body_is_taken_up_to_its_limit_in_both_framings)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    char *body = calloc(1, settings.max_body_bytes + 2);

    memset(body, 'b', settings.max_body_bytes + 1);
    for (size_t over = 0; over < 2; over++) {
        for (int chunked = 0; chunked < 2; chunked++) {
            size_t len = settings.max_body_bytes + over;
            struct buffer asked = {0}, all;

            buffer_printf(&asked, "POST /echo HTTP/1.1\r\n" HOST "Connection: close\r\n");
            if (chunked)
                buffer_printf(&asked, "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%.*s\r\n0\r\n\r\n",
                              len, (int)len, body);
            else
                buffer_printf(&asked, "Content-Length: %zu\r\n\r\n%.*s", len, (int)len, body);
            all = ask(server, buffer_text(&asked));
            EXPECT(heard_first(&all, over ? "HTTP/1.1 413 " : "HTTP/1.1 200 "));
            EXPECT(heard(&all, over ? "\"code\":\"body_too_large\"" : "bbbb"));
            if (over)
                EXPECT(heard(&all, "larger than the 65536 bytes"));
            buffer_release(&asked);
            buffer_release(&all);
        }
    }
    free(body);
    fake_end(server);
}

/* The refusal arrives although the client still sends, and sends much more than the kernel holds.
 */
TEST(a_client_in_the_middle_of_a_far_too_large_body_hears_413)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = {0};
    char *body = calloc(1, BIG_BYTES);
    int fd = dial(server);

    SAY(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 8388608\r\n\r\n");
    say(fd, (struct text){body, BIG_BYTES});
    hear_end(fd, &all);
    EXPECT(heard_first(&all, "HTTP/1.1 413 "));
    EXPECT_EQ(fake.started, 0);
    close(fd);
    free(body);
    buffer_release(&all);
    fake_end(server);
}

TEST(a_client_that_waits_for_continue_gets_it)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = {0};
    int fd = dial(server);

    SAY(fd, "POST /echo HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    hear_until(fd, &all, "100 Continue\r\n\r\n");
    SAY(fd, "hello");
    hear_until(fd, &all, "\r\n\r\nhello");
    close(fd);
    buffer_release(&all);
    all = ask(server, TEXT("POST /echo HTTP/1.1\r\n" HOST "Expect: a cake\r\n"
                           "Content-Length: 5\r\n\r\nhello"));
    EXPECT(heard_first(&all, "HTTP/1.1 417 "));
    EXPECT(heard(&all, "\"code\":\"invalid_request\""));
    buffer_release(&all);
    fake_end(server);
}

TEST(a_head_or_body_that_takes_too_long_is_cut_off)
{
    static const char *const starts[] = {
        "", "GET /slow HT", "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe"};
    struct settings settings = fake_settings();
    struct server *server;

    settings.request_timeout_ms = 150;
    server = fake_serve(&settings);
    for (size_t i = 0; i < 4; i++) {
        uint64_t before_ms = clock_monotonic_ms();
        struct buffer all = ask(server, text_of(starts[i]));

        EXPECT_EQ(all.len, 0);
        EXPECT(clock_monotonic_ms() - before_ms < 2000);
        buffer_release(&all);
    }
    EXPECT_EQ(fake.started, 0);
    fake_end(server);
}

/* Patience is for what a client sends, not for what it is answered. */
TEST(an_answer_may_take_longer_than_a_request)
{
    struct settings settings = fake_settings();
    struct server *server;
    struct buffer all;

    settings.request_timeout_ms = 10;
    server = fake_serve(&settings);
    all = ask(server, TEXT("GET /later HTTP/1.1\r\n" HOST "\r\n"));
    EXPECT(heard(&all, "\r\n\r\nlater"));
    buffer_release(&all);
    fake_end(server);
}

TEST(no_more_connections_than_the_cap_are_served_at_once)
{
    struct settings settings = fake_settings();
    struct server *server;
    struct buffer all = {0};
    int fds[5];

    settings.max_connections = 4;
    server = fake_serve(&settings);
    for (int i = 0; i < 4; i++) {
        fds[i] = dial(server);
        AWAIT(server_connections(server) == (size_t)i + 1);
    }
    fds[4] = dial(server);
    SAY(fds[4], "GET /x HTTP/1.1\r\n" HOST "\r\n");
    poll(NULL, 0, 150); /* the time in which nothing must happen */
    EXPECT_EQ(fake.started, 0);
    EXPECT_EQ(server_connections(server), 4);
    close(fds[0]);
    hear_until(fds[4], &all, "GET /x");
    for (int i = 1; i < 5; i++)
        close(fds[i]);
    AWAIT(server_connections(server) == 0);
    buffer_release(&all);
    fake_end(server);
}

static uint64_t cpu_us(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

TEST(without_descriptors_clients_hear_503_and_nothing_spins)
{
    struct settings settings = fake_settings();
    struct server *server;
    struct rlimit before, low;
    struct buffer all = {0};
    int clients[8], highest, hole;
    uint64_t used_us;

    settings.workers = 1; /* two could take each other's last descriptor, and serve instead */
    server = fake_serve(&settings);
    for (int i = 0; i < 8; i++)
        clients[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    close(clients[7]);
    clients[7] = dial(server);
    AWAIT(server_connections(server) == 1);
    /* From here the process has not one descriptor left. */
    hole = open("/dev/null", O_RDONLY | O_CLOEXEC);
    highest = hole;
    getrlimit(RLIMIT_NOFILE, &before);
    low = before;
    low.rlim_cur = (rlim_t)highest + 1;
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    for (int fd; (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
        continue;
    used_us = cpu_us();
    for (int i = 0; i < 7; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        struct text address = server_address(server);

        to.sin_port =
            htons((uint16_t)strtoul(address.at + text_find_byte(address, ':') + 1, NULL, 10));
        EXPECT_EQ(connect(clients[i], (struct sockaddr *)&to, sizeof to), 0);
        hear_end(clients[i], &all);
        EXPECT(heard_first(&all, "HTTP/1.1 503 ") && heard(&all, "\"code\":\"overloaded\""));
        buffer_release(&all);
        all = (struct buffer){0};
    }
    EXPECT(cpu_us() - used_us < 500000);
    /* The one that was there is still served. */
    SAY(clients[7], "GET /x HTTP/1.1\r\n" HOST "\r\n");
    hear_until(clients[7], &all, "GET /x");
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    for (int i = 0; i < 8; i++)
        close(clients[i]);
    close(hole);
    buffer_release(&all);
    all = ask(server, TEXT("GET /y HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    EXPECT(heard(&all, "GET /y"));
    buffer_release(&all);
    fake_end(server);
}

/* -- administration --------------------------------------------------------------------------- */

static int dial_admin(struct server *server)
{
    struct text path = text_after(server_admin_address(server), strlen("unix:"));
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    memcpy(to.sun_path, path.at, path.len);
    EXPECT_EQ(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

TEST(the_admin_socket_is_private_and_says_that_it_is_admin)
{
    char folder[] = "/tmp/pinion-admin-XXXXXX", path[64];
    struct settings settings = fake_settings();
    struct server *server;
    struct buffer all = {0};
    struct stat file;
    int fd;

    EXPECT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/admin.sock", folder);
    settings.admin.text = settings.admin.path = text_of(path);
    server = fake_serve(&settings);
    EXPECT_EQ(stat(path, &file), 0);
    EXPECT_EQ(file.st_mode, S_IFSOCK | 0600);
    fd = dial_admin(server);
    SAY(fd, "GET /admin/v1/tokens HTTP/1.1\r\n" HOST "\r\n");
    hear_until(fd, &all, "GET /admin/v1/tokens   1 1");
    close(fd);
    fake_end(server);
    EXPECT(stat(path, &file) != 0);
    rmdir(folder);
    buffer_release(&all);
}

TEST(a_public_unix_socket_is_open_to_those_who_reach_its_folder)
{
    char folder[] = "/tmp/pinion-public-XXXXXX", path[64];
    struct settings settings = fake_settings();
    mode_t before = umask(0);
    struct server *server;
    struct stat file;

    umask(before);
    EXPECT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/public.sock", folder);
    settings.listen = (struct listen_address){.text = text_of(path), .path = text_of(path)};
    server = fake_serve(&settings);
    EXPECT(text_starts(server_address(server), TEXT("unix:/tmp/pinion-public-")));
    EXPECT_EQ(stat(path, &file), 0);
    EXPECT_EQ(file.st_mode, S_IFSOCK | (0666 & ~before));
    fake_end(server);
    EXPECT_EQ(rmdir(folder), 0);
}

TEST(a_socket_file_left_behind_is_replaced_and_one_in_use_is_not)
{
    char folder[] = "/tmp/pinion-admin-XXXXXX", path[64];
    struct settings settings = fake_settings();
    struct sockaddr_un left = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct error err = {0};
    struct server *server;

    EXPECT(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/admin.sock", folder);
    snprintf(left.sun_path, sizeof left.sun_path, "%s", path);
    EXPECT_EQ(bind(fd, (struct sockaddr *)&left, sizeof left), 0);
    close(fd);
    settings.admin.text = settings.admin.path = text_of(path);
    server = fake_serve(&settings);
    EXPECT(server_open_with(&fake_hooks, &fake_gateway, &settings, -1, &err) == NULL);
    EXPECT_STR(err.at, path);
    EXPECT_STR(err.message, "cannot create this socket: Address already in use");
    close(dial_admin(server));
    fake_end(server);
    /* What is no socket is not ours to remove. */
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    EXPECT(server_open_with(&fake_hooks, &fake_gateway, &settings, -1, &err) == NULL);
    EXPECT_EQ(unlink(path), 0);
    rmdir(folder);
}

/* -- addresses -------------------------------------------------------------------------------- */

TEST(an_address_in_use_is_refused_and_the_first_server_unharmed)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct settings second = fake_settings();
    struct text address = server_address(server);
    struct error err = {0};
    struct buffer all;

    second.listen.text = address;
    second.listen.port = (uint16_t)strtoul(address.at + text_find_byte(address, ':') + 1, NULL, 10);
    EXPECT(server_open_with(&fake_hooks, &fake_gateway, &second, -1, &err) == NULL);
    EXPECT_TEXT(address, err.at);
    EXPECT_STR(err.message, "cannot listen on this address: Address already in use");
    EXPECT(err.hint[0] != '\0');
    all = ask(server, TEXT("GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    EXPECT(heard(&all, "GET /x"));
    buffer_release(&all);
    fake_end(server);
}

TEST(a_socket_that_was_handed_over_is_used)
{
    struct settings settings = fake_settings();
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct error err = {0};
    struct server *server;
    struct buffer all;

    EXPECT_EQ(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    EXPECT_EQ(listen(fd, 16), 0);
    settings.listen =
        (struct listen_address){.text = TEXT("192.0.2.1:1"), .host = TEXT("192.0.2.1")};
    server = server_open_with(&fake_hooks, &fake_gateway, &settings, fd, &err);
    EXPECT(server != NULL && server_start(server, &err));
    all = ask(server, TEXT("GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    EXPECT(heard(&all, "GET /x"));
    buffer_release(&all);
    server_close(server);
}

TEST(a_server_that_was_never_started_closes)
{
    struct settings settings = fake_settings();
    struct error err = {0};

    server_close(server_open_with(&fake_hooks, &fake_gateway, &settings, -1, &err));
    server_close(NULL);
}

static bool refuse_second_worker(struct worker *worker, struct gateway *gateway, unsigned index,
                                 struct error *err)
{
    if (index > 0)
        return error_set(err, ERROR_OVERLOADED, "worker 1", "no more of them");
    return fake_worker_open(worker, gateway, index, err);
}

TEST(a_worker_that_cannot_start_is_told_and_the_others_end)
{
    struct settings settings = fake_settings();
    struct server_hooks hooks = fake_hooks;
    struct error err = {0};
    struct server *server;

    hooks.worker_open = refuse_second_worker;
    server = server_open_with(&hooks, &fake_gateway, &settings, -1, &err);
    EXPECT(!server_start(server, &err));
    EXPECT_STR(err.at, "worker 1");
    server_close(server);
    EXPECT_EQ(fake.workers, 0);
}
