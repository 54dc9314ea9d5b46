/* Guardrails as authors write them: each field a word for both sides, or a mapping that says more.
 */
#include "guard/policy_reader.h"

#include "base/buffer.h"
#include "document/json_write.h"
#include "guard/injection.h"
#include "guard/phrase.h"

enum { THRESHOLD_MAX = 100, CHARS_MAX = 1000000000, WORD_BYTES_MAX = 256 };

void policy_complain(struct policy_reader *r, uint32_t cell, enum diagnostic_code code,
                     const char *message, const char *hint)
{
    r->good = false;
    r->report(r->context, cell, code, message, hint);
}

int policy_member(struct policy_reader *r, uint32_t key, const struct text *names, size_t count)
{
    struct text name = document_text(r->document, key), nearest = nearest_name(name, names, count);
    struct buffer known = buffer_in(r->arena);

    for (size_t i = 0; i < count; i++)
        if (text_equal(name, names[i]))
            return (int)i;
    for (size_t i = 0; i < count; i++)
        buffer_printf(&known, "%s%.*s", i > 0 ? ", " : "", TEXT_ARG(names[i]));
    policy_complain(
        r, key, DIAGNOSTIC_E0102,
        arena_printf(r->arena, "unknown key \"%.*s\"", TEXT_ARG(text_first(name, 64))).at,
        nearest.len > 0
            ? arena_printf(r->arena, "did you mean \"%.*s\"?", TEXT_ARG(nearest)).at
            : arena_printf(r->arena, "the keys here are %.*s", TEXT_ARG(buffer_text(&known))).at);
    return -1;
}

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

bool policy_action(struct policy_reader *r, uint32_t at, enum guard_field field,
                   enum guard_action *out)
{
    struct text word;

    *out = GUARD_OFF;
    if (policy_type(r, at) != CELL_STRING) {
        policy_complain(r, at, DIAGNOSTIC_E0103,
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
    policy_complain(r, at, DIAGNOSTIC_E0105,
                    arena_printf(r->arena, "'%.*s' cannot do \"%.*s\"",
                                 TEXT_ARG(guard_field_word(field)), TEXT_ARG(text_first(word, 64)))
                        .at,
                    known_actions[field].hint);
    return false;
}

void policy_side(struct policy_reader *r, uint32_t at, enum guard_field field, enum guard_side side,
                 struct guard_rule *rule)
{
    if (policy_action(r, at, field, &rule->on[side]) && side == GUARD_OUTPUT &&
        rule->on[side] == GUARD_RESTORE)
        policy_complain(r, at, DIAGNOSTIC_E0105,
                        "only what is hidden on the input side can be restored, and then it is",
                        "write pii: restore, or {input: restore, output: mask}");
}

void policy_expect_sides(struct policy_reader *r, uint32_t at, enum guard_field field, bool said)
{
    if (!said)
        policy_complain(r, at, DIAGNOSTIC_E0101,
                        arena_printf(r->arena, "'%.*s' does not say what is to be done",
                                     TEXT_ARG(guard_field_word(field)))
                            .at,
                        field == GUARD_PII ? "add input: mask, output: mask, or both"
                                           : "add input: block, output: block, or both");
}

/* --- secrets and injection -----------------------------------------------------------------------
 */

static bool read_count(struct policy_reader *r, uint32_t at, int64_t most, uint64_t *out)
{
    const struct cell *cell = &r->document->cells[at];

    if (cell->type == CELL_INTEGER && cell->integer >= 1 && cell->integer <= most) {
        *out = (uint64_t)cell->integer;
        return true;
    }
    policy_complain(
        r, at, cell->type == CELL_INTEGER ? DIAGNOSTIC_E0104 : DIAGNOSTIC_E0103,
        arena_printf(r->arena, "expected a whole number from 1 to %lld", (long long)most).at,
        most == CHARS_MAX ? "write max_chars: 50000" : "write threshold: 7");
    return false;
}

static void read_plain(struct policy_reader *r, uint32_t at, enum guard_field field,
                       struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("input"), TEXT_INIT("output"),
                                        TEXT_INIT("threshold")};
    enum guard_action action;
    uint64_t threshold;
    bool said = false;

    rule->threshold = INJECTION_THRESHOLD;
    if (policy_type(r, at) != CELL_OBJECT) {
        if (policy_action(r, at, field, &action))
            policy_act_on_both(rule, action);
        return;
    }
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        int member = policy_member(r, key, names, field == GUARD_INJECTION ? 3 : 2);

        if (member == 0 || member == 1) {
            said = true;
            policy_side(r, key + 1, field, (enum guard_side)member, rule);
        } else if (member == 2 && read_count(r, key + 1, THRESHOLD_MAX, &threshold)) {
            rule->threshold = (uint32_t)threshold;
        }
    }
    policy_expect_sides(r, at, field, said);
}

/* --- words and length ----------------------------------------------------------------------------
 */

