/* config/callable.h
 * What clients of the OpenAI and Anthropic APIs call by `model`: "summarize", "summarize@7", an
 * alias
 * ("fast"), either with "pinion:" before it, a provider's model ("openai:gpt-4o-mini"), or a model
 * by its name alone where it is known whose it is. Pure. Whether a token may call it is the
 * caller's to ask. */
#pragma once
#include "base/error.h"
#include "config/config.h"

struct callable {
    const struct endpoint *endpoint; /* the configuration's; of a model, in the arena */
    struct text version;             /* behind the '@' of a slug; nothing at NULL: none was named */
};

/* `provider`, which may be empty, is what X-AI-Provider says: a name, or a kind of which there is
 * one provider alone. Then a model is also taken at its word where nobody knows it. False with
 * ERROR_MODEL_NOT_FOUND where there is no such thing, and ERROR_INVALID_REQUEST where there is no
 * such provider, or another is named as well. What is given lives in the configuration or in the
 * arena. */
bool callable_find(const struct config *config, struct text name, struct text provider,
                   struct arena *arena, struct callable *out, struct error *err);
/* As it is told of what there is not, and of what a token may not use. */
void callable_refuse(struct text name, struct error *err);
