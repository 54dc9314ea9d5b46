/* Guardrails as authors write them: each field a word for both sides, or a mapping that says more.
 */
#include "guard/policy.h"

#include "base/buffer.h"
#include "document/json_write.h"
#include "guard/injection.h"
#include "guard/phrase.h"

enum { THRESHOLD_MAX = 100, CHARS_MAX = 1000000000, WORD_BYTES_MAX = 256, PATTERN_BYTES = 512 };

struct reader {
    const struct document *document;
    struct arena *arena;
    guard_report *report;
    void *context;
    bool good;
};

static void complain(struct reader *r, uint32_t cell, enum diagnostic_code code,
                     const char *message, const char *hint)
{
    r->good = false;
    r->report(r->context, cell, code, message, hint);
}

static enum cell_type type_of(const struct reader *r, uint32_t at)
{
    return (enum cell_type)r->document->cells[at].type;
}

/* The member that one of the names has, or -1 after a complaint. */
static int find_member(struct reader *r, uint32_t key, const struct text *names, size_t count)
{
    struct text name = document_text(r->document, key), nearest = nearest_name(name, names, count);
    struct buffer known = buffer_in(r->arena);

    for (size_t i = 0; i < count; i++)
        if (text_equal(name, names[i]))
            return (int)i;
    for (size_t i = 0; i < count; i++)
        buffer_printf(&known, "%s%.*s", i > 0 ? ", " : "", TEXT_ARG(names[i]));
    complain(
        r, key, DIAGNOSTIC_E0102,
        arena_printf(r->arena, "unknown key \"%.*s\"", TEXT_ARG(text_first(name, 64))).at,
        nearest.len > 0
            ? arena_printf(r->arena, "did you mean \"%.*s\"?", TEXT_ARG(nearest)).at
            : arena_printf(r->arena, "the keys here are %.*s", TEXT_ARG(buffer_text(&known))).at);
    return -1;
}

#define NEXT_MEMBER(r, key)    document_next((r)->document, (key) + 1)
#define MEMBERS_END(r, object) document_next((r)->document, (object))

/* --- what is done --------------------------------------------------------------------------------
 */

/* The actions that a field knows besides `off`, as they are listed in messages. */
static const struct {
    enum guard_action actions[4];
    const char *hint;
} known_actions[GUARD_FIELD_COUNT] = {
    [GUARD_PII] = {{GUARD_MASK, GUARD_RESTORE, GUARD_BLOCK}, "write mask, restore, block or off"},
    [GUARD_SECRETS] = {{GUARD_BLOCK, GUARD_REDACT}, "write block, redact or off"},
    [GUARD_INJECTION] = {{GUARD_BLOCK}, "write block or off"},
};

static bool read_action(struct reader *r, uint32_t at, enum guard_field field,
                        enum guard_action *out)
{
    struct text word;

    *out = GUARD_OFF;
    if (type_of(r, at) != CELL_STRING) {
        complain(r, at, DIAGNOSTIC_E0103,
                 arena_printf(r->arena, "what '%.*s' is to do is a word",
                              TEXT_ARG(guard_field_word(field)))
                     .at,
                 known_actions[field].hint);
        return false;
    }
    word = document_text(r->document, at);
    if (text_equal(word, TEXT("off")))
        return true;
    for (int i = 0; known_actions[field].actions[i] != GUARD_OFF; i++)
        if (text_equal(word, guard_action_word(known_actions[field].actions[i]))) {
            *out = known_actions[field].actions[i];
            return true;
        }
    complain(r, at, DIAGNOSTIC_E0105,
             arena_printf(r->arena, "'%.*s' cannot do \"%.*s\"", TEXT_ARG(guard_field_word(field)),
                          TEXT_ARG(text_first(word, 64)))
                 .at,
             known_actions[field].hint);
    return false;
}

/* What holds for the answer where one word is written for both sides: what was hidden from the
 * provider stands in it again, and nothing else is changed. */
static void act_on_both(struct guard_rule *rule, enum guard_action action)
{
    rule->on[GUARD_INPUT] = rule->on[GUARD_OUTPUT] = action;
}

static void read_side(struct reader *r, uint32_t at, enum guard_field field, enum guard_side side,
                      struct guard_rule *rule)
{
    if (read_action(r, at, field, &rule->on[side]) && side == GUARD_OUTPUT &&
        rule->on[side] == GUARD_RESTORE)
        complain(r, at, DIAGNOSTIC_E0105,
                 "only what is hidden on the input side can be restored, and then it is",
                 "write pii: restore, or {input: restore, output: mask}");
}

