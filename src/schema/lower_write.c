/* The graph of forms as text: compact, members in the author's order, keywords always in the same
 * one. Most dialects want one type a schema, so a value that may be of several is a union. */
#include "schema/lower_form.h"

#include "document/json_write.h"

enum { NESTING_WRITTEN = 100 };

struct writing {
    struct lowering *it;
    const struct lower_form *root;
    struct buffer *out;
    unsigned nesting;
};

static bool write_form(struct writing *to, const struct lower_form *form, bool or_null);
static bool write_body(struct writing *to, const struct lower_form *form, bool or_null);

static const struct {
    const char *name;
    uint8_t kinds;
} types[] = {
    {"string", KINDS_STRING},   {"number", KIND_BIT(CELL_NUMBER)},
    {"integer", KINDS_INTEGER}, {"boolean", KIND_BIT(CELL_BOOLEAN)},
    {"array", KINDS_ARRAY},     {"object", KINDS_OBJECT},
};
enum { TYPE_COUNT = sizeof types / sizeof *types, KIND_NULL = KIND_BIT(CELL_NULL) };

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

static void write_words(struct writing *to, const struct lower_form *form)
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
    json_put_name(to->out, "description");
    json_put_string(to->out, said);
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
            if (!write_form(to, form->prefix[i], false))
                return false;
        }
        buffer_put_byte(to->out, ']');
    }
    if (form->rest_items != NULL && form->rest_items->never && says(to, KEYWORD_MAX_ITEMS) &&
        !has_kept(form, KEYWORD_MAX_ITEMS)) {
        json_put_name(to->out, "maxItems");
        buffer_put_u64(to->out, form->prefix_count);
    }
    if (rest == NULL || (rest->never && to->it->dialect->any_value))
        return true;
    json_put_name(to->out, "items");
    if (!rest->never)
        return write_form(to, rest, false);
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
        return write_form(to, form->rest, false);
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
        if (!write_form(to, member->form, member->made_required))
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
        write_words(to, form);
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
    write_words(to, form);
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

static bool is_null(const struct lower_form *form)
{
    return !form->is_union && form->kinds == KIND_NULL && form->description == CELL_NONE;
}

/* Where the alternatives of a union were written: different schemas may come out the same. */
struct written {
    struct {
        size_t from, to;
    } items[BRANCHES_MAX];
    size_t count;
};

static void put_once(struct writing *to, struct written *written, size_t from)
{
    struct text whole = buffer_text(to->out), text = text_after(whole, from);

    for (size_t i = 0; i < written->count; i++) {
        if (text_equal(text, text_between(whole.at + written->items[i].from,
                                          whole.at + written->items[i].to))) {
            to->out->len = from - 1; /* and the comma */
            return;
        }
    }
    if (written->count == BRANCHES_MAX)
        return;
    written->items[written->count].from = from;
    written->items[written->count++].to = whole.len;
}

/* The alternatives of a union, those of unions inside it among them. */
static bool write_alternatives(struct writing *to, const struct lower_form *form,
                               struct written *written, unsigned depth)
{
    for (uint32_t i = 0; i < form->alternative_count; i++) {
        const struct lower_form *one = form->alternatives[i];
        size_t from;

        if (is_null(one))
            continue;
        if (one->is_union && one->definition.len == 0 && one->description == CELL_NONE &&
            one->notes.len == 0 && one != to->root && depth < NESTING_WRITTEN) {
            if (!write_alternatives(to, one, written, depth + 1))
                return false;
            continue;
        }
        buffer_put(to->out, written->count > 0 ? TEXT(",") : TEXT(""));
        from = to->out->len;
        if (!write_form(to, one, false))
            return false;
        put_once(to, written, from);
    }
    return true;
}

