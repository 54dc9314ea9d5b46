/* The part before '#' picks a resource by its URI, the fragment a place in it: a JSON Pointer or an
 * anchor. A pointer is followed step by step, so that what it crosses is known: another resource
 * changes the base of what is found, and the step that fails is what the author is told. */
#include "schema/reference.h"

#include "base/buffer.h"
#include "schema/metaschema.h"
#include "schema/set.h"
#include "schema/uri.h"

struct seeking {
    struct outline *outline;
    uint32_t value;      /* the reference */
    uint32_t resource;   /* where the last step led */
    struct text written; /* the whole reference */
};

static struct diagnostic *leads_nowhere(const struct seeking *it)
{
    return OUTLINE_SAY(it->outline, it->value, DIAGNOSTIC_E0202,
                       "the reference '%.*s' leads nowhere", TEXT_ARG(text_cut(it->written, 200)));
}

/* A URI as the author would write it: without what it has in common with the base. */
static struct text near_reference(const struct seeking *it, struct text uri)
{
    struct text base = it->outline->resources[it->resource].uri;
    struct uri parts = uri_split(it->written);
    size_t folder = base.len;

    while (folder > 0 && base.at[folder - 1] != '/')
        folder--;
    if (!parts.has_scheme && folder > 0 && text_starts(uri, text_first(base, folder)) &&
        uri.len > folder)
        return text_after(uri, folder);
    return uri;
}

/* Tells that the resource is unknown; with what is known. */
static bool no_resource(const struct seeking *it, struct text uri)
{
    struct outline *outline = it->outline;
    struct text *names = ARENA_ARRAY(outline->arena, struct text, outline->resource_count);
    struct diagnostic *said = leads_nowhere(it);
    struct text near;

    for (size_t i = 0; i < outline->resource_count; i++)
        names[i] = outline->resources[i].uri;
    near = uri_nearest(uri, names, outline->resource_count);
    if (near.len == 0 && !outline->limits->closed)
        near = schema_set_nearest(outline->options->set, uri);
    if (near.len == 0 && !outline->limits->closed)
        near = metaschema_nearest(uri);
    if (near.len > 0)
        diagnostic_hint(outline->diagnostics, said, "did you mean '%.*s'?",
                        TEXT_ARG(near_reference(it, near)));
    else if (outline->options->set != NULL && text_equal(uri, it->written))
        diagnostic_hint(
            outline->diagnostics, said,
            "no schema with that '$id' is known here, and nothing is fetched: put it into "
            "the folder of schemas (schemas/ in a configuration)");
    else if (outline->options->set != NULL)
        diagnostic_hint(outline->diagnostics, said,
                        "it means '%.*s', which is none of the schemas known here: they refer to "
                        "each other within the folder of schemas (schemas/ in a configuration)",
                        TEXT_ARG(text_cut(uri, 150)));
    else
        diagnostic_hint(outline->diagnostics, said,
                        "nothing outside this schema is read: put that schema into '$defs' and "
                        "refer to '#/$defs/...'");
    return false;
}

static bool no_anchor(const struct seeking *it, struct text name)
{
    struct outline *outline = it->outline;
    struct text *names = ARENA_ARRAY(outline->arena, struct text, outline->anchor_count);
    struct diagnostic *said = leads_nowhere(it);
    struct text near;
    size_t count = 0;

    for (size_t i = 0; i < outline->anchor_count; i++) {
        if (outline->anchors[i].resource == it->resource)
            names[count++] = outline->anchors[i].name;
    }
    near = nearest_name(name, names, count);
    if (near.len > 0)
        diagnostic_hint(outline->diagnostics, said, "did you mean '#%.*s'?", TEXT_ARG(near));
    else
        diagnostic_hint(outline->diagnostics, said,
                        count == 0 ? "this schema has no '$anchor'; a JSON Pointer begins '#/'"
                                   : "no '$anchor' of that name is in this schema");
    return false;
}

enum { NAMES_TOLD = 8 };

