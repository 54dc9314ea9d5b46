/* Findings in words. Of the document only types, sizes and names are told, never contents; of the
 * schema everything may be. A message is one sentence: what, where, what must be, what was found.
 */
#include "schema/inspect.h"
#include "schema/plain.h"

#include "base/buffer.h"
#include "base/check.h"
#include "document/json_write.h"
#include "document/utf8.h"

enum { POINTER_BYTES = 512, MESSAGE_BYTES = 300, EXPECTED_BYTES = 200, CHOICES_TOLD = 10 };

/* What is being described, and with what. */
struct describing {
    const struct run *run;
    const struct finding *finding;
    const struct document *schema;
    struct arena *arena;
    struct text expected;
    struct buffer demand;   /* "must be an integer" */
    struct text suggestion; /* a name that may have been meant */
    struct text subject;    /* "field '/a'" */
    bool tells_found;       /* ", found a string" makes sense */
};

static struct text cut(struct arena *arena, struct text text, size_t bytes)
{
    struct text head = text_cut(text, bytes - 3);

    return text.len <= bytes ? text : arena_printf(arena, "%.*s...", TEXT_ARG(head));
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const struct cell *instance(const struct describing *it)
{
    return &it->run->cells[it->finding->cell];
}

static struct text got(const struct describing *it)
{
    const struct cell *cell = instance(it);
    uint64_t size;

    switch (cell->type) {
    case CELL_STRING:
        size = utf8_length(cell_text(cell));
        return arena_printf(it->arena, "string of %llu character%s", (unsigned long long)size,
                            plural(size));
    case CELL_ARRAY:
        return arena_printf(it->arena, "array of %u item%s", cell->size, plural(cell->size));
    case CELL_NUMBER:
        return cell->flags & CELL_INTEGRAL ? TEXT("integer") : TEXT("number");
    default:
        return text_of(cell_type_name((enum cell_type)cell->type));
    }
}

/* "a string of 3 characters" */
static struct text with_article(struct arena *arena, struct text noun)
{
    bool vowel = noun.len > 0 && strchr("aeiou", noun.at[0]) != NULL;

    if (text_equal(noun, TEXT("null")))
        return noun;
    return arena_printf(arena, "%s %.*s", vowel ? "an" : "a", TEXT_ARG(noun));
}

/* --- where --- */

static struct text instance_path(const struct describing *it, uint32_t root)
{
    struct text from = document_pointer(it->run->document, root, it->arena);
    struct text to = document_pointer(it->run->document, it->finding->cell, it->arena);

    return cut(it->arena, text_after(to, from.len), POINTER_BYTES);
}

static void put_token(struct buffer *out, struct text token)
{
    buffer_put_byte(out, '/');
    for (size_t i = 0; i < token.len; i++) {
        char byte = token.at[i];

        if (byte == '~' || byte == '/')
            buffer_put(out, byte == '~' ? TEXT("~0") : TEXT("~1"));
        else
            buffer_put_byte(out, byte);
    }
}

static void put_step(struct buffer *out, const struct kept_step *step)
{
    put_token(out, keyword_row(step->keyword)->name);
    if (step->name.at != NULL)
        put_token(out, step->name);
    if (step->index != UINT32_MAX)
        buffer_printf(out, "/%u", step->index);
}

static struct text schema_path(const struct describing *it)
{
    const struct kept_step *chain[CHECK_DEPTH_MAX];
    struct buffer out = buffer_in(it->arena);
    size_t count = 0;

    for (const struct kept_step *step = it->finding->path; step != NULL && count < CHECK_DEPTH_MAX;
         step = step->up)
        chain[count++] = step;
    buffer_put_byte(&out, '#');
    while (count > 0 && out.len < POINTER_BYTES)
        put_step(&out, chain[--count]);
    if (it->finding->instruction->keyword != KEYWORD_NONE)
        put_token(&out, keyword_row(it->finding->keyword)->name);
    return cut(it->arena, buffer_text(&out), POINTER_BYTES);
}

/* The keyword to name: the schema `false` is named after the keyword that led to it. */
static enum keyword told_keyword(const struct finding *finding)
{
    if (finding->keyword != KEYWORD_NONE || finding->path == NULL)
        return finding->keyword;
    return finding->path->keyword;
}

/* --- what was expected --- */

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
    return cut(it->arena, buffer_text(&out), EXPECTED_BYTES);
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
        buffer_put(&out, articles ? with_article(it->arena, found[i]) : found[i]);
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
    if (instance(it)->type == CELL_STRING)
        suggest(it, cell_text(instance(it)), names, count);
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
                                noun, plural(count));
    demand(it, "must have %.*s", TEXT_ARG(it->expected));
    it->tells_found = true;
}

