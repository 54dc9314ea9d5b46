/* Folders of cases: schema.json, valid.jsonl with a document a line, invalid.jsonl with lines
 * {"expect": {"instanceLocation", "keyword", and perhaps "schemaPath", "expected", "got",
 * "schemaAt", "message"}, "instance": ...} about the first violation. Where an instance contains
 * "hunter2" or 70707, nothing that is told may. The benchmark's workloads have the same
 * form; PINION_SCHEMA_BENCH names their folder, by default the one beside the repository.
 * In schema-errors/ an expected.txt has what loading the schema must say.
 * A folder documents/ has further schemas that references may lead to: schema.json is retrieved
 * from https://example.com/schema.json, and they from where their paths put them beside it. */
#include "unit.h"
#include "whole_file.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "schema/explain.h"
#include "schema/schema.h"
#include "schema/set.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const struct json_limits unlimited = {.nodes = JSON_UNLIMITED, .depth = 1000};

static const char address[] = "https://example.com/";

/* Adds the files of a folder, those of subfolders too, as what is at `prefix`. */
static void add_documents(struct schema_set *set, const char *folder, struct text prefix,
                          struct arena *arena)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    char path[1024];

    for (int i = 0; i < count; i++) {
        struct text name = arena_copy(arena, text_of(entries[i]->d_name));
        struct text uri = arena_printf(arena, "%.*s%.*s", TEXT_ARG(prefix), TEXT_ARG(name));
        struct document *document = ARENA_NEW(arena, struct document);
        struct text source;

        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (text_ends(name, TEXT(".json"))) {
            EXPECT(whole_file(path, arena, &source));
            EXPECT(json_read(source, &unlimited, arena, document, NULL, NULL));
            document->file = uri;
            EXPECT(schema_set_add(set, uri, document, 0));
        } else if (name.at[0] != '.') {
            add_documents(set, path, arena_printf(arena, "%.*s/", TEXT_ARG(uri)), arena);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* Compiles the schema of a folder, with what its documents/ has. */
static const struct schema *compile_with_documents(const char *folder,
                                                   const struct document *document,
                                                   struct arena *arena,
                                                   struct diagnostics *diagnostics)
{
    struct schema_options options = {.uri = TEXT("https://example.com/schema.json")};
    struct schema_set *set;
    char path[1024];
    struct stat about;

    snprintf(path, sizeof path, "%s/documents", folder);
    if (stat(path, &about) != 0)
        return schema_compile(document, 0, arena, diagnostics);
    set = schema_set_new(arena);
    add_documents(set, path, text_of(address), arena);
    options.set = set;
    return schema_compile_with(document, 0, &options, arena, diagnostics);
}

/* What one folder is being tested with. */
struct trial {
    const char *folder;
    const struct schema *schema;
    struct arena arena;
    struct document schema_document;
    unsigned valid, invalid, wrong;
};

static bool compile_folder(struct trial *trial)
{
    struct diagnostics *diagnostics = ARENA_NEW(&trial->arena, struct diagnostics);
    char path[1024];
    struct text source;
    struct error error;

    diagnostics->arena = &trial->arena;
    snprintf(path, sizeof path, "%s/schema.json", trial->folder);
    if (!whole_file(path, &trial->arena, &source) ||
        !json_read(source, &unlimited, &trial->arena, &trial->schema_document, NULL, &error)) {
        printf("%s: no readable schema.json\n", trial->folder);
        return false;
    }
    trial->schema =
        compile_with_documents(trial->folder, &trial->schema_document, &trial->arena, diagnostics);
    for (size_t i = 0; i < diagnostics->count; i++)
        printf("%s: %s at %.*s: %.*s\n", trial->folder, diagnostic_name(diagnostics->items[i].code),
               TEXT_ARG(diagnostics->items[i].pointer), TEXT_ARG(diagnostics->items[i].message));
    return trial->schema != NULL;
}

static void complain(struct trial *trial, unsigned line, const char *what, struct text got)
{
    printf("%s: line %u: %s: %.*s\n", trial->folder, line, what, (int)got.len,
           got.len ? got.at : "");
    trial->wrong++;
}

/* All ways of running must agree; fills the violations. */
static bool run_all_ways(struct trial *trial, const struct document *document, uint32_t at,
                         unsigned line, struct arena *arena, struct violations *out)
{
    struct violations plainly;
    bool holds = schema_check(trial->schema, document, at, arena);

    schema_explain(trial->schema, document, at, arena, out);
    explain_plainly(trial->schema, document, at, true, arena, &plainly);
    if (holds != (out->total == 0) || holds != (plainly.total == 0) || out->total != plainly.total)
        complain(trial, line, "the ways of running disagree", (struct text){0});
    return holds;
}

static void run_valid(struct trial *trial, const struct document *document, unsigned line,
                      struct arena *arena)
{
    struct violations violations;

    trial->valid++;
    if (!run_all_ways(trial, document, 0, line, arena, &violations))
        complain(trial, line, "must be valid",
                 violations.listed ? violations.items[0].message : TEXT("?"));
}

static void expect_field(struct trial *trial, const struct document *document, uint32_t expect,
                         const char *name, struct text got, unsigned line)
{
    uint32_t wanted = document_member(document, expect, text_of(name));
    char label[256];

    if (wanted == CELL_NONE || text_equal(document_text(document, wanted), got))
        return;
    snprintf(label, sizeof label, "the first violation's %s must be '%.*s', is", name,
             TEXT_ARG(document_text(document, wanted)));
    complain(trial, line, label, got);
}

/* Keywords of which some case gives the message in full. */
static bool worded[KEYWORD_COUNT];

static void expect_no_content(struct trial *trial, const struct violations *violations,
                              unsigned line)
{
    static const struct text secrets[] = {TEXT_INIT("hunter2"), TEXT_INIT("70707")};

    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *it = &violations->items[i];
        const struct text told[] = {it->instance_path, it->schema_path, it->schema_at, it->expected,
                                    it->got,           it->message,     it->demand};

        for (size_t k = 0; k < sizeof told / sizeof *told * 2; k++) {
            if (text_find(told[k / 2], secrets[k % 2]) < told[k / 2].len)
                complain(trial, line, "tells what is in the document", told[k / 2]);
        }
    }
}

static void run_invalid(struct trial *trial, const struct document *document, unsigned line,
                        struct arena *arena)
{
    uint32_t expect = document_member(document, 0, TEXT("expect"));
    uint32_t instance = document_member(document, 0, TEXT("instance"));
    struct violations violations;
    const struct violation *first = &violations.items[0];

    trial->invalid++;
    if (run_all_ways(trial, document, instance, line, arena, &violations)) {
        complain(trial, line, "must be invalid", (struct text){0});
        return;
    }
    expect_field(trial, document, expect, "instanceLocation", first->instance_path, line);
    expect_field(trial, document, expect, "keyword", first->keyword, line);
    expect_field(trial, document, expect, "schemaPath", first->schema_path, line);
    expect_field(trial, document, expect, "expected", first->expected, line);
    expect_field(trial, document, expect, "got", first->got, line);
    expect_field(trial, document, expect, "schemaAt", first->schema_at, line);
    expect_field(trial, document, expect, "message", first->message, line);
    for (unsigned i = 0; i < KEYWORD_COUNT; i++) {
        if (document_member(document, expect, TEXT("message")) != CELL_NONE &&
            text_equal(keyword_row((enum keyword)i)->name, first->keyword))
            worded[i] = true;
    }
    expect_no_content(trial, &violations, line);
}

static void run_lines(struct trial *trial, const char *name,
                      void (*run)(struct trial *trial, const struct document *document,
                                  unsigned line, struct arena *arena))
{
    char path[1024];
    struct text rest;

    snprintf(path, sizeof path, "%s/%s", trial->folder, name);
    if (!whole_file(path, &trial->arena, &rest)) {
        complain(trial, 0, "cannot be read", text_of(name));
        return;
    }
    for (unsigned line = 1; rest.len > 0; line++) {
        struct text source = text_split(&rest, '\n');
        struct arena arena = {0};
        struct document document;
        struct error error;

        if (text_trim(source).len == 0)
            continue;
        if (json_read(source, &unlimited, &arena, &document, NULL, &error))
            run(trial, &document, line, &arena);
        else
            complain(trial, line, error.at, text_of(error.message));
        arena_release(&arena);
    }
}

static bool run_case(const char *folder)
{
    struct trial trial = {.folder = folder};

    if (!compile_folder(&trial)) {
        arena_release(&trial.arena);
        return false;
    }
    run_lines(&trial, "valid.jsonl", run_valid);
    run_lines(&trial, "invalid.jsonl", run_invalid);
    if (trial.valid == 0 || trial.invalid == 0)
        complain(&trial, 0, "has no lines", (struct text){0});
    arena_release(&trial.arena);
    return trial.wrong == 0;
}

static bool run_workload(const char *folder)
{
    struct trial trial = {.folder = folder};

    if (!compile_folder(&trial)) {
        arena_release(&trial.arena);
        return false;
    }
    run_lines(&trial, "instances.jsonl", run_valid);
    run_lines(&trial, "invalid.jsonl", run_invalid);
    printf("%s: %u valid, %u invalid\n", folder, trial.valid, trial.invalid);
    arena_release(&trial.arena);
    return trial.wrong == 0;
}

/* What the schema of a folder says when it is loaded, one line each. */
static struct text load_and_tell(const char *folder, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct buffer told = buffer_in(arena);
    struct document document;
    struct text source;
    struct error error;
    char path[1024];
    bool compiled;

    diagnostics->arena = arena;
    snprintf(path, sizeof path, "%s/schema.json", folder);
    if (!whole_file(path, arena, &source) ||
        !json_read(source, &unlimited, arena, &document, NULL, &error))
        return TEXT("schema.json cannot be read\n");
    compiled = compile_with_documents(folder, &document, arena, diagnostics) != NULL;
    if (compiled != (diagnostics->error_count == 0))
        return TEXT("errors and the result disagree\n");
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *it = &diagnostics->items[i];

        buffer_printf(&told, "%s %u:%u '%.*s' %.*s", diagnostic_name(it->code),
                      it->range.start.line, it->range.start.column, TEXT_ARG(it->pointer),
                      TEXT_ARG(it->message));
        if (it->hint.len > 0)
            buffer_printf(&told, " (%.*s)", TEXT_ARG(it->hint));
        buffer_put_byte(&told, '\n');
    }
    return buffer_text(&told);
}

