#include "command/invitation.h"

#include "auth/token_issue.h"
#include "base/clock.h"
#include "command/own_act.h"
#include "document/json_write.h"

#include <stdio.h>

enum { DEV_TOKEN_MS = 86400000 };

/* A body that the endpoint takes: its first test's input, or a sentence. */
static struct text sample_body(const struct endpoint *endpoint, struct arena *arena)
{
    struct buffer out = buffer_in(arena);
    uint32_t input = CELL_NONE;

    if (endpoint->test_count > 0)
        input = document_member(endpoint->tests[0].document, endpoint->tests[0].at, TEXT("input"));
    buffer_put(&out, TEXT("{\"input\":"));
    if (input == CELL_NONE)
        buffer_put(&out, TEXT("\"Pinion answers named slugs. It checks what goes in and out.\""));
    else
        json_put_cell(&out, endpoint->tests[0].document, input);
    buffer_put_byte(&out, '}');
    return buffer_text(&out);
}

void invitation_choose(struct invitation *out, const struct config *config, struct arena *arena)
{
    const struct endpoint *endpoint = config_endpoint(config, TEXT("summarize"));

    *out = (struct invitation){0};
    if (endpoint == NULL && config->endpoint_count > 0)
        endpoint = &config->endpoints[0];
    if (endpoint == NULL)
        return;
    out->slug = arena_copy(arena, endpoint->slug);
    out->body = sample_body(endpoint, arena);
}

static bool issue(struct gateway *gateway, const struct token_record *order,
                  enum audit_action action, char secret[TOKEN_CHARS], struct error *err)
{
    struct store_command *command =
        token_issue(&gateway->token_key, order, clock_wall_ms(), secret, err);

    if (command == NULL)
        return false;
    own_record(command, action, command->token.id);
    store_wait(gateway->store, command);
    *err = command->error;
    if (err->code == ERROR_NONE)
        token_table_put(gateway->tokens, &command->token);
    store_command_free(command);
    return err->code == ERROR_NONE;
}

bool invitation_tokens(struct gateway *gateway, struct invitation_secrets *out, struct error *err)
{
    static const struct text all[] = {TEXT_INIT("*@*")};
    int64_t ends_ms = clock_wall_ms() + DEV_TOKEN_MS;
    struct token_record caller = {TOKEN_DEFAULTS,   .name = TEXT("serve --dev"), .scopes = all,
                                  .scope_count = 1, .expires_ms = ends_ms,       .test = true};
    const struct token_record administrator = {
        .name = TEXT("serve --dev"),
        .kind = TOKEN_ADMIN,
        .verbs = ADMIN_ALL,
        .expires_ms = ends_ms,
        .budget = {TOKEN_UNLIMITED, TOKEN_UNLIMITED},
    };

    caller.verbs |= VERB_EXPLAIN | VERB_USAGE; /* its bearer wrote the rules */
    return issue(gateway, &caller, AUDIT_TOKEN_CREATE, out->token, err) &&
           issue(gateway, &administrator, AUDIT_ADMIN_CREATE, out->credential, err);
}

/* Inside single quotes of a shell. */
static void print_quoted(struct text text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == '\'')
            fputs("'\\''", stderr);
        else
            fputc(text.at[i], stderr);
}

void invitation_print(const struct invitation *invitation, const struct invitation_places *places,
                      const struct invitation_secrets *secrets)
{
    fprintf(stderr, "\ntoken: %.*s (all endpoints, one day)\nadmin: %.*s\n", TOKEN_CHARS,
            secrets->token, TEXT_ARG(places->admin));
    if (places->dashboard.len > 0)
        fprintf(stderr, "dashboard: http://%.*s/dashboard/\ncredential: %.*s (for it, one day)\n",
                TEXT_ARG(places->dashboard), TOKEN_CHARS, secrets->credential);
    if (invitation->slug.len == 0)
        return;
    fprintf(stderr,
            "\nTry it:\n\n  curl %.*s/%.*s -H 'Authorization: Bearer %.*s' \\\n    "
            "-H 'Content-Type: application/json' -d '",
            TEXT_ARG(places->origin), TEXT_ARG(invitation->slug), TOKEN_CHARS, secrets->token);
    print_quoted(invitation->body);
    fprintf(stderr, "'\n\n");
}
