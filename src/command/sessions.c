/* pinion sessions list, show, export. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/own_act.h"
#include "command/remote.h"
#include "command/sessions_act.h"
#include "command/sessions_print.h"
#include "document/member.h"

/* --- list
 * --------------------------------------------------------------------------------------------------
 */

static bool list_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                      struct error *err)
{
    return sessions_list(store, &act->query, out, err);
}

static bool limit_fits(const struct command_line *line, uint64_t limit)
{
    struct error err = {0};

    if (limit >= 1 && limit <= SESSION_PAGE_MAX)
        return true;
    error_set(&err, ERROR_INVALID_REQUEST, "--limit", "--limit is between 1 and %d",
              SESSION_PAGE_MAX);
    remote_error(line, &err);
    return false;
}

static int print_list(const struct command_line *line, struct text body)
{
    struct document document;

    if (!sessions_read(line, body, &document))
        return sessions_print_raw(body);
    remote_each(&document, sessions_print_row);
    if (member_flag(&document, 0, "has_more") && !option_on(line, "quiet"))
        fprintf(stderr, "there are more: --after %.*s\n",
                TEXT_ARG(member_text(&document, 0, "last_id")));
    return EXIT_DONE;
}

static int list(const struct command_line *line)
{
    struct sessions_act act = {.method = "GET",
                               .here = list_here,
                               .query = {.endpoint = sessions_option(line, "endpoint"),
                                         .token_id = sessions_option(line, "token"),
                                         .after = sessions_option(line, "after")}};
    uint64_t limit = option_number(line, "limit", SESSION_PAGE);
    struct text body;
    int code;

    if (!sessions_plain(line, "endpoint", act.query.endpoint) ||
        !sessions_plain(line, "token", act.query.token_id) ||
        !sessions_plain(line, "session", act.query.after) || !limit_fits(line, limit))
        return EXIT_USAGE;
    act.query.limit = (size_t)limit;
    act.path = sessions_query_path(
        line, &act.query,
        arena_printf(line->arena, "/admin/v1/sessions?limit=%llu", (unsigned long long)limit).at);
    code = sessions_act(line, &act, &body);
    return code == EXIT_DONE ? print_list(line, body) : code;
}

static int print_session(const struct command_line *line, struct text body)
{
    struct document document;

    if (!sessions_read(line, body, &document))
        return sessions_print_raw(body);
    sessions_print(&document);
    return EXIT_DONE;
}

/* --- show, export
 * ------------------------------------------------------------------------------------------ */

static bool show_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                      struct error *err)
{
    return own_append(store, AUDIT_SESSION_READ, act->id, err) &&
           session_show(store, act->id, out, err);
}

static bool export_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                        struct error *err)
{
    return own_append(store, AUDIT_SESSION_EXPORT, act->id, err) &&
           session_export(store, act->id, out, err);
}

static bool export_whole_here(struct store *store, const struct sessions_act *act,
                              struct buffer *out, struct error *err)
{
    return own_append(store, AUDIT_SESSION_EXPORT, act->id, err) &&
           session_show(store, act->id, out, err);
}

static int show(const struct command_line *line)
{
    struct sessions_act act = {
        .method = "GET", .id = text_of(line->arguments[0]), .here = show_here};
    struct text body;
    int code;

    if (!sessions_plain(line, "session", act.id))
        return EXIT_USAGE;
    act.path = sessions_path(line, "");
    code = sessions_act(line, &act, &body);
    return code == EXIT_DONE ? print_session(line, body) : code;
}

static int export(const struct command_line *line)
{
    bool lines =
        text_equal(text_of(option_text(line, "format")), TEXT("jsonl")) && !option_on(line, "json");
    struct sessions_act act = {.method = "GET",
                               .id = text_of(line->arguments[0]),
                               .here = lines ? export_here : export_whole_here};
    struct text body;
    int code;

    if (!sessions_plain(line, "session", act.id))
        return EXIT_USAGE;
    act.path = sessions_path(line, lines ? "/export?format=jsonl" : "/export?format=json");
    code = sessions_act(line, &act, &body);
    return code == EXIT_DONE ? sessions_print_raw(body) : code;
}

/* --- the tables
 * --------------------------------------------------------------------------------------------- */

static const struct option_spec list_options[] = {
    {.name = "endpoint", .argument = "SLUG", .help = "only those of this endpoint"},
    {.name = "token", .argument = "ID", .help = "only those of this token"},
    {.name = "limit",
     .argument = "N",
     .help = "at most so many, 1 to 1000",
     .fallback = "20",
     .number = true},
    {.name = "after", .argument = "ID", .help = "go on behind this one"},
    PLACE_OPTIONS,
};
static const struct option_spec place_options[] = {PLACE_OPTIONS};
static const struct option_spec export_options[] = {
    {.name = "format",
     .argument = "FORMAT",
     .help = "a message a line, or all as one object",
     .choices = "jsonl|json",
     .fallback = "jsonl"},
    PLACE_OPTIONS,
};
#define OPTIONS(table) .options = table, .option_count = sizeof(table) / sizeof *(table)

const struct command_spec command_sessions_list = {
    .name = "sessions list",
    .summary = "List sessions, newest first",
    .examples = {"sessions list --endpoint support", "sessions list --token tok_01k9... --json"},
    OPTIONS(list_options),
    .see_also = "sessions show, token list",
    .run = list,
};

const struct command_spec command_sessions_show = {
    .name = "sessions show",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Show a session and what was said in it",
    .examples = {"sessions show ses_01k9...", "sessions show ses_01k9... --json"},
    OPTIONS(place_options),
    .see_also = "sessions list, sessions export",
    .run = show,
};

const struct command_spec command_sessions_export = {
    .name = "sessions export",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Write a session's messages to standard output",
    .examples = {"sessions export ses_01k9... > talk.jsonl",
                 "sessions export ses_01k9... --format json"},
    OPTIONS(export_options),
    .see_also = "sessions show",
    .run = export,
};
