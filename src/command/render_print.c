#include "command/render_print.h"

#include "command/said.h"
#include "document/json_write.h"
#include "gateway/attempt.h"
#include "gateway/rendered.h"
#include "gateway/respond.h"
#include "gateway/worst.h"

#include <stdio.h>

/* --- the provider's own terms --------------------------------------------------------------------
 */

void render_print_body(struct request *request)
{
    struct wire_request wire = rendered_wire(request);
    struct text fields = wire.headers, url = rendered_url(request, &wire);

    printf("POST %.*s\n", TEXT_ARG(url));
    while (fields.len > 0) {
        struct text field = text_trim(text_split(&fields, '\n'));

        printf("%.*s\n", TEXT_ARG(field));
    }
    printf("\n%.*s\n", TEXT_ARG(wire.body));
}

void render_print_json(struct request *request, bool provider_body)
{
    printf("%.*s\n", TEXT_ARG(rendered_json(request, provider_body)));
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
