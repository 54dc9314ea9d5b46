/* What is written down about a request: a line, the counters, and in the worker's ledger what it
 * used. */
#include "journal/journal.h"
#include "base/clock.h"
#include "budget/budgets.h"
#include "gateway/audit_trail.h"
#include "gateway/content.h"
#include "gateway/respond.h"
#include "gateway/rollups.h"
#include "gateway/shadow.h"
#include "gateway/stages.h"
#include "gateway/tracing.h"

enum { WHY_MAX = 512 };

/* What is written down of an error: of a schema violation only the author's side of it, because the
 * message names members that the caller or the model made up. A check that was given up is the
 * schema's fault, which is named. */
static struct text error_shown(struct request *request)
{
    const struct violations *violations = request->violations;

    if (request->undecided != NULL)
        return arena_printf(&request->arena, "%s: schema '%.*s'", request->error.message,
                            TEXT_ARG(schema_name(request->undecided, &request->arena)));
    if (violations == NULL || violations->listed == 0)
        return text_of(request->error.message);
    return arena_printf(&request->arena, "%zu violation%s, the first of %.*s", violations->total,
                        violations->total == 1 ? "" : "s",
                        TEXT_ARG(violations->items[0].schema_path));
}

/* From when its call was sent to the first byte of the answer that counted. */
static uint64_t first_token_us(const struct request *request)
{
    const struct attempt *winner = request->winner;

    return winner != NULL && winner->first_us > 0 ? winner->first_us - winner->started_us : 0;
}

/* What is charged for the request: its cost with the project's markup. */
static int64_t billed_nano(const struct request *request)
{
    if (request->cost_nano < 0)
        return -1;
    if (request->shadow != NULL) /* nobody is charged for what nobody asked for */
        return 0;
    return request->project != NULL ? budget_charge(request->cost_nano, request->project->markup_bp)
                                    : request->cost_nano;
}

/* An attempt is charged what the request is charged more for it, so that the sum is the same
 * wherever it is rounded. */
static void use_tokens(struct usage_record *usage, const struct attempt *attempt,
                       uint32_t markup_bp, int64_t cost_before)
{
    const struct chat_usage *tokens = &attempt->answer.usage;
    int64_t cost_nano = attempt->cost_nano > 0 ? attempt->cost_nano : 0;

    usage->all[USAGE_INPUT] = tokens->prompt_tokens;
    usage->all[USAGE_CACHED] = tokens->cached_tokens;
    usage->all[USAGE_CACHE_WRITE] = tokens->cache_write_tokens;
    usage->all[USAGE_OUTPUT] = tokens->completion_tokens;
    usage->all[USAGE_REASONING] = tokens->reasoning_tokens;
    usage->all[USAGE_UNPRICED] = attempt->cost_nano < 0;
    usage->all[USAGE_COST] = cost_nano;
    usage->all[USAGE_BILLED] = budget_charge(usage_plus(cost_before, cost_nano), markup_bp) -
                               budget_charge(cost_before, markup_bp);
}

/* Gives what the request has cost with this attempt, which is added to `whole`. What a copy of a call costs is no project's
 * and no token's. */
static int64_t use(struct request *request, const struct attempt *attempt, int64_t cost_before,
                   int64_t wall_ms, struct rollup_event *whole)
{
    bool copy = request->shadow != NULL;
    struct usage_record usage = {
        .names = {[USAGE_DAY] =
                      ledger_day(request->worker, request->config->settings.zone, request->wall_ms),
                  [USAGE_PROJECT] = copy ? TEXT("default") : request->project->name,
                  [USAGE_ENDPOINT] = request->endpoint->slug,
                  [USAGE_PROVIDER] = attempt->target->provider->name,
                  [USAGE_MODEL] = target_label(attempt->target),
                  [USAGE_TOKEN] = copy ? TEXT("shadow") : request->token->id},
        .all = {[USAGE_CALLS] = 1, [USAGE_ERRORS] = attempt->failure.kind != FAILURE_NONE}};

    if (attempt->settled)
        use_tokens(&usage, attempt, request->project->markup_bp, cost_before);
    if (copy)
        usage.all[USAGE_BILLED] = 0;
    if (attempt->settled && !attempt->answer.usage.reported)
        memcpy(usage.estimated, usage.all, sizeof usage.all);
    ledger_use(request->worker, &usage);
    rollups_attempt(request, attempt, &usage, wall_ms, whole);
    return usage_plus(cost_before, usage.all[USAGE_COST]);
}

