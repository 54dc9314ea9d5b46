#include "schema/set.h"

#include "unit.h"

#include "document/json_read.h"
#include "schema/program.h"

#include <stdio.h>

/* A set under test and what was compiled from it. */
struct fixture {
    struct arena arena;
    struct schema_set *set;
    struct diagnostics diagnostics;
};

static void add(struct fixture *it, const char *uri, const char *json)
{
    struct document *document = ARENA_NEW(&it->arena, struct document);

    if (it->set == NULL)
        it->set = schema_set_new(&it->arena);
    EXPECT(json_read(text_of(json), NULL, &it->arena, document, NULL, NULL));
    document->file = text_of(uri);
    EXPECT(schema_set_add(it->set, text_of(uri), document, 0));
}

static const struct schema *compile(struct fixture *it, const char *uri)
{
    it->diagnostics = (struct diagnostics){.arena = &it->arena};
    return schema_set_compile(it->set, text_of(uri), NULL, &it->arena, &it->diagnostics);
}

static bool admits(struct fixture *it, const struct schema *schema, const char *json)
{
    struct document document;

    EXPECT(schema != NULL);
    EXPECT(json_read(text_of(json), NULL, &it->arena, &document, NULL, NULL));
    return schema_check(schema, &document, 0, &it->arena);
}

static bool says(const struct fixture *it, enum diagnostic_code code, const char *file,
                 const char *message, const char *hint)
{
    const struct diagnostic *first = &it->diagnostics.items[0];

    if (it->diagnostics.count == 1 && first->code == code &&
        text_equal(first->file, text_of(file)) && text_equal(first->message, text_of(message)) &&
        text_equal(first->hint, text_of(hint)))
        return true;
    printf("%zu: %.*s: %.*s (%.*s)\n", it->diagnostics.count, TEXT_ARG(first->file),
           TEXT_ARG(first->message), TEXT_ARG(first->hint));
    return false;
}

TEST(a_schema_refers_to_another_by_its_path)
{
    struct fixture it = {0};

    add(&it, "schemas/order.json",
        "{\"properties\":{\"by\":{\"$ref\":\"people/one.json#/$defs/name\"}}}");
    add(&it, "schemas/people/one.json", "{\"$defs\":{\"name\":{\"$ref\":\"../text.json\"}}}");
    add(&it, "schemas/text.json", "{\"type\":\"string\",\"minLength\":2}");
    EXPECT(admits(&it, compile(&it, "schemas/order.json"), "{\"by\":\"ab\"}"));
    EXPECT(!admits(&it, compile(&it, "schemas/order.json"), "{\"by\":\"a\"}"));
    arena_release(&it.arena);
}

TEST(a_schema_is_found_by_the_name_it_gives_itself)
{
    struct fixture it = {0};

    add(&it, "schemas/a.json", "{\"items\":{\"$ref\":\"https://example.com/b\"}}");
    add(&it, "schemas/b.json", "{\"$id\":\"https://example.com/b\",\"type\":\"null\"}");
    EXPECT(admits(&it, compile(&it, "schemas/a.json"), "[null]"));
    EXPECT(!admits(&it, compile(&it, "schemas/a.json"), "[1]"));
    arena_release(&it.arena);
}

