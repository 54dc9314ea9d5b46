/* The schemas are held against the loader: what is good in tests/cases/config satisfies them, and
 * what the loader refuses for its shape they refuse as well. */
#include "config/shape.h"

#include "case_folder.h"
#include "config/config.h"
#include "config/report.h"
#include "document/json_write.h"
#include "document/yaml_read.h"
#include "route/condition.h"
#include "route/shape.h"
#include "schema/schema.h"

#include <unistd.h>

struct made {
    struct document document;
    const struct schema *schema;
};
static struct arena arena;
static struct made made[SHAPE_FILE_COUNT];

static void read_json(struct text text, struct document *out)
{
    struct error err;

    if (!json_read(text, NULL, &arena, out, NULL, &err))
        fail_msg("%s: %s\n%.*s", err.at, err.message, TEXT_ARG(text));
}

static const struct schema *compiled(const struct document *document)
{
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    struct buffer report = buffer_in(&arena);
    const struct schema *schema;

    diagnostics->arena = &arena;
    schema = schema_compile(document, 0, &arena, diagnostics);
    report_write(diagnostics, REPORT_SHORT, false, &report);
    EXPECT_TEXT(buffer_text(&report), "");
    EXPECT(schema != NULL);
    return schema;
}

static void make_all(void)
{
    for (int file = 0; file < SHAPE_FILE_COUNT; file++) {
        struct buffer out = buffer_in(&arena);

        shape_write((enum shape_file)file, &out);
        read_json(text_trim(buffer_text(&out)), &made[file].document);
        made[file].schema = compiled(&made[file].document);
    }
}

/* The subschema at a cell, with the definitions that it may refer to. */
static const struct schema *part(const struct document *whole, uint32_t at)
{
    uint32_t definitions = document_member(whole, 0, TEXT("definitions"));
    struct document *document = ARENA_NEW(&arena, struct document);
    struct buffer text = buffer_in(&arena);

    buffer_put(&text, TEXT("{\"allOf\":["));
    json_put_cell(&text, whole, at);
    buffer_put(&text, TEXT("],\"definitions\":"));
    if (definitions != CELL_NONE)
        json_put_cell(&text, whole, definitions);
    else
        buffer_put(&text, TEXT("{}"));
    buffer_put_byte(&text, '}');
    read_json(buffer_text(&text), document);
    return compiled(document);
}

TEST(each_example_satisfies_the_key_it_is_of)
{
    size_t count = 0;

    make_all();
    for (int file = 0; file < SHAPE_FILE_COUNT; file++) {
        const struct document *document = &made[file].document;

        for (uint32_t at = 0; at < document->count; at++) {
            uint32_t examples = document_member(document, at, TEXT("examples"));

            if (examples == CELL_NONE || document_cell(document, examples)->type != CELL_ARRAY)
                continue;
            count++;
            EXPECT(document_cell(document, examples)->size > 0);
            if (!schema_check(part(document, at), document, examples + 1, &arena))
                fail_msg("%s%.*s: the example is refused", shape_file_name((enum shape_file)file),
                         TEXT_ARG(document_pointer(document, at, &arena)));
        }
    }
    EXPECT(count > 100);
    arena_release(&arena);
}

TEST(every_property_is_explained)
{
    make_all();
    for (int file = 0; file < SHAPE_FILE_COUNT; file++) {
        const struct document *document = &made[file].document;

        for (uint32_t at = 0; at < document->count; at++) {
            uint32_t all = document_member(document, at, TEXT("properties"));
            uint32_t type = document_member(document, at, TEXT("type"));

            /* An object of both names may also be properties that are called so. */
            if (all == CELL_NONE || type == CELL_NONE ||
                document_cell(document, type)->type == CELL_OBJECT)
                continue;
            for (uint32_t key = all + 1; key < document_next(document, all);
                 key = document_next(document, key + 1)) {
                uint32_t about = document_member(document, key + 1, TEXT("description"));

                if (document_member(document, key + 1, TEXT("$ref")) != CELL_NONE)
                    continue;
                if (about == CELL_NONE)
                    fail_msg("%.*s is not explained", TEXT_ARG(document_text(document, key)));
                EXPECT(text_ends(document_text(document, about), TEXT(".")));
            }
        }
    }
    arena_release(&arena);
}

TEST(each_condition_is_known_to_the_rules_as_it_is_described)
{
    for (size_t i = 0; i < route_word_count; i++) {
        const struct route_word *word = &route_words[i];
        const char *beside = word->shape == ROUTE_SHAPE_ZONE     ? ", day: mon"
                             : word->shape == ROUTE_SHAPE_STICKY ? ", percent: 5"
                                                                 : "";
        struct text source = arena_printf(&arena, "- {name: a, use: {model: m}, when: {%s: %s%s}}",
                                          word->name, word->example, beside);
        struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
        struct buffer report = buffer_in(&arena);
        struct route_rules rules;
        struct document document;

        diagnostics->arena = &arena;
        EXPECT(yaml_read(source, TEXT("rule"), &arena, &document, diagnostics));
        route_compile(&document, 0, &arena, diagnostics, &rules);
        report_write(diagnostics, REPORT_SHORT, false, &report);
        EXPECT_TEXT(buffer_text(&report), "");
    }
    arena_release(&arena);
}

