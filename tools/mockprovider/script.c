/* Bodies first, then heads, then where to stop: whole replies have one stop, streams one for each
 * event with content, dripping ones a stop for every byte; a break shortens the bytes. */
#include "script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLY_FILE_MAX = 64 << 20 };

struct bytes {
    char *at;
    size_t len;
    size_t room;
};

static const char filler[] = "the quick brown fox jumps over the lazy dog ";

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "mockprovider: %s: %s\n", what, why);
    exit(2);
}

static void put(struct bytes *bytes, const char *at, size_t len)
{
    if (bytes->room - bytes->len < len) {
        bytes->room = (bytes->len + len) * 2;
        bytes->at = realloc(bytes->at, bytes->room);
        if (bytes->at == NULL)
            fail("memory", "there is none left");
    }
    if (len > 0)
        memcpy(bytes->at + bytes->len, at, len);
    bytes->len += len;
}

static void put_text(struct bytes *bytes, const char *text)
{
    put(bytes, text, strlen(text));
}

static void put_format(struct bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void put_format(struct bytes *bytes, const char *format, ...)
{
    char text[128];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_text(bytes, text);
}

/* As the inside of a JSON string, RFC 8259 section 7. */
static void put_escaped(struct bytes *bytes, const char *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char escape[8];

        if ((unsigned char)at[i] >= 0x20 && at[i] != '"' && at[i] != '\\') {
            put(bytes, at + i, 1);
            continue;
        }
        snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(unsigned char)at[i]);
        put_text(bytes, escape);
    }
}

