#include "transport/http_reply.h"
#include "unit.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

enum { HEAD_MAX = 2048, BODY_MAX = 1000 };

/* Whatever a reply tells, in one line: "200 text/plain [hello] keep". */
struct transcript {
    struct buffer told;
    struct buffer body;
};

static void tell(struct transcript *out, const struct http_reply *reply, enum http_step step,
                 struct text piece, const struct error *err)
{
    switch (step) {
    case HTTP_HEAD:
        buffer_printf(&out->told, "%d %s", reply->status, reply->content_type);
        break;
    case HTTP_BODY:
        buffer_put(&out->body, piece);
        break;
    case HTTP_END:
        buffer_printf(&out->told, "[%.*s] %s", TEXT_ARG(buffer_text(&out->body)),
                      http_reply_reusable(reply) ? "keep" : "close");
        break;
    case HTTP_FAILED:
        buffer_printf(&out->told, "! %s: %s", error_row(err->code)->word, err->message);
        break;
    case HTTP_MORE:
        break;
    }
}

/* Reads `bytes` in pieces of at most first, then rest bytes each, and then the close. */
static void read_cut(struct text bytes, size_t first, size_t rest, struct transcript *out)
{
    struct http_reply reply = {.head_bytes_max = HEAD_MAX, .body_bytes_max = BODY_MAX};
    enum http_step step = HTTP_MORE;
    struct error err = {0};
    size_t size = first;

    while (bytes.len > 0 && step != HTTP_END && step != HTTP_FAILED) {
        /* A copy of exactly the piece, so that reading past it is seen. */
        char *copy = malloc(size ? size : 1);
        struct text piece = text_first(bytes, size), input, run;

        CHECK(copy != NULL);
        memcpy(copy, piece.at, piece.len);
        input = (struct text){copy, piece.len};
        bytes = text_after(bytes, piece.len);
        do {
            step = http_reply_next(&reply, &input, &run, &err);
            tell(out, &reply, step, run, &err);
        } while (step == HTTP_HEAD || step == HTTP_BODY);
        size = rest;
        free(copy);
    }
    if (step != HTTP_END && step != HTTP_FAILED) {
        step = http_reply_close(&reply, &err) ? HTTP_END : HTTP_FAILED;
        tell(out, &reply, step, (struct text){0}, &err);
    }
    http_reply_release(&reply);
}

static void expect_cut(struct text bytes, size_t first, size_t rest, const char *expected)
{
    struct transcript got = {0};

    read_cut(bytes, first, rest, &got);
    if (!text_equal(buffer_text(&got.told), text_of(expected)))
        print_error("cut at %zu, then every %zu:\n", first, rest);
    EXPECT_TEXT(buffer_text(&got.told), expected);
    buffer_release(&got.told);
    buffer_release(&got.body);
}

/* The same whatever the bytes are cut into. `once` tells replies followed by surplus bytes, which
 * are noticed only in the piece that also holds the end. */
static void expect(struct text bytes, const char *expected)
{
    for (size_t first = 1; first <= bytes.len; first++)
        expect_cut(bytes, first, bytes.len, expected);
    expect_cut(bytes, 1, 1, expected);
    expect_cut(bytes, 2, 3, expected);
}

#define OK                       "HTTP/1.1 200 OK\r\n"
#define EXPECT_READ(bytes, told) expect(TEXT(bytes), told)
#define PROTOCOL                 "! upstream_protocol: "

TEST(a_reply_with_a_length_is_read_and_keeps_its_connection)
{
    EXPECT_READ(OK "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
                "200 application/json[{}] keep");
    EXPECT_READ(OK "content-LENGTH:0\r\n\r\n", "200 [] keep");
    EXPECT_READ(OK "Content-Length: \t 0005 \t\r\n\r\nhello", "200 [hello] keep");
    EXPECT_READ("HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", "200 [x] keep");
    EXPECT_READ("HTTP/1.1 200 \r\nContent-Length: 1\r\n\r\nx", "200 [x] keep");
    EXPECT_READ("HTTP/1.1 404 Not \xc3\xa9 found\r\nContent-Length: 3\r\n\r\nno!",
                "404 [no!] keep");
}

TEST(a_content_type_is_given_without_its_parameters)
{
    EXPECT_READ(OK "Content-Type: text/event-stream; charset=utf-8\r\nContent-Length: 0\r\n\r\n",
                "200 text/event-stream[] keep");
    EXPECT_READ(OK "Content-Type:\r\nContent-Length: 0\r\n\r\n", "200 [] keep");
}

