/* References stay inside the schema: "#", pointers, anchors, and the $id of an embedded schema. */
#include "demo/demo_set.h"

enum { POINTER_MAX = 512 };

static int hex(char byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

/* A fragment without its percent escapes; cut when it is very long. */
static struct text unescape(struct text fragment, char out[POINTER_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < fragment.len && len < POINTER_MAX; i++) {
        char byte = fragment.at[i];

        if (byte == '%' && i + 2 < fragment.len && hex(fragment.at[i + 1]) >= 0 &&
            hex(fragment.at[i + 2]) >= 0) {
            byte = (char)(hex(fragment.at[i + 1]) * 16 + hex(fragment.at[i + 2]));
            i += 2;
        }
        out[len++] = byte;
    }
    return (struct text){out, len};
}

static bool member_is(const struct document *document, uint32_t object, const char *name,
                      struct text value)
{
    uint32_t at = document_member(document, object, text_of(name));

    return at != CELL_NONE && document_cell(document, at)->type == CELL_STRING &&
           text_equal(document_text(document, at), value);
}

/* The first schema inside `root` with this $id, or this anchor. */
static uint32_t find_named(const struct document *document, uint32_t root, struct text name,
                           bool is_id)
{
    for (uint32_t at = root; at < document_next(document, root); at++) {
        if (document_cell(document, at)->type != CELL_OBJECT)
            continue;
        if (is_id ? member_is(document, at, "$id", name)
                  : member_is(document, at, "$anchor", name) ||
                        member_is(document, at, "$dynamicAnchor", name))
            return at;
    }
    return CELL_NONE;
}

static uint32_t follow(const struct document *document, uint32_t root, struct text ref)
{
    char bytes[POINTER_MAX];
    struct text fragment = ref;
    struct text base = text_split(&fragment, '#');

    if (base.len > 0)
        root = find_named(document, root, base, true);
    fragment = unescape(fragment, bytes);
    if (root == CELL_NONE || fragment.len == 0)
        return root;
    return fragment.at[0] == '/' ? document_at(document, root, fragment)
                                 : find_named(document, root, fragment, false);
}

/* How late a branch is tried. */
static unsigned reluctance(const struct document *document, uint32_t schema, bool lean)
{
    uint32_t type = document_member(document, schema, TEXT("type"));
    bool is_scalar = document_member(document, schema, TEXT("enum")) != CELL_NONE ||
                     document_member(document, schema, TEXT("const")) != CELL_NONE;

    if (type != CELL_NONE && document_cell(document, type)->type == CELL_STRING) {
        struct text name = document_text(document, type);

        if (text_equal(name, TEXT("null")))
            return lean ? 0 : 2;
        is_scalar =
            is_scalar || (!text_equal(name, TEXT("object")) && !text_equal(name, TEXT("array")));
    }
    return !lean || is_scalar ? 1 : 2;
}

static void add_branch(struct demo_set *set, uint32_t list, unsigned *choice, bool lean)
{
    const struct document *document = set->document;
    uint32_t count = document_cell(document, list)->size;
    uint32_t wanted;

    if (document_cell(document, list)->type != CELL_ARRAY || count == 0)
        return;
    wanted = *choice % count;
    *choice /= count;
    for (unsigned rank = 0; rank <= 2; rank++)
        for (uint32_t at = list + 1; at < document_next(document, list);
             at = document_next(document, at))
            if (reluctance(document, at, lean) == rank && wanted-- == 0) {
                demo_set_add(set, at, choice, lean);
                return;
            }
}

static void add_all(struct demo_set *set, uint32_t list, unsigned *choice, bool lean)
{
    const struct document *document = set->document;

    if (document_cell(document, list)->type != CELL_ARRAY)
        return;
    for (uint32_t at = list + 1; at < document_next(document, list);
         at = document_next(document, at))
        demo_set_add(set, at, choice, lean);
}

static void add_condition(struct demo_set *set, uint32_t schema, unsigned *choice, bool lean)
{
    uint32_t condition = document_member(set->document, schema, TEXT("if"));
    uint32_t met = document_member(set->document, schema, TEXT("then"));
    uint32_t unmet = document_member(set->document, schema, TEXT("else"));
    bool meets = *choice % 2 == 0;

    if (condition == CELL_NONE || (met == CELL_NONE && unmet == CELL_NONE))
        return;
    *choice /= 2;
    if (meets)
        demo_set_add(set, condition, choice, lean);
    if ((meets ? met : unmet) != CELL_NONE)
        demo_set_add(set, meets ? met : unmet, choice, lean);
}

void demo_set_add(struct demo_set *set, uint32_t schema, unsigned *choice, bool lean)
{
    const struct document *document = set->document;
    const struct cell *cell = document_cell(document, schema);

    if (cell->type == CELL_BOOLEAN)
        set->never = set->never || !cell->boolean;
    if (cell->type != CELL_OBJECT || set->count == DEMO_SET_MAX)
        return;
    for (size_t i = 0; i < set->count; i++)
        if (set->at[i] == schema)
            return; /* also what ends a reference loop */
    set->at[set->count++] = schema;
    for (uint32_t key = schema + 1; key < cell->end; key = document_next(document, key + 1)) {
        struct text name = document_text(document, key);

        if ((text_equal(name, TEXT("$ref")) || text_equal(name, TEXT("$dynamicRef"))) &&
            document_cell(document, key + 1)->type == CELL_STRING) {
            uint32_t target = follow(document, set->root, document_text(document, key + 1));

            if (target != CELL_NONE)
                demo_set_add(set, target, choice, lean);
        } else if (text_equal(name, TEXT("allOf"))) {
            add_all(set, key + 1, choice, lean);
        } else if (text_equal(name, TEXT("anyOf")) || text_equal(name, TEXT("oneOf"))) {
            add_branch(set, key + 1, choice, lean);
        }
    }
    add_condition(set, schema, choice, lean);
}

uint32_t demo_set_next(const struct demo_set *set, const char *keyword, size_t *from)
{
    while (*from < set->count) {
        uint32_t at = document_member(set->document, set->at[(*from)++], text_of(keyword));

        if (at != CELL_NONE)
            return at;
    }
    return CELL_NONE;
}

bool demo_set_has(const struct demo_set *set, const char *keyword)
{
    size_t from = 0;

    return demo_set_next(set, keyword, &from) != CELL_NONE;
}

static double strictest(const struct demo_set *set, const char *keyword, double otherwise,
                        bool greatest)
{
    size_t from = 0;
    bool found = false;
    uint32_t at;

    while ((at = demo_set_next(set, keyword, &from)) != CELL_NONE) {
        const struct cell *cell = document_cell(set->document, at);
        double value;

        if (cell->type != CELL_INTEGER && cell->type != CELL_NUMBER)
            continue;
        value = document_double(cell);
        if (!found || (greatest ? value > otherwise : value < otherwise))
            otherwise = value;
        found = true;
    }
    return otherwise;
}

double demo_set_greatest(const struct demo_set *set, const char *keyword, double otherwise)
{
    return strictest(set, keyword, otherwise, true);
}

double demo_set_least(const struct demo_set *set, const char *keyword, double otherwise)
{
    return strictest(set, keyword, otherwise, false);
}

static unsigned type_bits(const struct document *document, uint32_t at)
{
    if (document_cell(document, at)->type != CELL_STRING)
        return 0;
    for (int type = 0; type < CELL_TYPE_COUNT; type++)
        if (text_equal(document_text(document, at), text_of(cell_type_name((enum cell_type)type))))
            return type == CELL_NUMBER ? 1u << CELL_NUMBER | 1u << CELL_INTEGER : 1u << type;
    return 0;
}

unsigned demo_set_types(const struct demo_set *set)
{
    const struct document *document = set->document;
    unsigned types = DEMO_TYPES_ALL;
    size_t from = 0;
    uint32_t at;

    while ((at = demo_set_next(set, "type", &from)) != CELL_NONE) {
        unsigned bits = type_bits(document, at);

        if (document_cell(document, at)->type == CELL_ARRAY)
            for (uint32_t item = at + 1; item < document_next(document, at);
                 item = document_next(document, item))
                bits |= type_bits(document, item);
        types &= bits;
    }
    return types;
}
