#include "gateway/log_rows.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "journal/csv.h"

#include <stdio.h>

/* The members of a line that a table has columns for, in the order of conventions section 7. */
static const char *const columns[] = {
    "ts",
    "request_id",
    "trace_id",
    "span_id",
    "method",
    "path",
    "status",
    "code",
    "error",
    "surface",
    "project",
    "endpoint",
    "version",
    "version_hash",
    "token_id",
    "session_id",
    "rule",
    "provider",
    "model",
    "attempts",
    "stream",
    "ttft_ms",
    "upstream_ms",
    "overhead_us",
    "duration_ms",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "usage",
    "cost_usd",
    "billed_usd",
    "finish_reason",
    "cache",
    "bytes_in",
    "bytes_out",
    "tags",
};
enum { COLUMN_COUNT = sizeof columns / sizeof *columns };

void log_rows_head(struct buffer *out, enum format format)
{
    if (format != FORMAT_CSV)
        return;
    csv_put_plain(out, TEXT("id"));
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        csv_put_plain(out, text_of(columns[i]));
    csv_end(out);
}

static void put_integer(struct buffer *out, int64_t integer)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)integer);

    csv_put_plain(out, (struct text){digits, (size_t)len});
}

static void put_object(struct buffer *out, const struct document *document, uint32_t at)
{
    struct buffer json = {0};

    json_put_cell(&json, document, at);
    csv_put_text(out, buffer_text(&json));
    buffer_release(&json);
}

static void put_cell(struct buffer *out, const struct document *document, uint32_t at)
{
    const struct cell *cell = at != CELL_NONE ? &document->cells[at] : NULL;

    if (cell != NULL && cell->type == CELL_OBJECT)
        put_object(out, document, at);
    else if (cell == NULL || cell->type == CELL_NULL || cell->type == CELL_ARRAY)
        csv_put_plain(out, TEXT(""));
    else if (cell->type == CELL_BOOLEAN)
        csv_put_plain(out, cell->boolean ? TEXT("true") : TEXT("false"));
    else if (cell->type == CELL_INTEGER)
        put_integer(out, cell->integer);
    else if (cell->type == CELL_NUMBER)
        csv_put_plain(out, document_text(document, at));
    else
        csv_put_text(out, document_text(document, at));
}

/* A line that is no JSON cannot come from the journal; of one that does there is only its id. */
static void put_columns(struct buffer *out, struct text line)
{
    struct arena arena = {0};
    struct document document;
    bool good = json_read(line, NULL, &arena, &document, NULL, NULL);

    for (size_t i = 0; i < COLUMN_COUNT; i++)
        put_cell(out, &document,
                 good ? document_member(&document, 0, text_of(columns[i])) : CELL_NONE);
    arena_release(&arena);
}

void log_rows_put(struct buffer *out, enum format format, const struct log_row *row,
                  const struct log_place *place)
{
    char id[LOG_PLACE_CHARS];

    log_place_write(place, id);
    if (format == FORMAT_CSV) {
        csv_put_plain(out, (struct text){id, sizeof id});
        put_columns(out, row->line);
        csv_end(out);
        return;
    }
    buffer_put(out, TEXT("{\"object\":\"log\",\"id\":"));
    json_put_string(out, (struct text){id, sizeof id});
    buffer_put_byte(out, ',');
    buffer_put(out, text_after(row->line, 1));
    if (format == FORMAT_JSONL)
        buffer_put_byte(out, '\n');
}
