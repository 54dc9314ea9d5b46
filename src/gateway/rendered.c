/* The chat of a request that was rendered and not sent, in its target's own terms and as JSON. */
#include "gateway/rendered.h"

#include "document/json_write.h"
#include "gateway/attempt.h"
#include "gateway/content.h"
#include "gateway/respond.h"
#include "gateway/worst.h"

/* What stands in the place of a credential. */
static const struct text stars = TEXT_INIT("***");

/* --- the provider's own terms --------------------------------------------------------------------
 */

struct wire_request rendered_wire(struct request *request)
{
    const struct target *target = request->target;
    struct wire_request wire;
    struct chat chat;

    attempt_address(request, target, &chat);
    target->dialect->request(&chat, target->provider,
                             target->dialect->local ? (struct text){0} : stars, &request->arena,
                             &wire);
    return wire;
}

struct text rendered_url(struct request *request, const struct wire_request *wire)
{
    struct text origin = request->target->provider->origin;

    if (origin.len == 0)
        origin = TEXT("(address not known)");
    return arena_printf(&request->arena, "%.*s%.*s", TEXT_ARG(origin), TEXT_ARG(wire->path));
}

static void put_wire(struct request *request, struct buffer *out)
{
    struct wire_request wire = rendered_wire(request);
    struct text fields = wire.headers;

    json_put_name(out, "request");
    buffer_put(out, TEXT("{\"method\":\"POST\",\"url\":"));
    json_put_string(out, rendered_url(request, &wire));
    json_put_name(out, "headers");
    buffer_put_byte(out, '{');
    while (fields.len > 0) {
        struct text value = text_trim(text_split(&fields, '\n')), name = text_split(&value, ':');

        if (name.len == 0)
            continue;
        json_put_foreign_name(out, name);
        json_put_string(out, text_trim(value));
    }
    buffer_put(out, TEXT("},\"body\":"));
    buffer_put(out, wire.body); /* every dialect writes JSON */
    buffer_put_byte(out, '}');
}

/* --- for programs --------------------------------------------------------------------------------
 */

static void put_params(const struct chat *chat, struct buffer *out)
{
    json_put_name(out, "params");
    buffer_put_byte(out, '{');
    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        if (chat->params.json[param].len == 0)
            continue;
        json_put_name(out, chat_param_name((enum chat_param)param));
        buffer_put(out, chat->params.json[param]);
    }
    buffer_put_byte(out, '}');
}

static void put_estimate(struct request *request, struct buffer *out)
{
    int64_t tokens = worst_prompt(request);
    bool priced = request->target->price != NULL;

    json_put_name(out, "estimate");
    buffer_put(out, TEXT("{\"prompt_tokens\":"));
    buffer_put_i64(out, tokens);
    json_put_usd(out, "worst_cost_usd", priced ? worst_cost(request, request->target, tokens) : -1);
    buffer_put_byte(out, '}');
}

struct text rendered_json(struct request *request, bool provider_body)
{
    struct buffer out = buffer_in(&request->arena);
    struct chat chat;

    attempt_address(request, request->target, &chat);
    buffer_put_byte(&out, '{');
    json_put_text(&out, "endpoint", request->endpoint->slug);
    json_put_text(&out, "version", text_first(request->endpoint->version, VERSION_SHOWN));
    json_put_text(&out, "route", request->rule_name);
    json_put_text(&out, "provider", request->target->provider->name);
    json_put_text(&out, "model", request->target->model);
    put_params(&chat, &out);
    json_put_flag(&out, "stream", chat.stream);
    put_estimate(request, &out);
    content_put_messages(&chat, &out);
    if (provider_body)
        put_wire(request, &out);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}
