/* Sessions: the history before the call, the turn after it. Of a session's turns one is under way
 * at a time; others wait for theirs. A whole turn is answered only when it is durable. Of one whose
 * answer broke off after its beginning was sent, what was sent is stored, and marked. Where several
 * processes share a store, its revisions decide between turns built on the same history. */
#include "base/clock.h"
#include "base/id.h"
#include "gateway/call_states.h"
#include "gateway/durable.h"
#include "gateway/stages.h"
#include "session/turns.h"

static void ask(struct request *request, struct store_command *command,
                void (*done)(struct request *request, struct store_command *command))
{
    request_waits(request);
    durable_submit(request, command, done);
}

static struct session_key key_of_session(const struct request *request)
{
    return (struct session_key){.id = request->session_id,
                                .endpoint = request->endpoint->slug,
                                .token_id = request->token->id};
}

/* What the turn will add to its session. */
static size_t coming(const struct request *request)
{
    return request->body.earlier_count + 2;
}

/* --- recall
 * ---------------------------------------------------------------------------------------- */

static void recalled(struct request *request, struct store_command *command)
{
    const struct session_rule *rule = &request->endpoint->session;
    const struct session_key key = key_of_session(request);

    request->times.store_us += request_waited_us(request);
    request->recalled = command;
    if (command->error.code != ERROR_NONE)
        request->error = command->error;
    else if (session_admit(rule, &command->session, &key, coming(request), request->wall_ms,
                           &request->error)) {
        request->history_known = true;
        session_history(rule, &command->session, coming(request), &request->history,
                        &request->history_count);
    }
    pipeline_resume(request);
}

/* The store looks no further at one of another token: how long it takes tells nothing of it. */
static void read_history(struct request *request)
{
    struct store_command *command = store_command_new(STORE_SESSION_READ);

    command->session.id = arena_copy(&command->arena, request->session_id);
    command->session.token_id = arena_copy(&command->arena, request->token->id);
    ask(request, command, recalled);
}

/* --- its turn
 * -------------------------------------------------------------------------------------- */

static void refuse_turn(struct request *request, const char *why)
{
    error_set(&request->error, ERROR_SESSION_BUSY, "session_id", "%s", why);
    error_hint(&request->error, "send the turn again once the others are answered");
    request->error.retry_after_s = 1;
}

static void turn_begins(void *context)
{
    struct request *request = request_of(context);

    loop_stop_timer(request->worker->loop, &request->turn_late);
    request->times.turn_us += request_waited_us(request);
    read_history(request);
}

static void turn_is_late(struct loop_timer *timer)
{
    struct request *request = request_of((char *)timer - offsetof(struct request, turn_late));

    request->times.turn_us += request_waited_us(request);
    refuse_turn(request, "the turns of this session before it took too long");
    pipeline_resume(request);
}

/* Half of the time that the endpoint gives to a call may go by waiting; the rest is for the call.
 */
static void wait_for_turn(struct request *request)
{
    uint64_t most_ms = request->endpoint->times.total_ms / 2;

    request_waits(request);
    request->turn_late.fire = turn_is_late;
    loop_start_timer(request->worker->loop, &request->turn_late,
                     request->http.started_us / 1000 + most_ms);
}

static bool take_turn(struct request *request, bool *out_waits)
{
    const struct session_key key = key_of_session(request);
    const struct turn_asker asker = {request->worker->loop, turn_begins, request};

    request->turn = turn_enter(request->worker->gateway->turns, &key,
                               request->endpoint->session.max_waiting, &asker, out_waits);
    if (request->turn == NULL)
        refuse_turn(request, "another turn of this session is under way, and enough wait for it");
    return request->turn != NULL;
}

/* --- the stage
 * ------------------------------------------------------------------------------------- */

static enum verdict refuse_id(struct request *request)
{
    error_set(&request->error, ERROR_SESSION_NOT_FOUND, "session_id",
              "there is no such session for this token and endpoint");
    return FAIL;
}

static bool has_image(const struct chat_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (parts[i].type == CHAT_IMAGE)
            return true;
    return false;
}

static bool shows_images(const struct call_body *body)
{
    for (size_t i = 0; i < body->earlier_count; i++)
        if (has_image(body->earlier[i].parts, body->earlier[i].part_count))
            return true;
    return has_image(body->parts, body->part_count);
}

