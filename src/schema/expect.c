/* What a value must be, per keyword: in short for `expected`, and as a demand for the sentence. */
#include "schema/describe.h"

#include "document/diagnostic.h"

enum { PATTERN_SHOWN = 120, SUGGESTED_BYTES = 64 };

void describe_demand(struct describing *it, struct text lead)
{
    words_put(it->message, lead);
    words_put(it->message, words_text(it->expected));
    if (it->expected->cut)
        words_put(it->message, TEXT("..."));
}

/* Schemas say one thing and models another case of it. */
static struct text nearest(struct text wrong, const struct text *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal_nocase(names[i], wrong))
            return names[i];
    }
    return nearest_name(wrong, names, count);
}

void describe_suggestion(struct describing *it, struct text wrong, const struct text *names,
                         size_t count)
{
    struct text near;

    if (wrong.len > SUGGESTED_BYTES || it->in_brief)
        return;
    near = nearest(wrong, names, count);
    if (near.len > 0 && near.len <= SUGGESTED_BYTES && !text_equal(near, wrong))
        it->suggestion = near;
}

/* "string, array or null" of a set of kinds, each with an article or not. */
static void put_types(struct words *words, uint8_t kinds, bool articles)
{
    static const struct {
        uint8_t kinds;
        struct text name;
    } types[] = {
        {KIND_BIT(CELL_BOOLEAN), TEXT_INIT("boolean")},
        {KIND_BIT(CELL_NUMBER), TEXT_INIT("number")},
        {KINDS_INTEGER, TEXT_INIT("integer")},
        {KINDS_STRING, TEXT_INIT("string")},
        {KINDS_ARRAY, TEXT_INIT("array")},
        {KINDS_OBJECT, TEXT_INIT("object")},
        {KIND_BIT(CELL_NULL), TEXT_INIT("null")},
    };
    struct text found[sizeof types / sizeof *types] WORDS_UNSET;
    size_t count = 0;

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        bool covered = types[i].kinds == KINDS_INTEGER && (kinds & KIND_BIT(CELL_NUMBER)) != 0;

        if ((kinds & types[i].kinds) != 0 && !covered)
            found[count++] = types[i].name;
    }
    for (size_t i = 0; i < count; i++) {
        words_put(words, i == 0 ? TEXT("") : i + 1 == count ? TEXT(" or ") : TEXT(", "));
        if (articles)
            describe_with_article(words, found[i]);
        else
            words_put(words, found[i]);
    }
    if (count == 0)
        words_put(words, TEXT("no value"));
}

void expect_types(struct describing *it, uint8_t kinds)
{
    put_types(it->expected, kinds, false);
    words_put(it->message, TEXT("must be "));
    put_types(it->message, kinds, true);
    it->tells_found = true;
}

/* In draft-04 1.0 is no integer, although it is one everywhere else. */
static void expect_type(struct describing *it)
{
    const struct instruction *instruction = it->finding->instruction;
    bool admitted = (instruction->types & KIND_BIT(cell_kind(describe_cell(it)))) != 0;

    expect_types(it, instruction->types);
    if (!admitted || it->in_brief)
        return;
    words_put(it->message, TEXT(" written without fraction and exponent"));
    it->tells_found = false;
}

static void expect_enum(struct describing *it)
{
    const struct instruction *instruction = it->finding->instruction;
    const struct choice *choice = instruction->choice;
    struct text *names;

    if (choice->told.len > 0)
        words_put(it->expected, choice->told);
    else
        words_put_values(it->expected, it->schema, instruction->cell, &it->scratch);
    describe_demand(it, document_cell(it->schema, instruction->cell)->size == 1
                            ? TEXT("must be ")
                            : TEXT("must be one of "));
    it->tells_found = true;
    if (describe_cell(it)->type != CELL_STRING || choice->slot_count == 0)
        return;
    names = ARENA_ARRAY(it->arena, struct text, choice->slot_count);
    for (uint32_t i = 0; i < choice->slot_count; i++)
        names[i] = choice->slots[i].name;
    describe_suggestion(it, cell_text(describe_cell(it)), names, choice->slot_count);
}