static size_t list_attempts(struct request *request, const struct journal_attempt **out)
{
    struct journal_attempt *list;
    size_t count = 0;

    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        count++;
    *out = list = ARENA_ARRAY(&request->arena, struct journal_attempt, count);
    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        *list++ = (struct journal_attempt){
            .number = attempt->number,
            .provider = attempt->target->provider->name,
            .model = attempt->target->model,
            .status = attempt->status,
            .reason = attempt_result(attempt),
            .duration_us = attempt->sent_out ? attempt->ended_us - attempt->started_us : 0,
            .began_us = attempt->sent_out ? attempt->started_us - request->http.started_us : 0,
            .first_us = attempt->first_us > 0 ? attempt->first_us - attempt->started_us : 0,
            .usage_known = attempt->settled,
            .input_tokens = attempt->answer.usage.prompt_tokens,
            .output_tokens = attempt->answer.usage.completion_tokens,
            .cost_nano = attempt->cost_nano,
        };
    return count;
}

/* Those before this one that took as long as the clock can tell. */
static void list_stages(struct request *request, struct journal_entry *entry)
{
    const struct request_times *times = &request->times;
    struct journal_stage *list = ARENA_ARRAY(&request->arena, struct journal_stage, STAGE_COUNT);

    entry->stage_list = list;
    for (enum stage_id id = 0; id < STAGE_COUNT; id++)
        if (times->stage_us[id] > 0)
            list[entry->stage_count++] = (struct journal_stage){
                .name = pipeline_stage_name(id),
                .began_us = times->stage_began_us[id] - request->http.started_us,
                .took_us = times->stage_us[id],
            };
}

/* Of all attempts, where the prices of all are known. */
static void list_costs(struct request *request, struct journal_entry *entry)
{
    struct journal_cost *list = ARENA_ARRAY(&request->arena, struct journal_cost, PRICE_KIND_COUNT);
    int64_t tokens[PRICE_KIND_COUNT] = {0}, nano[PRICE_KIND_COUNT] = {0};

    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next)
        if (attempt->settled &&
            !price_split(attempt->target->price, &attempt->answer.usage, tokens, nano))
            return;
    entry->cost_list = list;
    for (enum price_kind kind = 0; kind < PRICE_KIND_COUNT; kind++)
        if (tokens[kind] > 0)
            list[entry->cost_count++] =
                (struct journal_cost){price_kind_word(kind), tokens[kind], nano[kind]};
}

/* Where a member is that the caller or the model made up is not said, nor what a schema expects
 * that the caller brought along. */
static void list_violations(struct request *request, struct journal_entry *entry)
{
    const struct violations *violations = request->violations;
    struct journal_violation *list;

    if (violations == NULL || request->undecided != NULL || request->body.output_held != NULL)
        return;
    entry->violation_count =
        violations->listed < CONTENT_VIOLATIONS_MAX ? violations->listed : CONTENT_VIOLATIONS_MAX;
    entry->violation_list = list =
        ARENA_ARRAY(&request->arena, struct journal_violation, entry->violation_count);
    for (size_t i = 0; i < entry->violation_count; i++) {
        const struct violation *violation = &violations->items[i];

        list[i] = (struct journal_violation){
            .schema_path = violation->schema_path,
            .keyword = violation->keyword,
            .expected = text_cut(violation->expected, WHY_MAX),
            .got = violation->got,
            .line = violation->position.line,
            .column = violation->position.column,
            .byte = violation->position.byte,
        };
    }
}

/* What was said, where the endpoint wants that kept. */
static void keep_content(struct request *request, struct journal_entry *entry)
{
    struct log_content content;

    if (!content_is_kept(request))
        return;
    content = (struct log_content){
        .expires_ms = entry->wall_ms + (int64_t)request->endpoint->content.retention_ms,
        .request_id = request->id,
        .token_id = request->token->id,
        .json = content_json(request),
    };
    ledger_content(request->worker, &content);
    entry->content_until_ms = content.expires_ms;
}

/* What of the rule that decided held. */
static struct text why(struct request *request)
{
    struct buffer out = buffer_in(&request->arena);

    if (request->routing == NULL || !request->routing->decided)
        return (struct text){0};
    route_trace_put(&request->routing->trace, &out);
    return text_cut(buffer_text(&out), WHY_MAX);
}

/* One line for the log on its way out, and the same with more for the store. */
static void write_down(struct request *request, struct journal_entry *entry)
{
    struct buffer line = buffer_in(&request->arena), *out = &line, *row = NULL;
    size_t at = 0, begin;

    if (!request->http.admin && !request->http.metrics)
        row = ledger_row_begin(request->worker, &at);
    if (row != NULL)
        out = row;
    begin = out->len;
    journal_format(entry, out);
    if (log_wants(request->worker->gateway->log, journal_level(entry)))
        log_line(request->worker->gateway->log, text_after(buffer_text(out), begin));
    if (row == NULL)
        return;
    entry->routing = explain_kept(request, false);
    list_stages(request, entry);
    list_costs(request, entry);
    list_violations(request, entry);
    keep_content(request, entry);
    journal_make_row(entry, row);
    ledger_row_end(request->worker, at, entry->wall_ms, entry->duration_us, entry->status);
}

