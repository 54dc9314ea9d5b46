/* auth/token_grant.h
 * What a token grants beyond its scopes, and how that is written: verbs by name, models by name or
 * pattern, addresses and networks. Pure. */
#pragma once
#include "auth/token.h"
#include "base/arena.h"

/* The i-th verb of tokens of that kind, in order, and its bit; NULL after the last. */
const char *token_verb_at(enum token_kind kind, size_t i, uint32_t *out_bit);
/* "call", or "*" for all of them. False when tokens of that kind have no such verb. */
bool token_verb_find(enum token_kind kind, struct text name, uint32_t *out_bits);
/* The name of one verb. */
const char *token_verb_name(enum token_kind kind, uint32_t bit);

/* A model's name or "provider:model", or a pattern with `*`: "gpt-4.1-*", "anthropic:*". */
bool token_model_valid(struct text model);
/* Always where the token names no models. */
bool token_allows_model(const struct token_record *token, struct text provider, struct text model);

/* "192.0.2.7", "10.0.0.0/8", "2001:db8::/32". Bits behind the prefix must be zero. */
bool token_address_parse(struct text text, struct token_address *out);
/* As short as it was; in the arena. */
struct text token_address_text(struct arena *arena, const struct token_address *address);
/* Whether it may be used from there: always where the token names no addresses, else never from
 * where there is no address, as by a unix socket. */
bool token_allows_address(const struct token_record *token, struct text peer);
