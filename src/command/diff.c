/* pinion diff: what the files in the folder would change of what the running server serves; and
 * what one version has changed of another. */
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/diff_print.h"
#include "command/remote.h"
#include "command/version_ask.h"
#include "document/member.h"

enum { PAGE = 200 };

static bool same_digest(const unsigned char digest[HISTORY_DIGEST_BYTES], struct text hex)
{
    if (hex.len != 2 * HISTORY_DIGEST_BYTES)
        return false;
    for (size_t i = 0; i < HISTORY_DIGEST_BYTES; i++)
        if (hex.at[2 * i] != "0123456789abcdef"[digest[i] >> 4] ||
            hex.at[2 * i + 1] != "0123456789abcdef"[digest[i] & 15])
            return false;
    return true;
}

static struct diff_side side_of(const struct endpoint *endpoint)
{
    return (struct diff_side){
        .label = TEXT("folder"), .files = endpoint->files, .file_count = endpoint->file_count};
}

static struct diff_side side_told(const struct command_line *line, const struct version_told *told)
{
    return (struct diff_side){
        .label = told->number > 0
                     ? arena_printf(line->arena, "version %llu", (unsigned long long)told->number)
                     : TEXT("in force"),
        .files = told->files,
        .file_count = told->file_count};
}

/* --- the folder against the server
 * -------------------------------------------------------------------------- */

/* An endpoint as the server lists it, and the folder's own (NULL: it has none). */
static int compare_one(const struct command_line *line, struct diff_report *report,
                       const struct document *document, uint32_t row,
                       const struct endpoint *endpoint)
{
    const struct version_name name = {.slug = member_text(document, row, "id")};
    struct diff_side nothing = {.label = TEXT("folder")};
    struct version_told told;
    int code;

    if (endpoint != NULL &&
        same_digest(endpoint->files_digest, member_text(document, row, "files_sha256"))) {
        if (!text_equal(endpoint->version, member_text(document, row, "hash")))
            diff_settings(report, name.slug);
        return EXIT_DONE;
    }
    code = version_fetch(line, &name, &told);
    if (code != EXIT_DONE)
        return code;
    nothing = endpoint != NULL ? side_of(endpoint) : nothing;
    diff_endpoint(report, name.slug, endpoint != NULL ? "changed" : "removed",
                  member_flag(document, row, "rolled_back"), side_told(line, &told), nothing);
    return EXIT_DONE;
}

static void add_new(const struct command_line *line, struct diff_report *report,
                    const struct config *config, const bool *known)
{
    const char *only = line->argument_count > 0 ? line->arguments[0] : NULL;

    for (size_t i = 0; i < config->endpoint_count; i++)
        if (!known[i] && (only == NULL || text_equal(config->endpoints[i].slug, text_of(only))))
            diff_endpoint(report, config->endpoints[i].slug, "added", false,
                          (struct diff_side){.label = TEXT("in force")},
                          side_of(&config->endpoints[i]));
}

/* A page of what is in force; *out_after is empty when it was the last. */
static int compare_page(const struct command_line *line, struct diff_report *report,
                        const struct config *config, bool *known, struct text *out_after)
{
    const char *only = line->argument_count > 0 ? line->arguments[0] : NULL;
    struct document *document = ARENA_NEW(line->arena, struct document);
    struct text path = arena_printf(line->arena, "/admin/v1/endpoints?limit=%d%s%.*s", PAGE,
                                    out_after->len > 0 ? "&after=" : "", TEXT_ARG(*out_after));
    struct text body;
    int code = version_get(line, path, &body, document);
    uint32_t data;

    if (code != EXIT_DONE)
        return code;
    data = document_member(document, 0, TEXT("data"));
    for (uint32_t i = data + 1; data != CELL_NONE && i < document->cells[data].end;
         i = document_next(document, i)) {
        struct text slug = member_text(document, i, "id");
        const struct endpoint *endpoint = config_endpoint(config, slug);

        if (endpoint != NULL)
            known[endpoint - config->endpoints] = true;
        if (only != NULL && !text_equal(slug, text_of(only)))
            continue;
        report->found = true;
        code = compare_one(line, report, document, i, endpoint);
        if (code != EXIT_DONE)
            return code;
    }
    *out_after = member_flag(document, 0, "has_more") ? member_text(document, 0, "last_id")
                                                      : (struct text){0};
    return EXIT_DONE;
}

