/* admin/token.h
 * Changes of tokens on behalf of an admin call: in force, and durable, when they are answered; also
 * when whoever asked has gone by then. */
#pragma once
#include "auth/token.h"
#include "base/buffer.h"
#include "gateway/request_state.h"

/* What the answer to a change needs; in the command's memory. */
struct token_act {
    bool cut;                 /* what the gateway does with calls under way on a revocation */
    bool gives_secret;        /* a new one was drawn */
    char secret[TOKEN_CHARS]; /* that one */
    /* Writes the answer and gives its status; NULL: the token itself, 201 where it is new. */
    int (*write)(struct request *request, const struct token_act *act,
                 const struct store_command *command, struct buffer *out);
};
/* Gives one for a command. */
struct token_act *token_act_new(struct request *request, struct store_command *command);
/* Submits the command (taken) and answers with what has become of the token. */
void token_act_submit(struct request *request, struct store_command *command,
                      struct token_act *act);

/* Draws the token that was ordered and gives its act, with the secret, and the command that makes it
 * last; NULL with request->error. */
struct token_act *token_act_issue(struct request *request, const struct token_record *order,
                                  struct store_command **out_command);

/* admin/tokens.c: an order for a new token from the body, its project known by name. */
bool admin_token_order(struct request *request, struct token_record *out);
/* Reads the body's JSON; false with request->error. */
bool token_act_body(struct request *request, struct document *out);
