/* pinion budget: how the budgets stand, as the running server sees them. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/member.h"

#include <ctype.h>

/* A dash where there is none. */
static struct text shown(const struct document *document, uint32_t object, const char *name)
{
    struct text text = member_text(document, object, name);

    return text.len > 0 ? text : TEXT("-");
}

/* Nine places are for machines; people get four, unless there is more to see below them. */
static struct text money(const struct document *document, uint32_t object, const char *name)
{
    struct text usd = shown(document, object, name);
    size_t keep = usd.len > 9 ? usd.len - 5 : usd.len;

    for (size_t i = keep; i < usd.len; i++)
        if (usd.at[i] != '0')
            return usd;
    return text_first(usd, keep);
}

static void print_row(const struct document *document, uint32_t row)
{
    struct text recovered = money(document, row, "recovered_usd");

    printf("%-44.*s spent %s%.*s", TEXT_ARG(shown(document, row, "id")), "",
           TEXT_ARG(money(document, row, "spent_usd")));
    printf(" of %.*s", TEXT_ARG(money(document, row, "limit_usd")));
    if (!text_equal(money(document, row, "reserved_usd"), TEXT("0.0000")))
        printf(", reserved %.*s", TEXT_ARG(money(document, row, "reserved_usd")));
    if (!text_equal(recovered, TEXT("0.0000")))
        printf(", of it %.*s recovered after a crash", TEXT_ARG(recovered));
    printf(", until %.16s\n", shown(document, row, "resets_at").at);
}

static void print_period(const struct document *document, uint32_t row)
{
    struct text recovered = money(document, row, "recovered_usd");

    printf("%-44.*s spent %.*s", TEXT_ARG(shown(document, row, "id")),
           TEXT_ARG(money(document, row, "spent_usd")));
    if (!text_equal(recovered, TEXT("0.0000")))
        printf(", of it %.*s recovered after a crash", TEXT_ARG(recovered));
    printf("\n");
}

static int print(const struct command_line *line, const struct document *document, bool history)
{
    remote_each(document, history ? print_period : print_row);
    if (member_flag(document, 0, "has_more") && !option_on(line, "quiet"))
        fprintf(stderr, "there are more: --after %.*s\n", TEXT_ARG(shown(document, 0, "last_id")));
    return EXIT_DONE;
}

/* Words that can stand in a query as they are: all names of accounts can. */
static bool plain(const struct command_line *line, const char *flag, const char *word)
{
    struct error err = {0};
    bool good = word == NULL || strlen(word) <= STORE_BUDGET_KEY_BYTES;

    for (const char *at = word; good && at != NULL && *at != '\0'; at++)
        good = isalnum((unsigned char)*at) || strchr("-_./", *at) != NULL;
    if (good)
        return true;
    error_set(&err, ERROR_INVALID_REQUEST, flag, "'%s' names no budget", flag);
    remote_error(line, &err);
    return false;
}

static void put(struct buffer *path, const char *name, const char *value)
{
    if (value != NULL)
        buffer_printf(path, "%s%s=%s", path->at[path->len - 1] == '?' ? "" : "&", name, value);
}

static int budget(const struct command_line *line)
{
    const char *of = option_text(line, "of"), *name = option_text(line, "name");
    const char *after = option_text(line, "after");
    bool history = option_on(line, "history");
    struct buffer path = buffer_in(line->arena);
    struct document document;
    struct error err = {0};
    int code;

    if (!plain(line, "--name", name) || !plain(line, "--after", after))
        return EXIT_USAGE;
    if (history && of == NULL) {
        error_set(&err, ERROR_INVALID_REQUEST, "--of",
                  "--history needs --of, and --name for all "
                  "but the organisation");
        remote_error(line, &err);
        return EXIT_USAGE;
    }
    buffer_put(&path, history ? TEXT("/admin/v1/budgets/history?") : TEXT("/admin/v1/budgets?"));
    put(&path, "of", of);
    put(&path, "name", name);
    put(&path, "after", after);
    put(&path, "limit", option_text(line, "limit"));
    return remote_ask(line, "GET", buffer_text(&path), (struct text){0}, &document, &code)
               ? print(line, &document, history)
               : code;
}

static const struct option_spec options[] = {
    {.name = "of",
     .argument = "WHAT",
     .help = "only budgets of this kind",
     .choices = "organisation|endpoint|shadow|project|token"},
    {.name = "name", .argument = "NAME", .help = "only the one of this slug, project or token id"},
    {.name = "history", .help = "every period there was, of one budget"},
    {.name = "limit",
     .argument = "N",
     .help = "at most so many, 1 to 200",
     .fallback = "100",
     .number = true},
    {.name = "after", .argument = "ID", .help = "go on behind this one"},
    PLACE_OPTIONS,
};

const struct command_spec command_budget = {
    .name = "budget",
    .summary = "Show what budgets allow, what is spent and when they begin anew",
    .examples = {"budget --of endpoint", "budget --of token --name tok_01k9... --history"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "usage, token update",
    .run = budget,
};