/* Whether null is one of the alternatives, and which is the only other one. */
static bool lists_null(const struct lower_form *form, const struct lower_form **out_other,
                       uint32_t *out_others, unsigned depth)
{
    bool null = false;

    for (uint32_t i = 0; i < form->alternative_count; i++) {
        const struct lower_form *one = form->alternatives[i];

        if (is_null(one)) {
            null = true;
        } else if (one->is_union && one->definition.len == 0 && depth < NESTING_WRITTEN) {
            null = lists_null(one, out_other, out_others, depth + 1) || null;
        } else {
            *out_other = one;
            ++*out_others;
        }
    }
    return null;
}

static bool write_union(struct writing *to, const struct lower_form *form, bool or_null)
{
    const struct lower_form *other = NULL;
    uint32_t others = 0;
    bool null = lists_null(form, &other, &others, 0) || or_null;
    struct written written = {.count = 0};

    if (form->alternative_count == 0)
        return lower_fail(to->it, form, "nothing satisfies a part of it");
    if (others == 1 && other != to->root && form->description == CELL_NONE && form->notes.len == 0)
        return to->nesting > 1 ? write_form(to, other, null) : write_body(to, other, null);
    buffer_put_byte(to->out, '{');
    write_words(to, form);
    json_put_name(to->out, "anyOf");
    buffer_put_byte(to->out, '[');
    if (!write_alternatives(to, form, &written, 0))
        return false;
    if (null && !to->it->dialect->nullable)
        buffer_put(to->out,
                   written.count > 0 ? TEXT(",{\"type\":\"null\"}") : TEXT("{\"type\":\"null\"}"));
    buffer_put_byte(to->out, ']');
    if (null && to->it->dialect->nullable)
        buffer_put(to->out, TEXT(",\"nullable\":true"));
    buffer_put_byte(to->out, '}');
    return true;
}

static bool write_body(struct writing *to, const struct lower_form *form, bool or_null)
{
    uint8_t kinds = form->kinds;

    if (form->is_union)
        return write_union(to, form, or_null);
    if (or_null)
        kinds |= KIND_NULL;
    return fits_one(to, form, kinds) ? write_kinds(to, form, kinds, true)
                                     : write_split(to, form, kinds);
}

static bool write_reference(struct writing *to, const struct lower_form *form, bool or_null)
{
    bool wrapped = or_null && !form->admits_null;

    buffer_put(to->out, wrapped ? TEXT("{\"anyOf\":[{\"$ref\":\"#") : TEXT("{\"$ref\":\"#"));
    if (form != to->root)
        buffer_printf(to->out, "/$defs/%.*s", TEXT_ARG(form->definition));
    buffer_put(to->out, wrapped ? TEXT("\"},{\"type\":\"null\"}]}") : TEXT("\"}"));
    return true;
}

static bool write_form(struct writing *to, const struct lower_form *form, bool or_null)
{
    bool written;

    if (to->out->len > LOWERED_BYTES_MAX)
        return lower_fail(to->it, form, "it is too large once its references are written out");
    if (to->nesting > NESTING_WRITTEN)
        return lower_fail(to->it, form, "it is nested too deeply");
    if (form->definition.len > 0 || (form == to->root && to->nesting > 0))
        return write_reference(to, form, or_null);
    to->nesting++;
    written = write_body(to, form, or_null);
    to->nesting--;
    return written;
}

bool lower_write(struct lowering *it, struct lower_form *root, struct buffer *out)
{
    struct writing to = {.it = it, .root = root, .out = out};
    bool any = false;

    if (!write_form(&to, root, false))
        return false;
    for (size_t i = 0; i < it->form_count; i++) {
        if (it->forms[i]->definition.len == 0)
            continue;
        out->len -= !any; /* the root is still open */
        buffer_put(out, any ? TEXT(",") : TEXT(",\"$defs\":{"));
        any = true;
        json_put_string(out, it->forms[i]->definition);
        buffer_put_byte(out, ':');
        to.nesting = 1;
        if (!write_body(&to, it->forms[i], false))
            return false;
    }
    buffer_put(out, any ? TEXT("}}") : TEXT(""));
    return true;
}
