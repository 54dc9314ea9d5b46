/* tests/fuzz/schema_dice.h
 * Random schemas and documents, made from a fuzzer's input byte by byte. Included by the targets
 * that need both. */
#pragma once
#include "base/buffer.h"

struct dice {
    const uint8_t *at, *end;
    struct buffer out;
};

/* Below `sides`; 0 when the input has come to its end, which makes everything end soon. */
static inline unsigned roll(struct dice *dice, unsigned sides)
{
    return dice->at < dice->end ? *dice->at++ % sides : 0;
}

static inline void put(struct dice *dice, const char *text)
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

static inline void put_value(struct dice *dice, unsigned depth)
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

static inline void put_schema(struct dice *dice, unsigned depth);

static inline void put_schemas(struct dice *dice, unsigned depth)
{
    unsigned count = 1 + roll(dice, 3);

    put(dice, "[");
    for (unsigned i = 0; i < count; i++) {
        put(dice, i ? "," : "");
        put_schema(dice, depth);
    }
    put(dice, "]");
}

static inline void put_schema_map(struct dice *dice, unsigned depth, bool patterns)
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

static inline void put_names(struct dice *dice)
{
    unsigned count = roll(dice, 3), first = roll(dice, 5);

    put(dice, "[");
    for (unsigned i = 0; i < count; i++) {
        put(dice, i ? "," : "");
        put(dice, names[(first + i) % 5]);
    }
    put(dice, "]");
}

static inline void put_values(struct dice *dice)
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

static inline void put_names_map(struct dice *dice)
{
    put(dice, "{");
    put(dice, PICK(dice, names));
    put(dice, ":");
    put_names(dice);
    put(dice, "}");
}

static inline void put_keyword_value(struct dice *dice, enum form form, unsigned depth)
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

static inline void put_schema(struct dice *dice, unsigned depth)
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
static inline void put_tagged(struct dice *dice)
{
    put(dice, "{\"required\":[\"kind\"],\"properties\":{\"kind\":{\"const\":\"x\"},\"a\":");
    put_schema(dice, 2);
    put(dice, "}}");
}

static inline void put_root(struct dice *dice)
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
