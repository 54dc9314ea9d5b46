/* What an endpoint was made of: its own file, its routing, its schemas and those that they refer
 * to, and the partials that its prompts put in. So its history can keep it, and it can be made
 * again from that alone. */
#include "config/load.h"

#include "base/check.h"
#include "render/partials.h"
#include "schema/set.h"
#include "schema/uri.h"

enum { SOURCES_MAX = 4096 };

struct sources {
    struct load *load;
    struct history_file *items;
    size_t count, room;
};

static void follow(struct sources *sources, const struct document *document, uint32_t at,
                   struct text base);

/* False when it is there already. */
static bool add(struct sources *sources, const struct document *document)
{
    struct arena *arena = sources->load->arena;

    for (size_t i = 0; i < sources->count; i++)
        if (text_equal(sources->items[i].path, document->file))
            return false;
    if (sources->count == SOURCES_MAX)
        return false;
    if (sources->count == sources->room) {
        size_t wider = sources->room ? sources->room * 2 : 4;

        sources->items = arena_grow(arena, sources->items, sources->room * sizeof *sources->items,
                                    wider * sizeof *sources->items);
        sources->room = wider;
    }
    sources->items[sources->count++] =
        (struct history_file){.path = document->file, .bytes = document->source};
    return true;
}

static void add_schema(struct sources *sources, const struct document *document)
{
    if (add(sources, document))
        follow(sources, document, 0, uri_of_path(document->file, sources->load->arena));
}

static void follow_reference(struct sources *sources, struct text reference, struct text base)
{
    struct load *load = sources->load;
    struct text uri = uri_resolve(base, reference, load->arena);
    const struct set_schema *found = schema_set_find(load->set, uri);

    if (found == NULL)
        found = schema_set_find_within(load->set, uri);
    if (found != NULL)
        add_schema(sources, found->document);
}

/* What looks like a reference but stands in a constant does no harm. */
static void follow_object(struct sources *sources, const struct document *document, uint32_t at,
                          struct text base)
{
    uint32_t id = document_member(document, at, TEXT("$id")), value = at + 2;

    if (id != CELL_NONE && document_cell(document, id)->type == CELL_STRING)
        base = uri_resolve(base, document_text(document, id), sources->load->arena);
    for (uint32_t i = 0; i < document_cell(document, at)->size; i++) {
        struct text name = document_text(document, key_of(value));

        if (document_cell(document, value)->type == CELL_STRING &&
            (text_equal(name, TEXT("$ref")) || text_equal(name, TEXT("$dynamicRef"))))
            follow_reference(sources, document_text(document, value), base);
        else
            follow(sources, document, value, base);
        value = document_next(document, value) + 1;
    }
}

/* As deep as documents are. */
static void follow(struct sources *sources, const struct document *document, uint32_t at,
                   struct text base)
{
    const struct cell *cell = document_cell(document, at);

    if (cell->type == CELL_OBJECT)
        follow_object(sources, document, at, base);
    if (cell->type != CELL_ARRAY)
        return;
    for (uint32_t item = at + 1; item < cell->end; item = document_next(document, item))
        follow(sources, document, item, base);
}

static void add_use(struct sources *sources, const struct document *own,
                    const struct schema_use *use)
{
    if (use->document == NULL)
        return;
    if (use->document == own)
        follow(sources, own, use->at, (struct text){0});
    else
        add_schema(sources, use->document);
}

static void add_partials(struct sources *sources, const struct template *template)
{
    for (size_t i = 0; i < template->partial_count; i++)
        add(sources, template->partials[i]->origin.document);
}

static void digest(struct sources *sources, unsigned char out[HISTORY_DIGEST_BYTES])
{
    EVP_MD_CTX *all = EVP_MD_CTX_new();

    CHECK(all != NULL && EVP_DigestInit_ex(all, EVP_sha256(), NULL) == 1);
    for (size_t i = 0; i < sources->count; i++) {
        struct history_file *file = &sources->items[i];

        CHECK(EVP_Digest(file->bytes.at, file->bytes.len, file->digest, NULL, EVP_sha256(), NULL) ==
              1);
        CHECK(EVP_DigestUpdate(all, file->path.at, file->path.len) == 1);
        CHECK(EVP_DigestUpdate(all, "", 1) == 1);
        CHECK(EVP_DigestUpdate(all, file->digest, sizeof file->digest) == 1);
    }
    CHECK(EVP_DigestFinal_ex(all, out, NULL) == 1);
    EVP_MD_CTX_free(all);
}

void load_sources(struct load *load, const struct document *document,
                  const struct endpoint_parts *parts, struct endpoint *endpoint)
{
    struct sources sources = {.load = load};

    add(&sources, document);
    if (parts->routing != NULL && parts->routing->document != document)
        add(&sources, parts->routing->document);
    add_use(&sources, document, &parts->input);
    add_use(&sources, document, &parts->output);
    add_partials(&sources, &endpoint->system);
    add_partials(&sources, &endpoint->template);
    digest(&sources, endpoint->files_digest);
    endpoint->files = sources.items;
    endpoint->file_count = sources.count;
}
