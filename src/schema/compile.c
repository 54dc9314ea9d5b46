/* The steps of a compilation in their order, and what is kept when it ends. */
#include "schema/compile.h"

#include "schema/append.h"
#include "schema/inspect.h"
#include "schema/set.h"
#include "schema/uri.h"

static void resolve_reference(struct compiler *compiler, struct subschema schema,
                              enum keyword keyword)
{
    struct outline *outline = &compiler->outline;
    uint32_t value = outline_value(outline, schema.cell, keyword);
    struct target target;

    if (value == CELL_NONE || document_cell(outline->document, value)->type != CELL_STRING ||
        !reference_resolve(outline, schema.resource, value, keyword, &target))
        return;
    target.value = value;
    *APPEND(compiler->scratch, compiler->targets, compiler->target_count, compiler->target_room) =
        target;
    compiler->scoped = compiler->scoped || (keyword != KEYWORD_REF && target.dynamic);
}

/* Every reference of every schema; those of schemas found on the way as well. */
static void resolve_references(struct compiler *compiler)
{
    struct outline *outline = &compiler->outline;

    for (size_t i = 0; i < outline->subschema_count && !outline_is_late(outline); i++) {
        resolve_reference(compiler, outline->subschemas[i], KEYWORD_REF);
        resolve_reference(compiler, outline->subschemas[i], KEYWORD_DYNAMIC_REF);
        resolve_reference(compiler, outline->subschemas[i], KEYWORD_RECURSIVE_REF);
    }
    compiler->document = outline->document;
    compiler->target_of = ARENA_ARRAY(compiler->scratch, uint32_t, compiler->document->count);
    for (size_t i = 0; i < compiler->target_count; i++)
        compiler->target_of[compiler->targets[i].value] = (uint32_t)i + 1;
}

/* The cells outlive the compilation. */
static const struct document *keep_cells(struct compiler *compiler)
{
    struct document *kept = ARENA_NEW(compiler->arena, struct document);
    struct cell *cells;

    *kept = *compiler->outline.document;
    if (compiler->outline.part_count > 1) {
        cells = ARENA_ARRAY(compiler->arena, struct cell, kept->count);
        memcpy(cells, kept->cells, kept->count * sizeof *cells);
        kept->cells = cells;
    }
    return kept;
}

static void keep_places(const struct compiler *compiler, struct schema *schema)
{
    const struct outline *outline = &compiler->outline;
    struct schema_part *parts =
        ARENA_ARRAY(compiler->arena, struct schema_part, outline->part_count);
    struct schema_resource *resources =
        ARENA_ARRAY(compiler->arena, struct schema_resource, outline->resource_count);

    memcpy(parts, outline->parts, outline->part_count * sizeof *parts);
    for (size_t i = 0; i < outline->part_count; i++)
        parts[i].uri = arena_copy(compiler->arena, parts[i].uri);
    for (size_t i = 0; i < outline->resource_count; i++)
        resources[i] = (struct schema_resource){
            .uri = arena_copy(compiler->arena, outline->resources[i].uri),
            .cell = outline->resources[i].cell,
            .dialect = {.draft = outline->resources[i].dialect.draft,
                        .vocabularies = outline->resources[i].dialect.vocabularies},
        };
    schema->parts = parts;
    schema->part_count = (uint32_t)outline->part_count;
    schema->resources = resources;
    schema->resource_count = (uint32_t)outline->resource_count;
}

static const struct schema *finish(struct compiler *compiler)
{
    struct schema *schema = ARENA_NEW(compiler->arena, struct schema);

    *schema = (struct schema){
        .document = compiler->document,
        .root = compiler->nodes[0].cell,
        .nodes = compiler->nodes,
        .node_count = (uint32_t)compiler->node_count,
        .code = compiler->code,
        .entries = compiler->entries,
        .code_count = (uint32_t)compiler->code_count,
        .check_steps = compiler->outline.limits->check_steps,
    };
    keep_places(compiler, schema);
    schema->root_name_count = root_names(schema, compiler->arena, &schema->root_names);
    return schema;
}

static const struct schema *compile(struct compiler *compiler, const struct document *document,
                                    uint32_t root)
{
    size_t errors = compiler->diagnostics->error_count;
    struct text uri = compiler->options->uri;

    if (uri.len == 0 && root == 0)
        uri = uri_of_path(document->file, compiler->scratch);
    outline_init(&compiler->outline, document, root, uri, compiler->options, compiler->scratch,
                 compiler->diagnostics);
    if (!compiler->outline.too_large && !compiler->outline.late) {
        resolve_references(compiler);
        conform_to_metaschemas(compiler);
    }
    if (outline_error_count(&compiler->outline) > errors)
        return NULL;
    compiler->document = keep_cells(compiler);
    *APPEND(compiler->scratch, compiler->scopes, compiler->scope_count, compiler->scope_room) =
        (struct scope){0};
    compile_node(compiler, root, 0);
    for (uint32_t i = 0;
         i < compiler->node_count && !compiler->too_large && !outline_is_late(&compiler->outline);
         i++)
        fill_node(compiler, i);
    if (compiler->too_large || compiler->outline.late || !compile_order(compiler))
        return NULL;
    compile_fast(compiler);
    if (compiler->outline.late)
        return NULL;
    warn_of_weight(compiler);
    return finish(compiler);
}

const struct schema *schema_compile_with(const struct document *document, uint32_t root,
                                         const struct schema_options *options, struct arena *arena,
                                         struct diagnostics *diagnostics)
{
    struct arena scratch = {0};
    struct compiler compiler = {
        .arena = arena,
        .scratch = &scratch,
        .diagnostics = diagnostics,
        .options = options,
    };
    const struct schema *schema = compile(&compiler, document, root);

    if (schema == NULL)
        outline_settle(&compiler.outline);
    arena_release(&scratch);
    return schema;
}

const struct schema *schema_compile(const struct document *document, uint32_t root,
                                    struct arena *arena, struct diagnostics *diagnostics)
{
    static const struct schema_options options = {0};

    return schema_compile_with(document, root, &options, arena, diagnostics);
}

const struct schema *schema_set_compile(const struct schema_set *set, struct text uri,
                                        const struct schema_options *options, struct arena *arena,
                                        struct diagnostics *diagnostics)
{
    const struct set_schema *found = schema_set_find(set, uri);
    struct schema_options with = options != NULL ? *options : (struct schema_options){0};

    if (found == NULL) {
        diagnose_file(diagnostics, uri, (struct text){0}, (struct range){0}, DIAGNOSTIC_E0202,
                      "no schema is known as '%.*s'", TEXT_ARG(text_cut(uri, 200)));
        return NULL;
    }
    with.set = set;
    with.uri = found->uri;
    return schema_compile_with(found->document, found->root, &with, arena, diagnostics);
}
