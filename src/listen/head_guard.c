/* One pass from line to line. A line ends with CR LF and nothing else, so a lone CR or LF, a NUL or
 * another control byte is found by looking at the bytes between two line ends; a folded line shows
 * as one that starts with a blank. What is left is: one request line, names that are tokens, and
 * the three headers that say where a request ends and whom it is for, each at most once. */
#include "listen/head_guard.h"

#include <stdio.h>
#include <string.h>

struct reader {
    char *start, *at, *end;
    bool cut; /* there are bytes behind `end`, but no head may reach that far */
    struct head *head;
    struct error *err;
    bool hosted;
};

/* Lower case of the characters of a token (RFC 9110 section 5.6.2); 0: not one of them. */
static const char token[256] = {
    // clang-format off
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
    ['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`', ['|'] = '|',
    ['~'] = '~', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5',
    ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
    ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f', ['G'] = 'g',
    ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l', ['M'] = 'm', ['N'] = 'n',
    ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's', ['T'] = 't', ['U'] = 'u',
    ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
    ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g',
    ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n',
    ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u',
    ['v'] = 'v', ['w'] = 'w', ['x'] = 'x', ['y'] = 'y', ['z'] = 'z',
    // clang-format on
};

static bool refuse_at(struct reader *reader, const char *at, const char *why)
{
    char where[32];

    /* An empty text points nowhere: then it is the end of what was read that is wrong. */
    snprintf(where, sizeof where, "byte %td", (at != NULL ? at : reader->at) - reader->start);
    return error_set(reader->err, ERROR_INVALID_REQUEST, where, "%s", why);
}

static bool refuse_header(struct reader *reader, struct text name, const char *why)
{
    char where[64];

    snprintf(where, sizeof where, "%.*s", TEXT_ARG(text_first(name, sizeof where - 1)));
    return error_set(reader->err, ERROR_INVALID_REQUEST, where, "%s", why);
}

static bool refuse_size(struct reader *reader, const char *what, size_t most, const char *unit)
{
    return error_set(reader->err, ERROR_HEAD_TOO_LARGE, NULL, "%s, at most %zu %s are taken", what,
                     most, unit);
}

/* The first control byte but for tabs, or NULL: eight bytes at a time as long as none is near. */
static const char *find_control(const char *at, const char *end)
{
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;

    while (at < end) {
        uint64_t word, low, delete;

        if (end - at >= 8) {
            memcpy(&word, at, 8);
            low = (word - ones * 0x20) & ~word & highs;
            delete = word ^ (ones * 0x7f);
            delete = (delete - ones) & ~delete &highs;
            if ((low | delete) == 0) {
                at += 8;
                continue;
            }
        }
        if (((unsigned char)*at < 0x20 && *at != '\t') || *at == 0x7f)
            return at;
        at++;
    }
    return NULL;
}

/* Takes the next line without its end. */
static bool read_line(struct reader *reader, struct text *out)
{
    char *from = reader->at;
    char *feed = memchr(from, '\n', (size_t)(reader->end - from));
    const char *control;

    if (feed == NULL) {
        if (reader->cut)
            return refuse_size(reader, "the head is too long", HEAD_BYTES_MAX, "bytes");
        return refuse_at(reader, reader->end, "the head ends without an empty line");
    }
    if (feed == from || feed[-1] != '\r')
        return refuse_at(reader, feed, "a line of the head ends with a bare line feed, not CR LF");
    *out = text_between(from, feed - 1);
    reader->at = feed + 1;
    control = find_control(from, feed - 1);
    if (control != NULL)
        return refuse_at(reader, control, "the head has a control character");
    return true;
}

static bool read_method(struct reader *reader, struct text *line)
{
    struct text method = text_split(line, ' ');

    if (method.len == 0)
        return refuse_at(reader, method.at, "the request line must start with a method");
    if (method.len > HEAD_METHOD_MAX)
        return refuse_size(reader, "the method is too long", HEAD_METHOD_MAX, "bytes");
    for (size_t i = 0; i < method.len; i++) {
        if (!token[(unsigned char)method.at[i]])
            return refuse_at(reader, method.at + i, "the method must be a token");
    }
    reader->head->method = method;
    return true;
}

/* Only the origin form (RFC 9112 section 3.2.1): other forms name an authority beside Host. */
static bool read_target(struct reader *reader, struct text *line)
{
    struct text target = text_split(line, ' ');
    size_t question;

    if (target.len == 0 || target.at[0] != '/')
        return refuse_at(reader, target.at, "the request target must start with '/'");
    if (target.len > HEAD_TARGET_MAX)
        return refuse_size(reader, "the request target is too long", HEAD_TARGET_MAX, "bytes");
    for (size_t i = 0; i < target.len; i++) {
        if (target.at[i] < '!' || target.at[i] > '~' || target.at[i] == '#')
            return refuse_at(reader, target.at + i,
                             "the request target has a byte that must be percent-encoded");
    }
    if (text_find(target, TEXT("%00")) < target.len)
        return refuse_at(reader, target.at + text_find(target, TEXT("%00")),
                         "the request target must not have an encoded NUL");
    question = text_find_byte(target, '?');
    reader->head->target = target;
    reader->head->path = text_first(target, question);
    reader->head->query = text_after(target, question + 1);
    return true;
}

static bool read_request_line(struct reader *reader)
{
    struct text line;

    if (!read_line(reader, &line))
        return false;
    /* RFC 9112 section 2.2: one empty line before a request is forgiven. */
    if (line.len == 0 && !read_line(reader, &line))
        return false;
    if (!read_method(reader, &line) || !read_target(reader, &line))
        return false;
    if (text_equal(line, TEXT("HTTP/1.1")))
        reader->head->minor = 1;
    else if (text_equal(line, TEXT("HTTP/1.0")))
        reader->head->minor = 0;
    else
        return refuse_at(reader, reader->head->target.at + reader->head->target.len,
                         "the request line must end with HTTP/1.0 or HTTP/1.1");
    return true;
}

/* Digits and nothing else: no sign, no list, no blanks, no leading zeros that another reader might
 * take for octal (RFC 9110 section 8.6). */
static bool take_length(struct reader *reader, struct text name, struct text value)
{
    if (reader->head->has_length)
        return refuse_header(reader, name, "'content-length' must not be given twice");
    if (value.len == 0 || value.len > 19 || (value.len > 1 && value.at[0] == '0') ||
        !text_to_u64(value, &reader->head->content_length))
        return refuse_header(reader, name, "'content-length' must be one decimal number");
    reader->head->has_length = true;
    return true;
}

static bool take_coding(struct reader *reader, struct text name, struct text value)
{
    if (reader->head->chunked)
        return refuse_header(reader, name, "'transfer-encoding' must not be given twice");
    if (!text_equal(value, TEXT("chunked")))
        return refuse_header(reader, name, "'transfer-encoding' must be exactly 'chunked'");
    if (reader->head->minor == 0)
        return refuse_header(reader, name, "HTTP/1.0 has no 'transfer-encoding'");
    reader->head->chunked = true;
    return true;
}

/* The characters of RFC 3986 section 3.2 without user information. */
static bool take_host(struct reader *reader, struct text name, struct text value)
{
    if (reader->hosted)
        return refuse_header(reader, name, "'host' must not be given twice");
    reader->hosted = true;
    if (value.len == 0)
        return refuse_header(reader, name, "'host' must not be empty");
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        bool letter = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');

        if (!letter && (c == '\0' || strchr("-._~%!$&'()*+,;=:[]", c) == NULL))
            return refuse_header(reader, name, "'host' must be a name or address with its port");
    }
    return true;
}

