/* The rows say what the vendors' documentation lists, and nothing else: a keyword that is refused
 * costs the call, one that is left out is still checked here. */
#include "schema/lower_dialect.h"

/* clang-format off */
#define ALWAYS_TAKEN                                                                               \
    KEYWORD_TYPE, KEYWORD_PROPERTIES, KEYWORD_REQUIRED, KEYWORD_ITEMS, KEYWORD_ENUM,               \
    KEYWORD_ANY_OF, KEYWORD_DESCRIPTION, KEYWORD_TITLE

#define DEFINITIONS_TAKEN KEYWORD_REF, KEYWORD_DEFS

#define OPENAI_FORMATS                                                                             \
    TEXT_INIT("date-time"), TEXT_INIT("time"), TEXT_INIT("date"), TEXT_INIT("duration"),           \
    TEXT_INIT("email"), TEXT_INIT("hostname"), TEXT_INIT("ipv4"), TEXT_INIT("ipv6"),               \
    TEXT_INIT("uuid")

static const enum keyword openai_keywords[] = {
    ALWAYS_TAKEN, DEFINITIONS_TAKEN, KEYWORD_ADDITIONAL_PROPERTIES, KEYWORD_CONST,
    KEYWORD_PATTERN, KEYWORD_FORMAT, KEYWORD_MINIMUM, KEYWORD_MAXIMUM,
    KEYWORD_EXCLUSIVE_MINIMUM, KEYWORD_EXCLUSIVE_MAXIMUM, KEYWORD_MULTIPLE_OF,
    KEYWORD_MIN_ITEMS, KEYWORD_MAX_ITEMS, KEYWORD_SCHEMA, KEYWORD_COMMENT, KEYWORD_NONE};
static const enum keyword openai_tuned_keywords[] = {
    ALWAYS_TAKEN, DEFINITIONS_TAKEN, KEYWORD_ADDITIONAL_PROPERTIES, KEYWORD_CONST, KEYWORD_NONE};
static const struct text openai_formats[] = {OPENAI_FORMATS, TEXT_INIT("")};

static const enum keyword anthropic_keywords[] = {
    ALWAYS_TAKEN, DEFINITIONS_TAKEN, KEYWORD_ADDITIONAL_PROPERTIES, KEYWORD_CONST, KEYWORD_ALL_OF,
    KEYWORD_FORMAT, KEYWORD_MIN_ITEMS, KEYWORD_NONE};
static const struct text anthropic_formats[] = {OPENAI_FORMATS, TEXT_INIT("uri"), TEXT_INIT("")};

static const enum keyword gemini_keywords[] = {
    ALWAYS_TAKEN, DEFINITIONS_TAKEN, KEYWORD_ID, KEYWORD_ANCHOR, KEYWORD_ADDITIONAL_PROPERTIES,
    KEYWORD_FORMAT, KEYWORD_PREFIX_ITEMS, KEYWORD_MIN_ITEMS, KEYWORD_MAX_ITEMS, KEYWORD_MINIMUM,
    KEYWORD_MAXIMUM, KEYWORD_ONE_OF, KEYWORD_NONE};
/* Its documentation names these of JSON Schema's for strings. */
static const struct text gemini_formats[] = {
    TEXT_INIT("date-time"), TEXT_INIT("date"), TEXT_INIT("time"), TEXT_INIT("")};

static const enum keyword gemini_openapi_keywords[] = {
    ALWAYS_TAKEN, KEYWORD_FORMAT, KEYWORD_MINIMUM, KEYWORD_MAXIMUM, KEYWORD_MIN_ITEMS,
    KEYWORD_MAX_ITEMS, KEYWORD_MIN_LENGTH, KEYWORD_MAX_LENGTH, KEYWORD_PATTERN, KEYWORD_NONE};
static const struct text gemini_openapi_formats[] = {TEXT_INIT("date-time"), TEXT_INIT("")};

