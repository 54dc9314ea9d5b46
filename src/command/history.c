/* pinion history: the versions that an endpoint has had, and what each was made of. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "command/said.h"
#include "command/version_files.h"
#include "document/member.h"

static void put_changes(const struct document *document, uint32_t row, struct buffer *out)
{
    uint32_t changes = document_member(document, row, TEXT("changes"));
    const char *before = "";

    if (version_number(document, row, "of") > 0) {
        buffer_printf(out, "back to %llu", (unsigned long long)version_number(document, row, "of"));
        return;
    }
    if (changes == CELL_NONE) {
        buffer_put(out, TEXT("the first that is known"));
        return;
    }
    if (document->cells[changes].size == 0)
        buffer_put(out, TEXT("what pinion.yaml says of it"));
    for (uint32_t i = changes + 1; i < document->cells[changes].end;
         i = document_next(document, i)) {
        struct text change = member_text(document, i, "change");

        buffer_printf(out, "%s%s%.*s", before,
                      text_equal(change, TEXT("added"))     ? "+"
                      : text_equal(change, TEXT("removed")) ? "-"
                                                            : "",
                      TEXT_ARG(member_text(document, i, "path")));
        before = ", ";
    }
}

static void print_row(const struct command_line *line, const struct document *document,
                      uint32_t row, uint64_t in_force)
{
    uint64_t number = version_number(document, row, "version");
    struct text actor = member_text(document, row, "actor");
    struct text id = member_text(document, row, "actor_id");
    struct buffer what = buffer_in(line->arena), who = buffer_in(line->arena);

    put_changes(document, row, &what);
    buffer_printf(&who, "%.*s%s%.*s", TEXT_ARG(actor), id.len > 0 ? " " : "", TEXT_ARG(id));
    printf("%c%6llu  %.12s  %.16sZ  %-8.*s  %-20.*s  ", number == in_force ? '*' : ' ',
           (unsigned long long)number, member_text(document, row, "hash").at,
           member_text(document, row, "at").at, TEXT_ARG(member_text(document, row, "cause")),
           TEXT_ARG(buffer_text(&who)));
    said_put(buffer_text(&what), stdout);
    printf("%s\n",
           member_flag(document, row, "pinned") ? "  (in place of the folder's files)" : "");
}

static int list(const struct command_line *line, const struct version_name *name)
{
    struct document document;
    struct version_told current;
    struct text body;
    uint32_t data;
    uint64_t after = option_number(line, "after", 0);
    struct buffer path = buffer_in(line->arena);
    int code;

    buffer_printf(&path, "/admin/v1/endpoints/%.*s/versions?limit=%llu", TEXT_ARG(name->slug),
                  (unsigned long long)option_number(line, "limit", 0));
    if (after > 0)
        buffer_printf(&path, "&after=%llu", (unsigned long long)after);
    code = version_get(line, buffer_text(&path), &body, &document);
    if (code != EXIT_DONE)
        return code;
    if (option_on(line, "json")) {
        printf("%.*s\n", TEXT_ARG(body));
        return EXIT_DONE;
    }
    data = document_member(&document, 0, TEXT("data"));
    if (data == CELL_NONE || document.cells[data].size == 0)
        return version_fetch(line, name, &current); /* which says that there is no such endpoint */
    if (after > 0 || version_fetch(line, name, &current) != EXIT_DONE)
        current.number = 0; /* it is gone; its history is not */
    for (uint32_t i = data + 1; i < document.cells[data].end; i = document_next(&document, i))
        print_row(line, &document, i, current.number);
    if (member_flag(&document, 0, "has_more") && !option_on(line, "quiet"))
        fprintf(stderr, "there are more: --after %.*s\n",
                TEXT_ARG(member_text(&document, 0, "last_id")));
    return EXIT_DONE;
}

static int show(const struct command_line *line, const struct version_name *name)
{
    const char *folder = option_text(line, "output");
    struct version_told version;
    struct document document;
    struct text body;
    int code;

    if (option_on(line, "json") && folder == NULL) {
        code = version_get(line,
                           arena_printf(line->arena, "/admin/v1/versions/%.*s",
                                        TEXT_ARG(version_name_text(line, name))),
                           &body, &document);
        if (code == EXIT_DONE)
            printf("%.*s\n", TEXT_ARG(body));
        return code;
    }
    code = version_fetch(line, name, &version);
    if (code != EXIT_DONE)
        return code;
    if (folder != NULL)
        return version_write(line, &version, text_of(folder));
    for (size_t i = 0; i < version.file_count; i++) {
        printf("%s==> %.*s <==\n", i > 0 ? "\n" : "", TEXT_ARG(version.files[i].path));
        said_put(version.files[i].bytes, stdout);
    }
    return EXIT_DONE;
}

static int run(const struct command_line *line)
{
    struct version_name name;
    struct error err = {0};

    if (!version_argument(line, line->arguments[0], &name))
        return EXIT_USAGE;
    if (version_is_named(&name))
        return show(line, &name);
    if (option_text(line, "output") == NULL)
        return list(line, &name);
    error_set(&err, ERROR_INVALID_REQUEST, "--output", "--output: which version is to be written?");
    error_hint(&err, "write pinion history %.*s@7 --output DIR", TEXT_ARG(name.slug));
    return remote_error(line, &err);
}

static const struct option_spec options[] = {
    {.name = "output", .argument = "DIR", .help = "write the version's files below this folder"},
    {.name = "limit",
     .argument = "N",
     .help = "at most so many, 1 to 199",
     .fallback = "50",
     .number = true},
    {.name = "after", .argument = "N", .help = "go on behind this version", .number = true},
    PLACE_OPTIONS,
};

const struct command_spec command_history = {
    .name = "history",
    .arguments = "SLUG[@VERSION]",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "List the versions of an endpoint, or show one",
    .examples = {"history summarize", "history summarize@7 --output old"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "diff, rollback",
    .run = run,
};
