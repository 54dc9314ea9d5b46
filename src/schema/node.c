/* There is no dynamic scope at run time: a subschema is compiled once for each scope it is reached
 * in, a scope being what the dynamic anchors are bound to. Going inward a scope only fills up, so
 * there are few; schemas without a reference that depends on it have one, the empty scope 0. Nodes
 * are found by schema and scope in a hash table, which is what ends recursion in schemas. */
#include "schema/append.h"
#include "schema/compile.h"

#include "base/check.h"

bool scope_binds(const struct scope *scope, struct text name, uint32_t *out_cell)
{
    for (size_t i = 0; i < scope->count; i++) {
        if (text_equal(scope->bindings[i].name, name)) {
            *out_cell = scope->bindings[i].cell;
            return true;
        }
    }
    return false;
}

static bool same_scope(const struct scope *a, const struct scope *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        uint32_t cell;

        if (!scope_binds(b, a->bindings[i].name, &cell) || cell != a->bindings[i].cell)
            return false;
    }
    return true;
}

static size_t new_bindings(const struct compiler *compiler, const struct scope *from,
                           uint32_t resource, struct binding *out)
{
    const struct outline *outline = &compiler->outline;
    size_t count = 0;
    uint32_t cell;

    for (size_t i = 0; i < outline->anchor_count; i++) {
        const struct anchor *anchor = &outline->anchors[i];

        if (!anchor->dynamic || anchor->resource != resource ||
            scope_binds(from, anchor->name, &cell))
            continue;
        if (out != NULL)
            out[count] = (struct binding){anchor->name, anchor->cell};
        count++;
    }
    return count;
}

static void say_too_large(struct compiler *compiler, uint32_t cell)
{
    if (!compiler->too_large)
        OUTLINE_SAY(&compiler->outline, cell, DIAGNOSTIC_E0201,
                    "the schema has more than %d subschemas or %d dynamic scopes, counting each "
                    "subschema once for every scope it is used in",
                    NODES_MAX, SCOPES_MAX);
    compiler->too_large = true;
}

/* The scope after entering a resource: its dynamic anchors are bound unless they are already. */
static uint32_t enter(struct compiler *compiler, uint32_t from, uint32_t resource)
{
    struct scope entered = compiler->scopes[from];
    size_t fresh = compiler->scoped ? new_bindings(compiler, &entered, resource, NULL) : 0;

    if (fresh == 0)
        return from;
    entered.bindings = ARENA_ARRAY(compiler->scratch, struct binding, entered.count + fresh);
    if (entered.count > 0)
        memcpy(entered.bindings, compiler->scopes[from].bindings,
               entered.count * sizeof *entered.bindings);
    new_bindings(compiler, &compiler->scopes[from], resource, entered.bindings + entered.count);
    entered.count += fresh;
    for (uint32_t i = 0; i < compiler->scope_count; i++) {
        if (same_scope(&entered, &compiler->scopes[i]))
            return i;
    }
    if (compiler->scope_count >= SCOPES_MAX) {
        say_too_large(compiler, compiler->outline.resources[resource].cell);
        return from;
    }
    *APPEND(compiler->scratch, compiler->scopes, compiler->scope_count, compiler->scope_room) =
        entered;
    return (uint32_t)(compiler->scope_count - 1);
}

static uint64_t node_key(uint32_t cell, uint32_t scope)
{
    return ((uint64_t)scope << 32 | cell) + 1;
}

static size_t node_place(const struct compiler *compiler, uint64_t key)
{
    size_t place = (key * 0x9E3779B97F4A7C15u >> 20) & compiler->node_mask;

    while (compiler->node_places[place] != 0 && compiler->node_places[place] != key)
        place = (place + 1) & compiler->node_mask;
    return place;
}

static void grow_node_table(struct compiler *compiler)
{
    compiler->node_mask = compiler->node_mask ? compiler->node_mask * 2 + 1 : 63;
    compiler->node_places = ARENA_ARRAY(compiler->scratch, uint64_t, compiler->node_mask + 1);
    compiler->node_indexes = ARENA_ARRAY(compiler->scratch, uint32_t, compiler->node_mask + 1);
    for (uint32_t i = 0; i < compiler->node_count; i++) {
        uint64_t key = node_key(compiler->nodes[i].cell, compiler->node_scope[i]);
        size_t place = node_place(compiler, key);

        compiler->node_places[place] = key;
        compiler->node_indexes[place] = i;
    }
}

static uint32_t add_node(struct compiler *compiler, uint32_t cell, uint32_t scope)
{
    if (compiler->node_count == compiler->node_room) {
        size_t room = compiler->node_room ? compiler->node_room * 2 : 32;

        compiler->node_scope =
            arena_grow(compiler->scratch, compiler->node_scope,
                       compiler->node_room * sizeof(uint32_t), room * sizeof(uint32_t));
        compiler->nodes =
            arena_grow(compiler->arena, compiler->nodes, compiler->node_room * sizeof(struct node),
                       room * sizeof(struct node));
        compiler->node_room = room;
    }
    compiler->nodes[compiler->node_count] = (struct node){.cell = cell};
    compiler->node_scope[compiler->node_count] = scope;
    return (uint32_t)compiler->node_count++;
}

uint32_t compile_node(struct compiler *compiler, uint32_t cell, uint32_t scope)
{
    const struct subschema *schema = outline_at(&compiler->outline, cell);
    uint64_t key;
    size_t place;

    CHECK(schema != NULL);
    scope = enter(compiler, scope, schema->resource);
    if (compiler->node_count * 2 >= compiler->node_mask)
        grow_node_table(compiler);
    key = node_key(cell, scope);
    place = node_place(compiler, key);
    if (compiler->node_places[place] == key)
        return compiler->node_indexes[place];
    if (compiler->node_count >= NODES_MAX) {
        say_too_large(compiler, cell);
        return 0;
    }
    compiler->node_places[place] = key;
    compiler->node_indexes[place] = add_node(compiler, cell, scope);
    return compiler->node_indexes[place];
}
