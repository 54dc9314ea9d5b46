/* Sealed secrets, on the admin listener: write-only, what comes back of a value is its last four
 * characters. */
#include "admin/admin.h"

#include "admin/list.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "gateway/shared_config.h"
#include "secret/memory.h"
#include "secret/vault_text.h"

static void give(struct job *job, int status, const struct buffer *out)
{
    job->status = status;
    job->body = buffer_text(out);
}

/* --- GET ---------------------------------------------------------------------------------------
 */

static void let_go(void *thing)
{
    shared_config_release(thing);
}

/* Whether one of its keys is that secret. */
static bool has_key(const struct provider *provider, struct text name, struct arena *arena)
{
    struct text reference = arena_printf(arena, "${secret:%.*s}", TEXT_ARG(name));

    for (size_t i = 0; i < provider->key_count; i++)
        if (text_equal(provider->key_names[i], reference))
            return true;
    return false;
}

/* What the configuration in force does with it: `in_use` also where that is no provider's key. */
static void put_uses(struct buffer *out, const struct config *config, struct text name,
                     struct arena *arena)
{
    const struct opened_secret *opened = config->opened;
    bool first = true;

    while (opened != NULL && !text_equal(opened->name, name))
        opened = opened->next;
    json_put_flag(out, "in_use", opened != NULL);
    json_put_name(out, "providers");
    buffer_put_byte(out, '[');
    for (size_t i = 0; i < config->provider_count; i++) {
        if (!has_key(&config->providers[i], name, arena))
            continue;
        if (!first)
            buffer_put_byte(out, ',');
        json_put_string(out, config->providers[i].name);
        first = false;
    }
    buffer_put_byte(out, ']');
}

static void list(struct job *job)
{
    const struct shared_config *shared = job->order;
    const struct vault_secret *secrets = NULL;
    struct admin_list rows;
    size_t count = 0;

    if (!vault_list(&job->gateway->vault, &job->arena, &secrets, &count, &job->error))
        return;
    admin_list_begin(&rows, &job->arena);
    for (size_t i = 0; i < count; i++) {
        struct buffer *out = admin_list_add(&rows, secrets[i].name);

        buffer_put_byte(out, '{');
        vault_put_members(out, &secrets[i]);
        put_uses(out, shared->config, secrets[i].name, &job->arena);
        buffer_put_byte(out, '}');
    }
    job->status = 200;
    job->body = admin_list_end(&rows, false);
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
    struct job *job = job_new(request, list);

    (void)none;
    job->order = request->lease->shared;
    shared_config_hold(job->order);
    arena_defer(&job->arena, let_go, job->order);
    job_start(job);
}

void admin_delete_secret(struct request *request, struct text name)
{
    start_named(request, delete_one, name);
}

void admin_rotate_secrets(struct request *request, struct text none)
{
    start_named(request, rotate, none);
}