/* A mapping that says of neither side what is to be done does nothing. */
static void expect_sides(struct reader *r, uint32_t at, enum guard_field field, bool said)
{
    if (!said)
        complain(r, at, DIAGNOSTIC_E0101,
                 arena_printf(r->arena, "'%.*s' does not say what is to be done",
                              TEXT_ARG(guard_field_word(field)))
                     .at,
                 field == GUARD_PII ? "add input: mask, output: mask, or both"
                                    : "add input: block, output: block, or both");
}

/* --- pii -----------------------------------------------------------------------------------------
 */

static void read_kinds(struct reader *r, uint32_t at, struct guard_rule *rule)
{
    size_t count;
    const struct text *words = guard_pii_words(&count);

    if (type_of(r, at) != CELL_ARRAY || r->document->cells[at].size == 0) {
        complain(r, at, DIAGNOSTIC_E0103, "'kinds' is a list of kinds of personal data",
                 "write kinds: [email, phone, iban, card, national_id, ip]");
        return;
    }
    rule->kinds = 0;
    for (uint32_t i = at + 1; i < MEMBERS_END(r, at); i = document_next(r->document, i)) {
        struct text word = type_of(r, i) == CELL_STRING ? document_text(r->document, i) : TEXT("");
        struct text nearest = nearest_name(word, words, count);
        uint64_t kinds = 0;

        if (word.len > 0 && guard_pii_find(word, &kinds))
            rule->kinds |= kinds;
        else
            complain(r, i, DIAGNOSTIC_E0105,
                     arena_printf(r->arena, "\"%.*s\" is no kind of personal data",
                                  TEXT_ARG(text_first(word, 64)))
                         .at,
                     nearest.len > 0
                         ? arena_printf(r->arena, "did you mean %.*s?", TEXT_ARG(nearest)).at
                         : "the kinds are email, phone, iban, card, ip (or ipv4, ipv6) and "
                           "national_id, or one of its own such as us_ssn");
    }
}

/* "order-no" -> "ORDER_NO" */
static struct text placeholder_of(struct arena *arena, struct text name)
{
    char *out = arena_bytes(arena, name.len);

    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];

        out[i] = (char)(byte >= 'a' && byte <= 'z' ? byte - 32 : byte == '-' ? '_' : byte);
    }
    return (struct text){out, name.len};
}

static bool name_valid(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];

        if (!(byte >= 'a' && byte <= 'z') &&
            (i == 0 || (!(byte >= '0' && byte <= '9') && byte != '_' && byte != '-')))
            return false;
    }
    return name.len > 0 && name.len <= GUARD_NAME_BYTES_MAX;
}

/* What is looked for is the longest text from the beginning of a word on that is all of it. */
static const struct pattern *compile(struct reader *r, uint32_t at)
{
    struct text written = document_text(r->document, at);
    struct text source = arena_printf(r->arena, "^(?:%.*s)$", TEXT_ARG(written));
    struct pattern_limits limits = pattern_limits_callers;
    struct pattern_problem problem = {0};
    const struct pattern *pattern;

    limits.bytes = PATTERN_BYTES;
    pattern = written.len + 6 <= limits.bytes
                  ? pattern_compile_within(source, &limits, r->arena, &problem)
                  : NULL;
    if (pattern == NULL) {
        complain(r, at, DIAGNOSTIC_E0204,
                 problem.message[0] != '\0' ? arena_printf(r->arena, "%s", problem.message).at
                                            : "the pattern is too long",
                 "a pattern of a guardrail has at most 500 bytes and neither back-references nor "
                 "look-around");
        return NULL;
    }
    if (!pattern_walk_copyable(pattern)) {
        complain(r, at, DIAGNOSTIC_E0204, "the pattern is too complex to look for in a stream",
                 "write fewer alternatives, or smaller counts");
        return NULL;
    }
    if (pattern_match(pattern, TEXT(""), &(struct pattern_scratch){.arena = r->arena}) ==
        PATTERN_MATCHES)
        complain(r, at, DIAGNOSTIC_E0204, "the pattern matches an empty text",
                 "a pattern describes all of what is looked for, such as \"TCK-[0-9]{6}\"");
    return pattern;
}

