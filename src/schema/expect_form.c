/* What a value must be where that is a matter of form: which fields it has, what it must not be,
 * which alternatives there are. Parts of the schema are told in brief, so that nobody has to open
 * it: "must not be null", "must have at least 1 item that fits 'contains' (must be a string)". */
#include "schema/describe.h"

#include "schema/inspect.h"

enum { TITLE_SHOWN = 80, BRIEF_KEYWORDS = 3, REFERENCES_FOLLOWED = 8 };

struct text describe_title(const struct describing *it, uint32_t schema)
{
    uint32_t title = document_member(it->schema, schema, TEXT("title"));

    if (title == CELL_NONE || document_cell(it->schema, title)->type != CELL_STRING)
        return (struct text){0};
    return document_text(it->schema, title);
}

/* The node behind references that say nothing more. */
static const struct node *behind_references(const struct describing *it, uint32_t index)
{
    const struct node *node = &it->run->schema->nodes[index];

    for (int i = 0;
         i < REFERENCES_FOLLOWED && node->plain_count == 1 &&
         node->plain[0].keyword == KEYWORD_REF && describe_title(it, node->cell).len == 0;
         i++)
        node = &it->run->schema->nodes[node->plain[0].node];
    return node;
}

static bool is_brief(const struct instruction *instruction)
{
    switch ((enum keyword)instruction->keyword) {
    case KEYWORD_TYPE:
    case KEYWORD_ENUM:
    case KEYWORD_CONST:
    case KEYWORD_MULTIPLE_OF:
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MAX_LENGTH:
    case KEYWORD_PATTERN:
    case KEYWORD_FORMAT:
    case KEYWORD_MIN_ITEMS:
    case KEYWORD_MAX_ITEMS:
    case KEYWORD_UNIQUE_ITEMS:
    case KEYWORD_MIN_PROPERTIES:
    case KEYWORD_MAX_PROPERTIES:
    case KEYWORD_REQUIRED:
        return true;
    default:
        return false;
    }
}

static void put_required(struct describing *it, struct words *out, const struct members *members)
{
    struct text *names = ARENA_ARRAY(it->arena, struct text, members->required_count);

    for (uint32_t i = 0; i < members->required_count; i++)
        names[i] = members->slots[members->requested[i]].name;
    words_put(out, members->required_count == 1 ? TEXT("must have a field ")
                                                : TEXT("must have the fields "));
    words_put_names(out, names, members->required_count, TEXT(" and "));
}

/* One keyword of another schema as a demand. */
static void put_brief(struct describing *it, struct words *out,
                      const struct instruction *instruction)
{
    char place[EXPECTED_BYTES + 1] WORDS_UNSET;
    struct words expected;
    struct finding finding = {.keyword = (enum keyword)instruction->keyword,
                              .cell = it->finding->cell,
                              .instruction = instruction};
    struct describing part = *it;

    if (instruction->keyword == KEYWORD_REQUIRED) {
        put_required(it, out, instruction->members);
        return;
    }
    words_begin(&expected, place, EXPECTED_BYTES);
    part.finding = &finding;
    part.expected = &expected;
    part.message = out;
    part.in_brief = true;
    describe_expected(&part);
}

/* What a schema demands, if that can be said in a few words: "must be an integer, must be at least
 * 3"; its title, if it has one. False when there is nothing to say. */
static bool put_demands(struct describing *it, struct words *out, const struct node *node)
{
    struct text title = describe_title(it, node->cell);

    if (title.len > 0) {
        words_put(out, TEXT("'"));
        words_put_name(out, title, TITLE_SHOWN);
        words_put(out, TEXT("'"));
        return true;
    }
    if (node->plain_count == 0 || node->plain_count > BRIEF_KEYWORDS)
        return false;
    for (uint32_t i = 0; i < node->plain_count; i++) {
        if (!is_brief(&node->plain[i]))
            return false;
    }
    for (uint32_t i = 0; i < node->plain_count; i++) {
        words_put(out, i > 0 ? TEXT(", ") : TEXT(""));
        put_brief(it, out, &node->plain[i]);
    }
    return true;
}

