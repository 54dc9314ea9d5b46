#include "base/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "unit.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

/* Everything that comes out of a descriptor until its other end is closed. */
static struct text read_all(int fd, struct buffer *out)
{
    ssize_t got;

    while ((got = read(fd, buffer_reserve(out, 65536), 65536)) > 0)
        out->len += (size_t)got;
    return buffer_text(out);
}

static void open_pipe(int pipe_fds[2])
{
    assert_int_equal(pipe(pipe_fds), 0);
}

TEST(lines_come_out_in_the_order_they_went_in)
{
    struct buffer out = {0}, expected = {0};
    struct log *log;
    int fds[2];

    open_pipe(fds);
    log = log_open(fds[1], 1 << 20);
    for (int i = 0; i < 1000; i++) {
        char line[32];

        buffer_printf(&expected, "line %d\n", i);
        EXPECT(
            log_line(log, (struct text){line, (size_t)snprintf(line, sizeof line, "line %d", i)}));
    }
    log_close(log);
    close(fds[1]);
    read_all(fds[0], &out);
    EXPECT(text_equal(buffer_text(&out), buffer_text(&expected)));
    close(fds[0]);
    buffer_release(&out);
    buffer_release(&expected);
}

/* Longer than what it is made of, so that what is queued at once is written in several pieces. */
static void shout(struct text line, struct buffer *out)
{
    buffer_printf(out, "%.*s! %0100d", TEXT_ARG(line), 0);
}

TEST(lines_are_written_as_the_form_of_the_log_makes_them)
{
    enum { LINES = 2000 };
    struct buffer out = {0}, expected = {0};
    struct log *log;
    int fds[2];

    open_pipe(fds);
    fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
    log = log_open(fds[1], 1 << 20);
    log_set_form(log, shout);
    for (int i = 0; i < LINES; i++) {
        char line[32];

        buffer_printf(&expected, "line %d! %0100d\n", i, 0);
        EXPECT(
            log_line(log, (struct text){line, (size_t)snprintf(line, sizeof line, "line %d", i)}));
    }
    log_close(log);
    close(fds[1]);
    read_all(fds[0], &out);
    EXPECT(text_equal(buffer_text(&out), buffer_text(&expected)));
    close(fds[0]);
    buffer_release(&out);
    buffer_release(&expected);
}

TEST(a_log_turns_to_another_file_without_losing_a_line)
{
    struct buffer before = {0}, behind = {0};
    struct log *log;
    int first[2], second[2];

    open_pipe(first);
    open_pipe(second);
    log = log_open(first[1], 1 << 20);
    log_line(log, TEXT("one"));
    EXPECT_EQ(read(first[0], buffer_reserve(&before, 16), 16), 4); /* it has been written */
    log_turn(log, second[1]);
    log_line(log, TEXT("two"));
    log_close(log);
    close(first[1]);
    EXPECT_EQ(read(first[0], buffer_reserve(&before, 16), 16), 0);
    read_all(second[0], &behind); /* the log has closed it */
    EXPECT(text_equal(buffer_text(&behind), TEXT("two\n")));
    close(first[0]);
    close(second[0]);
    buffer_release(&before);
    buffer_release(&behind);
}

TEST(what_is_less_than_the_level_is_not_written)
{
    struct buffer out = {0};
    struct log *log;
    int fds[2];

    open_pipe(fds);
    log = log_open(fds[1], 1 << 20);
    EXPECT(log_wants(log, LOG_INFO) && !log_wants(log, LOG_DEBUG) && !log_wants(NULL, LOG_ERROR));
    log_set_level(log, LOG_WARN);
    log_event(log, LOG_INFO, "start", "quiet", NULL);
    log_event(log, LOG_WARN, "start", "loud", NULL);
    log_close(log);
    close(fds[1]);
    EXPECT(text_find(read_all(fds[0], &out), TEXT("quiet")) == out.len);
    EXPECT(text_find(buffer_text(&out), TEXT("loud")) < out.len);
    close(fds[0]);
    buffer_release(&out);
}

struct crowd {
    struct log *log;
    _Atomic uint64_t taken;
};

static void *log_many(void *pointer)
{
    struct crowd *crowd = pointer;

    for (int i = 0; i < 2000; i++)
        crowd->taken += log_line(crowd->log, TEXT("a line of thirty-two bytes, whole"));
    return NULL;
}

struct reader {
    int fd;
    struct buffer out;
};

static void *drain(void *pointer)
{
    struct reader *reader = pointer;

    read_all(reader->fd, &reader->out);
    return NULL;
}

/* The queue is small, so that lines are dropped: those that were taken come out whole, the others
 * are counted. */
