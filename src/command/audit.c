/* pinion audit list, export. */
#include "audit/record_text.h"
#include "command/audit_pages.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_write.h"
#include "document/member.h"
#include "journal/csv.h"

enum { LIST_DEFAULT = 100, LIST_MAX = 200, EXPORT_PAGE = 1000 };

/* Calls `put` for each record of a page. */
static size_t each_record(const struct document *document, struct buffer *out,
                          void (*put)(const struct document *document, uint32_t record,
                                      struct buffer *out))
{
    uint32_t data = document_member(document, 0, TEXT("data"));
    size_t count = 0;

    if (data == CELL_NONE)
        return 0;
    for (uint32_t i = data + 1; i < document->cells[data].end; i = document_next(document, i)) {
        put(document, i, out);
        count++;
    }
    return count;
}

/* --- list --------------------------------------------------------------------------------------
 */

/* What strangers sent may be told, but no control characters: the log has none. */
static void put_row(const struct document *document, uint32_t record, struct buffer *out)
{
    uint32_t sequence = document_member(document, record, TEXT("sequence"));
    struct buffer who = {0}, number = {0};
    struct text id = member_text(document, record, "actor_id"),
                peer = member_text(document, record, "peer");

    if (sequence != CELL_NONE)
        json_put_cell(&number, document, sequence);
    buffer_put(&who, member_text(document, record, "actor"));
    if (id.len > 0)
        buffer_printf(&who, " %.*s", TEXT_ARG(id));
    if (peer.len > 0)
        buffer_printf(&who, " (%.*s)", TEXT_ARG(peer));
    buffer_printf(out, "%6.*s  %.*s  %-16.*s  %-20.*s  %-15.*s  %.*s\n",
                  TEXT_ARG(buffer_text(&number)), TEXT_ARG(member_text(document, record, "at")),
                  TEXT_ARG(member_text(document, record, "action")), TEXT_ARG(buffer_text(&who)),
                  TEXT_ARG(member_text(document, record, "outcome")),
                  TEXT_ARG(member_text(document, record, "object")));
    buffer_release(&who);
    buffer_release(&number);
}

static int list(const struct command_line *line)
{
    struct buffer out = buffer_in(line->arena);
    struct audit_pages pages;
    struct document document;
    struct error err = {0};
    struct text json;
    int code;

    if (!audit_pages_open(line, TEXT("/admin/v1/audit"), &pages, &err))
        return remote_error(line, &err);
    pages.wanted.newest_first = true;
    pages.wanted.after = option_number(line, "before", 0);
    pages.wanted.most = (size_t)option_number(line, "limit", LIST_DEFAULT);
    if (pages.wanted.most < 1 || pages.wanted.most > LIST_MAX) {
        error_set(&err, ERROR_INVALID_REQUEST, "--limit", "--limit is between 1 and %d", LIST_MAX);
        error_hint(&err, "'pinion audit export' gives all of it");
        return remote_error(line, &err);
    }
    if (!audit_pages_next(line, &pages, line->arena, &json, &document, &code))
        return code;
    if (option_on(line, "json")) {
        printf("%.*s\n", TEXT_ARG(json));
        return EXIT_DONE;
    }
    each_record(&document, &out, put_row);
    printf("%.*s", TEXT_ARG(buffer_text(&out)));
    if (member_flag(&document, 0, "has_more") && !option_on(line, "quiet"))
        fprintf(stderr, "there are older ones: --before %llu\n",
                (unsigned long long)pages.wanted.after);
    return EXIT_DONE;
}

/* --- export ------------------------------------------------------------------------------------
 */

static void put_line(const struct document *document, uint32_t record, struct buffer *out)
{
    json_put_cell(out, document, record);
    buffer_put_byte(out, '\n');
}

static void put_csv_head(struct buffer *out)
{
    for (size_t i = 0; i < AUDIT_COLUMNS; i++)
        csv_put_plain(out, text_of(audit_columns[i]));
    csv_end(out);
}

