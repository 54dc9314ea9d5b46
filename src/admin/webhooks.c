/* Receivers of events, on the admin listener: how they are, what waits for them, what was given up,
 * and sending that again. Neither a secret nor the part of a URL that may be one is shown. */
#include "admin/admin.h"

#include "admin/access.h"
#include "admin/audit.h"
#include "admin/list.h"
#include "base/clock.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/query.h"
#include "store/record.h"
#include "webhook/webhooks.h"

static void put_time(struct buffer *out, const char *name, int64_t wall_ms)
{
    char text[CLOCK_RFC3339_BYTES];

    json_put_text_or_null(out, name, wall_ms > 0 ? clock_rfc3339(wall_ms, text) : (struct text){0});
}

static bool exists(struct job *job, struct text name)
{
    struct webhook_look look;

    for (size_t i = 0; webhooks_look(job->gateway->webhooks, i, &job->arena, &look); i++)
        if (text_equal(look.name, name))
            return true;
    return error_set(&job->error, ERROR_ROUTE_NOT_FOUND, NULL, "there is no webhook '%.*s'",
                     TEXT_ARG(text_first(name, WEBHOOK_NAME_BYTES_MAX)));
}

/* --- GET /admin/v1/webhooks ----------------------------------------------------------------------
 */

static uint64_t count(struct job *job, enum webhook_state state, struct text name)
{
    struct store_command *command = store_command_new(STORE_WEBHOOK_COUNT);
    uint64_t found;

    command->webhook.state = state;
    command->webhook.webhook = name;
    store_wait(job->gateway->store, command);
    if (command->error.code != ERROR_NONE)
        job->error = command->error;
    found = command->entries;
    store_command_free(command);
    return found;
}

static const char *state_of(const struct webhook_look *look)
{
    if (look->missing)
        return "off";
    return look->last_reason.len > 0 ? "failing" : "ok";
}

static void put_look(struct job *job, struct buffer *out, const struct webhook_look *look)
{
    buffer_put_byte(out, '{');
    json_put_text(out, "name", look->name);
    json_put_text(out, "url", look->shown);
    json_put_name(out, "events");
    buffer_put_byte(out, '[');
    for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++) {
        if ((look->events & 1u << i) == 0)
            continue;
        if (out->at[out->len - 1] != '[')
            buffer_put_byte(out, ',');
        json_put_string(out, text_of(webhook_event_word(i)));
    }
    buffer_put_byte(out, ']');
    json_put_text(out, "state", text_of(state_of(look)));
    json_put_count(out, "waiting", count(job, WEBHOOK_WAITING, look->name));
    json_put_count(out, "dead", count(job, WEBHOOK_DEAD, look->name));
    json_put_count(out, "delivered", look->delivered);
    json_put_count(out, "failed", look->failed);
    put_time(out, "last_at", look->last_ms);
    json_put_count(out, "last_status", (uint64_t)look->last_status);
    json_put_text_or_null(out, "last_reason", look->last_reason);
    buffer_put_byte(out, '}');
}

static void list(struct job *job)
{
    struct admin_list all;
    struct webhook_look look;

    admin_list_begin(&all, &job->arena);
    for (size_t i = 0; webhooks_look(job->gateway->webhooks, i, &job->arena, &look); i++)
        put_look(job, admin_list_add(&all, look.name), &look);
    job->status = 200;
    job->body = admin_list_end(&all, false);
}

void admin_list_webhooks(struct request *request, struct text none)
{
    (void)none;
    job_start(job_new(request, list));
}

/* --- GET /admin/v1/webhooks/dead?webhook=&after=&limit= ------------------------------------------
 */

struct dead_order {
    struct text webhook;
    struct webhook_record after; /* its id empty: from the first on */
    uint64_t limit;
    bool audit; /* records of the audit log may be seen */
};

/* Where one stands in the list: its receiver, when it was given up, its id. */
static struct text place_of(struct arena *arena, const struct webhook_record *dead)
{
    return arena_printf(arena, "%.*s:%lld:%.*s", TEXT_ARG(dead->webhook), (long long)dead->at_ms,
                        TEXT_ARG(dead->id));
}

