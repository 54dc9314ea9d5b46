#include "provider/http_head.h"

#include "base/check.h"
#include "transport/http_reply.h"
#include "unit.h"

#include <stdio.h>

/* Reads a reply up to its head, `size` bytes at a time, and gives the head's fields as told. */
static struct http_head read_head(struct http_reply *reply, struct text bytes, size_t size)
{
    enum http_step step = HTTP_MORE;
    struct error err = {0};

    *reply = (struct http_reply){.head_bytes_max = 4096, .body_bytes_max = 100};
    while (step == HTTP_MORE && bytes.len > 0) {
        struct text input = text_first(bytes, size), run;

        bytes = text_after(bytes, size);
        step = http_reply_next(reply, &input, &run, &err);
    }
    EXPECT_EQ(step, HTTP_HEAD);
    return (struct http_head){.status = reply->status, .fields = buffer_text(&reply->fields)};
}

static void expect_fields(struct text bytes, const char *fields)
{
    for (size_t size = 1; size <= bytes.len; size++) {
        struct http_reply reply;
        struct http_head head = read_head(&reply, bytes, size);

        EXPECT_TEXT(head.fields, fields);
        http_reply_release(&reply);
    }
}

TEST(a_head_is_handed_on_without_cookies_and_what_concerns_the_connection)
{
    expect_fields(TEXT("HTTP/1.1 429 Slow\r\n"
                       "Content-Type: application/json; charset=utf-8\r\n"
                       "X-RateLimit-Reset-Tokens:\t6m0s \r\n"
                       "Set-Cookie: __cf_bm=abc; HttpOnly\r\n"
                       "Connection: keep-alive\r\n"
                       "Keep-Alive: timeout=5\r\n"
                       "Content-Encoding: identity\r\n"
                       "retry-after-ms: 1500\r\n"
                       "Retry-After: 2\r\n"
                       "Empty:\r\n"
                       "Content-Length: 0\r\n\r\n"),
                  "content-type:application/json; charset=utf-8\n"
                  "x-ratelimit-reset-tokens:6m0s\n"
                  "retry-after-ms:1500\n"
                  "retry-after:2\n"
                  "empty:\n");
    expect_fields(TEXT("HTTP/1.1 200 OK\r\n\r\n"), "");
}

TEST(what_an_interim_reply_said_is_not_handed_on)
{
    expect_fields(TEXT("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nX-Request-Id: early\r\n\r\n"
                       "HTTP/1.1 200 OK\r\nX-Request-Id: late\r\nContent-Length: 0\r\n\r\n"),
                  "x-request-id:late\n");
}

TEST(fields_are_taken_one_by_one_and_found_by_name)
{
    struct http_head head = {.fields = TEXT("via:1.1 a:80\nempty:\nvia:1.1 b\n")};
    struct text fields = head.fields, name, value;
    char told[128] = "";

    while (http_head_next(&fields, &name, &value))
        snprintf(told + strlen(told), sizeof told - strlen(told), "<%.*s|%.*s>", TEXT_ARG(name),
                 TEXT_ARG(value));
    EXPECT_STR(told, "<via|1.1 a:80><empty|><via|1.1 b>");
    EXPECT_TEXT(http_head_find(&head, TEXT("via")), "1.1 a:80");
    EXPECT_TEXT(http_head_find(&head, TEXT("empty")), "");
    EXPECT_TEXT(http_head_find(&head, TEXT("vi")), "");
}