static void put_csv(const struct document *document, uint32_t record, struct buffer *out)
{
    for (size_t i = 0; i < AUDIT_COLUMNS; i++) {
        uint32_t at = document_member(document, record, text_of(audit_columns[i]));
        struct buffer value = {0};

        if (at == CELL_NONE || document->cells[at].type == CELL_NULL) {
            csv_put_plain(out, (struct text){0});
        } else if (document->cells[at].type == CELL_STRING) {
            csv_put_text(out, document_text(document, at));
        } else {
            json_put_cell(&value, document, at);
            csv_put_text(out, buffer_text(&value));
        }
        buffer_release(&value);
    }
    csv_end(out);
}

static bool write_out(const struct buffer *out, struct error *err)
{
    if (fwrite(out->at, 1, out->len, stdout) == out->len && fflush(stdout) == 0)
        return true;
    return error_set(err, ERROR_FILE_UNREADABLE, NULL, "the output cannot be written");
}

/* One page, written out; *more is whether another follows. */
static int export_page(const struct command_line *line, struct audit_pages *pages, bool csv,
                       bool *more)
{
    struct arena arena = {0};
    struct buffer out = buffer_in(&arena);
    struct document document;
    struct error err = {0};
    struct text json;
    int code = EXIT_DONE;

    *more = false;
    if (audit_pages_next(line, pages, &arena, &json, &document, &code)) {
        each_record(&document, &out, csv ? put_csv : put_line);
        *more = member_flag(&document, 0, "has_more");
        if (!write_out(&out, &err))
            code = remote_error(line, &err);
    }
    arena_release(&arena);
    return code;
}

static int export(const struct command_line *line)
{
    bool csv = strcmp(option_text(line, "format"), "csv") == 0, more = true;
    struct buffer head = buffer_in(line->arena);
    struct audit_pages pages;
    struct error err = {0};
    int code = EXIT_DONE;

    if (!audit_pages_open(line, TEXT("/admin/v1/audit/export"), &pages, &err))
        return remote_error(line, &err);
    pages.wanted.after = option_number(line, "after", 0);
    pages.wanted.most = EXPORT_PAGE;
    if (csv)
        put_csv_head(&head);
    if (csv && !write_out(&head, &err))
        return remote_error(line, &err);
    while (code == EXIT_DONE && more)
        code = export_page(line, &pages, csv, &more);
    return code;
}

// clang-format off
#define WANTED_OPTIONS                                                                             \
    {.name = "from", .argument = "TIME", .help = "a date, or an RFC 3339 time: of then and later"}, \
    {.name = "to", .argument = "TIME", .help = "likewise: of before then"},                        \
    {.name = "action", .argument = "ACTION", .help = "such as 'token.create', or all of 'token'"}
// clang-format on

static const struct option_spec list_options[] = {
    {.name = "limit",
     .argument = "N",
     .help = "at most so many, 1 to 200; 100 without it",
     .number = true},
    {.name = "before", .argument = "SEQUENCE", .help = "older than this one", .number = true},
    WANTED_OPTIONS,
    PLACE_OPTIONS,
};
static const struct option_spec export_options[] = {
    {.name = "format",
     .argument = "FORMAT",
     .help = "jsonl, one object a line, or csv",
     .fallback = "jsonl",
     .choices = "jsonl|csv"},
    {.name = "after", .argument = "SEQUENCE", .help = "newer than this one", .number = true},
    WANTED_OPTIONS,
    PLACE_OPTIONS,
};

const struct command_spec command_audit_list = {
    .name = "audit list",
    .summary = "Show who did what, the newest first",
    .examples = {"audit list", "audit list --action token --from 2027-01-31"},
    .options = list_options,
    .option_count = sizeof list_options / sizeof *list_options,
    .see_also = "audit export, audit verify",
    .run = list,
};

const struct command_spec command_audit_export = {
    .name = "audit export",
    .summary = "Write out the audit log, the oldest first",
    .examples = {"audit export > audit.jsonl", "audit export --format csv --from 2027-01-01"},
    .options = export_options,
    .option_count = sizeof export_options / sizeof *export_options,
    .see_also = "audit list, audit verify",
    .run = export,
};
