/* Walks a model's answer along the forms it was asked for. At each value there are several forms
 * that it may have been meant for, of which those count that the author's schema does not refuse by
 * names and scalars. A null goes when it stands for absence in one of them, and is a value in none.
 */
#include "schema/lower_form.h"

#include "base/check.h"
#include "document/json_read.h"
#include "document/json_write.h"

enum { CANDIDATES_MAX = 256, RAISE_STEPS = 10 * 1000 * 1000 };

struct candidates {
    const struct lower_form *forms[CANDIDATES_MAX];
    size_t count;
};
struct raising {
    struct lowering lowering; /* for checking scalars */
    const struct document *document;
    struct buffer out;
    size_t removed;
};

static void add(struct candidates *to, const struct lower_form *form, unsigned depth)
{
    for (uint32_t i = 0; form->is_union && depth < CANDIDATES_MAX && i < form->alternative_count;
         i++)
        add(to, form->alternatives[i], depth + 1);
    if (form->is_union || form->never || to->count == CANDIDATES_MAX)
        return;
    for (size_t i = 0; i < to->count; i++) {
        if (to->forms[i] == form)
            return;
    }
    to->forms[to->count++] = form;
}

static const struct lower_member *member_of(const struct lower_form *form, struct text name)
{
    for (uint32_t i = 0; i < form->member_count; i++) {
        if (text_equal(form->members[i].name, name))
            return &form->members[i];
    }
    return NULL;
}

/* Whether the object may be meant for the form: every scalar in it is one of its member's. */
static bool is_meant(struct raising *it, const struct lower_form *form, uint32_t object)
{
    const struct document *document = it->document;

    if ((form->kinds & KINDS_OBJECT) == 0)
        return false;
    for (uint32_t key = object + 1; key < document_next(document, object);
         key = document_next(document, key + 1)) {
        const struct cell *value = document_cell(document, key + 1);
        const struct lower_member *member = member_of(form, document_text(document, key));

        if (member == NULL && form->member_count > 0 && form->rest != NULL && form->rest->never)
            return false;
        if (member == NULL || value->type >= CELL_ARRAY ||
            (value->type == CELL_NULL && member->absent_null))
            continue;
        if (!place_holds(&it->lowering, member->form, document, key + 1, true))
            return false;
    }
    return true;
}

static void keep_meant(struct raising *it, struct candidates *at, uint32_t object)
{
    struct candidates meant = {0};

    for (size_t i = 0; at->count > 1 && i < at->count; i++) {
        if (is_meant(it, at->forms[i], object))
            meant.forms[meant.count++] = at->forms[i];
    }
    if (meant.count > 0)
        *at = meant;
}

/* Whether the member's null stands for its absence; `to` gets the forms of its value. */
static bool is_absent(const struct candidates *at, struct text name, bool null,
                      struct candidates *to)
{
    bool absent = false, value = false;

    for (size_t i = 0; i < at->count; i++) {
        const struct lower_member *member = member_of(at->forms[i], name);

        if (member == NULL && at->forms[i]->rest != NULL)
            add(to, at->forms[i]->rest, 0);
        if (member == NULL)
            continue;
        add(to, member->form, 0);
        absent = absent || member->absent_null;
        value = value || member->form->admits_null;
    }
    return null && absent && !value;
}

static void raise_value(struct raising *it, struct candidates *at, uint32_t cell);

static void raise_object(struct raising *it, struct candidates *at, uint32_t object)
{
    const struct document *document = it->document;
    bool first = true;

    keep_meant(it, at, object);
    buffer_put_byte(&it->out, '{');
    for (uint32_t key = object + 1; key < document_next(document, object);
         key = document_next(document, key + 1)) {
        bool null = document_cell(document, key + 1)->type == CELL_NULL;
        struct candidates inside = {0};

        if (is_absent(at, document_text(document, key), null, &inside)) {
            it->removed++;
            continue;
        }
        buffer_put(&it->out, first ? TEXT("") : TEXT(","));
        first = false;
        json_put_string(&it->out, document_text(document, key));
        buffer_put_byte(&it->out, ':');
        raise_value(it, &inside, key + 1);
    }
    buffer_put_byte(&it->out, '}');
}

static void raise_array(struct raising *it, const struct candidates *at, uint32_t array)
{
    uint32_t index = 0;

    buffer_put_byte(&it->out, '[');
    for (uint32_t item = array + 1; item < document_next(it->document, array);
         item = document_next(it->document, item), index++) {
        struct candidates inside = {0};

        for (size_t i = 0; i < at->count; i++) {
            const struct lower_form *form = at->forms[i];

            if (index < form->prefix_count)
                add(&inside, form->prefix[index], 0);
            else if (form->rest_items != NULL)
                add(&inside, form->rest_items, 0);
        }
        buffer_put(&it->out, index ? TEXT(",") : TEXT(""));
        raise_value(it, &inside, item);
    }
    buffer_put_byte(&it->out, ']');
}

/* As deep as the document, which its reader bounds. */
static void raise_value(struct raising *it, struct candidates *at, uint32_t cell)
{
    enum cell_type type = (enum cell_type)document_cell(it->document, cell)->type;

    if (type == CELL_OBJECT && at->count > 0)
        raise_object(it, at, cell);
    else if (type == CELL_ARRAY && at->count > 0)
        raise_array(it, at, cell);
    else
        json_put_cell(&it->out, it->document, cell);
}

void schema_raise(const struct lowered *lowered, const struct document *document,
                  struct arena *arena, struct document *out)
{
    static const struct json_limits limits = {.depth = 1000, .nodes = JSON_UNLIMITED};
    struct arena scratch = {0};
    struct raising it = {
        .lowering = {.schema = lowered->schema, .scratch = &scratch, .steps_left = RAISE_STEPS},
        .document = document,
        .out = buffer_in(arena),
    };
    struct candidates at = {0};

    *out = *document;
    if (lowered->form == NULL || !lowered->writes_nulls)
        return;
    add(&at, lowered->form, 0);
    raise_value(&it, &at, 0);
    arena_release(&scratch);
    if (it.removed == 0)
        return;
    CHECK(json_read(buffer_text(&it.out), &limits, arena, out, NULL, NULL));
    out->file = document->file;
}
