/* A line is laid out in columns of the terminal: a tab goes to the next multiple of four, East
 * Asian characters and emoji take two, combining marks none. What would move the cursor or turn the
 * text around is shown as U+FFFD, so that a file cannot hide what it says. */
#include "config/report_frame.h"

#include "document/utf8.h"

enum { TAB_COLUMNS = 4, FRAME_COLUMNS = 100, COLUMNS_BEFORE = 40 };

static const char replacement[] = "\xEF\xBF\xBD", ellipsis[] = "\xE2\x80\xA6";

struct interval {
    uint32_t first, last;
};

// clang-format off
static const struct interval wide[] = {
    {0x1100, 0x115F}, {0x231A, 0x231B}, {0x23E9, 0x23EC}, {0x25FD, 0x25FE}, {0x2614, 0x2615},
    {0x2648, 0x2653}, {0x26AA, 0x26AB}, {0x26BD, 0x26BE}, {0x26C4, 0x26C5}, {0x2705, 0x2705},
    {0x270A, 0x270B}, {0x2728, 0x2728}, {0x274C, 0x274C}, {0x2753, 0x2755}, {0x2795, 0x2797},
    {0x2B50, 0x2B50}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0xA4CF},
    {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F}, {0xFF00, 0xFF60},
    {0xFFE0, 0xFFE6}, {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x1F300, 0x1F64F},
    {0x1F680, 0x1F6FF}, {0x1F7E0, 0x1F7EB}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD},
};
static const struct interval combining[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x0610, 0x061A}, {0x064B, 0x065F},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
    {0x1F3FB, 0x1F3FF}, {0xE0100, 0xE01EF},
};
static const struct interval disturbing[] = { /* controls, marks and overrides of direction */
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E},
    {0x2066, 0x2069}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};
// clang-format on

static bool within(uint32_t code_point, const struct interval *intervals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (code_point >= intervals[i].first && code_point <= intervals[i].last)
            return true;
    }
    return false;
}
#define WITHIN(code_point, table) within((code_point), (table), sizeof(table) / sizeof *(table))

/* One character of a source as it is shown. */
struct glyph {
    struct text shown;
    size_t bytes; /* of the source */
    size_t columns;
};

static struct glyph glyph_at(struct text rest, size_t column)
{
    static const char spaces[] = "    ";
    uint32_t code_point = 0;
    size_t len;

    if (rest.at[0] >= 0x20 && rest.at[0] < 0x7F)
        return (struct glyph){{rest.at, 1}, 1, 1};
    if (rest.at[0] == '\t') {
        size_t columns = TAB_COLUMNS - column % TAB_COLUMNS;

        return (struct glyph){{spaces, columns}, 1, columns};
    }
    len = utf8_decode(rest, &code_point);
    if (len == 0 || WITHIN(code_point, disturbing))
        return (struct glyph){text_of(replacement), len ? len : 1, 1};
    if (code_point < 0x300)
        return (struct glyph){text_first(rest, len), len, 1};
    if (WITHIN(code_point, combining))
        return (struct glyph){text_first(rest, len), len, 0};
    return (struct glyph){text_first(rest, len), len, WITHIN(code_point, wide) ? 2 : 1};
}

void frame_put_clean(struct buffer *out, struct text text)
{
    while (text.len > 0) {
        struct glyph glyph = glyph_at(text, 0);
        bool blank = memchr("\t\n\r", text.at[0], 3) != NULL;

        buffer_put(out, blank ? TEXT(" ") : glyph.shown);
        text = text_after(text, glyph.bytes);
    }
}

static bool ends_line(char byte)
{
    return byte == '\n' || byte == '\r';
}

static size_t line_start(const struct diagnostic *diagnostic)
{
    size_t at = diagnostic->range.start.byte;

    if (at > diagnostic->source.len)
        at = diagnostic->source.len;
    while (at > 0 && !ends_line(diagnostic->source.at[at - 1]))
        at--;
    if (at == 0 && text_starts(diagnostic->source, TEXT("\xEF\xBB\xBF")))
        at = 3;
    return at;
}