static int unknown(const struct command_line *line)
{
    struct error err = {0};

    error_set(&err, ERROR_ENDPOINT_NOT_FOUND, NULL,
              "there is no endpoint '%.64s', neither in force nor in the folder",
              line->arguments[0]);
    remote_error(line, &err);
    return EXIT_NOT_FOUND;
}

static int compare_all(const struct command_line *line, struct diff_report *report,
                       const struct config *config)
{
    bool *known = ARENA_ARRAY(line->arena, bool, config->endpoint_count + 1);
    struct text after = {0};
    int code;

    do {
        code = compare_page(line, report, config, known, &after);
    } while (code == EXIT_DONE && after.len > 0);
    if (code != EXIT_DONE)
        return code;
    add_new(line, report, config, known);
    if (line->argument_count > 0 && !report->found &&
        config_endpoint(config, text_of(line->arguments[0])) == NULL)
        return unknown(line);
    return EXIT_DONE;
}

/* The folder is read as the server reads it. */
static int compare_folder(const struct command_line *line, struct diff_report *report)
{
    struct key_source keys;
    struct vault vault;
    struct config_options options = {.allow_missing_secrets = true, .vault = &vault};
    struct document status;
    struct config *config;
    struct text body;
    int code = version_get(line, TEXT("/admin/v1/status"), &body, &status);

    if (code != EXIT_DONE)
        return code;
    options.dev = member_flag(&status, 0, "dev");
    config_folder_vault(line, &keys, &vault);
    config = config_folder_load_quietly(line, &options);
    vault_release(&vault);
    if (config == NULL)
        return EXIT_CONFIG;
    code = compare_all(line, report, config);
    config_free(config);
    return code;
}

/* --- versions
 * -----------------------------------------------------------------------------------------------
 */

static int compare_versions(const struct command_line *line, struct diff_report *report,
                            const struct version_name *old, const struct version_name *new)
{
    struct version_told before, after;
    int code = version_fetch(line, old, &before);

    if (code == EXIT_DONE)
        code = version_fetch(line, new, &after);
    if (code != EXIT_DONE)
        return code;
    if (!text_equal(before.hash, after.hash))
        diff_endpoint(report, new->slug, "changed", false, side_told(line, &before),
                      side_told(line, &after));
    return EXIT_DONE;
}

static int compare(const struct command_line *line, struct diff_report *report)
{
    struct version_name old = {0}, new = {0};

    if (line->argument_count == 0)
        return compare_folder(line, report);
    if (!version_argument(line, line->arguments[0], &old))
        return EXIT_USAGE;
    if (line->argument_count == 1 && !version_is_named(&old))
        return compare_folder(line, report);
    new.slug = old.slug;
    if (line->argument_count == 2 && !version_argument(line, line->arguments[1], &new))
        return EXIT_USAGE;
    return compare_versions(line, report, &old, &new);
}

static int run(const struct command_line *line)
{
    struct diff_report report;
    int code;

    diff_begin(&report, line);
    code = compare(line, &report);
    if (code != EXIT_DONE)
        return code;
    diff_end(&report);
    return report.count > 0 && option_on(line, "exit-code") ? EXIT_DIFFERENT : EXIT_DONE;
}

static const struct option_spec options[] = {
    {.name = "exit-code", .help = "exit with 8 where there are differences"},
    PLACE_OPTIONS,
};

const struct command_spec command_diff = {
    .name = "diff",
    .arguments = "[SLUG[@VERSION] [SLUG@VERSION]]",
    .arguments_max = 2,
    .summary = "Show what the folder's files would change of what the server serves",
    .examples = {"diff --exit-code", "diff summarize@6 summarize@7"},
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .see_also = "check, reload, history, rollback",
    .run = run,
};
