/* The code points that have a Unicode property are asked of the pattern library, which knows: it
 * takes apart a text of code points in order into runs that have it and runs that have not. Where
 * many code points in a row are alike, ideographs for one, the text has only the first and the last
 * of each column of 16, and what lies between is looked at where these two differ: Unicode begins
 * blocks at columns. That takes about a millisecond, so what was found is remembered for the life
 * of the process, as is the text, of 700 KB; there are a few hundred properties, so this has an
 * end. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/pattern_set.h"

#include "base/check.h"
#include "document/utf8.h"

#include <pthread.h>
#include <stdio.h>

enum { COLUMN = 16, CODE_POINT_BYTES = 4 };

/* Where the properties change but at the edges of blocks, which are Hangul syllables, ideographs,
 * private or not assigned at all. Whole columns. */
static const struct code_range alike[] = {
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xAC00, 0xD79F},    {0xE000, 0xF8FF},
    {0x17000, 0x187FF}, {0x20000, 0xDFFFF}, {0xE1000, 0x10FFFF},
};
enum { ALIKE = sizeof alike / sizeof *alike };

struct known_property {
    struct text name;
    bool exists;
    struct code_ranges ranges;
    struct known_property *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct known_property *known;
static struct text sample;  /* made when the first is asked for */
static struct arena memory; /* of all this */

static pcre2_code *compile_run(struct text name)
{
    char source[128];
    int error, len = snprintf(source, sizeof source, "\\P{%.*s}*+()\\p{%.*s}*+", TEXT_ARG(name),
                              TEXT_ARG(name));
    PCRE2_SIZE offset;
    pcre2_code *code;

    if (len < 0 || (size_t)len >= sizeof source)
        return NULL;
    code = pcre2_compile((PCRE2_SPTR)source, (PCRE2_SIZE)len, PCRE2_UTF | PCRE2_ANCHORED, &error,
                         &offset, NULL);
    if (code != NULL)
        pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    return code;
}

static bool in_alike(uint32_t code_point)
{
    for (size_t i = 0; i < ALIKE; i++) {
        if (code_point >= alike[i].first && code_point <= alike[i].last)
            return true;
    }
    return false;
}

/* Writes first, first + step and so on up to last. */
static size_t write_steps(uint32_t first, uint32_t last, uint32_t step, char *out)
{
    size_t len = 0;

    for (uint32_t i = first; i <= last; i += step)
        len += utf8_encode(i, out + len);
    return len;
}

static size_t write_alike(struct code_range range, char *out)
{
    size_t len = 0;

    for (uint32_t i = range.first; i <= range.last; i += COLUMN)
        len += write_steps(i, i + COLUMN - 1, COLUMN - 1, out + len);
    return len;
}

static struct text write_sample(struct arena *arena)
{
    size_t most = CODE_POINT_MAX + 1, len = 0;
    uint32_t next = 0;
    char *out;

    for (size_t i = 0; i < ALIKE; i++)
        most -= (alike[i].last - alike[i].first) / COLUMN * (COLUMN - 2);
    out = arena_bytes(arena, most * CODE_POINT_BYTES);
    for (size_t i = 0; i < ALIKE; i++) {
        if (next <= SURROGATES_FIRST && alike[i].first > SURROGATES_LAST) {
            len += write_steps(next, SURROGATES_FIRST - 1, 1, out + len);
            next = SURROGATES_LAST + 1;
        }
        len += write_steps(next, alike[i].first - 1, 1, out + len);
        len += write_alike(alike[i], out + len);
        next = alike[i].last + 1;
    }
    return (struct text){out, len};
}

/* The last code point that ends before a place. */
static uint32_t code_point_before(struct text text, size_t end)
{
    uint32_t code_point = 0;

    do
        end--;
    while (((unsigned char)text.at[end] & 0xC0) == 0x80);
    utf8_decode(text_after(text, end), &code_point);
    return code_point;
}

static void find_runs(const pcre2_code *code, struct text text, struct arena *arena,
                      struct code_set *out)
{
    pcre2_match_data *data = pcre2_match_data_create(2, NULL);
    const PCRE2_SIZE *found; /* the whole, then where the run begins */
    size_t end = 0;

    CHECK(data != NULL);
    found = pcre2_get_ovector_pointer(data);
    while (end < text.len && pcre2_match(code, (PCRE2_SPTR)text.at, text.len, end,
                                         PCRE2_NO_UTF_CHECK, data, NULL) > 0) {
        uint32_t first = 0;

        end = found[1];
        if (end == found[2])
            continue;
        utf8_decode(text_after(text, found[2]), &first);
        code_set_add(out, arena, first, code_point_before(text, end));
    }
    pcre2_match_data_free(data);
}

/* The runs of one column. */
static struct code_set find_in_column(const pcre2_code *code, uint32_t code_point,
                                      struct arena *arena)
{
    char column[COLUMN * CODE_POINT_BYTES];
    uint32_t first = code_point - code_point % COLUMN;
    struct code_set runs = {0};

    find_runs(code, (struct text){column, write_steps(first, first + COLUMN - 1, 1, column)}, arena,
              &runs);
    CHECK(runs.count > 0);
    return runs;
}

/* A run that begins with the last code point of a column, or ends with the first, may have more of
 * it. */
static void find_edges(const pcre2_code *code, struct code_range *run, struct arena *arena)
{
    struct code_set column;

    if (in_alike(run->first) && run->first % COLUMN == COLUMN - 1) {
        column = find_in_column(code, run->first, arena);
        run->first = column.ranges[column.count - 1].first;
    }
    if (in_alike(run->last) && run->last % COLUMN == 0)
        run->last = find_in_column(code, run->last, arena).ranges[0].last;
}

static struct known_property *find_out(struct text name)
{
    struct known_property *property = ARENA_NEW(&memory, struct known_property);
    pcre2_code *code = compile_run(name);
    struct arena scratch = {0};
    struct code_set set = {0};

    *property = (struct known_property){.name = arena_copy(&memory, name), .exists = code != NULL};
    if (code == NULL)
        return property;
    if (sample.len == 0)
        sample = write_sample(&memory);
    find_runs(code, sample, &memory, &set);
    for (size_t i = 0; i < set.count; i++)
        find_edges(code, &set.ranges[i], &scratch);
    pcre2_code_free(code);
    arena_release(&scratch);
    property->ranges = (struct code_ranges){set.ranges, set.count};
    return property;
}

bool property_find(struct text library_name, struct code_ranges *out)
{
    struct known_property *property;

    pthread_mutex_lock(&lock);
    for (property = known; property != NULL; property = property->next) {
        if (text_equal(property->name, library_name))
            break;
    }
    if (property == NULL) {
        property = find_out(library_name);
        property->next = known;
        known = property;
    }
    pthread_mutex_unlock(&lock);
    *out = property->ranges;
    return property->exists;
}