static const enum keyword cohere_keywords[] = {
    ALWAYS_TAKEN, DEFINITIONS_TAKEN, KEYWORD_ADDITIONAL_PROPERTIES, KEYWORD_CONST,
    KEYWORD_PATTERN, KEYWORD_FORMAT, KEYWORD_NONE};
static const struct text cohere_formats[] = {
    TEXT_INIT("date-time"), TEXT_INIT("uuid"), TEXT_INIT("date"), TEXT_INIT("time"), TEXT_INIT("")};

/* Grammars: what they do not know they ignore. */
static const enum keyword grammar_keywords[] = {
    ALWAYS_TAKEN, DEFINITIONS_TAKEN, KEYWORD_ADDITIONAL_PROPERTIES, KEYWORD_CONST,
    KEYWORD_PATTERN, KEYWORD_FORMAT, KEYWORD_PREFIX_ITEMS, KEYWORD_MIN_ITEMS, KEYWORD_MAX_ITEMS,
    KEYWORD_MIN_LENGTH, KEYWORD_MAX_LENGTH, KEYWORD_MINIMUM, KEYWORD_MAXIMUM,
    KEYWORD_EXCLUSIVE_MINIMUM, KEYWORD_EXCLUSIVE_MAXIMUM, KEYWORD_NONE};
static const struct text grammar_formats[] = {
    TEXT_INIT("date-time"), TEXT_INIT("date"), TEXT_INIT("time"), TEXT_INIT("uuid"), TEXT_INIT("")};
/* clang-format on */

enum { KINDS_SCALAR = KINDS_ANY & ~(KINDS_ARRAY | KINDS_OBJECT) };

#define OPENAI_STRICT                                                                              \
    .enum_kinds = KINDS_SCALAR, .refs = REFS_FREE, .ref_alone = true, .object_root = true,         \
    .closes = true, .all_required = true, .type_arrays = true,                                     \
    .least_items_most = LEAST_ITEMS_ANY, .levels = 10, .properties = 5000, .enum_values = 1000,    \
    .characters = 120000
#define GRAMMAR                                                                                    \
    .keywords = grammar_keywords, .formats = grammar_formats, .enum_kinds = KINDS_ANY,             \
    .refs = REFS_FREE, .ref_alone = true, .any_value = true, .maps = true, .type_arrays = true,    \
    .anchored = true, .least_items_most = LEAST_ITEMS_ANY

static const struct lower_dialect dialects[] = {
    {.name = TEXT_INIT("openai"),
     .keywords = openai_keywords,
     .formats = openai_formats,
     OPENAI_STRICT},
    {.name = TEXT_INIT("openai-tuned"), /* fine-tuned models take no bounds */
     .keywords = openai_tuned_keywords,
     .formats = openai_formats,
     OPENAI_STRICT},
    {.name = TEXT_INIT("azure"),
     .keywords = openai_keywords,
     .formats = openai_formats,
     OPENAI_STRICT},
    {.name = TEXT_INIT("groq"),
     .keywords = openai_keywords,
     .formats = openai_formats,
     OPENAI_STRICT},
    {.name = TEXT_INIT("mistral"),
     .keywords = openai_keywords,
     .formats = openai_formats,
     OPENAI_STRICT},
    {.name = TEXT_INIT("anthropic"),
     .keywords = anthropic_keywords,
     .formats = anthropic_formats,
     .enum_kinds = KINDS_SCALAR,
     .refs = REFS_FLAT,
     .ref_alone = true,
     .object_root = true,
     .closes = true,
     .type_arrays = true,
     .least_items_most = 1,
     .optional_properties = 24},
    {.name = TEXT_INIT("gemini"), /* responseJsonSchema */
     .keywords = gemini_keywords,
     .formats = gemini_formats,
     .enum_kinds = KINDS_SCALAR,
     .refs = REFS_OPTIONAL,
     .ref_alone = true,
     .any_value = true,
     .maps = true,
     .type_arrays = true,
     .ordering = true,
     .least_items_most = LEAST_ITEMS_ANY},
    {.name = TEXT_INIT("gemini-openapi"), /* responseSchema */
     .keywords = gemini_openapi_keywords,
     .formats = gemini_openapi_formats,
     .enum_kinds = KINDS_STRING | KIND_BIT(CELL_NULL),
     .refs = REFS_NONE,
     .nullable = true,
     .ordering = true,
     .least_items_most = LEAST_ITEMS_ANY},
    {.name = TEXT_INIT("cohere"),
     .keywords = cohere_keywords,
     .formats = cohere_formats,
     .enum_kinds = KINDS_SCALAR,
     .refs = REFS_FLAT,
     .ref_alone = true,
     .object_root = true,
     .one_required = true,
     .least_items_most = LEAST_ITEMS_ANY},
    {.name = TEXT_INIT("ollama"), GRAMMAR},
    {.name = TEXT_INIT("llamacpp"), GRAMMAR},
    {.name = TEXT_INIT("vllm"), GRAMMAR},
};

