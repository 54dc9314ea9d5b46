/* A random schema and a random document, made from the input byte by byte: the fast program, the
 * plain one, the explanation and following must agree, and what is explained must make sense. An
 * input that begins with '{' is taken as it is instead: a schema's text, a NUL, a document's text.
 */
#include "base/buffer.h"
#include "base/check.h"
#include "document/json_read.h"
#include "document/utf8.h"
#include "follow_pieces.h"
#include "schema/explain.h"
#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct dice {
    const uint8_t *at, *end;
    struct buffer out;
};

/* Below `sides`; 0 when the input has come to its end, which makes everything end soon. */
static unsigned roll(struct dice *dice, unsigned sides)
{
    return dice->at < dice->end ? *dice->at++ % sides : 0;
}

static void put(struct dice *dice, const char *text)
{
    buffer_put(&dice->out, text_of(text));
}

#define PICK(dice, list) (list)[roll((dice), sizeof(list) / sizeof *(list))]

static const char *const names[] = {"\"a\"", "\"b\"", "\"c\"", "\"kind\"", "\"\""};
static const char *const scalars[] = {
    "null",   "true", "false", "0",     "1",     "1.0",      "2",     "-3.5",
    "1e2",    "100",  "\"\"",  "\"x\"", "\"y\"", "\"xyyx\"", "\"é\"", "1e400",
    "\"12\"", "[]",   "{}",    "0.75",  "-0.0",  "3",        "\"a\"", "18446744073709551616",
};

static void put_value(struct dice *dice, unsigned depth)
{
    unsigned choice = depth > 0 ? roll(dice, 8) : 0;
    unsigned count, first;

    if (choice < 4) {
        put(dice, PICK(dice, scalars));
        return;
    }
    count = roll(dice, 5);
    first = roll(dice, 5);
    put(dice, choice < 6 ? "{" : "[");
    for (unsigned i = 0; i < count; i++) {
        put(dice, i ? "," : "");
        if (choice < 6) {
            put(dice, names[(first + i) % 5]);
            put(dice, ":");
        }
        put_value(dice, depth - 1);
    }
    put(dice, choice < 6 ? "}" : "]");
}

static void put_schema(struct dice *dice, unsigned depth);

static void put_schemas(struct dice *dice, unsigned depth)
{
    unsigned count = 1 + roll(dice, 3);

    put(dice, "[");
    for (unsigned i = 0; i < count; i++) {
        put(dice, i ? "," : "");
        put_schema(dice, depth);
    }
    put(dice, "]");
}

static void put_schema_map(struct dice *dice, unsigned depth, bool patterns)
{
    static const char *const expressions[] = {"\"^a\"", "\"b|c\"", "\"\"", "\"^k\"", "\"[^a]\""};
    unsigned count = roll(dice, 4), first = roll(dice, 5);

    put(dice, "{");
    for (unsigned i = 0; i < count; i++) {
        put(dice, i ? "," : "");
        put(dice, (patterns ? expressions : names)[(first + i) % 5]);
        put(dice, ":");
        put_schema(dice, depth);
    }
    put(dice, "}");
}

static void put_names(struct dice *dice)
{
    unsigned count = roll(dice, 3), first = roll(dice, 5);

    put(dice, "[");
    for (unsigned i = 0; i < count; i++) {
        put(dice, i ? "," : "");
        put(dice, names[(first + i) % 5]);
    }
    put(dice, "]");
}

static void put_values(struct dice *dice)
{
    put(dice, "[");
    put_value(dice, 2);
    for (unsigned i = roll(dice, 4); i > 0; i--) {
        put(dice, ",");
        put_value(dice, 1);
    }
    put(dice, "]");
}

