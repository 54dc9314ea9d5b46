/* renew_recordings [DIR]: for a folder whose recordings were written by hand, as those of this
 * repository's examples are: each test is run, its recording's replies are given in their order,
 * whatever is asked, and the requests that were asked take the place of those in the file. The
 * replies stay as they are. Recordings of a real provider are made by 'pinion test --record'. */
#include "base/check.h"
#include "trial/recordings.h"
#include "document/json_read.h"
#include "trial/rehearsal.h"

#include <stdio.h>
#include <stdlib.h>

struct renewal {
    struct tape tape; /* first */
    struct arena *arena;
    const struct recording *old;
    struct recorded items[RECORDED_MAX];
    size_t count;
};

static const struct taped_reply *play(struct tape *tape, const struct exchange_options *asked)
{
    struct renewal *renewal = (struct renewal *)tape;
    struct document *body = ARENA_NEW(renewal->arena, struct document);
    struct recorded *item = &renewal->items[renewal->count];

    if (renewal->count == renewal->old->count) {
        fprintf(stderr, "  it asks for more than %zu replies\n", renewal->count);
        exit(1);
    }
    CHECK(json_read(arena_copy(renewal->arena, asked->wire->body), NULL, renewal->arena, body, NULL,
                    NULL));
    *item = (struct recorded){
        .provider = arena_copy(renewal->arena, asked->provider->name),
        .path =
            arena_copy(renewal->arena, recording_request_path(asked->provider, asked->wire->path)),
        .body = body,
        .reply = renewal->old->items[renewal->count].reply,
    };
    renewal->count++;
    return &item->reply;
}

static const struct tape_ops ops = {.play = play};

static bool renew(struct config *config, const struct endpoint *endpoint,
                  const struct endpoint_test *test, struct arena *arena)
{
    struct recording old;
    struct renewal renewal = {.tape = {&ops}, .arena = arena, .old = &old};
    struct rehearsal result;
    enum recordings_change change;
    struct text path;
    struct error err = {0};
    bool there;

    if (!recordings_read(config->folder, endpoint->slug, test->name, arena, &old, &there, &err))
        fprintf(stderr, "%s\n", err.message);
    if (err.code != ERROR_NONE || !there)
        return err.code == ERROR_NONE;
    rehearse(config, endpoint, test,
             &(struct rehearsal_way){.source = SOURCE_RECORD, .tape = &renewal.tape}, arena,
             &result);
    result.recorded = (struct recording){endpoint->slug, test->name, renewal.items, renewal.count};
    if (!recordings_keep(config->folder, &result.recorded, arena, &change, &path, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    printf("%s %.*s%s\n", change == RECORDINGS_SAME ? "same    " : "renewed ", TEXT_ARG(path),
           result.end == REHEARSAL_PASSED ? "" : " (the test does not pass)");
    return result.end == REHEARSAL_PASSED;
}

int main(int argc, char **argv)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    const struct config_options options = {.offline = true};
    struct config *config = config_load(text_of(argc > 1 ? argv[1] : "."), &options, &diagnostics);
    bool good = config != NULL;

    if (config == NULL)
        fprintf(stderr, "the configuration cannot be used: see 'pinion check'\n");
    for (size_t i = 0; config != NULL && i < config->endpoint_count; i++)
        for (size_t k = 0; k < config->endpoints[i].test_count; k++)
            good &= renew(config, &config->endpoints[i], &config->endpoints[i].tests[k], &arena);
    config_free(config);
    arena_release(&arena);
    return good ? 0 : 1;
}