static bool run_errors(const char *folder)
{
    struct arena arena = {0};
    struct text told = load_and_tell(folder, &arena), expected;
    char path[1024];
    bool right;

    snprintf(path, sizeof path, "%s/expected.txt", folder);
    right = whole_file(path, &arena, &expected) && text_equal(told, expected);
    if (!right)
        printf("%s: loading says\n%.*s", folder, TEXT_ARG(told));
    arena_release(&arena);
    return right;
}

/* Runs every folder inside `root`; returns how many, or -1 when one went wrong. */
static int run_folders(const char *root, bool (*run)(const char *folder))
{
    struct dirent **entries;
    int count = scandir(root, &entries, NULL, alphasort), ran = 0;
    bool right = true;
    char folder[768];

    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.' && strchr(entries[i]->d_name, '.') == NULL &&
            strcmp(entries[i]->d_name, "README") != 0) {
            snprintf(folder, sizeof folder, "%s/%s", root, entries[i]->d_name);
            right = run(folder) && right;
            ran++;
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return right ? ran : -1;
}

TEST(every_case_says_what_it_expects)
{
    EXPECT(run_folders(TESTS_DIR "/cases/schema", run_case) > 0);
}

/* Runs after the cases. A keyword that only leads to other schemas has no message of its own. */
TEST(the_message_of_every_keyword_that_can_fail_is_in_a_case)
{
    static const enum keyword can_fail[] = {
        KEYWORD_TYPE,
        KEYWORD_ENUM,
        KEYWORD_CONST,
        KEYWORD_MULTIPLE_OF,
        KEYWORD_MINIMUM,
        KEYWORD_EXCLUSIVE_MINIMUM,
        KEYWORD_MAXIMUM,
        KEYWORD_EXCLUSIVE_MAXIMUM,
        KEYWORD_MIN_LENGTH,
        KEYWORD_MAX_LENGTH,
        KEYWORD_PATTERN,
        KEYWORD_FORMAT,
        KEYWORD_MIN_ITEMS,
        KEYWORD_MAX_ITEMS,
        KEYWORD_ITEMS,
        KEYWORD_ADDITIONAL_ITEMS,
        KEYWORD_CONTAINS,
        KEYWORD_MIN_CONTAINS,
        KEYWORD_MAX_CONTAINS,
        KEYWORD_UNIQUE_ITEMS,
        KEYWORD_MIN_PROPERTIES,
        KEYWORD_MAX_PROPERTIES,
        KEYWORD_REQUIRED,
        KEYWORD_PROPERTIES,
        KEYWORD_ADDITIONAL_PROPERTIES,
        KEYWORD_PROPERTY_NAMES,
        KEYWORD_DEPENDENT_REQUIRED,
        KEYWORD_DEPENDENCIES,
        KEYWORD_ANY_OF,
        KEYWORD_ONE_OF,
        KEYWORD_NOT,
        KEYWORD_UNEVALUATED_ITEMS,
        KEYWORD_UNEVALUATED_PROPERTIES,
    };

    for (size_t i = 0; i < sizeof can_fail / sizeof *can_fail; i++) {
        if (!worded[can_fail[i]])
            printf("no case has a message of '%.*s'\n", TEXT_ARG(keyword_row(can_fail[i])->name));
        EXPECT(worded[can_fail[i]]);
    }
}

TEST(mistakes_in_schemas_are_all_told)
{
    EXPECT(run_folders(TESTS_DIR "/cases/schema-errors", run_errors) > 0);
}

TEST(the_benchmark_workloads_say_what_they_expect)
{
    const char *root = getenv("PINION_SCHEMA_BENCH");
    int ran =
        run_folders(root ? root : TESTS_DIR "/../../shared/data/json-schema-bench", run_workload);

    if (ran == 0)
        printf("skipped: there are no workloads\n");
    EXPECT(ran >= 0);
}