TEST(lines_of_many_threads_are_whole_and_none_is_lost_uncounted)
{
    struct crowd crowd = {0};
    struct reader reader = {0};
    struct text rest;
    pthread_t writers[4], draining;
    uint64_t lines = 0;
    int fds[2];

    open_pipe(fds);
    reader.fd = fds[0];
    crowd.log = log_open(fds[1], 8192);
    pthread_create(&draining, NULL, drain, &reader);
    for (int i = 0; i < 4; i++)
        pthread_create(&writers[i], NULL, log_many, &crowd);
    for (int i = 0; i < 4; i++)
        pthread_join(writers[i], NULL);
    EXPECT_EQ(crowd.taken + log_dropped(crowd.log), 8000);
    log_close(crowd.log);
    close(fds[1]);
    pthread_join(draining, NULL);
    for (rest = buffer_text(&reader.out); rest.len > 0; lines++)
        EXPECT_TEXT(text_split(&rest, '\n'), "a line of thirty-two bytes, whole");
    EXPECT_EQ(lines, crowd.taken);
    close(fds[0]);
    buffer_release(&reader.out);
}

/* Nobody reads this pipe, which holds 64 KiB. Each line takes microseconds all the same. */
TEST(a_sink_that_is_not_read_holds_nobody_up)
{
    char line[1000];
    struct log *log;
    uint64_t start_us = clock_monotonic_us(), taken = 0;
    int fds[2];

    memset(line, 'x', sizeof line);
    open_pipe(fds);
    log = log_open(fds[1], 256 * 1024);
    for (int i = 0; i < 100000; i++)
        taken += log_line(log, (struct text){line, sizeof line});
    EXPECT(clock_monotonic_us() - start_us < 3000000);
    EXPECT(taken >= 120 && taken <= 400);
    EXPECT_EQ(log_dropped(log), 100000 - taken);
    start_us = clock_monotonic_us();
    log_close(log);
    EXPECT(clock_monotonic_us() - start_us >= 900000); /* a second for it to change its mind */
    EXPECT(clock_monotonic_us() - start_us < 3000000);
    close(fds[0]);
    close(fds[1]);
}

TEST(a_sink_that_is_gone_costs_its_lines_and_nothing_else)
{
    struct log *log;
    int fds[2];

    open_pipe(fds);
    close(fds[0]); /* writing to it would be SIGPIPE */
    log = log_open(fds[1], 65536);
    for (int i = 0; i < 100; i++)
        log_line(log, TEXT("to nobody"));
    for (int i = 0; i < 1000 && log_dropped(log) < 100; i++)
        poll(NULL, 0, 10);
    EXPECT_EQ(log_dropped(log), 100);
    log_close(log);
    close(fds[1]);
}

/* A file that may have 1,000 bytes stands for a full disk. The line that was torn there is ended
 * once there is room, and those that follow are whole. */
TEST(a_line_torn_by_a_full_disk_spoils_no_other)
{
    struct rlimit before, small = {1000, RLIM_INFINITY};
    char path[] = "/tmp/log_test.XXXXXX", line[600];
    int fd = mkstemp(path);
    struct buffer out = {0};
    struct text rest;
    struct log *log;

    memset(line, 'y', sizeof line);
    getrlimit(RLIMIT_FSIZE, &before);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    log = log_open(fd, 65536);
    log_line(log, (struct text){line, sizeof line});
    log_line(log, (struct text){line, sizeof line});
    for (int i = 0; i < 1000 && log_dropped(log) < 1; i++)
        poll(NULL, 0, 10);
    EXPECT_EQ(log_dropped(log), 1);
    setrlimit(RLIMIT_FSIZE, &before);
    log_line(log, TEXT("whole again"));
    log_close(log);
    lseek(fd, 0, SEEK_SET);
    rest = read_all(fd, &out);
    EXPECT_EQ(text_split(&rest, '\n').len, 600);
    EXPECT_EQ(text_split(&rest, '\n').len, 399);
    EXPECT_TEXT(text_split(&rest, '\n'), "whole again");
    EXPECT_EQ(rest.len, 0);
    close(fd);
    unlink(path);
    buffer_release(&out);
}

TEST(a_line_longer_than_the_queue_is_dropped_and_one_longer_than_a_write_is_not)
{
    static char line[100000];
    struct buffer out = {0};
    struct log *log;
    int fds[2];

    memset(line, 'z', sizeof line);
    open_pipe(fds);
    log = log_open(fds[1], 100000);
    EXPECT(!log_line(log, (struct text){line, 50000})); /* the end of line does not fit */
    EXPECT(log_line(log, (struct text){line, 49999}));
    EXPECT_EQ(log_dropped(log), 1);
    log_close(log);
    close(fds[1]);
    EXPECT_EQ(read_all(fds[0], &out).len, 50000);
    close(fds[0]);
    buffer_release(&out);
}

TEST(without_a_log_nothing_happens)
{
    EXPECT(!log_line(NULL, TEXT("x")));
    log_event(NULL, LOG_INFO, "start", "hello", NULL);
    EXPECT_EQ(log_dropped(NULL), 0);
    log_close(NULL);
}