static void read_list(struct policy_reader *r, uint32_t at, struct guard_rule *rule)
{
    struct guard_phrase *items;
    uint32_t count = 0;

    if (policy_type(r, at) != CELL_ARRAY || r->document->cells[at].size == 0 ||
        r->document->cells[at].size > GUARD_WORDS_MAX) {
        policy_complain(r, at, DIAGNOSTIC_E0103, "'block' is a list of 1 to 10000 words or phrases",
                        "write words: {block: [competitor, \"project x\"]}");
        return;
    }
    items = ARENA_ARRAY(r->arena, struct guard_phrase, r->document->cells[at].size);
    for (uint32_t i = at + 1; i < MEMBERS_END(r, at); i = document_next(r->document, i)) {
        struct text word =
            policy_type(r, i) == CELL_STRING ? document_text(r->document, i) : TEXT("");
        size_t words = guard_phrase_words(word);

        if (words == 0 || words > PHRASE_WORDS_MAX || word.len > WORD_BYTES_MAX)
            policy_complain(
                r, i, DIAGNOSTIC_E0106,
                "a word to block is a text of 1 to 16 words, with letters or digits in it",
                "quote what would be a number or a yes: block: [\"42\", \"no\"]");
        else
            items[count] = (struct guard_phrase){word, count}, count++;
    }
    rule->phrases = guard_phrases_new(r->arena, items, count);
}

static void read_words(struct policy_reader *r, uint32_t at, struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("block"), TEXT_INIT("on")};
    static const struct text sides[] = {TEXT_INIT("input"), TEXT_INIT("output"), TEXT_INIT("both")};
    struct text word;

    if (policy_type(r, at) == CELL_STRING &&
        text_equal(document_text(r->document, at), TEXT("off")))
        return;
    if (policy_type(r, at) != CELL_OBJECT) {
        policy_complain(r, at, DIAGNOSTIC_E0103, "'words' says which words are blocked",
                        "write words: {block: [competitor, \"project x\"]}, or words: off");
        return;
    }
    policy_act_on_both(rule, GUARD_BLOCK);
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        int member = policy_member(r, key, names, 2), side = 0;

        if (member == 0)
            read_list(r, key + 1, rule);
        if (member != 1)
            continue;
        word =
            policy_type(r, key + 1) == CELL_STRING ? document_text(r->document, key + 1) : TEXT("");
        while (side < 3 && !text_equal(word, sides[side]))
            side++;
        if (side == 3)
            policy_complain(r, key + 1, DIAGNOSTIC_E0105,
                            "'on' says on which side words are blocked",
                            "write on: input, on: output or on: both");
        else if (side < 2)
            rule->on[1 - side] = GUARD_OFF;
    }
    if (rule->phrases == NULL && document_member(r->document, at, TEXT("block")) == CELL_NONE)
        policy_complain(r, at, DIAGNOSTIC_E0101, "'words' does not say which words are blocked",
                        "add block: [competitor, \"project x\"]");
}

static void read_length(struct policy_reader *r, uint32_t at, struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("input"), TEXT_INIT("output")};

    if (policy_type(r, at) == CELL_STRING &&
        text_equal(document_text(r->document, at), TEXT("off")))
        return;
    if (policy_type(r, at) == CELL_OBJECT) {
        for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
            int side = policy_member(r, key, names, 2);

            if (side >= 0 && read_count(r, key + 1, CHARS_MAX, &rule->most[side]))
                rule->on[side] = GUARD_BLOCK;
        }
    } else if (read_count(r, at, CHARS_MAX, &rule->most[GUARD_INPUT])) {
        rule->most[GUARD_OUTPUT] = rule->most[GUARD_INPUT];
        policy_act_on_both(rule, GUARD_BLOCK);
    }
}

/* --- all of them ---------------------------------------------------------------------------------
 */

static struct text compact(struct policy_reader *r, uint32_t at)
{
    struct buffer out = buffer_in(r->arena);

    json_put_cell(&out, r->document, at);
    return buffer_text(&out);
}

static void read_field(struct policy_reader *r, enum guard_field field, uint32_t at,
                       struct guard_policy *out)
{
    struct guard_rule *rule = ARENA_NEW(r->arena, struct guard_rule);

    rule->source = compact(r, at);
    switch (field) {
    case GUARD_PII:
        policy_read_pii(r, at, rule);
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
    struct policy_reader r = {document, arena, report, context, true};
    struct text names[GUARD_FIELD_COUNT];

    *out = (struct guard_policy){0};
    for (int i = 0; i < GUARD_FIELD_COUNT; i++)
        names[i] = guard_field_word((enum guard_field)i);
    if (policy_type(&r, at) == CELL_STRING &&
        text_equal(document_text(document, at), TEXT("off"))) {
        for (int i = 0; i < GUARD_FIELD_COUNT; i++)
            out->fields[i] = &off;
        return true;
    }
    if (policy_type(&r, at) != CELL_OBJECT) {
        policy_complain(&r, at, DIAGNOSTIC_E0103, "'guardrails' is a mapping, or off",
                        "write guardrails: {pii: mask, secrets: block}");
        return false;
    }
    for (uint32_t key = at + 1; key < MEMBERS_END(&r, at); key = NEXT_MEMBER(&r, key)) {
        int field = policy_member(&r, key, names, GUARD_FIELD_COUNT);

        if (field >= 0)
            read_field(&r, (enum guard_field)field, key + 1, out);
    }
    return r.good;
}
