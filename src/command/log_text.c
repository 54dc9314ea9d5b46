#include "command/log_text.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "document/member.h"

bool log_text_read(const struct command_line *line, struct text body, struct document *out)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    return json_read(body, &limits, line->arena, out, NULL, NULL);
}

void log_text_print(const struct document *document, uint32_t row)
{
    struct text endpoint = member_text(document, row, "endpoint");
    struct text model = member_text(document, row, "model"),
                code = member_text(document, row, "code"),
                cost = member_text(document, row, "cost_usd");

    printf("%.*s  %lld  %-16.*s  %9.*s ms  %lld+%lld tokens  ",
           TEXT_ARG(member_text(document, row, "ts")),
           (long long)member_integer(document, row, "status"),
           TEXT_ARG(endpoint.len > 0 ? endpoint : TEXT("-")),
           TEXT_ARG(member_text(document, row, "duration_ms")),
           (long long)member_integer(document, row, "input_tokens"),
           (long long)member_integer(document, row, "output_tokens"));
    if (cost.len > 0)
        printf("$%.*s  ", TEXT_ARG(cost));
    if (model.len > 0)
        printf("%.*s/%.*s  ", TEXT_ARG(member_text(document, row, "provider")), TEXT_ARG(model));
    printf("%.*s", TEXT_ARG(member_text(document, row, "request_id")));
    if (code.len > 0)
        printf("  %.*s", TEXT_ARG(code));
    printf("\n");
}

static void put_value(struct buffer *out, const struct document *document, uint32_t at)
{
    if (document->cells[at].type == CELL_STRING)
        buffer_put(out, document_text(document, at));
    else
        json_put_cell(out, document, at);
}

/* A list of things, each on a line: "name read  started_us 15  duration_us 5". */
static void put_things(struct buffer *out, const struct document *document, uint32_t list)
{
    for (uint32_t thing = list + 1; thing < document->cells[list].end;
         thing = document_next(document, thing)) {
        buffer_put(out, TEXT("\n "));
        if (document->cells[thing].type != CELL_OBJECT) {
            buffer_put_byte(out, ' ');
            put_value(out, document, thing);
            continue;
        }
        for (uint32_t i = thing + 1; i < document->cells[thing].end;
             i = document_next(document, i + 1)) {
            buffer_printf(out, " %.*s ", TEXT_ARG(document_text(document, i)));
            put_value(out, document, i + 1);
            buffer_put_byte(out, ' ');
        }
    }
}

void log_text_show(const struct document *document)
{
    struct buffer value = {0};

    for (uint32_t i = 1; i < document->cells[0].end; i = document_next(document, i + 1)) {
        struct text name = document_text(document, i);

        value.len = 0;
        if (text_equal(name, TEXT("stage_us"))) /* 'stages' says it */
            continue;
        if (document->cells[i + 1].type == CELL_ARRAY)
            put_things(&value, document, i + 1);
        else
            put_value(&value, document, i + 1);
        printf("%-16.*s  %.*s\n", TEXT_ARG(name), TEXT_ARG(buffer_text(&value)));
    }
    buffer_release(&value);
}