static void expect_const(struct describing *it)
{
    words_put_json(it->expected, it->schema, it->finding->instruction->cell, &it->scratch);
    describe_demand(it, TEXT("must be "));
    it->tells_found = true;
}

static void expect_bound(struct describing *it, struct text relation)
{
    words_put(it->expected, relation);
    words_put_json(it->expected, it->schema, it->finding->instruction->cell, &it->scratch);
    describe_demand(it, TEXT("must be "));
}

static void expect_count(struct describing *it, struct text relation, struct text noun)
{
    words_put(it->expected, relation);
    words_put_count(it->expected, it->finding->instruction->count, noun);
    describe_demand(it, TEXT("must have "));
    it->tells_found = true;
}

/* `got` says "object" and no more, so the sentence has to count. */
static void expect_fields(struct describing *it, struct text relation)
{
    expect_count(it, relation, TEXT("field"));
    if (it->in_brief)
        return;
    words_put(it->message, TEXT(", found "));
    words_put_u64(it->message, describe_cell(it)->size);
    it->tells_found = false;
}

static void expect_pattern(struct describing *it)
{
    struct text pattern = pattern_source(it->finding->instruction->pattern);

    words_put(it->expected, pattern);
    words_put(it->message, TEXT("must match the pattern '"));
    words_put_name(it->message, pattern, PATTERN_SHOWN);
    words_put(it->message, TEXT("'"));
    it->tells_found = true;
}

/* A format as somebody says it who has not read the standards. */
static struct text format_example(struct text name)
{
    static const struct {
        struct text name, example;
    } examples[] = {
        {TEXT_INIT("date"), TEXT_INIT("a date such as 2026-01-31")},
        {TEXT_INIT("time"), TEXT_INIT("a time with offset such as 09:30:00Z")},
        {TEXT_INIT("date-time"),
         TEXT_INIT("a date and time with offset such as 2026-01-31T09:30:00Z")},
        {TEXT_INIT("duration"), TEXT_INIT("an ISO 8601 duration such as P3DT4H")},
        {TEXT_INIT("email"), TEXT_INIT("an e-mail address")},
        {TEXT_INIT("idn-email"), TEXT_INIT("an e-mail address")},
        {TEXT_INIT("hostname"), TEXT_INIT("a host name such as www.example.com")},
        {TEXT_INIT("idn-hostname"), TEXT_INIT("a host name such as www.example.com")},
        {TEXT_INIT("ipv4"), TEXT_INIT("an IPv4 address such as 192.0.2.1")},
        {TEXT_INIT("ipv6"), TEXT_INIT("an IPv6 address such as 2001:db8::1")},
        {TEXT_INIT("uri"), TEXT_INIT("an absolute URI such as https://example.com/a")},
        {TEXT_INIT("iri"), TEXT_INIT("an absolute IRI such as https://example.com/a")},
        {TEXT_INIT("uri-reference"), TEXT_INIT("a URI or a relative reference such as /a?b=c")},
        {TEXT_INIT("iri-reference"), TEXT_INIT("an IRI or a relative reference such as /a?b=c")},
        {TEXT_INIT("uri-template"), TEXT_INIT("a URI template such as /users/{id}")},
        {TEXT_INIT("uuid"), TEXT_INIT("a UUID such as 123e4567-e89b-12d3-a456-426614174000")},
        {TEXT_INIT("json-pointer"), TEXT_INIT("a JSON Pointer such as /a/0")},
        {TEXT_INIT("relative-json-pointer"), TEXT_INIT("a relative JSON Pointer such as 1/a")},
        {TEXT_INIT("regex"), TEXT_INIT("an ECMAScript regular expression")},
    };

    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        if (text_equal(examples[i].name, name))
            return examples[i].example;
    }
    return (struct text){0};
}

