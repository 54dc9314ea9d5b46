#include "document/yaml_write.h"

#include "document/json_write.h"

enum { INDENT = 2, PLAIN_BYTES = 60 };

static bool is_wordly(struct text value)
{
    if (value.len == 0 || value.len > PLAIN_BYTES)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        char byte = value.at[i];
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
        bool digit = byte >= '0' && byte <= '9';

        if (i == 0 ? !letter && byte != '/'
                   : !letter && !digit && (byte == '\0' || strchr(" ./-", byte) == NULL))
            return false;
    }
    return value.at[value.len - 1] != ' ' && value.at[value.len - 1] != '-';
}

bool yaml_is_plain(struct text text)
{
    static const char *const words[] = {"true", "false", "null", "yes", "no",
                                        "on",   "off",   "y",    "n"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal_nocase(text, text_of(words[i])))
            return false;
    return is_wordly(text);
}

/* Several lines that a block scalar holds as they are: nothing at the ends or in them that it would
 * take for its own. */
static bool is_block(struct text text)
{
    if (text_find_byte(text, '\n') == text.len || text.at[0] == ' ' || text.at[0] == '\n' ||
        text.at[text.len - 1] != '\n' || (text.len > 1 && text.at[text.len - 2] == '\n'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.at[i];

        if ((byte < 0x20 && byte != '\n') || byte >= 0x7F)
            return false;
        if (byte == '\n' && i > 0 && text.at[i - 1] == ' ')
            return false;
    }
    return true;
}

static void put_spaces(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_put_byte(out, ' ');
}

static void put_block(struct buffer *out, struct text text, size_t indent)
{
    buffer_put(out, TEXT(" |\n"));
    while (text.len > 0) {
        struct text line = text_split(&text, '\n');

        if (line.len > 0)
            put_spaces(out, indent);
        buffer_put(out, line);
        buffer_put_byte(out, '\n');
    }
}

static bool is_filled(const struct cell *cell)
{
    return cell->type >= CELL_ARRAY && cell->size > 0;
}

static void put_inside(struct buffer *out, const struct document *document, uint32_t at,
                       size_t indent, bool begun);

/* What stands behind "key:" or "-", with its line break. */
static void put_value(struct buffer *out, const struct document *document, uint32_t at,
                      size_t indent)
{
    const struct cell *cell = document_cell(document, at);

    if (cell->type == CELL_STRING && is_block(cell_text(cell))) {
        put_block(out, cell_text(cell), indent);
        return;
    }
    if (is_filled(cell)) {
        buffer_put_byte(out, '\n');
        put_inside(out, document, at, indent, false);
        return;
    }
    buffer_put_byte(out, ' ');
    if (cell->type == CELL_STRING && yaml_is_plain(cell_text(cell)))
        buffer_put(out, cell_text(cell));
    else
        json_put_cell(out, document, at);
    buffer_put_byte(out, '\n');
}

/* Members or items, each in lines of its own; `begun`: the first one's line is already indented.
 * Nests as deep as readers let a document be. */
static void put_inside(struct buffer *out, const struct document *document, uint32_t at,
                       size_t indent, bool begun)
{
    const struct cell *cell = document_cell(document, at);
    bool object = cell->type == CELL_OBJECT;

    for (uint32_t i = at + 1; i < cell->end; i = document_next(document, i)) {
        if (!begun)
            put_spaces(out, indent);
        begun = false;
        if (object) {
            struct text name = document_text(document, i);

            if (yaml_is_plain(name))
                buffer_put(out, name);
            else
                json_put_string(out, name);
            buffer_put_byte(out, ':');
            put_value(out, document, ++i, indent + INDENT);
        } else if (is_filled(document_cell(document, i))) {
            buffer_put(out, TEXT("- "));
            put_inside(out, document, i, indent + INDENT, true);
        } else {
            buffer_put_byte(out, '-');
            put_value(out, document, i, indent + INDENT);
        }
    }
}

void yaml_put(struct buffer *buffer, const struct document *document, uint32_t at)
{
    if (is_filled(document_cell(document, at))) {
        put_inside(buffer, document, at, 0, false);
    } else {
        json_put_cell(buffer, document, at);
        buffer_put_byte(buffer, '\n');
    }
}
