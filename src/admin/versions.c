/* The endpoints in force and the versions that they have had, on the admin listener; and going back
 * to one of them. */
#include "admin/admin.h"
#include "admin/list.h"
#include "admin/version_text.h"
#include "config/version_name.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/query.h"
#include "gateway/paths.h"

/* --- GET /admin/v1/endpoints
 * ---------------------------------------------------------------------------- */

void admin_list_endpoints(struct request *request, struct text none)
{
    const struct config *config = request->config;
    struct admin_list list;
    struct text after = {0};
    uint64_t limit = ADMIN_PAGE;
    const struct query_param params[] = {
        {.name = "after", .text = &after},
        {.name = "limit", .number = &limit, .least = 1, .greatest = ADMIN_PAGE_MAX},
    };
    size_t i = 0;

    (void)none;
    if (!query_read(request, params, sizeof params / sizeof *params)) {
        request_refuse(request);
        return;
    }
    admin_list_begin(&list, &request->arena);
    while (i < config->endpoint_count && text_compare(config->endpoints[i].slug, after) <= 0)
        i++;
    for (; i < config->endpoint_count && list.count < limit; i++)
        version_put_endpoint(admin_list_add(&list, config->endpoints[i].slug),
                             &config->endpoints[i]);
    request_reply(request, 200, TEXT("application/json"),
                  admin_list_end(&list, i < config->endpoint_count));
}

/* --- GET /admin/v1/endpoints/{slug}/versions
 * ------------------------------------------------------------ */

struct version_order {
    struct text slug;
    uint64_t before, limit;
    struct version_name name;
};

static struct job *prepare(struct request *request, void (*run)(struct job *job), struct text slug,
                           struct version_order **out)
{
    struct job *job = job_new(request, run);

    *out = ARENA_NEW(&job->arena, struct version_order);
    (*out)->slug = arena_copy(&job->arena, slug);
    job->order = *out;
    return job;
}

static void give(struct job *job, struct text body)
{
    job->status = 200;
    job->body = body;
}

/* One more than is wanted is read, because what a version has changed is seen by the one before. */
static void list_versions(struct job *job)
{
    const struct version_order *order = job->order;
    struct store_command *command = store_command_new(STORE_HISTORY_LIST);
    const struct history_order *page = &command->history;
    struct admin_list list;
    bool more;

    command->history.slug = order->slug;
    command->history.number = order->before;
    command->history.most = (size_t)order->limit + 1;
    store_wait(job->gateway->store, command);
    more = page->found_count > order->limit;
    admin_list_begin(&list, &job->arena);
    for (size_t i = 0; i < page->found_count && i < order->limit; i++) {
        struct text id =
            arena_printf(&job->arena, "%llu", (unsigned long long)page->found[i].number);

        version_put_entry(admin_list_add(&list, id), &page->found[i],
                          i + 1 < page->found_count ? &page->found[i + 1] : NULL, false);
    }
    job->error = command->error;
    give(job, admin_list_end(&list, more));
    store_command_free(command);
}

void admin_list_versions(struct request *request, struct text slug)
{
    struct version_order *order;
    uint64_t limit = ADMIN_PAGE, before = 0;
    const struct query_param params[] = {
        {.name = "after", .number = &before, .least = 1, .greatest = UINT64_MAX - 1},
        {.name = "limit", .number = &limit, .least = 1, .greatest = HISTORY_PAGE_MAX - 1},
    };
    struct job *job;

    if (!query_read(request, params, sizeof params / sizeof *params)) {
        request_refuse(request);
        return;
    }
    job = prepare(request, list_versions, slug, &order);
    order->before = before;
    order->limit = limit;
    job_start(job);
}

/* --- GET /admin/v1/versions/{slug@version}
 * -------------------------------------------------------------- */

static struct store_command *read_version(struct job *job)
{
    const struct version_order *order = job->order;
    struct store_command *command = store_command_new(STORE_HISTORY_READ);

    command->history.slug = order->name.slug;
    command->history.number = order->name.number;
    command->history.hash = order->name.hash;
    store_wait(job->gateway->store, command);
    job->error = command->error;
    return command;
}

