#include "unit.h"

#include "document/json_read.h"
#include "schema/lower.h"

static bool takes_by(const char *dialect, struct text schema)
{
    struct arena arena = {0};
    struct document document;
    struct error err = {0};
    const char *problem;
    bool taken;

    if (!json_read(schema, NULL, &arena, &document, NULL, &err))
        fail_msg("%.*s: %s", TEXT_ARG(schema), err.message);
    taken = lower_dialect_takes(lower_dialect_find(text_of(dialect)), &document, 0, &problem);
    EXPECT(taken == (problem == NULL));
    arena_release(&arena);
    return taken;
}

static bool takes(struct text schema)
{
    return takes_by("openai", schema);
}

/* A closed object whose only property is `inner`, with $defs beside it. */
static bool takes_inside(const char *inner)
{
    struct arena arena = {0};
    struct text schema =
        arena_printf(&arena,
                     "{\"type\":\"object\",\"properties\":{\"a\":%s},"
                     "\"required\":[\"a\"],\"additionalProperties\":false,"
                     "\"$defs\":{\"d\":{\"type\":\"string\"},\"/~\":{\"const\":1}}}",
                     inner);
    bool taken = takes(schema);

    arena_release(&arena);
    return taken;
}

TEST(the_root_is_a_closed_object_with_everything_required)
{
    EXPECT(takes(TEXT("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}")));
    EXPECT(takes(TEXT("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                      "\"required\":[\"a\"],\"additionalProperties\":false}")));
    EXPECT(!takes(TEXT("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                       "\"additionalProperties\":false}")));
    EXPECT(!takes(TEXT("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                       "\"required\":[\"a\"]}")));
    EXPECT(!takes(TEXT("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                       "\"required\":[\"a\"],\"additionalProperties\":true}")));
    EXPECT(!takes(TEXT("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}},"
                       "\"required\":[\"b\"],\"additionalProperties\":false}")));
    EXPECT(!takes(TEXT("{\"type\":\"object\",\"additionalProperties\":false}")));
    EXPECT(!takes(TEXT("{\"type\":[\"object\"],\"properties\":{},"
                       "\"additionalProperties\":false}")));
    EXPECT(!takes(TEXT("{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false,"
                       "\"anyOf\":[{\"type\":\"object\",\"properties\":{},"
                       "\"additionalProperties\":false}]}")));
    EXPECT(!takes(TEXT("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}")));
    EXPECT(!takes(TEXT("{}")));
    EXPECT(!takes(TEXT("true")));
    EXPECT(!takes(TEXT("[]")));
}

