/* pinion logs list, show, export: the request log of the running server. */
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/confirm.h"
#include "command/log_query.h"
#include "command/log_text.h"
#include "command/remote.h"
#include "document/json_read.h"
#include "document/member.h"
#include "gateway/log_rows.h"

enum { EXPORT_PAGE = 1000 };

/* GETs the path; false, having said why, unless the answer is 200. */
static bool get(const struct command_line *line, const struct settings *settings, struct text path,
                struct text *out_body, int *out_code)
{
    struct error err = {0};
    int status;

    if (!remote_call(line, settings, "GET", path, (struct text){0}, &status, out_body, &err))
        *out_code = remote_error(line, &err);
    else if (status != 200)
        *out_code = remote_failed(line, status, *out_body);
    else
        return true;
    return false;
}

/* The path with everything that was asked for; false, having said what is wrong. */
static bool prepare(const struct command_line *line, struct settings *settings, struct buffer *path,
                    int *out_code)
{
    struct error err = {0};

    buffer_put(path, TEXT("/admin/v1/logs"));
    if (config_folder_settings(line, settings, &err) &&
        query_put_options(line, log_filter_names, path, &err))
        return true;
    *out_code = remote_error(line, &err);
    return false;
}

/* --- list, show
 * ------------------------------------------------------------------------------------------ */

static int list(const struct command_line *line)
{
    static const char *const more[] = {"limit", "after", "order", NULL};
    struct buffer path = buffer_in(line->arena);
    struct settings settings;
    struct document document;
    struct error err = {0};
    struct text body;
    int code;

    if (!prepare(line, &settings, &path, &code))
        return code;
    query_put_options(line, more, &path, &err);
    if (!get(line, &settings, buffer_text(&path), &body, &code))
        return code;
    if (option_on(line, "json") || !log_text_read(line, body, &document)) {
        printf("%.*s\n", TEXT_ARG(body));
        return EXIT_DONE;
    }
    remote_each(&document, log_text_print);
    if (member_flag(&document, 0, "has_more") && !option_on(line, "quiet"))
        fprintf(stderr, "there is more: --after %.*s\n",
                TEXT_ARG(member_text(&document, 0, "last_id")));
    return EXIT_DONE;
}

static bool put_id(struct buffer *path, struct text id, struct error *err)
{
    for (size_t i = 0; i < id.len; i++)
        if (strchr("/?#% ", id.at[i]) != NULL)
            return error_set(err, ERROR_INVALID_REQUEST, NULL,
                             "a request is named by its id, 'req_...' or what the client sent");
    buffer_printf(path, "/admin/v1/logs/%.*s", TEXT_ARG(id));
    return true;
}

