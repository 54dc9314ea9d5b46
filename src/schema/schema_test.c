#include "unit.h"

#include "base/buffer.h"
#include "document/json_read.h"
#include "document/utf8.h"
#include "schema/explain.h"
#include "schema/schema.h"

#include <stdio.h>

/* One schema with its memory. */
struct loaded {
    struct arena arena;
    struct diagnostics diagnostics;
    struct document document;
    const struct schema *schema;
};

static void read_json(struct text text, struct arena *arena, struct document *out)
{
    static const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    struct error error;

    if (!json_read(text, &limits, arena, out, NULL, &error))
        fail_msg("%s at %s", error.message, error.at);
}

static void load(struct loaded *loaded, const char *source)
{
    *loaded = (struct loaded){0};
    loaded->diagnostics.arena = &loaded->arena;
    read_json(text_of(source), &loaded->arena, &loaded->document);
    loaded->schema = schema_compile(&loaded->document, 0, &loaded->arena, &loaded->diagnostics);
    if (loaded->schema == NULL)
        fail_msg("%.*s", TEXT_ARG(loaded->diagnostics.items[0].message));
}

static bool check_text(const struct loaded *loaded, struct text text)
{
    struct arena arena = {0};
    struct document document;
    bool holds;

    read_json(text, &arena, &document);
    holds = schema_check(loaded->schema, &document, 0, &arena);
    arena_release(&arena);
    return holds;
}

static bool check(const struct loaded *loaded, const char *text)
{
    return check_text(loaded, text_of(text));
}

static struct violations explain(const struct loaded *loaded, struct text text, struct arena *arena)
{
    struct document document;
    struct violations violations;

    read_json(text, arena, &document);
    schema_explain(loaded->schema, &document, 0, arena, &violations);
    EXPECT_EQ(violations.total == 0, schema_check(loaded->schema, &document, 0, arena));
    return violations;
}

/* `open` so many times, then the middle, then `close` as often. */
static struct text nested(struct arena *arena, const char *open, size_t times, const char *middle,
                          const char *close)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < times; i++)
        buffer_put(&out, text_of(open));
    buffer_put(&out, text_of(middle));
    for (size_t i = 0; i < times; i++)
        buffer_put(&out, text_of(close));
    return arena_copy(arena, buffer_text(&out));
}

TEST(a_schema_may_be_a_part_of_a_document)
{
    struct loaded loaded = {0};
    struct arena *arena = &loaded.arena;
    uint32_t root;

    loaded.diagnostics.arena = arena;
    read_json(TEXT("{\"input\": {\"$ref\": \"#/$defs/n\", \"$defs\": {\"n\": {\"minimum\": 3}}}}"),
              arena, &loaded.document);
    root = document_member(&loaded.document, 0, TEXT("input"));
    loaded.schema = schema_compile(&loaded.document, root, arena, &loaded.diagnostics);
    EXPECT(loaded.schema != NULL);
    EXPECT(check(&loaded, "3"));
    EXPECT(!check(&loaded, "2"));
    arena_release(arena);
}

