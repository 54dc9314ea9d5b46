/* POST /admin/v1/endpoints/{slug}/tests: a test is written into tests/SLUG.yaml of the folder, if
 * it loads there. It is the one file of the folder that the admin API writes. */
#include "admin/admin.h"
#include "admin/audit.h"
#include "admin/draft.h"
#include "admin/order.h"
#include "base/author_file.h"
#include "config/test_append.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/paths.h"
#include "gateway/shared_config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the file
 * ------------------------------------------------------------------------------------ */

static bool unwritable(struct job *job, struct text path, const char *why)
{
    error_set(&job->error, ERROR_FILE_UNREADABLE, NULL, "%.*s cannot be written: %s",
              TEXT_ARG(path), why);
    error_hint(&job->error, "add the test by hand, where the folder comes from");
    return false;
}

/* The folder of tests is the configuration folder's own, and no way out of it. */
static bool folder_is_own(struct job *job, struct text path)
{
    const char *below = arena_printf(&job->arena, "%.*s/tests", TEXT_ARG(job->gateway->folder)).at;
    char real[PATH_MAX], root[PATH_MAX];

    if (mkdir(below, 0777) != 0 && errno != EEXIST)
        return unwritable(job, path, strerrordesc_np(errno));
    if (realpath(arena_terminated(&job->arena, job->gateway->folder), root) == NULL ||
        realpath(below, real) == NULL)
        return unwritable(job, path, strerrordesc_np(errno));
    return strcmp(real, arena_printf(&job->arena, "%s/tests", root).at) == 0 ||
           unwritable(job, path, "the folder 'tests' leads elsewhere");
}

/* Its bytes, or none where there is none; not what a link leads to. */
static bool read_file(struct job *job, struct text path, struct text *out)
{
    static const struct config_draft none;
    const char *file =
        arena_printf(&job->arena, "%.*s/%.*s", TEXT_ARG(job->gateway->folder), TEXT_ARG(path)).at;
    struct stat state;

    *out = (struct text){0};
    if (lstat(file, &state) != 0)
        return errno == ENOENT || unwritable(job, path, strerrordesc_np(errno));
    return (S_ISREG(state.st_mode) &&
            config_draft_file(job->gateway->folder, &none, path, &job->arena, out)) ||
           unwritable(job, path, "it is not a regular file that can be read");
}

/* Whether the folder is good with it, as far as the endpoint goes. */
static bool loads(struct job *job, struct text path, struct text bytes)
{
    struct draft_order *order = job->order;
    struct history_file *file = ARENA_NEW(&job->arena, struct history_file);
    struct shared_config *current = gateway_hold_current(job->gateway);
    struct config_options options = job->gateway->config_options;
    struct config *config;

    *file = (struct history_file){.path = path, .bytes = bytes};
    order->draft = (struct config_draft){file, 1};
    options.offline = true;
    options.vault = NULL;
    config = draft_load(job, current->config, &options);
    config_free(config);
    shared_config_release(current);
    return config != NULL;
}

static bool save(struct job *job, const struct document *test)
{
    const struct draft_order *order = job->order;
    struct text path =
        arena_printf(&job->arena, "tests/%.*s.yaml", TEXT_ARG(text_first(order->slug, 64)));
    struct text file =
        arena_printf(&job->arena, "%.*s/%.*s", TEXT_ARG(job->gateway->folder), TEXT_ARG(path));
    struct text old, new;

    return folder_is_own(job, path) && read_file(job, path, &old) &&
           test_append(old, path, test, 0, &job->arena, &new, &job->error) &&
           loads(job, path, new) && author_file_replace(file, new, &job->arena, &job->error);
}

/* --- the call
 * ------------------------------------------------------------------------------------ */

static void answer(struct job *job, const struct document *test)
{
    const struct draft_order *order = job->order;
    struct buffer out = buffer_in(&job->arena);

    buffer_put(&out, TEXT("{\"ok\":true,\"object\":\"test\""));
    json_put_text(&out, "endpoint", order->slug);
    json_put_text(&out, "name", document_text(test, document_member(test, 0, TEXT("name"))));
    json_put_text(&out, "file",
                  arena_printf(&job->arena, "tests/%.*s.yaml", TEXT_ARG(order->slug)));
    buffer_put_byte(&out, '}');
    job->status = 201;
    job->body = buffer_text(&out);
}

static void run(struct job *job)
{
    struct document test;
    bool good;

    if (!json_read(job->value, NULL, &job->arena, &test, NULL, &job->error))
        return;
    pthread_mutex_lock(
        &job->gateway->reload_lock); /* one writer at a time, and no reader between */
    good = save(job, &test);
    pthread_mutex_unlock(&job->gateway->reload_lock);
    if (good)
        answer(job, &test);
}

/* The slug is one that is in force, so that it names a file. */
static void start(struct request *request, struct text slug)
{
    static const struct config_draft none;
    struct job *job;

    job = draft_job(request, slug, &none, run);
    if (job == NULL) {
        request_refuse(request);
        return;
    }
    job->value = arena_copy(&job->arena, *(const struct text *)request->aside);
    job_start(job);
}

static bool read_order(struct request *request, struct text slug, struct text *out_test)
{
    static const struct text names[] = {TEXT_INIT("test")};
    struct buffer out = buffer_in(&request->arena);
    struct document document;
    uint32_t cell, name;

    if (!order_read(request, names, sizeof names / sizeof *names, &document))
        return false;
    cell = document_member(&document, 0, TEXT("test"));
    if (cell == CELL_NONE || document.cells[cell].type != CELL_OBJECT)
        return order_refuse(request, "/test", "an object: name, input and assert");
    name = document_member(&document, cell, TEXT("name"));
    if (name == CELL_NONE || document.cells[name].type != CELL_STRING)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/test/name",
                         "'name' must be a string");
    if (config_endpoint(request->config, slug) == NULL)
        return error_set(&request->error, ERROR_ENDPOINT_NOT_FOUND, NULL,
                         "there is no endpoint '%.*s'", TEXT_ARG(text_first(slug, 64)));
    json_put_cell(&out, &document, cell);
    *out_test = buffer_text(&out);
    return true;
}

void admin_save_test(struct request *request, struct text slug)
{
    struct text *test = ARENA_NEW(&request->arena, struct text);

    request->aside = test;
    if (read_order(request, slug, test))
        admin_record(request, AUDIT_TEST_SAVE, slug, start);
    else
        request_refuse(request);
}
