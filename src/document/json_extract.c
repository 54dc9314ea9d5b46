/* Steps 3 and 4 are one walk over the text, because each decides what the other may not see: a
 * fence inside a value is a part of a string, a bracket inside a fence is not top-level. Every
 * attempt that fails either is stepped over as a whole or ends the looking where it failed, so no
 * byte is read again and again. */
#include "document/json_extract.h"

#include "base/check.h"
#include "document/json_outline.h"
#include "document/json_problem.h"

const char *json_step_name(enum json_step step)
{
    static const char *const names[] = {"nowhere", "whole", "after_thinking", "fenced", "embedded"};

    CHECK((unsigned)step < sizeof names / sizeof *names);
    return names[step];
}

/* The values of one step. */
struct tally {
    struct json_extract chosen; /* the first, or the first of several that fits */
    size_t found, fitting;
};

struct search {
    struct text text;
    const struct json_extract_options *options;
    struct arena *arena;
    bool repairing;
    size_t work_bytes;
    struct tally fenced, embedded;
};

static bool fits(const struct search *search, const struct document *document)
{
    const struct json_extract_options *options = search->options;

    return options->fits == NULL || options->fits(options->context, document);
}

/* What was repaired exists only if it fits. What was written so is asked only when it is not
 * alone. */
static void count(const struct search *search, struct tally *tally,
                  const struct json_extract *value)
{
    bool asked = search->repairing || tally->found > 0, fitting;

    if (tally->found == 1 && !search->repairing)
        tally->fitting = fits(search, &tally->chosen.document);
    fitting = asked && fits(search, &value->document);
    if (search->repairing && !fitting)
        return;
    if (tally->found == 0 || (fitting && tally->fitting == 0))
        tally->chosen = *value;
    tally->found++;
    tally->fitting += fitting;
}

static struct json_extract value_at(const struct search *search, struct text span,
                                    const struct document *document, enum json_step step)
{
    return (struct json_extract){.document = *document,
                                 .step = step,
                                 .offset = (size_t)(span.at - search->text.at),
                                 .len = span.len};
}

static struct json_repair_options repair_options(const struct search *search)
{
    return (struct json_repair_options){.limits = search->options->limits,
                                        .roots = search->options->roots,
                                        .complete = search->options->complete};
}

/* The edits with offsets in the whole text. */
static const struct json_edit *edits_from(const struct json_repair *repair, size_t offset,
                                          struct arena *arena)
{
    struct json_edit *edits = ARENA_ARRAY(arena, struct json_edit, repair->edit_count);

    for (size_t i = 0; i < repair->edit_count; i++) {
        edits[i] = repair->edits[i];
        edits[i].offset += offset;
    }
    return edits;
}

static bool repair_span(struct search *search, struct text span, enum json_step step,
                        struct json_extract *out)
{
    struct json_repair_options options = repair_options(search);
    struct json_repair repair;

    search->work_bytes += 2 * span.len;
    if (!json_repair(span, &options, search->arena, &repair, NULL, NULL))
        return false;
    *out = value_at(search, span, &repair.document, step);
    out->edits = edits_from(&repair, out->offset, search->arena);
    out->edit_count = repair.edit_count;
    return true;
}

/* Counts the span if all of it is a value, as it is or repaired. */
static void offer(struct search *search, struct tally *tally, struct text span, enum json_step step,
                  struct error *err)
{
    struct json_extract value;
    struct document document;
    size_t offset = span.len;

    if (search->repairing) {
        if (repair_span(search, span, step, &value))
            count(search, tally, &value);
        return;
    }
    if (json_read(span, search->options->limits, search->arena, &document, &offset, err)) {
        value = value_at(search, span, &document, step);
        count(search, tally, &value);
    } else if (err != NULL) {
        json_place(search->text, (size_t)(span.at - search->text.at) + offset, err->at);
    }
    search->work_bytes += offset;
}

