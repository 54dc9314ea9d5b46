/* Where a cell was written. Cells from JSON carry no position: the source, which was valid when it
 * was read, is scanned again and its tokens counted. This is for messages, so it may take as long
 * as reading did. */
#include "document/place.h"

void position_advance(struct position *position, struct text source, size_t byte)
{
    size_t at = position->byte;

    if (at == 0 && byte >= 3 && text_starts(source, TEXT("\xEF\xBB\xBF")))
        at = 3; /* a byte order mark takes no column */
    for (; at < byte && at < source.len; at++) {
        unsigned char here = (unsigned char)source.at[at];
        bool line_end =
            here == '\n' || (here == '\r' && (at + 1 == source.len || source.at[at + 1] != '\n'));

        if (line_end) {
            position->line++;
            position->column = 1;
        } else if ((here & 0xC0) != 0x80) {
            position->column++;
        }
    }
    position->byte = at;
}

struct position position_at(struct text source, size_t byte)
{
    struct position position = {1, 1, 0};

    position_advance(&position, source, byte);
    return position;
}

struct range range_of_bytes(struct text source, size_t start, size_t end)
{
    struct range range = {.start = position_at(source, start)};

    range.end = range.start;
    position_advance(&range.end, source, end);
    return range;
}

static bool is_between(char byte)
{
    return memchr(" \t\r\n,:]}", byte, 8) != NULL;
}

static size_t next_token(struct text source, size_t at)
{
    while (at < source.len && is_between(source.at[at]))
        at++;
    return at;
}

static size_t string_end(struct text source, size_t at)
{
    for (at++; at < source.len && source.at[at] != '"'; at++)
        at += source.at[at] == '\\';
    return at < source.len ? at + 1 : source.len;
}

/* The end of a scalar, or the byte after a container's opening. */
static size_t token_end(struct text source, size_t at)
{
    if (at >= source.len || source.at[at] == '{' || source.at[at] == '[')
        return at + (at < source.len);
    if (source.at[at] == '"')
        return string_end(source, at);
    while (at < source.len && !is_between(source.at[at]))
        at++;
    return at;
}

/* The byte after the bracket that closes the one at `at`. */
static size_t container_end(struct text source, size_t at)
{
    size_t depth = 0;

    while (at < source.len) {
        char byte = source.at[at];

        if (byte == '"') {
            at = string_end(source, at);
            continue;
        }
        at++;
        depth += byte == '{' || byte == '[';
        depth -= byte == '}' || byte == ']';
        if (depth == 0)
            break;
    }
    return at;
}

static struct range scan_range(const struct document *document, uint32_t at)
{
    struct text source = document->source;
    size_t start = next_token(source, 0), end;

    for (uint32_t i = 0; i < at && start < source.len; i++)
        start = next_token(source, token_end(source, start));
    if (start >= source.len)
        return (struct range){0};
    end = document->cells[at].type >= CELL_ARRAY ? container_end(source, start)
                                                 : token_end(source, start);
    return range_of_bytes(source, start, end);
}

struct range document_range(const struct document *document, uint32_t at)
{
    if (at >= document->count)
        return (struct range){0};
    return document->marks != NULL ? document->marks[at] : scan_range(document, at);
}

void document_positions(const struct document *document, const uint32_t *cells, size_t count,
                        struct position *out)
{
    struct text source = document->source;
    struct position position = {1, 1, 0};
    size_t start = next_token(source, 0);
    uint32_t cell = 0;

    for (size_t i = 0; i < count; i++) {
        out[i] = (struct position){0};
        if (document->marks != NULL && cells[i] < document->count)
            out[i] = document->marks[cells[i]].start;
        if (document->marks != NULL)
            continue;
        for (; cell < cells[i] && start < source.len; cell++)
            start = next_token(source, token_end(source, start));
        if (start >= source.len)
            continue;
        position_advance(&position, source, start);
        out[i] = position;
    }
}

static size_t line_length(struct text source, size_t at)
{
    return text_find_byte(text_after(source, at), '\n');
}

/* Finds byte `offset` of a literal block scalar: each line of the value must be the end of its line
 * in the source, behind nothing but the indentation. */
static bool find_in_block(struct text source, size_t start, struct text value, size_t offset,
                          size_t *out_byte)
{
    size_t line = start + line_length(source, start) + 1, at = 0;

    for (;;) {
        size_t written = line < source.len ? line_length(source, line) : 0;
        size_t len = text_find_byte(text_after(value, at), '\n'), indent;

        if (line > source.len)
            return false;
        if (written > 0 && source.at[line + written - 1] == '\r')
            written--;
        indent = written > len ? written - len : 0;
        if (len > written || !text_equal((struct text){source.at + line + indent, len},
                                         (struct text){value.at + at, len}))
            return false;
        for (size_t i = 0; i < indent; i++) {
            if (source.at[line + i] != ' ')
                return false;
        }
        if (offset <= at + len) {
            *out_byte = line + indent + (offset - at);
            return true;
        }
        at += len + 1;
        line += line_length(source, line) + 1;
    }
}

/* The byte of the source where byte `offset` of the cell's value was written. */
static bool find_inside(const struct document *document, uint32_t at, struct range whole,
                        size_t offset, size_t *out_byte)
{
    struct text source = document->source, value = document_text(document, at);
    uintptr_t from = (uintptr_t)source.at, text = (uintptr_t)value.at;

    if (text >= from && text - from + value.len <= source.len && text - from >= whole.start.byte) {
        *out_byte = text - from + offset;
        return true;
    }
    if (document->marks == NULL || whole.start.byte >= source.len ||
        source.at[whole.start.byte] != '|')
        return false;
    return find_in_block(source, whole.start.byte, value, offset, out_byte);
}

struct range document_range_inside(const struct document *document, uint32_t at, size_t offset,
                                   size_t len)
{
    struct range whole = document_range(document, at), inside;
    size_t size, start, end;

    if (at >= document->count || document->cells[at].type != CELL_STRING || whole.start.line == 0)
        return whole;
    size = document->cells[at].size;
    offset = offset < size ? offset : size;
    len = len < size - offset ? len : size - offset;
    if (!find_inside(document, at, whole, offset, &start) ||
        !find_inside(document, at, whole, offset + len, &end))
        return whole;
    inside.start = whole.start;
    position_advance(&inside.start, document->source, start);
    inside.end = inside.start;
    position_advance(&inside.end, document->source, end);
    return inside;
}
