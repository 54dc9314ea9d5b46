#include "trial/recording_file.h"

#include "base/check.h"
#include "document/json_pretty.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/utf8.h"

#include <openssl/evp.h>

static void put_request(const struct recorded *it, struct buffer *out)
{
    json_put_name(out, "request");
    buffer_put_byte(out, '{');
    json_put_text(out, "provider", it->provider);
    json_put_text(out, "path", it->path);
    json_put_name(out, "body");
    json_put_cell(out, it->body, it->body_at);
    buffer_put_byte(out, '}');
}

static void put_headers(const struct taped_reply *reply, struct buffer *out)
{
    struct text fields = reply->fields, name, value;

    if (fields.len == 0)
        return;
    json_put_name(out, "headers");
    buffer_put_byte(out, '{');
    while (http_head_next(&fields, &name, &value)) {
        if (out->at[out->len - 1] != '{')
            buffer_put_byte(out, ',');
        json_put_string(out, name);
        buffer_put_byte(out, ':');
        json_put_string(out, value);
    }
    buffer_put_byte(out, '}');
}

static void put_lines(struct text body, struct buffer *out)
{
    bool more = true;

    json_put_name(out, "lines");
    buffer_put_byte(out, '[');
    while (more) {
        more = text_find_byte(body, '\n') < body.len;
        json_put_string(out, text_split(&body, '\n'));
        if (more)
            buffer_put_byte(out, ',');
    }
    buffer_put_byte(out, ']');
}

static void put_base64(struct text body, struct arena *scratch, struct buffer *out)
{
    unsigned char *text = arena_alloc(scratch, (body.len + 2) / 3 * 4 + 1);
    int len = EVP_EncodeBlock(text, (const unsigned char *)body.at, (int)body.len);

    json_put_text(out, "base64", (struct text){(const char *)text, (size_t)len});
}

static void put_body(const struct taped_reply *reply, struct arena *scratch, struct buffer *out)
{
    static const struct json_limits limits = {.depth = RECORDING_DEPTH / 2,
                                              .nodes = JSON_UNLIMITED};
    struct buffer whole = buffer_in(scratch);
    struct document document;
    struct text body;

    for (size_t i = 0; i < reply->piece_count; i++)
        buffer_put(&whole, reply->pieces[i]);
    body = buffer_text(&whole);
    if (body.len == 0)
        return;
    if (json_read(body, &limits, scratch, &document, NULL, NULL)) {
        json_put_name(out, "body");
        json_put_cell(out, &document, 0);
    } else if (utf8_valid(body) == body.len) {
        put_lines(body, out);
    } else {
        put_base64(body, scratch, out);
    }
}

static void put_reply(const struct taped_reply *reply, struct arena *scratch, struct buffer *out)
{
    json_put_name(out, "reply");
    buffer_put_byte(out, '{');
    if (reply->status != 0) {
        json_put_name(out, "status");
        buffer_put_i64(out, reply->status);
    }
    put_headers(reply, out);
    put_body(reply, scratch, out);
    if (reply->broken_off) {
        json_put_name(out, "broken_off");
        buffer_put(out, TEXT("true"));
    }
    if (reply->failure.code != ERROR_NONE) {
        json_put_name(out, "failure");
        buffer_put_byte(out, '{');
        json_put_text(out, "code", text_of(error_row(reply->failure.code)->word));
        json_put_text(out, "message", text_of(reply->failure.message));
        json_put_text(out, "sent", text_of(recording_sent_word(reply->sent)));
        buffer_put_byte(out, '}');
    }
    buffer_put_byte(out, '}');
}

void recording_write(const struct recording *recording, struct buffer *out)
{
    static const struct json_limits limits = {.depth = RECORDING_DEPTH, .nodes = JSON_UNLIMITED};
    struct arena scratch = {0};
    struct buffer compact = buffer_in(&scratch);
    struct document document;

    buffer_printf(&compact, "{\"format\":%d", RECORDING_FORMAT);
    json_put_text(&compact, "endpoint", recording->endpoint);
    json_put_text(&compact, "test", recording->test);
    json_put_name(&compact, "exchanges");
    buffer_put_byte(&compact, '[');
    for (size_t i = 0; i < recording->count; i++) {
        buffer_put(&compact, i > 0 ? TEXT(",{") : TEXT("{"));
        put_request(&recording->items[i], &compact);
        put_reply(&recording->items[i].reply, &scratch, &compact);
        buffer_put_byte(&compact, '}');
    }
    buffer_put(&compact, TEXT("]}"));
    CHECK(json_read(buffer_text(&compact), &limits, &scratch, &document, NULL, NULL));
    json_put_pretty(out, &document, 0);
    buffer_put_byte(out, '\n');
    arena_release(&scratch);
}