static int show(const struct command_line *line)
{
    struct buffer path = buffer_in(line->arena);
    struct text body;
    struct settings settings;
    struct document document;
    struct error err = {0};
    int code;

    if (!put_id(&path, text_of(line->arguments[0]), &err) ||
        !config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    if (!get(line, &settings, buffer_text(&path), &body, &code))
        return code;
    if (option_on(line, "json") || !log_text_read(line, body, &document))
        printf("%.*s\n", TEXT_ARG(body));
    else
        log_text_show(&document);
    return EXIT_DONE;
}

/* --- erase
 * -----------------------------------------------------------------------------------------------
 */

/* What is to be erased, as a path and in words; false where it is neither, or both. */
static bool target_of(const struct command_line *line, struct buffer *path, struct text *out_words,
                      struct error *err)
{
    const char *token = option_text(line, "token");
    struct text id = text_of(line->argument_count > 0 ? line->arguments[0] : NULL);

    if ((id.len > 0) == (token != NULL))
        return error_set(err, ERROR_INVALID_REQUEST, NULL,
                         "name one request by its id, or a token with --token");
    if (token != NULL) {
        buffer_put(path, TEXT("/admin/v1/logs"));
        query_put(path, "token", text_of(token));
        *out_words = arena_printf(line->arena, "what was said in all requests of %s", token);
        return true;
    }
    *out_words = arena_printf(line->arena, "what was said in %.*s", TEXT_ARG(id));
    return put_id(path, id, err);
}

static int erase(const struct command_line *line)
{
    struct buffer path = buffer_in(line->arena);
    struct settings settings;
    struct error err = {0};
    struct text words, body;
    int status;

    if (!target_of(line, &path, &words, &err) ||
        !confirm(line, words, arena_printf(line->arena, "erase %.*s?", TEXT_ARG(words)), &err) ||
        !config_folder_settings(line, &settings, &err) ||
        !remote_call(line, &settings, "DELETE", buffer_text(&path), (struct text){0}, &status,
                     &body, &err))
        return remote_error(line, &err);
    if (status != 200)
        return remote_failed(line, status, body);
    if (option_on(line, "json"))
        printf("%.*s\n", TEXT_ARG(body));
    else if (!option_on(line, "quiet"))
        fprintf(stderr, "erased %.*s; rows of the log, which do not say it, stay\n",
                TEXT_ARG(words));
    return EXIT_DONE;
}

/* --- export
 * ---------------------------------------------------------------------------------------------- */

/* Writes the rows of a page of JSONL; gives how many, and the last one's id. */
static size_t write_page(struct text page, enum format format, char last[LOG_PLACE_CHARS])
{
    struct arena arena = {0};
    struct buffer out = {0};
    size_t count = 0;

    while (page.len > 0) {
        struct log_row row = {.line = text_split(&page, '\n')};
        struct log_place place;
        struct document document;
        struct text id = {0};

        if (json_read(row.line, NULL, &arena, &document, NULL, NULL))
            id = member_text(&document, 0, "id");
        if (!log_place_read(id, &place))
            break;
        memcpy(last, id.at, LOG_PLACE_CHARS);
        if (format == FORMAT_CSV) {
            log_rows_put(&out, format, &row, &place);
        } else {
            buffer_put(&out, row.line);
            buffer_put_byte(&out, '\n');
        }
        count++;
        arena_clear(&arena);
    }
    fwrite(out.at, 1, out.len, stdout);
    buffer_release(&out);
    arena_release(&arena);
    return count;
}

/* Page by page, so that a log of any size passes through a memory of one page's. */
static int export(const struct command_line *line)
{
    enum format format =
        strcmp(option_text(line, "format"), "csv") == 0 ? FORMAT_CSV : FORMAT_JSONL;
    struct buffer path = buffer_in(line->arena), head = buffer_in(line->arena);
    char last[LOG_PLACE_CHARS] = {0}, now[CLOCK_RFC3339_BYTES];
    size_t path_len, count = EXPORT_PAGE;
    struct settings settings;
    int code;

    if (!prepare(line, &settings, &path, &code))
        return code;
    if (option_text(line, "to") == NULL) /* what is written meanwhile is left to the next one */
        query_put(&path, "to", clock_rfc3339(clock_wall_ms() + 1, now));
    query_put(&path, "format", TEXT("jsonl"));
    query_put(&path, "order", TEXT("asc"));
    query_put(&path, "limit", TEXT("1000"));
    path_len = path.len;
    log_rows_head(&head, format);
    fwrite(head.at, 1, head.len, stdout);
    while (count == EXPORT_PAGE) {
        struct arena arena = {0};
        struct command_line page = *line;
        struct text body;

        page.arena = &arena;
        path.len = path_len;
        if (last[0] != '\0')
            query_put(&path, "after", (struct text){last, sizeof last});
        if (!get(&page, &settings, buffer_text(&path), &body, &code)) {
            arena_release(&arena);
            return code;
        }
        count = write_page(body, format, last);
        arena_release(&arena);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_DONE : EXIT_FAILED;
}

static const struct option_spec list_options[] = {
    LOG_FILTER_OPTIONS,
    LOG_TIME_OPTIONS,
    {.name = "limit", .argument = "N", .help = "at most so many, 1 to 200", .number = true},
    {.name = "after", .argument = "ID", .help = "go on behind this row"},
    {.name = "order", .argument = "WORD", .help = "newest or oldest first", .choices = "desc|asc"},
    PLACE_OPTIONS,
};
static const struct option_spec show_options[] = {PLACE_OPTIONS};
static const struct option_spec erase_options[] = {
    {.name = "token", .argument = "ID", .help = "of all requests of this token"},
    CONFIRM_OPTION,
    PLACE_OPTIONS,
};
static const struct option_spec export_options[] = {
    LOG_FILTER_OPTIONS,
    LOG_TIME_OPTIONS,
    {.name = "format",
     .argument = "WORD",
     .help = "one JSON object a line, or a table",
     .choices = "jsonl|csv",
     .fallback = "jsonl"},
    PLACE_OPTIONS,
};

const struct command_spec command_logs_list = {
    .name = "logs list",
    .summary = "List requests, the newest first",
    .examples = {"logs list --endpoint summarize --status 5xx", "logs list --from 2h --json"},
    .options = list_options,
    .option_count = sizeof list_options / sizeof *list_options,
    .see_also = "logs show, logs export, tail",
    .run = list,
};

const struct command_spec command_logs_show = {
    .name = "logs show",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Show what is known of one request",
    .examples = {"logs show req_01k9...", "logs show req_01k9... --json"},
    .options = show_options,
    .option_count = sizeof show_options / sizeof *show_options,
    .see_also = "logs list",
    .run = show,
};

const struct command_spec command_logs_erase = {
    .name = "logs erase",
    .arguments = "[ID]",
    .arguments_max = 1,
    .summary = "Erase what was said in requests, where that is kept",
    .examples = {"logs erase req_01k9...", "logs erase --token tok_01k9... --yes"},
    .options = erase_options,
    .option_count = sizeof erase_options / sizeof *erase_options,
    .see_also = "logs show",
    .run = erase,
};

const struct command_spec command_logs_export = {
    .name = "logs export",
    .summary = "Write requests to standard output, the oldest first",
    .examples = {"logs export --from 2026-11-01 --to 2026-12-01 --format csv",
                 "logs export --token tok_01k9..."},
    .options = export_options,
    .option_count = sizeof export_options / sizeof *export_options,
    .see_also = "logs list, usage",
    .run = export,
};