static void show_version(struct job *job)
{
    struct store_command *command = read_version(job);
    struct buffer out = buffer_in(&job->arena);

    if (job->error.code == ERROR_NONE) {
        version_put_entry(&out, command->history.found, NULL, true);
        give(job, buffer_text(&out));
    }
    store_command_free(command);
}

static bool refuse_name(struct request *request)
{
    error_set(&request->error, ERROR_INVALID_REQUEST, "version", "this is not a version");
    error_hint(&request->error, "name it by its number, or by 12 or more digits of its hash");
    request_refuse(request);
    return false;
}

/* The endpoint in force, with its files. */
static void show_current(struct request *request, struct text slug)
{
    const struct endpoint *endpoint = config_endpoint(request->config, slug);
    struct buffer out = buffer_in(&request->arena);

    if (endpoint == NULL) {
        error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
                  TEXT_ARG(text_first(slug, 64)));
        request_refuse(request);
        return;
    }
    version_put_current(&out, endpoint);
    request_reply(request, 200, TEXT("application/json"), buffer_text(&out));
}

void admin_show_version(struct request *request, struct text name)
{
    struct version_order *order;
    struct version_name read;
    struct text decoded;
    struct job *job;

    if (!admin_decode(&request->arena, name, &decoded) || !version_name_read(decoded, &read)) {
        refuse_name(request);
        return;
    }
    if (!version_is_named(&read)) {
        show_current(request, read.slug);
        return;
    }
    job = prepare(request, show_version, name, &order);
    version_name_read(arena_copy(&job->arena, decoded), &order->name);
    job_start(job);
}

/* --- POST /admin/v1/endpoints/{slug}/rollback
 * ----------------------------------------------------------- */

static void put_refusal(struct buffer *out, const struct error *err, struct text report)
{
    buffer_put(out, TEXT("{\"ok\":false,\"error\":{\"code\":\"config_invalid\",\"message\":"));
    json_put_string(out, text_of(err->message));
    buffer_put(out, TEXT("},\"report\":"));
    json_put_string(out, report);
    buffer_put_byte(out, '}');
}

static void go_back(struct job *job, const struct history_entry *wanted)
{
    struct buffer out = buffer_in(&job->arena);
    struct rollback done;

    if (wanted->file_count == 0) {
        error_set(&job->error, ERROR_VERSION_NOT_FOUND, NULL,
                  "version %llu of endpoint '%.*s' was too large for its files to be kept",
                  (unsigned long long)wanted->number, TEXT_ARG(wanted->slug));
        return;
    }
    if (gateway_rollback(job->gateway, wanted, &job->act, &job->arena, &done, &job->error)) {
        version_put_rollback(&out, wanted, &done);
        give(job, buffer_text(&out));
    } else if (job->error.code == ERROR_CONFIG_INVALID) {
        put_refusal(&out, &job->error, done.report);
        give(job, buffer_text(&out));
        job->status = 422;
        job->error = (struct error){0};
    }
}

static void roll_back(struct job *job)
{
    struct store_command *command = read_version(job);

    if (job->error.code == ERROR_NONE)
        go_back(job, command->history.found);
    store_command_free(command);
}

/* {"version": 7} or {"version": "1f0c3b5a9d2e"}. */
static bool version_of(struct request *request, struct document *document, struct version_name *out)
{
    uint32_t at;

    if (!json_read(request->http.body, NULL, &request->arena, document, NULL, &request->error)) {
        request_refuse(request);
        return false;
    }
    at = document_member(document, 0, TEXT("version"));
    if (at == CELL_NONE)
        return refuse_name(request);
    if (document->cells[at].type == CELL_INTEGER && document->cells[at].integer > 0)
        out->number = (uint64_t)document->cells[at].integer;
    else if (document->cells[at].type != CELL_STRING ||
             !version_read(document_text(document, at), out))
        return refuse_name(request);
    return true;
}

void admin_roll_back(struct request *request, struct text slug)
{
    struct version_name name = {0};
    struct version_order *order;
    struct document document;
    struct job *job;

    if (!version_of(request, &document, &name))
        return;
    job = prepare(request, roll_back, slug, &order);
    order->name = (struct version_name){
        .slug = order->slug, .number = name.number, .hash = arena_copy(&job->arena, name.hash)};
    job_start(job);
}
