/* Answers on their way to clients that take them, that do not, and that leave. */
#include "listen/fake.h"

#define HOST "Host: a\r\n"

TEST(a_stream_comes_in_chunks_and_the_connection_goes_on)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = ask(server, TEXT("GET /stream HTTP/1.1\r\n" HOST "\r\n"
                                         "GET /x HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));

    EXPECT(heard(&all, "transfer-encoding: chunked\r\n"));
    EXPECT(heard(&all, "content-type: text/event-stream\r\n"));
    EXPECT(heard(&all, "8\r\npiece 3\n") && heard(&all, "piece 2\n"));
    EXPECT(heard(&all, "piece 1\n\r\n0\r\n\r\nHTTP/1.1 200 OK"));
    EXPECT(heard(&all, "GET /x"));
    EXPECT_EQ(fake.gone, 0);
    buffer_release(&all);
    fake_end(server);
}

TEST(a_stream_for_http_1_0_ends_with_its_connection)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all =
        ask(server, TEXT("GET /stream HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n\r\n"));

    EXPECT(heard(&all, "Connection: close\r\n") && !heard(&all, "chunked"));
    EXPECT(heard(&all, "\r\n\r\npiece 3\npiece 2\npiece 1\n"));
    EXPECT_EQ(fake.gone, 0);
    buffer_release(&all);
    fake_end(server);
}

TEST(the_head_of_a_stream_and_each_piece_are_sent_at_once)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = {0};
    int fd = dial(server);

    SAY(fd, "GET /trickle HTTP/1.1\r\n" HOST "\r\n");
    hear_until(fd, &all, "6\r\npiece\n\r\n");
    close(fd);
    AWAIT(fake.freed == 1);
    EXPECT_EQ(fake.gone, 1);
    buffer_release(&all);
    fake_end(server);
}

TEST(a_stream_that_was_cut_does_not_end_like_one_that_was_not)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = ask(server, TEXT("GET /broken HTTP/1.1\r\n" HOST "\r\n"
                                         "GET /x HTTP/1.1\r\n" HOST "\r\n"));
    int fd = dial(server);
    char byte;

    EXPECT(heard(&all, "piece 1\n"));
    EXPECT(!heard(&all, "0\r\n\r\n") && !heard(&all, "GET /x"));
    buffer_release(&all);
    /* Without chunks, only a reset can say it. */
    all = (struct buffer){0};
    SAY(fd, "GET /broken HTTP/1.0\r\n" HOST "\r\n");
    hear_until(fd, &all, "piece 1\n");
    EXPECT_EQ(recv(fd, &byte, 1, 0), -1);
    EXPECT_EQ(errno, ECONNRESET);
    close(fd);
    buffer_release(&all);
    fake_end(server);
}

/* -- clients that leave ----------------------------------------------------------------------- */

/* Asks for `path` and waits until the gateway has it. */
static int ask_for(struct server *server, const char *path, int receive_bytes)
{
    struct buffer asked = {0};
    int fd = dial_with(server, receive_bytes), before = fake.started;

    buffer_printf(&asked, "GET %s HTTP/1.1\r\n" HOST "\r\n", path);
    say(fd, buffer_text(&asked));
    buffer_release(&asked);
    AWAIT(fake.started == before + 1);
    return fd;
}

static void leave_by_reset(int fd)
{
    struct linger reset = {.l_onoff = 1};

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
}

static void leave_by_close(int fd)
{
    close(fd);
}

static void leave_in_half(int fd)
{
    struct buffer all = {0};

    shutdown(fd, SHUT_WR);
    hear_end(fd, &all);
    close(fd);
    buffer_release(&all);
}

TEST(a_client_that_leaves_in_any_way_and_phase_ends_its_request_at_once)
{
    static void (*const ways[])(int fd) = {leave_by_reset, leave_by_close, leave_in_half};
    static const char *const paths[] = {"/never", "/trickle", "/endless"};
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);

    for (size_t way = 0; way < 3; way++) {
        for (size_t path = 0; path < 3; path++) {
            int before = fake.freed, gone = fake.gone;
            uint64_t start_ms;
            int fd = ask_for(server, paths[path], 0);

            if (path == 2) /* until a send is blocked */
                AWAIT(fake.most_waiting > HTTP_HIGH_WATER);
            start_ms = clock_monotonic_ms();
            ways[way](fd);
            AWAIT(fake.freed == before + 1);
            EXPECT_EQ(fake.gone, gone + 1);
            EXPECT(clock_monotonic_ms() - start_ms < 1000);
        }
    }
    AWAIT(server_connections(server) == 0);
    fake_end(server);
}

