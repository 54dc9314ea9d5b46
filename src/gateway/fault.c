#include "gateway/fault.h"

#include "document/json_write.h"
#include "gateway/reserve.h"
#include "gateway/respond.h"

enum { RETRY_SOON_S = 60 };

/* What each attempt came to; of one that was never sent, why not. */
static void put_attempt(const struct attempt *attempt, struct buffer *out)
{
    const char *reason = attempt->failure.kind != FAILURE_NONE
                             ? failure_row(attempt->failure.kind)->word
                         : attempt->cancelled ? "cancelled"
                                              : "answered";
    uint64_t us = attempt->sent_out && attempt->ended_us > attempt->started_us
                      ? attempt->ended_us - attempt->started_us
                      : 0;

    buffer_printf(out, "%s{\"n\":%d", attempt->number > 1 ? "," : "", attempt->number);
    json_put_text_or_null(out, "provider", attempt->target->provider->name);
    json_put_text_or_null(out, "model", attempt->target->model);
    json_put_name(out, "status");
    buffer_put_i64(out, attempt->status);
    json_put_text_or_null(out, "reason", text_of(reason));
    json_put_count(out, "ms", us / 1000);
    if (attempt->settled && attempt->cost_nano >= 0) {
        json_put_name(out, "cost_usd");
        buffer_put_byte(out, '"');
        json_put_nano(out, attempt->cost_nano);
        buffer_put_byte(out, '"');
    }
    buffer_put_byte(out, '}');
}

static void put_attempts(struct request *request, struct buffer *out)
{
    json_put_name(out, "attempts");
    buffer_put_byte(out, '[');
    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        put_attempt(attempt, out);
    buffer_put_byte(out, ']');
}

static void put_cost(struct request *request, struct buffer *out)
{
    json_put_name(out, "usage");
    surface_put_usage(&request->usage, out);
    if (request->cost_nano < 0)
        return;
    json_put_usd(out, "cost_usd", request->cost_nano);
}

/* Whose limit it was, and which. */
static void put_limit(const struct policy *policy, struct buffer *out)
{
    json_put_text_or_null(out, "scope", text_of(policy_scope_word(policy->scope)));
    json_put_text_or_null(out, "limit", text_of(policy_row(policy->kind)->word));
    json_put_count(out, "quota", policy->quota);
}

/* Which guardrail, and on which side; never what it found. */
static void put_guardrail(const struct guard *guard, struct buffer *out)
{
    const struct guard_tally *tally =
        guard != NULL ? &guard->tallies[guard->tally_count - 1] : NULL;
    bool input = guard != NULL && guard->side == GUARD_INPUT;

    json_put_text_or_null(out, "kind",
                          tally != NULL ? guard_field_word(tally->field) : TEXT("output_schema"));
    json_put_text_or_null(out, "where", input ? TEXT("input") : TEXT("output"));
    json_put_text_or_null(out, "rule", tally != NULL ? tally->rule : (struct text){0});
}

static void put_details(struct request *request, struct buffer *out)
{
    buffer_put_byte(out, '{');
    if (request->violations != NULL)
        violations_write_json(request->violations, out);
    buffer_put(out, request->share.details);
    if (request->attempts != NULL)
        put_attempts(request, out);
    if (request->settled)
        put_cost(request, out);
    if (request->refused != NULL)
        put_limit(request->refused, out);
    if (request->refusal != NULL)
        reserve_put_details(request, out);
    if (request->error.code == ERROR_GUARDRAIL_BLOCKED)
        put_guardrail(guarding_blocked(request), out);
    if (request->error.retry_after_s > 0)
        json_put_count(out, "retry_after", request->error.retry_after_s);
    buffer_put_byte(out, '}');
}

static struct text doc_of(struct request *request)
{
    return arena_printf(&request->arena, "/docs/errors#%s", error_row(request->error.code)->word);
}

/* All but its message, its type, for which a surface may have a word of its own, and its details.
 */
static struct text error_members(struct request *request)
{
    const struct error *error = &request->error;
    const struct error_row *row = error_row(error->code);
    struct buffer out = buffer_in(&request->arena);

    buffer_put(&out, TEXT(",\"code\":"));
    json_put_string(&out, text_of(row->word));
    json_put_text_or_null(&out, "param", text_of(error->at));
    json_put_text_or_null(&out, "request_id", request->id);
    if (error->hint[0] != '\0')
        json_put_text_or_null(&out, "hint", text_of(error->hint));
    json_put_text_or_null(&out, "doc", doc_of(request));
    return buffer_text(&out);
}

static struct text error_details(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);

    put_details(request, &out);
    return buffer_text(&out);
}

static struct text error_object(struct request *request, struct text members, struct text details)
{
    const struct error *error = &request->error;
    struct buffer out = buffer_in(&request->arena);

    buffer_put_byte(&out, '{');
    json_put_text_or_null(&out, "message", text_of(error->message));
    json_put_text_or_null(&out, "type", text_of(error_row(error->code)->type));
    buffer_put(&out, members);
    json_put_name(&out, "details");
    buffer_put(&out, details);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

struct surface_fault fault_said(struct request *request)
{
    struct buffer beside = buffer_in(&request->arena);
    struct text members = error_members(request), details = error_details(request);

