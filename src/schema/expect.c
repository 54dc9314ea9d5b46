/* What a value must be, per keyword: in short for `expected`, and as a demand for the sentence. */
#include "schema/describe.h"

#include "base/check.h"
#include "document/json_write.h"
#include "schema/inspect.h"

static __attribute__((format(printf, 2, 3))) void demand(struct describing *it, const char *format,
                                                         ...)
{
    va_list arguments;

    va_start(arguments, format);
    buffer_put(&it->demand, arena_vprintf(it->arena, format, arguments));
    va_end(arguments);
}

static struct text json_of(const struct describing *it, uint32_t cell)
{
    struct buffer out = buffer_in(it->arena);

    json_put_cell(&out, it->schema, cell);
    return describe_cut(it->arena, buffer_text(&out), EXPECTED_BYTES);
}

/* "string, null or array" of a set of kinds, each with an article or not. */
static struct text type_list(const struct describing *it, uint8_t kinds, bool articles)
{
    static const struct {
        uint8_t kinds;
        struct text name;
    } types[] = {
        {KIND_BIT(CELL_NULL), TEXT_INIT("null")},
        {KIND_BIT(CELL_BOOLEAN), TEXT_INIT("boolean")},
        {KIND_BIT(CELL_NUMBER), TEXT_INIT("number")},
        {KINDS_INTEGER, TEXT_INIT("integer")},
        {KINDS_STRING, TEXT_INIT("string")},
        {KINDS_ARRAY, TEXT_INIT("array")},
        {KINDS_OBJECT, TEXT_INIT("object")},
    };
    struct text found[sizeof types / sizeof *types];
    struct buffer out = buffer_in(it->arena);
    size_t count = 0;

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        bool covered = types[i].kinds == KINDS_INTEGER && (kinds & KIND_BIT(CELL_NUMBER)) != 0;

        if ((kinds & types[i].kinds) != 0 && !covered)
            found[count++] = types[i].name;
    }
    for (size_t i = 0; i < count; i++) {
        buffer_put(&out, i == 0 ? TEXT("") : i + 1 == count ? TEXT(" or ") : TEXT(", "));
        buffer_put(&out, articles ? describe_with_article(it->arena, found[i]) : found[i]);
    }
    return count > 0 ? buffer_text(&out) : TEXT("no value");
}

static void expect_types(struct describing *it, uint8_t kinds)
{
    struct text types = type_list(it, kinds, true);

    it->expected = type_list(it, kinds, false);
    demand(it, "must be %.*s", TEXT_ARG(types));
    it->tells_found = true;
}

static void suggest(struct describing *it, struct text wrong, const struct text *names,
                    size_t count)
{
    struct text near = nearest_name(wrong, names, count);

    if (near.len > 0 && near.len <= 64 && !text_equal(near, wrong))
        it->suggestion = near;
}

static void suggest_slot(struct describing *it, const struct slot *slots, uint32_t count)
{
    struct text *names = ARENA_ARRAY(it->arena, struct text, count);

    for (uint32_t i = 0; i < count; i++)
        names[i] = slots[i].name;
    if (describe_cell(it)->type == CELL_STRING)
        suggest(it, cell_text(describe_cell(it)), names, count);
}

static void expect_choice(struct describing *it, uint32_t array)
{
    const struct cell *values = document_cell(it->schema, array);
    struct buffer list = buffer_in(it->arena);
    uint32_t told = 0, at = array + 1;

    for (; told < values->size && told < CHOICES_TOLD && list.len < EXPECTED_BYTES; told++) {
        buffer_put(&list, told ? TEXT(", ") : TEXT(""));
        buffer_put(&list, json_of(it, at));
        at = document_next(it->schema, at);
    }
    if (told < values->size)
        buffer_printf(&list, " and %u more", values->size - told);
    it->expected = told > 0 ? buffer_text(&list) : TEXT("no value");
    demand(it, "must be one of %.*s", TEXT_ARG(it->expected));
    it->tells_found = true;
}

