/* A draft is a configuration of its own, of one endpoint, that lives as long as the call that is
 * about it. How many there are at once is bounded, because each takes memory and a thread. */
#include "admin/draft.h"

#include "gateway/paths.h"
#include "gateway/shared_config.h"

/* --- the order
 * ----------------------------------------------------------------------------------- */

static bool refuse(struct request *request, struct text path, const char *why)
{
    struct text shown = arena_printf(&request->arena, "/draft/%.*s", TEXT_ARG(text_cut(path, 64)));

    return error_set(&request->error, ERROR_INVALID_REQUEST,
                     arena_terminated(&request->arena, shown), "%s", why);
}

static bool read_file(struct request *request, const struct document *order, uint32_t key,
                      struct history_file *out)
{
    struct text path = document_text(order, key);

    if (order->cells[key + 1].type != CELL_STRING)
        return refuse(request, path, "the text of a file must be a string");
    if (!config_draft_takes(path, &request->arena, &out->path)) {
        refuse(request, path, "a draft is of files below endpoints/, routing/, schemas/ or tests/");
        error_hint(&request->error, "what pinion.yaml says comes into force by a reload only");
        return false;
    }
    out->bytes = document_text(order, key + 1);
    return out->bytes.len <= CONFIG_DRAFT_FILE_BYTES ||
           refuse(request, path, "no file of a configuration may be larger than 1 MiB");
}

bool draft_read(struct request *request, const struct document *order, struct config_draft *out)
{
    uint32_t cell = document_member(order, 0, TEXT("draft"));
    uint32_t count = cell == CELL_NONE ? 0 : order->cells[cell].size;
    struct history_file *files;

    *out = (struct config_draft){0};
    if (cell == CELL_NONE)
        return true;
    if (order->cells[cell].type != CELL_OBJECT || count > DRAFT_FILES_MAX)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/draft",
                         "'draft' must be an object of at most %d files: their texts by path",
                         DRAFT_FILES_MAX);
    files = ARENA_ARRAY(&request->arena, struct history_file, count);
    for (uint32_t key = cell + 1; key < order->cells[cell].end;
         key = document_next(order, key + 1)) {
        if (!read_file(request, order, key, &files[out->count]))
            return false;
        out->count++;
    }
    out->files = files;
    return true;
}

/* --- the job
 * ------------------------------------------------------------------------------------- */

static void leave(void *gateway)
{
    atomic_fetch_sub(&((struct gateway *)gateway)->draft_count, 1);
}

struct job *draft_job(struct request *request, struct text slug, const struct config_draft *draft,
                      void (*run)(struct job *job))
{
    struct gateway *gateway = request->worker->gateway;
    struct draft_order *order;
    struct history_file *files;
    struct job *job;

    if (atomic_fetch_add(&gateway->draft_count, 1) >= DRAFTS_UNDER_WAY_MAX) {
        leave(gateway);
        error_set(&request->error, ERROR_OVERLOADED, NULL,
                  "%d calls about drafts and tests are under way", DRAFTS_UNDER_WAY_MAX);
        request->error.retry_after_s = 1;
        return NULL;
    }
    job = job_new(request, run);
    arena_defer(&job->arena, leave, gateway);
    order = ARENA_NEW(&job->arena, struct draft_order);
    files = ARENA_ARRAY(&job->arena, struct history_file, draft->count);
    for (size_t i = 0; i < draft->count; i++)
        files[i] = (struct history_file){.path = arena_copy(&job->arena, draft->files[i].path),
                                         .bytes = arena_copy(&job->arena, draft->files[i].bytes)};
    *order =
        (struct draft_order){.slug = arena_copy(&job->arena, slug), .draft = {files, draft->count}};
    job->order = order;
    return job;
}

/* The endpoint's own file: as it is in force, or, of a new one, as its draft is named. */
static struct text path_of(struct job *job, const struct config *current)
{
    const struct draft_order *order = job->order;
    const struct endpoint *endpoint = config_endpoint(current, order->slug);
    struct text named =
        arena_printf(&job->arena, "endpoints/%.*s.yaml", TEXT_ARG(text_first(order->slug, 64)));

    if (endpoint != NULL)
        return endpoint->file;
    for (size_t i = 0; i < order->draft.count; i++)
        if (text_equal(order->draft.files[i].path, named))
            return named;
    error_set(&job->error, ERROR_ENDPOINT_NOT_FOUND, NULL, "there is no endpoint '%.*s'",
              TEXT_ARG(text_first(order->slug, 64)));
    return (struct text){0};
}

static struct config *refuse_draft(struct job *job, const struct diagnostics *diagnostics)
{
    const struct diagnostic *first = NULL;

    for (size_t i = 0; i < diagnostics->count && first == NULL; i++)
        if (diagnostic_is_error(diagnostics->items[i].code))
            first = &diagnostics->items[i];
    error_set(&job->error, ERROR_CONFIG_INVALID,
              first == NULL ? NULL
                            : arena_printf(&job->arena, "%.*s:%u:%u", TEXT_ARG(first->file),
                                           first->range.start.line, first->range.start.column)
                                  .at,
              "the draft has %zu error%s: %.*s", diagnostics->error_count,
              diagnostics->error_count == 1 ? "" : "s, the first",
              first == NULL ? 0 : (int)text_cut(first->message, 256).len,
              first == NULL ? "" : first->message.at);
    error_hint(&job->error, "POST /admin/v1/check says all that is wrong with it");
    return NULL;
}

struct config *draft_load(struct job *job, const struct config *current,
                          const struct config_options *options)
{
    const struct draft_order *order = job->order;
    struct diagnostics diagnostics = {.arena = &job->arena};
    struct text path = path_of(job, current);
    struct config *config;

    if (path.len == 0)
        return NULL;
    config = config_load_drafted(current, path, &order->draft, options, &diagnostics);
    if (config == NULL)
        return refuse_draft(job, &diagnostics);
    if (config->endpoint_count == 1 && text_equal(config->endpoints[0].slug, order->slug)) {
        shared_config_limit(config, current);
        return config;
    }
    error_set(&job->error, ERROR_ENDPOINT_NOT_FOUND, NULL,
              "'%.*s' would no longer be that of endpoint '%.*s'", TEXT_ARG(path),
              TEXT_ARG(text_first(order->slug, 64)));
    config_free(config);
    return NULL;
}

/* --- a request of the draft
 * ---------------------------------------------------------------------- */

static void let_go(void *shared)
{
    shared_config_release(shared);
}

static void make(struct job *job)
{
    struct draft_order *order = job->order;
    struct shared_config *current = gateway_hold_current(job->gateway);
    struct config *config = draft_load(job, current->config, &job->gateway->config_options);

    if (config != NULL) {
        order->made = shared_config_new(config, job->gateway);
        arena_defer(&job->arena, let_go, order->made);
    }
    shared_config_release(current);
}

static void take(struct job *job)
{
    struct request *request = job->request;
    const struct draft_order *order = job->order;

    request->waiting = false;
    if (request->error.code == ERROR_NONE) {
        shared_config_hold(order->made);
        lease_release(request->lease);
        request->lease = lease_of(order->made);
        request->config = order->made->config;
    }
    order->then(request);
}

bool draft_start(struct request *request, struct text slug, const struct config_draft *draft,
                 void (*then)(struct request *request))
{
    struct job *job = draft_job(request, slug, draft, make);

    if (job == NULL)
        return false;
    ((struct draft_order *)job->order)->then = then;
    job->then = take;
    job_start(job);
    return true;
}