TEST(a_chunked_reply_is_read_without_its_framing)
{
    EXPECT_READ(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "200 [hello] keep");
    EXPECT_READ(OK "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", "200 [] keep");
    EXPECT_READ(OK "Transfer-Encoding: chunked\r\n\r\n"
                   "1\r\na\r\n0002\r\nbc\r\nA\r\n0123456789\r\n0\r\n\r\n",
                "200 [abc0123456789] keep");
}

TEST(chunk_extensions_and_trailers_are_dropped)
{
    EXPECT_READ(OK "Transfer-Encoding: chunked\r\n\r\n"
                   "3;name=\"va;lue\"\r\nabc\r\n2 ; x\r\nde\r\n1  \r\nf\r\n"
                   "0;last\r\nX-Sum: 1\r\nContent-Length: 99\r\n\r\n",
                "200 [abcdef] keep");
}

TEST(a_body_without_length_ends_with_the_connection)
{
    EXPECT_READ(OK "Content-Type: text/plain\r\n\r\nhello", "200 text/plain[hello] close");
    EXPECT_READ(OK "\r\n", "200 [] close");
}

TEST(a_reply_that_cannot_have_a_body_has_none)
{
    EXPECT_READ("HTTP/1.1 204 No Content\r\n\r\n", "204 [] keep");
    EXPECT_READ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 [] keep");
}

TEST(interim_replies_are_skipped)
{
    EXPECT_READ(
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nConnection: x\r\nRetry-After: 9\r\n\r\n" OK
        "Content-Length: 2\r\n\r\nhi",
        "200 [hi] keep");
}

TEST(a_flood_of_interim_replies_is_refused)
{
    struct buffer bytes = {0};

    for (int i = 0; i < 9; i++)
        buffer_put(&bytes, TEXT("HTTP/1.1 102 Processing\r\n\r\n"));
    buffer_put(&bytes, TEXT(OK "Content-Length: 0\r\n\r\n"));
    expect(buffer_text(&bytes), PROTOCOL "sent too many interim replies");
    buffer_release(&bytes);
    EXPECT_READ("HTTP/1.1 101 Switching Protocols\r\n\r\n",
                PROTOCOL "switched to another protocol unasked");
    EXPECT_READ("HTTP/1.1 103 Early Hints\r\nContent-Length: 3\r\n\r\n",
                PROTOCOL "sent an interim reply with a body");
}

TEST(a_connection_that_is_announced_to_close_is_not_kept)
{
    EXPECT_READ(OK "Connection: close\r\nContent-Length: 1\r\n\r\nx", "200 [x] close");
    EXPECT_READ(OK "Connection: x, Close\r\nContent-Length: 1\r\n\r\nx", "200 [x] close");
    EXPECT_READ(OK "Connection: keep-alive\r\nContent-Length: 1\r\n\r\nx", "200 [x] keep");
    EXPECT_READ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 [x] close");
}