void expect_not(struct describing *it)
{
    const struct node *node = behind_references(it, it->finding->instruction->node);
    char place[EXPECTED_BYTES + 1] WORDS_UNSET;
    struct words demands;

    words_begin(&demands, place, EXPECTED_BYTES);
    words_put(it->expected, TEXT("a value that does not fit 'not'"));
    if (node->plain_count == 0) {
        words_put(it->message, TEXT("is not allowed here"));
    } else if (!put_demands(it, &demands, node)) {
        words_put(it->message, TEXT("has a form that is not allowed: it fits the schema in 'not'"));
    } else if (node->plain_count == 1 && text_starts(words_text(&demands), TEXT("must "))) {
        words_put(it->message, TEXT("must not "));
        words_put(it->message, text_after(words_text(&demands), 5));
        if (node->plain[0].keyword == KEYWORD_REQUIRED &&
            node->plain[0].members->required_count > 1)
            words_put(it->message, TEXT(" together"));
    } else {
        words_put(it->message,
                  TEXT("has a form that is not allowed: it fits the schema in 'not' ("));
        words_put(it->message, words_text(&demands));
        words_put(it->message, TEXT(")"));
    }
}

void expect_contained(struct describing *it)
{
    const struct instruction *instruction = it->finding->instruction;
    const struct containment *wanted = instruction->containment;
    bool few = it->finding->sort == FINDING_FEW;
    uint64_t count = few ? wanted->least : wanted->most;
    char place[EXPECTED_BYTES + 1] WORDS_UNSET;
    struct words demands;

    words_begin(&demands, place, EXPECTED_BYTES);
    words_put(it->expected, few ? TEXT("at least ") : TEXT("at most "));
    words_put_count(it->expected, count, TEXT("item"));
    words_put(it->expected,
              count == 1 ? TEXT(" that fits 'contains'") : TEXT(" that fit 'contains'"));
    describe_demand(it, TEXT("must have "));
    if (put_demands(it, &demands, behind_references(it, instruction->node))) {
        words_put(it->message, TEXT(" ("));
        words_put(it->message, words_text(&demands));
        words_put(it->message, TEXT(")"));
    }
    words_put(it->message, TEXT(", found "));
    words_put_u64(it->message, it->finding->a);
}

static bool is_union(const struct instruction *instruction)
{
    return instruction->keyword == KEYWORD_ANY_OF || instruction->keyword == KEYWORD_ONE_OF;
}

static void put_tags(struct describing *it, struct words *out)
{
    const struct alternatives *alternatives = it->finding->instruction->alternatives;
    struct text *tags = ARENA_ARRAY(it->arena, struct text, alternatives->count);
    uint32_t count = 0;

    for (uint32_t i = 0; i < alternatives->count; i++) {
        struct text tag = alternatives->tag_values[i];

        if (tag.at == NULL)
            continue;
        tags[count++] = tag;
        if (count > CHOICES_TOLD)
            continue;
        words_put(out, count > 1 ? TEXT(", ") : TEXT(""));
        words_put(out, TEXT("\""));
        words_put_name(out, tag, NAME_SHOWN);
        words_put(out, TEXT("\""));
    }
    if (count > CHOICES_TOLD) {
        words_put(out, TEXT(" and "));
        words_put_u64(out, count - CHOICES_TOLD);
        words_put(out, TEXT(" more"));
    }
    if (describe_cell(it)->type == CELL_STRING)
        describe_suggestion(it, cell_text(describe_cell(it)), tags, count);
}

void expect_tag(struct describing *it)
{
    put_tags(it, it->expected);
    describe_demand(it, TEXT("must be one of "));
    it->tells_found = true;
}

void expect_missing(struct describing *it)
{
    const struct finding *finding = it->finding;

    words_put(it->expected, finding->name);
    words_put(it->message, TEXT("must have a field '"));
    words_put_name(it->message, finding->name, NAME_SHOWN);
    words_put(it->message, TEXT("'"));
    if (is_union(finding->instruction)) {
        words_put(it->message, TEXT(", one of "));
        put_tags(it, it->message);
    } else if (finding->instruction->keyword != KEYWORD_REQUIRED) {
        words_put(it->message, TEXT(", because it has '"));
        words_put_name(it->message, finding->instruction->dependencies->items[finding->a].name,
                       NAME_SHOWN);
        words_put(it->message, TEXT("'"));
    }
}

