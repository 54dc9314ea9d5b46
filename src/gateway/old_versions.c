/* An entry is one version under way or ready, in a list with those used last in front. Requests
 * that wait hang on it, each by a piece on the heap that outlives a request which leaves; whoever
 * makes the entry answers all of them through their loops. Everything is under one lock, which is
 * never held while something is made. */
#include "gateway/old_versions.h"
#include "gateway/old_version_make.h"

#include "base/check.h"
#include "gateway/shared_config.h"
#include "gateway/stages.h"
#include "schema/schema.h"

#include <stdlib.h>

struct old_version {
    struct old_version *next;
    char slug[HISTORY_SLUG_BYTES_MAX + 1], hash[HISTORY_HASH_CHARS + 1]; /* as it was asked for */
    uint64_t number;                                                     /* likewise */
    uint64_t generation;          /* of the configuration whose settings it has */
    struct shared_config *shared; /* NULL: under way, or there is none */
    bool made;
    struct error error; /* why there is none */
    struct version_wait *waiting;
};

struct old_versions {
    struct gateway *gateway;
    pthread_mutex_t lock;
    struct old_version *first;
    size_t count, waiting;
    bool busy; /* a thread is at work */
};

/* On the heap, because it outlives a request that leaves. */
struct version_wait {
    struct loop_task task;
    struct version_wait *next;
    struct worker *worker;
    struct request *request; /* NULL: it has left; only its loop's thread looks */
    void (*then)(struct request *request);
    struct shared_config *shared; /* the answer, with a holder; or */
    struct error error;
};

struct old_versions *old_versions_new(struct gateway *gateway)
{
    struct old_versions *versions = calloc(1, sizeof *versions);

    CHECK(versions != NULL && pthread_mutex_init(&versions->lock, NULL) == 0);
    versions->gateway = gateway;
    return versions;
}

static void free_entry(struct old_version *entry)
{
    CHECK(entry->waiting == NULL);
    if (entry->shared != NULL)
        shared_config_release(entry->shared);
    free(entry);
}

void old_versions_free(struct old_versions *versions)
{
    if (versions == NULL)
        return;
    while (versions->first != NULL) {
        struct old_version *entry = versions->first;

        versions->first = entry->next;
        free_entry(entry);
    }
    pthread_mutex_destroy(&versions->lock);
    free(versions);
}

/* --- entries, under the lock
 * ---------------------------------------------------------------------------- */

static bool is_entry_of(const struct old_version *entry, const struct version_name *name)
{
    return text_equal(text_of(entry->slug), name->slug) && entry->number == name->number &&
           text_equal(text_of(entry->hash), name->hash);
}

/* Lets go of what is ready and of another configuration, or the one used longest ago. */
static void drop_old(struct old_versions *versions, uint64_t generation)
{
    struct old_version **at = &versions->first, *last = NULL, *entry;

    while ((entry = *at) != NULL) {
        if (entry->made && entry->generation != generation) {
            *at = entry->next;
            versions->count--;
            free_entry(entry);
        } else {
            last = entry->made ? entry : last;
            at = &entry->next;
        }
    }
    if (versions->count < OLD_VERSIONS_KEPT || last == NULL)
        return;
    for (at = &versions->first; *at != last; at = &(*at)->next)
        ;
    *at = last->next;
    versions->count--;
    free_entry(last);
}

/* The entry or NULL. One that is ready is in front then; others are made in their order. */
static struct old_version *find(struct old_versions *versions, const struct version_name *name,
                                uint64_t generation)
{
    for (struct old_version **at = &versions->first; *at != NULL; at = &(*at)->next) {
        struct old_version *entry = *at;

        if (!is_entry_of(entry, name) || entry->generation != generation)
            continue;
        if (!entry->made)
            return entry;
        *at = entry->next;
        entry->next = versions->first;
        versions->first = entry;
        return entry;
    }
    return NULL;
}

static struct old_version *add(struct old_versions *versions, const struct version_name *name,
                               uint64_t generation)
{
    struct old_version *entry;

    drop_old(versions, generation);
    if (versions->count >= OLD_VERSIONS_KEPT)
        return NULL; /* all of them are under way */
    entry = calloc(1, sizeof *entry);
    CHECK(entry != NULL && name->slug.len < sizeof entry->slug &&
          name->hash.len < sizeof entry->hash);
    memcpy(entry->slug, name->slug.at, name->slug.len);
    if (name->hash.len > 0)
        memcpy(entry->hash, name->hash.at, name->hash.len);
    entry->number = name->number;
    entry->generation = generation;
    entry->next = versions->first;
    versions->first = entry;
    versions->count++;
    return entry;
}

/* --- making
 * -------------------------------------------------------------------------------------------------
 */

static void take(struct request *request, struct shared_config *shared);

/* In the loop of the one who waits. */
static void answered(struct loop_task *task)
{
    struct version_wait *wait = (struct version_wait *)task;
    struct request *request = wait->request;

    wait->worker->commands--;
    if (request == NULL) {
        if (wait->shared != NULL)
            shared_config_release(wait->shared);
        free(wait);
        return;
    }
    request->version_wait = NULL;
    request->times.store_us += request_waited_us(request);
    if (wait->shared != NULL)
        take(request, wait->shared);
    else
        request->error = wait->error;
    if (request->error.code == ERROR_NONE)
        wait->then(request);
    free(wait);
    pipeline_resume(request);
}

