/* The assertions that look at one value alone, without running another schema. */
#include "schema/run.h"

#include "base/check.h"
#include "base/random.h"
#include "schema/content.h"

/* Eight bytes at a time: those that begin no code point are 10xxxxxx. */
uint64_t count_code_points(struct text text)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t inner = 0;
    size_t i = 0;

    for (; i + 8 <= text.len; i += 8) {
        uint64_t word = name_word(text.at + i, 8);

        inner += (((word >> 7) & ~(word >> 6) & ones) * ones) >> 56;
    }
    for (; i < text.len; i++)
        inner += ((unsigned char)text.at[i] & 0xC0) == 0x80;
    return text.len - inner;
}

bool assert_length(const struct cell *string, uint64_t least, uint64_t most)
{
    uint64_t count = string->size;

    if ((string->flags & CELL_ASCII) == 0) {
        /* A code point has one to four bytes. */
        if (count < least || (count + 3) / 4 > most)
            return false;
        if ((count + 3) / 4 >= least && count <= most)
            return true;
        count = count_code_points(cell_text(string));
    }
    return count >= least && count <= most;
}

bool assert_written(const struct cell *cell)
{
    if (cell_kind(cell) != KIND_BIG_INTEGER)
        return true;
    for (uint32_t i = 0; i < cell->size; i++) {
        if (cell->text[i] == '.' || cell->text[i] == 'e' || cell->text[i] == 'E')
            return false;
    }
    return true;
}

bool assert_number(enum keyword keyword, const struct bound *bound, const struct cell *number)
{
    switch (keyword) {
    case KEYWORD_MINIMUM:
        return bound_compare(number, bound) >= 0;
    case KEYWORD_EXCLUSIVE_MINIMUM:
        return bound_compare(number, bound) > 0;
    case KEYWORD_MAXIMUM:
        return bound_compare(number, bound) <= 0;
    case KEYWORD_EXCLUSIVE_MAXIMUM:
        return bound_compare(number, bound) < 0;
    case KEYWORD_MULTIPLE_OF:
        return bound_divides(bound, number);
    default:
        NEVER("a keyword about numbers");
    }
}

/* Equal values have as many cells, so comparing costs no more than the schema's value is long. */
static bool equals(struct run *run, uint32_t theirs, uint32_t at)
{
    const struct document *ours = run->schema->document;

    if (run->cells[at].type >= CELL_ARRAY) {
        uint32_t cells = document_next(ours, theirs) - theirs;

        if (next_cell(run->cells, at) - at != cells || !spend(run, cells))
            return false;
    }
    return document_equal(ours, theirs, run->document, at);
}

bool assert_choice(struct run *run, const struct choice *choice, uint32_t at)
{
    const struct cell *cell = &run->cells[at];

    if (cell->type == CELL_STRING)
        return name_table_find(&choice->table, choice->slots, cell_text(cell)) != UINT32_MAX;
    if ((choice->kinds & KIND_BIT(cell_kind(cell))) == 0 || !spend(run, choice->cell_count))
        return false;
    for (uint32_t i = 0; i < choice->cell_count; i++) {
        if (equals(run, choice->cells[i], at))
            return true;
    }
    return false;
}

bool assert_pattern(struct run *run, const struct pattern *pattern, struct text subject)
{
    enum pattern_verdict verdict;

    run->patterns.steps = 0;
    verdict = pattern_match(pattern, subject, &run->patterns);
    if (!spend(run, 1 + run->patterns.steps / 16))
        return false;
    if (verdict == PATTERN_GAVE_UP)
        return give_up(run, PATTERN_LIMIT);
    return verdict == PATTERN_MATCHES;
}

bool assert_content(struct run *run, unsigned content, struct text subject)
{
    struct arena scratch = {0};
    bool holds = spend(run, 1 + subject.len / 16) && content_holds(content, subject, &scratch);

    arena_release(&scratch);
    return holds;
}

bool assert_format(struct run *run, enum format format, struct text subject)
{
    struct arena scratch = {0}; /* a document may have very many of them */
    bool holds = spend(run, 1 + subject.len / 16) && format_holds(format, subject, &scratch);

    arena_release(&scratch);
    return holds;
}

uint32_t find_member(struct run *run, uint32_t object, struct text name)
{
    const struct cell *cells = run->cells;

    if (!spend(run, 1 + cells[object].size / 8))
        return CELL_NONE;
    for (uint32_t key = object + 1; key < cells[object].end; key = next_cell(cells, key + 1)) {
        if (text_equal(cell_text(&cells[key]), name))
            return key + 1;
    }
    return CELL_NONE;
}