/* How a keyword's value is made. */
enum form {
    A_SCHEMA,
    SCHEMAS,
    SCHEMA_MAP,
    PATTERN_MAP,
    COUNT,
    NUMBER,
    POSITIVE,
    NAMES,
    NAMES_MAP,
    VALUE,
    VALUES,
    TYPE,
    PATTERN,
    FORMAT,
    TRUE_OR_FALSE,
    REFERENCE,
};
static const struct {
    const char *name;
    enum form form;
} keywords[] = {
    {"type", TYPE},
    {"enum", VALUES},
    {"const", VALUE},
    {"properties", SCHEMA_MAP},
    {"required", NAMES},
    {"additionalProperties", A_SCHEMA},
    {"patternProperties", PATTERN_MAP},
    {"propertyNames", A_SCHEMA},
    {"dependentRequired", NAMES_MAP},
    {"dependentSchemas", SCHEMA_MAP},
    {"minProperties", COUNT},
    {"maxProperties", COUNT},
    {"items", A_SCHEMA},
    {"prefixItems", SCHEMAS},
    {"contains", A_SCHEMA},
    {"minContains", COUNT},
    {"maxContains", COUNT},
    {"minItems", COUNT},
    {"maxItems", COUNT},
    {"uniqueItems", TRUE_OR_FALSE},
    {"minLength", COUNT},
    {"maxLength", COUNT},
    {"pattern", PATTERN},
    {"format", FORMAT},
    {"minimum", NUMBER},
    {"exclusiveMinimum", NUMBER},
    {"maximum", NUMBER},
    {"exclusiveMaximum", NUMBER},
    {"multipleOf", POSITIVE},
    {"allOf", SCHEMAS},
    {"anyOf", SCHEMAS},
    {"oneOf", SCHEMAS},
    {"not", A_SCHEMA},
    {"if", A_SCHEMA},
    {"then", A_SCHEMA},
    {"else", A_SCHEMA},
    {"unevaluatedProperties", A_SCHEMA},
    {"unevaluatedItems", A_SCHEMA},
    {"$ref", REFERENCE},
    {"$dynamicRef", REFERENCE},
};
enum { KEYWORDS_MADE = sizeof keywords / sizeof *keywords };

static void put_names_map(struct dice *dice)
{
    put(dice, "{");
    put(dice, PICK(dice, names));
    put(dice, ":");
    put_names(dice);
    put(dice, "}");
}

static void put_keyword_value(struct dice *dice, enum form form, unsigned depth)
{
    static const char *const counts[] = {"0", "1", "2", "3.0"};
    static const char *const numbers[] = {"0", "1", "1.5", "-2", "1e2", "1e400"};
    static const char *const positive[] = {"1", "0.5", "3", "0.25", "1e-8", "1e30"};
    static const char *const types[] = {"\"object\"",
                                        "\"array\"",
                                        "\"string\"",
                                        "\"integer\"",
                                        "\"number\"",
                                        "\"null\"",
                                        "\"boolean\"",
                                        "[\"string\",\"null\"]",
                                        "[\"object\",\"integer\"]"};
    static const char *const patterns[] = {"\"x\"", "\"^y\"", "\"^.$\"", "\"y+x$\"", "\"\\\\d\""};
    static const char *const formats[] = {"\"date\"", "\"ipv4\"", "\"regex\"", "\"uri-reference\""};
    static const char *const references[] = {
        "\"#/$defs/a\"", "\"#/$defs/b\"", "\"#/$defs/c\"", "\"#\"", "\"#n\"", "\"r\"", "\"r#n\""};

    switch (form) {
    case A_SCHEMA:
        put_schema(dice, depth);
        break;
    case SCHEMAS:
        put_schemas(dice, depth);
        break;
    case SCHEMA_MAP:
    case PATTERN_MAP:
        put_schema_map(dice, depth, form == PATTERN_MAP);
        break;
    case COUNT:
        put(dice, PICK(dice, counts));
        break;
    case NUMBER:
        put(dice, PICK(dice, numbers));
        break;
    case POSITIVE:
        put(dice, PICK(dice, positive));
        break;
    case NAMES:
        put_names(dice);
        break;
    case NAMES_MAP:
        put_names_map(dice);
        break;
    case VALUE:
        put_value(dice, 2);
        break;
    case VALUES:
        put_values(dice);
        break;
    case TYPE:
        put(dice, PICK(dice, types));
        break;
    case PATTERN:
        put(dice, PICK(dice, patterns));
        break;
    case FORMAT:
        put(dice, PICK(dice, formats));
        break;
    case TRUE_OR_FALSE:
        put(dice, roll(dice, 2) ? "false" : "true");
        break;
    case REFERENCE:
        put(dice, PICK(dice, references));
        break;
    }
}

static void put_schema(struct dice *dice, unsigned depth)
{
    unsigned count = depth > 0 ? roll(dice, 5) : 0;
    unsigned keyword = roll(dice, KEYWORDS_MADE);
    bool used[KEYWORDS_MADE] = {false};

    if (count == 0) {
        put(dice, keyword % 4 == 0 ? "false" : keyword % 4 == 1 ? "true" : "{}");
        return;
    }
    put(dice, "{");
    for (unsigned i = 0; i < count; i++) {
        while (used[keyword])
            keyword = (keyword + 1) % KEYWORDS_MADE;
        used[keyword] = true;
        put(dice, i ? ",\"" : "\"");
        put(dice, keywords[keyword].name);
        put(dice, "\":");
        put_keyword_value(dice, keywords[keyword].form, depth - 1);
        keyword = (keyword + roll(dice, KEYWORDS_MADE)) % KEYWORDS_MADE;
    }
    put(dice, "}");
}

