/* One step for each word: what begins here? Detectors are asked in a fixed order, the first that
 * finds something wins, and whatever needs more of the text than there is stops the scan in front
 * of the word, to be asked again. */
#include "guard/scan.h"

void guard_scan_init(struct guard_scan *scan, const struct guard_policy *policy,
                     enum guard_side side, struct text name, struct arena *arena)
{
    *scan = (struct guard_scan){.policy = policy,
                                .restores = guard_restores(policy),
                                .scratch = {.arena = arena},
                                .before = '\n'};
    for (int field = 0; field < GUARD_FIELD_COUNT; field++)
        if (policy->fields[field] != NULL)
            scan->actions[field] = policy->fields[field]->on[side];
    scan->custom.scratch = &scan->scratch;
    if (policy->fields[GUARD_PII] != NULL)
        scan->custom.patterns = policy->fields[GUARD_PII]->patterns;
    if (side == GUARD_OUTPUT && scan->actions[GUARD_PII] == GUARD_RESTORE)
        scan->actions[GUARD_PII] = GUARD_OFF;
    scan->dulled =
        scan->actions[GUARD_PII] != GUARD_OFF && policy->fields[GUARD_PII]->pattern_count > 0;
    if (scan->actions[GUARD_INJECTION] != GUARD_OFF)
        injection_prepare();
    if (scan->actions[GUARD_PII] == GUARD_OFF && scan->actions[GUARD_SECRETS] == GUARD_OFF)
        return;
    guard_hints_prepare();
    scan->name_hints = guard_hints_in(name);
}

/* --- between words -------------------------------------------------------------------------------
 */

enum after_number { AFTER_NONE, AFTER_NUMBER, AFTER_SPACES };

/* What stands in front of the next word. A run directly in front of it may belong to it: of "+(",
 * or
 * "::". What is said of in front of the run is so of in front of the word where there is none. */
struct between {
    size_t at, run;            /* byte behind what was passed; where the run begins */
    unsigned count;            /* characters of the run */
    bool colons;               /* it is one of colons */
    uint32_t before, last;     /* in front of the run; the last one passed */
    uint8_t after, after_last; /* enum after_number, likewise */
};

static struct between nothing_between(size_t at, uint32_t before, uint8_t after)
{
    return (struct between){
        .at = at, .run = at, .before = before, .last = before, .after = after, .after_last = after};
}