/* What log_event writes behind the time, which is checked for its form. */
static void expect_event(const char *value, const char *written)
{
    struct buffer out = {0}, expected = {0};
    struct text line;
    struct log *log;
    int64_t wall_ms;
    int fds[2];

    open_pipe(fds);
    log = log_open(fds[1], 65536);
    log_event(log, LOG_WARN, "reload", "kept the old one", "why", value, "n", "1", NULL);
    log_close(log);
    close(fds[1]);
    line = read_all(fds[0], &out);
    EXPECT_TEXT(text_first(line, 7), "{\"ts\":\"");
    EXPECT(clock_parse_rfc3339(text_first(text_after(line, 7), CLOCK_RFC3339_BYTES), &wall_ms));
    buffer_printf(&expected,
                  "\",\"level\":\"warn\",\"event\":\"reload\",\"msg\":\"kept the old one\","
                  "\"why\":%s,\"n\":\"1\"}\n",
                  written);
    line = text_after(line, 7 + CLOCK_RFC3339_BYTES);
    if (!text_equal(line, buffer_text(&expected)))
        fail_msg("expected %.*sgot %.*s", TEXT_ARG(buffer_text(&expected)), TEXT_ARG(line));
    close(fds[0]);
    buffer_release(&out);
    buffer_release(&expected);
}

TEST(an_event_is_one_line_of_json_whatever_its_values)
{
    expect_event("plain", "\"plain\"");
    expect_event("", "\"\"");
    expect_event("a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"");
    expect_event("one\ntwo\r\t\x1b[31m\x7f", "\"one\\ntwo\\u000d\\u0009\\u001b[31m\\u007f\"");
    expect_event("gr\xC3\xBC\xC3\x9F \xF0\x9D\x92\xB3", "\"gr\xC3\xBC\xC3\x9F \xF0\x9D\x92\xB3\"");
    expect_event("\xC2\x9B\x31m", "\"\\u009b1m\"");
}

TEST(bytes_that_are_no_utf_8_are_replaced)
{
#define BAD "\xEF\xBF\xBD"
    expect_event("a\xFF"
                 "b",
                 "\"a" BAD "b\"");
    expect_event("\xC3", "\"" BAD "\"");
    expect_event("\xC0\xAF", "\"" BAD BAD "\"");                 /* overlong */
    expect_event("\xED\xA0\x80", "\"" BAD BAD BAD "\"");         /* a surrogate */
    expect_event("\xF4\x90\x80\x80", "\"" BAD BAD BAD BAD "\""); /* beyond U+10FFFF */
    expect_event("\xE2\x82"
                 "x",
                 "\"" BAD BAD "x\"");
}

TEST(a_long_value_is_cut_at_a_code_point)
{
    struct buffer value = {0}, written = {0};

    for (int i = 0; i < 3000; i++)
        buffer_put(&value, TEXT("\xC3\xA9"));
    buffer_put_byte(&value, '\0');
    buffer_put_byte(&written, '"');
    for (int i = 0; i < 2048; i++)
        buffer_put(&written, TEXT("\xC3\xA9"));
    buffer_put(&written, TEXT("\xE2\x80\xA6\""));
    buffer_put_byte(&written, '\0');
    expect_event(value.at, written.at);
    buffer_release(&value);
    buffer_release(&written);
}

struct watcher {
    struct buffer events;
    int lines;
};

static bool is_wanted(void *context, enum log_level level, const char *event)
{
    (void)context;
    return level == LOG_INFO && strcmp(event, "breaker") == 0;
}

static void keep_event(void *context, const char *event, struct text line)
{
    struct watcher *watcher = context;

    watcher->lines++;
    EXPECT(text_starts(line, TEXT("{\"ts\":\"")) && text_ends(line, TEXT("\"}")));
    buffer_put(&watcher->events, text_of(event));
}

TEST(an_observer_is_told_of_the_events_it_wants_whatever_the_level_of_lines_until_it_goes)
{
    struct watcher watcher = {0};
    const struct log_observer observer = {is_wanted, keep_event, &watcher};
    struct buffer out = {0};
    struct log *log;
    int fds[2];

    open_pipe(fds);
    log = log_open(fds[1], 1 << 20);
    log_set_level(log, LOG_ERROR);
    log_event(log, LOG_INFO, "breaker", "before", NULL);
    log_observe(log, &observer);
    log_event(log, LOG_INFO, "breaker", "a target answers again", "provider", "p", NULL);
    log_event(log, LOG_WARN, "breaker", "another level", NULL);
    log_event(log, LOG_INFO, "start", "another event", NULL);
    log_observe(log, NULL);
    log_event(log, LOG_INFO, "breaker", "after", NULL);
    log_close(log);
    close(fds[1]);
    EXPECT_EQ(watcher.lines, 1);
    EXPECT_TEXT(buffer_text(&watcher.events), "breaker");
    EXPECT_EQ(read_all(fds[0], &out).len, 0);
    close(fds[0]);
    buffer_release(&out);
    buffer_release(&watcher.events);
}
