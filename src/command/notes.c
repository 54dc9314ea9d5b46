/* pinion notes: endpoints that were not as usual, as the running server has noted it. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/member.h"

static void print_note(const struct document *document, uint32_t row)
{
    struct text over = member_text(document, row, "over");

    printf("%.*s %.*s: %.*s, %.*s\n", TEXT_ARG(member_text(document, row, "endpoint")),
           TEXT_ARG(member_text(document, row, "kind")),
           TEXT_ARG(member_text(document, row, "message")),
           TEXT_ARG(over.len > 0 ? TEXT("over") : TEXT("and it goes on")));
    printf("  since  %.*s\n", TEXT_ARG(member_text(document, row, "since")));
    if (over.len > 0)
        printf("  until  %.*s\n", TEXT_ARG(over));
    printf("  look   %.*s\n", TEXT_ARG(member_text(document, row, "look")));
}

static int notes(const struct command_line *line)
{
    struct document list;
    int code;

    if (!remote_ask(line, "GET", TEXT("/admin/v1/notes?limit=50"), (struct text){0}, &list, &code))
        return code;
    if (remote_each(&list, print_note) == 0 && !option_on(line, "quiet"))
        fputs("no endpoint was seen that is not as it was in the week before\n", stderr);
    return EXIT_DONE;
}

static const struct option_spec options[] = {PLACE_OPTIONS};

const struct command_spec command_notes = {
    .name = "notes",
    .summary = "Show endpoints that were not as usual, the newest first",
    .examples = {"notes", "notes --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "logs list, usage, webhooks list",
    .run = notes,
};