static void expect_enum(struct describing *it)
{
    const struct choice *choice = it->finding->instruction->choice;

    expect_choice(it, it->finding->instruction->cell);
    suggest_slot(it, choice->slots, choice->slot_count);
}

static void expect_const(struct describing *it)
{
    it->expected = json_of(it, it->finding->instruction->cell);
    demand(it, "must be %.*s", TEXT_ARG(it->expected));
    it->tells_found = true;
}

static void expect_bound(struct describing *it, const char *relation)
{
    struct text bound = json_of(it, it->finding->instruction->cell);

    it->expected = arena_printf(it->arena, "%s %.*s", relation, TEXT_ARG(bound));
    demand(it, "must be %.*s", TEXT_ARG(it->expected));
}

static void expect_count(struct describing *it, const char *relation, const char *noun)
{
    uint64_t count = it->finding->instruction->count;

    it->expected = arena_printf(it->arena, "%s %llu %s%s", relation, (unsigned long long)count,
                                noun, describe_plural(count));
    demand(it, "must have %.*s", TEXT_ARG(it->expected));
    it->tells_found = true;
}

static void expect_pattern(struct describing *it)
{
    it->expected = pattern_source(it->finding->instruction->pattern);
    demand(it, "must match the pattern '%.*s'",
           TEXT_ARG(describe_cut(it->arena, it->expected, 120)));
    it->tells_found = true;
}

static void expect_format(struct describing *it)
{
    it->expected = format_name(it->finding->instruction->format);
    demand(it, "must have the format '%.*s'", TEXT_ARG(it->expected));
    it->tells_found = true;
}

static void expect_content(struct describing *it)
{
    it->expected = it->finding->keyword == KEYWORD_CONTENT_ENCODING
                       ? TEXT("a string encoded as base64")
                       : TEXT("a string that holds JSON");
    demand(it, "must be %.*s", TEXT_ARG(it->expected));
    it->tells_found = true;
}

static void expect_unique(struct describing *it)
{
    it->expected = TEXT("items that all differ");
    demand(it, "must have items that all differ, but items %llu and %llu are equal",
           (unsigned long long)it->finding->a, (unsigned long long)it->finding->b);
}

static void expect_contained(struct describing *it)
{
    const struct containment *wanted = it->finding->instruction->containment;
    bool few = it->finding->sort == FINDING_FEW;
    uint64_t count = few ? wanted->least : wanted->most;

    it->expected =
        arena_printf(it->arena, "at %s %llu item%s that fit%s 'contains'", few ? "least" : "most",
                     (unsigned long long)count, describe_plural(count), count == 1 ? "s" : "");
    demand(it, "must have %.*s, found %llu", TEXT_ARG(it->expected),
           (unsigned long long)it->finding->a);
}

static void expect_nothing(struct describing *it)
{
    const struct finding *finding = it->finding;
    const struct text *names;
    size_t count;

    it->expected = TEXT("nothing");
    demand(it, finding->is_name ? "is not allowed as a name" : "is not allowed here");
    if (finding->owner == 0)
        return;
    count = declared_names(it->run->schema, finding->owner - 1, it->arena, &names);
    suggest(it, cell_text(&it->run->cells[finding->cell - 1]), names, count);
}

static void expect_tag(struct describing *it)
{
    const struct alternatives *alternatives = it->finding->instruction->alternatives;
    struct slot *slots = ARENA_ARRAY(it->arena, struct slot, alternatives->count);
    struct buffer list = buffer_in(it->arena);
    uint32_t count = 0;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        if (alternatives->tag_values[i].at == NULL)
            continue;
        slots[count].name = alternatives->tag_values[i];
        if (count++ >= CHOICES_TOLD)
            continue;
        buffer_put(&list, count > 1 ? TEXT(", ") : TEXT(""));
        json_put_string(&list, alternatives->tag_values[i]);
    }
    if (count > CHOICES_TOLD)
        buffer_printf(&list, " and %u more", count - CHOICES_TOLD);
    it->expected = buffer_text(&list);
    demand(it, "must be one of %.*s",
           TEXT_ARG(describe_cut(it->arena, it->expected, EXPECTED_BYTES)));
    suggest_slot(it, slots, count);
    it->tells_found = true;
}