static bool wants_containers(unsigned roots)
{
    return json_root_admits(roots, CELL_ARRAY) || json_root_admits(roots, CELL_OBJECT);
}

static void visit(void *context, const struct json_piece *piece)
{
    struct search *search = context;
    bool fenced = piece->kind == JSON_PIECE_FENCE;
    struct tally *tally = fenced ? &search->fenced : &search->embedded;
    enum json_step step = fenced ? JSON_FENCED : JSON_EMBEDDED;

    if (!fenced && !wants_containers(search->options->roots))
        return;
    if (piece->document.count > 0) {
        struct json_extract value = value_at(search, piece->span, &piece->document, step);

        count(search, tally, &value);
    } else if (search->repairing) {
        offer(search, tally, piece->span, step, NULL);
    }
}

/* A string that should have been an array or object may hold one. */
static void unwrap(struct search *search, struct json_extract *chosen)
{
    struct text span = text_first(text_after(search->text, chosen->offset), chosen->len);
    struct json_extract repaired;

    if (chosen->document.cells[0].type == CELL_STRING &&
        !json_root_admits(search->options->roots, CELL_STRING) &&
        repair_span(search, span, chosen->step, &repaired) && repaired.edit_count > 0 &&
        fits(search, &repaired.document))
        *chosen = repaired;
}

/* Ends the search if the step yielded anything. */
static bool settle(struct search *search, struct tally *tally, struct json_extract *out,
                   struct error *err)
{
    if (tally->found == 0)
        return false;
    if (tally->found == 1 || tally->fitting == 1) {
        *out = tally->chosen;
        if (search->options->repair && !search->repairing)
            unwrap(search, out);
    } else {
        error_set(err, ERROR_OUTPUT_NOT_JSON, NULL,
                  tally->fitting == 0 ? "%zu JSON values were found, none of which satisfies the "
                                        "schema"
                                      : "%zu JSON values were found, %zu of which satisfy the "
                                        "schema",
                  tally->found, tally->fitting);
    }
    out->found = tally->found;
    out->fitting = tally->fitting;
    return true;
}

/* What follows the thinking, which is no part of the answer; empty while it goes on. */
static struct text without_thinking(struct text text)
{
    struct text trimmed = text_trim(text), end = TEXT("</think>");

    if (!text_starts(trimmed, TEXT("<think>")))
        return text;
    return text_trim(text_after(trimmed, text_find(trimmed, end) + end.len));
}

static bool search_steps(struct search *search, struct json_extract *out, struct error *err)
{
    struct text rest = without_thinking(search->text);
    struct tally whole = {0}, after = {0};
    bool thought = rest.len < search->text.len;

    offer(search, &whole, search->text, JSON_WHOLE, err);
    if (settle(search, &whole, out, err))
        return true;
    if (rest.len == 0)
        return false;
    if (thought)
        offer(search, &after, rest, JSON_AFTER_THINKING, err);
    if (settle(search, &after, out, err))
        return true;
    search->fenced = search->embedded = (struct tally){0};
    search->work_bytes += json_outline(rest, search->options->limits, search->options->complete,
                                       search->arena, visit, search);
    return settle(search, &search->fenced, out, err) || settle(search, &search->embedded, out, err);
}

bool json_extract(struct text text, const struct json_extract_options *options, struct arena *arena,
                  struct json_extract *out, struct error *err)
{
    struct search search = {.text = text, .options = options, .arena = arena};
    bool settled;

    if (text.len == 0)
        search.text.at = "";
    *out = (struct json_extract){0};
    settled = search_steps(&search, out, err);
    if (!settled && options->repair) {
        search.repairing = true;
        settled = search_steps(&search, out, err);
    }
    out->work_bytes = search.work_bytes;
    if (out->step == JSON_NOWHERE && err != NULL)
        err->code = ERROR_OUTPUT_NOT_JSON;
    return out->step != JSON_NOWHERE;
}
