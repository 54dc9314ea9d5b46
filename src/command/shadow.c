/* pinion shadow: how copies of calls that go to another model or endpoint compare with the calls,
 * as the running server sees them. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/member.h"

/* -1: it is null. */
static double number(const struct document *document, uint32_t object, const char *name)
{
    uint32_t at = document_member(document, object, text_of(name));

    if (at == CELL_NONE ||
        (document->cells[at].type != CELL_INTEGER && document->cells[at].type != CELL_NUMBER))
        return -1;
    return document_double(&document->cells[at]);
}

static void print_ratio(const struct document *document, uint32_t row, const char *name,
                        const char *shown)
{
    double ratio = number(document, row, name);

    if (ratio >= 0)
        printf(", %s %.2f", shown, ratio);
}

static void print_results(const struct document *document, uint32_t row)
{
    uint32_t results = document_member(document, row, TEXT("results"));

    if (results == CELL_NONE)
        return;
    for (uint32_t at = results + 1; at < document->cells[results].end;
         at = document_next(document, at + 1))
        if (document->cells[at + 1].type == CELL_INTEGER && document->cells[at + 1].integer > 0)
            printf("  %-14.*s %lld\n", TEXT_ARG(document_text(document, at)),
                   (long long)document->cells[at + 1].integer);
}

static void print_disagreements(const struct document *document, uint32_t row)
{
    uint32_t list = document_member(document, row, TEXT("disagreements"));

    if (list == CELL_NONE)
        return;
    for (uint32_t at = list + 1; at < document->cells[list].end; at = document_next(document, at))
        printf("  %.*s %.*s: %.*s, shadow %.*s\n", TEXT_ARG(member_text(document, at, "at")),
               TEXT_ARG(member_text(document, at, "result")),
               TEXT_ARG(member_text(document, at, "request_id")),
               TEXT_ARG(member_text(document, at, "shadow_id")));
}

static void print_shadow(const struct document *document, uint32_t row)
{
    double agreement = number(document, row, "agreement");
    struct text candidate = member_text(document, row, "candidate");

    printf("%.*s -> ", TEXT_ARG(member_text(document, row, "endpoint")));
    if (candidate.len > 0)
        printf("%.*s: ", TEXT_ARG(candidate));
    printf("%.*s/%.*s, %g %% of the calls\n", TEXT_ARG(member_text(document, row, "provider")),
           TEXT_ARG(member_text(document, row, "model")), number(document, row, "percent"));
    printf("  compared %.0f", number(document, row, "compared"));
    if (agreement >= 0)
        printf(", agree %.1f %%", agreement * 100);
    print_ratio(document, row, "cost_ratio", "cost times");
    print_ratio(document, row, "latency_ratio", "time times");
    printf("\n");
    print_results(document, row);
    print_disagreements(document, row);
}

static int shadow(const struct command_line *line)
{
    struct document list;
    int code;

    if (!remote_ask_list(line, "/admin/v1/shadows", &list, &code))
        return code;
    if (remote_each(&list, print_shadow) == 0 && !option_on(line, "quiet"))
        fputs("no endpoint has a 'shadow'\n", stderr);
    return EXIT_DONE;
}

static const struct option_spec options[] = {PLACE_OPTIONS};

const struct command_spec command_shadow = {
    .name = "shadow",
    .arguments = "[SLUG]",
    .arguments_max = 1,
    .summary = "Show how copies of calls to another model or endpoint compare with the calls",
    .examples = {"shadow", "shadow summarize --json"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "canary, logs list, budget",
    .run = shadow,
};
