/* A hash table of URIs. Every schema has one place for the URI it came from and perhaps a second
 * for the `$id` it gives itself; the latter yields to whoever was there before. A second table,
 * made when a URI is not in the first, has those of the schemas within them. */
#include "schema/set.h"

#include "schema/append.h"
#include "schema/outline.h"
#include "schema/uri.h"

#include <pthread.h>

struct named {
    struct text uri;
    struct set_schema schema;
    bool by_id;
};
struct schema_set {
    struct arena *arena;
    struct within *within;
    struct named *items;
    size_t count, room;
    uint32_t *places; /* index + 1 of an item; 0: none */
    uint32_t mask;
};

/* What is found out of a set that is const. It has memory of its own, because the thread that looks
 * need not be the one that the arena of the set belongs to. */
struct within {
    pthread_mutex_t lock;
    struct arena arena;
    struct schema_set *names;
    size_t looked_through; /* items of the set */
};

static struct schema_set *new_table(struct arena *arena)
{
    struct schema_set *set = ARENA_NEW(arena, struct schema_set);

    set->arena = arena;
    set->mask = 63;
    set->places = ARENA_ARRAY(arena, uint32_t, (size_t)set->mask + 1);
    return set;
}

static void undo_within(void *thing)
{
    struct within *within = thing;

    arena_release(&within->arena);
    pthread_mutex_destroy(&within->lock);
}

struct schema_set *schema_set_new(struct arena *arena)
{
    struct schema_set *set = new_table(arena);

    set->within = ARENA_NEW(arena, struct within);
    pthread_mutex_init(&set->within->lock, NULL);
    arena_defer(arena, undo_within, set->within);
    set->within->names = new_table(&set->within->arena);
    return set;
}

static uint32_t *place_of(const struct schema_set *set, struct text uri)
{
    uint32_t at = (uint32_t)text_hash(uri) & set->mask;

    while (set->places[at] != 0 && !text_equal(set->items[set->places[at] - 1].uri, uri))
        at = (at + 1) & set->mask;
    return &set->places[at];
}

static void grow(struct schema_set *set)
{
    set->mask = set->mask * 2 + 1;
    set->places = ARENA_ARRAY(set->arena, uint32_t, (size_t)set->mask + 1);
    for (size_t i = 0; i < set->count; i++)
        *place_of(set, set->items[i].uri) = (uint32_t)i + 1;
}

static bool put(struct schema_set *set, struct named named)
{
    uint32_t *place;

    named.uri = uri_normal(named.uri, set->arena);
    place = place_of(set, named.uri);

    if (*place != 0 && (named.by_id || !set->items[*place - 1].by_id))
        return false;
    if (*place != 0) {
        set->items[*place - 1] = named;
        return true;
    }
    *APPEND(set->arena, set->items, set->count, set->room) = named;
    *place = (uint32_t)set->count;
    if (set->count * 2 > set->mask)
        grow(set);
    return true;
}

/* A meta-schema of somebody's own is newer than draft-04, whose word is `id`. */
static enum draft declared_draft(const struct document *document, uint32_t root)
{
    uint32_t value = document_member(document, root, TEXT("$schema"));
    enum draft draft = DRAFT_COUNT;

    if (value != CELL_NONE && document_cell(document, value)->type == CELL_STRING)
        draft = draft_find(document_text(document, value));
    return draft == DRAFT_COUNT ? DRAFT_2020_12 : draft;
}

bool schema_set_add(struct schema_set *set, struct text uri, const struct document *document,
                    uint32_t root)
{
    struct named named = {uri, {uri, document, root}, false};
    enum draft draft;
    uint32_t id;

    if (!put(set, named))
        return false;
    draft = declared_draft(document, root);
    id = document_member(document, root, dialect_id(dialect_of(draft)));
    if (id != CELL_NONE && document_cell(document, id)->type == CELL_STRING) {
        named.uri = uri_resolve(uri, document_text(document, id), set->arena);
        named.by_id = true;
        put(set, named);
    }
    return true;
}

const struct set_schema *schema_set_find(const struct schema_set *set, struct text uri)
{
    struct arena scratch = {0};
    uint32_t place = set != NULL ? *place_of(set, uri_normal(uri, &scratch)) : 0;

    arena_release(&scratch);
    return place != 0 ? &set->items[place - 1].schema : NULL;
}

/* Whether a document has more names than that of its root, perhaps. */
static bool may_name(const struct document *document, uint32_t root)
{
    uint32_t end = document_next(document, root);
    unsigned names = 0;

    for (uint32_t i = root; i < end; i++) {
        const struct cell *cell = document_cell(document, i);

        if (cell->type == CELL_STRING && cell->size <= 3 &&
            (text_equal(cell_text(cell), TEXT("$id")) || text_equal(cell_text(cell), TEXT("id"))))
            names++;
    }
    return names > (document_member(document, root, TEXT("$id")) != CELL_NONE);
}

static void look_through(const struct schema_set *set, struct within *within)
{
    for (; within->looked_through < set->count; within->looked_through++) {
        const struct named *item = &set->items[within->looked_through];
        const struct text *names;
        size_t count;

        if (item->by_id || !may_name(item->schema.document, item->schema.root))
            continue;
        count = outline_names(&item->schema, set, &within->arena, &names);
        for (size_t i = 0; i < count; i++)
            put(within->names, (struct named){names[i], item->schema, true});
    }
}

const struct set_schema *schema_set_find_within(const struct schema_set *set, struct text uri)
{
    const struct set_schema *found, *kept = NULL;
    struct within *within = set != NULL ? set->within : NULL;

    if (within == NULL)
        return NULL;
    pthread_mutex_lock(&within->lock);
    look_through(set, within);
    found = schema_set_find(within->names, uri);
    if (found != NULL)
        kept = schema_set_find(set, found->uri);
    pthread_mutex_unlock(&within->lock);
    return kept;
}

struct text schema_set_nearest(const struct schema_set *set, struct text wrong)
{
    struct arena scratch = {0};
    struct text *names, near = {0};

    if (set == NULL)
        return near;
    names = ARENA_ARRAY(&scratch, struct text, set->count);
    for (size_t i = 0; i < set->count; i++)
        names[i] = set->items[i].uri;
    near = uri_nearest(wrong, names, set->count);
    arena_release(&scratch);
    if (near.len > 0 || set->within == NULL)
        return near;
    pthread_mutex_lock(&set->within->lock);
    near = schema_set_nearest(set->within->names, wrong);
    pthread_mutex_unlock(&set->within->lock);
    return near;
}
