/* Most texts are read by json_fast.c. This is the reader that can say what is wrong, for all texts,
 * and the one the fast reader is tested against.
 *
 * One loop over values, without recursion: containers that are still open are chained through the
 * `end` fields of their own cells, which are not needed before they close. Names are checked for
 * duplicates when an object closes, all at once. Errors are found here but described in
 * json_problem.c. */
#include "document/json_read.h"

#include "base/check.h"
#include "document/json_fast.h"
#include "document/json_problem.h"
#include "document/json_token.h"
#include "document/names.h"

enum {
    DEPTH_DEFAULT = 128,
    NODES_BASE = 10000,
    NODES_BYTES = 32,
    FIRST_CELLS_MAX = 4096,
    FIRST_CELLS_PREFIX = 4
};
#define BYTES_MAX ((size_t)1 << 31) /* so that every size and cell index fits 32 bits */

struct reader {
    struct text text;
    const char *end;
    struct cell *cells;
    uint32_t count, room, room_max;
    uint32_t open; /* innermost open container; its `end` is the one around it, or CELL_NONE */
    bool prefix;   /* what follows the value is none of our business */
    uint32_t depth;
    struct json_limits limits;
    struct arena *arena;
    struct json_problem problem;
};

static struct json_limits limits_of(const struct json_limits *given, size_t bytes)
{
    struct json_limits limits = given ? *given : (struct json_limits){0};
    size_t nodes = NODES_BASE + bytes / NODES_BYTES;

    if (limits.depth == 0)
        limits.depth = DEPTH_DEFAULT;
    if (limits.nodes == 0)
        limits.nodes = (uint32_t)(nodes < JSON_UNLIMITED ? nodes : JSON_UNLIMITED);
    if (limits.digits == 0)
        limits.digits = DIGITS_DEFAULT;
    CHECK(limits.depth <= DOCUMENT_DEPTH_MAX);
    return limits;
}

static const char *fail(struct reader *r, const char *at, const char *expected)
{
    r->problem = (struct json_problem){.at = at, .expected = expected};
    return NULL;
}

static const char *refuse(struct reader *r, const char *at, enum json_problem_kind kind,
                          uint32_t limit)
{
    r->problem = (struct json_problem){.at = at, .kind = kind, .limit = limit};
    return NULL;
}

static inline const char *skip_blank(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
        at++;
    return at;
}

/* Room for more cells: a first guess from the length of the text, then twice as many each time.
 * Not zeroed: every cell is written whole. */
static bool grow(struct reader *r)
{
    uint32_t room = r->room * 2;

    if (r->count == r->room_max)
        return false;
    if (r->room == 0) {
        size_t guess = 16 + r->text.len / 16;

        room = (uint32_t)(guess < FIRST_CELLS_MAX ? guess : FIRST_CELLS_MAX);
        if (r->prefix) /* how much of the text it will be is not known */
            room = FIRST_CELLS_PREFIX;
    }
    if (room > r->room_max || room < r->room)
        room = r->room_max;
    r->cells = arena_grow(r->arena, r->cells, (size_t)r->count * sizeof *r->cells,
                          (size_t)room * sizeof *r->cells);
    r->room = room;
    return true;
}

/* The next cell, all but its type zero; NULL when there are too many. */
static inline struct cell *add_cell(struct reader *r, const char *at, enum cell_type type)
{
    struct cell *cell;

    if (__builtin_expect(r->count == r->room, 0) && !grow(r)) {
        refuse(r, at, JSON_NODES, r->limits.nodes);
        return NULL;
    }
    cell = &r->cells[r->count++];
    *cell = (struct cell){.type = (uint8_t)type};
    return cell;
}

static const char *read_word(struct reader *r, const char *at, struct text word,
                             const char *expected, enum cell_type type)
{
    struct cell *cell;
    size_t same = 0;

    while (same < word.len && at + same < r->end && at[same] == word.at[same])
        same++;
    if (same < word.len)
        return fail(r, at + same, expected);
    cell = add_cell(r, at, type);
    if (cell == NULL)
        return NULL;
    cell->boolean = *at == 't';
    return at + word.len;
}

static const char *read_string(struct reader *r, const char *at)
{
    struct cell *cell = add_cell(r, at, CELL_STRING);

    return cell ? json_read_string(at + 1, r->end, r->arena, cell, &r->problem) : NULL;
}

static const char *read_number(struct reader *r, const char *at)
{
    struct cell *cell = add_cell(r, at, CELL_NUMBER);

    return cell ? json_read_number(at, r->end, r->limits.digits, cell, &r->problem) : NULL;
}

static bool starts_number(const char *at, const char *end)
{
    return at < end && (*at == '-' || (*at >= '0' && *at <= '9'));
}

static const char *read_scalar(struct reader *r, const char *at)
{
    switch (at < r->end ? *at : '\0') {
    case '"':
        return read_string(r, at);
    case 't':
        return read_word(r, at, TEXT("true"), "'true'", CELL_BOOLEAN);
    case 'f':
        return read_word(r, at, TEXT("false"), "'false'", CELL_BOOLEAN);
    case 'n':
        return read_word(r, at, TEXT("null"), "'null'", CELL_NULL);
    default:
        return starts_number(at, r->end) ? read_number(r, at) : fail(r, at, "a value");
    }
}

/* A member's name and colon; what follows is its value. */
static const char *read_name(struct reader *r, const char *at)
{
    if (at == r->end || *at != '"')
        return fail(r, at, "a name in double quotes");
    at = read_string(r, at);
    if (at == NULL)
        return NULL;
    cell_hash_name(&r->cells[r->count - 1]);
    at = skip_blank(at, r->end);
    if (at == r->end || *at != ':')
        return fail(r, at, "':' after a name");
    return at + 1;
}

