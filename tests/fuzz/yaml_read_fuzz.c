/* Whatever a YAML file holds, what is read from it has sound cells with true marks, what is
 * complained about has a place, and every report of it is harmless; the one in JSON is JSON. */
#include "base/buffer.h"
#include "base/check.h"
#include "config/report.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "document/place.h"
#include "document/utf8.h"
#include "document/yaml_read.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_position(struct text source, const struct position *position)
{
    struct position counted = position_at(source, position->byte);

    CHECK(position->byte <= source.len);
    CHECK(counted.line == position->line && counted.column == position->column);
}

static struct text written(struct text source, struct range range)
{
    return text_first(text_after(source, range.start.byte), range.end.byte - range.start.byte);
}

/* A part of a value is either found exactly or stands for all of it. */
static void check_inside(const struct document *document, uint32_t at)
{
    struct text value = document_text(document, at);
    size_t offset = value.len / 3, len = value.len / 3;
    struct range whole = document_range(document, at);
    struct range inside = document_range_inside(document, at, offset, len);
    struct text part = text_first(text_after(value, offset), len);

    check_position(document->source, &inside.start);
    check_position(document->source, &inside.end);
    if (inside.start.byte == whole.start.byte && inside.end.byte == whole.end.byte)
        return;
    CHECK(inside.start.byte >= whole.start.byte && inside.start.byte <= inside.end.byte);
    if (text_find_byte(part, '\n') == part.len)
        CHECK(text_equal(written(document->source, inside), part));
}

static void check_cells(const struct document *document)
{
    CHECK(document->count > 0 && document_next(document, 0) == document->count);
    for (uint32_t at = 0; at < document->count; at++) {
        const struct cell *cell = document_cell(document, at);
        struct range range = document_range(document, at);

        check_position(document->source, &range.start);
        check_position(document->source, &range.end);
        CHECK(range.start.byte <= range.end.byte);
        if (at > 0)
            CHECK(range.start.byte >= document->marks[0].start.byte);
        if (cell->type >= CELL_ARRAY)
            CHECK(cell->end > at && cell->end <= document->count);
        if (cell->type == CELL_STRING) {
            CHECK(utf8_valid(cell_text(cell)) == cell->size);
            check_inside(document, at);
        }
    }
}

/* What was read must also be JSON, but for names that were refused as duplicates. */
static void check_as_json(const struct document *document, struct arena *arena)
{
    const struct json_limits open = {.nodes = JSON_UNLIMITED, .allow_duplicate_names = true};
    struct buffer json = buffer_in(arena);
    struct document copy;

    json_put_cell(&json, document, 0);
    CHECK(json_read(buffer_text(&json), &open, arena, &copy, NULL, NULL));
    CHECK(copy.count == document->count);
}

static void check_reports(const struct diagnostics *diagnostics, struct arena *arena)
{
    const struct json_limits open = {.nodes = JSON_UNLIMITED};
    struct buffer human = buffer_in(arena), lines = buffer_in(arena), json = buffer_in(arena);
    struct document document;

    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *diagnostic = &diagnostics->items[i];

        CHECK(diagnostic->message.len > 0);
        if (diagnostic->source.len > 0 && diagnostic->range.start.line > 0)
            CHECK(diagnostic->range.end.byte <= diagnostic->source.len &&
                  diagnostic->range.start.byte <= diagnostic->range.end.byte);
    }
    report_write(diagnostics, REPORT_HUMAN, false, &human);
    for (size_t i = 0; i < human.len; i++)
        CHECK((unsigned char)human.at[i] >= 0x20 || human.at[i] == '\n');
    CHECK(utf8_valid(buffer_text(&human)) == human.len);
    report_write(diagnostics, REPORT_SHORT, false, &lines);
    CHECK(utf8_valid(buffer_text(&lines)) == lines.len);
    report_write(diagnostics, REPORT_JSON, false, &json);
    CHECK(json_read(buffer_text(&json), &open, arena, &document, NULL, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct diagnostics diagnostics = {.arena = &arena};
    struct document document;
    char *copy = malloc(size > 0 ? size : 1); /* of its own, so that reading beyond it is seen */
    struct text source = {copy, size};
    bool usable;

    CHECK(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    usable = yaml_read(source, TEXT("fuzz.yaml"), &arena, &document, &diagnostics);
    CHECK(usable || diagnostics.error_count > 0);
    CHECK(usable || document.count == 0);
    if (usable) {
        check_cells(&document);
        check_as_json(&document, &arena);
    }
    check_reports(&diagnostics, &arena);
    arena_release(&arena);
    free(copy);
    return 0;
}
