/* Whatever the JSON reader accepts must have sound cells, must read equal after it was written
 * compactly and after it was written with other white space and other escapes, and must be found
 * again in its source. All ways of finding tokens must read alike, at any distance from the start.
 * What is refused is refused again behind white space, and where something stands that nothing can
 * mend, also whatever follows. Memory is bounded whether it is accepted or not. The first byte of
 * the input chooses limits and the manner of writing. */
#include "base/buffer.h"
#include "base/check.h"
#include "document/json_fast.h"
#include "document/json_write.h"
#include "document/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A value that looks random but is the same in every run. */
static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

/* The container's children fill exactly the cells up to its end. */
static void check_container(const struct document *document, uint32_t at)
{
    const struct cell *cell = document_cell(document, at);
    uint32_t children = 0, child = at + 1;

    CHECK(cell->end > at && cell->end <= document->count);
    for (; child < cell->end; child = document_next(document, child), children++) {
        if (cell->type == CELL_OBJECT && children % 2 == 0)
            CHECK(document->cells[child].type == CELL_STRING);
    }
    CHECK(child == cell->end);
    CHECK(children == (cell->type == CELL_OBJECT ? 2 * cell->size : cell->size));
}

static void check_string(const struct document *document, uint32_t at)
{
    struct text text = document_text(document, at);
    bool ascii = true;

    CHECK(utf8_valid(text) == text.len);
    for (size_t i = 0; i < text.len; i++)
        ascii = ascii && (unsigned char)text.at[i] < 0x80;
    CHECK(ascii == ((document->cells[at].flags & CELL_ASCII) != 0));
}

static bool is_number(const struct cell *cell)
{
    return cell->type == CELL_INTEGER || cell->type == CELL_NUMBER;
}

/* Exact order must not contradict that of the nearest doubles. */
static void check_number(const struct cell *a, const struct cell *b)
{
    int order = cell_compare_numbers(a, b);
    double x = document_double(a), y = document_double(b);

    CHECK(cell_compare_numbers(b, a) == -order);
    CHECK(cell_compare_numbers(a, a) == 0);
    CHECK(order < 0 ? x <= y : order > 0 ? x >= y : x == y);
}

static void check_place(const struct document *document, uint32_t at)
{
    const struct cell *cell = document_cell(document, at);
    struct range range = document_range(document, at);
    size_t len = range.end.byte - range.start.byte;

    CHECK(range.start.line > 0 && range.start.byte < range.end.byte);
    CHECK(range.end.byte <= document->source.len);
    if (is_number(cell))
        CHECK(len == cell->size);
    if (cell->type == CELL_STRING && !(cell->flags & CELL_ESCAPED))
        CHECK(len == cell->size + 2 && document->source.at + range.start.byte + 1 == cell->text);
    if (cell->type >= CELL_ARRAY)
        CHECK(document->source.at[range.end.byte - 1] == (cell->type == CELL_ARRAY ? ']' : '}'));
}

static void check_cells(const struct document *document, bool unique, struct arena *arena)
{
    const struct cell *number = NULL;

    CHECK(document_next(document, 0) == document->count);
    for (uint32_t at = 0; at < document->count; at++) {
        const struct cell *cell = document_cell(document, at);

        if (cell->type >= CELL_ARRAY)
            check_container(document, at);
        if (cell->type == CELL_STRING)
            check_string(document, at);
        if (is_number(cell)) {
            check_number(cell, number ? number : cell);
            number = cell;
        }
        if (document->count <= 64)
            check_place(document, at);
        if (unique && document->count <= 64) {
            uint32_t found = document_at(document, 0, document_pointer(document, at, arena));

            CHECK(found == at || found == at + 1);
        }
    }
}

static void put_blank(struct buffer *out, uint32_t *state)
{
    static const char blanks[] = " \t\r\n";

    while (draw(state) % 4 == 0)
        buffer_put_byte(out, blanks[draw(state) % 4]);
}

static void put_unit(struct buffer *out, uint32_t unit, bool capital)
{
    buffer_printf(out, capital ? "\\u%04X" : "\\u%04x", unit);
}

/* The string with some characters as \u escapes. */
static void put_string(struct buffer *out, struct text text, uint32_t *state)
{
    buffer_put_byte(out, '"');
    while (text.len > 0) {
        uint32_t code_point, choice = draw(state);
        size_t len = utf8_decode(text, &code_point);

        if (choice % 3 > 0) {
            json_put_escaped(out, text_first(text, len));
        } else if (code_point >= 0x10000) {
            put_unit(out, 0xD800 + ((code_point - 0x10000) >> 10), choice & 8);
            put_unit(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF), choice & 16);
        } else {
            put_unit(out, code_point, choice & 8);
        }
        text = text_after(text, len);
    }
    buffer_put_byte(out, '"');
}

static void put_loosely(struct buffer *out, const struct document *document, uint32_t at,
                        uint32_t *state)
{
    const struct cell *cell = document_cell(document, at);
    bool object = cell->type == CELL_OBJECT;

    put_blank(out, state);
    if (cell->type == CELL_STRING) {
        put_string(out, cell_text(cell), state);
    } else if (cell->type < CELL_ARRAY) {
        json_put_cell(out, document, at);
    } else {
        uint32_t child = at + 1;

        buffer_put_byte(out, object ? '{' : '[');
        for (uint32_t i = 0; child < cell->end; i++, child = document_next(document, child)) {
            if (i > 0)
                buffer_put_byte(out, object && i % 2 == 1 ? ':' : ',');
            put_loosely(out, document, child, state);
        }
        put_blank(out, state);
        buffer_put_byte(out, object ? '}' : ']');
    }
    put_blank(out, state);
}