TEST(a_schema_within_another_is_found_by_the_name_it_gives_itself)
{
    struct fixture it = {0};

    add(&it, "schemas/a.json",
        "{\"properties\":{\"x\":{\"$ref\":\"https://example.com/x\"},"
        "\"y\":{\"$ref\":\"https://example.com/x#deep\"},"
        "\"z\":{\"$ref\":\"inner/z.json#/$defs/n\"}}}");
    add(&it, "schemas/b.json",
        "{\"$id\":\"https://example.com/b\",\"$defs\":{\"x\":{\"$id\":\"x\",\"type\":\"null\","
        "\"$defs\":{\"d\":{\"$anchor\":\"deep\",\"type\":\"string\"}}}}}");
    add(&it, "schemas/c.json",
        "{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\"items\":{\"id\":\"inner/"
        "z.json\","
        "\"$defs\":{\"n\":{\"type\":\"number\"}}}}");
    EXPECT(admits(&it, compile(&it, "schemas/a.json"), "{\"x\":null,\"y\":\"\",\"z\":1.5}"));
    EXPECT(!admits(&it, compile(&it, "schemas/a.json"), "{\"x\":1}"));
    EXPECT(!admits(&it, compile(&it, "schemas/a.json"), "{\"y\":1}"));
    EXPECT(!admits(&it, compile(&it, "schemas/a.json"), "{\"z\":\"\"}"));
    arena_release(&it.arena);
}

TEST(a_schema_within_another_whose_meta_schema_is_unknown_is_merely_not_found)
{
    struct fixture it = {0};

    add(&it, "schemas/a.json", "{\"$ref\": \"missing\"}");
    add(&it, "schemas/b.json", "{\"$defs\": {\"in\": {\"$id\": \"in\", \"$schema\": \"urn:no\"}}}");
    EXPECT(compile(&it, "schemas/a.json") == NULL);
    EXPECT_EQ(it.diagnostics.error_count, 1);
    arena_release(&it.arena);
}

TEST(what_is_no_schema_within_another_has_no_name)
{
    struct fixture it = {0};

    add(&it, "a.json", "{\"$ref\":\"https://example.com/inner\"}");
    add(&it, "b.json",
        "{\"enum\":[{\"$id\":\"https://example.com/inner\"}],"
        "\"$defs\":{\"other\":{\"$id\":\"https://example.com/other/inner2\"}}}");
    EXPECT(compile(&it, "a.json") == NULL);
    EXPECT_EQ(it.diagnostics.items[0].code, DIAGNOSTIC_E0202);
    add(&it, "c.json", "{\"$ref\":\"https://example.com/other/inner\"}");
    EXPECT(compile(&it, "c.json") == NULL);
    EXPECT(says(&it, DIAGNOSTIC_E0202, "c.json",
                "the reference 'https://example.com/other/inner' leads nowhere",
                "did you mean 'https://example.com/other/inner2'?"));
    arena_release(&it.arena);
}

TEST(a_retrieval_uri_comes_before_a_name_within_another_schema)
{
    struct fixture it = {0};

    add(&it, "a.json", "{\"$ref\":\"b.json\"}");
    add(&it, "c.json", "{\"$defs\":{\"b\":{\"$id\":\"b.json\",\"type\":\"string\"}}}");
    add(&it, "b.json", "{\"type\":\"null\"}");
    EXPECT(admits(&it, compile(&it, "a.json"), "null"));
    EXPECT(!admits(&it, compile(&it, "a.json"), "\"\""));
    arena_release(&it.arena);
}

TEST(equal_uris_may_be_written_differently)
{
    struct fixture it = {0};

    add(&it, "s/a.json", "{\"items\":{\"$ref\":\"%62%c3%bc.json\"}}");
    add(&it, "s/c.json", "{\"items\":{\"$ref\":\"b\u00fc.json\"}}");
    add(&it, "s/d.json", "{\"items\":{\"$ref\":\"b\u00fc%2Ejson\"}}");
    add(&it, "s/b%C3%BC.json", "{\"type\":\"null\"}");
    EXPECT(!admits(&it, compile(&it, "s/a.json"), "[1]"));
    EXPECT(!admits(&it, compile(&it, "s/c.json"), "[1]"));
    EXPECT(!admits(&it, compile(&it, "s/d.json"), "[1]"));
    arena_release(&it.arena);
}

