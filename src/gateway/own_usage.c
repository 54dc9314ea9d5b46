/* What a token with the verb `usage` may know: its own use of today and of this month, the caps on
 * it, and the markup of its project. Only its own records are read (lmdb_usage.c). What was
 * answered in the last moments may not be counted yet: no caller can have the store written. */
#include "auth/token_json.h"
#include "calendar/period.h"
#include "document/json_write.h"
#include "gateway/bearer.h"
#include "gateway/durable.h"
#include "gateway/paths.h"
#include "gateway/usage_groups.h"

struct own_usage {
    struct period periods[PERIOD_KIND_COUNT];
    struct usage_record sums[PERIOD_KIND_COUNT];
    struct text after;
};

static void read_on(struct request *request);

/* --- the answer
 * ------------------------------------------------------------------------------------------------
 */

static void put_period(struct buffer *out, const char *name, const struct own_usage *own,
                       enum period_kind kind, int64_t cap_nano)
{
    const int64_t *sums = own->sums[kind].all;

    json_put_name(out, name);
    buffer_put(out, TEXT("{\"period\":"));
    json_put_string(out, text_of(own->periods[kind].name));
    if (cap_nano == TOKEN_UNLIMITED) {
        buffer_put(out, TEXT(",\"cap_usd\":null,\"left_usd\":null"));
    } else {
        json_put_usd(out, "cap_usd", cap_nano);
        json_put_usd(out, "left_usd",
                     sums[USAGE_BILLED] < cap_nano ? cap_nano - sums[USAGE_BILLED] : 0);
    }
    usage_put_sums(out, sums);
    json_put_name(out, "estimated");
    buffer_put_byte(out, '{');
    usage_put_sums(out, own->sums[kind].estimated);
    buffer_put(out, TEXT("}}"));
}

static void reply(struct request *request)
{
    const struct token_record *token = request->token;
    struct buffer out = buffer_in(&request->arena);
    uint32_t markup_bp = request->project->markup_bp;

    buffer_put(&out, TEXT("{\"object\":\"usage\",\"token\":"));
    json_put_string(&out, token->id);
    json_put_text(&out, "project", request->project->name);
    buffer_printf(&out, ",\"markup_percent\":%u.%02u", markup_bp / 100, markup_bp % 100);
    put_period(&out, "today", request->aside, PERIOD_DAY, token->budget.daily_nano);
    put_period(&out, "month", request->aside, PERIOD_MONTH, token->budget.monthly_nano);
    token_put_limits(&out, token);
    buffer_put_byte(&out, '}');
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}

/* --- reading
 * -----------------------------------------------------------------------------------------------
 */

static void have_page(struct request *request, struct store_command *command)
{
    const struct usage_page *page = &command->usage_page;
    struct own_usage *own = request->aside;

    for (size_t i = 0; i < page->count; i++) {
        const struct usage_record *record = &page->records[i];

        usage_add(&own->sums[PERIOD_MONTH], record);
        if (text_equal(record->names[USAGE_DAY], text_of(own->periods[PERIOD_DAY].name)))
            usage_add(&own->sums[PERIOD_DAY], record);
    }
    own->after = arena_copy(&request->arena, page->last);
    request->error = command->error;
    if (command->error.code != ERROR_NONE)
        request_refuse(request);
    else if (page->more)
        read_on(request);
    else
        reply(request);
    store_command_free(command);
}

static void read_on(struct request *request)
{
    struct store_command *command = store_command_new(STORE_USAGE_READ);
    const struct own_usage *own = request->aside;
    struct usage_query *query = &command->usage_query;

    query->names[USAGE_TOKEN] = arena_copy(&command->arena, request->token->id);
    query->from_day = arena_printf(&command->arena, "%s-01", own->periods[PERIOD_MONTH].name);
    query->to_day = arena_copy(&command->arena, text_of(own->periods[PERIOD_DAY].name));
    query->after = arena_copy(&command->arena, own->after);
    durable_submit(request, command, have_page);
}

/* False with request->error. */
static bool may(struct request *request)
{
    if (!bearer_authenticate_reader(request, TOKEN_CALL))
        return false;
    request->project = config_project(request->config, request->token->project);
    if (request->project == NULL)
        return error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                         "this token's project '%.*s' is no longer configured",
                         TEXT_ARG(request->token->project));
    return (request->token->verbs & VERB_USAGE) != 0 ||
           error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                     "this token may not see its usage: it lacks the verb 'usage'");
}

void own_usage_serve(struct request *request)
{
    const struct zone *zone = request->config->settings.zone;
    struct own_usage *own;

    if (!may(request)) {
        request_refuse(request);
        return;
    }
    request->aside = own = ARENA_NEW(&request->arena, struct own_usage);
    for (int kind = 0; kind < PERIOD_KIND_COUNT; kind++)
        period_at(zone, (enum period_kind)kind, request->wall_ms, &own->periods[kind]);
    request->at = STAGE_COUNT;
    request->waiting = true;
    read_on(request);
}