void find_required(struct run *run, const struct members *members, uint32_t object, uint64_t *seen)
{
    const struct cell *cells = run->cells;

    spend(run, cells[object].size);
    for (uint32_t key = object + 1; key < cells[object].end; key = next_cell(cells, key + 1)) {
        uint32_t slot = name_table_find(&members->table, members->slots, cell_text(&cells[key]));

        if (slot != UINT32_MAX && members->slots[slot].requested != 0) {
            uint32_t number = members->slots[slot].requested - 1;

            seen[number / 64] |= UINT64_C(1) << number % 64;
        }
    }
}

/* Few items are compared with one another; more are sorted into a table by a hash under which equal
 * values meet, seeded so that a document cannot make others meet. */
enum { ITEMS_COMPARED = 15 };

static uint64_t mix(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)(a ^ 0x9E3779B97F4A7C15u) * (b ^ random_process_seed());

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Recursion is bounded by the readers' nesting limit. */
static uint64_t hash_value(const struct cell *cells, uint32_t at)
{
    const struct cell *cell = &cells[at];
    uint64_t hash = cell->type;

    switch (cell->type) {
    case CELL_BOOLEAN:
        return mix(hash, cell->boolean);
    case CELL_INTEGER:
    case CELL_NUMBER:
        return mix(CELL_NUMBER, number_hash(cell));
    case CELL_STRING:
        return mix(hash, text_hash(cell_text(cell)));
    case CELL_ARRAY:
        for (uint32_t item = at + 1; item < cell->end; item = next_cell(cells, item))
            hash = mix(hash, hash_value(cells, item));
        return hash;
    case CELL_OBJECT:
        for (uint32_t key = at + 1; key < cell->end; key = next_cell(cells, key + 1))
            hash += mix(text_hash(cell_text(&cells[key])), hash_value(cells, key + 1));
        return mix(hash, cell->size);
    default:
        return mix(hash, 1);
    }
}

/* Steps for looking at all of a value: its cells, and the bytes of its strings by the cache line.
 */
static uint64_t work_of(const struct cell *cells, uint32_t at)
{
    uint32_t end = next_cell(cells, at);
    uint64_t work = end - at;

    for (; at < end; at++)
        work += cells[at].type == CELL_STRING ? cells[at].size / 64 : 0;
    return work;
}

static bool compare_each(struct run *run, uint32_t array, uint32_t *out_first, uint32_t *out_second)
{
    const struct cell *cells = run->cells;

    for (uint32_t a = array + 1; a < cells[array].end; a = next_cell(cells, a)) {
        for (uint32_t b = next_cell(cells, a); b < cells[array].end; b = next_cell(cells, b)) {
            if (!spend(run, 1))
                return false;
            if (cells[a].type == CELL_STRING && cells[b].type == CELL_STRING &&
                cells[a].size != cells[b].size)
                continue;
            if (!spend(run, work_of(cells, a)))
                return false;
            if (document_equal(run->document, a, run->document, b)) {
                *out_first = a;
                *out_second = b;
                return true;
            }
        }
    }
    return false;
}

struct unique_place {
    uint64_t hash;
    uint32_t item; /* 0: free */
};

static bool compare_hashed(struct run *run, uint32_t array, uint32_t *out_first,
                           uint32_t *out_second, struct arena *scratch)
{
    const struct cell *cells = run->cells;
    size_t mask = 31;
    struct unique_place *places;

    while (mask < (size_t)cells[array].size * 2)
        mask = mask * 2 + 1;
    places = ARENA_ARRAY(scratch, struct unique_place, mask + 1);
    for (uint32_t item = array + 1; item < cells[array].end; item = next_cell(cells, item)) {
        uint64_t hash = hash_value(cells, item);
        size_t at = hash & mask;

        for (; places[at].item != 0; at = (at + 1) & mask) {
            if (places[at].hash != hash ||
                !document_equal(run->document, places[at].item, run->document, item))
                continue;
            *out_first = places[at].item;
            *out_second = item;
            return true;
        }
        places[at] = (struct unique_place){hash, item};
    }
    return false;
}

bool find_equal_items(struct run *run, uint32_t array, uint32_t *out_first, uint32_t *out_second)
{
    struct arena scratch = {0};
    bool found;

    if (run->cells[array].size <= ITEMS_COMPARED)
        return compare_each(run, array, out_first, out_second);
    if (!spend(run, work_of(run->cells, array)))
        return false;
    found = compare_hashed(run, array, out_first, out_second, &scratch);
    arena_release(&scratch);
    return found;
}

bool assert_unique(struct run *run, uint32_t array)
{
    uint32_t first, second;

    return !find_equal_items(run, array, &first, &second) && run->undecided == DECIDED;
}
