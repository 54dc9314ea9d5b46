/* The code points that have a Unicode property are asked of the pattern library, which knows: it
 * takes apart a text of all code points in order, a plane at a time, into runs that have it and
 * runs that have not. That takes a few milliseconds, so what was found is remembered for the life
 * of the process; there are a few hundred properties, so this has an end. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "schema/pattern_set.h"

#include "base/check.h"
#include "document/utf8.h"

#include <pthread.h>
#include <stdio.h>

enum { PLANES = 17, PLANE_SIZE = 0x10000, BLOCK_SIZE = 64, PLANE_BYTES_MAX = PLANE_SIZE * 4 };

struct known_property {
    struct text name;
    bool exists;
    struct code_ranges ranges;
    struct known_property *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct known_property *known;
static struct arena memory; /* of what is known */

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

/* 64 code points that differ only in the last bits, and so in the last byte. Writes up to three
 * bytes too many. */
static size_t write_block(uint32_t first, char *out)
{
    char bytes[4] = {0};
    size_t len = utf8_encode(first, bytes);

    for (size_t i = 0; i < BLOCK_SIZE; i++) {
        memcpy(out + i * len, bytes, sizeof bytes);
        bytes[len - 1]++;
    }
    return BLOCK_SIZE * len;
}

static size_t write_plane(uint32_t plane, char *out)
{
    uint32_t from = plane * PLANE_SIZE;
    size_t len = 0;

    for (uint32_t block = from; block < from + PLANE_SIZE; block += BLOCK_SIZE) {
        if (block < SURROGATES_FIRST || block > SURROGATES_LAST)
            len += write_block(block, out + len);
    }
    return len;
}

/* The last code point that ends before a place. */
static uint32_t code_point_before(struct text plane, size_t end)
{
    uint32_t code_point = 0;

    do
        end--;
    while (((unsigned char)plane.at[end] & 0xC0) == 0x80);
    utf8_decode(text_after(plane, end), &code_point);
    return code_point;
}

static void find_in_plane(const pcre2_code *code, struct text plane, struct code_set *out)
{
    pcre2_match_data *data = pcre2_match_data_create(2, NULL);
    const PCRE2_SIZE *found; /* the whole, then where the run begins */
    size_t end = 0;

    CHECK(data != NULL);
    found = pcre2_get_ovector_pointer(data);
    while (end < plane.len && pcre2_match(code, (PCRE2_SPTR)plane.at, plane.len, end,
                                          PCRE2_NO_UTF_CHECK, data, NULL) > 0) {
        uint32_t first = 0;

        end = found[1];
        if (end == found[2])
            continue;
        utf8_decode(text_after(plane, found[2]), &first);
        code_set_add(out, &memory, first, code_point_before(plane, end));
    }
    pcre2_match_data_free(data);
}

static struct known_property *find_out(struct text name)
{
    struct known_property *property = ARENA_NEW(&memory, struct known_property);
    pcre2_code *code = compile_run(name);
    struct arena scratch = {0};
    struct code_set set = {0};
    char *plane;

    *property = (struct known_property){.name = arena_copy(&memory, name), .exists = code != NULL};
    if (code == NULL)
        return property;
    plane = arena_bytes(&scratch, PLANE_BYTES_MAX + 3); /* see write_block */
    for (uint32_t i = 0; i < PLANES; i++)
        find_in_plane(code, (struct text){plane, write_plane(i, plane)}, &set);
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
