/* tests/follow_pieces.h
 * A value of a document fed to a follower in small pieces, for tests that compare its verdict with
 * those of check and explain. */
#pragma once
#include "document/json_read.h"
#include "document/json_write.h"
#include "schema/schema.h"

/* Feeds a text in pieces of `bytes`; the verdict is FITS or NEVER. */
static inline enum following follow_text(const struct schema *schema, struct text text,
                                         size_t bytes, struct arena *arena, size_t *out_byte)
{
    const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    struct schema_follower *follower = schema_follow_open(schema, &limits, arena);
    enum following following = FOLLOWING_MAYBE;

    while (text.len > 0 && following != FOLLOWING_NEVER) {
        struct text piece = text_first(text, bytes);

        text = text_after(text, piece.len);
        following = schema_follow(follower, piece);
    }
    if (following != FOLLOWING_NEVER)
        following = schema_follow_end(follower);
    if (out_byte != NULL && following == FOLLOWING_NEVER)
        *out_byte = schema_follow_byte(follower);
    return following;
}

/* Whether a value satisfies the schema when it is followed byte by byte. */
static inline bool follow_bytes(const struct schema *schema, const struct document *document,
                                uint32_t at)
{
    struct arena arena = {0};
    struct buffer text = buffer_in(&arena);
    bool fits;

    json_put_cell(&text, document, at);
    fits = follow_text(schema, buffer_text(&text), 1, &arena, NULL) == FOLLOWING_FITS;
    arena_release(&arena);
    return fits;
}
