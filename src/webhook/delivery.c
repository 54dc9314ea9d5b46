#include "webhook/courier.h"

#include "base/clock.h"
#include "base/id.h"
#include "document/json_write.h"
#include "transport/fetch.h"
#include "webhook/signature.h"

enum { ATTEMPT_MS = 10000, ANSWER_BYTES_MAX = 1 << 20 };

struct text delivery_body(struct arena *arena, struct text id, const char *type, int64_t wall_ms,
                          struct text data)
{
    char created[CLOCK_RFC3339_BYTES];
    struct buffer out = buffer_in(arena);

    buffer_put_byte(&out, '{');
    json_put_text(&out, "id", id);
    json_put_text(&out, "type", text_of(type));
    json_put_text(&out, "created", clock_rfc3339(wall_ms, created));
    json_put_name(&out, "data");
    buffer_put(&out, data);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

static const char *signature_field(const struct delivery *delivery, struct arena *arena)
{
    const struct webhook *webhook = delivery->webhook;
    struct buffer out = buffer_in(arena);

    buffer_put(&out, TEXT("Pinion-Signature: "));
    signature_put(&out, webhook->secrets, webhook->secret_count, clock_wall_ms() / 1000,
                  delivery->body);
    return arena_terminated(arena, buffer_text(&out));
}

static void read_answer(const struct fetch_reply *reply, struct arena *arena,
                        struct webhook_answer *out)
{
    out->status = reply->status;
    out->taken = reply->status >= 200 && reply->status < 300;
    if (out->taken)
        return;
    out->asked_ms = fetch_asked_ms(reply, clock_wall_ms());
    out->reason = arena_printf(
        arena, "status %d%s", reply->status,
        reply->status >= 300 && reply->status < 400 ? ": redirects are not followed" : "");
}

void delivery_send(const struct delivery *delivery, struct arena *arena, struct webhook_answer *out)
{
    const struct webhook *webhook = delivery->webhook;
    const char *fields[] = {
        "User-Agent: pinion/" PINION_VERSION,
        arena_printf(arena, "Pinion-Event: %.*s", TEXT_ARG(delivery->type)).at,
        arena_printf(arena, "Pinion-Event-Id: %.*s", TEXT_ARG(delivery->id)).at,
        arena_printf(arena, "Pinion-Attempt: %u", delivery->attempt).at,
        signature_field(delivery, arena),
    };
    const struct fetch fetch = {
        .url = arena_terminated(arena, webhook->url),
        .method = "POST",
        .body = delivery->body,
        .timeout_ms = ATTEMPT_MS,
        .fields = fields,
        .field_count = sizeof fields / sizeof *fields,
        .ca_file = webhook->ca_file.len > 0 ? arena_terminated(arena, webhook->ca_file) : NULL,
        .judged = true,
        .allow_private = webhook->allow_private,
        .stop = delivery->stop,
        .context = delivery->context,
        .body_most = ANSWER_BYTES_MAX,
    };
    uint64_t began_ms = clock_monotonic_ms();
    struct fetch_reply reply;
    struct error err = {0};

    *out = (struct webhook_answer){.id = delivery->id};
    if (fetch_reply(&fetch, arena, &reply, &err))
        read_answer(&reply, arena, out);
    else
        out->reason = arena_printf(arena, "no answer: %s", reply.why);
    out->took_ms = clock_monotonic_ms() - began_ms;
}

bool webhooks_test(struct webhooks *webhooks, struct text name, struct arena *arena,
                   struct webhook_answer *out)
{
    struct webhook_set *set = webhook_set_hold(webhooks);
    const struct webhook *webhook = webhook_set_find(set, name);
    int64_t wall_ms = clock_wall_ms();
    struct delivery delivery = {.webhook = webhook,
                                .id = id_new(arena, "evt_", wall_ms),
                                .type = TEXT("test"),
                                .attempt = 1};

    *out = (struct webhook_answer){.id = delivery.id,
                                   .reason = TEXT("its URL or secret is not there")};
    delivery.body = delivery_body(arena, delivery.id, "test", wall_ms,
                                  TEXT("{\"msg\":\"a test, asked for by an operator\"}"));
    if (webhook != NULL && !webhook->missing)
        delivery_send(&delivery, arena, out);
    webhook_set_release(set);
    return webhook != NULL;
}
