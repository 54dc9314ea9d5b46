/* Nodes are made when something leads to them and filled one after another, so neither the nesting
 * of a schema nor its references cost recursion. */
#include "schema/compile.h"

#include "schema/append.h"
#include "schema/content.h"
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

/* What is being filled. */
struct filling {
    struct compiler *compiler;
    uint32_t schema, scope;
    struct instruction *plain;
    uint32_t count;
    struct members *members; /* made when the first keyword about them is met */
};

static uint32_t node_of_sibling(const struct filling *it, enum keyword keyword)
{
    uint32_t value = outline_value(&it->compiler->outline, it->schema, keyword);

    return value == CELL_NONE ? NODE_NONE : compile_node(it->compiler, value, it->scope);
}

static uint32_t referred_node(const struct filling *it, uint32_t value, bool dynamic)
{
    const struct compiler *compiler = it->compiler;
    const struct target *target = &compiler->targets[compiler->target_of[value] - 1];
    uint32_t cell = target->cell, bound;

    if (dynamic && target->dynamic &&
        scope_binds(&compiler->scopes[it->scope], target->anchor, &bound))
        cell = bound;
    return compile_node(it->compiler, cell, it->scope);
}

static struct condition *condition_of(const struct filling *it)
{
    struct condition *condition = ARENA_NEW(it->compiler->arena, struct condition);

    condition->then_node = node_of_sibling(it, KEYWORD_THEN);
    condition->else_node = node_of_sibling(it, KEYWORD_ELSE);
    return condition;
}

static uint32_t prefix_length(const struct filling *it)
{
    uint32_t prefix = outline_value(&it->compiler->outline, it->schema, KEYWORD_PREFIX_ITEMS);

    return prefix == CELL_NONE ? 0 : document_cell(it->compiler->document, prefix)->size;
}

static void fill_rest_of_items(const struct filling *it, struct instruction *to, uint32_t first)
{
    to->keyword = KEYWORD_ITEMS;
    to->node = compile_node(it->compiler, to->cell, it->scope);
    to->first = first;
}

/* Until 2019-09 `items` may be an array, for the first items; only then is there a rest. */
static void fill_old_items(const struct filling *it, struct instruction *to)
{
    if (document_cell(it->compiler->document, to->cell)->type == CELL_ARRAY) {
        to->keyword = KEYWORD_PREFIX_ITEMS;
        to->alternatives = alternatives_of(it->compiler, to->cell, it->scope);
    } else {
        fill_rest_of_items(it, to, 0);
    }
}

static bool fill_additional_items(const struct filling *it, struct instruction *to)
{
    uint32_t items = outline_value(&it->compiler->outline, it->schema, KEYWORD_OLD_ITEMS);

    if (items == CELL_NONE || document_cell(it->compiler->document, items)->type != CELL_ARRAY)
        return false;
    fill_rest_of_items(it, to, document_cell(it->compiler->document, items)->size);
    return true;
}

/* In draft-04 a bound is exclusive if a keyword beside it says true. */
static void fill_bound(const struct filling *it, struct instruction *to)
{
    enum keyword flag = to->keyword == KEYWORD_MINIMUM   ? KEYWORD_OLD_EXCLUSIVE_MINIMUM
                        : to->keyword == KEYWORD_MAXIMUM ? KEYWORD_OLD_EXCLUSIVE_MAXIMUM
                                                         : KEYWORD_NONE;
    uint32_t value =
        flag == KEYWORD_NONE ? CELL_NONE : outline_value(&it->compiler->outline, it->schema, flag);

    if (value != CELL_NONE && document_cell(it->compiler->document, value)->boolean)
        to->keyword = to->shown =
            to->keyword == KEYWORD_MINIMUM ? KEYWORD_EXCLUSIVE_MINIMUM : KEYWORD_EXCLUSIVE_MAXIMUM;
    to->bound = bound_of(document_cell(it->compiler->document, to->cell));
}

