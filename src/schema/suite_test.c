/* The official test suite of JSON Schema, draft 2020-12, in both ways of running. It is not part of
 * the repository: PINION_SCHEMA_SUITE names its folder, by default the one beside the repository;
 * without it this program says so and passes. */
#include "unit.h"

#include "document/json_read.h"
#include "schema/explain.h"
#include "schema/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* What does not pass yet, and why. A test that fails without standing here fails this program, and
 * so does one that stands here and passes. */
struct exception {
    const char *file, *group;
    const char *test; /* NULL: all of the group */
    const char *reason;
};
static const char needs_documents[] = "refers to a document that is not in the schema";
static const char needs_metaschema[] = "refers to the meta-schema";
static const char needs_dialect[] = "another draft or a meta-schema of its own";
/* clang-format off */
static const struct exception exceptions[] = {
    {"defs.json", "validate definition against metaschema", NULL, needs_metaschema},
    {"dynamicRef.json", "strict-tree schema, guards against misspelled properties", NULL, needs_documents},
    {"dynamicRef.json", "tests for implementation dynamic anchor and reference link", NULL, needs_documents},
    {"dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $defs first", NULL, needs_documents},
    {"dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $ref first", NULL, needs_documents},
    {"dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor", NULL, needs_documents},
    {"ref.json", "remote ref, containing refs itself", NULL, needs_metaschema},
    {"refRemote.json", "remote ref", NULL, needs_documents},
    {"refRemote.json", "fragment within remote ref", NULL, needs_documents},
    {"refRemote.json", "anchor within remote ref", NULL, needs_documents},
    {"refRemote.json", "ref within remote ref", NULL, needs_documents},
    {"refRemote.json", "base URI change", NULL, needs_documents},
    {"refRemote.json", "base URI change - change folder", NULL, needs_documents},
    {"refRemote.json", "base URI change - change folder in subschema", NULL, needs_documents},
    {"refRemote.json", "root ref in remote ref", NULL, needs_documents},
    {"refRemote.json", "remote ref with ref to defs", NULL, needs_documents},
    {"refRemote.json", "Location-independent identifier in remote ref", NULL, needs_documents},
    {"refRemote.json", "retrieved nested refs resolve relative to their URI not $id", NULL, needs_documents},
    {"refRemote.json", "remote HTTP ref with different $id", NULL, needs_documents},
    {"refRemote.json", "remote HTTP ref with different URN $id", NULL, needs_documents},
    {"refRemote.json", "remote HTTP ref with nested absolute ref", NULL, needs_documents},
    {"refRemote.json", "$ref to $ref finds detached $anchor", NULL, needs_documents},
    {"vocabulary.json", "schema that uses custom metaschema with with no validation vocabulary", NULL, needs_dialect},
    {"vocabulary.json", "ignore unrecognized optional vocabulary", NULL, needs_dialect},
    {"cross-draft.json", "refs to historic drafts are processed as historic drafts", NULL, needs_dialect},
    {"format-assertion.json", "schema that uses custom metaschema with format-assertion: false", NULL, needs_dialect},
    {"format-assertion.json", "schema that uses custom metaschema with format-assertion: true", NULL, needs_dialect},
};
/* clang-format on */
enum { EXCEPTIONS = sizeof exceptions / sizeof *exceptions };
static bool exception_used[EXCEPTIONS];

struct tally {
    const char *file;
    bool assert_formats;
    unsigned passed, excepted, wrong;
};

static const struct exception *find_exception(const char *file, struct text group, struct text test)
{
    for (size_t i = 0; i < EXCEPTIONS; i++) {
        const struct exception *it = &exceptions[i];

        if (strcmp(it->file, file) == 0 && text_equal(text_of(it->group), group) &&
            (it->test == NULL || text_equal(text_of(it->test), test))) {
            exception_used[i] = true;
            return it;
        }
    }
    return NULL;
}

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
            (violations.total == 0) == valid && (plainly.total == 0) == valid;
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
    const struct exception *exception = find_exception(tally->file, group, name);

    if (right && exception == NULL) {
        tally->passed++;
    } else if (!right && exception != NULL) {
        tally->excepted++;
    } else {
        tally->wrong++;
        printf("%s: %s | %.*s | %.*s%s\n", right ? "PASSES" : "FAILS", tally->file, TEXT_ARG(group),
               TEXT_ARG(name), schema == NULL ? " (does not compile)" : "");
    }
}

static void run_group(struct tally *tally, const struct document *document, uint32_t group)
{
    struct schema_options options = {.formats_annotate = !tally->assert_formats};
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    uint32_t tests = document_member(document, group, TEXT("tests"));
    uint32_t root = document_member(document, group, TEXT("schema"));
    const struct schema *schema =
        schema_compile_with(document, root, &options, &arena, &diagnostics);

    for (uint32_t test = tests + 1; test < document_cell(document, tests)->end;
         test = document_next(document, test))
        run_case(tally, schema, document, text_of_member(document, group, "description"), test);
    arena_release(&arena);
}

static struct text read_whole_file(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "rb");
    struct text text = {0};
    long bytes;

    if (file == NULL)
        return text;
    fseek(file, 0, SEEK_END);
    bytes = ftell(file);
    rewind(file);
    if (bytes > 0) {
        char *at = arena_bytes(arena, (size_t)bytes);

        text = (struct text){at, fread(at, 1, (size_t)bytes, file)};
    }
    fclose(file);
    return text;
}

static void run_file(struct tally *tally, const char *path)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct arena arena = {0};
    struct document document;
    struct error error;

    if (!json_read(read_whole_file(path, &arena), &limits, &arena, &document, NULL, &error)) {
        printf("%s: %s at %s\n", path, error.message, error.at);
        tally->wrong++;
    } else {
        for (uint32_t group = 1; group < document.cells[0].end;
             group = document_next(&document, group))
            run_group(tally, &document, group);
    }
    arena_release(&arena);
}

static bool run_folder(const char *name, bool assert_formats)
{
    const char *root = getenv("PINION_SCHEMA_SUITE");
    char folder[512], path[1024];
    struct tally tally = {.assert_formats = assert_formats};
    struct dirent **entries;
    int count;

    snprintf(folder, sizeof folder, "%s/tests/draft2020-12%s",
             root ? root : TESTS_DIR "/../../shared/data/json-schema-test-suite", name);
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
    printf("draft2020-12%s: %u pass, %u are excepted, %u are not as expected\n", name, tally.passed,
           tally.excepted, tally.wrong);
    return tally.wrong == 0;
}

TEST(the_required_tests_pass)
{
    EXPECT(run_folder("", false));
}

TEST(the_optional_tests_pass)
{
    EXPECT(run_folder("/optional", false));
}

TEST(the_tests_of_the_formats_that_are_checked_pass)
{
    EXPECT(run_folder("/optional/format", true));
}

/* Runs last: the exceptions above must all have been met, if the suite is there at all. */
TEST(no_exception_has_become_needless)
{
    bool any = false;

    for (size_t i = 0; i < EXCEPTIONS; i++)
        any = any || exception_used[i];
    for (size_t i = 0; i < EXCEPTIONS && any; i++) {
        if (!exception_used[i])
            printf("not met: %s | %s\n", exceptions[i].file, exceptions[i].group);
        EXPECT(exception_used[i]);
    }
}