/* Opens a container; it becomes the innermost one, with the one around it in its `end`. */
static const char *read_opening(struct reader *r, const char *at)
{
    struct cell *cell = add_cell(r, at, *at == '{' ? CELL_OBJECT : CELL_ARRAY);

    if (cell == NULL)
        return NULL;
    if (r->depth == r->limits.depth)
        return refuse(r, at, JSON_DEPTH, r->limits.depth);
    r->depth++;
    cell->end = r->open;
    r->open = r->count - 1;
    return at + 1;
}

static const char *read_closing(struct reader *r, const char *at)
{
    uint32_t closed = r->open, duplicate = CELL_NONE;
    struct cell *cell = &r->cells[closed];

    r->open = cell->end;
    r->depth--;
    cell->end = r->count;
    if (cell->type == CELL_OBJECT && cell->size > 1 && !r->limits.allow_duplicate_names)
        duplicate = names_duplicate(r->cells, closed);
    if (duplicate != CELL_NONE) {
        struct document read = {.cells = r->cells, .count = r->count, .source = r->text};

        return refuse(r, r->text.at + document_range(&read, duplicate).start.byte, JSON_DUPLICATE,
                      0);
    }
    return at + 1;
}

/* What comes after a whole value: closing brackets, then a comma up to where the next value is due.
 * At the end of the outermost value r->open is CELL_NONE. */
static const char *read_following(struct reader *r, const char *at)
{
    while (at != NULL && r->open != CELL_NONE) {
        struct cell *container = &r->cells[r->open];
        bool object = container->type == CELL_OBJECT;
        char byte;

        at = skip_blank(at, r->end);
        byte = at < r->end ? *at : '\0';
        container->size++;
        if (byte == ',')
            return object ? read_name(r, skip_blank(at + 1, r->end)) : at + 1;
        if (byte != (object ? '}' : ']'))
            return fail(r, at, object ? "',' or '}' after a member" : "',' or ']' after a value");
        at = read_closing(r, at);
    }
    return at;
}

/* One value with what follows it, or the opening of one up to its first value. */
static const char *read_step(struct reader *r, const char *at)
{
    char byte = at < r->end ? *at : '\0';

    if (byte == '{' || byte == '[') {
        at = read_opening(r, at);
        if (at == NULL)
            return NULL;
        at = skip_blank(at, r->end);
        if (at == r->end || *at != (byte == '{' ? '}' : ']'))
            return byte == '{' ? read_name(r, at) : at;
        at = read_closing(r, at);
    } else {
        at = read_scalar(r, at);
    }
    return at != NULL ? read_following(r, at) : NULL;
}

/* Sets r->end to the end of what was read. */
static bool read_all(struct reader *r)
{
    const char *at = r->text.at;

    do {
        at = read_step(r, skip_blank(at, r->end));
        if (at == NULL)
            return false;
    } while (r->open != CELL_NONE);
    if (r->prefix)
        r->end = at;
    at = skip_blank(at, r->end);
    if (at < r->end)
        fail(r, at, "the end of the text after the value");
    return at == r->end;
}

/* Reads value by value; what is wrong is in r->problem. */
static bool read_plainly(struct reader *r, struct document *out)
{
    uint64_t most = (uint64_t)r->text.len / 2 + DOCUMENT_DEPTH_MAX + 2; /* cells of so many bytes */

    r->end = r->text.at + r->text.len;
    r->room_max = (uint32_t)(most < r->limits.nodes ? most : r->limits.nodes);
    if (!read_all(r))
        return false;
    *out = (struct document){.cells = r->cells, .count = r->count};
    out->source = text_between(r->text.at, r->end);
    return true;
}

static bool read_text(struct reader *r, enum json_engine engine, const struct json_limits *limits,
                      struct document *out, size_t *out_offset, struct error *err)
{
    struct text text = r->text;

    if (text.len == 0)
        r->text.at = "";
    r->limits = limits_of(limits, text.len);
    if (text.len > BYTES_MAX)
        refuse(r, r->text.at + BYTES_MAX, JSON_BYTES, (uint32_t)BYTES_MAX);
    else if ((engine != JSON_PLAIN && json_read_fast(text, &r->limits, engine, r->arena, out)) ||
             read_plainly(r, out))
        return true;
    *out = (struct document){0};
    if (out_offset != NULL)
        *out_offset = (size_t)(r->problem.at - r->text.at);
    return json_problem_set(&r->problem, r->text, err);
}

bool json_read_with(enum json_engine engine, struct text text, const struct json_limits *limits,
                    struct arena *arena, struct document *out, size_t *out_offset,
                    struct error *err)
{
    struct reader r = {.text = text, .open = CELL_NONE, .arena = arena};

    return read_text(&r, engine, limits, out, out_offset, err);
}

bool json_read(struct text text, const struct json_limits *limits, struct arena *arena,
               struct document *out, size_t *out_offset, struct error *err)
{
    return json_read_with(json_engine_best(), text, limits, arena, out, out_offset, err);
}

bool json_read_prefix(struct text text, const struct json_limits *limits, struct arena *arena,
                      struct document *out, size_t *out_offset, struct error *err)
{
    struct reader r = {.text = text, .open = CELL_NONE, .arena = arena, .prefix = true};

    return read_text(&r, JSON_PLAIN, limits, out, out_offset, err);
}
