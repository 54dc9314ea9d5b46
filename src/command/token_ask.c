#include "command/token_ask.h"

#include "command/config_folder.h"
#include "command/remote.h"
#include "document/json_read.h"

static const struct {
    const char *method;
    const char *path; /* `%s` stands for the id */
} calls[] = {
    [DEED_CREATE] = {"POST", "/admin/v1/tokens"},
    [DEED_PROVISION] = {"POST", "/admin/v1/provision"},
    [DEED_LIST] = {"GET", "/admin/v1/tokens?limit=200"},
    [DEED_SHOW] = {"GET", "/admin/v1/tokens/"},
    [DEED_UPDATE] = {"PATCH", "/admin/v1/tokens/"},
    [DEED_ROTATE] = {"POST", "/admin/v1/tokens/"},
    [DEED_REVOKE] = {"POST", "/admin/v1/tokens/"},
};

static struct text path_of(struct arena *arena, enum token_deed deed, struct text id)
{
    const char *act = deed == DEED_ROTATE ? "/rotate" : deed == DEED_REVOKE ? "/revoke" : "";

    if (deed == DEED_LIST && id.len > 0)
        return arena_printf(arena, "%s&after=%.*s", calls[deed].path, TEXT_ARG(id));
    return arena_printf(arena, "%s%.*s%s", calls[deed].path, TEXT_ARG(id), act);
}

bool token_ask(const struct command_line *line, enum token_deed deed, struct text id,
               struct text body, struct text *out_answer, int *out_code)
{
    struct buffer own = buffer_in(line->arena);
    struct settings settings;
    struct error err = {0};
    int status;

    *out_code = EXIT_DONE;
    if (config_folder_settings(line, &settings, &err) && !remote_answers(line, &settings)) {
        if (token_own(line, &settings, deed, id, body, &own, &err)) {
            *out_answer = buffer_text(&own);
            return true;
        }
    } else if (err.code == ERROR_NONE &&
               remote_call(line, &settings, calls[deed].method, path_of(line->arena, deed, id),
                           body, &status, out_answer, &err)) {
        if (status < 300)
            return true;
        *out_code = remote_failed(line, status, *out_answer);
        return false;
    }
    *out_code = remote_error(line, &err);
    return false;
}

bool token_id_given(const struct command_line *line, struct text *out_id)
{
    struct error err = {0};

    *out_id = text_of(line->arguments[0]);
    for (size_t i = 0; i < out_id->len; i++)
        if (!(out_id->at[i] == '_' || (out_id->at[i] >= '0' && out_id->at[i] <= '9') ||
              (out_id->at[i] >= 'a' && out_id->at[i] <= 'z'))) {
            error_set(&err, ERROR_INVALID_REQUEST, NULL, "a token is named by its id, 'tok_...'");
            error_hint(&err, "'pinion token list' shows the ids");
            remote_error(line, &err);
            return false;
        }
    return true;
}
