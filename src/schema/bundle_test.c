#include "schema/bundle.h"

#include "document/json_read.h"
#include "schema/set.h"
#include "unit.h"

static struct arena arena;

static const struct document *read(const char *json, const char *file)
{
    struct document *document = ARENA_NEW(&arena, struct document);

    EXPECT(json_read(text_of(json), NULL, &arena, document, NULL, NULL));
    document->file = text_of(file);
    return document;
}

static struct schema_bundle bundle(const char *json, const struct schema_set *set)
{
    struct diagnostics diagnostics = {.arena = &arena};
    const struct schema_options options = {.set = set, .formats = FORMATS_ASSERT};
    const struct schema *schema =
        schema_compile_with(read(json, "schemas/order.json"), 0, &options, &arena, &diagnostics);
    struct schema_bundle out;

    EXPECT(schema != NULL);
    schema_bundle(schema, TEXT("#/$defs/"), TEXT("Order_"), &arena, &out);
    return out;
}

static void expect(const struct schema_bundle *bundle, const char *schema, const char *definitions)
{
    if (!text_equal(bundle->schema, text_of(schema)))
        fail_msg("the schema is %.*s", TEXT_ARG(bundle->schema));
    if (!text_equal(bundle->definitions, text_of(definitions)))
        fail_msg("the definitions are %.*s", TEXT_ARG(bundle->definitions));
}

TEST(what_stands_alone_stays_as_it_is_written)
{
    const struct schema_bundle it = bundle("{\"$schema\": \"https://json-schema.org/draft/2020-12/"
                                           "schema\", \"$id\": \"https://e.example/a\", "
                                           "\"$comment\": \"for us\", \"title\": \"A\", "
                                           "\"type\": \"object\", \"properties\": {\"n\": "
                                           "{\"type\": \"integer\", \"minimum\": 1.50}}, "
                                           "\"required\": [\"n\"], \"additionalProperties\": "
                                           "false}",
                                           NULL);

    expect(&it,
           "{\"title\":\"A\",\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\","
           "\"minimum\":1.50}},\"required\":[\"n\"],\"additionalProperties\":false}",
           "");
    arena_release(&arena);
}

TEST(other_files_come_along_under_their_names)
{
    struct schema_set *set = schema_set_new(&arena);
    struct schema_bundle it;

    schema_set_add(set, TEXT("schemas/money.json"),
                   read("{\"type\": \"object\", \"properties\": {\"of\": {\"$ref\": "
                        "\"#/$defs/cur-rency\"}}, \"$defs\": {\"cur-rency\": {\"enum\": "
                        "[\"EUR\"]}}}",
                        "schemas/money.json"),
                   0);
    it = bundle("{\"type\": \"array\", \"items\": {\"$ref\": \"money.json\"}}", set);
    expect(&it, "{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/Order_money\"}}",
           "\"Order_money\":{\"type\":\"object\",\"properties\":{\"of\":{\"$ref\":\"#/$defs/"
           "Order_cur_rency\"}}},\"Order_cur_rency\":{\"enum\":[\"EUR\"]}");
    EXPECT_EQ(it.definition_count, 2);
    arena_release(&arena);
}

TEST(older_drafts_are_said_in_the_words_of_the_newest)
{
    const struct schema_bundle it =
        bundle("{\"$schema\": \"http://json-schema.org/draft-04/schema#\", \"id\": "
               "\"http://e.example/b\", \"minimum\": 3, \"exclusiveMinimum\": true, "
               "\"items\": [{\"type\": \"string\"}], \"additionalItems\": false, "
               "\"dependencies\": {\"a\": [\"b\"], \"c\": {\"type\": \"object\"}}}",
               NULL);

    expect(&it,
           "{\"exclusiveMinimum\":3,\"prefixItems\":[{\"type\":\"string\"}],\"items\":{\"not\":{}},"
           "\"dependentRequired\":{\"a\":[\"b\"]},\"dependentSchemas\":{\"c\":{\"type\":"
           "\"object\"}}}",
           "");
    arena_release(&arena);
}

TEST(a_schema_within_itself_is_a_definition_too)
{
    const struct schema_bundle it =
        bundle("{\"type\": \"object\", \"properties\": {\"inside\": {\"$ref\": \"#\"}}}", NULL);

    expect(&it,
           "{\"type\":\"object\",\"properties\":{\"inside\":{\"$ref\":\"#/$defs/Order_order\"}}}",
           "\"Order_order\":{\"type\":\"object\",\"properties\":{\"inside\":{\"$ref\":\"#/$defs/"
           "Order_order\"}}}");
    arena_release(&arena);
}

TEST(different_places_of_one_name_are_told_apart)
{
    const struct schema_bundle it =
        bundle("{\"allOf\": [{\"$ref\": \"#/$defs/a\"}, {\"$ref\": \"#/$defs/b/$defs/a\"}], "
               "\"$defs\": {\"a\": {\"minimum\": 1}, \"b\": {\"$defs\": {\"a\": "
               "{\"maximum\": 9}}}}}",
               NULL);
    struct document document;
    uint32_t members = 0;
    struct text whole = arena_printf(&arena, "{%.*s}", TEXT_ARG(it.definitions));

    EXPECT(json_read(whole, NULL, &arena, &document, NULL, NULL)); /* refuses equal names */
    members = document_cell(&document, 0)->size;
    EXPECT_EQ(members, 2);
    arena_release(&arena);
}
