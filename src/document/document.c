/* Finding one's way in cells: by name, by JSON Pointer and back, and comparing two subtrees. */
#include "document/document.h"

#include "base/check.h"
#include "document/names.h"

const char *cell_type_name(enum cell_type type)
{
    static const char *const names[CELL_TYPE_COUNT] = {
        [CELL_NULL] = "null",     [CELL_BOOLEAN] = "boolean", [CELL_INTEGER] = "integer",
        [CELL_NUMBER] = "number", [CELL_STRING] = "string",   [CELL_ARRAY] = "array",
        [CELL_OBJECT] = "object",
    };

    CHECK((unsigned)type < CELL_TYPE_COUNT);
    return names[type];
}

struct document *document_of_text(struct text text, struct text file, struct arena *arena)
{
    struct document *document = ARENA_NEW(arena, struct document);
    struct cell *cell = ARENA_NEW(arena, struct cell);
    struct range *mark = ARENA_NEW(arena, struct range);

    *cell = (struct cell){.type = CELL_STRING, .size = (uint32_t)text.len, .text = text.at};
    *mark = (struct range){{1, 1, 0}, {1, 1, 0}};
    *document =
        (struct document){.cells = cell, .count = 1, .source = text, .file = file, .marks = mark};
    return document;
}

uint32_t document_member(const struct document *document, uint32_t object, struct text name)
{
    const struct cell *cells = document->cells;

    if (object >= document->count || cells[object].type != CELL_OBJECT)
        return CELL_NONE;
    for (uint32_t key = object + 1; key < cells[object].end; key = cells_next(cells, key + 1)) {
        if (text_equal(cell_text(&cells[key]), name))
            return key + 1;
    }
    return CELL_NONE;
}

/* Whether an escaped token of a pointer is this name: ~1 stands for / and ~0 for ~. */
static bool token_is(struct text token, struct text name)
{
    size_t at = 0;

    for (size_t i = 0; i < token.len; i++, at++) {
        char byte = token.at[i];

        if (byte == '~' && i + 1 < token.len && (token.at[i + 1] == '0' || token.at[i + 1] == '1'))
            byte = token.at[++i] == '0' ? '~' : '/';
        if (at >= name.len || name.at[at] != byte)
            return false;
    }
    return at == name.len;
}

static uint32_t member_by_token(const struct document *document, uint32_t object, struct text token)
{
    uint32_t end = document->cells[object].end;

    for (uint32_t key = object + 1; key < end; key = document_next(document, key + 1)) {
        if (token_is(token, document_text(document, key)))
            return key + 1;
    }
    return CELL_NONE;
}

static uint32_t item_by_token(const struct document *document, uint32_t array, struct text token)
{
    uint32_t item = array + 1;
    uint64_t index;

    if (!text_to_u64(token, &index) || (token.len > 1 && token.at[0] == '0'))
        return CELL_NONE;
    if (index >= document->cells[array].size)
        return CELL_NONE;
    while (index-- > 0)
        item = document_next(document, item);
    return item;
}

uint32_t document_at(const struct document *document, uint32_t from, struct text pointer)
{
    if (from >= document->count || (pointer.len > 0 && pointer.at[0] != '/'))
        return CELL_NONE;
    while (pointer.len > 0 && from != CELL_NONE) {
        struct text token;

        pointer = text_after(pointer, 1);
        token = text_first(pointer, text_find_byte(pointer, '/'));
        pointer = text_after(pointer, token.len);
        if (document->cells[from].type == CELL_OBJECT)
            from = member_by_token(document, from, token);
        else if (document->cells[from].type == CELL_ARRAY)
            from = item_by_token(document, from, token);
        else
            from = CELL_NONE;
    }
    return from;
}

/* Appends "/token" and returns the end; with `out` NULL only counts. */
static size_t put_token(char *out, size_t len, struct text name)
{
    if (out != NULL)
        out[len] = '/';
    len++;
    for (size_t i = 0; i < name.len; i++) {
        char byte = name.at[i];
        bool escaped = byte == '~' || byte == '/';

        if (out != NULL) {
            out[len] = escaped ? '~' : byte;
            if (escaped)
                out[len + 1] = byte == '~' ? '0' : '1';
        }
        len += escaped ? 2 : 1;
    }
    return len;
}

static size_t put_index(char *out, size_t len, uint32_t index)
{
    char digits[10];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    return put_token(out, len, (struct text){digits + at, sizeof digits - at});
}

