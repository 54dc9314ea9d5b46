#include "listen/head_guard.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#define HOST "Host: example.org\r\n"
#define GET  "GET /livez HTTP/1.1\r\n"
#define POST "POST /summarize HTTP/1.1\r\n" HOST

struct raw {
    const char *what;
    struct text bytes;
    const char *refused; /* where; NULL: taken */
};
#define RAW(what, bytes, refused)                                                                  \
    {                                                                                              \
        what, TEXT_INIT(bytes), refused                                                            \
    }

static const struct raw heads[] = {
    // clang-format off
    /* taken */
    RAW("a plain request", GET HOST "\r\n", NULL),
    RAW("a body by length", POST "Content-Length: 17\r\n\r\n", NULL),
    RAW("a body in chunks", POST "Transfer-Encoding: chunked\r\n\r\n", NULL),
    RAW("HTTP/1.0 with a host", "GET / HTTP/1.0\r\n" HOST "\r\n", NULL),
    RAW("one empty line in front", "\r\n" GET HOST "\r\n", NULL),
    RAW("names in any case", GET "hOsT: a\r\nCONTENT-LENGTH: 0\r\n\r\n", NULL),
    RAW("no blank behind the colon", GET "Host:a\r\n\r\n", NULL),
    RAW("tabs around a value", GET "Host:\t a\t \r\n\r\n", NULL),
    RAW("an empty value", GET HOST "x-empty:\r\n\r\n", NULL),
    RAW("a tab inside a value", GET HOST "x: a\tb\r\n\r\n", NULL),
    RAW("bytes over 127 in a value", GET HOST "x: gr\xc3\xbc\xc3\x9f\r\n\r\n", NULL),
    RAW("an address and port as host", GET "Host: [::1]:8080\r\n\r\n", NULL),
    RAW("a target with a query", "GET /a?b=c&d=%20 HTTP/1.1\r\n" HOST "\r\n", NULL),
    RAW("a target with dots", "GET /a/../b//c HTTP/1.1\r\n" HOST "\r\n", NULL),
    RAW("a length of zero", POST "Content-Length: 0\r\n\r\n", NULL),
    RAW("bytes behind the head", POST "Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\n", NULL),
    RAW("a header twice that frames nothing", GET HOST "Accept: a\r\nAccept: b\r\n\r\n", NULL),
    /* where the body ends */
    RAW("length, then chunked", POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer-encoding"),
    RAW("chunked, then length", POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "transfer-encoding"),
    RAW("two lengths", POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "content-length"),
    RAW("two lengths alike", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", "content-length"),
    RAW("two lengths in other cases", POST "content-length: 5\r\nCONTENT-LENGTH: 50\r\n\r\n", "content-length"),
    RAW("a list of lengths", POST "Content-Length: 5, 5\r\n\r\n", "content-length"),
    RAW("a list of lengths without blanks", POST "Content-Length: 5,6\r\n\r\n", "content-length"),
    RAW("a positive length", POST "Content-Length: +5\r\n\r\n", "content-length"),
    RAW("a negative length", POST "Content-Length: -5\r\n\r\n", "content-length"),
    RAW("a hexadecimal length", POST "Content-Length: 0x5\r\n\r\n", "content-length"),
    RAW("a length with letters behind", POST "Content-Length: 5a\r\n\r\n", "content-length"),
    RAW("a length with a blank inside", POST "Content-Length: 1 0\r\n\r\n", "content-length"),
    RAW("a length with leading zeros", POST "Content-Length: 005\r\n\r\n", "content-length"),
    RAW("a fractional length", POST "Content-Length: 5.0\r\n\r\n", "content-length"),
    RAW("a length with an exponent", POST "Content-Length: 1e1\r\n\r\n", "content-length"),
    RAW("a quoted length", POST "Content-Length: \"5\"\r\n\r\n", "content-length"),
    RAW("an empty length", POST "Content-Length:\r\n\r\n", "content-length"),
    RAW("a length over 64 bits", POST "Content-Length: 18446744073709551621\r\n\r\n", "content-length"),
    RAW("a length of many digits", POST "Content-Length: 100000000000000000000000000000005\r\n\r\n", "content-length"),
    RAW("two codings", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer-encoding"),
    RAW("two codings, one unknown", POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n\r\n", "transfer-encoding"),
    RAW("a list of codings", POST "Transfer-Encoding: gzip, chunked\r\n\r\n", "transfer-encoding"),
    RAW("chunked twice in a list", POST "Transfer-Encoding: chunked, chunked\r\n\r\n", "transfer-encoding"),
    RAW("the identity coding", POST "Transfer-Encoding: identity\r\n\r\n", "transfer-encoding"),
    RAW("a coding in other letters", POST "Transfer-Encoding: Chunked\r\n\r\n", "transfer-encoding"),
    RAW("a coding with something in front", POST "Transfer-Encoding: xchunked\r\n\r\n", "transfer-encoding"),
    RAW("a coding with a vertical tab", POST "Transfer-Encoding: \vchunked\r\n\r\n", "byte 64"),
    RAW("a coding with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n", "transfer-encoding"),
    RAW("a quoted coding", POST "Transfer-Encoding: \"chunked\"\r\n\r\n", "transfer-encoding"),
    RAW("an empty coding", POST "Transfer-Encoding:\r\n\r\n", "transfer-encoding"),
    RAW("chunked in HTTP/1.0", "POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", "transfer-encoding"),
    /* where a line ends */
    RAW("a bare feed behind the request line", "GET / HTTP/1.1\n" HOST "\r\n", "byte 14"),
    RAW("a bare feed behind a header", GET "Host: a\nx: y\r\n\r\n", "byte 28"),
    RAW("a bare feed as the last line", GET "Host: a\r\n\n", "byte 30"),
    RAW("a bare feed in front", "\n" GET HOST "\r\n", "byte 0"),
    RAW("two empty lines in front", "\r\n\r\n" GET HOST "\r\n", "byte 2"),
    RAW("a bare return inside a value", GET HOST "x: a\rb\r\n\r\n", "byte 44"),
    RAW("a bare return before the end of a line", GET HOST "x: a\r\r\n\r\n", "byte 44"),
    RAW("a bare return for the empty line", GET HOST "\rx: y\r\n\r\n", "byte 40"),
    RAW("a folded header", GET HOST "x: a\r\n b\r\n\r\n", "byte 46"),
    RAW("a header folded by a tab", GET HOST "x: a\r\n\tb\r\n\r\n", "byte 46"),
    RAW("a folded length", POST "Content-Length:\r\n 5\r\n\r\n", "content-length"),
    RAW("a folded coding", POST "Transfer-Encoding:\r\n chunked\r\n\r\n", "transfer-encoding"),
    RAW("a blank before the first header", GET " " HOST "\r\n", "byte 21"),
    RAW("a line of blanks", GET HOST "  \r\n\r\n", "byte 40"),
    RAW("a head without its end", GET HOST, "byte 40"),
    RAW("a head cut in a line", GET "Host: exa", "byte 30"),
    RAW("nothing at all", "", "byte 0"),
    /* names */
    RAW("a blank before the colon", GET "Host : a\r\n\r\n", "byte 25"),
    RAW("a tab before a length's colon", POST "Content-Length\t: 5\r\n\r\n", "byte 59"),
    RAW("no colon", GET HOST "nonsense\r\n\r\n", "byte 40"),
    RAW("no name", GET HOST ": a\r\n\r\n", "byte 40"),
    RAW("a bracket in a name", GET HOST "x[]: a\r\n\r\n", "byte 41"),
    RAW("a byte over 127 in a name", GET HOST "Content-L\xc3\xa4nge: 5\r\n\r\n", "byte 49"),
    RAW("a NUL in a name", GET HOST "Content\0-Length: 5\r\n\r\n", "byte 47"),
    RAW("a NUL in a value", GET HOST "x: a\0b\r\n\r\n", "byte 44"),
    RAW("an escape in a value", GET HOST "x: \x1b[0m\r\n\r\n", "byte 43"),
    RAW("a delete far behind in a value", GET HOST "x: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\x7f\r\n\r\n", "byte 71"),
    /* whom it is for */
    RAW("no host", GET "Accept: a\r\n\r\n", "host"),
    RAW("no headers", GET "\r\n", "host"),
    RAW("two hosts", GET "Host: a\r\nHost: b\r\n\r\n", "host"),
    RAW("two hosts alike", GET "Host: a\r\nhost: a\r\n\r\n", "host"),
    RAW("an empty host", GET "Host:\r\n\r\n", "host"),
    RAW("a host with a path", GET "Host: a/b\r\n\r\n", "host"),
    RAW("a host with a user", GET "Host: u@a\r\n\r\n", "host"),
    RAW("two hosts in one", GET "Host: a b\r\n\r\n", "host"),
    RAW("no host in HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", "host"),
    /* the request line */
    RAW("an absolute target", "GET http://a/ HTTP/1.1\r\n" HOST "\r\n", "byte 4"),
    RAW("an authority as target", "CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", "byte 8"),
    RAW("an asterisk as target", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "byte 8"),
    RAW("no target", "GET  HTTP/1.1\r\n" HOST "\r\n", "byte 4"),
    RAW("a method alone", "GET\r\n" HOST "\r\n", "byte 5"),
    RAW("two blanks behind the method", "GET  / HTTP/1.1\r\n" HOST "\r\n", "byte 4"),
    RAW("two blanks behind the target", "GET /  HTTP/1.1\r\n" HOST "\r\n", "byte 5"),
    RAW("a blank in front of the method", " GET / HTTP/1.1\r\n" HOST "\r\n", "byte 0"),
    RAW("a blank inside the target", "GET /a b HTTP/1.1\r\n" HOST "\r\n", "byte 6"),
    RAW("a tab inside the target", "GET /a\tb HTTP/1.1\r\n" HOST "\r\n", "byte 6"),
    RAW("a blank behind the version", "GET / HTTP/1.1 \r\n" HOST "\r\n", "byte 5"),
    RAW("a method that is no token", "G@T / HTTP/1.1\r\n" HOST "\r\n", "byte 1"),
    RAW("no version", "GET /\r\n" HOST "\r\n", "byte 5"),
    RAW("a version that is not ours", "GET / HTTP/1.2\r\n" HOST "\r\n", "byte 5"),
    RAW("the version in small letters", "GET / http/1.1\r\n" HOST "\r\n", "byte 5"),
    RAW("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "byte 4"),
    RAW("bytes over 127 in the target", "GET /\xc3\xbc HTTP/1.1\r\n" HOST "\r\n", "byte 5"),
    RAW("a fragment in the target", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", "byte 6"),
    RAW("an encoded NUL in the path", "GET /a%00b HTTP/1.1\r\n" HOST "\r\n", "byte 6"),
    RAW("an encoded NUL in the query", "GET /a?%00 HTTP/1.1\r\n" HOST "\r\n", "byte 7"),
    // clang-format on
};
_Static_assert(sizeof heads / sizeof heads[0] >= 60, "a list of at least sixty");

/* From memory that ends with the head, so that a byte read too much is seen. */
static bool read_copy(struct text bytes, struct head *head, struct error *err)
{
    char *copy = malloc(bytes.len ? bytes.len : 1);
    bool taken;

    memcpy(copy, bytes.at, bytes.len);
    taken = head_read(copy, bytes.len, head, err);
    free(copy);
    return taken;
}

TEST(every_raw_head_is_taken_or_refused_where_it_is_wrong)
{
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct head head;
        struct error err = {0};
        bool taken = read_copy(heads[i].bytes, &head, &err);
        bool right = heads[i].refused == NULL
                         ? taken
                         : !taken && err.code == ERROR_INVALID_REQUEST &&
                               strcmp(err.at, heads[i].refused) == 0 && err.message[0] != '\0';

        if (!right)
            print_error("%s: %s at '%s': %s\n", heads[i].what, taken ? "taken" : "refused", err.at,
                        err.message);
        EXPECT(right);
    }
}

TEST(every_taken_head_is_refused_when_it_is_cut_anywhere)
{
    for (size_t i = 0; i < sizeof heads / sizeof heads[0] && heads[i].refused == NULL; i++) {
        struct head head;
        struct error err;
        size_t whole;

        EXPECT(read_copy(heads[i].bytes, &head, &err));
        whole = head.bytes;
        for (size_t len = 0; len < whole; len++)
            EXPECT(!read_copy(text_first(heads[i].bytes, len), &head, &err));
        EXPECT(read_copy(text_first(heads[i].bytes, whole), &head, &err));
    }
}

TEST(what_a_head_says_is_found_in_it)
{
    char bytes[] = "POST /summarize?a=b?c HTTP/1.1\r\nHOST: example.org:80\r\n"
                   "Content-Length: 12345\r\nX-Two-Words: \t two  words \r\n\r\nbody";
    struct head head;
    struct error err;

    EXPECT(head_read(bytes, sizeof bytes - 1, &head, &err));
    EXPECT_TEXT(head.method, "POST");
    EXPECT_TEXT(head.target, "/summarize?a=b?c");
    EXPECT_TEXT(head.path, "/summarize");
    EXPECT_TEXT(head.query, "a=b?c");
    EXPECT_EQ(head.minor, 1);
    EXPECT(head.has_length && !head.chunked);
    EXPECT_EQ(head.content_length, 12345);
    EXPECT_EQ(head.bytes, sizeof bytes - 1 - strlen("body"));
    EXPECT_EQ(head.header_count, 3);
    EXPECT_TEXT(head.headers[0].name, "host");
    EXPECT_TEXT(head.headers[0].value, "example.org:80");
    EXPECT_TEXT(head.headers[2].name, "x-two-words");
    EXPECT_TEXT(head.headers[2].value, "two  words");
}

/* GET with a host, and `count` headers whose value has `value` bytes. */
static char *build(size_t count, size_t value, size_t *out_len)
{
    char *bytes = malloc(256 + count * (value + 16));
    size_t len = (size_t)sprintf(bytes, "%s", GET HOST);

    for (size_t i = 0; i < count; i++) {
        len += (size_t)sprintf(bytes + len, "x%zu: ", i);
        memset(bytes + len, 'v', value);
        len += value;
        len += (size_t)sprintf(bytes + len, "\r\n");
    }
    *out_len = len + (size_t)sprintf(bytes + len, "\r\n");
    return bytes;
}

static enum error_code verdict(size_t count, size_t value)
{
    size_t len;
    char *bytes = build(count, value, &len);
    struct head head;
    struct error err = {0};

    if (!head_read(bytes, len, &head, &err))
        EXPECT(err.code != ERROR_NONE);
    free(bytes);
    return err.code;
}

TEST(the_limits_hold_to_the_byte)
{
    EXPECT_EQ(verdict(HEAD_HEADERS_MAX - 1, 1), ERROR_NONE);
    EXPECT_EQ(verdict(HEAD_HEADERS_MAX, 1), ERROR_HEAD_TOO_LARGE);
    EXPECT_EQ(verdict(1, HEAD_VALUE_MAX), ERROR_NONE);
    EXPECT_EQ(verdict(1, HEAD_VALUE_MAX + 1), ERROR_HEAD_TOO_LARGE);
    /* GET, host and the empty line take 42 bytes, each of four headers six and its value. */
    EXPECT_EQ(verdict(4, (HEAD_BYTES_MAX - 42 - 24) / 4), ERROR_NONE);
    EXPECT_EQ(verdict(4, (HEAD_BYTES_MAX - 42 - 24) / 4 + 1), ERROR_HEAD_TOO_LARGE);
}

TEST(a_head_without_an_end_is_too_large_and_not_malformed)
{
    size_t len = HEAD_BYTES_MAX * 4;
    char *bytes = malloc(len);
    struct head head;
    struct error err = {0};

    memset(bytes, 'a', len);
    EXPECT(!head_read(bytes, len, &head, &err));
    EXPECT_EQ(err.code, ERROR_HEAD_TOO_LARGE);
    free(bytes);
}

TEST(long_methods_targets_and_names_are_too_large)
{
    static const struct {
        const char *before, *after;
        size_t most;
    } parts[] = {
        {"", " / HTTP/1.1\r\n" HOST "\r\n", HEAD_METHOD_MAX},
        {"GET /", " HTTP/1.1\r\n" HOST "\r\n", HEAD_TARGET_MAX - 1},
        {GET HOST, ": a\r\n\r\n", HEAD_NAME_MAX},
    };

    for (size_t i = 0; i < 3; i++) {
        for (size_t over = 0; over < 2; over++) {
            size_t from = strlen(parts[i].before), fill = parts[i].most + over;
            size_t len = from + fill + strlen(parts[i].after);
            char *bytes = malloc(len + 1);
            struct head head;
            struct error err = {0};

            strcpy(bytes, parts[i].before);
            memset(bytes + from, 'A', fill);
            strcpy(bytes + from + fill, parts[i].after);
            EXPECT(head_read(bytes, len, &head, &err) == !over);
            EXPECT_EQ(err.code, over ? ERROR_HEAD_TOO_LARGE : ERROR_NONE);
            free(bytes);
        }
    }
}

TEST(a_control_byte_is_found_wherever_it_stands)
{
    for (size_t at = 0; at < 40; at++) {
        for (int c = 0; c < 256; c++) {
            char bytes[128];
            size_t len = (size_t)sprintf(bytes, "%s", GET HOST "x: ");
            struct head head;
            struct error err = {0};
            bool control = (c < 0x20 && c != '\t') || c == 0x7f;

            memset(bytes + len, 'v', 40);
            bytes[len + at] = (char)c;
            len += 40;
            len += (size_t)sprintf(bytes + len, "\r\n\r\n");
            EXPECT(head_read(bytes, len, &head, &err) == !control);
        }
    }
}