/* -- the cases -- */

static size_t good_files, refused_files;

static bool file_of(struct text path, enum shape_file *out)
{
    if (text_equal(path, TEXT("pinion.yaml")))
        *out = SHAPE_CONFIG;
    else if (text_starts(path, TEXT("endpoints/")) && text_ends(path, TEXT(".yaml")) &&
             !text_starts(path, TEXT("endpoints/partials/")))
        *out = SHAPE_ENDPOINT;
    else if (text_starts(path, TEXT("routing/")) && text_ends(path, TEXT(".yaml")))
        *out = SHAPE_ROUTING;
    else if (text_starts(path, TEXT("tests/")) && text_ends(path, TEXT(".yaml")))
        *out = SHAPE_TESTS;
    else
        return false;
    return true;
}

/* What the schema says of a file; true when it is no file of ours, or no YAML. */
static bool satisfies(const char *folder, struct text path, struct arena *scratch)
{
    struct diagnostics *diagnostics = ARENA_NEW(scratch, struct diagnostics);
    const char *name = arena_terminated(scratch, path);
    struct document document;
    enum shape_file file;
    struct text bytes;

    diagnostics->arena = scratch;
    if (!file_of(path, &file) || !case_file(folder, name, scratch, &bytes) ||
        !yaml_read(bytes, path, scratch, &document, diagnostics))
        return true;
    return schema_check(made[file].schema, &document, 0, scratch);
}

/* A wrong shape: what no other file, key or value has a part in. */
static bool is_shape(const struct diagnostic *it)
{
    struct text message = it->message;

    switch (it->code) {
    case DIAGNOSTIC_E0101: /* without the keys that only some values of others need */
        return text_ends(message, TEXT("' is missing")) &&
               text_starts(message, TEXT("the required key '"));
    case DIAGNOSTIC_E0102:
    case DIAGNOSTIC_E0103:
        return true;
    case DIAGNOSTIC_E0401:
    case DIAGNOSTIC_E0402:
        return true;
    default:
        return false;
    }
}

/* Shapes that no schema of one file can know: which keys a kind of provider takes. */
static bool is_excused(const struct diagnostic *it)
{
    return text_find(it->message, TEXT("belong to")) < it->message.len ||
           text_find(it->message, TEXT("belongs to")) < it->message.len;
}

static void check_good(const char *folder, const char *subfolder, struct arena *scratch)
{
    DIR *directory = opendir(arena_printf(scratch, "%s/%s", folder, subfolder).at);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        struct text path = arena_printf(scratch, "%s/%s", subfolder, entry->d_name);

        if (!satisfies(folder, path, scratch))
            fail_msg("%s/%.*s is good, but its schema refuses it", folder, TEXT_ARG(path));
        good_files++;
    }
    if (directory != NULL)
        closedir(directory);
}

static void run_case(const char *folder, struct arena *scratch)
{
    struct diagnostics *diagnostics = ARENA_NEW(scratch, struct diagnostics);
    const struct config_options options = {.dev = true, .allow_missing_secrets = true};
    struct config *config;

    diagnostics->arena = scratch;
    EXPECT_EQ(chdir(folder), 0);
    config = config_load(TEXT("."), &options, diagnostics);
    if (config != NULL) {
        EXPECT(satisfies(folder, TEXT("pinion.yaml"), scratch));
        check_good(folder, "endpoints", scratch);
        check_good(folder, "routing", scratch);
        check_good(folder, "tests", scratch);
    }
    config_free(config);
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *it = &diagnostics->items[i];
        enum shape_file file;

        if (!is_shape(it) || is_excused(it) || !file_of(it->file, &file))
            continue;
        if (satisfies(folder, it->file, scratch))
            fail_msg("%s/%.*s satisfies its schema, but is refused: %s: %.*s", folder,
                     TEXT_ARG(it->file), diagnostic_name(it->code), TEXT_ARG(it->message));
        refused_files++;
    }
}

TEST(schemas_and_loader_agree_about_the_shape_of_every_case)
{
    make_all();
    case_walk("config", run_case);
    EXPECT(good_files > 20);
    EXPECT(refused_files > 30);
    arena_release(&arena);
}

TEST(the_examples_of_this_repository_satisfy_their_schemas)
{
    make_all();
    EXPECT(satisfies(TESTS_DIR "/..", TEXT("pinion.yaml"), &arena));
    good_files = 0;
    check_good(TESTS_DIR "/..", "endpoints", &arena);
    check_good(TESTS_DIR "/..", "routing", &arena);
    EXPECT(good_files >= 10);
    arena_release(&arena);
}
