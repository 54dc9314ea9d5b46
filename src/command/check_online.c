/* The request that a call would make is built by the provider's own dialect, so that it is
 * authenticated in the same way; then it is turned into one for the list of models. All are asked
 * at once, over the transport that calls go over, with its rules about addresses and certificates.
 */
#include "command/check_online.h"

#include "base/check.h"
#include "base/loop.h"
#include "provider/kind.h"
#include "transport/transport.h"

#include <signal.h>

enum { WAIT_MS = 10000, TURN_MS = 1000, BODY_BYTES = 8 << 20 };

struct probe {
    const struct provider *provider;
    size_t key; /* from 0 */
    struct text credential;
    struct wire_request wire;
    bool listed; /* its API has a list of models */
    int status;  /* 0: no reply */
    struct error error;
    size_t *waiting;
};

/* The path that a call's path ends in, and that of the list beside it. */
static const struct {
    struct text call, list;
} lists[] = {
    {TEXT_INIT("/chat/completions"), TEXT_INIT("/models")},
    {TEXT_INIT("/responses"), TEXT_INIT("/models")},
    {TEXT_INIT("/messages"), TEXT_INIT("/models")},
    {TEXT_INIT("/api/chat"), TEXT_INIT("/api/tags")},
    {TEXT_INIT("/v2/chat"), TEXT_INIT("/v1/models")},
};

/* Turns the path of a call into that of the list of models; false when that is not known. */
static bool list_path(struct text call, struct arena *arena, struct text *out)
{
    struct text query = text_after(call, text_find_byte(call, '?'));
    struct text path = text_first(call, call.len - query.len);
    size_t models = text_find(path, TEXT("/models/"));

    if (models < path.len) { /* .../models/NAME:generateContent */
        *out = arena_printf(arena, "%.*s/models", (int)models, path.at);
        return true;
    }
    if (text_find(path, TEXT("/deployments/")) < path.len)
        return false;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (text_ends(path, lists[i].call)) {
            *out = arena_printf(arena, "%.*s%.*s%.*s", (int)(path.len - lists[i].call.len), path.at,
                                TEXT_ARG(lists[i].list), TEXT_ARG(query));
            return true;
        }
    return false;
}

static void prepare(struct probe *probe, struct arena *arena)
{
    struct chat_message *message = ARENA_NEW(arena, struct chat_message);
    struct chat *chat = ARENA_NEW(arena, struct chat);
    const struct provider *provider = probe->provider;
    const struct dialect *dialect = provider->api != NULL ? provider->api : provider->dialect;

    chat->model = TEXT("model");
    *message = (struct chat_message){.role = CHAT_USER, .text = TEXT("-")};
    chat->messages = message;
    chat->message_count = 1;
    dialect->request(chat, provider, probe->credential, arena, &probe->wire);
    probe->listed = list_path(probe->wire.path, arena, &probe->wire.path);
    probe->wire.method = TEXT("GET");
    probe->wire.body = (struct text){0};
}

static void on_head(void *context, const struct http_head *head)
{
    ((struct probe *)context)->status = head->status;
}

static void on_body(__attribute__((unused)) void *context,
                    __attribute__((unused)) struct text piece)
{
}

static void on_done(void *context, const struct error *err,
                    __attribute__((unused)) const struct exchange_facts *facts)
{
    struct probe *probe = context;

    if (err->code != ERROR_NONE && probe->status == 0)
        probe->error = *err;
    --*probe->waiting;
}

static const struct exchange_events events = {on_head, on_body, on_done};

static void ask_all(struct probe *probes, size_t count)
{
    const struct transport_options options = {.body_bytes = BODY_BYTES};
    struct loop *loop = loop_open();
    struct transport *transport;
    size_t waiting = count;

    if (loop == NULL) {
        for (size_t i = 0; i < count; i++)
            error_set(&probes[i].error, ERROR_UPSTREAM_UNREACHABLE, NULL,
                      "the system refuses descriptors");
        return;
    }
    signal(SIGPIPE, SIG_IGN);
    transport = transport_open(loop, &options);
    for (size_t i = 0; i < count; i++) {
        const struct exchange_options how = {.provider = probes[i].provider,
                                             .key = probes[i].credential,
                                             .wire = &probes[i].wire,
                                             .times = {WAIT_MS, WAIT_MS, WAIT_MS},
                                             .events = &events,
                                             .context = &probes[i]};

        probes[i].waiting = &waiting;
        exchange_start(transport, &how);
    }
    while (waiting > 0)
        loop_turn(loop, TURN_MS);
    transport_close(transport);
    loop_close(loop);
}

/* A probe for each key, and one of a provider without any. */
static size_t make_probes(const struct config *config, struct arena *arena, struct probe **out)
{
    size_t count = 0, most = 0;

    for (size_t i = 0; i < config->provider_count; i++)
        most += config->providers[i].key_count + 1;
    *out = ARENA_ARRAY(arena, struct probe, most);
    for (size_t i = 0; i < config->provider_count; i++) {
        const struct provider *provider = &config->providers[i];
        size_t keys = provider->key_count > 0 ? provider->key_count : 1;

        for (size_t key = 0; !provider->dialect->local && key < keys; key++) {
            struct probe *probe = &(*out)[count++];

            *probe = (struct probe){.provider = provider, .key = key};
            if (provider->key_count > 0)
                probe->credential = provider->keys[key];
            prepare(probe, arena);
        }
    }
    return count;
}

/* Says what came of it; gives the exit code of it alone. */
static int tell(const struct probe *probe)
{
    const struct provider *provider = probe->provider;

    fprintf(stderr, "%.*s", TEXT_ARG(provider->name));
    if (provider->key_count > 1)
        fprintf(stderr, ", key %zu of %zu", probe->key + 1, provider->key_count);
    if (probe->status == 0) {
        fprintf(stderr, ": not reached: %s\n", probe->error.message);
        return EXIT_UNREACHABLE;
    }
    if (probe->status == 401 || probe->status == 403) {
        fprintf(stderr, ": reached, but the credential is refused (HTTP %d)\n", probe->status);
        return EXIT_PERMISSION;
    }
    if (probe->status == 200 && probe->listed) {
        fprintf(stderr, ": reached%s\n",
                provider->key_count > 0 ? ", and the credential is taken" : "");
        return EXIT_DONE;
    }
    fprintf(stderr, ": reached; it has no list of models to try the credential by (HTTP %d)\n",
            probe->status);
    return EXIT_DONE;
}

int check_online(const struct command_line *line, const struct config *config)
{
    struct probe *probes;
    size_t count = make_probes(config, line->arena, &probes);
    int code = EXIT_DONE;

    if (count == 0 && !option_on(line, "quiet"))
        fprintf(stderr, "there is no provider to be reached; 'demo' is built in\n");
    ask_all(probes, count);
    for (size_t i = 0; i < count; i++) {
        int one = tell(&probes[i]);

        if (one == EXIT_PERMISSION || code == EXIT_DONE)
            code = one;
    }
    return code;
}