TEST(a_subtree_is_checked_alone_and_paths_begin_there)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct document document;
    struct violations violations;
    uint32_t at;

    load(&loaded, "{\"properties\": {\"a\": {\"type\": \"string\"}}}");
    read_json(TEXT("{\"message\": {\"a\": 5}}"), &arena, &document);
    at = document_member(&document, 0, TEXT("message"));
    EXPECT(schema_check(loaded.schema, &document, 0, &arena));
    EXPECT(!schema_check(loaded.schema, &document, at, &arena));
    schema_explain(loaded.schema, &document, at, &arena, &violations);
    EXPECT_EQ(violations.total, 1);
    EXPECT_TEXT(violations.items[0].instance_path, "/a");
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(twenty_violations_are_listed_and_a_thousand_counted)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct violations violations;

    load(&loaded, "{\"items\": {\"type\": \"string\"}}");
    violations = explain(&loaded, TEXT("[1,2,3]"), &arena);
    EXPECT_EQ(violations.total, 3);
    EXPECT_EQ(violations.listed, 3);
    EXPECT_TEXT(violations.items[2].message, "item '/2' must be a string, found an integer");
    violations = explain(
        &loaded, nested(&arena, "[1,", 1, nested(&arena, "1,", 1998, "1]", "").at, ""), &arena);
    EXPECT_EQ(violations.total, VIOLATIONS_COUNTED);
    EXPECT_EQ(violations.listed, VIOLATIONS_LISTED);
    EXPECT_TEXT(violations.items[19].instance_path, "/19");
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(violations_stand_in_document_order_and_refused_types_say_nothing_more)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct violations violations;

    load(&loaded, "{\"required\": [\"x\", \"y\"],"
                  " \"properties\": {\"a\": {\"minLength\": 3, \"enum\": [\"q\"],"
                  "  \"type\": \"string\"}, \"b\": {\"minimum\": 5, \"multipleOf\": 2}},"
                  " \"allOf\": [{\"properties\": {\"a\": {\"type\": \"string\"}}}]}");
    violations = explain(&loaded, TEXT("{\"b\": 3, \"a\": null}"), &arena);
    EXPECT_EQ(violations.total, 5);
    EXPECT_TEXT(violations.items[0].expected, "x");
    EXPECT_TEXT(violations.items[1].expected, "y");
    EXPECT_TEXT(violations.items[2].schema_path, "#/properties/b/minimum");
    EXPECT_TEXT(violations.items[3].schema_path, "#/properties/b/multipleOf");
    EXPECT_TEXT(violations.items[4].schema_path, "#/properties/a/type");
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(no_content_of_the_document_is_told)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct violations violations;

    load(&loaded, "{\"properties\": {\"a\": {\"maxLength\": 1, \"pattern\": \"^x\","
                  " \"format\": \"uuid\", \"enum\": [\"v\"], \"const\": \"w\"}}}");
    violations = explain(&loaded, TEXT("{\"a\": \"hunter2\"}"), &arena);
    EXPECT_EQ(violations.total, 5);
    for (size_t i = 0; i < violations.listed; i++) {
        const struct violation *it = &violations.items[i];

        EXPECT_EQ(text_find(it->message, TEXT("hunter2")), it->message.len);
        EXPECT_TEXT(it->got, "string of 7 characters");
    }
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(long_names_are_cut_in_what_is_told)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct violations violations;
    struct text name = nested(&arena, "é", 2000, "", ""), document;

    load(&loaded, "{\"additionalProperties\": false}");
    document = arena_printf(&arena, "{\"%.*s\": 1}", TEXT_ARG(name));
    violations = explain(&loaded, document, &arena);
    EXPECT_EQ(violations.total, 1);
    EXPECT(violations.items[0].instance_path.len <= 512);
    EXPECT(violations.items[0].message.len <= 300);
    EXPECT(text_ends(violations.items[0].instance_path, TEXT("é...")));
    EXPECT_EQ(utf8_valid(violations.items[0].message), violations.items[0].message.len);
    arena_release(&loaded.arena);
    load(&loaded, arena_printf(&arena, "{\"enum\": [\"%.*s\"]}", TEXT_ARG(name)).at);
    violations = explain(&loaded, TEXT("1"), &arena);
    EXPECT(violations.items[0].expected.len <= 200);
    EXPECT(violations.items[0].expected.len > 150);
    EXPECT_EQ(utf8_valid(violations.items[0].expected), violations.items[0].expected.len);
    arena_release(&arena);
    arena_release(&loaded.arena);
}

static void deep_check(size_t nesting, const char *source, bool expected)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct violations violations;
    struct document document;

    load(&loaded, source);
    read_json(nested(&arena, "[", nesting, "", "]"), &arena, &document);
    EXPECT_EQ(schema_check(loaded.schema, &document, 0, &arena), expected);
    schema_explain(loaded.schema, &document, 0, &arena, &violations);
    EXPECT_EQ(violations.total == 0, expected);
    explain_plainly(loaded.schema, &document, 0, true, &arena, &violations);
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(documents_and_schemas_nested_to_the_limits_are_checked)
{
    static const char list[] = "{\"$ref\": \"#/$defs/l\", \"$defs\": {\"l\": {\"type\": \"array\","
                               " \"items\": {\"$ref\": \"#/$defs/l\"}}}}";
    static const char tracked[] = "{\"type\": \"array\", \"items\": {\"$ref\": \"#\"},"
                                  " \"unevaluatedItems\": false}";

    deep_check(128, list, true);
    deep_check(1000, list, true);
    deep_check(128, tracked, true);
    deep_check(1000, tracked, true);
}

