#include "trial/recorder.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum { KEY_BYTES_MIN = 4 };

/* `text` with stars in place of the key, wherever it stands. */
static struct text without(struct arena *arena, struct text text, struct text key)
{
    struct buffer out = buffer_in(arena);

    if (text_find(text, key) == text.len)
        return text;
    while (text_find(text, key) < text.len) {
        size_t at = text_find(text, key);

        buffer_put(&out, text_first(text, at));
        buffer_put(&out, TEXT("***"));
        text = text_after(text, at + key.len);
    }
    buffer_put(&out, text);
    return buffer_text(&out);
}

/* As it stands in a string of JSON, where some write slashes with a backslash as well. */
static struct text escaped(struct arena *arena, struct text key, bool slashes)
{
    struct buffer quoted = buffer_in(arena), out = buffer_in(arena);

    json_put_string(&quoted, key);
    for (size_t i = 1; i + 1 < quoted.len; i++) {
        if (slashes && quoted.at[i] == '/')
            buffer_put_byte(&out, '\\');
        buffer_put_byte(&out, quoted.at[i]);
    }
    return buffer_text(&out);
}

static struct text starred(struct recorder *recorder, const struct provider *provider,
                           struct text text)
{
    struct arena *arena = recorder->arena;

    for (size_t i = 0; i < provider->key_count; i++) {
        struct text key = provider->keys[i];

        if (key.len < KEY_BYTES_MIN)
            continue;
        text = without(arena, text, key);
        text = without(arena, text, escaped(arena, key, false));
        text = without(arena, text, escaped(arena, key, true));
    }
    return text;
}

/* As a whole: a key could stand across two pieces. */
static struct text body_of(struct recorder *recorder, const struct taped_reply *reply)
{
    struct buffer whole = buffer_in(recorder->arena);

    for (size_t i = 0; i < reply->piece_count; i++)
        buffer_put(&whole, reply->pieces[i]);
    return buffer_text(&whole);
}

static struct text fields_of(struct recorder *recorder, const struct provider *provider,
                             const struct taped_reply *reply)
{
    struct buffer kept = buffer_in(recorder->arena);
    struct text fields = reply->fields, name, value;

    while (http_head_next(&fields, &name, &value)) {
        if (!recording_keeps_field(name, reply->status))
            continue;
        buffer_put(&kept, name);
        buffer_put_byte(&kept, ':');
        buffer_put(&kept, value);
        buffer_put_byte(&kept, '\n');
    }
    return starred(recorder, provider, buffer_text(&kept));
}

static void keep(struct recorder *recorder, const struct exchange_options *asked,
                 const struct taped_reply *reply, struct recorded *out)
{
    static const struct json_limits limits = {.depth = 900, .nodes = JSON_UNLIMITED};
    struct arena *arena = recorder->arena;
    const struct provider *provider = asked->provider;
    struct document *body = ARENA_NEW(arena, struct document);
    struct text *piece = ARENA_NEW(arena, struct text);

    out->provider = arena_copy(arena, provider->name);
    out->path = arena_copy(arena, recording_request_path(provider, asked->wire->path));
    CHECK(json_read(arena_copy(arena, asked->wire->body), &limits, arena, body, NULL, NULL));
    out->body = body;
    out->reply = *reply;
    out->reply.fields = fields_of(recorder, provider, reply);
    *piece = starred(recorder, provider, body_of(recorder, reply));
    out->reply.pieces = piece;
    out->reply.piece_count = piece->len > 0;
}

static const struct taped_reply *play(struct tape *tape, const struct exchange_options *asked)
{
    (void)tape;
    (void)asked;
    return NULL;
}

static void heard(struct tape *tape, const struct exchange_options *asked,
                  const struct taped_reply *reply)
{
    struct recorder *recorder = (struct recorder *)tape;

    if (recorder->count == RECORDED_MAX)
        recorder->overflowed = true;
    else
        keep(recorder, asked, reply, &recorder->items[recorder->count++]);
}

static const struct tape_ops ops = {.play = play, .heard = heard};

void recorder_init(struct recorder *recorder, struct arena *arena)
{
    *recorder = (struct recorder){
        .tape = {&ops}, .arena = arena, .items = ARENA_ARRAY(arena, struct recorded, RECORDED_MAX)};
}
