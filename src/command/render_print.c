#include "command/render_print.h"

#include "command/said.h"
#include "document/json_write.h"
#include "gateway/attempt.h"
#include "gateway/content.h"
#include "gateway/respond.h"
#include "gateway/worst.h"

#include <stdio.h>

/* What stands in the place of a credential. */
static const struct text stars = TEXT_INIT("***");

/* --- the provider's own terms --------------------------------------------------------------------
 */

static struct wire_request wire_of(struct request *request)
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

static struct text url_of(struct request *request, const struct wire_request *wire)
{
    struct text origin = request->target->provider->origin;

    if (origin.len == 0)
        origin = TEXT("(address not known)");
    return arena_printf(&request->arena, "%.*s%.*s", TEXT_ARG(origin), TEXT_ARG(wire->path));
}

void render_print_body(struct request *request)
{
    struct wire_request wire = wire_of(request);
    struct text fields = wire.headers, url = url_of(request, &wire);

    printf("POST %.*s\n", TEXT_ARG(url));
    while (fields.len > 0) {
        struct text field = text_trim(text_split(&fields, '\n'));

        printf("%.*s\n", TEXT_ARG(field));
    }
    printf("\n%.*s\n", TEXT_ARG(wire.body));
}

static void put_wire(struct request *request, struct buffer *out)
{
    struct wire_request wire = wire_of(request);
    struct text fields = wire.headers;

    json_put_name(out, "request");
    buffer_put(out, TEXT("{\"method\":\"POST\",\"url\":"));
    json_put_string(out, url_of(request, &wire));
    json_put_name(out, "headers");
    buffer_put_byte(out, '{');
    while (fields.len > 0) {
        struct text value = text_trim(text_split(&fields, '\n')), name = text_split(&value, ':');

        if (name.len == 0)
            continue;
        json_put_text(out, arena_terminated(&request->arena, name), text_trim(value));
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

void render_print_json(struct request *request, bool provider_body)
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
    printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
}

/* --- for people ----------------------------------------------------------------------------------
 */

static void print_head(struct request *request, const struct chat *chat)
{
    struct buffer cost = buffer_in(&request->arena);
    int64_t tokens = worst_prompt(request);
    const char *before = "params    ";

    printf("endpoint  %.*s %.*s\n", TEXT_ARG(request->endpoint->slug),
           TEXT_ARG(text_first(request->endpoint->version, VERSION_SHOWN)));
    printf("route     %.*s\n", TEXT_ARG(request->rule_name));
    printf("target    %.*s %.*s\n", TEXT_ARG(request->target->provider->name),
           TEXT_ARG(request->target->model));
    for (int param = 0; param < CHAT_PARAM_COUNT; param++) {
        if (chat->params.json[param].len == 0)
            continue;
        printf("%s%s %.*s", before, chat_param_name((enum chat_param)param),
               TEXT_ARG(chat->params.json[param]));
        before = ", ";
    }
    if (before[0] == ',')
        printf("\n");
    printf("prompt    about %lld tokens, estimated", (long long)tokens);
    if (request->target->price != NULL) {
        json_put_nano(&cost, worst_cost(request, request->target, tokens));
        printf("; at most $%.*s with the answer", TEXT_ARG(buffer_text(&cost)));
    }
    printf("\n");
}

static void print_part(const struct chat_part *part)
{
    switch (part->type) {
    case CHAT_IMAGE:
        printf("    (image %.*s", TEXT_ARG(part->media_type));
        if (part->data.len > 0)
            printf(", %zu bytes of base64", part->data.len);
        said_put(part->text, stdout);
        printf(")\n");
        return;
    case CHAT_CALL:
        printf("    (calls %.*s %.*s)\n", TEXT_ARG(part->name), TEXT_ARG(part->id));
        break;
    case CHAT_RESULT:
        printf("    (result of %.*s)\n", TEXT_ARG(part->id));
        break;
    case CHAT_REASONING:
        printf("    (reasoning)\n");
        break;
    default:
        break;
    }
    said_print(part->text, stdout);
}

static void print_message(const struct chat_message *message, bool color)
{
    printf("\n%s%s%s\n", color ? "\033[1m" : "", chat_role_name(message->role),
           color ? "\033[0m" : "");
    if (message->parts == NULL)
        said_print(message->text, stdout);
    for (size_t i = 0; message->parts != NULL && i < message->part_count; i++)
        print_part(&message->parts[i]);
}

void render_print(struct request *request, bool color)
{
    struct chat chat;

    attempt_address(request, request->target, &chat);
    print_head(request, &chat);
    for (size_t i = 0; i < chat.message_count; i++)
        print_message(&chat.messages[i], color);
}
