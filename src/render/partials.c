/* What a partial includes outside of all sections is included whatever the input is: following only
 * that, no partial may come back to itself. Within sections it may, since they end with the input;
 * if they do not, rendering has its bounds. Looking recurses at most through all partials. */
#include "render/partials.h"

#include "render/template_read.h"

#include <stdlib.h>

enum { PARTIALS_DEPTH_MAX = 64 };

void partial_read(struct text name, const struct document *document, struct arena *arena,
                  struct diagnostics *diagnostics, struct partial *out)
{
    bool usable;

    *out = (struct partial){
        .name = name,
        .origin = {document, 0, arena_copy(arena, document_text(document, 0)), diagnostics}};
    out->refused = !template_read(&out->origin, arena, &out->template, &usable);
}

static int by_name(const void *key, const void *item)
{
    return text_compare(*(const struct text *)key, ((const struct partial *)item)->name);
}

struct partial *partials_find(const struct partials *partials, struct text name)
{
    if (partials == NULL || partials->count == 0)
        return NULL;
    return bsearch(&name, partials->items, partials->count, sizeof *partials->items, by_name);
}

static void refuse_missing(const struct template_origin *origin, struct text name,
                           const struct partials *partials, struct arena *arena)
{
    size_t count = partials != NULL ? partials->count : 0;
    struct text *names = ARENA_ARRAY(arena, struct text, count);

    for (size_t i = 0; i < count; i++)
        names[i] = partials->items[i].name;
    template_refuse_partial(origin, name, names, count);
}

bool template_link(const struct template_origin *origin, struct template *template,
                   const struct partials *partials, struct arena *arena)
{
    bool good = true;

    for (size_t i = 0; i < template->count; i++) {
        struct template_piece *piece = &template->pieces[i];

        if (piece->kind != PIECE_PARTIAL)
            continue;
        piece->partial = partials_find(partials, piece->steps[0]);
        if (piece->partial != NULL)
            continue;
        refuse_missing(origin, piece->steps[0], partials, arena);
        good = false;
    }
    return good;
}

/* The way from a partial to another that is being looked at, as a -> b -> a. */
struct way {
    const struct way *before;
    struct partial *partial;
};

static struct text way_text(const struct way *way, const struct partial *to, struct arena *arena)
{
    struct text rest = way->partial == to ? to->name : way_text(way->before, to, arena);

    return way->partial == to
               ? rest
               : arena_printf(arena, "%.*s -> %.*s", TEXT_ARG(rest), TEXT_ARG(way->partial->name));
}

static void refuse_way(const struct way *way, const struct template_piece *piece)
{
    const struct template_origin *origin = &way->partial->origin;
    struct arena *arena = origin->diagnostics->arena;
    struct text path = way_text(way, piece->partial, arena);

    template_refuse_cycle(
        origin, piece->steps[0],
        arena_printf(arena, "%.*s -> %.*s", TEXT_ARG(path), TEXT_ARG(piece->steps[0])));
    way->partial->refused = true;
}

static void walk(struct partial *partial, const struct way *before);

static void walk_piece(const struct way *way, const struct template_piece *piece)
{
    struct partial *from = way->partial, *to = piece->partial;

    if (to->walking) {
        refuse_way(way, piece);
        return;
    }
    if (to->height == 0)
        walk(to, way);
    if (to->height >= from->height)
        from->height = to->height + 1;
    if (from->height <= PARTIALS_DEPTH_MAX || from->refused)
        return;
    template_refuse_nesting(&from->origin, piece->steps[0]);
    from->refused = true;
    from->height = 1; /* said once for all that use it */
}

static void walk(struct partial *partial, const struct way *before)
{
    const struct template *template = &partial->template;
    const struct way way = {before, partial};

    partial->height = 1;
    partial->walking = true;
    for (size_t i = 0; i < template->count; i += 1 + template->pieces[i].inside)
        if (template->pieces[i].kind == PIECE_PARTIAL && template->pieces[i].partial != NULL)
            walk_piece(&way, &template->pieces[i]);
    partial->walking = false;
}

static int in_order(const void *a, const void *b)
{
    return text_compare(((const struct partial *)a)->name, ((const struct partial *)b)->name);
}

void partials_link(struct partials *partials, struct arena *arena)
{
    if (partials->count > 0)
        qsort(partials->items, partials->count, sizeof *partials->items, in_order);
    for (size_t i = 0; i < partials->count; i++) {
        struct partial *partial = &partials->items[i];

        if (!template_link(&partial->origin, &partial->template, partials, arena))
            partial->refused = true;
    }
    for (size_t i = 0; i < partials->count; i++)
        if (partials->items[i].height == 0)
            walk(&partials->items[i], NULL);
}