static void check_copy(const struct document *document, struct text copy, bool unique,
                       struct arena *arena)
{
    const struct json_limits open = {
        .depth = 1000, .nodes = JSON_UNLIMITED, .allow_duplicate_names = !unique};
    struct document read;

    CHECK(json_read(copy, &open, arena, &read, NULL, NULL));
    CHECK(read.count == document->count);
    if (unique)
        CHECK(document_equal(document, 0, &read, 0));
    for (uint32_t at = 0; at < read.count; at++)
        CHECK(read.cells[at].type == document->cells[at].type);
}

static void check_copies(const struct document *document, bool unique, uint32_t seed,
                         struct arena *arena)
{
    struct buffer compact = buffer_in(arena), loose = buffer_in(arena);

    json_put_cell(&compact, document, 0);
    check_copy(document, buffer_text(&compact), unique, arena);
    put_loosely(&loose, document, 0, &seed);
    check_copy(document, buffer_text(&loose), unique, arena);
}

static void check_same(const struct document *document, const struct document *plain)
{
    CHECK(document->count == plain->count);
    for (uint32_t at = 0; at < plain->count; at++) {
        const struct cell *a = document_cell(document, at), *b = document_cell(plain, at);

        CHECK(a->type == b->type && a->flags == b->flags && a->hash == b->hash);
        CHECK(a->size == b->size);
        if (a->type == CELL_STRING || a->type == CELL_NUMBER)
            CHECK(text_equal(cell_text(a), cell_text(b)));
        else
            CHECK(a->integer == b->integer);
    }
}

/* Reads `text` behind `blanks` line feeds by every engine; the memory it is in ends with it. */
static void check_engines(struct text text, size_t blanks, const struct json_limits *limits)
{
    struct arena arena = {0};
    struct document plain, document;
    char *copy = malloc(blanks + text.len + 1);
    struct text padded = {copy + 1, blanks + text.len};
    bool accepted;

    CHECK(copy != NULL);
    memset(copy, '\n', blanks + 1);
    memcpy(copy + 1 + blanks, text.at, text.len);
    accepted = json_read_with(JSON_PLAIN, padded, limits, &arena, &plain, NULL, NULL);
    for (enum json_engine engine = JSON_PORTABLE; engine <= json_engine_best(); engine++) {
        CHECK(json_read_with(engine, padded, limits, &arena, &document, NULL, NULL) == accepted);
        check_same(&document, &plain);
    }
    arena_release(&arena);
    free(copy);
}

/* A refusal before the end of the text stays one, at the same byte, whatever follows; so does one
 * behind white space. `offset` is where it was refused. */
static void check_refusal(struct text text, size_t offset, const struct json_limits *limits,
                          struct arena *arena)
{
    static const char *const tails[] = {"]", "\"}", " ", "0", "\\u", "{\"a\":1}"};
    size_t again;
    struct document document;

    for (size_t i = 0; offset < text.len && i < sizeof tails / sizeof *tails; i++) {
        struct text blanks = TEXT("  ");
        struct buffer out = buffer_in(arena);

        buffer_put(&out, blanks);
        buffer_put(&out, text);
        buffer_put(&out, text_of(tails[i]));
        again = SIZE_MAX;
        CHECK(!json_read(buffer_text(&out), limits, arena, &document, &again, NULL));
        CHECK(again == offset + blanks.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t choice = size > 0 ? data[0] : 0;
    struct json_limits limits = {.depth = choice & 1 ? 500 : 0,
                                 .nodes = choice & 2 ? JSON_UNLIMITED : 0,
                                 .digits = choice & 4 ? 5 : 0,
                                 .allow_duplicate_names = choice & 8};
    struct arena arena = {0}, work = {0};
    struct document document;
    struct error err = {0};
    size_t len = size > 0 ? size - 1 : 0, offset = SIZE_MAX;
    char *copy = malloc(len + 1); /* of its own, so that reading beyond the text is seen */
    struct text text = {copy, len};

    CHECK(copy != NULL);
    copy = realloc(copy, len > 0 ? len : 1);
    CHECK(copy != NULL);
    text.at = copy;
    if (len > 0)
        memcpy(copy, data + 1, len);
    if (json_read(text, &limits, &arena, &document, &offset, &err)) {
        check_cells(&document, !(choice & 8), &work);
        check_copies(&document, !(choice & 8), (uint32_t)len * 7 + choice, &work);
    } else {
        CHECK(offset <= len && err.code == ERROR_INVALID_JSON && err.message[0] != '\0');
        CHECK(utf8_valid(text_of(err.message)) == strlen(err.message));
        limits.nodes = JSON_UNLIMITED; /* what is allowed by default depends on the length */
        if (!json_read(text, &limits, &work, &document, &offset, NULL))
            check_refusal(text, offset, &limits, &work);
    }
    check_engines(text, choice >> 4, &limits);
    check_engines(text, INDEX_PIECE - (size_t)(choice >> 4) * 7, &limits);
    CHECK(arena.total_bytes <= 32 * len + (size_t)8 * 1024 * 1024);
    arena_release(&arena);
    arena_release(&work);
    free(copy);
    return 0;
}
