/* pinion cache, cache purge: what the running server has in its cache, and its purge. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/log_query.h"
#include "command/remote.h"
#include "document/member.h"

static void print_tier(const struct document *document, const char *name)
{
    uint32_t tier = document_member(document, 0, text_of(name));

    printf("%-8s %lld answers, %.1f of %.1f MiB\n", name, member_integer(document, tier, "entries"),
           (double)member_integer(document, tier, "bytes") / (1 << 20),
           (double)member_integer(document, tier, "max_bytes") / (1 << 20));
}

static int show(const struct command_line *line)
{
    struct document document;
    uint32_t calls, endpoints;
    int code;

    if (!remote_ask_long(line, "GET", TEXT("/admin/v1/cache"), (struct text){0}, &document, &code))
        return code;
    print_tier(&document, "memory");
    print_tier(&document, "disk");
    calls = document_member(&document, 0, TEXT("calls"));
    printf("%-8s %lld, %lld wait for their answers\n", "calls",
           member_integer(&document, calls, "under_way"),
           member_integer(&document, calls, "waiting"));
    endpoints = document_member(&document, 0, TEXT("endpoints"));
    if (endpoints == CELL_NONE || document.cells[endpoints].size == 0)
        return EXIT_DONE;
    printf("\n%-32s %8s %8s %8s %8s %8s %10s\n", "endpoint", "hits", "misses", "joined", "bypassed",
           "answers", "KiB");
    for (uint32_t i = endpoints + 1; i < document.cells[endpoints].end;
         i = document_next(&document, i))
        printf("%-32.*s %8lld %8lld %8lld %8lld %8lld %10.1f\n",
               TEXT_ARG(document_text(&document, document_member(&document, i, TEXT("endpoint")))),
               member_integer(&document, i, "hits"), member_integer(&document, i, "misses"),
               member_integer(&document, i, "joined"), member_integer(&document, i, "bypassed"),
               member_integer(&document, i, "entries"),
               (double)member_integer(&document, i, "bytes") / 1024);
    return EXIT_DONE;
}

static int purge(const struct command_line *line)
{
    const char *slug = line->argument_count > 0 ? line->arguments[0] : NULL;
    const char *project = option_text(line, "project");
    struct buffer path = buffer_in(line->arena);
    struct document document;
    int code;

    buffer_put(&path, TEXT("/admin/v1/cache"));
    if (slug != NULL)
        query_put(&path, "endpoint", text_of(slug));
    if (project != NULL)
        query_put(&path, "project", text_of(project));
    if (!remote_ask_long(line, "DELETE", buffer_text(&path), (struct text){0}, &document, &code))
        return code;
    printf("forgot %lld cached answers in memory and %lld in the store\n",
           member_integer(&document, 0, "memory"), member_integer(&document, 0, "disk"));
    return EXIT_DONE;
}

static const struct option_spec show_options[] = {PLACE_OPTIONS};
static const struct option_spec purge_options[] = {
    {.name = "project", .argument = "NAME", .help = "only answers to this project's calls"},
    PLACE_OPTIONS,
};

const struct command_spec command_cache = {
    .name = "cache",
    .summary = "Show what is in the cache and how endpoints use it",
    .examples = {"cache", "cache --json"},
    .options = show_options,
    .option_count = sizeof show_options / sizeof *show_options,
    .see_also = "cache purge, usage",
    .run = show,
};

const struct command_spec command_cache_purge = {
    .name = "cache purge",
    .arguments = "[SLUG]",
    .arguments_max = 1,
    .summary = "Forget cached answers: an endpoint's, a project's, or all",
    .examples = {"cache purge summarize", "cache purge --project acme"},
    .options = purge_options,
    .option_count = sizeof purge_options / sizeof *purge_options,
    .see_also = "cache",
    .run = purge,
};
