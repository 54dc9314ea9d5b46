/* The reader of provider replies: any bytes, cut anywhere, must be told alike. The first byte of
 * the input says how they are cut. */
#include "transport/http_reply.h"

#include "base/check.h"
#include "provider/http_field.h"
#include "provider/http_head.h"

struct told {
    enum http_step last;
    enum error_code code;
    int status;
    uint64_t body_bytes, body_hash, head_hash;
};

/* What is handed on of a head comes apart into what went in. */
static void read_head(const struct http_reply *reply, struct told *out)
{
    struct text fields = buffer_text(&reply->fields), name, value;

    out->status = reply->status;
    out->head_hash = fields.len > 0 ? text_hash(fields) : 0;
    CHECK(fields.len <= 1024);
    while (http_head_next(&fields, &name, &value))
        CHECK(name.len > 0 && field_value_clean(value));
}

static void read_all(struct text bytes, size_t cut, struct told *out)
{
    struct http_reply reply = {.head_bytes_max = 1024, .body_bytes_max = 4096};
    enum http_step step = HTTP_MORE;
    struct error err = {0};

    *out = (struct told){0};
    while (bytes.len > 0 && step != HTTP_END && step != HTTP_FAILED) {
        struct text input = text_first(bytes, cut), run;

        bytes = text_after(bytes, cut);
        do {
            step = http_reply_next(&reply, &input, &run, &err);
            if (step == HTTP_HEAD)
                read_head(&reply, out);
            CHECK(step != HTTP_BODY || run.len > 0);
            for (size_t i = 0; i < run.len; i++)
                out->body_hash = out->body_hash * 31 + (unsigned char)run.at[i];
            out->body_bytes += run.len;
        } while (step == HTTP_HEAD || step == HTTP_BODY);
    }
    if (step != HTTP_END && step != HTTP_FAILED)
        step = http_reply_close(&reply, &err) ? HTTP_END : HTTP_FAILED;
    CHECK(step == HTTP_END || err.message[0] != '\0');
    CHECK(out->body_bytes <= 4096);
    CHECK(step == HTTP_END || !http_reply_reusable(&reply));
    out->last = step;
    out->code = step == HTTP_FAILED ? err.code : ERROR_NONE;
    http_reply_release(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text bytes;
    struct told whole, cut;

    if (size < 2)
        return 0;
    bytes = (struct text){(const char *)data + 1, size - 1};
    read_all(bytes, bytes.len, &whole);
    read_all(bytes, (size_t)data[0] % 32 + 1, &cut);
    CHECK(whole.head_hash == cut.head_hash);
    CHECK(whole.last == cut.last && whole.code == cut.code && whole.status == cut.status);
    /* A body over the limit is refused before or after its last good bytes. */
    CHECK(whole.code == ERROR_UPSTREAM_TOO_LARGE ||
          (whole.body_bytes == cut.body_bytes && whole.body_hash == cut.body_hash));
    return 0;
}
