/* config/callable.h
 * What clients of the OpenAI and Anthropic APIs call by `model`: "summarize", "summarize@7", an
 * alias ("fast"), either with "pinion:" before it, a provider's model ("openai:gpt-4o-mini"), or a
 * model by its name alone where it is known whose it is. Pure. */
#pragma once
#include "auth/token.h"
#include "base/error.h"
#include "config/config.h"

struct callable {
    const struct endpoint *endpoint; /* the configuration's; of a model, in the arena */
    struct text version;             /* behind the '@' of a slug; nothing at NULL: none was named */
};
struct callable_wish {
    struct text name;
    struct text provider; /* what X-AI-Provider says: a name, or a kind of which there is one
                             provider alone; empty: nothing. With it a model is also taken at its
                             word where nobody knows it */
    const struct token_record *token; /* of several providers of a model the first that it may call
                                         is taken; NULL: the first */
};
/* False with ERROR_MODEL_NOT_FOUND where there is no such thing, and ERROR_INVALID_REQUEST where
 * there is no such provider, or another is named as well. Whether the token may call what is found
 * is not said. What is given lives in the configuration or in the arena. */
bool callable_find(const struct config *config, const struct callable_wish *wish,
                   struct arena *arena, struct callable *out, struct error *err);
/* Whether it may, as far as its scopes say, as it is in force. */
bool callable_in_scope(const struct token_record *token, const struct endpoint *endpoint);
/* As it is told of what there is not, and of what a token may not use; returns false. */
bool callable_refuse(struct text name, struct error *err);

/* What there is to be called: endpoints, aliases, and known models by "provider:model". Begins with
 * *place 0; false behind the last. */
struct callable_row {
    struct text name;
    struct text owner;               /* "pinion" where it is the gateway's own, else the provider */
    struct text provider, model;     /* who answers when nothing else is decided */
    const struct endpoint *endpoint; /* NULL: a model */
};
bool callable_next(const struct config *config, size_t *place, struct callable_row *out);
/* Whether the token may call it, by its scopes and its models. */
bool callable_row_allowed(const struct token_record *token, const struct callable_row *row);
