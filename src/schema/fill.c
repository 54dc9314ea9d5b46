/* The plain program of a node: an instruction for each keyword that asserts something. Nodes that
 * it leads to are made when they are met and filled later, so neither the nesting of a schema nor
 * its references cost recursion. */
#include "schema/compile.h"

#include "schema/content.h"

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

static bool fill_items(struct filling *it, struct instruction *to)
{
    fill_rest_of_items(it, to, prefix_length(it));
    return true;
}

/* Until 2019-09 `items` may be an array, for the first items; only then is there a rest. */
static bool fill_old_items(struct filling *it, struct instruction *to)
{
    if (document_cell(it->compiler->document, to->cell)->type == CELL_ARRAY) {
        to->keyword = KEYWORD_PREFIX_ITEMS;
        to->alternatives = alternatives_of(it->compiler, to->cell, it->scope);
    } else {
        fill_rest_of_items(it, to, 0);
    }
    return true;
}

static bool fill_additional_items(struct filling *it, struct instruction *to)
{
    uint32_t items = outline_value(&it->compiler->outline, it->schema, KEYWORD_OLD_ITEMS);

    if (items == CELL_NONE || document_cell(it->compiler->document, items)->type != CELL_ARRAY)
        return false;
    fill_rest_of_items(it, to, document_cell(it->compiler->document, items)->size);
    return true;
}

/* In draft-04 a bound is exclusive if a keyword beside it says true. */
static bool fill_bound(struct filling *it, struct instruction *to)
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
    return true;
}

static bool fill_type(struct filling *it, struct instruction *to)
{
    to->types = types_of(it->compiler->document, to->cell);
    to->written = outline_dialect(&it->compiler->outline, it->schema)->draft == DRAFT_4 &&
                  (to->types & KIND_BIT(CELL_NUMBER)) == 0;
    return true;
}

