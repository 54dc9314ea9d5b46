#include "command/secret_text.h"
#include "command/remote.h"

#include "document/member.h"

#include <stdio.h>

static struct text member(const struct document *document, const char *pointer)
{
    uint32_t at = document_at(document, 0, text_of(pointer));

    if (at == CELL_NONE || document->cells[at].type != CELL_STRING)
        return (struct text){0};
    return document_text(document, at);
}

static void say_new_key(struct text file)
{
    if (file.len > 0)
        fprintf(stderr,
                "made the master key: %.*s\n"
                "  keep a copy of it apart from the store: without it the secrets are lost\n",
                TEXT_ARG(file));
}

/* Without a server there is nothing to be in force yet. */
static void say_reload(const struct document *document, const char *good, const char *bad)
{
    uint32_t reload = document_member(document, 0, TEXT("reload"));

    if (reload == CELL_NONE)
        return;
    if (member_flag(document, reload, "ok")) {
        fprintf(stderr, "%s\n", good);
        return;
    }
    fprintf(stderr, "%.*s%s\n", TEXT_ARG(member(document, "/reload/report")), bad);
}

void secret_say_set(const struct document *document)
{
    struct text name = member(document, "/secret/name");

    say_new_key(member(document, "/new_key"));
    fprintf(stderr,
            "set '%.*s', sealed under %.*s\n"
            "use it in pinion.yaml: key: ${secret:%.*s}\n",
            TEXT_ARG(name), TEXT_ARG(member(document, "/secret/key_id")), TEXT_ARG(name));
    say_reload(document, "it is in force in the running server",
               "it is not in force yet: the configuration has the errors above");
}

void secret_say_deleted(const struct document *document)
{
    fprintf(stderr, "deleted '%.*s'\n", TEXT_ARG(member(document, "/deleted")));
    say_reload(document, "the running server no longer has it",
               "the running server keeps its configuration, and the value, until that is good "
               "again");
}

void secret_say_rotated(const struct document *document)
{
    struct text file = member(document, "/file");
    long long retired = member_integer(document, 0, "retired");

    if (member_flag(document, 0, "renewed"))
        say_new_key(file);
    fprintf(stderr, "everything is sealed under %.*s; sealed anew: %lld\n",
            TEXT_ARG(member(document, "/key_id")), member_integer(document, 0, "resealed"));
    if (member_flag(document, 0, "retire_by_hand"))
        fprintf(stderr, "the other keys open nothing any more in this store: take them out of "
                        "where the master key comes from\n");
    else if (retired > 0)
        fprintf(stderr,
                "the key before it is now a comment in %.*s, for old backups: delete the line "
                "when there are none\n",
                TEXT_ARG(file));
}

static void print_row(const struct document *document, uint32_t secret)
{
    uint32_t hint = document_member(document, secret, TEXT("hint"));
    struct text created =
        document_text(document, document_member(document, secret, TEXT("created_at")));
    bool has_hint = hint != CELL_NONE && document->cells[hint].type == CELL_STRING;

    printf("%-20.*s  %s%-4.*s  %.*s  %.*s%s\n",
           TEXT_ARG(document_text(document, document_member(document, secret, TEXT("name")))),
           has_hint ? "..." : "   ", TEXT_ARG(has_hint ? document_text(document, hint) : TEXT("")),
           TEXT_ARG(text_first(created, 10)),
           TEXT_ARG(document_text(document, document_member(document, secret, TEXT("key_id")))),
           member_flag(document, secret, "opens") ? ""
                                                  : "  does not open: its master key is not here");
}

void secret_print_list(const struct document *document)
{
    remote_each(document, print_row);
}
