/* Sessions: the history before the call, the turn after it. A turn is answered only when it is
 * durable; of two turns built on the same history the second is refused, never interleaved. */
#include "base/clock.h"
#include "base/id.h"
#include "gateway/call_states.h"
#include "gateway/durable.h"
#include "gateway/stages.h"

static void ask(struct request *request, struct store_command *command,
                void (*done)(struct request *request, struct store_command *command))
{
    request_waits(request);
    durable_submit(request, command, done);
}

/* --- recall
 * ---------------------------------------------------------------------------------------- */

static void recalled(struct request *request, struct store_command *command)
{
    const struct session_rule *rule = &request->endpoint->session;

    request->times.store_us += request_waited_us(request);
    request->recalled = command;
    if (command->error.code != ERROR_NONE)
        request->error = command->error;
    else if (session_admit(rule, &command->session, request->endpoint->slug,
                           request->token->id, request->wall_ms, &request->error)) {
        request->history_known = true;
        session_history(rule, &command->session, 2, &request->history, &request->history_count);
    }
    pipeline_resume(request);
}

static enum verdict refuse_id(struct request *request)
{
    error_set(&request->error, ERROR_SESSION_NOT_FOUND, "session_id",
              "there is no such session for this token and endpoint");
    return FAIL;
}

enum verdict stage_recall(struct request *request)
{
    struct text id = request->body.session_id;
    struct store_command *command;

    if (request->endpoint->session.ttl_ms == 0 || request->body.session_off) {
        if (id.len == 0)
            return NEXT;
        error_set(&request->error, ERROR_INVALID_REQUEST, "session_id",
                  request->body.session_off ? "'session_id' and 'session: false' exclude each other"
                                            : "this endpoint has no sessions");
        return FAIL;
    }
    if (request->body.parts != NULL) {
        error_set(&request->error, ERROR_INVALID_REQUEST, "/messages",
                  "a session keeps texts, so a turn of one takes no images");
        error_hint(&request->error, "send \"session\": false, and the conversation as 'messages'");
        return FAIL;
    }
    request->sessioned = true;
    if (id.len == 0) {
        request->session_id = id_new(&request->arena, "ses_", request->wall_ms);
        return NEXT;
    }
    if (!id_valid(id, TEXT("ses_")))
        return refuse_id(request);
    request->session_id = id;
    command = store_command_new(STORE_SESSION_READ);
    command->session.id = arena_copy(&command->arena, id);
    ask(request, command, recalled);
    return WAIT;
}

/* --- remember
 * -------------------------------------------------------------------------------------- */

static void remembered(struct request *request, struct store_command *command)
{
    request->times.store_us += request_waited_us(request);
    if (command->error.code != ERROR_NONE)
        request->error = command->error;
    store_command_free(command);
    pipeline_resume(request);
}

/* A client of a slug sends calls back without what else the model's message held. */
static void keep_states(struct request *request)
{
    const struct call_owner owner = call_owner_of(request);

    if (request->endpoint->allow_tools)
        call_states_keep(request->worker->gateway->call_states, &owner, request->chat.messages,
                         request->rendered_count, request->answer.parts, request->answer.part_count,
                         clock_monotonic_ms());
}

enum verdict stage_remember(struct request *request)
{
    const struct chat_message turn[] = {
        {.role = CHAT_USER, .text = request->user_text},
        {.role = CHAT_ASSISTANT, .text = request->answer.content},
    };

    keep_states(request);
    if (!request->sessioned)
        return NEXT;
    ask(request,
        session_append(&request->endpoint->session,
                       request->recalled != NULL ? &request->recalled->session : NULL,
                       request->session_id, request->endpoint->slug, request->token->id,
                       turn, 2, request->wall_ms),
        remembered);
    return WAIT;
}
