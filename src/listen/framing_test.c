/* Raw bytes over real sockets, each followed by a marker: a request that a stranger would smuggle.
 * What is refused hears 400, the connection ends, and the marker is never answered. */
#include "listen/fake.h"

#define HOST   "Host: a\r\n"
#define GET    "GET /first HTTP/1.1\r\n"
#define POST   "POST /first HTTP/1.1\r\n" HOST
#define TE     "Transfer-Encoding: chunked\r\n"
#define MARKER "GET /marker HTTP/1.1\r\n" HOST "\r\n"

struct framing_row {
    const char *what;
    struct text bytes;
    bool plain; /* the library's own refusal, in plain text: it comes before we can see anything */
};
#define RAW(what, bytes)                                                                           \
    {                                                                                              \
        what, TEXT_INIT(bytes MARKER), false                                                       \
    }
#define PLAIN(what, bytes)                                                                         \
    {                                                                                              \
        what, TEXT_INIT(bytes MARKER), true                                                        \
    }

static const struct framing_row refused[] = {
    // clang-format off
    RAW("length, then chunked", POST "Content-Length: 4\r\n" TE "\r\n0\r\n\r\n"),
    RAW("chunked, then length", POST TE "Content-Length: 4\r\n\r\n0\r\n\r\n"),
    RAW("two lengths, short first", POST "Content-Length: 0\r\nContent-Length: 58\r\n\r\n"),
    RAW("two lengths, long first", POST "Content-Length: 5\r\nContent-Length: 0\r\n\r\nhello"),
    RAW("two lengths alike", POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    RAW("a length in each case", POST "content-length: 5\r\nCONTENT-LENGTH: 6\r\n\r\nhello"),
    RAW("a list of lengths", POST "Content-Length: 5, 5\r\n\r\nhello"),
    RAW("a list without blanks", POST "Content-Length: 5,6\r\n\r\nhello"),
    RAW("a positive length", POST "Content-Length: +5\r\n\r\nhello"),
    RAW("a negative length", POST "Content-Length: -5\r\n\r\nhello"),
    RAW("a hexadecimal length", POST "Content-Length: 0x5\r\n\r\nhello"),
    RAW("a length with letters", POST "Content-Length: 5a\r\n\r\nhello"),
    RAW("a length with a blank inside", POST "Content-Length: 0 5\r\n\r\nhello"),
    RAW("a length with leading zeros", POST "Content-Length: 005\r\n\r\nhello"),
    RAW("an empty length", POST "Content-Length:\r\n\r\nhello"),
    RAW("a length over 64 bits", POST "Content-Length: 18446744073709551621\r\n\r\nhello"),
    RAW("a length of many digits", POST "Content-Length: 000000000000000000000000000005\r\n\r\nhello"),
    RAW("two codings", POST TE TE "\r\n0\r\n\r\n"),
    RAW("chunked, then another coding", POST TE "Transfer-Encoding: cow\r\n\r\n0\r\n\r\n"),
    RAW("another coding, then chunked", POST "Transfer-Encoding: cow\r\n" TE "\r\n0\r\n\r\n"),
    RAW("a list of codings", POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    RAW("chunked twice in a list", POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    RAW("the identity coding", POST "Transfer-Encoding: identity\r\n\r\n"),
    RAW("identity and a length", POST "Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n"),
    RAW("a coding in other letters", POST "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n"),
    RAW("a coding with something in front", POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    RAW("a coding with a parameter", POST "Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n"),
    RAW("an empty coding", POST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"),
    PLAIN("a coding behind a vertical tab", POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n"),
    RAW("chunked in HTTP/1.0", "POST /first HTTP/1.0\r\n" HOST "Connection: keep-alive\r\n" TE "\r\n0\r\n\r\n"),
    RAW("a bare feed behind the request line", "GET /first HTTP/1.1\n" HOST "\r\n"),
    RAW("a bare feed behind a header", GET "Host: a\n\r\n"),
    RAW("a bare feed as the last line", GET HOST "\n"),
    RAW("bare feeds everywhere", "GET /first HTTP/1.1\nHost: a\n\n"),
    RAW("a bare feed in front", "\n" GET HOST "\r\n"),
    PLAIN("a bare return in a value", GET HOST "x: a\rb\r\n\r\n"),
    RAW("a folded header", GET HOST "x: a\r\n b\r\n\r\n"),
    RAW("a header folded by a tab", GET HOST "x: a\r\n\tContent-Length: 58\r\n\r\n"),
    RAW("a folded length", POST "Content-Length: \r\n 5\r\n\r\nhello"),
    RAW("a folded coding", POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    PLAIN("a blank before the first header", GET " " HOST "\r\n"),
    PLAIN("a blank before the colon", POST "Content-Length : 5\r\n\r\nhello"),
    PLAIN("a tab before the colon", POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    PLAIN("no colon", GET HOST "nonsense\r\n\r\n"),
    PLAIN("no name", GET HOST ": a\r\n\r\n"),
    PLAIN("a NUL in a name", GET HOST "a\0b: c\r\n\r\n"),
    PLAIN("a NUL in a value", GET HOST "a: b\0c\r\n\r\n"),
    PLAIN("a control byte in a value", GET HOST "a: \x1b[0m\r\n\r\n"),
    RAW("no host", GET "\r\n"),
    RAW("two hosts", GET "Host: a\r\nHost: b\r\n\r\n"),
    RAW("two hosts alike", GET HOST HOST "\r\n"),
    RAW("an empty host", GET "Host:\r\n\r\n"),
    RAW("a host with a path", GET "Host: a/b\r\n\r\n"),
    RAW("a host with a user", GET "Host: a@b\r\n\r\n"),
    RAW("no host in HTTP/1.0", "GET /first HTTP/1.0\r\n\r\n"),
    RAW("an absolute target", "GET http://b/first HTTP/1.1\r\n" HOST "\r\n"),
    RAW("an authority as target", "CONNECT b:1 HTTP/1.1\r\n" HOST "\r\n"),
    RAW("an asterisk as target", "OPTIONS * HTTP/1.1\r\n" HOST "\r\n"),
    PLAIN("two blanks behind the method", "GET  /first HTTP/1.1\r\n" HOST "\r\n"),
    PLAIN("two blanks behind the target", "GET /first  HTTP/1.1\r\n" HOST "\r\n"),
    PLAIN("a blank inside the target", "GET /fi rst HTTP/1.1\r\n" HOST "\r\n"),
    PLAIN("a control byte in the target", "GET /fi\x01rst HTTP/1.1\r\n" HOST "\r\n"),
    RAW("bytes over 127 in the target", "GET /f\xc3\xbcrst HTTP/1.1\r\n" HOST "\r\n"),
    RAW("invalid UTF-8 in the target", "GET /f\xffrst HTTP/1.1\r\n" HOST "\r\n"),
    RAW("an encoded NUL in the target", "GET /first%00 HTTP/1.1\r\n" HOST "\r\n"),
    RAW("a fragment in the target", "GET /first#x HTTP/1.1\r\n" HOST "\r\n"),
    RAW("a method that is no token", "G@T /first HTTP/1.1\r\n" HOST "\r\n"),
    PLAIN("no version", "GET /first\r\n" HOST "\r\n"),
    RAW("a version that is not ours", "GET /first HTTP/1.9\r\n" HOST "\r\n"),
    PLAIN("HTTP/2 by name", "GET /first HTTP/2.0\r\n" HOST "\r\n"),
    PLAIN("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    PLAIN("no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    /* chunks: the library undoes them leniently, but nothing behind them is ever served */
    RAW("a chunk of no size", POST TE "\r\n\r\n0\r\n\r\n"),
    RAW("a chunk with a sign", POST TE "\r\n+5\r\nhello\r\n0\r\n\r\n"),
    RAW("a chunk in C notation", POST TE "\r\n0x5\r\nhello\r\n0\r\n\r\n"),
    RAW("a chunk with a blank in front", POST TE "\r\n 5\r\nhello\r\n0\r\n\r\n"),
    RAW("a chunk with an extension", POST TE "\r\n5;a=b\r\nhello\r\n0\r\n\r\n"),
    RAW("a chunk with a feed in its extension", POST TE "\r\n5;\n\r\nhel\r\n0\r\n\r\n"),
    RAW("a chunk that ends with a bare feed", POST TE "\r\n5\nhello\n0\n\n"),
    RAW("a chunk longer than it says", POST TE "\r\n3\r\nhello\r\n0\r\n\r\n"),
    RAW("a chunk over 64 bits", POST TE "\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"),
    RAW("a chunk with letters behind", POST TE "\r\n5g\r\nhello\r\n0\r\n\r\n"),
    RAW("a last chunk of many zeros", POST TE "\r\n5\r\nhello\r\n0000\r\n\r\n"),
    RAW("a trailer that says the length", POST TE "\r\n0\r\nContent-Length: 58\r\n\r\n"),
    RAW("chunks as they should be, and more behind them", POST TE "\r\n5\r\nhello\r\n0\r\n\r\n"),
    // clang-format on
};
_Static_assert(sizeof refused / sizeof refused[0] >= 60, "a list of at least sixty");

static bool is_refused(const struct framing_row *framing, struct buffer *all)
{
    bool right =
        heard_first(all, "HTTP/1.1 400 Bad Request\r\n") && heard_times(all, "HTTP/1.1 ") == 1 &&
        !heard(all, "/marker") && heard(all, "Connection: close\r\n") &&
        heard(all, framing->plain ? "\r\n\r\nBad Request" : "\"code\":\"invalid_request\"");

    if (!right)
        print_error("%s: heard %.*s\n", framing->what, (int)all->len, all->at);
    return right;
}

TEST(what_two_readers_could_read_differently_is_refused_and_nothing_behind_it_is_served)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    int wrong = 0;

    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct buffer all = ask(server, refused[i].bytes);

        wrong += !is_refused(&refused[i], &all);
        buffer_release(&all);
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(fake.started, 0);
    fake_end(server);
}

/* The verdict must not depend on how the bytes are cut into packets. */
TEST(what_is_refused_in_one_piece_is_refused_byte_by_byte)
{
    static const size_t some[] = {0, 3, 18, 31, 36, 55, 79};
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);

    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
        const struct framing_row *framing = &refused[some[i]];
        struct buffer all = {0};
        int fd = dial(server);

        for (size_t at = 0; at < framing->bytes.len; at++)
            say(fd, text_first(text_after(framing->bytes, at), 1));
        hear_end(fd, &all);
        EXPECT(!heard(&all, "/marker") && !heard(&all, "HTTP/1.1 200"));
        close(fd);
        buffer_release(&all);
    }
    fake_end(server);
}

TEST(a_chunked_request_is_served_and_ends_its_connection)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = ask(server, TEXT("POST /echo HTTP/1.1\r\n" HOST TE
                                         "\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"));

    EXPECT(heard_first(&all, "HTTP/1.1 200 OK\r\n") && heard(&all, "\r\n\r\nhello world"));
    EXPECT(heard(&all, "Connection: close\r\n"));
    buffer_release(&all);
    fake_end(server);
}

/* A request that is in order, pipelined in front of one that is not, is answered. */
TEST(a_refusal_ends_a_pipeline_where_it_stands)
{
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);
    struct buffer all = ask(server, TEXT("GET /one HTTP/1.1\r\n" HOST "\r\n"
                                         "GET /two HTTP/1.1\r\n\r\n" MARKER));

    EXPECT(heard(&all, "GET /one") && heard(&all, "HTTP/1.1 400 "));
    EXPECT(!heard(&all, "GET /two") && !heard(&all, "/marker"));
    buffer_release(&all);
    fake_end(server);
}

/* GET with a host and a wish to close, and `count` headers whose value has `value` bytes. */
static struct buffer head_of(size_t count, size_t value)
{
    struct buffer head = {0};

    buffer_put(&head, TEXT(GET HOST "Connection: close\r\n"));
    for (size_t i = 0; i < count; i++) {
        buffer_put(&head, TEXT("x: "));
        memset(buffer_reserve(&head, value), 'v', value);
        head.len += value;
        buffer_put(&head, TEXT("\r\n"));
    }
    buffer_put(&head, TEXT("\r\n"));
    return head;
}

TEST(heads_over_the_limits_hear_431_and_far_over_them_400)
{
    static const struct {
        size_t count, value;
        const char *verdict;
    } heads[] = {
        {62, 100, "HTTP/1.1 200 "},   {63, 1, "HTTP/1.1 431 "},    {98, 1, "HTTP/1.1 431 "},
        {1, 8192, "HTTP/1.1 200 "},   {1, 8193, "HTTP/1.1 431 "},  {4, 8100, "HTTP/1.1 200 "},
        {5, 8000, "HTTP/1.1 431 "},   {40, 8000, "HTTP/1.1 431 "}, {1000, 1, "HTTP/1.1 400 "},
        {2, 250000, "HTTP/1.1 400 "},
    };
    struct settings settings = fake_settings();
    struct server *server = fake_serve(&settings);

    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct buffer asked = head_of(heads[i].count, heads[i].value), all;

        buffer_put(&asked, TEXT(MARKER));
        all = ask(server, buffer_text(&asked));
        if (!heard_first(&all, heads[i].verdict))
            print_error("%zu headers of %zu bytes: %.*s\n", heads[i].count, heads[i].value,
                        (int)all.len, all.at);
        EXPECT(heard_first(&all, heads[i].verdict));
        EXPECT(!heard(&all, "/marker"));
        EXPECT(heard(&all, "\"code\":\"head_too_large\"") == (heads[i].verdict[10] == '3'));
        buffer_release(&asked);
        buffer_release(&all);
    }
    fake_end(server);
}
