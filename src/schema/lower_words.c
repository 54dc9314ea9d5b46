/* What a dialect cannot say is told to the model in words, in the description of the value. */
#include "schema/lower_form.h"

#include "document/json_write.h"
#include "schema/append.h"

static struct text json_of(struct lowering *it, uint32_t cell, size_t most)
{
    struct buffer json = buffer_in(it->scratch);
    struct text text;

    json_put_cell(&json, it->schema->document, cell);
    text = buffer_text(&json);
    if (text.len <= most)
        return text;
    return arena_printf(it->scratch, "%.*s...", TEXT_ARG(text_cut(text, most - 3)));
}

/* "at least 3 items" */
static struct text counted(struct lowering *it, const char *relation, uint64_t count,
                           const char *noun)
{
    return arena_printf(it->arena, "%s %llu %s%s", relation, (unsigned long long)count, noun,
                        count == 1 ? "" : "s");
}

static struct text with_json(struct lowering *it, const char *lead, uint32_t cell)
{
    return arena_printf(it->arena, "%s%.*s", lead, TEXT_ARG(json_of(it, cell, WORDS_BYTES)));
}

static struct text conditional(struct lowering *it, const struct instruction *what)
{
    const struct condition *condition = what->condition;
    struct buffer out = buffer_in(it->arena);
    const struct {
        const char *lead;
        uint32_t node;
    } parts[] = {{"", what->node},
                 {", then valid against ", condition->then_node},
                 {", else valid against ", condition->else_node}};

    buffer_put(&out, TEXT("if valid against "));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].node == NODE_NONE)
            continue;
        buffer_put(&out, text_of(parts[i].lead));
        buffer_put(&out, json_of(it, it->schema->nodes[parts[i].node].cell, WORDS_BYTES));
    }
    return buffer_text(&out);
}

static struct text contained(struct lowering *it, const struct instruction *what)
{
    const struct containment *bounds = what->containment;
    struct buffer out = buffer_in(it->arena);

    buffer_printf(&out, "at least %llu", (unsigned long long)bounds->least);
    if (bounds->most != UINT64_MAX)
        buffer_printf(&out, " and at most %llu", (unsigned long long)bounds->most);
    buffer_put(&out, TEXT(" of the items valid against "));
    buffer_put(&out, json_of(it, what->cell, WORDS_BYTES));
    return buffer_text(&out);
}