static void expect_alternative_types(struct describing *it)
{
    const struct alternatives *alternatives = it->finding->instruction->alternatives;
    uint8_t kinds = 0;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        const struct node *node = &it->run->schema->nodes[alternatives->nodes[i]];

        for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
            if (node->entry[kind] != ENTRY_REJECT)
                kinds |= (uint8_t)KIND_BIT(kind);
        }
    }
    expect_types(it, kinds);
}

static void expect_by_keyword(struct describing *it)
{
    switch (it->finding->keyword) {
    case KEYWORD_NONE:
        expect_nothing(it);
        break;
    case KEYWORD_TYPE:
        expect_types(it, it->finding->instruction->types);
        break;
    case KEYWORD_ENUM:
        expect_enum(it);
        break;
    case KEYWORD_CONST:
        expect_const(it);
        break;
    case KEYWORD_MULTIPLE_OF:
        expect_bound(it, "a multiple of");
        break;
    case KEYWORD_MINIMUM:
        expect_bound(it, "at least");
        break;
    case KEYWORD_EXCLUSIVE_MINIMUM:
        expect_bound(it, "above");
        break;
    case KEYWORD_MAXIMUM:
        expect_bound(it, "at most");
        break;
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        expect_bound(it, "below");
        break;
    case KEYWORD_MIN_LENGTH:
        expect_count(it, "at least", "character");
        break;
    case KEYWORD_MAX_LENGTH:
        expect_count(it, "at most", "character");
        break;
    case KEYWORD_MIN_ITEMS:
        expect_count(it, "at least", "item");
        break;
    case KEYWORD_MAX_ITEMS:
        expect_count(it, "at most", "item");
        break;
    case KEYWORD_MIN_PROPERTIES:
        expect_count(it, "at least", "field");
        break;
    case KEYWORD_MAX_PROPERTIES:
        expect_count(it, "at most", "field");
        break;
    case KEYWORD_PATTERN:
        expect_pattern(it);
        break;
    case KEYWORD_FORMAT:
        expect_format(it);
        break;
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        expect_content(it);
        break;
    case KEYWORD_UNIQUE_ITEMS:
        expect_unique(it);
        break;
    case KEYWORD_NOT:
        it->expected = TEXT("a value that does not fit 'not'");
        demand(it, "has a form that is not allowed");
        break;
    default:
        NEVER("a keyword that does not fail by itself");
    }
}

void describe_expected(struct describing *it)
{
    const struct finding *finding = it->finding;

    switch (finding->sort) {
    case FINDING_PLAIN:
        expect_by_keyword(it);
        break;
    case FINDING_MISSING:
        it->expected = finding->name;
        demand(it, "must have a field '%.*s'",
               TEXT_ARG(describe_cut(it->arena, finding->name, 100)));
        break;
    case FINDING_TYPES:
        expect_alternative_types(it);
        break;
    case FINDING_TAG:
        expect_tag(it);
        break;
    case FINDING_NONE:
        it->expected = arena_printf(it->arena, "one of %u alternatives",
                                    finding->instruction->alternatives->count);
        demand(it, "must fit one of %u alternatives, fits none",
               finding->instruction->alternatives->count);
        break;
    case FINDING_SEVERAL:
        it->expected = arena_printf(it->arena, "exactly one of %u alternatives",
                                    finding->instruction->alternatives->count);
        demand(it, "must fit exactly one of %u alternatives, fits both %llu and %llu",
               finding->instruction->alternatives->count, (unsigned long long)finding->a,
               (unsigned long long)finding->b);
        break;
    case FINDING_FEW:
    case FINDING_MANY:
        expect_contained(it);
        break;
    }
}
