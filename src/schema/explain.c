/* Everything that is wrong, in order. The plain program finds it; here it is sorted, thinned and
 * counted, and what is listed is put into words. */
#include "schema/explain.h"

#include "schema/check.h"

#include <stdlib.h>

enum { FINDINGS = 8, MEMBERS = 64 }; /* mostly enough; beyond that they grow in the arena */

static int by_place(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Of one value's findings that begin at `from`: only the refusal of its type, if there is one. */
static size_t thin(struct listing *listing, size_t from, size_t end, size_t kept)
{
    size_t type = from;

    while (type < end && listing->items[type].keyword != KEYWORD_TYPE &&
           listing->items[type].sort != FINDING_TYPES)
        type++;
    if (type < end) {
        listing->items[kept++] = listing->items[type];
        return kept;
    }
    while (from < end)
        listing->items[kept++] = listing->items[from++];
    return kept;
}

void listing_settle(struct listing *listing)
{
    size_t kept = 0, end;

    if (listing->count < 2)
        return;
    for (size_t i = 0; i < listing->count; i++)
        listing->items[i].order = i;
    qsort(listing->items, listing->count, sizeof *listing->items, by_place);
    for (size_t from = 0; from < listing->count; from = end) {
        for (end = from + 1; end < listing->count; end++) {
            if (listing->items[end].cell != listing->items[from].cell)
                break;
        }
        kept = thin(listing, from, end, kept);
    }
    listing->count = kept;
}

static void put_violations(const struct run *run, const struct listing *listing, uint32_t root,
                           struct violations *out)
{
    out->total = listing->count;
    out->listed = listing->count < VIOLATIONS_LISTED ? listing->count : VIOLATIONS_LISTED;
    for (size_t i = 0; i < out->listed; i++)
        violation_of(run, &listing->items[i], root, &out->items[i]);
}

static void put_undecided(const struct run *run, uint32_t root, struct violations *out)
{
    if (out->listed < VIOLATIONS_LISTED) {
        out->items[out->listed] = violation_of_undecided(run);
        out->items[out->listed++].cell = root;
    }
    if (out->total < VIOLATIONS_COUNTED)
        out->total++;
}

bool explain_plainly(const struct schema *schema, const struct document *document, uint32_t at,
                     bool plain_only, struct arena *arena, struct violations *out)
{
    uint64_t steps =
        schema->check_steps < EXPLAIN_STEPS_MAX ? schema->check_steps : EXPLAIN_STEPS_MAX;
    size_t spent = 0;
    struct listing listing = {.spent = &spent};
    struct visit visit = {.at = at};
    struct frame frames[FRAMES] __attribute__((uninitialized));
    struct finding findings[FINDINGS] __attribute__((uninitialized));
    uint32_t nodes[MEMBERS] __attribute__((uninitialized));
    struct run run __attribute__((uninitialized));

    listing.items = findings;
    listing.room = FINDINGS;
    run_init(&run, schema, document, arena, steps);
    run.member_nodes = nodes;
    run.member_nodes_room = MEMBERS;
    run.frames = run.top = frames;
    run.frames_end = frames + FRAMES;
    run.listing = &listing;
    run.plain_only = plain_only;
    out->listed = out->total = 0;
    out->undecided = false;
    plain_node(&run, 0, &visit);
    listing_settle(&listing);
    put_violations(&run, &listing, at, out);
    if (run.undecided != DECIDED)
        put_undecided(&run, at, out);
    return run.undecided == DECIDED;
}

/* Either program may have been given up where the other was not: what check says counts. `found` is
 * how many violations are listed beside that of having given up. */
static void agree_with_check(const struct schema *schema, const struct document *document,
                             uint32_t at, size_t found, struct arena *arena,
                             struct violations *out_violations)
{
    struct run run;

    run_init(&run, schema, document, arena, schema->check_steps);
    if (run_node(&run, 0, at) && run.undecided == DECIDED)
        out_violations->listed = out_violations->total = 0;
    else if (out_violations->total == 0)
        put_undecided(&run, at, out_violations);
    /* A pattern that takes too long is a violation, and so is whatever else was found. */
    out_violations->undecided =
        found == 0 && (run.undecided == OUT_OF_STEPS || run.undecided == TOO_DEEP);
}

void schema_explain(const struct schema *schema, const struct document *document, uint32_t at,
                    struct arena *arena, struct violations *out_violations)
{
    bool decided = explain_plainly(schema, document, at, false, arena, out_violations);
    size_t found = out_violations->total - (decided ? 0 : 1);

    if (!decided || found == 0)
        agree_with_check(schema, document, at, found, arena, out_violations);
}
