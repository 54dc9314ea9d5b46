/* The official test suite of JSON Schema, in all five drafts and in all ways of running. It is not
 * part of the repository: PINION_SCHEMA_SUITE names its folder, by default the one beside the
 * repository; without it this program says so and passes. */
#include "unit.h"
#include "whole_file.h"

#include "document/json_read.h"
#include "follow_pieces.h"
#include "schema/bundle.h"
#include "schema/dialect.h"
#include "schema/explain.h"
#include "schema/set.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

struct tally {
    const char *file;
    struct schema_options options;
    bool bundled; /* what runs is not the schema, but its bundle, alone */
    unsigned passed, wrong;
};

/* Where the suite's schemas refer to: the files of its remotes/, under this address. */
static struct arena remotes_arena;
static struct schema_set *remotes;

static struct text text_of_member(const struct document *document, uint32_t object,
                                  const char *name)
{
    return document_text(document, document_member(document, object, text_of(name)));
}

static bool verdict_is(const struct schema *schema, const struct document *document, uint32_t data,
                       bool valid)
{
    struct arena arena = {0};
    struct violations violations, plainly;
    bool right;

    if (schema == NULL)
        return false;
    schema_explain(schema, document, data, &arena, &violations);
    explain_plainly(schema, document, data, true, &arena, &plainly);
    right = schema_check(schema, document, data, &arena) == valid &&
            (violations.total == 0) == valid && (plainly.total == 0) == valid &&
            follow_bytes(schema, document, data) == valid;
    arena_release(&arena);
    return right;
}

static void run_case(struct tally *tally, const struct schema *schema,
                     const struct document *document, struct text group, uint32_t test)
{
    struct text name = text_of_member(document, test, "description");
    uint32_t data = document_member(document, test, TEXT("data"));
    uint32_t valid = document_member(document, test, TEXT("valid"));
    bool right = verdict_is(schema, document, data, document_cell(document, valid)->boolean);

    if (right) {
        tally->passed++;
        return;
    }
    tally->wrong++;
    printf("FAILS: %s | %.*s | %.*s%s\n", tally->file, TEXT_ARG(group), TEXT_ARG(name),
           schema == NULL ? " (does not compile)" : "");
}

static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

/* The bundle, compiled with nothing around it. */
static const struct schema *bundle_of(const struct schema *schema, enum formats_mode formats,
                                      struct arena *arena)
{
    const struct schema_options alone = {.formats = formats};
    struct diagnostics diagnostics = {.arena = arena};
    struct document *document = ARENA_NEW(arena, struct document);
    struct schema_bundle bundle;
    struct text whole;

    schema_bundle(schema, TEXT("#/$defs/"), TEXT(""), arena, &bundle);
    whole = arena_printf(arena, "{\"allOf\":[%.*s],\"$defs\":{%.*s}}", TEXT_ARG(bundle.schema),
                         TEXT_ARG(bundle.definitions));
    if (!json_read(whole, &limits, arena, document, NULL, NULL))
        return NULL;
    return schema_compile_with(document, 0, &alone, arena, &diagnostics);
}

static void run_group(struct tally *tally, const struct document *document, uint32_t group)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    uint32_t tests = document_member(document, group, TEXT("tests"));
    uint32_t root = document_member(document, group, TEXT("schema"));
    const struct schema *schema =
        schema_compile_with(document, root, &tally->options, &arena, &diagnostics);

    if (tally->bundled && schema != NULL)
        schema = bundle_of(schema, tally->options.formats, &arena);
    for (uint32_t test = tests + 1; test < document_cell(document, tests)->end;
         test = document_next(document, test))
        run_case(tally, schema, document, text_of_member(document, group, "description"), test);
    arena_release(&arena);
}

static void run_file(struct tally *tally, const char *path)
{
    struct arena arena = {0};
    struct document document;
    struct error error = {.message = "cannot be read"};
    struct text text;

    if (!whole_file(path, &arena, &text) ||
        !json_read(text, &limits, &arena, &document, NULL, &error)) {
        printf("%s: %s at %s\n", path, error.message, error.at);
        tally->wrong++;
    } else {
        for (uint32_t group = 1; group < document.cells[0].end;
             group = document_next(&document, group))
            run_group(tally, &document, group);
    }
    arena_release(&arena);
}

