#include "unit.h"

#include <stdlib.h>

#include "provider/sse.h"

/* A stream and its events, written "name=data|name=data|"; what sse_finish gives is marked "+". */
static const struct {
    const char *what;
    struct text stream;
    const char *events;
} rows[] = {
    {"lf", TEXT_INIT("data: a\n\ndata: b\n\n"), "=a|=b|"},
    {"cr", TEXT_INIT("data: a\r\rdata: b\r\r"), "=a|=b|"},
    {"crlf", TEXT_INIT("data: a\r\n\r\ndata: b\r\n\r\n"), "=a|=b|"},
    {"mixed ends", TEXT_INIT("data: a\r\n\ndata: b\r\r\ndata: c\n\r"), "=a|=b|=c|"},
    {"no space after the colon", TEXT_INIT("data:{\"a\":1}\n\n"), "={\"a\":1}|"},
    {"only one space is dropped", TEXT_INIT("data:  a \n\n"), "= a |"},
    {"colons in the value", TEXT_INIT("data: a:b: c\n\n"), "=a:b: c|"},
    {"several data lines", TEXT_INIT("data: a\ndata:\ndata: b\n\n"), "=a\n\nb|"},
    {"a field without colon", TEXT_INIT("data\n\ndata\ndata\n\n"), "=|=\n|"},
    {"no data, no event", TEXT_INIT("event: x\n\n\n\ndata: a\n\n"), "=a|"},
    {"names", TEXT_INIT("event: ping\ndata: a\n\ndata: b\nevent:c\n\n"), "ping=a|c=b|"},
    {"the name message is no name", TEXT_INIT("event: message\ndata: a\n\n"), "=a|"},
    {"the last name counts", TEXT_INIT("event: x\nevent: y\ndata: a\n\n"), "y=a|"},
    {"comments", TEXT_INIT(": hi\n:\n\n:data: no\ndata: a\n: in between\n\n"), "=a|"},
    {"other fields", TEXT_INIT("id: 1\nretry: 5\ndatax: no\n data: no\ndata: a\n\n"), "=a|"},
    {"a byte order mark",
     TEXT_INIT("\xEF\xBB\xBF"
               "data: a\n\ndata: b\n\n"),
     "=a|=b|"},
    {"a second mark is part of the name",
     TEXT_INIT("\n\xEF\xBB\xBF"
               "data: a\n\ndata: b\n\n"),
     "=b|"},
    {"utf-8", TEXT_INIT("data: \xE2\x82\xAC\xF0\x9F\x98\x80\n\n"),
     "=\xE2\x82\xAC\xF0\x9F\x98\x80|"},
    {"a last event without empty line", TEXT_INIT("data: a\n\ndata: b\n"), "=a|+=b|"},
    {"a last line without end", TEXT_INIT("data: a\n\nevent: z\ndata: b"), "=a|+z=b|"},
    {"a last line that is a comment", TEXT_INIT("data: a\n\n: b"), "=a|"},
    {"nothing", TEXT_INIT(""), ""},
    {"empty lines", TEXT_INIT("\n\r\n\r\r\n"), ""},
    {"a NUL is a byte", TEXT_INIT("data: a\0b\n\n"), "=a\0b|"},
    {"the end mark", TEXT_INIT(": keep-alive\n\ndata: {}\n\ndata: [DONE]\n\n"), "={}|=[DONE]|"},
};

static void note(struct buffer *out, const struct wire_event *event)
{
    buffer_put(out, event->name);
    buffer_put_byte(out, '=');
    buffer_put(out, event->data);
    buffer_put_byte(out, '|');
}

static void feed(struct sse_reader *reader, struct text piece, struct buffer *out)
{
    struct error err = {0};
    struct wire_event event;

    while (sse_next(reader, &piece, &event, &err))
        note(out, &event);
    EXPECT_EQ(piece.len, 0);
    EXPECT_EQ(err.code, ERROR_NONE);
}

static void finish(struct sse_reader *reader, struct buffer *out)
{
    struct wire_event event;

    if (sse_finish(reader, &event)) {
        buffer_put_byte(out, '+');
        note(out, &event);
    }
    EXPECT(!sse_finish(reader, &event));
}

/* Reads the stream cut into three: at `first` and `second`. The pieces are copied to memory of just
 * their size, so that a byte read beyond one is seen. */
static struct text read_cut(struct text stream, size_t first, size_t second, struct arena *arena)
{
    struct sse_reader reader = {
        {.arena = arena}, {.arena = arena}, {.arena = arena}, 0, false, false, false, false};
    struct buffer out = buffer_in(arena);
    const size_t cuts[] = {0, first, second, stream.len};

