/* command/invitation.h
 * What `serve --dev` invites people to try: a token for all endpoints, good for a day, and a call
 * of one of them. */
#pragma once
#include "config/config.h"
#include "gateway/gateway.h"

struct invitation {
    struct text slug; /* empty: there is no endpoint */
    struct text body; /* of a request that it takes */
};

/* Chooses the endpoint. Its texts are in the arena: a configuration that is shared may end at any
 * moment, with a reload. */
void invitation_choose(struct invitation *out, const struct config *config, struct arena *arena);
/* Makes the token, and with it an entry of the audit log. False with *err when the store refuses.
 */
bool invitation_token(struct gateway *gateway, char secret[TOKEN_CHARS], struct error *err);
/* Says both to stderr. `origin` is the public address as a URL, without a path. */
void invitation_print(const struct invitation *invitation, struct text admin, struct text origin,
                      const char secret[TOKEN_CHARS]);
