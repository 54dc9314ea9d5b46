/* `pii`: what is done, which kinds are looked for, and which of an author's own. */
#include "guard/policy_reader.h"

enum { PATTERN_BYTES = 512 };

static void read_kinds(struct policy_reader *r, uint32_t at, struct guard_rule *rule)
{
    size_t count;
    const struct text *words = guard_pii_words(&count);

    if (policy_type(r, at) != CELL_ARRAY || r->document->cells[at].size == 0) {
        policy_complain(r, at, DIAGNOSTIC_E0103, "'kinds' is a list of kinds of personal data",
                        "write kinds: [email, phone, iban, card, national_id, ip]");
        return;
    }
    rule->kinds = 0;
    for (uint32_t i = at + 1; i < MEMBERS_END(r, at); i = document_next(r->document, i)) {
        struct text word =
            policy_type(r, i) == CELL_STRING ? document_text(r->document, i) : TEXT("");
        struct text nearest = nearest_name(word, words, count);
        uint64_t kinds = 0;

        if (word.len > 0 && guard_pii_find(word, &kinds))
            rule->kinds |= kinds;
        else
            policy_complain(r, i, DIAGNOSTIC_E0105,
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
static const struct pattern *compile(struct policy_reader *r, uint32_t at)
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
        policy_complain(
            r, at, DIAGNOSTIC_E0204,
            problem.message[0] != '\0' ? arena_printf(r->arena, "%s", problem.message).at
                                       : "the pattern is too long",
            "a pattern of a guardrail has at most 500 bytes and neither back-references nor "
            "look-around");
        return NULL;
    }
    if (!pattern_walk_copyable(pattern)) {
        policy_complain(r, at, DIAGNOSTIC_E0204,
                        "the pattern is too complex to look for in a stream",
                        "write fewer alternatives, or smaller counts");
        return NULL;
    }
    if (pattern_match(pattern, TEXT(""), &(struct pattern_scratch){.arena = r->arena}) ==
        PATTERN_MATCHES)
        policy_complain(r, at, DIAGNOSTIC_E0204, "the pattern matches an empty text",
                        "a pattern describes all of what is looked for, such as \"TCK-[0-9]{6}\"");
    return pattern;
}

static void find_first(struct policy_reader *r, struct guard_pattern *pattern)
{
    struct pattern_scratch scratch = {.arena = r->arena};

    for (unsigned i = 0; i < 0x80; i++) {
        char byte = (char)i;
        struct pattern_walk walk;
        size_t decided;

        pattern_walk_start(&walk, pattern->pattern, &scratch);
        if (pattern_walk_feed(&walk, (struct text){&byte, 1}, &decided) != PATTERN_DEAD)
            pattern->first[i / 64] |= UINT64_C(1) << i % 64;
    }
}

static void read_patterns(struct policy_reader *r, uint32_t at, struct guard_rule *rule)
{
    struct guard_pattern *patterns;

    if (policy_type(r, at) != CELL_OBJECT || r->document->cells[at].size > GUARD_PATTERNS_MAX) {
        policy_complain(r, at, DIAGNOSTIC_E0103,
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
            policy_complain(r, key, DIAGNOSTIC_E0106,
                            "a pattern's name has 1 to 32 of a-z, 0-9, '_' and '-', begins with a "
                            "letter, and is no kind that is known already",
                            "it is what placeholders are called: ticket gives [TICKET_1]");
            continue;
        }
        if (policy_type(r, key + 1) != CELL_STRING) {
            policy_complain(r, key + 1, DIAGNOSTIC_E0103,
                            "a pattern is a regular expression, as text",
                            "write ticket: \"TCK-[0-9]{6}\"");
            continue;
        }
        it->pattern = compile(r, key + 1);
        if (it->pattern == NULL)
            continue;
        find_first(r, it);
        rule->pattern_count++;
    }
    rule->patterns = patterns;
}

void policy_read_pii(struct policy_reader *r, uint32_t at, struct guard_rule *rule)
{
    static const struct text names[] = {TEXT_INIT("input"), TEXT_INIT("output"), TEXT_INIT("kinds"),
                                        TEXT_INIT("patterns")};
    enum guard_action action;
    bool said = false;

    rule->kinds = PII_ALL;
    if (policy_type(r, at) != CELL_OBJECT) {
        if (policy_action(r, at, GUARD_PII, &action))
            policy_act_on_both(rule, action);
        return;
    }
    for (uint32_t key = at + 1; key < MEMBERS_END(r, at); key = NEXT_MEMBER(r, key)) {
        int member = policy_member(r, key, names, 4);

        if (member == 0 || member == 1) {
            said = true;
            policy_side(r, key + 1, GUARD_PII, (enum guard_side)member, rule);
        } else if (member == 2) {
            read_kinds(r, key + 1, rule);
        } else if (member == 3) {
            read_patterns(r, key + 1, rule);
        }
    }
    policy_expect_sides(r, at, GUARD_PII, said);
}
