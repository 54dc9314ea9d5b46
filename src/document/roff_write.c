#include "document/roff_write.h"

static bool at_line_start(const struct buffer *buffer)
{
    return buffer->len == 0 || buffer->at[buffer->len - 1] == '\n';
}

void roff_put(struct buffer *buffer, struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];

        if (at_line_start(buffer) && (byte == '.' || byte == '\''))
            buffer_put(buffer, TEXT("\\&"));
        if (byte == '\\')
            buffer_put(buffer, TEXT("\\e"));
        else if (byte == '-')
            buffer_put(buffer, TEXT("\\-"));
        else if (byte == '\n' || (unsigned char)byte < 0x20)
            buffer_put_byte(buffer, ' ');
        else if (byte == '^')
            buffer_put(buffer, TEXT("\\(ha"));
        else if (byte == '~')
            buffer_put(buffer, TEXT("\\(ti"));
        else if (byte == '\'')
            buffer_put(buffer, TEXT("\\(aq"));
        else if (byte == '`')
            buffer_put(buffer, TEXT("\\(ga"));
        else
            buffer_put_byte(buffer, byte);
    }
}

static void end_line(struct buffer *buffer)
{
    if (!at_line_start(buffer))
        buffer_put_byte(buffer, '\n');
}

void roff_macro(struct buffer *buffer, const char *line)
{
    end_line(buffer);
    buffer_put(buffer, text_of(line));
    buffer_put_byte(buffer, '\n');
}

/* Behind a heading a paragraph begins by itself. */
static void begin_paragraph(struct buffer *buffer)
{
    size_t start;

    end_line(buffer);
    start = buffer->len > 0 ? buffer->len - 1 : 0;
    while (start > 0 && buffer->at[start - 1] != '\n')
        start--;
    if (!text_starts(text_after(buffer_text(buffer), start), TEXT(".SH")))
        roff_macro(buffer, ".PP");
}

void roff_paragraph(struct buffer *buffer, struct text text)
{
    begin_paragraph(buffer);
    roff_put(buffer, text);
    end_line(buffer);
}

void roff_example(struct buffer *buffer, struct text lines)
{
    begin_paragraph(buffer);
    roff_macro(buffer, ".RS 4");
    roff_macro(buffer, ".nf");
    while (lines.len > 0) {
        struct text line = text_split(&lines, '\n');

        if (line.len == 0)
            roff_macro(buffer, ".sp");
        roff_put(buffer, line);
        end_line(buffer);
    }
    roff_macro(buffer, ".fi");
    roff_macro(buffer, ".RE");
}

void roff_item(struct buffer *buffer, struct text word, struct text behind)
{
    roff_macro(buffer, ".TP");
    buffer_put(buffer, TEXT("\\fB"));
    roff_put(buffer, word);
    buffer_put(buffer, TEXT("\\fR"));
    if (behind.len > 0) {
        buffer_put_byte(buffer, ' ');
        roff_put(buffer, behind);
    }
    end_line(buffer);
}
