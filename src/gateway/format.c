#include "gateway/format.h"

static const struct {
    const char *word, *type, *accept, *accept_too;
} rows[] = {
    [FORMAT_JSON] = {"json", "application/json", "application/json", "*/*"},
    [FORMAT_JSONL] = {"jsonl", "application/jsonl", "application/jsonl", "application/x-ndjson"},
    [FORMAT_CSV] = {"csv", "text/csv; charset=utf-8; header=present", "text/csv", "text/csv"},
};
enum { FORMAT_COUNT = sizeof rows / sizeof *rows };

static enum format accepted(struct text accept)
{
    while (accept.len > 0) {
        struct text range = text_split(&accept, ','), type = text_trim(text_split(&range, ';'));

        for (size_t i = 0; i < FORMAT_COUNT; i++)
            if (text_equal_nocase(type, text_of(rows[i].accept)) ||
                text_equal_nocase(type, text_of(rows[i].accept_too)))
                return (enum format)i;
    }
    return FORMAT_JSON;
}

bool format_of(struct request *request, struct text word, enum format *out)
{
    *out = accepted(http_header(&request->http, TEXT("accept")));
    if (word.len == 0)
        return true;
    for (size_t i = 0; i < FORMAT_COUNT; i++)
        if (text_equal(word, text_of(rows[i].word))) {
            *out = (enum format)i;
            return true;
        }
    return error_set(&request->error, ERROR_INVALID_REQUEST, "format",
                     "'format' must be json, jsonl or csv");
}

struct text format_type(enum format format)
{
    return text_of(rows[format].type);
}
