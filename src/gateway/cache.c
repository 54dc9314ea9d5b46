/* The two stages of the cache: whether the answer is known before it is bought, and what becomes of
 * one that was bought. Answers are kept as their provider gave them, before anything of the gateway
 * is done to them that a later configuration, or another caller, might want otherwise. */
#include "base/check.h"
#include "cache/answer.h"
#include "document/json_write.h"
#include "gateway/cache_store.h"
#include "gateway/stages.h"

enum { ANSWER_BYTES_MAX = 1 << 20 };

/* --- what the caller wants -----------------------------------------------------------------------
 */

static bool has_word(struct text list, struct text word)
{
    while (list.len > 0)
        if (text_equal_nocase(text_trim(text_split(&list, ',')), word))
            return true;
    return false;
}

/* The caller's own time to live, at most what it may ask for; *out_ms stays where it asks for none.
 */
static bool read_ttl(struct request *request, uint64_t *out_ms, bool *out_asks)
{
    struct text header = http_header(&request->http, TEXT("x-cache-ttl"));
    uint64_t seconds, most_ms = request->endpoint->cache.max_ms;

    *out_asks = header.len > 0;
    if (!*out_asks)
        return true;
    if (!text_to_u64(header, &seconds)) {
        error_set(&request->error, ERROR_INVALID_REQUEST, "X-Cache-TTL",
                  "X-Cache-TTL is a whole number of seconds");
        error_hint(&request->error, "send X-Cache-TTL: 3600, or 0 for an answer of its own");
        return false;
    }
    *out_ms = seconds < most_ms / 1000 ? seconds * 1000 : most_ms;
    if (seconds == 0)
        *out_ms = 0;
    return true;
}

/* NONE where the endpoint caches only for those who ask. */
static bool read_wishes(struct request *request)
{
    struct text control = http_header(&request->http, TEXT("cache-control"));
    struct share *share = &request->share;
    uint64_t ttl_ms = request->endpoint->cache.ttl_ms;
    bool asks, not_kept = has_word(control, TEXT("no-store"));

    if (!read_ttl(request, &ttl_ms, &asks))
        return false;
    if (ttl_ms == 0 && !asks)
        return true;
    share->ttl_ms = (int64_t)ttl_ms;
    share->keeps = ttl_ms > 0 && !not_kept;
    share->result =
        !share->keeps || has_word(control, TEXT("no-cache")) ? SHARE_BYPASS : SHARE_MISS;
    return true;
}

/* --- which call it is ----------------------------------------------------------------------------
 */

static struct chat_params params_of(const struct request *request)
{
    struct chat_params params = request->target->params;

    for (int param = 0; param < CHAT_PARAM_COUNT; param++)
        if (request->body.params.json[param].len > 0)
            params.json[param] = request->body.params.json[param];
    return params;
}

/* A candidate answers as itself: also by another chain of targets, which whoever joins goes by.
 * What an answer has to fit may be the caller's own. */
static struct text version_of(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;

    const struct call_body *body = &request->body;
    struct buffer out = buffer_in(&request->arena);

    if (endpoint->candidate == NULL && body->output_held == NULL)
        return endpoint->version;
    buffer_put(&out, endpoint->version);
    if (endpoint->candidate != NULL)
        buffer_printf(&out, " %.*s", TEXT_ARG(endpoint->candidate->version));
    if (body->output_held != NULL)
        json_put_cell(&out, body->output_document, body->output_at);
    return buffer_text(&out);
}

static void make_key(struct request *request)
{
    const struct endpoint *endpoint = request->endpoint;
    const struct call_body *body = &request->body;
    const struct chat_params params = params_of(request);
    struct cache_question question = {
        .tenant = request->project->id,
        .token_id = endpoint->cache.by_token ? request->token->id : TEXT(""),
        .version = version_of(request),
        .provider = request->target->provider->name,
        .model = request->target->model,
        .params = &params,
        .streamed = endpoint->output != NULL && stream_wanted(request),
    };

    if (!endpoint->has_template && body->input->cells[body->input_at].type != CELL_STRING) {
        question.written = request->user_text;
        question.document = body->input;
        question.document_at = body->input_at;
    }
    cache_key_make(&question, &request->chat, &request->arena, &request->share.key);
}

/* --- before the call -----------------------------------------------------------------------------
 */

/* Who leads has found the answer in the store: it is everybody's who has joined meanwhile and does
 * not want a younger one. */
static void found(struct request *request, struct kept_answer *kept)
{
    struct share *share = &request->share;

    if (kept != NULL && share_take(request, kept)) {
        answers_land_found(request->worker->gateway->answers, share->seat, kept, request->wall_ms);
        answers_leave(request->worker->gateway->answers, share->seat);
        share->seat = NULL;
        share->leads = false;
        share->result = SHARE_HIT;
    }
    kept_answer_release(kept);
    pipeline_resume(request);
}

