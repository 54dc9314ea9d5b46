/* Sealed secrets, on the admin listener: write-only, what comes back of a value is its last four
 * characters. */
#include "admin/admin.h"

#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "secret/memory.h"
#include "secret/vault_text.h"

static void give(struct job *job, int status, const struct buffer *out)
{
    job->status = status;
    job->body = buffer_text(out);
}

/* --- GET ---------------------------------------------------------------------------------------
 */

static void list(struct job *job)
{
    const struct vault_secret *secrets = NULL;
    struct buffer out = buffer_in(&job->arena);
    size_t count = 0;

    if (!vault_list(&job->gateway->vault, &job->arena, &secrets, &count, &job->error))
        return;
    vault_put_list(&out, secrets, count);
    give(job, 200, &out);
}

/* --- PUT ---------------------------------------------------------------------------------------
 */

static void set(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);
    struct vault_secret secret;
    struct text new_key;

    if (!vault_set(&job->gateway->vault, job->name, job->value, &job->act, &job->arena, &secret,
                   &new_key, &job->error))
        return;
    buffer_put(&out, TEXT("{\"secret\":"));
    vault_put_secret(&out, &secret);
    json_put_name(&out, "new_key");
    if (new_key.len > 0)
        json_put_string(&out, new_key);
    else
        buffer_put(&out, TEXT("null"));
    json_put_name(&out, "reload");
    job_reload(job, &out);
    buffer_put_byte(&out, '}');
    give(job, 200, &out);
}

static bool value_of(struct request *request, struct text *out)
{
    struct document document;
    uint32_t value;

    if (!json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error))
        return false;
    value = document_member(&document, 0, TEXT("value"));
    if (value == CELL_NONE || document.cells[value].type != CELL_STRING)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/value",
                         "'value' must be a string");
    *out = document_text(&document, value);
    return true;
}

/* What came in is wiped, and what was made of it by reading it; the job has the only copy. */
void admin_set_secret(struct request *request, struct text name)
{
    struct job *job = job_new(request, set);
    struct text value = {0};
    bool good = value_of(request, &value);

    job->name = arena_copy(&job->arena, name);
    job->value = secret_keep(&job->arena, value);
    secret_wipe(value);
    secret_wipe(request->http.body);
    if (good) {
        job_start(job);
        return;
    }
    job_drop(job);
    request_refuse(request);
}

/* --- DELETE, rotate ----------------------------------------------------------------------------
 */

static void delete_one(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);

    if (!vault_delete(&job->gateway->vault, job->name, &job->act, &job->error))
        return;
    buffer_put(&out, TEXT("{\"deleted\":"));
    json_put_string(&out, job->name);
    json_put_name(&out, "reload");
    job_reload(job, &out);
    buffer_put_byte(&out, '}');
    give(job, 200, &out);
}

static void rotate(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);
    struct vault_rotation rotation;

    if (!vault_rotate(&job->gateway->vault, &job->act, &job->arena, &rotation, &job->error))
        return;
    vault_put_rotation(&out, &rotation);
    give(job, 200, &out);
}

static void start_named(struct request *request, void (*run)(struct job *job), struct text name)
{
    struct job *job = job_new(request, run);

    job->name = arena_copy(&job->arena, name);
    job_start(job);
}

void admin_list_secrets(struct request *request, struct text none)
{
    start_named(request, list, none);
}

void admin_delete_secret(struct request *request, struct text name)
{
    start_named(request, delete_one, name);
}

void admin_rotate_secrets(struct request *request, struct text none)
{
    start_named(request, rotate, none);
}