/* Tells what there is at the place where a pointer's step failed. */
static bool no_step(const struct seeking *it, uint32_t cell, struct text token)
{
    struct outline *outline = it->outline;
    const struct document *document = outline->document;
    const struct cell *here = document_cell(document, cell);
    struct text place = outline_location(outline, cell), near;
    struct diagnostic *said = leads_nowhere(it);
    struct buffer list = buffer_in(outline->arena);
    struct text names[64];
    size_t count = 0;

    if (here->type != CELL_OBJECT) {
        diagnostic_hint(outline->diagnostics, said, "'%.*s' is the last place there is on that way",
                        TEXT_ARG(place));
        return false;
    }
    for (uint32_t key = cell + 1; key < here->end && count < 64;
         key = document_next(document, key + 1))
        names[count++] = document_text(document, key);
    near = nearest_name(token, names, count);
    if (near.len > 0) {
        diagnostic_hint(outline->diagnostics, said, "did you mean '%.*s/%.*s'?", TEXT_ARG(place),
                        TEXT_ARG(near));
        return false;
    }
    for (size_t i = 0; i < count && i < NAMES_TOLD; i++)
        buffer_printf(&list, "%s'%.*s'", i ? ", " : "", TEXT_ARG(text_cut(names[i], 40)));
    diagnostic_hint(outline->diagnostics, said,
                    "add '%.*s' to '%.*s', or refer to what is there: it has %.*s%s",
                    TEXT_ARG(text_cut(token, 40)), TEXT_ARG(place),
                    TEXT_ARG(count > 0 ? buffer_text(&list) : TEXT("no members")),
                    count > NAMES_TOLD ? " and more" : "");
    return false;
}

/* ~1 is / and ~0 is ~, in that order. */
static struct text unescape(struct text token, struct arena *arena)
{
    struct buffer out = buffer_in(arena);

    for (size_t i = 0; i < token.len; i++) {
        char next = i + 1 < token.len ? token.at[i + 1] : '\0';

        if (token.at[i] == '~' && (next == '0' || next == '1')) {
            buffer_put_byte(&out, next == '0' ? '~' : '/');
            i++;
        } else {
            buffer_put_byte(&out, token.at[i]);
        }
    }
    return buffer_text(&out);
}

static void index_members(const struct document *document, struct member_index *index,
                          uint32_t object, struct arena *arena)
{
    const struct cell *cell = document_cell(document, object);

    *index = (struct member_index){.object = object, .mask = 127};
    while (index->mask < cell->size * 2)
        index->mask = index->mask * 2 + 1;
    index->places = ARENA_ARRAY(arena, uint32_t, (size_t)index->mask + 1);
    for (uint32_t key = object + 1; key < cell->end; key = document_next(document, key + 1)) {
        uint32_t place = (uint32_t)text_hash(document_text(document, key)) & index->mask;

        while (index->places[place] != 0)
            place = (place + 1) & index->mask;
        index->places[place] = key;
    }
}

static const struct member_index *index_of(struct outline *outline, uint32_t object)
{
    struct member_index *index;

    for (size_t i = 0; i < MEMBER_INDEXES; i++) {
        if (outline->indexes[i].places != NULL && outline->indexes[i].object == object)
            return &outline->indexes[i];
    }
    index = &outline->indexes[outline->next_index++ % MEMBER_INDEXES];
    index_members(outline->document, index, object, outline->arena);
    return index;
}

static uint32_t find_member(struct outline *outline, uint32_t object, struct text name)
{
    const struct document *document = outline->document;
    const struct cell *cell = document_cell(document, object);
    const struct member_index *index;
    uint32_t place;

    if (cell->type != CELL_OBJECT || cell->size <= MEMBERS_SEARCHED)
        return document_member(document, object, name);
    index = index_of(outline, object);
    place = (uint32_t)text_hash(name) & index->mask;
    for (; index->places[place] != 0; place = (place + 1) & index->mask) {
        if (text_equal(document_text(document, index->places[place]), name))
            return index->places[place] + 1;
    }
    return CELL_NONE;
}