enum verdict stage_cache(struct request *request)
{
    struct share *share = &request->share;
    enum verdict verdict;

    if (request->endpoint->cache.max_ms == 0 || request->shadow != NULL)
        return NEXT; /* a shadow is to show what its own model says */
    if (!read_wishes(request))
        return FAIL;
    if (share->result == SHARE_NONE || (share->result == SHARE_BYPASS && !share->keeps))
        return NEXT;
    make_key(request);
    share->purges = answers_purges(request->worker->gateway->answers);
    if (share->result == SHARE_BYPASS)
        return NEXT;
    verdict = share_ask(request);
    if (!share->leads || !cache_store_read(request, found))
        return verdict;
    return WAIT;
}

/* --- after the call ------------------------------------------------------------------------------
 */

/* Another try would end the same, for everybody. */
static bool is_final(enum error_code code)
{
    switch (code) {
    case ERROR_OUTPUT_SCHEMA_VIOLATION:
    case ERROR_OUTPUT_NOT_JSON:
    case ERROR_OUTPUT_TRUNCATED:
    case ERROR_OUTPUT_LIMIT_EXCEEDED:
    case ERROR_UPSTREAM_AUTH_FAILED:
    case ERROR_UPSTREAM_TLS:
    case ERROR_UPSTREAM_BLOCKED:
    case ERROR_UPSTREAM_TOO_LARGE:
    case ERROR_UPSTREAM_REJECTED:
    case ERROR_MODEL_NOT_FOUND:
    case ERROR_CONTEXT_LENGTH_EXCEEDED:
        return true;
    default:
        return false;
    }
}

/* Whose an error is: a provider's, the answer's, or the leader's own, such as its budget's. */
static enum flight_error whose(const struct request *request)
{
    enum error_code code = request->error.code;

    if (request->gone)
        return FLIGHT_OWN;
    if (is_final(code))
        return FLIGHT_ALL;
    return strcmp(error_row(code)->type, "upstream_error") == 0 ? FLIGHT_PROVIDER : FLIGHT_OWN;
}

static void fail(struct request *request)
{
    struct share *share = &request->share;
    struct buffer details = buffer_in(&request->arena);
    struct error error = request->error;

    if (error.code == ERROR_NONE) /* it is answered by what its Idempotency-Key met */
        error_set(&error, ERROR_UPSTREAM_FAILED, NULL, "no call was made");
    if (request->violations != NULL)
        violations_write_json(request->violations, &details);
    answers_fail(request->worker->gateway->answers, share->seat, &error, whose(request),
                 buffer_text(&details));
}

/* Whole, from the target that was routed to: what stood in for it must not be taken for its answer
 * when it is well again. */
static bool is_keepable(const struct request *request)
{
    const struct chat_answer *answer = &request->answer;

    if (request->plan.at != 0)
        return false;
    return answer->vector_count > 0 ||
           (answer->refusal.len == 0 && (answer->content.len > 0 || answer->part_count > 0) &&
            (answer->finish == CHAT_FINISH_STOP || answer->finish == CHAT_FINISH_TOOL_CALLS));
}

static void land(struct request *request)
{
    struct answers *answers = request->worker->gateway->answers;
    struct share *share = &request->share;
    struct buffer bytes = buffer_in(&request->arena);
    struct kept_answer *kept;
    bool keeps;

    answer_write(&bytes, &request->answer);
    keeps = share->keeps && is_keepable(request) && bytes.len <= ANSWER_BYTES_MAX;
    if (share->seat == NULL && !keeps)
        return;
    kept = kept_answer_new(&(struct kept_answer){.key = share->key,
                                                 .stored_ms = request->wall_ms,
                                                 .expires_ms = request->wall_ms + share->ttl_ms,
                                                 .endpoint = request->endpoint->slug,
                                                 .project = request->project->name,
                                                 .bytes = buffer_text(&bytes)});
    if (share->seat != NULL)
        keeps = answers_land(answers, share->seat, kept, (unsigned)request->plan.at, keeps,
                             request->wall_ms);
    else
        keeps = answers_keep(answers, kept, share->purges, request->wall_ms);
    if (keeps)
        cache_store_put(request->worker, kept, share->purges);
    kept_answer_release(kept);
}

enum verdict stage_share(struct request *request)
{
    struct share *share = &request->share;

    if (share->known || (share->seat == NULL && !share->keeps))
        return NEXT;
    if (request->answered && request->error.code == ERROR_NONE)
        land(request);
    else if (share->seat != NULL)
        fail(request);
    answers_leave(request->worker->gateway->answers, share->seat);
    share->seat = NULL;
    share->leads = false;
    if (!request->gone || request->error.code != ERROR_NONE)
        return NEXT;
    error_set(&request->error, ERROR_CLIENT_CLOSED, NULL, "the client closed its connection");
    return FAIL;
}