TEST(two_schemas_may_refer_to_each_other)
{
    struct fixture it = {0};

    add(&it, "a.json", "{\"type\":\"object\",\"properties\":{\"b\":{\"$ref\":\"b.json\"}}}");
    add(&it, "b.json", "{\"type\":\"array\",\"items\":{\"$ref\":\"a.json\"}}");
    EXPECT(admits(&it, compile(&it, "a.json"), "{\"b\":[{\"b\":[]}]}"));
    EXPECT(!admits(&it, compile(&it, "b.json"), "[{\"b\":[[]]}]"));
    arena_release(&it.arena);
}

TEST(only_what_references_reach_is_copied)
{
    struct fixture it = {0};
    const struct schema *schema;

    add(&it, "a.json", "{\"$ref\":\"b.json\"}");
    add(&it, "b.json", "true");
    add(&it, "c.json", "{\"type\":\"string\"}");
    schema = compile(&it, "a.json");
    EXPECT(schema != NULL);
    EXPECT_EQ(schema->part_count, 2);
    EXPECT_EQ(schema->document->count, 4);
    arena_release(&it.arena);
}

TEST(nothing_outside_the_set_is_found)
{
    struct fixture it = {0};

    add(&it, "schemas/a.json", "{\"$ref\":\"costumer.json\"}");
    add(&it, "schemas/customer.json", "true");
    EXPECT(compile(&it, "schemas/a.json") == NULL);
    EXPECT(says(&it, DIAGNOSTIC_E0202, "schemas/a.json",
                "the reference 'costumer.json' leads nowhere", "did you mean 'customer.json'?"));
    add(&it, "schemas/b.json", "{\"$ref\":\"../../etc/passwd\"}");
    EXPECT(compile(&it, "schemas/b.json") == NULL);
    EXPECT(says(
        &it, DIAGNOSTIC_E0202, "schemas/b.json", "the reference '../../etc/passwd' leads nowhere",
        "it means '/etc/passwd', which is none of the schemas known here: they refer to each "
        "other within the folder of schemas (schemas/ in a configuration)"));
    arena_release(&it.arena);
}

TEST(mistakes_of_another_schema_are_told_in_one_sentence_where_it_is_referred_to)
{
    struct fixture it = {0};

    add(&it, "a.json", "{\"$ref\":\"b.json\"}");
    add(&it, "b.json", "{\"$ref\":\"c.json\"}");
    add(&it, "c.json", "{\n\"type\":\"strng\",\n\"minLength\":-1}");
    EXPECT(compile(&it, "a.json") == NULL);
    EXPECT(says(&it, DIAGNOSTIC_E0206, "a.json",
                "the schema 'b.json', which this refers to, has mistakes",
                "line 1: the schema 'c.json', which this refers to, has mistakes"));
    arena_release(&it.arena);
}

TEST(a_meta_schema_of_the_author_s_own_is_obeyed)
{
    struct fixture it = {0};

    add(&it, "meta.json",
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https://e.com/m\","
        "\"$ref\":\"https://json-schema.org/draft/2020-12/schema\",\"required\":[\"title\"]}");
    add(&it, "good.json", "{\"$schema\":\"https://e.com/m\",\"title\":\"x\",\"type\":\"null\"}");
    add(&it, "bad.json", "{\"$schema\":\"https://e.com/m\",\"type\":\"null\"}");
    EXPECT(!admits(&it, compile(&it, "good.json"), "1"));
    EXPECT(compile(&it, "bad.json") == NULL);
    EXPECT(says(&it, DIAGNOSTIC_E0201, "bad.json",
                "the value must have a field 'title', as the meta-schema says", ""));
    arena_release(&it.arena);
}

TEST(a_vocabulary_that_is_required_must_be_known)
{
    struct fixture it = {0};

    add(&it, "meta.json",
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https://e.com/m\","
        "\"$vocabulary\":{\"https://json-schema.org/draft/2020-12/vocab/core\":true,"
        "\"https://e.com/voc\":true}}");
    add(&it, "a.json", "{\"$schema\":\"https://e.com/m\"}");
    EXPECT(compile(&it, "a.json") == NULL);
    EXPECT(says(&it, DIAGNOSTIC_E0205, "a.json",
                "the meta-schema 'https://e.com/m' requires the vocabulary 'https://e.com/voc', "
                "which is not known here",
                "say false for it in '$vocabulary' if its keywords may be ignored"));
    arena_release(&it.arena);
}

