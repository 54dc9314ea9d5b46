/* One step for each word: what begins here? Detectors are asked in a fixed order, the first that
 * finds something wins, and whatever needs more of the text than there is stops the scan in front
 * of the word, to be asked again. */
#include "guard/scan.h"

#include "document/utf8.h"

enum { CUSTOM_CHARS_MAX = 256 };

static enum guard_action action_of(const struct guard_scan *scan, enum guard_field field)
{
    const struct guard_rule *rule = scan->policy->fields[field];
    enum guard_action action = rule != NULL ? rule->on[scan->side] : GUARD_OFF;

    return scan->side == GUARD_OUTPUT && action == GUARD_RESTORE ? GUARD_OFF : action;
}

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
static bool find_number(struct guard_spot *spot, uint64_t kinds, struct guard_found *out)
{
    const struct guard_word *word = spot->word;
    enum guard_pii_kind kind;

    if ((word->flags & WORD_DIGITS) == 0) {
        if (word->chars > 2 || (word->flags & WORD_UPPER) == 0 || (kinds & PII_NATIONAL_IDS) == 0)
            return false;
        return detect_national(spot, kinds, &kind, &out->to) && found_pii(out, kind, word->start);
    }
    if ((kinds & PII_BIT(PII_IBAN)) != 0 && (word->flags & WORD_LETTERS) != 0 &&
        detect_iban(spot, &out->to))
        return found_pii(out, PII_IBAN, word->start);
    if ((kinds & PII_BIT(PII_CARD)) != 0 && detect_card(spot, &out->to))
        return found_pii(out, PII_CARD, word->start);
    if ((kinds & PII_BIT(PII_IPV4)) != 0 && detect_ipv4(spot, &out->to))
        return found_pii(out, PII_IPV4, word->start);
    if ((kinds & PII_NATIONAL_IDS) != 0 && detect_national(spot, kinds, &kind, &out->to))
        return found_pii(out, kind, word->start);
    if ((kinds & PII_BIT(PII_PHONE)) != 0 && detect_phone(spot, &out->to))
        return found_pii(out, PII_PHONE, spot->lead);
    return false;
}

/* The longest text from the word on that is all of the pattern, and ends where a word may. */
static bool match_custom(struct guard_scan *scan, const struct guard_spot *spot,
                         const struct guard_pattern *custom, size_t *out_end)
{
    struct guard_cursor cursor = guard_cursor(spot->view, spot->word->start);
    struct pattern_walk walk;
    size_t decided;
    bool found = false;

    if (pattern_walk_start(&walk, custom->pattern, &scan->scratch) == PATTERN_DEAD)
        return false;
    for (int i = 0; i < CUSTOM_CHARS_MAX; i++) {
        uint32_t folded = guard_take(&cursor);
        struct pattern_walk copy;
        char bytes[4];

        if (folded == GUARD_END)
            break;
        if (pattern_walk_feed(&walk, (struct text){bytes, utf8_encode(folded, bytes)}, &decided) ==
            PATTERN_DEAD)
            return found;
        copy = walk;
        if (!pattern_walk_end(&copy) || guard_is_alnum(guard_peek(&cursor)))
            continue;
        *out_end = cursor.at;
        found = true;
    }
    pattern_walk_end(&walk);
    return found;
}

static bool find_custom(struct guard_scan *scan, const struct guard_spot *spot,
                        struct guard_found *out)
{
    const struct guard_rule *rule = scan->policy->fields[GUARD_PII];

