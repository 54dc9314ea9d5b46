/* A random schema and a text that is followed at random cuts. The verdict must be that of check,
 * and be reached on the same byte however the text is cut; and NEVER must be true: none of the ways
 * to go on from the byte that decided, as many as are tried, leads to a text that check accepts. An
 * input that begins with '{' is a schema's text, a NUL, and the text. */
#include "base/check.h"
#include "document/json_read.h"
#include "follow_pieces.h"
#include "schema/schema.h"
#include "schema_dice.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool accepts(const struct schema *schema, struct text text)
{
    struct arena arena = {0};
    struct document document;
    bool fits = json_read(text, NULL, &arena, &document, NULL, NULL) &&
                schema_check(schema, &document, 0, &arena);

    arena_release(&arena);
    return fits;
}

/* Pieces of random sizes, each in a block of its own. */
static enum following follow_randomly(const struct schema *schema, struct text text, uint32_t seed,
                                      size_t *out_byte)
{
    struct arena arena = {0};
    struct schema_follower *follower = schema_follow_open(schema, NULL, &arena);
    enum following following = FOLLOWING_MAYBE;

    while (text.len > 0 && following != FOLLOWING_NEVER) {
        struct text piece;
        char *copy;

        seed = seed * 1664525u + 1013904223u;
        piece = text_first(text, (seed >> 16) % 40);
        text = text_after(text, piece.len);
        copy = malloc(piece.len ? piece.len : 1);
        CHECK(copy != NULL);
        if (piece.len > 0)
            memcpy(copy, piece.at, piece.len);
        following = schema_follow(follower, (struct text){copy, piece.len});
        free(copy);
    }
    if (following != FOLLOWING_NEVER)
        following = schema_follow_end(follower);
    *out_byte = following == FOLLOWING_NEVER ? schema_follow_byte(follower) : 0;
    arena_release(&arena);
    return following;
}

/* What closes the containers that are open behind `text`, which may end inside a token. */
static struct text closers_of(struct text text, struct arena *arena)
{
    char *out = arena_bytes(arena, text.len + 1), *at = out + text.len + 1;
    bool quoted = false;

    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if (byte == '"')
            quoted = !quoted;
        else if (quoted)
            i += byte == '\\';
        else if (byte == '{' || byte == '[')
            *--at = byte == '{' ? '}' : ']';
        else if ((byte == '}' || byte == ']') && at < out + text.len + 1)
            at++;
    }
    return text_between(at, out + text.len + 1);
}

/* Goes on from a text in ways that often make it JSON, and expects none to satisfy the schema. */
static void expect_hopeless(const struct schema *schema, struct text text, struct arena *arena)
{
    static const char *const tokens[] = {
        "",      "\"",   "x\"",  "yyx\"", "2\"",     "12\"", "u0041\"", "\"\"",  "0",   "1",
        "5e1",   "e1",   ".5",   "ull",   "rue",     "alse", "{}",      "[]",    "1.0", "null",
        "\"x\"", "true", "b\":", "\":",   "kind\":", ":",    "\"a\":",  "\"x\":"};
    static const char *const values[] = {"", "0", "1", "\"x\"", "null", "[]", "{}"};
    static const char *const more[] = {"",       ",\"a\":1",        ",\"b\":\"x\",\"c\":null",
                                       ",0,1,2", ",\"kind\":\"y\"", ",null"};
    struct text closers = closers_of(text, arena);

    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        bool name = strchr(tokens[i], ':') != NULL;

        for (size_t k = 0; k < sizeof values / sizeof *values && (k == 0 || name); k++) {
            for (size_t m = 0; m < sizeof more / sizeof *more; m++) {
                struct buffer whole = {0};

                buffer_put(&whole, text);
                buffer_printf(&whole, "%s%s%s%.*s", tokens[i], values[k], more[m],
                              TEXT_ARG(closers));
                CHECK(!accepts(schema, buffer_text(&whole)));
                buffer_release(&whole);
            }
        }
    }
}

static void run(struct text schema_text, struct text text, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document schema_document;
    const struct schema *schema;
    size_t byte = 0, again = 0;
    enum following following;

    diagnostics->arena = arena;
    if (!json_read(schema_text, NULL, arena, &schema_document, NULL, NULL))
        return;
    schema = schema_compile(&schema_document, 0, arena, diagnostics);
    if (schema == NULL)
        return;
    following = follow_text(schema, text, 1, arena, &byte);
    CHECK((following == FOLLOWING_FITS) == accepts(schema, text));
    for (uint32_t seed = 0; seed < 4; seed++) {
        CHECK(follow_randomly(schema, text, seed, &again) == following);
        CHECK(again == byte);
    }
    if (following == FOLLOWING_NEVER && byte < text.len && text.len < 400)
        expect_hopeless(schema, text_first(text, byte + 1), arena);
}

/* Cuts the text short, or changes a byte. */
static void spoil(struct dice *dice, struct text text)
{
    static const char bytes[] = "\"{}[],:0-.e\\u x\n";
    unsigned what = roll(dice, 4);

    buffer_put(&dice->out, text);
    if (what == 1)
        dice->out.len = roll(dice, (unsigned)(text.len < 255 ? text.len + 1 : 255));
    if (what >= 2 && text.len > 0)
        dice->out.at[roll(dice, (unsigned)(text.len < 255 ? text.len : 255))] =
            bytes[roll(dice, sizeof bytes - 1)];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct dice dice = {data, data + size, buffer_in(&arena)};
    struct text whole = {(const char *)data, size}, schema, document;

    if (size > 0 && data[0] == '{') {
        schema = text_split(&whole, '\0');
        run(schema, whole, &arena);
    } else {
        put_root(&dice);
        schema = arena_copy(&arena, buffer_text(&dice.out));
        dice.out = buffer_in(&arena);
        put_value(&dice, 4);
        document = buffer_text(&dice.out);
        dice.out = buffer_in(&arena);
        spoil(&dice, document);
        run(schema, buffer_text(&dice.out), &arena);
    }
    arena_release(&arena);
    return 0;
}
