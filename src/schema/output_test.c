/* The standard forms of output. The official tests are not part of the repository:
 * PINION_SCHEMA_SUITE names their folder, by default the one beside the repository; without it that
 * part says so and passes. */
#include "unit.h"
#include "whole_file.h"

#include "document/json_read.h"
#include "schema/output.h"
#include "schema/program.h"
#include "schema/set.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static const struct json_limits unlimited = {.nodes = JSON_UNLIMITED};

static bool read_file(const char *path, struct arena *arena, struct document *out)
{
    struct text text;

    return whole_file(path, arena, &text) && json_read(text, &unlimited, arena, out, NULL, NULL);
}

static struct text output(const char *schema_text, const char *document_text, enum output_form form,
                          struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document *schema_document = ARENA_NEW(arena, struct document), document;
    struct buffer out = buffer_in(arena);
    const struct schema *schema;
    struct error error;

    diagnostics->arena = arena;
    EXPECT(json_read(text_of(schema_text), NULL, arena, schema_document, NULL, &error));
    EXPECT(json_read(text_of(document_text), NULL, arena, &document, NULL, &error));
    schema = schema_compile(schema_document, 0, arena, diagnostics);
    EXPECT(schema != NULL);
    schema_output(schema, &document, 0, form, arena, &out);
    return buffer_text(&out);
}

TEST(flag_is_the_verdict_alone)
{
    struct arena arena = {0};

    EXPECT_TEXT(output("{\"type\": \"string\", \"title\": \"T\"}", "\"a\"", OUTPUT_FLAG, &arena),
                "{\"valid\":true}");
    EXPECT_TEXT(output("{\"type\": \"string\", \"title\": \"T\"}", "1", OUTPUT_FLAG, &arena),
                "{\"valid\":false}");
    arena_release(&arena);
}

TEST(basic_lists_errors_without_annotations)
{
    struct arena arena = {0};

    EXPECT_TEXT(output("{\"$id\": \"https://a.example/s\", \"title\": \"T\", \"items\": {\"$ref\": "
                       "\"#/$defs/a%20~1\"}, \"$defs\": {\"a /\": {\"type\": \"string\"}}}",
                       "[\"x\", 1]", OUTPUT_BASIC, &arena),
                "{\"valid\":false,\"keywordLocation\":\"\",\"absoluteKeywordLocation\":"
                "\"https://a.example/s#\",\"instanceLocation\":\"\",\"errors\":[{\"valid\":false,"
                "\"keywordLocation\":\"/items/$ref/type\",\"absoluteKeywordLocation\":"
                "\"https://a.example/s#/$defs/a%20~1/type\",\"instanceLocation\":\"/1\","
                "\"error\":\"item '/1' must be a string, found an integer\"}]}");
    arena_release(&arena);
}

TEST(basic_lists_annotations_but_not_those_of_what_failed)
{
    struct arena arena = {0};

    EXPECT_TEXT(
        output("{\"anyOf\": [{\"type\": \"string\", \"title\": \"no\"}, {\"x-unit\": [\"EUR\"]},"
               " {\"not\": {\"not\": {\"title\": \"dropped\"}}}]}",
               "1", OUTPUT_BASIC, &arena),
        "{\"valid\":true,\"keywordLocation\":\"\",\"absoluteKeywordLocation\":\"#\","
        "\"instanceLocation\":\"\",\"annotations\":[{\"valid\":true,"
        "\"keywordLocation\":\"/anyOf/1/x-unit\",\"absoluteKeywordLocation\":\"#/anyOf/1/x-unit\","
        "\"instanceLocation\":\"\",\"annotation\":[\"EUR\"]}]}");
    arena_release(&arena);
}

TEST(drafts_before_2019_09_have_no_annotations)
{
    struct arena arena = {0};
    struct text told = output("{\"$schema\": \"http://json-schema.org/draft-07/schema#\","
                              " \"title\": \"T\"}",
                              "1", OUTPUT_BASIC, &arena);

    EXPECT_EQ(text_find(told, TEXT("annotations")), told.len);
    arena_release(&arena);
}

/* --- the official tests --- */

static const char *suite(void)
{
    const char *root = getenv("PINION_SCHEMA_SUITE");

    return root != NULL ? root : TESTS_DIR "/../../shared/data/json-schema-test-suite";
}

struct tally {
    const char *file, *metaschema;
    struct document document;
    struct arena arena;
    unsigned right, wrong;
};

static struct text text_of_member(const struct tally *tally, uint32_t object, const char *name)
{
    uint32_t value = document_member(&tally->document, object, text_of(name));

    return value == CELL_NONE ? (struct text){0} : document_text(&tally->document, value);
}

static void count(struct tally *tally, bool right, uint32_t group, struct text what)
{
    struct text name = text_of_member(tally, group, "description");

    tally->right += right;
    tally->wrong += !right;
    if (!right)
        printf("FAILS: %s: %s | %.*s | %.*s\n", tally->metaschema, tally->file, TEXT_ARG(name),
               TEXT_ARG(what));
}