static void expect_pattern(struct describing *it)
{
    it->expected = pattern_source(it->finding->instruction->pattern);
    demand(it, "must match the pattern '%.*s'", TEXT_ARG(cut(it->arena, it->expected, 120)));
    it->tells_found = true;
}

static void expect_format(struct describing *it)
{
    it->expected = format_name(it->finding->instruction->format);
    demand(it, "must have the format '%.*s'", TEXT_ARG(it->expected));
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
                     (unsigned long long)count, plural(count), count == 1 ? "s" : "");
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
    demand(it, "must be one of %.*s", TEXT_ARG(cut(it->arena, it->expected, EXPECTED_BYTES)));
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

static void expect(struct describing *it)
{
    const struct finding *finding = it->finding;

    switch (finding->sort) {
    case FINDING_PLAIN:
        expect_by_keyword(it);
        break;
    case FINDING_MISSING:
        it->expected = finding->name;
        demand(it, "must have a field '%.*s'", TEXT_ARG(cut(it->arena, finding->name, 100)));
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

static struct text subject_of(const struct describing *it, struct text path)
{
    if (it->finding->is_name)
        return arena_printf(it->arena, "the name of field '%.*s'",
                            TEXT_ARG(cut(it->arena, path, 150)));
    if (path.len == 0)
        return TEXT("the value");
    return arena_printf(it->arena, "field '%.*s'", TEXT_ARG(cut(it->arena, path, 150)));
}

static struct text message_of(struct describing *it, struct text found)
{
    struct buffer out = buffer_in(it->arena);
    struct text demanded = cut(it->arena, buffer_text(&it->demand), EXPECTED_BYTES);
    struct text noun = with_article(it->arena, found);

    buffer_printf(&out, "%.*s %.*s", TEXT_ARG(it->subject), TEXT_ARG(demanded));
    if (it->tells_found)
        buffer_printf(&out, ", found %.*s", TEXT_ARG(noun));
    if (it->finding->tried > 0)
        buffer_printf(&out, " (the closest of %u alternatives)", it->finding->tried);
    if (it->suggestion.len > 0)
        buffer_printf(&out, ", did you mean '%.*s'?", TEXT_ARG(it->suggestion));
    return cut(it->arena, buffer_text(&out), MESSAGE_BYTES);
}

struct violation violation_of(const struct run *run, const struct finding *finding, uint32_t root)
{
    struct describing it = {
        .run = run,
        .finding = finding,
        .schema = run->schema->document,
        .arena = run->arena,
        .demand = buffer_in(run->arena),
    };
    struct violation violation = {
        .instance_path = instance_path(&it, root),
        .schema_path = schema_path(&it),
        .keyword = told_keyword(finding) == KEYWORD_NONE ? TEXT("false")
                                                         : keyword_row(told_keyword(finding))->name,
        .got = got(&it),
    };

    expect(&it);
    it.subject = subject_of(&it, violation.instance_path);
    violation.expected = cut(run->arena, it.expected, EXPECTED_BYTES);
    violation.message = message_of(&it, violation.got);
    return violation;
}

struct violation violation_of_undecided(const struct run *run)
{
    static const struct text reasons[] = {
        [DECIDED] = TEXT_INIT(""),
        [OUT_OF_STEPS] = TEXT_INIT("the check was given up: it takes too many steps"),
        [TOO_DEEP] = TEXT_INIT("the check was given up: value and schema are nested too deeply"),
        [PATTERN_LIMIT] =
            TEXT_INIT("the check was given up: a pattern takes too long on one of the strings"),
    };

    return (struct violation){
        .schema_path = TEXT("#"),
        .expected = TEXT("a value that can be checked within limits"),
        .got = TEXT("more work than allowed"),
        .message = reasons[run->undecided],
    };
}
