/* What is said of values that are no union: types, values, bounds, items, members. Most dialects
 * want one type a schema, so a value that may be of several is written as alternatives. */
#include "schema/lower_write.h"

#include "document/json_write.h"

static const struct {
    const char *name;
    uint8_t kinds;
} types[] = {
    {"string", KINDS_STRING},   {"number", KIND_BIT(CELL_NUMBER)},
    {"integer", KINDS_INTEGER}, {"boolean", KIND_BIT(CELL_BOOLEAN)},
    {"array", KINDS_ARRAY},     {"object", KINDS_OBJECT},
};
enum { TYPE_COUNT = sizeof types / sizeof *types };

/* Whether the type is one of those of the kinds; an integer is also a number. */
static bool names_type(uint8_t kinds, unsigned type)
{
    if (types[type].kinds == KINDS_INTEGER && (kinds & KIND_BIT(CELL_NUMBER)) != 0)
        return false;
    return (kinds & types[type].kinds) != 0;
}

/* All kinds of the type, for what may be a number an integer as well. */
static uint8_t kinds_of_type(unsigned type)
{
    return types[type].kinds == KIND_BIT(CELL_NUMBER) ? KINDS_NUMBER : types[type].kinds;
}

static unsigned count_types(uint8_t kinds)
{
    unsigned count = 0;

    for (unsigned i = 0; i < TYPE_COUNT; i++)
        count += names_type(kinds, i);
    return count;
}

static bool says(const struct writing *to, enum keyword keyword)
{
    return lower_dialect_has(to->it->dialect, keyword);
}

static void put_member_cell(struct writing *to, const char *name, uint32_t cell)
{
    json_put_name(to->out, name);
    json_put_cell(to->out, to->it->schema->document, cell);
}

void lower_write_words(struct writing *to, const struct lower_form *form)
{
    struct text notes = form->notes, said = {0};
    struct arena *arena = to->it->scratch;

    if (form->title != CELL_NONE)
        put_member_cell(to, "title", form->title);
    if (form->description != CELL_NONE)
        said = document_text(to->it->schema->document, form->description);
    if (said.len > 0 && notes.len > 0)
        said = arena_printf(arena, "%.*s (%.*s)", TEXT_ARG(said), TEXT_ARG(notes));
    else if (notes.len > 0)
        said = notes;
    if (said.len == 0)
        return;
    json_put_text(to->out, "description", said);
}

static void write_types(struct writing *to, uint8_t kinds)
{
    const struct lower_dialect *dialect = to->it->dialect;
    bool null = (kinds & KIND_NULL) != 0, beside = null && dialect->nullable;
    unsigned count = count_types(kinds) + (null && !beside), written = 0;

    if (kinds == KINDS_ANY && dialect->any_value)
        return;
    if (count == 0 && beside) { /* only null: there is no such type */
        kinds |= KINDS_STRING;
        count = 1;
    }
    json_put_name(to->out, "type");
    buffer_put(to->out, count > 1 ? TEXT("[") : TEXT(""));
    for (unsigned i = 0; i < TYPE_COUNT; i++) {
        if (names_type(kinds, i))
            buffer_printf(to->out, "%s\"%s\"", written++ ? "," : "", types[i].name);
    }
    if (null && !beside)
        buffer_printf(to->out, "%s\"null\"", written ? "," : "");
    buffer_put(to->out, count > 1 ? TEXT("]") : TEXT(""));
    if (beside)
        buffer_put(to->out, TEXT(",\"nullable\":true"));
}

static bool is_value_written(const struct writing *to, uint32_t cell, uint8_t kinds)
{
    unsigned kind = cell_kind(document_cell(to->it->schema->document, cell));

    if (kind == CELL_NULL && to->it->dialect->nullable)
        return false;
    return (kinds & KIND_BIT(kind)) != 0;
}

