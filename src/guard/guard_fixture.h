/* guard/guard_fixture.h
 * For tests: a policy from JSON, and texts that go through it whole or in pieces. */
#pragma once
#include "base/check.h"
#include "document/json_read.h"
#include "guard/guard.h"

#include <stdio.h>
#include <stdlib.h>

struct fixture {
    struct arena arena;
    struct guard_policy policy;
    struct guard_masks masks;
    char problem[256]; /* the first that was reported */
};

static inline void fixture_report(void *context, uint32_t cell, enum diagnostic_code code,
                                  const char *message, const char *hint)
{
    struct fixture *f = context;

    (void)cell;
    if (f->problem[0] == '\0')
        snprintf(f->problem, sizeof f->problem, "%s %s; %s", diagnostic_name(code), message, hint);
}

/* A policy as it is written, in JSON. */
static inline bool fixture_init(struct fixture *f, const char *policy)
{
    struct document *document;

    *f = (struct fixture){0};
    f->masks.arena = &f->arena;
    document = ARENA_NEW(&f->arena, struct document);
    CHECK(json_read(text_of(policy), NULL, &f->arena, document, NULL, NULL));
    return guard_policy_read(document, 0, &f->arena, fixture_report, f, &f->policy);
}

static inline struct guard fixture_guard(struct fixture *f, enum guard_side side)
{
    return (struct guard){
        .policy = &f->policy, .side = side, .masks = &f->masks, .arena = &f->arena};
}

/* What becomes of a text; a blocked one is "blocked: " and by what. */
static inline struct text fixture_verdict(struct fixture *f, const struct guard *guard,
                                          struct text text)
{
    const struct guard_tally *last;

    if (!guard->blocked)
        return text;
    last = &guard->tallies[guard->tally_count - 1];
    return arena_printf(&f->arena, "blocked: %.*s %.*s", TEXT_ARG(guard_field_word(last->field)),
                        TEXT_ARG(last->rule));
}

static inline struct text fixture_whole(struct fixture *f, enum guard_side side, struct text text,
                                        bool json)
{
    struct guard guard = fixture_guard(f, side);
    struct text out;

    guard_text(&guard, text, json, (struct text){0}, &out);
    return fixture_verdict(f, &guard, out);
}

/* `next` gives the size of each piece in bytes; pieces end between two code points. */
static inline struct text fixture_pieces(struct fixture *f, enum guard_side side, struct text text,
                                         bool json, size_t (*next)(void *context), void *context)
{
    struct guard guard = fixture_guard(f, side);
    struct guard_stream stream = {.guard = &guard, .json = json};
    struct buffer out = buffer_in(&f->arena);
    bool good = true;

    while (good && text.len > 0) {
        size_t len = next(context);
        char *copy;

        len = len < 1 ? 1 : len > text.len ? text.len : len;
        while (len < text.len && ((unsigned char)text.at[len] & 0xC0) == 0x80)
            len++;
        copy = malloc(len); /* of its own, so that reading beyond the piece is seen */
        CHECK(copy != NULL);
        memcpy(copy, text.at, len);
        good = guard_stream_put(&stream, (struct text){copy, len}, &out);
        free(copy);
        text = text_after(text, len);
    }
    if (good)
        guard_stream_end(&stream, &out);
    return fixture_verdict(f, &guard, buffer_text(&out));
}
