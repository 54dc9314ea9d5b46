/* command/invitation.h
 * What `serve --dev` invites people to try: a token for all endpoints and a credential for the
 * dashboard, both good for a day, and a call of one endpoint. */
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
struct invitation_secrets {
    char token[TOKEN_CHARS], credential[TOKEN_CHARS];
};
/* Makes both, and with each an entry of the audit log. False with *err when the store refuses. */
bool invitation_tokens(struct gateway *gateway, struct invitation_secrets *out, struct error *err);

struct invitation_places {
    struct text origin;    /* the public address as a URL, without a path */
    struct text admin;     /* address */
    struct text dashboard; /* likewise, with a port */
};
/* Says it all to stderr. */
void invitation_print(const struct invitation *invitation, const struct invitation_places *places,
                      const struct invitation_secrets *secrets);