static void write_values(struct writing *to, const struct lower_form *form, uint8_t kinds)
{
    const struct document *document = to->it->schema->document;
    bool has_null = false;
    uint32_t count = 0;

    for (uint32_t i = 0; i < form->value_count; i++) {
        count += is_value_written(to, form->values[i], kinds);
        has_null = has_null || document_cell(document, form->values[i])->type == CELL_NULL;
    }
    has_null = has_null || (kinds & KIND_NULL) == 0 || to->it->dialect->nullable;
    if (count == 0)
        return;
    if (count == 1 && has_null && says(to, KEYWORD_CONST)) {
        json_put_name(to->out, "const");
    } else {
        json_put_name(to->out, "enum");
        buffer_put_byte(to->out, '[');
    }
    for (uint32_t i = 0, written = 0; i < form->value_count; i++) {
        if (!is_value_written(to, form->values[i], kinds))
            continue;
        buffer_put(to->out, written++ ? TEXT(",") : TEXT(""));
        json_put_cell(to->out, document, form->values[i]);
    }
    if (count == 1 && has_null && says(to, KEYWORD_CONST))
        return;
    buffer_put(to->out, has_null ? TEXT("]") : TEXT(",null]"));
}

static void write_kept(struct writing *to, const struct lower_form *form, uint8_t kinds)
{
    for (enum keyword keyword = KEYWORD_NONE; keyword < KEYWORD_COUNT; keyword++) {
        for (uint32_t i = 0; i < form->kept_count; i++) {
            const struct instruction *what = form->kept[i];
            uint8_t most = to->it->dialect->least_items_most;

            if (what->keyword != keyword || (what->kinds & kinds) == 0)
                continue;
            json_put_name(to->out, keyword_row(keyword)->name.at);
            if (keyword == KEYWORD_MIN_ITEMS && most != LEAST_ITEMS_ANY && what->count > most)
                buffer_put_u64(to->out, most);
            else
                json_put_cell(to->out, to->it->schema->document, what->cell);
        }
    }
}

static bool has_kept(const struct lower_form *form, enum keyword keyword)
{
    for (uint32_t i = 0; i < form->kept_count; i++) {
        if (form->kept[i]->keyword == keyword)
            return true;
    }
    return false;
}

/* After a tuple there may be nothing, or what there may be. */
static bool write_items(struct writing *to, const struct lower_form *form)
{
    const struct lower_form *rest = form->any_item != NULL ? form->any_item : form->rest_items;

    if (says(to, KEYWORD_PREFIX_ITEMS) && form->prefix_count > 0) {
        json_put_name(to->out, "prefixItems");
        for (uint32_t i = 0; i < form->prefix_count; i++) {
            buffer_put_byte(to->out, i ? ',' : '[');
            if (!lower_write_form(to, form->prefix[i], false))
                return false;
        }
        buffer_put_byte(to->out, ']');
    }
    if (form->rest_items != NULL && form->rest_items->never && says(to, KEYWORD_MAX_ITEMS) &&
        !has_kept(form, KEYWORD_MAX_ITEMS)) {
        json_put_count(to->out, "maxItems", form->prefix_count);
    }
    if (rest == NULL || (rest->never && to->it->dialect->any_value))
        return true;
    json_put_name(to->out, "items");
    if (!rest->never)
        return lower_write_form(to, rest, false);
    buffer_put(to->out, TEXT("{\"type\":\"string\"}"));
    return true;
}

static void write_names(struct writing *to, const struct lower_form *form, const char *keyword,
                        bool required)
{
    bool any = false;

    for (uint32_t i = 0; i < form->member_count; i++) {
        const struct lower_member *member = &form->members[i];

        if (member->form->never || (required && !member->required && !member->made_required))
            continue;
        if (!any) {
            json_put_name(to->out, keyword);
            buffer_put_byte(to->out, '[');
        } else {
            buffer_put_byte(to->out, ',');
        }
        json_put_string(to->out, member->name);
        any = true;
    }
    if (any)
        buffer_put_byte(to->out, ']');
}