/* One step down towards cell `at`: appends its token to the pointer and returns the child. */
static uint32_t step_towards(const struct document *document, uint32_t container, uint32_t at,
                             char *out, size_t *len)
{
    bool object = document->cells[container].type == CELL_OBJECT;
    uint32_t child = container + 1;

    for (uint32_t index = 0;; index++) {
        uint32_t value = object ? child + 1 : child;
        uint32_t next = document_next(document, value);

        if (at < next) {
            *len = object ? put_token(out, *len, document_text(document, child))
                          : put_index(out, *len, index);
            return value;
        }
        child = next;
    }
}

static size_t put_pointer(const struct document *document, uint32_t at, char *out)
{
    size_t len = 0;
    uint32_t reached = 0;

    while (reached < at)
        reached = step_towards(document, reached, at, out, &len);
    return len; /* a key cell lies before the value that was reached */
}

struct text document_pointer(const struct document *document, uint32_t at, struct arena *arena)
{
    size_t len;
    char *out;

    CHECK(at < document->count);
    len = put_pointer(document, at, NULL);
    out = arena_bytes(arena, len + 1);
    put_pointer(document, at, out);
    out[len] = '\0';
    return (struct text){out, len};
}

/* Two subtrees side by side, and how deep. */
struct pair {
    const struct cell *a, *b;
    uint32_t a_at, b_at, depth;
};

static bool pair_equal(struct pair pair);

static bool arrays_equal(struct pair pair)
{
    struct pair child = {pair.a, pair.b, pair.a_at + 1, pair.b_at + 1, pair.depth + 1};

    while (child.a_at < pair.a[pair.a_at].end) {
        if (!pair_equal(child))
            return false;
        child.a_at = cells_next(pair.a, child.a_at);
        child.b_at = cells_next(pair.b, child.b_at);
    }
    return true;
}

static uint32_t find_key(const struct cell *cells, uint32_t object, struct text name)
{
    for (uint32_t key = object + 1; key < cells[object].end; key = cells_next(cells, key + 1)) {
        if (text_equal(cell_text(&cells[key]), name))
            return key;
    }
    return CELL_NONE;
}

static void index_names(struct names *names, struct arena *arena, const struct cell *cells,
                        uint32_t object)
{
    names_init(names, arena, cells[object].size);
    for (uint32_t key = object + 1; key < cells[object].end; key = cells_next(cells, key + 1))
        names_add(names, cells, key);
}

/* Members mostly stand in the same order in both, so the next one of b is tried first; else it is
 * looked up, in a large object through an index that is made when it is first needed. */
static bool members_equal(struct pair pair, struct arena *scratch)
{
    const struct cell *a = pair.a, *b = pair.b;
    uint32_t expected = pair.b_at + 1;
    struct names names = {0};

    for (uint32_t key = pair.a_at + 1; key < a[pair.a_at].end; key = cells_next(a, key + 1)) {
        struct text name = cell_text(&a[key]);
        uint32_t other = expected;

        if (other >= b[pair.b_at].end || !text_equal(cell_text(&b[other]), name)) {
            bool few = b[pair.b_at].size <= NAMES_FEW;

            if (!few && names.slots == NULL)
                index_names(&names, scratch, b, pair.b_at);
            other = few ? find_key(b, pair.b_at, name) : names_find(&names, b, name);
            if (other == CELL_NONE)
                return false;
        }
        if (!pair_equal((struct pair){a, b, key + 1, other + 1, pair.depth + 1}))
            return false;
        expected = cells_next(b, other + 1);
    }
    return true;
}

static bool objects_equal(struct pair pair)
{
    struct arena scratch = {0};
    bool equal = members_equal(pair, &scratch);

    arena_release(&scratch);
    return equal;
}

static bool pair_equal(struct pair pair)
{
    const struct cell *a = &pair.a[pair.a_at], *b = &pair.b[pair.b_at];
    bool numbers = (a->type == CELL_INTEGER || a->type == CELL_NUMBER) &&
                   (b->type == CELL_INTEGER || b->type == CELL_NUMBER);

    CHECK(pair.depth <= DOCUMENT_DEPTH_MAX);
    if (numbers)
        return cell_compare_numbers(a, b) == 0;
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case CELL_NULL:
        return true;
    case CELL_BOOLEAN:
        return a->boolean == b->boolean;
    case CELL_STRING:
        return text_equal(cell_text(a), cell_text(b));
    case CELL_ARRAY:
        return a->size == b->size && arrays_equal(pair);
    case CELL_OBJECT:
        return a->size == b->size && objects_equal(pair);
    default:
        NEVER("a cell of no type");
    }
}

bool document_equal(const struct document *a, uint32_t a_at, const struct document *b,
                    uint32_t b_at)
{
    return pair_equal((struct pair){a->cells, b->cells, a_at, b_at, 0});
}