static void read_patterns(struct reader *r, uint32_t at, struct guard_rule *rule)
{
    struct guard_pattern *patterns;

    if (type_of(r, at) != CELL_OBJECT || r->document->cells[at].size > GUARD_PATTERNS_MAX) {
        complain(r, at, DIAGNOSTIC_E0103,
                 "'patterns' is a mapping of at most 32 names to regular expressions",
                 "write patterns: {ticket: \"TCK-[0-9]{6}\"}");
        return;
    }
    patterns = ARENA_ARRAY(r->arena, struct guard_pattern, r->document->cells[at].size);
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        struct guard_pattern *it = &patterns[rule->pattern_count];
        uint64_t kinds;

        it->name = arena_copy(r->arena, document_text(r->document, key));
        it->placeholder = placeholder_of(r->arena, it->name);
        if (!name_valid(it->name) || guard_pii_find(it->name, &kinds)) {
            complain(r, key, DIAGNOSTIC_E0106,
                     "a pattern's name has 1 to 32 of a-z, 0-9, '_' and '-', begins with a "
                     "letter, and is no kind that is known already",
                     "it is what placeholders are called: ticket gives [TICKET_1]");
            continue;
        }
        if (type_of(r, key + 1) != CELL_STRING) {
            complain(r, key + 1, DIAGNOSTIC_E0103, "a pattern is a regular expression, as text",
                     "write ticket: \"TCK-[0-9]{6}\"");
            continue;
        }
        it->pattern = compile(r, key + 1);
        rule->pattern_count += it->pattern != NULL;
    }
    rule->patterns = patterns;
}

static void read_pii(struct reader *r, uint32_t at, struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("input"), TEXT_INIT("output"), TEXT_INIT("kinds"),
                                        TEXT_INIT("patterns")};
    enum guard_action action;
    bool said = false;

    rule->kinds = PII_ALL;
    if (type_of(r, at) != CELL_OBJECT) {
        if (read_action(r, at, GUARD_PII, &action))
            act_on_both(rule, action);
        return;
    }
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        int member = find_member(r, key, names, 4);

        if (member == 0 || member == 1) {
            said = true;
            read_side(r, key + 1, GUARD_PII, (enum guard_side)member, rule);
        } else if (member == 2) {
            read_kinds(r, key + 1, rule);
        } else if (member == 3) {
            read_patterns(r, key + 1, rule);
        }
    }
    expect_sides(r, at, GUARD_PII, said);
}

/* --- secrets and injection -----------------------------------------------------------------------
 */

static bool read_count(struct reader *r, uint32_t at, int64_t most, uint64_t *out)
{
    const struct cell *cell = &r->document->cells[at];

    if (cell->type == CELL_INTEGER && cell->integer >= 1 && cell->integer <= most) {
        *out = (uint64_t)cell->integer;
        return true;
    }
    complain(r, at, cell->type == CELL_INTEGER ? DIAGNOSTIC_E0104 : DIAGNOSTIC_E0103,
             arena_printf(r->arena, "expected a whole number from 1 to %lld", (long long)most).at,
             most == CHARS_MAX ? "write max_chars: 50000" : "write threshold: 7");
    return false;
}

static void read_plain(struct reader *r, uint32_t at, enum guard_field field,
                       struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("input"), TEXT_INIT("output"),
                                        TEXT_INIT("threshold")};
    enum guard_action action;
    uint64_t threshold;
    bool said = false;

    rule->threshold = INJECTION_THRESHOLD;
    if (type_of(r, at) != CELL_OBJECT) {
        if (read_action(r, at, field, &action))
            act_on_both(rule, action);
        return;
    }
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        int member = find_member(r, key, names, field == GUARD_INJECTION ? 3 : 2);

        if (member == 0 || member == 1) {
            said = true;
            read_side(r, key + 1, field, (enum guard_side)member, rule);
        } else if (member == 2 && read_count(r, key + 1, THRESHOLD_MAX, &threshold)) {
            rule->threshold = (uint32_t)threshold;
        }
    }
    expect_sides(r, at, field, said);
}

/* --- words and length ----------------------------------------------------------------------------
 */

static void read_list(struct reader *r, uint32_t at, struct guard_rule *rule)
{
    struct guard_phrase *items;
    uint32_t count = 0;

    if (type_of(r, at) != CELL_ARRAY || r->document->cells[at].size == 0 ||
        r->document->cells[at].size > GUARD_WORDS_MAX) {
        complain(r, at, DIAGNOSTIC_E0103, "'block' is a list of 1 to 10000 words or phrases",
                 "write words: {block: [competitor, \"project x\"]}");
        return;
    }
    items = ARENA_ARRAY(r->arena, struct guard_phrase, r->document->cells[at].size);
    for (uint32_t i = at + 1; i < MEMBERS_END(r, at); i = document_next(r->document, i)) {
        struct text word = type_of(r, i) == CELL_STRING ? document_text(r->document, i) : TEXT("");
        size_t words = guard_phrase_words(word);

        if (words == 0 || words > PHRASE_WORDS_MAX || word.len > WORD_BYTES_MAX)
            complain(r, i, DIAGNOSTIC_E0106,
                     "a word to block is a text of 1 to 16 words, with letters or digits in it",
                     "quote what would be a number or a yes: block: [\"42\", \"no\"]");
        else
            items[count] = (struct guard_phrase){word, count}, count++;
    }
    rule->phrases = guard_phrases_new(r->arena, items, count);
}