static void fill_type(const struct filling *it, struct instruction *to)
{
    to->types = types_of(it->compiler->document, to->cell);
    to->written = outline_dialect(&it->compiler->outline, it->schema)->draft == DRAFT_4 &&
                  (to->types & KIND_BIT(CELL_NUMBER)) == 0;
}

/* What cannot be decoded here is not looked into. */
static bool fill_content(const struct filling *it, struct instruction *to)
{
    const struct document *document = it->compiler->document;
    uint32_t encoding = outline_value(&it->compiler->outline, it->schema, KEYWORD_CONTENT_ENCODING);
    unsigned coded =
        encoding == CELL_NONE ? 0 : content_encoding(document_text(document, encoding));
    unsigned type = to->keyword == KEYWORD_CONTENT_MEDIA_TYPE
                        ? content_media_type(document_text(document, to->cell))
                        : 0;

    if (to->keyword == KEYWORD_CONTENT_MEDIA_TYPE &&
        (type == 0 || (encoding != CELL_NONE && coded == 0)))
        return false;
    to->content = (uint8_t)(coded | type);
    return to->content != 0;
}

/* Whether `format` is checked. */
static bool formats_assert(const struct filling *it)
{
    switch (it->compiler->options->formats) {
    case FORMATS_ASSERT:
        return true;
    case FORMATS_BY_DIALECT:
        return outline_dialect(&it->compiler->outline, it->schema)->formats_assert;
    default:
        return false;
    }
}

static struct members *shared_members(struct filling *it)
{
    if (it->members == NULL)
        it->members = members_of(it->compiler, it->schema, it->scope);
    return it->members;
}

/* Fills one instruction; false when the keyword asserts nothing. */
static bool fill_instruction(struct filling *it, struct instruction *to)
{
    struct compiler *compiler = it->compiler;
    const struct cell *cell = document_cell(compiler->document, to->cell);
    struct pattern_problem problem;

    switch ((enum keyword)to->keyword) {
    case KEYWORD_TYPE:
        fill_type(it, to);
        return true;
    case KEYWORD_ENUM:
        to->choice = choice_of_array(compiler, to->cell);
        return true;
    case KEYWORD_CONST:
        to->choice = choice_of_value(compiler, to->cell);
        return true;
    case KEYWORD_MULTIPLE_OF:
    case KEYWORD_MINIMUM:
    case KEYWORD_EXCLUSIVE_MINIMUM:
    case KEYWORD_MAXIMUM:
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        fill_bound(it, to);
        return true;
    case KEYWORD_MIN_LENGTH:
    case KEYWORD_MAX_LENGTH:
    case KEYWORD_MIN_ITEMS:
    case KEYWORD_MAX_ITEMS:
    case KEYWORD_MIN_PROPERTIES:
    case KEYWORD_MAX_PROPERTIES:
        to->count = count_of(cell);
        return true;
    case KEYWORD_PATTERN:
        to->pattern = outline_pattern(&compiler->outline, to->cell, compiler->arena, &problem);
        return true;
    case KEYWORD_FORMAT:
        to->format = format_find(
            cell_text(cell), (enum draft)outline_dialect(&compiler->outline, it->schema)->draft);
        return to->format != FORMAT_NONE && formats_assert(it);
    case KEYWORD_CONTENT_ENCODING:
    case KEYWORD_CONTENT_MEDIA_TYPE:
        return compiler->options->content_asserts && fill_content(it, to);
    case KEYWORD_UNIQUE_ITEMS:
        return cell->boolean;
    case KEYWORD_PREFIX_ITEMS:
    case KEYWORD_ALL_OF:
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
        to->alternatives = alternatives_of(compiler, to->cell, it->scope);
        return true;
    case KEYWORD_ITEMS:
        fill_rest_of_items(it, to, prefix_length(it));
        return true;
    case KEYWORD_OLD_ITEMS:
        fill_old_items(it, to);
        return true;
    case KEYWORD_ADDITIONAL_ITEMS:
        return fill_additional_items(it, to);
    case KEYWORD_CONTAINS:
        to->node = compile_node(compiler, to->cell, it->scope);
        to->containment = containment_of(compiler, it->schema);
        return true;
    case KEYWORD_PROPERTIES:
    case KEYWORD_PATTERN_PROPERTIES:
    case KEYWORD_ADDITIONAL_PROPERTIES:
    case KEYWORD_PROPERTY_NAMES:
    case KEYWORD_REQUIRED:
        to->members = shared_members(it);
        return true;
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
        to->dependencies = dependencies_of(compiler, to->cell, it->scope);
        return true;
    case KEYWORD_NOT:
    case KEYWORD_UNEVALUATED_ITEMS:
    case KEYWORD_UNEVALUATED_PROPERTIES:
        to->node = compile_node(compiler, to->cell, it->scope);
        return true;
    case KEYWORD_IF:
        to->node = compile_node(compiler, to->cell, it->scope);
        to->condition = condition_of(it);
        return true;
    case KEYWORD_REF:
        if (cell->type != CELL_STRING)
            return false;
        to->node = referred_node(it, to->cell, false);
        return true;
    case KEYWORD_DYNAMIC_REF:
    case KEYWORD_RECURSIVE_REF:
        to->keyword = KEYWORD_DYNAMIC_REF;
        to->node = referred_node(it, to->cell, true);
        return true;
    default:
        return false;
    }
}

