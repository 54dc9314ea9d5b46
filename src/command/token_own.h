/* command/token_own.h
 * What the admin API does with tokens, done on the store itself where no server runs: the same JSON
 * in and out. Private to the token commands. */
#pragma once
#include "base/buffer.h"
#include "command/options.h"
#include "config/config.h"

enum token_deed {
    DEED_CREATE,    /* body: a token's members */
    DEED_PROVISION, /* likewise; without the base URL, which only a server knows */
    DEED_LIST,
    DEED_SHOW,
    DEED_UPDATE, /* body: the members to change */
    DEED_ROTATE, /* body: {"overlap_s"} */
    DEED_REVOKE
};
/* Appends the answer. `id` and `body` are looked at where the deed has them. */
bool token_own(const struct command_line *line, const struct settings *settings,
               enum token_deed deed, struct text id, struct text body, struct buffer *out,
               struct error *err);
