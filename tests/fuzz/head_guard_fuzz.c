/* Whatever the bytes: a head that is taken says only what stands in it, and a stranger who reads it
 * by the letter of RFC 9112 finds the same end and the same body. */
#include "base/check.h"
#include "listen/head_guard.h"

#include <stdlib.h>

static void check_inside(struct text text, const char *bytes, const struct head *head)
{
    CHECK(text.len == 0 || (text.at >= bytes && text.at + text.len <= bytes + head->bytes));
}

static void check_line_ends(const char *bytes, const struct head *head)
{
    CHECK(head->bytes >= 4 && memcmp(bytes + head->bytes - 4, "\r\n\r\n", 4) == 0);
    for (size_t i = 0; i < head->bytes; i++) {
        unsigned char c = (unsigned char)bytes[i];

        CHECK(c >= ' ' || c == '\t' || c == '\r' || c == '\n');
        CHECK(c != 0x7f);
        if (c == '\n')
            CHECK(i > 0 && bytes[i - 1] == '\r');
        if (c == '\r')
            CHECK(bytes[i + 1] == '\n');
    }
}

static void check_headers(const char *bytes, const struct head *head)
{
    size_t hosts = 0, lengths = 0, codings = 0;

    for (size_t i = 0; i < head->header_count; i++) {
        const struct http_header *header = &head->headers[i];

        check_inside(header->name, bytes, head);
        check_inside(header->value, bytes, head);
        CHECK(header->name.len > 0 && header->value.len <= HEAD_VALUE_MAX);
        for (size_t at = 0; at < header->name.len; at++)
            CHECK(header->name.at[at] > ' ' &&
                  (header->name.at[at] < 'A' || header->name.at[at] > 'Z'));
        hosts += text_equal_nocase(header->name, TEXT("Host"));
        lengths += text_equal_nocase(header->name, TEXT("Content-Length"));
        codings += text_equal_nocase(header->name, TEXT("Transfer-Encoding"));
    }
    CHECK(hosts == 1 && lengths + codings <= 1);
    CHECK(head->has_length == (lengths == 1) && head->chunked == (codings == 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size ? size : 1);
    struct head head;
    struct error err = {0};

    CHECK(bytes != NULL);
    memcpy(bytes, data, size);
    if (head_read(bytes, size, &head, &err)) {
        CHECK(head.bytes <= HEAD_BYTES_MAX && head.header_count <= HEAD_HEADERS_MAX);
        CHECK(head.path.len > 0 && head.path.at[0] == '/');
        check_inside(head.method, bytes, &head);
        check_inside(head.target, bytes, &head);
        check_inside(head.query, bytes, &head);
        check_line_ends(bytes, &head);
        check_headers(bytes, &head);
    } else {
        CHECK(err.code == ERROR_INVALID_REQUEST || err.code == ERROR_HEAD_TOO_LARGE);
        CHECK(err.message[0] != '\0');
    }
    free(bytes);
    return 0;
}
