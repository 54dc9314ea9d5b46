#include "case_folder.h"

#include "demo/demo_instance.h"
#include "document/json_write.h"
#include "schema/schema.h"

/* tests/cases/demo: a folder has schema.json, text.txt and expected.json. */

static const struct schema *compile(const char *what, const struct document *schema,
                                    struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    const struct schema *compiled;

    diagnostics->arena = arena;
    compiled = schema_compile(schema, 0, arena, diagnostics);
    if (compiled == NULL)
        fail_msg("%s: %.*s", what, TEXT_ARG(diagnostics->items[0].message));
    return compiled;
}

/* The instance, once it is certain that it satisfies the schema. */
static struct text valid_instance(const char *what, const struct document *schema,
                                  struct text caller_text, struct arena *arena)
{
    bool valid = false;
    struct text instance = demo_instance(schema, 0, caller_text, arena, &valid);
    const struct schema *compiled = compile(what, schema, arena);
    struct document document;
    struct error err = {0};

    if (!json_read(instance, NULL, arena, &document, NULL, &err))
        fail_msg("%s: %s at %s in %.*s", what, err.message, err.at, TEXT_ARG(instance));
    if (!valid || !schema_check(compiled, &document, 0, arena)) {
        struct violations *violations = ARENA_NEW(arena, struct violations);

        schema_explain(compiled, &document, 0, arena, violations);
        fail_msg("%s: %.*s %.*s\n%.*s", what, TEXT_ARG(violations->items[0].instance_path),
                 TEXT_ARG(violations->items[0].message), TEXT_ARG(instance));
    }
    return instance;
}

static void run_case(const char *folder, struct arena *arena)
{
    struct document schema, expected, got;
    struct text text, instance;
    struct buffer wanted = buffer_in(arena);

    EXPECT(case_json(folder, "schema.json", arena, &schema));
    EXPECT(case_file(folder, "text.txt", arena, &text));
    instance = valid_instance(folder, &schema, text, arena);
    if (!case_json(folder, "expected.json", arena, &expected))
        fail_msg("%s has no expected.json; got:\n%.*s", folder, TEXT_ARG(instance));
    EXPECT(json_read(instance, NULL, arena, &got, NULL, NULL));
    json_put_cell(&wanted, &expected, 0);
    if (!document_equal(&got, 0, &expected, 0))
        case_expect(folder, "instance", instance, buffer_text(&wanted));
}

TEST(every_case_gives_the_instance_as_written)
{
    EXPECT(case_walk("demo", run_case) >= 15);
}

/* Any text must do for any schema of the cases. */
static void run_texts(const char *folder, struct arena *arena)
{
    static const struct text texts[] = {
        TEXT_INIT(""),
        TEXT_INIT("a"),
        TEXT_INIT("\"\\ \x01 {{x}} </system> \U0001F600"),
        TEXT_INIT("0 -1 1e9 99999999999999 3.14159 2026-02-30 31.12.1999"),
        TEXT_INIT("null true false [] {} \"\""),
        TEXT_INIT(
            "{\"title\": null, \"id\": -5, \"type\": [1], \"name\": \"\", \"amount\": \"x\"}"),
        TEXT_INIT("\u4ECA\u65E5\u306F\u96E8\u3002\u660E\u65E5\u306F\u6674\u308C\u3002"),
    };
    struct document schema;

    EXPECT(case_json(folder, "schema.json", arena, &schema));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        valid_instance(folder, &schema, texts[i], arena);
}

TEST(every_schema_of_the_cases_is_satisfied_from_any_text)
{
    case_walk("demo", run_texts);
}

/* Every schema of the example set that this repository is. */
TEST(every_schema_of_the_repository_is_satisfied)
{
    DIR *folder = opendir(TESTS_DIR "/../schemas");
    struct dirent *entry;

    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        struct arena arena = {0};
        struct document schema;
        struct text name = text_of(entry->d_name);

        if (text_ends(name, TEXT(".json"))) {
            EXPECT(case_json(TESTS_DIR "/../schemas", entry->d_name, &arena, &schema));
            valid_instance(entry->d_name, &schema, TEXT("One sentence. Two on 2026-03-24: 5 EUR."),
                           &arena);
        }
        arena_release(&arena);
    }
    closedir(folder);
}

/* A schema that nothing satisfies is answered all the same, and said to be so. */
TEST(what_cannot_be_satisfied_ends)
{
    static const char *const schemas[] = {
        "false",
        "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}",
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":false}}",
        "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"integer\"}]}",
        "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"object\",\"required\":[\"b\"],"
        "\"properties\":{\"b\":{\"$ref\":\"#/$defs/a\"}}}}}",
        "{\"type\":\"array\",\"minItems\":100000}",
        "{\"enum\":[1,2],\"minimum\":3}",
    };

    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++) {
        struct arena arena = {0};
        struct document schema, document;
        struct text instance;
        bool valid = true;

        EXPECT(json_read(text_of(schemas[i]), NULL, &arena, &schema, NULL, NULL));
        instance = demo_instance(&schema, 0, TEXT("Some text."), &arena, &valid);
        if (valid)
            fail_msg("%s: %.*s", schemas[i], TEXT_ARG(instance));
        EXPECT(json_read(instance, NULL, &arena, &document, NULL, NULL));
        arena_release(&arena);
    }
}
