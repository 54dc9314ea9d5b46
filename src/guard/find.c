/* What begins at a spot: detectors are asked in a fixed order, and the first that finds something
 * wins. */
#include "guard/scan.h"

/* --- personal data -------------------------------------------------------------------------------
 */

static bool found_pii(struct guard_found *out, enum guard_pii_kind kind, size_t from)
{
    out->rule = guard_pii_word(kind);
    out->word = guard_pii_placeholder(kind);
    out->from = from;
    return true;
}

/* Numbers begin with a word that has a digit, or with one or two capitals. */
static bool find_number(struct guard_scan *scan, struct guard_spot *spot, uint64_t kinds,
                        struct guard_found *out)
{
    const struct guard_word *word = spot->word;
    bool digits = (word->flags & WORD_DIGITS) != 0;
    enum guard_pii_kind kind;

    if (guard_is_alnum(spot->before) ||
        (!digits && (word->chars > 2 || (word->flags & WORD_UPPER) == 0)))
        return false;
    if (digits && (kinds & PII_BIT(PII_IBAN)) != 0 && (word->flags & WORD_LETTERS) != 0 &&
        detect_iban(spot, &out->to))
        return found_pii(out, PII_IBAN, word->start);
    if (digits && (kinds & PII_BIT(PII_IPV4)) != 0 && detect_ipv4(spot, &out->to))
        return found_pii(out, PII_IPV4, word->start);
    if (spot->before != '.') {
        number_read(spot, &scan->number);
        if (digits && (kinds & PII_BIT(PII_CARD)) != 0 &&
            detect_card(spot, &scan->number, &out->to))
            return found_pii(out, PII_CARD, word->start);
        if ((kinds & PII_NATIONAL_IDS) != 0 &&
            detect_national(spot, &scan->number, kinds, &kind, &out->to))
            return found_pii(out, kind, word->start);
    }
    return digits && (kinds & PII_BIT(PII_PHONE)) != 0 && detect_phone(spot, &out->to) &&
           found_pii(out, PII_PHONE, spot->lead);
}

/* What the patterns have no effort left for is not let through. */
static bool give_up(const struct guard_spot *spot, const struct guard_pattern *pattern,
                    struct guard_found *out)
{
    out->rule = TEXT("pattern_effort");
    out->word = pattern->placeholder;
    out->from = spot->word->start;
    out->to = spot->word->end;
    out->gave_up = true;
    return true;
}

static bool find_custom(struct guard_scan *scan, const struct guard_spot *spot,
                        struct guard_found *out)
{
    const struct guard_rule *rule = scan->policy->fields[GUARD_PII];

    scan->custom.view = spot->view;
    for (size_t i = 0; i < rule->pattern_count && !spot->view->cut; i++)
        switch (custom_match(&scan->custom, i, spot->word->start, &out->to)) {
        case CUSTOM_NONE:
            break;
        case CUSTOM_FOUND:
            out->rule = rule->patterns[i].name;
            out->word = rule->patterns[i].placeholder;
            out->from = spot->word->start;
            return true;
        case CUSTOM_GAVE_UP:
            return give_up(spot, &rule->patterns[i], out);
        }
    return false;
}

static bool find_pii(struct guard_scan *scan, struct guard_spot *spot, struct guard_found *out)
{
    const struct guard_word *word = spot->word;
    uint64_t kinds = scan->policy->fields[GUARD_PII]->kinds;
    bool found;

    if ((kinds & PII_BIT(PII_EMAIL)) != 0 && word->next != ' ' &&
        detect_email(spot, &scan->memo, &out->to))
        return found_pii(out, PII_EMAIL, word->start);
    if (spot->view->cut)
        return false;
    if ((kinds & PII_BIT(PII_IPV6)) != 0 && (word->next == ':' || spot->colons < word->start) &&
        detect_ipv6(spot, &out->to))
        return found_pii(out, PII_IPV6, spot->colons);
    found = !spot->view->cut && find_number(scan, spot, kinds, out);
    return found || (!spot->view->cut && find_custom(scan, spot, out));
}

/* --- one word ------------------------------------------------------------------------------------
 */

static bool found_as(struct guard_found *out, enum guard_field field, enum guard_action action)
{
    out->field = field;
    out->action = action;
    return true;
}

static bool find_words(struct guard_scan *scan, const struct guard_spot *spot,
                       struct guard_found *out)
{
    uint32_t number;

    out->rule = (struct text){0};
    out->from = spot->word->start;
    return guard_phrases_at(scan->policy->fields[GUARD_WORDS]->phrases, spot->view, spot->word,
                            &number, &out->to);
}

static bool find_injection(struct guard_scan *scan, const struct guard_spot *spot,
                           struct guard_found *out)
{
    injection_take(&scan->injection, spot);
    if (injection_points(&scan->injection) < scan->policy->fields[GUARD_INJECTION]->threshold)
        return false;
    out->rule = injection_rule(&scan->injection);
    out->from = spot->word->start;
    out->to = spot->word->end;
    return true;
}

bool guard_find(struct guard_scan *scan, struct guard_spot *spot, struct guard_found *out)
{
    const enum guard_action *actions = scan->actions;

    scan->rest = REST_NONE;
    if (actions[GUARD_SECRETS] != GUARD_OFF &&
        detect_secret(spot, &scan->memo, &out->rule, &out->to, &scan->rest)) {
        out->from = spot->word->start;
        scan->rest_left = SECRET_REST_BYTES_MAX;
        return found_as(out, GUARD_SECRETS, actions[GUARD_SECRETS]);
    }
    if (spot->view->cut)
        return false;
    if (actions[GUARD_PII] != GUARD_OFF && find_pii(scan, spot, out))
        return found_as(out, GUARD_PII, out->gave_up ? GUARD_BLOCK : actions[GUARD_PII]);
    if (spot->view->cut)
        return false;
    if (actions[GUARD_WORDS] != GUARD_OFF && find_words(scan, spot, out))
        return found_as(out, GUARD_WORDS, actions[GUARD_WORDS]);
    if (spot->view->cut)
        return false;
    return actions[GUARD_INJECTION] != GUARD_OFF && find_injection(scan, spot, out) &&
           found_as(out, GUARD_INJECTION, actions[GUARD_INJECTION]);
}