/* 120 schemas that all apply to one value, times 1,000 levels of it. */
TEST(what_is_nested_too_deeply_is_given_up_and_not_run_into_the_ground)
{
    struct arena arena = {0};
    struct text inner =
        nested(&arena, "{\"not\": {\"not\": ", 60, "{\"items\": {\"$ref\": \"#\"}}", "}}");

    deep_check(10, inner.at, true);
    deep_check(1000, inner.at, false);
    arena_release(&arena);
}

TEST(alternatives_that_are_asked_again_and_again_stay_affordable)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct text deep = nested(&arena, "{\"a\":", 100, "1", "}");

    load(&loaded, "{\"$ref\": \"#/$defs/n\", \"$defs\": {\"n\": {\"anyOf\": ["
                  "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#/$defs/n\"}},"
                  " \"required\": [\"b\"]},"
                  "{\"type\": \"object\", \"properties\": {\"a\": {\"$ref\": \"#/$defs/n\"}},"
                  " \"minProperties\": 1, \"required\": [\"a\"]},"
                  "{\"type\": \"string\"}]}}}");
    EXPECT(!check_text(&loaded, deep));
    EXPECT(check_text(&loaded, nested(&arena, "{\"a\":", 100, "\"x\"", "}")));
    EXPECT(explain(&loaded, deep, &arena).total > 0);
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(an_exhausted_budget_is_a_violation_that_says_so)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct violations violations;

    load(&loaded, "{\"pattern\": \"^(a|aa)+\\\\1$\"}");
    EXPECT(check(&loaded, "\"aaaaaaaaaaaaaaaa\""));
    violations = explain(
        &loaded, nested(&arena, "\"", 1, nested(&arena, "a", 80, "!\"", "").at, ""), &arena);
    EXPECT_EQ(violations.total, 1);
    EXPECT_TEXT(violations.items[0].message,
                "the check was given up: a pattern takes too long on one of the strings");
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(a_negated_pattern_that_gives_up_does_not_hold)
{
    struct loaded loaded;
    struct arena arena = {0};
    struct text hostile = nested(&arena, "a", 80, "!", "");

    load(&loaded, "{\"not\": {\"pattern\": \"^(a|aa)+\\\\1$\"}}");
    EXPECT(check(&loaded, "\"b\""));
    EXPECT(!check_text(&loaded, arena_printf(&arena, "\"%.*s\"", TEXT_ARG(hostile))));
    arena_release(&arena);
    arena_release(&loaded.arena);
}

/* --- what loaders ask --- */

static bool admits(const struct loaded *loaded, const char *path)
{
    struct text steps[8], rest = text_of(path);
    const struct text *known;
    size_t count = 0, known_count;

    while (rest.len > 0)
        steps[count++] = text_split(&rest, '.');
    return schema_admits_path(loaded->schema, steps, count, &known, &known_count);
}