/* Whether the call is a turn of a session; false also with an error. */
static bool is_turn(struct request *request)
{
    if (request->endpoint->session.ttl_ms == 0 || request->body.session_off) {
        if (request->body.session_id.len > 0)
            error_set(&request->error, ERROR_INVALID_REQUEST, "session_id",
                      request->body.session_off
                          ? "'session_id' and 'session: false' exclude each other"
                          : "this endpoint has no sessions");
        return false;
    }
    if (!shows_images(&request->body))
        return true;
    error_set(&request->error, ERROR_INVALID_REQUEST, "/messages",
              "a session keeps texts, so a turn of one takes no images");
    error_hint(&request->error, "send \"session\": false, and the conversation as 'messages'");
    return false;
}

/* A new session has its turn at once; its id may be known to the client, from the head of a stream,
 * before the turn is over. */
enum verdict stage_recall(struct request *request)
{
    struct text id = request->body.session_id;
    bool waits;

    if (request->shadow != NULL) /* it has what the call was answered with, and adds nothing */
        return NEXT;
    if (!is_turn(request))
        return request->error.code != ERROR_NONE ? FAIL : NEXT;
    if (id.len > 0 && !id_valid(id, TEXT("ses_")))
        return refuse_id(request);
    if (id.len == 0 &&
        !session_admit_new(&request->endpoint->session, coming(request), &request->error))
        return FAIL;
    request->sessioned = true;
    request->session_id = id.len > 0 ? id : id_new(&request->arena, "ses_", request->wall_ms);
    if (request->decided != NULL) { /* no turn of the session will come of it */
        if (id.len > 0)
            read_history(request);
        return id.len > 0 ? WAIT : NEXT;
    }
    if (!take_turn(request, &waits))
        return FAIL;
    if (waits)
        wait_for_turn(request);
    else if (id.len > 0)
        read_history(request);
    else
        return NEXT;
    return WAIT;
}

/* --- remember
 * -------------------------------------------------------------------------------------- */

/* A client of a slug sends calls back without what else the model's message held. */
static void keep_states(struct request *request)
{
    const struct call_owner owner = call_owner_of(request);
    const struct chat_answer *given = guarding_given(request);

    if (request->endpoint->allow_tools)
        call_states_keep(request->worker->gateway->call_states, &owner, request->chat.messages,
                         request->rendered_count, given->parts, given->part_count,
                         clock_monotonic_ms());
}

static void end_turn(void *turn)
{
    turn_leave(turn);
}

static void leave_turn(struct request *request)
{
    loop_stop_timer(request->worker->loop, &request->turn_late);
    turn_leave(request->turn);
    request->turn = NULL;
}

/* What is to be stored as the answer; false: nothing is. A model that declines says so in other
 * words. */
static bool answer_to_store(struct request *request, struct session_turn *turn)
{
    const struct chat_gather *gather = request->winner != NULL ? &request->winner->gather
                                       : request->share.shown  ? &request->share.heard
                                                               : NULL;
    bool whole = request->answered && request->error.code == ERROR_NONE;
    struct text text, refusal;

    if (!request->sessioned || (!whole && (!request->streaming || gather == NULL)))
        return false;
    text = whole ? guarding_given(request)->content
                 : text_first(buffer_text(&gather->content),
                              guarding_shown(request, false, request->shown_bytes));
    refusal = whole ? guarding_given(request)->refusal
                    : text_first(buffer_text(&gather->refusal),
                                 guarding_shown(request, true, request->refusal_bytes));
    turn->answer = text.len > 0 ? guarding_stored(request, text, request->endpoint->output != NULL)
                                : guarding_stored(request, refusal, false);
    turn->interrupted = !whole;
    return whole || turn->answer.len > 0;
}

static void remembered(struct request *request, struct store_command *command)
{
    request->times.store_us += request_waited_us(request);
    if (request->error.code == ERROR_NONE)
        request->error = command->error;
    store_command_free(command);
    pipeline_resume(request);
}

/* The turn is over when the store has answered, whether the client is still there or not, so it
 * goes with the command. */
enum verdict stage_remember(struct request *request)
{
    struct session_turn turn = {.earlier = request->body.earlier,
                                .earlier_count = request->body.earlier_count,
                                .question = request->user_text,
                                .request_id = request->id};
    struct session_key key;
    struct store_command *command;

    if (request->answered && request->error.code == ERROR_NONE)
        keep_states(request);
    if (!answer_to_store(request, &turn)) {
        leave_turn(request);
        return NEXT;
    }
    key = key_of_session(request);
    command = session_append(&request->endpoint->session,
                             request->recalled != NULL ? &request->recalled->session : NULL, &key,
                             &turn, clock_wall_ms());
    arena_defer(&command->arena, end_turn, request->turn);
    request->turn = NULL;
    ask(request, command, remembered);
    if (!request->gone)
        return WAIT;
    durable_forget(request);
    return NEXT;
}