static uint32_t step(struct outline *outline, uint32_t cell, struct text name, struct text escaped)
{
    const struct document *document = outline->document;

    if (document_cell(document, cell)->type == CELL_ARRAY) {
        char pointer[16] = "/";

        if (escaped.len == 0 || escaped.len > sizeof pointer - 1)
            return CELL_NONE;
        memcpy(pointer + 1, escaped.at, escaped.len);
        return document_at(document, cell, (struct text){pointer, escaped.len + 1});
    }
    return find_member(outline, cell, name);
}

static bool follow_pointer(struct seeking *it, struct text pointer, uint32_t *out_cell)
{
    struct outline *outline = it->outline;
    uint32_t cell = outline->resources[it->resource].cell;

    while (pointer.len > 0) {
        const struct subschema *crossed;
        struct text token, name;
        uint32_t next;

        pointer = text_after(pointer, 1);
        token = text_first(pointer, text_find_byte(pointer, '/'));
        pointer = text_after(pointer, token.len);
        name = unescape(token, outline->arena);
        next = step(outline, cell, name, token);
        if (next == CELL_NONE)
            return no_step(it, cell, name);
        cell = next;
        crossed = outline_at(outline, cell);
        if (crossed != NULL)
            it->resource = crossed->resource;
    }
    *out_cell = cell;
    return true;
}

/* Makes sure that the target is a schema. */
static bool arrive(const struct seeking *it, uint32_t cell)
{
    struct outline *outline = it->outline;
    enum cell_type type = document_cell(outline->document, cell)->type;

    if (outline_at(outline, cell) != NULL)
        return true;
    if (type != CELL_OBJECT && type != CELL_BOOLEAN) {
        OUTLINE_SAY(outline, it->value, DIAGNOSTIC_E0202,
                    "the reference '%.*s' leads to something that is no schema (%s)",
                    TEXT_ARG(text_cut(it->written, 200)), cell_type_name(type));
        return false;
    }
    outline_extend(outline, cell, it->resource);
    return outline_at(outline, cell) != NULL;
}

static bool find_resource(struct seeking *it, struct text reference)
{
    struct outline *outline = it->outline;
    struct text uri = uri_resolve(outline->resources[it->resource].uri, reference, outline->arena);
    uint32_t resource = outline_reach(outline, uri, it->value);

    if (resource == RESOURCE_NONE)
        return no_resource(it, uri);
    it->resource = resource;
    return true;
}

/* `$recursiveRef` is '#', whose target is dynamic if that resource says `$recursiveAnchor`. */
static bool resolve_recursive(const struct outline *outline, const struct seeking *it,
                              struct target *out)
{
    out->cell = outline->resources[it->resource].cell;
    out->dynamic = outline_anchor(outline, it->resource, TEXT("")) != NULL;
    return outline_at(outline, out->cell) != NULL;
}

bool reference_resolve(struct outline *outline, uint32_t resource, uint32_t value,
                       enum keyword keyword, struct target *out)
{
    struct seeking it = {outline, value, resource, document_text(outline->document, value)};
    struct uri uri = uri_split(it.written);
    const struct anchor *anchor;
    struct text fragment;

    *out = (struct target){0};
    if (text_find_byte(it.written, '#') > 0 && !find_resource(&it, it.written))
        return false;
    if (!uri_decode(uri.fragment, outline->arena, &fragment)) {
        diagnostic_hint(outline->diagnostics, leads_nowhere(&it),
                        "its fragment is not percent-encoded UTF-8");
        return false;
    }
    if (fragment.len > 0 && fragment.at[0] != '/') {
        anchor = outline_anchor(outline, it.resource, fragment);
        if (anchor == NULL)
            return no_anchor(&it, fragment);
        out->cell = anchor->cell;
        out->dynamic = anchor->dynamic;
        out->anchor = anchor->name;
        return true;
    }
    if (keyword == KEYWORD_RECURSIVE_REF && fragment.len == 0)
        return resolve_recursive(outline, &it, out);
    return follow_pointer(&it, fragment, &out->cell) && arrive(&it, out->cell);
}