TEST(doubtful_but_clear_replies_are_used_and_end_their_connection)
{
    EXPECT_READ("HTTP/1.1 200 OK\nContent-Length: 1\n\nx", "200 [x] close");
    EXPECT_READ(OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", "200 [x] close");
}

TEST(surplus_bytes_end_the_connection)
{
    static const struct text bytes =
        TEXT_INIT("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n\r\n");
    struct transcript whole = {0};

    read_cut(bytes, bytes.len, 1, &whole);
    EXPECT_TEXT(buffer_text(&whole.told), "200 [hi] close");
    buffer_release(&whole.told);
    buffer_release(&whole.body);
}

TEST(ambiguous_framing_is_refused)
{
    static const struct {
        struct text head;
        const char *told;
    } cases[] = {
        // clang-format off
        {TEXT_INIT("Content-Length: 1\r\nContent-Length: 2"), "sent two different Content-Length headers"},
        {TEXT_INIT("Content-Length: 1\r\nTransfer-Encoding: chunked"), "sent both Content-Length and Transfer-Encoding"},
        {TEXT_INIT("Transfer-Encoding: chunked\r\nContent-Length: 1"), "sent both Content-Length and Transfer-Encoding"},
        {TEXT_INIT("Content-Length: 1, 1"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Content-Length: +1"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Content-Length: -1"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Content-Length: 0x1"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Content-Length: 1 1"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Content-Length:"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Content-Length: 18446744073709551617"), "sent a Content-Length that is not one number"},
        {TEXT_INIT("Transfer-Encoding: gzip, chunked"), "sent a Transfer-Encoding other than 'chunked'"},
        {TEXT_INIT("Transfer-Encoding: identity"), "sent a Transfer-Encoding other than 'chunked'"},
        {TEXT_INIT("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), "sent a Transfer-Encoding other than 'chunked'"},
        {TEXT_INIT("Transfer-Encoding: xchunked"), "sent a Transfer-Encoding other than 'chunked'"},
        {TEXT_INIT("Content-Encoding: gzip"), "sent an encoded body although 'identity' was asked for"},
        {TEXT_INIT("Content-Length : 1"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("X: a\r\n b"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT(" X: a"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT(": a"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("nothing"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("X: a\rb"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("Content-Length: 1\r"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("X: a\0b"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("X\0: a"), "sent a header line that is not 'name: value'"},
        {TEXT_INIT("X\xc3\xa9: a"), "sent a header line that is not 'name: value'"},
        // clang-format on
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer bytes = {0};
        char told[160];

        buffer_put(&bytes, TEXT(OK));
        buffer_put(&bytes, cases[i].head);
        buffer_put(&bytes, TEXT("\r\n\r\nx"));
        snprintf(told, sizeof told, PROTOCOL "%s", cases[i].told);
        expect(buffer_text(&bytes), told);
        buffer_release(&bytes);
    }
}

TEST(what_is_not_http_is_refused)
{
    static const struct text lines[] = {
        TEXT_INIT("<html>\r\n"),           TEXT_INIT("\r\n"),
        TEXT_INIT("HTTP/2 200 OK\r\n"),    TEXT_INIT("HTTP/1.1 20 OK\r\n"),
        TEXT_INIT("HTTP/1.1 2000 OK\r\n"), TEXT_INIT("HTTP/1.1 099 OK\r\n"),
        TEXT_INIT("HTTP/1.1 600 OK\r\n"),  TEXT_INIT("HTTP/1.1  200 OK\r\n"),
        TEXT_INIT("HTTP/1.x 200 OK\r\n"),  TEXT_INIT("HTTP/1.1 200 O\0K\r\n"),
        TEXT_INIT("http/1.1 200 OK\r\n"),  TEXT_INIT("\x15\x03\x01\x00\x02\x02\n"),
    };

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect(lines[i], PROTOCOL "did not answer in HTTP/1.1");
}

#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

TEST(broken_chunks_are_refused)
{
#define NO_NUMBER "200 " PROTOCOL "sent a chunk size that is not a number"
    EXPECT_READ(CHUNKED "\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED "-1\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED " 1\r\na\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED "0x1\r\na\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED "1 1\r\na\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED "1;a\rb\r\na\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED "00000000000000001\r\na\r\n", NO_NUMBER);
    EXPECT_READ(CHUNKED "1\r\nab\r\n0\r\n\r\n",
                "200 " PROTOCOL "sent a chunk longer than announced");
    EXPECT_READ(CHUNKED "1\r\na0\r\n\r\n", "200 " PROTOCOL "sent a chunk longer than announced");
}

TEST(a_reply_that_is_cut_is_truncated_wherever_it_is_cut)
{
    static const struct text replies[] = {
        TEXT_INIT(OK "Content-Length: 5\r\n\r\nhello"),
        TEXT_INIT(CHUNKED "5\r\nhello\r\n0\r\nX: y\r\n\r\n"),
        TEXT_INIT("HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 1\r\n\r\nx"),
    };

    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        for (size_t len = 0; len < replies[i].len; len++) {
            struct transcript got = {0};
            struct text told;

            read_cut(text_first(replies[i], len), replies[i].len, 1, &got);
            told = buffer_text(&got.told);
            if (len == 0)
                EXPECT_TEXT(told, "! upstream_failed: closed the connection without a reply");
            else
                EXPECT(text_ends(told, TEXT("! upstream_truncated: closed the connection in the "
                                            "middle of its reply")));
            buffer_release(&got.told);
            buffer_release(&got.body);
        }
    }
}

TEST(a_head_is_read_up_to_its_limit_and_not_beyond)
{
    struct buffer bytes = {0};

    buffer_put(&bytes, TEXT(OK "Content-Length: 0\r\nX: "));
    while (bytes.len < HEAD_MAX - 4)
        buffer_put_byte(&bytes, 'x');
    buffer_put(&bytes, TEXT("\r\n\r\n"));
    EXPECT_EQ(bytes.len, HEAD_MAX);
    expect(buffer_text(&bytes), "200 [] keep");
    bytes.len -= 4;
    buffer_put(&bytes, TEXT("x\r\n\r\n"));
    expect(buffer_text(&bytes), "! upstream_too_large: sent a reply head that is too long");
    buffer_release(&bytes);
}

TEST(a_head_of_very_many_fields_is_refused)
{
    struct http_reply reply = {.head_bytes_max = 1 << 20, .body_bytes_max = 1};
    struct text input = TEXT(OK), run;
    struct error err;
    enum http_step step;

    EXPECT_EQ(http_reply_next(&reply, &input, &run, &err), HTTP_MORE);
    for (int i = 0; i < 256; i++) {
        input = TEXT("a:\r\n");
        EXPECT_EQ(http_reply_next(&reply, &input, &run, &err), HTTP_MORE);
    }
    input = TEXT("a:\r\n");
    step = http_reply_next(&reply, &input, &run, &err);
    EXPECT_EQ(step, HTTP_FAILED);
    EXPECT_EQ(err.code, ERROR_UPSTREAM_TOO_LARGE);
    http_reply_release(&reply);
}

TEST(a_body_over_its_limit_is_refused_before_it_is_read)
{
#define TOO_LARGE                                                                                  \
    "! upstream_too_large: sent a reply body longer than the 1000 bytes that are allowed"
    struct buffer bytes = {0};

    EXPECT_READ(OK "Content-Length: 1001\r\n\r\n", TOO_LARGE);
    EXPECT_READ(CHUNKED "3e9\r\n", "200 " TOO_LARGE);
    EXPECT_READ(CHUNKED "FFFFFFFFFFFFFFFF\r\n", "200 " TOO_LARGE);
    EXPECT_READ(CHUNKED "1\r\na\r\n3e8\r\n", "200 " TOO_LARGE);
    EXPECT_READ(CHUNKED "1\r\na\r\nFFFFFFFFFFFFFFFF\r\n", "200 " TOO_LARGE);

    buffer_put(&bytes, TEXT(OK "\r\n"));
    for (int i = 0; i < BODY_MAX + 1; i++)
        buffer_put_byte(&bytes, 'x');
    expect(buffer_text(&bytes), "200 " TOO_LARGE);
    buffer_release(&bytes);
}

TEST(chunk_lines_extensions_and_trailers_are_bounded)
{
    struct buffer bytes = {0};

    buffer_put(&bytes, TEXT(CHUNKED "1;"));
    for (int i = 0; i < 1100; i++)
        buffer_put_byte(&bytes, 'x');
    expect_cut(buffer_text(&bytes), 7, 100,
               "200 " PROTOCOL "sent a chunk size line that is too long");
    buffer_release(&bytes);

    buffer_put(&bytes, TEXT(CHUNKED));
    for (int i = 0; i < 20; i++) {
        buffer_put(&bytes, TEXT("1;"));
        for (int j = 0; j < 1000; j++)
            buffer_put_byte(&bytes, 'x');
        buffer_put(&bytes, TEXT("\r\na\r\n"));
    }
    expect_cut(buffer_text(&bytes), 7, 100, "200 " PROTOCOL "sent too many chunk extensions");
    buffer_release(&bytes);

    buffer_put(&bytes, TEXT(CHUNKED "0\r\n"));
    for (int i = 0; i < 300; i++)
        buffer_put(&bytes, TEXT("a: bcde\r\n"));
    expect_cut(buffer_text(&bytes), 7, 100,
               "200 ! upstream_too_large: sent trailers that are too long");
    buffer_release(&bytes);
}

TEST(how_long_an_idle_connection_is_kept_by_the_other_side_is_told)
{
    struct http_reply reply = {.head_bytes_max = HEAD_MAX, .body_bytes_max = BODY_MAX};
    struct text input = TEXT(OK "Keep-Alive: max=100, timeout=5\r\nContent-Length: 0\r\n\r\n"), run;
    struct error err;

    EXPECT_EQ(http_reply_next(&reply, &input, &run, &err), HTTP_HEAD);
    EXPECT_EQ(reply.keep_alive_s, 5);
    http_reply_release(&reply);
}
