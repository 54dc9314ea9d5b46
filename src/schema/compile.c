/* Nodes are made when something leads to them and filled one after another, so neither the nesting
 * of a schema nor its references cost recursion. */
#include "schema/compile.h"

#include "schema/append.h"
#include "schema/inspect.h"

/* Every reference of every schema; those of schemas found on the way as well. */
static void resolve_references(struct compiler *compiler)
{
    static const struct text keywords[] = {TEXT_INIT("$ref"), TEXT_INIT("$dynamicRef")};
    struct outline *outline = &compiler->outline;

    compiler->target_of = ARENA_ARRAY(compiler->scratch, uint32_t, compiler->document->count);
    for (size_t i = 0; i < outline->subschema_count; i++) {
        for (int k = 0; k < 2; k++) {
            struct subschema schema = outline->subschemas[i];
            uint32_t value = document_member(compiler->document, schema.cell, keywords[k]);
            struct target target;

            if (value == CELL_NONE ||
                document_cell(compiler->document, value)->type != CELL_STRING ||
                !reference_resolve(outline, schema.resource, value, &target))
                continue;
            *APPEND(compiler->scratch, compiler->targets, compiler->target_count,
                    compiler->target_room) = target;
            compiler->target_of[value] = (uint32_t)compiler->target_count;
            compiler->scoped = compiler->scoped || (k == 1 && target.anchor.len > 0);
        }
    }
}

/* What is being filled. */
struct filling {
    struct compiler *compiler;
    uint32_t schema, scope;
    struct instruction *plain;
    uint32_t count;
    struct members *members; /* made when the first keyword about them is met */
};

static uint32_t node_of_sibling(const struct filling *it, struct text keyword)
{
    uint32_t value = document_member(it->compiler->document, it->schema, keyword);

    return value == CELL_NONE ? NODE_NONE : compile_node(it->compiler, value, it->scope);
}

static uint32_t referred_node(const struct filling *it, uint32_t value, bool dynamic)
{
    const struct compiler *compiler = it->compiler;
    const struct target *target = &compiler->targets[compiler->target_of[value] - 1];
    uint32_t cell = target->cell, bound;

    if (dynamic && target->anchor.len > 0 &&
        scope_binds(&compiler->scopes[it->scope], target->anchor, &bound))
        cell = bound;
    return compile_node(it->compiler, cell, it->scope);
}

static struct condition *condition_of(const struct filling *it)
{
    struct condition *condition = ARENA_NEW(it->compiler->arena, struct condition);

    condition->then_node = node_of_sibling(it, TEXT("then"));
    condition->else_node = node_of_sibling(it, TEXT("else"));
    return condition;
}

static uint32_t prefix_length(const struct filling *it)
{
    uint32_t prefix = document_member(it->compiler->document, it->schema, TEXT("prefixItems"));

    return prefix == CELL_NONE ? 0 : document_cell(it->compiler->document, prefix)->size;
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
        to->types = types_of(compiler->document, to->cell);
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
        to->bound = bound_of(cell);
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
        to->pattern = pattern_compile(cell_text(cell), compiler->arena, &problem);
        return true;
    case KEYWORD_FORMAT:
        to->format = format_find(cell_text(cell));
        return to->format != FORMAT_NONE && !compiler->options->formats_annotate;
    case KEYWORD_UNIQUE_ITEMS:
        return cell->boolean;
    case KEYWORD_PREFIX_ITEMS:
    case KEYWORD_ALL_OF:
    case KEYWORD_ANY_OF:
    case KEYWORD_ONE_OF:
        to->alternatives = alternatives_of(compiler, to->cell, it->scope);
        return true;
    case KEYWORD_ITEMS:
        to->node = compile_node(compiler, to->cell, it->scope);
        to->first = prefix_length(it);
        return true;
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
    case KEYWORD_DYNAMIC_REF:
        to->node = referred_node(it, to->cell, to->keyword == KEYWORD_DYNAMIC_REF);
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
    uint32_t end = document_cell(document, it->schema)->end;

    for (uint32_t key = it->schema + 1; key < end; key = document_next(document, key + 1)) {
        enum keyword keyword = keyword_find(document_text(document, key));
        struct instruction *to = &it->plain[it->count];

        if (keyword == KEYWORD_NONE || is_unevaluated(keyword) != unevaluated)
            continue;
        *to = (struct instruction){.keyword = (uint8_t)keyword,
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
    compiler->nodes[index].plain_count = it.count;
}

static const struct schema *finish(struct compiler *compiler)
{
    struct schema *schema = ARENA_NEW(compiler->arena, struct schema);

    *schema = (struct schema){
        .document = compiler->document,
        .root = compiler->outline.root,
        .nodes = compiler->nodes,
        .node_count = (uint32_t)compiler->node_count,
        .code = compiler->code,
        .code_count = (uint32_t)compiler->code_count,
    };
    schema->root_name_count = root_names(schema, compiler->arena, &schema->root_names);
    return schema;
}

static const struct schema *compile(struct compiler *compiler, uint32_t root)
{
    size_t errors = compiler->diagnostics->error_count;

    outline_init(&compiler->outline, compiler->document, root, compiler->scratch,
                 compiler->diagnostics, compiler->options->formats_annotate);
    resolve_references(compiler);
    if (compiler->diagnostics->error_count > errors)
        return NULL;
    *APPEND(compiler->scratch, compiler->scopes, compiler->scope_count, compiler->scope_room) =
        (struct scope){0};
    compile_node(compiler, root, 0);
    for (uint32_t i = 0; i < compiler->node_count && !compiler->too_large; i++)
        fill_node(compiler, i);
    if (compiler->too_large || !compile_order(compiler))
        return NULL;
    compile_fast(compiler);
    return finish(compiler);
}

const struct schema *schema_compile_with(const struct document *document, uint32_t root,
                                         const struct schema_options *options, struct arena *arena,
                                         struct diagnostics *diagnostics)
{
    struct arena scratch = {0};
    struct compiler compiler = {
        .document = document,
        .arena = arena,
        .scratch = &scratch,
        .diagnostics = diagnostics,
        .options = options,
    };
    const struct schema *schema = compile(&compiler, root);

    arena_release(&scratch);
    return schema;
}

const struct schema *schema_compile(const struct document *document, uint32_t root,
                                    struct arena *arena, struct diagnostics *diagnostics)
{
    static const struct schema_options options = {0};

    return schema_compile_with(document, root, &options, arena, diagnostics);
}