/* All who wait are answered at once. What may fare better next time is not kept. Under the lock. */
static void finish(struct old_versions *versions, struct old_version *entry,
                   struct shared_config *shared, const struct error *err)
{
    entry->shared = shared;
    entry->error = *err;
    entry->made = true;
    if (err->code != ERROR_NONE && err->code != ERROR_VERSION_NOT_FOUND)
        entry->generation = UINT64_MAX;
    while (entry->waiting != NULL) {
        struct version_wait *wait = entry->waiting;

        entry->waiting = wait->next;
        versions->waiting--;
        wait->error = *err;
        if (shared != NULL) {
            shared_config_hold(shared);
            wait->shared = shared;
        }
        wait->task.run = answered;
        loop_post(wait->worker->loop, &wait->task);
    }
}

/* The one that has waited longest; under the lock. */
static struct old_version *next_to_make(struct old_versions *versions)
{
    struct old_version *oldest = NULL;

    for (struct old_version *entry = versions->first; entry != NULL; entry = entry->next)
        oldest = entry->made ? oldest : entry;
    return oldest;
}

static void *run(void *thing)
{
    struct old_versions *versions = thing;
    struct gateway *gateway = versions->gateway;
    struct old_version *entry;

    pthread_mutex_lock(&versions->lock);
    while ((entry = next_to_make(versions)) != NULL) {
        const struct version_name name = {text_of(entry->slug), entry->number,
                                          text_of(entry->hash)};
        struct shared_config *current, *shared;
        struct error err = {0};

        pthread_mutex_unlock(&versions->lock);
        current = gateway_hold_current(gateway);
        shared = old_version_make(gateway, current->config, &name, &err);
        shared_config_release(current);
        pthread_mutex_lock(&versions->lock);
        finish(versions, entry, shared, &err);
    }
    versions->busy = false;
    pthread_mutex_unlock(&versions->lock);
    gateway_job_end(gateway);
    return NULL;
}

/* Under the lock; the thread takes it next. */
static bool set_to_work(struct old_versions *versions)
{
    pthread_attr_t detached;
    pthread_t thread;
    bool good;

    if (versions->busy)
        return true;
    gateway_job_begin(versions->gateway);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&detached, SCHEMA_STACK_BYTES);
    good = pthread_create(&thread, &detached, run, versions) == 0;
    pthread_attr_destroy(&detached);
    if (!good)
        gateway_job_end(versions->gateway);
    versions->busy = good;
    return good;
}

/* --- requests
 * -----------------------------------------------------------------------------------------------
 */

/* Takes the holder. What the request has of its old configuration is found again in this one. */
static void take(struct request *request, struct shared_config *shared)
{
    lease_release(request->lease);
    request->lease = lease_of(shared);
    request->config = shared->config;
    request->endpoint = &shared->config->endpoints[0];
    request->project = config_project(request->config, request->token->project);
    if (request->project == NULL)
        error_set(&request->error, ERROR_SCOPE_DENIED, NULL,
                  "this token's project '%.*s' is no longer configured",
                  TEXT_ARG(request->token->project));
}

static enum verdict refuse_overload(struct request *request)
{
    error_set(&request->error, ERROR_OVERLOADED, NULL,
              "too many calls wait for versions of endpoints that are not in force");
    request->error.retry_after_s = 1;
    return FAIL;
}

/* Under the lock. */
static enum verdict wait_for(struct old_versions *versions, struct old_version *entry,
                             struct request *request, void (*then)(struct request *request))
{
    struct version_wait *wait = calloc(1, sizeof *wait);

    CHECK(wait != NULL && request->version_wait == NULL);
    *wait = (struct version_wait){
        .next = entry->waiting, .worker = request->worker, .request = request, .then = then};
    entry->waiting = wait;
    versions->waiting++;
    request->version_wait = wait;
    request->worker->commands++;
    request_waits(request);
    return WAIT;
}

static enum verdict enter(struct old_versions *versions, struct request *request,
                          const struct version_name *name, void (*then)(struct request *request))
{
    uint64_t generation = request->lease->shared->generation;
    struct old_version *entry = find(versions, name, generation);

    if (entry != NULL && entry->made) {
        request->error = entry->error;
        if (entry->shared != NULL) {
            shared_config_hold(entry->shared);
            take(request, entry->shared);
        }
        if (request->error.code != ERROR_NONE)
            return FAIL;
        then(request);
        return request->error.code == ERROR_NONE ? NEXT : FAIL;
    }
    if (versions->waiting >= OLD_VERSIONS_WAITING)
        return refuse_overload(request);
    if (entry == NULL)
        entry = add(versions, name, generation);
    if (entry == NULL || !set_to_work(versions))
        return refuse_overload(request);
    return wait_for(versions, entry, request, then);
}

enum verdict old_version_take(struct request *request, const struct version_name *name,
                              void (*then)(struct request *request))
{
    struct old_versions *versions = request->worker->gateway->old_versions;
    enum verdict verdict;

    pthread_mutex_lock(&versions->lock);
    verdict = enter(versions, request, name, then);
    pthread_mutex_unlock(&versions->lock);
    return verdict;
}

void old_version_forget(struct request *request)
{
    if (request->version_wait == NULL)
        return;
    request->version_wait->request = NULL;
    request->version_wait = NULL;
}