static bool write_rest(struct writing *to, const struct lower_form *form)
{
    const struct lower_dialect *dialect = to->it->dialect;

    if (dialect->closes || (form->rest != NULL && form->rest->never)) {
        if (!says(to, KEYWORD_ADDITIONAL_PROPERTIES))
            return true;
        json_put_name(to->out, "additionalProperties");
        buffer_put(to->out, TEXT("false"));
        return true;
    }
    if (!dialect->maps || form->rest_cell == CELL_NONE)
        return true;
    json_put_name(to->out, "additionalProperties");
    if (form->rest != NULL && form->rest->node_count > 0)
        return lower_write_form(to, form->rest, false);
    buffer_put(to->out, TEXT("true"));
    return true;
}

static bool write_members(struct writing *to, const struct lower_form *form)
{
    bool any = false;

    for (uint32_t i = 0; i < form->member_count; i++) {
        const struct lower_member *member = &form->members[i];

        if (member->form->never)
            continue;
        if (!any) {
            json_put_name(to->out, "properties");
            buffer_put_byte(to->out, '{');
        } else {
            buffer_put_byte(to->out, ',');
        }
        any = true;
        json_put_string(to->out, member->name);
        buffer_put_byte(to->out, ':');
        if (!lower_write_form(to, member->form, member->made_required))
            return false;
    }
    if (!any && to->it->dialect->closes) {
        json_put_name(to->out, "properties");
        buffer_put_byte(to->out, '{');
    }
    if (any || to->it->dialect->closes)
        buffer_put_byte(to->out, '}');
    write_names(to, form, "required", true);
    if (to->it->dialect->ordering)
        write_names(to, form, "propertyOrdering", false);
    return write_rest(to, form);
}

/* What is to be said of values of these kinds, all in one schema. */
static bool write_kinds(struct writing *to, const struct lower_form *form, uint8_t kinds,
                        bool with_words)
{
    buffer_put_byte(to->out, '{');
    write_types(to, kinds);
    if (with_words)
        lower_write_words(to, form);
    if (form->listed) {
        write_values(to, form, kinds);
    } else if (!form->loose) {
        write_kept(to, form, kinds);
        if (((kinds & KINDS_ARRAY) != 0 && !write_items(to, form)) ||
            ((kinds & KINDS_OBJECT) != 0 && !write_members(to, form)))
            return false;
    }
    buffer_put_byte(to->out, '}');
    return true;
}

/* Whether the types can stand in one schema. */
static bool fits_one(const struct writing *to, const struct lower_form *form, uint8_t kinds)
{
    const struct lower_dialect *dialect = to->it->dialect;
    unsigned count = count_types(kinds);
    bool null = (kinds & KIND_NULL) != 0 && !dialect->nullable;
    bool plain = form->loose || form->listed ||
                 (form->kept_count == 0 && (kinds & (KINDS_ARRAY | KINDS_OBJECT)) == 0);

    if (kinds == KINDS_ANY && dialect->any_value)
        return true;
    if (count + null <= 1)
        return true;
    return dialect->type_arrays && (count <= 1 || plain);
}

static bool write_split(struct writing *to, const struct lower_form *form, uint8_t kinds)
{
    const struct lower_dialect *dialect = to->it->dialect;
    bool any = false;

    buffer_put_byte(to->out, '{');
    lower_write_words(to, form);
    json_put_name(to->out, "anyOf");
    buffer_put_byte(to->out, '[');
    for (unsigned i = 0; i < TYPE_COUNT; i++) {
        if (!names_type(kinds, i))
            continue;
        buffer_put(to->out, any ? TEXT(",") : TEXT(""));
        any = true;
        if (!write_kinds(to, form, kinds & kinds_of_type(i), false))
            return false;
    }
    if ((kinds & KIND_NULL) != 0 && !dialect->nullable)
        buffer_put(to->out, TEXT(",{\"type\":\"null\"}"));
    buffer_put_byte(to->out, ']');
    if ((kinds & KIND_NULL) != 0 && dialect->nullable)
        buffer_put(to->out, TEXT(",\"nullable\":true"));
    buffer_put_byte(to->out, '}');
    return true;
}

bool lower_write_leaf(struct writing *to, const struct lower_form *form, uint8_t kinds)
{
    return fits_one(to, form, kinds) ? write_kinds(to, form, kinds, true)
                                     : write_split(to, form, kinds);
}