static inline void pass(struct between *between, uint32_t folded, size_t end)
{
    bool colons = folded == ':', leads = colons || folded == '+' || folded == '(';
    unsigned most = colons ? 2 : SPOT_LEAD_MAX;

    if (!leads || between->count == 0 || between->colons != colons || between->count == most) {
        between->run = leads ? between->at : end;
        between->before = between->last;
        between->after = between->after_last;
        between->count = 0;
    }
    between->count += leads;
    between->colons = colons;
    between->last = folded;
    between->after_last =
        folded == ' ' && between->after_last != AFTER_NONE ? AFTER_SPACES : AFTER_NONE;
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

/* Marks behind a word that something which began with it may go on with. */
static const bool joins[0x80] = {
    ['@'] = true, ['.'] = true, ['_'] = true,  ['-'] = true, ['+'] = true, ['%'] = true,
    ['&'] = true, ['*'] = true, ['/'] = true,  ['='] = true, ['?'] = true, ['^'] = true,
    ['`'] = true, ['{'] = true, ['|'] = true,  ['}'] = true, ['~'] = true, ['!'] = true,
    ['#'] = true, ['$'] = true, ['\''] = true, [':'] = true,
};

/* Whether anything at all could begin with the word; with most it could not. */
static bool is_spot(const struct guard_scan *scan, const struct guard_word *word,
                    const struct between *between)
{
    const enum guard_action *actions = scan->actions;
    bool joined = word->next < 0x80 && joins[word->next];

    if (actions[GUARD_PII] != GUARD_OFF &&
        ((word->flags & WORD_DIGITS) != 0 || joined || between->count > 0 ||
         (word->chars <= 2 && (word->flags & WORD_UPPER) != 0) ||
         scan->policy->fields[GUARD_PII]->pattern_count > 0))
        return true;
    if (actions[GUARD_SECRETS] != GUARD_OFF &&
        (joined || word->chars >= 16 || between->last == '-'))
        return true;
    if (actions[GUARD_WORDS] != GUARD_OFF &&
        guard_phrases_may(scan->policy->fields[GUARD_WORDS]->phrases, word))
        return true;
    return actions[GUARD_INJECTION] != GUARD_OFF && injection_looks(word, between->last);
}

static struct guard_spot spot_of(struct guard_view *view, const struct guard_scan *scan,
                                 const struct guard_word *word, const struct between *between)
{
    bool colons = between->colons && between->count == 2;
    bool lead = !between->colons && between->count > 0;
    uint32_t hints = scan->name_hints;

    for (int i = 0; i < SPOT_WORDS; i++)
        hints |= scan->hints[i];
    return (struct guard_spot){
        .view = view,
        .word = word,
        .lead = lead ? between->run : word->start,
        .colons = colons ? between->run : word->start,
        .before = colons || lead ? between->before : between->last,
        .hints = hints,
        .in_a_row = (lead ? between->after : between->after_last) == AFTER_SPACES,
    };
}

static void remember_hints(struct guard_scan *scan, uint32_t hints)
{
    scan->hints[scan->hint_at] = hints;
    scan->hint_at = (uint8_t)((scan->hint_at + 1) % SPOT_WORDS);
}

/* Nothing begins with the word. */
static struct between go_on_behind(struct guard_scan *scan, const struct guard_word *word)
{
    if (scan->actions[GUARD_PII] != GUARD_OFF || scan->actions[GUARD_SECRETS] != GUARD_OFF)
        remember_hints(scan, guard_hints_of(word->hash));
    scan->before = word->flags & WORD_FOREIGN ? GUARD_BROKEN : 'a';
    return nothing_between(word->end, scan->before,
                           (word->flags & WORD_DIGITS) != 0 ? AFTER_NUMBER : AFTER_NONE);
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

/* Bytes that are no more than between two words. */
static const bool gaps[0x100] = {
    [' '] = true, ['\t'] = true, ['\r'] = true, ['.'] = true, [','] = true,
    [';'] = true, ['!'] = true,  ['?'] = true,  [')'] = true, ['\''] = true,
};

/* Whether a word in ASCII, of letters only, in front of a plain gap, can be the beginning of
 * nothing. */
static bool is_dull(const struct guard_scan *scan, uint64_t hash, unsigned flags, size_t len,
                    unsigned char next)
{
    const enum guard_action *actions = scan->actions;

    if ((flags & WORD_DIGITS) != 0 || len >= 16 || next >= 0x80 || joins[next] || next == '"' ||
        next == '\\' || (len <= 2 && (flags & WORD_UPPER) != 0))
        return false;
    if (actions[GUARD_WORDS] != GUARD_OFF &&
        guard_filter_has(scan->policy->fields[GUARD_WORDS]->phrases, hash))
        return false;
    return actions[GUARD_INJECTION] == GUARD_OFF || !injection_begins(hash);
}

/* Goes over words with which nothing can begin, as is_spot would find after a longer look: most of
 * most texts. Stops in front of what needs that look. */
static void pass_dull(struct guard_scan *scan, const struct guard_view *view,
                      struct between *between)
{
    struct text text = view->text;
    size_t at = between->at;
    bool gap = between->last < 0x80 && gaps[between->last];
    bool hinted =
        scan->actions[GUARD_PII] != GUARD_OFF || scan->actions[GUARD_SECRETS] != GUARD_OFF;

    if (between->count > 0 || scan->dulled)
        return;
    for (;;) {
        size_t start = at, len;
        unsigned flags;
        uint64_t hash;

        while (start < text.len && gaps[(unsigned char)text.at[start]])
            start++;
        len = guard_plain_word(text_after(text, start), &flags, &hash);
        if (len == 0 || start + len == text.len || (start == at && !gap) ||
            !is_dull(scan, hash, flags, len, (unsigned char)text.at[start + len]))
            break;
        if (hinted)
            remember_hints(scan, guard_hints_of(hash));
        scan->injection.words++;
        scan->before = 'a';
        gap = false;
        at = start + len;
    }
    if (at != between->at)
        *between = nothing_between(at, 'a', AFTER_NONE);
}

/* What stands between words in ASCII, and means nothing else. */
static void pass_plain(const struct guard_view *view, struct between *between)
{
    while (between->at < view->text.len) {
        unsigned char byte = (unsigned char)view->text.at[between->at];

        if (byte >= 0x80 || guard_is_alnum(byte) || byte == '\\' || byte == '"' || byte == '[')
            return;
        pass(between, byte, between->at + 1);
    }
}

/* Whether something begins with the word; when not, or when more has to come first, `between` says
 * from where on. */
static bool try_word(struct guard_scan *scan, struct guard_view *view,
                     const struct guard_word *word, struct between *between,
                     struct guard_found *out)
{
    if (is_spot(scan, word, between)) {
        struct guard_spot spot = spot_of(view, scan, word, between);
        bool found;

        *out = (struct guard_found){.quoted = scan->in_string};
        found = guard_find(scan, &spot, out);
        if (view->cut)
            return false;
        if (found) {
            scan->before = ' ';
            scan->after_number = AFTER_NONE;
            remember_hints(scan, 0);
            return true;
        }
    } else {
        scan->injection.words++;
    }
    *between = go_on_behind(scan, word);
    return false;
}

enum scan_step guard_scan(struct guard_scan *scan, struct guard_view *view, size_t *at,
                          struct guard_found *out)
{
    struct between between = nothing_between(*at, scan->before, scan->after_number);
    struct guard_word word;

    for (;;) {
        view->cut = false;
        pass_dull(scan, view, &between);
        pass_plain(view, &between);
        if (scan->restores && between.at < view->text.len && view->text.at[between.at] == '[' &&
            find_placeholder(scan, view, between.at, out)) {
            scan->before = ']';
            scan->after_number = AFTER_NONE;
            *at = out->to;
            return SCAN_FOUND;
        }
        if (!view->cut && guard_word_at(view, between.at, &word)) {
            if (!view->cut && try_word(scan, view, &word, &between, out)) {
                *at = out->to;
                return SCAN_FOUND;
            }
            if (!view->cut)
                continue;
        } else if (!view->cut && word.first != GUARD_END) {
            pass(&between, word.first, word.end);
            continue;
        } else if (!view->cut && at_quote(view, word.end)) {
            scan->in_string = !scan->in_string;
            between = nothing_between(word.end + 1, ' ', AFTER_NONE);
            continue;
        }
        scan->before = between.count > 0 ? between.before : between.last;
        scan->after_number = between.count > 0 ? between.after : between.after_last;
        *at = between.count > 0 ? between.run : between.at;
        return view->cut ? SCAN_MORE : SCAN_END;
    }
}

void guard_scan_shift(struct guard_scan *scan, size_t bytes)
{
    struct guard_memo *memo = &scan->memo;
    size_t *const places[] = {&memo->local_from, &memo->local_to, &memo->part_from, &memo->part_to};

    scan->custom.passed += bytes;
    scan->number.count = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        *places[i] = *places[i] > bytes ? *places[i] - bytes : 0;
}
