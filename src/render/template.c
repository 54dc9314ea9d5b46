/* Rendering walks the pieces once and appends: literals as they are, strings as they are, anything
 * else as compact JSON. Nothing that was appended is looked at again, so a value full of tags is
 * only text. */
#include "render/template.h"

#include "document/json_write.h"

/* The cell a variable stands for, or CELL_NONE. `message` of an input that is no object is that
 * input: the caller's text came alone. */
static uint32_t find_value(const struct template_piece *piece, const struct document *input,
                           uint32_t at)
{
    bool single = piece->step_count == 1;

    if (single && text_equal(piece->steps[0], TEXT("input")))
        return at;
    if (single && document_cell(input, at)->type != CELL_OBJECT &&
        text_equal(piece->steps[0], TEXT("message")))
        return at;
    for (size_t i = 0; i < piece->step_count && at != CELL_NONE; i++)
        at = document_member(input, at, piece->steps[i]);
    return at;
}

static void put_value(const struct document *input, uint32_t at, struct buffer *out)
{
    if (at == CELL_NONE || document_cell(input, at)->type == CELL_NULL)
        return;
    if (document_cell(input, at)->type == CELL_STRING)
        buffer_put(out, document_text(input, at));
    else
        json_put_cell(out, input, at);
}

void template_render(const struct template *template, const struct document *input, uint32_t at,
                     struct buffer *out)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct template_piece *piece = &template->pieces[i];

        if (piece->step_count > 0)
            put_value(input, find_value(piece, input, at), out);
        else
            buffer_put(out, piece->literal);
    }
}

/* A string in JSON has two quotes, and escapes that take at most six bytes for one. */
static size_t string_bytes(struct text text)
{
    size_t marks = 0, controls = 0;

    for (size_t i = 0; i < text.len; i++) {
        marks += text.at[i] == '"' || text.at[i] == '\\';
        controls += (unsigned char)text.at[i] < 0x20;
    }
    return text.len + 2 + marks + 5 * controls;
}

/* At most the bytes of one cell in compact JSON; of a container, its brackets, commas, colons. */
static size_t cell_bytes(const struct cell *cell)
{
    switch (cell->type) {
    case CELL_NULL:
        return 4;
    case CELL_BOOLEAN:
        return cell->boolean ? 4 : 5;
    case CELL_INTEGER:
        return sizeof "-9223372036854775808" - 1;
    case CELL_NUMBER:
        return cell->size;
    case CELL_STRING:
        return string_bytes(cell_text(cell));
    case CELL_ARRAY:
        return cell->size > 0 ? 1 + (size_t)cell->size : 2;
    default:
        return cell->size > 0 ? 1 + 2 * (size_t)cell->size : 2;
    }
}

static size_t value_bytes(const struct document *input, uint32_t at)
{
    uint32_t end;
    size_t bytes = 0;

    if (at == CELL_NONE || document_cell(input, at)->type == CELL_NULL)
        return 0;
    if (document_cell(input, at)->type == CELL_STRING)
        return document_cell(input, at)->size;
    for (end = document_next(input, at); at < end; at++)
        bytes += cell_bytes(document_cell(input, at));
    return bytes;
}

size_t template_rendered_bytes(const struct template *template, const struct document *input,
                               uint32_t at)
{
    size_t bytes = 0;

    for (size_t i = 0; i < template->count; i++) {
        const struct template_piece *piece = &template->pieces[i];

        bytes += piece->step_count > 0 ? value_bytes(input, find_value(piece, input, at))
                                       : piece->literal.len;
    }
    return bytes;
}
