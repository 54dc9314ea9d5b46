/* The files of tests/cases/follow, each text in one piece, at every cut and byte by byte; see the
 * README there. */
#include "case_folder.h"
#include "follow_pieces.h"
#include "schema/schema.h"

struct outcome {
    enum following following;
    size_t byte; /* of NEVER; SIZE_MAX: the end of the text decided */
};

/* The first piece has `cut` bytes, the others one when `single`, else the rest. Every piece is a
 * block of its own, gone once it is used up. */
static struct outcome outcome_of(const struct schema *schema, struct text text, size_t cut,
                                 bool single)
{
    struct arena arena = {0};
    struct schema_follower *follower = schema_follow_open(schema, NULL, &arena);
    struct outcome outcome = {.following = FOLLOWING_MAYBE};

    do {
        struct text piece = text_first(text, cut);
        char *copy = malloc(piece.len ? piece.len : 1);

        if (piece.len > 0)
            memcpy(copy, piece.at, piece.len);
        text = text_after(text, piece.len);
        outcome.following = schema_follow(follower, (struct text){copy, piece.len});
        free(copy);
        cut = single ? 1 : text.len;
    } while (text.len > 0 && outcome.following != FOLLOWING_NEVER);
    if (outcome.following == FOLLOWING_NEVER)
        outcome.byte = schema_follow_byte(follower);
    arena_release(&arena);
    return outcome;
}

static enum following ending_of(const struct schema *schema, struct text text)
{
    struct arena arena = {0};
    enum following following = follow_text(schema, text, 3, &arena, NULL);

    arena_release(&arena);
    return following;
}

static void expect_everywhere(const char *file, const struct schema *schema, struct text text,
                              struct outcome expected)
{
    for (size_t cut = 0; cut <= text.len + 1; cut++) {
        bool single = cut > text.len;
        struct outcome got = outcome_of(schema, text, single ? 1 : cut, single);

        if (got.following != expected.following || got.byte != expected.byte)
            fail_msg("%s: %.*s: %d at %zu instead of %d at %zu (cut %zu)", file, TEXT_ARG(text),
                     got.following, got.byte, expected.following, expected.byte, cut);
    }
}

/* The last byte decides, also when others stand behind it. */
static void expect_never(const char *file, const struct schema *schema, struct text text)
{
    struct outcome never = {FOLLOWING_NEVER, text.len - 1};
    struct text before = text_first(text, text.len - 1);
    struct arena arena = {0};

    expect_everywhere(file, schema, text, never);
    expect_everywhere(file, schema, arena_printf(&arena, "%.*s }],:\"", TEXT_ARG(text)), never);
    for (size_t len = 0; len <= before.len; len++) {
        struct outcome got = outcome_of(schema, text_first(before, len), len, false);

        if (got.following == FOLLOWING_NEVER)
            fail_msg("%s: %.*s: decided at %zu already", file, TEXT_ARG(text), got.byte);
    }
    arena_release(&arena);
}

static size_t run_texts(const char *file, const struct schema *schema,
                        const struct document *document, const char *what)
{
    uint32_t list = document_member(document, 0, text_of(what)), at;
    size_t count = 0;

    if (list == CELL_NONE)
        return 0;
    for (at = list + 1; at < document->cells[list].end; at++, count++) {
        struct text text = document_text(document, at);

        if (what[0] == 'n')
            expect_never(file, schema, text);
        else
            expect_everywhere(
                file, schema, text,
                (struct outcome){what[0] == 'f' ? FOLLOWING_FITS : FOLLOWING_MAYBE, 0});
        if (what[0] == 'f' || what[0] == 'e')
            EXPECT_EQ(ending_of(schema, text), what[0] == 'f' ? FOLLOWING_FITS : FOLLOWING_NEVER);
    }
    return count;
}

static size_t run_file(const char *folder, const char *file)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document;
    const struct schema *schema;
    size_t count;

    EXPECT(case_json(folder, file, &arena, &document));
    schema = schema_compile(&document, document_member(&document, 0, TEXT("schema")), &arena,
                            &diagnostics);
    if (schema == NULL)
        fail_msg("%s: the schema does not compile", file);
    count = run_texts(file, schema, &document, "never") +
            run_texts(file, schema, &document, "maybe") +
            run_texts(file, schema, &document, "fits") + run_texts(file, schema, &document, "ends");
    arena_release(&arena);
    return count;
}

TEST(an_answer_is_refused_on_the_byte_that_decides)
{
    static const char folder[] = TESTS_DIR "/cases/follow";
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    EXPECT(directory != NULL);
    while ((entry = readdir(directory)) != NULL) {
        if (strstr(entry->d_name, ".json") != NULL)
            count += run_file(folder, entry->d_name);
    }
    closedir(directory);
    EXPECT(count >= 200);
}
