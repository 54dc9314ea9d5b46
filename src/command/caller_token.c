#include "command/caller_token.h"

#include "base/input.h"

bool caller_text_plain(struct text value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] <= ' ' || value.at[i] > '~')
            return false;
    return true;
}

bool caller_token_read(const struct command_line *line, const char **out_bearer, struct error *err)
{
    const char *file = option_text(line, "token-file");
    struct text token;

    if (file == NULL)
        return true;
    if (!input_read(file, line->arena, &token, err))
        return false;
    token = text_trim(token);
    if (!caller_text_plain(token))
        return error_set(err, ERROR_INVALID_REQUEST, NULL, "the token is malformed");
    *out_bearer = arena_terminated(line->arena, token);
    return true;
}
