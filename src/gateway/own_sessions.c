/* A token's own sessions, on the public listener: for tokens with the verb `sessions`. What is not
 * its own is not there. Each call is one command to the store, so none costs more than the store
 * does for one turn. */
#include "audit/event.h"
#include "document/json_write.h"
#include "gateway/bearer.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/stages.h"
#include "gateway/paths.h"
#include "session/session_text.h"

enum { PAGE = 20, PAGE_MAX = 100, CALLS_A_MINUTE = 120, MINUTE_MS = 60000 };

static void reply(struct request *request, const struct buffer *out)
{
    request_reply(request, 200, TEXT("application/json"), buffer_text(out));
}

/* Whether the token may, and not too often; else it is refused. */
static bool admitted(struct request *request)
{
    struct rate_verdict verdict;

    request->logged_as = "sessions";
    if (!bearer_authenticate(request, TOKEN_CALL)) {
        request_refuse(request);
        return false;
    }
    if ((request->token->verbs & VERB_SESSIONS) == 0) {
        error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                  "this token may not read sessions: it lacks the verb 'sessions'");
        request_refuse(request);
        return false;
    }
    verdict = rate_take(request->worker->gateway->rates,
                        limit_key("sessions", request->token->id, TEXT("")), CALLS_A_MINUTE,
                        MINUTE_MS, loop_now_ms(request->worker->loop));
    if (verdict.allowed)
        return true;
    error_set(&request->error, ERROR_RATE_LIMITED, NULL,
              "more than %d calls about sessions a minute by this token", CALLS_A_MINUTE);
    request->error.retry_after_s = verdict.retry_after_s;
    request_refuse(request);
    return false;
}

static void submit(struct request *request, struct store_command *command,
                   void (*done)(struct request *request, struct store_command *command))
{
    job_park(request);
    durable_submit(request, command, done);
}

/* True when the command was carried out; else it is freed, and the request refused. */
static bool succeeded(struct request *request, struct store_command *command)
{
    request->error = command->error;
    if (command->error.code == ERROR_NONE)
        return true;
    store_command_free(command);
    request_refuse(request);
    return false;
}

/* --- GET /v1/sessions
 * ------------------------------------------------------------------------------- */

/* Behind what the next page begins. Where the store looked last is mostly a session of somebody
 * else, whose id is nobody's business: then it is the last id that could be of the same instant. */
static struct text place_after(struct request *request, const struct store_command *command)
{
    enum { INSTANT = 4 + 14 }; /* "ses_", milliseconds and count: base/id.c */
    struct text last = arena_copy(&request->arena, command->last);
    size_t count = command->session_count;
    struct buffer place = buffer_in(&request->arena);

    if (last.len <= INSTANT || (count > 0 && text_equal(command->sessions[count - 1].id, last)))
        return last;
    buffer_put(&place, text_first(last, INSTANT));
    while (place.len < last.len)
        buffer_put_byte(&place, 'z');
    return buffer_text(&place);
}

/* The store looks at so many sessions at a time, of all tokens: a page may be shorter than it was
 * asked for, and be empty, while there are more. */
static void listed(struct request *request, struct store_command *command)
{
    struct buffer out = buffer_in(&request->arena);

    if (!succeeded(request, command))
        return;
    buffer_put(&out, TEXT("{\"object\":\"list\",\"data\":["));
    for (size_t i = 0; i < command->session_count; i++) {
        if (i > 0)
            buffer_put_byte(&out, ',');
        session_put(&out, &command->sessions[i]);
    }
    buffer_put_byte(&out, ']');
    json_put_text(&out, "last_id", place_after(request, command));
    buffer_put(&out, command->more ? TEXT(",\"has_more\":true}") : TEXT(",\"has_more\":false}"));
    store_command_free(command);
    reply(request, &out);
}

void own_sessions_list(struct request *request)
{
    struct text endpoint = {0}, after = {0};
    uint64_t limit = PAGE;
    const struct query_param params[] = {
        {.name = "endpoint", .text = &endpoint},
        {.name = "after", .text = &after},
        {.name = "limit", .number = &limit, .least = 1, .greatest = PAGE_MAX},
    };
    struct store_command *command;

    if (!admitted(request))
        return;
    if (!query_read(request, params, sizeof params / sizeof *params)) {
        request_refuse(request);
        return;
    }
    command = store_command_new(STORE_SESSION_LIST);
    command->session.token_id = arena_copy(&command->arena, request->token->id);
    command->session.endpoint = arena_copy(&command->arena, endpoint);
    command->after = arena_copy(&command->arena, after);
    command->most = (size_t)limit;
    submit(request, command, listed);
}

/* --- GET and DELETE /v1/sessions/{id}
 * --------------------------------------------------------------- */

static void shown(struct request *request, struct store_command *command)
{
    const struct session_record *session = &command->session;
    struct buffer out = buffer_in(&request->arena);

    if (!succeeded(request, command))
        return;
    session_put(&out, session);
    if (session->expires_ms > 0 && request->wall_ms >= session->expires_ms)
        error_set(&request->error, ERROR_SESSION_EXPIRED, NULL, "the session has expired");
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        request_refuse(request);
    else
        reply(request, &out);
}

static void deleted(struct request *request, struct store_command *command)
{
    struct buffer out = buffer_in(&request->arena);

    if (!succeeded(request, command))
        return;
    session_put_deleted(&out, command->session.id);
    store_command_free(command);
    reply(request, &out);
}

/* A token's own act is its own record. */
static void record(struct request *request, struct store_command *command)
{
    const struct audit_event act = {.wall_ms = request->wall_ms,
                                    .actor = AUDIT_BY_TOKEN,
                                    .actor_id = request->token->id,
                                    .peer = request->http.peer,
                                    .action = AUDIT_SESSION_DELETE,
                                    .object = command->session.id,
                                    .request_id = request->id};

    command->audit = audit_event_copy(&command->arena, &act);
}

void own_session(struct request *request)
{
    static const struct text root = TEXT_INIT("/v1/sessions/");
    bool deletes = text_equal(request->http.method, TEXT("DELETE"));
    struct store_command *command;

    if (!admitted(request))
        return;
    command = store_command_new(deletes ? STORE_SESSION_DELETE : STORE_SESSION_READ);
    command->session.id = arena_copy(&command->arena, text_after(request->http.path, root.len));
    command->session.token_id = arena_copy(&command->arena, request->token->id);
    if (deletes)
        record(request, command);
    submit(request, command, deletes ? deleted : shown);
}
