#include "command/token_text.h"

#include "document/json_write.h"
#include "document/member.h"

#include <stdio.h>

void token_print_row(const struct document *document, uint32_t token)
{
    uint32_t scopes = document_member(document, token, TEXT("scopes"));
    const char *state = member_text(document, token, "revoked_at").len > 0 ? "revoked" : "live";
    struct text expires = member_text(document, token, "expires_at");

    printf("%.*s  %-7s  ...%.*s  expires %.*s  %.*s ", TEXT_ARG(member_text(document, token, "id")),
           state, TEXT_ARG(member_text(document, token, "hint")),
           TEXT_ARG(expires.len > 0 ? text_first(expires, 10) : TEXT("never")),
           TEXT_ARG(member_text(document, token, "name")));
    if (scopes == CELL_NONE)
        scopes = document_member(document, token, TEXT("verbs"));
    for (uint32_t i = scopes + 1; scopes != CELL_NONE && i < document->cells[scopes].end; i++)
        printf(" %.*s", TEXT_ARG(document_text(document, i)));
    printf("\n");
}

static bool says_something(const struct document *document, uint32_t at)
{
    const struct cell *cell = document_cell(document, at);

    if (cell->type == CELL_OBJECT) {
        for (uint32_t key = at + 1; key < cell->end; key = document_next(document, key + 1))
            if (says_something(document, key + 1))
                return true;
        return false;
    }
    return cell->type != CELL_NULL && !(cell->type == CELL_BOOLEAN && !cell->boolean) &&
           !((cell->type == CELL_STRING || cell->type == CELL_ARRAY) && cell->size == 0);
}

/* "a, b"; "name value, name value" */
static void put_value(const struct document *document, uint32_t at, struct buffer *out)
{
    const struct cell *cell = document_cell(document, at);
    bool first = true;

    if (cell->type == CELL_STRING) {
        buffer_put(out, document_text(document, at));
        return;
    }
    if (cell->type < CELL_ARRAY) {
        json_put_cell(out, document, at);
        return;
    }
    for (uint32_t i = at + 1; i < cell->end; i = document_next(document, i)) {
        bool is_key = cell->type == CELL_OBJECT;

        if (is_key && !says_something(document, i + 1)) {
            i++;
            continue;
        }
        if (!first)
            buffer_put(out, TEXT(", "));
        first = false;
        if (is_key) {
            buffer_printf(out, "%.*s ", TEXT_ARG(document_text(document, i)));
            i++;
        }
        put_value(document, i, out);
    }
}

void token_print_all(const struct document *document, uint32_t token)
{
    for (uint32_t key = token + 1; key < document_cell(document, token)->end;
         key = document_next(document, key + 1)) {
        struct buffer value = {0};

        if (!says_something(document, key + 1))
            continue;
        put_value(document, key + 1, &value);
        printf("%-14.*s  %.*s\n", TEXT_ARG(document_text(document, key)),
               TEXT_ARG(buffer_text(&value)));
        buffer_release(&value);
    }
}