const struct lower_dialect *lower_dialect_find(struct text name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        if (text_equal(dialects[i].name, name))
            return &dialects[i];
    }
    return NULL;
}

const struct lower_dialect *lower_dialect_at(size_t index)
{
    return index < sizeof dialects / sizeof *dialects ? &dialects[index] : NULL;
}

struct text lower_dialect_name(const struct lower_dialect *dialect)
{
    return dialect->name;
}

bool lower_dialect_has(const struct lower_dialect *dialect, enum keyword keyword)
{
    for (const enum keyword *it = dialect->keywords; *it != KEYWORD_NONE; it++) {
        if (*it == keyword)
            return true;
    }
    return false;
}

bool lower_dialect_has_format(const struct lower_dialect *dialect, struct text format)
{
    for (const struct text *it = dialect->formats; it->len > 0; it++) {
        if (text_equal(*it, format))
            return true;
    }
    return false;
}

/* Whether a grammar that takes what is between ^ and $ for the whole means what the pattern does:
 * no alternatives outside of groups, and of escapes and groups only the plain ones. */
static bool is_anchored(struct text pattern)
{
    static const struct text escapes = TEXT_INIT("dws.-+*?()[]{}|/^$");
    size_t depth = 0;
    bool in_class = false;

    if (pattern.len < 2 || pattern.at[0] != '^' || pattern.at[pattern.len - 1] != '$' ||
        pattern.at[pattern.len - 2] == '\\')
        return false;
    for (size_t i = 1; i + 1 < pattern.len; i++) {
        char byte = pattern.at[i];

        if (byte == '\\') {
            i++;
            if (text_find_byte(escapes, pattern.at[i]) == escapes.len)
                return false;
        } else if (in_class) {
            in_class = byte != ']';
        } else if (byte == '[') {
            in_class = true;
        } else if (byte == '(') {
            if (pattern.at[i + 1] == '?')
                return false;
            depth++;
        } else if (byte == ')') {
            depth -= depth > 0;
        } else if (byte == '^' || byte == '$' || (byte == '|' && depth == 0)) {
            return false;
        }
    }
    return !in_class && depth == 0;
}

static bool has_lookaround(struct text pattern)
{
    static const struct text openings[] = {TEXT_INIT("(?="), TEXT_INIT("(?!"), TEXT_INIT("(?<="),
                                           TEXT_INIT("(?<!")};

    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        if (text_find(pattern, openings[i]) < pattern.len)
            return true;
    }
    return false;
}

bool lower_dialect_has_pattern(const struct lower_dialect *dialect, struct text pattern)
{
    if (dialect->anchored && !is_anchored(pattern))
        return false;
    return dialect->lookaround || !has_lookaround(pattern);
}
