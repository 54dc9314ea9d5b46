/* Diagnostics are collected in an array of fixed size; those beyond it are only counted, and what
 * callers then do to them is done to a scratch one that nobody reads. Errors take the places of
 * warnings there, for they are why something cannot be used. */
#include "document/diagnostic.h"

#include "base/check.h"

struct row {
    const char *name;
    const char *title;
};

static const struct row rows[DIAGNOSTIC_COUNT] = {
#define X(code, title) [DIAGNOSTIC_##code] = {#code, title},
    DIAGNOSTICS(X)
#undef X
};

static const struct row *row_of(enum diagnostic_code code)
{
    CHECK((unsigned)code < DIAGNOSTIC_COUNT);
    return &rows[code];
}

bool diagnostic_is_error(enum diagnostic_code code)
{
    return row_of(code)->name[0] == 'E';
}

const char *diagnostic_name(enum diagnostic_code code)
{
    return row_of(code)->name;
}

const char *diagnostic_title(enum diagnostic_code code)
{
    return row_of(code)->title;
}

static struct diagnostic *last_warning(struct diagnostics *diagnostics)
{
    for (size_t i = diagnostics->count; i-- > 0;) {
        if (!diagnostic_is_error(diagnostics->items[i].code))
            return &diagnostics->items[i];
    }
    return NULL;
}

/* Counts one and returns where it goes; NULL beyond the cap. */
static struct diagnostic *add(struct diagnostics *diagnostics, enum diagnostic_code code)
{
    if (diagnostic_is_error(code))
        diagnostics->error_count++;
    else
        diagnostics->warning_count++;
    if (diagnostics->count == DIAGNOSTICS_MAX)
        return diagnostic_is_error(code) ? last_warning(diagnostics) : NULL;
    return &diagnostics->items[diagnostics->count++];
}

static struct diagnostic *scratch(void)
{
    static _Thread_local struct diagnostic unread;

    return &unread;
}

static void fill(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
                 const struct document *document, uint32_t cell)
{
    diagnostic->file = document->file;
    diagnostic->source = document->source;
    if (cell < document->count)
        diagnostic->pointer = document_pointer(document, cell, diagnostics->arena);
}

struct diagnostic *diagnose(struct diagnostics *diagnostics, const struct document *document,
                            uint32_t cell, enum diagnostic_code code, const char *format, ...)
{
    struct diagnostic *diagnostic = add(diagnostics, code);
    va_list arguments;

    if (diagnostic == NULL)
        return scratch();
    *diagnostic = (struct diagnostic){.code = code, .range = document_range(document, cell)};
    fill(diagnostics, diagnostic, document, cell);
    va_start(arguments, format);
    diagnostic->message = arena_vprintf(diagnostics->arena, format, arguments);
    va_end(arguments);
    return diagnostic;
}

struct diagnostic *diagnose_inside(struct diagnostics *diagnostics, const struct document *document,
                                   uint32_t cell, size_t offset, size_t len,
                                   enum diagnostic_code code, const char *format, ...)
{
    struct diagnostic *diagnostic = add(diagnostics, code);
    va_list arguments;

    if (diagnostic == NULL)
        return scratch();
    *diagnostic = (struct diagnostic){.code = code,
                                      .range = document_range_inside(document, cell, offset, len)};
    fill(diagnostics, diagnostic, document, cell);
    va_start(arguments, format);
    diagnostic->message = arena_vprintf(diagnostics->arena, format, arguments);
    va_end(arguments);
    return diagnostic;
}

struct diagnostic *diagnose_file(struct diagnostics *diagnostics, struct text file,
                                 struct text source, struct range range, enum diagnostic_code code,
                                 const char *format, ...)
{
    struct diagnostic *diagnostic = add(diagnostics, code);
    va_list arguments;

    if (diagnostic == NULL)
        return scratch();
    *diagnostic = (struct diagnostic){.code = code, .file = file, .source = source, .range = range};
    va_start(arguments, format);
    diagnostic->message = arena_vprintf(diagnostics->arena, format, arguments);
    va_end(arguments);
    return diagnostic;
}

void diagnostic_hint(struct diagnostics *diagnostics, struct diagnostic *diagnostic,
                     const char *format, ...)
{
    va_list arguments;

    if (diagnostic == scratch())
        return;
    va_start(arguments, format);
    diagnostic->hint = arena_vprintf(diagnostics->arena, format, arguments);
    va_end(arguments);
}

/* A bit for each byte that occurs, some of which share one. */
static uint64_t bytes_of(struct text text)
{
    uint64_t set = 0;

    for (size_t i = 0; i < text.len; i++)
        set |= UINT64_C(1) << ((unsigned char)text.at[i] & 63);
    return set;
}

/* Whether more edits than `most` are needed, as far as lengths and bytes tell: an edit makes the
 * text one byte longer or shorter at most, and no more than one byte go and one come. */
static bool is_far(struct text a, struct text b, size_t most)
{
    uint64_t in_a, in_b;

    if ((a.len > b.len ? a.len - b.len : b.len - a.len) > most)
        return true;
    in_a = bytes_of(a);
    in_b = bytes_of(b);
    return (size_t)__builtin_popcountll(in_a & ~in_b) > most ||
           (size_t)__builtin_popcountll(in_b & ~in_a) > most;
}

struct text nearest_name(struct text wrong, const struct text *names, size_t count)
{
    size_t least = wrong.len / 3 > 1 ? wrong.len / 3 : 1;
    struct text nearest = {0};

    for (size_t i = 0; i < count; i++) {
        /* Most names need no closer look. */
        size_t edits = is_far(wrong, names[i], least) ? SIZE_MAX : text_edits(wrong, names[i]);

        if (edits < least || (edits == least && nearest.at == NULL)) {
            least = edits;
            nearest = names[i];
        }
    }
    return nearest;
}

static int compare_places(const struct diagnostic *a, const struct diagnostic *b)
{
    const struct position *x = &a->range.start, *y = &b->range.start;
    int order = text_compare(a->file, b->file);

    if (order == 0)
        order = (x->line > y->line) - (x->line < y->line);
    return order != 0 ? order : (x->column > y->column) - (x->column < y->column);
}

void diagnostics_sort(struct diagnostics *diagnostics)
{
    struct diagnostic *items = diagnostics->items;

    for (size_t i = 1; i < diagnostics->count; i++) {
        struct diagnostic moving = items[i];
        size_t at = i;

        for (; at > 0 && compare_places(&items[at - 1], &moving) > 0; at--)
            items[at] = items[at - 1];
        items[at] = moving;
    }
}
