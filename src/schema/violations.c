/* Lists of violations as others want them: with places in the text, as JSON, as plain lines. */
#include "schema/schema.h"

#include "document/json_write.h"
#include "schema/words.h"

void violations_locate(struct violations *violations, const struct document *document)
{
    uint32_t cells[VIOLATIONS_LISTED];
    struct position positions[VIOLATIONS_LISTED];

    for (size_t i = 0; i < violations->listed; i++)
        cells[i] = violations->items[i].cell;
    document_positions(document, cells, violations->listed, positions);
    for (size_t i = 0; i < violations->listed; i++)
        violations->items[i].position = positions[i];
}

static void put_violation(struct buffer *buffer, const struct violation *it)
{
    buffer_put_byte(buffer, '{');
    json_put_text(buffer, "instance_path", it->instance_path);
    json_put_text(buffer, "schema_path", it->schema_path);
    json_put_text(buffer, "schema_at", it->schema_at);
    json_put_text(buffer, "keyword", it->keyword);
    json_put_text(buffer, "expected", it->expected);
    json_put_text(buffer, "got", it->got);
    json_put_text(buffer, "message", it->message);
    if (it->position.line > 0) {
        json_put_count(buffer, "byte", it->position.byte);
        json_put_count(buffer, "line", it->position.line);
        json_put_count(buffer, "column", it->position.column);
    }
    buffer_put_byte(buffer, '}');
}

void violations_write_json(const struct violations *violations, struct buffer *buffer)
{
    json_put_name(buffer, "violations");
    buffer_put_byte(buffer, '[');
    for (size_t i = 0; i < violations->listed; i++) {
        if (i > 0)
            buffer_put_byte(buffer, ',');
        put_violation(buffer, &violations->items[i]);
    }
    buffer_put_byte(buffer, ']');
    json_put_count(buffer, "total", violations->total);
}

static void put_line(struct buffer *buffer, const struct violation *it)
{
    char place[POINTER_BYTES + 1] WORDS_UNSET;
    struct words path;

    words_begin(&path, place, POINTER_BYTES);
    words_put_name(&path, it->instance_path, POINTER_BYTES);
    buffer_put(buffer, it->about_name ? TEXT("- the name of ") : TEXT("- "));
    buffer_put(buffer, path.len > 0 ? words_text(&path) : TEXT("the whole value"));
    buffer_put(buffer, TEXT(": "));
    buffer_put(buffer, it->demand);
    buffer_put_byte(buffer, '\n');
}

void violations_write_lines(const struct violations *violations, struct buffer *buffer)
{
    size_t more = violations->total - violations->listed;

    for (size_t i = 0; i < violations->listed; i++)
        put_line(buffer, &violations->items[i]);
    if (more > 0)
        buffer_printf(buffer, "and %s%zu more\n",
                      violations->total >= VIOLATIONS_COUNTED ? "at least " : "", more);
}
