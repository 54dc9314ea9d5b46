/* The program's meta-schemas beside those that were published, which are not part of the
 * repository: PINION_METASCHEMAS names their folder and PINION_SCHEMA_SUITE that of the official
 * tests, whose schemas, as they are and with one value replaced by another, must get the same
 * verdict from both. */
#include "schema/metaschema.h"

#include "unit.h"
#include "whole_file.h"

#include "base/buffer.h"
#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "schema/set.h"

#include <dirent.h>
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

static const struct {
    const char *suite, *published;
} drafts[DRAFT_COUNT] = {
    [DRAFT_4] = {"draft4", "draft4"},
    [DRAFT_6] = {"draft6", "draft6"},
    [DRAFT_7] = {"draft7", "draft7"},
    [DRAFT_2019_09] = {"draft2019-09", "draft2019-09"},
    [DRAFT_2020_12] = {"draft2020-12", "draft2020-12"},
};

static const char *data_folder(const char *variable, const char *name, char *path, size_t room)
{
    const char *given = getenv(variable);

    snprintf(path, room, "%s%s", given ? given : TESTS_DIR "/../../shared/data/",
             given ? "" : name);
    return path;
}

static struct arena published_arena;
static struct schema_set *published_set;

static int add_published(const char *path, const struct stat *about, int type, struct FTW *where)
{
    struct document *document = ARENA_NEW(&published_arena, struct document);
    struct text uri, text;
    uint32_t id;

    (void)about, (void)where;
    if (type != FTW_F || strstr(path, ".json") == NULL ||
        !whole_file(path, &published_arena, &text) ||
        !json_read(text, &limits, &published_arena, document, NULL, NULL))
        return 0;
    id = document_member(document, 0, TEXT("$id"));
    if (id == CELL_NONE)
        id = document_member(document, 0, TEXT("id"));
    uri = document_text(document, id);
    schema_set_add(published_set, text_first(uri, text_find_byte(uri, '#')), document, 0);
    return 0;
}

static const struct schema *compile_published(enum draft draft)
{
    struct schema_options options = {.formats = FORMATS_ANNOTATE};
    struct diagnostics *diagnostics = ARENA_NEW(&published_arena, struct diagnostics);

    diagnostics->arena = &published_arena;
    return schema_set_compile(published_set, dialect_of(draft)->metaschema, &options,
                              &published_arena, diagnostics);
}

/* A document written again, but for one cell. */
static void put_but(struct buffer *out, const struct document *document, uint32_t at, uint32_t but,
                    struct text instead)
{
    const struct cell *cell = document_cell(document, at);
    bool object = cell->type == CELL_OBJECT;

    if (at == but) {
        buffer_put(out, instead);
        return;
    }
    if (cell->type < CELL_ARRAY) {
        json_put_cell(out, document, at);
        return;
    }
    buffer_put_byte(out, object ? '{' : '[');
    for (uint32_t child = at + 1; child < cell->end;) {
        buffer_put(out, child > at + 1 ? TEXT(",") : TEXT(""));
        if (object) {
            json_put_cell(out, document, child++);
            buffer_put_byte(out, ':');
        }
        put_but(out, document, child, but, instead);
        child = document_next(document, child);
    }
    buffer_put_byte(out, object ? '}' : ']');
}

static const char *const replacements[] = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.0",
    "1.5",
    "\"\"",
    "\"a\"",
    "\"#a\"",
    "\"string\"",
    "\"x#y\"",
    "[]",
    "{}",
    "[1]",
    "[{}]",
    "[\"a\"]",
    "[1,1.0]",
    "[\"a\",\"a\"]",
    "{\"a\":{}}",
    "{\"a\":1}",
    "[true]",
    "[\"string\",\"null\"]",
    "{\"a\":[]}",
    "{\"a\":[\"b\"]}",
    "{\"a\":[{}]}",
    "{\"a\":true}",
    "{\"type\":1}",
    "[{\"type\":1}]",
    "{\"a\":{\"type\":1}}",
};
enum { REPLACEMENTS = sizeof replacements / sizeof *replacements };

struct comparison {
    enum draft draft;
    const struct schema *ours, *published;
    unsigned compared, refused, different, misjudged;
    uint32_t dice;
};

static uint32_t roll(struct comparison *it, uint32_t sides)
{
    it->dice = it->dice * 1664525u + 1013904223u;
    return (it->dice >> 8) % sides;
}

/* Identifiers and anchors given twice are no matter of a meta-schema. */
static bool is_about_names(struct text message)
{
    return text_starts(message, TEXT("the anchor '")) ||
           text_find(message, TEXT("which another schema here is called")) < message.len;
}

/* Compiling looks at a schema's keywords itself, for the better words, and asks the meta-schema
 * about the rest: what it refuses by itself the meta-schema must refuse too. */
static void compare_examination(struct comparison *it, const struct document *document, bool valid,
                                struct arena *arena)
{
    struct schema_options options = {.metaschema = dialect_of(it->draft)->metaschema,
                                     .formats = FORMATS_ANNOTATE};
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct diagnostic *mistake = NULL;
    struct buffer text = buffer_in(arena);
    bool compiled;

