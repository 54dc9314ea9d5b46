/* What a name may mean depends on the sections around it, and in a partial on those around its
 * uses: so the pieces are walked as they will be rendered, with places of the input schema for
 * scopes. A name is known when any scope may have it, for an inner one that may have it need not.
 *
 * Partials that use each other come back with scopes that were there before; a partial is looked at
 * once for each set of them. Beyond so many different ones, places are taken for open. */
#include "render/partials.h"
#include "render/template_read.h"

#include <stdlib.h>

enum { PLACES_MAX = 64, VISITS_MAX = 1000, DEPTH_MAX = 64, NAMES_MAX = 1024 };

struct scope {
    const struct scope *outer;
    uint32_t place;  /* index among those of the check */
    uint64_t places; /* of this scope and all outer ones, as bits */
};
struct visit {
    const struct partial *partial;
    uint32_t place;
    uint64_t places;
};
struct checking {
    const struct template_use *use;
    struct arena *scratch;
    const struct schema_place *places[PLACES_MAX];
    size_t place_count;
    struct visit *visits;
    size_t visit_count, visit_room;
    struct partial **used;
    size_t used_count, used_room;
    uint32_t depth; /* of partials */
    bool good;
};

/* Whose pieces are walked. */
struct walked {
    const struct template_origin *origin;
    bool partial;
};

static const struct schema_place *place_of(const struct checking *c, const struct scope *scope)
{
    return c->places[scope->place];
}

/* The index of that place, or of the last one, where anything may be, when there are too many. */
static uint32_t known_place(struct checking *c, const struct schema_place *place)
{
    for (uint32_t i = 0; i < c->place_count; i++)
        if (schema_place_equal(c->places[i], place))
            return i;
    if (c->place_count == PLACES_MAX - 1)
        place = schema_place_anything(place, c->scratch);
    if (c->place_count < PLACES_MAX)
        c->places[c->place_count++] = place;
    return (uint32_t)c->place_count - 1;
}

static struct scope scope_within(struct checking *c, const struct scope *outer,
                                 const struct schema_place *place)
{
    uint32_t at = known_place(c, place);

    return (struct scope){outer, at, (outer != NULL ? outer->places : 0) | UINT64_C(1) << at};
}

/* --- names --- */

/* Follows the path from one scope; NULL after *out_good steps, at *out_place. */
static const struct schema_place *follow(struct checking *c, const struct scope *scope,
                                         const struct template_piece *piece, size_t *out_good,
                                         const struct schema_place **out_place)
{
    const struct schema_place *place = place_of(c, scope), *next = place;

    *out_good = 0;
    for (uint32_t i = 0; i < piece->step_count; i++) {
        *out_place = place;
        next = schema_place_member(place, piece->steps[i], c->scratch);
        if (next == NULL)
            return NULL;
        *out_good = i + 1;
        place = next;
    }
    return next;
}

/* The names of all scopes, the inner ones first. */
static size_t names_around(struct checking *c, const struct scope *scope, struct text *names)
{
    size_t count = 0;

    for (; scope != NULL; scope = scope->outer) {
        const struct text *known;
        size_t known_count = schema_place_names(place_of(c, scope), &known);

        for (size_t i = 0; i < known_count && count < NAMES_MAX; i++)
            names[count++] = known[i];
    }
    return count;
}

/* The scope that the path leads furthest in is the one that was meant. */
static void refuse_unknown(struct checking *c, const struct walked *from,
                           const struct template_piece *piece, const struct scope *innermost)
{
    struct text *names = ARENA_ARRAY(c->scratch, struct text, NAMES_MAX);
    struct template_unknown unknown = {.steps = piece->steps,
                                       .count = piece->step_count,
                                       .schemed = true,
                                       .variables = c->use->variables,
                                       .user = from->partial ? c->use->file : (struct text){0}};

    c->good = false;
    for (const struct scope *scope = innermost; scope != NULL; scope = scope->outer) {
        const struct schema_place *place = NULL;
        size_t good;

        follow(c, scope, piece, &good, &place);
        if (good <= unknown.good)
            continue;
        unknown.good = good;
        unknown.list = schema_place_member(schema_place_inside(place, c->scratch),
                                           piece->steps[good], c->scratch) != NULL;
        unknown.name_count = schema_place_names(place, &unknown.names);
    }
    if (unknown.good == 0) {
        unknown.name_count = names_around(c, innermost, names);
        unknown.names = names;
    }
    template_refuse_unknown(from->origin, &unknown);
}

/* Where the path may lead; NULL when it was refused. */
static const struct schema_place *find_place(struct checking *c, const struct walked *from,
                                             const struct template_piece *piece,
                                             const struct scope *innermost)
{
    const struct schema_place *found = NULL;

    for (const struct scope *scope = innermost; scope != NULL; scope = scope->outer) {
        const struct schema_place *ignored, *place;
        size_t good;

        place = follow(c, scope, piece, &good, &ignored);
        if (place != NULL)
            found = found != NULL ? schema_place_either(found, place, c->scratch) : place;
    }
    if (found == NULL)
        refuse_unknown(c, from, piece, innermost);
    return found;
}

/* Without a schema there are no names but those of the whole input. */
static void check_unschemed(struct checking *c, const struct walked *from,
                            const struct template_piece *piece)
{
    const struct template_unknown unknown = {.steps = piece->steps,
                                             .count = piece->step_count,
                                             .user =
                                                 from->partial ? c->use->file : (struct text){0}};

    if (piece->from != FROM_SCOPES || piece->step_count == 0 ||
        (piece->step_count == 1 && text_equal(piece->steps[0], TEXT("message"))))
        return;
    c->good = false;
    template_refuse_unknown(from->origin, &unknown);
}