struct text frame_line(const struct diagnostic *diagnostic)
{
    struct text rest = text_after(diagnostic->source, line_start(diagnostic));

    rest = text_first(rest, text_find_byte(rest, '\n'));
    return text_first(rest, text_find_byte(rest, '\r'));
}

/* A place in a line: so many bytes, so many columns. */
struct reach {
    size_t byte, column;
};

/* Goes on to byte `at`, but no further than one character beyond `column_max`. */
static struct reach advance(struct text line, struct reach from, size_t at, size_t column_max)
{
    while (from.byte < at && from.byte < line.len && from.column <= column_max) {
        struct glyph glyph = glyph_at(text_after(line, from.byte), from.column);

        from.column += glyph.columns;
        from.byte += glyph.bytes;
    }
    return from;
}

/* The columns of a line that are shown, and those with carets. */
struct window {
    size_t left, right;
    size_t caret, caret_end;
};

static struct window window_of(const struct diagnostic *diagnostic, struct text line)
{
    size_t start = line_start(diagnostic);
    size_t from = diagnostic->range.start.byte, to = diagnostic->range.end.byte;
    struct reach reach =
        advance(line, (struct reach){0}, from > start ? from - start : 0, SIZE_MAX);
    struct window window = {.right = FRAME_COLUMNS, .caret = reach.column};
    bool long_line =
        advance(line, (struct reach){0}, line.len, FRAME_COLUMNS).column > FRAME_COLUMNS;

    reach = advance(line, reach, to > start ? to - start : 0, window.caret + FRAME_COLUMNS);
    window.caret_end = reach.column > window.caret ? reach.column : window.caret + 1;
    if (long_line && window.caret_end + 4 > FRAME_COLUMNS) {
        window.left = window.caret > COLUMNS_BEFORE ? window.caret - COLUMNS_BEFORE : 0;
        window.right = window.left + FRAME_COLUMNS;
    }
    if (long_line && window.caret_end > window.right)
        window.caret_end = window.right;
    return window;
}

static void put_spaces(struct buffer *out, size_t count)
{
    memset(buffer_reserve(out, count), ' ', count);
    out->len += count;
}

/* The part of a line that is shown. A character that the edge cuts leaves spaces. */
static void put_line(struct buffer *out, struct text line, const struct window *window)
{
    struct reach at = {0};
    size_t shown = window->left;

    if (window->left > 0) {
        buffer_put(out, text_of(ellipsis));
        at = advance(line, at, line.len, window->left - 1);
        put_spaces(out, at.column > shown ? at.column - shown : 0);
    }
    while (at.byte < line.len) {
        struct glyph glyph = glyph_at(text_after(line, at.byte), at.column);

        if (at.column + glyph.columns > window->right)
            break;
        buffer_put(out, glyph.shown);
        at.column += glyph.columns;
        at.byte += glyph.bytes;
    }
    if (at.byte < line.len)
        buffer_put(out, text_of(ellipsis));
}

int frame_gutter(const struct diagnostic *diagnostic)
{
    int digits = 1;

    for (uint32_t line = diagnostic->range.start.line; line >= 10; line /= 10)
        digits++;
    return digits;
}

void frame_write(const struct diagnostic *diagnostic, const struct paint *paint, struct buffer *out)
{
    struct text line = frame_line(diagnostic);
    struct window window = window_of(diagnostic, line);
    int gutter = frame_gutter(diagnostic);
    bool error = diagnostic_is_error(diagnostic->code);

    if (diagnostic->range.start.line == 0 || diagnostic->source.len == 0)
        return;
    buffer_printf(out, "%s%*s |\n", paint->gutter, gutter, "");
    buffer_printf(out, "%u |%s ", diagnostic->range.start.line, paint->plain);
    put_line(out, line, &window);
    buffer_printf(out, "\n%s%*s |%s ", paint->gutter, gutter, "", paint->plain);
    put_spaces(out, window.caret - window.left + (window.left > 0));
    buffer_put(out, text_of(error ? paint->error : paint->warning));
    for (size_t i = window.caret; i < window.caret_end; i++)
        buffer_put_byte(out, '^');
    buffer_printf(out, "%s\n", paint->plain);
}
