#include "guard/guard.h"

#include "document/json_write.h"
#include "document/utf8.h"
#include "guard/scan.h"

/* --- findings ------------------------------------------------------------------------------------
 */

static void tally(struct guard *guard, enum guard_field field, enum guard_action action,
                  struct text rule)
{
    for (size_t i = 0; i < guard->tally_count; i++) {
        struct guard_tally *it = &guard->tallies[i];

        if (it->field == field && it->action == action && text_equal(it->rule, rule) &&
            action != GUARD_BLOCK) {
            it->count++;
            return;
        }
    }
    if (guard->tally_count == GUARD_TALLIES_MAX)
        guard->tally_count--; /* the last one makes room: what blocks is always told */
    guard->tallies[guard->tally_count++] = (struct guard_tally){field, action, rule, 1};
}

static bool block(struct guard *guard, enum guard_field field, struct text rule)
{
    tally(guard, field, GUARD_BLOCK, rule);
    guard->blocked = true;
    return false;
}

static bool count_chars(struct guard *guard, struct text text)
{
    const struct guard_rule *rule = guard->policy->fields[GUARD_MAX_CHARS];
    uint64_t most = rule != NULL ? rule->most[guard->side] : 0;

    if (most == 0 || guard->soft)
        return true;
    guard->chars += utf8_length(text);
    return guard->chars <= most || block(guard, GUARD_MAX_CHARS, (struct text){0});
}

/* What was found, as it is meant. */
static struct text value_of(struct guard *guard, struct guard_view *view,
                            const struct guard_found *found)
{
    struct buffer out = buffer_in(guard->arena);
    uint32_t point;
    char bytes[4];

    if (!view->json)
        return text_between(view->text.at + found->from, view->text.at + found->to);
    for (size_t at = found->from; at < found->to;) {
        size_t taken = guard_point(view, at, &point);

        buffer_put(&out, (struct text){bytes, utf8_encode(point, bytes)});
        at += taken > 0 ? taken : 1;
    }
    return buffer_text(&out);
}

static void put(const struct guard_view *view, bool quoted, struct text text, struct buffer *out)
{
    if (!view->json)
        buffer_put(out, text);
    else if (quoted)
        json_put_escaped(out, text);
    else
        json_put_string(out, text);
}

/* A placeholder of the caller's own is one more value to hide, where it would be mistaken for ours;
 * one of the model's stands for what we hid, or for nothing. */
static bool replace_placeholder(struct guard *guard, struct guard_view *view,
                                const struct guard_found *found, struct buffer *out)
{
    struct text written = text_between(view->text.at + found->from, view->text.at + found->to);
    struct text value;

    if (guard->side == GUARD_INPUT) {
        put(view, found->quoted, guard_masks_put(guard->masks, TEXT("TEXT"), written), out);
        guard->changed = true;
        return true;
    }
    if (guard->keep || !guard_masks_find(guard->masks, written, &value)) {
        buffer_put(out, written);
        return true;
    }
    put(view, found->quoted, value, out);
    tally(guard, GUARD_PII, GUARD_RESTORE, found->rule);
    guard->changed = true;
    return true;
}

static bool act(struct guard *guard, struct guard_view *view, const struct guard_found *found,
                struct buffer *out)
{
    enum guard_action action = found->action;
    struct text word = found->word;

    if (found->word.len == 0 && found->field == GUARD_PII)
        return replace_placeholder(guard, view, found, out);
    if (action == GUARD_BLOCK && !guard->soft)
        return block(guard, found->field, found->rule);
    tally(guard, found->field, action, found->rule);
    guard->changed = true;
    if (found->field == GUARD_PII)
        put(view, found->quoted, guard_masks_put(guard->masks, word, value_of(guard, view, found)),
            out);
    else
        put(view, found->quoted,
            arena_printf(
                guard->arena, "[REDACTED:%.*s]",
                TEXT_ARG(found->rule.len > 0 ? found->rule : guard_field_word(found->field))),
            out);
    return true;
}

/* --- one text ------------------------------------------------------------------------------------
 */

/* Goes over the view from *at on, as far as it is decided, and appends what becomes of it up to
 * *copied, behind the last finding. Where it is blocked *at is behind what was appended. */
