/* A refusal as people read it: what and why, then each violation and each attempt on a line. */
#include "command/ask.h"
#include "command/said.h"
#include "document/json_read.h"
#include "document/member.h"

static int exit_of(int status)
{
    switch (status) {
    case 401:
    case 403:
        return EXIT_PERMISSION;
    case 404:
        return EXIT_NOT_FOUND;
    default:
        return EXIT_FAILED;
    }
}

static void print_violation(const struct document *document, uint32_t at)
{
    struct text path = member_text(document, at, "instance_path");

    fputs("  at ", stderr);
    said_put(path.len > 0 ? path : TEXT("the root"), stderr);
    fputs(": ", stderr);
    said_put(member_text(document, at, "message"), stderr);
    fputc('\n', stderr);
}

static void print_attempt(const struct document *document, uint32_t at)
{
    fprintf(stderr, "  attempt %lld: ", member_integer(document, at, "n"));
    said_put(member_text(document, at, "provider"), stderr);
    fputc('/', stderr);
    said_put(member_text(document, at, "model"), stderr);
    fprintf(stderr, " status %lld, %.*s, %lld ms\n", member_integer(document, at, "status"),
            TEXT_ARG(member_text(document, at, "reason")), member_integer(document, at, "ms"));
}

static void print_each(const struct document *document, struct text list,
                       void (*print)(const struct document *document, uint32_t at))
{
    uint32_t at = document_at(document, 0, list);

    if (at == CELL_NONE || document_cell(document, at)->type != CELL_ARRAY)
        return;
    for (uint32_t item = at + 1; item < document_next(document, at);
         item = document_next(document, item))
        print(document, item);
}

int ask_refused(const struct command_line *line, int status, struct text body)
{
    struct document document;
    uint32_t error = CELL_NONE;
    struct text hint;

    if (option_on(line, "json")) {
        fprintf(stderr, "%.*s\n", TEXT_ARG(body));
        return exit_of(status);
    }
    if (json_read(body, NULL, line->arena, &document, NULL, NULL))
        error = document_member(&document, 0, TEXT("error"));
    if (error == CELL_NONE) {
        fprintf(stderr, "pinion: error: the server answered %d\n", status);
        return exit_of(status);
    }
    fputs("pinion: error: ", stderr);
    said_put(member_text(&document, error, "message"), stderr);
    fputs(" [", stderr);
    if (status > 0)
        fprintf(stderr, "%d ", status);
    said_put(member_text(&document, error, "code"), stderr);
    fputs("]\n", stderr);
    print_each(&document, TEXT("/error/details/violations"), print_violation);
    print_each(&document, TEXT("/error/details/attempts"), print_attempt);
    hint = member_text(&document, error, "hint");
    if (hint.len > 0) {
        fputs("  help: ", stderr);
        said_put(hint, stderr);
        fputc('\n', stderr);
    }
    return exit_of(status);
}
