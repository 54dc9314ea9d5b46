/* POST /admin/v1/check: what `pinion check` says of the folder, as it is on disk or with a draft in
 * it, and what an endpoint would be then. The folder is read and nothing comes of it. */
#include "admin/admin.h"
#include "admin/draft.h"
#include "admin/order.h"
#include "config/report.h"
#include "document/json_write.h"
#include "document/utf8.h"
#include "gateway/history.h"
#include "gateway/paths.h"
#include "gateway/shared_config.h"

/* --- the answer
 * ---------------------------------------------------------------------------------- */

struct checked {
    struct job *job;
    const struct draft_order *order;
    const struct endpoint *current; /* in force; NULL: none is */
    const struct endpoint *made;    /* NULL: the folder has an error, or no such endpoint */
    struct buffer out;
};

static bool is_drafted(const struct config_draft *draft, struct text path)
{
    for (size_t i = 0; i < draft->count; i++)
        if (text_equal(draft->files[i].path, path))
            return true;
    return false;
}

static const struct history_file *in_force(const struct checked *c, struct text path)
{
    for (size_t i = 0; c->current != NULL && i < c->current->file_count; i++)
        if (text_equal(c->current->files[i].path, path))
            return &c->current->files[i];
    return NULL;
}

/* Those that cannot be read, or are no text, are left out. */
static void put_file(struct checked *c, struct text path)
{
    const struct history_file *current = in_force(c, path);
    struct arena *arena = &c->job->arena;
    struct text bytes;

    if (!config_draft_file(c->job->gateway->folder, &c->order->draft, path, arena, &bytes) ||
        utf8_valid(bytes) != bytes.len)
        return;
    if (c->out.at[c->out.len - 1] != '[')
        buffer_put_byte(&c->out, ',');
    buffer_put_byte(&c->out, '{');
    json_put_text(&c->out, "path", path);
    json_put_flag(&c->out, "draft", is_drafted(&c->order->draft, path));
    json_put_flag(&c->out, "in_force", current != NULL && text_equal(current->bytes, bytes));
    json_put_text(&c->out, "content", bytes);
    buffer_put_byte(&c->out, '}');
}

/* What the endpoint is made of in the folder, or was when that was last good; and its tests. */
static void put_files(struct checked *c)
{
    const struct endpoint *of = c->made != NULL ? c->made : c->current;
    const struct history_file *files = of->pinned ? of->folder_files : of->files;
    size_t count = of->pinned ? of->folder_file_count : of->file_count;

    json_put_name(&c->out, "files");
    buffer_put_byte(&c->out, '[');
    for (size_t i = 0; i < count && i < DRAFT_FILES_MAX; i++)
        put_file(c, files[i].path);
    put_file(c, arena_printf(&c->job->arena, "tests/%.*s.yaml", TEXT_ARG(of->slug)));
    buffer_put_byte(&c->out, ']');
}

static void put_endpoint(struct checked *c)
{
    const struct endpoint *of = c->made != NULL ? c->made : c->current;
    bool changed = c->made != NULL &&
                   (c->current == NULL || !text_equal(c->made->version, c->current->version));

    json_put_name(&c->out, "endpoint");
    if (of == NULL) {
        buffer_put(&c->out, TEXT("null"));
        return;
    }
    buffer_put_byte(&c->out, '{');
    json_put_text(&c->out, "id", of->slug);
    json_put_text(&c->out, "file", of->file);
    json_put_text_or_null(&c->out, "hash", c->made != NULL ? c->made->version : (struct text){0});
    json_put_text_or_null(&c->out, "current_hash",
                          c->current != NULL ? c->current->version : (struct text){0});
    if (c->current != NULL && *c->current->number > 0)
        json_put_count(&c->out, "current_version", *c->current->number);
    json_put_flag(&c->out, "changed", changed);
    json_put_flag(&c->out, "rolled_back", c->current != NULL && c->current->pinned);
    put_files(c);
    buffer_put_byte(&c->out, '}');
}

static void answer(struct checked *c, const struct diagnostics *diagnostics)
{
    struct buffer report = buffer_in(&c->job->arena);

    report_write(diagnostics, REPORT_JSON, false, &report);
    buffer_put(&c->out, TEXT("{\"object\":\"check\""));
    json_put_flag(&c->out, "valid", diagnostics->error_count == 0);
    json_put_name(&c->out, "report");
    buffer_put(&c->out, text_trim(buffer_text(&report)));
    put_endpoint(c);
    buffer_put_byte(&c->out, '}');
    c->job->status = 200;
    c->job->body = buffer_text(&c->out);
}

/* --- the job
 * ------------------------------------------------------------------------------------- */

static void check(struct job *job)
{
    struct checked c = {.job = job, .order = job->order, .out = buffer_in(&job->arena)};
    struct shared_config *current = gateway_hold_current(job->gateway);
    struct diagnostics diagnostics = {.arena = &job->arena};
    struct config_options options = job->gateway->config_options;
    struct config *config = NULL;

    c.current = config_endpoint(current->config, c.order->slug);
    if (history_pins(job->gateway, &options, &job->arena, &job->error)) {
        config = config_load_draft(current->config, job->gateway->folder, &c.order->draft, &options,
                                   &diagnostics);
        c.made = config != NULL ? config_endpoint(config, c.order->slug) : NULL;
        answer(&c, &diagnostics);
    }
    config_free(config);
    shared_config_release(current);
}

/* {"endpoint"?, "draft"?} */
static bool read(struct request *request, struct text *out_slug, struct config_draft *out)
{
    static const struct text names[] = {TEXT_INIT("endpoint"), TEXT_INIT("draft")};
    struct document document;

    *out_slug = (struct text){0};
    return order_read(request, names, sizeof names / sizeof *names, &document) &&
           order_text(request, &document, "/endpoint", out_slug) &&
           draft_read(request, &document, out);
}

void admin_check(struct request *request, struct text none)
{
    struct config_draft draft;
    struct text slug;
    struct job *job;

    (void)none;
    job = read(request, &slug, &draft) ? draft_job(request, slug, &draft, check) : NULL;
    if (job != NULL)
        job_start(job);
    else
        request_refuse(request);
}
