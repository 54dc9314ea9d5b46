#include "command/sessions_act.h"

#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_read.h"

#include <unistd.h>

/* A store that is not there is not made. */
static struct store *open_store(const struct command_line *line, struct text folder,
                                struct error *err)
{
    const char *data = arena_printf(line->arena, "%.*s/data.mdb", TEXT_ARG(folder)).at;

    if (access(data, F_OK) == 0)
        return store_open_lmdb(folder, err);
    error_set(err, ERROR_STORAGE_ERROR, arena_terminated(line->arena, folder),
              "no server is running, and there is no store in this folder");
    error_hint(err, "name the server by --admin, the store by --store, or the folder by --config");
    return NULL;
}

static bool do_here(const struct command_line *line, const struct settings *settings,
                    const struct sessions_act *act, struct text *out_body, struct error *err)
{
    struct store *store = open_store(line, settings->store, err);
    struct buffer out = buffer_in(line->arena);
    bool good = store != NULL && act->here(store, act, &out, err);

    store_close(store);
    *out_body = buffer_text(&out);
    return good;
}

int sessions_act(const struct command_line *line, const struct sessions_act *act,
                 struct text *out_body)
{
    struct settings settings;
    struct error err = {0};
    int status;

    if (!config_folder_settings(line, &settings, &err))
        return remote_error(line, &err);
    if (!remote_answers(line, &settings))
        return do_here(line, &settings, act, out_body, &err) ? EXIT_DONE : remote_error(line, &err);
    if (!remote_call(line, &settings, act->method, act->path, act->body, &status, out_body, &err))
        return remote_error(line, &err);
    return status == 200 || status == 201 ? EXIT_DONE : remote_failed(line, status, *out_body);
}

bool sessions_plain(const struct command_line *line, const char *what, struct text word)
{
    struct error err = {0};

    for (size_t i = 0; i < word.len; i++) {
        char byte = word.at[i];

        if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' ||
            byte == '_')
            continue;
        error_set(&err, ERROR_INVALID_REQUEST, NULL, "'%.*s' is no %s",
                  TEXT_ARG(text_first(word, 64)), what);
        error_hint(&err, "'pinion sessions list' shows the sessions, their endpoints and tokens");
        remote_error(line, &err);
        return false;
    }
    return true;
}

struct text sessions_path(const struct command_line *line, const char *behind)
{
    return arena_printf(line->arena, "/admin/v1/sessions/%s%s", line->arguments[0], behind);
}

bool sessions_read(const struct command_line *line, struct text body, struct document *out)
{
    static const struct json_limits limits = {.nodes = JSON_UNLIMITED};

    return !option_on(line, "json") && json_read(body, &limits, line->arena, out, NULL, NULL);
}

int sessions_print_raw(struct text body)
{
    fwrite(body.at, 1, body.len, stdout);
    if (body.len > 0 && body.at[body.len - 1] != '\n')
        putchar('\n');
    return EXIT_DONE;
}

struct text sessions_query_path(const struct command_line *line, const struct session_query *query,
                                const char *first)
{
    struct buffer out = buffer_in(line->arena);

    buffer_put(&out, text_of(first));
    if (query->endpoint.len > 0)
        buffer_printf(&out, "&endpoint=%.*s", TEXT_ARG(query->endpoint));
    if (query->token_id.len > 0)
        buffer_printf(&out, "&token=%.*s", TEXT_ARG(query->token_id));
    if (query->after.len > 0)
        buffer_printf(&out, "&after=%.*s", TEXT_ARG(query->after));
    return buffer_text(&out);
}

struct text sessions_option(const struct command_line *line, const char *name)
{
    const char *value = option_text(line, name);

    return value != NULL ? text_of(value) : (struct text){0};
}
