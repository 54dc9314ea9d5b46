#include "listen/fake.h"

#define HOST "Host: a\r\n"

static bool refused(struct server *server)
{
    struct text address = server_address(server);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), result;

    to.sin_port = htons((uint16_t)strtoul(address.at + text_find_byte(address, ':') + 1, NULL, 10));
    result = connect(fd, (struct sockaddr *)&to, sizeof to);
    close(fd);
    return result != 0 && errno == ECONNREFUSED;
}

/* One connection in each state at the moment of draining; each request is answered once. */
TEST(draining_ends_what_is_idle_and_finishes_what_has_begun)
{
    enum { UNUSED, USED, HALF_HEAD, HALF_BODY, WAITING, COUNT };
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all[COUNT] = {0};
    int fds[COUNT];

    for (int i = 0; i < COUNT; i++)
        fds[i] = dial(server);
    AWAIT(server_connections(server) == COUNT);
    SAY(fds[USED], "GET /used HTTP/1.1\r\n" HOST "\r\n");
    hear_until(fds[USED], &all[USED], "GET /used");
    SAY(fds[HALF_HEAD], "GET /half HTTP/1.1\r\nHo");
    SAY(fds[HALF_BODY], "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nhello");
    SAY(fds[WAITING], "GET /later HTTP/1.1\r\n" HOST "\r\n");
    AWAIT(fake.started == 2);
    poll(NULL, 0, 20); /* for the halves to arrive, which nothing tells */
    server_drain(server);
    server_drain(server);
    AWAIT(refused(server));
    for (int i = 0; i <= HALF_HEAD; i++) {
        all[i].len = 0;
        hear_end(fds[i], &all[i]);
        EXPECT_EQ(all[i].len, 0);
    }
    hear_end(fds[WAITING], &all[WAITING]);
    EXPECT_EQ(heard_times(&all[WAITING], "\r\n\r\nlater"), 1);
    EXPECT(!server_wait_drained(server, 1));
    SAY(fds[HALF_BODY], "world");
    hear_end(fds[HALF_BODY], &all[HALF_BODY]);
    EXPECT_EQ(heard_times(&all[HALF_BODY], "helloworld"), 1);
    EXPECT(heard(&all[HALF_BODY], "Connection: close\r\n"));
    EXPECT(server_wait_drained(server, PATIENCE_MS));
    EXPECT_EQ(server_connections(server), 0);
    EXPECT_EQ(fake.gone, 0);
    for (int i = 0; i < COUNT; i++) {
        close(fds[i]);
        buffer_release(&all[i]);
    }
    fake_end(server);
}

TEST(closing_throws_out_what_does_not_end)
{
    static const char *const paths[] = {"/never", "/trickle", "/endless", "/big"};
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    uint64_t start_ms;
    int fds[6];

    for (int i = 0; i < 4; i++) {
        struct buffer asked = {0};

        fds[i] = dial_with(server, 4096);
        buffer_printf(&asked, "GET %s HTTP/1.1\r\n" HOST "\r\n", paths[i]);
        say(fds[i], buffer_text(&asked));
        buffer_release(&asked);
    }
    fds[4] = dial(server);
    fds[5] = dial(server);
    SAY(fds[5], "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n");
    AWAIT(fake.started == 4);
    AWAIT(server_connections(server) == 6);
    server_drain(server);
    EXPECT(!server_wait_drained(server, 50));
    start_ms = clock_monotonic_ms();
    fake_end(server);
    EXPECT(clock_monotonic_ms() - start_ms < 2000);
    EXPECT_EQ(fake.gone, 3); /* the big answer was all said */
    for (int i = 0; i < 6; i++)
        close(fds[i]);
}

TEST(closing_without_draining_first_works_too)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    int fd = dial(server);

    SAY(fd, "GET /never HTTP/1.1\r\n" HOST "\r\n");
    AWAIT(fake.started == 1);
    fake_end(server);
    EXPECT_EQ(fake.gone, 1);
    close(fd);
}

/* Clients that ask without pause while it drains: whoever got through is answered in full. */
TEST(no_answer_is_cut_by_draining_under_load)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all[16] = {0};
    int fds[16];
    size_t answered = 0;

    for (int i = 0; i < 16; i++) {
        fds[i] = dial(server);
        for (int k = 0; k < 200; k++)
            SAY(fds[i], "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
    }
    AWAIT(fake.started > 100);
    server_drain(server);
    for (int i = 0; i < 16; i++) {
        hear_end(fds[i], &all[i]);
        EXPECT_EQ(heard_times(&all[i], "HTTP/1.1 200 OK"), heard_times(&all[i], "\r\n\r\nhello"));
        answered += heard_times(&all[i], "\r\n\r\nhello");
        close(fds[i]);
        buffer_release(&all[i]);
    }
    EXPECT_EQ(answered, (size_t)fake.started);
    EXPECT(server_wait_drained(server, PATIENCE_MS));
    fake_end(server);
}