static void put_usage(struct bytes *bytes, size_t completion)
{
    put_format(bytes, "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":%zu,", completion);
    put_format(bytes, "\"total_tokens\":%zu}", completion + 20);
}

static struct bytes completion_body(const struct options *options)
{
    struct bytes body = {0};

    put_text(&body,
             "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":1700000000,"
             "\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
             "\"assistant\",\"content\":\"");
    put_escaped(&body, options->content, strlen(options->content));
    put_text(&body, "\"},\"finish_reason\":\"stop\"}],");
    put_usage(&body, strlen(options->content) / 4 + 1);
    put_text(&body, "}");
    return body;
}

static struct bytes error_body(void)
{
    struct bytes body = {0};

    put_text(&body, "{\"error\":{\"message\":\"the mock was told to fail\",\"type\":\"mock_error\","
                    "\"param\":null,\"code\":\"mock\"}}");
    return body;
}

static struct bytes file_body(const char *path)
{
    struct bytes body = {0};
    FILE *file = fopen(path, "rb");
    char part[65536];
    size_t len;

    if (file == NULL)
        fail(path, "cannot be opened");
    while ((len = fread(part, 1, sizeof part, file)) > 0) {
        put(&body, part, len);
        if (body.len > REPLY_FILE_MAX)
            fail(path, "is larger than 64 MiB");
    }
    if (ferror(file))
        fail(path, "cannot be read");
    fclose(file);
    return body;
}

static void put_head(struct bytes *out, const struct options *options, const char *type)
{
    put_format(out, "HTTP/1.1 %u Mock\r\n", options->status);
    put_text(out, "Content-Type: ");
    put_text(out, type);
    put_text(out, "\r\nServer: mockprovider\r\n");
    if (options->status >= 400 && options->retry_after_s > 0)
        put_format(out, "Retry-After: %u\r\n", options->retry_after_s);
}

static void add_stop(struct reply *reply, size_t at)
{
    reply->stops = realloc(reply->stops, (reply->stop_count + 1) * sizeof *reply->stops);
    if (reply->stops == NULL)
        fail("memory", "there is none left");
    reply->stops[reply->stop_count++] = at;
}

/* Lets --break-after and --drip work on a finished reply. */
static void distort(struct reply *reply, const struct options *options, size_t head_bytes)
{
    if (options->breaking && options->break_after < reply->len - head_bytes) {
        reply->len = head_bytes + (size_t)options->break_after;
        reply->resets = true;
        while (reply->stop_count > 1 && reply->stops[reply->stop_count - 2] >= reply->len)
            reply->stop_count--;
        reply->stops[reply->stop_count - 1] = reply->len;
    }
    if (!options->dripping)
        return;
    reply->stop_count = 0;
    reply->interval_ms = 1;
    for (size_t at = 1; at <= reply->len; at++)
        add_stop(reply, at);
}

static struct reply plain_reply(const struct options *options, struct bytes body)
{
    struct bytes out = {0};
    struct reply reply = {0};

    put_head(&out, options, "application/json");
    put_format(&out, "Content-Length: %zu\r\n\r\n", body.len);
    put(&out, body.at, body.len);
    reply.bytes = out.at;
    reply.len = out.len;
    add_stop(&reply, out.len);
    distort(&reply, options, out.len - body.len);
    return reply;
}

/* One event in one chunk of chunked coding, RFC 9112 section 7.1. */
static void put_event(struct bytes *out, const struct bytes *event)
{
    put_format(out, "%zx\r\n", event->len + 8);
    put_text(out, "data: ");
    put(out, event->at, event->len);
    put_text(out, "\n\n\r\n");
}

static void put_delta(struct bytes *out, struct bytes *event, const char *at, size_t len)
{
    event->len = 0;
    put_text(event, "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":"
                    "1700000000,\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":{");
    if (at == NULL)
        put_text(event, "\"role\":\"assistant\",\"content\":\"");
    else
        put_text(event, "\"content\":\"");
    put_escaped(event, at, len);
    put_text(event, "\"},\"finish_reason\":null}]}");
    put_event(out, event);
}

static void put_end(struct bytes *out, struct bytes *event, size_t completion)
{
    event->len = 0;
    put_text(event, "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":"
                    "1700000000,\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":{},"
                    "\"finish_reason\":\"stop\"}],");
    put_usage(event, completion);
    put_text(event, "}");
    put_event(out, event);
    put_text(out, "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
}

/* The text of event `i`: its part of the content, never inside a character, or filler. */
static size_t part_end(const struct options *options, size_t i)
{
    size_t len = strlen(options->content), end = len * (i + 1) / options->chunks;

    while (end < len && ((unsigned char)options->content[end] & 0xc0) == 0x80)
        end++;
    return end;
}

static void put_part(struct bytes *out, struct bytes *event, const struct options *options,
                     size_t i)
{
    size_t start = i > 0 ? part_end(options, i - 1) : 0;
    char part[CHUNK_BYTES_MAX];

    if (options->chunk_bytes == 0) {
        put_delta(out, event, options->content + start, part_end(options, i) - start);
        return;
    }
    for (size_t at = 0; at < options->chunk_bytes; at++)
        part[at] = filler[(i * options->chunk_bytes + at) % (sizeof filler - 1)];
    put_delta(out, event, part, options->chunk_bytes);
}

static struct reply stream_reply(const struct options *options)
{
    struct bytes out = {0}, event = {0};
    struct reply reply = {.interval_ms = options->chunk_interval_ms};
    size_t head_bytes;

    put_head(&out, options, "text/event-stream; charset=utf-8");
    put_text(&out, "Transfer-Encoding: chunked\r\n\r\n");
    head_bytes = out.len;
    put_delta(&out, &event, NULL, 0);
    for (size_t i = 0; i < options->chunks; i++) {
        put_part(&out, &event, options, i);
        if (options->chunk_interval_ms > 0 && i + 1 < options->chunks)
            add_stop(&reply, out.len);
    }
    put_end(&out, &event, options->chunks);
    free(event.at);
    reply.bytes = out.at;
    reply.len = out.len;
    add_stop(&reply, out.len);
    distort(&reply, options, head_bytes);
    return reply;
}

static struct replies make(const struct options *options)
{
    bool plain_only = options->reply_file != NULL || options->status >= 300;
    struct replies replies;
    struct bytes body;

    if (options->reply_file != NULL)
        body = file_body(options->reply_file);
    else
        body = options->status >= 300 ? error_body() : completion_body(options);
    replies.plain = plain_reply(options, body);
    free(body.at);
    replies.stream = plain_only ? replies.plain : stream_reply(options);
    return replies;
}

struct script script_make(const struct options *options)
{
    struct script script = {
        .told = make(options), .alternate = options->alternate, .latency_ms = options->latency_ms};
    struct options good = *options;

    if (options->alternate == 0)
        return script;
    good.status = 200;
    good.reply_file = NULL;
    good.breaking = good.dripping = false;
    script.good = make(&good);
    return script;
}

const struct reply *script_reply(const struct script *script, uint64_t number, bool stream)
{
    bool good = script->alternate > 0 && number / script->alternate % 2 == 1;
    const struct replies *replies = good ? &script->good : &script->told;

    return stream ? &replies->stream : &replies->plain;
}
