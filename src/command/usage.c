/* pinion usage: what was used and what it cost, added up. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/log_text.h"
#include "command/remote.h"
#include "command/usage_series.h"
#include "document/json_write.h"
#include "document/member.h"

static const char *const parameters[] = {"by",       "from",  "to",    "project", "endpoint",
                                         "provider", "model", "token", NULL};

/* Days go to the server as they are written: they are days there, not instants. */
static void put_parameters(const struct command_line *line, struct buffer *path)
{
    for (const char *const *name = parameters; *name != NULL; name++)
        if (option_text(line, *name) != NULL)
            query_put(path, *name, text_of(option_text(line, *name)));
}

static void print_head(struct text by)
{
    while (by.len > 0) {
        struct text word = text_trim(text_split(&by, ','));

        printf("%-24.*s  ", TEXT_ARG(word));
    }
    printf("%10s  %8s  %12s  %12s  %16s  %16s  %s\n", "calls", "errors", "input", "output",
           "cost_usd", "billed_usd", "estimated_usd");
}

static void print_number(const struct document *document, uint32_t row, const char *name, int width)
{
    printf("%*lld  ", width, member_integer(document, row, name));
}

static void print_row(const struct document *document, uint32_t row, struct text by)
{
    uint32_t estimated = document_member(document, row, TEXT("estimated"));

    while (by.len > 0) {
        struct text word = text_trim(text_split(&by, ','));
        uint32_t at = document_member(document, row, word);

        printf("%-24.*s  ",
               TEXT_ARG(at != CELL_NONE ? document_text(document, at) : (struct text){0}));
    }
    print_number(document, row, "calls", 10);
    print_number(document, row, "errors", 8);
    print_number(document, row, "input_tokens", 12);
    print_number(document, row, "output_tokens", 12);
    printf("%16.*s  %16.*s  %.*s\n", TEXT_ARG(member_text(document, row, "cost_usd")),
           TEXT_ARG(member_text(document, row, "billed_usd")),
           TEXT_ARG(member_text(document, estimated, "cost_usd")));
}

static void print_page(const struct command_line *line, const struct document *page, bool first)
{
    struct text by = text_of(option_text(line, "by"));
    uint32_t data = document_member(page, 0, TEXT("data"));
    struct buffer out = buffer_in(line->arena);

    if (first && !option_on(line, "json"))
        print_head(by);
    for (uint32_t i = data + 1; data != CELL_NONE && i < page->cells[data].end;
         i = document_next(page, i)) {
        if (!option_on(line, "json")) {
            print_row(page, i, by);
            continue;
        }
        out.len = 0;
        json_put_cell(&out, page, i);
        printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
    }
}

static int print_csv(const struct command_line *line, const struct settings *settings,
                     struct buffer *path)
{
    struct error err = {0};
    struct text body;
    int status;

    query_put(path, "format", TEXT("csv"));
    if (!remote_call(line, settings, "GET", buffer_text(path), (struct text){0}, &status, &body,
                     &err))
        return remote_error(line, &err);
    if (status != 200)
        return remote_failed(line, status, body);
    fwrite(body.at, 1, body.len, stdout);
    return EXIT_DONE;
}

static int usage(const struct command_line *line)
{
    struct buffer path = buffer_in(line->arena);
    struct settings settings;
    struct error err = {0};
    bool first = true, more = true;
    size_t path_len;

    if (usage_series_wanted(line))
        return usage_series(line);
    buffer_put(&path, TEXT("/admin/v1/usage"));
    if (!config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    put_parameters(line, &path);
    if (option_on(line, "csv"))
        return print_csv(line, &settings, &path);
    query_put(&path, "limit", TEXT("200"));
    path_len = path.len;
    for (; more; first = false) {
        struct document page;
        struct text body;
        uint32_t at;
        int status;

        if (!remote_call(line, &settings, "GET", buffer_text(&path), (struct text){0}, &status,
                         &body, &err))
            return remote_error(line, &err);
        if (status != 200 || !log_text_read(line, body, &page))
            return remote_failed(line, status, body);
        print_page(line, &page, first);
        at = document_member(&page, 0, TEXT("has_more"));
        more = at != CELL_NONE && page.cells[at].boolean;
        path.len = path_len;
        query_put(&path, "after", member_text(&page, 0, "last_id"));
    }
    return EXIT_DONE;
}

static const struct option_spec options[] = {
    {.name = "by",
     .argument = "NAMES",
     .help =
         "one line per day, project, endpoint, provider, model or token; several with commas. Or "
         "per minute or hour, and per tag:NAME, surface, status or status_code"},
    {.name = "from",
     .argument = "WHEN",
     .help = "the first day: 2026-11-01; without it, of the month. Or an RFC 3339 time, or 2h for "
             "two hours ago"},
    {.name = "to",
     .argument = "WHEN",
     .help = "the last day; without it, today. Or a time, which is not counted"},
    {.name = "project", .argument = "NAME", .help = "only of this project"},
    {.name = "endpoint", .argument = "SLUG", .help = "only of this endpoint"},
    {.name = "provider", .argument = "NAME", .help = "only of this provider"},
    {.name = "model", .argument = "NAME", .help = "only of this model"},
    {.name = "token", .argument = "ID", .help = "only of this token"},
    {.name = "csv", .help = "as comma-separated values"},
    PLACE_OPTIONS,
};

const struct command_spec command_usage = {
    .name = "usage",
    .summary = "Show what was used and what it cost",
    .examples = {"usage --by endpoint,model", "usage --by tag:team --from 2h"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "logs list",
    .run = usage,
};