TEST(a_client_that_leaves_with_its_request_is_not_served)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    int fd = ask_for(server, "/never", 0);

    /* The next request and the end arrive while the first is being answered. */
    SAY(fd, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    close(fd);
    AWAIT(fake.freed == 1);
    AWAIT(server_connections(server) == 0);
    EXPECT_EQ(fake.started, 1);
    EXPECT_EQ(fake.gone, 1);
    fake_end(server);
}

TEST(clients_that_are_killed_at_random_leave_nothing_behind)
{
    static const char *const paths[] = {"/never", "/trickle", "/endless",
                                        "/big",   "/later",   "/echo"};
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    unsigned seed = 7;
    int fds[32];

    for (int i = 0; i < 32; i++)
        fds[i] = -1;
    for (int round = 0; round < 1500; round++) {
        int at = rand_r(&seed) % 32;
        struct buffer asked = {0};

        if (fds[at] >= 0) {
            if (rand_r(&seed) % 2)
                leave_by_reset(fds[at]);
            else
                close(fds[at]);
        }
        fds[at] = dial(server);
        buffer_printf(&asked, "GET %s HTTP/1.1\r\n" HOST "\r\n", paths[rand_r(&seed) % 6]);
        say(fds[at], text_first(buffer_text(&asked),
                                rand_r(&seed) % 8 ? asked.len : (size_t)rand_r(&seed) % asked.len));
        buffer_release(&asked);
        if (round % 8 == 0)
            poll(NULL, 0, 1);
    }
    for (int i = 0; i < 32; i++)
        if (fds[i] >= 0)
            close(fds[i]);
    AWAIT(server_connections(server) == 0);
    EXPECT_EQ(fake.started, fake.freed);
    EXPECT(fake.started > 500);
    fake_end(server);
}

/* -- clients that do not read ----------------------------------------------------------------- */

TEST(an_endless_stream_to_a_client_that_does_not_read_is_held_and_then_dropped)
{
    struct settings settings = fake_settings();
    struct server *server;
    size_t written;
    int fd;

    settings.write_stall_ms = 300;
    server = fake_serve(&settings);
    fd = ask_for(server, "/endless", 4096);
    AWAIT(fake.freed == 1);
    written = fake.written;
    EXPECT_EQ(fake.gone, 1);
    EXPECT(fake.most_waiting <= HTTP_HIGH_WATER + PIECE_BYTES);
    /* What the kernel took: its own buffer for unsent bytes, and the client's. */
    EXPECT(written < 4 * UNSENT_BYTES_MAX);
    AWAIT(server_connections(server) == 0);
    close(fd);
    fake_end(server);
}

TEST(a_whole_answer_to_a_client_that_does_not_read_is_dropped)
{
    struct settings settings = fake_settings();
    struct server *server;
    int fd;

    settings.write_stall_ms = 300;
    server = fake_serve(&settings);
    fd = ask_for(server, "/big", 4096);
    AWAIT(fake.freed == 1);
    AWAIT(server_connections(server) == 0);
    close(fd);
    fake_end(server);
}

/* Sixteen times the limit in all, but never a pause as long as it. */
TEST(a_client_that_reads_slowly_but_steadily_gets_everything)
{
    struct settings settings = fake_settings();
    struct server *server;
    struct buffer all = {0};
    size_t body = 0;
    int fd;

    settings.write_stall_ms = 500;
    server = fake_serve(&settings);
    fd = ask_for(server, "/big", 65536);
    hear_until(fd, &all, "\r\n\r\n");
    body = all.len - text_find(buffer_text(&all), TEXT("\r\n\r\n")) - 4;
    for (int i = 0; body < BIG_BYTES; i++) {
        all.len = 0;
        EXPECT(hear(fd, &all));
        body += all.len;
        if (i % 8 == 0)
            poll(NULL, 0, 20);
    }
    EXPECT_EQ(body, BIG_BYTES);
    SAY(fd, "GET /x HTTP/1.1\r\n" HOST "\r\n");
    hear_until(fd, &all, "GET /x");
    close(fd);
    buffer_release(&all);
    fake_end(server);
}

TEST(a_stream_goes_on_when_a_client_reads_again)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = {0};
    size_t stopped_at, read = 0;
    int fd = ask_for(server, "/endless", 65536);

    AWAIT(fake.most_waiting > HTTP_HIGH_WATER);
    poll(NULL, 0, 50);
    stopped_at = fake.written;
    poll(NULL, 0, 50);
    EXPECT_EQ(fake.written, stopped_at);
    while (read < stopped_at + (4 << 20)) {
        all.len = 0;
        EXPECT(hear(fd, &all));
        read += all.len;
    }
    EXPECT(fake.written > stopped_at + (3 << 20));
    EXPECT(fake.drained > 0);
    EXPECT(fake.most_waiting <= HTTP_HIGH_WATER + PIECE_BYTES);
    close(fd);
    AWAIT(fake.freed == 1);
    buffer_release(&all);
    fake_end(server);
}