static bool take_framing(struct reader *reader, struct text name, struct text value)
{
    if (text_equal(name, TEXT("content-length")))
        return take_length(reader, name, value);
    if (text_equal(name, TEXT("transfer-encoding")))
        return take_coding(reader, name, value);
    if (text_equal(name, TEXT("host")))
        return take_host(reader, name, value);
    return true;
}

/* The blanks of a header line: spaces and tabs (RFC 9110 section 5.6.3). */
static struct text trim(struct text value)
{
    while (value.len > 0 && (value.at[0] == ' ' || value.at[0] == '\t'))
        value = text_after(value, 1);
    while (value.len > 0 && (value.at[value.len - 1] == ' ' || value.at[value.len - 1] == '\t'))
        value.len--;
    return value;
}

static bool read_name(struct reader *reader, struct text line, struct text *out_name)
{
    char *start = reader->start + (line.at - reader->start);
    size_t len = 0;

    if (*start == ' ' || *start == '\t')
        return refuse_at(reader, start, "a header must not be folded over lines");
    while (len < line.len && token[(unsigned char)start[len]]) {
        start[len] = token[(unsigned char)start[len]];
        len++;
    }
    *out_name = (struct text){start, len};
    if (len == line.len)
        return refuse_at(reader, start, "a header must have a colon behind its name");
    if (start[len] == ' ' || start[len] == '\t')
        return refuse_at(reader, start + len, "there must be no blank before a header's colon");
    if (start[len] != ':' || len == 0)
        return refuse_at(reader, start + len, "a header's name must be a token");
    if (len > HEAD_NAME_MAX)
        return refuse_size(reader, "a header's name is too long", HEAD_NAME_MAX, "bytes");
    return true;
}

static bool read_header(struct reader *reader, struct text line)
{
    struct head *head = reader->head;
    struct http_header header;

    if (!read_name(reader, line, &header.name))
        return false;
    if (head->header_count == HEAD_HEADERS_MAX)
        return refuse_size(reader, "there are too many headers", HEAD_HEADERS_MAX, "headers");
    header.value = trim(text_after(line, header.name.len + 1));
    if (header.value.len > HEAD_VALUE_MAX)
        return refuse_size(reader, "a header's value is too long", HEAD_VALUE_MAX, "bytes");
    head->headers[head->header_count++] = header;
    return take_framing(reader, header.name, header.value);
}

static bool check_framing(struct reader *reader)
{
    if (!reader->hosted)
        return error_set(reader->err, ERROR_INVALID_REQUEST, "host",
                         "the request must have exactly one 'host' header");
    if (reader->head->chunked && reader->head->has_length)
        return error_set(reader->err, ERROR_INVALID_REQUEST, "transfer-encoding",
                         "'transfer-encoding' and 'content-length' must not both be given");
    return true;
}

bool head_read(char *bytes, size_t len, struct head *out, struct error *err)
{
    bool cut = len > HEAD_BYTES_MAX;
    struct reader reader = {
        .start = bytes,
        .at = bytes,
        .end = bytes + (cut ? HEAD_BYTES_MAX : len),
        .cut = cut,
        .head = out,
        .err = err,
    };
    struct text line;

    memset(out, 0, offsetof(struct head, headers));
    if (!read_request_line(&reader))
        return false;
    for (;;) {
        if (!read_line(&reader, &line))
            return false;
        if (line.len == 0)
            break;
        if (!read_header(&reader, line))
            return false;
    }
    out->bytes = (size_t)(reader.at - bytes);
    return check_framing(&reader);
}