    for (int i = 0; i < 3; i++) {
        size_t bytes = cuts[i + 1] - cuts[i];
        char *piece = malloc(bytes + !bytes);

        if (bytes > 0)
            memcpy(piece, stream.at + cuts[i], bytes);
        feed(&reader, (struct text){piece, bytes}, &out);
        free(piece);
    }
    finish(&reader, &out);
    return buffer_text(&out);
}

TEST(every_stream_gives_the_same_events_wherever_it_is_cut)
{
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct text stream = rows[row].stream;
        struct text expected = text_of(rows[row].events);

        if (strcmp(rows[row].what, "a NUL is a byte") == 0)
            expected.len = 5;
        for (size_t first = 0; first <= stream.len; first++)
            for (size_t second = first; second <= stream.len; second++) {
                struct arena arena = {0};
                struct text got = read_cut(stream, first, second, &arena);

                if (!text_equal(got, expected))
                    print_error("%s, cut at %zu and %zu: %.*s\n", rows[row].what, first, second,
                                TEXT_ARG(got));
                EXPECT(text_equal(got, expected));
                arena_release(&arena);
            }
    }
}

TEST(byte_by_byte_is_no_different)
{
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        struct arena arena = {0};
        struct sse_reader reader = {0};
        struct buffer out = buffer_in(&arena);
        struct text whole = read_cut(rows[row].stream, 0, 0, &arena);

        for (size_t i = 0; i < rows[row].stream.len; i++)
            feed(&reader, text_first(text_after(rows[row].stream, i), 1), &out);
        finish(&reader, &out);
        EXPECT(text_equal(buffer_text(&out), whole));
        buffer_release(&reader.line);
        buffer_release(&reader.data);
        buffer_release(&reader.name);
        arena_release(&arena);
    }
}

/* Whether a stream read in pieces of `step` bytes with room for eight fails as too long. */
static bool too_long(struct text stream, size_t step)
{
    struct arena arena = {0};
    struct sse_reader reader = {
        .line.arena = &arena, .data.arena = &arena, .name.arena = &arena, .event_bytes_max = 8};
    struct wire_event event;
    struct error err = {0};
    bool failed;

    for (size_t at = 0; at < stream.len; at += step) {
        struct text piece = text_first(text_after(stream, at), step);

        while (sse_next(&reader, &piece, &event, &err))
            EXPECT_EQ(err.code, ERROR_NONE);
    }
    failed = err.code == ERROR_UPSTREAM_TOO_LARGE;
    EXPECT_EQ(reader.failed, failed);
    EXPECT(!failed || !sse_finish(&reader, &event));
    arena_release(&arena);
    return failed;
}

TEST(an_event_beyond_its_bytes_fails_wherever_it_is_cut)
{
    static const struct {
        struct text stream;
        bool failed;
    } limits[] = {
        {TEXT_INIT("data:abc\n\n"), false},
        {TEXT_INIT("data:abcd\n\n"), true},
        {TEXT_INIT("data:abcd"), true},
        {TEXT_INIT("data:abc\ndata:def\n\n"), false}, /* abc LF def: 7 */
        {TEXT_INIT("data:abc\ndata:def\ndata:\n\n"), false},
        {TEXT_INIT("data:abc\ndata:def\ndata:g\n\n"), true},
        {TEXT_INIT("event:ab\ndata:abc\ndata:ab\n"), false},
        {TEXT_INIT("event:ab\ndata:abc\ndata:abc\n"), true},
        {TEXT_INIT(": a comment\n"), true},
        {TEXT_INIT("data:abc\n\ndata:abc\n\ndata:abc\n\n"), false},
    };

    for (size_t row = 0; row < sizeof limits / sizeof limits[0]; row++)
        for (size_t step = 1; step <= limits[row].stream.len; step++)
            EXPECT_EQ(too_long(limits[row].stream, step), limits[row].failed);
}

TEST(a_failed_reader_stays_failed)
{
    struct sse_reader reader = {.event_bytes_max = 4};
    struct text piece = TEXT("data: a\n\ndata: b\n\n");
    struct wire_event event;
    struct error err = {0};

    EXPECT(!sse_next(&reader, &piece, &event, &err));
    err.code = ERROR_NONE;
    piece = TEXT("d:\n");
    EXPECT(!sse_next(&reader, &piece, &event, &err));
    EXPECT_EQ(err.code, ERROR_UPSTREAM_TOO_LARGE);
    buffer_release(&reader.line);
    buffer_release(&reader.data);
    buffer_release(&reader.name);
}