static struct text said_of(struct lowering *it, const struct instruction *what)
{
    switch ((enum keyword)what->keyword) {
    case KEYWORD_MIN_LENGTH:
        return counted(it, "at least", what->count, "character");
    case KEYWORD_MAX_LENGTH:
        return counted(it, "at most", what->count, "character");
    case KEYWORD_MIN_ITEMS:
        return counted(it, "at least", what->count, "item");
    case KEYWORD_MAX_ITEMS:
        return counted(it, "at most", what->count, "item");
    case KEYWORD_MIN_PROPERTIES:
        return counted(it, "at least", what->count, "field");
    case KEYWORD_MAX_PROPERTIES:
        return counted(it, "at most", what->count, "field");
    case KEYWORD_MINIMUM:
        return with_json(it, "at least ", what->cell);
    case KEYWORD_MAXIMUM:
        return with_json(it, "at most ", what->cell);
    case KEYWORD_EXCLUSIVE_MINIMUM:
        return with_json(it, "greater than ", what->cell);
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        return with_json(it, "less than ", what->cell);
    case KEYWORD_MULTIPLE_OF:
        return with_json(it, "a multiple of ", what->cell);
    case KEYWORD_PATTERN:
        return arena_printf(
            it->arena, "matching the pattern %.*s",
            TEXT_ARG(text_cut(document_text(it->schema->document, what->cell), WORDS_BYTES)));
    case KEYWORD_FORMAT:
        return arena_printf(
            it->arena, "in the format %.*s",
            TEXT_ARG(text_cut(document_text(it->schema->document, what->cell), WORDS_BYTES)));
    case KEYWORD_UNIQUE_ITEMS:
        return TEXT("no two items equal");
    case KEYWORD_CONTAINS:
        return contained(it, what);
    case KEYWORD_PREFIX_ITEMS:
        return with_json(it, "the first items, in this order: ", what->cell);
    case KEYWORD_ENUM:
        return with_json(it, "one of ", what->cell);
    case KEYWORD_CONST:
        return with_json(it, "exactly ", what->cell);
    case KEYWORD_PROPERTY_NAMES:
        return with_json(it, "names of fields valid against ", what->cell);
    case KEYWORD_PATTERN_PROPERTIES:
        return with_json(it, "fields whose names match a pattern: ", what->cell);
    case KEYWORD_ADDITIONAL_PROPERTIES:
        return with_json(it, "other fields valid against ", what->cell);
    case KEYWORD_DEPENDENT_REQUIRED:
    case KEYWORD_DEPENDENT_SCHEMAS:
    case KEYWORD_DEPENDENCIES:
        return with_json(it, "which field asks for what else: ", what->cell);
    case KEYWORD_NOT:
        return with_json(it, "not valid against ", what->cell);
    case KEYWORD_IF:
        return conditional(it, what);
    case KEYWORD_ANY_OF:
        return with_json(it, "valid against one of ", what->cell);
    case KEYWORD_ONE_OF:
        return with_json(it, "valid against exactly one of ", what->cell);
    case KEYWORD_UNEVALUATED_ITEMS:
        return with_json(it, "other items valid against ", what->cell);
    case KEYWORD_UNEVALUATED_PROPERTIES:
        return with_json(it, "other fields valid against ", what->cell);
    default:
        return (struct text){0};
    }
}

static void add_note(struct lowering *it, struct lower_form *form, struct text says)
{
    if (says.len == 0 || form->notes.len + says.len > NOTES_BYTES ||
        (form->notes.len > 0 && text_find(form->notes, says) < form->notes.len))
        return;
    form->notes = form->notes.len == 0 ? says
                                       : arena_printf(it->arena, "%.*s; %.*s",
                                                      TEXT_ARG(form->notes), TEXT_ARG(says));
}

/* "#/properties/a/pattern", or with the URI of its file where that is another than the root's. */
static struct text pointer_of(struct lowering *it, uint32_t cell)
{
    const struct schema *schema = it->schema;
    const struct schema_part *part = schema_part_of(schema->parts, schema->part_count, cell);
    struct text pointer, root;

    pointer = document_pointer(part->document, schema_part_cell(part, 1, cell), it->arena);
    root = document_pointer(part->document, schema_part_cell(part, 1, part->root), it->arena);
    return arena_printf(it->arena, "%.*s#%.*s",
                        TEXT_ARG(part == schema->parts ? (struct text){0} : part->uri),
                        TEXT_ARG(text_after(pointer, root.len)));
}

void lower_drop_saying(struct lowering *it, struct lower_form *form, uint32_t cell, bool implied,
                       struct text says, bool described)
{
    if (described)
        add_note(it, form, says);
    if (it->dropped[cell] || it->drop_count >= DROPS_MAX)
        return;
    it->dropped[cell] = true;
    *APPEND(it->arena, it->drops, it->drop_count, it->drop_room) =
        (struct lower_drop){.pointer = pointer_of(it, cell),
                            .says = says,
                            .cell = cell,
                            .described = described,
                            .implied = implied};
}

void lower_drop(struct lowering *it, struct lower_form *form, const struct instruction *what)
{
    lower_drop_saying(it, form, what->cell, false, said_of(it, what), true);
}

bool lower_fail(struct lowering *it, const struct lower_form *form, const char *reason)
{
    if (it->reason.len > 0)
        return false;
    it->reason = text_of(reason);
    if (form != NULL && form->node_count > 0)
        it->reason_cell = it->schema->nodes[form->nodes[0]].cell;
    return false;
}
