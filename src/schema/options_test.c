/* What the options of compiling change: whether formats and contents are checked. */
#include "schema/schema.h"

#include "unit.h"

#include "document/json_read.h"
#include "schema/set.h"

#define VOCABULARY(year, name) "\"https://json-schema.org/draft/" year "/vocab/" name "\""

/* A meta-schema that says formats are to be checked, as each draft says it. */
static const struct {
    const char *uri, *json;
} metaschemas[] = {
    {"https://e.com/2019", "{\"$schema\":\"https://json-schema.org/draft/2019-09/schema\","
                           "\"$vocabulary\":{" VOCABULARY("2019-09", "core") ":true," VOCABULARY(
                               "2019-09", "format") ":true}}"},
    {"https://e.com/2020", "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                           "\"$vocabulary\":{" VOCABULARY("2020-12", "core") ":true," VOCABULARY(
                               "2020-12", "format-assertion") ":true}}"},
};

static void read_json(const char *json, struct arena *arena, struct document *out)
{
    EXPECT(json_read(text_of(json), NULL, arena, out, NULL, NULL));
}

/* Whether the schema, compiled with the options, admits the instance. */
static bool admits(struct schema_options options, const char *schema_json, const char *instance)
{
    struct arena arena = {0};
    struct schema_set *set = schema_set_new(&arena);
    struct diagnostics diagnostics = {.arena = &arena};
    struct document all[2], document, value;
    const struct schema *schema;
    bool holds;

    for (int i = 0; i < 2; i++) {
        read_json(metaschemas[i].json, &arena, &all[i]);
        EXPECT(schema_set_add(set, text_of(metaschemas[i].uri), &all[i], 0));
    }
    read_json(schema_json, &arena, &document);
    read_json(instance, &arena, &value);
    options.set = set;
    schema = schema_compile_with(&document, 0, &options, &arena, &diagnostics);
    EXPECT(schema != NULL);
    holds = schema_check(schema, &value, 0, &arena);
    arena_release(&arena);
    return holds;
}

TEST(formats_are_checked_unless_an_option_says_otherwise)
{
    static const char ipv4[] = "{\"format\":\"ipv4\"}";

    EXPECT(!admits((struct schema_options){0}, ipv4, "\"x\""));
    EXPECT(admits((struct schema_options){0}, ipv4, "\"127.0.0.1\""));
    EXPECT(admits((struct schema_options){0}, ipv4, "7"));
    EXPECT(admits((struct schema_options){.formats = FORMATS_ANNOTATE}, ipv4, "\"x\""));
    EXPECT(admits((struct schema_options){.formats = FORMATS_BY_DIALECT}, ipv4, "\"x\""));
}

TEST(a_dialect_may_say_that_formats_are_checked)
{
    const struct schema_options options = {.formats = FORMATS_BY_DIALECT};
    static const char newer[] = "{\"$schema\":\"https://e.com/2020\",\"format\":\"ipv4\"}";
    static const char older[] = "{\"$schema\":\"https://e.com/2019\",\"format\":\"ipv4\"}";
    static const char draft_7[] =
        "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"format\":\"ipv4\"}";

    EXPECT(!admits(options, newer, "\"x\""));
    EXPECT(!admits(options, older, "\"x\""));
    EXPECT(admits(options, draft_7, "\"x\""));
}

TEST(contents_are_checked_only_if_an_option_says_so)
{
    const struct schema_options asserting = {.content_asserts = true};
    static const char base64[] = "{\"contentEncoding\":\"base64\"}";
    static const char json[] = "{\"contentMediaType\":\"application/json\"}";
    static const char both[] =
        "{\"contentMediaType\":\"application/json\",\"contentEncoding\":\"base64\","
        "\"contentSchema\":{\"type\":\"array\"}}";

    EXPECT(admits((struct schema_options){0}, base64, "\"?\""));
    EXPECT(!admits(asserting, base64, "\"?\""));
    EXPECT(admits(asserting, base64, "\"e30=\""));
    EXPECT(!admits(asserting, json, "\"{\""));
    EXPECT(admits(asserting, json, "\"{}\""));
    EXPECT(!admits(asserting, both, "\"ew==\""));
    EXPECT(admits(asserting, both, "\"e30=\"")); /* what is inside is not looked at */
}