static bool go_over(struct guard *guard, struct guard_scan *scan, struct guard_view *view,
                    size_t *at, size_t *copied, struct buffer *out)
{
    const struct guard_rule *injection = guard->policy->fields[GUARD_INJECTION];
    bool looks = injection != NULL && injection->on[guard->side] != GUARD_OFF && !guard->soft;
    struct guard_found found;
    enum scan_step step;

    do {
        size_t from = *at;

        if (scan->rest != REST_NONE) {
            bool done = guard_scan_rest(scan, view, at);

            from = *copied = *at;
            if (!done)
                return true;
        }
        step = guard_scan(scan, view, at, &found);
        if (step == SCAN_END)
            *at = view->text.len;
        if (looks)
            injection_take_bytes(&scan->injection,
                                 text_between(view->text.at + from, view->text.at + *at),
                                 view->json);
        if (looks && injection_points(&scan->injection) >= injection->threshold)
            return *at = *copied, block(guard, GUARD_INJECTION, injection_rule(&scan->injection));
        if (step != SCAN_FOUND)
            continue;
        buffer_put(out, text_between(view->text.at + *copied, view->text.at + found.from));
        *copied = *at;
        if (!act(guard, view, &found, out))
            return *at = found.from, false;
    } while (step == SCAN_FOUND);
    return true;
}

/* Has the scan look for the author's patterns, if there are any; *custom is used again. */
static void look_for_custom(struct guard *guard, struct guard_scan *scan, struct custom **custom)
{
    if (!scan->dulled)
        return;
    if (*custom == NULL)
        *custom = custom_new(guard->policy->fields[GUARD_PII]->pattern_count, guard->arena);
    else
        custom_reset(*custom);
    scan->custom.custom = *custom;
    scan->custom.effort = &guard->effort;
}

bool guard_text(struct guard *guard, struct text text, bool json, struct text name,
                struct text *out)
{
    struct guard_view view = {.text = text, .ended = true, .json = json};
    struct buffer written = buffer_in(guard->arena);
    struct guard_scan scan;
    size_t at = 0, copied = 0;

    *out = text;
    if (text.len == 0)
        return true;
    if (guard->blocked || !count_chars(guard, text))
        return false;
    guard_scan_init(&scan, guard->policy, guard->side, name, guard->arena);
    look_for_custom(guard, &scan, &guard->custom);
    if (!go_over(guard, &scan, &view, &at, &copied, &written))
        return false;
    if (copied == 0)
        return true;
    buffer_put(&written, text_after(text, copied));
    *out = buffer_text(&written);
    return true;
}

/* --- a text in pieces ----------------------------------------------------------------------------
 */

/* What is decided is let go of. */
static void let_go(struct guard_stream *stream, size_t decided)
{
    stream->taken += decided;
    buffer_consume(&stream->held, decided);
    guard_scan_shift(stream->scan, decided);
}

static bool advance(struct guard_stream *stream, bool ended, struct buffer *out)
{
    struct guard_view view = {buffer_text(&stream->held), ended, stream->json, false};
    size_t at = 0, copied = 0;

    bool good = go_over(stream->guard, stream->scan, &view, &at, &copied, out);

    if (good && at > copied)
        buffer_put(out, text_between(view.text.at + copied, view.text.at + at));
    let_go(stream, at);
    return good;
}

bool guard_stream_put(struct guard_stream *stream, struct text piece, struct buffer *out)
{
    struct guard *guard = stream->guard;
    struct custom *custom = NULL;

    if (guard->blocked || !count_chars(guard, piece))
        return false;
    if (stream->scan == NULL) {
        stream->scan = ARENA_NEW(guard->arena, struct guard_scan);
        guard_scan_init(stream->scan, guard->policy, guard->side, (struct text){0}, guard->arena);
        look_for_custom(guard, stream->scan, &custom);
        stream->held = buffer_in(guard->arena);
    }
    buffer_put(&stream->held, piece);
    return advance(stream, false, out);
}

bool guard_stream_end(struct guard_stream *stream, struct buffer *out)
{
    if (stream->guard->blocked)
        return false;
    return stream->scan == NULL || advance(stream, true, out);
}
