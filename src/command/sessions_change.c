/* pinion sessions rewind, fork, delete. */
#include "base/clock.h"
#include "command/commands.h"
#include "command/config_folder.h"
#include "command/confirm.h"
#include "command/own_act.h"
#include "command/remote.h"
#include "command/sessions_act.h"

static struct text messages_body(const struct command_line *line, uint64_t messages)
{
    return arena_printf(line->arena, "{\"messages\":%llu}", (unsigned long long)messages);
}

/* --- rewind, fork
 * ------------------------------------------------------------------------------------------ */

static struct store_command *recorded(enum store_kind kind, enum audit_action action,
                                      struct text object)
{
    struct store_command *write = store_command_new(kind);

    own_record(write, action, object);
    return write;
}

static bool rewind_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                        struct error *err)
{
    struct store_command *write = recorded(STORE_SESSION_REWIND, AUDIT_SESSION_REWIND, act->id);

    return session_rewind(store, act->id, act->messages, write, out, err);
}

static bool fork_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                      struct error *err)
{
    struct store_command *write = recorded(STORE_SESSION_APPEND, AUDIT_SESSION_FORK, act->id);

    return session_fork(store, act->id, act->messages, clock_wall_ms(), write, out, err);
}

static int rewind_to(const struct command_line *line)
{
    struct sessions_act act = {.method = "POST",
                               .id = text_of(line->arguments[0]),
                               .messages = option_number(line, "messages", UINT64_MAX),
                               .here = rewind_here};
    struct error err = {0};
    struct text body;
    int code;

    if (!sessions_plain(line, "session", act.id))
        return EXIT_USAGE;
    if (act.messages > INT64_MAX) {
        error_set(&err, ERROR_INVALID_REQUEST, "--messages",
                  "how many of the oldest messages are to be kept?");
        error_hint(&err, "pinion sessions show numbers them; write --messages 4");
        return remote_error(line, &err);
    }
    if (!confirm(line, TEXT("what is forgotten cannot be brought back"),
                 arena_printf(line->arena, "Forget all but the oldest %llu messages of %.*s?",
                              (unsigned long long)act.messages, TEXT_ARG(act.id)),
                 &err))
        return remote_error(line, &err);
    act.path = sessions_path(line, "/rewind");
    act.body = messages_body(line, act.messages);
    code = sessions_act(line, &act, &body);
    if (code != EXIT_DONE)
        return code;
    if (option_on(line, "json"))
        return sessions_print_raw(body);
    if (!option_on(line, "quiet"))
        fprintf(stderr, "%.*s has its oldest %llu messages\n", TEXT_ARG(act.id),
                (unsigned long long)act.messages);
    return EXIT_DONE;
}

static int fork_at(const struct command_line *line)
{
    struct sessions_act act = {.method = "POST",
                               .id = text_of(line->arguments[0]),
                               .messages = option_number(line, "messages", UINT64_MAX),
                               .here = fork_here};
    struct document document;
    struct text body;
    int code;

    if (!sessions_plain(line, "session", act.id))
        return EXIT_USAGE;
    act.path = sessions_path(line, "/fork");
    act.body = act.messages <= INT64_MAX ? messages_body(line, act.messages) : TEXT("{}");
    code = sessions_act(line, &act, &body);
    if (code != EXIT_DONE)
        return code;
    if (!sessions_read(line, body, &document))
        return sessions_print_raw(body);
    return sessions_print_raw(document_text(&document, document_member(&document, 0, TEXT("id"))));
}

/* --- delete
 * ------------------------------------------------------------------------------------------------
 */

static bool delete_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                        struct error *err)
{
    struct store_command *write = recorded(STORE_SESSION_DELETE, AUDIT_SESSION_DELETE, act->id);

    return session_delete(store, act->id, write, out, err);
}

static bool erase_here(struct store *store, const struct sessions_act *act, struct buffer *out,
                       struct error *err)
{
    const struct session_query *query = &act->query;
    struct arena arena = {0};
    struct text whose = arena_printf(
        &arena, "%.*s/%.*s", TEXT_ARG(query->token_id.len > 0 ? query->token_id : TEXT("*")),
        TEXT_ARG(query->endpoint.len > 0 ? query->endpoint : TEXT("*")));
    bool good = own_append(store, AUDIT_SESSION_DELETE, whose, err) &&
                sessions_erase(store, query, out, err);

    arena_release(&arena);
    return good;
}