static const struct schema *compile_group(struct tally *tally, uint32_t group)
{
    struct diagnostics *diagnostics = ARENA_NEW(&tally->arena, struct diagnostics);
    struct schema_options options = {.metaschema = text_of(tally->metaschema),
                                     .formats = FORMATS_ANNOTATE};

    diagnostics->arena = &tally->arena;
    return schema_compile_with(&tally->document,
                               document_member(&tally->document, group, TEXT("schema")), &options,
                               &tally->arena, diagnostics);
}

static void for_each(struct tally *tally, uint32_t array, uint32_t group,
                     const struct schema *schema,
                     void (*run)(struct tally *tally, uint32_t group, const struct schema *schema,
                                 uint32_t item))
{
    for (uint32_t at = array + 1; at < document_cell(&tally->document, array)->end;
         at = document_next(&tally->document, at))
        run(tally, group, schema, at);
}

static void run_files(struct tally *tally, const char *folder,
                      void (*run)(struct tally *tally, uint32_t group, const struct schema *schema,
                                  uint32_t item),
                      const char *groups)
{
    struct dirent **entries;
    char path[1024];
    int entry_count = scandir(folder, &entries, NULL, alphasort);

    if (entry_count < 0)
        printf("skipped: there is no folder %s\n", folder);
    for (int i = 0; i < entry_count; i++) {
        tally->file = entries[i]->d_name;
        snprintf(path, sizeof path, "%s/%s", folder, tally->file);
        if (strstr(tally->file, ".json") != NULL) {
            EXPECT(read_file(path, &tally->arena, &tally->document));
            for_each(tally,
                     groups == NULL ? 0 : document_member(&tally->document, 0, text_of(groups)), 0,
                     NULL, run);
        }
        free(entries[i]);
    }
    if (entry_count >= 0)
        free(entries);
}

/* --- output: {"description", "schema", "tests": [{"data", "output": {"basic": schema}}]} --- */

static void run_output_test(struct tally *tally, uint32_t group, const struct schema *schema,
                            uint32_t test)
{
    uint32_t wanted = document_member(&tally->document, test, TEXT("output"));
    uint32_t basic = document_member(&tally->document, wanted, TEXT("basic"));
    struct schema_set *set = schema_set_new(&tally->arena);
    struct schema_options options = {.set = set, .metaschema = text_of(tally->metaschema)};
    struct diagnostics *diagnostics = ARENA_NEW(&tally->arena, struct diagnostics);
    struct document form, told;
    struct buffer out = buffer_in(&tally->arena);
    const struct schema *expected;
    char path[1024];
    struct error error;

    diagnostics->arena = &tally->arena;
    snprintf(path, sizeof path, "%s/output-tests/%s/output-schema.json", suite(),
             strstr(tally->metaschema, "2019-09") ? "draft2019-09" : "draft2020-12");
    EXPECT(read_file(path, &tally->arena, &form));
    schema_set_add(set, text_of_member(&(struct tally){.document = form}, 0, "$id"), &form, 0);
    expected = schema_compile_with(&tally->document, basic, &options, &tally->arena, diagnostics);
    EXPECT(expected != NULL && schema != NULL);
    schema_output(schema, &tally->document, document_member(&tally->document, test, TEXT("data")),
                  OUTPUT_BASIC, &tally->arena, &out);
    EXPECT(json_read(buffer_text(&out), NULL, &tally->arena, &told, NULL, &error));
    count(tally, schema_check(expected, &told, 0, &tally->arena), group, buffer_text(&out));
}

static void run_output_group(struct tally *tally, uint32_t group, const struct schema *schema,
                             uint32_t item)
{
    (void)group;
    (void)schema;
    for_each(tally, document_member(&tally->document, item, TEXT("tests")), item,
             compile_group(tally, item), run_output_test);
}

static void run_output(const char *folder, const char *metaschema)
{
    struct tally tally = {.metaschema = metaschema};
    char path[1024];

    snprintf(path, sizeof path, "%s/output-tests/%s/content", suite(), folder);
    run_files(&tally, path, run_output_group, NULL);
    printf("output %s: %u pass\n", folder, tally.right);
    EXPECT_EQ(tally.wrong, 0);
    arena_release(&tally.arena);
}

TEST(the_official_tests_of_output_pass)
{
    run_output("draft2020-12", "https://json-schema.org/draft/2020-12/schema");
    run_output("draft2019-09", "https://json-schema.org/draft/2019-09/schema");
}

/* --- annotations: {"suite": [{"compatibility", "schema", "tests": [{"instance", "assertions":
 * [{"location", "keyword", "expected": {schema location: value}}]}]}]} --- */

static bool fits_draft(struct text compatibility, unsigned year)
{
    while (compatibility.len > 0) {
        struct text part = text_split(&compatibility, ',');
        bool same = text_starts(part, TEXT("=")), most = text_starts(part, TEXT("<="));
        uint64_t named = 0;

        EXPECT(text_to_u64(text_after(part, same + 2u * most), &named));
        if (same ? year != named : most ? year > named : year < named)
            return false;
    }
    return true;
}