/* What cannot be decoded here is not looked into. */
static bool fill_content(struct filling *it, struct instruction *to)
{
    const struct document *document = it->compiler->document;
    uint32_t encoding = outline_value(&it->compiler->outline, it->schema, KEYWORD_CONTENT_ENCODING);
    unsigned coded =
        encoding == CELL_NONE ? 0 : content_encoding(document_text(document, encoding));
    unsigned type = to->keyword == KEYWORD_CONTENT_MEDIA_TYPE
                        ? content_media_type(document_text(document, to->cell))
                        : 0;

    if (!it->compiler->options->content_asserts)
        return false;
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

static bool fill_enum(struct filling *it, struct instruction *to)
{
    to->choice = choice_of_array(it->compiler, to->cell);
    return true;
}

static bool fill_const(struct filling *it, struct instruction *to)
{
    to->choice = choice_of_value(it->compiler, to->cell);
    return true;
}

static bool fill_count(struct filling *it, struct instruction *to)
{
    to->count = count_of(document_cell(it->compiler->document, to->cell));
    return true;
}

static bool fill_pattern(struct filling *it, struct instruction *to)
{
    struct pattern_problem problem;

    to->pattern = outline_pattern(&it->compiler->outline, to->cell, it->compiler->arena, &problem);
    return true;
}

static bool fill_format(struct filling *it, struct instruction *to)
{
    const struct dialect *dialect = outline_dialect(&it->compiler->outline, it->schema);

    to->format =
        format_find(document_text(it->compiler->document, to->cell), (enum draft)dialect->draft);
    return to->format != FORMAT_NONE && formats_assert(it);
}

static bool fill_unique_items(struct filling *it, struct instruction *to)
{
    return document_cell(it->compiler->document, to->cell)->boolean;
}

static bool fill_alternatives(struct filling *it, struct instruction *to)
{
    to->alternatives = alternatives_of(it->compiler, to->cell, it->scope);
    return true;
}

static bool fill_contains(struct filling *it, struct instruction *to)
{
    to->node = compile_node(it->compiler, to->cell, it->scope);
    to->containment = containment_of(it->compiler, it->schema);
    return true;
}

/* One for all keywords about members; made when the first of them is met. */
static bool fill_members(struct filling *it, struct instruction *to)
{
    if (it->members == NULL)
        it->members = members_of(it->compiler, it->schema, it->scope);
    to->members = it->members;
    return true;
}

static bool fill_dependencies(struct filling *it, struct instruction *to)
{
    to->dependencies = dependencies_of(it->compiler, to->cell, it->scope);
    return true;
}

static bool fill_schema(struct filling *it, struct instruction *to)
{
    to->node = compile_node(it->compiler, to->cell, it->scope);
    return true;
}

static bool fill_if(struct filling *it, struct instruction *to)
{
    to->node = compile_node(it->compiler, to->cell, it->scope);
    to->condition = condition_of(it);
    return true;
}

static bool fill_ref(struct filling *it, struct instruction *to)
{
    if (document_cell(it->compiler->document, to->cell)->type != CELL_STRING)
        return false;
    to->node = referred_node(it, to->cell, false);
    return true;
}

static bool fill_dynamic_ref(struct filling *it, struct instruction *to)
{
    to->keyword = KEYWORD_DYNAMIC_REF;
    to->node = referred_node(it, to->cell, true);
    return true;
}

/* How the instruction of a keyword is filled; false when it asserts nothing here. Those that never
 * do have no row. */
/* clang-format off */
static bool (*const fill[KEYWORD_COUNT])(struct filling *it, struct instruction *to) = {
    [KEYWORD_TYPE]                   = fill_type,
    [KEYWORD_ENUM]                   = fill_enum,
    [KEYWORD_CONST]                  = fill_const,
    [KEYWORD_MULTIPLE_OF]            = fill_bound,
    [KEYWORD_MINIMUM]                = fill_bound,
    [KEYWORD_EXCLUSIVE_MINIMUM]      = fill_bound,
    [KEYWORD_MAXIMUM]                = fill_bound,
    [KEYWORD_EXCLUSIVE_MAXIMUM]      = fill_bound,
    [KEYWORD_MIN_LENGTH]             = fill_count,
    [KEYWORD_MAX_LENGTH]             = fill_count,
    [KEYWORD_MIN_ITEMS]              = fill_count,
    [KEYWORD_MAX_ITEMS]              = fill_count,
    [KEYWORD_MIN_PROPERTIES]         = fill_count,
    [KEYWORD_MAX_PROPERTIES]         = fill_count,
    [KEYWORD_PATTERN]                = fill_pattern,
    [KEYWORD_FORMAT]                 = fill_format,
    [KEYWORD_CONTENT_ENCODING]       = fill_content,
    [KEYWORD_CONTENT_MEDIA_TYPE]     = fill_content,
    [KEYWORD_UNIQUE_ITEMS]           = fill_unique_items,
    [KEYWORD_PREFIX_ITEMS]           = fill_alternatives,
    [KEYWORD_ALL_OF]                 = fill_alternatives,
    [KEYWORD_ANY_OF]                 = fill_alternatives,
    [KEYWORD_ONE_OF]                 = fill_alternatives,
    [KEYWORD_ITEMS]                  = fill_items,
    [KEYWORD_OLD_ITEMS]              = fill_old_items,
    [KEYWORD_ADDITIONAL_ITEMS]       = fill_additional_items,
    [KEYWORD_CONTAINS]               = fill_contains,
    [KEYWORD_PROPERTIES]             = fill_members,
    [KEYWORD_PATTERN_PROPERTIES]     = fill_members,
    [KEYWORD_ADDITIONAL_PROPERTIES]  = fill_members,
    [KEYWORD_PROPERTY_NAMES]         = fill_members,
    [KEYWORD_REQUIRED]               = fill_members,
    [KEYWORD_DEPENDENT_REQUIRED]     = fill_dependencies,
    [KEYWORD_DEPENDENT_SCHEMAS]      = fill_dependencies,
    [KEYWORD_DEPENDENCIES]           = fill_dependencies,
    [KEYWORD_NOT]                    = fill_schema,
    [KEYWORD_UNEVALUATED_ITEMS]      = fill_schema,
    [KEYWORD_UNEVALUATED_PROPERTIES] = fill_schema,
    [KEYWORD_IF]                     = fill_if,
    [KEYWORD_REF]                    = fill_ref,
    [KEYWORD_DYNAMIC_REF]            = fill_dynamic_ref,
    [KEYWORD_RECURSIVE_REF]          = fill_dynamic_ref,
};
/* clang-format on */

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
        it->count += fill[keyword] != NULL && fill[keyword](it, to);
    }
}

void fill_node(struct compiler *compiler, uint32_t index)
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