static bool read_place(struct text place, struct webhook_record *out)
{
    struct text rest = place, webhook = text_split(&rest, ':'), at = text_split(&rest, ':');
    uint64_t at_ms;

    if (!text_to_u64(at, &at_ms) || at_ms > INT64_MAX || webhook.len == 0 ||
        webhook.len > WEBHOOK_NAME_BYTES_MAX || rest.len != WEBHOOK_ID_BYTES)
        return false;
    *out = (struct webhook_record){
        .state = WEBHOOK_DEAD, .webhook = webhook, .at_ms = (int64_t)at_ms, .id = rest};
    return true;
}

static bool read_order(struct request *request, struct dead_order *out)
{
    struct text after = {0};
    const struct query_param params[] = {
        {.name = "webhook", .text = &out->webhook},
        {.name = "after", .text = &after},
        {.name = "limit", .number = &out->limit, .least = 1, .greatest = ADMIN_PAGE_MAX},
    };

    *out = (struct dead_order){.limit = ADMIN_PAGE};
    if (!query_read(request, params, sizeof params / sizeof *params))
        return false;
    return after.len == 0 || read_place(after, &out->after) ||
           error_set(&request->error, ERROR_INVALID_REQUEST, "after",
                     "'after' must be the last_id of a page");
}

static void put_dead(const struct dead_order *order, struct buffer *out,
                     const struct webhook_record *dead)
{
    bool hidden = text_equal(dead->type, text_of(webhook_event_word(WEBHOOK_AUDIT)));

    buffer_put_byte(out, '{');
    json_put_text(out, "id", dead->id);
    json_put_text(out, "webhook", dead->webhook);
    json_put_text(out, "type", dead->type);
    put_time(out, "created", dead->created_ms);
    put_time(out, "given_up", dead->at_ms);
    json_put_count(out, "tries", dead->tries);
    json_put_count(out, "last_status", dead->status);
    json_put_text(out, "last_reason", dead->reason);
    json_put_name(out, "event");
    buffer_put(out, hidden && !order->audit ? TEXT("null") : dead->body);
    buffer_put_byte(out, '}');
}

static void list_dead(struct job *job)
{
    const struct dead_order *order = job->order;
    struct store_command *command = store_command_new(STORE_WEBHOOK_LIST);
    unsigned char bytes[RECORD_WEBHOOK_KEY_BYTES_MAX];
    struct admin_list all;

    command->webhook.state = WEBHOOK_DEAD;
    command->webhook.webhook = order->webhook;
    command->most = (size_t)order->limit;
    if (order->after.id.len > 0)
        command->after = record_webhook_key(&order->after, bytes);
    store_wait(job->gateway->store, command);
    job->error = command->error;
    admin_list_begin(&all, &job->arena);
    for (size_t i = 0; i < command->webhook_count; i++)
        put_dead(order, admin_list_add(&all, place_of(&job->arena, &command->webhooks[i])),
                 &command->webhooks[i]);
    job->status = 200;
    job->body = admin_list_end(&all, command->more);
    store_command_free(command);
}

void admin_list_dead_webhooks(struct request *request, struct text none)
{
    struct dead_order order, *kept;
    struct job *job;

    (void)none;
    if (!read_order(request, &order)) {
        request_refuse(request);
        return;
    }
    job = job_new(request, list_dead);
    kept = ARENA_NEW(&job->arena, struct dead_order);
    *kept = order;
    kept->audit = admin_has(request, ADMIN_AUDIT);
    kept->webhook = arena_copy(&job->arena, order.webhook);
    kept->after.webhook = arena_copy(&job->arena, order.after.webhook);
    kept->after.id = arena_copy(&job->arena, order.after.id);
    job->order = kept;
    job_start(job);
}

/* --- those that were given up: again, or not any more --------------------------------------------
 */