static struct text decoded(struct arena *arena, struct text fragment)
{
    char *out = arena_bytes(arena, fragment.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < fragment.len; i++) {
        char hex[3] = {0};

        out[len++] = fragment.at[i];
        if (fragment.at[i] != '%' || i + 2 >= fragment.len)
            continue;
        memcpy(hex, fragment.at + i + 1, 2);
        out[len - 1] = (char)strtoul(hex, NULL, 16);
        i += 2;
    }
    return (struct text){out, len};
}

/* The cell of the schema that an absolute location names. */
static uint32_t located(struct tally *tally, const struct schema *schema, struct text location)
{
    struct text fragment = location, uri = text_split(&fragment, '#');
    uint32_t from = uri.len == 0 ? schema->root : CELL_NONE;

    for (uint32_t i = 0; i < schema->resource_count; i++) {
        if (uri.len > 0 && text_equal(schema->resources[i].uri, uri))
            from = schema->resources[i].cell;
    }
    return from == CELL_NONE
               ? CELL_NONE
               : document_at(schema->document, from, decoded(&tally->arena, fragment));
}

static struct text without_last_step(struct text pointer)
{
    while (pointer.len > 0 && pointer.at[pointer.len - 1] != '/')
        pointer.len--;
    return text_first(pointer, pointer.len ? pointer.len - 1 : 0);
}

/* What an assertion is about: a document of output, and the schema it was made by. */
struct answer {
    struct document told;
    const struct schema *schema;
};

static bool assertion_holds(struct tally *tally, const struct answer *answer, uint32_t assertion)
{
    const struct document *told = &answer->told;
    struct text location = text_of_member(tally, assertion, "location");
    struct text keyword = text_of_member(tally, assertion, "keyword");
    uint32_t expected = document_member(&tally->document, assertion, TEXT("expected"));
    uint32_t all = document_member(told, 0, TEXT("annotations")), found = 0;

    for (uint32_t it = all + 1; all != CELL_NONE && it < document_cell(told, all)->end;
         it = document_next(told, it)) {
        struct text place =
            document_text(told, document_member(told, it, TEXT("instanceLocation")));
        struct text absolute =
            document_text(told, document_member(told, it, TEXT("absoluteKeywordLocation")));
        struct text way = without_last_step(absolute);
        bool right = false;

        if (!text_equal(place, location) || !text_equal(text_after(absolute, way.len + 1), keyword))
            continue;
        for (uint32_t key = expected + 1; key < document_cell(&tally->document, expected)->end;
             key = document_next(&tally->document, key + 1))
            right =
                right || (located(tally, answer->schema, document_text(&tally->document, key)) ==
                              located(tally, answer->schema, way) &&
                          document_equal(&tally->document, key + 1, told,
                                         document_member(told, it, TEXT("annotation"))));
        if (!right)
            return false;
        found++;
    }
    return found == document_cell(&tally->document, expected)->size;
}

static void run_annotation_test(struct tally *tally, uint32_t group, const struct schema *schema,
                                uint32_t test)
{
    struct answer answer = {.schema = schema};
    uint32_t assertions = document_member(&tally->document, test, TEXT("assertions"));
    struct buffer out = buffer_in(&tally->arena);
    struct error error;

    EXPECT(schema != NULL);
    EXPECT(schema_output(schema, &tally->document,
                         document_member(&tally->document, test, TEXT("instance")), OUTPUT_BASIC,
                         &tally->arena, &out));
    EXPECT(json_read(buffer_text(&out), &unlimited, &tally->arena, &answer.told, NULL, &error));
    for (uint32_t at = assertions + 1; at < document_cell(&tally->document, assertions)->end;
         at = document_next(&tally->document, at))
        count(tally, assertion_holds(tally, &answer, at), group, buffer_text(&out));
}

static void run_annotation_group(struct tally *tally, uint32_t group, const struct schema *schema,
                                 uint32_t item)
{
    unsigned year = strstr(tally->metaschema, "2019-09") ? 2019 : 2020;

    (void)group;
    (void)schema;
    if (fits_draft(text_of_member(tally, item, "compatibility"), year))
        for_each(tally, document_member(&tally->document, item, TEXT("tests")), item,
                 compile_group(tally, item), run_annotation_test);
}

static void run_annotations(const char *metaschema)
{
    struct tally tally = {.metaschema = metaschema};
    char path[1024];

    snprintf(path, sizeof path, "%s/annotations/tests", suite());
    run_files(&tally, path, run_annotation_group, "suite");
    printf("annotations %s: %u pass\n", metaschema, tally.right);
    EXPECT_EQ(tally.wrong, 0);
    arena_release(&tally.arena);
}

TEST(the_official_tests_of_annotations_pass)
{
    run_annotations("https://json-schema.org/draft/2020-12/schema");
    run_annotations("https://json-schema.org/draft/2019-09/schema");
}
