/* The store is a folder of temporary files that have lost their names by the time the first call is
 * made: however the process ends, nothing of it is left. */
#include "trial/trial.h"

#include "auth/token_issue.h"
#include "base/check.h"
#include "base/clock.h"
#include "gateway/request_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TURN_MS = 1000 };

/* What the pipeline answers, kept. */
struct listener {
    struct http_client client; /* first */
    struct trial_reply reply;
    struct buffer body;
};

struct trial {
    struct gateway gateway;
    struct worker worker;
    struct arena arena;
    struct text bearer;      /* "Bearer pin_..." */
    struct request *request; /* under way, or looked at; NULL: none */
    struct listener listener;
    struct http_header *headers;
};

/* --- the client ----------------------------------------------------------------------------------
 */

static void take_reply(struct http_client *client, const struct http_reply *reply)
{
    struct listener *listener = (struct listener *)client;

    listener->reply.status = reply->status;
    listener->reply.headers = reply->headers;
    listener->reply.header_count = reply->header_count;
    buffer_put(&listener->body, reply->body);
}

static void take_begin(struct http_client *client, const struct http_reply *head)
{
    take_reply(client, head);
    ((struct listener *)client)->reply.streamed = true;
}

/* It reads as fast as it is written to. */
static size_t take_piece(struct http_client *client, struct text piece)
{
    buffer_put(&((struct listener *)client)->body, piece);
    return 0;
}

static void take_end(struct http_client *client, bool broken)
{
    ((struct listener *)client)->reply.broken = broken;
}

static const struct http_client_ops listens = {take_reply, take_begin, take_piece, take_end};

/* --- the store -----------------------------------------------------------------------------------
 */

static bool make_folder(struct trial *trial, struct text scratch, char **out_path,
                        struct error *err)
{
    const char *parent =
        scratch.len > 0 ? arena_terminated(&trial->arena, scratch) : getenv("TMPDIR");

    if (parent == NULL || parent[0] == '\0')
        parent = "/tmp";
    *out_path = (char *)(uintptr_t)arena_printf(&trial->arena, "%s/pinion-trial-XXXXXX", parent).at;
    if (mkdtemp(*out_path) != NULL)
        return true;
    error_set(err, ERROR_STORAGE_ERROR, NULL, "no temporary folder can be made in '%s': %s", parent,
              strerror(errno));
    error_hint(err, "name one that can be written to in the variable TMPDIR");
    return false;
}

/* Its files live on for as long as they are open. */
static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL)
        closedir(folder);
    (void)rmdir(path);
}

/* --- the caller ----------------------------------------------------------------------------------
 */

static struct store_command *order_caller(struct trial *trial, const struct trial_options *options,
                                          char secret[TOKEN_CHARS], struct error *err)
{
    static const struct text all[] = {TEXT_INIT("*")};
    struct token_record order = {TOKEN_DEFAULTS, .name = TEXT("trial"), .scopes = all,
                                 .scope_count = 1, .test = true};

    if (options->caller != NULL)
        order = *options->caller;
    order.verbs |= options->caller == NULL ? VERBS_ALL : 0;
    order.kind = TOKEN_CALL;
    order.address_count = 0;
    order.deployment = (struct text){0};
    return token_issue(&trial->gateway.token_key, &order,
                       options->at_ms > 0 ? options->at_ms : clock_wall_ms(), secret, err);
}

static bool admit_caller(struct trial *trial, const struct trial_options *options,
                         struct error *err)
{
    char secret[TOKEN_CHARS];
    struct store_command *command = order_caller(trial, options, secret, err);

    if (command == NULL)
        return false;
    command->token.id = options->caller != NULL && options->caller->id.len > 0
                            ? arena_copy(&command->arena, options->caller->id)
                            : TEXT(TOKEN_ANYBODY);
    store_wait(trial->gateway.store, command);
    *err = command->error;
    if (err->code == ERROR_NONE)
        token_table_put(trial->gateway.tokens, &command->token);
    store_command_free(command);
    trial->bearer = arena_printf(&trial->arena, "Bearer %.*s", TOKEN_CHARS, secret);
    return err->code == ERROR_NONE;
}

/* --- opening and closing -------------------------------------------------------------------------
 */

static bool open_gateway(struct trial *trial, struct config *config,
                         const struct trial_options *options, struct error *err)
{
    char *folder;
    bool good;

    if (!make_folder(trial, options->scratch, &folder, err))
        return false;
    good = gateway_open(&trial->gateway,
                        &(struct gateway_options){.folder = config->folder,
                                                  .store = text_of(folder),
                                                  .transport = options->transport,
                                                  .at_ms = options->at_ms,
                                                  .alone = true,
                                                  .config_lent = true},
                        config, err);
    remove_folder(folder);
    return good;
}

struct trial *trial_open(struct config *config, const struct trial_options *options,
                         struct error *err)
{
    struct trial *trial = calloc(1, sizeof *trial);

    CHECK(trial != NULL);
    if (!open_gateway(trial, config, options, err)) {
        arena_release(&trial->arena);
        free(trial);
        return NULL;
    }
    if (!worker_open(&trial->worker, &trial->gateway, 0, err)) {
        gateway_close(&trial->gateway);
        arena_release(&trial->arena);
        free(trial);
        return NULL;
    }
    if (admit_caller(trial, options, err))
        return trial;
    trial_close(trial);
    return NULL;
}

void trial_close(struct trial *trial)
{
    if (trial == NULL)
        return;
    CHECK(trial->request == NULL);
    worker_close(&trial->worker);
    gateway_close(&trial->gateway);
    buffer_release(&trial->listener.body);
    arena_release(&trial->arena);
    free(trial);
}

/* --- a call --------------------------------------------------------------------------------------
 */

static struct http_request request_from(struct trial *trial, const struct trial_call *call)
{
    struct arena *arena = &trial->arena;
    struct http_header *headers = ARENA_ARRAY(arena, struct http_header, call->header_count + 1);

    headers[0] = (struct http_header){TEXT("authorization"), trial->bearer};
    for (size_t i = 0; i < call->header_count; i++)
        headers[i + 1] = call->headers[i];
    return (struct http_request){
        .method = TEXT("POST"),
        .path = arena_printf(arena, "/%.*s", TEXT_ARG(call->slug)),
        .headers = headers,
        .header_count = call->header_count + 1,
        .body = call->body,
        .started_us = clock_monotonic_us(),
    };
}

struct request *trial_call(struct trial *trial, const struct trial_call *call,
                           struct trial_reply *out)
{
    struct listener *listener = &trial->listener;
    struct http_request http = request_from(trial, call);

    CHECK(trial->request == NULL);
    listener->client.ops = &listens;
    listener->reply = (struct trial_reply){0};
    listener->body.len = 0;
    trial->worker.rest_after = call->until;
    trial->worker.explains = call->explains;
    trial->request = request_start(&trial->worker, &http, &listener->client);
    while (!trial->request->finished && !trial->request->rests)
        loop_turn(trial->worker.loop, TURN_MS);
    *out = listener->reply;
    out->body = buffer_text(&listener->body);
    return trial->request;
}

void trial_end(struct trial *trial)
{
    request_drained(trial->request);
    request_free(trial->request);
    trial->request = NULL;
}