/* As far as the request has come to have them: whose it is, of what, and where it went. */
static void name_parts(struct request *request, uint64_t duration_us, struct journal_entry *entry)
{
    if (request->endpoint != NULL) {
        entry->endpoint = request->endpoint->slug;
        entry->version = request->endpoint->version;
        entry->version_number = *request->endpoint->number;
    }
    if (request->token != NULL && request->shadow == NULL)
        entry->token_id = request->token->id;
    if (request->shadow != NULL) {
        entry->shadow_of = shadow_of(request->shadow);
        entry->shadow_result = shadow_ended(request, duration_us);
    }
    if (request->project != NULL)
        entry->project = request->project->name;
    if (request->target != NULL) {
        entry->rule = request->rule_name;
        entry->why = why(request);
        entry->provider = request->target->provider->name;
        entry->model = request->target->model;
    }
}

static void write_line(struct request *request, uint64_t duration_us, uint64_t overhead_us)
{
    const struct chat_usage *usage = &request->usage;
    const struct trace_words ids = trace_words_of(&request->trace);
    struct journal_entry entry = {
        .wall_ms = request->wall_ms + (int64_t)(duration_us / 1000),
        .request_id = request->id,
        .trace_id = text_of(ids.trace_id),
        .span_id = text_of(ids.span_id),
        .method = request->http.method,
        .path = request->http.path,
        .status = request->status,
        .code = text_of(error_row(request->error.code)->word),
        .error = error_shown(request),
        .surface =
            text_of(request->logged_as != NULL ? request->logged_as : request->surface->name),
        .session_id = request->sessioned ? request->session_id : TEXT(""),
        .attempts = request->calls,
        .stream = request->streaming,
        .usage_known = request->settled,
        .usage_reported = usage->reported,
        .input_tokens = usage->prompt_tokens,
        .output_tokens = usage->completion_tokens,
        .cached_tokens = usage->cached_tokens,
        .reasoning_tokens = usage->reasoning_tokens,
        .cost_nano = request->cost_nano,
        .billed_nano = billed_nano(request),
        .finish_reason = text_of(chat_finish_name(request->answer.finish)),
        .cache = share_word(request->share.result),
        .first_token_us = first_token_us(request),
        .upstream_us = request->times.upstream_us,
        .overhead_us = overhead_us,
        .duration_us = duration_us,
        .tags = request->tags,
        .tag_count = request->tag_count,
        .guardrails = guarding_tallies(request),
        .bytes_in = request->http.body.len,
        .bytes_out = request->bytes_out,
    };

    name_parts(request, duration_us, &entry);
    entry.attempt_count = list_attempts(request, &entry.attempt_list);
    write_down(request, &entry);
}

/* Whoever was turned away for who he is: who, from where and why goes into the audit log. */
static void note_refusal(const struct request *request)
{
    const char *type = error_row(request->error.code)->type;

    if (strcmp(type, "authentication_error") == 0 || strcmp(type, "permission_error") == 0)
        audit_trail_failure(request->worker->gateway, request->http.peer, request->error.code,
                            request->wall_ms);
}

/* A copy of a call is none of its endpoint's. */
static void count_call(struct request *request, uint64_t duration_us, uint64_t overhead_us)
{
    count_request(request, duration_us, overhead_us);
    guarding_count(request);
    canary_calls_note(request);
    shadow_consider(request, duration_us);
}

enum verdict stage_journal(struct request *request)
{
    uint64_t duration_us = clock_monotonic_us() - request->http.started_us;
    uint64_t waited_us =
        request->times.upstream_us + request->times.store_us + request->times.turn_us;
    uint64_t overhead_us = duration_us > waited_us ? duration_us - waited_us : 0;
    int64_t cost_nano = 0, wall_ms = request->wall_ms + (int64_t)(duration_us / 1000);
    struct rollup_event whole = {0};

    request->status = error_row(request->error.code)->status;
    respond_prepare(request);
    note_refusal(request);
    if (request->shadow == NULL)
        count_call(request, duration_us, overhead_us);
    for (const struct attempt *attempt = request->attempts; attempt != NULL;
         attempt = attempt->next) {
        count_attempt(request, attempt);
        if (attempt->sent_out)
            cost_nano = use(request, attempt, cost_nano, wall_ms, &whole);
    }
    if (!request->http.admin && !request->http.metrics)
        rollups_request(request, wall_ms, duration_us, &whole);
    write_line(request, duration_us, overhead_us);
    if (request->traced)
        tracing_tell(request, duration_us);
    return NEXT;
}