static bool has_member(const struct describing *it, struct text name)
{
    return document_member(it->run->document, it->container, name) != CELL_NONE;
}

/* A name the object has already was not meant; but few refused names are near to any, so it is only
 * asked for when there is a suggestion. */
static void suggest_absent(struct describing *it, struct text wrong, const struct text *names,
                           size_t count)
{
    struct text *absent;
    size_t kept = 0;

    describe_suggestion(it, wrong, names, count);
    if (it->suggestion.len == 0 || !has_member(it, it->suggestion))
        return;
    absent = ARENA_ARRAY(it->arena, struct text, count);
    for (size_t i = 0; i < count; i++) {
        if (!has_member(it, names[i]))
            absent[kept++] = names[i];
    }
    it->suggestion = (struct text){0};
    describe_suggestion(it, wrong, absent, kept);
}

/* The names a refused one could have been: those declared, and all that match a pattern. */
static void put_allowed(struct describing *it, const struct declared *declared)
{
    size_t names = declared->name_count, patterns = declared->pattern_count;

    if (names + patterns == 0)
        return;
    words_put(it->message,
              names == 1 && patterns == 0 ? TEXT("; allowed is ") : TEXT("; allowed are "));
    if (declared->told.len > 0)
        words_put(it->message, declared->told);
    else
        words_put_names(it->message, declared->names, names, TEXT(" and "));
    if (patterns == 0)
        return;
    words_put(it->message, names > 0 ? TEXT(", and names that match ") : TEXT("names that match "));
    words_put_names(it->message, declared->patterns, patterns, TEXT(" or "));
}

void expect_nothing(struct describing *it)
{
    const struct finding *finding = it->finding;
    struct declared declared;

    words_put(it->expected, TEXT("nothing"));
    words_put(it->message, finding->is_name ? TEXT("is not allowed") : TEXT("is not allowed here"));
    if (finding->owner == 0 || it->in_brief)
        return;
    declared_at(it->run->schema, finding->owner - 1, it->arena, &declared);
    suggest_absent(it, cell_text(&it->run->cells[finding->cell - 1]), declared.names,
                   declared.name_count);
    if (it->suggestion.len == 0)
        put_allowed(it, &declared);
}

void expect_alternative_types(struct describing *it)
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

/* An alternative as one finds it in the schema: "oneOf/0 ('Card')". */
static void put_alternative(struct describing *it, uint32_t index)
{
    const struct alternatives *alternatives = it->finding->instruction->alternatives;
    struct text title = describe_title(it, behind_references(it, alternatives->nodes[index])->cell);

    words_put(it->message, TEXT("oneOf/"));
    words_put_u64(it->message, index);
    if (title.len == 0)
        return;
    words_put(it->message, TEXT(" ('"));
    words_put_name(it->message, title, TITLE_SHOWN);
    words_put(it->message, TEXT("')"));
}

/* Those that fit are bits of `a`; `b` counts them, as far as there is a bit. */
static void put_fitting(struct describing *it)
{
    uint64_t fitting = it->finding->a;
    uint64_t told = 0;

    words_put(it->message, it->finding->b == 2 ? TEXT(", fits both ") : TEXT(", fits "));
    for (uint32_t i = 0; fitting >> i != 0; i++) {
        if ((fitting >> i & 1) == 0)
            continue;
        if (told > 0)
            words_put(it->message, ++told == it->finding->b ? TEXT(" and ") : TEXT(", "));
        else
            told = 1;
        put_alternative(it, i);
        if (i == 63)
            break;
    }
}

void expect_alternatives(struct describing *it)
{
    bool several = it->finding->sort == FINDING_SEVERAL;

    words_put(it->expected, several ? TEXT("exactly one of ") : TEXT("one of "));
    words_put_count(it->expected, it->finding->instruction->alternatives->count,
                    TEXT("alternative"));
    describe_demand(it, TEXT("must fit "));
    if (!several)
        words_put(it->message, TEXT(", fits none"));
    else
        put_fitting(it);
}