static const struct scope *outermost(const struct scope *scope)
{
    while (scope->outer != NULL)
        scope = scope->outer;
    return scope;
}

static const struct schema_place *check_path(struct checking *c, const struct walked *from,
                                             const struct template_piece *piece,
                                             const struct scope *scope)
{
    if (scope == NULL) {
        check_unschemed(c, from, piece);
        return NULL;
    }
    if (piece->from == FROM_CURRENT)
        return place_of(c, scope);
    if (piece->from == FROM_INPUT)
        return place_of(c, outermost(scope));
    /* A section whose name was refused: whatever it was, nothing is known of it. */
    if (piece->step_count == 0)
        return schema_place_anything(place_of(c, scope), c->scratch);
    return find_place(c, from, piece, scope);
}

/* --- pieces --- */

static void walk(struct checking *c, const struct walked *from, const struct template_piece *pieces,
                 size_t count, const struct scope *scope);

static void walk_section(struct checking *c, const struct walked *from,
                         const struct template_piece *piece, const struct scope *outer)
{
    const struct schema_place *place = check_path(c, from, piece, outer);
    struct scope inner;

    if (outer == NULL || piece->kind == PIECE_INVERTED) {
        walk(c, from, piece + 1, piece->inside, outer);
        return;
    }
    /* What the name that was refused stands for is not known, and neither is what is in it. */
    if (place == NULL)
        place = schema_place_anything(place_of(c, outer), c->scratch);
    inner = scope_within(c, outer, schema_place_inside(place, c->scratch));
    walk(c, from, piece + 1, piece->inside, &inner);
}

/* Room for one more element of an array that grows. */
static void *with_room(struct checking *c, void *items, size_t count, size_t *room, size_t size)
{
    size_t more = *room > 0 ? *room * 2 : 8;

    if (count < *room)
        return items;
    items = arena_grow(c->scratch, items, *room * size, more * size);
    *room = more;
    return items;
}

static void note_used(struct checking *c, struct partial *partial)
{
    for (size_t i = 0; i < c->used_count; i++)
        if (c->used[i] == partial)
            return;
    c->used = with_room(c, c->used, c->used_count, &c->used_room, sizeof *c->used);
    c->used[c->used_count++] = partial;
    partial->used = true;
    c->good &= !partial->refused;
}

/* Whether this is a new combination; there is no end to what need not be looked at again. */
static bool is_new(struct checking *c, const struct partial *partial, const struct scope *scope)
{
    struct visit visit = {.partial = partial};

    if (scope != NULL) {
        visit.place = scope->place;
        visit.places = scope->places;
    }
    for (size_t i = 0; i < c->visit_count; i++)
        if (c->visits[i].partial == partial && c->visits[i].place == visit.place &&
            c->visits[i].places == visit.places)
            return false;
    if (c->visit_count == VISITS_MAX)
        return false;
    c->visits = with_room(c, c->visits, c->visit_count, &c->visit_room, sizeof *c->visits);
    c->visits[c->visit_count++] = visit;
    return true;
}

static void walk_partial(struct checking *c, struct partial *partial, const struct scope *scope)
{
    const struct walked from = {&partial->origin, true};

    note_used(c, partial);
    if (partial->refused || c->depth == DEPTH_MAX || !is_new(c, partial, scope))
        return;
    c->depth++;
    walk(c, &from, partial->template.pieces, partial->template.count, scope);
    c->depth--;
}

static void walk(struct checking *c, const struct walked *from, const struct template_piece *pieces,
                 size_t count, const struct scope *scope)
{
    for (size_t i = 0; i < count; i += 1 + pieces[i].inside) {
        switch ((enum template_piece_kind)pieces[i].kind) {
        case PIECE_TEXT:
            break;
        case PIECE_VALUE:
            check_path(c, from, &pieces[i], scope);
            break;
        case PIECE_SECTION:
        case PIECE_INVERTED:
            walk_section(c, from, &pieces[i], scope);
            break;
        case PIECE_PARTIAL:
            if (pieces[i].partial != NULL)
                walk_partial(c, pieces[i].partial, scope);
            break;
        }
    }
}

static int by_name(const void *a, const void *b)
{
    return text_compare((*(struct partial *const *)a)->name, (*(struct partial *const *)b)->name);
}

/* --- the whole --- */

bool template_check(const struct template_origin *origin, const struct template_use *use,
                    struct arena *arena, struct template *template)
{
    struct arena scratch = {0};
    struct checking *c = ARENA_NEW(&scratch, struct checking);
    const struct walked own = {origin, false};
    struct scope root;
    struct partial **kept;
    bool good;

    c->use = use;
    c->scratch = &scratch;
    c->good = true;
    if (use->input != NULL)
        root = scope_within(c, NULL, schema_place_root(use->input, &scratch));
    walk(c, &own, template->pieces, template->count, use->input != NULL ? &root : NULL);
    if (c->used_count > 0) {
        qsort(c->used, c->used_count, sizeof *c->used, by_name);
        kept = ARENA_ARRAY(arena, struct partial *, c->used_count);
        memcpy(kept, c->used, c->used_count * sizeof *kept);
        template->partials = kept;
        template->partial_count = c->used_count;
    }
    good = c->good;
    arena_release(&scratch);
    return good;
}

bool template_compile(const struct document *document, uint32_t at, const struct template_use *use,
                      struct arena *arena, struct diagnostics *diagnostics, struct template *out)
{
    const struct template_origin origin = {
        document, at, arena_copy(arena, document_text(document, at)), diagnostics};
    bool usable, good = template_read(&origin, arena, out, &usable);

    good &= template_link(&origin, out, use->partials, arena);
    if (usable)
        good &= template_check(&origin, use, arena, out);
    return good;
}
