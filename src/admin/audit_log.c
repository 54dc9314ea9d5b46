/* Reading the audit log, on the admin listener. */
#include "admin/audit.h"
#include "audit/record_text.h"
#include "base/clock.h"
#include "gateway/durable.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/paths.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 200, EXPORT_MAX = 1000 };

static void reply(struct request *request, const struct buffer *out)
{
    request_reply(request, 200, TEXT("application/json"), buffer_text(out));
}

/* Parks the request until the store has read. */
static void read_log(struct request *request, const struct audit_page *page,
                     void (*done)(struct request *request, struct store_command *command))
{
    struct store_command *command = store_command_new(STORE_AUDIT_READ);

    command->page = *page;
    command->page.kind = arena_copy(&command->arena, page->kind);
    job_park(request);
    durable_submit(request, command, done);
}

/* A damaged record is not left out silently: who wants the others asks for those behind it. */
static void give_page(struct request *request, struct store_command *command)
{
    struct buffer out = buffer_in(&request->arena);

    request->error = command->error;
    audit_put_page(&out, &command->page);
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        request_refuse(request);
    else
        reply(request, &out);
}

static bool time_of(struct request *request, const char *name, struct text given, int64_t *out_ms)
{
    return given.len == 0 || clock_parse_rfc3339(given, out_ms) ||
           error_set(&request->error, ERROR_INVALID_REQUEST, name,
                     "'%s' must be a date or an RFC 3339 time", name);
}

static bool page_of(struct request *request, uint64_t otherwise, uint64_t most,
                    struct audit_page *out)
{
    struct text from = {0}, to = {0}, order = {0};
    uint64_t limit = otherwise;
    const struct query_param params[] = {
        {.name = "after", .number = &out->after, .least = 0, .greatest = UINT64_MAX - 1},
        {.name = "limit", .number = &limit, .least = 1, .greatest = most},
        {.name = "from", .text = &from},
        {.name = "to", .text = &to},
        {.name = "action", .text = &out->kind},
        {.name = "order", .text = &order},
    };

    *out = (struct audit_page){0};
    if (!query_read(request, params, sizeof params / sizeof *params) ||
        !time_of(request, "from", from, &out->from_ms) || !time_of(request, "to", to, &out->to_ms))
        return false;
    out->most = (size_t)limit;
    out->newest_first = text_equal(order, TEXT("desc"));
    if (order.len == 0 || out->newest_first || text_equal(order, TEXT("asc")))
        return true;
    return error_set(&request->error, ERROR_INVALID_REQUEST, "order",
                     "'order' must be asc or desc");
}

void admin_list_audit(struct request *request, struct text none)
{
    struct audit_page page;

    (void)none;
    if (page_of(request, LIST_DEFAULT, LIST_MAX, &page))
        read_log(request, &page, give_page);
    else
        request_refuse(request);
}

/* It was recorded that this page is read. */
static void export_page(struct request *request, struct text none)
{
    struct audit_page page;

    (void)none;
    if (page_of(request, EXPORT_MAX, EXPORT_MAX, &page))
        read_log(request, &page, give_page);
    else
        request_refuse(request);
}

void admin_export_audit(struct request *request, struct text none)
{
    struct audit_page page;

    (void)none;
    if (page_of(request, EXPORT_MAX, EXPORT_MAX, &page))
        admin_record(request, AUDIT_AUDIT_EXPORT,
                     arena_printf(&request->arena, "after %llu", (unsigned long long)page.after),
                     export_page);
    else
        request_refuse(request);
}

static void give_head(struct request *request, struct store_command *command)
{
    struct buffer out = buffer_in(&request->arena);

    request->error = command->error;
    audit_put_ends(&out, &command->page.ends);
    store_command_free(command);
    if (request->error.code != ERROR_NONE)
        request_refuse(request);
    else
        reply(request, &out);
}

void admin_audit_head(struct request *request, struct text none)
{
    (void)none;
    read_log(request, &(struct audit_page){0}, give_head);
}