TEST(the_root_is_an_object_when_nothing_else_is_admitted)
{
    static const struct {
        const char *source;
        bool object, closed;
        size_t names;
    } rows[] = {
        {"{\"type\": \"object\"}", true, false, 0},
        {"{\"properties\": {\"a\": true}}", false, false, 1},
        {"{\"type\": [\"object\", \"null\"]}", false, false, 0},
        {"true", false, false, 0},
        {"{\"type\": \"object\", \"properties\": {\"a\": true, \"b\": true},"
         " \"additionalProperties\": false}",
         true, true, 2},
        {"{\"$ref\": \"#/$defs/x\", \"$defs\": {\"x\": {\"type\": \"object\","
         " \"properties\": {\"a\": {}}, \"allOf\": [{\"properties\": {\"b\": {}, \"a\": {}}}],"
         " \"unevaluatedProperties\": false}}}",
         true, true, 2},
        {"{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}", true, false,
         0},
        {"{\"type\": \"object\", \"patternProperties\": {\"^x\": {}},"
         " \"additionalProperties\": false}",
         true, false, 0},
        {"{\"anyOf\": [{\"type\": \"object\"}, {\"const\": {}}]}", true, false, 0},
        {"false", false, false, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct text *names;
        struct loaded loaded;

        load(&loaded, rows[i].source);
        EXPECT_EQ(schema_root_is_object(loaded.schema), rows[i].object);
        EXPECT_EQ(schema_root_is_closed(loaded.schema), rows[i].closed);
        EXPECT_EQ(schema_root_names(loaded.schema, &names), rows[i].names);
        arena_release(&loaded.arena);
    }
}

TEST(the_types_of_the_root_are_those_that_something_admitted_has)
{
    static const struct {
        const char *source;
        unsigned types;
    } rows[] = {
        {"{\"type\": \"object\"}", 1u << CELL_OBJECT},
        {"{\"type\": [\"array\", \"null\"]}", 1u << CELL_ARRAY | 1u << CELL_NULL},
        {"{\"type\": \"integer\"}", 1u << CELL_INTEGER | 1u << CELL_NUMBER},
        {"{\"enum\": [\"a\", true]}", 1u << CELL_STRING | 1u << CELL_BOOLEAN},
        {"{\"anyOf\": [{\"type\": \"string\"}, {\"const\": {}}]}",
         1u << CELL_STRING | 1u << CELL_OBJECT},
        {"{\"minLength\": 1}", (1u << CELL_TYPE_COUNT) - 1},
        {"false", 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct loaded loaded;

        load(&loaded, rows[i].source);
        EXPECT_EQ(schema_root_types(loaded.schema), rows[i].types);
        arena_release(&loaded.arena);
    }
}

TEST(paths_are_followed_through_references_alternatives_and_items)
{
    struct loaded loaded;

    load(&loaded,
         "{\"type\": \"object\", \"properties\": {"
         " \"customer\": {\"$ref\": \"#/$defs/person\"},"
         " \"either\": {\"anyOf\": [{\"properties\": {\"a\": {}}}, {\"type\": \"null\"}]},"
         " \"open\": {\"properties\": {\"known\": {\"type\": \"string\"}},"
         "   \"additionalProperties\": {\"properties\": {\"x\": {}},"
         "   \"additionalProperties\": false}},"
         " \"free\": {\"type\": \"object\"}, \"anything\": {}, \"text\": {\"type\": \"string\"},"
         " \"lines\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/person\"}},"
         " \"coded\": {\"patternProperties\": {\"^c-\": {}}, \"additionalProperties\": false}},"
         " \"$defs\": {\"person\": {\"type\": \"object\", \"properties\": {\"name\": {}}}}}");
    EXPECT(admits(&loaded, "customer"));
    EXPECT(admits(&loaded, "customer.name"));
    EXPECT(!admits(&loaded, "customer.nam"));
    EXPECT(!admits(&loaded, "custmer"));
    EXPECT(admits(&loaded, "either.a"));
    EXPECT(!admits(&loaded, "either.b"));
    EXPECT(admits(&loaded, "open.known"));
    EXPECT(!admits(&loaded, "open.known.more"));
    EXPECT(admits(&loaded, "open.other.x"));
    EXPECT(!admits(&loaded, "open.other.y"));
    EXPECT(admits(&loaded, "free.whatever.more"));
    EXPECT(admits(&loaded, "anything.at.all"));
    EXPECT(!admits(&loaded, "text.length"));
    EXPECT(admits(&loaded, "lines.0.name"));
    EXPECT(!admits(&loaded, "lines.0.nam"));
    EXPECT(!admits(&loaded, "lines.first"));
    EXPECT(admits(&loaded, "coded.c-1"));
    EXPECT(!admits(&loaded, "coded.d-1"));
    arena_release(&loaded.arena);
}

TEST(a_path_that_fails_says_what_is_known_there)
{
    struct text steps[] = {TEXT("customer"), TEXT("nam")};
    const struct text *known;
    struct loaded loaded;
    size_t count;

    load(&loaded,
         "{\"properties\": {\"customer\": {\"properties\": {\"name\": {}, \"age\": {}}}}}");
    EXPECT(!schema_admits_path(loaded.schema, steps, 2, &known, &count));
    EXPECT_EQ(count, 2);
    EXPECT_TEXT(known[0], "name");
    EXPECT_TEXT(nearest_name(steps[1], known, count), "name");
    arena_release(&loaded.arena);
}

TEST(references_into_a_large_object_are_found)
{
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct loaded loaded;

    buffer_put(&out, TEXT("{\"$defs\": {"));
    for (int i = 0; i < 500; i++)
        buffer_printf(&out, "\"d%d\": {\"const\": %d}, ", i, i);
    buffer_put(&out, TEXT("\"\": {}}, \"prefixItems\": ["));
    for (int i = 0; i < 500; i++)
        buffer_printf(&out, "%s{\"$ref\": \"#/$defs/d%d\"}", i ? ", " : "", 499 - i);
    buffer_put(&out, TEXT("]}"));
    load(&loaded, arena_terminated(&arena, buffer_text(&out)));
    EXPECT(check(&loaded, "[499, 498, 497]"));
    EXPECT(!check(&loaded, "[499, 498, 496]"));
    arena_release(&loaded.arena);
    arena_release(&arena);
}

/* --- the limits of schemas --- */

static enum diagnostic_code refusal(struct text source)
{
    struct arena arena = {0};
    struct diagnostics *diagnostics = ARENA_NEW(&arena, struct diagnostics);
    enum diagnostic_code code = DIAGNOSTIC_COUNT;
    struct document document;

    diagnostics->arena = &arena;
    read_json(source, &arena, &document);
    if (schema_compile(&document, 0, &arena, diagnostics) == NULL && diagnostics->count > 0)
        code = diagnostics->items[0].code;
    arena_release(&arena);
    return code;
}

TEST(schemas_beyond_the_limits_are_refused)
{
    struct arena arena = {0};
    struct text all = nested(&arena, "{\"allOf\": [", 255, "true", "]}");

    EXPECT_EQ(refusal(nested(&arena, "{\"not\":", 300, "true", "}")), DIAGNOSTIC_E0201);
    EXPECT_EQ(refusal(nested(&arena, "{\"not\":", 200, "true", "}")), DIAGNOSTIC_COUNT);
    EXPECT_EQ(refusal(all), DIAGNOSTIC_COUNT);
    EXPECT_EQ(refusal(arena_printf(&arena, "{\"$defs\": {\"a\": %.*s}, \"$ref\": \"#/$defs/a\"}",
                                   TEXT_ARG(text_after(text_first(all, all.len - 2), 11)))),
              DIAGNOSTIC_COUNT);
    EXPECT_EQ(refusal(arena_printf(&arena, "{\"pattern\": \"%.*s\"}",
                                   TEXT_ARG(nested(&arena, "a", 9000, "", "")))),
              DIAGNOSTIC_E0204);
    arena_release(&arena);
}

/* --- places --- */

static const struct schema_place *member(const struct schema_place *from, const char *name,
                                         struct arena *arena)
{
    return from != NULL ? schema_place_member(from, text_of(name), arena) : NULL;
}

TEST(a_place_leads_to_members_and_inside_of_lists)
{
    const struct schema_place *root, *lines, *line;
    const struct text *names;
    struct arena arena = {0};
    struct loaded loaded;

    load(&loaded, "{\"type\": \"object\", \"properties\": {\"t\": {\"type\": \"string\"},"
                  " \"lines\": {\"type\": \"array\", \"items\": {\"$ref\": \"#/$defs/line\"}}},"
                  " \"additionalProperties\": false, \"$defs\": {\"line\": {\"type\": \"object\","
                  " \"properties\": {\"name\": {}, \"parts\": {\"$ref\": \"#/properties/lines\"}},"
                  " \"additionalProperties\": false}}}");
    root = schema_place_root(loaded.schema, &arena);
    lines = member(root, "lines", &arena);
    EXPECT(member(root, "nothing", &arena) == NULL);
    EXPECT(member(member(root, "t", &arena), "x", &arena) == NULL);
    EXPECT(member(lines, "name", &arena) == NULL);
    line = schema_place_inside(lines, &arena);
    EXPECT(member(line, "name", &arena) != NULL);
    EXPECT(member(line, "nam", &arena) == NULL);
    EXPECT(member(member(line, "name", &arena), "anything", &arena) != NULL);
    EXPECT_EQ(schema_place_names(line, &names), 2);
    EXPECT_TEXT(names[0], "name");
    /* What refers back is the same place again. */
    EXPECT(schema_place_equal(
        line,
        schema_place_inside(schema_place_inside(member(line, "parts", &arena), &arena), &arena)));
    EXPECT(!schema_place_equal(line, root));
    arena_release(&arena);
    arena_release(&loaded.arena);
}

TEST(inside_of_what_may_be_a_list_or_not_both_are_known)
{
    const struct schema_place *inside, *open, *both;
    struct arena arena = {0};
    struct loaded loaded;

    load(&loaded, "{\"properties\": {\"one\": {\"type\": [\"array\", \"object\"],"
                  " \"properties\": {\"a\": {}}, \"items\": {\"properties\": {\"b\": {}}}},"
                  " \"open\": {\"type\": \"array\"}}}");
    inside = schema_place_inside(member(schema_place_root(loaded.schema, &arena), "one", &arena),
                                 &arena);
    EXPECT(member(inside, "a", &arena) != NULL && member(inside, "b", &arena) != NULL);
    EXPECT(member(inside, "c", &arena) == NULL);
    open = schema_place_inside(member(schema_place_root(loaded.schema, &arena), "open", &arena),
                               &arena);
    EXPECT(member(open, "whatever", &arena) != NULL);
    both = schema_place_either(inside, schema_place_root(loaded.schema, &arena), &arena);
    EXPECT(member(both, "open", &arena) != NULL && member(both, "b", &arena) != NULL);
    EXPECT(member(both, "c", &arena) == NULL);
    EXPECT(member(schema_place_anything(inside, &arena), "c", &arena) != NULL);
    arena_release(&arena);
    arena_release(&loaded.arena);
}

/* What may stand at a place: its types as letters, then the strings where they are listed. */
static void expect_place(struct loaded *loaded, const char *path, const char *told)
{
    static const char letters[] = "0binsao";
    const struct schema_place *place = schema_place_root(loaded->schema, &loaded->arena);
    struct buffer out = buffer_in(&loaded->arena);
    struct text rest = text_of(path);
    struct schema_values values = {0};

    while (rest.len > 0 && place != NULL)
        place = schema_place_member(place, text_split(&rest, '.'), &loaded->arena);
    if (place != NULL)
        schema_place_values(place, &loaded->arena, &values);
    for (unsigned type = 0; type < CELL_TYPE_COUNT; type++)
        if (values.types >> type & 1)
            buffer_put_byte(&out, letters[type]);
    for (size_t i = 0; i < values.word_count; i++)
        buffer_printf(&out, " %.*s", TEXT_ARG(values.words[i]));
    EXPECT_TEXT(place != NULL ? buffer_text(&out) : TEXT("nowhere"), told);
}

TEST(a_place_says_what_may_stand_there)
{
    struct loaded loaded;

    load(&loaded, "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
                  "\"s\": {\"type\": \"string\"}, \"i\": {\"type\": [\"integer\", \"null\"]},"
                  "\"e\": {\"enum\": [\"a\", \"b\", 3]}, \"c\": {\"const\": \"only\"},"
                  "\"r\": {\"$ref\": \"#/$defs/word\"}, \"any\": true, \"no\": false,"
                  "\"both\": {\"allOf\": [{\"$ref\": \"#/$defs/word\"}, {\"type\": [\"string\", "
                  "\"array\"]}]},"
                  "\"list\": {\"type\": \"array\", \"items\": {\"type\": \"boolean\"}}},"
                  "\"$defs\": {\"word\": {\"enum\": [\"x\", \"y\"]}},"
                  "\"anyOf\": [{\"properties\": {\"s\": {\"type\": \"number\"}}}, true]}");
    expect_place(&loaded, "", "o");
    expect_place(&loaded, "s", "ins"); /* as one alternative has it so, and the other so */
    expect_place(&loaded, "i", "0in");
    expect_place(&loaded, "e", "ins a b"); /* 3.0 is 3 */
    expect_place(&loaded, "c", "s only");
    expect_place(&loaded, "r", "s x y");
    expect_place(&loaded, "both", "s x y");
    expect_place(&loaded, "any", "0binsao");
    expect_place(&loaded, "no", "");
    expect_place(&loaded, "list", "a");
    expect_place(&loaded, "list.2", "b");
    expect_place(&loaded, "list.x", "nowhere");
    expect_place(&loaded, "s.x", "nowhere");
    expect_place(&loaded, "other", "nowhere");
    arena_release(&loaded.arena);
}