static const char *suite_folder(void)
{
    const char *root = getenv("PINION_SCHEMA_SUITE");

    return root ? root : TESTS_DIR "/../../shared/data/json-schema-test-suite";
}

static int add_remote(const char *path, const struct stat *about, int type, struct FTW *where)
{
    size_t root_len = strlen(suite_folder()) + strlen("/remotes/");
    struct document *document = ARENA_NEW(&remotes_arena, struct document);
    struct text uri, text;

    (void)about, (void)where;
    if (type != FTW_F)
        return 0;
    uri = arena_printf(&remotes_arena, "http://localhost:1234/%s", path + root_len);
    if (whole_file(path, &remotes_arena, &text) &&
        json_read(text, &limits, &remotes_arena, document, NULL, NULL))
        schema_set_add(remotes, uri, document, 0);
    return 0;
}

static void read_remotes(void)
{
    char path[512];

    if (remotes != NULL)
        return;
    remotes = schema_set_new(&remotes_arena);
    snprintf(path, sizeof path, "%s/remotes", suite_folder());
    nftw(path, add_remote, 16, FTW_PHYS);
}

/* The drafts as the suite's folders call them, with how many assertions each sort of test has. */
static const struct {
    const char *folder;
    enum draft draft;
} drafts[] = {
    {"draft4", DRAFT_4},
    {"draft6", DRAFT_6},
    {"draft7", DRAFT_7},
    {"draft2019-09", DRAFT_2019_09},
    {"draft2020-12", DRAFT_2020_12},
};

static bool run_folder(struct tally *total, size_t draft, const char *name, enum formats_mode mode)
{
    char folder[512], path[1024];
    struct tally tally = {.bundled = total->bundled,
                          .options = {.set = remotes,
                                      .metaschema = dialect_of(drafts[draft].draft)->metaschema,
                                      .formats = mode,
                                      .content_asserts = mode == FORMATS_BY_DIALECT}};
    struct dirent **entries;
    int count;

    snprintf(folder, sizeof folder, "%s/tests/%s%s", suite_folder(), drafts[draft].folder, name);
    count = scandir(folder, &entries, NULL, alphasort);
    if (count < 0) {
        printf("skipped: there is no folder %s\n", folder);
        return true;
    }
    for (int i = 0; i < count; i++) {
        tally.file = entries[i]->d_name;
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (strstr(entries[i]->d_name, ".json") != NULL)
            run_file(&tally, path);
        free(entries[i]);
    }
    free(entries);
    printf("%s%s: %u of %u pass\n", drafts[draft].folder, name, tally.passed,
           tally.passed + tally.wrong);
    total->passed += tally.passed;
    total->wrong += tally.wrong;
    return tally.wrong == 0;
}

static bool run_drafts(const char *name, enum formats_mode mode, bool bundled)
{
    struct tally total = {.bundled = bundled};

    read_remotes();
    for (size_t i = 0; i < sizeof drafts / sizeof *drafts; i++)
        run_folder(&total, i, name, mode);
    printf("all drafts%s: %u of %u pass\n", name, total.passed, total.passed + total.wrong);
    return total.wrong == 0;
}

TEST(the_required_tests_pass)
{
    EXPECT(run_drafts("", FORMATS_ANNOTATE, false));
}

TEST(the_optional_tests_pass)
{
    EXPECT(run_drafts("/optional", FORMATS_BY_DIALECT, false));
}

TEST(the_tests_of_the_formats_that_are_checked_pass)
{
    EXPECT(run_drafts("/optional/format", FORMATS_ASSERT, false));
}

TEST(a_bundle_says_of_every_value_what_its_schema_says)
{
    EXPECT(run_drafts("", FORMATS_ANNOTATE, true));
}

/* Runs last. */
TEST(the_remotes_are_given_back)
{
    arena_release(&remotes_arena);
    remotes = NULL;
}