/* Alternatives with a tag, which the generator above would hardly hit on. */
static void put_tagged(struct dice *dice)
{
    put(dice, "{\"required\":[\"kind\"],\"properties\":{\"kind\":{\"const\":\"x\"},\"a\":");
    put_schema(dice, 2);
    put(dice, "}}");
}

static void put_root(struct dice *dice)
{
    put(dice, "{\"allOf\":[");
    put_schema(dice, 4);
    put(dice, "],\"$defs\":{\"a\":");
    put_schema(dice, 3);
    put(dice, ",\"b\":{\"anyOf\":[");
    put_tagged(dice);
    put(dice, ",{\"type\":\"object\",\"required\":[\"kind\"],\"properties\":{\"kind\":{\"enum\":"
              "[\"y\"]}},\"unevaluatedProperties\":false},");
    put_schema(dice, 2);
    put(dice, "]},\"c\":{\"$id\":\"r\",\"$dynamicAnchor\":\"n\",\"items\":{\"$dynamicRef\":\"#n\"},"
              "\"properties\":{\"b\":");
    put_schema(dice, 2);
    put(dice, "}},\"d\":{\"$dynamicAnchor\":\"n\",\"not\":");
    put_schema(dice, 1);
    put(dice, "}}}");
}

static void check_text(struct text text, size_t most)
{
    CHECK(text.len <= most);
    CHECK(utf8_valid(text) == text.len);
}

static void check_violations(const struct document *document, const struct violations *violations)
{
    CHECK(violations->listed <= VIOLATIONS_LISTED && violations->listed <= violations->total);
    CHECK((violations->total == 0) == (violations->listed == 0));
    CHECK(violations->total <= VIOLATIONS_COUNTED + 1);
    for (size_t i = 0; i < violations->listed; i++) {
        const struct violation *it = &violations->items[i];

        check_text(it->instance_path, 512);
        check_text(it->schema_path, 512);
        check_text(it->message, 300);
        check_text(it->expected, 200);
        CHECK(it->message.len > 0 && it->schema_path.at[0] == '#');
        if (it->instance_path.len < 500)
            CHECK(document_at(document, 0, it->instance_path) != CELL_NONE);
    }
}

static void run(struct text schema_text, struct text document_text, struct arena *arena)
{
    struct diagnostics *diagnostics = ARENA_NEW(arena, struct diagnostics);
    struct document schema_document, document;
    struct violations violations, plainly;
    const struct schema *schema;
    size_t bytewise = 0, in_sevens = 0;
    bool holds, decided;

    diagnostics->arena = arena;
    if (!json_read(schema_text, NULL, arena, &schema_document, NULL, NULL))
        return;
    schema = schema_compile(&schema_document, 0, arena, diagnostics);
    CHECK((schema == NULL) == (diagnostics->error_count > 0));
    if (schema == NULL || !json_read(document_text, NULL, arena, &document, NULL, NULL))
        return;
    holds = schema_check(schema, &document, 0, arena);
    schema_explain(schema, &document, 0, arena, &violations);
    decided = explain_plainly(schema, &document, 0, true, arena, &plainly);
    CHECK(holds == (violations.total == 0));
    CHECK(!decided || holds == (plainly.total == 0));
    CHECK(holds == (follow_text(schema, document_text, 1, arena, &bytewise) == FOLLOWING_FITS));
    CHECK(holds == (follow_text(schema, document_text, 7, arena, &in_sevens) == FOLLOWING_FITS));
    CHECK(bytewise == in_sevens);
    check_violations(&document, &violations);
    check_violations(&document, &plainly);
    schema_root_is_closed(schema);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct dice dice = {data, data + size, buffer_in(&arena)};
    struct text whole = {(const char *)data, size}, schema;

    if (size > 0 && data[0] == '{') {
        schema = text_split(&whole, '\0');
        run(schema, whole, &arena);
    } else {
        put_root(&dice);
        schema = arena_copy(&arena, buffer_text(&dice.out));
        dice.out = buffer_in(&arena);
        put_value(&dice, 4);
        run(schema, buffer_text(&dice.out), &arena);
    }
    arena_release(&arena);
    return 0;
}
