/* What the token commands write and show: the admin API's JSON, and a line for people. */
#include "command/token_text.h"

#include "base/clock.h"
#include "document/json_write.h"

#include <stdio.h>

static void put_time(struct buffer *out, const char *name, int64_t wall_ms)
{
    char when[CLOCK_RFC3339_BYTES];

    json_put_name(out, name);
    if (wall_ms == 0)
        buffer_put(out, TEXT("null"));
    else
        json_put_string(out, clock_rfc3339(wall_ms, when));
}

void token_put_record(struct buffer *out, const struct token_record *record, struct text secret)
{
    buffer_put_byte(out, '{');
    json_put_name(out, "id");
    json_put_string(out, record->id);
    json_put_name(out, "name");
    json_put_string(out, record->name);
    json_put_name(out, "hint");
    json_put_string(out, record->hint);
    json_put_name(out, "scopes");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < record->scope_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, record->scopes[i]);
    }
    buffer_put_byte(out, ']');
    json_put_name(out, "test");
    buffer_put(out, record->test ? TEXT("true") : TEXT("false"));
    put_time(out, "created_at", record->created_ms);
    put_time(out, "expires_at", record->expires_ms);
    put_time(out, "revoked_at", record->revoked_ms);
    if (secret.len > 0) {
        json_put_name(out, "token");
        json_put_string(out, secret);
    }
    buffer_put_byte(out, '}');
}

struct text token_member(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE || document->cells[at].type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

void token_print_row(const struct document *document, uint32_t token)
{
    uint32_t scopes = document_member(document, token, TEXT("scopes"));
    const char *state = token_member(document, token, "revoked_at").len > 0 ? "revoked" : "live";
    struct text expires = token_member(document, token, "expires_at");

    printf("%.*s  %-7s  ...%.*s  expires %.*s  %.*s ",
           TEXT_ARG(token_member(document, token, "id")), state,
           TEXT_ARG(token_member(document, token, "hint")),
           TEXT_ARG(expires.len > 0 ? text_first(expires, 10) : TEXT("never")),
           TEXT_ARG(token_member(document, token, "name")));
    for (uint32_t i = scopes + 1; scopes != CELL_NONE && i < document->cells[scopes].end; i++)
        printf(" %.*s", TEXT_ARG(document_text(document, i)));
    printf("\n");
}

void token_put_order(struct buffer *out, const struct token_order *order)
{
    buffer_put_byte(out, '{');
    json_put_name(out, "name");
    json_put_string(out, order->name);
    json_put_name(out, "scopes");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < order->scope_count; i++) {
        if (i > 0)
            buffer_put_byte(out, ',');
        json_put_string(out, order->scopes[i]);
    }
    buffer_put_byte(out, ']');
    put_time(out, "expires_at", order->expires_ms);
    json_put_name(out, "test");
    buffer_put(out, order->test ? TEXT("true") : TEXT("false"));
    buffer_put_byte(out, '}');
}