    diagnostics->arena = arena;
    compiled = schema_compile_with(document, 0, &options, arena, diagnostics) != NULL;
    for (size_t i = 0; i < diagnostics->count; i++) {
        if (diagnostics->items[i].code == DIAGNOSTIC_E0201 &&
            !is_about_names(diagnostics->items[i].message))
            mistake = &diagnostics->items[i];
    }
    if (valid == (mistake == NULL) && (valid || !compiled))
        return;
    json_put_cell(&text, document, 0);
    printf("%s, but %.*s | %s: %.*s\n", valid ? "valid" : "not valid",
           TEXT_ARG(mistake != NULL ? mistake->message : TEXT("nothing is told")),
           draft_name(it->draft), TEXT_ARG(buffer_text(&text)));
    it->misjudged++;
}

static void compare(struct comparison *it, const struct document *document, struct arena *arena)
{
    bool ours = schema_check(it->ours, document, 0, arena);
    bool published = schema_check(it->published, document, 0, arena);
    struct buffer text = buffer_in(arena);

    it->compared++;
    it->refused += !published;
    if (ours != published) {
        it->different++;
        json_put_cell(&text, document, 0);
        printf("DIFFERENT | %s: %.*s\n", draft_name(it->draft), TEXT_ARG(buffer_text(&text)));
    }
    compare_examination(it, document, ours, arena);
}

static void compare_mutant(struct comparison *it, const struct document *document, uint32_t root,
                           bool as_it_is)
{
    uint32_t cells = document_next(document, root) - root;
    uint32_t but = as_it_is ? CELL_NONE : root + roll(it, cells);
    struct text instead = text_of(replacements[roll(it, REPLACEMENTS)]);
    struct arena arena = {0};
    struct buffer text = buffer_in(&arena);
    struct document mutant;

    put_but(&text, document, root, but, instead);
    if (json_read(buffer_text(&text), &limits, &arena, &mutant, NULL, NULL))
        compare(it, &mutant, &arena);
    arena_release(&arena);
}

static void compare_file(struct comparison *it, const char *path)
{
    struct arena arena = {0};
    struct document document;
    struct text text;

    if (whole_file(path, &arena, &text) &&
        json_read(text, &limits, &arena, &document, NULL, NULL)) {
        for (uint32_t group = 1; group < document.cells[0].end;
             group = document_next(&document, group)) {
            uint32_t root = document_member(&document, group, TEXT("schema"));

            for (int i = 0; i < 8; i++)
                compare_mutant(it, &document, root, i == 0);
        }
    }
    arena_release(&arena);
}

static bool compare_draft(enum draft draft)
{
    struct comparison it = {.draft = draft, .dice = 7};
    char root[512], folder[600], path[1024];
    struct dirent **entries;
    int count;

    snprintf(folder, sizeof folder, "%s/tests/%s",
             data_folder("PINION_SCHEMA_SUITE", "json-schema-test-suite", root, sizeof root),
             drafts[draft].suite);
    it.ours = metaschema_compiled(draft);
    it.published = compile_published(draft);
    count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0 || it.published == NULL) {
        printf("skipped: there is no folder %s, or no meta-schema to compare with\n", folder);
        return true;
    }
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (strstr(entries[i]->d_name, ".json") != NULL)
            compare_file(&it, path);
        free(entries[i]);
    }
    free(entries);
    printf("%s: %u compared, %u of them refused, %u differ; compiling misjudges %u\n",
           draft_name(draft), it.compared, it.refused, it.different, it.misjudged);
    return it.different == 0 && it.misjudged == 0;
}

static void *compile_each_draft(void *thing)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    size_t *compiled = thing;
    struct document document;

    CHECK(
        json_read(TEXT("{\"items\":{\"type\":\"string\"}}"), NULL, &arena, &document, NULL, NULL));
    for (unsigned i = 0; i < DRAFT_COUNT; i++) {
        struct schema_options options = {.metaschema = dialect_of((enum draft)i)->metaschema};

        *compiled += schema_compile_with(&document, 0, &options, &arena, &diagnostics) != NULL;
    }
    arena_release(&arena);
    return NULL;
}

TEST(several_threads_may_be_the_first_to_ask_for_them)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    size_t compiled[THREADS] = {0};

    for (int i = 0; i < THREADS; i++)
        EXPECT(pthread_create(&threads[i], NULL, compile_each_draft, &compiled[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        EXPECT(pthread_join(threads[i], NULL) == 0);
        EXPECT_EQ(compiled[i], DRAFT_COUNT);
    }
}

TEST(they_say_of_every_schema_what_the_published_ones_say)
{
    char folder[512];
    bool same = true;

    published_set = schema_set_new(&published_arena);
    nftw(data_folder("PINION_METASCHEMAS", "json-schema-metaschemas", folder, sizeof folder),
         add_published, 16, FTW_PHYS);
    for (unsigned draft = 0; draft < DRAFT_COUNT; draft++)
        same = compare_draft((enum draft)draft) && same;
    arena_release(&published_arena);
    EXPECT(same);
}

TEST(each_of_them_satisfies_itself)
{
    for (unsigned i = 0; i < DRAFT_COUNT; i++) {
        struct text uri = dialect_of((enum draft)i)->metaschema;
        const struct document *document = metaschema_find(uri);
        struct arena arena = {0};

        EXPECT(document != NULL);
        EXPECT(schema_check(metaschema_compiled((enum draft)i), document, 0, &arena));
        arena_release(&arena);
    }
}