static bool is_unevaluated(enum keyword keyword)
{
    return keyword == KEYWORD_UNEVALUATED_ITEMS || keyword == KEYWORD_UNEVALUATED_PROPERTIES;
}

/* In reading order; what asks for the leavings of the others runs last. */
static void fill_keywords(struct filling *it, bool unevaluated)
{
    const struct document *document = it->compiler->document;
    const struct dialect *dialect = outline_dialect(&it->compiler->outline, it->schema);
    bool only_reference = outline_is_reference(document, it->schema, dialect);
    uint32_t end = document_cell(document, it->schema)->end;

    for (uint32_t key = it->schema + 1; key < end; key = document_next(document, key + 1)) {
        enum keyword keyword = keyword_find(document_text(document, key), dialect);
        struct instruction *to = &it->plain[it->count];

        if (keyword == KEYWORD_NONE || is_unevaluated(keyword) != unevaluated ||
            (only_reference && keyword != KEYWORD_REF))
            continue;
        *to = (struct instruction){.keyword = (uint8_t)keyword,
                                   .shown = (uint8_t)keyword,
                                   .kinds = keyword_row(keyword)->kinds,
                                   .cell = key + 1,
                                   .node = NODE_NONE};
        it->count += fill_instruction(it, to);
    }
}

static void fill_node(struct compiler *compiler, uint32_t index)
{
    uint32_t schema = compiler->nodes[index].cell;
    const struct cell *cell = document_cell(compiler->document, schema);
    struct filling it = {
        .compiler = compiler, .schema = schema, .scope = compiler->node_scope[index]};
    uint32_t before;

    if (cell->type == CELL_BOOLEAN) {
        it.plain = ARENA_NEW(compiler->arena, struct instruction);
        *it.plain = (struct instruction){
            .keyword = KEYWORD_NONE, .kinds = KINDS_ANY, .cell = schema, .node = NODE_NONE};
        it.count = !cell->boolean;
    } else {
        it.plain = ARENA_ARRAY(compiler->arena, struct instruction, cell->size + 1);
        fill_keywords(&it, false);
        before = it.count;
        fill_keywords(&it, true);
        compiler->nodes[index].tracks = it.count > before;
    }
    compiler->nodes[index].plain = it.plain;
    compiler->nodes[index].members = it.members;
    compiler->nodes[index].plain_count = it.count;
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