static void expect_format(struct describing *it)
{
    struct text name = document_text(it->schema, it->finding->instruction->cell);
    struct text example = format_example(name);

    words_put(it->expected, name);
    if (example.len > 0) {
        words_put(it->message, TEXT("must be "));
        words_put(it->message, example);
    } else {
        words_put(it->message, TEXT("must have the format '"));
        words_put_name(it->message, name, NAME_SHOWN);
        words_put(it->message, TEXT("'"));
    }
    it->tells_found = true;
}

static void expect_unique(struct describing *it)
{
    words_put(it->expected, TEXT("items that all differ"));
    describe_demand(it, TEXT("must have "));
    if (it->in_brief)
        return;
    words_put(it->message, TEXT(", but items "));
    words_put_u64(it->message, it->finding->a);
    words_put(it->message, TEXT(" and "));
    words_put_u64(it->message, it->finding->b);
    words_put(it->message, TEXT(" are equal"));
}

/* Only checked with an option, and then no more than these two. */
static void expect_content(struct describing *it)
{
    words_put(it->expected, it->finding->keyword == KEYWORD_CONTENT_ENCODING
                                ? TEXT("a string encoded as base64")
                                : TEXT("a string that holds JSON"));
    describe_demand(it, TEXT("must be "));
    it->tells_found = true;
}

/* A keyword that asserts without having words of its own here. */
static void expect_anything(struct describing *it)
{
    struct text name = keyword_row(it->finding->keyword)->name;

    words_put(it->expected, TEXT("what '"));
    words_put(it->expected, name);
    words_put(it->expected, TEXT("' asks for"));
    describe_demand(it, TEXT("must be "));
    it->tells_found = true;
}

static void expect_by_keyword(struct describing *it)
{
    switch (it->finding->keyword) {
    case KEYWORD_NONE:
        expect_nothing(it);
        break;
    case KEYWORD_TYPE:
        expect_type(it);
        break;
    case KEYWORD_ENUM:
        expect_enum(it);
        break;
    case KEYWORD_CONST:
        expect_const(it);
        break;
    case KEYWORD_MULTIPLE_OF:
        expect_bound(it, TEXT("a multiple of "));
        break;
    case KEYWORD_MINIMUM:
        expect_bound(it, TEXT("at least "));
        break;
    case KEYWORD_EXCLUSIVE_MINIMUM:
        expect_bound(it, TEXT("above "));
        break;
    case KEYWORD_MAXIMUM:
        expect_bound(it, TEXT("at most "));
        break;
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        expect_bound(it, TEXT("below "));
        break;
    case KEYWORD_MIN_LENGTH:
        expect_count(it, TEXT("at least "), TEXT("character"));
        break;
    case KEYWORD_MAX_LENGTH:
        expect_count(it, TEXT("at most "), TEXT("character"));
        break;
    case KEYWORD_MIN_ITEMS:
        expect_count(it, TEXT("at least "), TEXT("item"));
        break;
    case KEYWORD_MAX_ITEMS:
        expect_count(it, TEXT("at most "), TEXT("item"));
        break;
    case KEYWORD_MIN_PROPERTIES:
        expect_fields(it, TEXT("at least "));
        break;
    case KEYWORD_MAX_PROPERTIES:
        expect_fields(it, TEXT("at most "));
        break;
    case KEYWORD_PATTERN:
        expect_pattern(it);
        break;
    case KEYWORD_FORMAT:
        expect_format(it);
        break;
    case KEYWORD_UNIQUE_ITEMS:
        expect_unique(it);
        break;
    case KEYWORD_NOT:
        expect_not(it);
        break;
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        expect_content(it);
        break;
    default:
        expect_anything(it);
    }
}

void describe_expected(struct describing *it)
{
    switch (it->finding->sort) {
    case FINDING_PLAIN:
        expect_by_keyword(it);
        break;
    case FINDING_MISSING:
        expect_missing(it);
        break;
    case FINDING_TYPES:
        expect_alternative_types(it);
        break;
    case FINDING_TAG:
        expect_tag(it);
        break;
    case FINDING_NONE:
    case FINDING_SEVERAL:
        expect_alternatives(it);
        break;
    case FINDING_FEW:
    case FINDING_MANY:
        expect_contained(it);
        break;
    }
}