static void read_words(struct reader *r, uint32_t at, struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("block"), TEXT_INIT("on")};
    static const struct text sides[] = {TEXT_INIT("input"), TEXT_INIT("output"), TEXT_INIT("both")};
    struct text word;

    if (type_of(r, at) == CELL_STRING && text_equal(document_text(r->document, at), TEXT("off")))
        return;
    if (type_of(r, at) != CELL_OBJECT) {
        complain(r, at, DIAGNOSTIC_E0103, "'words' says which words are blocked",
                 "write words: {block: [competitor, \"project x\"]}, or words: off");
        return;
    }
    act_on_both(rule, GUARD_BLOCK);
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        int member = find_member(r, key, names, 2), side = 0;

        if (member == 0)
            read_list(r, key + 1, rule);
        if (member != 1)
            continue;
        word = type_of(r, key + 1) == CELL_STRING ? document_text(r->document, key + 1) : TEXT("");
        while (side < 3 && !text_equal(word, sides[side]))
            side++;
        if (side == 3)
            complain(r, key + 1, DIAGNOSTIC_E0105, "'on' says on which side words are blocked",
                     "write on: input, on: output or on: both");
        else if (side < 2)
            rule->on[1 - side] = GUARD_OFF;
    }
    if (rule->phrases == NULL && document_member(r->document, at, TEXT("block")) == CELL_NONE)
        complain(r, at, DIAGNOSTIC_E0101, "'words' does not say which words are blocked",
                 "add block: [competitor, \"project x\"]");
}

static void read_length(struct reader *r, uint32_t at, struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("input"), TEXT_INIT("output")};

    if (type_of(r, at) == CELL_STRING && text_equal(document_text(r->document, at), TEXT("off")))
        return;
    if (type_of(r, at) == CELL_OBJECT) {
        for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
            int side = find_member(r, key, names, 2);

            if (side >= 0 && read_count(r, key + 1, CHARS_MAX, &rule->most[side]))
                rule->on[side] = GUARD_BLOCK;
        }
    } else if (read_count(r, at, CHARS_MAX, &rule->most[GUARD_INPUT])) {
        rule->most[GUARD_OUTPUT] = rule->most[GUARD_INPUT];
        act_on_both(rule, GUARD_BLOCK);
    }
}

/* --- all of them ---------------------------------------------------------------------------------
 */

static struct text compact(struct reader *r, uint32_t at)
{
    struct buffer out = buffer_in(r->arena);

    json_put_cell(&out, r->document, at);
    return buffer_text(&out);
}

static void read_field(struct reader *r, enum guard_field field, uint32_t at,
                       struct guard_policy *out)
{
    struct guard_rule *rule = ARENA_NEW(r->arena, struct guard_rule);

    rule->source = compact(r, at);
    switch (field) {
    case GUARD_PII:
        read_pii(r, at, rule);
        break;
    case GUARD_SECRETS:
    case GUARD_INJECTION:
        read_plain(r, at, field, rule);
        break;
    case GUARD_WORDS:
        read_words(r, at, rule);
        break;
    default:
        read_length(r, at, rule);
    }
    out->fields[field] = rule;
}

bool guard_policy_read(const struct document *document, uint32_t at, struct arena *arena,
                       guard_report *report, void *context, struct guard_policy *out)
{
    static const struct guard_rule off = {.source = TEXT_INIT("\"off\"")};
    struct reader r = {document, arena, report, context, true};
    struct text names[GUARD_FIELD_COUNT];

    *out = (struct guard_policy){0};
    for (int i = 0; i < GUARD_FIELD_COUNT; i++)
        names[i] = guard_field_word((enum guard_field)i);
    if (type_of(&r, at) == CELL_STRING && text_equal(document_text(document, at), TEXT("off"))) {
        for (int i = 0; i < GUARD_FIELD_COUNT; i++)
            out->fields[i] = &off;
        return true;
    }
    if (type_of(&r, at) != CELL_OBJECT) {
        complain(&r, at, DIAGNOSTIC_E0103, "'guardrails' is a mapping, or off",
                 "write guardrails: {pii: mask, secrets: block}");
        return false;
    }
    for (uint32_t key = at + 1; key < MEMBERS_END(&r, at); key = NEXT_MEMBER(&r, key)) {
        int field = find_member(&r, key, names, GUARD_FIELD_COUNT);

        if (field >= 0)
            read_field(&r, (enum guard_field)field, key + 1, out);
    }
    return r.good;
}