    for (size_t i = 0; i < rule->pattern_count && !spot->view->cut; i++)
        if (match_custom(scan, spot, &rule->patterns[i], &out->to)) {
            out->rule = rule->patterns[i].name;
            out->word = rule->patterns[i].placeholder;
            out->from = spot->word->start;
            return true;
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
    found = !spot->view->cut && find_number(spot, kinds, out);
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

/* What is found counts only where no end was missed: whoever asks looks at view->cut first. */
static bool find_at(struct guard_scan *scan, struct guard_spot *spot, struct guard_found *out)
{
    enum guard_action action;

    if ((action = action_of(scan, GUARD_SECRETS)) != GUARD_OFF &&
        detect_secret(spot, &scan->memo, &out->rule, &out->to, &scan->rest)) {
        out->from = spot->word->start;
        scan->rest_left = SECRET_REST_BYTES_MAX;
        return found_as(out, GUARD_SECRETS, action);
    }
    scan->rest = REST_NONE;
    if (spot->view->cut)
        return false;
    if ((action = action_of(scan, GUARD_PII)) != GUARD_OFF && find_pii(scan, spot, out))
        return found_as(out, GUARD_PII, action);
    if (spot->view->cut)
        return false;
    if ((action = action_of(scan, GUARD_WORDS)) != GUARD_OFF && find_words(scan, spot, out))
        return found_as(out, GUARD_WORDS, action);
    if (spot->view->cut)
        return false;
    return (action = action_of(scan, GUARD_INJECTION)) != GUARD_OFF &&
           find_injection(scan, spot, out) && found_as(out, GUARD_INJECTION, action);
}

/* --- between words -------------------------------------------------------------------------------
 */

/* What stands in front of the next word. A run directly in front of it may belong to it: of "+(",
 * or
 * "::". */
struct between {
    size_t at, run;        /* byte behind what was passed; where the run begins */
    unsigned count;        /* characters of the run */
    bool colons;           /* it is one of colons */
    uint32_t before, last; /* in front of the run; the last one passed */
};

static struct between nothing_between(size_t at, uint32_t before)
{
    return (struct between){.at = at, .run = at, .before = before, .last = before};
}

static void pass(struct between *between, uint32_t folded, size_t end)
{
    bool colons = folded == ':', leads = colons || folded == '+' || folded == '(';
    unsigned most = colons ? 2 : SPOT_LEAD_MAX;

    if (!leads || between->count == 0 || between->colons != colons || between->count == most) {
        between->run = leads ? between->at : end;
        between->before = between->last;
        between->count = 0;
    }
    between->count += leads;
    between->colons = colons;
    between->last = folded;
    between->at = end;
}

/* A placeholder, in the bytes as they are; false also when more of it may come. */
static bool find_placeholder(struct guard_scan *scan, struct guard_view *view, size_t at,
                             struct guard_found *out)
{
    struct text rest = text_after(view->text, at);
    size_t bytes = guard_placeholder(rest);

    if (bytes == 0) {
        size_t i = 1;

        while (i < rest.len && i < MASK_BYTES_MAX &&
               (rest.at[i] == '_' || guard_is_alnum((unsigned char)rest.at[i])))
            i++;
        view->cut |= i == rest.len && !view->ended;
        return false;
    }
    *out = (struct guard_found){.field = GUARD_PII,
                                .action = GUARD_RESTORE,
                                .rule = TEXT("placeholder"),
                                .from = at,
                                .to = at + bytes,
                                .quoted = scan->in_string};
    return true;
}

/* --- the text ------------------------------------------------------------------------------------
 */

static bool at_quote(const struct guard_view *view, size_t at)
{
    return view->json && at < view->text.len && view->text.at[at] == '"';
}

static void go_on_behind(struct guard_scan *scan, const struct guard_word *word)
{
    scan->before = word->flags & WORD_FOREIGN ? GUARD_BROKEN : 'a';
}

static struct guard_spot spot_of(struct guard_view *view, const struct guard_scan *scan,
                                 const struct guard_word *word, const struct between *between)
{
    bool colons = between->colons && between->count == 2;
    bool lead = !between->colons && between->count > 0;
    size_t end = colons || lead ? between->run : word->start;
    size_t from = end > SPOT_CONTEXT_BYTES ? end - SPOT_CONTEXT_BYTES : 0;

    return (struct guard_spot){
        .view = view,
        .word = word,
        .lead = lead ? between->run : word->start,
        .colons = colons ? between->run : word->start,
        .before = colons || lead ? between->before : between->last,
        .context = text_between(view->text.at + from, view->text.at + end),
        .name = scan->name,
    };
}

bool guard_scan_rest(struct guard_scan *scan, struct guard_view *view, size_t *at)
{
    bool done;
    size_t end;

    if (scan->rest == REST_NONE)
        return true;
    end = secret_rest(view, *at, scan->rest, scan->rest_left, &done);
    scan->rest_left -= end - *at;
    *at = end;
    if (done)
        scan->rest = REST_NONE;
    return done;
}

enum scan_step guard_scan(struct guard_scan *scan, struct guard_view *view, size_t *at,
                          struct guard_found *out)
{
    struct between between = nothing_between(*at, scan->before);
    struct guard_word word;

    for (;;) {
        view->cut = false;
        if (scan->restores && between.at < view->text.len && view->text.at[between.at] == '[' &&
            find_placeholder(scan, view, between.at, out)) {
            scan->before = ']';
            *at = out->to;
            return SCAN_FOUND;
        }
        if (!view->cut && guard_word_at(view, between.at, &word) && !view->cut) {
            struct guard_spot spot = spot_of(view, scan, &word, &between);
            bool found;

            *out = (struct guard_found){.quoted = scan->in_string};
            found = find_at(scan, &spot, out);
            if (!view->cut && found) {
                scan->before = ' ';
                *at = out->to;
                return SCAN_FOUND;
            }
            if (!view->cut) {
                go_on_behind(scan, &word);
                between = nothing_between(word.end, scan->before);
                continue;
            }
        } else if (!view->cut && word.first != GUARD_END) {
            pass(&between, word.first, word.end);
            continue;
        } else if (!view->cut && at_quote(view, word.end)) {
            scan->in_string = !scan->in_string;
            between = nothing_between(word.end + 1, ' ');
            continue;
        }
        scan->before = between.count > 0 ? between.before : between.last;
        *at = between.count > 0 ? between.run : between.at;
        return view->cut ? SCAN_MORE : SCAN_END;
    }
}

void guard_scan_shift(struct guard_scan *scan, size_t bytes)
{
    struct guard_memo *memo = &scan->memo;
    size_t *const places[] = {&memo->local_from, &memo->local_to, &memo->part_from, &memo->part_to};

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        *places[i] = *places[i] > bytes ? *places[i] - bytes : 0;
}
