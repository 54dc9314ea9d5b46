/* command/sessions_act.h
 * What the commands about sessions have in common: the two ways to do an act, through the running
 * server where there is one, else on the store itself, which then nobody else has open. */
#pragma once
#include "command/options.h"
#include "document/document.h"
#include "session/session_acts.h"

/* One act, as it is asked of a server and as it is done here. */
struct sessions_act {
    const char *method;
    struct text path, body;
    struct text id;
    struct session_query query;
    uint64_t messages;
    bool (*here)(struct store *store, const struct sessions_act *act, struct buffer *out,
                 struct error *err);
};

/* EXIT_DONE with the answer; else what went wrong has been said. */
int sessions_act(const struct command_line *line, const struct sessions_act *act,
                 struct text *out_body);
/* Whether the word can stand in a path or a query as it is, as all ids and slugs can; else it has
 * been said that it is no `what`. */
bool sessions_plain(const struct command_line *line, const char *what, struct text word);
/* The path of the session that the command names. */
struct text sessions_path(const struct command_line *line, const char *behind);
/* `first` and what the query asks for, but for its limit. */
struct text sessions_query_path(const struct command_line *line, const struct session_query *query,
                                const char *first);
/* The flag's value, or an empty text. */
struct text sessions_option(const struct command_line *line, const char *name);
/* False where the answer is to be printed as it is. */
bool sessions_read(const struct command_line *line, struct text body, struct document *out);
int sessions_print_raw(struct text body);
