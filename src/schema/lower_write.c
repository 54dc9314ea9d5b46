/* The graph of forms as text: compact, members in the author's order, keywords always in the same
 * one. Most dialects want one type a schema, so a value that may be of several is a union. */
#include "schema/lower_write.h"

#include "document/json_write.h"

enum { NESTING_WRITTEN = 100 };

static bool write_body(struct writing *to, const struct lower_form *form, bool or_null);

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
        if (!lower_write_form(to, one, false))
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
        return to->nesting > 1 ? lower_write_form(to, other, null) : write_body(to, other, null);
    buffer_put_byte(to->out, '{');
    lower_write_words(to, form);
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
    return lower_write_leaf(to, form, kinds);
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

bool lower_write_form(struct writing *to, const struct lower_form *form, bool or_null)
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

    if (!lower_write_form(&to, root, false))
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
