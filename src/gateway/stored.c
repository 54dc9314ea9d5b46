/* Answers that can be referred to later, by their ids: what a call refers to is fetched before its
 * body is read, and what it is answered is stored before its client has the end of it, so that
 * whoever has an id can use it, also after a crash. Where the store has no room for it the answer
 * says that it is not stored, and is given all the same: it has been paid for. */
#include "base/id.h"
#include "gateway/durable.h"
#include "gateway/respond.h"
#include "gateway/stages.h"

static const struct settings *settings_of(const struct request *request)
{
    return &request->config->settings;
}

static void ask(struct request *request, struct store_command *command,
                void (*done)(struct request *request, struct store_command *command))
{
    request_waits(request);
    durable_submit(request, command, done);
}

/* --- fetching
 * -------------------------------------------------------------------------------------- */

static void free_command(void *command)
{
    store_command_free(command);
}

/* What is found lives as long as the request. */
static void fetched(struct request *request, struct store_command *command)
{
    request->times.store_us += request_waited_us(request);
    arena_defer(&request->arena, free_command, command);
    request->error = command->error;
    for (size_t i = 0; i < command->want_count; i++)
        request->body.references[i].want = &command->wants[i];
    pipeline_resume(request);
}

/* All at once, and no more of it than the client could send itself. */
static void fetch(struct request *request)
{
    struct store_command *command = store_command_new(STORE_RESPONSE_READ);
    const struct call_body *body = &request->body;

    command->now_ms = request->wall_ms;
    command->bytes_max = settings_of(request)->max_body_bytes;
    command->want_count = body->reference_count;
    command->wants = ARENA_ARRAY(&command->arena, struct response_want, body->reference_count);
    for (size_t i = 0; i < body->reference_count; i++) {
        response_key(request->token->id, body->references[i].id, command->wants[i].key);
        command->wants[i].chain = body->references[i].chain;
    }
    ask(request, command, fetched);
}

enum verdict stage_fetch(struct request *request)
{
    const struct surface_keeping *keeping = request->surface->keeping;
    struct call_body *body = &request->body;

    if (keeping == NULL)
        return NEXT;
    if (!request_open_body(request)) /* a copy's is not open yet */
        return FAIL;
    body->keeps = settings_of(request)->response_ttl_ms > 0;
    body->reply_id = id_new(&request->arena, keeping->prefix, request->wall_ms);
    if (!keeping->refer(body, &request->arena, &request->error))
        return FAIL;
    if (body->reference_count == 0 || !body->keeps)
        return NEXT;
    fetch(request);
    return WAIT;
}

/* --- storing
 * --------------------------------------------------------------------------------------- */

/* The answer as it may be stored: masked, and nothing restored. */
static void hide(struct request *request, struct surface_said *said, struct chat_answer *answer)
{
    *answer = *guarding_given(request);
    said->answer = answer;
    if (!guarding_is_late(request))
        return;
    answer->content = guarding_stored(request, answer->content, request->endpoint->output != NULL);
    answer->refusal = guarding_stored(request, answer->refusal, false);
    answer->parts = guarding_stored_parts(request, guarding_given(request));
    said->output = NULL;
}

/* As long as it may live from its last use, and from when it was made. */
static int64_t expires_of(const struct request *request, int64_t created_ms)
{
    const struct settings *settings = settings_of(request);
    int64_t expires_ms = request->wall_ms + (int64_t)settings->response_ttl_ms;
    int64_t most_ms = created_ms + (int64_t)settings->session_retention_ms;

    return settings->session_retention_ms > 0 && most_ms < expires_ms ? most_ms : expires_ms;
}

/* What a conversation is made of lives on with it. Of what lives long enough nothing is written. */
static void renew(struct request *request, struct store_command *command)
{
    const struct call_body *body = &request->body;
    int64_t soon_ms = request->wall_ms + (int64_t)(settings_of(request)->response_ttl_ms / 2);
    size_t most = 0;

    for (size_t i = 0; i < body->reference_count; i++)
        most += body->references[i].want != NULL ? body->references[i].want->found_count : 0;
    command->wants = ARENA_ARRAY(&command->arena, struct response_want, most);
    for (size_t i = 0; most > 0 && i < body->reference_count; i++) {
        const struct response_want *want = body->references[i].want;

        for (size_t k = 0; k < want->found_count; k++)
            if (want->found[k].expires_ms < soon_ms) {
                struct response_want *renewed = &command->wants[command->want_count++];

                memcpy(renewed->key, want->found[k].key, sizeof want->key);
                renewed->until_ms = expires_of(request, want->found[k].created_ms);
            }
    }
}

/* The command owns what it carries. */
static struct store_command *put_of(struct request *request, const struct surface_kept *kept)
{
    struct store_command *command = store_command_new(STORE_RESPONSE_PUT);
    struct response_record *record = &command->response;
    struct arena *arena = &command->arena;

    response_key(request->token->id, request->body.reply_id, record->key);
    if (kept->previous.len > 0)
        response_key(request->token->id, kept->previous, record->previous);
    record->created_ms = request->wall_ms;
    record->expires_ms = expires_of(request, request->wall_ms);
    record->id = arena_copy(arena, request->body.reply_id);
    record->token_id = arena_copy(arena, request->token->id);
    record->endpoint = arena_copy(arena, request->endpoint->slug);
    record->input = arena_copy(arena, kept->input);
    record->asked = arena_copy(arena, kept->asked);
    record->body = arena_copy(arena, kept->body);
    record->output_at = kept->output_at;
    record->output = text_first(text_after(record->body, kept->output_at), kept->output_bytes);
    command->now_ms = request->wall_ms;
    command->bytes_max = settings_of(request)->response_bytes_max;
    renew(request, command);
    return command;
}

static void stored(struct request *request, struct store_command *command)
{
    request->times.store_us += request_waited_us(request);
    request->body.keeps = command->error.code == ERROR_NONE;
    store_command_free(command);
    pipeline_resume(request);
}

/* Whether there is a whole answer, made for this call. */
static bool is_answered(const struct request *request)
{
    return request->answered && request->error.code == ERROR_NONE &&
           request->idempotency.known == NULL && request->shadow == NULL;
}

enum verdict stage_file(struct request *request)
{
    const struct surface_keeping *keeping = request->surface->keeping;
    struct surface_kept kept;
    struct surface_said said;
    struct chat_answer answer;

    if (keeping == NULL || !is_answered(request) || !request->body.keeps)
        return NEXT;
    said = respond_said(request);
    hide(request, &said, &answer);
    if (!keeping->keep(&said, &kept))
        return NEXT;
    if (kept.input.len + kept.asked.len + kept.body.len > RESPONSE_BYTES_MAX) {
        request->body.keeps = false;
        return NEXT;
    }
    ask(request, put_of(request, &kept), stored);
    if (!request->gone)
        return WAIT;
    durable_forget(request);
    return NEXT;
}
