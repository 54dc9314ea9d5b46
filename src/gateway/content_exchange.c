/* What was sent to providers and what came back, byte by byte, as far as that may be kept: bodies
 * without headers, without credentials, and looked through like all that is kept. What cannot be
 * looked through is left out, and why is said. */
#include "gateway/content_writing.h"

#include "document/json_write.h"
#include "document/utf8.h"

enum {
    EXCHANGES_BYTES_MAX = 512 << 10,              /* of one request */
    SIDE_BYTES_MAX = CONTENT_STREAM_BYTES - 4096, /* so that what is cut off has no end of a key */
    LOOKED_BYTES_MAX = 256 << 10,                 /* what is longer would hold up its loop */
    NESTED_MAX = 3,                               /* JSON in strings of JSON */
    KEY_BYTES_MIN = 4
};

/* One of an attempt's sides. */
struct side {
    const char *name, *bytes_name, *cut_name, *left_out_name;
    struct text text;
    size_t bytes;  /* all there were */
    bool answered; /* a model's words are in it */
    const char *left_out;
};

/* --- what may be kept ----------------------------------------------------------------------------
 */

/* Providers that refuse a credential like to repeat it. */
static struct text without_key(struct text text, struct text key, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    size_t at = key.len >= KEY_BYTES_MIN ? text_find(text, key) : text.len;

    if (at == text.len)
        return text;
    for (; at < text.len; at = text_find(text, key)) {
        buffer_put(&out, text_first(text, at));
        buffer_put(&out, TEXT("[key]"));
        text = text_after(text, at + key.len);
    }
    buffer_put(&out, text);
    return buffer_text(&out);
}

/* What is cut off may end in the begin of one. */
static struct text without_begin(struct text text, struct text key)
{
    for (size_t len = key.len; len >= KEY_BYTES_MIN; len--)
        if (text_ends(text, text_first(key, len)))
            return text_first(text, text.len - len);
    return text;
}

static struct text without_keys(struct text text, bool cut, const struct provider *provider,
                                struct arena *arena)
{
    for (size_t i = 0; i < provider->key_count; i++) {
        text = without_key(text, provider->keys[i], arena);
        if (cut)
            text = without_begin(text, provider->keys[i]);
    }
    return text;
}

/* What broke off in the midst of JSON cannot be read as it was meant. */
static bool is_broken(struct text text, struct arena *arena)
{
    struct document document;

    return content_begins_json(text) && !content_read_json(text, arena, &document);
}

/* --- as JSON -------------------------------------------------------------------------------------
 */

static void put_side(struct writing *to, struct side *side, const struct provider *provider)
{
    struct arena *arena = &to->request->arena;
    struct buffer clean = buffer_in(arena);
    bool looked_at = content_is_looked_at(to, side->answered);
    size_t room = to->left, most = room < SIDE_BYTES_MAX ? room : SIDE_BYTES_MAX;
    bool cut = side->text.len < side->bytes;

    json_put_count(to->out, side->bytes_name, side->bytes);
    if (side->left_out == NULL && looked_at && side->text.len > LOOKED_BYTES_MAX)
        side->left_out = "size";
    else if (side->left_out == NULL && looked_at && is_broken(side->text, arena))
        side->left_out = "broken";
    if (side->left_out == NULL && room == 0)
        side->left_out = "room";
    if (side->left_out != NULL) {
        json_put_text(to->out, side->left_out_name, text_of(side->left_out));
        return;
    }
    if (!looked_at && side->text.len > CONTENT_STREAM_BYTES) {
        side->text = text_first(side->text, CONTENT_STREAM_BYTES); /* no more needs to be known */
        cut = true;
    }
    utf8_put_clean(&clean, without_keys(side->text, cut, provider, arena));
    side->text = buffer_text(&clean);
    if (looked_at)
        side->text = content_look_through(to, side->text, side->answered);
    cut = cut || side->text.len > most;
    content_put_text(to, side->name, text_cut(side->text, most));
    if (cut)
        json_put_flag(to->out, side->cut_name, true);
}

/* An answer that was sent back to its model is in it, behind the conversation as it was rendered.
 */
static struct side sent_of(const struct attempt *attempt)
{
    return (struct side){
        .name = "sent",
        .bytes_name = "sent_bytes",
        .cut_name = "sent_cut",
        .left_out_name = "sent_left_out",
        .text = attempt->wire.body,
        .bytes = attempt->wire.body.len,
        .answered = attempt->chat.message_count > attempt->request->rendered_count,
    };
}

static struct side received_of(const struct attempt *attempt)
{
    struct side side = {
        .name = "received",
        .bytes_name = "received_bytes",
        .cut_name = "received_cut",
        .left_out_name = "received_left_out",
        .bytes = attempt->received_bytes,
        .answered = true,
    };

    if (attempt->chat.embeds && attempt->status == 200)
        side.left_out = "vectors";
    else if (attempt->streamed && !attempt->keeps_stream)
        side.left_out = "stream";
    else
        side.text = buffer_text(attempt->streamed ? &attempt->raw : &attempt->body);
    return side;
}

static void put_exchange(struct writing *to, const struct attempt *attempt)
{
    const struct wire_request *wire = &attempt->wire;
    const struct provider *provider = attempt->target->provider;
    struct side sent = sent_of(attempt), received = received_of(attempt);

    buffer_put_byte(to->out, '{');
    json_put_count(to->out, "n", (uint64_t)attempt->number);
    json_put_text(to->out, "method", wire->method.len > 0 ? wire->method : TEXT("POST"));
    json_put_text(to->out, "path",
                  text_cut(text_first(wire->path, text_find_byte(wire->path, '?')), 512));
    put_side(to, &sent, provider);
    put_side(to, &received, provider);
    buffer_put_byte(to->out, '}');
}

void content_put_exchanges(struct writing *to)
{
    bool any = false;

    to->left = EXCHANGES_BYTES_MAX;
    for (const struct attempt *attempt = to->request->attempts; attempt != NULL;
         attempt = attempt->next) {
        if (!attempt->sent_out)
            continue;
        if (any)
            buffer_put_byte(to->out, ',');
        else
            json_put_name(to->out, "exchanges");
        if (!any)
            buffer_put_byte(to->out, '[');
        any = true;
        put_exchange(to, attempt);
    }
    if (any)
        buffer_put_byte(to->out, ']');
}

bool content_keeps_stream(const struct request *request)
{
    const struct content_rule *rule = &request->endpoint->content;

    return rule->kept && !rule->redacted && !guarding_is_late(request);
}
