/* A schema as a type of TypeScript. What keywords say together is an intersection, what they leave
 * open is `unknown`. */
#include "catalog/client_parts.h"
#include "document/json_write.h"

struct typing {
    const struct contract *contract;
    const struct document *document;
    struct arena *arena;
    struct buffer *out;
    unsigned depth; /* of members, for indenting */
};

static void put_type(struct typing *t, uint32_t at);

static uint32_t member(const struct typing *t, uint32_t at, const char *name)
{
    return document_member(t->document, at, text_of(name));
}

static void put_indent(struct typing *t)
{
    for (unsigned i = 0; i < t->depth; i++)
        buffer_put(t->out, TEXT("  "));
}

static void put_comment(struct typing *t, uint32_t at)
{
    uint32_t about = member(t, at, "description"), old = member(t, at, "deprecated");
    bool deprecated = old != CELL_NONE && document_cell(t->document, old)->boolean;

    if (about == CELL_NONE && !deprecated)
        return;
    put_indent(t);
    buffer_put(t->out, TEXT("/** "));
    if (about != CELL_NONE)
        buffer_put(t->out, contract_line(document_text(t->document, about), t->arena));
    buffer_put(t->out, deprecated ? TEXT(" @deprecated */\n") : TEXT(" */\n"));
}

/* --- kinds of values --- */

static bool is_plain_name(struct text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';

        if (!letter && (i == 0 || byte < '0' || byte > '9'))
            return false;
    }
    return name.len > 0;
}

static bool is_required(const struct typing *t, uint32_t at, struct text name)
{
    uint32_t list = member(t, at, "required");

    if (list == CELL_NONE)
        return false;
    for (uint32_t i = list + 1; i < document_next(t->document, list); i++)
        if (text_equal(document_text(t->document, i), name))
            return true;
    return false;
}

static void put_members(struct typing *t, uint32_t at, uint32_t properties)
{
    uint32_t end = document_next(t->document, properties);

    t->depth++;
    for (uint32_t key = properties + 1; key < end; key = document_next(t->document, key + 1)) {
        struct text name = document_text(t->document, key);

        put_comment(t, key + 1);
        put_indent(t);
        if (is_plain_name(name))
            buffer_put(t->out, name);
        else
            json_put_string(t->out, name);
        buffer_put(t->out, is_required(t, at, name) ? TEXT(": ") : TEXT("?: "));
        put_type(t, key + 1);
        buffer_put(t->out, TEXT(";\n"));
    }
    t->depth--;
}

/* `false`, or {"not": {}}. */
static bool is_never(const struct typing *t, uint32_t at)
{
    const struct cell *cell = at == CELL_NONE ? NULL : document_cell(t->document, at);
    uint32_t none;

    if (cell == NULL || cell->type == CELL_BOOLEAN)
        return cell != NULL && !cell->boolean;
    none = member(t, at, "not");
    return none != CELL_NONE && cell->size == 1 && document_cell(t->document, none)->size == 0;
}

static void put_object(struct typing *t, uint32_t at)
{
    uint32_t properties = member(t, at, "properties");
    uint32_t rest = member(t, at, "additionalProperties");
    bool named = properties != CELL_NONE && document_cell(t->document, properties)->size > 0;
    bool patterned = member(t, at, "patternProperties") != CELL_NONE;

    if (!named) {
        buffer_put(t->out, TEXT("{ [name: string]: "));
        if (rest == CELL_NONE || patterned)
            buffer_put(t->out, TEXT("unknown"));
        else
            put_type(t, rest);
        buffer_put(t->out, TEXT(" }"));
        return;
    }
    buffer_put(t->out, TEXT("{\n"));
    put_members(t, at, properties);
    /* It is of all members, the named ones too, so it can say no more than this. */
    if (patterned || (rest != CELL_NONE && !is_never(t, rest))) {
        t->depth++;
        put_indent(t);
        buffer_put(t->out, TEXT("[name: string]: unknown;\n"));
        t->depth--;
    }
    put_indent(t);
    buffer_put_byte(t->out, '}');
}

static void put_array(struct typing *t, uint32_t at)
{
    uint32_t first = member(t, at, "prefixItems"), items = member(t, at, "items");

    if (first == CELL_NONE) {
        buffer_put(t->out, TEXT("Array<"));
        if (items == CELL_NONE)
            buffer_put(t->out, TEXT("unknown"));
        else
            put_type(t, items);
        buffer_put_byte(t->out, '>');
        return;
    }
    buffer_put_byte(t->out, '[');
    for (uint32_t i = first + 1; i < document_next(t->document, first);
         i = document_next(t->document, i)) {
        buffer_put_byte(t->out, '(');
        put_type(t, i);
        buffer_put(t->out, TEXT(")?, ")); /* fewer are an array of that kind, too */
    }
    if (!is_never(t, items)) {
        buffer_put(t->out, TEXT("...Array<"));
        if (items == CELL_NONE)
            buffer_put(t->out, TEXT("unknown"));
        else
            put_type(t, items);
        buffer_put_byte(t->out, '>');
    }
    buffer_put_byte(t->out, ']');
}

