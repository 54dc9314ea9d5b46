#include "command/audit_pages.h"

#include "audit/record_text.h"
#include "base/clock.h"
#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_read.h"
#include "store/store.h"

static bool read_time(const struct command_line *line, const char *name, int64_t *out_ms,
                      struct error *err)
{
    const char *given = option_text(line, name);

    if (given == NULL || clock_parse_rfc3339(text_of(given), out_ms))
        return true;
    return error_set(err, ERROR_INVALID_REQUEST, name,
                     "--%s: '%s' is neither a date such as 2027-01-31 nor an RFC 3339 time", name,
                     given);
}

/* It stands in a query, and names a kind of action. */
static bool read_kind(const struct command_line *line, struct text *out, struct error *err)
{
    const char *given = option_text(line, "action");

    *out = given != NULL ? text_of(given) : (struct text){0};
    for (size_t i = 0; i < out->len; i++)
        if (out->at[i] != '.' && (out->at[i] < 'a' || out->at[i] > 'z'))
            return error_set(err, ERROR_INVALID_REQUEST, "--action",
                             "--action: an action is such as 'token.create', or its first word");
    return true;
}

bool audit_pages_open(const struct command_line *line, struct text call, struct audit_pages *out,
                      struct error *err)
{
    *out = (struct audit_pages){.call = call};
    if (!config_folder_settings(line, &out->settings, err) ||
        !read_time(line, "from", &out->wanted.from_ms, err) ||
        !read_time(line, "to", &out->wanted.to_ms, err) || !read_kind(line, &out->wanted.kind, err))
        return false;
    out->remote = remote_answers(line, &out->settings);
    return true;
}

static void put_time(struct buffer *path, const char *name, int64_t wall_ms)
{
    char when[CLOCK_RFC3339_BYTES];

    if (wall_ms > 0)
        buffer_printf(path, "&%s=%.*s", name, TEXT_ARG(clock_rfc3339(wall_ms, when)));
}

static struct text path_of(const struct audit_pages *pages, struct arena *arena)
{
    const struct audit_page *wanted = &pages->wanted;
    struct buffer path = buffer_in(arena);

    buffer_put(&path, pages->call);
    buffer_printf(&path, "?after=%llu&limit=%zu", (unsigned long long)wanted->after, wanted->most);
    put_time(&path, "from", wanted->from_ms);
    put_time(&path, "to", wanted->to_ms);
    if (wanted->kind.len > 0)
        buffer_printf(&path, "&action=%.*s", TEXT_ARG(wanted->kind));
    if (wanted->newest_first)
        buffer_put(&path, TEXT("&order=desc"));
    return buffer_text(&path);
}

static bool ask(const struct command_line *line, const struct audit_pages *pages,
                struct text *out_json, int *code)
{
    struct error err = {0};
    int status;

    if (!remote_call(line, &pages->settings, "GET", path_of(pages, line->arena), (struct text){0},
                     &status, out_json, &err))
        *code = remote_error(line, &err);
    else if (status != 200)
        *code = remote_failed(line, status, *out_json);
    else
        return true;
    return false;
}

static bool read_own(const struct command_line *line, const struct audit_pages *pages,
                     struct text *out_json, int *code)
{
    struct store_command *command = store_command_new(STORE_AUDIT_READ);
    struct buffer json = buffer_in(line->arena);
    struct error err;

    command->page = pages->wanted;
    if (!store_peek(pages->settings.store, command))
        error_set(&command->error, ERROR_STORAGE_ERROR,
                  arena_terminated(line->arena, pages->settings.store),
                  "there is no store here, and no server answers");
    audit_put_page(&json, &command->page);
    err = command->error;
    store_command_free(command);
    *out_json = buffer_text(&json);
    if (err.code == ERROR_NONE)
        return true;
    *code = remote_error(line, &err);
    return false;
}

bool audit_pages_next(const struct command_line *line, struct audit_pages *pages,
                      struct arena *arena, struct text *out_json, struct document *out, int *code)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};
    struct command_line here = *line; /* a log may have many pages: each has an arena of its own */
    struct error err = {0};
    uint32_t last;

    here.arena = arena;
    if (!(pages->remote ? ask : read_own)(&here, pages, out_json, code))
        return false;
    if (!json_read(*out_json, &limits, arena, out, NULL, &err)) {
        *code = remote_error(line, &err);
        return false;
    }
    last = document_member(out, 0, TEXT("last_id"));
    if (last != CELL_NONE)
        text_to_u64(document_text(out, last), &pages->wanted.after);
    return true;
}