TEST(meta_schemas_that_follow_each_other_in_a_ring_are_refused)
{
    struct fixture it = {0};

    add(&it, "https://e.com/a", "{\"$schema\":\"https://e.com/b\"}");
    add(&it, "https://e.com/b", "{\"$schema\":\"https://e.com/a\"}");
    add(&it, "c.json", "{\"$schema\":\"https://e.com/a\"}");
    EXPECT(compile(&it, "c.json") == NULL);
    EXPECT_EQ(it.diagnostics.items[0].code, DIAGNOSTIC_E0202);
    arena_release(&it.arena);
}

TEST(an_embedded_schema_of_another_draft_is_checked_by_its_own_meta_schema)
{
    struct fixture it = {0};
    const struct schema *schema;

    add(&it, "a.json",
        "{\"$ref\":\"old\",\"$defs\":{\"old\":{\"$id\":\"old\","
        "\"$schema\":\"http://json-schema.org/draft-07/schema#\","
        "\"items\":[{\"type\":\"null\"}],\"additionalItems\":false}}}");
    schema = compile(&it, "a.json");
    EXPECT(admits(&it, schema, "[null]"));
    EXPECT(!admits(&it, schema, "[null,1]"));
    add(&it, "b.json",
        "{\"$defs\":{\"old\":{\"$schema\":\"http://json-schema.org/draft-04/schema#\","
        "\"id\":\"old\",\"required\":[]}}}");
    EXPECT(compile(&it, "b.json") == NULL);
    EXPECT(says(&it, DIAGNOSTIC_E0201, "b.json",
                "field '/required' must have at least 1 item, found an array of 0 items, as the "
                "meta-schema says",
                ""));
    arena_release(&it.arena);
}

TEST(a_place_is_told_by_the_uri_of_its_resource)
{
    struct fixture it = {0};
    const struct schema *schema;
    uint32_t cell;

    add(&it, "a.json", "{\"$ref\":\"b.json\"}");
    add(&it, "b.json",
        "{\"$defs\":{\"x\":{\"$id\":\"https://e.com/x\",\"items\":{\"type\":\"null\"}}}}");
    schema = compile(&it, "a.json");
    EXPECT(schema != NULL);
    cell = document_at(schema->document, schema->parts[1].root, TEXT("/$defs/x/items/type"));
    EXPECT(
        text_equal(schema_location(schema, cell, &it.arena), TEXT("https://e.com/x#/items/type")));
    EXPECT(text_equal(schema_location(schema, schema->parts[1].root, &it.arena), TEXT("b.json#")));
    EXPECT(text_equal(schema_location(schema, 2, &it.arena), TEXT("a.json#/$ref")));
    arena_release(&it.arena);
}

TEST(a_set_of_many_schemas_finds_each)
{
    struct fixture it = {.set = NULL};
    static struct document document;
    static const struct cell yes = {.type = CELL_BOOLEAN, .boolean = true};

    document = (struct document){.cells = &yes, .count = 1};
    it.set = schema_set_new(&it.arena);
    for (int i = 0; i < 1000; i++)
        EXPECT(schema_set_add(it.set, arena_printf(&it.arena, "s/%d.json", i), &document, 0));
    EXPECT(!schema_set_add(it.set, TEXT("s/77.json"), &document, 0));
    for (int i = 0; i < 1000; i++)
        EXPECT(schema_set_find(it.set, arena_printf(&it.arena, "s/%d.json", i)) != NULL);
    EXPECT(schema_set_find(it.set, TEXT("s/1000.json")) == NULL);
    EXPECT(schema_set_find(NULL, TEXT("s/1.json")) == NULL);
    arena_release(&it.arena);
}
