/* Backups, on the admin listener. Each call reads or writes as much as the store holds, in a thread
 * of its own. */
#include "admin/admin.h"

#include "admin/audit.h"
#include "document/json_read.h"
#include "document/json_write.h"
#include "gateway/audit_trail.h"
#include "gateway/job.h"
#include "gateway/paths.h"
#include "store/backup.h"

static void give(struct job *job, int status, const struct backup *backup)
{
    struct buffer out = buffer_in(&job->arena);

    backup_put(&out, backup);
    job->status = status;
    job->body = buffer_text(&out);
}

/* It was recorded before it was to be done; that it was not is recorded, too. */
static void fail(struct job *job, enum audit_action action)
{
    struct audit_event act = job->act;

    act.action = action;
    act.object = job->name;
    act.outcome = text_of(error_row(job->error.code)->word);
    audit_trail_append(job->gateway, &act);
}

static struct text folder_of(struct job *job)
{
    return arena_printf(&job->arena, "%.*s/%.*s", TEXT_ARG(job->gateway->backups),
                        TEXT_ARG(job->name));
}

static void take(struct job *job)
{
    struct gateway *gateway = job->gateway;
    struct backup backup;

    if (backup_take(gateway->store, gateway->store_folder, gateway->backups, job->name, &job->arena,
                    &backup, &job->error))
        give(job, 201, &backup);
    else
        fail(job, AUDIT_BACKUP_CREATE);
}

static void verify(struct job *job)
{
    struct backup backup;

    if (backup_verify(folder_of(job), &job->arena, &backup, &job->error))
        give(job, 200, &backup);
}

static void delete_one(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);

    if (!backup_delete(job->gateway->backups, job->name, &job->error)) {
        fail(job, AUDIT_BACKUP_DELETE);
        return;
    }
    buffer_put(&out, TEXT("{\"deleted\":"));
    json_put_string(&out, job->name);
    buffer_put_byte(&out, '}');
    job->status = 200;
    job->body = buffer_text(&out);
}

static void list(struct job *job)
{
    struct buffer out = buffer_in(&job->arena);

    if (!backup_put_list(&out, job->gateway->backups, &job->arena, &job->error))
        return;
    job->status = 200;
    job->body = buffer_text(&out);
}

/* The name that is asked for; without a body or a name, one that says when. */
static bool name_of(struct request *request, struct text *out)
{
    struct document document;
    uint32_t name = CELL_NONE;

    if (request->http.body.len > 0) {
        if (!json_read(request->http.body, NULL, &request->arena, &document, NULL, &request->error))
            return false;
        name = document_member(&document, 0, TEXT("name"));
    }
    if (name == CELL_NONE)
        *out = backup_name_of(request->wall_ms, &request->arena);
    else if (document.cells[name].type != CELL_STRING)
        return error_set(&request->error, ERROR_INVALID_REQUEST, "/name",
                         "'name' must be a string");
    else
        *out = document_text(&document, name);
    return true;
}

static void start(struct request *request, void (*run)(struct job *job), struct text name)
{
    struct job *job = job_new(request, run);

    job->name = arena_copy(&job->arena, name);
    job_start(job);
}

static void start_taking(struct request *request, struct text name)
{
    start(request, take, name);
}

void admin_take_backup(struct request *request, struct text none)
{
    (void)none;
    if (name_of(request, &none) && backup_name_check(none, &request->error))
        admin_record(request, AUDIT_BACKUP_CREATE, none, start_taking);
    else
        request_refuse(request);
}

void admin_list_backups(struct request *request, struct text none)
{
    start(request, list, none);
}

/* A path is made of the name: one that is none of ours has nothing to be found there. */
static bool may_be(struct request *request, struct text name)
{
    if (backup_name_valid(name))
        return true;
    error_set(&request->error, ERROR_BACKUP_NOT_FOUND, NULL, "there is no such backup");
    request_refuse(request);
    return false;
}

void admin_verify_backup(struct request *request, struct text name)
{
    if (may_be(request, name))
        start(request, verify, name);
}

static void start_deleting(struct request *request, struct text name)
{
    start(request, delete_one, name);
}

void admin_delete_backup(struct request *request, struct text name)
{
    if (may_be(request, name))
        admin_record(request, AUDIT_BACKUP_DELETE, name, start_deleting);
}