/* job->name is the receiver, job->value the event; empty: every one. */
static void act_on_dead(struct job *job, enum store_kind kind, const char *object,
                        const char *counted)
{
    struct buffer out = buffer_in(&job->arena);
    struct text after = {0};
    uint64_t changed = 0;
    bool more = true;

    while (more && job->error.code == ERROR_NONE) {
        struct store_command *command = store_command_new(kind);

        command->webhook.webhook = job->name;
        command->webhook.id = job->value;
        command->now_ms = clock_wall_ms();
        command->after = after;
        command->audit = audit_event_copy(&command->arena, &job->act);
        store_wait(job->gateway->store, command);
        job->error = command->error;
        changed += command->purged;
        more = command->more;
        after = arena_copy(&job->arena, command->last);
        store_command_free(command);
    }
    buffer_put_byte(&out, '{');
    json_put_text(&out, "object", text_of(object));
    json_put_text(&out, "webhook", job->name);
    json_put_count(&out, counted, changed);
    buffer_put_byte(&out, '}');
    job->status = 200;
    job->body = buffer_text(&out);
}

static void retry(struct job *job)
{
    if (!exists(job, job->name))
        return;
    act_on_dead(job, STORE_WEBHOOK_RETRY, "webhook.retry", "retried");
    webhooks_wake(job->gateway->webhooks);
}

/* Also of a receiver that is not there any more. */
static void forget(struct job *job)
{
    act_on_dead(job, STORE_WEBHOOK_FORGET, "webhook.forget", "forgotten");
}

static void start_act(struct request *request, void (*run)(struct job *job),
                      enum audit_action action, struct text name, struct text id)
{
    struct job *job = job_new(request, run);

    job->name = arena_copy(&job->arena, name);
    job->value = arena_copy(&job->arena, id);
    job->act.action = action;
    job->act.object = id.len > 0 ? arena_printf(&job->arena, "%.*s/%.*s", TEXT_ARG(name),
                                                TEXT_ARG(text_first(id, WEBHOOK_ID_BYTES)))
                                 : job->name;
    job_start(job);
}

/* {"id": "evt_..."}, or nothing at all for every one. */
static bool read_id(struct request *request, struct text *out)
{
    struct document document;
    uint32_t id;

    *out = (struct text){0};
    if (request->http.body.len == 0)
        return true;
    if (!json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error))
        return false;
    id = document_member(&document, 0, TEXT("id"));
    if (id == CELL_NONE)
        return true;
    if (document.cells[id].type != CELL_STRING)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/id",
                         "'id' must be the id of an event");
    *out = document_text(&document, id);
    return true;
}

void admin_retry_webhook(struct request *request, struct text name)
{
    struct text id;

    if (read_id(request, &id))
        start_act(request, retry, AUDIT_WEBHOOK_RETRY, name, id);
    else
        request_refuse(request);
}

void admin_forget_webhook(struct request *request, struct text name)
{
    struct text id = {0};
    const struct query_param params[] = {{.name = "id", .text = &id}};

    if (query_read(request, params, sizeof params / sizeof *params))
        start_act(request, forget, AUDIT_WEBHOOK_FORGET, name, id);
    else
        request_refuse(request);
}

/* --- POST /admin/v1/webhooks/{}/test -------------------------------------------------------------
 */

static void test(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);
    struct webhook_answer answer;

    if (!exists(job, job->name) ||
        !webhooks_test(job->gateway->webhooks, job->name, &job->arena, &answer))
        return;
    buffer_put_byte(&out, '{');
    json_put_text(&out, "object", TEXT("webhook.test"));
    json_put_text(&out, "webhook", job->name);
    json_put_text(&out, "id", answer.id);
    json_put_flag(&out, "delivered", answer.taken);
    json_put_count(&out, "status", (uint64_t)answer.status);
    json_put_text_or_null(&out, "reason", answer.reason);
    json_put_count(&out, "took_ms", answer.took_ms);
    buffer_put_byte(&out, '}');
    job->status = 200;
    job->body = buffer_text(&out);
}

static void start_test(struct request *request, struct text name)
{
    struct job *job = job_new(request, test);

    job->name = arena_copy(&job->arena, name);
    job_start(job);
}

void admin_test_webhook(struct request *request, struct text name)
{
    admin_record(request, AUDIT_WEBHOOK_TEST, name, start_test);
}
