#include "command/sessions_print.h"

#include "command/said.h"
#include "document/member.h"

#include <stdio.h>

/* "2026-11-26 17:05:09", or a dash. */
static void print_time(struct text when)
{
    if (when.len < 19)
        printf("%-19s", "-");
    else
        printf("%.10s %.8s", when.at, when.at + 11);
}

void sessions_print_row(const struct document *document, uint32_t session)
{
    printf("%.*s  ", TEXT_ARG(member_text(document, session, "id")));
    if (member_flag(document, session, "damaged")) {
        printf("damaged; 'pinion sessions delete' removes it\n");
        return;
    }
    print_time(member_text(document, session, "updated_at"));
    printf("  %5lld messages  expires ", member_integer(document, session, "message_count"));
    print_time(member_text(document, session, "expires_at"));
    printf("  %.*s  %.*s\n", TEXT_ARG(member_text(document, session, "endpoint")),
           TEXT_ARG(member_text(document, session, "token_id")));
}

static void print_message(const struct document *document, uint32_t message)
{
    struct text request_id = member_text(document, message, "request_id");

    printf("\n%lld  %.*s  ", member_integer(document, message, "number"),
           TEXT_ARG(member_text(document, message, "role")));
    print_time(member_text(document, message, "stored_at"));
    printf("  %.*s%s\n", TEXT_ARG(request_id),
           member_flag(document, message, "interrupted") ? "  broke off" : "");
    said_print(member_text(document, message, "content"), stdout);
}

static void print_line(const struct document *document, const char *label, const char *name)
{
    printf("%-10s ", label);
    print_time(member_text(document, 0, name));
    printf("\n");
}

void sessions_print(const struct document *document)
{
    uint32_t messages = document_member(document, 0, TEXT("messages"));

    printf("%-10s %.*s\n", "session", TEXT_ARG(member_text(document, 0, "id")));
    printf("%-10s %.*s\n", "endpoint", TEXT_ARG(member_text(document, 0, "endpoint")));
    printf("%-10s %.*s\n", "token", TEXT_ARG(member_text(document, 0, "token_id")));
    print_line(document, "created", "created_at");
    print_line(document, "last turn", "updated_at");
    print_line(document, "expires", "expires_at");
    printf("%-10s %lld, %lld bytes\n", "messages", member_integer(document, 0, "message_count"),
           member_integer(document, 0, "bytes"));
    if (messages == CELL_NONE)
        return;
    for (uint32_t i = messages + 1; i < document->cells[messages].end;
         i = document_next(document, i))
        print_message(document, i);
}