TEST(keywords_of_the_subset_are_taken_and_no_others)
{
    static const struct {
        const char *inner;
        bool taken;
    } rows[] = {
        {"{\"type\":\"string\"}", true},
        {"{\"type\":[\"string\",\"null\"]}", true},
        {"{\"type\":\"string\",\"description\":\"x\",\"title\":\"y\"}", true},
        {"{\"type\":\"string\",\"pattern\":\"^[a-z]+$\"}", true},
        {"{\"type\":\"string\",\"pattern\":\"^(?=a)\"}", false},
        {"{\"type\":\"string\",\"pattern\":\"(?<!a)b\"}", false},
        {"{\"type\":\"string\",\"format\":\"date-time\"}", true},
        {"{\"type\":\"string\",\"format\":\"uri\"}", false},
        {"{\"type\":\"string\",\"minLength\":1}", false},
        {"{\"type\":\"string\",\"default\":\"x\"}", false},
        {"{\"type\":\"integer\",\"minimum\":1,\"exclusiveMaximum\":9,\"multipleOf\":2}", true},
        {"{\"enum\":[\"a\",1,null,true]}", true},
        {"{\"enum\":[{\"a\":1}]}", false},
        {"{\"const\":\"a\"}", true},
        {"{\"const\":[1]}", false},
        {"{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"minItems\":1,\"maxItems\":5}",
         true},
        {"{\"type\":\"array\"}", false},
        {"{\"type\":\"array\",\"items\":true}", false},
        {"{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true}", false},
        {"{\"type\":\"array\",\"prefixItems\":[{\"type\":\"string\"}]}", false},
        {"{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}", true},
        {"{\"type\":\"object\"}", false},
        {"{\"type\":[\"object\",\"null\"],\"properties\":{\"b\":{\"type\":\"null\"}},"
         "\"additionalProperties\":false}",
         false},
        {"{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}", true},
        {"{\"anyOf\":[{\"type\":\"string\",\"maxLength\":2},{\"type\":\"null\"}]}", false},
        {"{\"anyOf\":{\"type\":\"string\"}}", false},
        {"{\"oneOf\":[{\"type\":\"string\"}]}", false},
        {"{\"allOf\":[{\"type\":\"string\"}]}", false},
        {"{\"type\":\"string\",\"not\":{\"const\":\"a\"}}", false},
        {"{\"$ref\":\"#/$defs/d\"}", true},
        {"{\"$ref\":\"#\"}", true},
        {"{\"$ref\":\"#/$defs/~1~0\"}", true},
        {"{\"$ref\":\"#/$defs/e\"}", false},
        {"{\"$ref\":\"d\"}", false},
        {"{\"$ref\":7}", false},
        {"{\"$ref\":\"#/$defs/d\",\"description\":\"x\"}", false},
        {"{\"description\":\"anything\"}", false},
        {"{}", false},
        {"true", false},
        {"{\"type\":7}", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (takes_inside(rows[i].inner) != rows[i].taken)
            fail_msg("%s is %staken", rows[i].inner, rows[i].taken ? "not " : "");
}

TEST(ten_levels_are_taken_and_eleven_are_not)
{
    /* The object is the first level, what its property holds the second. */
    EXPECT(takes_inside("{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":"
                        "\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"array\","
                        "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{"
                        "\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}}}}}}"));
    EXPECT(!takes_inside("{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":"
                         "\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":\"array\","
                         "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{"
                         "\"type\":\"array\",\"items\":{\"type\":\"array\",\"items\":{\"type\":"
                         "\"string\"}}}}}}}}}}"));
}

TEST(more_than_a_thousand_enum_values_are_not_taken)
{
    for (int count = 1000; count <= 1001; count++) {
        struct arena arena = {0};
        struct text inner = TEXT("");

        for (int i = 0; i < count - 1; i++) /* one more is the const in $defs */
            inner = arena_printf(&arena, "%.*s%s%d", TEXT_ARG(inner), i ? "," : "", i);
        inner = arena_printf(&arena, "{\"enum\":[%.*s]}", TEXT_ARG(inner));
        EXPECT_EQ(takes_inside(inner.at), count == 1000);
        arena_release(&arena);
    }
}

TEST(each_dialect_takes_what_its_row_says)
{
    static const struct {
        const char *dialect;
        const char *schema;
        bool taken;
    } rows[] = {
        {"anthropic",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"type\":"
         "\"string\",\"format\":\"uri\"},\"minItems\":1}},\"additionalProperties\":false}",
         true},
        {"anthropic",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"type\":"
         "\"string\"},\"minItems\":2}},\"additionalProperties\":false}",
         false},
        {"anthropic",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},"
         "\"additionalProperties\":false}",
         false},
        {"openai-tuned",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":1}},"
         "\"required\":[\"a\"],\"additionalProperties\":false}",
         false},
        {"gemini", "{\"type\":[\"object\",\"null\"],\"additionalProperties\":{}}", true},
        {"gemini", "{\"const\":1}", false},
        {"gemini-openapi", "{\"type\":\"string\",\"nullable\":true}", true},
        {"gemini-openapi", "{\"type\":[\"string\",\"null\"]}", false},
        {"gemini-openapi", "{\"type\":\"integer\",\"enum\":[1]}", false},
        {"cohere",
         "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},\"required\":[\"a\"]}",
         true},
        {"cohere", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}}}", false},
        {"cohere", "{\"type\":\"object\",\"required\":[\"a\"]}", false},
        {"ollama", "{\"type\":\"string\",\"pattern\":\"^(a|b)\\\\d$\"}", true},
        {"ollama", "{\"type\":\"string\",\"pattern\":\"^a|b$\"}", false},
        {"ollama", "{\"type\":\"string\",\"pattern\":\"a\"}", false},
        {"vllm", "true", true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (takes_by(rows[i].dialect, text_of(rows[i].schema)) != rows[i].taken)
            fail_msg("%s: %s is %staken", rows[i].dialect, rows[i].schema,
                     rows[i].taken ? "not " : "");
}
