#include "trial/playback.h"

#include "document/json_read.h"

/* The request as a document; none of a dialect is anything but JSON. */
static const struct document *body_of(struct playback *playback,
                                      const struct exchange_options *asked)
{
    static const struct json_limits limits = {.depth = 900, .nodes = JSON_UNLIMITED};
    struct document *document = ARENA_NEW(playback->arena, struct document);

    return json_read(arena_copy(playback->arena, asked->wire->body), &limits, playback->arena,
                     document, NULL, NULL)
               ? document
               : NULL;
}

static bool is_for(const struct recorded *it, const struct exchange_options *asked,
                   struct text path)
{
    return text_equal(it->provider, asked->provider->name) && text_equal(it->path, path);
}

/* The one that most likely was meant: the next of the same provider and path, else of any. */
static const struct recorded *expected(const struct playback *playback,
                                       const struct exchange_options *asked, struct text path)
{
    const struct recording *recording = playback->recording;
    const struct recorded *any = NULL;

    for (size_t i = 0; i < recording->count; i++) {
        if (playback->played[i])
            continue;
        if (is_for(&recording->items[i], asked, path))
            return &recording->items[i];
        if (any == NULL)
            any = &recording->items[i];
    }
    return any;
}

static void note_difference(struct playback *playback, const struct recorded *it,
                            const struct exchange_options *asked, struct text path,
                            const struct document *body)
{
    struct difference *difference = &playback->difference;

    playback->differs = true;
    *difference = (struct difference){TEXT("(provider)"), it->provider,
                                      arena_copy(playback->arena, asked->provider->name)};
    if (!text_equal(it->provider, asked->provider->name))
        return;
    *difference = (struct difference){TEXT("(path)"), it->path, arena_copy(playback->arena, path)};
    if (text_equal(it->path, path) && body != NULL)
        difference_find(it->body, it->body_at, body, 0, playback->arena, difference);
}

static const struct taped_reply *miss(struct playback *playback,
                                      const struct exchange_options *asked, struct text path,
                                      const struct document *body)
{
    static struct taped_reply nothing;
    const struct recorded *it;

    if (nothing.failure.code == ERROR_NONE)
        error_set(&nothing.failure, ERROR_UPSTREAM_BLOCKED, NULL,
                  "is not asked: nothing was recorded for this request");
    if (playback->missed)
        return &nothing;
    playback->missed = true;
    playback->missed_provider = arena_copy(playback->arena, asked->provider->name);
    it = playback->recording != NULL ? expected(playback, asked, path) : NULL;
    if (it != NULL)
        note_difference(playback, it, asked, path, body);
    return &nothing;
}

static const struct taped_reply *play(struct tape *tape, const struct exchange_options *asked)
{
    struct playback *playback = (struct playback *)tape;
    const struct recording *recording = playback->recording;
    struct text path = recording_request_path(asked->provider, asked->wire->path);
    const struct document *body = body_of(playback, asked);

    for (size_t i = 0; recording != NULL && body != NULL && i < recording->count; i++) {
        const struct recorded *it = &recording->items[i];

        if (playback->played[i] || !is_for(it, asked, path) ||
            !document_equal(it->body, it->body_at, body, 0))
            continue;
        playback->played[i] = true;
        playback->play_count++;
        return &it->reply;
    }
    return miss(playback, asked, path, body);
}

static const struct tape_ops ops = {.play = play};

void playback_init(struct playback *playback, const struct recording *recording,
                   struct arena *arena)
{
    *playback = (struct playback){.tape = {&ops}, .arena = arena, .recording = recording};
    if (recording != NULL)
        playback->played = ARENA_ARRAY(arena, bool, recording->count);
}