/* One session, or all of a token, an endpoint, or both. */
static bool which(const struct command_line *line, struct sessions_act *act,
                  struct text *out_question)
{
    struct session_query *query = &act->query;
    struct error err = {0};

    query->endpoint = sessions_option(line, "endpoint");
    query->token_id = sessions_option(line, "token");
    if ((line->argument_count == 1) == (query->endpoint.len + query->token_id.len > 0)) {
        error_set(&err, ERROR_INVALID_REQUEST, NULL,
                  "name either one session by its id, or those of a --token or an --endpoint");
        remote_error(line, &err);
        return false;
    }
    if (line->argument_count == 1) {
        act->id = text_of(line->arguments[0]);
        act->here = delete_here;
        act->path = sessions_path(line, "");
        *out_question = arena_printf(line->arena, "Delete session %.*s?", TEXT_ARG(act->id));
        return sessions_plain(line, "session", act->id);
    }
    act->here = erase_here;
    act->path = sessions_query_path(line, query, "/admin/v1/sessions?");
    *out_question = arena_printf(line->arena, "Delete all sessions of %.*s %.*s?",
                                 TEXT_ARG(query->token_id), TEXT_ARG(query->endpoint));
    return sessions_plain(line, "endpoint", query->endpoint) &&
           sessions_plain(line, "token", query->token_id);
}

static int delete (const struct command_line *line)
{
    struct sessions_act act = {.method = "DELETE"};
    struct text question, body;
    struct document document;
    struct error err = {0};
    uint32_t deleted, responses;
    int code;

    if (!which(line, &act, &question))
        return EXIT_USAGE;
    if (!confirm(line, TEXT("what is deleted cannot be brought back"), question, &err))
        return remote_error(line, &err);
    code = sessions_act(line, &act, &body);
    if (code != EXIT_DONE || option_on(line, "quiet"))
        return code;
    if (!sessions_read(line, body, &document))
        return sessions_print_raw(body);
    deleted = document_member(&document, 0, TEXT("deleted"));
    responses = document_member(&document, 0, TEXT("responses"));
    if (act.id.len > 0)
        fprintf(stderr, "deleted %.*s\n", TEXT_ARG(act.id));
    else if (deleted != CELL_NONE)
        fprintf(stderr, "deleted %lld sessions\n", (long long)document.cells[deleted].integer);
    if (responses != CELL_NONE && document.cells[responses].integer > 0)
        fprintf(stderr, "deleted %lld stored responses\n",
                (long long)document.cells[responses].integer);
    return EXIT_DONE;
}

/* --- the tables
 * --------------------------------------------------------------------------------------------- */

static const struct option_spec rewind_options[] = {
    {.name = "messages",
     .argument = "N",
     .help = "how many of the oldest messages are kept: whole turns",
     .number = true},
    CONFIRM_OPTION,
    PLACE_OPTIONS,
};
static const struct option_spec fork_options[] = {
    {.name = "messages",
     .argument = "N",
     .help = "how many of the oldest messages are copied: whole turns; without it, all",
     .number = true},
    PLACE_OPTIONS,
};
static const struct option_spec delete_options[] = {
    {.name = "endpoint", .argument = "SLUG", .help = "all of this endpoint"},
    {.name = "token", .argument = "ID", .help = "all of this token"},
    CONFIRM_OPTION,
    PLACE_OPTIONS,
};
#define OPTIONS(table) .options = table, .option_count = sizeof(table) / sizeof *(table)

const struct command_spec command_sessions_rewind = {
    .name = "sessions rewind",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Forget a session's newest turns",
    .examples = {"sessions rewind ses_01k9... --messages 4",
                 "sessions rewind ses_01k9... --messages 4 --yes"},
    OPTIONS(rewind_options),
    .see_also = "sessions show, sessions fork",
    .run = rewind_to,
};

const struct command_spec command_sessions_fork = {
    .name = "sessions fork",
    .arguments = "ID",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "Copy a session, or its oldest turns, into a new one",
    .examples = {"sessions fork ses_01k9...", "sessions fork ses_01k9... --messages 4"},
    OPTIONS(fork_options),
    .see_also = "sessions rewind",
    .run = fork_at,
};

const struct command_spec command_sessions_delete = {
    .name = "sessions delete",
    .arguments = "ID",
    .arguments_max = 1,
    .summary = "Delete a session, or all of a token or an endpoint",
    .examples = {"sessions delete ses_01k9...", "sessions delete --token tok_01k9... --yes"},
    OPTIONS(delete_options),
    .see_also = "sessions list, token revoke",
    .run = delete,
};
