/* A check is a small schema of its own: allOf of what is left of each schema in the set. Keywords
 * that lead elsewhere are left out; the whole answer is checked in the end anyway. */
#include "demo/demo_check.h"

#include "demo/demo_leaf.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum { CACHE_MAX = 256, OFFERS_MAX = 20000, BYTES_PER_OFFER = 256 };

struct name_check {
    uint32_t pattern; /* its cell */
    const struct schema *schema;
    struct name_check *next;
};
struct demo_leaf_cache {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct demo_check *items[CACHE_MAX];
    size_t count;
    size_t spent;             /* values tried so far, long ones counted several times */
    struct name_check *names; /* by pattern */
};

struct demo_leaf_cache *demo_leaf_cache_new(struct arena *arena)
{
    struct demo_leaf_cache *cache = ARENA_NEW(arena, struct demo_leaf_cache);

    cache->arena = arena;
    cache->diagnostics = ARENA_NEW(arena, struct diagnostics);
    cache->diagnostics->arena = arena;
    return cache;
}

bool demo_check_spend(struct demo_leaf_cache *cache, size_t bytes)
{
    cache->spent += 1 + bytes / BYTES_PER_OFFER;
    return cache->spent <= OFFERS_MAX;
}

/* Whether anything in the subtree leads elsewhere, where a part alone cannot follow. */
static bool has_reference(const struct document *document, uint32_t at)
{
    for (uint32_t cell = at; cell < document_next(document, at); cell++)
        if (document_cell(document, cell)->type == CELL_STRING &&
            (text_equal(document_text(document, cell), TEXT("$ref")) ||
             text_equal(document_text(document, cell), TEXT("$dynamicRef"))))
            return true;
    return false;
}

static bool concerns_scalars(const struct document *document, uint32_t key)
{
    static const char *const names[] = {
        "type",   "enum",    "const",   "minLength",        "maxLength",        "pattern",
        "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    };
    struct text name = document_text(document, key);

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(name, text_of(names[i])))
            return true;
    return text_equal(name, TEXT("not")) && !has_reference(document, key + 1);
}

static void put_scalar_part(struct buffer *out, const struct document *document, uint32_t schema)
{
    uint32_t end = document_next(document, schema);

    buffer_put_byte(out, '{');
    for (uint32_t key = schema + 1; key < end; key = document_next(document, key + 1)) {
        if (!concerns_scalars(document, key))
            continue;
        if (out->at[out->len - 1] != '{')
            buffer_put_byte(out, ',');
        json_put_string(out, document_text(document, key));
        buffer_put_byte(out, ':');
        json_put_cell(out, document, key + 1);
    }
    buffer_put_byte(out, '}');
}

static const struct schema *compile_document(struct demo_leaf_cache *cache,
                                             const struct document *document)
{
    *cache->diagnostics = (struct diagnostics){.arena = cache->arena};
    return schema_compile(document, 0, cache->arena, cache->diagnostics);
}

static const struct schema *compile(struct demo_leaf_cache *cache, const struct demo_set *set)
{
    struct document *document = ARENA_NEW(cache->arena, struct document);
    struct buffer text = buffer_in(cache->arena);

    buffer_put(&text, TEXT("{\"allOf\":["));
    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            buffer_put_byte(&text, ',');
        put_scalar_part(&text, set->document, set->at[i]);
    }
    buffer_put(&text, TEXT("]}"));
    if (!json_read(buffer_text(&text), NULL, cache->arena, document, NULL, NULL))
        return NULL;
    return compile_document(cache, document);
}

static bool same_set(const struct demo_set *a, const struct demo_set *b)
{
    return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof a->at[0]) == 0;
}

struct demo_check *demo_check_of(struct demo_leaf_cache *cache, const struct demo_set *set)
{
    struct demo_check *check;

    for (size_t i = 0; i < cache->count; i++)
        if (same_set(&cache->items[i]->set, set))
            return cache->items[i];
    check = ARENA_NEW(cache->arena, struct demo_check);
    check->set = *set;
    if (set->count > 0 && cache->count < CACHE_MAX) {
        check->schema = compile(cache, set);
        cache->items[cache->count++] = check;
    }
    return check;
}

static const struct name_check *name_check_of(struct demo_leaf_cache *cache,
                                              const struct document *document, uint32_t pattern)
{
    struct document *schema;
    struct buffer text = buffer_in(cache->arena);
    struct name_check *check;

    for (check = cache->names; check != NULL; check = check->next)
        if (check->pattern == pattern)
            return check;
    schema = ARENA_NEW(cache->arena, struct document);
    check = ARENA_NEW(cache->arena, struct name_check);
    *check = (struct name_check){.pattern = pattern, .next = cache->names};
    cache->names = check;
    buffer_put(&text, TEXT("{\"pattern\":"));
    json_put_string(&text, document_text(document, pattern));
    buffer_put_byte(&text, '}');
    if (json_read(buffer_text(&text), NULL, cache->arena, schema, NULL, NULL))
        check->schema = compile_document(cache, schema);
    return check;
}

bool demo_check_name(struct demo_leaf_cache *cache, const struct document *document,
                     uint32_t pattern, struct text name)
{
    const struct name_check *check = name_check_of(cache, document, pattern);
    struct arena scratch = {0};
    struct buffer json = buffer_in(&scratch);
    struct document instance;
    bool matches;

    json_put_string(&json, name);
    matches = check->schema != NULL &&
              json_read(buffer_text(&json), NULL, &scratch, &instance, NULL, NULL) &&
              schema_check(check->schema, &instance, 0, &scratch);
    arena_release(&scratch);
    return matches;
}
