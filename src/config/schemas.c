/* Every file of schemas/ is compiled, used or not, so that a broken one is known before an endpoint
 * needs it; endpoints share what was compiled. All of them are read before any is compiled, because
 * they may refer to each other. Their URIs are their paths: a reference is relative to the file it
 * is in, one of a schema within an endpoint's file to the configuration folder. */
#include "config/load.h"

#include "base/buffer.h"
#include "config/value.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/place.h"
#include "schema/set.h"
#include "schema/uri.h"

static void compile(struct load *load, const struct document *document, uint32_t at,
                    struct schema_use *use)
{
    struct schema_options options = {.set = load->set, .limits = load->options->schema_limits};
    struct buffer compact = {0};

    use->document = document;
    use->at = at;
    use->lowered = ARENA_NEW(load->arena, struct lowered_use *);
    use->schema = schema_compile_with(document, at, &options, load->arena, load->diagnostics);
    use->refused = use->schema == NULL;
    if (use->schema != NULL)
        schema_put_source(use->schema, &compact);
    else
        json_put_cell(&compact, document, at);
    use->digest = load_sha256(load->arena, buffer_text(&compact));
    buffer_release(&compact);
}

static bool read_json(struct load *load, struct text path, struct text bytes, struct document *out)
{
    struct diagnostic *it;
    struct error err;
    size_t offset;

    if (json_read(bytes, NULL, load->arena, out, &offset, &err)) {
        out->file = path;
        return true;
    }
    it = diagnose_file(load->diagnostics, path, bytes, range_of_bytes(bytes, offset, offset + 1),
                       DIAGNOSTIC_E0002, "%s", err.message);
    diagnostic_hint(load->diagnostics, it, "%s", err.hint);
    return false;
}

/* A file that is there but cannot be used stays known as refused, and is complained of once; one
 * that is not there is missing wherever it is named. */
static struct schema_use *read_file(struct load *load, struct text path,
                                    const struct document *from, uint32_t cell)
{
    struct document *document = ARENA_NEW(load->arena, struct document);
    struct schema_use *use = ARENA_NEW(load->arena, struct schema_use);
    struct text bytes;

    use->refused = true;
    if (!load_bytes(load, path, from, cell, &bytes))
        return use;
    if (read_json(load, path, bytes, document))
        use->document = document;
    known_file_add(&load->schemas, load->arena, path, use);
    return use;
}

void load_schemas(struct load *load)
{
    const struct text *paths;
    size_t count;
    bool missing;

    load->set = schema_set_new(load->arena);
    load_listing(load, "schemas", ".json", NULL, &paths, &count, &missing);
    for (size_t i = 0; i < count; i++) {
        struct schema_use *use = read_file(load, paths[i], NULL, 0);

        if (use->document != NULL)
            schema_set_add(load->set, uri_of_path(paths[i], load->arena), use->document, 0);
    }
    for (size_t i = 0; i < load->schemas.count; i++) {
        struct schema_use *use = load->schemas.items[i].use;

        if (use->document != NULL)
            compile(load, use->document, 0, use);
    }
    load->schemas.sorted = load->schemas.count;
}

bool load_schema(struct load *load, const struct document *document, uint32_t at,
                 struct schema_use *out)
{
    struct schema_use *use;
    struct text path;

    if (document_cell(document, at)->type != CELL_STRING) {
        compile(load, document, at, out);
        return !out->refused;
    }
    *out = (struct schema_use){.refused = true};
    if (!load_path(load, document, at, &path))
        return false;
    use = known_file(&load->schemas, path);
    if (use == NULL && !text_ends(path, TEXT(".json"))) {
        struct text shown = value_shown(load->diagnostics->arena, path);
        struct diagnostic *it =
            diagnose(load->diagnostics, document, at, DIAGNOSTIC_E0206,
                     "\"%.*s\" is not the path of a JSON file", TEXT_ARG(shown));

        diagnostic_hint(load->diagnostics, it,
                        "write schemas/name.json, or put the schema itself here as a mapping");
        return false;
    }
    if (use == NULL) {
        use = read_file(load, path, document, at);
        if (use->document != NULL)
            compile(load, use->document, 0, use);
    }
    *out = *use;
    return !out->refused;
}