static void put_named_type(struct typing *t, uint32_t at, struct text type)
{
    if (text_equal(type, TEXT("object")))
        put_object(t, at);
    else if (text_equal(type, TEXT("array")))
        put_array(t, at);
    else
        buffer_put(t->out, text_equal(type, TEXT("integer")) ? TEXT("number") : type);
}

static void put_types(struct typing *t, uint32_t at, uint32_t types)
{
    if (document_cell(t->document, types)->type == CELL_STRING) {
        put_named_type(t, at, document_text(t->document, types));
        return;
    }
    buffer_put_byte(t->out, '(');
    for (uint32_t i = types + 1; i < document_next(t->document, types); i++) {
        if (i > types + 1)
            buffer_put(t->out, TEXT(" | "));
        put_named_type(t, at, document_text(t->document, i));
    }
    buffer_put_byte(t->out, ')');
}

static void put_value(struct typing *t, uint32_t at)
{
    if (document_cell(t->document, at)->type >= CELL_ARRAY)
        buffer_put(t->out, TEXT("unknown"));
    else
        json_put_cell(t->out, t->document, at);
}

static void put_enum(struct typing *t, uint32_t list)
{
    if (document_cell(t->document, list)->size == 0) {
        buffer_put(t->out, TEXT("never"));
        return;
    }
    buffer_put_byte(t->out, '(');
    for (uint32_t i = list + 1; i < document_next(t->document, list);
         i = document_next(t->document, i)) {
        if (i > list + 1)
            buffer_put(t->out, TEXT(" | "));
        put_value(t, i);
    }
    buffer_put_byte(t->out, ')');
}

static void put_several(struct typing *t, uint32_t list, struct text between)
{
    buffer_put_byte(t->out, '(');
    for (uint32_t i = list + 1; i < document_next(t->document, list);
         i = document_next(t->document, i)) {
        if (i > list + 1)
            buffer_put(t->out, between);
        put_type(t, i);
    }
    buffer_put_byte(t->out, ')');
}

/* --- schemas --- */

/* What has no type but names members, or items, is about objects, or arrays, alone. */
static bool says_object(const struct typing *t, uint32_t at)
{
    return member(t, at, "properties") != CELL_NONE || member(t, at, "required") != CELL_NONE;
}

static bool says_array(const struct typing *t, uint32_t at)
{
    return member(t, at, "items") != CELL_NONE || member(t, at, "prefixItems") != CELL_NONE;
}

static void put_and(struct typing *t, bool *any)
{
    if (*any)
        buffer_put(t->out, TEXT(" & "));
    *any = true;
}

static void put_keywords(struct typing *t, uint32_t at, bool *any)
{
    uint32_t constant = member(t, at, "const"), list = member(t, at, "enum");
    uint32_t types = member(t, at, "type");

    if (constant == CELL_NONE && list == CELL_NONE && types == CELL_NONE && !says_object(t, at) &&
        !says_array(t, at))
        return;
    put_and(t, any);
    if (constant != CELL_NONE)
        put_value(t, constant);
    else if (list != CELL_NONE)
        put_enum(t, list);
    else if (types != CELL_NONE)
        put_types(t, at, types);
    else if (says_object(t, at))
        put_object(t, at);
    else
        put_array(t, at);
}

static void put_combined(struct typing *t, uint32_t at, const char *keyword, struct text between,
                         bool *any)
{
    uint32_t list = member(t, at, keyword);

    if (list == CELL_NONE)
        return;
    put_and(t, any);
    put_several(t, list, between);
}

/* As deep as the schema, which the limits of authors bound. */
static void put_type(struct typing *t, uint32_t at)
{
    const struct cell *cell = document_cell(t->document, at);
    struct text name;
    bool any = false;

    if (cell->type == CELL_BOOLEAN) {
        buffer_put(t->out, cell->boolean ? TEXT("unknown") : TEXT("never"));
        return;
    }
    if (is_never(t, at)) {
        buffer_put(t->out, TEXT("never"));
        return;
    }
    if (contract_reference(t->contract, at, &name) != CELL_NONE) {
        buffer_put(t->out, name);
        any = true;
    }
    put_keywords(t, at, &any);
    put_combined(t, at, "allOf", TEXT(" & "), &any);
    put_combined(t, at, "anyOf", TEXT(" | "), &any);
    put_combined(t, at, "oneOf", TEXT(" | "), &any);
    if (!any)
        buffer_put(t->out, TEXT("unknown"));
}

static void declare(struct typing *t, struct text name, uint32_t at)
{
    if (at == CELL_NONE)
        return;
    put_comment(t, at);
    buffer_printf(t->out, "export type %.*s = ", TEXT_ARG(name));
    put_type(t, at);
    buffer_put(t->out, TEXT(";\n\n"));
}

void client_put_types_ts(const struct contract *contract, struct arena *arena, struct buffer *out)
{
    struct typing t = {
        .contract = contract, .document = &contract->document, .arena = arena, .out = out};
    uint32_t end = document_next(t.document, contract->definitions);

    declare(&t, TEXT("Input"), contract->input);
    declare(&t, TEXT("Output"), contract->output);
    for (uint32_t key = contract->definitions + 1; key < end;
         key = document_next(t.document, key + 1))
        declare(&t, document_text(t.document, key), key + 1);
}