    explain_put_member(request, &beside);
    return (struct surface_fault){
        .row = error_row(request->error.code),
        .id = request->id,
        .message = text_of(request->error.message),
        .object = error_object(request, members, details),
        .members = members,
        .details = details,
        .beside = beside.len > 0
                      ? arena_printf(&request->arena, ",%.*s", TEXT_ARG(buffer_text(&beside)))
                      : (struct text){0},
        .body = &request->body,
    };
}

static void put_fault(struct request *request, struct buffer *out)
{
    const struct surface_fault fault = fault_said(request);

    request->surface->fault(&fault, out);
}

static void put_violated(const struct policies *policies, struct buffer *out)
{
    json_put_name(out, "violated-policies");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < policies->count; i++) {
        const struct policy *policy = &policies->items[i];

        if (policy->verdict.retry_after_s == 0)
            continue;
        if (out->at[out->len - 1] != '[')
            buffer_put_byte(out, ',');
        json_put_string(out, text_of(policy_name(policy)));
    }
    buffer_put_byte(out, ']');
}

/* RFC 9457 section 3, with our code and details as extension members, and those of
 * draft-ietf-httpapi-ratelimit-headers. */
static void put_problem(struct request *request, struct buffer *out)
{
    const struct error_row *row = error_row(request->error.code);

    buffer_put_byte(out, '{');
    json_put_text_or_null(out, "type", doc_of(request));
    json_put_text_or_null(out, "title", text_of(row->type));
    json_put_name(out, "status");
    buffer_put_i64(out, row->status);
    json_put_text_or_null(out, "detail", text_of(request->error.message));
    json_put_text_or_null(out, "instance", request->id);
    json_put_text_or_null(out, "code", text_of(row->word));
    json_put_name(out, "details");
    put_details(request, out);
    if (request->refused != NULL)
        put_violated(&request->policies, out);
    explain_put_member(request, out);
    buffer_put_byte(out, '}');
}

/* Never where an error is within a protocol that has statuses of its own. */
static bool wants_problem(const struct request *request)
{
    struct text accept = http_header(&request->http, TEXT("accept"));

    return request->surface->status == NULL &&
           text_find(accept, TEXT("application/problem+json")) < accept.len;
}

int fault_status(const struct request *request)
{
    const struct error_row *row = error_row(request->error.code);

    return request->surface->status != NULL ? request->surface->status(row, &request->body)
                                            : row->status;
}

/* Whether it may stand in a challenge as it is: what is quoted there (RFC 6750, section 3), or with
 * `spaced` false a scope (RFC 6749, section 3.3). A body can name anything. */
static bool is_quotable(struct text value, bool spaced)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < (spaced ? ' ' : '!') || value.at[i] >= 0x7F || value.at[i] == '"' ||
            value.at[i] == '\\')
            return false;
    return value.len > 0;
}

/* RFC 6750, section 3.1. */
static struct text challenge(struct request *request)
{
    struct text why = text_of(request->error.message);
    struct buffer out = buffer_in(&request->arena);

    buffer_put(&out, TEXT("Bearer error=\"insufficient_scope\""));
    if (is_quotable(why, true))
        buffer_printf(&out, ", error_description=\"%.*s\"", TEXT_ARG(why));
    if (is_quotable(request->slug, false))
        buffer_printf(&out, ", scope=\"%.*s\"", TEXT_ARG(request->slug));
    return buffer_text(&out);
}

/* What SDKs and browsers act on; nothing where the error is an answer to them. */
static size_t advice(struct request *request, struct http_header *out)
{
    const struct error *error = &request->error;
    const struct error_row *row = error_row(error->code);
    unsigned delay_s = error->retry_after_s;
    size_t count = 0;

    if (fault_status(request) < 400)
        return 0;
    if (delay_s == 0 && (row->retry == RETRY_YES || row->retry == RETRY_BY_DELAY))
        delay_s = 1;
    if (delay_s > 0) {
        out[count++] =
            (struct http_header){TEXT("retry-after"), arena_printf(&request->arena, "%u", delay_s)};
        out[count++] = (struct http_header){TEXT("retry-after-ms"),
                                            arena_printf(&request->arena, "%u000", delay_s)};
    }
    if (row->retry != RETRY_UNSAID) {
        bool retry =
            row->retry == RETRY_YES || (row->retry == RETRY_BY_DELAY && delay_s <= RETRY_SOON_S);

        out[count++] =
            (struct http_header){TEXT("x-should-retry"), retry ? TEXT("true") : TEXT("false")};
    }
    if (row->status == 401)
        out[count++] = (struct http_header){TEXT("www-authenticate"),
                                            error->code == ERROR_MISSING_TOKEN
                                                ? TEXT("Bearer")
                                                : TEXT("Bearer error=\"invalid_token\"")};
    if (error->code == ERROR_SCOPE_DENIED)
        out[count++] = (struct http_header){TEXT("www-authenticate"), challenge(request)};
    return count;
}

struct text fault_content_type(const struct request *request)
{
    return wants_problem(request) ? TEXT("application/problem+json") : TEXT("application/json");
}

struct text fault_body(struct request *request)
{
    struct buffer body = buffer_in(&request->arena);

    (wants_problem(request) ? put_problem : put_fault)(request, &body);
    return buffer_text(&body);
}

void fault_reply_with(struct request *request, const struct http_header *more, size_t more_count)
{
    struct http_header extra[8];
    struct http_reply reply = {.status = fault_status(request)};
    struct http_header *headers;
    size_t count = advice(request, extra);

    if (request->gone)
        return;
    respond_headers(request, fault_content_type(request), &reply);
    headers =
        ARENA_ARRAY(&request->arena, struct http_header, reply.header_count + count + more_count);
    memcpy(headers, reply.headers, reply.header_count * sizeof *headers);
    memcpy(headers + reply.header_count, extra, count * sizeof *headers);
    if (more_count > 0)
        memcpy(headers + reply.header_count + count, more, more_count * sizeof *headers);
    reply.headers = headers;
    reply.header_count += count + more_count;
    reply.body = request->reply;
    request->status = reply.status;
    request->client->ops->reply(request->client, &reply);
}

void fault_reply(struct request *request)
{
    fault_reply_with(request, NULL, 0);
}
